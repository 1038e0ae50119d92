/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All interleavings of a small model.
 *
 * A model is a state, which is a block of bytes without padding or pointers,
 * and actors, each of which has at most one next step.  The explorer starts
 * with one state and lets each actor take its step in each state that it
 * reaches.  It recognizes states that it has visited, so it ends.  For every
 * order of steps it proves that
 * - no step leads to a state that check() rejects;
 * - every run ends: no state occurs twice in one run;
 * - no run ends in a state that check_end() rejects.
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
     * Lets @actor take its step in @state.  A step that changes nothing counts
     * as none: the actor waits.
     *
     * Returns: a description of the step, static; NULL if it has no step now
     */
    const char *(*step)(const void *config, void *state, unsigned actor);

    /* Returns: what is wrong with @state, static; NULL if nothing is */
    const char *(*check)(const void *config, const void *state);

    /* The same for a state in which no actor has a step. */
    const char *(*check_end)(const void *config, const void *state);
} Model;

typedef struct Exploration {
    unsigned n_states;
    const char *fault; /* NULL: none in any state */
    char *trace;       /* the steps that lead to the fault, a line each */
} Exploration;

/* The `fault` of a run that does not end. */
#define EXPLORER_ENDLESS "runs for ever"

/**
 * explore: visits all states of a model, or all up to the first fault
 * @model: the model
 * @config: passed to its functions
 * @start: the first state
 *
 * Returns: the result, to be freed with exploration_clear()
 */
Exploration explore(const Model *model, const void *config,
                    const void *start);

void exploration_clear(Exploration *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Exploration, exploration_clear)

#endif
