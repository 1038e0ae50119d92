/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of the monitor with io_uring, in a build without liburing. */
#include "aio/context-internal.h"
#include "qapi/error.h"

static void *fdmon_no_io_uring_open(AioContext *ctx, Error **errp)
{
    error_setg(errp, "io_uring is not part of this build");
    return NULL;
}

const FdMonOps fdmon_io_uring_ops = {
    .name = "io_uring",
    .kind = AIO_FD_MONITOR_IO_URING,
    .open = fdmon_no_io_uring_open,
};
