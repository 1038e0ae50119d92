/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of verbs and what is common to all of them: parsing, -help, and
 * the life of the objects that -object makes.
 */
#include "tools/verbs.h"
#include "tools/actions.h"
#include "tools/objects.h"
#include "tools/output.h"

#include <stddef.h>
#include <string.h>

/* ---- The tables ---- */

#define OBJECT_OPTION                                                    \
    { "object", OPTION_LIST, offsetof(Args, objects), "OPTS",            \
      "make an object: TYPE,id=ID,PROPERTY=VALUE,... or the same as\n"   \
      "JSON; 'help' lists the types, 'TYPE,help' the properties" }
#define PLUGIN_OPTION                                                    \
    { "plugin", OPTION_LIST, offsetof(Args, plugins), "FILE",            \
      "load a plugin first, with the types that it adds" }
#define JSON_OPTION                                                      \
    { "json", OPTION_FLAG, offsetof(Args, json), NULL,                   \
      "print JSON, on one line" }
#define HELP_OPTION                                                      \
    { "help", OPTION_FLAG, offsetof(Args, help), NULL, "print this text" }

static const Option run_options[] = {
    OBJECT_OPTION,
    PLUGIN_OPTION,
    { "qmp", OPTION_LIST, offsetof(Args, qmp), "ADDR",
      "serve QMP: 'stdio', or 'unix:PATH' for a socket; may be given\n"
      "several times" },
    HELP_OPTION,
    { NULL },
};

static const Option print_options[] = {
    OBJECT_OPTION,
    PLUGIN_OPTION,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

static const Option set_options[] = {
    OBJECT_OPTION,
    PLUGIN_OPTION,
    { "json", OPTION_FLAG, offsetof(Args, json), NULL, "VALUE is JSON" },
    HELP_OPTION,
    { NULL },
};

static const Option types_options[] = {
    { "abstract", OPTION_FLAG, offsetof(Args, abstract), NULL,
      "also types that have no objects of their own" },
    { "implements", OPTION_TEXT, offsetof(Args, implements), "TYPE",
      "only those that are TYPE, derive from it or implement it" },
    OBJECT_OPTION,
    PLUGIN_OPTION,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

static const Verb verbs[] = {
    {
        .name = "run",
        .options = run_options,
        .summary = "make objects and run them",
        .doc = "Makes the objects in order, all or none, and runs until "
               "SIGINT, SIGTERM or\nSIGHUP, until 'quit' over QMP, or until "
               "the input of -qmp stdio ends.  Then the\nobjects are deleted "
               "in reverse order.\n",
        .example = "qom run -object main-loop,id=ml -qmp stdio",
        .serves = true,
        .run = action_run,
    },
    {
        .name = "tree",
        .args = "[PATH]",
        .options = print_options,
        .max_args = 1,
        .summary = "show objects with their children and types",
        .doc = "Shows the object at PATH and all below it; without PATH, "
               "all objects.\n",
        .example = "qom tree -object main-loop,id=ml",
        .run = action_tree,
    },
    {
        .name = "list",
        .args = "[PATH]",
        .options = print_options,
        .max_args = 1,
        .summary = "list an object's properties with their types",
        .doc = "Lists the properties of the object at PATH, by default '/'.  "
               "A child's name\nends in '/'.\n",
        .example = "qom list -object main-loop,id=ml ml",
        .run = action_list,
    },
    {
        .name = "get",
        .args = "PATH PROPERTY | PATH.PROPERTY",
        .options = print_options,
        .min_args = 1,
        .max_args = 2,
        .summary = "print the value of a property",
        .doc = "Prints strings bare, numbers in decimal, and what has parts "
               "as JSON.  PATH may\nbe the end of a path that names one "
               "object alone.\n",
        .example = "qom get -object main-loop,id=ml,aio-max-batch=8 ml "
                   "aio-max-batch",
        .run = action_get,
    },
    {
        .name = "set",
        .args = "PATH PROPERTY VALUE | PATH.PROPERTY VALUE",
        .options = set_options,
        .min_args = 2,
        .max_args = 3,
        .summary = "set a property",
        .doc = "Sets a property of an object made by -object.  Prints "
               "nothing; the exit status\nsays whether the value was "
               "accepted.\n",
        .example = "qom set -object main-loop,id=ml ml aio-max-batch 8",
        .run = action_set,
    },
    {
        .name = "types",
        .options = types_options,
        .summary = "list the types of objects",
        .doc = "Lists the types in the order of their names.\n",
        .example = "qom types -implements user-creatable",
        .run = action_types,
    },
    {
        .name = "props",
        .args = "TYPE",
        .options = print_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "describe the properties of a type",
        .doc = "Shows of each property its type, default, range and unit, "
               "and when it can be\nset: any-time, create (when the object "
               "is made) or never.\n",
        .example = "qom props main-loop",
        .run = action_props,
    },
    { .name = NULL },
};

/* Options of the program itself; they stand in place of a verb. */
typedef struct MainArgs {
    bool help;
    bool version;
} MainArgs;

static const Option main_options[] = {
    { "help", OPTION_FLAG, offsetof(MainArgs, help), NULL,
      "print this text" },
    { "version", OPTION_FLAG, offsetof(MainArgs, version), NULL,
      "print the version" },
    { NULL },
};

/* ---- Help ---- */

static int print_main_help(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append(text,
                    "usage: qom VERB [OPTION | ARGUMENT]...\n\n"
                    "Makes objects of QEMU's object model, shows them and "
                    "runs them.\n\n"
                    "verbs:\n");
    for (const Verb *verb = verbs; verb->name; verb++) {
        g_string_append_printf(text, "  %-8s%s\n", verb->name,
                               verb->summary);
    }
    g_string_append(text, "\noptions:\n");
    options_append_help(main_options, text);
    g_string_append(text,
                    "\n'qom VERB -help' says more.  Options take one dash "
                    "or two.\n"
                    "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
    return output_text(text->str);
}

static int print_verb_help(const Verb *verb)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "usage: qom %s", verb->name);
    options_append_synopsis(verb->options, text);
    g_string_append_printf(text, "%s%s\n\n%s\noptions:\n",
                           verb->args ? " " : "",
                           verb->args ? verb->args : "", verb->doc);
    options_append_help(verb->options, text);
    g_string_append_printf(text, "\nexample:\n  %s\n", verb->example);
    return output_text(text->str);
}

/* ---- Doing it ---- */

static int usage_error(const char *verb, Error *err)
{
    output_error(verb, err);
    return EXIT_USAGE;
}

static bool check_n_args(const Verb *verb, const GPtrArray *rest,
                         Error **errp)
{
    if (rest->len < verb->min_args) {
        error_setg(errp, "too few arguments; see 'qom %s -help'", verb->name);
        return false;
    }
    if (rest->len > verb->max_args) {
        error_setg(errp, "unexpected argument '%s'",
                   (char *)rest->pdata[verb->max_args]);
        return false;
    }
    return true;
}

static int run_with_objects(const Verb *verb, const Args *args)
{
    int status = plugins_load(args->plugins);

    if (status != EXIT_DONE || objects_help(args->objects, &status)) {
        return status;
    }
    if (verb->serves) {
        return verb->run(args);
    }
    status = objects_add(args->objects);
    if (status == EXIT_DONE) {
        status = verb->run(args);
        objects_del();
    }
    return status;
}

static int run_verb(const Verb *verb, char **argv)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    g_autoptr(GPtrArray) plugins = g_ptr_array_new();
    g_autoptr(GPtrArray) objects = g_ptr_array_new();
    g_autoptr(GPtrArray) qmp = g_ptr_array_new();
    Args args = { .rest = rest, .plugins = plugins, .objects = objects,
                  .qmp = qmp };
    Error *err = NULL;

    if (!options_parse(verb->options, argv, &args, rest, &err)) {
        return usage_error(verb->name, err);
    }
    if (args.help) {
        return print_verb_help(verb);
    }
    if (!check_n_args(verb, rest, &err)) {
        return usage_error(verb->name, err);
    }
    g_ptr_array_add(rest, NULL);
    return run_with_objects(verb, &args);
}

/* What stands before a verb, or instead of one. */
static int run_main_options(char **argv)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    MainArgs args = { false };
    Error *err = NULL;

    if (!options_parse(main_options, argv, &args, rest, &err)) {
        return usage_error(NULL, err);
    }
    if (args.help) {
        return print_main_help();
    }
    if (args.version) {
        return output_text("qom " QOM_VERSION "\n");
    }
    error_setg(&err, "a verb is needed; see 'qom -help'");
    return usage_error(NULL, err);
}

int verbs_main(char **argv)
{
    Error *err = NULL;

    if (!argv[0] || argv[0][0] == '-') {
        return run_main_options(argv);
    }
    for (const Verb *verb = verbs; verb->name; verb++) {
        if (!strcmp(verb->name, argv[0])) {
            return run_verb(verb, argv + 1);
        }
    }
    error_setg(&err, "unknown verb '%s'; see 'qom -help'", argv[0]);
    return usage_error(NULL, err);
}
