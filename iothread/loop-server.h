/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LoopServer: the base class of objects that serve clients of a socket.
 *
 * The object listens on the address of its property `addr`.  Each client that
 * connects gets a stream and a coroutine, in which the class serves it.
 * Clients take the loops of the object in turn, and move with the object while
 * they are served (iothread/loop-object.h).  When the object is deleted, the
 * waits of all clients are cancelled, and the deletion waits for their end.
 *
 * A derived class implements serve(), in which it counts requests and replies
 * for the property `stats`.  If it overrides a hook of LoopObject or
 * ObjectClass other than prepare() and drain(), the hook calls the one of
 * TYPE_LOOP_SERVER.
 *
 * Thread: main, unless a function says otherwise
 * Contract: docs/iothread.md, "Servers"
 */
#ifndef QOM_IOTHREAD_LOOP_SERVER_H
#define QOM_IOTHREAD_LOOP_SERVER_H

#include "aio/net/stream.h"
#include "iothread/loop-object.h"
#include "util/lock.h"

QOM_BEGIN_DECLS

#define TYPE_LOOP_SERVER "loop-server"
OBJECT_DECLARE_TYPE(LoopServer, LoopServerClass, LOOP_SERVER)

/* A client that is connected.  A class may use a larger struct that begins
 * with it. */
typedef struct LoopClient {
    LoopServer *server; /* with a reference */
    AioStream *stream;  /* for serve() alone; NULL when it has returned */
    uint64_t number;    /* in the order in which clients connect, from 0 on */

    /* Counted by serve(), and read by the main thread at any time. */
    QOM_ATOMIC(uint64_t) requests;
    QOM_ATOMIC(uint64_t) replies;

    /* private: */
    AioContext *ctx; /* under the server's lock */
} LoopClient;

struct LoopServer {
    LoopObject parent_obj;

    /* private: */
    char *addr;                   /* property */
    char *mode;                   /* (nullable) property */
    struct LoopServerStats *stats; /* property, as of the last read */
    uint64_t left_requests;       /* of clients that have left */
    uint64_t left_replies;
    struct AioListener *listener; /* NULL before complete */
    CoGroup *group;               /* the coroutines of the clients */
    uint64_t n_accepted;
    bool is_moving;               /* clients stay in the main loop */
    Lock lock;                    /* of `clients`, and of their streams */
    GPtrArray *clients;           /* changed by the main thread */
};

struct LoopServerClass {
    LoopObjectClass parent_class;

    /* Size of the struct of a client, which is zeroed first; 0: LoopClient */
    size_t client_size;

    /**
     * complete: (nullable) finish the creation of the object before it listens
     * @server: the object; its properties are set and its loops exist
     * @errp: set on failure
     *
     * A class implements it instead of LoopObjectClass.complete.  If it fails,
     * or its address cannot be used afterwards, the object is finalized:
     * instance_finalize frees what the hook has created.
     */
    void (*complete)(LoopServer *server, Error **errp);

    /**
     * serve: talk to a client until it leaves or is to be disconnected
     * @client: the client; its stream is closed when the hook returns
     *
     * The hook starts in the main thread, and each time it waits it may
     * continue in the thread of another loop.  So it waits in functions of its
     * stream alone, which take it along.
     */
    void coroutine_fn (*serve)(LoopClient *client);

    /**
     * client_left: (nullable) free what a client has, and count it
     * @client: the client; it is freed when the hook returns
     */
    void (*client_left)(LoopClient *client);
};

/**
 * LoopServerClientFunc: called for a client
 * @client: borrowed
 * @opaque: as passed to loop_server_foreach_client()
 */
typedef void LoopServerClientFunc(LoopClient *client, void *opaque);

/**
 * loop_server_foreach_client: calls a function for each client
 * @server: the server
 * @func: called in the main thread while loops serve the clients
 * @opaque: passed to @func
 *
 * They are those for which client_left() has not been called.  Together with
 * what client_left() adds up, statistics of clients count each one once.
 */
void loop_server_foreach_client(LoopServer *server, LoopServerClientFunc *func,
                                void *opaque);

/**
 * loop_client_count_request: counts a request of a client
 * @client: the client
 *
 * Returns: the number of its requests, including this one
 * Thread: that in which serve() runs
 */
static inline uint64_t loop_client_count_request(LoopClient *client)
{
    uint64_t n = atomic_load_explicit(&client->requests,
                                      memory_order_relaxed) + 1;

    atomic_store_explicit(&client->requests, n, memory_order_relaxed);
    return n;
}

/**
 * loop_client_count_reply: counts a reply to a client
 * @client: the client
 *
 * Thread: that in which serve() runs
 */
static inline void loop_client_count_reply(LoopClient *client)
{
    uint64_t n = atomic_load_explicit(&client->replies, memory_order_relaxed);

    atomic_store_explicit(&client->replies, n + 1, memory_order_relaxed);
}

/**
 * loop_server_add_stats: adds the statistics of a server to others
 * @server: the server
 * @sum: each number of it grows by that of @server
 */
void loop_server_add_stats(LoopServer *server, struct LoopServerStats *sum);

/**
 * loop_server_get_n_accepted: counts the clients that have ever connected
 * @server: the server
 *
 * Returns: the number, also of clients that have left
 */
uint64_t loop_server_get_n_accepted(LoopServer *server);

QOM_END_DECLS

#endif
