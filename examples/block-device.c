/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A disk in memory with two queues: a starting point for other devices.
 *
 * The class derives from LoopObject, so users choose the iothread of each
 * queue: `iothread`, `iothreads`, or neither for a private thread.  A request
 * runs in the loop of its queue.  When the user moves the disk to other loops,
 * the requests that are in flight are completed first.
 */
#include "aio/aio-wait.h"
#include "iothread/loop-object.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <stdatomic.h>
#include <stdio.h>

#define TYPE_RAM_DISK "ram-disk"
OBJECT_DECLARE_SIMPLE_TYPE(RamDisk, RAM_DISK)

struct RamDisk {
    LoopObject parent_obj;

    int64_t size;         /* property */
    uint8_t *data;        /* NULL until complete */
    atomic_int in_flight; /* requests */
    atomic_int n_done;
};

OBJECT_DEFINE_SIMPLE_TYPE(RamDisk, ram_disk, RAM_DISK, LOOP_OBJECT)

static const PropertyRow ram_disk_rows[] = {
    PROPERTY_INT("size", RamDisk, size, .def = 65536, .min = 512,
                 .unit = "bytes", .set = PROPERTY_SET_CREATE),
    PROPERTY_END
};

/* ---- Requests ---- */

typedef struct Request {
    RamDisk *disk;
    uint64_t offset;
    uint8_t value; /* to be added to the byte there */
} Request;

/* In the thread of the queue's loop. */
static void request_run(void *opaque)
{
    Request *request = opaque;
    RamDisk *disk = request->disk;

    disk->data[request->offset] += request->value;
    g_free(request);
    disk->n_done++;
    disk->in_flight--;
    aio_wait_kick(); /* the main thread may wait in drain() */
}

/* In the main thread. */
static void submit(RamDisk *disk, unsigned queue, uint64_t offset,
                   uint8_t value)
{
    const Request request = { disk, offset, value };

    disk->in_flight++;
    aio_bh_schedule_oneshot(
        loop_object_get_queue_loop(LOOP_OBJECT(disk), queue), request_run,
        g_memdup2(&request, sizeof(request)));
}

/* ---- Hooks of LoopObject, in the main thread ---- */

static void complete(LoopObject *obj, Error **errp)
{
    RamDisk *disk = RAM_DISK(obj);

    disk->data = g_try_malloc0(disk->size);
    if (!disk->data) {
        error_setg(errp, "there is no memory for the disk");
    }
}

/* The loops change only when nothing is scheduled in the old ones. */
static void drain(LoopObject *obj)
{
    AIO_WAIT_WHILE(NULL, RAM_DISK(obj)->in_flight > 0);
}

static unsigned get_n_queues(LoopObject *obj)
{
    return 2;
}

static void ram_disk_init(Object *obj)
{
}

static void ram_disk_finalize(Object *obj)
{
    g_free(RAM_DISK(obj)->data);
}

static void ram_disk_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    lc->complete = complete;
    lc->drain = drain;
    lc->get_n_queues = get_n_queues;
    object_class_add_properties(klass, ram_disk_rows);
}

/* The user creates a disk before the iothreads that it names, and moves it. */
int main(void)
{
    static const char *const options[] = {
        "ram-disk,id=disk,iothreads.0=io0,iothreads.1=io1",
        "iothread,id=io0", "iothread,id=io1",
    };
    unsigned failed;
    RamDisk *disk;

    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_fatal);
    user_creatable_add_list(options, 3, &failed, &error_fatal);
    disk = RAM_DISK(object_resolve_path("disk", NULL));
    for (int i = 0; i < 1000; i++) {
        submit(disk, i % 2, i % 2, 1);
        if (i == 500) {
            g_autoptr(JsonNode) one = json_from_string("['io1']", NULL);

            object_property_set_json(OBJECT(disk), "iothreads", one,
                                     &error_fatal);
        }
    }
    drain(LOOP_OBJECT(disk));
    printf("%d requests, byte 0 is %u\n", disk->n_done, disk->data[0]);
    user_creatable_cleanup();
    return 0;
}
