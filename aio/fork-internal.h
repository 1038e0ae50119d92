/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Contexts in a child process.  fork.c explains them.
 */
#ifndef QOM_AIO_FORK_INTERNAL_H
#define QOM_AIO_FORK_INTERNAL_H

#include "aio/aio.h"

void aio_fork_init(AioContext *ctx);

/* Returns: true if the context was created before the last fork().  Any
 * thread. */
bool aio_is_inherited(AioContext *ctx);

/* Aborts, naming @function, if the context was inherited.  Any thread. */
void aio_assert_not_inherited(AioContext *ctx, const char *function);

/* Closes the child's copies of the file descriptors; the memory stays. */
void aio_close_inherited(AioContext *ctx);

#endif
