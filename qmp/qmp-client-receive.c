/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a client receives.
 *
 * - Bytes: the coroutine feeds them to the parser in small pieces, and checks
 *   the limits after each.
 * - Messages: the parser queues them.  They are handled after it has returned,
 *   because a user's function may close or free the client.
 */
#include "qmp/qmp-client-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What is parsed between two checks of the limits. */
#define PIECE_BYTES (16 * 1024)

/* ---- Receiving ---- */

/* The callback of the parser.  Messages before an error are used. */
static void on_message(void *opaque, JsonDoc *doc, Error *err)
{
    QmpClient *c = opaque;

    if (c->parse_error) {
        json_doc_free(doc);
        error_free(err);
    } else if (doc) {
        c->message_bytes = 0;
        g_queue_push_tail(&c->received, doc);
    } else {
        c->parse_error = err;
    }
}

void qmp_client_receive_start(QmpClient *c)
{
    c->parser = json_stream_new_doc(on_message, c);
    c->message_bytes = 0;
    c->has_eof = false;
    c->n_other = 0;
}

void qmp_client_receive_stop(QmpClient *c)
{
    g_clear_pointer(&c->parser, json_stream_free);
    g_queue_clear_full(&c->received, (GDestroyNotify)json_doc_free);
    g_clear_pointer(&c->parse_error, error_free);
}

void qmp_client_set_stream_error(const QmpClient *c, ssize_t ret,
                                 Error **errp)
{
    switch (-ret) {
    case 0:
    case EPIPE:
    case ECONNRESET:
        error_setg(errp, "'%s' closed the connection", c->name);
        break;
    case ETIMEDOUT:
        error_setg(errp, "'%s' did not answer within %" PRId64 " ms", c->name,
                   c->options.connect_timeout_ns / SCALE_MS);
        break;
    case ECANCELED:
        error_setg(errp, "the connection to '%s' was closed", c->name);
        break;
    default:
        error_setg_errno(errp, -ret, "can't read from '%s'", c->name);
        break;
    }
}

/* Checks what has arrived of a message that is not complete. */
static bool check_size(const QmpClient *c, Error **errp)
{
    size_t max_bytes = c->options.max_message_bytes;

    if (c->message_bytes <= max_bytes) {
        return true;
    }
    if (max_bytes % (1024 * 1024) == 0) {
        error_setg(errp, "'%s' sent more than %zu MiB at once", c->name,
                   max_bytes >> 20);
    } else {
        error_setg(errp, "'%s' sent more than %zu bytes at once", c->name,
                   max_bytes);
    }
    return false;
}

/*
 * Parses a piece of the input that has arrived.  A user may execute
 * guest-sync-delimited, too; its delimiter has no meaning then.
 */
static void parse_piece(QmpClient *c)
{
    size_t n_bytes;
    const char *bytes = aio_stream_peek(c->stream, &n_bytes);
    const char *delimiter = c->is_agent
                                ? memchr(bytes, QMP_AGENT_DELIMITER, n_bytes)
                                : NULL;

    n_bytes = delimiter ? (size_t)(delimiter - bytes) : n_bytes;
    /* A message that ends in the piece sets the count to zero. */
    n_bytes = MIN(n_bytes, PIECE_BYTES);
    c->message_bytes += n_bytes;
    if (!g_queue_is_empty(&c->kept)) {
        c->unread_bytes += n_bytes;
    }
    json_stream_feed(c->parser, bytes, n_bytes);
    if (delimiter == bytes + n_bytes) {
        n_bytes++;
    }
    aio_stream_consume(c->stream, n_bytes);
}

JsonDoc *qmp_client_receive(QmpClient *c, int64_t deadline_ns, Error **errp)
{
    while (g_queue_is_empty(&c->received)) {
        ssize_t n;

        if (c->parse_error) {
            error_setg(errp, "'%s' does not speak QMP: %s", c->name,
                       error_get_pretty(c->parse_error));
            return NULL;
        }
        /* Sends requests that are queued before it waits. */
        n = aio_stream_fill(c->stream, 1, deadline_ns);
        if (n <= 0) {
            c->has_eof = n == 0 || n == -ECONNRESET;
            qmp_client_set_stream_error(c, n, errp);
            return NULL;
        }
        parse_piece(c);
        if (!check_size(c, errp)) {
            return NULL;
        }
    }
    return g_queue_pop_head(&c->received);
}

/* ---- Handling ---- */

bool qmp_client_count_other(QmpClient *c, Error **errp)
{
    if (!c->options.max_other || ++c->n_other <= c->options.max_other) {
        return true;
    }
    error_setg(errp, "'%s' sent more than %u events before its reply",
               c->name, c->options.max_other);
    return false;
}

/* While no call is pending, any number of messages may arrive: events do, and
 * late replies. */
bool qmp_client_handle(QmpClient *c, JsonDoc *doc, Error **errp)
{
    const JsonItem *message = json_doc_root(doc);
    bool is_event = qmp_client_event_name(message) != NULL;
    bool is_reply = false;
    bool ok = is_event ||
              qmp_client_handle_reply(c, message, &is_reply, errp);

    if (ok && !is_reply && c->n_calls) {
        ok = qmp_client_count_other(c, errp);
    }
    if (ok && is_event) {
        return qmp_client_handle_event(c, doc, errp);
    }
    json_doc_free(doc);
    return ok;
}
