/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers: accepting connections, and the handshake with each client.
 *
 * Each handshake is a coroutine in the main thread, because exports are objects
 * that belong to the main thread.  All of them are members of one group, which
 * the deletion of the server cancels.  A client that has chosen an export
 * leaves the group and belongs to the export.
 *
 * While the number of connections is at its limit, the listener is paused, and
 * further clients wait in the backlog of the socket.
 */
#include "nbd-internal.h"

#include "qmp/qmp-fd.h"
#include "qom/user-creatable.h"
#include "util/hash.h"

#include <sys/socket.h>
#include <sys/un.h>

#define QAPI_CLASS_NBD_SERVER
#include "qapi-classes-nbd.h"

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(NbdServer, nbd_server, NBD_SERVER,
                                          OBJECT, { TYPE_USER_CREATABLE },
                                          { NULL })

/* ---- Exports ---- */

/* The order in which exports were created */
static int compare_numbers(gconstpointer a, gconstpointer b, gpointer opaque)
{
    const NbdExport *x = a;
    const NbdExport *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static bool get_export(void *opaque, unsigned index, NbdExportInfo *info)
{
    GSequence *exports = ((NbdServer *)opaque)->exports;
    GSequenceIter *iter = g_sequence_get_iter_at_pos(exports, index);

    if (g_sequence_iter_is_end(iter)) {
        return false;
    }
    nbd_export_get_info(g_sequence_get(iter), info);
    return true;
}

/* Returns true if object_apply() has put another object in its place. */
static bool is_replaced(NbdExport *export)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(export));

    return path && object_resolve_path(path, NULL) != OBJECT(export);
}

static bool find_export(void *opaque, const char *name, size_t size_bytes,
                        NbdExportInfo *info)
{
    NbdServer *server = opaque;
    g_autofree char *text = g_strndup(name, size_bytes);
    GSList *same_name = g_hash_table_lookup(server->by_name, text);

    if (!same_name || memchr(name, 0, size_bytes)) {
        return false;
    }
    nbd_export_get_info(same_name->data, info);
    return true;
}

/* @exports: (transfer full) (nullable) all that have the name */
static void set_exports_of_name(NbdServer *server, const char *name,
                                GSList *exports)
{
    if (exports) {
        g_hash_table_insert(server->by_name, g_strdup(name), exports);
    } else {
        g_hash_table_remove(server->by_name, name);
    }
}

/* A name has two exports while object_apply() replaces one by the other. */
bool nbd_server_add_export(NbdServer *server, NbdExport *export,
                           Error **errp)
{
    NbdExportInfo info;
    GSList *same_name;

    nbd_export_get_info(export, &info);
    same_name = g_hash_table_lookup(server->by_name, info.name);
    if (same_name && !is_replaced(same_name->data)) {
        error_setg(errp, "'%s' already has an export with the name '%s'",
                   object_get_canonical_path_component(OBJECT(server)),
                   info.name);
        return false;
    }
    g_sequence_insert_sorted(server->exports, export, compare_numbers, NULL);
    set_exports_of_name(server, info.name, g_slist_prepend(same_name, export));
    return true;
}

/* If another export of the name was replaced by this one, it is back again. */
void nbd_server_del_export(NbdServer *server, NbdExport *export)
{
    GSequenceIter *iter = g_sequence_lookup(server->exports, export,
                                            compare_numbers, NULL);
    NbdExportInfo info;
    GSList *same_name;

    if (!iter) {
        return; /* it could not be completed */
    }
    g_sequence_remove(iter);
    nbd_export_get_info(export, &info);
    same_name = g_hash_table_lookup(server->by_name, info.name);
    set_exports_of_name(server, info.name, g_slist_remove(same_name, export));
}

/* ---- Connections ---- */

static void update_listener(NbdServer *server)
{
    if (server->listener) {
        aio_listener_set_paused(server->listener,
                                server->max_connections &&
                                    server->connections >=
                                        server->max_connections);
    }
}

void nbd_server_client_gone(NbdServer *server)
{
    server->connections--;
    update_listener(server);
    object_unref(server);
}

/* Users without a unix socket have no id, and are not restricted. */
static bool is_allowed(const NbdServer *server, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    struct sockaddr address = { .sa_family = AF_UNSPEC };
    socklen_t address_size = sizeof(address);

    if (!server->allow_uid) {
        return true;
    }
    getsockname(fd, &address, &address_size);
    if (address.sa_family != AF_UNIX) {
        return true;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        return false;
    }
    for (uint32List *uid = server->allow_uid; uid; uid = uid->next) {
        if (uid->value == peer.uid) {
            return true;
        }
    }
    return false;
}

/* ---- The handshake ---- */

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

/*
 * The export may have been deleted since the client has chosen it, because
 * sending the reply can wait.
 *
 * Returns: (nullable) the export
 */
static NbdExport *chosen_export(const Handshake *h, const NbdServer *server)
{
    NbdExport wanted = { .number = h->negotiation.chosen.number };
    GSequenceIter *iter = g_sequence_lookup(server->exports, &wanted,
                                            compare_numbers, NULL);

    return iter ? g_sequence_get(iter) : NULL;
}

static int coroutine_fn handshake_run(void *opaque)
{
    NbdClient *client = opaque;
    NbdServer *server = client->server;
    const NbdExportList list = { get_export, find_export, server };
    Handshake h = { .client = client, .deadline_ns = -1 };
    NbdExport *export = NULL;

    if (server->handshake_timeout) {
        h.deadline_ns = co_deadline_ns(server->handshake_timeout *
                                       INT64_C(1000000));
    }
    h.out = g_byte_array_new();
    nbd_negotiation_init(&h.negotiation, &list);
    if (negotiate(&h)) {
        export = chosen_export(&h, server);
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

static void accept_client(int fd, void *opaque)
{
    NbdServer *server = opaque;

    if (!is_allowed(server, fd)) {
        close(fd);
        return;
    }
    server->connections++;
    update_listener(server);
    co_group_spawn(server->group, NULL, handshake_run,
                   nbd_client_new(server, fd));
}

/* ---- The object ---- */

/* Returns: (nullable) NAME of an address fd:NAME, which is not a number */
static const char *passed_name(const char *address)
{
    const char *name = address + strlen("fd:");

    return g_str_has_prefix(address, "fd:") && *name &&
                   !g_ascii_isdigit(*name)
               ? name : NULL;
}

static bool parse_address(const char *text, AioAddress *address,
                          Error **errp)
{
    const char *name = passed_name(text);

    if (!name) {
        return aio_address_parse(address, text, errp);
    }
    address->kind = AIO_ADDRESS_FD;
    address->fd_is_received = true;
    address->fd = qmp_fd_take(name, errp);
    return address->fd >= 0;
}

/* @mode: (out) permissions of the socket file; 0: the umask decides */
static bool parse_mode(const NbdServer *server, mode_t *mode, Error **errp)
{
    *mode = 0;
    if (!server->mode) {
        return true;
    }
    if (!g_str_has_prefix(server->addr, "unix:")) {
        error_setg(errp, "'mode' needs an address unix:PATH");
        return false;
    }
    return aio_address_parse_mode(server->mode, mode, errp);
}

static void nbd_server_complete(UserCreatable *uc, Error **errp)
{
    NbdServer *server = NBD_SERVER(uc);
    AioAddress address = { 0 };
    mode_t mode;

    if (!server->addr) {
        error_setg(errp, "'addr' must be set");
        return;
    }
    if (!parse_mode(server, &mode, errp) ||
        !parse_address(server->addr, &address, errp)) {
        return;
    }
    address.mode = mode;
    server->listener = aio_listener_new(aio_get_main_context(), &address,
                                        accept_client, server, errp);
    if (server->listener) {
        server->port = aio_listener_get_port(server->listener);
    }
    if (address.fd_is_received) {
        close(address.fd); /* the listener has a duplicate */
    }
    aio_address_clear(&address);
}

/* Values that only take effect in complete() are checked now. */
static bool nbd_server_changed(Object *obj, Error **errp)
{
    NbdServer *server = NBD_SERVER(obj);
    bool is_passed = server->addr && passed_name(server->addr);
    mode_t mode;

    if ((!is_passed && !aio_address_check("addr", server->addr, errp)) ||
        (server->mode &&
         !aio_address_parse_mode(server->mode, &mode, errp))) {
        return false;
    }
    update_listener(server);
    return true;
}

/* Clients in the handshake leave; exports keep theirs. */
static void nbd_server_unparent(Object *obj)
{
    NbdServer *server = NBD_SERVER(obj);

    g_clear_pointer(&server->listener, aio_listener_free);
    co_group_cancel(server->group);
    co_group_wait(server->group);
}

static void nbd_server_init(Object *obj)
{
    NbdServer *server = NBD_SERVER(obj);

    server->group = co_group_new();
    server->exports = g_sequence_new(NULL);
    server->by_name = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                            NULL);
}

static void nbd_server_finalize(Object *obj)
{
    NbdServer *server = NBD_SERVER(obj);

    co_group_free(server->group);
    g_sequence_free(server->exports);
    g_hash_table_unref(server->by_name);
}

static void nbd_server_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = nbd_server_complete;
    klass->properties_changed = nbd_server_changed;
    klass->unparent = nbd_server_unparent;
    object_class_add_properties(klass, nbd_server_properties);
}
