/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client in an event loop: calls, events, limits, and its end. */
#include "aio/coroutine/coroutine-cancel.h"
#include "aio/net/co-io.h"
#include "tests/unit/qmp/qmp-client-fixture.h"
#include "tests/unit/test-loop.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Calls ---- */

static void test_call(void)
{
    Fixture f;
    g_autoptr(JsonNode) arguments = json_parse("{'a': [1]}", -1, &error_abort);
    const QmpCall with_arguments = {
        .command = "b \"", .arguments = arguments,
    };

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    qmp_client_call(f.client, &with_arguments, on_reply, &f);
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    expect_request(&f, "{\"execute\":\"b \\\"\",\"arguments\":"
                   "{\"a\": [1]},\"id\":3}");
    /* In any order; large numbers are exact. */
    send_text(&f, "{\"return\": 1, \"id\": 3}\r\n"
              "{\"return\": [18446744073709551615], \"id\": 2}\r\n");
    expect(&f, "returned 1, returned [18446744073709551615]");
    fixture_clear(&f);
}

/* Ids are used again, but not one whose reply has not arrived. */
static void test_ids(void)
{
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    for (int i = 3; i < 2000; i++) {
        /* 3 to 999, 1, 3 to 999, 1, ... */
        int id = (i - 3) % 998 == 997 ? 1 : (i - 3) % 998 + 3;
        g_autofree char *request = g_strdup_printf(
            "{\"execute\":\"b\",\"id\":%d}", id);
        g_autofree char *reply = g_strdup_printf(
            "{\"return\": 0, \"id\": %d}", id);

        call(&f, "b");
        expect_request(&f, request);
        send_text(&f, reply);
        expect(&f, "returned 0");
    }
    send_text(&f, "{\"return\": 1, \"id\": 2}");
    expect(&f, "returned 1");
    fixture_clear(&f);
}

static void test_refused(void)
{
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"error\": {\"class\": \"DeviceNotFound\", "
              "\"desc\": \"no\\nhint\"}, \"id\": 2}\r\n");
    expect(&f, "refused no");
    fixture_clear(&f);
}

/* Calls wait while the client connects. */
static void test_early(void)
{
    Fixture f;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    negotiate(&f);
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"return\": 1, \"id\": 2}\r\n");
    expect(&f, "returned 1");
    fixture_clear(&f);
}

/* A server without a reply to the negotiation, as QEMU is until then. */
static void test_events_before_negotiation(void)
{
    Fixture f;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_on_event(f.client, NULL, on_event, &f);
    send_text(&f, GREETING "{\"event\": \"E\"}\r\n");
    expect_request(&f, "{\"execute\":\"qmp_capabilities\",\"id\":1}");
    send_text(&f, "{\"event\": \"F\", \"timestamp\": {\"seconds\": 4, "
              "\"microseconds\": 5}}\r\n{\"return\": {}, \"id\": 1}\r\n");
    expect(&f, "E at -1.-1, F at 4.5, ready");
    fixture_clear(&f);
}

static void test_rejected(void)
{
    Fixture f;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    send_text(&f, "{\"error\": {\"class\": \"GenericError\", "
              "\"desc\": \"Too many\"}}\r\n");
    expect(&f, "not-sent 'peer' refuses the connection: Too many, closed, "
           "'peer' refuses the connection: Too many");
    call(&f, "b");
    expect(&f, "not-sent 'peer' is not connected any more");
    fixture_clear(&f);
}

/* A reply of the size that query-qmp-schema has. */
static void test_long_line(void)
{
    g_autoptr(GString) text = g_string_new("{\"return\": \"");
    Fixture f;
    QmpClientOptions options = { .max_message_bytes = 256 * 1024 };

    fixture_ready(&f, &options);
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    while (text->len < 200 * 1024) {
        g_string_append_c(text, 'x');
    }
    g_string_append(text, "\", \"id\": 2}\r\n");
    for (size_t at = 0; at < text->len;) {
        ssize_t n = send(f.fd, text->str + at, text->len - at, MSG_DONTWAIT);

        at += MAX(n, 0);
        aio_poll(ctx, false);
    }
    while (!f.log->len) {
        aio_poll(ctx, true);
    }
    g_assert_true(g_str_has_prefix(f.log->str, "returned \"xxx"));
    g_string_truncate(f.log, 0);
    fixture_clear(&f);
}

/* ---- The end of a connection ---- */

static void test_lost(void)
{
    QmpClientOptions options = { .wants_oob = true };
    Fixture f;

    fixture_connect(&f, &options);
    send_text(&f, GREETING);
    expect_request(&f, "{\"execute\":\"qmp_capabilities\",\"arguments\":"
                   "{\"enable\": [\"oob\"]},\"id\":1}");
    send_text(&f, "{\"return\": {}, \"id\": 1}\r\n");
    expect(&f, "ready");
    g_assert_true(qmp_client_has_oob(f.client));
    for (int i = 0; i < 8; i++) {
        call(&f, "a");
    }
    for (int i = 0; i < 7; i++) { /* what QEMU queues without pausing */
        g_free(next_request(&f));
    }
    expect_no_request(&f);
    /* Out of band overtakes. */
    qmp_client_call(f.client, &(QmpCall) { .command = "o", .oob = true },
                    on_reply, &f);
    expect_request(&f, "{\"exec-oob\":\"o\",\"id\":10}");
    send_text(&f, "{\"return\": 0, \"id\": 10}\r\n"
              "{\"return\": 0, \"id\": 2}\r\n");
    expect(&f, "returned 0, returned 0");
    expect_request(&f, "{\"execute\":\"a\",\"id\":9}");
    call(&f, "b");
    for (int i = 3; i < 9; i++) {
        g_autofree char *reply = g_strdup_printf(
            "{\"return\": 0, \"id\": %d}", i);

        send_text(&f, i == 8 ? "" : reply);
        while (i < 8 && !f.log->len) {
            aio_poll(ctx, true);
        }
        g_string_truncate(f.log, 0);
    }
    expect_request(&f, "{\"execute\":\"b\",\"id\":11}");
    close(f.fd);
    f.fd = -1;
    expect(&f, "lost 'peer' closed the connection, "
           "lost 'peer' closed the connection, "
           "lost 'peer' closed the connection, "
           "closed, 'peer' closed the connection");
    g_assert_false(qmp_client_is_open(f.client));
    fixture_clear(&f);
}

static void test_close(void)
{
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    qmp_client_close(f.client);
    expect(&f, "lost the connection to 'peer' was closed");
    fixture_clear(&f);
}

static void test_timeout(void)
{
    const QmpCall brief = { .command = "a", .timeout_ns = SCALE_MS };
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_call(f.client, &brief, on_reply, &f);
    expect(&f, "timed-out 'peer' did not answer within 1 ms");
    call(&f, "b");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    expect_request(&f, "{\"execute\":\"b\",\"id\":3}");
    /* The late reply is dropped. */
    send_text(&f, "{\"return\": 1, \"id\": 2}{\"return\": 2, \"id\": 3}");
    expect(&f, "returned 2");
    fixture_clear(&f);
}

static void test_forget(void)
{
    Fixture f;
    uint64_t id;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    id = call(&f, "never sent");
    qmp_client_forget(f.client, id);
    negotiate(&f);
    id = call(&f, "a");
    call(&f, "b");
    expect_request(&f, "{\"execute\":\"a\",\"id\":3}");
    expect_request(&f, "{\"execute\":\"b\",\"id\":4}");
    qmp_client_forget(f.client, id);
    send_text(&f, "{\"return\": 1, \"id\": 3}{\"return\": 2, \"id\": 4}");
    expect(&f, "returned 2");
    qmp_client_forget(f.client, id);
    fixture_clear(&f);
}

/* ---- Freeing in a function ---- */

static void free_on_reply(const QmpReply *reply, void *opaque)
{
    Fixture *f = opaque;

    note(f, "free");
    g_clear_pointer(&f->client, qmp_client_free);
}

static void free_on_event(const QmpEvent *event, void *opaque)
{
    free_on_reply(NULL, opaque);
}

static void test_free_in_function(void)
{
    const QmpCall a = { .command = "a" };
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_on_event(f.client, NULL, on_event, &f);
    qmp_client_call(f.client, &a, free_on_reply, &f);
    call(&f, "b");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    expect_request(&f, "{\"execute\":\"b\",\"id\":3}");
    send_text(&f, "{\"return\": 1, \"id\": 2}{\"event\": \"E\"}");
    expect(&f, "free, lost the connection to 'peer' was closed");
    fixture_clear(&f);

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_on_event(f.client, "E", free_on_event, &f);
    qmp_client_on_event(f.client, NULL, on_event, &f);
    send_text(&f, "{\"event\": \"E\"}{\"event\": \"F\"}");
    expect(&f, "free");
    fixture_clear(&f);

    /* While the negotiation is read. */
    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_on_event(f.client, "E", free_on_event, &f);
    send_text(&f, "{\"event\": \"E\"}" GREETING);
    expect(&f, "free");
    fixture_clear(&f);
}

/* ---- Events ---- */

static void remove_on_event(const QmpEvent *event, void *opaque)
{
    Fixture *f = opaque;

    note(f, "once");
    qmp_client_off_event(f->client, 1);
    qmp_client_on_event(f->client, "E", on_event, f);
}

static void test_events(void)
{
    Fixture f;
    unsigned id;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    id = qmp_client_on_event(f.client, "E", remove_on_event, &f);
    g_assert_cmpint(id, ==, 1);
    send_text(&f, "{\"event\": \"F\"}{\"event\": \"E\"}{\"event\": \"E\", "
              "\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}");
    expect(&f, "once, E at 1.2");
    fixture_clear(&f);
}

static void test_kept_events(void)
{
    QmpClientOptions options = { .max_kept_events = 2 };
    g_autoptr(JsonNode) event = NULL;
    Fixture f;

    fixture_ready(&f, &options);
    qmp_client_keep_events(f.client);
    qmp_client_on_event(f.client, NULL, on_event, &f);
    send_text(&f, "{\"event\": \"E\"}{\"event\": \"F\"}");
    expect(&f, "E at -1.-1, F at -1.-1");
    event = qmp_client_take_event(f.client);
    g_assert_cmpstr(json_object_get_string_member(
                        json_node_get_object(event), "event"), ==, "E");
    send_text(&f, "{\"event\": \"E\"}{\"event\": \"F\"}");
    expect(&f, "E at -1.-1, F at -1.-1, closed, "
           "'peer' sent more events than are kept");
    fixture_clear(&f);
}

/* ---- Limits ---- */

static void test_limits(void)
{
    QmpClientOptions options = { .max_message_bytes = 100, .max_calls = 1 };
    Fixture f;

    fixture_ready(&f, &options);
    call(&f, "a");
    call(&f, "b");
    expect(&f, "not-sent more than 1 commands are pending for 'peer'");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"return\": \"0123456789012345678901234567890123456789"
              "01234567890123456789012345678901234567890123456789");
    expect(&f, "lost 'peer' sent more than 100 bytes at once, "
           "closed, 'peer' sent more than 100 bytes at once");
    fixture_clear(&f);
}

static void test_nesting(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    for (int i = 0; i < 1025; i++) {
        g_string_append_c(text, '[');
    }
    send_text(&f, text->str);
    expect(&f, "closed, 'peer' does not speak QMP: JSON parse error, "
           "JSON nesting depth limit exceeded (line 1, column 1047)");
    fixture_clear(&f);
}

static void test_errors_of_options(void)
{
    Error *err = NULL;
    QmpClientOptions options = { .address = "nowhere" };

    g_assert_null(qmp_client_new(ctx, &options, &err));
    assert_error(err, "Invalid address 'nowhere': expected 'unix:PATH', "
                 "'tcp:HOST:PORT', 'vsock:CID:PORT' or 'fd:N'");
    options = (QmpClientOptions) { .reconnect = true };
    options.address = g_strdup_printf("fd:%d", dup(0));
    g_assert_null(qmp_client_new(ctx, &options, &err));
    g_assert_nonnull(strstr(error_get_pretty(err),
                            "cannot be connected to again"));
    error_free(err);
    g_free((char *)options.address);
}

/* ---- Coroutines ---- */

static void coroutine_fn co_call(void *opaque)
{
    Fixture *f = opaque;
    g_autoptr(Error) err = NULL;
    QmpCallStatus status;
    g_autoptr(JsonNode) result = NULL;
    bool ready = qmp_client_co_wait_ready(f->client, &error_abort);

    g_assert_true(ready);
    result = qmp_client_co_call(f->client, &(QmpCall) { .command = "a" },
                                &status, &err);
    if (result) {
        g_assert_cmpint(status, ==, QMP_CALL_RETURNED);
        note(f, "%d", (int)json_node_get_int(result));
    } else {
        note(f, "status %d %s", status, error_get_pretty(err));
    }
}

static void test_coroutine(void)
{
    Fixture f;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    coroutine_enter(coroutine_create(co_call, &f));
    negotiate(&f);
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"return\": 7, \"id\": 2}");
    expect(&f, "7");
    fixture_clear(&f);
}

static void coroutine_fn co_wait(void *opaque)
{
    Fixture *f = opaque;
    Error *err = NULL;

    g_assert_false(qmp_client_co_wait_ready(f->client, &err));
    note(f, "%s", error_get_pretty(err));
    error_free(err);
}

/* The wait for a connection reports why there is none; so does a later one. */
static void test_coroutine_fails(void)
{
    Fixture f;

    fixture_connect(&f, &(QmpClientOptions) { .address = NULL });
    coroutine_enter(coroutine_create(co_wait, &f));
    send_text(&f, "HTTP/1.1\r\n");
    expect(&f, "closed, 'peer' does not speak QMP: JSON parse error, "
           "invalid keyword 'HTTP' (line 1, column 1), "
           "'peer' does not speak QMP: JSON parse error, "
           "invalid keyword 'HTTP' (line 1, column 1)");
    coroutine_enter(coroutine_create(co_wait, &f));
    expect(&f, "'peer' does not speak QMP: JSON parse error, "
           "invalid keyword 'HTTP' (line 1, column 1)");
    fixture_clear(&f);
}

/* The server gets a duplicate, with the first byte of the request. */
static void test_fds(void)
{
    char control[CMSG_SPACE(sizeof(int))];
    char text[100];
    struct iovec iov = { text, sizeof(text) };
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = sizeof(control),
    };
    int ends[2];
    int passed;
    Fixture f;

    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_call(f.client, &(QmpCall) {
        .command = "getfd", .fds = &ends[1], .n_fds = 1,
    }, on_reply, &f);
    close(ends[1]);
    while (recvmsg(f.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0) {
        aio_poll(ctx, false);
    }
    g_assert_nonnull(CMSG_FIRSTHDR(&message));
    memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(passed));
    g_assert_cmpint(write(passed, "x", 1), ==, 1);
    g_assert_cmpint(read(ends[0], text, 1), ==, 1);
    send_text(&f, "{\"return\": 7, \"id\": 2}");
    expect(&f, "returned 7");
    close(ends[0]);
    close(passed);
    /* One that is not open: the call fails, and the connection stays. */
    qmp_client_call(f.client, &(QmpCall) {
        .command = "getfd", .fds = &passed, .n_fds = 1,
    }, on_reply, &f);
    expect(&f, "not-sent a file descriptor for 'peer' cannot be duplicated");
    fixture_clear(&f);
}

static void test_coroutine_cancelled(void)
{
    Coroutine *co;
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    co = coroutine_create(co_call, &f);
    coroutine_enter(co);
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    coroutine_cancel(co);
    expect(&f, "status 3 the wait for a reply was cancelled");
    fixture_clear(&f);
}

static void test_coroutine_freed(void)
{
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    coroutine_enter(coroutine_create(co_call, &f));
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    g_clear_pointer(&f.client, qmp_client_free);
    expect(&f, "status 3 the connection to 'peer' was closed");
    fixture_clear(&f);
}

/* A coroutine of another thread: its loop keeps running while it waits. */
typedef struct Remote {
    Fixture *f;
    bool is_done;
} Remote;

static void coroutine_fn co_call_remotely(void *opaque)
{
    Remote *remote = opaque;
    AioContext *own = aio_get_current_context();
    g_autoptr(JsonNode) result = NULL;

    result = qmp_client_co_call(remote->f->client,
                                &(QmpCall) { .command = "a" }, NULL,
                                &error_abort);
    g_assert_true(in_aio_context_home_thread(own));
    g_assert_cmpint(json_node_get_int(result), ==, 7);
    aio_co_reschedule_self(ctx);
    remote->is_done = true;
}

static void test_coroutine_of_thread(void)
{
    Fixture f;
    Loop loop;
    Remote remote = { &f };

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    loop_start(&loop);
    aio_co_schedule(loop.ctx, coroutine_create(co_call_remotely, &remote));
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"return\": 7, \"id\": 2}");
    while (!remote.is_done) {
        aio_poll(ctx, true);
    }
    loop_end(&loop);
    loop_join(&loop);
    aio_context_unref(loop.ctx);
    fixture_clear(&f);
}

static void coroutine_fn co_next_event(void *opaque)
{
    Fixture *f = opaque;
    g_autoptr(Error) err = NULL;

    for (int i = 0; i < 2; i++) {
        g_autoptr(JsonNode) event = qmp_client_co_next_event(f->client, -1,
                                                             &err);

        note(f, "%s", event ? "event" : error_get_pretty(err));
    }
}

static void test_coroutine_events(void)
{
    Fixture f;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    qmp_client_keep_events(f.client);
    coroutine_enter(coroutine_create(co_next_event, &f));
    send_text(&f, "{\"event\": \"E\"}");
    expect(&f, "event");
    qmp_client_close(f.client);
    expect(&f, "'peer' is not connected any more");
    fixture_clear(&f);
}

/* ---- Under GLib ---- */

static void test_glib(void)
{
    Fixture f;
    GSource *source;

    fixture_ready(&f, &(QmpClientOptions) { .address = NULL });
    source = aio_get_g_source(ctx);
    g_source_attach(source, NULL);
    qmp_client_on_event(f.client, NULL, on_event, &f);
    call(&f, "a");
    call(&f, "b"); /* sent in a bottom half */
    while (g_main_context_iteration(NULL, FALSE)) {
        /* until both are sent */
    }
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    expect_request(&f, "{\"execute\":\"b\",\"id\":3}");
    send_text(&f, "{\"event\": \"E\"}{\"return\": 1, \"id\": 2}");
    while (!strstr(f.log->str, "returned")) {
        g_main_context_iteration(NULL, TRUE);
    }
    expect(&f, "E at -1.-1, returned 1");
    qmp_client_close(f.client);
    expect(&f, "lost the connection to 'peer' was closed");
    g_source_destroy(source);
    g_source_unref(source);
    fixture_clear(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    ctx = aio_get_main_context();
    g_test_add_func("/qmp/client/call", test_call);
    g_test_add_func("/qmp/client/ids", test_ids);
    g_test_add_func("/qmp/client/refused", test_refused);
    g_test_add_func("/qmp/client/early", test_early);
    g_test_add_func("/qmp/client/events-before-negotiation",
                    test_events_before_negotiation);
    g_test_add_func("/qmp/client/rejected", test_rejected);
    g_test_add_func("/qmp/client/long-line", test_long_line);
    g_test_add_func("/qmp/client/lost", test_lost);
    g_test_add_func("/qmp/client/close", test_close);
    g_test_add_func("/qmp/client/timeout", test_timeout);
    g_test_add_func("/qmp/client/forget", test_forget);
    g_test_add_func("/qmp/client/free-in-function", test_free_in_function);
    g_test_add_func("/qmp/client/events", test_events);
    g_test_add_func("/qmp/client/kept-events", test_kept_events);
    g_test_add_func("/qmp/client/limits", test_limits);
    g_test_add_func("/qmp/client/nesting", test_nesting);
    g_test_add_func("/qmp/client/options", test_errors_of_options);
    g_test_add_func("/qmp/client/fds", test_fds);
    g_test_add_func("/qmp/client/coroutine", test_coroutine);
    g_test_add_func("/qmp/client/coroutine/fails", test_coroutine_fails);
    g_test_add_func("/qmp/client/coroutine/cancelled",
                    test_coroutine_cancelled);
    g_test_add_func("/qmp/client/coroutine/freed", test_coroutine_freed);
    g_test_add_func("/qmp/client/coroutine/of-thread",
                    test_coroutine_of_thread);
    g_test_add_func("/qmp/client/coroutine/events", test_coroutine_events);
    g_test_add_func("/qmp/client/glib", test_glib);
    return test_run();
}
