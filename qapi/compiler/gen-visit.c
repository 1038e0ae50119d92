/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-visit.h: visit_type_T() and visit_type_T_members(), as inline calls of
 * the walker with the type's descriptor.
 */
#include "qapi/compiler/gen-internal.h"

/* Appends visit_type_T_members(). */
static void out_visit_members(GString *out, const char *name)
{
    g_autofree char *prototype =
        g_strdup_printf("static inline bool visit_type_%s_members"
                        "(Visitor *v, %s *obj, Error **errp)", name, name);

    out_wrapped(out, prototype);
    out_printf(out, "\n{\n    return qapi_type_visit_members"
               "(v, &qapi_type_%s, obj, errp);\n}\n\n", name);
}

/* An enum is visited by its address; everything else is a pointer. */
static void out_visit(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);
    g_autofree char *prototype =
        g_strdup_printf("static inline bool visit_type_%s(Visitor *v, "
                        "const char *name, %s %sobj, Error **errp)", name,
                        name, e->kind == IR_ENUM ? "*" : "**");

    out_puts(out, "\n");
    out_if(out, e->cond);
    if (e->kind == IR_OBJECT) {
        out_visit_members(out, name);
    }
    out_wrapped(out, prototype);
    out_printf(out, "\n{\n    return qapi_type_visit(v, name, "
               "&qapi_type_%s, obj, errp);\n}\n", name);
    out_endif(out, e->cond);
}

/*
 * The file of the root module has the list of QType, which no module defines.
 */
void gen_visit(Gen *gen, IrModule *module)
{
    static const char *const includes[] = { "qapi/visitor/visitor.h", NULL };
    GenFile *header = gen_header(gen, module, "qapi-visit", includes);
    IrEntity *qtype = name_of(&gen->schema->names, "QType")->entity;

    gen_include(gen, header->text, module, "qapi-types");
    if (module == gen->schema->modules && qtype->array) {
        out_visit(gen, header->text, qtype->array);
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (gen_is_own_type(e) && e->kind != IR_ARRAY) {
            out_visit(gen, header->text, e);
            if (e->array) {
                out_visit(gen, header->text, e->array);
            }
        }
    }
    gen_end_header(header);
}
