/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The composition tree: paths, and one child among many.
 *
 * The floor is an open-addressing table by name that does only what is needed.
 * For a path that is one lookup per component.  For a child it is a node, a
 * copy of its name and its place in two tables: by name in the parent, and by
 * name in the whole tree, because a partial path would otherwise need a search.
 */
#include "qom/object.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The floor's table ---- */

typedef struct Node {
    uint32_t hash;
    struct Node *parent;
    struct Table *children;
    char name[16];
} Node;

typedef struct Table {
    uint32_t mask;
    Node **slots;
} Table;

static uint32_t node_hash(const char *name, size_t len)
{
    uint32_t hash = 2166136261u;

    while (len--) {
        hash = (hash ^ (unsigned char)*name++) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static Table *table_new(uint32_t n_slots)
{
    Table *table = g_new0(Table, 1);

    table->mask = n_slots - 1;
    table->slots = g_new0(Node *, n_slots);
    return table;
}

static void table_free(Table *table)
{
    g_free(table->slots);
    g_free(table);
}

static Node **table_find(Table *table, const char *name, size_t len,
                         uint32_t hash)
{
    uint32_t i = hash & table->mask;

    while (table->slots[i] && (table->slots[i]->hash != hash ||
                               strncmp(table->slots[i]->name, name, len) ||
                               table->slots[i]->name[len])) {
        i = (i + 1) & table->mask;
    }
    return &table->slots[i];
}

static Node *node_new(const char *name, Node *parent)
{
    Node *node = g_malloc0(sizeof(*node));

    strcpy(node->name, name);
    node->hash = node_hash(name, strlen(name));
    node->parent = parent;
    return node;
}

/* ---- Ours: a tree four deep, and a container with many ---- */

static void *ours_path_setup(const void *arg)
{
    Object *obj;

    module_call_init(MODULE_INIT_QOM);
    obj = object_get_container("machine");
    if (!object_resolve_path_component(obj, "unattached")) {
        obj = object_property_add_new_container(obj, "unattached");
        obj = object_property_add_new_container(obj, "device-3");
        object_property_add_new_container(obj, "backend");
    }
    return NULL;
}

static void ours_path(void *state, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(object_resolve_path("/machine/unattached/device-3/backend",
                                       NULL));
    }
}

static void ours_path_and_back(void *state, uint64_t n)
{
    while (n--) {
        Object *obj = object_resolve_path(
            "/machine/unattached/device-3/backend", NULL);
        char *path = object_get_canonical_path(obj);

        BENCH_KEEP(path);
        g_free(path);
    }
}

static void *floor_path_setup(const void *arg)
{
    static const char *const names[] = { "machine", "unattached", "device-3",
                                         "backend" };
    Node *root = node_new("", NULL);
    Node *node = root;

    for (int i = 0; i < 4; i++) {
        Node *child = node_new(names[i], node);

        node->children = table_new(8);
        *table_find(node->children, names[i], strlen(names[i]),
                    child->hash) = child;
        node = child;
    }
    return root;
}

static Node *floor_resolve(Node *node, const char *path)
{
    while (node && *path) {
        size_t len;

        path++;
        len = strchrnul(path, '/') - path;
        node = *table_find(node->children, path, len, node_hash(path, len));
        path += len;
    }
    return node;
}

static void floor_path(void *state, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(floor_resolve(state,
                                 "/machine/unattached/device-3/backend"));
    }
}

static char *floor_canonical(const Node *node)
{
    size_t len = 0;
    char *path;
    char *p;

    for (const Node *n = node; n->parent; n = n->parent) {
        len += strlen(n->name) + 1;
    }
    path = malloc(len + 1);
    p = path + len;
    *p = '\0';
    for (const Node *n = node; n->parent; n = n->parent) {
        size_t name_len = strlen(n->name);

        p -= name_len;
        memcpy(p, n->name, name_len);
        *--p = '/';
    }
    return path;
}

static void floor_path_and_back(void *state, uint64_t n)
{
    while (n--) {
        Node *node = floor_resolve(state,
                                   "/machine/unattached/device-3/backend");
        char *path = floor_canonical(node);

        BENCH_KEEP(path);
        free(path);
    }
}

static void floor_path_teardown(void *state)
{
    Node *node = state;

    while (node) {
        Node *child = NULL;

        if (node->children) {
            for (uint32_t i = 0; i <= node->children->mask; i++) {
                child = node->children->slots[i] ? node->children->slots[i]
                                                 : child;
            }
            table_free(node->children);
        }
        g_free(node);
        node = child;
    }
}

/* ---- Children among many ---- */

typedef struct Many {
    Object *container;
    Object *child;
    Table *by_name; /* of the floor */
    Table *index;
    int n_siblings;
} Many;

static const int few = 10;
static const int many = 10000;

static void *ours_many_setup(const void *arg)
{
    Many *state = g_new0(Many, 1);

    module_call_init(MODULE_INIT_QOM);
    state->n_siblings = *(const int *)arg;
    state->container = object_get_container("many");
    for (int i = 0; i < state->n_siblings; i++) {
        g_autofree char *name = g_strdup_printf("child%d", i);

        object_property_add_new_container(state->container, name);
    }
    state->child = object_new(TYPE_CONTAINER);
    return state;
}

static void ours_many_teardown(void *opaque)
{
    Many *state = opaque;

    object_unref(state->child);
    object_unparent(state->container);
    g_free(state);
}

static void ours_add_del(void *opaque, uint64_t n)
{
    Many *state = opaque;

    while (n--) {
        object_property_add_child(state->container, "extra", state->child);
        object_unparent(state->child);
    }
}

static void ours_partial(void *opaque, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(object_resolve_path("child7", NULL));
    }
}

static void *floor_many_setup(const void *arg)
{
    Many *state = g_new0(Many, 1);

    state->n_siblings = *(const int *)arg;
    state->by_name = table_new(32768);
    state->index = table_new(32768);
    for (int i = 0; i < state->n_siblings; i++) {
        char name[16];
        Node *node;

        snprintf(name, sizeof(name), "child%d", i);
        node = node_new(name, NULL);
        *table_find(state->by_name, name, strlen(name), node->hash) = node;
        *table_find(state->index, name, strlen(name), node->hash) = node;
    }
    return state;
}

static void floor_many_teardown(void *opaque)
{
    Many *state = opaque;

    for (uint32_t i = 0; i <= state->by_name->mask; i++) {
        g_free(state->by_name->slots[i]);
    }
    table_free(state->by_name);
    table_free(state->index);
    g_free(state);
}

static void floor_add_del(void *opaque, uint64_t n)
{
    Many *state = opaque;

    while (n--) {
        Node *node = node_new("extra", NULL);
        Node **by_name = table_find(state->by_name, "extra", 5, node->hash);
        Node **index = table_find(state->index, "extra", 5, node->hash);

        *by_name = node;
        *index = node;
        BENCH_KEEP(state);
        *table_find(state->by_name, "extra", 5, node->hash) = NULL;
        *table_find(state->index, "extra", 5, node->hash) = NULL;
        g_free(node);
    }
}

static void floor_partial(void *opaque, uint64_t n)
{
    Many *state = opaque;
    const char *volatile wanted = "child7";

    while (n--) {
        const char *name = wanted;
        size_t len = strlen(name);

        BENCH_KEEP(*table_find(state->index, name, len,
                               node_hash(name, len)));
    }
}

#define OURS_MANY(fn)                                                       \
    { "ours", ours_many_setup, NULL, fn, NULL, ours_many_teardown }
#define FLOOR_MANY(fn)                                                      \
    { "floor", floor_many_setup, NULL, fn, NULL, floor_many_teardown }

static const BenchCase cases[] = {
    {
        .name = "path/absolute-four-parts",
        .ours = { "ours", ours_path_setup, NULL, ours_path },
        .peers = { { "floor", floor_path_setup, NULL, floor_path, NULL,
                     floor_path_teardown } },
    },
    {
        .name = "path/absolute-four-parts-and-canonical-back",
        .ours = { "ours", ours_path_setup, NULL, ours_path_and_back },
        .peers = { { "floor", floor_path_setup, NULL, floor_path_and_back,
                     NULL, floor_path_teardown } },
    },
    {
        .name = "path/add-delete-child-among-10",
        .arg = &few,
        .ours = OURS_MANY(ours_add_del),
        .peers = { FLOOR_MANY(floor_add_del) },
    },
    {
        .name = "path/add-delete-child-among-10000",
        .arg = &many,
        .ours = OURS_MANY(ours_add_del),
        .peers = { FLOOR_MANY(floor_add_del) },
    },
    {
        .name = "path/partial-among-10",
        .arg = &few,
        .ours = OURS_MANY(ours_partial),
        .peers = { FLOOR_MANY(floor_partial) },
    },
    {
        .name = "path/partial-among-10000",
        .arg = &many,
        .ours = OURS_MANY(ours_partial),
        .peers = { FLOOR_MANY(floor_partial) },
    },
    { }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
