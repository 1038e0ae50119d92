/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pid files, of which each belongs to a running process.
 *
 * Contract: docs/configuration.md, "Running as a service"
 */
#ifndef QOM_SERVICE_PID_FILE_INTERNAL_H
#define QOM_SERVICE_PID_FILE_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>
#include <sys/stat.h>

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

#endif
