/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands and events: their data become parameters of a C function, and what a
 * command returns can be extended later.
 */
#include "qapi/compiler/check-entity-internal.h"
#include "qapi/compiler/hint-internal.h"

/* Returns true if the parameters of a C function would depend on the build. */
static bool has_conditional_member(const IrEntity *object)
{
    for (uint32_t i = 0; i < object->u.object.n_members; i++) {
        if (object->u.object.members[i]->cond) {
            return true;
        }
    }
    return false;
}

/*
 * Without 'boxed' the members of the argument become parameters in C. A union
 * has no fixed list of them.
 */
bool check_arg(QapiSchema *schema, IrEntity *e)
{
    IrEntity *arg;

    if (!e->u.call.arg_name) {
        return true;
    }
    arg = e->u.call.arg_name->entity;
    if (!is_type(arg, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0,
                       arena_printf(&schema->arena, "%s's 'data'", e->meta),
                       e->u.call.arg_name->str,
                       hint_type(schema, e->u.call.arg_name->str));
    }
    if (arg->kind != IR_OBJECT) {
        return ir_diag(schema, e, DIAG_DATA_TYPE, 0, e->meta,
                       ir_describe(schema, arg));
    }
    if (ir_is_union(arg) && !e->u.call.boxed) {
        return ir_diag(schema, e, DIAG_DATA_BOXED, 0, e->meta,
                       ir_describe(schema, arg));
    }
    e->u.call.arg = arg;
    if (!check_entity(schema, arg, 0)) {
        return false;
    }
    if (has_conditional_member(arg) && !e->u.call.boxed) {
        return ir_diag(schema, e, DIAG_CONDITIONAL_ARGS, 0, e->meta);
    }
    return true;
}

/*
 * Commands return objects or lists of objects, which can be extended later; a
 * pragma exempts old commands.
 */
bool check_ret(QapiSchema *schema, IrEntity *e)
{
    IrEntity *ret;
    IrEntity *type;

    if (!e->u.call.ret_name) {
        return true;
    }
    ret = e->u.call.ret_name->entity;
    if (!is_type(ret, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0, "command's 'returns'",
                       e->u.call.ret_name->str,
                       hint_type(schema, e->u.call.ret_name->str));
    }
    e->u.call.ret = ret;
    type = ret->kind == IR_ARRAY ? ret->u.array_of.element_name->entity : ret;
    if (!(e->name->exceptions & EXCEPT_COMMAND_RETURNS) && type &&
        type->kind != IR_OBJECT) {
        return ir_diag(schema, e, DIAG_RETURNS_TYPE, 0,
                       ir_describe(schema, type));
    }
    return true;
}
