/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LockFile: one process at a time, for what is done to a path.
 *
 * The lock of PATH is a write lock on the file "PATH.lock", which only its
 * owner can open.  So nobody else can hold it: flock(2) on a folder, and also
 * a read lock, can be had by everyone who may read the file.  The file is
 * deleted when the lock is released; one that a killed process has left is
 * used again.
 *
 * Whoever may create files in the folder can still get in the way, by creating
 * the file or PATH itself first.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_UTIL_LOCK_FILE_H
#define QOM_UTIL_LOCK_FILE_H

#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct LockFile {
    char *path; /* of the lock itself */
    int fd;
} LockFile;

/**
 * lock_file_take: take the lock of a path
 * @lock: filled in on success
 * @path: what the lock is for; need not exist
 *
 * Waits for up to two seconds for another process to release it.
 *
 * Returns: 0; -EAGAIN if another process keeps it; another negative errno value
 *          if its file cannot be created
 */
int lock_file_take(LockFile *lock, const char *path);

/* lock_file_release: release it; @lock can be taken again afterwards */
void lock_file_release(LockFile *lock);

QOM_END_DECLS

#endif
