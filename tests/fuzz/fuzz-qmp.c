/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client.  After the negotiation each message gets one reply, in order,
 * with the message's id: a request gets a result or an error, and a malformed
 * message gets the error of the reader of nodes.  Replies are JSON of a known
 * form, and are the same however the input is cut.  Events come in between, and
 * those about objects agree with the objects that exist at the end.  After the
 * session no object is left.
 *
 * An input that contains `exec-oob` is also sent by a client that has enabled
 * it.  The reading thread and the main thread are then one thread, which takes
 * their steps in a random order.  In-band and out-of-band requests are each
 * answered in order, and the in-band replies do not depend on the order of the
 * steps.  Sometimes the client closes the connection in between.
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-observer-internal.h"
#include "tests/fuzz/check-replies.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/qmp/session-output.h"

#include <string.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"
#define NEGOTIATE_OOB                                                       \
    "{\"execute\": \"qmp_capabilities\", "                                  \
    "\"arguments\": {\"enable\": [\"oob\"]}}\n"

enum {
    MAX_OUTPUT = 1024 * 1024, /* a session that says more is cut off there */
};

/* One run of an input. */
typedef struct Talk {
    GString *out;       /* what the client gets, but for */
    GString *oob;       /* replies to what is executed out of band */
    bool all;           /* to the last request */
    unsigned n_objects; /* at the end */
} Talk;

static AioContext *ctx;

/* Yields, and ends some turns of the loop later. */
static bool coroutine_fn run_later(void *arg, void *ret, Error **errp)
{
    for (int i = 0; i < 3; i++) {
        aio_co_schedule(ctx, coroutine_self());
        coroutine_yield();
    }
    return true;
}

static const QapiCommand commands[] = {
    { .name = "x-later", .run = run_later, .flags = QCO_COROUTINE },
};

/* ---- Talking ---- */

static void take_output(QmpSession *s, GString *out)
{
    while (aio_poll(ctx, false)) {
        continue;
    }
    qmp_session_send(s, append_output, out);
}

static void run_requests(QmpSession *s, GString *out)
{
    take_output(s, out);
    while (qmp_session_has_requests(s) && out->len < MAX_OUTPUT) {
        qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
        take_output(s, out);
    }
}

static int count_object(Object *child, void *opaque)
{
    ++*(unsigned *)opaque;
    return 0;
}

static QmpSession *talk_begin(Talk *t, const char *negotiation)
{
    QmpSession *s;

    qmp_observer_start(ctx);
    s = qmp_session_new_full(&(QmpSessionOptions) { .offers_oob = true });
    qmp_session_feed(s, negotiation, strlen(negotiation));
    t->out = g_string_new(NULL);
    t->oob = g_string_new(NULL);
    return s;
}

static void talk_end(Talk *t, QmpSession *s)
{
    object_child_foreach_recursive(object_get_objects_root(), count_object,
                                   &t->n_objects);
    fuzz_types_cleanup();
    qmp_session_free(s);
    qmp_observer_stop();
    while (aio_poll(ctx, false)) {
        continue;
    }
}

static void talk_clear(Talk *t)
{
    g_string_free(t->out, TRUE);
    g_string_free(t->oob, TRUE);
}

static void talk(Talk *t, const char *data, size_t size, size_t piece)
{
    QmpSession *s = talk_begin(t, NEGOTIATE);

    for (size_t at = 0; at < size; at += piece) {
        qmp_session_feed(s, data + at, MIN(piece, size - at));
    }
    qmp_session_end_input(s);
    run_requests(s, t->out);
    t->all = !qmp_session_has_quit(s) && !qmp_session_has_requests(s);
    talk_end(t, s);
}

/* ---- Talking out of band ---- */

/* What is there of an input yet to be fed. */
typedef struct Input {
    const char *data;
    size_t size;
    bool ended;
} Input;

static void feed_some(QmpSession *s, Input *input, MutateRandom *r)
{
    size_t n = mutate_chance(r, 4) ? input->size
                                   : mutate_below(r, input->size + 1);

    qmp_session_feed(s, input->data, n);
    input->data += n;
    input->size -= n;
    if (!input->size) {
        qmp_session_end_input(s);
        input->ended = true;
    }
}

static void route(Talk *t, QmpSession *s, int64_t time_limit_us)
{
    take_output(s, t->out);
    qmp_session_run(s, QMP_OUT_OF_BAND, time_limit_us);
    qmp_session_send(s, append_output, t->oob);
}

/* One step of either side; some do nothing. */
static void take_step(Talk *t, QmpSession *s, Input *input, MutateRandom *r)
{
    int64_t time_limit_us = mutate_chance(r, 2) ? 0 : G_USEC_PER_SEC;

    switch (mutate_below(r, 4)) {
    case 0:
        if (!input->ended) {
            feed_some(s, input, r);
        }
        break;
    case 1:
        route(t, s, time_limit_us);
        break;
    case 2:
        qmp_session_run(s, QMP_IN_BAND, time_limit_us);
        break;
    case 3:
        take_output(s, t->out);
        break;
    }
}

static bool goes_on(const Talk *t, QmpSession *s, const Input *input)
{
    return !qmp_session_has_quit(s) && t->out->len < MAX_OUTPUT &&
           t->oob->len < MAX_OUTPUT &&
           (!input->ended || qmp_session_has_requests(s) ||
            !qmp_session_is_idle(s));
}

/* @stays: the client, to the end */
static void talk_oob(Talk *t, const char *data, size_t size, MutateRandom *r,
                     bool stays)
{
    QmpSession *s = talk_begin(t, NEGOTIATE_OOB);
    Input input = { data, size, false };

    run_requests(s, t->out);
    g_assert_true(qmp_session_has_oob(s));
    while (goes_on(t, s, &input) && (stays || !mutate_chance(r, 32))) {
        take_step(t, s, &input, r);
    }
    t->all = !qmp_session_has_quit(s) && !goes_on(t, s, &input) &&
             t->out->len < MAX_OUTPUT && t->oob->len < MAX_OUTPUT;
    take_output(s, t->out);
    talk_end(t, s);
}

/* ---- What the client gets ---- */

static GArray *read_talk(const char *negotiation, const char *data,
                         size_t size)
{
    g_autoptr(GString) text = g_string_new(negotiation);

    g_string_append_len(text, data, size);
    return read_messages(text->str, text->len);
}

static void check_talk(const Talk *t, const GArray *inband, const GArray *oob)
{
    ReplyCount count = check_replies(t->out->str, inband);
    ReplyCount count_oob = check_replies(t->oob->str, oob);

    g_assert_cmpuint(count.objects, ==, t->n_objects);
    if (t->all) {
        g_assert_cmpuint(count.replies, ==, inband->len);
        g_assert_cmpuint(count_oob.replies, ==, oob->len);
    }
}

/* Each match loses all but its first group. */
static void cut_out(GString *out, const char *pattern)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0,
                                          NULL);
    g_autofree char *text = g_regex_replace(regex, out->str, out->len, 0,
                                            "\\1", 0, NULL);

    g_string_assign(out, text);
}

/* Threads, times, and what loops have done so far differ each time. */
static void cut_out_what_differs(GString *out)
{
    cut_out(out, "(\"thread-id\": )[0-9]+");
    cut_out(out, "(\"running-ms\": )[0-9]+");
    cut_out(out, "(\"timestamp\": )[{][^{}]*[}]");
    cut_out(out, "([{]\"iterations\": )(?:[^{}]++|[{][^{}]*+[}])*+[}]");
}

/* When events are told depends on the order of steps, as does what waits. */
static void cut_out_what_waits(GString *out)
{
    cut_out(out, "(^)[{]\"event\".*\r\n");
    cut_out(out, "(\"queued\": )[0-9]+");
}

/* ---- Inputs ---- */

const FuzzMutator fuzz_mutator = { mutate_requests, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    qapi_register_commands(commands, G_N_ELEMENTS(commands));
    ctx = aio_context_new(&error_abort);
    return 0;
}

static void test_inband(const char *text, size_t size)
{
    g_autoptr(GArray) messages = read_talk(NEGOTIATE, text, size);
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(Message));
    Talk whole = { 0 };
    Talk cut = { 0 };

    talk(&whole, text, size, MAX(size, 1));
    talk(&cut, text, size, 7);
    check_talk(&whole, messages, none);
    cut_out_what_differs(whole.out);
    cut_out_what_differs(cut.out);
    g_assert_cmpstr(whole.out->str, ==, cut.out->str);
    g_assert_true(whole.all == cut.all);
    talk_clear(&whole);
    talk_clear(&cut);
}

static uint64_t hash(const char *text, size_t size)
{
    uint64_t h = size;

    for (size_t i = 0; i < size; i++) {
        h = h * 31 + (unsigned char)text[i];
    }
    return h;
}

static void test_oob(const char *text, size_t size)
{
    g_autoptr(GArray) messages = read_talk(NEGOTIATE_OOB, text, size);
    g_autoptr(GArray) inband = take_messages(messages, false);
    g_autoptr(GArray) oob = take_messages(messages, true);
    Talk one = { 0 };
    Talk other = { 0 };
    MutateRandom r;

    mutate_random_init(&r, hash(text, size));
    talk_oob(&one, text, size, &r, true);
    talk_oob(&other, text, size, &r, !mutate_chance(&r, 4));
    check_talk(&one, inband, oob);
    check_talk(&other, inband, oob);
    if (one.all && other.all) {
        cut_out_what_differs(one.out);
        cut_out_what_differs(other.out);
        cut_out_what_waits(one.out);
        cut_out_what_waits(other.out);
        g_assert_cmpstr(one.out->str, ==, other.out->str);
    }
    talk_clear(&one);
    talk_clear(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    test_inband(text, size);
    if (memmem(text, size, "exec-oob", strlen("exec-oob"))) {
        test_oob(text, size);
    }
    return 0;
}
