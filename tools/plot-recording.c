/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a recording: a line of JSON per interval, as top-sample.h describes
 * it.
 *
 * A file comes from outside, so a member that is missing or of another type
 * counts as 0, and a line that is no interval at all is an error.
 */
#include "tools/plot-recording.h"

#include "qapi/file.h"
#include "qapi/json/json.h"
#include "util/hash.h"

#define MAX_BYTES (256 * 1024 * 1024) /* of a recording */

/* For g_ptr_array_new_with_free_func() */
static void series_free(void *opaque)
{
    PlotSeries *series = opaque;

    g_free(series->name);
    g_array_unref(series->points);
    g_free(series);
}

/* Returns: borrowed; the series of a loop, which is created on first use */
static PlotSeries *series_of(Recording *recording, const char *name)
{
    PlotSeries *series = g_hash_table_lookup(recording->by_name, name);

    if (!series) {
        series = g_new(PlotSeries, 1);
        series->name = g_strdup(name);
        series->points = g_array_new(false, false, sizeof(PlotPoint));
        g_ptr_array_add(recording->series, series);
        /* The name belongs to the series. */
        g_hash_table_insert(recording->by_name, series->name, series);
    }
    return series;
}

/* Returns: the sum of the rates of all kinds, or causes */
static double sum_of(JsonObject *rates)
{
    double sum = 0;
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    if (rates) {
        json_object_iter_init(&iter, rates);
        while (json_object_iter_next(&iter, &name, &value)) {
            sum += json_member_round(rates, name);
        }
    }
    return sum;
}

/* Appends the numbers of a loop. */
static void add_loop(Recording *recording, double time, JsonObject *loop)
{
    const char *path = json_object_get_string_member_with_default(loop, "path",
                                                                  "?");
    JsonObject *shares = json_member_object(loop, "shares");
    JsonObject *lag = json_member_object(loop, "lag");
    JsonObject *rates = json_member_object(loop, "rates");
    PlotPoint point = {
        .time = time,
        .values = {
            [PLOT_CALLBACKS] = json_member_round(shares, "callbacks") * 100,
            [PLOT_POLLING] = json_member_round(shares, "polling") * 100,
            [PLOT_LAG_P50] = json_member_round(lag, "p50-ns"),
            [PLOT_LAG_P99] = json_member_round(lag, "p99-ns"),
            [PLOT_LAG_MAX] = json_member_round(lag, "max-ns"),
            [PLOT_RATE] = sum_of(json_member_object(rates, "callbacks")),
            [PLOT_WAKES] = sum_of(json_member_object(rates, "wakes")),
        },
    };

    g_array_append_val(series_of(recording, path)->points, point);
}

/*
 * Adds an interval.
 *
 * Returns: true; false with @errp set if the line is not one
 */
static bool add_line(Recording *recording, const char *line, Error **errp)
{
    g_autoptr(JsonNode) node = json_parse(line, -1, errp);
    JsonObject *object;
    JsonNode *loops;
    double time;

    if (!node) {
        return false;
    }
    object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    loops = object ? json_object_get_member(object, "loops") : NULL;
    if (!loops || !JSON_NODE_HOLDS_ARRAY(loops)) {
        error_setg(errp, "is no interval of 'qom top -record'");
        return false;
    }
    /* All times are relative to the first one. */
    time = json_member_round(object, "time");
    if (recording->first == 0) {
        recording->first = time;
    }
    time -= recording->first;
    recording->last = MAX(recording->last, time);
    for (guint i = 0; i < json_array_get_length(json_node_get_array(loops));
         i++) {
        JsonNode *loop = json_array_get_element(json_node_get_array(loops), i);

        if (JSON_NODE_HOLDS_OBJECT(loop)) {
            add_loop(recording, time, json_node_get_object(loop));
        }
    }
    return true;
}

/* The last of the lines is what follows the last line break. */
static bool add_lines(Recording *recording, const char *name, char **lines,
                      Error **errp)
{
    for (unsigned i = 0; lines[i] && lines[i + 1]; i++) {
        if (*lines[i] && !add_line(recording, lines[i], errp)) {
            error_prepend(errp, "%s:%u: ", name, i + 1);
            return false;
        }
    }
    if (!recording->series->len) {
        error_setg(errp, "'%s' has no intervals", name);
        return false;
    }
    return true;
}

Recording *recording_read(const char *name, Error **errp)
{
    g_autoptr(Recording) recording = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t n_bytes;

    text = qapi_file_read(name, MAX_BYTES, &n_bytes, errp);
    if (!text) {
        return NULL;
    }
    recording = g_new0(Recording, 1);
    recording->series = g_ptr_array_new_with_free_func(series_free);
    recording->by_name = g_hash_table_new(hash_str, g_str_equal);
    lines = g_strsplit(text, "\n", -1);
    return add_lines(recording, name, lines, errp)
        ? g_steal_pointer(&recording) : NULL;
}

/* The table borrows from the series, so it is freed first. */
void recording_free(Recording *recording)
{
    if (recording) {
        g_hash_table_unref(recording->by_name);
        g_ptr_array_unref(recording->series);
        g_free(recording);
    }
}
