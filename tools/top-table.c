/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of qom top: one for loops, and one for other objects with
 * statistics.
 *
 * Column     a number of a loop.  The same table yields the columns of the
 *            text and the keys of -sort.
 * Rank       the importance of a column.  In a narrow view those of the highest
 *            ranks are left out, so that the slowest callback, which is the
 *            last column, is seen.
 */
#include "tools/top-table.h"

#include "qapi/json/json.h"
#include "tools/output.h"

#include <string.h>

enum {
    MAX_RANK = 5,
    CALLBACK_WIDTH = 24, /* of the last column in a narrow view, at least */
    NAME_WIDTH = 32,     /* of an object in a narrow view, at most */
};

#define NO_ROOM "..." /* in place of what is left out */

/* ---- Texts ---- */

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
           : rate < 1e9 ? g_strdup_printf("%.1fM", rate / 1e6)
                        : g_strdup_printf("%.1fG", rate / 1e9);
}

/* Nanoseconds in the unit that leaves one to three digits */
static char *time_text(double ns)
{
    return ns < 1000 ? g_strdup_printf("%.0fns", ns)
           : ns < 1e6 ? g_strdup_printf("%.1fus", ns / 1e3)
           : ns < 1e9 ? g_strdup_printf("%.1fms", ns / 1e6)
                      : g_strdup_printf("%.1fs", ns / 1e9);
}

/* Returns: (transfer full) at most @width characters of a line; 0: all */
static char *cut(const char *line, int width)
{
    return width && g_utf8_strlen(line, -1) > width
        ? g_utf8_substring(line, 0, width) : g_strdup(line);
}

/* Returns: (transfer full) the path of an object */
static char *name_text(const char *path, const TopView *view)
{
    return view->width ? output_shorten(path, NAME_WIDTH) : g_strdup(path);
}

/* ---- Columns of loops ---- */

/* Where a number is in the row of a loop, and how it is written */
typedef struct LoopColumn {
    const char *title; /* also the key of -sort */
    int rank;
    const char *members[3]; /* from the outermost object to the number */
    char *(*text)(double number);
} LoopColumn;

static const LoopColumn loop_columns[] = {
    { "cpu", 0, { "cpu" }, percent_text },
    { "poll", 3, { "shares", "polling" }, percent_text },
    { "busy", 0, { "shares", "callbacks" }, percent_text },
    { "sleep", 3, { "shares", "asleep" }, percent_text },
    { "bh/s", 2, { "rates", "callbacks", "bottom-half" }, rate_text },
    { "read/s", 2, { "rates", "callbacks", "read" }, rate_text },
    { "write/s", 5, { "rates", "callbacks", "write" }, rate_text },
    { "timer/s", 4, { "rates", "callbacks", "timer" }, rate_text },
    { "notified/s", 5, { "rates", "wakes", "notification" }, rate_text },
    { "by-fd/s", 5, { "rates", "wakes", "descriptor" }, rate_text },
    { "by-timer/s", 5, { "rates", "wakes", "timer" }, rate_text },
    { "pool", 4, { "pool-depth" }, rate_text },
    { "lag50", 5, { "lag", "p50-ns" }, time_text },
    { "lag99", 1, { "lag", "p99-ns" }, time_text },
    { "lagmax", 3, { "lag", "max-ns" }, time_text },
    { "slowest", 0, { "slowest-ns" }, time_text },
};

/* Returns: the number that a column shows, by which rows are sorted */
static double column_number(const LoopColumn *column, JsonObject *row)
{
    size_t i;

    for (i = 0; i + 1 < G_N_ELEMENTS(column->members) &&
                column->members[i + 1]; i++) {
        row = json_member_object(row, column->members[i]);
    }
    return json_member_round(row, column->members[i]);
}

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

const char *top_table_find_sort(const char *title, int step, Error **errp)
{
    const int n = G_N_ELEMENTS(loop_columns);
    const LoopColumn *column = find_column(title);
    g_autoptr(GString) titles = g_string_new("name");
    int index;

    /* "name" is between the last column and the first. */
    if (column || !strcmp(title, "name")) {
        index = ((column ? column - loop_columns : n) + step + n + 1) % (n + 1);
        return index < n ? loop_columns[index].title : "name";
    }
    for (int i = 0; i < n; i++) {
        g_string_append_printf(titles, ", %s", loop_columns[i].title);
    }
    error_setg(errp, "no column is called '%s'; there are %s", title,
               titles->str);
    return NULL;
}

/*
 * ---- Rows ----
 * Rows are sorted as numbers and then become texts.
 */

/* Larger numbers first; @opaque is the column. */
static int compare_loops(const void *a, const void *b, void *opaque)
{
    double x = column_number(opaque, json_node_get_object(*(JsonNode **)a));
    double y = column_number(opaque, json_node_get_object(*(JsonNode **)b));

    return x > y ? -1 : x < y;
}

/* Returns: the sum of all rates, which is 0 for an object that is idle */
static double activity(JsonObject *rates)
{
    double sum = 0;
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init(&iter, rates);
    while (json_object_iter_next(&iter, &name, &value)) {
        sum += JSON_NODE_HOLDS_OBJECT(value)
            ? activity(json_node_get_object(value))
            : json_node_get_double(value);
    }
    return sum;
}

/* Objects whose counters grow most first */
static int compare_objects(const void *a, const void *b, void *opaque)
{
    double x = activity(json_member_object(
        json_node_get_object(*(JsonNode **)a), "rates"));
    double y = activity(json_member_object(
        json_node_get_object(*(JsonNode **)b), "rates"));

    return x > y ? -1 : x < y;
}

/* Returns: (transfer container) the elements; @compare NULL: in their order */
static GPtrArray *sorted(JsonArray *array, GCompareDataFunc compare,
                         const LoopColumn *column)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_ptr_array_add(rows, json_array_get_element(array, i));
    }
    if (compare) {
        g_ptr_array_sort_with_data(rows, compare, (void *)column);
    }
    return rows;
}

/*
 * Returns: (transfer full) the texts of a loop, by the titles of the columns.
 * A loop that has called nothing yet has no slowest callback.
 */
static JsonObject *loop_cells(JsonObject *row, const TopView *view)
{
    JsonObject *cells = json_object_new();
    g_autofree char *name =
        name_text(json_object_get_string_member(row, "path"), view);

    json_object_set_string_member(cells, "loop", name);
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
    return cells;
}

/*
 * "in-flight 3", or "reads 12.3k/s, bytes-read 50.1M/s": the numbers that are
 * greater than 0.
 */
static void append_numbers(GString *text, const char *prefix,
                           JsonObject *numbers, const char *unit)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, numbers);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        g_autofree char *full = g_strconcat(prefix, *prefix ? "." : "", name,
                                            NULL);

        if (JSON_NODE_HOLDS_OBJECT(value)) {
            append_numbers(text, full, json_node_get_object(value), unit);
        } else if (json_node_get_double(value) > 0) {
            g_autofree char *number = rate_text(json_node_get_double(value));

            g_string_append_printf(text, "%s%s %s%s", text->len ? ", " : "",
                                   full, number, unit);
        }
    }
}

/* The texts of an object that is no loop; one that is idle has no numbers */
static JsonObject *object_cells(JsonObject *row, const TopView *view)
{
    JsonObject *cells = json_object_new();
    g_autoptr(GString) numbers = g_string_new(NULL);
    g_autofree char *name =
        name_text(json_object_get_string_member(row, "path"), view);

    append_numbers(numbers, "", json_object_get_object_member(row, "values"),
                   "");
    append_numbers(numbers, "", json_object_get_object_member(row, "rates"),
                   "/s");
    json_object_set_string_member(cells, "path", name);
    json_object_set_string_member(
        cells, "type", json_object_get_string_member(row, "type"));
    if (numbers->len) {
        json_object_set_string_member(cells, "numbers", numbers->str);
    }
    return cells;
}

/* Returns: (transfer full) an array of what @cells makes of each row */
static JsonNode *table_of(const GPtrArray *rows, const TopView *view,
                          JsonObject *(*cells)(JsonObject *, const TopView *))
{
    JsonNode *table = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (guint i = 0; i < rows->len; i++) {
        json_array_add_object_element(
            array, cells(json_node_get_object(rows->pdata[i]), view));
    }
    json_node_take_array(table, array);
    return table;
}

/*
 * ---- Lines ----
 * A table is made with all columns first, and again with fewer until it fits.
 */

/* Returns: (transfer full) the lines with the columns up to a rank */
static GPtrArray *loop_lines(JsonNode *table, int rank)
{
    Column columns[G_N_ELEMENTS(loop_columns) + 4] = { { "loop", "loop" } };
    size_t n = 1;

    if (rank >= 4) {
        columns[n++] = (Column){ "thread", "thread" };
    }
    for (size_t i = 0; i < G_N_ELEMENTS(loop_columns); i++) {
        if (loop_columns[i].rank <= rank) {
            columns[n++] = (Column){ loop_columns[i].title,
                                     loop_columns[i].title };
        }
    }
    columns[n] = (Column){ "slowest callback", "slowest callback" };
    return output_table_lines(table, columns);
}

/* Returns: true if a part of the last column is seen */
static bool lines_fit(const GPtrArray *lines, int width)
{
    const char *titles = lines->pdata[0];

    return !width || strstr(titles, "slowest callback") - titles +
                     CALLBACK_WIDTH <= width;
}

/* Appends the first of the lines; @height 0: all. */
static void append_lines(GString *out, const GPtrArray *lines, int width,
                         int height)
{
    guint n = height && lines->len > (guint)height ? (guint)height - 1
                                                   : lines->len;

    for (guint i = 0; i < n; i++) {
        g_autofree char *line = cut(lines->pdata[i], width);

        if (i == 0) {
            output_paint(out, PAINT_TITLE, line);
        } else {
            g_string_append(out, line);
        }
        g_string_append_c(out, '\n');
    }
    if (n < lines->len) {
        g_string_append_printf(out, NO_ROOM " %u more\n", lines->len - n);
    }
}

/* Appends the table of loops, with as many columns as fit. */
static void append_loops(GString *out, JsonArray *loops, const TopView *view,
                         int height)
{
    const LoopColumn *column = find_column(view->sort);
    g_autoptr(GPtrArray) rows = sorted(loops, column ? compare_loops : NULL,
                                       column);
    g_autoptr(JsonNode) table = table_of(rows, view, loop_cells);
    g_autoptr(GPtrArray) lines = loop_lines(table, MAX_RANK);

    for (int rank = MAX_RANK - 1;
         rank >= 0 && !lines_fit(lines, view->width); rank--) {
        g_ptr_array_unref(lines);
        lines = loop_lines(table, rank);
    }
    append_lines(out, lines, view->width, height);
}

/* Appends the table of other objects. */
static void append_objects(GString *out, JsonArray *objects,
                           const TopView *view, int height)
{
    static const Column columns[] = {
        { "path", "object" }, { "type", "type" }, { "numbers", "numbers" },
        { NULL, NULL },
    };
    g_autoptr(GPtrArray) rows = sorted(
        objects, strcmp(view->sort, "name") ? compare_objects : NULL, NULL);
    g_autoptr(JsonNode) table = table_of(rows, view, object_cells);
    g_autoptr(GPtrArray) lines = output_table_lines(table, columns);

    append_lines(out, lines, view->width, height);
}

/* Objects get a third of a low view if there are many, loops the rest. */
char *top_table_format(JsonNode *comparison, const TopView *view)
{
    JsonObject *object = json_node_get_object(comparison);
    JsonArray *loops = json_object_get_array_member(object, "loops");
    JsonArray *objects = json_object_get_array_member(object, "objects");
    int n_objects = json_array_get_length(objects);
    int n_loops = json_array_get_length(loops);
    int loops_height = view->height;
    int objects_height = 0;
    GString *out = g_string_new(NULL);

    if (view->height && n_objects) {
        objects_height = MAX(MIN(n_objects + 1, view->height / 3),
                             view->height - n_loops - 2);
        loops_height = view->height - objects_height - 1;
    }
    append_loops(out, loops, view, loops_height);
    if (n_objects) {
        g_string_append_c(out, '\n');
        append_objects(out, objects, view, objects_height);
    }
    return g_string_free(out, FALSE);
}
