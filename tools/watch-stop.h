/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reasons for which `qom watch` and `qom top` stop waiting. */
#ifndef QOM_TOOLS_WATCH_STOP_H
#define QOM_TOOLS_WATCH_STOP_H

#include "qapi/error.h"

#include <stdbool.h>

typedef struct WatchStop {
    int fd; /* readable at a signal, at the end of an interval, or when no
               process reads stdout any longer; -1: not open */

    /* private: */
    int signal_fd; /* -1: not open */
    int timer_fd;  /* -1: not open */
} WatchStop;

#define WATCH_STOP_INIT { -1, -1, -1 }

/**
 * watch_stop_open: catches SIGINT and SIGTERM and opens the file descriptor
 * @stop: WATCH_STOP_INIT; watch_stop_close() it also on failure
 * @errp: set if the process has too many file descriptors
 *
 * Returns: true; false with @errp set
 */
bool watch_stop_open(WatchStop *stop, Error **errp);

/**
 * watch_stop_parse_interval: parses the value of -interval
 * @text: the value
 * @seconds: set on success: 0.01 to 86400
 * @errp: set if @text is no such number
 *
 * Returns: true; false with @errp set
 */
bool watch_stop_parse_interval(const char *text, double *seconds,
                               Error **errp);

/* watch_stop_set_interval: lets @stop be readable every @seconds, too. */
bool watch_stop_set_interval(WatchStop *stop, double seconds, Error **errp);

/* watch_stop_interval_ended: returns true if that is why it was readable. */
bool watch_stop_interval_ended(const WatchStop *stop);

/*
 * watch_stop_check_reader: returns false with @errp set if stdout is a pipe
 * whose reader has closed it.
 */
bool watch_stop_check_reader(Error **errp);

/* watch_stop_close: closes what is open. */
void watch_stop_close(WatchStop *stop);

#endif
