/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-classes.h: a table of property rows per class, for
 * object_class_add_properties().  Offsets are of fields of the class's own
 * struct, so the file that implements the class includes it, once the struct
 * is declared.  A field is called like its property.  The classes of a module
 * may be implemented in several files, each of which selects its own.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/gen-internal.h"

#include <string.h>

static const char *c_struct(Gen *gen, const IrEntity *e)
{
    g_autofree char *camel = NULL;

    if (e->u.klass.c_type) {
        return e->u.klass.c_type;
    }
    camel = camel_name(e->name->str);
    return arena_strndup(&gen->schema->arena, camel, strlen(camel));
}

/* Which field of PropertyValue a type uses. */
static char value_field(const IrEntity *type)
{
    if (type->kind != IR_BUILTIN) {
        return 'i';
    }
    switch (type->u.builtin->kind) {
    case QAPI_KIND_STR:
        return 's';
    case QAPI_KIND_NUMBER:
        return 'n';
    case QAPI_KIND_UINT8:
    case QAPI_KIND_UINT16:
    case QAPI_KIND_UINT32:
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        return 'u';
    default:
        return 'i';
    }
}

static void out_number(GString *out, const IrEntity *type, const char *text)
{
    char field = value_field(type);

    if (field == 'i' && strcmp(text, "-9223372036854775808") == 0) {
        out_puts(out, "INT64_MIN");
    } else if (field == 'n') {
        out_puts(out, text);
    } else {
        out_printf(out, "%s(%s)", field == 'u' ? "UINT64_C" : "INT64_C",
                   text);
    }
}

static void out_value(Gen *gen, GString *out, const IrMember *m,
                      const AstValue *value, const char *name)
{
    if (!value) {
        return;
    }
    out_printf(out, "      .%s = { .%c = ", name, value_field(m->type));
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
            out_string(out, value->str->str, 10);
        }
    }
    out_puts(out, " },\n");
}

static void out_flags(GString *out, const IrProperty *p)
{
    const char *before = "      .flags = ";
    const struct {
        bool is_set;
        const char *name;
    } flags[] = {
        { p->def, "PROPERTY_HAS_DEFAULT" },
        { p->min, "PROPERTY_HAS_MIN" },
        { p->max, "PROPERTY_HAS_MAX" },
        { !p->notify, "PROPERTY_NO_NOTIFY" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
        if (flags[i].is_set) {
            out_printf(out, "%s%s", before, flags[i].name);
            before = " |\n               ";
        }
    }
    if (p->def || p->min || p->max || !p->notify) {
        out_puts(out, ",\n");
    }
}

/* The first paragraph, which is one line. */
static void out_doc(GString *out, const DocSection *doc)
{
    g_autofree char *text = NULL;

    if (!doc) {
        return;
    }
    text = doc_join(doc->text);
    text[strcspn(text, "\n")] = '\0';
    out_puts(out, "      .doc = ");
    out_string(out, text, 10);
    out_puts(out, ",\n");
}

static void out_row(Gen *gen, GString *out, const IrEntity *e,
                    const IrMember *m, const char *features)
{
    static const char *const sets[] = {
        [IR_SET_ANY_TIME] = "PROPERTY_SET_ANY_TIME",
        [IR_SET_CREATE] = "PROPERTY_SET_CREATE",
        [IR_SET_NEVER] = "PROPERTY_SET_NEVER",
    };
    const IrProperty *p = m->property;

    out_if(out, m->cond);
    out_printf(out, "    { .name = \"%s\",\n", m->name->str);
    if (p->is_link) {
        out_printf(out, "      .link = \"%s\",\n", p->target->str);
    } else {
        out_printf(out, "      .type = &qapi_type_%s,\n",
                   gen_symbol(gen, m->type));
    }
    out_printf(out, "      .offset = offsetof(%s, %s),\n      .set = %s,\n",
               c_struct(gen, e), gen_field(gen, m), sets[p->set]);
    out_flags(out, p);
    out_value(gen, out, m, p->def, "def");
    out_value(gen, out, m, p->min, "min");
    out_value(gen, out, m, p->max, "max");
    if (p->unit) {
        out_puts(out, "      .unit = ");
        out_string(out, p->unit->str, 10);
        out_puts(out, ",\n");
    }
    out_doc(out, m->doc);
    if (has_special_features(m->features)) {
        out_puts(out, "      .special_features = ");
        out_special_features(out, m->features, 10);
        out_puts(out, ",\n");
    }
    if (m->features.n) {
        out_printf(out, "      .features = %s,\n", features);
    }
    out_puts(out, "    },\n");
    out_endif(out, m->cond);
}

/* With a number: class "a-b", property "c" and "a", "b-c" are two names. */
static char *features_name(const IrEntity *e, const IrMember *m)
{
    g_autofree char *klass = c_identifier(e->name->str);

    return g_strdup_printf("property_features_%s_%u", klass,
                           (unsigned)(m - e->u.klass.properties.row));
}

/* A child is made by the class itself, and has no field to be set. */
static void out_class(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers properties = e->u.klass.properties;
    g_autofree char *name = c_identifier(e->name->str);

    out_puts(out, "\n");
    out_if(out, e->cond);
    for (uint32_t i = 0; i < properties.n; i++) {
        const IrMember *m = &properties.row[i];
        g_autofree char *table = features_name(e, m);

        out_features_table(out, m->features, table);
    }
    out_doc_comment(gen, out, e, e->name->str);
    out_printf(out, "static const PropertyRow %s_properties[] = {\n", name);
    for (uint32_t i = 0; i < properties.n; i++) {
        const IrMember *m = &properties.row[i];
        g_autofree char *table = features_name(e, m);

        if (!m->property->is_child) {
            out_row(gen, out, e, m, table);
        }
    }
    out_puts(out, "    { NULL },\n};\n");
    out_endif(out, e->cond);
}

/* The macro that selects the rows of a class. */
static char *selector(const IrEntity *e)
{
    g_autofree char *name = c_identifier(e->name->str);
    g_autofree char *upper = g_ascii_strup(name, -1);

    return g_strconcat("QAPI_CLASS_", upper, NULL);
}

/* A file that selects no class gets the rows of all of them. */
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

static void out_selected_class(Gen *gen, GString *out, const IrEntity *e)
{
    g_autofree char *macro = selector(e);

    out_printf(out, "\n#ifdef %s\n", macro);
    out_class(gen, out, e);
    out_printf(out, "\n#endif /* %s */\n", macro);
}

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
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_CLASS && n > 1) {
            out_selected_class(gen, header->text, e);
        } else if (e->kind == IR_CLASS) {
            out_class(gen, header->text, e);
        }
    }
    gen_end_header(header);
}
