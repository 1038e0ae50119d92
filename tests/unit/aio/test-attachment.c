/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attachments: what layers on top of the loop keep for each context.
 */
#include "aio/context-internal.h"
#include "tests/unit/test-util.h"

typedef struct TestAttachment {
    AioAttachment attachment;
    GString *log; /* shared by all of a test */
    const char *name;
} TestAttachment;

static void log_call(AioAttachment *attachment, const char *operation)
{
    TestAttachment *test = container_of(attachment, TestAttachment,
                                        attachment);

    g_string_append_printf(test->log, "%s:%s ", test->name, operation);
}

static void log_free(AioAttachment *attachment)
{
    log_call(attachment, "free");
    g_free(container_of(attachment, TestAttachment, attachment));
}

static void log_close(AioAttachment *attachment)
{
    log_call(attachment, "close");
}

static void log_params(AioAttachment *attachment)
{
    log_call(attachment, "params");
}

static void log_stats(AioAttachment *attachment, AioStats *stats)
{
    log_call(attachment, "stats");
    stats->thread_pool_threads++;
}

static const AioAttachmentOps low_ops = {
    .layer = 1,
    .free = log_free,
    .params_changed = log_params,
    .read_stats = log_stats,
};
static const AioAttachmentOps high_ops = {
    .layer = 2,
    .free = log_free,
    .close_inherited = log_close,
    .read_stats = log_stats,
};

typedef struct Fixture {
    AioContext *ctx;
    GString *log;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    f->log = g_string_new(NULL);
}

static void tear_down(Fixture *f, const void *data)
{
    g_string_free(f->log, TRUE);
}

static void attach(Fixture *f, const AioAttachmentOps *ops, const char *name)
{
    TestAttachment *test = g_new0(TestAttachment, 1);

    test->attachment.ops = ops;
    test->log = f->log;
    test->name = name;
    aio_attach(&f->ctx->attachments, &test->attachment);
}

static void assert_log(Fixture *f, const char *text)
{
    g_assert_cmpstr(f->log->str, ==, text);
    g_string_truncate(f->log, 0);
}

static void test_low_first(Fixture *f, const void *data)
{
    attach(f, &low_ops, "low");
    attach(f, &high_ops, "high");
    aio_context_unref(f->ctx);
    assert_log(f, "high:free low:free ");
}

static void test_high_first(Fixture *f, const void *data)
{
    attach(f, &high_ops, "high");
    attach(f, &low_ops, "low");
    aio_context_unref(f->ctx);
    assert_log(f, "high:free low:free ");
}

static void test_find(Fixture *f, const void *data)
{
    AioAttachments *list = &f->ctx->attachments;

    g_assert_null(aio_attachment_find(list, &low_ops));
    attach(f, &high_ops, "high");
    g_assert_null(aio_attachment_find(list, &low_ops));
    attach(f, &low_ops, "low");
    g_assert_true(aio_attachment_find(list, &low_ops)->ops == &low_ops);
    g_assert_true(aio_attachment_find(list, &high_ops)->ops == &high_ops);
    aio_context_unref(f->ctx);
}

static void test_params(Fixture *f, const void *data)
{
    attach(f, &high_ops, "high");
    attach(f, &low_ops, "low");
    aio_context_set_thread_pool_params(f->ctx, 0, 3, &error_abort);
    assert_log(f, "low:params ");
    aio_context_unref(f->ctx);
}

static void test_stats(Fixture *f, const void *data)
{
    AioStats stats;

    attach(f, &high_ops, "high");
    attach(f, &low_ops, "low");
    aio_context_get_stats(f->ctx, &stats);
    assert_log(f, "high:stats low:stats ");
    g_assert_cmpuint(stats.thread_pool_threads, ==, 2);
    aio_context_unref(f->ctx);
}

static void test_close(Fixture *f, const void *data)
{
    attach(f, &high_ops, "high");
    attach(f, &low_ops, "low");
    aio_attachments_close_inherited(&f->ctx->attachments);
    assert_log(f, "high:close ");
    aio_context_unref(f->ctx);
}

static void add(const char *name, void (*func)(Fixture *, const void *))
{
    g_autofree char *path = g_strdup_printf("/aio/attachment/%s", name);

    g_test_add(path, Fixture, NULL, set_up, func, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("free/low-attached-first", test_low_first);
    add("free/high-attached-first", test_high_first);
    add("find", test_find);
    add("params-changed", test_params);
    add("read-stats", test_stats);
    add("close-inherited", test_close);
    return test_run();
}
