/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs do.  Each function is the `run` of one row of the table of
 * verbs: it finds the result as a JSON value and writes it.
 */
#ifndef QOM_TOOLS_ACTIONS_H
#define QOM_TOOLS_ACTIONS_H

#include "tools/verbs.h"

int action_run(const Args *args);
int action_tree(const Args *args);
int action_list(const Args *args);
int action_get(const Args *args);
int action_set(const Args *args);
int action_types(const Args *args);
int action_props(const Args *args);

#endif
