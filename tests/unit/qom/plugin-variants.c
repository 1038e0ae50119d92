/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plugins for test-plugin.c: one source, and a macro says which one it is.
 */
#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"
#include "qom/object.h"
#include "qom/plugin.h"

#ifdef PLUGIN_OTHER_ABI
#undef QOM_PLUGIN_ABI
#define QOM_PLUGIN_ABI 4711
#endif

#ifndef PLUGIN_UNMARKED
QOM_PLUGIN()
#endif

/* ---- Types ---- */

#ifdef PLUGIN_NO_PARENT
#define PARENT "plugin-no-such-parent"
#else
#define PARENT TYPE_OBJECT
#endif

typedef struct PluginThing {
    Object parent_obj;
    int64_t size;
} PluginThing;

static const TypeInfo plugin_types[] = {
#if defined(PLUGIN_GOOD) || defined(PLUGIN_COPY)
    {
        .name = "plugin-thing",
        .parent = PARENT,
        .instance_size = sizeof(PluginThing),
    },
    {
        .name = "plugin-child",
        .parent = "plugin-thing",
    },
#else
    {
        .name = "plugin-half",
        .parent = PARENT,
        .instance_size = sizeof(PluginThing),
    },
#endif
#ifdef PLUGIN_SMALL
    {
        .name = "plugin-small",
        .parent = "plugin-half",
        .instance_size = sizeof(Object),
    },
#endif
#ifdef PLUGIN_TWICE
    { .name = "plugin-half", .parent = TYPE_OBJECT },
#endif
#ifdef PLUGIN_LOOP
    { .name = "plugin-egg", .parent = "plugin-hen" },
    { .name = "plugin-hen", .parent = "plugin-egg" },
#endif
#ifdef PLUGIN_NO_INTERFACE
    {
        .name = "plugin-lonely",
        .parent = TYPE_OBJECT,
        .interfaces = (const InterfaceInfo[]) {
            { "plugin-no-such-interface" },
            { }
        },
    },
#endif
#ifdef PLUGIN_BAD_NAME
    { .name = "plugin half", .parent = TYPE_OBJECT },
#endif
};

DEFINE_TYPES(plugin_types)

/* ---- Commands and events ---- */

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand plugin_commands[] = {
#ifdef PLUGIN_GOOD
    { .name = "plugin-command", .run = run_nothing },
#else
    { .name = "plugin-half-command", .run = run_nothing },
#endif
#ifdef PLUGIN_COMMAND_CLASH
    { .name = "test-command", .run = run_nothing },
#endif
};

#ifdef PLUGIN_EVENT_CLASH
static const QapiEvent plugin_event = { .name = "TEST_EVENT" };
#elif defined(PLUGIN_GOOD)
static const QapiEvent plugin_event = { .name = "PLUGIN_EVENT" };
#else
static const QapiEvent plugin_event = { .name = "PLUGIN_HALF_EVENT" };
#endif

static const QapiEvent *const plugin_events[] = { &plugin_event };

static void plugin_register_rest(void)
{
    qapi_register_commands(plugin_commands, G_N_ELEMENTS(plugin_commands));
    qapi_register_events(plugin_events, G_N_ELEMENTS(plugin_events));
}

module_init(plugin_register_rest, MODULE_INIT_QMP)

#ifdef PLUGIN_UNRESOLVED
void plugin_no_such_function(void);

static void __attribute__((constructor)) plugin_unresolved(void)
{
    plugin_no_such_function();
}
#endif
