/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue for each phase.
 *
 * Constructors of a shared object run in the thread that calls dlopen(), so a
 * lock protects the queues.  It is not held while a function runs, because a
 * function may load another module.
 */
#include "util/module.h"

typedef struct ModuleEntry {
    void (*fn)(void);
    struct ModuleEntry *next;
} ModuleEntry;

typedef struct ModuleQueue {
    ModuleEntry *head; /* under module_lock */
    ModuleEntry *tail; /* under module_lock */
} ModuleQueue;

static GMutex module_lock;
static ModuleQueue module_queues[MODULE_INIT_MAX];

void register_module_init(void (*fn)(void), ModuleInitType type)
{
    ModuleQueue *queue = &module_queues[type];
    ModuleEntry *entry = g_new0(ModuleEntry, 1);

    entry->fn = fn;
    g_mutex_lock(&module_lock);
    if (queue->tail) {
        queue->tail->next = entry;
    } else {
        queue->head = entry;
    }
    queue->tail = entry;
    g_mutex_unlock(&module_lock);
}

static ModuleEntry *module_pop(ModuleQueue *queue)
{
    ModuleEntry *entry;

    g_mutex_lock(&module_lock);
    entry = queue->head;
    if (entry) {
        queue->head = entry->next;
        if (!queue->head) {
            queue->tail = NULL;
        }
    }
    g_mutex_unlock(&module_lock);
    return entry;
}

void module_call_init(ModuleInitType type)
{
    ModuleEntry *entry;

    while ((entry = module_pop(&module_queues[type]))) {
        entry->fn();
        g_free(entry);
    }
}

bool module_has_init(void)
{
    bool has = false;

    g_mutex_lock(&module_lock);
    for (int type = 0; type < MODULE_INIT_MAX; type++) {
        has |= module_queues[type].head != NULL;
    }
    g_mutex_unlock(&module_lock);
    return has;
}

void module_drop_init(void)
{
    for (int type = 0; type < MODULE_INIT_MAX; type++) {
        ModuleEntry *entry;

        while ((entry = module_pop(&module_queues[type]))) {
            g_free(entry);
        }
    }
}
