/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of the verbs of `qom`; each table ends with an entry without a
 * name.
 */
#ifndef QOM_TOOLS_VERB_OPTIONS_H
#define QOM_TOOLS_VERB_OPTIONS_H

#include "tools/tool.h"

extern const Option run_options[];
extern const Option gateway_options[];
extern const Option print_options[];
extern const Option tree_options[];
extern const Option set_options[];
extern const Option change_options[];
extern const Option types_options[];
extern const Option apply_options[];
extern const Option watch_options[];
extern const Option shell_options[];
extern const Option plot_options[];
extern const Option metrics_options[];
extern const Option top_options[];

#endif
