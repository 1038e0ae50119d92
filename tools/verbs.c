/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of verbs and options of `qom`, and the choice of a verb's target.
 *
 * Table: each verb has an entry with its options, texts and function; see
 * tool.h. A new verb needs an entry here, a function in verb-functions.h, and
 * the new texts in tests/tool/help.out.
 *
 * Target: with -s or $QOM_SOCKET a running program; otherwise this process, in
 * which the objects of -object are created first and deleted afterwards.
 */
#include "tools/verbs.h"

#include "qom/user-creatable.h"
#include "tools/complete-values.h"
#include "tools/manual.h"
#include "tools/output.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <limits.h>
#include <stddef.h>

/*
 * ---- Options ----
 * Options that several verbs have are macros, so their texts exist once.
 */

#define SOCKET_OPTION                                                    \
    { "s", OPTION_TEXT, offsetof(Args, socket), "SOCKET",                \
      "ask the program that serves QMP there (default: $QOM_SOCKET)" }
#define JSON_OPTION                                                      \
    { "json", OPTION_FLAG, offsetof(Args, json), NULL,                   \
      "print JSON, on one line" }
#define HELP_OPTION                                                      \
    { "help", OPTION_FLAG, offsetof(Args, base.help), NULL,              \
      "print this text" }
#define TARGET_OPTIONS                                                    \
    SOCKET_OPTION, SERVICE_OBJECT_OPTION(Args, service),                 \
        SERVICE_PLUGIN_OPTION(Args, service)

/*
 * run has no -s: it is the program to which other verbs connect.  -device and
 * -iothread exist because users of QEMU expect them.
 */
static const Option run_options[] = {
    SERVICE_OPTIONS(Args, service),
    HELP_OPTION,
    { NULL },
};

/*
 * gateway executes commands on a monitor, and has no objects.  It is a service
 * with the options of one that make sense for it.
 */
static const Option gateway_options[] = {
    { "to", OPTION_TEXT, offsetof(Args, to), "ADDR",
      "the monitor: 'unix:PATH', 'tcp:HOST:PORT', 'fd:N'" },
    { "qmp", OPTION_LIST, offsetof(Args, addresses), "ADDR",
      "serve clients there, as 'qom run' does; may be given several\n"
      "times, and have the options 'allow' and 'deny'" },
    { "log", OPTION_TEXT, offsetof(Args, log), "FILE",
      "append a line for each command to FILE, or to 'stderr'" },
    { "pidfile", OPTION_TEXT, offsetof(Args, service.pid_file), "FILE",
      "write the number of the process there, and lock it" },
    { "daemonize", OPTION_FLAG, offsetof(Args, service.daemonize), NULL,
      "run in the background; return when all is ready" },
    HELP_OPTION,
    { NULL },
};

/* Options of verbs that print a JSON value or its text. */
static const Option print_options[] = {
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

static const Option tree_options[] = {
    { "values", OPTION_FLAG, offsetof(Args, values), NULL,
      "also show the properties of each object with their values" },
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

/* With set, -json is about the argument; set prints nothing. */
static const Option set_options[] = {
    TARGET_OPTIONS,
    { "json", OPTION_FLAG, offsetof(Args, json), NULL, "VALUE is JSON" },
    HELP_OPTION,
    { NULL },
};

/* Options of verbs that change objects and print nothing. */
static const Option change_options[] = {
    TARGET_OPTIONS,
    HELP_OPTION,
    { NULL },
};

/* types needs no objects; -object is accepted so that all verbs look alike. */
static const Option types_options[] = {
    { "abstract", OPTION_FLAG, offsetof(Args, abstract), NULL,
      "also types that have no objects of their own" },
    { "implements", OPTION_TEXT, offsetof(Args, implements), "TYPE",
      "only those that are TYPE, derive from it or implement it" },
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

/* -dry-run needs no target: it then prints what would be created. */
static const Option apply_options[] = {
    { "dry-run", OPTION_FLAG, offsetof(Args, dry_run), NULL,
      "only print what would be done" },
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

/* watch has no -object: no other code would change objects of this process. */
static const Option watch_options[] = {
    SOCKET_OPTION,
    { "events", OPTION_FLAG, offsetof(Args, events), NULL,
      "print events of the program as they come; arguments are names" },
    { "interval", OPTION_TEXT, offsetof(Args, interval), "SECONDS",
      "ask for the values that often, for a program without events" },
    { "count", OPTION_TEXT, offsetof(Args, count), "N",
      "end after N lines" },
    { "json", OPTION_FLAG, offsetof(Args, json), NULL,
      "print events as QMP has them, one a line" },
    HELP_OPTION,
    { NULL },
};

/* shell works on a target like other verbs, but on one for all of its lines. */
static const Option shell_options[] = {
    { "events", OPTION_FLAG, offsetof(Args, events), NULL,
      "show events of the program when they arrive" },
    TARGET_OPTIONS,
    HELP_OPTION,
    { NULL },
};

/* plot needs neither a program nor objects: it reads a file. */
static const Option plot_options[] = {
    { "o", OPTION_TEXT, offsetof(Args, output), "FILE",
      "write to the file, not to stdout" },
    HELP_OPTION,
    { NULL },
};

/* metrics has one form, which the format defines. */
static const Option metrics_options[] = {
    SOCKET_OPTION,
    HELP_OPTION,
    { NULL },
};

/* top needs two samples of a program that runs. */
static const Option top_options[] = {
    SOCKET_OPTION,
    { "once", OPTION_FLAG, offsetof(Args, once), NULL,
      "end after one interval" },
    { "interval", OPTION_TEXT, offsetof(Args, interval), "SECONDS",
      "time between two samples (default: 1)" },
    { "sort", OPTION_TEXT, offsetof(Args, sort), "COLUMN",
      "loops with the largest value first (default: cpu)" },
    { "record", OPTION_TEXT, offsetof(Args, record), "FILE",
      "append each interval to the file, too, as a line of JSON" },
    { "json", OPTION_FLAG, offsetof(Args, json), NULL,
      "print each interval as a line of JSON" },
    HELP_OPTION,
    { NULL },
};

/*
 * ---- Verbs ----
 * tests/tool/blind runs each example as it is, in an empty folder.  Examples of
 * verbs that need a program start one first and end it.
 */

/* A program whose value changes until the example ends it. */
#define WATCH_EXAMPLE                                                    \
    "qom run -object main-loop,id=ml -qmp unix:ml.qmp & pid=$!; "        \
    "until test -S ml.qmp; do sleep 0.1; done; "                         \
    "while qom set -s ml.qmp ml.aio-max-batch $((n += 1)); "             \
    "do sleep 0.1; done 2>/dev/null & "                                  \
    "qom watch -s ml.qmp -count 1 ml; kill $pid"
/* A short interval, because the tests run the example. */
#define TOP_EXAMPLE                                                      \
    "qom run -object main-loop,id=ml -qmp unix:ml.qmp & pid=$!; "        \
    "until test -S ml.qmp; do sleep 0.1; done; "                         \
    "qom top -s ml.qmp -once -interval 0.1; kill $pid"
/* The recording has one interval. */
#define PLOT_EXAMPLE                                                     \
    "qom run -object main-loop,id=ml -qmp unix:ml.qmp & pid=$!; "        \
    "until test -S ml.qmp; do sleep 0.1; done; "                         \
    "qom top -s ml.qmp -once -interval 0.1 -record top.rec; "            \
    "qom plot top.rec -o top.svg; kill $pid"
/* A collector would run the last command. */
#define METRICS_EXAMPLE                                                  \
    "qom run -object main-loop,id=ml -qmp unix:ml.qmp & pid=$!; "        \
    "until test -S ml.qmp; do sleep 0.1; done; "                         \
    "qom metrics -s ml.qmp; kill $pid"
/* The program ends before the example does. */
#define ADD_EXAMPLE                                                      \
    "qom run -qmp unix:a.qmp & pid=$!; "                                 \
    "until test -S a.qmp; do sleep 0.1; done; "                          \
    "qom add -s a.qmp main-loop,id=ml; kill $pid"
#define GATEWAY_EXAMPLE                                                  \
    "qom run -qmp unix:vm.qmp & vm=$!; "                                 \
    "until test -S vm.qmp; do sleep 0.1; done; "                         \
    "qom gateway -to unix:vm.qmp -qmp unix:gw.qmp,allow=q* & gw=$!; "    \
    "until test -S gw.qmp; do sleep 0.1; done; "                         \
    "qom tree -s gw.qmp; kill $gw $vm"
/* The shortest configuration file that creates an object. */
#define LIST_OF_ONE "echo '[{\"qom-type\": \"main-loop\", \"id\": \"ml\"}]'"

/*
 * The entries of verbs that execute commands on the target have no flags; the
 * others say what they need.  `min_args` and `max_args` count the arguments
 * that are no options, and every verb has -help.
 *
 * In the order in which help and the man page list them.
 */
static const Verb verbs[] = {
    {
        .name = "run",
        .options = run_options,
        .summary = "create objects and run them",
        .doc = "Makes the objects in order, all or none, and runs until "
               "SIGINT, SIGTERM or\nSIGHUP, until 'quit' over QMP, or until "
               "the input of -qmp stdio ends.  Then the\nobjects are deleted "
               "in reverse order.  With -config, SIGHUP reads the file "
               "again.\n",
        .more = MANUAL_RUN,
        .example = "qom run -object main-loop,id=ml -qmp stdio",
        .flags = VERB_SERVES,
        .run = action_run,
    },
    {
        .name = "gateway",
        .options = gateway_options,
        .summary = "serve many QMP clients in front of one monitor",
        .doc = "Connects to the monitor of a program, and executes the "
               "commands of any number of\nclients there.  Each client gets "
               "the replies to its commands and all events.\nRuns until "
               "SIGINT, SIGTERM or SIGHUP.\n",
        .more = MANUAL_GATEWAY,
        .example = GATEWAY_EXAMPLE,
        .flags = VERB_SERVES,
        .run = action_gateway,
    },
    {
        .name = "tree",
        .args = "[PATH]",
        .options = tree_options,
        .max_args = 1,
        .summary = "show objects with their children and types",
        .doc = "Shows the object at PATH and all below it; without PATH, "
               "all objects.  A line '.PROPERTY = VALUE' is about the object "
               "above it.\n",
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
        .doc = "Sets a property.  Prints nothing; the exit status says "
               "whether the value was\naccepted.\n",
        .example = "qom set -object main-loop,id=ml ml aio-max-batch 8",
        .flags = VERB_CHANGES,
        .run = action_set,
    },
    {
        .name = "add",
        .args = "OPTS",
        .options = change_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "create an object",
        .doc = "Makes an object as -object does, of "
               "TYPE,id=ID,PROPERTY=VALUE,... or the same as\nJSON.\n",
        .example = ADD_EXAMPLE,
        .flags = VERB_CHANGES,
        .run = action_add,
    },
    {
        .name = "del",
        .args = "ID...",
        .options = change_options,
        .min_args = 1,
        .max_args = UINT_MAX,
        .summary = "delete objects",
        .doc = "Deletes objects by their ids, one after the other.  One "
               "that others link to, or\nthat is of a type that says so, is "
               "in use and stays.\n",
        .example = "qom del -object \"$(qom types -implements "
                   "event-loop-base | head -n 1),id=x\" x",
        .flags = VERB_CHANGES,
        .run = action_del,
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
               "is created) or never.\n",
        .example = "qom props main-loop",
        .run = action_props,
    },
    {
        .name = "apply",
        .args = "FILE",
        .options = apply_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "make the objects match a file",
        .doc = "Adds, changes and deletes objects as needed, all or none.  "
               "FILE has a list of\nobjects; '-' is standard input.  Prints "
               "what was done: '+' for an object that was\ncreated, '-' for "
               "one that was deleted, '~' for properties that were "
               "changed.\n",
        .example = LIST_OF_ONE " | qom apply -dry-run -",
        .flags = VERB_CHANGES,
        .run = action_apply,
    },
    {
        .name = "config",
        .options = print_options,
        .summary = "print the objects as a file for apply",
        .doc = "Prints all objects that users have created, with the "
               "properties that differ from\ntheir defaults.  To apply it "
               "again changes nothing.\n",
        .example = "qom config -object main-loop,id=ml,aio-max-batch=8",
        .run = action_config,
    },
    {
        .name = "call",
        .args = "COMMAND [ARG=VALUE... | JSON]",
        .options = print_options,
        .min_args = 1,
        .max_args = UINT_MAX,
        .summary = "execute any QMP command and print its result",
        .doc = "Executes a command of any program that serves QMP.  Dots build "
               "structure:\nfile.driver=file, arg.0=-l.  The program's schema "
               "says which type a VALUE has.\nJSON may be given where an "
               "object or a list is wanted, or for all arguments.\n",
        .more = MANUAL_CALL,
        .example = "qom call -object main-loop,id=ml qom-get path=ml "
                   "property=aio-max-batch",
        .run = action_call,
    },
    {
        .name = "watch",
        .args = "[PATH | PATH.PROPERTY | NAME]...",
        .options = watch_options,
        .max_args = UINT_MAX,
        .summary = "print what changes in a running program",
        .doc = "Prints a line for each change when it happens: "
               "'PATH.PROPERTY = VALUE' for\nproperties of the objects at "
               "PATH, or for the one that is named; '+ PATH (TYPE)'\nand "
               "'- PATH' for objects that come and go at PATH and below it, "
               "without PATH\nanywhere.  An object that comes back is "
               "watched again.  Ends when the program\ndoes, or with SIGINT "
               "or SIGTERM.\n",
        .example = WATCH_EXAMPLE,
        .flags = VERB_ASKS,
        .run = action_watch,
    },
    {
        .name = "shell",
        .options = shell_options,
        .summary = "execute verbs and commands that are typed",
        .doc = "Reads lines and executes them on one connection: the verbs of "
               "qom, and the\ncommands of the program with ARG=VALUE or JSON, "
               "as 'call' does.  On a terminal\nlines can be edited, the "
               "tabulator key completes words, and a history is kept.\n'help' "
               "lists what can be typed.  Ends with 'exit' or at the end of "
               "the input;\nthe exit status is that of the last line that "
               "failed.\n",
        .more = MANUAL_SHELL,
        .example = "echo 'get ml aio-max-batch' | qom shell -object "
                   "main-loop,id=ml",
        .flags = VERB_ALONE,
        .run = action_shell,
    },
    {
        .name = "top",
        .options = top_options,
        .summary = "show what the event loops of a running program do",
        .doc = "Prints a line for each event loop and each other object with "
               "statistics, again\nafter each interval: CPU time, shares of "
               "time polling, in callbacks and asleep,\nevents per second, "
               "lag (the time for which the loop did not look for events:\n"
               "median, 99 %, longest) and the slowest callback since the "
               "start.\n",
        .example = TOP_EXAMPLE,
        .flags = VERB_ASKS,
        .run = action_top,
    },
    {
        .name = "metrics",
        .options = metrics_options,
        .summary = "print the statistics of a running program for a collector",
        .doc = "Prints the statistics of event loops, thread pools and other "
               "objects as\nOpenMetrics text.  The option -metrics of 'run' "
               "serves the same over HTTP.\n",
        .example = METRICS_EXAMPLE,
        .flags = VERB_ASKS,
        .run = action_metrics,
    },
    {
        .name = "plot",
        .args = "FILE",
        .options = plot_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "draw a recording of 'qom top -record'",
        .doc = "Draws, for each event loop, the share of time in callbacks, "
               "the lag and the\ncallbacks per second over time, as SVG.\n",
        .example = PLOT_EXAMPLE,
        .flags = VERB_SERVES,
        .run = action_plot,
    },
    { .name = NULL },
};

/*
 * ---- Executing ----
 * A verb has one target, which is connected or created before it runs.
 */

/* Executes a verb on the objects of -object, which are deleted afterwards. */
static int run_here(const Verb *verb, Args *args)
{
    Error *err = NULL;
    int status;

    if (!service_add_objects(&args->service, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    status = verb->run(args);
    user_creatable_cleanup();
    return status;
}

/* Executes a verb on the program that serves QMP at @socket. */
static int run_there(const Verb *verb, Args *args, const char *socket)
{
    Error *err = NULL;
    int status;

    if (!target_connect(socket, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    status = verb->run(args);
    /* Closing the connection lets the program drop what belongs to it. */
    target_disconnect();
    return status;
}

/*
 * Returns the socket of the target; NULL for this process.  Objects or plugins
 * on the command line are for this process, so $QOM_SOCKET is then ignored.
 */
static const char *choose_socket(const Args *args)
{
    const char *socket = args->socket;

    if (!socket && !args->service.objects && !args->service.plugins) {
        socket = g_getenv("QOM_SOCKET");
    }
    return socket && *socket ? socket : NULL;
}

/*
 * Checks that the verb can work on its target.  A change of objects in this
 * process is lost when it exits, so without -object it is useless.  With
 * -object the exit status tells whether the change is accepted.
 */
static bool check_target(const Verb *verb, const Args *args,
                         const char *socket, Error **errp)
{
    bool changes = verb->flags & VERB_CHANGES && !args->dry_run;

    if (args->socket && (args->service.objects || args->service.plugins)) {
        error_setg(errp, "option '-s' does not go with '-%s'",
                   args->service.objects ? "object" : "plugin");
        return false;
    }
    if (verb->flags & VERB_ASKS && !socket) {
        error_setg(errp, "a program to ask is needed; give '-s SOCKET' or "
                   "set $QOM_SOCKET");
        return false;
    }
    if (changes && !socket && !args->service.objects) {
        error_setg(errp, "there is nothing to change; give '-s SOCKET' or "
                   "'-object OPTS', or set $QOM_SOCKET");
        return false;
    }
    return true;
}

/*
 * Executes a verb.  Plugins come first, because they provide types for -object
 * and its help.
 */
static int call(const Verb *verb, void *opaque)
{
    Args *args = opaque;
    const char *socket = choose_socket(args);
    g_autofree char *help = NULL;
    Error *err = NULL;

    if (verb->flags & VERB_SERVES) {
        return verb->run(args);
    }
    if (!check_target(verb, args, socket, &err)) {
        return tool_usage_error(verb->name, err);
    }
    if (!service_load(&args->service, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    help = service_get_help(&args->service);
    if (help) {
        return output_foreign_text(help);
    }
    return socket ? run_there(verb, args, socket) : run_here(verb, args);
}

const Tool qom_tool = {
    .name = "qom",
    .version = QOM_VERSION,
    .summary = "create objects, run them, inspect and change them",
    .intro = "Creates objects of QEMU's object model, runs them, and shows "
             "and changes those\nof a running program.\n",
    .description = MANUAL_DESCRIPTION,
    .verbs = verbs,
    .sections = manual_sections,
    .args_size = sizeof(Args),
    .call = call,
    .complete = complete_command_line,
};
