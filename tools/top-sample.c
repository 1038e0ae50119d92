/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sample      what the objects below /objects have in their properties `stats`
 *             and, if they are event loops, `histograms`, with the time.
 * Loop        an object whose statistics have "iterations".
 * Counters    of all other objects: each integer in their statistics is taken
 *             as a counter, of which the rate is of interest.
 *
 * Statistics count from the creation of an object.  An object that was created
 * between two samples is in the second alone and is left out until the next.
 */
#include "tools/top-sample.h"

#include "qapi/json/json.h"
#include "tools/target.h"
#include "util/hash.h"

#include <string.h>

struct TopSample {
    gint64 time_us;      /* monotonic */
    gint64 real_us;      /* since 1970 */
    JsonArray *objects;  /* with "id" and "qom-type" */
    JsonNode **stats;    /* [n] (nullable) */
    JsonNode **histograms; /* [n] (nullable) */
    /* Objects that are deleted while the sample is taken stay in it. */
    unsigned n;
};

/* ---- Taking ---- */

/* Returns: (transfer full) the arguments of qom-get */
static JsonNode *get_arguments(JsonObject *object, const char *property)
{
    g_autofree char *path = g_strconcat(
        "/objects/", json_object_get_string_member(object, "id"), NULL);
    JsonObject *arguments = json_object_new();
    JsonNode *node = json_node_alloc();

    json_object_set_string_member(arguments, "path", path);
    json_object_set_string_member(arguments, "property", property);
    json_node_init_object(node, arguments);
    json_object_unref(arguments);
    return node;
}

/*
 * Reads a property of all objects at once.  An object that lacks it, or that
 * has been deleted, has NULL.
 */
static JsonNode **read_all(JsonArray *objects, const char *property)
{
    unsigned n = json_array_get_length(objects);
    g_autofree QmpCall *calls = g_new0(QmpCall, n);
    g_autofree Error **errors = g_new0(Error *, n);
    JsonNode **results = g_new0(JsonNode *, n);

    for (unsigned i = 0; i < n; i++) {
        calls[i].command = "qom-get";
        calls[i].arguments = get_arguments(
            json_array_get_object_element(objects, i), property);
    }
    target_execute_all(calls, n, results, errors);
    for (unsigned i = 0; i < n; i++) {
        error_free(errors[i]);
        json_node_unref(calls[i].arguments);
        if (results[i] && !JSON_NODE_HOLDS_OBJECT(results[i])) {
            g_clear_pointer(&results[i], json_node_unref);
        }
    }
    return results;
}

/*
 * Returns: (transfer full) the children in a reply of qom-list, whose type is
 * "child<TYPE>"
 */
static JsonArray *children_of(JsonArray *properties)
{
    JsonArray *objects = json_array_new();

    for (guint i = 0; i < json_array_get_length(properties); i++) {
        JsonObject *property = json_array_get_object_element(properties, i);
        const char *type = json_object_get_string_member(property, "type");
        JsonObject *object;

        if (g_str_has_prefix(type, "child<")) {
            g_autofree char *name = g_strndup(type + 6, strlen(type) - 7);

            object = json_object_new();
            json_object_set_string_member(
                object, "id", json_object_get_string_member(property, "name"));
            json_object_set_string_member(object, "qom-type", name);
            json_array_add_object_element(objects, object);
        }
    }
    return objects;
}

TopSample *top_sample_take(Error **errp)
{
    JsonNode *list = target_execute("qom-list", errp, "path",
                                    json_text_new("/objects"), NULL);
    TopSample *sample;

    if (!list) {
        return NULL;
    }
    sample = g_new0(TopSample, 1);
    sample->objects = children_of(json_node_get_array(list));
    sample->n = json_array_get_length(sample->objects);
    json_node_unref(list);
    sample->stats = read_all(sample->objects, "stats");
    sample->time_us = g_get_monotonic_time();
    sample->real_us = g_get_real_time();
    sample->histograms = read_all(sample->objects, "histograms");
    return sample;
}

/* Shares the value: metrics only read it. */
static void add_member(JsonObject *entry, const char *name, JsonNode *value)
{
    if (value) {
        json_object_set_member(entry, name, json_node_ref(value));
    }
}

JsonArray *top_sample_to_objects(const TopSample *sample)
{
    JsonArray *objects = json_array_new();

    for (unsigned i = 0; i < sample->n; i++) {
        JsonObject *object = json_array_get_object_element(sample->objects, i);
        JsonObject *entry = json_object_new();

        json_object_set_string_member(
            entry, "id", json_object_get_string_member(object, "id"));
        json_object_set_string_member(
            entry, "qom-type",
            json_object_get_string_member(object, "qom-type"));
        add_member(entry, "stats", sample->stats[i]);
        add_member(entry, "histograms", sample->histograms[i]);
        json_array_add_object_element(objects, entry);
    }
    return objects;
}

void top_sample_free(TopSample *sample)
{
    if (!sample) {
        return;
    }
    for (unsigned i = 0; i < sample->n; i++) {
        g_clear_pointer(&sample->stats[i], json_node_unref);
        g_clear_pointer(&sample->histograms[i], json_node_unref);
    }
    g_free(sample->stats);
    g_free(sample->histograms);
    json_array_unref(sample->objects);
    g_free(sample);
}

/* ---- Numbers ---- */

/* By how much a counter has grown; one that was reset begins at 0. */
static double growth(JsonObject *old, JsonObject *now, const char *name)
{
    double before = json_member_round(old, name);
    double after = json_member_round(now, name);

    return after >= before ? after - before : after;
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
        } else if (json_qtype(value) == QTYPE_QNUM) {
            json_object_set_double_member(rates, name,
                                          growth(old, now, name) / seconds);
        }
    }
    return rates;
}

/*
 * ---- Percentiles of the time between two samples ----
 * The difference of two cumulative histograms is that of the time between.
 */

/* Returns: (nullable) borrowed; the buckets of a histogram */
static JsonArray *buckets_of(const JsonNode *histograms, const char *name)
{
    JsonNode *node = histograms
        ? json_object_get_member(
              json_node_get_object((JsonNode *)histograms), name)
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
static JsonObject *times_of(const JsonNode *old, const JsonNode *now,
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

/* ---- Rows ---- */

/* The three times of a loop add up to all of its time. */
static void add_shares(JsonObject *row, JsonObject *old, JsonObject *now,
                       double seconds)
{
    static const char *const names[][2] = {
        { "polling-ns", "polling" },
        { "busy-ns", "callbacks" },
        { "asleep-ns", "asleep" },
    };
    double total = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        total += growth(old, now, names[i][0]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        json_object_set_double_member(
            row, names[i][1],
            total > 0 ? growth(old, now, names[i][0]) / total : 0);
    }
    json_object_set_double_member(row, "cpu",
                                  growth(old, now, "cpu-ns") / seconds / 1e9);
}

/* Adds the rates of a group of counters, under another name. */
static void add_rates(JsonObject *row, const char *name, JsonObject *old,
                      JsonObject *now, const char *member, double seconds)
{
    JsonObject *after = json_member_object(now, member);

    if (after) {
        json_object_set_object_member(
            row, name,
            rates_of(json_member_object(old, member), after, seconds));
    }
}

/* Returns: (transfer full) an object with what all rows have */
static JsonObject *row_new(JsonObject *object)
{
    g_autofree char *path = g_strconcat(
        "/objects/", json_object_get_string_member(object, "id"), NULL);
    JsonObject *row = json_object_new();

    json_object_set_string_member(row, "path", path);
    json_object_set_string_member(
        row, "type", json_object_get_string_member(object, "qom-type"));
    return row;
}

/* @o and @n are the indices of the loop in the two samples. */
static JsonObject *loop_row(const TopSample *old, unsigned o,
                            const TopSample *now, unsigned n, double seconds)
{
    JsonObject *before = json_node_get_object(old->stats[o]);
    JsonObject *after = json_node_get_object(now->stats[n]);
    JsonObject *row = row_new(json_array_get_object_element(now->objects, n));
    JsonNode *slowest = json_object_get_member(after, "longest-callback");

    json_object_set_int_member(row, "thread-id",
                               json_member_round(after, "thread-id"));
    add_shares(row, before, after, seconds);
    add_rates(row, "events", before, after, "callbacks", seconds);
    add_rates(row, "wakes", before, after, "wakes", seconds);
    json_object_set_int_member(row, "pool-depth",
                               json_member_round(after, "thread-pool-depth"));
    json_object_set_object_member(
        row, "lag", times_of(old->histograms[o], now->histograms[n], "lag"));
    json_object_set_object_member(
        row, "callback-time",
        times_of(old->histograms[o], now->histograms[n], "callback"));
    if (slowest) {
        json_object_set_member(row, "slowest", json_node_copy(slowest));
        json_object_set_double_member(
            row, "slowest-ns", json_member_round(after, "longest-callback-ns"));
    }
    return row;
}

/* The same for an object that is no loop */
static JsonObject *object_row(const TopSample *old, unsigned o,
                              const TopSample *now, unsigned n,
                              double seconds)
{
    JsonObject *row = row_new(json_array_get_object_element(now->objects, n));

    json_object_set_object_member(
        row, "rates", rates_of(json_node_get_object(old->stats[o]),
                               json_node_get_object(now->stats[n]), seconds));
    return row;
}

/* Returns: (transfer full) the index of each object plus 1, by its id */
static GHashTable *index_of(const TopSample *sample)
{
    GHashTable *table = g_hash_table_new(hash_str, g_str_equal);

    for (unsigned i = 0; i < sample->n; i++) {
        JsonObject *object = json_array_get_object_element(sample->objects, i);

        g_hash_table_insert(
            table, (char *)json_object_get_string_member(object, "id"),
            GUINT_TO_POINTER(i + 1));
    }
    return table;
}

/* An object that was deleted is in the first sample alone and is left out. */
JsonNode *top_sample_compare(const TopSample *old, const TopSample *now)
{
    double seconds = (now->time_us - old->time_us) / 1e6;
    g_autoptr(GHashTable) index = index_of(old);
    JsonObject *result = json_object_new();
    JsonArray *loops = json_array_new();
    JsonArray *objects = json_array_new();
    JsonNode *node = json_node_alloc();

    for (unsigned n = 0; n < now->n; n++) {
        JsonObject *object = json_array_get_object_element(now->objects, n);
        unsigned o = GPOINTER_TO_UINT(g_hash_table_lookup(
            index, json_object_get_string_member(object, "id")));

        if (o-- == 0 || !old->stats[o] || !now->stats[n]) {
            continue;
        }
        if (json_object_has_member(json_node_get_object(now->stats[n]),
                                   "iterations")) {
            json_array_add_object_element(
                loops, loop_row(old, o, now, n, seconds));
        } else {
            json_array_add_object_element(
                objects, object_row(old, o, now, n, seconds));
        }
    }
    json_object_set_double_member(result, "time", now->real_us / 1e6);
    json_object_set_double_member(result, "seconds", seconds);
    json_object_set_array_member(result, "loops", loops);
    json_object_set_array_member(result, "objects", objects);
    json_node_init_object(node, result);
    json_object_unref(result);
    return node;
}
