/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where messages of util/log.h go: stderr, a file or the journal.
 *
 * On stderr and in a file a message is a line:
 *
 *     2026-11-29T19:20:00.123456Z info qmp: client connected client=3 uid=0
 *
 * On a terminal the level has a colour.  If stderr is connected to the journal,
 * which has the time already, the line begins with the level.  A value that
 * contains a blank, a quote, '=' or a control character is written as a JSON
 * string, so a client cannot forge lines.
 *
 * In the journal the area is the field QOM_AREA, and each field of the message
 * is a journal field in upper case with the prefix QOM_.
 *
 * Contract: docs/logging.md
 */
#ifndef QOM_SERVICE_LOG_OUTPUT_H
#define QOM_SERVICE_LOG_OUTPUT_H

#include "qapi/error.h"
#include "util/log.h"

QOM_BEGIN_DECLS

/**
 * log_set_output: sends the messages of the process to a place
 * @output: "stderr", "journal", "file:PATH" or "none"; PATH is made absolute
 * @errp: set if the place is unknown or cannot be opened; messages then go
 *        where they went before
 *
 * A file is created with mode 0640 and appended to.  Messages that cannot be
 * written are dropped.
 *
 * Returns: true; false with @errp set
 * Thread: main
 */
bool log_set_output(const char *output, Error **errp);

/**
 * log_reopen: opens the file again, after a program has renamed it
 * @errp: set if it cannot be opened; messages then go to the old file
 *
 * Other places need not be opened again.
 *
 * Returns: true; false with @errp set
 * Thread: main
 */
bool log_reopen(Error **errp);

/* log_output_is_file: true if log_reopen() has something to do */
bool log_output_is_file(void);

QOM_END_DECLS

#endif
