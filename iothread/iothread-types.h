/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What query-iothreads answers.
 *
 * Contract: docs/iothread.md; QEMU 10's IOThreadInfo, and beyond it the thread
 * pool and the holders
 */
#ifndef QOM_IOTHREAD_IOTHREAD_TYPES_H
#define QOM_IOTHREAD_IOTHREAD_TYPES_H

#include "qapi/qapi-builtin-types.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct IOThreadInfo {
    char *id;
    int64_t thread_id;
    int64_t poll_max_ns; /* nanoseconds */
    int64_t poll_grow;
    int64_t poll_shrink;
    int64_t aio_max_batch;
    int64_t thread_pool_min;
    int64_t thread_pool_max;
    strList *holders; /* paths of the properties that link to it */
} IOThreadInfo;

typedef struct IOThreadInfoList {
    struct IOThreadInfoList *next;
    IOThreadInfo *value;
} IOThreadInfoList;

extern const QapiType qapi_type_IOThreadInfo;
extern const QapiType qapi_type_IOThreadInfoList;

/**
 * qmp_query_iothreads: the iothreads that users made, in order of creation
 *
 * Returns: (transfer full) free with qapi_free_IOThreadInfoList(); NULL when
 * there are none
 * Thread: main
 */
IOThreadInfoList *qmp_query_iothreads(Error **errp);

static inline void qapi_free_IOThreadInfoList(IOThreadInfoList *obj)
{
    qapi_type_free(&qapi_type_IOThreadInfoList, &obj);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(IOThreadInfoList, qapi_free_IOThreadInfoList)

QOM_END_DECLS

#endif
