/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stacks of coroutines, and keeping them for the next one.
 *
 * From below: a page that faults, the stack, the Coroutine.  Stacks of a fixed
 * size would have their busiest bytes at the same place of a page, where a
 * cache has room for a few only; so each starts a little lower than the one
 * before, in turns.
 *
 * Each thread keeps a list of free ones, used without atomic operations.  When
 * it is full, a batch goes to the depot, where threads that have none take a
 * batch from: coroutines that are made in one thread and end in another cost
 * no more.  The depot is bounded, by a number and by what the kernel
 * allows a process in mappings, of which a stack takes two.
 */
#include "aio/context-internal.h"
#include "aio/coroutine/coroutine-internal.h"
#include "aio/coroutine/coroutine-switch-internal.h"
#include "util/lock.h"
#include "util/thread.h"

#include <errno.h>
#include <pthread.h>
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

#define BATCH 64
#define DEPOT_MAX_BATCHES 64
#define MAP_COUNT_DEFAULT 65530

#define COLOURS 32
#define COLOUR_BYTES 128

typedef struct StackCache {
    Coroutine *first; /* linked by next */
    unsigned n;
    bool registered; /* the thread's end is watched */
} StackCache;

static __thread StackCache stack_cache
    __attribute__((tls_model("initial-exec")));

static Lock depot_lock;
static Coroutine *depot;  /* batches, by next_batch; under depot_lock */
static unsigned depot_n;  /* batches; under depot_lock */
static unsigned depot_max;

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static atomic_uint next_colour;

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
    co->sp = coroutine_init_stack(memory + guard, size,
                                  coroutine_stack_start);
    stack_announce(co, memory + guard, size);
    /* A program without coroutines is spared the check. */
    aio_set_blocking_check(coroutine_check_may_block);
    return co;
}

static void stack_free(Coroutine *co)
{
#ifdef CONFIG_VALGRIND_H
    VALGRIND_STACK_DEREGISTER(co->valgrind_id);
#endif
#ifdef COROUTINE_TSAN
    __tsan_destroy_fiber(co->tsan_fiber);
#endif
    stack_forget_marks(co->stack, co->stack_size_bytes);
    munmap(co->stack, co->stack_size_bytes);
}

static void stack_free_list(Coroutine *co)
{
    while (co) {
        Coroutine *next = co->next;

        stack_free(co);
        co = next;
    }
}

/* ---- The depot ---- */

/* A quarter of the mappings at most. */
static void depot_init(void)
{
    unsigned long maps = MAP_COUNT_DEFAULT;
    g_autofree char *text = NULL;

    if (g_file_get_contents("/proc/sys/vm/max_map_count", &text, NULL,
                            NULL)) {
        maps = strtoul(text, NULL, 10);
    }
    depot_max = MIN(maps / 4 / (2 * BATCH), DEPOT_MAX_BATCHES);
}

static void depot_put(Coroutine *batch)
{
    bool is_full;

    lock_acquire(&depot_lock);
    is_full = depot_n >= depot_max;
    if (!is_full) {
        batch->next_batch = depot;
        depot = batch;
        depot_n++;
    }
    lock_release(&depot_lock);
    if (is_full) {
        stack_free_list(batch);
    }
}

static Coroutine *depot_get(void)
{
    Coroutine *batch;

    lock_acquire(&depot_lock);
    batch = depot;
    if (batch) {
        depot = batch->next_batch;
        depot_n--;
    }
    lock_release(&depot_lock);
    return batch;
}

/* ---- A thread's own ---- */

static void cache_thread_ends(void *opaque)
{
    stack_free_list(stack_cache.first);
    stack_cache = (StackCache) { NULL };
}

static void cache_init_once(void)
{
    thread_key_create(&cache_key, cache_thread_ends);
    depot_init();
}

static G_GNUC_NO_INLINE void cache_register(void)
{
    pthread_once(&cache_once, cache_init_once);
    pthread_setspecific(cache_key, &stack_cache);
    stack_cache.registered = true;
}

static G_GNUC_NO_INLINE Coroutine *cache_refill(void)
{
    Coroutine *batch = depot_get();

    if (!batch) {
        return stack_new();
    }
    if (!stack_cache.registered) {
        cache_register();
    }
    stack_cache.first = batch->next;
    stack_cache.n = BATCH - 1;
    return batch;
}

/* The first one may be the stack that we run on: leave it where it is. */
static G_GNUC_NO_INLINE void cache_shrink(void)
{
    Coroutine *first = stack_cache.first;
    Coroutine *batch = first->next;
    Coroutine *last = batch;

    for (unsigned i = 1; i < BATCH; i++) {
        last = last->next;
    }
    first->next = last->next;
    last->next = NULL;
    stack_cache.n -= BATCH;
    depot_put(batch);
}

Coroutine *coroutine_pool_get(void)
{
    Coroutine *co = stack_cache.first;

    if (G_UNLIKELY(!co)) {
        return cache_refill();
    }
    stack_cache.first = co->next;
    stack_cache.n--;
    return co;
}

void coroutine_pool_put(Coroutine *co)
{
    if (G_UNLIKELY(!stack_cache.registered)) {
        cache_register();
    }
    co->next = stack_cache.first;
    stack_cache.first = co;
    if (G_UNLIKELY(++stack_cache.n > 2 * BATCH)) {
        cache_shrink();
    }
}
