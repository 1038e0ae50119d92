/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom plot: draws what `qom top -record` has recorded, as SVG.
 *
 * Panel      a diagram with one number of all loops.  All panels have the same
 *            time axis.
 * Axis       a range, on which values have positions from 0 to 1.  It ends at
 *            labels, so no line is cut.
 *
 * Colours are classes, which a style sheet defines for light and dark screens.
 * Further loops have the same colours with dashed lines.
 */
#include "tools/output.h"
#include "tools/plot-recording.h"
#include "tools/verb-functions.h"

#include <math.h>

enum {
    LEFT = 80, /* of a panel, in pixels */
    WIDTH = 640,
    HEIGHT = 140,
    TOP = 50,  /* of the first panel */
    PANEL_DISTANCE = 200,
    LEGEND_LEFT = 750,
    LEGEND_LINE = 18,
    NAME_LEFT = LEGEND_LEFT + 26,
    NAME_MAX_CHARACTERS = 48,
    CHARACTER_WIDTH = 8, /* of the legend, at most on average */
    MIN_TOTAL_WIDTH = 960,
    N_COLOURS = 8,
    N_DASHES = 4,
    MAX_LABELS = 6, /* of an axis */
};

/* ---- Axes ---- */

static double identity(double value)
{
    return value;
}

/* No time at all is left out. */
static double log_ns(double ns)
{
    return ns > 0 ? log10(ns) : 0;
}

static char *percent_label(double value)
{
    return g_strdup_printf("%.0f %%", value);
}

/* @value is the logarithm of nanoseconds. */
static char *time_label(double value)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    int unit = MIN((int)value / 3, 3);

    return g_strdup_printf("%.0f %s", pow(10, value - unit * 3), units[unit]);
}

/* Three digits and a unit */
static char *rate_label(double value)
{
    return value >= 1e6 ? g_strdup_printf("%.3gM", value / 1e6)
           : value >= 1e3 ? g_strdup_printf("%.3gk", value / 1e3)
                          : g_strdup_printf("%.3g", value);
}

typedef struct Panel {
    const char *title;
    double (*scale)(double value); /* from a value to the axis */
    char *(*label)(double value);  /* of a value on the axis */
    double max; /* of the axis; 0: of the values */
} Panel;

static const Panel panels[PLOT__MAX] = {
    [PLOT_CALLBACKS] = { "time in callbacks", identity, percent_label, 100 },
    [PLOT_POLLING] = { "time busy polling", identity, percent_label, 100 },
    [PLOT_LAG_P50] = { "lag (time without a check for events), median",
                       log_ns, time_label, 0 },
    [PLOT_LAG_P99] = { "lag, 99th percentile", log_ns, time_label, 0 },
    [PLOT_LAG_MAX] = { "lag, maximum", log_ns, time_label, 0 },
    [PLOT_RATE] = { "callbacks per second", identity, rate_label, 0 },
    [PLOT_WAKES] = { "wake-ups per second", identity, rate_label, 0 },
};

typedef struct Axis {
    double min;
    double max;
    double step; /* between two labels */
} Axis;

/* 1, 2 or 5 times a power of ten, so that a range has few of them */
static double step_of(double range)
{
    double step = pow(10, floor(log10(MAX(range, 1e-9) / MAX_LABELS)));

    return range / step <= MAX_LABELS ? step
           : range / step <= 2 * MAX_LABELS ? 2 * step
           : range / step <= 5 * MAX_LABELS ? 5 * step : 10 * step;
}

/* Returns: the position of a value of an axis, between 0 and 1 */
static double position(const Axis *axis, double value)
{
    return CLAMP((value - axis->min) / (axis->max - axis->min), 0, 1);
}

/*
 * A logarithmic axis has a label per power of ten, and begins below the least
 * value that is not 0.
 */
static Axis axis_of(const Recording *recording, PlotValue panel)
{
    bool is_log = panels[panel].scale == log_ns;
    double max = panels[panel].max;
    double min = is_log ? 12 : 0;
    Axis axis;

    for (guint i = 0; i < recording->series->len; i++) {
        const PlotSeries *series = recording->series->pdata[i];

        for (guint j = 0; j < series->points->len; j++) {
            double value = panels[panel].scale(
                g_array_index(series->points, PlotPoint, j).values[panel]);

            max = MAX(max, value);
            min = is_log && value > 0 ? MIN(min, value) : min;
        }
    }
    axis.min = is_log && max > 0 ? floor(min) : 0;
    max = MAX(max, axis.min + 1);
    axis.step = is_log ? 1 : step_of(max - axis.min);
    axis.max = ceil(max / axis.step - 1e-9) * axis.step;
    return axis;
}

/* The time of a recording in a unit that leaves few digits */
typedef struct TimeUnit {
    const char *name;
    double seconds;
} TimeUnit;

static TimeUnit time_unit(double last)
{
    return last <= 300 ? (TimeUnit){ "s", 1 }
           : last <= 300 * 60 ? (TimeUnit){ "min", 60 }
                              : (TimeUnit){ "h", 3600 };
}

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

/* A recording of one interval has no length, and is at the left. */
static double x_of(const Recording *recording, double time)
{
    return LEFT + WIDTH * time / MAX(recording->last, 1e-3);
}

static double y_of(const Axis *axis, double top, double value)
{
    return top + HEIGHT - HEIGHT * position(axis, value);
}

/* Lines and labels of both axes */
static void append_axes(GString *svg, const Recording *recording,
                        const Panel *panel, const Axis *axis, double top)
{
    TimeUnit unit = time_unit(recording->last);
    double time_step = step_of(MAX(recording->last, 1e-3) / unit.seconds) *
                       unit.seconds;

    append_text(svg, LEFT, top - 10, "start", panel->title);
    for (double value = axis->min; value <= axis->max * 1.0001;
         value += axis->step) {
        g_autofree char *label = panel->label(value);
        double y = y_of(axis, top, value);

        append_line(svg, LEFT, y, LEFT + WIDTH, y);
        append_text(svg, LEFT - 6, y + 4, "end", label);
    }
    for (double time = 0; time <= recording->last * 1.0001;
         time += time_step) {
        g_autofree char *label =
            g_strdup_printf("%.3g %s", time / unit.seconds, unit.name);
        double x = x_of(recording, time);

        append_line(svg, x, top, x, top + HEIGHT);
        append_text(svg, x, top + HEIGHT + 16, "middle", label);
    }
}

/* The classes of a loop: its colour and how its line is dashed */
static void append_class(GString *svg, guint n)
{
    g_string_append_printf(svg, "class=\"c%u d%u\"", n % N_COLOURS,
                           n / N_COLOURS % N_DASHES);
}

/* Ends a line.  One of a single point becomes a dash, to be seen. */
static void end_line(GString *svg, guint n_points)
{
    g_string_append(svg, n_points == 1 ? "h4 " : "");
}

/*
 * The line of a loop, with gaps: a logarithmic axis has no place for 0, and a
 * loop that ran no callback in an interval had no lag.
 */
static void append_series(GString *svg, const Recording *recording, guint n,
                          PlotValue panel, const Axis *axis, double top)
{
    const PlotSeries *series = recording->series->pdata[n];
    guint n_points = 0; /* since the last gap */

    g_string_append(svg, "<path ");
    append_class(svg, n);
    g_string_append(svg, " d=\"");
    for (guint i = 0; i < series->points->len; i++) {
        const PlotPoint *point = &g_array_index(series->points, PlotPoint, i);
        double value = point->values[panel];

        if (value <= 0 && panels[panel].scale == log_ns) {
            end_line(svg, n_points);
            n_points = 0;
            continue;
        }
        g_string_append_printf(svg, "%s%.1f,%.1f ", n_points++ ? "L" : "M",
                               x_of(recording, point->time),
                               y_of(axis, top, panels[panel].scale(value)));
    }
    end_line(svg, n_points);
    g_string_append(svg, "\"/>\n");
}

static void append_panel(GString *svg, const Recording *recording,
                         PlotValue panel)
{
    double top = TOP + PANEL_DISTANCE * panel;
    Axis axis = axis_of(recording, panel);

    append_axes(svg, recording, &panels[panel], &axis, top);
    for (guint n = 0; n < recording->series->len; n++) {
        append_series(svg, recording, n, panel, &axis, top);
    }
}

/*
 * One line for each loop, in the order in which they appeared.
 *
 * Returns: the width of the picture
 */
static int append_legend(GString *svg, const Recording *recording)
{
    int width = MIN_TOTAL_WIDTH;

    for (guint n = 0; n < recording->series->len; n++) {
        const PlotSeries *series = recording->series->pdata[n];
        g_autofree char *name = output_shorten(series->name,
                                                NAME_MAX_CHARACTERS);
        double y = TOP + 10 + LEGEND_LINE * n;

        g_string_append(svg, "<path ");
        append_class(svg, n);
        g_string_append_printf(svg, " d=\"M%d,%.1f h20\"/>\n", LEGEND_LEFT,
                               y - 4);
        append_text(svg, NAME_LEFT, y, "start", name);
        width = MAX(width, NAME_LEFT + CHARACTER_WIDTH *
                               (int)g_utf8_strlen(name, -1));
    }
    return width;
}

/* Colours that people with a colour vision deficiency can tell apart */
static const char style[] =
    "<style>\n"
    "text { fill: #222; } .grid { stroke: #ddd; } .back { fill: white; }\n"
    "path { fill: none; stroke-width: 1.5; }\n"
    ".c0 { stroke: #0072b2; } .c1 { stroke: #d55e00; }\n"
    ".c2 { stroke: #009e73; } .c3 { stroke: #cc79a7; }\n"
    ".c4 { stroke: #e69f00; } .c5 { stroke: #56b4e9; }\n"
    ".c6 { stroke: #8c564b; } .c7 { stroke: #7f7f7f; }\n"
    ".d1 { stroke-dasharray: 6 3; } .d2 { stroke-dasharray: 2 2; }\n"
    ".d3 { stroke-dasharray: 8 3 2 3; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #ddd; } .grid { stroke: #444; } .back { fill: #161616; }\n"
    ".c0 { stroke: #3d8fd1; } .c1 { stroke: #f07f2e; }\n"
    ".c2 { stroke: #1fc796; } .c5 { stroke: #a5dcf8; }\n"
    ".c6 { stroke: #c49c94; } .c7 { stroke: #b0b0b0; }\n"
    "}\n"
    "</style>\n";

/* The picture is large enough for the panels and for the legend. */
static void draw(GString *svg, const Recording *recording)
{
    g_autoptr(GString) legend = g_string_new(NULL);
    int width = append_legend(legend, recording);
    int height = MAX(TOP + PANEL_DISTANCE * PLOT__MAX,
                     TOP + LEGEND_LINE * (int)recording->series->len + 20);

    g_string_append_printf(
        svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
        "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n%s"
        "<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n", width, height,
        style, width, height);
    for (unsigned i = 0; i < PLOT__MAX; i++) {
        append_panel(svg, recording, i);
    }
    g_string_append(svg, legend->str);
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
    g_autoptr(Recording) recording = NULL;
    Error *err = NULL;

    recording = recording_read(args->base.rest->pdata[0], &err);
    if (!recording) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    draw(svg, recording);
    return write_svg(svg, args->output);
}
