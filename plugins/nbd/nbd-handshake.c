/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handshake with a client, from the greeting to the choice of an export.
 *
 * It is a coroutine in the main thread, because exports are objects that belong
 * to the main thread.  nbd-negotiation.c handles the options; this file
 * receives them and sends the replies.  A client that has chosen an export
 * belongs to it from then on.  All others are freed.
 */
#include "nbd-internal.h"

typedef struct Handshake {
    NbdClient *client;
    NbdNegotiation negotiation;
    GByteArray *out;
    int64_t deadline_ns;
} Handshake;

/* Returns: false if the client has gone, or is too slow */
static bool coroutine_fn need_input(Handshake *h, size_t size_bytes)
{
    return aio_stream_fill(h->client->stream, size_bytes, h->deadline_ns) >=
           (ssize_t)size_bytes;
}

static const uint8_t *input(Handshake *h)
{
    size_t size_bytes;

    return aio_stream_peek(h->client->stream, &size_bytes);
}

static bool coroutine_fn greet(Handshake *h)
{
    AioStream *stream = h->client->stream;
    uint8_t greeting[NBD_GREETING_BYTES];
    uint32_t flags;

    nbd_put_greeting(greeting);
    aio_stream_queue(stream, greeting, sizeof(greeting));
    if (!need_input(h, 4)) {
        return false;
    }
    flags = nbd_get_u32(input(h));
    aio_stream_consume(stream, 4);
    return nbd_negotiation_set_client_flags(&h->negotiation, flags);
}

/* Sends the replies and waits until the client takes them. */
static bool coroutine_fn send_replies(Handshake *h)
{
    AioStream *stream = h->client->stream;

    aio_stream_queue(stream, h->out->data, h->out->len);
    g_byte_array_set_size(h->out, 0);
    return aio_stream_drain(stream, NBD_OPTION_MAX_BYTES,
                            h->deadline_ns) == 0;
}

/* Returns: the next step; NBD_NEGOTIATION_END also if the client is lost */
static NbdNegotiationStep coroutine_fn handle_option(Handshake *h)
{
    AioStream *stream = h->client->stream;
    NbdNegotiationStep step;
    uint32_t option;
    uint32_t data_bytes;

    if (!need_input(h, NBD_OPTION_HEADER_BYTES) ||
        !nbd_get_option(input(h), &option, &data_bytes)) {
        return NBD_NEGOTIATION_END;
    }
    aio_stream_consume(stream, NBD_OPTION_HEADER_BYTES);
    if (data_bytes > NBD_OPTION_MAX_BYTES) {
        if (aio_stream_skip(stream, data_bytes, h->deadline_ns) !=
            data_bytes) {
            return NBD_NEGOTIATION_END;
        }
        nbd_negotiation_refuse(option, h->out);
        step = NBD_NEGOTIATION_NEXT;
    } else {
        if (data_bytes && !need_input(h, data_bytes)) {
            return NBD_NEGOTIATION_END;
        }
        step = nbd_negotiation_handle(&h->negotiation, option, input(h),
                                      data_bytes, h->out);
        aio_stream_consume(stream, data_bytes);
    }
    return send_replies(h) ? step : NBD_NEGOTIATION_END;
}

/* Returns: true if the client has chosen an export */
static bool coroutine_fn negotiate(Handshake *h)
{
    NbdNegotiationStep step;

    if (!greet(h)) {
        return false;
    }
    do {
        step = handle_option(h);
    } while (step == NBD_NEGOTIATION_NEXT);
    /* The replies are sent before the connection is closed or moves. */
    return aio_stream_flush(h->client->stream, h->deadline_ns) == 0 &&
           step == NBD_NEGOTIATION_START;
}

int coroutine_fn nbd_handshake_run(void *opaque)
{
    NbdClient *client = opaque;
    NbdServer *server = client->server;
    const NbdExportList list = nbd_server_get_list(server);
    Handshake h = { .client = client, .deadline_ns = -1 };
    NbdExport *export = NULL;

    if (server->handshake_timeout) {
        h.deadline_ns = co_deadline_ns(server->handshake_timeout *
                                       INT64_C(1000000));
    }
    h.out = g_byte_array_new();
    nbd_negotiation_init(&h.negotiation, &list);
    if (negotiate(&h)) {
        /* It may have been deleted, because sending the reply can wait. */
        export = nbd_server_find_number(server, h.negotiation.chosen.number);
    }
    g_byte_array_unref(h.out);
    if (!export) {
        nbd_client_free(client);
        return 0;
    }
    client->form = h.negotiation.form;
    client->flags = h.negotiation.chosen.flags;
    client->has_context = h.negotiation.has_context;
    nbd_export_add_client(export, client);
    return 0;
}
