/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LockFile: a lock between processes for changes of a path.
 *
 * The lock of PATH is a write lock on the file "PATH.lock", which only its
 * owner can open.  Other users can therefore not hold it.  They could hold an
 * flock(2) on the folder or a read lock, because both need no more than read
 * permission. The file is deleted when the lock is released; a file that a
 * killed process has left is used again.
 *
 * A user who may create files in the folder can still interfere, by creating
 * the file or PATH itself first.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_UTIL_LOCK_FILE_H
#define QOM_UTIL_LOCK_FILE_H

#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct LockFile {
    char *path; /* of the lock file */
    int fd;
} LockFile;

/**
 * lock_file_take: takes the lock of a path
 * @lock: filled in on success
 * @path: the path to lock; copied; it need not exist
 *
 * Waits for up to two seconds for another process to release it.
 *
 * Returns: 0; -EAGAIN if another process keeps it; another negative errno value
 *          if its file cannot be created
 */
int lock_file_take(LockFile *lock, const char *path);

/* lock_file_release: releases the lock; @lock can be taken again afterwards. */
void lock_file_release(LockFile *lock);

QOM_END_DECLS

#endif
