/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A depth-first search.  The path from the start is an explicit stack.  States
 * are stored one after the other, each with the step that led to it first.  An
 * open-addressing table finds the number of a state.
 */
#include "tests/unit/explorer.h"

#include <string.h>

#define NO_STATE G_MAXUINT32

typedef struct Visit {
    uint32_t parent;
    uint16_t actor;
    bool on_path;
    const char *label;
} Visit;

typedef struct PathEntry {
    uint32_t state;
    uint16_t next_actor;
    bool has_step;
} PathEntry;

typedef struct Explorer {
    const Model *model;
    const void *config;
    GByteArray *states;
    GArray *visits; /* of Visit, by number */
    GArray *path;   /* of PathEntry */
    uint32_t *table;
    uint32_t table_size; /* a power of two */
    const char *fault;
    uint32_t fault_state;
    uint16_t fault_actor; /* with fault_label: one more step */
    const char *fault_label;
} Explorer;

static const void *state_at(Explorer *e, uint32_t n)
{
    return e->states->data + n * e->model->state_size;
}

static Visit *visit_at(Explorer *e, uint32_t n)
{
    return &g_array_index(e->visits, Visit, n);
}

static uint32_t state_hash(const void *state, size_t size)
{
    const uint8_t *p = state;
    uint64_t hash = size;

    while (size > 0) {
        size_t n = MIN(size, sizeof(uint64_t));
        uint64_t part = 0;

        memcpy(&part, p, n);
        hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
        p += n;
        size -= n;
    }
    return hash;
}

/* Returns: the slot with the number of @state, or the free one for it */
static uint32_t *table_slot(Explorer *e, const void *state)
{
    size_t size = e->model->state_size;
    uint32_t i = state_hash(state, size);

    while (true) {
        uint32_t *slot = &e->table[i++ & (e->table_size - 1)];

        if (*slot == NO_STATE ||
            memcmp(state_at(e, *slot), state, size) == 0) {
            return slot;
        }
    }
}

static void table_grow(Explorer *e)
{
    e->table_size = MAX(1024, e->table_size * 2);
    g_free(e->table);
    e->table = g_new(uint32_t, e->table_size);
    memset(e->table, 0xff, e->table_size * sizeof(*e->table));
    for (uint32_t n = 0; n < e->visits->len; n++) {
        *table_slot(e, state_at(e, n)) = n;
    }
}

static void set_fault(Explorer *e, const char *fault, uint32_t state)
{
    e->fault = fault;
    e->fault_state = state;
}

/* Stores a new state and its number in *@slot, and continues from it. */
static void visit_new(Explorer *e, uint32_t *slot, const void *state,
                      const Visit *visit)
{
    PathEntry entry = { .state = e->visits->len };
    const char *fault = e->model->check(e->config, state);

    *slot = entry.state;
    g_byte_array_append(e->states, state, e->model->state_size);
    g_array_append_val(e->visits, *visit);
    g_array_append_val(e->path, entry);
    if (fault) {
        set_fault(e, fault, entry.state);
    }
    if (e->visits->len * 2 > e->table_size) {
        table_grow(e);
    }
}

/* Lets the next actor of the last entry of the path take a step. */
static void path_step(Explorer *e, PathEntry *entry)
{
    size_t size = e->model->state_size;
    g_autofree void *state = g_memdup2(state_at(e, entry->state), size);
    Visit visit = {
        .parent = entry->state,
        .actor = entry->next_actor++,
        .on_path = true,
    };
    uint32_t *slot;

    visit.label = e->model->step(e->config, state, visit.actor);
    if (!visit.label ||
        memcmp(state, state_at(e, visit.parent), size) == 0) {
        return;
    }
    entry->has_step = true;
    slot = table_slot(e, state);
    if (*slot == NO_STATE) {
        visit_new(e, slot, state, &visit);
    } else if (visit_at(e, *slot)->on_path) {
        set_fault(e, EXPLORER_ENDLESS, visit.parent);
        e->fault_actor = visit.actor;
        e->fault_label = visit.label;
    }
}

/* All actors of the last entry of the path have taken their steps. */
static void path_pop(Explorer *e, const PathEntry *entry)
{
    if (!entry->has_step) {
        const char *fault = e->model->check_end(e->config,
                                                state_at(e, entry->state));

        if (fault) {
            set_fault(e, fault, entry->state);
        }
    }
    visit_at(e, entry->state)->on_path = false;
    g_array_set_size(e->path, e->path->len - 1);
}

static void trace_step(GString *trace, unsigned actor, const char *label)
{
    g_autofree char *line = g_strdup_printf("%u: %s\n", actor, label);

    g_string_prepend(trace, line);
}

static char *make_trace(Explorer *e)
{
    GString *trace = g_string_new(NULL);

    if (e->fault_label) {
        trace_step(trace, e->fault_actor, e->fault_label);
    }
    for (uint32_t n = e->fault_state; n != 0; n = visit_at(e, n)->parent) {
        trace_step(trace, visit_at(e, n)->actor, visit_at(e, n)->label);
    }
    return g_string_free(trace, FALSE);
}

static void explore_all(Explorer *e, const void *start)
{
    Visit first = { .parent = NO_STATE, .on_path = true };

    table_grow(e);
    visit_new(e, table_slot(e, start), start, &first);
    while (e->path->len > 0 && !e->fault) {
        PathEntry *entry = &g_array_index(e->path, PathEntry,
                                          e->path->len - 1);

        if (entry->next_actor < e->model->n_actors) {
            path_step(e, entry);
        } else {
            path_pop(e, entry);
        }
    }
}

Exploration explore(const Model *model, const void *config,
                    const void *start)
{
    Explorer e = {
        .model = model,
        .config = config,
        .states = g_byte_array_new(),
        .visits = g_array_new(FALSE, FALSE, sizeof(Visit)),
        .path = g_array_new(FALSE, FALSE, sizeof(PathEntry)),
    };
    Exploration result;

    explore_all(&e, start);
    result = (Exploration) {
        .n_states = e.visits->len,
        .fault = e.fault,
        .trace = e.fault ? make_trace(&e) : NULL,
    };
    g_byte_array_unref(e.states);
    g_array_unref(e.visits);
    g_array_unref(e.path);
    g_free(e.table);
    return result;
}

void exploration_clear(Exploration *result)
{
    g_clear_pointer(&result->trace, g_free);
}
