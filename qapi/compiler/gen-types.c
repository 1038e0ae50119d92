/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-types.h: the enums, structs, unions, alternates and lists of a module,
 * in the C forms that qapi/qapi-type.h lists, with QEMU's names.  The header
 * has those of a whole group (gen-groups.c), which nearly always is one module.
 *
 * In C a base, the branches of a union and an enum must be complete before they
 * are used.  The header therefore has enums first, then structs, each after
 * those that it contains.  A type that is only pointed to is declared by its
 * name.
 */
#include "qapi/compiler/gen-internal.h"

#include <string.h>

static const char *type_name(Gen *gen, const IrEntity *e)
{
    return gen_c_name(gen, e->name);
}

/*
 * QEMU's own enum JSONType has constants that are macros of json-glib, whose
 * headers the library includes.  The constant is what the schema means.  Macros
 * of the C library are left alone, because the program needs them, too.
 */
static void out_macro(GString *out, const IrEntity *e, const char *constant)
{
    if (strncmp(constant, "JSON_TYPE_", strlen("JSON_TYPE_")) == 0) {
        out_printf(out, "#undef %s\n", constant);
    } else if (c_may_be_macro(constant)) {
        out_printf(out, "#ifdef %s\n"
                   "#error \"%s is a macro: give enum '%s' another 'prefix' "
                   "in the schema\"\n"
                   "#endif\n", constant, constant, e->name->str);
    }
}

static void out_macros(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    for (uint32_t i = 0; i < values.n; i++) {
        out_macro(out, e, gen_enum_const(gen, e, values.item[i].name->str));
    }
}

/* The lookup and the _str macro are those of QEMU's generated code. */
static void out_enum(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = type_name(gen, e);
    IrMembers values = e->u.enumeration.values;

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_macros(gen, out, e);
    out_doc_comment(gen, out, e, name);
    out_printf(out, "typedef enum %s {\n", name);
    for (uint32_t i = 0; i < values.n; i++) {
        out_if(out, values.item[i].cond);
        out_printf(out, "    %s,\n",
                   gen_enum_const(gen, e, values.item[i].name->str));
        out_endif(out, values.item[i].cond);
    }
    out_printf(out, "    %s,\n} %s;\n\n", gen_enum_const(gen, e, "_MAX"),
               name);
    out_printf(out, "extern const QEnumLookup %s_lookup;\n", name);
    out_printf(out, "#define %s_str(val) qapi_enum_lookup(&%s_lookup, (val))\n",
               name, name);
    out_endif(out, e->cond);
}

/*
 * C11 allows the same typedef again, so every header that needs a name declares
 * it.
 */
static void out_typedef(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = type_name(gen, e);

    out_if(out, e->cond);
    out_printf(out, "typedef struct %s %s;\n", name, name);
    out_endif(out, e->cond);
}

/* Declares the name of a type of another group that a member points to. */
static void out_foreign(Gen *gen, GString *out, const IrModule *group,
                        IrEntity *type, uint32_t epoch)
{
    IrEntity *element;

    if (!type || !gen_is_own_type(type) || type->visit == epoch) {
        return;
    }
    type->visit = epoch;
    element = type->kind == IR_ARRAY ? type->u.array_of.element : type;
    if (element->module && element->module->group != group &&
        type->kind != IR_ENUM) {
        out_typedef(gen, out, type);
    }
}

/* All names come before all structs, so structs may point to each other. */
static void out_typedefs(Gen *gen, GString *out, const IrModule *group)
{
    uint32_t epoch = ++gen->schema->names.epoch;

    for (IrEntity *e = group_first(group); e; e = group_next(e)) {
        if ((e->kind == IR_OBJECT || e->kind == IR_ALTERNATE) &&
            !e->implicit) {
            out_typedef(gen, out, e);
        }
        if (gen_is_own_type(e) && e->kind != IR_ARRAY && e->array) {
            out_typedef(gen, out, e->array);
        }
    }
    for (IrEntity *e = group_first(group); e; e = group_next(e)) {
        if (e->kind == IR_OBJECT) {
            for (uint32_t i = 0; i < e->u.object.n_members; i++) {
                out_foreign(gen, out, group, e->u.object.members[i]->type,
                            epoch);
            }
        }
        if (e->kind == IR_ALTERNATE) {
            for (uint32_t i = 0; i < e->u.alternate.branches.n; i++) {
                out_foreign(gen, out, group,
                            e->u.alternate.branches.item[i].type, epoch);
            }
        }
    }
}

/*
 * A branch that is an object lies in the union itself; other branches are
 * slots.  The union must not be empty, in any build.
 */
static void out_branches(Gen *gen, GString *out, IrMembers branches)
{
    bool any = false;

    for (uint32_t i = 0; i < branches.n; i++) {
        const IrMember *b = &branches.item[i];

        if (b->type->implicit) {
            continue;
        }
        out_if(out, b->cond);
        out_printf(out, "        %s%s%s;\n",
                   b->type->kind == IR_OBJECT ? type_name(gen, b->type)
                                              : gen_c_type(gen, b->type),
                   b->type->kind == IR_OBJECT ? " " : "", gen_field(gen, b));
        out_endif(out, b->cond);
        any |= !b->cond;
    }
    if (!any) {
        out_puts(out, "        char qapi_dummy_for_empty_union;\n");
    }
    out_puts(out, "    } u;\n");
}

/*
 * Members of the base are repeated in the same order, so that a pointer to the
 * struct is a pointer to its base.
 */
static void out_object_body(Gen *gen, GString *out, const IrEntity *e)
{
    out_struct_members(gen, out, e->u.object.members, e->u.object.n_members);
    if (ir_is_union(e)) {
        out_printf(out, "    union { /* by @%s */\n",
                   e->u.object.tag->name->str);
        out_branches(gen, out, e->u.object.branches);
    }
}

static void out_object_struct(Gen *gen, GString *out, const IrModule *group,
                              IrEntity *e, uint32_t epoch);

/* Appends the struct that another one contains, if this group defines it. */
static void out_before(Gen *gen, GString *out, const IrModule *group,
                       IrEntity *e, uint32_t epoch)
{
    if (e && e->kind == IR_OBJECT && !e->implicit &&
        e->module->group == group) {
        out_object_struct(gen, out, group, e, epoch);
    }
}

/*
 * Appends a struct, and the function that converts a pointer to it to one to
 * its base.
 */
static void out_struct_frame(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = type_name(gen, e);
    const IrEntity *base = e->kind == IR_OBJECT ? e->u.object.base : NULL;

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_doc_comment(gen, out, e, name);
    out_printf(out, "struct %s {\n", name);
    if (e->kind == IR_OBJECT) {
        out_object_body(gen, out, e);
    } else {
        out_puts(out, "    QType type;\n    union { /* by @type */\n");
        out_branches(gen, out, e->u.alternate.branches);
    }
    out_puts(out, "};\n");
    if (base && !base->implicit) {
        const char *base_name = type_name(gen, base);

        out_printf(out, "\nstatic inline %s *qapi_%s_base(const %s *obj)\n"
                   "{\n    return (%s *)obj;\n}\n",
                   base_name, name, name, base_name);
    }
    out_endif(out, e->cond);
}

/*
 * The epoch marks structs that were appended.  The checks have made sure that
 * no struct contains itself.
 */
static void out_object_struct(Gen *gen, GString *out, const IrModule *group,
                              IrEntity *e, uint32_t epoch)
{
    IrMembers branches = e->u.object.branches;

    if (e->visit == epoch) {
        return;
    }
    e->visit = epoch;
    out_before(gen, out, group, e->u.object.base, epoch);
    for (uint32_t i = 0; i < branches.n; i++) {
        out_before(gen, out, group, branches.item[i].type, epoch);
    }
    out_struct_frame(gen, out, e);
}

/* Appends the node of a list. */
static void out_list(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = type_name(gen, e);

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_printf(out, "struct %s {\n    %s *next;\n    %svalue;\n};\n", name,
               name, gen_c_type(gen, e->u.array_of.element));
    out_endif(out, e->cond);
}

/*
 * The order is that of the schema, except for structs that are needed earlier.
 */
static void out_structs(Gen *gen, GString *out, const IrModule *group)
{
    uint32_t epoch = ++gen->schema->names.epoch;

    for (IrEntity *e = group_first(group); e; e = group_next(e)) {
        if (e->implicit) {
            continue;
        }
        if (e->kind == IR_OBJECT) {
            out_object_struct(gen, out, group, e, epoch);
        } else if (e->kind == IR_ALTERNATE) {
            IrMembers branches = e->u.alternate.branches;

            for (uint32_t i = 0; i < branches.n; i++) {
                out_before(gen, out, group, branches.item[i].type, epoch);
            }
            out_struct_frame(gen, out, e);
        }
        if (gen_is_own_type(e) && e->kind != IR_ARRAY && e->array) {
            out_list(gen, out, e->array);
        }
    }
}

/*
 * Appends the declaration of the descriptor, and the functions that free a
 * value.
 */
static void out_functions(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = type_name(gen, e);

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_printf(out, "extern const QapiType qapi_type_%s;\n", name);
    if (e->kind != IR_ENUM) {
        out_printf(out, "\nstatic inline void qapi_free_%s(%s *obj)\n{\n"
                   "    qapi_type_free(&qapi_type_%s, &obj);\n}\n\n"
                   "G_DEFINE_AUTOPTR_CLEANUP_FUNC(%s, qapi_free_%s)\n",
                   name, name, name, name, name);
    }
    out_endif(out, e->cond);
}

/*
 * Returns (nullable) the list of QType for the root's header.  The type belongs
 * to no module.
 */
static IrEntity *qtype_list(Gen *gen, const IrModule *group)
{
    return group == gen->schema->modules
               ? name_of(&gen->schema->names, "QType")->entity->array
               : NULL;
}

/* What all types have in common, for the header. */
static const char contract[] =
    "/*\n"
    " * A struct owns what its pointers point to.  qapi_free_NAME() frees it "
    "with all\n"
    " * that it owns; g_autoptr(NAME) does so at the end of the block.  An "
    "optional\n"
    " * pointer is NULL if it is not there; other optional members have a "
    "has_NAME.\n"
    " */\n";

static void out_all_functions(Gen *gen, GString *out, const IrModule *group)
{
    for (IrEntity *e = group_first(group); e; e = group_next(e)) {
        if (gen_is_own_type(e) && e->kind != IR_ARRAY) {
            out_functions(gen, out, e);
            if (e->array) {
                out_functions(gen, out, e->array);
            }
        }
    }
}

/* Appends all types of a group's modules. */
static void out_types(Gen *gen, GString *out, IrModule *group)
{
    IrEntity *qtypes = qtype_list(gen, group);

    out_group_includes(gen, out, group);
    out_puts(out, "\nQOM_BEGIN_DECLS\n");
    if (group_first(group)) {
        out_printf(out, "\n%s", contract);
    }
    for (IrEntity *e = group_first(group); e; e = group_next(e)) {
        if (e->kind == IR_ENUM) {
            out_enum(gen, out, e);
        }
    }
    out_puts(out, "\n");
    out_typedefs(gen, out, group);
    out_structs(gen, out, group);
    if (qtypes) {
        out_typedef(gen, out, qtypes);
        out_list(gen, out, qtypes);
        out_functions(gen, out, qtypes);
    }
    out_all_functions(gen, out, group);
    out_puts(out, "\nQOM_END_DECLS\n");
}

/* Refers to the header that has the module's types. */
static void out_group_header(Gen *gen, GString *out, const IrModule *module)
{
    out_puts(out, "\n/*\n"
             " * This header and the next one would have to include each other,"
             " so the next\n * one has the types of both modules.\n */\n");
    gen_include(gen, out, module->group, "qapi-types");
}

/* Creates both the header and the source file of a module. */
void gen_types(Gen *gen, IrModule *module)
{
    static const char *const includes[] = {
        "qapi/qapi-builtin-types.h", NULL,
    };
    GenFile *header = gen_header(gen, module, "qapi-types", includes);

    if (module == module->group) {
        out_types(gen, header->text, module);
    } else {
        out_group_header(gen, header->text, module);
    }
    gen_end_header(header);
    gen_type_tables(gen, gen_source(gen, module, "qapi-types",
                                    (const char *const[]){ NULL }),
                    module);
}
