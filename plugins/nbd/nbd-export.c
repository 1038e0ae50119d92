/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exports: drives that clients can use, on the loops that the user has chosen.
 *
 * The main thread keeps the list of clients and distributes them over the
 * loops.  To move, it drains the old loops, and starts all clients on the new
 * ones.  Opening the drive in a new loop can fail, so prepare() does it.
 */
#include "nbd-internal.h"

#include "aio/aio-wait.h"
#include "qapi-events-nbd.h"

#define QAPI_CLASS_NBD_EXPORT
#include "qapi-classes-nbd.h"

OBJECT_DEFINE_SIMPLE_TYPE(NbdExport, nbd_export, NBD_EXPORT, LOOP_OBJECT)

static const char *export_id(NbdExport *export)
{
    const char *id = object_get_canonical_path_component(OBJECT(export));

    return id ? id : "";
}

static const char *export_name(NbdExport *export)
{
    return export->name && *export->name ? export->name : export_id(export);
}

void nbd_export_get_info(NbdExport *export, NbdExportInfo *info)
{
    const BlockInfo *drive = block_backend_get_info(export->drive);

    *info = (NbdExportInfo){
        .name = export_name(export),
        .description = export->description,
        .size_bytes = drive->size_bytes,
        .block_bytes = MAX(drive->block_bytes, 1),
        .max_transfer_bytes = export->max_transfer_bytes,
        .flags = export->flags,
        .number = export->number,
    };
}

/* ---- Clients ---- */

/* Starts a client on the loop that has the fewest. */
static void start_client(NbdExport *export, NbdClient *client)
{
    NbdLoop *best = export->loops->pdata[0];

    for (guint i = 1; i < export->loops->len; i++) {
        NbdLoop *loop = export->loops->pdata[i];

        best = loop->n_members < best->n_members ? loop : best;
    }
    best->n_members++;
    nbd_client_start(client, best);
}

void nbd_export_add_client(NbdExport *export, NbdClient *client)
{
    client->export = export;
    client->id = ++export->n_clients;
    client->member_index = export->members->len;
    g_ptr_array_add(export->members, client);
    qapi_event_send_nbd_client_connected(export_id(export), client->id,
                                         client->address);
    if (!export->is_moving) {
        start_client(export, client);
    }
}

void nbd_export_del_client(NbdExport *export, NbdClient *client)
{
    GPtrArray *members = export->members;
    NbdClient *last = members->pdata[members->len - 1];

    members->pdata[client->member_index] = last;
    last->member_index = client->member_index;
    g_ptr_array_set_size(members, members->len - 1);
    if (client->next_loop) {
        client->next_loop->n_members--;
    }
    nbd_counters_add(&export->left, &client->counters);
    qapi_event_send_nbd_client_disconnected(export_id(export), client->id,
                                            client->reason);
    aio_wait_kick();
}

static bool client_is_gone(const NbdClient *client)
{
    return atomic_load_explicit(&client->is_gone, memory_order_acquire);
}

/* ---- Errors of the drive ---- */

static void report_error_bh(void *opaque)
{
    NbdExport *export = opaque;
    NbdRequestHeader header;
    uint64_t client;
    uint64_t count;
    int number;

    lock_acquire(&export->error_lock);
    header = export->error_header;
    client = export->error_client;
    count = export->error_count;
    number = export->error_number;
    export->error_count = 0;
    lock_release(&export->error_lock);
    if (object_get_parent(OBJECT(export))) {
        qapi_event_send_nbd_io_error(export_id(export), client,
                                     nbd_operation(header.command),
                                     header.offset_bytes, header.size_bytes,
                                     g_strerror(number), count);
    }
    object_unref(export);
}

void nbd_export_report_error(NbdExport *export, const NbdClient *client,
                             const NbdRequestHeader *header,
                             int error_number)
{
    bool is_first;

    lock_acquire(&export->error_lock);
    export->error_header = *header;
    export->error_client = client->id;
    export->error_number = error_number;
    is_first = export->error_count++ == 0;
    lock_release(&export->error_lock);
    if (is_first) {
        object_ref(export);
        aio_bh_schedule_oneshot(aio_get_main_context(), report_error_bh,
                                export);
    }
}

/* ---- Hooks of LoopObject ---- */

static uint16_t get_flags(const NbdExport *export)
{
    const BlockInfo *drive = block_backend_get_info(export->drive);
    uint16_t flags = NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH |
                     NBD_FLAG_SEND_FUA | NBD_FLAG_SEND_CACHE;

    if (export->writable && !drive->is_read_only) {
        flags |= NBD_FLAG_SEND_TRIM | NBD_FLAG_SEND_WRITE_ZEROES |
                 NBD_FLAG_SEND_FAST_ZERO;
    } else {
        flags |= NBD_FLAG_READ_ONLY;
    }
    return flags | (drive->is_rotational ? NBD_FLAG_ROTATIONAL : 0) |
           (export->multi_conn ? NBD_FLAG_CAN_MULTI_CONN : 0);
}

/* What the handshake sends has a limit. */
static bool check_texts(const NbdExport *export, Error **errp)
{
    if (export->name && strlen(export->name) > NBD_NAME_MAX_BYTES) {
        error_setg(errp, "'name' is longer than %d bytes",
                   NBD_NAME_MAX_BYTES);
        return false;
    }
    if (export->description &&
        strlen(export->description) > NBD_NAME_MAX_BYTES) {
        error_setg(errp, "'description' is longer than %d bytes",
                   NBD_NAME_MAX_BYTES);
        return false;
    }
    return true;
}

static void nbd_export_complete(LoopObject *obj, Error **errp)
{
    NbdExport *export = NBD_EXPORT(obj);
    unsigned n = loop_object_get_n_loops(obj);
    g_autofree AioContext **contexts = g_new(AioContext *, n);
    uint32_t drive_max;

    if (!export->drive) {
        error_setg(errp, "'drive' must be set");
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        contexts[i] = loop_object_get_loop(obj, i);
    }
    drive_max = block_backend_get_info(export->drive)->max_transfer_bytes;
    export->max_transfer_bytes = drive_max
        ? MIN(drive_max, NBD_TRANSFER_MAX_BYTES) : NBD_TRANSFER_MAX_BYTES;
    export->flags = get_flags(export);
    export->new_loops = nbd_loops_open(export, contexts, n, errp);
    if (export->new_loops && !nbd_export_publish(export, errp)) {
        g_clear_pointer(&export->new_loops, g_ptr_array_unref);
    }
}

static bool nbd_export_prepare(LoopObject *obj, AioContext *const *loops,
                               unsigned n_loops, Error **errp)
{
    NbdExport *export = NBD_EXPORT(obj);

    if (!check_texts(export, errp)) {
        return false;
    }
    if (n_loops == 0) {
        return true;
    }
    export->new_loops = nbd_loops_open(export, loops, n_loops, errp);
    return export->new_loops;
}

static void nbd_export_drain(LoopObject *obj)
{
    NbdExport *export = NBD_EXPORT(obj);

    export->is_moving = true;
    nbd_loops_drain(export->loops);
}

static void nbd_export_detach(LoopObject *obj)
{
    NbdExport *export = NBD_EXPORT(obj);

    for (guint i = 0; i < export->members->len; i++) {
        ((NbdClient *)export->members->pdata[i])->next_loop = NULL;
    }
    g_clear_pointer(&export->loops, g_ptr_array_unref);
}

static void nbd_export_attach(LoopObject *obj)
{
    NbdExport *export = NBD_EXPORT(obj);

    export->loops = g_steal_pointer(&export->new_loops);
    export->is_moving = false;
    for (guint i = 0; i < export->members->len; i++) {
        NbdClient *client = export->members->pdata[i];

        if (!client_is_gone(client)) {
            start_client(export, client);
        }
    }
}

/* ---- The object ---- */

/* No client finds the export from now on. */
static void nbd_export_close(LoopObject *obj)
{
    nbd_export_unpublish(NBD_EXPORT(obj));
}

static void nbd_export_end(LoopObject *obj)
{
    NbdExport *export = NBD_EXPORT(obj);

    for (guint i = export->members->len; i > 0; i--) {
        NbdClient *client = export->members->pdata[i - 1];

        if (!client_is_gone(client)) {
            nbd_client_end(client);
        }
    }
    AIO_WAIT_WHILE(NULL, export->members->len > 0);
}

static void nbd_export_refresh(Object *obj, const PropertyRow *row)
{
    NbdExport *export = NBD_EXPORT(obj);

    if (row->type == &qapi_type_NbdStats) {
        NbdCounters sum = { };

        nbd_counters_add(&sum, &export->left);
        for (guint i = 0; i < export->members->len; i++) {
            NbdClient *client = export->members->pdata[i];

            nbd_counters_add(&sum, &client->counters);
        }
        qapi_type_free(&qapi_type_NbdStats, &export->stats);
        export->stats = nbd_counters_describe(&sum);
        nbd_counters_cleanup(&sum);
    } else if (row->type == &qapi_type_NbdClientInfoList) {
        NbdClientInfoList **tail = &export->clients;

        qapi_type_free(&qapi_type_NbdClientInfoList, &export->clients);
        for (guint i = 0; i < export->members->len; i++) {
            NbdClient *client = export->members->pdata[i];
            NbdClientInfo *info = g_new0(NbdClientInfo, 1);

            info->id = client->id;
            info->address = g_strdup(client->address);
            info->loop = client->next_loop ? client->next_loop->index : 0;
            info->stats = nbd_counters_describe(&client->counters);
            QAPI_LIST_APPEND(tail, info);
        }
    }
}

static void nbd_export_init(Object *obj)
{
    static uint64_t last_number;
    NbdExport *export = NBD_EXPORT(obj);

    export->number = ++last_number;
    export->members = g_ptr_array_new();
    export->is_moving = true; /* until attach() */
    lock_init(&export->error_lock);
}

static void nbd_export_finalize(Object *obj)
{
    NbdExport *export = NBD_EXPORT(obj);

    g_free(export->server_links);
    g_ptr_array_unref(export->members);
    nbd_counters_cleanup(&export->left);
}

static void nbd_export_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    klass->property_refresh = nbd_export_refresh;
    lc->complete = nbd_export_complete;
    lc->prepare = nbd_export_prepare;
    lc->drain = nbd_export_drain;
    lc->close = nbd_export_close;
    lc->end = nbd_export_end;
    lc->detach = nbd_export_detach;
    lc->attach = nbd_export_attach;
    object_class_add_properties(klass, nbd_export_properties);
}
