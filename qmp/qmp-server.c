/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server is an object with an address and a list of clients, which
 * qmp-server-client.c keeps.
 *
 * Life: complete() starts the server; unparent() stops it, which closes all
 * connections.  qmp_server_new() creates an object of the same class for the
 * option -qmp; it is not part of the configuration.
 *
 * Deletion: a client may delete any server but the one that it uses, because it
 * could not receive the reply.  A server also stays while a hook that one of
 * its sessions has called is waiting.
 *
 * Shutdown: the server ends nothing itself.  `quit`, and the end of the
 * conversation on stdio, schedule a bottom half that calls the handler of the
 * program, outside of any command.
 */
#include "qmp/qmp-server-internal.h"

#include "qmp/qmp-fd.h"
#include "qmp/qmp-observer-internal.h"
#include "qmp/qmp-session-internal.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <string.h>
#include <unistd.h>

/* QEMU 11.1's name of the class.  There are no chardevs here, so its property
 * `chardev` is the address. */
#define TYPE_MONITOR_QMP "monitor-qmp"

typedef struct QmpMonitor {
    QmpServer parent_obj;
    char *chardev;
} QmpMonitor;

DECLARE_INSTANCE_CHECKER(QmpMonitor, QMP_MONITOR, TYPE_MONITOR_QMP)

#include "qmp/qapi-classes-qmp-server.h"

/* Used only by the main thread. */
static void (*shutdown_fn)(void *opaque);
static void *shutdown_opaque;

void qmp_set_shutdown_handler(void (*fn)(void *opaque), void *opaque)
{
    shutdown_fn = fn;
    shutdown_opaque = opaque;
}

/* May delete the server. */
static void on_shutdown(void *opaque)
{
    if (shutdown_fn) {
        shutdown_fn(shutdown_opaque);
    }
}

/* A child process must not touch what its parent sends. */
bool qmp_server_is_inherited(const QmpServer *server)
{
    return server->process_id != getpid();
}

/* ---- Starting and stopping ---- */

/* What is checked here depends on the address as well. */
static bool start_listening(QmpServer *server, Error **errp)
{
    AioAddress *socket = &server->address.socket;

    if (server->mode &&
        !aio_address_parse_mode(server->mode, &socket->mode, errp)) {
        return false;
    }
    if (socket->kind == AIO_ADDRESS_TCP && !server->allow_remote &&
        !qmp_address_make_local(&server->address, errp)) {
        return false;
    }
    if (server->address.fd_name) {
        socket->fd = qmp_fd_take(server->address.fd_name, errp);
        socket->fd_is_received = true;
        if (socket->fd < 0) {
            return false;
        }
    }
    server->listener = aio_listener_new(server->ctx, socket,
                                        qmp_server_accept, server, errp);
    if (server->address.fd_name) {
        close(socket->fd); /* the listener has a duplicate */
    }
    if (server->listener) {
        server->port = aio_listener_get_port(server->listener);
    }
    return server->listener;
}

/* On failure the caller stops the server. */
static bool start_serving(QmpServer *server, Error **errp)
{
    if (!qmp_address_parse(&server->address, server->addr, errp) ||
        !qmp_server_check_options(server, errp)) {
        return false;
    }
    if (server->address.kind == QMP_ADDRESS_STDIO) {
        if (!qmp_server_claim_stdio(server, errp)) {
            return false;
        }
        qmp_server_add_client(server, aio_stream_new_borrowed(
                                          server->ctx, STDIN_FILENO,
                                          STDOUT_FILENO));
        return true;
    }
    if (!server->server) {
        server->connector = qmp_connector_new(server, errp);
        return server->connector;
    }
    qmp_server_set_awaited(server, server->wait);
    return start_listening(server, errp);
}

/*
 * Does nothing if the server has not been started, or has been stopped.  The
 * listener ends first, so that no client is added while others are removed.
 */
static void stop(QmpServer *server)
{
    if (!server->is_started) {
        return;
    }
    server->is_started = false;
    qmp_server_set_awaited(server, false);
    g_clear_pointer(&server->listener, aio_listener_free);
    g_clear_pointer(&server->connector, qmp_connector_free);
    qmp_server_remove_clients(server);
    qmp_server_release_stdio(server);
    g_clear_pointer(&server->handshake_timer, timer_free);
    aio_bh_delete(server->delete_bh);
    aio_bh_delete(server->shutdown_bh);
    qmp_observer_stop();
    g_clear_pointer(&server->ctx, aio_context_unref);
    qmp_address_clear(&server->address);
}

/* @ctx: the loop, of which the server takes a reference */
static bool start(QmpServer *server, AioContext *ctx, Error **errp)
{
    module_call_init(MODULE_INIT_QMP);
    qmp_observer_start(ctx);
    aio_context_ref(ctx);
    server->ctx = ctx;
    server->process_id = getpid();
    server->shutdown_bh = aio_bh_new(ctx, on_shutdown, NULL);
    server->delete_bh = aio_bh_new(ctx, qmp_server_on_unused, server);
    server->is_started = true;
    if (!start_serving(server, errp)) {
        stop(server);
        return false;
    }
    return true;
}

/* ---- The classes ---- */

/* qmp_server_new() has chosen a loop; other servers use the main loop. */
static void qmp_server_complete(UserCreatable *uc, Error **errp)
{
    QmpServer *server = QMP_SERVER(uc);
    AioContext *ctx = server->ctx ? server->ctx : aio_get_main_context();

    if (!server->addr) {
        error_setg(errp, "Parameter 'addr' is missing");
    } else if (!ctx) {
        error_setg(errp, "The program has no main loop that could serve QMP");
    } else {
        start(server, ctx, errp);
    }
}

/* There are no chardevs, so `chardev` is the address itself. */
static void monitor_qmp_complete(UserCreatable *uc, Error **errp)
{
    QmpMonitor *monitor = QMP_MONITOR(uc);
    QmpServer *server = QMP_SERVER(uc);

    if (!monitor->chardev) {
        error_setg(errp, "Parameter 'chardev' is missing");
        return;
    }
    if (server->addr) {
        error_setg(errp, "'addr' and 'chardev' exclude each other");
        return;
    }
    server->addr = g_strdup(monitor->chardev);
    qmp_server_complete(uc, errp);
}

/* The first message is that of QEMU 11.1, which clients may compare. */
static bool qmp_server_may_be_deleted(UserCreatable *uc, Error **errp)
{
    QmpServer *server = QMP_SERVER(uc);
    QmpSession *current = qmp_session_current();
    QueueLink *link;

    QUEUE_FOREACH(link, &server->clients) {
        QmpConnection *conn = container_of(link, QmpConnection, link);
        QmpSession *session = qmp_connection_session(conn);

        if (session == current) {
            error_setg(errp, "Cannot delete the current QMP monitor");
            return false;
        }
        if (qmp_session_is_in_use(session)) {
            error_setg(errp, "QMP server '%s' is executing a command",
                       object_get_canonical_path_component(OBJECT(server)));
            return false;
        }
    }
    return true;
}

/*
 * Values that only take effect later are checked now, before a socket exists.
 * So `-check` finds errors in them, too.
 */
static bool qmp_server_changed(Object *obj, Error **errp)
{
    QmpServer *server = QMP_SERVER(obj);
    mode_t mode;

    return qmp_address_check("addr", server->addr, errp) &&
           (!server->mode ||
            aio_address_parse_mode(server->mode, &mode, errp));
}

/* The class of QEMU has its address in another property. */
static bool monitor_qmp_changed(Object *obj, Error **errp)
{
    return qmp_address_check("chardev", QMP_MONITOR(obj)->chardev, errp) &&
           qmp_server_changed(obj, errp);
}

/* Clients get the event of the deletion before they are disconnected. */
static void qmp_server_unparent(Object *obj)
{
    stop(QMP_SERVER(obj));
}

/* Properties have the defaults of their rows already. */
static void qmp_server_instance_init(Object *obj)
{
    QmpServer *server = QMP_SERVER(obj);

    queue_init(&server->clients);
    server->stats = g_new0(QmpServerStats, 1);
}

static void qmp_server_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = qmp_server_complete;
    USER_CREATABLE_CLASS(klass)->may_be_deleted = qmp_server_may_be_deleted;
    klass->properties_changed = qmp_server_changed;
    klass->unparent = qmp_server_unparent;
    object_class_add_properties(klass, qmp_server_properties);
}

static void monitor_qmp_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = monitor_qmp_complete;
    klass->properties_changed = monitor_qmp_changed;
    object_class_add_properties(klass, monitor_qmp_properties);
}

static const InterfaceInfo interfaces[] = { { TYPE_USER_CREATABLE }, { } };

static const TypeInfo types[] = {
    {
        .name = TYPE_QMP_SERVER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(QmpServer),
        .instance_init = qmp_server_instance_init,
        .class_init = qmp_server_class_init,
        .interfaces = interfaces,
    },
    {
        .name = TYPE_MONITOR_QMP,
        .parent = TYPE_QMP_SERVER,
        .instance_size = sizeof(QmpMonitor),
        .class_init = monitor_qmp_class_init,
    },
};

DEFINE_TYPES(types)

/* ---- Servers of the option -qmp ---- */

/* Returns: the first id that is free; QEMU uses the same ids */
static char *free_id(void)
{
    Object *objects = object_get_objects_root();
    unsigned n = 0;
    char *id;

    while (id = g_strdup_printf("compat_monitor%u", n++),
           object_property_find(objects, id)) {
        g_free(id);
    }
    return id;
}

/* The address is opened when the object is completed, which is now. */
QmpServer *qmp_server_new_forwarding(AioContext *ctx, const char *address,
                                     QmpForward *forward, Error **errp)
{
    g_autofree char *id = NULL;
    QmpServer *server;

    module_call_init(MODULE_INIT_QOM);
    id = free_id();
    server = QMP_SERVER(object_new(TYPE_QMP_SERVER));
    server->ctx = ctx;
    server->forward = forward;
    if (!qmp_server_set_text(server, address, errp) ||
        !user_creatable_add_builtin(OBJECT(server), id, errp)) {
        object_unref(server);
        return NULL;
    }
    return server;
}

QmpServer *qmp_server_new(AioContext *ctx, const char *address, Error **errp)
{
    return qmp_server_new_forwarding(ctx, address, NULL, errp);
}

bool qmp_server_check_address(const char *address, Error **errp)
{
    QmpServer *server;
    bool ok;

    module_call_init(MODULE_INIT_QOM);
    server = QMP_SERVER(object_new(TYPE_QMP_SERVER));
    ok = qmp_server_set_text(server, address, errp) &&
         qmp_address_parse(&server->address, server->addr, errp) &&
         qmp_server_check_options(server, errp);
    qmp_address_clear(&server->address);
    object_unref(server);
    return ok;
}

void qmp_server_free(QmpServer *server)
{
    if (!server) {
        return;
    }
    /* Clients need not learn that their own server is deleted. */
    stop(server);
    /* Does nothing if a client or the program has deleted the object. */
    object_unparent(OBJECT(server));
    object_unref(server);
}

unsigned qmp_server_n_clients(const QmpServer *server)
{
    return server->connections;
}
