/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of the tools, against peers that break the protocol.  A peer
 * is a thread that sends until the client has closed the connection, so a
 * client that waits for such a peer to stop waits without limit.
 */
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"
#include "tools/qmp-client.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "{\"QMP\": {}}\r\n{\"return\": {}, \"id\": 1}\r\n"
#define EVENT "{\"event\": \"E\"}\r\n"

enum {
    BLOCK_BYTES = 1 << 16,
    LONG_MS = 60 * 1000, /* for waits that end early */
    SHORT_MS = 100,
};

typedef struct Peer {
    const char *name;
    int timeout_ms;
    const char *first;  /* sent at once */
    const char *again;  /* (nullable) sent again and again; NULL: the end */
    int pause_ms;       /* after each of these */
    const char *message;
    int fd;
} Peer;

static bool send_text(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

        if (n < 0) {
            return false;
        }
        text += n;
        len -= n;
    }
    return true;
}

/* Sent many times, unless it is sent in small pieces. */
static char *block_of(const Peer *peer)
{
    GString *block = g_string_new(peer->again);

    while (!peer->pause_ms && block->len < BLOCK_BYTES) {
        g_string_append(block, peer->again);
    }
    return g_string_free(block, FALSE);
}

static void *serve(void *opaque)
{
    const Peer *peer = opaque;
    struct pollfd closed = { .fd = peer->fd };

    if (send_text(peer->fd, peer->first) && !peer->again) {
        char byte;

        shutdown(peer->fd, SHUT_WR);
        while (recv(peer->fd, &byte, 1, 0) > 0) {
            /* without an answer */
        }
    } else {
        g_autofree char *block = block_of(peer);

        while (send_text(peer->fd, block) &&
               poll(&closed, 1, peer->pause_ms) == 0) {
            /* again */
        }
    }
    close(peer->fd);
    return NULL;
}

/* Negotiates and executes a command, and returns its result. */
static JsonNode *ask(const Peer *row, bool keep_events, Error **errp)
{
    Peer peer = *row;
    GThread *thread;
    QmpClient *client;
    JsonNode *result = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    peer.fd = fds[1];
    thread = g_thread_new("peer", serve, &peer);
    client = qmp_client_connect_fd(fds[0], "peer", row->timeout_ms, errp);
    if (client) {
        if (keep_events) {
            qmp_client_keep_events(client);
        }
        result = qmp_client_execute(client, "ask", NULL, errp);
        g_assert_cmpint(qmp_client_is_open(client), ==, result != NULL);
        qmp_client_free(client);
    }
    g_thread_join(thread);
    return result;
}

static const Peer bad_peers[] = {
    { "silent", SHORT_MS, "", "", 5,
      "'peer' did not answer within 100 ms" },
    { "silent-after-greeting", SHORT_MS, GREETING, "", 5,
      "'peer' did not answer within 100 ms" },
    { "greeting-in-drops", SHORT_MS, "{", " ", 1,
      "'peer' did not answer within 100 ms" },
    { "reply-in-drops", SHORT_MS, GREETING "{", " ", 1,
      "'peer' did not answer within 100 ms" },
    { "events-in-drops", SHORT_MS, GREETING, EVENT, 1,
      "'peer' did not answer within 100 ms" },
    { "long-greeting", LONG_MS, "{", "          ", 0,
      "'peer' sent more than 32 MiB at once" },
    { "long-line", LONG_MS, GREETING "{\"return\": \"", "xxxxxxxxxxxxxxxxxxxx",
      0, "'peer' sent more than 32 MiB at once" },
    { "flood-of-events", LONG_MS, GREETING, EVENT, 0,
      "'peer' sent more than 65536 events before its reply" },
    { "flood-of-other-replies", LONG_MS, GREETING,
      "{\"return\": {}, \"id\": 9}", 0,
      "'peer' sent more than 65536 events before its reply" },
    { "flood-of-values", LONG_MS, GREETING, "1 ", 0,
      "'peer' sent more than 65536 events before its reply" },
    { "end-within-reply", LONG_MS, GREETING "{\"return\": ", NULL, 0,
      "'peer' closed the connection" },
    { "no-json", LONG_MS, GREETING "{\"return\": ]", NULL, 0,
      "'peer' does not speak QMP: JSON parse error, expecting value "
      "(line 1, column 12)" },
    { "no-greeting", LONG_MS, "{\"hello\": 1}", NULL, 0,
      "'peer' does not speak QMP: it sent no greeting" },
    { "no-result", LONG_MS, GREETING "{\"id\": 2}", NULL, 0,
      "'peer' does not speak QMP: its reply has neither result nor error" },
};

static void test_bad(const void *data)
{
    const Peer *peer = data;
    Error *err = NULL;

    g_assert_null(ask(peer, false, &err));
    assert_error(err, peer->message);
}

/* Messages that are kept for later are limited as well. */
static void test_kept_events(void)
{
    const Peer peer = { "", LONG_MS, GREETING, EVENT, 0, NULL };
    Error *err = NULL;

    g_assert_null(ask(&peer, true, &err));
    assert_error(err, "'peer' sent more than 65536 events before its reply");
}

static void test_good(void)
{
    const Peer peer = { "", LONG_MS,
                        GREETING EVENT "{\"return\": 7, \"id\": 2}", NULL };
    g_autoptr(JsonNode) result = ask(&peer, true, &error_abort);
    int64_t number;

    g_assert_true(json_number_get_int64(result, &number));
    g_assert_cmpint(number, ==, 7);
}

/* Messages before an error count, in whatever pieces the bytes arrive. */
static void test_error_after_reply(void)
{
    const Peer peer = { "", LONG_MS,
                        GREETING "{\"return\": {}, \"id\": 2}\n]", NULL };

    json_node_unref(ask(&peer, false, &error_abort));
}

/* Several commands: each gets its own end, in whatever order they arrive. */
static void test_execute_all(void)
{
    static const QmpCall calls[] = {
        { .command = "a" }, { .command = "b" }, { .command = "c" },
    };
    Peer peer = { "", LONG_MS,
                  GREETING "{\"return\": 7, \"id\": 3}"
                  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"x\"},"
                  " \"id\": 2}\n", NULL };
    JsonNode *results[3];
    Error *errors[3];
    int fds[2];
    GThread *thread;
    QmpClient *client;
    int64_t number;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    peer.fd = fds[1];
    thread = g_thread_new("peer", serve, &peer);
    client = qmp_client_connect_fd(fds[0], "peer", LONG_MS, &error_abort);
    qmp_client_execute_all(client, calls, 0, NULL, NULL);
    qmp_client_execute_all(client, calls, 3, results, errors);
    assert_error(errors[0], "x");
    g_assert_null(results[0]);
    g_assert_true(json_number_get_int64(results[1], &number));
    g_assert_cmpint(number, ==, 7);
    g_assert_null(errors[1]);
    json_node_unref(results[1]);
    assert_error(errors[2], "'peer' closed the connection");
    g_assert_null(results[2]);
    qmp_client_free(client);
    g_thread_join(thread);
}

/* The server does not answer, and the file descriptor is readable. */
static void test_stop_fd(void)
{
    g_autoptr(Error) err = NULL;
    QmpClient *client;
    int fds[2];
    int stop_fd = eventfd(1, EFD_CLOEXEC);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    g_assert_true(send_text(fds[1], GREETING));
    client = qmp_client_connect_fd(fds[0], "peer", LONG_MS, &error_abort);
    qmp_client_set_stop_fd(client, stop_fd);
    g_assert_null(qmp_client_execute(client, "ask", NULL, &err));
    g_assert_nonnull(err);
    g_assert_false(qmp_client_is_open(client));
    qmp_client_free(client);
    close(stop_fd);
    close(fds[1]);
}

/* Nor does it send a greeting. */
static void test_stop_fd_while_connecting(void)
{
    QmpClientOptions options = { .name = "peer" };
    g_autofree char *address = NULL;
    Error *err = NULL;
    int fds[2];
    int stop_fd = eventfd(1, EFD_CLOEXEC);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    address = g_strdup_printf("fd:%d", fds[0]);
    options.address = address;
    g_assert_null(qmp_client_new_sync(&options, stop_fd, &err));
    assert_error(err, "the connection to 'peer' was closed");
    close(stop_fd);
    close(fds[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_peers); i++) {
        g_autofree char *path = g_strconcat("/tools/qmp-client/",
                                            bad_peers[i].name, NULL);

        g_test_add_data_func(path, &bad_peers[i], test_bad);
    }
    g_test_add_func("/tools/qmp-client/kept-events", test_kept_events);
    g_test_add_func("/tools/qmp-client/good", test_good);
    g_test_add_func("/tools/qmp-client/error-after-reply",
                    test_error_after_reply);
    g_test_add_func("/tools/qmp-client/stop-fd", test_stop_fd);
    g_test_add_func("/tools/qmp-client/stop-fd/connecting",
                    test_stop_fd_while_connecting);
    g_test_add_func("/tools/qmp-client/execute-all", test_execute_all);
    return test_run();
}
