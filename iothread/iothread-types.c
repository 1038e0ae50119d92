/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The descriptors of IOThreadInfo, and the row of the command. */
#include "iothread/iothread-types.h"
#include "qapi/qapi-command.h"
#include "util/module.h"

#define MEMBER(member_name, member_type, field)                             \
    {                                                                       \
        .name = member_name, .type = member_type,                           \
        .offset = offsetof(IOThreadInfo, field),                            \
    }

static const QapiMember iothread_info_members[] = {
    MEMBER("id", &qapi_type_str, id),
    MEMBER("thread-id", &qapi_type_int, thread_id),
    MEMBER("poll-max-ns", &qapi_type_int, poll_max_ns),
    MEMBER("poll-grow", &qapi_type_int, poll_grow),
    MEMBER("poll-shrink", &qapi_type_int, poll_shrink),
    MEMBER("aio-max-batch", &qapi_type_int, aio_max_batch),
    MEMBER("thread-pool-min", &qapi_type_int, thread_pool_min),
    MEMBER("thread-pool-max", &qapi_type_int, thread_pool_max),
    MEMBER("holders", &qapi_type_strList, holders),
};

const QapiType qapi_type_IOThreadInfo = {
    .name = "IOThreadInfo",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(IOThreadInfo),
    .members = iothread_info_members,
    .n_members = G_N_ELEMENTS(iothread_info_members),
};

const QapiType qapi_type_IOThreadInfoList = {
    .name = "IOThreadInfoList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(IOThreadInfoList),
    .element = &qapi_type_IOThreadInfo,
    .value_offset = offsetof(IOThreadInfoList, value),
};

static bool run_query_iothreads(void *arg, void *ret, Error **errp)
{
    ERRP_GUARD();
    IOThreadInfoList *list = qmp_query_iothreads(errp);

    if (*errp) {
        return false;
    }
    *(IOThreadInfoList **)ret = list;
    return true;
}

static const QapiCommand iothread_commands[] = {
    {
        .name = "query-iothreads",
        .ret_type = &qapi_type_IOThreadInfoList,
        .run = run_query_iothreads,
        .doc = "The iothreads that users made, in order of creation.",
    },
};

static void iothread_register_commands(void)
{
    qapi_register_commands(iothread_commands,
                           G_N_ELEMENTS(iothread_commands));
}

module_init(iothread_register_commands, MODULE_INIT_QMP)
