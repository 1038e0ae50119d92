/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main() of a service.
 *
 * service.c runs the service and prints nothing.  Here are the parts that need
 * stdout and stderr: errors after the name of the program, and what the table
 * of options yields besides: help, the man page, and completion.
 */
#include "service/completion-internal.h"
#include "service/man-text.h"
#include "service/service.h"
#include "util/module.h"

#include <stdio.h>
#include <string.h>

typedef struct CommonArgs {
    ServiceOptions service;
} CommonArgs;

/* The table of a program without options of its own */
static const Option common_options[] = {
    SERVICE_MAIN_OPTIONS(CommonArgs, service),
    { NULL },
};

/* For messages, whose function has the opaque pointer of the program's hooks */
static const char *program_name;

/* A ServiceHooks.report */
static void show_error(const Error *err, void *opaque)
{
    error_print(err, program_name);
}

/* Returns: true; false with @errp set if the usage is wrong */
static bool parse(const Option *table, char **argv, ServiceOptions *values,
                  Error **errp)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();

    if (!options_parse(table, argv + 1, values, rest, errp)) {
        return false;
    }
    if (rest->len) {
        error_setg(errp, "unexpected argument '%s'",
                   (const char *)rest->pdata[0]);
        return false;
    }
    return true;
}

/* ---- Texts ---- */

/* What -help prints */
static void append_help(const ServiceProgram *program, const Option *table,
                        GString *out)
{
    g_string_append_printf(out, "usage: %s [OPTION...]\n\n", program->name);
    if (program->summary) {
        g_string_append_printf(out, "%s: %s\n\n", program->name,
                               program->summary);
    }
    g_string_append(out, "options:\n");
    options_append_help(table, out);
}

/*
 * What -man-page prints.  It has no date and no version, so that a build yields
 * the same bytes again.
 */
static void append_man_page(const ServiceProgram *program, const Option *table,
                            GString *out)
{
    static const char options_text[] =
        "An option begins with one dash or two.  Its value is the next "
        "argument or follows an equals sign.\n";
    static const char signals_text[] =
        "SIGINT and SIGTERM end the program.  SIGHUP makes it read the file "
        "of -config again, and open the file of its messages again; without "
        "either, SIGHUP ends the program.\n";
    g_autofree char *upper = g_ascii_strup(program->name, -1);
    g_autoptr(GString) synopsis = g_string_new(NULL);

    g_string_append_printf(out, ".TH %s 8\n.SH NAME\n", upper);
    man_append_words(out, program->name);
    g_string_append(out, " \\- ");
    man_append_line(out, program->summary ? program->summary : "a service");
    options_append_synopsis(table, synopsis);
    g_string_append(out, ".SH SYNOPSIS\n\\fB");
    man_append_words(out, program->name);
    g_string_append(out, "\\fR");
    man_append_line(out, synopsis->str);
    if (program->description) {
        g_string_append(out, ".SH DESCRIPTION\n");
        man_append_text(out, program->description);
    }
    g_string_append(out, ".SH OPTIONS\n");
    man_append_text(out, options_text);
    man_append_options(out, table);
    g_string_append(out, ".SH SIGNALS\n");
    man_append_text(out, signals_text);
    man_append_exit_status(out);
}

/*
 * Appends what the options ask for instead of running the service.  Help of
 * types comes after the plugins, because they provide types.
 */
static bool append_answer(const ServiceProgram *program, const Option *table,
                          ServiceOptions *values, GString *out, Error **errp)
{
    g_autofree char *help = NULL;

    if (values->help) {
        append_help(program, table, out);
    } else if (values->man_page) {
        append_man_page(program, table, out);
    } else if (values->completion) {
        return completion_append_script(values->completion, program->name, out,
                                        errp);
    } else if (!service_load(values, errp)) {
        return false;
    } else if ((help = service_get_help(values))) {
        g_string_append(out, help);
    }
    return true;
}

/* ---- main() ---- */

/* The scripts of completion_append_script() call it like this. */
static bool is_completion(char **argv)
{
    return argv[1] && !strcmp(argv[1], "complete") && argv[2] &&
           !strcmp(argv[2], "--");
}

/* Prints the answer, or runs the service if there is none. */
static ServiceStatus run(const ServiceProgram *program, const Option *table,
                         ServiceOptions *values, char **argv, Error **errp)
{
    g_autoptr(GString) answer = g_string_new(NULL);
    ServiceHooks hooks = { .report = show_error };

    if (is_completion(argv)) {
        completion_append_words(table, argv + 3, answer);
    } else if (!parse(table, argv, values, errp)) {
        return SERVICE_MISUSED;
    } else if (!append_answer(program, table, values, answer, errp)) {
        return SERVICE_FAILED;
    }
    if (answer->len || is_completion(argv)) {
        fputs(answer->str, stdout);
        return SERVICE_STOPPED;
    }
    if (program->hooks) {
        hooks = *program->hooks;
        hooks.report = hooks.report ? hooks.report : show_error;
    }
    return service_run(values, &hooks, errp);
}

int service_main(const ServiceProgram *program, char **argv)
{
    CommonArgs common = { };
    ServiceOptions *values = program->values ? program->values
                                             : &common.service;
    const Option *table = program->options ? program->options : common_options;
    Error *err = NULL;
    ServiceStatus status;

    program_name = program->name;
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    status = run(program, table, values, argv, &err);
    if (err) {
        show_error(err, NULL);
        error_free(err);
    }
    options_clear(table, values);
    return status;
}
