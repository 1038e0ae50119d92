/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program that runs in the background owes to who started it: a
 * process of its own, a file with its number, and word of when it is ready.
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
 * daemonize: go on in a process of one's own, in a new session that it does
 *            not lead
 * @errp: set when there is none to be had
 *
 * The process that called waits: it exits with 0 when daemonize_ready() is
 * called, and else with the status with which the new process ends, which
 * says on stderr what is wrong.  To be called while there is one thread.
 *
 * Returns: true in the new process; false with @errp set
 */
bool daemonize(Error **errp);

/* daemonize_ready: let the caller go, and with it stdin, stdout and stderr;
 * no effect without daemonize() */
void daemonize_ready(void);

/* ---- The file with the process's number ---- */

typedef struct PidFile {
    char *path; /* NULL: none */
    int fd;     /* locked as long as the process lives */
    struct stat id;
} PidFile;

/**
 * pid_file_init: write the process's number into a file, and lock it
 * @file: filled in
 * @path: a file that no process has locked for writing is taken over; a
 *        symbolic link is refused
 * @errp: set when it cannot be written or is another process's, and then there
 *        is no new file
 *
 * Who reads the file sees a whole number, or the file of before.
 */
bool pid_file_init(PidFile *file, const char *path, Error **errp);

/* pid_file_cleanup: delete the file if it is still ours; @file may be zeroes */
void pid_file_cleanup(PidFile *file);

/* ---- The service manager ---- */

/**
 * notify_service_manager: send a message to $NOTIFY_SOCKET, if there is one
 * @message: lines "NAME=VALUE", as sd_notify(3) has them
 *
 * A manager that does not listen is none of the program's problems.
 */
void notify_service_manager(const char *message);

#endif
