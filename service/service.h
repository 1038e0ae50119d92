/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a daemon: from its command line to the end of its main loop.
 *
 * service_run() does what `qom run` does.  It loads plugins, creates objects
 * from options and a configuration file, serves QMP, tells the service manager
 * that it is ready, and runs the main loop until SIGTERM, SIGINT, or `quit`
 * from a QMP client.  At SIGHUP it reads the file again.  At the end it
 * undoes all of this in reverse order.
 *
 * service_main() is a whole main():
 *
 *     int main(int argc, char **argv)
 *     {
 *         static const ServiceProgram program = {
 *             .name = "pumpd", .summary = "control pumps",
 *         };
 *
 *         return service_main(&program, argv);
 *     }
 *
 * Thread: main
 * Contract: docs/service.md
 */
#ifndef QOM_SERVICE_SERVICE_H
#define QOM_SERVICE_SERVICE_H

#include "qapi/error.h"
#include "service/options.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

QOM_BEGIN_DECLS

/*
 * What the command line of a service can say.  All zeroes is a service without
 * objects.  The values are borrowed; options_clear() frees the lists.
 */
typedef struct ServiceOptions {
    GPtrArray *plugins;   /* (nullable) of -plugin */
    GPtrArray *objects;   /* (nullable) of -object, -device and -iothread */
    GPtrArray *qmp;       /* (nullable) of -qmp */
    GPtrArray *log;       /* (nullable) of -log */
    const char *metrics;  /* (nullable) of -metrics */
    const char *config;   /* (nullable) of -config; "-": standard input */
    const char *pid_file; /* (nullable) of -pidfile */
    bool check;
    bool daemonize;
    bool exit_with_parent;

    /* Of SERVICE_MAIN_OPTIONS; service_run() ignores them. */
    bool help;
    bool man_page;
    const char *completion;

    bool loaded; /* private: by service_load() */
} ServiceOptions;

/*
 * SERVICE_OBJECT_OPTION, SERVICE_PLUGIN_OPTION: two entries of the table below,
 * for commands that need no others; see service_add_objects()
 */
#define SERVICE_OBJECT_OPTION(Type, member)                               \
    { "object", OPTION_LIST, offsetof(Type, member.objects), "OPTS",      \
      "create an object: TYPE,id=ID,PROPERTY=VALUE,... or the same as\n"  \
      "JSON; 'help' lists the types, 'TYPE,help' the properties", NULL }
#define SERVICE_PLUGIN_OPTION(Type, member)                               \
    { "plugin", OPTION_LIST, offsetof(Type, member.plugins), "FILE",      \
      "load a plugin first, with the types that it adds: a path, or a\n"  \
      "name for the folders of $QOM_PLUGIN_PATH and of installed plugins", \
      NULL }

/**
 * SERVICE_OPTIONS: the entries of an option table that fill a ServiceOptions
 * @Type: the struct into which the table parses
 * @member: its member of type ServiceOptions
 */
#define SERVICE_OPTIONS(Type, member)                                     \
    SERVICE_OBJECT_OPTION(Type, member),                                  \
    { "device", OPTION_LIST, offsetof(Type, member.objects), "OPTS",      \
      "the same as -object", NULL },                                      \
    { "iothread", OPTION_LIST, offsetof(Type, member.objects), "OPTS",    \
      "create an iothread: the same as -object iothread,OPTS",            \
      "iothread," },                                                      \
    SERVICE_PLUGIN_OPTION(Type, member),                                  \
    { "qmp", OPTION_LIST, offsetof(Type, member.qmp), "ADDR",             \
      "serve QMP: 'stdio', 'unix:PATH' or 'tcp::PORT' for a socket,\n"    \
      "'fd:N' for one that was passed; may be given several times", NULL }, \
    { "config", OPTION_TEXT, offsetof(Type, member.config), "FILE",       \
      "create the objects of a file, too, and again at each SIGHUP", NULL }, \
    { "check", OPTION_FLAG, offsetof(Type, member.check), NULL,           \
      "only check the file of -config, and run nothing", NULL },          \
    { "log", OPTION_LIST, offsetof(Type, member.log), "LEVEL",            \
      "write messages to stderr: 'error', 'warning', 'info' or 'debug',\n" \
      "or AREA=LEVEL for one area; creates the object 'log'", NULL },     \
    { "metrics", OPTION_TEXT, offsetof(Type, member.metrics), "ADDR",     \
      "serve metrics over HTTP: 'tcp::PORT' on the loopback device,\n"    \
      "'tcp:HOST:PORT', 'unix:PATH' or 'fd:N'", NULL },                   \
    { "pidfile", OPTION_TEXT, offsetof(Type, member.pid_file), "FILE",    \
      "write the process id there, and lock it", NULL },                  \
    { "daemonize", OPTION_FLAG, offsetof(Type, member.daemonize), NULL,   \
      "run in the background; return when all is ready", NULL },          \
    { "exit-with-parent", OPTION_FLAG,                                    \
      offsetof(Type, member.exit_with_parent), NULL,                      \
      "end when the process that started this one ends", NULL }

/**
 * SERVICE_MAIN_OPTIONS: SERVICE_OPTIONS and what service_main() answers itself
 * @Type: the struct into which the table parses
 * @member: its member of the type ServiceOptions, the first one
 *
 * Two options without a help text are for builds: "-man-page" prints the man
 * page, and "-completion SHELL" a script for bash, zsh or fish.
 */
#define SERVICE_MAIN_OPTIONS(Type, member)                                \
    SERVICE_OPTIONS(Type, member),                                        \
    { "help", OPTION_FLAG, offsetof(Type, member.help), NULL,             \
      "print this text", NULL },                                          \
    { "man-page", OPTION_FLAG, offsetof(Type, member.man_page), NULL,     \
      NULL, NULL },                                                       \
    { "completion", OPTION_TEXT, offsetof(Type, member.completion),       \
      "SHELL", NULL, NULL }

/* How service_run() has ended; to be used as exit status */
typedef enum ServiceStatus {
    SERVICE_STOPPED = 0,
    SERVICE_FAILED = 1,
    SERVICE_MISUSED = 2, /* the options contradict each other */
} ServiceStatus;

/* What a program adds; all may be NULL. */
typedef struct ServiceHooks {
    /*
     * Called when all objects exist, before QMP is served and the manager is
     * told that the service is ready.  Returns false with @errp set to end.
     */
    bool (*start)(void *opaque, Error **errp);
    /* Called if start() has succeeded, before the objects are deleted */
    void (*stop)(void *opaque);
    /*
     * Shows an error that does not end the service: of a reload, or a handler
     * whose file descriptor was closed; @err is borrowed
     */
    void (*report)(const Error *err, void *opaque);
    void *opaque;
} ServiceHooks;

/**
 * service_load: loads the plugins of the options
 * @options: borrowed
 * @errp: set if one cannot be loaded
 *
 * service_run() does it, too, unless the program has done it already, for
 * example to show the help of types.
 *
 * Returns: true; false with @errp set
 */
bool service_load(ServiceOptions *options, Error **errp);

/**
 * service_get_help: what "-object help" and "-object TYPE,help" ask for
 * @options: borrowed
 *
 * Returns: (transfer full) (nullable) lines; NULL if no option asks for help
 */
char *service_get_help(const ServiceOptions *options);

/**
 * service_add_objects: creates the objects of -object, -device and -iothread
 * @options: borrowed
 * @errp: set if one is rejected; the message begins with its option
 *
 * All are created or none, targets of links first.  service_run() does it, too;
 * user_creatable_cleanup() deletes them.
 *
 * Returns: true; false with @errp set
 */
bool service_add_objects(const ServiceOptions *options, Error **errp);

/**
 * service_run: runs a service until it is stopped
 * @options: borrowed
 * @hooks: (nullable) borrowed
 * @errp: set on failure; the message begins with the option
 *
 * With `daemonize` the calling process exits and another one returns.  The main
 * context must not exist before, or only without that option.
 *
 * If stdin, stdout or stderr is closed, /dev/null is opened in its place.
 *
 * The signals that it has watched stay blocked, so that one that arrives late
 * does not change the exit status.
 *
 * Returns: SERVICE_STOPPED; otherwise @errp is set, and nothing is left
 */
ServiceStatus service_run(ServiceOptions *options,
                          const ServiceHooks *hooks, Error **errp);

/* A program, for service_main(), its help, its man page and completion */
typedef struct ServiceProgram {
    const char *name;        /* of the executable file */
    const char *summary;     /* one line without a full stop */
    const char *description; /* (nullable) paragraphs, as in man-text.h */
    /*
     * (nullable) SERVICE_MAIN_OPTIONS and those of the program; ends with an
     * entry without a name.  NULL: the program has no options of its own.
     */
    const Option *options;
    /*
     * (nullable) The first member of the struct of the offsets in `options`,
     * zeroed; it exists until service_main() returns.  NULL if `options` is.
     */
    ServiceOptions *values;
    /* (nullable) Without report(), errors of a reload are shown on stderr. */
    const ServiceHooks *hooks;
} ServiceProgram;

/**
 * service_main: is the main() of a service
 * @program: borrowed
 * @argv: of main()
 *
 * Initializes the types and commands of the program and of the library, parses
 * the options, and runs the service.  It prints help, man page and completion
 * if the options ask for them, and errors on stderr.
 *
 * Returns: a ServiceStatus, the exit status
 */
int service_main(const ServiceProgram *program, char **argv);

/* service_stop: makes service_run() return; it may be called again */
void service_stop(void);

QOM_END_DECLS

#endif
