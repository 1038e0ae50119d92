/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of a client.
 *
 * - A pending call waits or is sent.  It waits while the client connects, and
 *   while as many calls in band are sent as the window allows.
 * - The window: with `oob`, QEMU stops reading once eight requests in band are
 *   queued, and then calls out of band could not overtake.
 * - Each pending call has a slot of a table.  The number of the slot is the id
 *   of its request, so a reply is found without a search.  The id has three
 *   digits at most, unless so many calls are pending: QEMU takes about four
 *   microseconds for each byte of a request.  Slots are used in a circle, so
 *   that a second reply to an id is not taken for that of the next call.
 * - A sent call whose user has lost interest, or whose time has passed, stays
 *   in its slot without a function until its reply arrives, so that the reply
 *   is recognized and the number of such calls is limited.
 */
#include "qmp/qmp-client-internal.h"

#include "aio/timer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    WINDOW = 64,        /* calls in band that are sent at a time */
    WINDOW_WITH_OOB = 7,

    MIN_SLOTS = 999,    /* ids up to three digits */
};

/* A call that has not ended; in `waiting` or `sent`, and in a slot. */
struct QmpPendingCall {
    QueueLink link;
    QmpClient *client;
    uint64_t id;   /* of qmp_client_forget(): `n_made` and the slot */
    unsigned slot;
    GString *request; /* (nullable) its text without the end; freed when it is
                         sent */
    bool oob;
    bool is_sent;
    int *fds;      /* (nullable) [n_fds] passed with the request */
    unsigned n_fds;
    QmpReplyFunc *func; /* (nullable) */
    void *opaque;
    int64_t timeout_ns; /* -1: none */
    AioTimer timer;
};

/* A command that is executed for each connection. */
typedef struct QmpSetup {
    GString *start; /* of the request, without its end */
    bool oob;
    QmpReplyFunc *func; /* (nullable) */
    void *opaque;
} QmpSetup;

/* ---- Life ---- */

static void setup_free(void *opaque)
{
    QmpSetup *setup = opaque;

    g_string_free(setup->start, TRUE);
    g_free(setup);
}

void qmp_client_calls_init(QmpClient *c)
{
    c->setups = g_ptr_array_new_with_free_func(setup_free);
    queue_init(&c->waiting);
    queue_init(&c->sent);
}

void qmp_client_calls_cleanup(QmpClient *c)
{
    g_free(c->slots);
    g_ptr_array_unref(c->setups);
}

/* ---- File descriptors ---- */

/* The call gets duplicates, because it may be sent later. */
static void call_take_fds(QmpPendingCall *call, const QmpCall *what)
{
    call->fds = g_new(int, what->n_fds);
    for (unsigned i = 0; i < what->n_fds; i++) {
        call->fds[i] = fcntl(what->fds[i], F_DUPFD_CLOEXEC, 3);
    }
    call->n_fds = what->n_fds;
}

static void call_close_fds(QmpPendingCall *call)
{
    for (unsigned i = 0; i < call->n_fds; i++) {
        if (call->fds[i] >= 0) {
            close(call->fds[i]);
        }
    }
    g_clear_pointer(&call->fds, g_free);
    call->n_fds = 0;
}

/* Returns: (transfer full) why they cannot be sent; NULL if they can */
static Error *find_fd_obstacle(const QmpPendingCall *call)
{
    Error *err = NULL;

    for (unsigned i = 0; i < call->n_fds; i++) {
        if (call->fds[i] < 0) {
            error_setg(&err, "a file descriptor for '%s' cannot be "
                       "duplicated", call->client->name);
            return err;
        }
    }
    if (!aio_stream_can_pass_fds(call->client->stream)) {
        error_setg(&err, "'%s' is no unix socket, so no file descriptor can "
                   "be passed", call->client->name);
    }
    return err;
}

/* ---- Slots ---- */

/* At least half of the slots are free, so a free one is near. */
static void slots_grow(QmpClient *c)
{
    unsigned n_slots = MAX(MIN_SLOTS, 2 * c->n_slots);

    c->slots = g_renew(QmpPendingCall *, c->slots, n_slots);
    memset(c->slots + c->n_slots, 0,
           (n_slots - c->n_slots) * sizeof(*c->slots));
    c->n_slots = n_slots;
}

/* The first call gets slot 1: the request with the id 1 is qmp_capabilities. */
static void slot_take(QmpPendingCall *call)
{
    QmpClient *c = call->client;

    if (2 * c->n_calls >= c->n_slots) {
        slots_grow(c);
    }
    do {
        c->last_slot = (c->last_slot + 1) % c->n_slots;
    } while (c->slots[c->last_slot]);
    c->slots[c->last_slot] = call;
    c->n_calls++;
    call->slot = c->last_slot;
    call->id = ++c->n_made << 32 | call->slot;
}

/* Returns: (nullable) the call in a slot, which may be any number */
static QmpPendingCall *slot_find(const QmpClient *c, uint64_t slot)
{
    return slot < c->n_slots ? c->slots[slot] : NULL;
}

static unsigned request_id_of(const QmpPendingCall *call)
{
    return call->slot + 1;
}

/* Takes the call out of its list and of its slot. */
static void call_free(QmpPendingCall *call)
{
    QmpClient *c = call->client;

    queue_remove(&call->link);
    c->slots[call->slot] = NULL;
    c->n_calls--;
    if (call->is_sent) {
        c->n_inband_sent -= !call->oob;
    }
    timer_del(&call->timer);
    timer_deinit(&call->timer);
    if (call->request) {
        g_string_free(call->request, TRUE);
    }
    call_close_fds(call);
    g_free(call);
}

/* Passes the end of a call to its function.  The call is freed first. */
static void call_end(QmpPendingCall *call, QmpCallStatus status,
                     const JsonItem *result, const Error *error)
{
    const QmpReply reply = { status, result, error };
    QmpReplyFunc *func = call->func;
    void *opaque = call->opaque;

    /* Now, because the function may free the client. */
    call_free(call);
    if (func) {
        func(&reply, opaque);
    }
}

/* Ends a call that cannot be sent. */
static void call_refuse(QmpPendingCall *call, Error *err)
{
    call_end(call, QMP_CALL_NOT_SENT, NULL, err);
    error_free(err);
}

void qmp_client_end_calls(QmpClient *c, const Error *err)
{
    /* A function may free the client. */
    qmp_client_ref(c);
    while (!queue_is_empty(&c->sent)) {
        call_end(container_of(c->sent.next, QmpPendingCall, link),
                 QMP_CALL_LOST, NULL, err);
    }
    while (!queue_is_empty(&c->waiting)) {
        call_end(container_of(c->waiting.next, QmpPendingCall, link),
                 QMP_CALL_NOT_SENT, NULL, err);
    }
    qmp_client_unref(c);
}

/* ---- Time limits ---- */

/* A call that was sent stays in its slot, to recognize its reply. */
static void call_abandon(QmpPendingCall *call)
{
    call->func = NULL;
    if (call->is_sent) {
        timer_del(&call->timer);
    } else {
        call_free(call);
    }
}

/* The status says whether the server may execute the command. */
static void on_timeout(void *opaque)
{
    QmpPendingCall *call = opaque;
    QmpReplyFunc *func = call->func;
    void *func_opaque = call->opaque;
    QmpReply reply = {
        .status = call->is_sent ? QMP_CALL_TIMED_OUT : QMP_CALL_NOT_SENT,
    };
    Error *err = NULL;

    error_setg(&err, "'%s' did not answer within %" PRId64 " ms",
               call->client->name, call->timeout_ns / SCALE_MS);
    reply.error = err;
    call_abandon(call);
    if (func) {
        func(&reply, func_opaque);
    }
    error_free(err);
}

/* The time limit begins when the call is made, also if it has to wait. */
static void start_timer(QmpPendingCall *call)
{
    if (call->timeout_ns >= 0) {
        timer_mod_ns(&call->timer, co_deadline_ns(call->timeout_ns));
    }
}

/* ---- Sending ---- */

/* A call out of band may overtake, so it does not count. */
static bool may_send(const QmpClient *c, const QmpPendingCall *call)
{
    return call->oob ||
           c->n_inband_sent < (c->has_oob ? WINDOW_WITH_OOB : WINDOW);
}

static void send_with_fds(QmpPendingCall *call)
{
    AioStream *stream = call->client->stream;

    aio_stream_queue_with_fds(stream, call->request->str, call->request->len,
                              call->fds, call->n_fds);
    aio_stream_kick(stream);
    /* The stream closes them. */
    g_clear_pointer(&call->fds, g_free);
    call->n_fds = 0;
}

/* Sends a call, or ends it if the connection does not permit it. */
static void call_send(QmpPendingCall *call)
{
    QmpClient *c = call->client;
    Error *err = call->n_fds ? find_fd_obstacle(call) : NULL;

    if (!err && call->oob && !c->has_oob) {
        error_setg(&err, "'%s' does not execute commands out of band",
                   c->name);
    }
    if (err) {
        call_refuse(call, err);
        return;
    }
    qmp_client_request_end(call->request, request_id_of(call));
    queue_remove(&call->link);
    queue_push(&c->sent, &call->link);
    call->is_sent = true;
    if (!call->oob) {
        c->n_inband_sent++;
    }
    if (call->n_fds) {
        send_with_fds(call);
    } else {
        /* If it is the only one in flight, its user waits for it. */
        qmp_client_send_text(c, call->request, c->n_inband_sent <= 1);
    }
    g_string_free(g_steal_pointer(&call->request), TRUE);
}

/* Calls that cannot be sent end, and their functions may free the client. */
void qmp_client_send_waiting(QmpClient *c)
{
    qmp_client_ref(c);
    while (c->state == QMP_CLIENT_READY && !queue_is_empty(&c->waiting)) {
        QmpPendingCall *call = container_of(c->waiting.next, QmpPendingCall,
                                            link);

        if (!may_send(c, call)) {
            break;
        }
        call_send(call);
    }
    qmp_client_unref(c);
}

/*
 * Creates a call that waits.  @start is consumed.  The first of all pending
 * calls starts the count of messages that are no reply.
 */
static QmpPendingCall *call_new(QmpClient *c, GString *start, bool oob,
                                QmpReplyFunc *func, void *opaque)
{
    QmpPendingCall *call = g_new0(QmpPendingCall, 1);

    if (!c->n_calls) {
        c->n_other = 0;
    }
    call->client = c;
    call->request = start;
    call->oob = oob;
    call->func = func;
    call->opaque = opaque;
    call->timeout_ns = c->options.call_timeout_ns;
    aio_timer_init(c->ctx, &call->timer, AIO_CLOCK_REALTIME, SCALE_NS,
                   on_timeout, call);
    queue_push(&c->waiting, &call->link);
    slot_take(call);
    return call;
}

/* Returns: (transfer full) why no call can be made now; NULL if it can */
static Error *find_obstacle(const QmpClient *c)
{
    Error *err = NULL;

    if (c->state == QMP_CLIENT_WAITING) {
        error_setg(&err, "'%s' is not connected", c->name);
    } else if (c->state == QMP_CLIENT_CLOSED) {
        error_setg(&err, "'%s' is not connected any more", c->name);
    } else if (c->n_calls >= c->options.max_calls) {
        error_setg(&err, "more than %u commands are pending for '%s'",
                   c->options.max_calls, c->name);
    }
    return err;
}

uint64_t qmp_client_call(QmpClient *c, const QmpCall *what,
                         QmpReplyFunc *func, void *opaque)
{
    Error *obstacle = find_obstacle(c);
    GString *start = qmp_client_request_start(what);
    QmpPendingCall *call = call_new(c, start, what->oob, func, opaque);
    uint64_t id = call->id;

    /* After the call has its id, and in the same way as any other end. */
    if (obstacle) {
        call_refuse(call, obstacle);
        return id;
    }
    if (what->timeout_ns) {
        call->timeout_ns = what->timeout_ns;
    }
    if (what->n_fds) {
        call_take_fds(call, what);
    }
    start_timer(call);
    /* It does not wait for calls in band. */
    if (c->state == QMP_CLIENT_READY && call->oob) {
        call_send(call);
    } else {
        qmp_client_send_waiting(c);
    }
    return id;
}

void qmp_client_forget(QmpClient *c, uint64_t id)
{
    QmpPendingCall *call = slot_find(c, (uint32_t)id);

    if (call && call->id == id) {
        call_abandon(call);
    }
}

/* ---- Commands for each connection ---- */

/* Sends the command at once, before calls that wait. */
static void send_setup(QmpClient *c, const QmpSetup *setup)
{
    GString *start = g_string_new_len(setup->start->str, setup->start->len);
    QmpPendingCall *call = call_new(c, start, setup->oob, setup->func,
                                    setup->opaque);

    start_timer(call);
    call_send(call);
}

void qmp_client_send_setups(QmpClient *c)
{
    for (guint i = 0; i < c->setups->len && c->state == QMP_CLIENT_READY;
         i++) {
        send_setup(c, c->setups->pdata[i]);
    }
}

void qmp_client_add_setup(QmpClient *c, const QmpCall *call,
                          QmpReplyFunc *func, void *opaque)
{
    QmpSetup *setup = g_new0(QmpSetup, 1);

    setup->start = qmp_client_request_start(call);
    setup->oob = call->oob;
    setup->func = func;
    setup->opaque = opaque;
    g_ptr_array_add(c->setups, setup);
    if (c->state == QMP_CLIENT_READY) {
        send_setup(c, setup);
    }
}

/* ---- Replies ---- */

/*
 * Returns: (nullable) the call that a reply belongs to.  An error without an id
 * is about a request that the server could not parse; it belongs to the oldest.
 */
static QmpPendingCall *find_call(const QmpClient *c, const JsonItem *message)
{
    const JsonItem *item = json_item_member(message, "id");
    QmpPendingCall *call;
    int64_t id;

    if (!item) {
        return json_item_member(message, "error") && !queue_is_empty(&c->sent)
                   ? container_of(c->sent.next, QmpPendingCall, link) : NULL;
    }
    call = json_item_get_int64(item, &id) ? slot_find(c, (uint64_t)id - 1)
                                          : NULL;
    return call && call->is_sent ? call : NULL;
}

bool qmp_client_handle_reply(QmpClient *c, const JsonItem *message,
                             bool *is_reply, Error **errp)
{
    QmpPendingCall *call = json_item_qtype(message) == QTYPE_QDICT
                               ? find_call(c, message) : NULL;
    const JsonItem *result;
    g_autoptr(Error) err = NULL;

    *is_reply = call != NULL;
    if (!call) {
        return true;
    }
    result = json_item_member(message, "return");
    if (!result && !qmp_client_set_server_error(message, &err)) {
        error_setg(errp, "'%s' does not speak QMP: its reply has neither "
                   "result nor error", c->name);
        return false;
    }
    c->n_other = 0;
    /* With its end there is room for a call that waits. */
    call_end(call, result ? QMP_CALL_RETURNED : QMP_CALL_REFUSED, result,
             err);
    qmp_client_send_waiting(c);
    return true;
}
