/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of metrics share.
 *
 * Thread: any, except for the objects of this process: main
 */
#ifndef QOM_SERVICE_METRICS_INTERNAL_H
#define QOM_SERVICE_METRICS_INTERNAL_H

#include <json-glib/json-glib.h>

/* ---- Text, to which objects are added one by one ---- */

typedef struct MetricsText MetricsText;

/* Returns: (transfer full) the text of no objects yet */
MetricsText *metrics_text_new(void);

/* @object: as in the list of metrics_append(); borrowed */
void metrics_text_add(MetricsText *text, JsonObject *object);

/* Appends the text of all objects to @out, and frees @text. */
void metrics_text_finish(MetricsText *text, GString *out);

/* ---- Objects that are no event loops ---- */

typedef struct MetricsOthers MetricsOthers;

/* Returns: (transfer full) the families of no objects yet */
MetricsOthers *metrics_others_new(void);

/*
 * Adds an object, if it is no event loop.
 *
 * @label: its id, with the characters that the format escapes
 */
void metrics_others_add(MetricsOthers *others, const char *label,
                        JsonObject *object);

/* Appends all families to @out, and frees @others. */
void metrics_others_finish(MetricsOthers *others, GString *out);

/* ---- Parts of a text ---- */

/* Appends the value of a label, with the characters that the format escapes. */
void metrics_append_label_value(GString *out, const char *text);

/* Appends a number: the same text in all locales. */
void metrics_append_number(GString *out, double number);

/*
 * Returns: (nullable) borrowed; the statistics of an object of
 *          metrics_append() if it is an event loop
 */
JsonObject *metrics_loop_stats(JsonObject *object);

/* ---- Objects of this process ---- */

/*
 * Returns: (transfer full) paths below /objects of all objects: texts, which
 *          the array frees.  Parents come before their children.
 */
GPtrArray *metrics_list_objects(void);

/*
 * Returns: (transfer full) (nullable) an object as metrics_append() takes it;
 *          NULL if it was deleted since it was listed
 */
JsonObject *metrics_read_object(const char *path);

#endif
