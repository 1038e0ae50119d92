/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O with io_uring, in a build without liburing: not available.
 */
#include "aio/file/file-io-internal.h"
#include "qapi/error.h"

static FileEngine *uring_create(AioContext *ctx, Error **errp)
{
    error_setg(errp, "io_uring is not part of this build");
    return NULL;
}

const FileEngineOps file_io_uring_ops = {
    .kind = AIO_FILE_ENGINE_IO_URING,
    .create = uring_create,
};
