/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cases of the commands of QMP, as a client sends them. */
#include "qapi/qapi-builtin-types.h"
#include "qmp/qmp-observer-internal.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-session-internal.h"
#include "aio/aio.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/cost/cost.h"

#include <string.h>

/* ---- A type ---- */

typedef struct Part {
    Object parent_obj;
    int64_t number;
    intList *ints;
    Object *friend;
} Part;

static const PropertyRow part_rows[] = {
    { .name = "number", .type = &qapi_type_int,
      .offset = offsetof(Part, number) },
    { .name = "ints", .type = &qapi_type_intList,
      .offset = offsetof(Part, ints) },
    { .name = "friend", .link = "part", .offset = offsetof(Part, friend) },
    { }
};

static void part_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, part_rows);
}

static const TypeInfo part_info = {
    .name = "part",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Part),
    .class_init = part_class_init,
    .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } },
};

/* ---- A client ---- */

static AioContext *ctx;
static QmpSession *session;

static ssize_t discard(void *opaque, const char *bytes, size_t n_bytes)
{
    return n_bytes;
}

static void say(const char *text)
{
    while (*text) {
        size_t n = strnlen(text, 8192);

        qmp_session_feed(session, text, n);
        text += n;
        while (qmp_session_has_requests(session)) {
            qmp_session_run(session, QMP_IN_BAND, G_USEC_PER_SEC);
            qmp_session_send(session, discard, NULL);
        }
        while (aio_poll(ctx, false)) {
            qmp_session_send(session, discard, NULL);
        }
    }
}

static void start(unsigned n)
{
    ctx = aio_context_new(&error_abort);
    aio_set_current_context(ctx);
    qmp_observer_start(ctx);
    session = qmp_session_new(true);
    say("{'execute': 'qmp_capabilities'}");
}

static void stop(void)
{
    g_clear_pointer(&session, qmp_session_free);
    user_creatable_cleanup();
    qmp_observer_stop();
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
}

static void run_and_leave(const char *text)
{
    say(text);
    g_clear_pointer(&session, qmp_session_free);
}

/* ---- Objects ---- */

#define PART "{'qom-type': 'part', 'id': 'p%u'"

static void make_add(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'object-add', 'arguments': "
                               PART ", 'number': 1}}\n", i);
    }
}

static void make_del(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'object-del',"
                               " 'arguments': {'id': 'p%u'}}\n", i);
    }
}

static void make_add_text(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'object-add-text',"
                               " 'arguments': {'options':"
                               " 'part,id=p%u,number=1,ints=1-3'}}\n", i);
    }
}

static void start_with_parts(unsigned n)
{
    g_autoptr(GString) text = g_string_new(NULL);

    start(n);
    make_add(text, n);
    say(text->str);
}

static void append_list(GString *text, unsigned n, const char *link)
{
    g_string_append(text,
                    "{'execute': 'object-apply', 'arguments': {'objects': [");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "%s" PART ", 'number': 2, ",
                               i ? ", " : "", i);
        g_string_append_printf(text, link, i + 1 < n ? i + 1 : 0);
        g_string_append_c(text, '}');
    }
    g_string_append(text, "]}}\n");
}

static void make_apply(GString *text, unsigned n)
{
    append_list(text, n, "'ints': [%u]");
}

static void make_apply_circle(GString *text, unsigned n)
{
    append_list(text, n, "'friend': 'p%u'");
}

/* Paths that begin with the name of a link of the class. */
static void make_apply_links(GString *text, unsigned n)
{
    append_list(text, n, "'friend': 'friend/p%u'");
}

static void make_apply_nothing(GString *text, unsigned n)
{
    g_string_append(text, "{'execute': 'object-apply',"
                    " 'arguments': {'objects': []}}\n");
}

static void start_with_circle(unsigned n)
{
    g_autoptr(GString) text = g_string_new(NULL);

    start(n);
    make_apply_circle(text, n);
    say(text->str);
}

static void make_queries(GString *text, unsigned n)
{
    g_string_append(text,
                    "{'execute': 'query-objects'}\n"
                    "{'execute': 'qom-tree'}\n"
                    "{'execute': 'qom-list', 'arguments':"
                    " {'path': '/objects'}}\n"
                    "{'execute': 'qom-list-get', 'arguments':"
                    " {'paths': ['/objects']}}\n");
}

static void make_list_get(GString *text, unsigned n)
{
    g_string_append(text, "{'execute': 'qom-list-get', 'arguments':"
                    " {'paths': ['/'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'p%u'", i);
    }
    g_string_append(text, "]}}\n");
}

/* ---- Values and paths ---- */

static void make_paths(GString *text, unsigned n)
{
    static const char *const forms[] = { "/objects", "objects", "p0", "a" };

    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_string_append(text, "{'execute': 'qom-get', 'arguments': {"
                        "'property': 'type', 'path': '");
        g_string_append(text, forms[i]);
        for (unsigned j = 0; j < n; j++) {
            g_string_append(text, i % 2 ? "//" : "/a");
        }
        g_string_append(text, "'}}\n");
    }
}

static void make_ints(GString *text, unsigned n)
{
    g_string_append(text, "{'execute': 'qom-set', 'arguments': {'path': 'p0',"
                    " 'property': 'ints', 'value': [1");
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, ", 1");
    }
    g_string_append(text, "]}}\n{'execute': 'qom-get', 'arguments':"
                    " {'path': 'p0', 'property': 'ints'}}\n");
}

static void make_gets(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'qom-get', 'arguments':"
                               " {'path': 'p%u', 'property': 'friend'}}\n", i);
    }
}

/* Each object has what a path begins with, and none has the rest of it. */
static void make_paths_of_all(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n / 10; i++) {
        g_string_append_printf(text, "{'execute': 'qom-get', 'arguments':"
                               " {'path': 'friend/%u', 'property': 'a'}}\n", i);
    }
}

static void make_id(GString *text, unsigned n)
{
    g_string_append(text, "{'execute': 'query-version', 'id': ");
    for (unsigned i = 0; i < 1000; i++) {
        g_string_append_c(text, '[');
    }
    g_string_append_c(text, '1');
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, ",1");
    }
    for (unsigned i = 0; i < 1000; i++) {
        g_string_append_c(text, ']');
    }
    g_string_append(text, "}\n");
}

static void make_unexpected(GString *text, unsigned n)
{
    g_string_append(text, "{'execute': 'qom-get', 'arguments': {'path': 1");
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, ", '");
        cost_append_colliding(text, i);
        g_string_append(text, "': 1");
    }
    g_string_append(text, "}}\n");
}

/* ---- Watches ---- */

static void make_watch(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'qom-watch', 'arguments':"
                               " {'path': 'p%u'}}\n", i);
    }
}

static void make_unwatch(GString *text, unsigned n)
{
    make_watch(text, n);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'qom-unwatch', 'arguments':"
                               " {'path': 'p%u'}}\n", i);
    }
}

/* All values change, then the client goes. */
static void make_watch_changed(GString *text, unsigned n)
{
    make_watch(text, n);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{'execute': 'qom-set', 'arguments':"
                               " {'path': 'p%u', 'property': 'number',"
                               " 'value': 9}}\n", i);
    }
}

static void make_watch_deleted(GString *text, unsigned n)
{
    make_watch(text, n);
    make_del(text, n);
}

/* Objects of a command line, each of which links to the one after it. */
static void make_command_line(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "part,id=p%u,friend=p%u\n", i, i + 1);
    }
    g_string_append_printf(text, "part,id=p%u", n);
}

static void add_command_line(const char *text)
{
    g_auto(GStrv) texts = g_strsplit(text, "\n", 0);
    unsigned failed;

    user_creatable_add_list((const char *const *)texts, g_strv_length(texts),
                            &failed, &error_abort);
}

void cost_init_qmp(void)
{
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    type_register_static(&part_info);
}

const CostCase cost_qmp_cases[] = {
    { "qmp/object-add", 100, make_add, say, start, stop },
    { "qmp/object-add-text", 100, make_add_text, say, start, stop },
    { "qmp/command-line", 100, make_command_line, add_command_line, start,
      stop },
    { "qmp/object-del", 100, make_del, say, start_with_parts, stop },
    { "qmp/object-apply", 100, make_apply, say, start, stop },
    { "qmp/object-apply-again", 100, make_apply, say, start_with_parts, stop },
    { "qmp/object-apply-circle", 100, make_apply_circle, say, start, stop },
    { "qmp/object-apply-links", 100, make_apply_links, say, start_with_circle,
      stop },
    { "qmp/object-apply-nothing", 100, make_apply_nothing, say,
      start_with_circle, stop, true },
    { "qmp/queries", 100, make_queries, say, start_with_circle, stop, true },
    { "qmp/qom-list-get", 100, make_list_get, say, start_with_parts, stop,
      true },
    { "qmp/qom-get", 100, make_gets, say, start_with_circle, stop },
    { "qmp/paths", 2000, make_paths, say, start_with_parts, stop },
    { "qmp/paths-of-all", 1000, make_paths_of_all, say, start_with_circle,
      stop },
    { "qmp/ints", 2000, make_ints, say, start_with_parts, stop },
    { "qmp/id", 5000, make_id, say, start, stop },
    { "qmp/unexpected", 1000, make_unexpected, say, start, stop },
    { "qmp/watch", 100, make_watch, run_and_leave, start_with_parts, stop },
    { "qmp/unwatch", 100, make_unwatch, say, start_with_parts, stop },
    { "qmp/watch-changed", 100, make_watch_changed, run_and_leave,
      start_with_parts, stop },
    { "qmp/watch-deleted", 100, make_watch_deleted, say, start_with_parts,
      stop },
    { }
};
