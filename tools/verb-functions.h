/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs do.  Each function is the `run` of one row of the table of
 * verbs: it finds the result as a JSON value and writes it.  @args is an Args.
 */
#ifndef QOM_TOOLS_VERB_FUNCTIONS_H
#define QOM_TOOLS_VERB_FUNCTIONS_H

#include "tools/verbs.h"

int action_run(void *args);
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
int action_watch(void *args);

#endif
