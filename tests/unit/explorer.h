/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All interleavings of a small model.
 *
 * A model is a state, which is a block of bytes without padding or pointers,
 * and actors, each of which has at most one next step.  The explorer starts
 * with one state, lets each actor take its step in each state that it comes
 * to, and knows states again, so it comes to an end.  It proves, for every
 * order of steps there is, that
 * - no step leads to a state that check() refuses;
 * - every run ends: no state comes twice in one run;
 * - it does not end in a state that check_end() refuses.
 */
#ifndef QOM_TESTS_EXPLORER_H
#define QOM_TESTS_EXPLORER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Model {
    size_t state_size;
    unsigned n_actors;

    /*
     * Let @actor take its step in @state.  A step that changes nothing is as
     * good as none: the actor waits.
     *
     * Returns: what it did, static; NULL if it has no step now
     */
    const char *(*step)(const void *config, void *state, unsigned actor);

    /* Returns: what is wrong with @state, static; NULL if nothing is */
    const char *(*check)(const void *config, const void *state);

    /* The same for a state in which nobody has a step. */
    const char *(*check_end)(const void *config, const void *state);
} Model;

typedef struct Exploration {
    unsigned n_states;
    const char *fault; /* NULL: none in any state */
    char *trace;       /* the steps that lead to the fault, a line each */
} Exploration;

/* What `fault` says of a run that does not end. */
#define EXPLORER_ENDLESS "runs for ever"

/**
 * explore: visit all states of a model, or all up to the first fault
 * @model: the model
 * @config: handed to its functions
 * @start: the first state
 *
 * Returns: what came of it; to be freed with exploration_clear()
 */
Exploration explore(const Model *model, const void *config,
                    const void *start);

void exploration_clear(Exploration *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Exploration, exploration_clear)

#endif
