/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client verbs and a hostile server: the input is everything that the
 * server sends after the negotiation, and each verb receives it.  A verb ends
 * with a documented exit status.  If it fails, it prints one message that
 * begins with the program's name.  Nothing that it prints acts on a terminal.
 *
 * An input whose reply is introspection data is also passed to what `qapi -s`
 * calls.  In addition, the input once takes the place of the greeting.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tests/fuzz/fuzz.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/target.h"
#include "tools/verb-functions.h"
#include "util/module.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEGOTIATION "{\"QMP\": {}}\r\n{\"return\": {}, \"id\": 1}\r\n"
#define TIMEOUT_MS 10000 /* never needed: the input ends */
#define MAX_ARGS 3

static GString *written; /* to stdout */
static GString *said;    /* to stderr */
static char *list_path;  /* of a file with an empty list */

int __wrap_fputs(const char *text, FILE *stream);

int __wrap_fputs(const char *text, FILE *stream)
{
    g_string_append(stream == stderr ? said : written, text);
    return 1;
}

/* ---- The server ---- */

typedef struct Peer {
    QmpClient *client; /* (nullable) owned by the target */
    int fd;            /* keeps what is asked */
    Error *err;
} Peer;

static void peer_init(Peer *peer, const char *first, const uint8_t *data,
                      size_t size)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    peer->fd = fds[1];
    peer->err = NULL;
    /* What does not fit into the socket is left out. */
    send(fds[1], first, strlen(first), MSG_DONTWAIT);
    send(fds[1], data, size, MSG_DONTWAIT);
    shutdown(fds[1], SHUT_WR);
    peer->client = qmp_client_connect_fd(fds[0], "peer", TIMEOUT_MS,
                                         &peer->err);
    g_assert_true(!peer->client == !!peer->err);
}

/* ---- Verbs ---- */

typedef struct VerbCase {
    int (*run)(void *args);
    const char *args[MAX_ARGS];
    const char *implements;
    const char *interval;
    bool values;
    bool events;
    bool is_raw; /* it prints a value as it is */
} VerbCase;

static const VerbCase verbs[] = {
    { action_tree },
    { action_list, { "/a" } },
    { action_get, { "a", "b" }, .is_raw = true },
    { action_set, { "a", "b", "1" } },
    { action_add, { "t,id=a" } },
    { action_del, { "a", "b" } },
    { action_types },
    { action_types, .implements = "t" },
    { action_props, { "t" } },
    { action_apply, { NULL } /* see run_verb() */ },
    { action_config },
    { action_watch },
    { action_watch, { "a", "b.c" } },
    { action_tree, .values = true },
    { action_watch, { "EVENT" }, .events = true },
    { action_watch, { "a", "b.c" }, .interval = "1" },
    { action_call, { "query", "a.0=1", "b=x" }, .is_raw = true },
};

static int run_verb(const VerbCase *verb, bool json)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    Args args = { .base.rest = rest, .json = json,
                  .implements = verb->implements,
                  .interval = verb->interval,
                  .values = verb->values,
                  .events = verb->events };

    for (int i = 0; i < MAX_ARGS && verb->args[i]; i++) {
        g_ptr_array_add(rest, (char *)verb->args[i]);
    }
    if (verb->run == action_apply) {
        g_ptr_array_add(rest, list_path);
    }
    args.base.n_rest = rest->len;
    g_ptr_array_add(rest, NULL);
    return verb->run(&args);
}

static void check_written(const VerbCase *verb, int status, bool json)
{
    const char *line_end = strchr(said->str, '\n');

    g_assert_true(status == EXIT_DONE || status == EXIT_FAILED);
    g_assert_cmpint(status == EXIT_DONE, ==, !said->len);
    if (said->len) {
        g_assert_true(g_str_has_prefix(said->str, "fuzz: "));
        g_assert_nonnull(line_end);
        g_assert_true(safe_text_check(said->str, "\n"));
    }
    if (!verb->is_raw || json) {
        g_assert_true(safe_text_check(written->str, "\n"));
    }
}

static void check_verb(const VerbCase *verb, bool json, const uint8_t *data,
                       size_t size)
{
    Peer peer;
    sigset_t signals;
    int status;

    peer_init(&peer, NEGOTIATION, data, size);
    g_assert_nonnull(peer.client);
    target_use(peer.client);
    g_string_truncate(written, 0);
    g_string_truncate(said, 0);
    pthread_sigmask(SIG_BLOCK, NULL, &signals);
    status = run_verb(verb, json);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
    target_disconnect();
    close(peer.fd);
    check_written(verb, status, json);
}

/* ---- qapi -s ---- */

static void check_schema(JsonNode *info)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(Error) err = NULL;
    g_autoptr(QapiSchema) schema = qapi_schema_load_info("peer", info, &err);
    const QapiDiffSide side = { "peer", info };
    bool breaks;

    g_assert_true(!schema == !!err);
    if (schema) {
        qapi_schema_show(schema, NULL, out, &error_abort);
        qapi_schema_manual(schema, QAPI_MANUAL_HTML, out);
        qapi_schema_manual(schema, QAPI_MANUAL_MAN, out);
        qapi_schema_manual(schema, QAPI_MANUAL_MD, out);
    }
    /* What contradicts itself differs from itself, but it is no schema. */
    if (qapi_schema_diff(&side, &side, out, &breaks, NULL) && schema) {
        g_assert_false(breaks);
    }
}

static void check_introspection(const uint8_t *data, size_t size)
{
    g_autoptr(JsonNode) info = NULL;
    g_autoptr(Error) err = NULL;
    Peer peer;

    peer_init(&peer, NEGOTIATION, data, size);
    info = qmp_client_execute(peer.client, "query-qmp-schema", NULL, &err);
    g_assert_true(!info == !!err);
    qmp_client_free(peer.client);
    close(peer.fd);
    if (info) {
        check_schema(info);
    }
}

static void check_greeting(const uint8_t *data, size_t size)
{
    Peer peer;

    peer_init(&peer, "", data, size);
    qmp_client_free(peer.client);
    error_free(peer.err);
    close(peer.fd);
}

/* ---- The target ---- */

static void mutate(GString *text, MutateRandom *r)
{
    static const char *const keys[] = {
        "QMP", "return", "id", "error", "class", "desc", "event", "data",
        "timestamp", "path", "type", "children", "name", "parent",
        "abstract", "action", "qom-type", "properties", "default", "min",
        "max", "unit", "set", "description", "property", "value",
        "meta-type", "members", "variants", "tag", "arg-type", "ret-type",
        "element-type", "json-type", "values", "features", "case", NULL,
    };
    static const char *const values[] = {
        "/", "/a", "a", "child<t>", "link<t>", "int", "add", "delete",
        "change", "any-time", "create", "never", "GenericError",
        "DeviceNotFound", "CommandNotFound", "PROPERTY_CHANGED",
        "OBJECT_ADDED", "OBJECT_DELETED", "command", "object", "enum",
        "array", "builtin", "alternate", "0", "\\n", "\\u001b[1m", "\\u009b",
        NULL,
    };
    static const MutateWords words = { keys, values };

    if (mutate_chance(r, 20)) {
        mutate_bytes(text, r);
    } else {
        mutate_json(text, r, &words);
    }
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int fd = memfd_create("fuzz-client", MFD_CLOEXEC);

    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    output_init("fuzz");
    written = g_string_new(NULL);
    said = g_string_new(NULL);
    g_assert_cmpint(write(fd, "[]", 2), ==, 2);
    list_path = g_strdup_printf("/proc/self/fd/%d", fd);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        /* one of two forms, which another length changes */
        check_verb(&verbs[i], (size + i) % 2, data, size);
    }
    check_introspection(data, size);
    check_greeting(data, size);
    return 0;
}
