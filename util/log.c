/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * - *Areas* are in a list, sorted by name.  Constructors add them, also those
 *   of plugins, in any thread.  Areas of one name have the same level.
 * - One lock protects the list and serializes calls of the handler.
 * - A thread that is in the handler drops its messages: the handler may call
 *   functions that log, and would wait for itself.
 */
#include "util/log.h"

#include "util/programming-error.h"

#include <string.h>

static GMutex lock;
static LogArea *areas;
static LogLevel default_level = LOG_LEVEL_OFF; /* of areas that come later */
static LogHandler *handler;
static void *handler_opaque;

static __thread bool is_in_handler;

static const char *const level_names[] = {
    "off", "error", "warning", "info", "debug",
};

void log_area_register(LogArea *area)
{
    LogArea **p = &areas;

    g_mutex_lock(&lock);
    while (*p && strcmp((*p)->name, area->name) < 0) {
        p = &(*p)->next;
    }
    atomic_store_explicit(&area->level,
                          *p && !strcmp((*p)->name, area->name)
                              ? atomic_load(&(*p)->level) : default_level,
                          memory_order_relaxed);
    area->next = *p;
    *p = area;
    g_mutex_unlock(&lock);
}

/* A plugin is unloaded if it is in error. */
void log_area_unregister(LogArea *area)
{
    LogArea **p = &areas;

    g_mutex_lock(&lock);
    while (*p && *p != area) {
        p = &(*p)->next;
    }
    if (*p) {
        *p = area->next;
    }
    g_mutex_unlock(&lock);
}

const LogArea *log_area_next(const LogArea *area)
{
    const LogArea *next;

    g_mutex_lock(&lock);
    next = area ? area->next : areas;
    while (next && area && !strcmp(next->name, area->name)) {
        next = next->next;
    }
    g_mutex_unlock(&lock);
    return next;
}

void log_set_handler(LogHandler *new_handler, void *opaque)
{
    g_mutex_lock(&lock);
    handler = new_handler;
    handler_opaque = opaque;
    g_mutex_unlock(&lock);
}

bool log_set_level(const char *name, LogLevel level)
{
    bool found = !name;

    g_mutex_lock(&lock);
    for (LogArea *area = areas; area; area = area->next) {
        if (!name || !strcmp(area->name, name)) {
            atomic_store_explicit(&area->level, level, memory_order_relaxed);
            found = true;
        }
    }
    if (!name) {
        default_level = level;
    }
    g_mutex_unlock(&lock);
    return found;
}

const char *log_level_name(LogLevel level)
{
    if ((unsigned)level >= LOG_LEVEL__MAX) {
        programming_error("%d is no LogLevel", level);
    }
    return level_names[level];
}

bool log_level_from_name(const char *name, LogLevel *level)
{
    for (size_t i = 0; i < G_N_ELEMENTS(level_names); i++) {
        if (!strcmp(level_names[i], name)) {
            *level = i;
            return true;
        }
    }
    return false;
}

/* Not inline: the callers, of which there are many, stay short. */
void log_write(const LogArea *area, LogLevel level, const char *text,
               const LogField *fields, unsigned n_fields)
{
    LogMessage message = {
        .level = level, .area = area->name, .text = text, .fields = fields,
        .n_fields = n_fields,
    };

    if (is_in_handler) {
        return;
    }
    g_mutex_lock(&lock);
    if (handler) {
        is_in_handler = true;
        handler(&message, handler_opaque);
        is_in_handler = false;
    }
    g_mutex_unlock(&lock);
}
