/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work in another thread: create an iothread, schedule a function in its event
 * loop, wait for the result, and read a property of the iothread.
 */
#include "aio/aio-wait.h"
#include "iothread/iothread.h"
#include "util/module.h"
#include "util/thread.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct Sum {
    int64_t up_to;
    int64_t result;
    int thread_id;
} Sum;

/* Called in the thread of the iothread. */
static void add_up(void *opaque)
{
    Sum *sum = opaque;

    for (int64_t i = 1; i <= sum->up_to; i++) {
        sum->result += i;
    }
    sum->thread_id = thread_get_id();
}

int main(void)
{
    Sum sum = { .up_to = 100 };
    IOThread *iothread;

    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_fatal);
    iothread = iothread_create("adder", &error_fatal);

    /* The loop of this thread runs while it waits, so it stays responsive. */
    aio_wait_bh_oneshot(iothread_get_aio_context(iothread), add_up, &sum);
    printf("the sum is %" PRId64 "\n", sum.result);
    printf("added up in %s\n",
           sum.thread_id == iothread_get_thread_id(iothread) ? "the iothread"
                                                             : "main");
    printf("poll-max-ns is %" PRId64 "\n",
           object_property_get_int(OBJECT(iothread), "poll-max-ns",
                                   &error_fatal));

    iothread_destroy(iothread);
    return 0;
}
