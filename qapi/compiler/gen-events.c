/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-events: for each event its QapiEvent, and a function that sends it.  The
 * function puts its parameters into the C form of the event's data.
 */
#include "qapi/compiler/gen-call-internal.h"

/* Returns the event's name in lower case, for the function that sends it. */
static const char *sender_name(Gen *gen, const IrEntity *e)
{
    g_autofree char *lower = g_ascii_strdown(e->name->str, -1);

    return gen_c_name(gen, name_of(&gen->schema->names, lower));
}

/* @end: ";" or "" */
static void out_prototype(Gen *gen, GString *out, const IrEntity *e,
                          const char *end)
{
    g_autoptr(GString) text = g_string_new(NULL);

    out_printf(text, "void qapi_event_send_%s(", sender_name(gen, e));
    if (!out_params(gen, text, e)) {
        out_puts(text, "void");
    }
    out_printf(text, ")%s\n", end);
    out_wrapped(out, text->str);
}

/* Appends a local struct with the parameters.  It borrows their memory. */
static void out_data(Gen *gen, GString *out, const IrEntity *e)
{
    const IrEntity *arg = e->u.call.arg;

    /* Parameters are names of the schema, none of which begins with q_. */
    out_printf(out, "    %s q_data = {\n", gen_c_name(gen, arg->name));
    for (uint32_t i = 0; i < arg->u.object.n_members; i++) {
        const IrMember *m = arg->u.object.members[i];
        const char *field = gen_field(gen, m);

        if (gen_has_flag(m)) {
            out_printf(out, "        .has_%s = has_%s,\n", field, field);
        }
        /* The parameter is const char *, the field char * */
        out_printf(out, "        .%s = %s%s,\n", field,
                   is_string_type(m->type) ? "(char *)" : "", field);
    }
    out_puts(out, "    };\n\n");
}

/*
 * Appends the QapiEvent and the function.  Data without members is an empty
 * struct.
 */
static void out_sender(Gen *gen, GString *out, const IrEntity *e)
{
    const IrEntity *arg = e->u.call.arg;
    const char *name = gen_c_name(gen, e->name);
    const char *data = "NULL";

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_call_types(gen, out, e, "event");
    out_printf(out, "static const QapiEvent event_%s = {\n"
               "    .name = \"%s\",\n", name, e->name->str);
    out_arg_type(gen, out, e, "arg_type", 4);
    out_call_facts(gen, out, e, "event", 4);
    out_puts(out, "};\n\n");
    out_prototype(gen, out, e, "");
    out_puts(out, "{\n");
    /* boxed data is the parameter itself */
    if (arg && e->u.call.boxed) {
        data = "arg";
    } else if (arg && has_params(e)) {
        out_data(gen, out, e);
        data = "&q_data";
    } else if (arg) {
        out_printf(out, "    %s q_data = { 0 };\n\n",
                   gen_c_name(gen, arg->name));
        data = "&q_data";
    }
    out_printf(out, "    qapi_event_send(&event_%s, %s);\n}\n", name, data);
    out_endif(out, e->cond);
}

/* Events are registered for introspection; they are sent by their address. */
static void out_table(Gen *gen, GString *out, IrModule *module)
{
    out_puts(out, "\nstatic const QapiEvent *const rows[] = {\n");
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_EVENT) {
            out_if(out, e->cond);
            out_printf(out, "    &event_%s,\n", gen_c_name(gen, e->name));
            out_endif(out, e->cond);
        }
    }
    out_puts(out, "    NULL,\n};\n\n"
             "static void register_events(void)\n{\n"
             "    qapi_register_events(rows, G_N_ELEMENTS(rows) - 1);\n"
             "}\n\nmodule_init(register_events, MODULE_INIT_QMP)\n");
}

/* What all functions have in common, for the header. */
static const char contract[] =
    "/*\n"
    " * Functions that send events to all clients.  Parameters are borrowed: "
    "the data\n"
    " * is written before the function returns.\n"
    " *\n"
    " * Thread: any\n"
    " */\n";

/* The header has the prototypes, the source file everything else. */
void gen_events(Gen *gen, IrModule *module)
{
    static const char *const includes[] = { "qapi/qapi-event.h", NULL };
    static const char *const source_includes[] = { "util/module.h", NULL };
    GenFile *header = gen_header(gen, module, "qapi-events", includes);
    GenFile *source = gen_source(gen, module, "qapi-events",
                                 source_includes);
    bool any = has_kind(module, IR_EVENT);

    out_call_includes(gen, header->text, module, IR_EVENT);
    out_puts(header->text, "\nQOM_BEGIN_DECLS\n");
    if (any) {
        out_printf(header->text, "\n%s", contract);
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind != IR_EVENT) {
            continue;
        }
        out_puts(header->text, "\n");
        out_if(header->text, e->cond);
        out_doc_comment(gen, header->text, e,
                        arena_printf(&gen->schema->arena,
                                     "qapi_event_send_%s",
                                     sender_name(gen, e)));
        out_prototype(gen, header->text, e, ";");
        out_endif(header->text, e->cond);
        out_sender(gen, source->text, e);
    }
    out_puts(header->text, "\nQOM_END_DECLS\n");
    gen_end_header(header);
    if (any) {
        out_table(gen, source->text, module);
    }
}
