/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QMP client and a hostile server.
 *
 * The input is what the server sends, in pieces.  The first byte chooses the
 * options of the client.  A byte 0x02 ends a piece, and the byte after it
 * chooses what the program does then: a call of one of several kinds, an end of
 * the connection, and so on.  The server accepts again whenever the client
 * connects again.
 *
 * Every call must end once, with a status that agrees with the rest of the
 * reply, unless it was forgotten.
 */
#include "qmp/qmp-client.h"

#include "aio/aio.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    STEPS = 16,       /* iterations of the loop between two pieces */
    CALLS_MAX = 64,
    END_OF_PIECE = 2,
};

/* Bits of the first byte. */
enum {
    WANTS_OOB = 1 << 0,
    RECONNECTS = 1 << 1,
    KEEPS_EVENTS = 1 << 2,
    FREES_ON_REPLY = 1 << 3,
    FREES_ON_EVENT = 1 << 4,
    IS_LIMITED = 1 << 5,
};

typedef struct Call {
    uint64_t id;
    bool is_made;
    bool has_ended;
    bool is_forgotten;
} Call;

typedef struct Run {
    QmpClient *client; /* (nullable) */
    int fd;            /* the server's end; -1: none */
    uint8_t options;
    Call calls[CALLS_MAX];
    unsigned n_calls;
    unsigned n_coroutines; /* that wait */
    unsigned n_replies;
} Run;

static AioContext *ctx;
static int listen_fd;
static char *address;

/* ---- What the client calls ---- */

static void free_client(Run *run)
{
    g_clear_pointer(&run->client, qmp_client_free);
}

static void check_reply(const QmpReply *reply)
{
    g_assert((reply->status == QMP_CALL_RETURNED) == !reply->error);
    g_assert((reply->status == QMP_CALL_RETURNED) == !!reply->result);
    if (reply->result) {
        json_node_unref(json_item_to_node(reply->result));
    } else {
        g_assert(*error_get_pretty(reply->error));
    }
}

static Run *current;

static void on_reply(const QmpReply *reply, void *opaque)
{
    Call *call = opaque;

    check_reply(reply);
    g_assert(!call->has_ended && !call->is_forgotten);
    call->has_ended = true;
    if (current->options & FREES_ON_REPLY && ++current->n_replies == 3) {
        free_client(current);
    }
}

static void on_event(const QmpEvent *event, void *opaque)
{
    Run *run = opaque;
    g_autoptr(GString) text = g_string_new(NULL);

    g_assert(event->name);
    json_item_write(text, event->message);
    if (run->options & FREES_ON_EVENT && !strcmp(event->name, "FREE")) {
        free_client(run);
    }
}

static void coroutine_fn call_and_wait(void *opaque)
{
    Run *run = opaque;
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) result = NULL;
    QmpCallStatus status;

    run->n_coroutines++;
    result = qmp_client_co_call(run->client, &(QmpCall) { .command = "c" },
                                &status, &err);
    g_assert(!result == !!err);
    g_assert((status == QMP_CALL_RETURNED) == !!result);
    run->n_coroutines--;
}

/* ---- What the program does ---- */

static void make_call(Run *run, bool oob, int64_t timeout_ns)
{
    const QmpCall what = {
        .command = "a", .oob = oob, .timeout_ns = timeout_ns,
    };
    Call *call = &run->calls[run->n_calls % CALLS_MAX];
    uint64_t id;

    if (run->n_calls == CALLS_MAX) {
        return;
    }
    run->n_calls++;
    call->is_made = true;
    id = qmp_client_call(run->client, &what, on_reply, call);
    call->id = id;
}

static void forget_last(Run *run)
{
    Call *call = run->n_calls ? &run->calls[run->n_calls - 1] : NULL;

    if (call && call->id && !call->has_ended) {
        call->is_forgotten = true;
        qmp_client_forget(run->client, call->id);
    }
}

static void act(Run *run, uint8_t action)
{
    if (!run->client) {
        return;
    }
    switch (action % 10) {
    case 0:
    case 1:
        make_call(run, false, 0);
        break;
    case 2:
        make_call(run, true, 0);
        break;
    case 3:
        make_call(run, false, 1);
        break;
    case 4:
        forget_last(run);
        break;
    case 5:
        coroutine_enter(coroutine_create(call_and_wait, run));
        break;
    case 6:
        if (run->fd >= 0) {
            close(run->fd);
            run->fd = -1;
        }
        break;
    case 7:
        g_clear_pointer(&(JsonNode *) { qmp_client_take_event(run->client) },
                        json_node_unref);
        break;
    case 8:
        qmp_client_add_setup(run->client, &(QmpCall) { .command = "s" }, NULL,
                             NULL);
        break;
    case 9:
        qmp_client_close(run->client);
        break;
    }
}

/* ---- The server ---- */

static void step(Run *run)
{
    char chunk[4096];

    for (int i = 0; i < STEPS; i++) {
        aio_poll(ctx, false);
        if (run->fd < 0) {
            run->fd = accept4(listen_fd, NULL, NULL,
                              SOCK_NONBLOCK | SOCK_CLOEXEC);
        } else if (recv(run->fd, chunk, sizeof(chunk), 0) == 0) {
            close(run->fd);
            run->fd = -1;
        }
    }
}

static void send_piece(Run *run, const uint8_t *data, size_t size)
{
    if (run->fd >= 0 && size) {
        /* What does not fit into the socket is left out. */
        send(run->fd, data, size, MSG_NOSIGNAL);
    }
    step(run);
}

static void run_pieces(Run *run, const uint8_t *data, size_t size)
{
    while (size) {
        const uint8_t *end = memchr(data, END_OF_PIECE, size);
        size_t n = end ? (size_t)(end - data) : size;

        send_piece(run, data, n);
        if (!end || n + 1 == size) {
            break;
        }
        act(run, data[n + 1]);
        step(run);
        data += n + 2;
        size -= n + 2;
    }
}

static void start(Run *run)
{
    QmpClientOptions options = {
        .address = address,
        .wants_oob = run->options & WANTS_OOB,
        .reconnect = run->options & RECONNECTS,
        .min_delay_ns = 1,
        .max_delay_ns = 1,
    };

    if (run->options & IS_LIMITED) {
        options.max_message_bytes = 200;
        options.max_kept_events = 2;
        options.max_calls = 3;
        options.max_other = 5;
    }
    run->client = qmp_client_new(ctx, &options, &error_abort);
    qmp_client_on_event(run->client, NULL, on_event, run);
    qmp_client_on_event(run->client, "E", on_event, run);
    if (run->options & KEEPS_EVENTS) {
        qmp_client_keep_events(run->client);
    }
}

static void finish(Run *run)
{
    free_client(run);
    if (run->fd >= 0) {
        close(run->fd);
    }
    while (aio_poll(ctx, false)) {
        /* what is scheduled */
    }
    g_assert(run->n_coroutines == 0);
    for (unsigned i = 0; i < run->n_calls; i++) {
        g_assert(run->calls[i].has_ended != run->calls[i].is_forgotten);
    }
    /* A client that connected again after the last step. */
    for (int fd; (fd = accept(listen_fd, NULL, NULL)) >= 0;) {
        close(fd);
    }
}

/* ---- The target ---- */

static void mutate(GString *text, MutateRandom *r)
{
    static const char *const keys[] = {
        "QMP", "capabilities", "return", "id", "error", "class", "desc",
        "event", "data", "timestamp", "seconds", "microseconds", NULL,
    };
    static const char *const values[] = {
        "oob", "E", "FREE", "GenericError", "DeviceNotFound", "a\\nb", "",
        NULL,
    };
    static const MutateWords words = { keys, values };

    if (mutate_chance(r, 30)) {
        mutate_bytes(text, r);
    } else {
        mutate_json(text, r, &words);
    }
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

/* Removes the socket and its folder. */
static void remove_socket(void)
{
    const char *path = address + strlen("unix:");
    g_autofree char *dir = g_path_get_dirname(path);

    unlink(path);
    rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_autofree char *dir = g_dir_make_tmp("fuzz-XXXXXX", NULL);
    struct sockaddr_un name = { .sun_family = AF_UNIX };

    aio_main_context_init(&error_abort);
    ctx = aio_get_main_context();
    g_snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", dir);
    address = g_strconcat("unix:", name.sun_path, NULL);
    listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       0);
    g_assert(!bind(listen_fd, (struct sockaddr *)&name, sizeof(name)));
    g_assert(!listen(listen_fd, 10));
    atexit(remove_socket);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Run run = { .fd = -1 };

    if (!size) {
        return 0;
    }
    run.options = data[0];
    current = &run;
    start(&run);
    step(&run);
    run_pieces(&run, data + 1, size - 1);
    finish(&run);
    return 0;
}
