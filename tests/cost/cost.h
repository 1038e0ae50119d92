/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a request costs, counted in instructions.
 *
 * A case creates an input of size n and one of size 4 n.  callgrind counts what
 * the operation on it costs, so the result does not depend on the machine's
 * load.  tests/cost/run compares both: work that is proportional to the input
 * takes four times as many instructions, work that grows with its square
 * sixteen times.
 */
#ifndef QOM_TESTS_COST_H
#define QOM_TESTS_COST_H

#include <glib.h>
#include <stdbool.h>

typedef struct CostCase {
    const char *name;
    unsigned n;
    /* Appends input of size @n to @text. */
    void (*make)(GString *text, unsigned n);
    /* Is counted. */
    void (*run)(const char *text);
    /* (nullable) Prepares for input of size @n; is not counted. */
    void (*before)(unsigned n);
    /* (nullable) Is called afterwards and not counted. */
    void (*after)(void);
    /* The work is proportional to what `before` has made, not to the text. */
    bool is_of_state;
} CostCase;

/* Tables end with a case without a name. */
extern const CostCase cost_qapi_cases[];
extern const CostCase cost_compiler_cases[];
extern const CostCase cost_qmp_cases[];
extern const CostCase cost_verb_cases[];
extern const CostCase cost_nbd_cases[]; /* of builds with iothreads */

/* cost_init_qmp: register what the cases of QMP need */
void cost_init_qmp(void);

/* cost_init_verbs: prepare what verbs write to */
void cost_init_verbs(void);

/*
 * cost_append_colliding: append a name of 16 bytes or more that has the same
 * g_str_hash() as those with other numbers; @i is less than 65536 times 65536
 */
void cost_append_colliding(GString *text, unsigned i);

#endif
