/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A verb is executed on its target, which is connected or created before it
 * runs.
 *
 * Target: with -s or $QOM_SOCKET a running program; otherwise this process, in
 * which the objects of -object are created first and deleted afterwards.
 */
#include "tools/verbs.h"

#include "qom/user-creatable.h"
#include "tools/output.h"
#include "tools/target.h"

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
 * -object the exit status says whether the change is accepted.
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

/* Plugins come first, because they provide types for -object and its help. */
int verb_call(const Verb *verb, void *opaque)
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
