/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom top: shows what the event loops of a running program do, again and again.
 *
 * Interval   two samples are an interval apart, and what happened between them
 *            is shown; top-sample.c computes it.
 * Column     a number of a loop.  The same table yields the columns of the
 *            text and the keys of -sort.
 * Tables     one for loops, one for other objects with statistics, of which
 *            only the counters that have grown are shown.
 */
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/target-info.h"
#include "tools/top-sample.h"
#include "tools/verb-functions.h"
#include "tools/watch-stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Top {
    const Args *args;
    double seconds;
    const char *sort; /* a column of loops, by its title */
    FILE *record;     /* (nullable) */
} Top;

/* ---- Texts ---- */

/* Returns: a number of a row, or of an object in it; 0 if there is none */
static double number_at(JsonObject *row, const char *outer, const char *inner)
{
    return inner ? json_member_round(json_member_object(row, outer), inner)
                 : json_member_round(row, outer);
}

/* A share of 1 */
static char *percent_text(double share)
{
    return g_strdup_printf("%.0f%%", share * 100);
}

/* Three digits and a unit: "12.3k" */
static char *rate_text(double rate)
{
    return rate < 1000 ? g_strdup_printf("%.0f", rate)
           : rate < 1e6 ? g_strdup_printf("%.1fk", rate / 1e3)
                        : g_strdup_printf("%.1fM", rate / 1e6);
}

/* Nanoseconds in the unit that leaves one to three digits */
static char *time_text(double ns)
{
    return ns < 1000 ? g_strdup_printf("%.0fns", ns)
           : ns < 1e6 ? g_strdup_printf("%.1fus", ns / 1e3)
           : ns < 1e9 ? g_strdup_printf("%.1fms", ns / 1e6)
                      : g_strdup_printf("%.1fs", ns / 1e9);
}

/* A column of loops: where its number is, and how it is written. */
typedef struct LoopColumn {
    const char *title; /* also the key of -sort */
    const char *outer;
    const char *inner; /* (nullable) member of the object @outer */
    char *(*text)(double number);
} LoopColumn;

static const LoopColumn loop_columns[] = {
    { "cpu", "cpu", NULL, percent_text },
    { "poll", "polling", NULL, percent_text },
    { "busy", "callbacks", NULL, percent_text },
    { "sleep", "asleep", NULL, percent_text },
    { "bh/s", "events", "bottom-half", rate_text },
    { "read/s", "events", "read", rate_text },
    { "write/s", "events", "write", rate_text },
    { "timer/s", "events", "timer", rate_text },
    { "notified/s", "wakes", "notification", rate_text },
    { "pool", "pool-depth", NULL, rate_text },
    { "lag50", "lag", "p50-ns", time_text },
    { "lag99", "lag", "p99-ns", time_text },
    { "lagmax", "lag", "max-ns", time_text },
    { "slowest", "slowest-ns", NULL, time_text },
};

/* Returns: the number that a column shows, by which rows are sorted */
static double column_number(const LoopColumn *column, JsonObject *row)
{
    return number_at(row, column->outer, column->inner);
}

/* ---- Tables ---- */

/* Returns: (nullable) "name" is no column: the order of the program stays */
static const LoopColumn *find_column(const char *title)
{
    for (size_t i = 0; i < G_N_ELEMENTS(loop_columns); i++) {
        if (!strcmp(loop_columns[i].title, title)) {
            return &loop_columns[i];
        }
    }
    return NULL;
}

/* Larger numbers first; @opaque is the column. */
static int compare_rows(const void *a, const void *b, void *opaque)
{
    double x = column_number(opaque, json_node_get_object(*(JsonNode **)a));
    double y = column_number(opaque, json_node_get_object(*(JsonNode **)b));

    return x > y ? -1 : x < y;
}

/* Returns: (transfer container) the loops, those with the largest key first */
static GPtrArray *sorted_loops(const Top *top, JsonArray *loops)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < json_array_get_length(loops); i++) {
        g_ptr_array_add(rows, json_array_get_element(loops, i));
    }
    if (find_column(top->sort)) {
        g_ptr_array_sort_with_data(rows, compare_rows,
                                   (void *)find_column(top->sort));
    }
    return rows;
}

/*
 * Returns: (transfer full) the texts of a loop, by the titles of the columns.
 * A loop that has called nothing yet has no slowest callback.
 */
static JsonNode *loop_cells(JsonObject *row)
{
    JsonNode *node = json_node_alloc();
    JsonObject *cells = json_object_new();

    json_object_set_member(cells, "loop",
                           json_node_copy(json_object_get_member(row,
                                                                 "path")));
    json_object_set_member(
        cells, "thread",
        json_node_copy(json_object_get_member(row, "thread-id")));
    for (size_t i = 0; i < G_N_ELEMENTS(loop_columns); i++) {
        g_autofree char *text =
            loop_columns[i].text(column_number(&loop_columns[i], row));

        json_object_set_string_member(cells, loop_columns[i].title, text);
    }
    if (json_object_has_member(row, "slowest")) {
        json_object_set_member(
            cells, "slowest callback",
            json_node_copy(json_object_get_member(row, "slowest")));
    }
    json_node_init_object(node, cells);
    json_object_unref(cells);
    return node;
}

/* Writes the table of loops. */
static int show_loops(const Top *top, JsonArray *loops)
{
    g_autoptr(GPtrArray) rows = sorted_loops(top, loops);
    Column columns[G_N_ELEMENTS(loop_columns) + 4] = {
        { "loop", "loop" }, { "thread", "thread" },
    };
    g_autoptr(JsonNode) table = json_node_new(JSON_NODE_ARRAY);
    JsonArray *cells = json_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(loop_columns); i++) {
        columns[i + 2] = (Column){ loop_columns[i].title,
                                   loop_columns[i].title };
    }
    columns[G_N_ELEMENTS(loop_columns) + 2] =
        (Column){ "slowest callback", "slowest callback" };
    for (guint i = 0; i < rows->len; i++) {
        json_array_add_element(
            cells, loop_cells(json_node_get_object(rows->pdata[i])));
    }
    json_node_take_array(table, cells);
    return output_table(table, columns);
}

/* "reads 12.3k/s, bytes-read 50.1M/s": the counters that have grown */
static void append_rates(GString *text, const char *prefix, JsonObject *rates)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, rates);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        g_autofree char *full = g_strconcat(prefix, *prefix ? "." : "", name,
                                            NULL);

        if (JSON_NODE_HOLDS_OBJECT(value)) {
            append_rates(text, full, json_node_get_object(value));
        } else if (json_node_get_double(value) > 0) {
            g_autofree char *rate = rate_text(json_node_get_double(value));

            g_string_append_printf(text, "%s%s %s/s", text->len ? ", " : "",
                                   full, rate);
        }
    }
}

/* Writes the table of other objects. */
static int show_objects(JsonArray *objects)
{
    static const Column columns[] = {
        { "path", "object" }, { "type", "type" }, { "rates", "rates" },
        { NULL, NULL },
    };
    g_autoptr(JsonNode) table = json_node_new(JSON_NODE_ARRAY);
    JsonArray *rows = json_array_new();

    for (guint i = 0; i < json_array_get_length(objects); i++) {
        JsonObject *object = json_array_get_object_element(objects, i);
        JsonObject *row = json_object_new();
        g_autoptr(GString) rates = g_string_new(NULL);

        append_rates(rates, "", json_object_get_object_member(object,
                                                              "rates"));
        json_object_set_string_member(
            row, "path", json_object_get_string_member(object, "path"));
        json_object_set_string_member(
            row, "type", json_object_get_string_member(object, "type"));
        json_object_set_string_member(row, "rates", rates->str);
        json_array_add_object_element(rows, row);
    }
    json_node_take_array(table, rows);
    return output_table(table, columns);
}

/* ---- Output ---- */

/* Each line is complete when others read the file. */
static bool record(const Top *top, JsonNode *comparison, Error **errp)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (!top->record) {
        return true;
    }
    json_write(line, comparison, false);
    if (fprintf(top->record, "%s\n", line->str) < 0 || fflush(top->record)) {
        error_setg_errno(errp, errno, "cannot write '%s'", top->args->record);
        return false;
    }
    return true;
}

/* Writes an interval; on a terminal in place of the last one. */
static int show(const Top *top, JsonNode *comparison)
{
    JsonObject *object = json_node_get_object(comparison);
    JsonArray *objects = json_object_get_array_member(object, "objects");
    int status;

    if (top->args->json) {
        return output_json(comparison);
    }
    if (!top->args->once && isatty(STDOUT_FILENO)) {
        output_text("\033[H\033[2J"); /* an empty screen */
    }
    status = show_loops(top, json_object_get_array_member(object, "loops"));
    if (status == EXIT_DONE && json_array_get_length(objects)) {
        status = output_text("\n");
        status = status == EXIT_DONE ? show_objects(objects) : status;
    }
    return status;
}

/* Returns: true when the interval has ended, false at a signal */
static bool wait_interval(WatchStop *stop)
{
    struct pollfd poll_fd = { .fd = stop->fd, .events = POLLIN };

    while (poll(&poll_fd, 1, -1) < 0 && errno == EINTR) {
        /* again */
    }
    return watch_stop_interval_ended(stop);
}

/*
 * Shows what happens between samples until a signal, or once.
 *
 * A sample that is late, because the program was busy, makes its interval
 * longer; rates are computed from the time that really passed.
 */
static bool run(const Top *top, WatchStop *stop, int *status, Error **errp)
{
    g_autoptr(TopSample) old = top_sample_take(errp);

    if (!old) {
        return false;
    }
    while (wait_interval(stop)) {
        TopSample *now = top_sample_take(errp);
        g_autoptr(JsonNode) comparison = NULL;

        if (!now) {
            return false;
        }
        comparison = top_sample_compare(old, now);
        top_sample_free(old);
        old = now;
        if (!record(top, comparison, errp)) {
            return false;
        }
        *status = show(top, comparison);
        if (*status != EXIT_DONE || top->args->once) {
            break;
        }
    }
    return true;
}

/* ---- The verb ---- */

/* Checks -interval and -sort. */
static bool read_options(Top *top, Error **errp)
{
    const char *text = top->args->interval;

    /* A second shows what happens now and still averages over many events. */
    top->seconds = 1;
    if (text && !watch_stop_parse_interval(text, &top->seconds, errp)) {
        return false;
    }
    top->sort = top->args->sort ? top->args->sort : "cpu";
    if (strcmp(top->sort, "name") && !find_column(top->sort)) {
        g_autoptr(GString) titles = g_string_new("name");

        for (size_t i = 0; i < G_N_ELEMENTS(loop_columns); i++) {
            g_string_append_printf(titles, ", %s", loop_columns[i].title);
        }
        error_setg(errp, "no column is called '%s'; there are %s", top->sort,
                   titles->str);
        return false;
    }
    return true;
}

int action_top(void *opaque)
{
    Top top = { .args = opaque };
    WatchStop stop = WATCH_STOP_INIT;
    int status = EXIT_DONE;
    Error *err = NULL;
    bool ok;

    if (!read_options(&top, &err)) {
        return tool_usage_error("top", err);
    }
    if (top.args->record) {
        top.record = fopen(top.args->record, "ae");
        if (!top.record) {
            error_setg_file_open(&err, errno, top.args->record);
        }
    }
    ok = !err && watch_stop_open(&stop, &err) &&
         watch_stop_set_interval(&stop, top.seconds, &err) &&
         run(&top, &stop, &status, &err);
    watch_stop_close(&stop);
    if (top.record) {
        fclose(top.record);
    }
    if (!ok) {
        target_refuse("top", &err);
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return status;
}
