/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is declared in qmp-client-fixture.h. */
#include "tests/unit/qmp/qmp-client-fixture.h"

#include "tests/unit/test-loop.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

AioContext *ctx;

void note(Fixture *f, const char *format, ...)
{
    va_list ap;

    if (f->log->len) {
        g_string_append(f->log, ", ");
    }
    va_start(ap, format);
    g_string_append_vprintf(f->log, format, ap);
    va_end(ap);
}

void expect(Fixture *f, const char *log)
{
    while (f->log->len < strlen(log)) {
        aio_poll(ctx, true);
    }
    g_assert_cmpstr(f->log->str, ==, log);
    g_string_truncate(f->log, 0);
}

void send_text(Fixture *f, const char *text)
{
    size_t n = strlen(text);

    g_assert_cmpint(send(f->fd, text, n, MSG_NOSIGNAL), ==, n);
}

char *next_request(Fixture *f)
{
    char bytes[4096];
    char *end;
    char *line;

    while (!(end = strchr(f->input->str, '\n'))) {
        ssize_t n = recv(f->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

        if (n > 0) {
            g_string_append_len(f->input, bytes, n);
        } else {
            aio_poll(ctx, false);
        }
    }
    line = g_strndup(f->input->str, end - f->input->str);
    g_string_erase(f->input, 0, end + 1 - f->input->str);
    return line;
}

void expect_request(Fixture *f, const char *text)
{
    g_autofree char *line = next_request(f);

    g_assert_cmpstr(line, ==, text);
}

void expect_no_request(Fixture *f)
{
    char byte;

    while (aio_poll(ctx, false)) {
        /* until nothing is left to do */
    }
    g_assert_cmpint(f->input->len, ==, 0);
    g_assert_cmpint(recv(f->fd, &byte, 1, MSG_DONTWAIT), ==, -1);
}

void on_state(QmpClient *client, QmpClientState state, const Error *reason,
              void *opaque)
{
    static const char *const names[] = {
        "connecting", "ready", "waiting", "closed",
    };

    note(opaque, "%s", names[state]);
    if (reason) {
        note(opaque, "%s", error_get_pretty(reason));
    }
}

void on_reply(const QmpReply *reply, void *opaque)
{
    static const char *const names[] = {
        "returned", "refused", "not-sent", "lost", "timed-out",
    };
    g_autoptr(GString) value = g_string_new(NULL);

    g_assert_cmpint(reply->status == QMP_CALL_RETURNED, ==, !reply->error);
    g_assert_cmpint(reply->status == QMP_CALL_RETURNED, ==, !!reply->result);
    if (reply->result) {
        json_item_write(value, reply->result);
    }
    note(opaque, "%s %s", names[reply->status],
         reply->error ? error_get_pretty(reply->error) : value->str);
}

void on_event(const QmpEvent *event, void *opaque)
{
    note(opaque, "%s at %d.%d", event->name, (int)event->seconds,
         (int)event->microseconds);
}

uint64_t call(Fixture *f, const char *command)
{
    return qmp_client_call(f->client, &(QmpCall) { .command = command },
                           on_reply, f);
}

/* ---- Fixtures ---- */

void fixture_init(Fixture *f)
{
    *f = (Fixture) {
        .fd = -1,
        .input = g_string_new(NULL),
        .log = g_string_new(NULL),
    };
}

void fixture_connect(Fixture *f, const QmpClientOptions *options)
{
    QmpClientOptions o = *options;
    g_autofree char *address = NULL;
    int fds[2];

    fixture_init(f);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    address = g_strdup_printf("fd:%d", fds[0]);
    o.address = address;
    o.name = "peer";
    f->fd = fds[1];
    f->client = qmp_client_new(ctx, &o, &error_abort);
    qmp_client_on_state(f->client, on_state, f);
}

void negotiate(Fixture *f)
{
    static const char start[] = "{\"execute\":\"qmp_capabilities\",";
    g_autofree char *line = NULL;
    g_autofree char *reply = NULL;

    send_text(f, GREETING);
    line = next_request(f);
    g_assert_true(g_str_has_prefix(line, start));
    reply = g_strconcat("{\"return\": {}, ", line + strlen(start), NULL);
    send_text(f, reply);
    expect(f, "ready");
}

void fixture_ready(Fixture *f, const QmpClientOptions *options)
{
    fixture_connect(f, options);
    negotiate(f);
}

void fixture_clear(Fixture *f)
{
    qmp_client_free(f->client);
    if (f->fd >= 0) {
        close(f->fd);
    }
    g_assert_cmpint(f->input->len, ==, 0);
    g_assert_cmpstr(f->log->str, ==, "");
    g_string_free(f->input, TRUE);
    g_string_free(f->log, TRUE);
    while (aio_poll(ctx, false)) {
        /* what the client has left */
    }
}
