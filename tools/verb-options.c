/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of options of the verbs of `qom`.
 *
 * Option   a row says where in Args the value is stored; see tool.h
 * Macro    an option that several verbs have; its text exists once
 */
#include "tools/verb-options.h"

#include "tools/verbs.h"

#include <stddef.h>

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
const Option run_options[] = {
    SERVICE_OPTIONS(Args, service),
    HELP_OPTION,
    { NULL },
};

/*
 * gateway executes commands on a monitor, and has no objects.  It is a service
 * with the options of one that make sense for it.  Its -log is a place, because
 * there is no object `log` whose property could be it.
 */
const Option gateway_options[] = {
    { "to", OPTION_TEXT, offsetof(Args, to), "ADDR",
      "the monitor: 'unix:PATH', 'tcp:HOST:PORT', 'fd:N'" },
    { "qmp", OPTION_LIST, offsetof(Args, addresses), "ADDR",
      "serve clients there, as 'qom run' does; may be given several\n"
      "times, and have the options 'allow' and 'deny'" },
    { "log", OPTION_TEXT, offsetof(Args, log), "FILE",
      "write a message for each command to FILE, 'stderr' or\n"
      "'journal'" },
    { "poll-max-ns", OPTION_TEXT, offsetof(Args, poll_max_ns), "NS",
      "the longest time to poll before the gateway sleeps\n"
      "(default: 400000); 0 for never" },
    { "pidfile", OPTION_TEXT, offsetof(Args, service.pid_file), "FILE",
      "write the process id there, and lock it" },
    { "daemonize", OPTION_FLAG, offsetof(Args, service.daemonize), NULL,
      "run in the background; return when all is ready" },
    HELP_OPTION,
    { NULL },
};

/* Options of verbs that print a JSON value or its text. */
const Option print_options[] = {
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

const Option tree_options[] = {
    { "values", OPTION_FLAG, offsetof(Args, values), NULL,
      "also show the properties of each object with their values" },
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

/* With set, -json is about the argument; set prints nothing. */
const Option set_options[] = {
    TARGET_OPTIONS,
    { "json", OPTION_FLAG, offsetof(Args, json), NULL, "VALUE is JSON" },
    HELP_OPTION,
    { NULL },
};

/* Options of verbs that change objects and print nothing. */
const Option change_options[] = {
    TARGET_OPTIONS,
    HELP_OPTION,
    { NULL },
};

/* types needs no objects; -object is accepted so that all verbs look alike. */
const Option types_options[] = {
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
const Option apply_options[] = {
    { "dry-run", OPTION_FLAG, offsetof(Args, dry_run), NULL,
      "only print what would be done" },
    TARGET_OPTIONS,
    JSON_OPTION,
    HELP_OPTION,
    { NULL },
};

/* watch has no -object: no other code would change objects of this process. */
const Option watch_options[] = {
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
const Option shell_options[] = {
    { "events", OPTION_FLAG, offsetof(Args, events), NULL,
      "show events of the program when they arrive" },
    TARGET_OPTIONS,
    HELP_OPTION,
    { NULL },
};

/* plot needs neither a program nor objects: it reads a file. */
const Option plot_options[] = {
    { "o", OPTION_TEXT, offsetof(Args, output), "FILE",
      "write to the file, not to stdout" },
    HELP_OPTION,
    { NULL },
};

/* metrics has one form, which the format defines. */
const Option metrics_options[] = {
    SOCKET_OPTION,
    HELP_OPTION,
    { NULL },
};

/* top needs two samples of a program that runs. */
const Option top_options[] = {
    SOCKET_OPTION,
    { "once", OPTION_FLAG, offsetof(Args, once), NULL,
      "end after one interval" },
    { "interval", OPTION_TEXT, offsetof(Args, interval), "SECONDS",
      "time between two samples (default: 1)" },
    { "sort", OPTION_TEXT, offsetof(Args, sort), "COLUMN",
      "loops with the largest value first (default: busy)" },
    { "record", OPTION_TEXT, offsetof(Args, record), "FILE",
      "append each interval to the file, too, as a line of JSON" },
    { "json", OPTION_FLAG, offsetof(Args, json), NULL,
      "print each interval as a line of JSON" },
    HELP_OPTION,
    { NULL },
};
