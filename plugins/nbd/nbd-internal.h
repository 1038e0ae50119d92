/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of the NBD server.
 *
 * - An *NbdServer* (nbd-server.c) lists exports and accepts connections.
 *   nbd-handshake.c leads each client to an export.  All of this happens in the
 *   main thread.
 * - An *NbdExport* (nbd-export.c) is a drive with a name.  It runs on one or
 *   several loops, and has an *NbdLoop* (nbd-loop.c) for each of them.
 * - An *NbdClient* (nbd-client.c) is a connection.  After the handshake it
 *   belongs to a loop of its export.  While the export moves to other loops,
 *   its clients belong to the main thread.
 *   nbd-receive.c reads what it sends.
 * - An *NbdRequest* (nbd-request.c) runs in a coroutine on the client's loop.
 *   nbd-buffer.c provides its memory.
 *
 * Each field says which thread uses it: "main" is the main thread, "home" the
 * thread to which the client belongs at the time.
 */
#ifndef NBD_INTERNAL_H
#define NBD_INTERNAL_H

#include "block.h"
#include "nbd-negotiation.h"

#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "iothread/loop-object.h"
#include "qapi-types-nbd.h"
#include "util/lock.h"

#include <stdatomic.h>

#define TYPE_NBD_SERVER "nbd-server"
OBJECT_DECLARE_SIMPLE_TYPE(NbdServer, NBD_SERVER)

#define TYPE_NBD_EXPORT "nbd-export"
OBJECT_DECLARE_SIMPLE_TYPE(NbdExport, NBD_EXPORT)

typedef struct NbdClient NbdClient;
typedef struct NbdLoop NbdLoop;
typedef struct NbdRequest NbdRequest;

/* ---- Limits ---- */

/* Data of requests in flight, including replies that were not sent yet */
#define NBD_CLIENT_MAX_BYTES (64 * 1024 * 1024)
#define NBD_LOOP_MAX_BYTES (256 * 1024 * 1024)
/* What a request uses in addition to its data: a stack while it waits, and at
 * least two pages of a buffer until its reply is sent */
#define NBD_REQUEST_BYTES (16 * 1024)
/* A client that has no request in flight may always start one of this size. */
#define NBD_SMALL_BYTES (256 * 1024 + NBD_REQUEST_BYTES)

#define NBD_CLIENT_MAX_REQUESTS 1024
#define NBD_TRANSFER_MAX_BYTES (32 * 1024 * 1024) /* of one read or write */

/* No further requests are read while more replies than this are unsent, or
 * while so many are unsent that do not count as requests in flight: errors, and
 * the status of blocks. */
#define NBD_UNSENT_MAX_BYTES (4 * 1024 * 1024)
#define NBD_UNCOUNTED_MAX_BYTES (256 * 1024)

/* Payload that is skipped because the request is refused */
#define NBD_SKIP_MAX_BYTES (INT64_C(1) << 32)

/* For the last replies of a connection that ends.  The main thread waits for
 * the connections of an export that it deletes, so a client that then takes no
 * byte for the shorter time is dropped. */
#define NBD_LAST_REPLIES_NS (INT64_C(5) * 1000 * 1000 * 1000)
#define NBD_STALLED_NS (INT64_C(250) * 1000 * 1000)

#define NBD_STATUS_MAX_EXTENTS 128

/* ---- Statistics: nbd-stats.c ---- */

#define NBD_LATENCY_BUCKETS 24
#define NBD_OPERATIONS NBD_OPERATION__MAX

/* Written by the home thread alone, read by any */
typedef struct NbdOpCounters {
    _Atomic uint64_t requests;
    _Atomic uint64_t bytes;
    _Atomic uint64_t failed;
    _Atomic uint64_t latency[NBD_LATENCY_BUCKETS];
} NbdOpCounters;

/* Each is allocated with the first request, to keep idle clients small. */
typedef struct NbdCounters {
    NbdOpCounters *_Atomic op[NBD_OPERATIONS];
} NbdCounters;

/* nbd_operation: returns the kind under which a command is counted */
NbdOperation nbd_operation(uint16_t command);

/*
 * nbd_counters_add_request: counts a request; home thread
 * @ns: time from arrival to reply
 */
void nbd_counters_add_request(NbdCounters *counters, NbdOperation operation,
                              uint64_t size_bytes, bool failed, int64_t ns);

/* nbd_counters_add: adds @other to @sum, which no other thread uses */
void nbd_counters_add(NbdCounters *sum, const NbdCounters *other);

/* nbd_counters_describe: (transfer full) the counters as a property */
NbdStats *nbd_counters_describe(const NbdCounters *counters);

/* nbd_counters_cleanup: frees the memory; no thread uses them any longer */
void nbd_counters_cleanup(NbdCounters *counters);

/* ---- Servers: nbd-server.c ---- */

struct NbdServer {
    Object parent_obj;

    /* Properties; main */
    char *addr;
    char *mode;
    uint32_t max_connections;
    struct uint32List *allow_uid;
    uint32_t handshake_timeout; /* ms */
    uint32_t connections;
    uint32_t port; /* of TCP */

    AioListener *listener; /* NULL before complete */
    CoGroup *group;        /* handshakes */
    GSequence *exports;    /* NbdExport, borrowed, by number */
    GHashTable *by_name;   /* name -> GSList of NbdExport, newest first */
};

/* nbd_server_add_export: false with @errp set if the name is in use */
bool nbd_server_add_export(NbdServer *server, NbdExport *export,
                           Error **errp);
void nbd_server_del_export(NbdServer *server, NbdExport *export);

/* nbd_server_get_list: the exports as the handshake sees them; main */
NbdExportList nbd_server_get_list(NbdServer *server);

/* nbd_server_find_number: returns the export with NbdExportInfo.number; NULL if
 * it was deleted; main */
NbdExport *nbd_server_find_number(NbdServer *server, uint64_t number);

/* nbd_server_client_gone: a connection has ended; consumes @server */
void nbd_server_client_gone(NbdServer *server);

/* ---- The handshake: nbd-handshake.c ---- */

/*
 * nbd_handshake_run: leads a client to an export, or frees it; main
 * @opaque: an NbdClient, consumed
 *
 * Returns: 0
 */
int coroutine_fn nbd_handshake_run(void *opaque);

/* ---- Exports: nbd-export.c ---- */

struct NbdExport {
    LoopObject parent_obj;

    /* Properties; main */
    NbdServer *server;
    struct strList *servers;
    BlockBackend *drive;
    char *name;
    char *description;
    bool writable;
    bool multi_conn;
    struct NbdStats *stats;               /* as of the last read */
    struct NbdClientInfoList *clients;    /* as of the last read */

    uint64_t number;       /* constant; NbdExportInfo.number */
    Object **server_links; /* main; NbdServer, n_servers links */
    unsigned n_servers;    /* main; those that list the export */
    bool is_linking;       /* main; `server_links` may be set */
    uint32_t max_transfer_bytes;
    uint16_t flags;       /* NBD_FLAG_* for a simple client */
    GPtrArray *members;   /* main; NbdClient, borrowed */
    GPtrArray *loops;     /* main; NbdLoop, owned */
    GPtrArray *new_loops; /* main; (nullable) those to which it moves */
    unsigned n_clients;   /* main; number of clients so far */
    bool is_moving;       /* main; clients wait for attach() */
    NbdCounters left;     /* main; sum of clients that have left */

    /* An error to report: under `error_lock` */
    Lock error_lock;
    uint64_t error_count; /* 0: none; else a bottom half is scheduled */
    uint64_t error_client;
    NbdRequestHeader error_header;
    int error_number;
};

/* Requests that are used again */
typedef struct NbdSpare {
    NbdRequest *first; /* (nullable) */
    unsigned n;
} NbdSpare;

/* A loop of an export; home thread unless marked otherwise */
struct NbdLoop {
    NbdExport *export;
    unsigned index;        /* in loop_object_get_loop() */
    unsigned n_members;    /* main; clients that have it as `next_loop` */
    AioContext *ctx;
    BlockChannel *channel; /* NULL after an error of opening */
    Error *error;          /* (nullable) of opening */
    GPtrArray *clients;    /* NbdClient, borrowed */
    uint64_t used_bytes;   /* of requests in flight */
    GQueue waiting;        /* NbdClient that wait for `used_bytes` */
    NbdSpare spare;        /* with buffers of up to 64 KiB */
    NbdSpare spare_large;
    bool is_draining;
    _Atomic bool is_drained; /* no client is here any longer */
};

/*
 * nbd_export_publish: has all servers list the export; main
 *
 * Returns: true; false with @errp set, and then no server lists it
 */
bool nbd_export_publish(NbdExport *export, Error **errp);

/* nbd_export_unpublish: undoes it; main */
void nbd_export_unpublish(NbdExport *export);

/* nbd_export_get_info: what the handshake tells of the export; main */
void nbd_export_get_info(NbdExport *export, NbdExportInfo *info);

/* nbd_export_add_client: serves a client from now on; main */
void nbd_export_add_client(NbdExport *export, NbdClient *client);

/* nbd_export_del_client: forgets a client that has ended; main */
void nbd_export_del_client(NbdExport *export, NbdClient *client);

/* nbd_export_report_error: sends NBD_IO_ERROR later; any thread */
void nbd_export_report_error(NbdExport *export, const NbdClient *client,
                             const NbdRequestHeader *header,
                             int error_number);

/* ---- Loops: nbd-loop.c ---- */

/*
 * nbd_loops_open: opens the drive of an export in loops; main
 * @contexts: (n) the loops
 *
 * Returns: (transfer full) NbdLoop for each; NULL with @errp set
 */
GPtrArray *nbd_loops_open(NbdExport *export, AioContext *const *contexts,
                          unsigned n, Error **errp);

/* nbd_loops_drain: makes all clients belong to the main thread; main */
void nbd_loops_drain(GPtrArray *loops);

/* nbd_loop_check_drained: tells the main thread if no client is left; home */
void nbd_loop_check_drained(NbdLoop *loop);

/* ---- Clients: nbd-client.c ---- */

struct NbdClient {
    /* Set by the handshake and constant from then on */
    NbdServer *server;    /* with a reference */
    NbdExport *export;    /* NULL during the handshake */
    uint64_t id;
    char *address;
    NbdForm form;
    uint16_t flags;       /* NBD_FLAG_* as announced */
    bool has_context;

    /* home */
    AioStream *stream;
    NbdLoop *loop;        /* NULL while it belongs to the main thread */
    NbdLoop *next_loop;   /* main; (nullable) the one to which it was sent */
    unsigned loop_index;  /* in NbdLoop.clients */
    Coroutine *serving;   /* (nullable) handles input */
    Coroutine *parked;    /* (nullable) waits until the client has a loop */
    Coroutine *finishing; /* (nullable) waits for requests in flight */
    uint64_t wanted_bytes; /* for which `parked` waits; 0: for none */
    bool is_queued;       /* in NbdLoop.waiting */
    bool is_held;         /* `n_in_flight` counts `serving`, which was woken */
    bool is_departing;    /* a bottom half is scheduled */
    bool in_batch;        /* `serving` sends replies soon */
    bool must_end;        /* the export is deleted */
    unsigned n_in_flight; /* requests that run */
    unsigned n_unsent;    /* requests whose reply is not sent */
    uint64_t used_bytes;  /* of requests that run or are not sent */
    const char *reason;   /* (nullable) why the connection ends; static */
    int64_t arrived_ns;   /* when the requests of this batch arrived */
    unsigned depth;       /* most requests of recent batches */

    unsigned member_index; /* main; in NbdExport.members */
    _Atomic bool is_gone; /* the home thread does not use it any longer */
    NbdCounters counters;
};

/*
 * nbd_client_new: takes a connection; main
 * @fd: (transfer full)
 */
NbdClient *nbd_client_new(NbdServer *server, int fd);

/* nbd_client_free: closes a connection that has no export; main */
void nbd_client_free(NbdClient *client);

/* nbd_client_start: belong to @loop from now on; main */
void nbd_client_start(NbdClient *client, NbdLoop *loop);

/*
 * nbd_client_leave: begins to leave the loop; home
 *
 * The client belongs to the main thread when no request of it runs any longer.
 */
void nbd_client_leave(NbdClient *client);

/* nbd_client_end: ends the connection of a client without loop; main */
void nbd_client_end(NbdClient *client);

/*
 * nbd_client_wait_loop: waits until the client has a loop
 *
 * A coroutine calls it after each wait, because the export may have moved.
 */
void coroutine_fn nbd_client_wait_loop(NbdClient *client);

/* nbd_client_check_idle: called when no request runs any longer; home */
void nbd_client_check_idle(NbdClient *client);

/* ---- Receiving: nbd-receive.c ---- */

/*
 * nbd_client_serve: handles the requests that have arrived
 *
 * Returns: 1 to be called again; 0 if the connection is to end
 */
int coroutine_fn nbd_client_serve(NbdClient *client);

/*
 * nbd_client_made_room: lets clients proceed that wait for used bytes, after
 * those of @client have become less; home
 */
void nbd_client_made_room(NbdClient *client);

/* ---- The memory of requests: nbd-buffer.c ---- */

/* nbd_request_get_data_bytes: size of the buffer that a request needs */
uint64_t nbd_request_get_data_bytes(const NbdRequestHeader *header);

/*
 * nbd_request_new: creates a request, for nbd_request_start() or
 * nbd_request_release(); home
 * @data_bytes: size of its buffer; it and NBD_REQUEST_BYTES are counted as used
 *              until the reply is sent
 */
NbdRequest *nbd_request_new(NbdClient *client, const NbdRequestHeader *header,
                            uint64_t data_bytes);

/* nbd_request_alloc: returns the buffer; NULL if there is no memory */
void *nbd_request_alloc(NbdRequest *req);

/*
 * nbd_request_release: frees a request that was replied to, or gets no reply
 * @req: an NbdRequest, consumed
 */
void nbd_request_release(void *req);

/* nbd_loop_free_spare: frees requests that are kept for later; home */
void nbd_loop_free_spare(NbdLoop *loop);

/* ---- Requests: nbd-request.c ---- */

/*
 * nbd_request_start: runs a request, and replies to it; consumed
 * @error: NBD_OK, or the error to reply instead
 */
void coroutine_fn nbd_request_start(NbdRequest *req, NbdError error);

/*
 * nbd_request_try_write: executes a write without an NbdRequest, if the drive
 * need not wait, and replies to it
 * @data: borrowed until the return
 *
 * Returns: false if nbd_request_start() must do it
 */
bool nbd_request_try_write(NbdClient *client, const NbdRequestHeader *header,
                           const void *data);

#endif
