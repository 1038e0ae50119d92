/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registration at start-up without a central list.
 *
 * A source file that provides a type says `type_init(my_register_types)` and
 * nothing else in the program needs to know of it.  The macro makes an ELF
 * constructor that queues the function; module_call_init() runs what is
 * queued.  A shared object that is loaded later queues its functions in the
 * same way, and the next module_call_init() runs just those.
 */
#ifndef QOM_UTIL_MODULE_H
#define QOM_UTIL_MODULE_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef enum ModuleInitType {
    MODULE_INIT_QOM, /* register types; may look no type up */
    MODULE_INIT_QMP, /* register command tables */
    MODULE_INIT_MAX,
} ModuleInitType;

/**
 * register_module_init: queue one function of a start-up phase
 * @fn: called once, by the next module_call_init(@type)
 * @type: the phase
 *
 * Thread: any; normally an ELF constructor, by way of type_init()
 */
void register_module_init(void (*fn)(void), ModuleInitType type);

/**
 * module_call_init: run the functions queued for a phase
 * @type: the phase
 *
 * Functions run in the order in which they were queued, each exactly once in
 * the life of the process, so a second call runs only what was queued since.
 *
 * Thread: main
 */
void module_call_init(ModuleInitType type);

/**
 * module_has_init: is a function queued, of any phase?
 *
 * Thread: main
 */
bool module_has_init(void);

/**
 * module_drop_init: forget all functions that are queued, of all phases
 *
 * For a shared object that is about to be unloaded without having registered.
 *
 * Thread: main
 */
void module_drop_init(void);

#define module_init(function, type)                                     \
    static void __attribute__((constructor)) qom_module_##function(void) \
    {                                                                   \
        register_module_init(function, type);                           \
    }

#define type_init(function) module_init(function, MODULE_INIT_QOM)

QOM_END_DECLS

#endif
