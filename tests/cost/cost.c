/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: cost [FILTER]
 *
 * Runs the cases whose names contain FILTER, below callgrind: one dump for
 * each run, with the case, the size and the length of the text as its reason.
 */
#include "tests/cost/cost.h"

#include <string.h>
#include <valgrind/callgrind.h>

#define GROWTH 4

void cost_append_colliding(GString *text, unsigned i)
{
    unsigned bit = 0;

    /* 33 * 'A' + 'b' is 33 * 'B' + 'A' */
    do {
        g_string_append(text, i >> bit & 1 ? "BA" : "Ab");
    } while (++bit < 8 || i >> bit);
    while (bit++ < 18) {
        g_string_append(text, "Ab");
    }
}

static void measure(const CostCase *c, unsigned n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *reason = NULL;

    c->make(text, n);
    if (c->before) {
        c->before(n);
    }
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    c->run(text->str);
    CALLGRIND_TOGGLE_COLLECT;
    reason = g_strdup_printf("%s %u %zu", c->name, n,
                             c->is_of_state ? 0 : text->len);
    CALLGRIND_DUMP_STATS_AT(reason);
    if (c->after) {
        c->after();
    }
}

static void measure_all(const CostCase *cases, const char *filter)
{
    for (const CostCase *c = cases; c->name; c++) {
        if (strstr(c->name, filter)) {
            measure(c, c->n);
            measure(c, GROWTH * c->n);
        }
    }
}

int main(int argc, char **argv)
{
    const char *filter = argc > 1 ? argv[1] : "";

    if (!RUNNING_ON_VALGRIND) {
        g_printerr("usage: valgrind --tool=callgrind --collect-atstart=no"
                   " %s [FILTER]\n", argv[0]);
        return 2;
    }
    cost_init_qmp();
    cost_init_verbs();
    measure_all(cost_qapi_cases, filter);
    measure_all(cost_compiler_cases, filter);
    measure_all(cost_qmp_cases, filter);
    measure_all(cost_verb_cases, filter);
#ifdef COST_OF_NBD
    measure_all(cost_nbd_cases, filter);
#endif
    return 0;
}
