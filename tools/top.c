/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom top: shows what the event loops of a running program do, again and again.
 *
 * Interval   two samples are an interval apart, and what happened between them
 *            is shown; top-sample.c computes it, and top-table.c makes text.
 * Screen     on a terminal each interval replaces the last one, and keys change
 *            what is shown; top-screen.c.
 */
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/target-info.h"
#include "tools/top-sample.h"
#include "tools/top-screen.h"
#include "tools/top-table.h"
#include "tools/verb-functions.h"
#include "tools/watch-stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

typedef struct Top {
    const Args *args;
    double seconds;
    const char *sort; /* as in TopView */
    FILE *record;     /* (nullable) */
    WatchStop stop;
    TopScreen screen;
    JsonNode *comparison; /* (nullable) the last interval */
    bool has_quit;        /* by a key */
} Top;

/* ---- Output ---- */

/* Each line is complete when others read the file. */
static bool record(const Top *top, Error **errp)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (!top->record) {
        return true;
    }
    json_write(line, top->comparison, false);
    if (fprintf(top->record, "%s\n", line->str) < 0 || fflush(top->record)) {
        error_setg_errno(errp, errno, "cannot write '%s'", top->args->record);
        return false;
    }
    return true;
}

/* A line with what cannot be seen in the tables, which follow it. */
static int show_on_screen(const Top *top)
{
    TopView view = { .sort = top->sort };
    g_autofree char *tables = NULL;
    g_autofree char *head = NULL;
    g_autofree char *text = NULL;

    top_screen_get_size(&view.width, &view.height);
    head = g_strdup_printf("every %g s, by %s; keys: < > other column, q quit",
                           top->seconds, top->sort);
    /* The cursor is below the last line. */
    view.height = MAX(view.height - 2, 4);
    tables = top_table_format(top->comparison, &view);
    text = g_strdup_printf("%.*s\n%s", view.width, head, tables);
    return top_screen_show(text);
}

/* Writes an interval; on a terminal in place of the last one. */
static int show(const Top *top)
{
    const TopView all = { .sort = top->sort };
    g_autofree char *text = NULL;

    if (top->args->json) {
        return output_json(top->comparison);
    }
    if (top->screen.is_open) {
        return show_on_screen(top);
    }
    text = top_table_format(top->comparison, &all);
    return output_text(text);
}

/* ---- Intervals ---- */

/* Returns: EXIT_DONE, or an error of stdout */
static int handle_key(Top *top)
{
    char key = top_screen_read_key(&top->screen);

    if (key == 'q') {
        top->has_quit = true;
    } else if (key == '<' || key == '>') {
        top->sort = top_table_find_sort(top->sort, key == '<' ? -1 : 1, NULL);
    }
    return top->comparison ? show(top) : EXIT_DONE;
}

/* The size has changed, or the process was stopped and continues. */
static int handle_interruption(Top *top)
{
    top_screen_resume(&top->screen);
    return top->comparison ? show(top) : EXIT_DONE;
}

/*
 * Waits for the end of an interval, and handles keys before it.
 *
 * Returns: true when the interval has ended, false at a signal or the key that
 *          quits, or with *@status set
 */
static bool wait_interval(Top *top, int *status)
{
    while (*status == EXIT_DONE && !top->has_quit) {
        struct pollfd fds[] = {
            { .fd = top->stop.fd, .events = POLLIN },
            { .fd = top_screen_get_key_fd(&top->screen), .events = POLLIN },
        };

        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
            *status = top->screen.is_open ? handle_interruption(top)
                                          : EXIT_DONE;
        } else if (fds[0].revents) {
            return watch_stop_interval_ended(&top->stop);
        } else {
            *status = handle_key(top);
        }
    }
    return false;
}

/*
 * Shows what happens between samples until a signal, or once.
 *
 * A sample that is late, because the program was busy, makes its interval
 * longer; rates are computed from the time that really passed.
 */
static bool run(Top *top, int *status, Error **errp)
{
    g_autoptr(TopSample) old = top_sample_take(errp);

    if (!old || !top_sample_check(old, errp)) {
        return false;
    }
    while (wait_interval(top, status)) {
        TopSample *now = top_sample_take(errp);

        if (!now || !top_sample_check(now, errp)) {
            top_sample_free(now);
            return false;
        }
        g_clear_pointer(&top->comparison, json_node_unref);
        top->comparison = top_sample_compare(old, now);
        top_sample_free(old);
        old = now;
        if (!record(top, errp)) {
            return false;
        }
        *status = show(top);
        if (top->args->once) {
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
    const char *sort = top->args->sort;

    /* A second shows what happens now and still averages over many events. */
    top->seconds = 1;
    if (text && !watch_stop_parse_interval(text, &top->seconds, errp)) {
        return false;
    }
    top->sort = top_table_find_sort(sort ? sort : "busy", 0, errp);
    return top->sort;
}

int action_top(void *opaque)
{
    Top top = { .args = opaque, .stop = WATCH_STOP_INIT };
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
    if (!err && !top.args->once && !top.args->json) {
        top_screen_open(&top.screen);
    }
    ok = !err && watch_stop_open(&top.stop, &err) &&
         watch_stop_set_interval(&top.stop, top.seconds, &err) &&
         run(&top, &status, &err);
    top_screen_close(&top.screen);
    watch_stop_close(&top.stop);
    g_clear_pointer(&top.comparison, json_node_unref);
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
