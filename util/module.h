/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registration at start-up without a central list.
 *
 * A source file that provides a type contains `type_init(my_register_types)`;
 * no other file names the type.  The macro defines an ELF constructor that
 * queues the function, and module_call_init() calls the queued functions.  A
 * shared object that is loaded later queues its functions in the same way, and
 * the next module_call_init() calls only those.
 */
#ifndef QOM_UTIL_MODULE_H
#define QOM_UTIL_MODULE_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef enum ModuleInitType {
    MODULE_INIT_QOM, /* registers types; must not look up a type */
    MODULE_INIT_QMP, /* registers tables of commands */
    MODULE_INIT_MAX,
} ModuleInitType;

/**
 * register_module_init: queues a function of a start-up phase
 * @fn: called once, by the next module_call_init(@type)
 * @type: the phase
 *
 * Thread: any; normally called by an ELF constructor, see type_init()
 */
void register_module_init(void (*fn)(void), ModuleInitType type);

/**
 * module_call_init: calls the functions that are queued for a phase
 * @type: the phase
 *
 * Functions are called in the order in which they were queued, each exactly
 * once in the life of the process.  A second call calls only those queued
 * since.
 *
 * Thread: main
 */
void module_call_init(ModuleInitType type);

/**
 * module_has_init: returns true if a function of any phase is queued
 *
 * Thread: main
 */
bool module_has_init(void);

/**
 * module_drop_init: drops all queued functions of all phases
 *
 * It is for a shared object that is unloaded before it has registered anything.
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
