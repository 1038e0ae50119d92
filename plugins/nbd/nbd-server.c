/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers: the exports that they list, and accepting connections.
 *
 * Each connection begins with a handshake, a coroutine.  Those of a server are
 * one group, which the deletion of the server cancels.  A client that has
 * chosen an export belongs to the export, and its coroutine ends.
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

NbdExportList nbd_server_get_list(NbdServer *server)
{
    return (NbdExportList){ get_export, find_export, server };
}

NbdExport *nbd_server_find_number(NbdServer *server, uint64_t number)
{
    NbdExport wanted = { .number = number };
    GSequenceIter *iter = g_sequence_lookup(server->exports, &wanted,
                                            compare_numbers, NULL);

    return iter ? g_sequence_get(iter) : NULL;
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

static void accept_client(int fd, void *opaque)
{
    NbdServer *server = opaque;

    if (!is_allowed(server, fd)) {
        close(fd);
        return;
    }
    server->connections++;
    update_listener(server);
    co_group_spawn(server->group, NULL, nbd_handshake_run,
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
