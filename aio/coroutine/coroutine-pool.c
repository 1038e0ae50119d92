/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stacks of coroutines, and a pool of free ones.
 *
 * A stack is a mapping: at its lower end a page whose access faults, at its
 * upper end the Coroutine.  If all stacks began at the same offset in a page,
 * their busiest bytes would compete for a few lines of the CPU's cache;
 * therefore each one begins a little lower than the one before, its *colour*.
 *
 * Free stacks are kept in a depot (util/depot.h), so a coroutine that is
 * created in one thread and ends in another costs no more than one that stays.
 * The depot is bounded, also by the number of mappings that the kernel allows
 * a process, of which a stack takes two.
 */
#include "aio/context-internal.h"
#include "aio/coroutine/coroutine-internal.h"
#include "util/debug-list.h"
#include "util/depot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef CONFIG_VALGRIND_H
#include <valgrind/valgrind.h>
#endif
#ifdef COROUTINE_ASAN
#include <sanitizer/asan_interface.h>
#endif
#ifdef COROUTINE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define DEPOT_BATCHES_MAX 64
#define MAP_COUNT_DEFAULT 65530 /* the kernel's, if /proc is not readable */

#define COLOURS 32
#define COLOUR_BYTES 128

static atomic_uint next_colour;

/* Those in use and free ones, for tools/gdb/qom.py. */
static DebugList coroutine_all_stacks;

/* ---- One stack ---- */

static size_t guard_size_bytes(void)
{
    return sysconf(_SC_PAGESIZE);
}

/* The address sanitizer's marks outlive the stack of a thread, or of ours. */
static void stack_forget_marks(void *memory, size_t size)
{
#ifdef COROUTINE_ASAN
    __asan_unpoison_memory_region(memory, size);
#endif
}

/* Returns: the mapping with its guard page; NULL with errno set */
static void *stack_map(size_t guard)
{
    size_t size = COROUTINE_STACK_SIZE_BYTES + guard;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK |
                        MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    if (mprotect(memory, guard, PROT_NONE) < 0) {
        int saved_errno = errno;

        munmap(memory, size);
        errno = saved_errno;
        return NULL;
    }
    stack_forget_marks(memory, size);
    return memory;
}

/* What tools want to know of a new stack. */
static void stack_announce(Coroutine *co, char *bottom, size_t size)
{
#ifdef CONFIG_VALGRIND_H
    co->valgrind_id = VALGRIND_STACK_REGISTER(bottom, bottom + size);
#endif
#ifdef COROUTINE_TSAN
    co->tsan_fiber = __tsan_create_fiber(0);
#endif
#ifdef COROUTINE_ASAN
    co->asan_bottom = bottom;
    co->asan_size = size;
#endif
}

static Coroutine *stack_new(void)
{
    size_t guard = guard_size_bytes();
    unsigned colour = atomic_fetch_add_explicit(&next_colour, 1,
                                                memory_order_relaxed);
    char *memory = stack_map(guard);
    size_t size;
    Coroutine *co;

    if (!memory) {
        fprintf(stderr, "coroutine_create: cannot map a stack: %s\n",
                strerror(errno));
        abort();
    }
    size = (COROUTINE_STACK_SIZE_BYTES - sizeof(*co) -
            colour % COLOURS * COLOUR_BYTES) & ~(size_t)63;
    /* Zero bytes are what a coroutine begins with. */
    co = (Coroutine *)(void *)(memory + guard + size);
    co->stack = memory;
    co->stack_size_bytes = COROUTINE_STACK_SIZE_BYTES + guard;
    stack_announce(co, memory + guard, size);
    debug_list_add(&coroutine_all_stacks, &co->all_link);
    return co;
}

/* The tools forget the stack before its memory can be used again. */
static void stack_free(Coroutine *co)
{
    debug_list_remove(&co->all_link);
#ifdef CONFIG_VALGRIND_H
    VALGRIND_STACK_DEREGISTER(co->valgrind_id);
#endif
#ifdef COROUTINE_TSAN
    __tsan_destroy_fiber(co->tsan_fiber);
#endif
    stack_forget_marks(co->stack, co->stack_size_bytes);
    munmap(co->stack, co->stack_size_bytes);
}

/* ---- The pool ---- */

static Coroutine *coroutine_of(DepotItem *item)
{
    return container_of(item, Coroutine, free_item);
}

static Depot stack_depot;

/* The stacks of a full depot take a quarter of the mappings at most. */
static void stack_depot_set_max(void)
{
    unsigned long maps = MAP_COUNT_DEFAULT;
    g_autofree char *text = NULL;

    if (g_file_get_contents("/proc/sys/vm/max_map_count", &text, NULL,
                            NULL)) {
        maps = strtoul(text, NULL, 10);
    }
    stack_depot.max_batches = MIN(maps / 4 / (2 * DEPOT_BATCH),
                                  DEPOT_BATCHES_MAX);
}

/* Called by the depot if no thread has a free stack. */
static DepotItem *pool_alloc(unsigned *n)
{
    static gsize is_set;
    Coroutine *co;

    /* Before there is an item that another thread could give back. */
    if (g_once_init_enter(&is_set)) {
        stack_depot_set_max();
        g_once_init_leave(&is_set, 1);
    }
    co = stack_new();
    co->free_item.next = NULL;
    *n = 1;
    return &co->free_item;
}

static void pool_free(DepotItem *items)
{
    while (items) {
        DepotItem *next = items->next;

        stack_free(coroutine_of(items));
        items = next;
    }
}

static Depot stack_depot = {
    .alloc = pool_alloc,
    .free = pool_free,
};

static __thread DepotCache stack_cache
    __attribute__((tls_model("initial-exec")));

char *coroutine_pool_bottom(const Coroutine *co)
{
    return (char *)co->stack + guard_size_bytes();
}

Coroutine *coroutine_pool_get(void)
{
    return coroutine_of(depot_get(&stack_depot, &stack_cache));
}

void coroutine_pool_put(Coroutine *co)
{
    depot_put(&stack_depot, &stack_cache, &co->free_item);
}
