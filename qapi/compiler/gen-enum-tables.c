/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of an enumeration: the names of its values, and in further tables
 * what only some enumerations have.
 */
#include "qapi/compiler/gen-internal.h"

/* What may be said of a value of an enum, in tables of its own. */
typedef struct ValueFacts {
    bool features;
    bool special;
    bool docs;
} ValueFacts;

/* Returns which of the optional tables the enumeration needs. */
static ValueFacts value_facts(IrMembers values)
{
    ValueFacts facts = { false };

    for (uint32_t i = 0; i < values.n; i++) {
        facts.features |= values.item[i].features.n > 0;
        facts.special |= has_special_features(values.item[i].features);
        facts.docs |= values.item[i].doc != NULL;
    }
    return facts;
}

/*
 * A table of an enumeration has an entry for each value, in the order of the
 * constants, which are left out by the same conditions.  Designators would need
 * no entries without contents, but C++ has none for arrays.  One more entry is
 * at the end, because neither the table nor its initializer may be empty.
 */
static void start_value_table(Gen *gen, GString *out, const IrEntity *e,
                              const char *type, const char *table)
{
    out_printf(out, "static const %s%s_%s[%s + 1] = {\n", type, table,
               gen_c_name(gen, e->name), gen_enum_const(gen, e, "_MAX"));
}

/* Appends the names of the values. */
static void out_names(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    start_value_table(gen, out, e, "char *const ", "names");
    for (uint32_t i = 0; i < values.n; i++) {
        out_if(out, values.item[i].cond);
        out_printf(out, "    \"%s\",\n", values.item[i].name->str);
        out_endif(out, values.item[i].cond);
    }
    out_puts(out, "    NULL,\n};\n\n");
}

/* Appends the features of the values that the library acts on. */
static void out_special_table(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    start_value_table(gen, out, e, "unsigned char ", "special");
    for (uint32_t i = 0; i < values.n; i++) {
        const IrMember *v = &values.item[i];

        out_if(out, v->cond);
        out_puts(out, "    ");
        if (has_special_features(v->features)) {
            out_special_features(out, v->features, 8);
        } else {
            out_puts(out, "0");
        }
        out_puts(out, ",\n");
        out_endif(out, v->cond);
    }
    out_puts(out, "    0,\n};\n\n");
}

/*
 * Appends a table for each value that has features, then the table that points
 * to them.
 */
static void out_value_features(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    for (uint32_t i = 0; i < values.n; i++) {
        const IrMember *v = &values.item[i];
        g_autofree char *table =
            g_strdup_printf("features_%s",
                            gen_enum_const(gen, e, v->name->str));

        out_if(out, v->features.n ? v->cond : NULL);
        out_features_table(out, v->features, table);
        out_endif(out, v->features.n ? v->cond : NULL);
    }
    start_value_table(gen, out, e, "QapiFeature *const ", "value_features");
    for (uint32_t i = 0; i < values.n; i++) {
        const IrMember *v = &values.item[i];

        out_if(out, v->cond);
        if (v->features.n) {
            out_printf(out, "    features_%s,\n",
                       gen_enum_const(gen, e, v->name->str));
        } else {
            out_puts(out, "    NULL,\n");
        }
        out_endif(out, v->cond);
    }
    out_puts(out, "    NULL,\n};\n\n");
}

/*
 * A text of several literals is put in brackets; clang otherwise suspects a
 * missing comma.
 */
static void out_value_doc(GString *out, const char *doc)
{
    g_autoptr(GString) text = g_string_new(NULL);
    bool several;

    out_doc_string(text, doc, 4);
    several = strchr(text->str, '\n') != NULL;
    out_printf(out, "    %s%s%s,\n", several ? "(" : "", text->str,
               several ? ")" : "");
}

/* Appends the texts of the values; a value may have none. */
static void out_value_docs(Gen *gen, GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    start_value_table(gen, out, e, "char *const ", "value_docs");
    for (uint32_t i = 0; i < values.n; i++) {
        const IrMember *v = &values.item[i];

        out_if(out, v->cond);
        if (v->doc) {
            out_value_doc(out, v->doc->text);
        } else {
            out_puts(out, "    NULL,\n");
        }
        out_endif(out, v->cond);
    }
    out_puts(out, "    NULL,\n};\n\n");
}

/* Tables that would be empty are left out. */
void out_enum_table(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);
    ValueFacts facts = value_facts(e->u.enumeration.values);
    g_autofree char *table = g_strdup_printf("features_%s", name);

    out_names(gen, out, e);
    if (facts.special) {
        out_special_table(gen, out, e);
    }
    if (facts.features) {
        out_value_features(gen, out, e);
    }
    if (facts.docs) {
        out_value_docs(gen, out, e);
    }
    out_features_table(out, e->features, table);
    out_printf(out, "const QEnumLookup %s_lookup = {\n"
               "    .array = names_%s,\n", name, name);
    if (facts.special) {
        out_printf(out, "    .features = special_%s,\n", name);
    }
    out_printf(out, "    .size = %s,\n};\n\n",
               gen_enum_const(gen, e, "_MAX"));
    out_printf(out, "const QapiType qapi_type_%s = {\n    .name = \"%s\",\n"
               "    .kind = QAPI_KIND_ENUM,\n    .size = sizeof(%s),\n"
               "    .lookup = &%s_lookup,\n", name, e->name->str, name, name);
    if (facts.features) {
        out_printf(out, "    .value_features = value_features_%s,\n", name);
    }
    if (facts.docs) {
        out_printf(out, "    .value_docs = value_docs_%s,\n", name);
    }
    out_features_field(out, e->features, table, 4);
    out_doc_field(out, entity_doc_text(e), 4);
    out_puts(out, "};\n");
}
