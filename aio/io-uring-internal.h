/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all users of io_uring tell when the kernel refuses a ring.
 */
#ifndef QOM_AIO_IO_URING_INTERNAL_H
#define QOM_AIO_IO_URING_INTERNAL_H

#include "qapi/error.h"

#include <errno.h>

/* Sets the error for io_uring_setup(2), which has failed with @err. */
static inline void io_uring_set_refused(Error **errp, int err)
{
    switch (err) {
    case EPERM:
    case EACCES:
        error_setg_errno(errp, err, "io_uring is forbidden by the sysctl "
                         "kernel.io_uring_disabled or by a seccomp filter");
        break;
    case ENOSYS:
        error_setg_errno(errp, err, "The kernel has no io_uring");
        break;
    case EINVAL:
        error_setg_errno(errp, err, "io_uring needs Linux 6.1 or newer");
        break;
    default:
        error_setg_errno(errp, err, "Cannot set up io_uring");
        break;
    }
}

#endif
