/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments of commands and data of events in C.  With 'boxed' a function gets
 * one pointer; otherwise each member is a parameter, and optional members have
 * a has_NAME before them where the C struct has one.
 *
 * Inline members have a separate struct, which only the generated code uses.
 */
#include "qapi/compiler/gen-call-internal.h"

#include <string.h>

/*
 * The options of all objects depend on the classes that exist when a client
 * asks.  The library that knows the classes provides the type at run time.
 */
bool is_provided(const IrEntity *e)
{
    return e->u.call.no_gen && e->u.call.arg && e->u.call.arg->from_class;
}

/* A type that is provided at run time is not mentioned in C. */
void out_call_includes(Gen *gen, GString *out, IrModule *module, IrKind kind)
{
    uint32_t epoch = ++gen->schema->names.epoch;

    module->visit = epoch;
    gen_include(gen, out, module, "qapi-types");
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        const IrEntity *arg = e->u.call.arg;

        if (e->kind != kind) {
            continue;
        }
        gen_need(gen, out, kind == IR_COMMAND ? e->u.call.ret : NULL, epoch);
        if (arg && is_provided(e)) {
            continue;
        }
        gen_need(gen, out, arg, epoch);
        for (uint32_t i = 0; arg && i < arg->u.object.n_members; i++) {
            gen_need(gen, out, arg->u.object.members[i]->type, epoch);
        }
    }
}

bool has_kind(const IrModule *module, IrKind kind)
{
    for (const IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == kind) {
            return true;
        }
    }
    return false;
}

/* A boxed argument is a parameter even if it has no members. */
bool has_params(const IrEntity *e)
{
    return e->u.call.arg &&
           (e->u.call.boxed || e->u.call.arg->u.object.n_members);
}

bool is_string_type(const IrEntity *type)
{
    return type->kind == IR_BUILTIN &&
           type->u.builtin->kind == QAPI_KIND_STR;
}

/*
 * Strings are parameters of type const char *, as in QEMU: the handler borrows
 * them.
 */
bool out_params(Gen *gen, GString *out, const IrEntity *e)
{
    const IrEntity *arg = e->u.call.arg;
    const char *comma = "";

    if (arg && e->u.call.boxed) {
        out_printf(out, "%s *arg", gen_c_name(gen, arg->name));
        return true;
    }
    for (uint32_t i = 0; arg && i < arg->u.object.n_members; i++) {
        const IrMember *m = arg->u.object.members[i];

        if (gen_has_flag(m)) {
            out_printf(out, "%sbool has_%s", comma, gen_field(gen, m));
            comma = ", ";
        }
        out_printf(out, "%s%s%s%s", comma,
                   is_string_type(m->type) ? "const " : "",
                   gen_c_type(gen, m->type), gen_field(gen, m));
        comma = ", ";
    }
    return has_params(e);
}

/* Appends the arguments in the order of out_params(). */
bool out_args(Gen *gen, GString *out, const IrEntity *e)
{
    const IrEntity *arg = e->u.call.arg;
    const char *comma = "";

    if (arg && e->u.call.boxed) {
        out_puts(out, "a");
        return true;
    }
    for (uint32_t i = 0; arg && i < arg->u.object.n_members; i++) {
        const IrMember *m = arg->u.object.members[i];

        if (gen_has_flag(m)) {
            out_printf(out, "%sa->has_%s", comma, gen_field(gen, m));
            comma = ", ";
        }
        out_printf(out, "%sa->%s", comma, gen_field(gen, m));
        comma = ", ";
    }
    return has_params(e);
}

/*
 * @what: "command" or "event", which is part of the name of the features' table
 */
void out_call_types(Gen *gen, GString *out, const IrEntity *e,
                    const char *what)
{
    const IrEntity *arg = e->u.call.arg;
    g_autofree char *table =
        g_strdup_printf("features_%s_%s", what, gen_c_name(gen, e->name));

    if (arg && arg->implicit) {
        const char *name = gen_c_name(gen, arg->name);

        out_printf(out, "typedef struct %s {\n", name);
        out_struct_members(gen, out, arg->u.object.members,
                           arg->u.object.n_members);
        out_printf(out, "} %s;\n\n", name);
        out_object_table(gen, out, arg, name, "static ", name);
        out_puts(out, "\n");
    }
    out_features_table(out, e->features, table);
}

/*
 * @field: "arg_type", or "info_arg_type" if the command gets its arguments as
 * JSON
 */
void out_arg_type(Gen *gen, GString *out, const IrEntity *e,
                  const char *field, int indent)
{
    if (e->u.call.arg) {
        out_printf(out, "%*s.%s = &qapi_type_%s,\n", indent, "", field,
                   gen_c_name(gen, e->u.call.arg->name));
    }
}

/* Appends the fields that commands and events have in common. */
void out_call_facts(Gen *gen, GString *out, const IrEntity *e,
                    const char *what, int indent)
{
    if (has_special_features(e->features)) {
        out_printf(out, "%*s.special_features = ", indent, "");
        out_special_features(out, e->features, indent + 4);
        out_puts(out, ",\n");
    }
    if (e->features.n) {
        out_printf(out, "%*s.features = features_%s_%s,\n", indent, "", what,
                   gen_c_name(gen, e->name));
    }
    out_doc_field(out, entity_doc_text(e), indent);
}

void out_call_comment(Gen *gen, GString *out, const IrEntity *e,
                      const char *prefix)
{
    g_autofree char *name =
        g_strconcat(prefix, gen_c_name(gen, e->name), NULL);

    out_doc_comment(gen, out, e, name);
}
