/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi-commands: for each command the prototype of its handler, a function that
 * unpacks the arguments for the handler, and an entry of the table that is
 * registered when the program starts.
 *
 * The handlers' prototypes are those of QEMU's generated code.  They report
 * failure by @errp alone, so the generated function checks it.
 */
#include "qapi/compiler/gen-call-internal.h"

#include <string.h>

/* Returns true if the handler gets its arguments as JSON ('gen': false). */
static bool takes_raw(const IrEntity *e)
{
    return e->u.call.no_gen;
}

/* Appends the prototype of the handler, which the program implements. */
static void out_prototype(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);
    const IrEntity *ret = e->u.call.ret;
    g_autoptr(GString) text = g_string_new(NULL);

    if (takes_raw(e)) {
        out_printf(text, "bool qmp_%s(JsonNode *args, JsonNode **ret, "
                   "Error **errp);\n", name);
    } else {
        out_printf(text, "%sqmp_%s(", ret ? gen_c_type(gen, ret) : "void ",
                   name);
        if (out_params(gen, text, e)) {
            out_puts(text, ", ");
        }
        out_puts(text, "Error **errp);\n");
    }
    out_wrapped(out, text->str);
}

/*
 * The result is stored only on success, because a failed handler returns
 * nothing of use.
 */
static void out_run_body(Gen *gen, GString *out, const IrEntity *e)
{
    const IrEntity *ret = e->u.call.ret;

    out_puts(out, "    ERRP_GUARD();\n");
    if (e->u.call.arg && has_params(e)) {
        const char *type = gen_c_name(gen, e->u.call.arg->name);

        out_printf(out, "    %s *a = (%s *)arg;\n", type, type);
    } else {
        out_puts(out, "    (void)arg;\n");
    }
    out_puts(out, ret ? "    " : "    (void)ret;\n    ");
    if (ret) {
        out_printf(out, "%svalue = ", gen_c_type(gen, ret));
    }
    out_printf(out, "qmp_%s(", gen_c_name(gen, e->name));
    if (out_args(gen, out, e)) {
        out_puts(out, ", ");
    }
    out_puts(out, "errp);\n\n    if (*errp) {\n        return false;\n    }\n");
    if (ret) {
        out_printf(out, "    *(%s*)ret = value;\n", gen_c_type(gen, ret));
    }
    out_puts(out, "    return true;\n");
}

/* Appends QapiCommand.run, with the types that it needs before it. */
static void out_run(Gen *gen, GString *out, const IrEntity *e)
{
    const char *name = gen_c_name(gen, e->name);

    out_puts(out, "\n");
    out_if(out, e->cond);
    out_call_types(gen, out, e, "command");
    out_printf(out, "static bool run_%s(void *arg, void *ret, Error **errp)"
               "\n{\n", name);
    if (takes_raw(e)) {
        out_printf(out, "    return qmp_%s((JsonNode *)arg, (JsonNode **)ret, "
                   "errp);\n", name);
    } else {
        out_run_body(gen, out, e);
    }
    out_puts(out, "}\n");
    out_endif(out, e->cond);
}

/* Appends the flags that are set; none if no flag is set. */
static void out_flags(GString *out, const IrEntity *e)
{
    const struct {
        bool set;
        const char *name;
    } flags[] = {
        { e->u.call.no_response, "QCO_NO_SUCCESS_RESP" },
        { e->u.call.allow_oob, "QCO_ALLOW_OOB" },
        { e->u.call.allow_preconfig, "QCO_ALLOW_PRECONFIG" },
        { e->u.call.coroutine, "QCO_COROUTINE" },
    };
    const char *before = "      .flags = ";

    for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
        if (flags[i].set) {
            out_printf(out, "%s%s", before, flags[i].name);
            before = " | ";
        }
    }
    if (strcmp(before, " | ") == 0) {
        out_puts(out, ",\n");
    }
}

/* Appends a field that points to a type. */
static void out_type(GString *out, const char *field, const char *symbol)
{
    out_printf(out, "      .%s = &qapi_type_%s,\n", field, symbol);
}

/*
 * Appends the types of a handler that gets JSON, before and after QapiCommand's
 * field "run": C++ wants the order of the fields.  Clients learn its types in
 * the schema all the same.
 */
static void out_raw_types(Gen *gen, GString *out, const IrEntity *e,
                          bool before)
{
    if (before) {
        out_type(out, "arg_type", "any");
        if (e->u.call.ret) {
            out_type(out, "ret_type", "any");
        }
        return;
    }
    if (!e->u.call.arg) {
        out_type(out, "info_arg_type", "q_empty");
    } else if (!is_provided(e)) {
        out_arg_type(gen, out, e, "info_arg_type", 6);
    }
    if (e->u.call.ret) {
        out_type(out, "info_ret_type", gen_symbol(gen, e->u.call.ret));
    }
    if (is_provided(e)) {
        out_printf(out, "      .info_arg_name = \"%s\",\n",
                   e->u.call.arg->name->str);
    }
}

static void out_entry(Gen *gen, GString *out, const IrEntity *e)
{
    bool raw = takes_raw(e);

    out_if(out, e->cond);
    out_printf(out, "    { .name = \"%s\",\n", e->name->str);
    if (raw) {
        out_raw_types(gen, out, e, true);
    } else {
        out_arg_type(gen, out, e, "arg_type", 6);
        if (e->u.call.ret) {
            out_type(out, "ret_type", gen_symbol(gen, e->u.call.ret));
        }
    }
    out_printf(out, "      .run = run_%s,\n", gen_c_name(gen, e->name));
    if (raw) {
        out_raw_types(gen, out, e, false);
    }
    out_flags(out, e);
    out_call_facts(gen, out, e, "command", 6);
    out_puts(out, "    },\n");
    out_endif(out, e->cond);
}

/*
 * The last entry is not counted; it keeps the array from being empty when all
 * commands are left out by conditions.
 */
static void out_table(Gen *gen, GString *out, IrModule *module)
{
    out_puts(out, "\nstatic const QapiCommand rows[] = {\n");
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_COMMAND) {
            out_entry(gen, out, e);
        }
    }
    out_puts(out, "    { .name = NULL },\n};\n\n"
             "static void register_commands(void)\n{\n"
             "    qapi_register_commands(rows, G_N_ELEMENTS(rows) - 1);\n"
             "}\n\nmodule_init(register_commands, MODULE_INIT_QMP)\n");
}

/* What all handlers have in common, for the header. */
static const char contract[] =
    "/*\n"
    " * Handlers of commands: this file declares them, the program defines "
    "them.\n"
    " *\n"
    " * Parameters are borrowed: they are valid until the handler returns, "
    "even if it\n"
    " * yields.  The result belongs to the caller, which frees it.  A handler "
    "that\n"
    " * fails sets @errp and frees what it has allocated; its result is "
    "ignored.\n"
    " *\n"
    " * Thread: main, unless the handler says otherwise\n"
    " */\n";

/*
 * Appends where the handler is called, if that is not usual.  The comment
 * stands directly above the prototype, because not every command is documented.
 */
static void out_caller(GString *out, const IrEntity *e)
{
    if (e->u.call.coroutine) {
        out_puts(out, "/* Called in a coroutine. */\n");
    }
    if (e->u.call.allow_oob) {
        out_puts(out, "/* Thread: main; `qmp` if executed out of band */\n");
    }
}

/* A module without commands has no table, so its file registers nothing. */
void gen_commands(Gen *gen, IrModule *module)
{
    static const char *const includes[] = { "qapi/qapi-command.h", NULL };
    static const char *const source_includes[] = { "util/module.h", NULL };
    GenFile *header = gen_header(gen, module, "qapi-commands", includes);
    GenFile *source = gen_source(gen, module, "qapi-commands",
                                 source_includes);
    bool any = has_kind(module, IR_COMMAND);

    out_call_includes(gen, header->text, module, IR_COMMAND);
    out_puts(header->text, "\nQOM_BEGIN_DECLS\n");
    if (any) {
        out_printf(header->text, "\n%s", contract);
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind != IR_COMMAND) {
            continue;
        }
        out_puts(header->text, "\n");
        out_if(header->text, e->cond);
        out_call_comment(gen, header->text, e, "qmp_");
        out_caller(header->text, e);
        out_prototype(gen, header->text, e);
        out_endif(header->text, e->cond);
        out_run(gen, source->text, e);
    }
    out_puts(header->text, "\nQOM_END_DECLS\n");
    gen_end_header(header);
    if (any) {
        out_table(gen, source->text, module);
    }
}
