/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recognizing QEMU's guest agent.
 *
 * The agent sends no greeting, has no negotiation, and may still send the end
 * of a reply to an earlier client.  `guest-sync-delimited` answers with a byte
 * that no JSON contains, QMP_AGENT_DELIMITER, before its reply; everything
 * before it is old.  The same byte before the request ends what an earlier
 * client has begun to send.
 *
 * A server of QMP that is silent because it serves another client first gets
 * the request, too.  It sends its greeting then, and two errors.
 */
#include "qmp/qmp-client-internal.h"

#include "aio/coroutine/coroutine-sleep.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

typedef struct AgentSync {
    QmpClient *client;
    int64_t id;        /* of the request */
    int64_t number;    /* that the reply returns */
    JsonDoc *greeting; /* (nullable) of a server that was late */
    bool has_delimiter;
    bool is_agent;
    bool is_done;
} AgentSync;

/* Returns true if the server stays silent for `silence_ns`. */
static bool coroutine_fn is_silent(QmpClient *c, int64_t deadline_ns)
{
    int64_t silence_ns = co_deadline_ns(c->options.silence_ns);

    return silence_ns < deadline_ns &&
           aio_stream_fill(c->stream, 1, silence_ns) == -ETIMEDOUT;
}

/* The number is random, so that no reply to an earlier client has it. */
static void send_sync(AgentSync *sync)
{
    QmpClient *c = sync->client;
    const char delimiter = (char)QMP_AGENT_DELIMITER;
    g_autofree char *arguments = NULL;

    sync->number = g_random_int_range(1, G_MAXINT32);
    arguments = g_strdup_printf("{\"id\": %" PRId64 "}", sync->number);
    aio_stream_queue(c->stream, &delimiter, 1);
    sync->id = qmp_client_send_request(c, "guest-sync-delimited", arguments);
}

/* Returns true if the member @name of @message is the number. */
static bool has_number(const JsonItem *message, const char *name,
                       int64_t number)
{
    const JsonItem *item = json_item_member(message, name);
    g_autoptr(JsonNode) node = item ? json_item_to_node(item) : NULL;
    int64_t n;

    return node && json_number_get_int64(node, &n) && n == number;
}

/* Handles a message; @doc is consumed.  Others than these are old. */
static void handle(AgentSync *sync, JsonDoc *doc)
{
    const JsonItem *message = json_doc_root(doc);

    if (json_item_qtype(message) == QTYPE_QDICT) {
        if (sync->has_delimiter &&
            has_number(message, "return", sync->number)) {
            sync->is_agent = sync->is_done = true;
        } else if (!sync->greeting && json_item_member(message, "QMP")) {
            sync->greeting = g_steal_pointer(&doc);
        } else if (sync->greeting && has_number(message, "id", sync->id)) {
            /* The error about the request, which is the last one. */
            sync->is_done = true;
        }
    }
    json_doc_free(doc);
}

/* Parses what has arrived, up to the next delimiter. */
static void parse(AgentSync *sync)
{
    QmpClient *c = sync->client;
    size_t n_bytes;
    const char *bytes = aio_stream_peek(c->stream, &n_bytes);
    const char *end = memchr(bytes, QMP_AGENT_DELIMITER, n_bytes);

    n_bytes = end ? (size_t)(end - bytes) : n_bytes;
    json_stream_feed(c->parser, bytes, n_bytes);
    aio_stream_consume(c->stream, n_bytes + (end ? 1 : 0));
    if (end) {
        json_stream_flush(c->parser);
        sync->has_delimiter = true;
        g_queue_clear_full(&c->received, (GDestroyNotify)json_doc_free);
    }
    /* What is old may be cut anywhere. */
    g_clear_pointer(&c->parse_error, error_free);
    while (!sync->is_done && !g_queue_is_empty(&c->received)) {
        handle(sync, g_queue_pop_head(&c->received));
    }
}

bool qmp_client_find_agent(QmpClient *c, int64_t deadline_ns,
                           JsonDoc **greeting, Error **errp)
{
    AgentSync sync = { .client = c };
    size_t n_bytes = 0;

    c->is_agent = false;
    *greeting = NULL;
    if (!c->options.silence_ns || !is_silent(c, deadline_ns)) {
        return true;
    }
    send_sync(&sync);
    while (!sync.is_done) {
        ssize_t n = aio_stream_fill(c->stream, 1, deadline_ns);

        n_bytes += MAX(n, 0);
        if (n <= 0 || n_bytes > c->options.max_message_bytes) {
            qmp_client_set_stream_error(c, n > 0 ? -EMSGSIZE : n, errp);
            json_doc_free(sync.greeting);
            return false;
        }
        parse(&sync);
    }
    c->message_bytes = 0;
    c->is_agent = sync.is_agent;
    *greeting = sync.greeting;
    return true;
}
