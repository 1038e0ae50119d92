/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-types.c: a QapiType for each type, which is all that the library's
 * walkers, help and introspection need.  The file contains no function.
 *
 * A table of members, branches or features may be empty in some build, but an
 * array may not.  Each table therefore ends with an additional entry that is
 * not counted.
 */
#include "qapi/compiler/gen-internal.h"

#include <string.h>

/*
 * Appends a value of the schema as JSON text in a C literal.  @value:
 * (nullable)
 */
static void out_json(GString *out, const char *field, const AstValue *value)
{
    g_autofree char *text = NULL;

    if (!value) {
        return;
    }
    if (value->kind == AST_STRING) {
        g_autofree char *escaped = g_strescape(value->str->str, NULL);

        text = g_strdup_printf("\"%s\"", escaped);
    } else if (value->kind == AST_BOOL) {
        text = g_strdup(value->boolean ? "true" : "false");
    } else {
        text = g_strdup(value->str->str);
    }
    out_printf(out, "    .%s = ", field);
    out_string(out, text, 8);
    out_puts(out, ",\n");
}

/*
 * Returns (transfer full) the name of a member's features table.  It ends with
 * a number, because names that are joined by '_' may be equal to others.
 */
static char *member_features_name(const char *symbol, uint32_t index)
{
    return g_strdup_printf("features_%s_%u", symbol, index);
}

/*
 * Appends what a member that is a property of a class has in addition to its
 * type, as a constant of this name.
 */
static void out_details(GString *out, const IrProperty *p, const char *name)
{
    out_printf(out, "static const QapiMemberDetails %s = {\n", name);
    out_json(out, "def", p->def);
    out_json(out, "min", p->min);
    out_json(out, "max", p->max);
    if (p->unit) {
        out_puts(out, "    .unit = ");
        out_string(out, p->unit->str, 8);
        out_puts(out, ",\n");
    }
    out_printf(out, "    .set = \"%s\",\n};\n\n",
               p->set == IR_SET_CREATE ? "create" : "any-time");
}

/* The name ends with a number for the same reason as that of a table. */
static char *member_details_name(const char *symbol, uint32_t index)
{
    return g_strdup_printf("details_%s_%u", symbol, index);
}

/*
 * @c_struct: the C struct that has the member; @details: the name of the
 * constant if the member is a property
 */
static void out_member(Gen *gen, GString *out, const IrMember *m,
                       const char *c_struct, const char *table,
                       const char *details)
{
    out_if(out, m->cond);
    out_printf(out, "    { .name = \"%s\",\n      .type = &qapi_type_%s,\n"
               "      .offset = offsetof(%s, %s),\n",
               m->name->str, gen_symbol(gen, m->type), c_struct,
               gen_field(gen, m));
    if (gen_has_flag(m)) {
        out_printf(out, "      .has_offset = offsetof(%s, has_%s),\n",
                   c_struct, gen_field(gen, m));
    }
    if (m->optional) {
        out_puts(out, "      .optional = true,\n");
    }
    out_features_field(out, m->features, table, 6);
    out_doc_field(out, m->doc ? m->doc->text : "", 6);
    if (m->property) {
        out_printf(out, "      .details = &%s,\n", details);
    }
    out_puts(out, "    },\n");
    out_endif(out, m->cond);
}

/* Appends what the members' entries point to. */
static void out_member_tables(GString *out, IrMember *const *members,
                                uint32_t n, const char *symbol)
{
    for (uint32_t i = 0; i < n; i++) {
        const IrMember *m = members[i];
        g_autofree char *table = member_features_name(symbol, i);

        g_autofree char *details = member_details_name(symbol, i);

        out_if(out, m->features.n || m->property ? m->cond : NULL);
        out_features_table(out, m->features, table);
        if (m->property) {
            out_details(out, m->property, details);
        }
        out_endif(out, m->features.n || m->property ? m->cond : NULL);
    }
}

/*
 * Appends constants for the indexes of the members up to the tag.  A member may
 * be left out by a condition, so that only the C compiler can count them.
 */
static void out_tag_index(GString *out, const IrEntity *e, const char *symbol)
{
    IrMember *const *members = e->u.object.members;

    out_puts(out, "enum {\n");
    for (uint32_t i = 0; i <= e->u.object.tag_index; i++) {
        out_if(out, members[i]->cond);
        out_printf(out, "    index_%s_%u,\n", symbol, i);
        out_endif(out, members[i]->cond);
    }
    out_puts(out, "};\n\n");
}

/* The members of the base are repeated, because a visit is then one loop. */
static void out_members_table(Gen *gen, GString *out, const IrEntity *e,
                              const char *c_struct, const char *symbol)
{
    out_member_tables(out, e->u.object.members, e->u.object.n_members, symbol);
    out_printf(out, "static const QapiMember members_%s[] = {\n", symbol);
    for (uint32_t i = 0; i < e->u.object.n_members; i++) {
        g_autofree char *table = member_features_name(symbol, i);
        g_autofree char *details = member_details_name(symbol, i);

        out_member(gen, out, e->u.object.members[i], c_struct, table, details);
    }
    /* The last entry is not counted, and an array cannot be empty */
    out_puts(out, "    { .name = NULL },\n};\n\n");
}

/* A branch without members has no type. */
static void out_branches_table(Gen *gen, GString *out, const IrEntity *e,
                               const char *symbol)
{
    IrMembers branches = e->u.object.branches;

    out_printf(out, "static const QapiBranch branches_%s[] = {\n", symbol);
    for (uint32_t i = 0; i < branches.n; i++) {
        const IrMember *b = &branches.item[i];

        out_if(out, b->cond);
        out_printf(out, "    { \"%s\", %s, ", b->name->str,
                   gen_enum_const(gen, e->u.object.tag->type, b->name->str));
        if (b->type->implicit) {
            out_puts(out, "NULL },\n");
        } else {
            out_printf(out, "&qapi_type_%s },\n",
                       gen_symbol(gen, b->type));
        }
        out_endif(out, b->cond);
    }
    out_puts(out, "    { .name = NULL },\n};\n\n");
}

/* Appends the fields that a union has in addition to a struct. */
static void out_union_fields(GString *out, const IrEntity *e,
                             const char *c_struct, const char *symbol)
{
    out_printf(out, "    .tag_index = index_%s_%u,\n"
               "    .u_offset = offsetof(%s, u),\n"
               "    .branches = branches_%s,\n"
               "    .n_branches = G_N_ELEMENTS(branches_%s) - 1,\n",
               symbol, e->u.object.tag_index, c_struct, symbol, symbol);
}

/*
 * @linkage: "static " for arguments of a command or event, which only its file
 * uses
 */
void out_object_table(Gen *gen, GString *out, const IrEntity *e,
                      const char *c_struct, const char *linkage,
                      const char *symbol)
{
    const IrEntity *base = e->u.object.base;
    g_autofree char *table = g_strdup_printf("features_%s", symbol);

    out_members_table(gen, out, e, c_struct, symbol);
    out_features_table(out, e->features, table);
    if (ir_is_union(e)) {
        out_tag_index(out, e, symbol);
        out_branches_table(gen, out, e, symbol);
    }
    out_printf(out, "%sconst QapiType qapi_type_%s = {\n"
               "    .name = \"%s\",\n    .kind = %s,\n"
               "    .size = sizeof(%s),\n    .members = members_%s,\n"
               "    .n_members = G_N_ELEMENTS(members_%s) - 1,\n",
               linkage, symbol, e->name->str,
               ir_is_union(e) ? "QAPI_KIND_UNION" : "QAPI_KIND_STRUCT",
               c_struct, symbol, symbol);
    if (base && !base->implicit) {
        out_printf(out, "    .base = &qapi_type_%s,\n",
                   gen_c_name(gen, base->name));
    }
    if (ir_is_union(e)) {
        out_union_fields(out, e, c_struct, symbol);
    }
    out_features_field(out, e->features, table, 4);
    out_doc_field(out, entity_doc_text(e), 4);
    out_puts(out, "};\n");
}

/*
 * Returns the JSON type that selects the branch.  All numbers are one JSON
 * type.
 */
static const char *alternate_tag(const IrEntity *type)
{
    switch (type->kind) {
    case IR_ENUM:
        return "QTYPE_QSTRING";
    case IR_ARRAY:
        return "QTYPE_QLIST";
    case IR_OBJECT:
        return "QTYPE_QDICT";
    default:
        break;
    }
    switch (type->u.builtin->qtype) {
    case QTYPE_QSTRING:
        return "QTYPE_QSTRING";
    case QTYPE_QBOOL:
        return "QTYPE_QBOOL";
    case QTYPE_QNULL:
        return "QTYPE_QNULL";
    default:
        return "QTYPE_QNUM";
    }
}

/*
 * In C the tag of an alternate is a QType, so its branches need no enumeration.
 */
static void out_alternate(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);
    g_autofree char *table = g_strdup_printf("features_%s", name);
    IrMembers branches = e->u.alternate.branches;

    out_features_table(out, e->features, table);
    out_printf(out, "static const QapiBranch branches_%s[] = {\n", name);
    for (uint32_t i = 0; i < branches.n; i++) {
        const IrMember *b = &branches.item[i];

        out_if(out, b->cond);
        out_printf(out, "    { \"%s\", %s, &qapi_type_%s },\n", b->name->str,
                   alternate_tag(b->type), gen_symbol(gen, b->type));
        out_endif(out, b->cond);
    }
    out_printf(out, "    { .name = NULL },\n};\n\n"
               "const QapiType qapi_type_%s = {\n"
               "    .name = \"%s\",\n    .kind = QAPI_KIND_ALTERNATE,\n"
               "    .size = sizeof(%s),\n    .u_offset = offsetof(%s, u),\n"
               "    .branches = branches_%s,\n"
               "    .n_branches = G_N_ELEMENTS(branches_%s) - 1,\n",
               name, e->name->str, name, name, name, name);
    out_features_field(out, e->features, table, 4);
    out_doc_field(out, entity_doc_text(e), 4);
    out_puts(out, "};\n");
}

/*
 * The node's layout is the same for all lists; only the offset of the value
 * differs.
 */
static void out_list(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_printf(out, "const QapiType qapi_type_%s = {\n    .name = \"%s\",\n"
               "    .kind = QAPI_KIND_LIST,\n    .size = sizeof(%s),\n"
               "    .element = &qapi_type_%s,\n"
               "    .value_offset = offsetof(%s, value),\n};\n",
               name, e->name->str, name,
               gen_symbol(gen, e->u.array_of.element), name);
    out_endif(out, e->cond);
}

/* Includes the modules whose descriptors this file mentions. */
static void out_needs(Gen *gen, GString *out, IrModule *module)
{
    uint32_t epoch = ++gen->schema->names.epoch;

    module->visit = epoch;
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_OBJECT) {
            for (uint32_t i = 0; i < e->u.object.n_members; i++) {
                gen_need(gen, out, e->u.object.members[i]->type, epoch);
            }
        } else if (e->kind == IR_ALTERNATE) {
            for (uint32_t i = 0; i < e->u.alternate.branches.n; i++) {
                gen_need(gen, out, e->u.alternate.branches.item[i].type, epoch);
            }
        }
    }
}

/* Appends the descriptor of a type under the type's condition. */
static void out_table(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);

    out_puts(out, "\n");
    out_if(out, e->cond);
    if (e->kind == IR_ENUM) {
        out_enum_table(gen, out, e);
    } else if (e->kind == IR_OBJECT) {
        out_object_table(gen, out, e, name, "", name);
    } else {
        out_alternate(gen, out, e);
    }
    out_endif(out, e->cond);
}

/*
 * The list of QType belongs to no module; the root's file has it if it is used.
 */
void gen_type_tables(Gen *gen, GenFile *file, IrModule *module)
{
    GString *out = file->text;
    IrEntity *qtype = name_of(&gen->schema->names, "QType")->entity;

    out_needs(gen, out, module);
    if (module == gen->schema->modules && qtype->array) {
        out_list(gen, out, qtype->array);
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (gen_is_own_type(e) && e->kind != IR_ARRAY) {
            out_table(gen, out, e);
            if (e->array) {
                out_list(gen, out, e->array);
            }
        }
    }
}
