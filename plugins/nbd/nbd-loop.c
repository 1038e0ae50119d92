/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loops of an export.
 *
 * Each has a channel of the drive, and the clients that belong to it.  An
 * export that moves opens its new loops first.  Then it *drains* the old ones:
 * each lets its clients go, and is drained when the last one belongs to the
 * main thread.
 */
#include "nbd-internal.h"

#include "aio/aio-wait.h"

/* ---- Opening ---- */

static void loop_open_bh(void *opaque)
{
    NbdLoop *loop = opaque;

    loop->channel = block_channel_get(loop->export->drive, &loop->error);
}

static void loop_close_bh(void *opaque)
{
    NbdLoop *loop = opaque;

    nbd_loop_free_spare(loop);
    if (loop->is_draining) {
        block_channel_drain_end(loop->channel);
    }
    block_channel_put(loop->channel);
}

static void loop_free(void *opaque)
{
    NbdLoop *loop = opaque;

    aio_wait_bh_oneshot(loop->ctx, loop_close_bh, loop);
    g_ptr_array_unref(loop->clients);
    g_free(loop);
}

GPtrArray *nbd_loops_open(NbdExport *export, AioContext *const *contexts,
                          unsigned n, Error **errp)
{
    GPtrArray *loops = g_ptr_array_new_with_free_func(loop_free);

    for (unsigned i = 0; i < n; i++) {
        NbdLoop *loop = g_new0(NbdLoop, 1);

        loop->export = export;
        loop->index = i;
        loop->ctx = contexts[i];
        loop->clients = g_ptr_array_new();
        g_queue_init(&loop->waiting);
        g_ptr_array_add(loops, loop);
        aio_wait_bh_oneshot(loop->ctx, loop_open_bh, loop);
        if (!loop->channel) {
            error_propagate(errp, loop->error);
            g_ptr_array_unref(loops);
            return NULL;
        }
    }
    return loops;
}

/* ---- Draining ---- */

void nbd_loop_check_drained(NbdLoop *loop)
{
    if (loop->is_draining && loop->clients->len == 0) {
        atomic_store_explicit(&loop->is_drained, true, memory_order_release);
        aio_wait_kick();
    }
}

/* A client that leaves at once takes its place in the array away. */
static void loop_drain_bh(void *opaque)
{
    NbdLoop *loop = opaque;

    loop->is_draining = true;
    block_channel_drain_begin(loop->channel);
    for (guint i = loop->clients->len; i > 0; i--) {
        nbd_client_leave(loop->clients->pdata[i - 1]);
    }
    nbd_loop_check_drained(loop);
}

static bool all_drained(const GPtrArray *loops)
{
    for (guint i = 0; i < loops->len; i++) {
        NbdLoop *loop = loops->pdata[i];

        if (!atomic_load_explicit(&loop->is_drained, memory_order_acquire)) {
            return false;
        }
    }
    return true;
}

void nbd_loops_drain(GPtrArray *loops)
{
    for (guint i = 0; i < loops->len; i++) {
        NbdLoop *loop = loops->pdata[i];

        aio_bh_schedule_oneshot(loop->ctx, loop_drain_bh, loop);
    }
    AIO_WAIT_WHILE(NULL, !all_drained(loops));
}
