/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running as a service: a process in the background, a pid file, and messages
 * to the service manager.
 *
 * Contract: docs/configuration.md, "Running as a service"
 */
#ifndef QOM_TOOLS_SERVICE_H
#define QOM_TOOLS_SERVICE_H

#include "qapi/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/* ---- In the background ---- */

/**
 * daemonize: continues in a new process, in a new session that it does not lead
 * @errp: set if no process can be created
 *
 * The calling process waits.  It exits with 0 when the new process calls
 * daemonize_ready().  If the new process ends before, it exits with the same
 * status.  To be called while the process has one thread.
 *
 * Returns: true in the new process; false with @errp set
 */
bool daemonize(Error **errp);

/*
 * daemonize_ready: ends the process that called daemonize(), and opens
 * /dev/null as stdin, stdout and stderr.  Without daemonize() it does nothing.
 */
void daemonize_ready(void);

/* ---- The pid file ---- */

typedef struct PidFile {
    char *path; /* NULL: none */
    int fd;     /* holds a write lock as long as the process lives */
    struct stat id; /* of the file, to recognize a file that replaced it */
} PidFile;

/**
 * pid_file_init: writes the process id into a file and locks the file
 * @file: filled in; pid_file_cleanup() it
 * @path: copied; a file that no process has locked for writing is replaced, a
 *        symbolic link is refused
 * @errp: set if the file cannot be written or belongs to another process
 *
 * The file is replaced by rename(): a reader sees the whole id, or the old
 * file.
 *
 * Returns: true; false with @errp set, and the old file is untouched
 */
bool pid_file_init(PidFile *file, const char *path, Error **errp);

/*
 * pid_file_cleanup: deletes the file unless another one has replaced it; does
 * nothing if @file is all zeroes.
 */
void pid_file_cleanup(PidFile *file);

/* ---- The service manager ---- */

/**
 * notify_service_manager: sends a message to $NOTIFY_SOCKET, if that is set
 * @message: lines "NAME=VALUE", as in sd_notify(3)
 *
 * Failures are ignored: the program works without a manager.
 */
void notify_service_manager(const char *message);

#endif
