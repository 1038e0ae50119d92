/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of `qom top`, as text. */
#ifndef QOM_TOOLS_TOP_TABLE_H
#define QOM_TOOLS_TOP_TABLE_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>

/* How the tables are shown. */
typedef struct TopView {
    const char *sort; /* title of a column of loops, or "name" */
    int width;  /* characters of a line; 0: as many as are needed */
    int height; /* lines; 0: as many as are needed */
} TopView;

/**
 * top_table_find_sort: finds a column by which loops can be sorted
 * @title: its title
 * @step: 0 for this column, -1 and 1 for its neighbours
 * @errp: set if there is no such column
 *
 * Returns: the title, static; NULL with @errp set
 */
const char *top_table_find_sort(const char *title, int step, Error **errp);

/**
 * top_table_format: writes an interval as text
 * @comparison: of top_sample_compare()
 * @view: how to show it.  In a narrow view less important columns are left
 *        out, and in a low one the last lines of a table
 *
 * Returns: (transfer full) lines, with colours if output_paint() uses them
 */
char *top_table_format(JsonNode *comparison, const TopView *view);

#endif
