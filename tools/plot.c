/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom plot: draws what `qom top -record` has recorded, as SVG.
 *
 * Recording  a line of JSON per interval, as top-sample.h describes it.
 * Series     the values of one loop, one for each interval in which it existed.
 * Panel      a diagram with one number of all loops: share of time in
 *            callbacks, lag, callbacks per second.  All panels have the same
 *            time axis.
 *
 * Colours are classes, which a style sheet defines for light and dark screens.
 */
#include "qapi/file.h"
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/verb-functions.h"
#include "util/hash.h"

#include <math.h>

enum {
    LEFT = 80,           /* of a panel, in pixels */
    WIDTH = 640,
    HEIGHT = 180,
    TOP = 50,            /* of the first panel */
    PANEL_DISTANCE = 240,
    LEGEND_LEFT = 750,
    TOTAL_WIDTH = 960,
    N_COLOURS = 8,
    MAX_BYTES = 256 * 1024 * 1024, /* of a recording */
};

typedef struct Point {
    double time; /* seconds since the first interval */
    double values[3]; /* by panel */
} Point;

typedef struct Series {
    char *name;
    GArray *points; /* of Point */
} Series;

typedef struct Recording {
    GPtrArray *series; /* of Series, in the order in which they appear */
    GHashTable *by_name;
    double first; /* seconds since 1970; 0: none yet */
    double last;  /* seconds since the first */
} Recording;

/* ---- Reading ---- */

static void series_free(void *opaque)
{
    Series *series = opaque;

    g_free(series->name);
    g_array_unref(series->points);
    g_free(series);
}

/* Returns: borrowed; the series of a loop, which is created on first use */
static Series *series_of(Recording *recording, const char *name)
{
    Series *series = g_hash_table_lookup(recording->by_name, name);

    if (!series) {
        series = g_new(Series, 1);
        series->name = g_strdup(name);
        series->points = g_array_new(false, false, sizeof(Point));
        g_ptr_array_add(recording->series, series);
        g_hash_table_insert(recording->by_name, series->name, series);
    }
    return series;
}

/* Callbacks of all kinds per second */
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

/* Appends what the panels show of a loop. */
static void add_loop(Recording *recording, double time, JsonObject *loop)
{
    const char *path = json_object_get_string_member_with_default(loop, "path",
                                                                  "?");
    Point point = {
        .time = time,
        .values = {
            json_member_round(json_member_object(loop, "shares"), "callbacks") *
                100,
            json_member_round(json_member_object(loop, "lag"), "p99-ns"),
            sum_of(json_member_object(json_member_object(loop, "rates"),
                                      "callbacks")),
        },
    };

    g_array_append_val(series_of(recording, path)->points, point);
}

/* Adds an interval; false with @errp set if it is not one. */
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

/* Errors begin with the name of the file and the number of the line. */
static bool read_recording(Recording *recording, const char *name,
                           Error **errp)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t n_bytes;

    text = qapi_file_read(name, MAX_BYTES, &n_bytes, errp);
    if (!text) {
        return false;
    }
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
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

/* ---- Axes ---- */

static double identity(double value)
{
    return value;
}

/* Times of zero are drawn as a nanosecond. */
static double log_ns(double ns)
{
    return log10(MAX(ns, 1));
}

static char *percent_label(double value)
{
    return g_strdup_printf("%.0f %%", value);
}

/* @value is the logarithm of nanoseconds. */
static char *time_label(double value)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    int digits = value;

    return g_strdup_printf("%.0f %s", pow(10, digits % 3),
                           units[MIN(digits / 3, 3)]);
}

/* Three digits and a unit */
static char *rate_label(double value)
{
    return value >= 1e6 ? g_strdup_printf("%.3gM", value / 1e6)
           : value >= 1e3 ? g_strdup_printf("%.3gk", value / 1e3)
                          : g_strdup_printf("%.3g", value);
}

static char *seconds_label(double value)
{
    return g_strdup_printf("%.3g s", value);
}

/* 1, 2 or 5 times a power of ten, so that an axis has four to ten of them */
static double step_of(double range)
{
    double step = pow(10, floor(log10(MAX(range, 1e-9) / 4)));

    return range / step > 20 ? step * 5 : range / step > 10 ? step * 2 : step;
}

typedef struct Panel {
    const char *title;
    double (*scale)(double value); /* from a value to the axis */
    char *(*label)(double position);
    double max; /* of the axis; 0: of the values */
} Panel;

static const Panel panels[] = {
    { "time in callbacks", identity, percent_label, 100 },
    { "lag: 99 % of the times without a check of events", log_ns, time_label,
      0 },
    { "callbacks per second", identity, rate_label, 0 },
};

/* ---- Drawing ---- */

/* Names of objects come from outside, so they are escaped. */
static void append_text(GString *svg, double x, double y, const char *anchor,
                        const char *text)
{
    g_autofree char *safe = g_markup_escape_text(text, -1);

    g_string_append_printf(svg, "<text x=\"%.1f\" y=\"%.1f\" "
                           "text-anchor=\"%s\">%s</text>\n", x, y, anchor,
                           safe);
}

static void append_line(GString *svg, double x1, double y1, double x2,
                        double y2)
{
    g_string_append_printf(svg, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" "
                           "x2=\"%.1f\" y2=\"%.1f\"/>\n", x1, y1, x2, y2);
}

/*
 * Returns: the largest value of a panel, on its axis; it decides how high the
 * axis is
 */
static double largest(const Recording *recording, unsigned panel)
{
    double max = 0;

    for (guint i = 0; i < recording->series->len; i++) {
        const Series *series = recording->series->pdata[i];

        for (guint j = 0; j < series->points->len; j++) {
            const Point *point = &g_array_index(series->points, Point, j);

            max = MAX(max, panels[panel].scale(point->values[panel]));
        }
    }
    return max;
}

/* A recording of one interval has no length. */
static double x_of(const Recording *recording, double time)
{
    return LEFT + WIDTH * time / MAX(recording->last, 1e-3);
}

/*
 * Lines and labels of both axes.  A logarithmic axis has one per power of ten,
 * so a panel shows nanoseconds and seconds at once.
 */
static void append_axes(GString *svg, const Recording *recording,
                        const Panel *panel, double top, double max)
{
    double step = panel->scale == log_ns ? 1 : step_of(max);
    double time_step = step_of(MAX(recording->last, 1e-3));

    append_text(svg, LEFT, top - 10, "start", panel->title);
    for (double value = 0; value <= max * 1.0001; value += step) {
        g_autofree char *label = panel->label(value);
        double y = top + HEIGHT - HEIGHT * value / max;

        append_line(svg, LEFT, y, LEFT + WIDTH, y);
        append_text(svg, LEFT - 6, y + 4, "end", label);
    }
    for (double time = 0; time <= recording->last * 1.0001;
         time += time_step) {
        g_autofree char *label = seconds_label(time);
        double x = x_of(recording, time);

        append_line(svg, x, top, x, top + HEIGHT);
        append_text(svg, x, top + HEIGHT + 16, "middle", label);
    }
}

/* One line for a loop; its points are an interval apart. */
static void append_series(GString *svg, const Recording *recording,
                          unsigned n, unsigned panel, double top, double max)
{
    const Series *series = recording->series->pdata[n];

    g_string_append_printf(svg, "<polyline class=\"c%u\" points=\"",
                           n % N_COLOURS);
    for (guint i = 0; i < series->points->len; i++) {
        const Point *point = &g_array_index(series->points, Point, i);
        double value = panels[panel].scale(point->values[panel]);

        g_string_append_printf(svg, "%.1f,%.1f ",
                               x_of(recording, point->time),
                               top + HEIGHT - HEIGHT * MIN(value, max) / max);
    }
    g_string_append(svg, "\"/>\n");
}

/* The axis ends at the largest value, so no line is cut. */
static void append_panel(GString *svg, const Recording *recording,
                         unsigned panel)
{
    double top = TOP + PANEL_DISTANCE * panel;
    double max = panels[panel].max ? panels[panel].max
                                   : MAX(largest(recording, panel), 1);

    /* A logarithmic axis ends at a power of ten. */
    if (panels[panel].scale == log_ns) {
        max = ceil(max);
    }
    append_axes(svg, recording, &panels[panel], top, max);
    for (guint n = 0; n < recording->series->len; n++) {
        append_series(svg, recording, n, panel, top, max);
    }
}

/* One line for each loop, in the order in which they appeared. */
static void append_legend(GString *svg, const Recording *recording)
{
    for (guint n = 0; n < recording->series->len; n++) {
        const Series *series = recording->series->pdata[n];
        double y = TOP + 10 + 18 * n;

        g_string_append_printf(
            svg, "<polyline class=\"c%u\" points=\"%d,%.1f %d,%.1f\"/>\n",
            n % N_COLOURS, LEGEND_LEFT, y - 4, LEGEND_LEFT + 20, y - 4);
        append_text(svg, LEGEND_LEFT + 26, y, "start", series->name);
    }
}

/* Colours that people with a colour vision deficiency can tell apart */
static const char style[] =
    "<style>\n"
    "text { fill: #222; } .grid { stroke: #ddd; } .back { fill: white; }\n"
    "polyline { fill: none; stroke-width: 1.5; }\n"
    ".c0 { stroke: #0072b2; } .c1 { stroke: #d55e00; }\n"
    ".c2 { stroke: #009e73; } .c3 { stroke: #cc79a7; }\n"
    ".c4 { stroke: #e69f00; } .c5 { stroke: #56b4e9; }\n"
    ".c6 { stroke: #8c564b; } .c7 { stroke: #7f7f7f; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #ddd; } .grid { stroke: #444; } .back { fill: #161616; }\n"
    "}\n"
    "</style>\n";

/* The picture is high enough for the panels and for the legend. */
static void draw(GString *svg, const Recording *recording)
{
    double legend = TOP + 18.0 * recording->series->len + 20;
    double height = MAX(TOP + PANEL_DISTANCE * G_N_ELEMENTS(panels), legend);

    g_string_append_printf(
        svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
        "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n%s"
        "<rect class=\"back\" width=\"%d\" height=\"%.0f\"/>\n", TOTAL_WIDTH,
        height, style, TOTAL_WIDTH, height);
    for (unsigned i = 0; i < G_N_ELEMENTS(panels); i++) {
        append_panel(svg, recording, i);
    }
    append_legend(svg, recording);
    g_string_append(svg, "</svg>\n");
}

/* ---- The verb ---- */

/* @name: (nullable) NULL: stdout */
static int write_svg(const GString *svg, const char *name)
{
    g_autoptr(GError) error = NULL;
    Error *err = NULL;

    if (!name) {
        return output_text(svg->str);
    }
    if (!g_file_set_contents(name, svg->str, svg->len, &error)) {
        error_setg(&err, "cannot write '%s': %s", name, error->message);
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

int action_plot(void *opaque)
{
    const Args *args = opaque;
    g_autoptr(GString) svg = g_string_new(NULL);
    Recording recording = {
        .series = g_ptr_array_new_with_free_func(series_free),
        .by_name = g_hash_table_new(hash_str, g_str_equal),
    };
    int status = EXIT_FAILED;
    Error *err = NULL;

    if (read_recording(&recording, args->base.rest->pdata[0], &err)) {
        draw(svg, &recording);
        status = write_svg(svg, args->output);
    } else {
        output_error(NULL, err);
    }
    g_hash_table_unref(recording.by_name);
    g_ptr_array_unref(recording.series);
    return status;
}
