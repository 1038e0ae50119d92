/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-introspect: the rows that query-qmp-schema answers from, with masked
 * names, each under the conditions of what it tells of.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/info-internal.h"

static void out_features(GString *out, IrFeatures features, int indent)
{
    if (features.n == 0) {
        return;
    }
    out_printf(out, "%*s.features = (const char *const[]){\n", indent, "");
    for (uint32_t i = 0; i < features.n; i++) {
        out_if(out, features.row[i].cond);
        out_printf(out, "%*s\"%s\",\n", indent + 4, "",
                   features.row[i].name->str);
        out_endif(out, features.row[i].cond);
    }
    out_printf(out, "%*sNULL },\n", indent + 4, "");
}

/* A value of the schema as a JSON text in a C string. */
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
    out_printf(out, "      .%s = ", field);
    out_string(out, text, 10);
    out_puts(out, ",\n");
}

static void out_property(GString *out, const IrProperty *p)
{
    if (!p) {
        return;
    }
    out_json(out, "def", p->def);
    out_json(out, "min", p->min);
    out_json(out, "max", p->max);
    if (p->unit) {
        out_puts(out, "      .unit = ");
        out_string(out, p->unit->str, 10);
        out_puts(out, ",\n");
    }
    out_printf(out, "      .set = \"%s\",\n",
               p->set == IR_SET_CREATE ? "create" : "any-time");
}

static void out_member(InfoTable *table, GString *out, const IrMember *m)
{
    out_if(out, m->cond);
    out_printf(out, "    { .name = \"%s\",\n", m->name->str);
    if (m->type) {
        out_printf(out, "      .type = \"%s\",\n",
                   info_name(table, m->type));
    }
    if (m->optional) {
        out_puts(out, "      .optional = true,\n");
    }
    out_features(out, m->features, 6);
    out_doc_field(out, m->doc, 6);
    out_property(out, m->property);
    out_puts(out, "    },\n");
    out_endif(out, m->cond);
}

static void start_members(GString *out, const char *what, guint i)
{
    out_printf(out, "static const QapiInfoMember %s_%u[] = {\n", what, i);
}

static void end_members(GString *out)
{
    out_puts(out, "    { NULL },\n};\n");
}

static void out_members_of(InfoTable *table, GString *out, const IrEntity *e,
                           guint i)
{
    IrMembers members = ir_members(e);

    start_members(out, "members", i);
    if (e->kind == IR_OBJECT) {
        for (uint32_t n = 0; n < e->u.object.n_members; n++) {
            out_member(table, out, e->u.object.members[n]);
        }
    } else {
        for (uint32_t n = 0; n < members.n; n++) {
            out_member(table, out, &members.row[n]);
        }
    }
    end_members(out);
    if (ir_is_union(e)) {
        start_members(out, "variants", i);
        for (uint32_t n = 0; n < e->u.object.branches.n; n++) {
            out_member(table, out, &e->u.object.branches.row[n]);
        }
        end_members(out);
    }
}

static bool has_members(const IrEntity *e)
{
    return e->kind == IR_OBJECT || e->kind == IR_ENUM ||
           e->kind == IR_ALTERNATE;
}

static void out_members(InfoTable *table, GString *out, guint i)
{
    const IrEntity *e = g_array_index(table->rows, InfoRow, i).entity;

    if (has_members(e)) {
        out_puts(out, "\n");
        out_if(out, e->cond);
        out_members_of(table, out, e, i);
        out_endif(out, e->cond);
    }
}

static void out_types(InfoTable *table, GString *out, const IrEntity *e)
{
    switch (e->kind) {
    case IR_BUILTIN:
        out_printf(out, "      .type = \"%s\",\n", e->u.builtin->json_type);
        break;
    case IR_ARRAY:
        out_printf(out, "      .type = \"%s\",\n",
                   info_name(table, e->u.array_of.element));
        break;
    case IR_COMMAND:
    case IR_EVENT:
        out_printf(out, "      .type = \"%s\",\n",
                   info_name(table, e->u.call.arg));
        break;
    default:
        break;
    }
    if (e->kind == IR_COMMAND) {
        out_printf(out, "      .ret_type = \"%s\",\n",
                   info_name(table, e->u.call.ret));
        if (e->u.call.allow_oob) {
            out_puts(out, "      .allow_oob = true,\n");
        }
    }
}

static void out_info(InfoTable *table, GString *out, guint i)
{
    static const char *const meta[] = {
        [IR_BUILTIN] = "builtin", [IR_ENUM] = "enum",
        [IR_ARRAY] = "array",     [IR_OBJECT] = "object",
        [IR_ALTERNATE] = "alternate", [IR_COMMAND] = "command",
        [IR_EVENT] = "event",
    };
    const InfoRow *row = &g_array_index(table->rows, InfoRow, i);
    const IrEntity *e = row->entity;
    const char *text = entity_doc_text(e);

    out_if(out, e->cond);
    out_printf(out, "    { .name = \"%s\", /* %s */\n"
               "      .meta_type = \"%s\",\n",
               row->name, e->name->str, meta[e->kind]);
    out_types(table, out, e);
    if (has_members(e)) {
        out_printf(out, "      .members = members_%u,\n", i);
    }
    if (ir_is_union(e)) {
        out_printf(out, "      .tag = \"%s\",\n      .variants = variants_%u,"
                   "\n", e->u.object.tag->name->str, i);
    }
    out_features(out, e->features, 6);
    if (*text) {
        out_puts(out, "      .doc = ");
        out_string(out, text, 10);
        out_puts(out, ",\n");
    }
    out_puts(out, "    },\n");
    out_endif(out, e->cond);
}

void gen_introspect(Gen *gen)
{
    static const char *const includes[] = { "qapi/introspect.h", NULL };
    GenFile *header = gen_header(gen, NULL, "qapi-introspect", includes);
    GenFile *source = gen_source(gen, NULL, "qapi-introspect",
                                 (const char *const[]){ NULL });
    g_autofree char *prefix = c_identifier(gen->prefix);
    InfoTable table;

    out_printf(header->text, "\nQOM_BEGIN_DECLS\n\n"
               "/* Ends with an empty row; for qapi_introspect() */\n"
               "extern const QapiInfo %sqapi_schema_info[];\n\n"
               "QOM_END_DECLS\n", prefix);
    gen_end_header(header);

    info_table_init(&table, gen->schema, false);
    for (guint i = 0; i < table.rows->len; i++) {
        out_members(&table, source->text, i);
    }
    out_printf(source->text, "\nconst QapiInfo %sqapi_schema_info[] = {\n",
               prefix);
    for (guint i = 0; i < table.rows->len; i++) {
        out_info(&table, source->text, i);
    }
    out_puts(source->text, "    { NULL },\n};\n");
    info_table_clear(&table);
}
