/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Family     all metrics of one name, with a type, a unit and a text.  The
 *            families of event loops are in a table.
 * Sample     a line: the name, labels and a number.  All samples of a family
 *            follow each other, so each family has a text of its own, to which
 *            each object appends.
 */
#include "service/metrics-internal.h"

#include "qapi/json/json.h"
#include "service/metrics.h"
#include "util/digits.h"
#include "util/hash.h"

#include <string.h>

typedef struct Family {
    const char *name; /* without "_total" and the like */
    const char *type; /* of OpenMetrics */
    const char *unit; /* (nullable) which the name ends with */
    const char *help;
    const char *label;      /* (nullable) of the members of a group */
    const char *members[7]; /* of `stats`, ended by NULL */
    const char *group;      /* (nullable) the object that has the members */
    double scale;           /* from the member's unit to that of the family */
} Family;

/* In the order in which they are written */
static const Family loop_families[] = {
    { "qom_loop_iterations", "counter", NULL, "Iterations of an event loop.",
      NULL, { "iterations" }, NULL, 1 },
    { "qom_loop_callbacks", "counter", NULL,
      "Callbacks that a loop has called.", "kind",
      { "bottom-half", "read", "write", "poll", "notifier", "timer" },
      "callbacks", 1 },
    { "qom_loop_wakeups", "counter", NULL, "Times that a loop stopped waiting.",
      "cause", { "descriptor", "notification", "timer", "other" }, "wakes", 1 },
    { "qom_loop_time_seconds", "counter", "seconds",
      "Time of a loop by what it did: polling, asleep, busy.", "state",
      { "polling-ns", "asleep-ns", "busy-ns" }, NULL, 1e-9 },
    { "qom_loop_cpu_seconds", "counter", "seconds",
      "CPU time of the thread of a loop.", NULL, { "cpu-ns" }, NULL, 1e-9 },
    { "qom_loop_longest_callback_seconds", "gauge", "seconds",
      "Duration of the longest callback of a loop.", NULL,
      { "longest-callback-ns" }, NULL, 1e-9 },
    { "qom_loop_thread_pool_requests", "counter", NULL,
      "Requests that were submitted to the thread pool of a loop.", NULL,
      { "thread-pool-requests" }, NULL, 1 },
    { "qom_loop_thread_pool_depth", "gauge", NULL,
      "Requests of the thread pool of a loop that are not done.", NULL,
      { "thread-pool-depth" }, NULL, 1 },
    { "qom_loop_file_requests", "counter", NULL,
      "Requests that were submitted to files by a loop.", NULL,
      { "file-requests" }, NULL, 1 },
    { "qom_loop_file_bytes", "counter", "bytes",
      "Bytes that a loop has read from files and written to them.", NULL,
      { "file-bytes" }, NULL, 1 },
    { "qom_loop_file_depth", "gauge", NULL,
      "Requests of a loop to files that are not done.", NULL, { "file-depth" },
      NULL, 1 },
    { "qom_loop_thread_pool_threads", "gauge", NULL,
      "Threads of the thread pool of a loop.", NULL, { "thread-pool-threads" },
      NULL, 1 },
};

/* Their one member is that of `histograms`. */
static const Family histogram_families[] = {
    { "qom_loop_lag_seconds", "histogram", "seconds",
      "Times for which a loop did not look for events.", NULL, { "lag" } },
    { "qom_loop_callback_seconds", "histogram", "seconds",
      "Durations of callbacks that were timed.", NULL, { "callback" } },
};

/* Limits of the buckets of histograms: seconds are what the text has. */
static const struct {
    double ns;
    const char *seconds;
} limits[] = {
    { 1e3, "1e-06" }, { 2e3, "2e-06" }, { 5e3, "5e-06" }, { 1e4, "1e-05" },
    { 2e4, "2e-05" }, { 5e4, "5e-05" }, { 1e5, "0.0001" }, { 2e5, "0.0002" },
    { 5e5, "0.0005" }, { 1e6, "0.001" }, { 2e6, "0.002" }, { 5e6, "0.005" },
    { 1e7, "0.01" }, { 2e7, "0.02" }, { 5e7, "0.05" }, { 1e8, "0.1" },
    { 2e8, "0.2" }, { 5e8, "0.5" }, { 1e9, "1" }, { 1e10, "10" },
};

struct MetricsText {
    GHashTable *types; /* char * -> the number of objects of this type */
    GString *loops[G_N_ELEMENTS(loop_families)];
    GString *histograms[G_N_ELEMENTS(histogram_families)];
    MetricsOthers *others;
};

/* ---- Text ---- */

void metrics_append_label_value(GString *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '\n':
            g_string_append(out, "\\n");
            break;
        case '"':
        case '\\':
            g_string_append_c(out, '\\');
            /* fall through */
        default:
            g_string_append_c(out, *p);
        }
    }
}

/* Most numbers are counters, whose digits are written directly. */
void metrics_append_number(GString *out, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (number >= 0 && number < 1e15 && number == (uint64_t)number) {
        char *end = text + sizeof(text);
        char *p = digits_write(end, number);

        g_string_append_len(out, p, end - p);
    } else {
        g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.15g",
                                             number));
    }
}

/* The lines with which a family begins.  The format prescribes their order. */
static GString *head_of(const Family *family)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "# TYPE %s %s\n", family->name,
                           family->type);
    if (family->unit) {
        g_string_append_printf(out, "# UNIT %s %s\n", family->name,
                               family->unit);
    }
    g_string_append_printf(out, "# HELP %s %s\n", family->name,
                           family->help);
    return out;
}

/* Appends a text to @out and frees it. */
static void append_and_free(GString *out, GString *text)
{
    g_string_append_len(out, text->str, text->len);
    g_string_free(text, TRUE);
}

/* ---- Reading objects ---- */

JsonObject *metrics_loop_stats(JsonObject *object)
{
    JsonObject *stats = json_member_object(object, "stats");

    return stats && json_object_has_member(stats, "iterations") ? stats : NULL;
}

/* ---- Event loops ---- */

/* The value of a label is @member, up to a "-ns" at its end. */
static void append_sample(GString *out, const Family *family, const char *label,
                          const char *member, double number)
{
    g_string_append(out, family->name);
    g_string_append(out, strcmp(family->type, "counter") ? "" : "_total");
    g_string_append(out, "{loop=\"");
    g_string_append(out, label);
    if (family->label) {
        g_string_append(out, "\",");
        g_string_append(out, family->label);
        g_string_append(out, "=\"");
        g_string_append_len(out, member, strlen(member) -
                            (g_str_has_suffix(member, "-ns") ? 3 : 0));
    }
    g_string_append(out, "\"} ");
    metrics_append_number(out, number);
    g_string_append_c(out, '\n');
}

/* @stats: (nullable) of an object that is no loop */
static void append_samples(GString *out, const Family *family,
                           const char *label, JsonObject *stats)
{
    if (stats && family->group) {
        stats = json_member_object(stats, family->group);
    }
    for (const char *const *member = family->members; stats && *member;
         member++) {
        JsonNode *node = json_object_get_member(stats, *member);

        if (node && json_qtype(node) == QTYPE_QNUM) {
            append_sample(out, family, label, *member,
                          json_number_round(node) * family->scale);
        }
    }
}

/* Appends the number of times below a limit. */
static void append_bucket(GString *out, const char *name, const char *label,
                          const char *limit, double count)
{
    g_string_append(out, name);
    g_string_append(out, "_bucket{loop=\"");
    g_string_append(out, label);
    g_string_append(out, "\",le=\"");
    g_string_append(out, limit);
    g_string_append(out, "\"} ");
    metrics_append_number(out, count);
    g_string_append_c(out, '\n');
}

/*
 * Buckets are cumulative; the last one has all times.  The sum of the times is
 * not counted, so there is none.
 *
 * The limits of metrics are not those of the loop's buckets; a bucket that is
 * only partly below the limit is left out, which is an error of at most 6 %.
 */
static void append_histogram(GString *out, const char *name, const char *label,
                             JsonArray *buckets)
{
    double count = 0; /* of the times below the limit */
    guint next = 0;   /* the first bucket that is not below it */

    for (size_t i = 0; i <= G_N_ELEMENTS(limits); i++) {
        bool is_last = i == G_N_ELEMENTS(limits);
        double limit_ns = is_last ? G_MAXDOUBLE : limits[i].ns;

        for (; next < json_array_get_length(buckets); next++) {
            JsonObject *bucket = json_array_get_object_element(buckets, next);

            if (json_member_round(bucket, "below-ns") > limit_ns) {
                break;
            }
            count = json_member_round(bucket, "count");
        }
        append_bucket(out, name, label, is_last ? "+Inf" : limits[i].seconds,
                      count);
    }
}

/* Appends a histogram of an object that has it. */
static void append_histogram_of(GString *out, const Family *family,
                                const char *label, JsonObject *object)
{
    JsonObject *histograms = json_member_object(object, "histograms");
    JsonNode *node = histograms
        ? json_object_get_member(histograms, family->members[0]) : NULL;

    if (node && JSON_NODE_HOLDS_ARRAY(node)) {
        append_histogram(out, family->name, label, json_node_get_array(node));
    }
}

/* ---- Types ---- */

static void count_type(MetricsText *text, JsonObject *object)
{
    const char *type = json_object_get_string_member_with_default(
        object, "qom-type", "");
    size_t n = GPOINTER_TO_SIZE(g_hash_table_lookup(text->types, type));

    g_hash_table_insert(text->types, g_strdup(type), GSIZE_TO_POINTER(n + 1));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Appends the number of objects of each type. */
static void append_types(GString *out, GHashTable *types)
{
    static const Family family = {
        "qom_objects", "gauge", NULL,
        "Objects that users have created, by type.",
    };
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(types),
                                         compare_texts);

    append_and_free(out, head_of(&family));
    for (GList *name = names; name; name = name->next) {
        g_string_append(out, "qom_objects{type=\"");
        metrics_append_label_value(out, name->data);
        g_string_append_printf(out, "\"} %zu\n", GPOINTER_TO_SIZE(
                                   g_hash_table_lookup(types, name->data)));
    }
}

/* ---- All ---- */

MetricsText *metrics_text_new(void)
{
    MetricsText *text = g_new(MetricsText, 1);

    text->types = g_hash_table_new_full(hash_str, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(loop_families); i++) {
        text->loops[i] = head_of(&loop_families[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(histogram_families); i++) {
        text->histograms[i] = head_of(&histogram_families[i]);
    }
    text->others = metrics_others_new();
    return text;
}

/*
 * The label of all samples of an object is escaped once.  A peer may send an
 * object without id.
 */
void metrics_text_add(MetricsText *text, JsonObject *object)
{
    JsonObject *stats = metrics_loop_stats(object);
    g_autoptr(GString) label = g_string_new(NULL);

    metrics_append_label_value(
        label, json_object_get_string_member_with_default(object, "id", ""));
    count_type(text, object);
    for (size_t i = 0; i < G_N_ELEMENTS(loop_families); i++) {
        append_samples(text->loops[i], &loop_families[i], label->str, stats);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(histogram_families); i++) {
        append_histogram_of(text->histograms[i], &histogram_families[i],
                            label->str, object);
    }
    metrics_others_add(text->others, label->str, object);
}

/* The format ends with a line of its own, so that no part of it can be lost. */
void metrics_text_finish(MetricsText *text, GString *out)
{
    append_types(out, text->types);
    g_hash_table_unref(text->types);
    for (size_t i = 0; i < G_N_ELEMENTS(loop_families); i++) {
        append_and_free(out, text->loops[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(histogram_families); i++) {
        append_and_free(out, text->histograms[i]);
    }
    metrics_others_finish(text->others, out);
    g_string_append(out, "# EOF\n");
    g_free(text);
}

void metrics_append(GString *out, JsonArray *objects)
{
    MetricsText *text = metrics_text_new();

    for (guint i = 0; i < json_array_get_length(objects); i++) {
        metrics_text_add(text, json_array_get_object_element(objects, i));
    }
    metrics_text_finish(text, out);
}
