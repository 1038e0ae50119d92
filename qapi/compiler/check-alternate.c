/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Alternates: the JSON type of a value says which branch it is.
 */
#include "qapi/compiler/check-entity-internal.h"

#include <string.h>

/*
 * Returns the JSON type of the values of @type; QTYPE_NONE if they have no
 * single one, so that the type cannot be a branch.
 */
static QType alternate_qtype(const IrEntity *type)
{
    switch (type->kind) {
    case IR_BUILTIN:
        return type->u.builtin->qtype;
    case IR_ENUM:
        return QTYPE_QSTRING;
    case IR_ARRAY:
        return QTYPE_QLIST;
    case IR_OBJECT:
        return QTYPE_QDICT;
    default:
        return QTYPE_NONE;
    }
}

/*
 * Returns the JSON types that no other branch may have, as bits.  As text
 * (keyval) every scalar is a string, so a string branch also conflicts with
 * numbers and booleans, and an enumeration does if one of its values reads like
 * one.
 */
static unsigned conflicting_qtypes(const IrEntity *type)
{
    QType qtype = alternate_qtype(type);
    unsigned conflicts = 1u << qtype;

    if (qtype != QTYPE_QSTRING) {
        return conflicts;
    }
    if (type->kind != IR_ENUM) {
        return conflicts | 1u << QTYPE_QNUM | 1u << QTYPE_QBOOL;
    }
    for (uint32_t i = 0; i < type->u.enumeration.values.n; i++) {
        const char *name = type->u.enumeration.values.item[i].name->str;

        if (strcmp(name, "on") == 0 || strcmp(name, "off") == 0) {
            conflicts |= 1u << QTYPE_QBOOL;
        }
        if (*name && strchr("-+.0123456789", *name)) {
            conflicts |= 1u << QTYPE_QNUM;
        }
    }
    return conflicts;
}

/* @seen: for each JSON type the branch that takes it */
static bool check_alternative(QapiSchema *schema, IrEntity *e,
                              const IrMember *b, const char *seen[QTYPE__MAX])
{
    unsigned conflicts;

    if (alternate_qtype(b->type) == QTYPE_NONE) {
        return ir_diag(schema, e, DIAG_CANNOT_USE, b->loc,
                       describe_member(schema, b, e),
                       ir_describe(schema, b->type));
    }
    conflicts = conflicting_qtypes(b->type);
    for (int q = 0; q < QTYPE__MAX; q++) {
        if (!(conflicts & 1u << q)) {
            continue;
        }
        if (seen[q]) {
            return ir_diag(schema, e, DIAG_ALTERNATE_CLASH, b->loc,
                           describe_member(schema, b, e), seen[q]);
        }
        seen[q] = b->name->str;
    }
    return true;
}

/*
 * Types are resolved first, because resolving does not use marks but checking
 * does.
 */
bool check_alternate(QapiSchema *schema, IrEntity *e)
{
    IrMembers branches = e->u.alternate.branches;
    const char *seen[QTYPE__MAX] = { NULL };
    uint32_t epoch;

    for (uint32_t i = 0; i < branches.n; i++) {
        if (!resolve_member(schema, e, &branches.item[i])) {
            return false;
        }
    }
    epoch = ++schema->names.epoch;
    for (uint32_t i = 0; i < branches.n; i++) {
        if (!mark_member(schema, e, &branches.item[i], epoch) ||
            !check_alternative(schema, e, &branches.item[i], seen)) {
            return false;
        }
    }
    return true;
}
