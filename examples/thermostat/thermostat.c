/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A daemon with its own schema, thermostat.json.  Generated from the schema are
 * the enum, the struct that a command returns, the table of the class's
 * properties, the functions that send events to QMP clients, and the prototypes
 * of the qmp_...() functions below.  These functions are called with arguments
 * that have been checked.
 *
 *     thermostat -object thermostat,id=kitchen,mode=heat -qmp unix:SOCKET
 */
#include "qmp/qmp-server.h"
#include "qom/object-observer.h"
#include "qom/user-creatable.h"
#include "service/service.h"

#include "qapi-commands-thermostat.h"
#include "qapi-events-thermostat.h"
#include "qapi-types-thermostat.h"

#define TYPE_THERMOSTAT "thermostat"
OBJECT_DECLARE_SIMPLE_TYPE(Thermostat, THERMOSTAT)

struct Thermostat {
    Object parent_obj;

    ThermostatMode mode;
    double target;
    char *label;
    double temperature;
    bool active;
};

#include "qapi-classes-thermostat.h"

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Thermostat, thermostat, THERMOSTAT,
                                          OBJECT, { TYPE_USER_CREATABLE },
                                          { NULL })

/* ---- The class ---- */

/* Computes `active`, and reports it to clients if it has changed. */
static void thermostat_update(Thermostat *t)
{
    bool active = (t->mode == THERMOSTAT_MODE_HEAT &&
                   t->temperature < t->target) ||
                  (t->mode == THERMOSTAT_MODE_COOL &&
                   t->temperature > t->target);

    if (active != t->active) {
        const char *id =
            object_get_canonical_path_component(OBJECT(t));

        t->active = active;
        object_property_changed(OBJECT(t), "active");
        qapi_event_send_thermostat_active(id, active);
    }
}

/* Called once per change; if it fails, all old values are restored. */
static bool thermostat_changed(Object *obj, Error **errp)
{
    Thermostat *t = THERMOSTAT(obj);

    if (t->mode == THERMOSTAT_MODE_COOL && t->target < 16) {
        error_setg(errp, "cooling needs a target of at least 16");
        return false;
    }
    /* Before the object is in the tree, complete() does this. */
    if (object_get_canonical_path_component(obj)) {
        thermostat_update(t);
    }
    return true;
}

static void thermostat_complete(UserCreatable *uc, Error **errp)
{
    thermostat_update(THERMOSTAT(uc));
}

static void thermostat_init(Object *obj)
{
}

static void thermostat_finalize(Object *obj)
{
}

static void thermostat_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = thermostat_complete;
    klass->properties_changed = thermostat_changed;
    object_class_add_properties(klass, thermostat_properties);
}

/* ---- Commands ---- */

typedef struct Query {
    bool has_mode;
    ThermostatMode mode;
    ThermostatInfoList **tail;
} Query;

static int query_one(Object *obj, void *opaque)
{
    Query *query = opaque;
    Thermostat *t = (Thermostat *)object_dynamic_cast(obj, TYPE_THERMOSTAT);
    ThermostatInfo *info;

    if (!t || (query->has_mode && t->mode != query->mode)) {
        return 0;
    }
    info = g_new0(ThermostatInfo, 1);
    info->id = g_strdup(object_get_canonical_path_component(obj));
    info->label = g_strdup(t->label);
    info->active = t->active;
    QAPI_LIST_APPEND(query->tail, info);
    return 0;
}

ThermostatInfoList *qmp_query_thermostats(bool has_mode, ThermostatMode mode,
                                          Error **errp)
{
    ThermostatInfoList *list = NULL;
    Query query = { has_mode, mode, &list };

    object_child_foreach(object_get_objects_root(), query_one, &query);
    return list;
}

void qmp_thermostat_measure(const char *id, double temperature, Error **errp)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(),
                                                id);

    if (!obj || !object_dynamic_cast(obj, TYPE_THERMOSTAT)) {
        error_setg(errp, "there is no thermostat '%s'", id);
        return;
    }
    THERMOSTAT(obj)->temperature = temperature;
    object_property_changed(obj, "temperature");
    thermostat_update(THERMOSTAT(obj));
}

/* ---- The daemon ---- */

int main(int argc, char **argv)
{
    static const ServiceProgram program = {
        .name = "thermostat",
        .summary = "keep rooms at a temperature",
    };

    qmp_set_program(program.name, 1, 0, 0, NULL);
    return service_main(&program, argv);
}
