/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Actions of other clients while a hook waits, which a command of the first
 * client has called.  The hook waits for a function in another thread, which
 * sends the request of the second client.  GLib or aio_poll() runs the loop,
 * with each fd monitor; inside the hook it is aio_poll().
 */
#include "aio/aio-wait.h"
#include "qmp/qmp-server.h"
#include "qom/object-observer.h"
#include "qom/user-creatable.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/test-stdio.h"
#include "tests/unit/test-driver.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "tests/unit/qom/waiter.h"
#include "util/module.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SET(property, value) \
    "{'execute': 'qom-set', 'arguments': {'path': '/objects/a', " \
    "'property': '" property "', 'value': " value "}}"
#define OF_A(command) \
    "{'execute': '" command "', 'arguments': {'path': '/objects/a'}}"
#define DELETE(id) \
    "{'execute': 'object-del', 'arguments': {'id': '" id "'}}"
#define ADD "{'execute': 'object-add', 'arguments': " \
    "{'qom-type': 'waiter', 'id': 'a'}}"
#define APPLY(list) \
    "{'execute': 'object-apply', 'arguments': {'objects': [" list "]}}"
#define WAITER_OF(members) "{'qom-type': 'waiter', 'id': " members "}"
#define GET "{'execute': 'qom-get', 'arguments': {'path': '/objects/a', " \
    "'property': 'custom'}}"
#define LIST_GET "{'execute': 'qom-list-get', 'arguments': " \
    "{'paths': ['/objects/a']}}"

static struct {
    AioContext *ctx;
    DrivenLoop loop;
    Loop thread;
    char *dir;
    char *path;
    QmpServer *server;
    QmpServer *stdio_server; /* (nullable) of the first client */
    Stdio standard;
    int fds[2];
    GString *in[2]; /* received from each, not checked yet */
    bool has_quit;

    Hook hook; /* that waits, once */
    bool refuses;
    const struct Action *action;
    bool is_command; /* and others wait until it has ended */
    bool in_hook;
} now;

/* ---- Actions during the wait ---- */

typedef struct Action {
    const char *name;
    const char *request; /* (nullable) of the second client */
    unsigned closes;     /* bits: that client disconnects */
    void (*call)(void);  /* (nullable) a bottom half */
} Action;

static void delete_a(void)
{
    user_creatable_del("a", NULL);
}

static void unparent_a(void)
{
    Object *a = object_resolve_path("/objects/a", NULL);

    if (a) {
        object_unparent(a);
    }
}

static const Action actions[] = {
    { "set-same", SET("n", "7") },
    { "set-pending", SET("n", "2") },
    { "set-other", SET("m", "7") },
    { "get", GET },
    { "list", OF_A("qom-list") },
    { "list-get", LIST_GET },
    { "query-objects", "{'execute': 'query-objects'}" },
    { "watch", OF_A("qom-watch") },
    { "unwatch", OF_A("qom-unwatch") },
    { "delete", DELETE("a") },
    { "delete-t1", DELETE("t1") },
    { "delete-t2", DELETE("t2") },
    { "add-same", ADD },
    { "apply-nothing", APPLY("") },
    { "quit", "{'execute': 'quit'}" },
    { "goes", SET("n", "7"), 2 },
    { "first-goes", SET("n", "7"), 1 },
    { "both-go", SET("n", "7"), 3 },
    { "bh-deletes", NULL, 0, delete_a },
    { "bh-unparents", NULL, 0, unparent_a },
};

static void say(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==,
                    strlen(text));
}

/* In the other thread. */
static void act(void *opaque)
{
    if (now.action->request) {
        say(now.fds[1], now.action->request);
    }
}

static void call_bh(void *opaque)
{
    now.action->call();
}

static bool iterate(bool wait)
{
    return now.in_hook ? aio_poll(now.ctx, wait)
                       : driver_iterate(&now.loop, wait);
}

static void step(void)
{
    while (iterate(false)) {
        continue;
    }
}

/* The next line of a client that is no event; NULL if there is none yet. */
static char *find_reply(unsigned client)
{
    GString *in = now.in[client];
    char bytes[4096];
    ssize_t n;

    while ((n = recv(now.fds[client], bytes, sizeof(bytes),
                     MSG_DONTWAIT)) > 0) {
        g_string_append_len(in, bytes, n);
    }
    for (char *end; (end = strchr(in->str, '\n'));) {
        g_autofree char *line = g_strndup(in->str, end - in->str);

        g_string_erase(in, 0, strlen(line) + 1);
        if (!strstr(line, "\"event\"")) {
            return g_steal_pointer(&line);
        }
    }
    return NULL;
}

/* Runs the loop until it is there. */
static char *hear(unsigned client)
{
    char *reply;

    while (!(reply = find_reply(client))) {
        step();
    }
    return reply;
}

static void close_clients(unsigned which)
{
    for (unsigned i = 0; i < 2; i++) {
        if (which & 1u << i) {
            close(now.fds[i]);
            now.fds[i] = -1;
        }
    }
}

static bool wait_in(Hook hook, Object *obj, Error **errp)
{
    if (now.hook != hook) {
        return true;
    }
    now.hook = HOOK_NONE;
    now.in_hook = true;
    if (now.action->call) {
        aio_bh_schedule_oneshot(now.ctx, call_bh, NULL);
    }
    aio_wait_bh_oneshot(now.thread.ctx, act, NULL);
    close_clients(now.action->closes);
    step();
    if (now.is_command && now.fds[1] >= 0) {
        g_assert_null(find_reply(1));
    }
    now.in_hook = false;
    if (now.refuses) {
        error_setg(errp, "The hook refuses");
    }
    return !now.refuses;
}

/* ---- Where hooks wait ---- */

typedef struct Site {
    const char *name;
    Hook hook;
    const char *request; /* (nullable) of the first client */
    bool can_refuse;
} Site;

static const Site sites[] = {
    { "set", HOOK_CHANGED, SET("n", "2"), true },
    { "set-text", HOOK_CHANGED, SET("text", "'new'"), true },
    { "set-link", HOOK_CHANGED, SET("peer", "'t2'"), true },
    { "apply", HOOK_CHANGED,
      APPLY(WAITER_OF("'t1'") "," WAITER_OF("'t2'") ","
            WAITER_OF("'a', 'n': 2, 'text': 'new', 'peer': 't2'")), true },
    { "setter", HOOK_SETTER, SET("custom", "2"), true },
    { "instance-setter", HOOK_INSTANCE_SETTER, SET("instance", "2"), true },
    { "check", HOOK_CHECK, SET("checked", "'t2'"), true },
    { "complete", HOOK_COMPLETE, ADD, true },
    { "can-be-deleted", HOOK_CAN_BE_DELETED, DELETE("a"), true },
    { "unparent", HOOK_UNPARENT, DELETE("a") },
    { "getter", HOOK_GETTER, GET },
    { "list-get", HOOK_GETTER, LIST_GET },
    { "query-objects", HOOK_GETTER, "{'execute': 'query-objects'}" },
    { "watch", HOOK_GETTER, OF_A("qom-watch") },
    /* not a command: an event of a watched property is being written */
    { "event", HOOK_GETTER, NULL },
};

typedef struct Way {
    const char *name;
    const char *negotiation;
    bool first_on_stdio;
} Way;

static const Way ways[] = {
    { "in-band", NEGOTIATE },
    { "oob", ENABLE_OOB },
    { "stdio", NEGOTIATE, true },
};

typedef struct Case {
    const Site *site;
    const Action *action;
    bool refuses;
    const Way *way;
    const Driver *driver;
} Case;

/* ---- Server and clients ---- */

static void on_shutdown(void *opaque)
{
    now.has_quit = true;
}

static void negotiate(unsigned client, int fd, const char *negotiation)
{
    now.fds[client] = fd;
    g_string_truncate(now.in[client], 0);
    g_free(hear(client));
    say(fd, negotiation);
    g_free(hear(client));
}

static void connect_client(unsigned client, const char *negotiation)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, now.path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    negotiate(client, fd, negotiation);
}

static void connect_stdio(void)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    stdio_begin(&now.standard, fds[1], fds[1]);
    close(fds[1]);
    now.stdio_server = qmp_server_new(now.ctx, "stdio", &error_abort);
    negotiate(0, fds[0], NEGOTIATE);
}

static void set_up(const Case *c)
{
    g_autofree char *address = g_strconcat("unix:", now.path, NULL);

    now.hook = HOOK_NONE;
    now.has_quit = false;
    now.server = qmp_server_new(now.ctx, address, &error_abort);
    if (c->way->first_on_stdio) {
        connect_stdio();
    } else {
        connect_client(0, c->way->negotiation);
    }
    connect_client(1, c->way->negotiation);
    user_creatable_add_from_str("waiter,id=t1", &error_abort);
    user_creatable_add_from_str("waiter,id=t2", &error_abort);
    if (c->site->hook != HOOK_COMPLETE) {
        user_creatable_add_from_str(
            "waiter,id=a,n=1,text=old,peer=t1,custom=1", &error_abort);
    }
}

static void tear_down(void)
{
    close_clients((now.fds[0] >= 0) | (now.fds[1] >= 0) << 1);
    while (qmp_server_n_clients(now.server)) {
        iterate(true);
    }
    qmp_server_free(now.server);
    if (now.stdio_server) {
        qmp_server_free(g_steal_pointer(&now.stdio_server));
        stdio_end(&now.standard);
    }
    user_creatable_cleanup();
    step();
    driver_end(&now.loop);
}

static void begin_event(void)
{
    Object *a = object_resolve_path("/objects/a", NULL);
    g_autofree char *reply = NULL;

    say(now.fds[0], OF_A("qom-watch"));
    reply = hear(0);
    step();
    now.hook = HOOK_GETTER;
    object_property_changed(a, "custom");
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    if (!driver_begin(&now.loop, now.ctx, c->driver)) {
        return;
    }
    set_up(c);
    now.action = c->action;
    now.refuses = c->refuses;
    now.is_command = c->site->request;
    if (c->site->request) {
        now.hook = c->site->hook;
        say(now.fds[0], c->site->request);
    } else {
        begin_event();
    }
    while (now.hook != HOOK_NONE) {
        iterate(true);
    }
    if (c->site->request && now.fds[0] >= 0) {
        first = hear(0);
        g_assert_null(strstr(first, "is being changed"));
    }
    if (c->action->request && now.fds[1] >= 0) {
        second = hear(1);
        g_assert_null(strstr(second, "is being changed"));
    }
    if (c->action->request && strstr(c->action->request, "quit")) {
        while (!now.has_quit) {
            iterate(true);
        }
    }
    tear_down();
}

static void add_case(const Case *c)
{
    g_autofree char *path = g_strdup_printf(
        "/qmp/wait/%s/%s/%s%s/%s", c->way->name, c->site->name,
        c->action->name, c->refuses ? "/refused" : "", c->driver->name);

    g_test_add_data_func_full(path, g_memdup2(c, sizeof(*c)), test_case,
                              g_free);
}

/* All drivers for the first way, and the first and the last for others. */
static void add_pair(const Site *site, const Action *action, bool refuses)
{
    for (unsigned w = 0; w < G_N_ELEMENTS(ways); w++) {
        unsigned step = w ? G_N_ELEMENTS(drivers) - 1 : 1;

        for (unsigned d = 0; d < G_N_ELEMENTS(drivers); d += step) {
            add_case(&(Case){ site, action, refuses, &ways[w], &drivers[d] });
        }
    }
}

static void add_site(const Site *site, bool refuses)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(actions); i++) {
        add_pair(site, &actions[i], refuses);
    }
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    waiter_hook = wait_in;
    aio_main_context_init(&error_abort);
    now.ctx = aio_get_main_context();
    object_get_objects_root();
    loop_start(&now.thread);
    now.in[0] = g_string_new(NULL);
    now.in[1] = g_string_new(NULL);
    now.dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    now.path = g_build_filename(now.dir, "sock", NULL);
    qmp_set_shutdown_handler(on_shutdown, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(sites); i++) {
        add_site(&sites[i], false);
        if (sites[i].can_refuse) {
            add_site(&sites[i], true);
        }
    }
    ret = test_run();
    g_rmdir(now.dir);
    g_free(now.dir);
    g_free(now.path);
    g_string_free(now.in[0], TRUE);
    g_string_free(now.in[1], TRUE);
    loop_end(&now.thread);
    loop_join(&now.thread);
    aio_context_unref(now.thread.ctx);
    return ret;
}
