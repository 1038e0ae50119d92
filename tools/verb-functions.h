/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of the verbs of `qom`.  Each one is Verb.run of an entry of the
 * table in verbs.c: it gets the result as a JSON value and writes it.
 */
#ifndef QOM_TOOLS_VERB_FUNCTIONS_H
#define QOM_TOOLS_VERB_FUNCTIONS_H

#include "tools/verbs.h"

/* @args is an Args.  Returns: the exit code, after a message on failure */
int action_run(void *args);
int action_gateway(void *args);
int action_tree(void *args);
int action_list(void *args);
int action_get(void *args);
int action_set(void *args);
int action_add(void *args);
int action_del(void *args);
int action_types(void *args);
int action_props(void *args);
int action_apply(void *args);
int action_config(void *args);
int action_call(void *args);
int action_watch(void *args);
int action_shell(void *args);
int action_top(void *args);
int action_metrics(void *args);
int action_plot(void *args);

#endif
