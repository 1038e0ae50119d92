/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-classes.h: a table of property rows per class, for
 * object_class_add_properties().
 *
 * The rows have offsets of fields of the class's own struct, so the source file
 * that implements the class includes this header after it has declared the
 * struct.  A field is called like its property.  The classes of a module may be
 * implemented in several files; each of them selects its classes by macros.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/gen-internal.h"

#include <string.h>

/*
 * Returns the name of the class's struct: 'c-type', or the class's name in
 * CamelCase.
 */
static const char *c_struct(Gen *gen, const IrEntity *e)
{
    g_autofree char *camel = NULL;

    if (e->u.klass.c_type) {
        return e->u.klass.c_type;
    }
    camel = camel_name(e->name->str);
    return arena_strndup(&gen->schema->arena, camel, strlen(camel));
}

/*
 * Returns the suffix of the macro PROPERTY_... that declares a property of this
 * type.
 */
static const char *row_macro(const IrMember *m)
{
    static const char *const builtins[] = {
        [QAPI_KIND_BOOL] = "BOOL",
        [QAPI_KIND_INT8] = "INT8",
        [QAPI_KIND_INT16] = "INT16",
        [QAPI_KIND_INT32] = "INT32",
        [QAPI_KIND_INT64] = "INT64",
        [QAPI_KIND_UINT8] = "UINT8",
        [QAPI_KIND_UINT16] = "UINT16",
        [QAPI_KIND_UINT32] = "UINT32",
        [QAPI_KIND_UINT64] = "UINT64",
        [QAPI_KIND_SIZE] = "SIZE",
        [QAPI_KIND_NUMBER] = "NUMBER",
        [QAPI_KIND_STR] = "STR",
        [QAPI_KIND_ENUM] = "ENUM", /* QType */
        [QAPI_KIND_NULL] = "NULL",
        [QAPI_KIND_ANY] = "ANY",
    };

    if (m->property->target) {
        return m->property->is_link ? "LINK" : "CHILD";
    }
    switch (m->type->kind) {
    case IR_BUILTIN:
        return strcmp(m->type->name->str, "int") == 0
                   ? "INT" : builtins[m->type->u.builtin->kind];
    case IR_ENUM:
        return "ENUM";
    case IR_ARRAY:
        return "LIST";
    case IR_ALTERNATE:
        return "ALTERNATE";
    default:
        return ir_is_union(m->type) ? "UNION" : "STRUCT";
    }
}

/*
 * Appends the argument of the macro after the field.  A link to a class that no
 * schema describes, and a child of such a class, is an Object.
 */
static void out_row_type(Gen *gen, GString *out, const IrMember *m)
{
    const IrProperty *p = m->property;

    if (p->target) {
        const IrEntity *target = p->target->klass;

        out_printf(out, ", %s, \"%s\"",
                   target ? c_struct(gen, target) : "Object", p->target->str);
    } else if (m->type->kind != IR_BUILTIN ||
               m->type->u.builtin->kind == QAPI_KIND_ENUM) {
        out_printf(out, ", %s", gen_symbol(gen, m->type));
    }
}

/* Returns true for an unsigned integer of 64 bits. */
static bool is_uint64(const IrEntity *type)
{
    return type->kind == IR_BUILTIN &&
           (type->u.builtin->kind == QAPI_KIND_UINT64 ||
            type->u.builtin->kind == QAPI_KIND_SIZE);
}

/* Returns true for a property that is a double. */
static bool is_number(const IrEntity *type)
{
    return type->kind == IR_BUILTIN &&
           type->u.builtin->kind == QAPI_KIND_NUMBER;
}

/*
 * INT64_MIN cannot be written as a literal: the compiler would read a minus and
 * a number that is too large.
 */
static void out_number(GString *out, const IrEntity *type, const char *text)
{
    if (strcmp(text, "-9223372036854775808") == 0) {
        out_puts(out, "INT64_MIN");
    } else if (is_number(type)) {
        out_puts(out, text);
    } else {
        out_printf(out, "%s(%s)", is_uint64(type) ? "UINT64_C" : "INT64_C",
                   text);
    }
}

/*
 * Appends the default or a limit.  Strings remain, after numbers, booleans and
 * enumeration values.
 */
static void out_value(Gen *gen, GString *out, const IrMember *m,
                      const AstValue *value, const char *name)
{
    if (!value) {
        return;
    }
    out_printf(out, ",\n        .%s = ", name);
    switch (value->kind) {
    case AST_NUMBER:
        out_number(out, m->type, value->str->str);
        break;
    case AST_BOOL:
        out_puts(out, value->boolean ? "true" : "false");
        break;
    default:
        if (m->type->kind == IR_ENUM) {
            out_puts(out, gen_enum_const(gen, m->type, value->str->str));
        } else {
            out_string(out, value->str->str, 12);
        }
    }
}

/* Appends the first paragraph, which is one line of help. */
static void out_doc(GString *out, const DocSection *doc)
{
    g_autofree char *text = NULL;

    if (!doc) {
        return;
    }
    text = doc_join(doc->text);
    text[strcspn(text, "\n")] = '\0';
    out_puts(out, ",\n        .doc = ");
    out_string(out, text, 12);
}

/*
 * Fields that have their default value are left out.  @features: the name of
 * the features' table
 */
static void out_row(Gen *gen, GString *out, const IrEntity *e,
                    const IrMember *m, const char *features)
{
    static const char *const sets[] = {
        [IR_SET_CREATE] = "PROPERTY_SET_CREATE",
        [IR_SET_NEVER] = "PROPERTY_SET_NEVER",
    };
    const IrProperty *p = m->property;

    out_if(out, m->cond);
    out_printf(out, "    PROPERTY_%s(\"%s\", %s, %s", row_macro(m),
               m->name->str, c_struct(gen, e), gen_field(gen, m));
    out_row_type(gen, out, m);
    if (p->set != IR_SET_ANY_TIME && !p->is_child) {
        out_printf(out, ",\n        .set = %s", sets[p->set]);
    }
    if (!p->notify) {
        out_puts(out, ",\n        .flags = PROPERTY_NO_NOTIFY");
    }
    out_value(gen, out, m, p->def, "def");
    out_value(gen, out, m, p->min, "min");
    out_value(gen, out, m, p->max, "max");
    if (p->unit) {
        out_puts(out, ",\n        .unit = ");
        out_string(out, p->unit->str, 12);
    }
    out_doc(out, m->doc);
    if (has_special_features(m->features)) {
        out_puts(out, ",\n        .special_features = ");
        out_special_features(out, m->features, 12);
    }
    if (m->features.n) {
        out_printf(out, ",\n        .features = %s", features);
    }
    out_puts(out, "),\n");
    out_endif(out, m->cond);
}

/*
 * Returns (transfer full) the name of a property's features table.  It ends
 * with a number, because class "a-b" with property "c" and class "a" with "b-c"
 * would share a name.
 */
static char *features_name(const IrEntity *e, const IrMember *m)
{
    g_autofree char *klass = c_identifier(e->name->str);

    return g_strdup_printf("property_features_%s_%u", klass,
                           (unsigned)(m - e->u.klass.properties.item));
}

static void out_class(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers properties = e->u.klass.properties;
    g_autofree char *name = c_identifier(e->name->str);

    out_puts(out, "\n");
    out_if(out, e->cond);
    for (uint32_t i = 0; i < properties.n; i++) {
        const IrMember *m = &properties.item[i];
        g_autofree char *table = features_name(e, m);

        out_features_table(out, m->features, table);
    }
    out_doc_comment(gen, out, e, e->name->str);
    out_printf(out, "static const PropertyRow %s_properties[] = {\n", name);
    for (uint32_t i = 0; i < properties.n; i++) {
        const IrMember *m = &properties.item[i];
        g_autofree char *table = features_name(e, m);

        out_row(gen, out, e, m, table);
    }
    out_puts(out, "    PROPERTY_END\n};\n");
    out_endif(out, e->cond);
}

/* Returns (transfer full) the macro that selects the rows of a class. */
static char *selector(const IrEntity *e)
{
    g_autofree char *name = c_identifier(e->name->str);
    g_autofree char *upper = g_ascii_strup(name, -1);

    return g_strconcat("QAPI_CLASS_", upper, NULL);
}

/*
 * A file that selects no class gets the rows of all of them, which suits a
 * module whose classes are in one file.
 */
static void out_selectors(GString *out, IrModule *module)
{
    const char *before = "\n/*\n"
        " * Before including this file, a source file that implements some of "
        "the\n * classes alone defines the macro of each.\n */\n#if ";

    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_CLASS) {
            g_autofree char *macro = selector(e);

            out_printf(out, "%s!defined(%s)", before, macro);
            before = " && \\\n    ";
        }
    }
    out_puts(out, "\n");
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_CLASS) {
            g_autofree char *macro = selector(e);

            out_printf(out, "#define %s\n", macro);
        }
    }
    out_puts(out, "#endif\n");
}

/* Appends the rows between #ifdef and #endif. */
static void out_selected_class(Gen *gen, GString *out, const IrEntity *e)
{
    g_autofree char *macro = selector(e);

    out_printf(out, "\n#ifdef %s\n", macro);
    out_class(gen, out, e);
    out_printf(out, "\n#endif /* %s */\n", macro);
}

/* A module with one class needs no selection. */
void gen_classes(Gen *gen, IrModule *module)
{
    static const char *const includes[] = { "qom/object-property.h", NULL };
    GenFile *header;
    unsigned n = 0;

    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        n += e->kind == IR_CLASS;
    }
    header = gen_header(gen, module, "qapi-classes",
                        n ? includes : includes + 1);
    gen_include(gen, header->text, module, "qapi-types");
    if (n > 1) {
        out_selectors(header->text, module);
    }
    if (n) {
        /* g++ wants all fields, designated or not. */
        out_puts(header->text, "\n#pragma GCC diagnostic push\n"
                 "#pragma GCC diagnostic ignored "
                 "\"-Wmissing-field-initializers\"\n");
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_CLASS && n > 1) {
            out_selected_class(gen, header->text, e);
        } else if (e->kind == IR_CLASS) {
            out_class(gen, header->text, e);
        }
    }
    out_puts(header->text, n ? "\n#pragma GCC diagnostic pop\n" : "");
    gen_end_header(header);
}
