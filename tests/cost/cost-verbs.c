/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cases of the verbs of qom that connect to a program.
 *
 * The text of a case is everything that the program sends after the
 * negotiation; it is in the socket before the verb runs.  The requests of the
 * verb stay in the other direction of the socket, so there are at most 200.
 */
#include "tests/cost/cost.h"

#include "qapi/error.h"
#include "tools/output.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEGOTIATION "{\"QMP\": {}}\r\n{\"return\": {}, \"id\": 1}\r\n"
#define TIMEOUT_MS 60000 /* never needed: the program has sent everything */

/* ---- A verb ---- */

static int (*verb)(void *args);
static GPtrArray *words;  /* the arguments of the verb */
static GString *file;     /* what `apply` reads */
static bool is_json;
static bool has_values;   /* the option of `tree` */
static const char *fault; /* (nullable) part of the message of a failure */

int __wrap_fputs(const char *text, FILE *stream);

int __wrap_fputs(const char *text, FILE *stream)
{
    if (stream == stderr && !(fault && strstr(text, fault))) {
        g_error("%s", text);
    }
    return 1;
}

/* Begins the input of a case. */
static void begin(int (*action)(void *args))
{
    g_clear_pointer(&words, g_ptr_array_unref);
    words = g_ptr_array_new_with_free_func(g_free);
    verb = action;
    file = g_string_new(NULL);
    is_json = false;
    has_values = false;
    fault = NULL;
}

static void add_word(char *word)
{
    g_ptr_array_add(words, word);
}

static int run_words(void)
{
    Args args = { .base.rest = words, .base.n_rest = words->len,
                  .json = is_json, .values = has_values };

    g_ptr_array_add(words, NULL);
    return verb(&args);
}

static void run_verb(const char *text)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    g_assert_cmpint(send(fds[1], NEGOTIATION, strlen(NEGOTIATION),
                         MSG_DONTWAIT), ==, strlen(NEGOTIATION));
    g_assert_cmpint(send(fds[1], text, strlen(text), MSG_DONTWAIT), ==,
                    strlen(text));
    shutdown(fds[1], SHUT_WR);
    target_use(qmp_client_connect_fd(fds[0], "peer", TIMEOUT_MS, &error_abort));
    g_assert_cmpint(run_words(), ==, fault ? EXIT_FAILED : EXIT_DONE);
    target_disconnect();
    close(fds[1]);
}

/* Runs `apply` with the file. */
static void run_apply(const char *text)
{
    int fd = memfd_create("cost", MFD_CLOEXEC);

    g_assert_cmpint(write(fd, file->str, file->len), ==, file->len);
    add_word(g_strdup_printf("/proc/self/fd/%d", fd));
    run_verb(text);
    close(fd);
}

static void after(void)
{
    g_clear_pointer(&words, g_ptr_array_unref);
    g_string_free(g_steal_pointer(&file), TRUE);
}

/* ---- Verbs that print ---- */


/* A reply with a list of n elements; @format takes the index. */
static void append_list(GString *text, unsigned n, const char *format)
    G_GNUC_PRINTF(3, 0);

static void append_list(GString *text, unsigned n, const char *format)
{
    g_string_append_c(text, '[');
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, i ? ", " : "");
        g_string_append_printf(text, format, i);
    }
    g_string_append_c(text, ']');
}

static void begin_reply(GString *text)
{
    g_string_append(text, "{\"id\": 2, \"return\": ");
}

static void end_reply(GString *text)
{
    g_string_append(text, "}\n");
}

static void make_tree(GString *text, unsigned n)
{
    begin(action_tree);
    begin_reply(text);
    g_string_append(text, "{\"path\": \"/\", \"type\": \"t\", \"children\": ");
    append_list(text, n, "{\"path\": \"/a%u\", \"type\": \"t\","
                " \"children\": []}");
    g_string_append(text, "}");
    end_reply(text);
}

static void make_deep_tree(GString *text, unsigned n)
{
    begin(action_tree);
    begin_reply(text);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{\"path\": \"/a/%u\", \"type\": \"t\","
                               " \"children\": [", i);
    }
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, "]}");
    }
    end_reply(text);
}

static void make_list(GString *text, unsigned n)
{
    begin(action_list);
    begin_reply(text);
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"child<t>\"}");
    end_reply(text);
}

/* One name is as long as all others together. */
static void make_wide_list(GString *text, unsigned n)
{
    begin(action_list);
    begin_reply(text);
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"int\"}");
    g_string_truncate(text, text->len - 1);
    g_string_append(text, ", {\"type\": \"int\", \"name\": \"");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "%u", i);
    }
    g_string_append(text, "\"}]");
    end_reply(text);
}

static void make_get(GString *text, unsigned n)
{
    begin(action_get);
    add_word(g_strdup("a.b"));
    begin_reply(text);
    append_list(text, n, "%u");
    end_reply(text);
}

static void make_types(GString *text, unsigned n)
{
    begin(action_types);
    begin_reply(text);
    append_list(text, n, "{\"name\": \"a%u\", \"parent\": \"t\"}");
    end_reply(text);
}

static void make_props(GString *text, unsigned n)
{
    begin(action_props);
    add_word(g_strdup("t"));
    begin_reply(text);
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"int\", \"set\":"
                " \"never\", \"min\": 1, \"max\": 2, \"description\": \"d\"}");
    end_reply(text);
}

static void make_config(GString *text, unsigned n)
{
    begin(action_config);
    begin_reply(text);
    append_list(text, n, "{\"qom-type\": \"t\", \"id\": \"a%u\"}");
    end_reply(text);
}

/* ---- Standard commands ---- */

/* The program lacks the first command that the verb executes. */
static void append_lacks(GString *text)
{
    g_string_append(text, "{\"id\": 2, \"error\": {\"class\":"
                    " \"CommandNotFound\", \"desc\": \"no\"}}\n");
}

static void append_reply(GString *text, unsigned id, unsigned n,
                         const char *format) G_GNUC_PRINTF(4, 0);

static void append_reply(GString *text, unsigned id, unsigned n,
                         const char *format)
{
    g_string_append_printf(text, "{\"id\": %u, \"return\": ", id);
    append_list(text, n, format);
    end_reply(text);
}

/* One object has all properties. */
static void make_tree_values(GString *text, unsigned n)
{
    begin(action_tree);
    has_values = true;
    g_string_append(text, "{\"id\": 2, \"return\": \"t\"}\n"
                    "{\"id\": 3, \"return\": [{\"properties\": ");
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"int\","
                " \"value\": 1}");
    g_string_append(text, "}]}\n");
}

/* Each object below the root is one of a batch. */
static void make_walk(GString *text, unsigned n)
{
    begin(action_tree);
    append_lacks(text);
    g_string_append(text, "{\"id\": 3, \"return\": \"t\"}\n"
                    "{\"id\": 4, \"return\": [{\"properties\": ");
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"child<t>\"}");
    g_string_append(text, "}]}\n");
    for (unsigned i = 0; i < n; i += 64) {
        g_string_append_printf(text, "{\"id\": %u, \"return\": [",
                               i / 64 + 5);
        for (unsigned k = i; k < MIN(i + 64, n); k++) {
            g_string_append_printf(text, "%s{\"properties\": []}",
                                   k > i ? ", " : "");
        }
        g_string_append(text, "]}\n");
    }
}

static void make_describe(GString *text, unsigned n)
{
    begin(action_props);
    add_word(g_strdup("t"));
    append_lacks(text);
    append_reply(text, 3, n, "{\"name\": \"a%u\", \"type\": \"int\"}");
    append_reply(text, 4, n, "{\"name\": \"a%u\", \"type\": \"int\","
                 " \"default-value\": 1}");
}

/* The command has all arguments, and all are given. */
static void make_call(GString *text, unsigned n)
{
    begin(action_call);
    add_word(g_strdup("c"));
    begin_reply(text);
    g_string_append(text, "[{\"name\": \"c\", \"meta-type\": \"command\","
                    " \"arg-type\": \"1\", \"ret-type\": \"1\"},"
                    "{\"name\": \"i\", \"meta-type\": \"builtin\","
                    " \"json-type\": \"int\"},"
                    "{\"name\": \"1\", \"meta-type\": \"object\","
                    " \"members\": ");
    append_list(text, n, "{\"name\": \"a%u\", \"type\": \"i\"}");
    g_string_append(text, "}]");
    end_reply(text);
    g_string_append(text, "{\"id\": 3, \"return\": {}}\n");
    for (unsigned i = 0; i < n; i++) {
        add_word(g_strdup_printf("a%u=%u", i, i));
    }
}

/* ---- Verbs that change something ---- */

static char *long_list(unsigned n)
{
    GString *value = g_string_new(NULL);

    append_list(value, n, "%u");
    return g_string_free(value, FALSE);
}

static void make_set(GString *text, unsigned n)
{
    begin(action_set);
    add_word(g_strdup("a.b"));
    add_word(long_list(n));
    begin_reply(text);
    g_string_append(text, "{}");
    end_reply(text);
}

static void make_set_json(GString *text, unsigned n)
{
    make_set(text, n);
    is_json = true;
}

static void make_add(GString *text, unsigned n)
{
    begin(action_add);
    add_word(long_list(n));
    begin_reply(text);
    g_string_append(text, "{}");
    end_reply(text);
}

static void make_del(GString *text, unsigned n)
{
    begin(action_del);
    for (unsigned i = 0; i < n; i++) {
        add_word(g_strdup_printf("/objects/a%u", i));
        g_string_append_printf(text, "{\"id\": %u, \"return\": {}}\n", i + 2);
    }
}

#define OBJECT "\n{\"qom-type\": \"t\", \"id\": \"a%u\", \"b\": 1}"

static void make_apply(GString *text, unsigned n)
{
    begin(action_apply);
    append_list(file, n, OBJECT);
    begin_reply(text);
    append_list(text, n, "{\"action\": \"change\", \"id\": \"a%u\","
                " \"qom-type\": \"t\", \"properties\": {\"b\": 1}}");
    end_reply(text);
}

/* The last object is refused. */
static void make_apply_refused(GString *text, unsigned n)
{
    make_apply(text, n);
    fault = "/fd/";
    g_string_printf(text, "{\"id\": 2, \"error\": {\"class\": \"GenericError\","
                    " \"desc\": \"objects[%u].b: no\"}}\n", n - 1);
}

/* ---- watch ---- */

/* Each of the objects is deleted, created and changed. */
static void make_watch(GString *text, unsigned n)
{
    begin(action_watch);
    for (unsigned i = 0; i < n; i++) {
        add_word(g_strdup_printf("a%u", i));
        g_string_append_printf(text, "{\"id\": %u, \"return\": {\"path\":"
                               " \"/a%u\", \"type\": \"t\", \"children\":"
                               " []}}\n{\"id\": %u, \"return\": {}}\n",
                               2 * i + 2, i, 2 * i + 3);
    }
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{\"event\": \"OBJECT_DELETED\", \"data\":"
                               " {\"path\": \"/a%u\", \"type\": \"t\"}}\n",
                               i);
        g_string_append_printf(text, "{\"event\": \"PROPERTY_CHANGED\","
                               " \"data\": {\"path\": \"/a%u\", \"property\":"
                               " \"b\", \"value\": 1}}\n", i);
    }
}

void cost_init_verbs(void)
{
    output_init("cost");
}

const CostCase cost_verb_cases[] = {
    { "verb/tree", 200, make_tree, run_verb, NULL, after },
    { "verb/tree-deep", 60, make_deep_tree, run_verb, NULL, after },
    { "verb/list", 200, make_list, run_verb, NULL, after },
    { "verb/list-wide", 400, make_wide_list, run_verb, NULL, after },
    { "verb/get", 2000, make_get, run_verb, NULL, after },
    { "verb/types", 200, make_types, run_verb, NULL, after },
    { "verb/props", 200, make_props, run_verb, NULL, after },
    { "verb/config", 200, make_config, run_verb, NULL, after },
    { "verb/tree-values", 200, make_tree_values, run_verb, NULL, after },
    { "verb/walk", 200, make_walk, run_verb, NULL, after },
    { "verb/describe", 200, make_describe, run_verb, NULL, after },
    { "verb/call", 200, make_call, run_verb, NULL, after },
    { "verb/set", 2000, make_set, run_verb, NULL, after, true },
    { "verb/set-json", 2000, make_set_json, run_verb, NULL, after, true },
    { "verb/add", 2000, make_add, run_verb, NULL, after, true },
    { "verb/del", 50, make_del, run_verb, NULL, after },
    { "verb/apply", 100, make_apply, run_apply, NULL, after },
    { "verb/apply-refused", 200, make_apply_refused, run_apply, NULL, after,
      true },
    { "verb/watch", 25, make_watch, run_verb, NULL, after },
    { }
};
