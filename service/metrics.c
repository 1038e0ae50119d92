/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Family     all metrics of one name, with a type, a unit and a text.  The
 *            families of event loops are in a table.
 * Sample     a line: the name, labels and a number.  All samples of a family
 *            follow each other, so each family reads all objects.
 */
#include "service/metrics-internal.h"

#include "qapi/json/json.h"
#include "service/metrics.h"

#include <string.h>

typedef struct Family {
    const char *name; /* without "_total" and the like */
    const char *type; /* of OpenMetrics */
    const char *unit; /* (nullable) which the name ends with */
    const char *help;
    const char *label;  /* (nullable) of the members of a group */
    const char *members; /* of `stats`: names with blanks between them */
    const char *group;  /* (nullable) the object that has the members */
    double scale;       /* from the member's unit to that of the family */
} Family;

/* In the order in which they are written */
static const Family loop_families[] = {
    { "qom_loop_iterations", "counter", NULL, "Iterations of an event loop.",
      NULL, "iterations", NULL, 1 },
    { "qom_loop_callbacks", "counter", NULL,
      "Callbacks that a loop has called.", "kind",
      "bottom-half read write poll notifier timer", "callbacks", 1 },
    { "qom_loop_wakeups", "counter", NULL, "Times that a loop stopped waiting.",
      "cause", "descriptor notification timer other", "wakes", 1 },
    { "qom_loop_time_seconds", "counter", "seconds",
      "Time of a loop by what it did: polling, asleep, busy.", "state",
      "polling-ns asleep-ns busy-ns", NULL, 1e-9 },
    { "qom_loop_cpu_seconds", "counter", "seconds",
      "CPU time of the thread of a loop.", NULL, "cpu-ns", NULL, 1e-9 },
    { "qom_loop_longest_callback_seconds", "gauge", "seconds",
      "Duration of the longest callback of a loop.", NULL,
      "longest-callback-ns", NULL, 1e-9 },
    { "qom_loop_thread_pool_requests", "counter", NULL,
      "Requests that were submitted to the thread pool of a loop.", NULL,
      "thread-pool-requests", NULL, 1 },
    { "qom_loop_thread_pool_depth", "gauge", NULL,
      "Requests of the thread pool of a loop that are not done.", NULL,
      "thread-pool-depth", NULL, 1 },
    { "qom_loop_file_requests", "counter", NULL,
      "Requests that were submitted to files by a loop.", NULL,
      "file-requests", NULL, 1 },
    { "qom_loop_file_bytes", "counter", "bytes",
      "Bytes that a loop has read from files and written to them.", NULL,
      "file-bytes", NULL, 1 },
    { "qom_loop_file_depth", "gauge", NULL,
      "Requests of a loop to files that are not done.", NULL, "file-depth",
      NULL, 1 },
    { "qom_loop_thread_pool_threads", "gauge", NULL,
      "Threads of the thread pool of a loop.", NULL, "thread-pool-threads",
      NULL, 1 },
};

/* Limits of the buckets of histograms, in nanoseconds */
static const double limits_ns[] = {
    1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7,
    1e8, 2e8, 5e8, 1e9, 1e10,
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

void metrics_append_number(GString *out, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.15g",
                                         number));
}

/*
 * The lines with which a family begins.  The format prescribes their order.
 */
static void append_head(GString *out, const Family *family)
{
    g_string_append_printf(out, "# TYPE %s %s\n", family->name,
                           family->type);
    if (family->unit) {
        g_string_append_printf(out, "# UNIT %s %s\n", family->name,
                               family->unit);
    }
    g_string_append_printf(out, "# HELP %s %s\n", family->name,
                           family->help);
}

/* @label (nullable) has the value @value, up to a "-ns" at its end. */
static void append_sample(GString *out, const Family *family, const char *id,
                          const char *label, const char *value, double number)
{
    g_string_append_printf(out, "%s%s{loop=\"", family->name,
                           strcmp(family->type, "counter") ? "" : "_total");
    metrics_append_label_value(out, id);
    if (label) {
        g_autofree char *name =
            g_strndup(value, strlen(value) -
                             (g_str_has_suffix(value, "-ns") ? 3 : 0));

        g_string_append_printf(out, "\",%s=\"", label);
        metrics_append_label_value(out, name);
    }
    g_string_append(out, "\"} ");
    metrics_append_number(out, number);
    g_string_append_c(out, '\n');
}

/* ---- Reading objects ---- */

JsonObject *metrics_loop_stats(JsonObject *object)
{
    JsonObject *stats = json_member_object(object, "stats");

    return stats && json_object_has_member(stats, "iterations") ? stats : NULL;
}

const char *metrics_id_of(JsonObject *object)
{
    return json_object_get_string_member_with_default(object, "id", "");
}

/* ---- Event loops ---- */

/* Appends the samples of all loops, in the order of the objects. */
static void append_family(GString *out, const Family *family,
                          JsonArray *objects)
{
    g_auto(GStrv) members = g_strsplit(family->members, " ", -1);

    append_head(out, family);
    for (guint i = 0; i < json_array_get_length(objects); i++) {
        JsonObject *object = json_array_get_object_element(objects, i);
        JsonObject *stats = metrics_loop_stats(object);

        if (stats && family->group) {
            stats = json_member_object(stats, family->group);
        }
        for (char **member = members; stats && *member; member++) {
            JsonNode *node = json_object_get_member(stats, *member);

            if (node && json_qtype(node) == QTYPE_QNUM) {
                append_sample(out, family, metrics_id_of(object), family->label,
                              *member,
                              json_number_round(node) * family->scale);
            }
        }
    }
}

/*
 * Returns: the number of times below a limit
 *
 * The limits of metrics are not those of the loop's buckets; a bucket that is
 * only partly below the limit is left out, which is an error of at most 6 %.
 */
static double count_below(JsonArray *buckets, double limit_ns)
{
    double count = 0;

    for (guint i = 0; i < json_array_get_length(buckets); i++) {
        JsonObject *bucket = json_array_get_object_element(buckets, i);

        if (json_member_round(bucket, "below-ns") > limit_ns) {
            break;
        }
        count = json_member_round(bucket, "count");
    }
    return count;
}

/* Buckets are cumulative; the last one has all times. */
static void append_histogram(GString *out, const char *name, const char *id,
                             JsonArray *buckets)
{
    double count = count_below(buckets, G_MAXDOUBLE);

    for (size_t i = 0; i <= G_N_ELEMENTS(limits_ns); i++) {
        bool is_last = i == G_N_ELEMENTS(limits_ns);

        g_string_append_printf(out, "%s_bucket{loop=\"", name);
        metrics_append_label_value(out, id);
        g_string_append(out, "\",le=\"");
        if (is_last) {
            g_string_append(out, "+Inf");
        } else {
            metrics_append_number(out, limits_ns[i] / 1e9);
        }
        g_string_append(out, "\"} ");
        metrics_append_number(out, is_last ? count
                                   : count_below(buckets, limits_ns[i]));
        g_string_append_c(out, '\n');
    }
}

/* The sum of the times is not counted, so there is none. */
static void append_histograms(GString *out, const Family *family,
                              JsonArray *objects)
{
    append_head(out, family);
    for (guint i = 0; i < json_array_get_length(objects); i++) {
        JsonObject *object = json_array_get_object_element(objects, i);
        JsonObject *histograms = json_member_object(object, "histograms");
        JsonNode *node = histograms
            ? json_object_get_member(histograms, family->members) : NULL;

        if (node && JSON_NODE_HOLDS_ARRAY(node)) {
            append_histogram(out, family->name, metrics_id_of(object),
                             json_node_get_array(node));
        }
    }
}

/* ---- All ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The number of objects of each type */
static void append_types(GString *out, JsonArray *objects)
{
    static const Family family = {
        "qom_objects", "gauge", NULL,
        "Objects that users have created, by type.",
    };
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    guint n;

    append_head(out, &family);
    for (guint i = 0; i < json_array_get_length(objects); i++) {
        g_ptr_array_add(types,
                        (char *)json_object_get_string_member_with_default(
                            json_array_get_object_element(objects, i),
                            "qom-type", ""));
    }
    g_ptr_array_sort(types, compare_texts);
    for (guint i = 0; i < types->len; i += n) {
        const char *type = types->pdata[i];

        for (n = 1; i + n < types->len &&
                    !strcmp(type, types->pdata[i + n]); n++) {
            continue;
        }
        g_string_append(out, "qom_objects{type=\"");
        metrics_append_label_value(out, type);
        g_string_append_printf(out, "\"} %u\n", n);
    }
}

/* The format ends with a line of its own, so that no part of it can be lost. */
void metrics_append(GString *out, JsonArray *objects)
{
    static const Family lag = {
        "qom_loop_lag_seconds", "histogram", "seconds",
        "Times for which a loop did not look for events.", NULL, "lag",
    };
    static const Family callback = {
        "qom_loop_callback_seconds", "histogram", "seconds",
        "Durations of callbacks that were timed.", NULL, "callback",
    };

    append_types(out, objects);
    for (size_t i = 0; i < G_N_ELEMENTS(loop_families); i++) {
        append_family(out, &loop_families[i], objects);
    }
    append_histograms(out, &lag, objects);
    append_histograms(out, &callback, objects);
    metrics_append_objects(out, objects);
    g_string_append(out, "# EOF\n");
}
