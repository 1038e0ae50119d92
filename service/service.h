/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a daemon: from its command line to the end of its main loop.
 *
 * service_run() does what `qom run` does.  It loads plugins, creates objects
 * from options and a configuration file, serves QMP, tells the service manager
 * that it is ready, and runs the main loop until SIGTERM, SIGINT, or `quit`
 * from a QMP client.  At SIGHUP it reads the file again.  Then it undoes all in
 * reverse order.
 *
 *     typedef struct Args {
 *         ServiceOptions service;
 *         bool help;
 *     } Args;
 *
 *     static const Option options[] = {
 *         SERVICE_OPTIONS(Args, service),
 *         { "help", OPTION_FLAG, offsetof(Args, help), NULL, "print this" },
 *         { },
 *     };
 *
 *     if (!options_parse(options, argv + 1, &args, rest, &err)) {
 *         ...
 *     }
 *     status = service_run(&args.service, NULL, &err);
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
      "write the number of the process there, and lock it", NULL },       \
    { "daemonize", OPTION_FLAG, offsetof(Type, member.daemonize), NULL,   \
      "run in the background; return when all is ready", NULL },          \
    { "exit-with-parent", OPTION_FLAG,                                    \
      offsetof(Type, member.exit_with_parent), NULL,                      \
      "end when the process that started this one ends", NULL }

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
    /* Shows an error that does not end the service; @err is borrowed */
    void (*report)(const Error *err, void *opaque);
    void *opaque;
} ServiceHooks;

/**
 * service_load: loads the plugins of the options
 * @options: borrowed
 * @errp: set if one cannot be loaded
 *
 * service_run() does it, too.  A program that shows the help of types does it
 * first, and passes options without plugins to service_run(), because a plugin
 * cannot be loaded twice.
 *
 * Returns: true; false with @errp set
 */
bool service_load(const ServiceOptions *options, Error **errp);

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
 * Returns: SERVICE_STOPPED; otherwise @errp is set, and nothing is left
 */
ServiceStatus service_run(const ServiceOptions *options,
                          const ServiceHooks *hooks, Error **errp);

/**
 * service_main: is the main() of a service without options of its own
 * @name: of the program, with which messages on stderr begin
 * @argv: of main()
 * @hooks: (nullable) borrowed; NULL shows errors on stderr, and no more
 *
 * Initializes the types and commands of the program and of the library, parses
 * SERVICE_OPTIONS and -help, and runs the service.
 *
 * Returns: a ServiceStatus, the exit status
 */
int service_main(const char *name, char **argv, const ServiceHooks *hooks);

/* service_stop: makes service_run() return; it may be called again */
void service_stop(void);

QOM_END_DECLS

#endif
