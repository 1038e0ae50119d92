/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/plugins/block-test.h"
#include "qom/object-property.h"
#include "qom/user-creatable.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <limits.h>
#include <string.h>

void drive_open(Drive *drive, const char *options)
{
    drive->ctx = aio_context_new(&error_abort);
    aio_set_current_context(drive->ctx);
    drive->backend = BLOCK_BACKEND(user_creatable_add_from_str(options,
                                                               &error_abort));
    drive->channel = block_channel_get(drive->backend, &error_abort);
}

void drive_close(Drive *drive)
{
    block_channel_put(drive->channel);
    user_creatable_cleanup();
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(drive->ctx);
}

/* ---- One request ---- */

typedef struct Call {
    BlockChannel *channel;
    BlockRequest req;
    int ret;
    bool is_done;
} Call;

static void coroutine_fn call_run(void *opaque)
{
    Call *call = opaque;

    call->ret = block_co_request(call->channel, &call->req);
    call->is_done = true;
}

static int call_wait(Drive *drive, const BlockRequest *req)
{
    Call call = { .channel = drive->channel, .req = *req };

    coroutine_enter(coroutine_create(call_run, &call));
    while (!call.is_done) {
        aio_poll(drive->ctx, true);
    }
    return call.ret;
}

static int call_buf(Drive *drive, BlockOp op, int64_t offset, void *buf,
                    size_t size, unsigned flags)
{
    const struct iovec iov = { buf, size };

    return call_wait(drive, &(BlockRequest) {
        .op = op, .flags = flags, .offset_bytes = offset, .size_bytes = size,
        .iov = &iov, .n_iov = 1 });
}

static int call_range(Drive *drive, BlockOp op, int64_t offset, int64_t size,
                      unsigned flags)
{
    return call_wait(drive, &(BlockRequest) {
        .op = op, .flags = flags, .offset_bytes = offset,
        .size_bytes = size });
}

int drive_read(Drive *drive, int64_t offset, void *buf, size_t size)
{
    return call_buf(drive, BLOCK_OP_READ, offset, buf, size, 0);
}

int drive_write(Drive *drive, int64_t offset, const void *buf, size_t size,
                unsigned flags)
{
    return call_buf(drive, BLOCK_OP_WRITE, offset, (void *)buf, size, flags);
}

int drive_flush(Drive *drive)
{
    return call_range(drive, BLOCK_OP_FLUSH, 0, 0, 0);
}

int drive_discard(Drive *drive, int64_t offset, int64_t size)
{
    return call_range(drive, BLOCK_OP_DISCARD, offset, size, 0);
}

int drive_write_zeroes(Drive *drive, int64_t offset, int64_t size,
                       unsigned flags)
{
    return call_range(drive, BLOCK_OP_WRITE_ZEROES, offset, size, flags);
}

int drive_status(Drive *drive, int64_t offset, int64_t size,
                 BlockExtent *extents, unsigned max)
{
    return call_wait(drive, &(BlockRequest) {
        .op = BLOCK_OP_STATUS, .offset_bytes = offset, .size_bytes = size,
        .extents = extents, .max_extents = max });
}

uint64_t drive_get_stat(Drive *drive, const char *path)
{
    g_autoptr(JsonNode) node = object_property_get_json(
        OBJECT(drive->backend), "stats", &error_abort);
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    JsonObject *obj = json_node_get_object(node);

    for (unsigned i = 0; names[i + 1]; i++) {
        obj = json_object_get_object_member(obj, names[i]);
    }
    return json_object_get_int_member(obj,
                                      names[g_strv_length(names) - 1]);
}

/* ---- Random requests ---- */

#define MAX_IN_FLIGHT 16
#define MAX_IOV 5
#define MAX_EXTENTS 64

typedef struct Model Model;

typedef struct Slot {
    Model *model;
    BlockRequest req;
    struct iovec iov[MAX_IOV];
    BlockExtent extents[MAX_EXTENTS];
    char *buf;
    bool is_used;
} Slot;

struct Model {
    Drive *drive;
    char *copy;
    int64_t size;
    unsigned align;
    Slot slots[MAX_IN_FLIGHT];
    unsigned n_in_flight;
};

/* Returns: true if a request in flight has a part of the range */
static bool model_is_busy(const Model *model, int64_t offset, int64_t size)
{
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++) {
        const Slot *slot = &model->slots[i];

        if (slot->is_used && offset < slot->req.offset_bytes +
                                          slot->req.size_bytes &&
            slot->req.offset_bytes < offset + size) {
            return true;
        }
    }
    return false;
}

static void choose_range(const Model *model, int64_t *offset, int64_t *size)
{
    int64_t n_units = model->size / model->align;
    int64_t max_units = MIN(n_units, (1 << 17) / model->align + 1);
    int64_t start = g_test_rand_int_range(0, n_units);
    /* Small ones are more likely. */
    int64_t n = 1 + (g_test_rand_int_range(0, max_units) >>
                     g_test_rand_int_range(0, 12));

    *offset = start * model->align;
    *size = MIN(n, n_units - start) * model->align;
    if (model->align == 1 && g_test_rand_int_range(0, 8) == 0) {
        *size = model->size - *offset < (1 << 18) ? model->size - *offset
                                                  : *size;
    }
}

/* Splits the slot's buffer into some pieces. */
static void slot_fill_iov(Slot *slot)
{
    size_t rest = slot->req.size_bytes;
    char *at = slot->buf;
    int n = 0;

    while (rest > 0) {
        size_t part = n == MAX_IOV - 1 || slot->model->align > 1
            ? rest : (size_t)g_test_rand_int_range(0, rest + 1);

        slot->iov[n++] = (struct iovec) { at, part };
        at += part;
        rest -= part;
    }
    slot->req.iov = slot->iov;
    slot->req.n_iov = n;
}

static void check_extents(const Slot *slot, int n)
{
    const char *at = slot->model->copy + slot->req.offset_bytes;
    int64_t sum = 0;

    g_assert_cmpint(n, >=, 1);
    for (int i = 0; i < n; i++) {
        const BlockExtent *extent = &slot->extents[i];

        g_assert_cmpint(extent->size_bytes, >, 0);
        if (i > 0) {
            g_assert_cmpuint(extent->state, !=, slot->extents[i - 1].state);
        }
        for (int64_t k = 0;
             (extent->state & BLOCK_EXTENT_ZERO) && k < extent->size_bytes;
             k++) {
            g_assert_cmpint(at[k], ==, 0);
        }
        at += extent->size_bytes;
        sum += extent->size_bytes;
    }
    g_assert_cmpint(sum, <=, slot->req.size_bytes);
    if ((unsigned)n < slot->req.max_extents) {
        g_assert_cmpint(sum, ==, slot->req.size_bytes);
    }
}

static void slot_check(Slot *slot, int ret)
{
    const BlockRequest *req = &slot->req;
    char *at = slot->model->copy + req->offset_bytes;

    g_assert_cmpint(ret, >=, 0);
    switch (req->op) {
    case BLOCK_OP_READ:
        g_assert_cmpint(memcmp(slot->buf, at, req->size_bytes), ==, 0);
        break;
    case BLOCK_OP_WRITE:
        memcpy(at, slot->buf, req->size_bytes);
        break;
    case BLOCK_OP_WRITE_ZEROES:
    case BLOCK_OP_DISCARD: /* all drives here zero what they discard */
        memset(at, 0, req->size_bytes);
        break;
    case BLOCK_OP_STATUS:
        check_extents(slot, ret);
        break;
    default:
        break;
    }
}

static void coroutine_fn slot_run(void *opaque)
{
    Slot *slot = opaque;

    slot_check(slot, block_co_request(slot->model->drive->channel,
                                      &slot->req));
    g_clear_pointer(&slot->buf, g_aligned_free);
    slot->is_used = false;
    slot->model->n_in_flight--;
}

static void slot_start(Slot *slot, int64_t offset, int64_t size)
{
    static const struct {
        BlockOp op;
        unsigned flags;
    } choices[] = {
        { BLOCK_OP_READ, 0 }, { BLOCK_OP_READ, 0 }, { BLOCK_OP_WRITE, 0 },
        { BLOCK_OP_WRITE, BLOCK_FUA }, { BLOCK_OP_FLUSH, 0 },
        { BLOCK_OP_DISCARD, 0 }, { BLOCK_OP_WRITE_ZEROES, 0 },
        { BLOCK_OP_WRITE_ZEROES, BLOCK_NO_HOLE | BLOCK_FUA },
        { BLOCK_OP_STATUS, 0 },
    };
    int choice = g_test_rand_int_range(0, G_N_ELEMENTS(choices));

    slot->is_used = true;
    slot->model->n_in_flight++;
    slot->req = (BlockRequest) {
        .op = choices[choice].op, .flags = choices[choice].flags,
        .offset_bytes = offset, .size_bytes = size,
        .extents = slot->extents,
        .max_extents = g_test_rand_int_range(1, MAX_EXTENTS + 1),
    };
    if (slot->req.op == BLOCK_OP_FLUSH) {
        slot->req.offset_bytes = 0;
        slot->req.size_bytes = 0;
    }
    slot->buf = g_aligned_alloc(1, size, 4096);
    memset(slot->buf, g_test_rand_int_range(1, 255), size);
    slot_fill_iov(slot);
    coroutine_enter(coroutine_create(slot_run, slot));
}

static Slot *find_free_slot(Model *model)
{
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++) {
        if (!model->slots[i].is_used) {
            return &model->slots[i];
        }
    }
    return NULL;
}

static void compare_all(Model *model)
{
    g_autofree char *data = g_aligned_alloc(1, model->size, 4096);

    g_assert_cmpint(drive_read(model->drive, 0, data, model->size), ==, 0);
    g_assert_cmpint(memcmp(data, model->copy, model->size), ==, 0);
}

void drive_test_model(Drive *drive, unsigned n_requests, unsigned align)
{
    int64_t size = block_backend_get_info(drive->backend)->size_bytes;
    g_autofree char *copy = g_malloc0(size);
    Model *model = g_new0(Model, 1);

    model->drive = drive;
    model->copy = copy;
    model->size = size;
    model->align = align;
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++) {
        model->slots[i].model = model;
    }
    while (n_requests > 0) {
        Slot *slot = find_free_slot(model);
        int64_t offset, n;

        choose_range(model, &offset, &n);
        if (slot && !model_is_busy(model, offset, n)) {
            slot_start(slot, offset, n);
            n_requests--;
        } else {
            aio_poll(drive->ctx, model->n_in_flight > 0);
        }
    }
    while (model->n_in_flight > 0) {
        aio_poll(drive->ctx, true);
    }
    compare_all(model);
    g_free(model);
}
