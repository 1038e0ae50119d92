/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client is driven by one coroutine, which connects, negotiates, and then
 * receives messages until the connection ends; with `reconnect` it starts over.
 *
 * - Limits: a limit that is exceeded, malformed JSON and a reply that is none
 *   end the connection in the same way as the server can: the coroutine gets an
 *   error, and passes it on to everything that waits.
 * - Life: the coroutine has a reference to the client.  Closing the client
 *   cancels the coroutine, which closes the connection when it ends.
 */
#include "qmp/qmp-client-internal.h"

#include "aio/coroutine/coroutine-sleep.h"
#include "util/programming-error.h"

#include <errno.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

/* A server creates the file of its socket a moment before it listens. */
#define REFUSED_TRIES 4
#define REFUSED_PAUSE_NS (20 * SCALE_MS)

/* ---- Life ---- */

/* References are counted without atomic operations: one thread uses them. */
void qmp_client_ref(QmpClient *c)
{
    c->n_refs++;
}

void qmp_client_unref(QmpClient *c)
{
    if (--c->n_refs > 0) {
        return;
    }
    qmp_client_calls_cleanup(c);
    qmp_client_events_cleanup(c);
    /* It belongs to the stream once the coroutine has started. */
    if (c->address.kind == AIO_ADDRESS_FD && c->address.fd >= 0) {
        close(c->address.fd);
    }
    aio_address_clear(&c->address);
    json_doc_free(c->greeting);
    error_free(c->failure);
    g_free(c->name);
    g_free(c);
}

/* ---- State ---- */

void qmp_client_on_state(QmpClient *c, QmpClientStateFunc *func, void *opaque)
{
    c->state_func = func;
    c->state_opaque = opaque;
}

bool qmp_client_is_open(const QmpClient *c)
{
    return c->state != QMP_CLIENT_CLOSED;
}

const char *qmp_client_get_name(const QmpClient *c)
{
    return c->name;
}

const JsonItem *qmp_client_get_greeting(const QmpClient *c)
{
    return c->greeting ? json_item_member(json_doc_root(c->greeting), "QMP")
                       : NULL;
}

bool qmp_client_has_oob(const QmpClient *c)
{
    return c->has_oob;
}

/* Wakes up coroutines first, because the function may free the client. */
static void report_state(QmpClient *c, const Error *reason)
{
    co_enter_all(&c->changed, NULL);
    if (c->state_func) {
        c->state_func(c, c->state, reason, c->state_opaque);
    }
}

/* ---- The connection ---- */

/*
 * A program that waits for the file of a socket may connect before the server
 * listens.  It is refused as if there were no server.
 *
 * Returns: as aio_address_connect()
 */
static int coroutine_fn connect_socket(const AioAddress *address,
                                       int64_t deadline_ns, Error **errp)
{
    ERRP_GUARD();
    int fd = aio_address_connect(address, deadline_ns, errp);

    for (int i = 1; fd == -ECONNREFUSED && i < REFUSED_TRIES &&
         address->kind == AIO_ADDRESS_UNIX; i++) {
        if (co_sleep_ns(AIO_CLOCK_REALTIME, REFUSED_PAUSE_NS) < 0) {
            break;
        }
        g_clear_pointer(errp, error_free);
        fd = aio_address_connect(address, deadline_ns, errp);
    }
    return fd;
}

/* Returns: a connected socket; a negative number with @errp set */
static int coroutine_fn open_socket(QmpClient *c, int64_t deadline_ns,
                                    Error **errp)
{
    Error *err = NULL;
    int fd;

    /* There is only one attempt. */
    if (c->address.kind == AIO_ADDRESS_FD) {
        fd = c->address.fd;
        c->address.fd = -1;
        return fd;
    }
    fd = connect_socket(&c->address, deadline_ns, &err);
    if (fd == -ETIMEDOUT || fd == -ECANCELED) {
        qmp_client_set_stream_error(c, fd, errp);
        error_free(err);
    } else if (fd < 0 && c->address.kind == AIO_ADDRESS_UNIX) {
        error_setg_errno(errp, -fd, "can't connect to '%s'", c->name);
        error_free(err);
    } else {
        error_propagate(errp, err);
    }
    return fd;
}

/* One deadline applies to the connection and the negotiation together. */
static bool coroutine_fn connect_to_server(QmpClient *c, Error **errp)
{
    int64_t deadline_ns = co_deadline_ns(c->options.connect_timeout_ns);
    int fd = open_socket(c, deadline_ns, errp);

    if (fd < 0) {
        return false;
    }
    c->stream = aio_stream_new(c->ctx, fd);
    qmp_client_receive_start(c);
    return qmp_client_greet(c, deadline_ns, errp);
}

/* Called by the coroutine, which is the only reader of the stream. */
static void disconnect(QmpClient *c)
{
    g_clear_pointer(&c->stream, aio_stream_free);
    qmp_client_receive_stop(c);
    c->has_oob = false;
}

void qmp_client_resume(QmpClient *c)
{
    c->is_paused = false;
    co_enter_all(&c->resumed, NULL);
}

/* The wait ends when the coroutine is cancelled. */
static void coroutine_fn wait_while_paused(QmpClient *c)
{
    while (c->is_paused && c->state == QMP_CLIENT_READY) {
        if (co_queue_wait_until(&c->resumed, NULL, -1) < 0) {
            return;
        }
    }
}

/* Handles messages until the connection ends; sets @errp. */
static void coroutine_fn serve(QmpClient *c, Error **errp)
{
    while (c->state == QMP_CLIENT_READY) {
        JsonDoc *doc;

        wait_while_paused(c);
        doc = qmp_client_receive(c, -1, errp);
        if (!doc || !qmp_client_handle(c, doc, errp)) {
            return;
        }
    }
    qmp_client_set_stream_error(c, -ECANCELED, errp);
}

/* The order is that of "qmp/qmp-client.h": setup, function, other calls. */
static void become_ready(QmpClient *c)
{
    c->state = QMP_CLIENT_READY;
    c->is_paused = c->owns_ctx;
    c->n_other = 0;
    qmp_client_send_setups(c);
    if (c->state == QMP_CLIENT_READY) { /* else a function has closed it */
        report_state(c, NULL);
    }
    qmp_client_send_waiting(c);
}

/*
 * Ends a connection or an attempt, because of @err, unless the user has ended
 * it.  The user's functions learn of calls first and then of the state.
 */
static void fail(QmpClient *c, const Error *err)
{
    disconnect(c);
    if (c->state == QMP_CLIENT_CLOSED) {
        return;
    }
    /* Set first: calls that the functions of ended calls make end, too. */
    c->state = c->options.reconnect ? QMP_CLIENT_WAITING : QMP_CLIENT_CLOSED;
    error_free(c->failure);
    c->failure = error_copy(err);
    qmp_client_end_calls(c, err);
    report_state(c, err);
}

/*
 * Connects once, and returns when the connection has ended.  A connection that
 * was good lets the delay begin with its smallest value again.
 */
static void coroutine_fn run_once(QmpClient *c, int64_t *delay_ns)
{
    Error *err = NULL;

    if (connect_to_server(c, &err) && c->state != QMP_CLIENT_CLOSED) {
        *delay_ns = c->options.min_delay_ns;
        become_ready(c);
        serve(c, &err);
    }
    fail(c, err);
    error_free(err);
}

/*
 * The first wait lets the caller of qmp_client_new() register its functions
 * before anything is received.
 */
static void coroutine_fn client_run(void *opaque)
{
    QmpClient *c = opaque;
    int64_t delay_ns = c->options.min_delay_ns;
    int ret = co_sleep_ns(AIO_CLOCK_REALTIME, 0);

    while (ret == 0 && c->state == QMP_CLIENT_CONNECTING) {
        run_once(c, &delay_ns);
        if (c->state != QMP_CLIENT_WAITING) {
            break;
        }
        /* Also after a good connection: the server may fail at once. */
        ret = co_sleep_ns(AIO_CLOCK_REALTIME, delay_ns);
        delay_ns = MIN(delay_ns * 2, c->options.max_delay_ns);
        if (c->state == QMP_CLIENT_WAITING) {
            c->state = QMP_CLIENT_CONNECTING;
            report_state(c, NULL);
        }
    }
    c->co = NULL;
    qmp_client_unref(c);
}

/* ---- Creating and closing ---- */

/* Returns: the options with defaults, and without what they borrow */
static QmpClientOptions complete_options(const QmpClientOptions *from)
{
    QmpClientOptions o = *from;

    o.address = NULL;
    o.name = NULL;
    o.connect_timeout_ns = o.connect_timeout_ns ?: 10 * NS_PER_S;
    o.call_timeout_ns = o.call_timeout_ns ?: -1;
    o.min_delay_ns = o.min_delay_ns ?: 100 * SCALE_MS;
    o.max_delay_ns = MAX(o.max_delay_ns ?: 10 * NS_PER_S, o.min_delay_ns);
    o.max_message_bytes = o.max_message_bytes ?: JSON_MAX_TEXT;
    o.max_unread_bytes = o.max_unread_bytes ?: 32 * 1024 * 1024;
    o.max_kept_events = o.max_kept_events ?: 65536;
    o.max_calls = o.max_calls ?: 16384;
    return o;
}

QmpClient *qmp_client_new(AioContext *ctx, const QmpClientOptions *options,
                          Error **errp)
{
    AioAddress address;
    QmpClient *c;

    if (!aio_address_parse(&address, options->address, errp)) {
        return NULL;
    }
    c = g_new0(QmpClient, 1);
    c->stop_fd = -1;
    c->n_refs = 1;
    c->ctx = ctx;
    c->address = address;
    c->name = g_strdup(options->name ?: options->address);
    c->options = complete_options(options);
    c->state = QMP_CLIENT_CONNECTING;
    co_queue_init(&c->changed);
    co_queue_init(&c->resumed);
    g_queue_init(&c->received);
    qmp_client_calls_init(c);
    qmp_client_events_init(c);
    if (options->reconnect && address.kind == AIO_ADDRESS_FD) {
        error_setg(errp, "'%s' cannot be connected to again", c->name);
        qmp_client_unref(c);
        return NULL;
    }
    if (!in_aio_context_home_thread(ctx)) {
        programming_error("qmp_client_new(): the calling thread does not run "
                          "the context of the client");
    }
    /* The reference of the coroutine. */
    qmp_client_ref(c);
    c->co = coroutine_create(client_run, c);
    coroutine_enter(c->co);
    return c;
}

void qmp_client_close(QmpClient *c)
{
    QmpClientThread thread;
    Error *err = NULL;

    if (c->state == QMP_CLIENT_CLOSED) {
        return;
    }
    qmp_client_ref(c);
    thread = qmp_client_enter(c);
    c->state = QMP_CLIENT_CLOSED;
    /* The coroutine closes the connection, now or when the caller yields. */
    if (c->co) {
        coroutine_cancel(c->co);
    }
    qmp_client_set_stream_error(c, -ECANCELED, &err);
    qmp_client_end_calls(c, err);
    error_free(err);
    co_enter_all(&c->changed, NULL);
    /* No other code runs a context that the client owns. */
    while (c->owns_ctx && c->co && !in_coroutine()) {
        aio_poll(c->ctx, true);
    }
    qmp_client_leave(thread);
    qmp_client_unref(c);
}

void qmp_client_free(QmpClient *c)
{
    AioContext *own_ctx;

    if (!c) {
        return;
    }
    /* No function is called for states and events from here on. */
    own_ctx = c->owns_ctx ? c->ctx : NULL;
    c->state_func = NULL;
    qmp_client_drop_listeners(c);
    qmp_client_close(c);
    qmp_client_unref(c);
    if (own_ctx) {
        aio_context_unref(own_ctx);
    }
}
