/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happened between two samples.
 *
 * Loop        an object whose statistics have "iterations".
 * Counters    of all other objects: each integer in their statistics is taken
 *             as a counter, of which the rate is of interest.
 * Gauges      numbers that also fall, of which the value is of interest.  The
 *             schema of a program does not tell them from counters, so they
 *             are known by their names.
 *
 * Statistics count from the creation of an object.  An object that was created
 * between two samples is in the second alone and is left out until the next.
 */
#include "tools/top-sample.h"

#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

/* ---- Numbers ---- */

/*
 * Returns: by how much a counter has grown; 0 for a number that has become
 * smaller, because it is no counter, or is that of another object of this id
 */
static double growth(JsonObject *old, JsonObject *now, const char *name)
{
    return MAX(json_member_round(now, name) - json_member_round(old, name), 0);
}

/* Contract: docs/observing.md, "qom top" */
static bool is_gauge(const char *name)
{
    static const char *const names[] = {
        "connections", "in-flight", "loops", "waiting",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!strcmp(name, names[i])) {
            return true;
        }
    }
    return g_str_has_suffix(name, "-depth");
}

/* Returns: (transfer full) the rates of all counters of an object */
static JsonObject *rates_of(JsonObject *old, JsonObject *now, double seconds)
{
    JsonObject *rates = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, now);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (JSON_NODE_HOLDS_OBJECT(value)) {
            json_object_set_object_member(
                rates, name, rates_of(json_member_object(old, name),
                                      json_node_get_object(value), seconds));
        } else if (json_qtype(value) == QTYPE_QNUM && !is_gauge(name)) {
            json_object_set_double_member(rates, name,
                                          growth(old, now, name) / seconds);
        }
    }
    return rates;
}

/* Returns: (transfer full) the values of all gauges of an object */
static JsonObject *values_of(JsonObject *now)
{
    JsonObject *values = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, now);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (JSON_NODE_HOLDS_OBJECT(value)) {
            JsonObject *inner = values_of(json_node_get_object(value));

            if (json_object_get_size(inner)) {
                json_object_set_object_member(values, name, inner);
            } else {
                json_object_unref(inner);
            }
        } else if (json_qtype(value) == QTYPE_QNUM && is_gauge(name)) {
            json_object_set_double_member(values, name,
                                          json_number_round(value));
        }
    }
    return values;
}

/*
 * ---- Percentiles of the time between two samples ----
 * The difference of two cumulative histograms is that of the time between.
 */

/* Returns: (nullable) borrowed; the buckets of a histogram of an object */
static JsonArray *buckets_of(JsonObject *object, const char *name)
{
    JsonObject *histograms = json_member_object(object, "histograms");
    JsonNode *node = histograms ? json_object_get_member(histograms, name)
                                : NULL;

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

/*
 * Returns: the number of times below @limit_ns.  The scale of the limits is
 * measured while the program runs, so those of two samples differ a little.
 */
static double count_below(JsonArray *buckets, double limit_ns)
{
    double count = 0;

    for (guint i = 0; buckets && i < json_array_get_length(buckets); i++) {
        JsonObject *bucket = json_array_get_object_element(buckets, i);

        if (json_member_round(bucket, "below-ns") > limit_ns * 1.01) {
            break;
        }
        count = json_member_round(bucket, "count");
    }
    return count;
}

/* Returns: the least limit below which @percent of the new times are */
static double percentile(JsonArray *old, JsonArray *now, double percent)
{
    double total = count_below(now, G_MAXDOUBLE / 2) -
                   count_below(old, G_MAXDOUBLE / 2);

    for (guint i = 0; total > 0 && i < json_array_get_length(now); i++) {
        JsonObject *bucket = json_array_get_object_element(now, i);
        double limit_ns = json_member_round(bucket, "below-ns");
        double count = json_member_round(bucket, "count") -
                       count_below(old, limit_ns);

        if (count > 0 && count >= total * percent / 100) {
            return limit_ns;
        }
    }
    return 0;
}

/* Returns: (transfer full) three percentiles of what is new in a histogram */
static JsonObject *times_of(JsonObject *old, JsonObject *now,
                            const char *name)
{
    JsonArray *before = buckets_of(old, name);
    JsonArray *after = buckets_of(now, name);
    JsonObject *times = json_object_new();

    json_object_set_double_member(times, "p50-ns",
                                  percentile(before, after, 50));
    json_object_set_double_member(times, "p99-ns",
                                  percentile(before, after, 99));
    json_object_set_double_member(times, "max-ns",
                                  percentile(before, after, 100));
    return times;
}

/* ---- Numbers of a loop ---- */

/* The three times of a loop add up to all of its time. */
static JsonObject *shares_of(JsonObject *old, JsonObject *now)
{
    static const char *const names[][2] = {
        { "polling-ns", "polling" },
        { "busy-ns", "callbacks" },
        { "asleep-ns", "asleep" },
    };
    JsonObject *shares = json_object_new();
    double total = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        total += growth(old, now, names[i][0]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        json_object_set_double_member(
            shares, names[i][1],
            total > 0 ? growth(old, now, names[i][0]) / total : 0);
    }
    return shares;
}

/* Returns: (transfer full) the numbers of a loop that are counters */
static JsonObject *counters_of(JsonObject *stats)
{
    static const char *const names[] = {
        "iterations", "callbacks", "wakes", "thread-pool-requests",
        "file-requests", "file-bytes",
    };
    JsonObject *counters = json_object_new();

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        JsonNode *node = json_object_get_member(stats, names[i]);

        if (node) {
            json_object_set_member(counters, names[i], json_node_ref(node));
        }
    }
    return counters;
}

/*
 * ---- Objects ----
 * @old and @now are the entries of an object in the two samples.
 */

static JsonObject *stats_of(JsonObject *entry)
{
    return json_member_object(entry, "stats");
}

/* Returns: (transfer full) what the rows of loops and other objects have */
static JsonObject *row_new(JsonObject *now, JsonObject *rates)
{
    g_autofree char *path = g_strconcat(
        "/objects/", json_object_get_string_member(now, "id"), NULL);
    JsonObject *row = json_object_new();

    json_object_set_string_member(row, "path", path);
    json_object_set_string_member(
        row, "type", json_object_get_string_member(now, "qom-type"));
    json_object_set_object_member(row, "rates", rates);
    json_object_set_object_member(row, "totals",
                                  json_object_ref(stats_of(now)));
    return row;
}

static JsonObject *object_row(JsonObject *old, JsonObject *now,
                              double seconds)
{
    JsonObject *row = row_new(now, rates_of(stats_of(old), stats_of(now),
                                            seconds));

    json_object_set_object_member(row, "values", values_of(stats_of(now)));
    return row;
}

/* The same for a loop, of which shares of time and percentiles are known */
static JsonObject *loop_row(JsonObject *old, JsonObject *now, double seconds)
{
    JsonObject *before = stats_of(old);
    JsonObject *after = stats_of(now);
    g_autoptr(JsonObject) old_counters = counters_of(before);
    g_autoptr(JsonObject) counters = counters_of(after);
    JsonObject *row = row_new(now, rates_of(old_counters, counters, seconds));
    JsonNode *slowest = json_object_get_member(after, "longest-callback");

    json_object_set_int_member(row, "thread-id",
                               json_member_round(after, "thread-id"));
    json_object_set_double_member(row, "cpu", growth(before, after, "cpu-ns") /
                                              seconds / 1e9);
    json_object_set_object_member(row, "shares", shares_of(before, after));
    json_object_set_int_member(row, "pool-depth",
                               json_member_round(after, "thread-pool-depth"));
    json_object_set_object_member(row, "lag", times_of(old, now, "lag"));
    json_object_set_object_member(row, "callback-time",
                                  times_of(old, now, "callback"));
    if (slowest) {
        json_object_set_member(row, "slowest", json_node_copy(slowest));
        json_object_set_double_member(
            row, "slowest-ns", json_member_round(after, "longest-callback-ns"));
    }
    return row;
}

/* Returns: (transfer full) the objects of a sample by their ids */
static GHashTable *by_id(const TopSample *sample)
{
    GHashTable *table = g_hash_table_new(hash_str, g_str_equal);

    for (guint i = 0; i < json_array_get_length(sample->objects); i++) {
        JsonObject *entry = json_array_get_object_element(sample->objects, i);

        g_hash_table_insert(
            table, (char *)json_object_get_string_member(entry, "id"), entry);
    }
    return table;
}

/* An object that was deleted is in the first sample alone and is left out. */
JsonNode *top_sample_compare(const TopSample *old, const TopSample *now)
{
    double seconds = (now->time_us - old->time_us) / 1e6;
    g_autoptr(GHashTable) before = by_id(old);
    JsonObject *result = json_object_new();
    JsonArray *loops = json_array_new();
    JsonArray *objects = json_array_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    for (guint i = 0; i < json_array_get_length(now->objects); i++) {
        JsonObject *entry = json_array_get_object_element(now->objects, i);
        JsonObject *earlier = g_hash_table_lookup(
            before, json_object_get_string_member(entry, "id"));

        if (!earlier || !stats_of(earlier) || !stats_of(entry)) {
            continue;
        }
        if (json_object_has_member(stats_of(entry), "iterations")) {
            json_array_add_object_element(loops,
                                          loop_row(earlier, entry, seconds));
        } else {
            json_array_add_object_element(objects,
                                          object_row(earlier, entry, seconds));
        }
    }
    json_object_set_double_member(result, "time", now->real_us / 1e6);
    json_object_set_double_member(result, "seconds", seconds);
    json_object_set_array_member(result, "loops", loops);
    json_object_set_array_member(result, "objects", objects);
    json_node_take_object(node, result);
    return node;
}
