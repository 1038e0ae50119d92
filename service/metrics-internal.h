/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of metrics share. */
#ifndef QOM_SERVICE_METRICS_INTERNAL_H
#define QOM_SERVICE_METRICS_INTERNAL_H

#include <json-glib/json-glib.h>

/* Appends the value of a label, with the characters that the format escapes. */
void metrics_append_label_value(GString *out, const char *text);

/* Appends a number: the same text in all locales. */
void metrics_append_number(GString *out, double number);

/*
 * Returns: (nullable) borrowed; the statistics of an object of
 *          metrics_append() if it is an event loop
 */
JsonObject *metrics_loop_stats(JsonObject *object);

/* Returns: borrowed; "" if a peer sends an object without id */
const char *metrics_id_of(JsonObject *object);

/* Appends the families of objects that are no event loops. */
void metrics_append_objects(GString *out, JsonArray *objects);

#endif
