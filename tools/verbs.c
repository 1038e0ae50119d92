/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of verbs of `qom`.
 *
 * Each verb has an entry with its options, texts and function; see tool.h.  A
 * new verb needs an entry here, its options in verb-options.c, a function in
 * verb-functions.h, and the new texts in tests/tool/help.out.
 */
#include "tools/verbs.h"

#include "tools/complete-values.h"
#include "tools/manual.h"
#include "tools/verb-functions.h"
#include "tools/verb-options.h"

#include <limits.h>
#include <stddef.h>

/*
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
    /*
     * The programs: they have no target.  run creates the objects itself, and
     * gateway has none.
     */
    {
        .name = "run",
        .options = run_options,
        .summary = "create objects and run them",
        .doc = "Creates the objects, all or none, those to which others "
               "link first, and runs\nuntil SIGINT, SIGTERM or SIGHUP, until "
               "'quit' over QMP, or until the input of\n-qmp stdio ends.  "
               "Then it deletes the objects in reverse order.  With -config,\n"
               "SIGHUP reads the file again.\n",
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
               "SIGINT or SIGTERM.  SIGHUP opens the file of -log again; "
               "without\none it ends the gateway, too.\n",
        .more = MANUAL_GATEWAY,
        .example = GATEWAY_EXAMPLE,
        .flags = VERB_SERVES,
        .run = action_gateway,
    },
    /*
     * The verbs that show objects.  They can do without a program: with -object
     * they show what such an object would be.
     */
    {
        .name = "tree",
        .args = "[PATH]",
        .options = tree_options,
        .max_args = 1,
        .summary = "show objects with their children and types",
        .doc = "Shows the object at PATH and all below it; without PATH, "
               "all objects.  A line\n'.PROPERTY = VALUE' is about the object "
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
    /* With PATH.PROPERTY one argument is enough. */
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
    /*
     * The verbs that change objects.  A change of this process would be lost at
     * its end, so VERB_CHANGES wants a program, or -object to try it out.
     */
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
        .doc = "Creates an object as -object does, from "
               "TYPE,id=ID,PROPERTY=VALUE,... or the\nsame as JSON.\n",
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
    /* The verbs that show types: those of -plugin, too. */
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
    /* The verbs of configuration files; see docs/configuration.md. */
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
    /* Not VERB_CHANGES, because most commands only query. */
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
    /* Not in this process: nothing changes there while the verb waits. */
    {
        .name = "watch",
        .args = "[PATH | PATH.PROPERTY | NAME]...",
        .options = watch_options,
        .max_args = UINT_MAX,
        .summary = "print what changes in a running program",
        .doc = "Prints a line for each change when it happens: "
               "'PATH.PROPERTY = VALUE' for\nproperties of the objects at "
               "PATH, or for the one that is named; '+ PATH (TYPE)'\nand "
               "'- PATH' for objects that are added and deleted at PATH and "
               "below it,\nwithout PATH anywhere.  An object that is added "
               "again is watched again.  Ends\nwhen the program does, or "
               "with SIGINT or SIGTERM.\n",
        .example = WATCH_EXAMPLE,
        .flags = VERB_ASKS,
        .run = action_watch,
    },
    /* A shell in a shell would use the same terminal and history. */
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
    /*
     * The verbs about statistics, which only a program that runs has.  plot
     * needs no program: it reads what top has written.
     */
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
        .doc = "Draws shares of time, percentiles of the lag, callbacks and "
               "wake-ups per second\nof each event loop over time, as SVG.\n",
        .example = PLOT_EXAMPLE,
        .flags = VERB_SERVES,
        .run = action_plot,
    },
    { .name = NULL },
};

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
    .call = verb_call,
    .complete = complete_command_line,
};
