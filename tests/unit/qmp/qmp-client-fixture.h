/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of the client in an event loop share.  The test is the server:
 * it reads requests from the other end of a socket and writes what it wants.
 */
#ifndef QOM_TESTS_QMP_CLIENT_FIXTURE_H
#define QOM_TESTS_QMP_CLIENT_FIXTURE_H

#include "aio/aio.h"
#include "qmp/qmp-client.h"
#include "tests/unit/test-util.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"

extern AioContext *ctx; /* the main one; set by main() */

/* What a test has seen, in order, and the server's end of the socket. */
typedef struct Fixture {
    QmpClient *client;
    int fd;
    GString *input; /* received and not taken */
    GString *log;   /* a word for each thing that has happened */
} Fixture;

/* ---- Life ---- */

/* fixture_init: prepares a fixture that has no client yet */
void fixture_init(Fixture *f);

/* fixture_connect: creates a client that is connected to the test */
void fixture_connect(Fixture *f, const QmpClientOptions *options);

/* fixture_ready: the same, and the client has negotiated */
void fixture_ready(Fixture *f, const QmpClientOptions *options);

/* fixture_clear: frees the client; all must have been expected */
void fixture_clear(Fixture *f);

/* ---- The log ---- */

/* note: adds to the log */
void note(Fixture *f, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* expect: runs the loop until the log is as expected, and clears it */
void expect(Fixture *f, const char *log);

/* For qmp_client_on_state() and so on: each notes what happens. */
void on_state(QmpClient *client, QmpClientState state, const Error *reason,
              void *opaque);
void on_reply(const QmpReply *reply, void *opaque);
void on_event(const QmpEvent *event, void *opaque);

/* ---- Requests and replies ---- */

/* call: calls a command without arguments; its reply is noted */
uint64_t call(Fixture *f, const char *command);

/* negotiate: greets, and answers with the id that qmp_capabilities has */
void negotiate(Fixture *f);

/* send_text: sends to the client */
void send_text(Fixture *f, const char *text);

/* next_request: (transfer full) the next line that the client has sent */
char *next_request(Fixture *f);

/* expect_request: the next line is @text */
void expect_request(Fixture *f, const char *text);

/* expect_no_request: none is sent before something happens */
void expect_no_request(Fixture *f);

#endif
