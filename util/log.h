/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structured messages of a running program.
 *
 * The library never prints.  It passes messages to a handler that the program
 * sets; without one they are dropped.  A message has a level, an area such as
 * "qmp", a text that does not vary, and fields:
 *
 *     LOG_AREA_DEFINE(pump_log, "pump")
 *
 *     log_info(&pump_log, "pump started", log_str("id", id),
 *              log_int("litres", litres));
 *
 * Each area has a level: messages that are less important are not written.  All
 * areas begin with LOG_LEVEL_OFF.  A message that is not written costs a load
 * and a branch, and its fields are not evaluated.
 *
 * Thread: any
 * Contract: docs/logging.md
 */
#ifndef QOM_UTIL_LOG_H
#define QOM_UTIL_LOG_H

#include "util/atomic.h"
#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

/* From the most to the least important */
typedef enum LogLevel {
    LOG_LEVEL_OFF,     /* no messages; not the level of a message */
    LOG_LEVEL_ERROR,   /* the program cannot do what it should */
    LOG_LEVEL_WARNING, /* it works, but an operator should look */
    LOG_LEVEL_INFO,    /* what starts, ends and connects */
    LOG_LEVEL_DEBUG,   /* each request and change */
    LOG_LEVEL__MAX,
} LogLevel;

/* A part of a program whose messages are chosen together; static. */
typedef struct LogArea {
    const char *name; /* lower case letters, digits and '-' */
    QOM_ATOMIC(int) level;
    struct LogArea *next; /* private */
} LogArea;

typedef struct LogField {
    const char *name; /* lower case letters, digits and '-' */
    const char *text; /* (nullable) NULL: the field is @number */
    int64_t number;
} LogField;

/* A message, as a handler gets it; all is borrowed. */
typedef struct LogMessage {
    LogLevel level;
    const char *area;
    const char *text; /* without a full stop; one line */
    const LogField *fields;
    unsigned n_fields;
} LogMessage;

/**
 * LogHandler: writes a message
 * @message: borrowed until the function returns
 * @opaque: as passed to log_set_handler()
 *
 * Calls are serialized.  Messages that the handler itself causes are dropped.
 *
 * Thread: that of the message
 */
typedef void LogHandler(const LogMessage *message, void *opaque);

/**
 * log_set_handler: sets the handler of the process
 * @handler: (nullable) NULL: messages are dropped
 * @opaque: passed to @handler
 *
 * When it returns, the old handler is not running and is not called again.
 */
void log_set_handler(LogHandler *handler, void *opaque);

/**
 * log_set_level: sets which messages are written
 * @area: (nullable) the name of an area; NULL: all areas, also those of plugins
 *        that are loaded later
 * @level: the least important level that is written, or LOG_LEVEL_OFF
 *
 * Returns: true; false if there is no such area
 */
bool log_set_level(const char *area, LogLevel level);

/**
 * log_area_next: enumerates the areas of the process
 * @area: (nullable) NULL for the first
 *
 * Returns: (nullable) the next area in the order of the alphabet, of those
 *          with one name only the first; NULL at the end
 */
const LogArea *log_area_next(const LogArea *area);

/* log_level_name: returns "off", "error", "warning", "info" or "debug". */
const char *log_level_name(LogLevel level);

/**
 * log_level_from_name: finds a level by its name
 * @name: the name
 * @level: set on success
 *
 * Returns: true; false if no level has the name
 */
bool log_level_from_name(const char *name, LogLevel *level);

/* log_area_register, log_area_unregister: called by LOG_AREA_DEFINE(). */
void log_area_register(LogArea *area);
void log_area_unregister(LogArea *area);

/**
 * LOG_AREA_DEFINE: defines an area that exists while its code is loaded
 * @variable: a LogArea; for other files of the area: `extern LogArea variable;`
 * @area_name: its name, a string; a plugin may have an area of the same name as
 *             the program, and both then have the same level
 */
#define LOG_AREA_DEFINE(variable, area_name)                           \
    LogArea variable = { .name = area_name };                          \
    static void __attribute__((constructor)) register_##variable(void) \
    {                                                                  \
        log_area_register(&variable);                                  \
    }                                                                  \
    static void __attribute__((destructor)) unregister_##variable(void) \
    {                                                                  \
        log_area_unregister(&variable);                                \
    }

/* log_str: a field of a message; @text is borrowed, NULL reads as "" */
static inline LogField log_str(const char *name, const char *text)
{
    LogField field = { name, text ? text : "", 0 };

    return field;
}

/* log_int: a field of a message */
static inline LogField log_int(const char *name, int64_t number)
{
    LogField field = { name, NULL, number };

    return field;
}

/* log_is_on: true if messages of this level are written */
static inline bool log_is_on(const LogArea *area, LogLevel level)
{
    return G_UNLIKELY(
        (int)level <= atomic_load_explicit(&area->level,
                                           memory_order_relaxed));
}

/* log_write: calls the handler; used by the macros below */
void log_write(const LogArea *area, LogLevel level, const char *text,
               const LogField *fields, unsigned n_fields);

/**
 * log_error, log_warning, log_info, log_debug: write a message
 * @area: a LogArea *
 * @text: one line without a full stop
 * @...: fields, by log_str() and log_int()
 */
#define log_error(area, ...) LOG_AT(area, LOG_LEVEL_ERROR, __VA_ARGS__, LOG_END)
#define log_warning(area, ...) \
    LOG_AT(area, LOG_LEVEL_WARNING, __VA_ARGS__, LOG_END)
#define log_info(area, ...) LOG_AT(area, LOG_LEVEL_INFO, __VA_ARGS__, LOG_END)
#define log_debug(area, ...) LOG_AT(area, LOG_LEVEL_DEBUG, __VA_ARGS__, LOG_END)

/* Private: an entry after the last field, so that there is at least one */
#define LOG_END log_int(NULL, 0)
#define LOG_AT(area, level, text, ...)                                    \
    do {                                                                  \
        if (log_is_on((area), (level))) {                                 \
            const LogField log_fields[] = { __VA_ARGS__ };                \
                                                                          \
            log_write((area), (level), (text), log_fields,                \
                      sizeof(log_fields) / sizeof(log_fields[0]) - 1);    \
        }                                                                 \
    } while (0)

QOM_END_DECLS

#endif
