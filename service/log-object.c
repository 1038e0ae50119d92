/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Only the object that was completed, `active`, changes what is written; a
 * second one fails before it touches anything.
 *
 * A change checks all values first.  Opening the output is the last step that
 * can fail, and levels are set after it.
 */
#include "service/log-object.h"
#include "service/log-option-internal.h"

#include "aio/aio-stats.h"
#include "aio/timer.h"
#include "qom/user-creatable.h"
#include "service/log-output.h"
#include "service/qapi-classes-log.h"

#include <string.h>

static LogObject *active; /* (nullable) */
static bool keep;    /* the object may go, its messages stay on */
static bool is_kept; /* the object has gone */

/* Areas are few: those of the library and of plugins. */
static bool area_exists(const char *name)
{
    const LogArea *area = log_area_next(NULL);

    while (area && strcmp(area->name, name)) {
        area = log_area_next(area);
    }
    return area;
}

/* Sets an error that names the areas, because plugins may add some. */
static bool check_areas(const LogObject *log, Error **errp)
{
    unsigned i = 0;

    for (const LogAreaLevelList *l = log->areas; l; l = l->next, i++) {
        if (!area_exists(l->value->area)) {
            g_autoptr(GString) names = g_string_new(NULL);

            for (const LogArea *area = log_area_next(NULL); area;
                 area = log_area_next(area)) {
                g_string_append_printf(names, "%s%s", names->len ? ", " : "",
                                       area->name);
            }
            error_setg(errp, "areas[%u].area: no area is called '%s'; there "
                       "are %s", i, l->value->area, names->str);
            return false;
        }
    }
    return true;
}

/* What cannot fail.  The values of LogThreshold are those of LogLevel. */
static void apply(const LogObject *log)
{
    log_set_level(NULL, (LogLevel)log->level);
    for (const LogAreaLevelList *l = log->areas; l; l = l->next) {
        log_set_level(l->value->area, (LogLevel)l->value->level);
    }
    /* 0 milliseconds: no callback is reported. */
    aio_set_slow_callback_ns((int64_t)log->slow_callback_ms * SCALE_MS);
}

/* An object that is not active is only checked. */
static bool log_object_changed(Object *obj, Error **errp)
{
    LogObject *log = LOG_OBJECT(obj);

    if (!check_areas(log, errp)) {
        return false;
    }
    if (log != active) {
        return true;
    }
    if (object_change_includes(obj, "output") &&
        !log_set_output(log->output, errp)) {
        return false;
    }
    apply(log);
    return true;
}

/* The output is opened before the object counts as active. */
static void log_object_complete(UserCreatable *uc, Error **errp)
{
    LogObject *log = LOG_OBJECT(uc);

    if (active) {
        error_setg(errp, "only one log instance allowed");
        return;
    }
    if (log_set_output(log->output, errp)) {
        active = log;
        apply(log);
    }
}

/* As before the first object: the program may set a handler of its own. */
static void turn_off(void)
{
    log_set_level(NULL, LOG_LEVEL_OFF);
    aio_set_slow_callback_ns(0);
    log_set_output("none", &error_abort);
}

/* Also called if creating the object is rolled back. */
static void log_object_unparent(Object *obj)
{
    if (active != LOG_OBJECT(obj)) {
        return;
    }
    active = NULL;
    if (keep) {
        is_kept = true;
    } else {
        turn_off();
    }
}

void log_object_keep(bool begin)
{
    keep = begin;
    if (!keep && is_kept) {
        is_kept = false;
        turn_off();
    }
}

static void log_object_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = log_object_complete;
    klass->properties_changed = log_object_changed;
    klass->unparent = log_object_unparent;
    object_class_add_properties(klass, log_properties);
}

static void log_object_register_types(void)
{
    static const InterfaceInfo interfaces[] = {
        { TYPE_USER_CREATABLE },
        { }
    };
    static const TypeInfo info = {
        .name = TYPE_LOG,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(LogObject),
        .class_init = log_object_class_init,
        .interfaces = interfaces,
    };

    /* apply() relies on it. */
    G_STATIC_ASSERT((int)LOG_THRESHOLD_OFF == (int)LOG_LEVEL_OFF &&
                    (int)LOG_THRESHOLD_DEBUG == (int)LOG_LEVEL_DEBUG);
    type_register_static(&info);
}

type_init(log_object_register_types)
