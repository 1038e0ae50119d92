/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Atomic operations, based on those of the compiler.
 *
 * Until 5.1 their names had no q.  Five of these names are also functions of
 * C11's <stdatomic.h>, which take the same arguments but only atomic types.  A
 * source of that time means QEMU's.  The public headers of the library include
 * <stdatomic.h>, but use only its functions whose names end in _explicit.
 */
#ifndef QOM_COMPAT_QEMU_ATOMIC_H
#define QOM_COMPAT_QEMU_ATOMIC_H

/* QEMU's own header, which its bit operations include by a relative path. */
#define QEMU_ATOMIC_H

#include "qemu/compat-version.h"

#include <stdbool.h>
#include <stdint.h>

#define barrier() __asm__ volatile("" ::: "memory")
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb_acquire() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_mb_release() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb() smp_mb_acquire()
#define smp_wmb() smp_mb_release()
#define smp_read_barrier_depends() barrier()
#define smp_mb__before_rmw() smp_mb()
#define smp_mb__after_rmw() smp_mb()

/* The type of the value, without const and volatile. */
#define QEMU_ATOMIC_TYPE(ptr) __typeof__((void)0, *(ptr))

#define qatomic_read__nocheck(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define qatomic_read(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define qatomic_set(ptr, i) __atomic_store_n(ptr, i, __ATOMIC_RELAXED)
#define qatomic_load_acquire(ptr) __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define qatomic_store_release(ptr, i) __atomic_store_n(ptr, i, __ATOMIC_RELEASE)
#define qatomic_rcu_read(ptr) __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define qatomic_rcu_set(ptr, i) __atomic_store_n(ptr, i, __ATOMIC_RELEASE)
#define qatomic_mb_read(ptr) __atomic_load_n(ptr, __ATOMIC_SEQ_CST)
#define qatomic_mb_set(ptr, i) ((void)qatomic_xchg(ptr, i))
#define qatomic_set_mb(ptr, i) ((void)qatomic_xchg(ptr, i))

#define qatomic_xchg(ptr, i) __atomic_exchange_n(ptr, i, __ATOMIC_SEQ_CST)

/* Returns the previous value; if it is @old, @new was stored. */
#define qatomic_cmpxchg(ptr, old, new)                                  \
    (__extension__({                                                    \
        QEMU_ATOMIC_TYPE(ptr) found_ = (old);                           \
        (void)__atomic_compare_exchange_n(ptr, &found_, new, false,     \
                                          __ATOMIC_SEQ_CST,             \
                                          __ATOMIC_SEQ_CST);            \
        found_;                                                         \
    }))

#define qatomic_fetch_add(ptr, n) __atomic_fetch_add(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_fetch_sub(ptr, n) __atomic_fetch_sub(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_fetch_and(ptr, n) __atomic_fetch_and(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_fetch_or(ptr, n) __atomic_fetch_or(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_fetch_xor(ptr, n) __atomic_fetch_xor(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_fetch_inc(ptr) qatomic_fetch_add(ptr, 1)
#define qatomic_fetch_dec(ptr) qatomic_fetch_sub(ptr, 1)
#define qatomic_add_fetch(ptr, n) __atomic_add_fetch(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_sub_fetch(ptr, n) __atomic_sub_fetch(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_and_fetch(ptr, n) __atomic_and_fetch(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_or_fetch(ptr, n) __atomic_or_fetch(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_xor_fetch(ptr, n) __atomic_xor_fetch(ptr, n, __ATOMIC_SEQ_CST)
#define qatomic_inc_fetch(ptr) qatomic_add_fetch(ptr, 1)
#define qatomic_dec_fetch(ptr) qatomic_sub_fetch(ptr, 1)
#define qatomic_add(ptr, n) ((void)qatomic_fetch_add(ptr, n))
#define qatomic_sub(ptr, n) ((void)qatomic_fetch_sub(ptr, n))
#define qatomic_and(ptr, n) ((void)qatomic_fetch_and(ptr, n))
#define qatomic_or(ptr, n) ((void)qatomic_fetch_or(ptr, n))
#define qatomic_xor(ptr, n) ((void)qatomic_fetch_xor(ptr, n))
#define qatomic_inc(ptr) ((void)qatomic_fetch_add(ptr, 1))
#define qatomic_dec(ptr) ((void)qatomic_fetch_sub(ptr, 1))

#define qatomic_set__nocheck(ptr, i) qatomic_set(ptr, i)
#define qatomic_rcu_read__nocheck(ptr) qatomic_rcu_read(ptr)
#define qatomic_xchg__nocheck(ptr, i) qatomic_xchg(ptr, i)
#define qatomic_cmpxchg__nocheck(ptr, old, new) qatomic_cmpxchg(ptr, old, new)

/* Adds 1 unless the value is 0; returns the previous value. */
#define qatomic_fetch_inc_nonzero(ptr)                                  \
    (__extension__({                                                    \
        QEMU_ATOMIC_TYPE(ptr) seen_ = qatomic_read(ptr);                \
        while (seen_ && !__atomic_compare_exchange_n(                   \
                            ptr, &seen_, seen_ + 1, false,              \
                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {      \
        }                                                               \
        seen_;                                                          \
    }))

/* 64 bits, also on machines of 32. */
#define qatomic_read_i64(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define qatomic_read_u64(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define qatomic_set_i64(ptr, i) __atomic_store_n(ptr, i, __ATOMIC_RELAXED)
#define qatomic_set_u64(ptr, i) __atomic_store_n(ptr, i, __ATOMIC_RELAXED)
#define qatomic64_init() ((void)0)
typedef int64_t aligned_int64_t __attribute__((__aligned__(8)));
typedef uint64_t aligned_uint64_t __attribute__((__aligned__(8)));

#define signal_barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

#if QOM_COMPAT_QEMU < 502
#include <stdatomic.h>
#undef atomic_fetch_add
#undef atomic_fetch_sub
#undef atomic_fetch_and
#undef atomic_fetch_or
#undef atomic_fetch_xor
#define atomic_read__nocheck(ptr) qatomic_read(ptr)
#define atomic_read(ptr) qatomic_read(ptr)
#define atomic_set(ptr, i) qatomic_set(ptr, i)
#define atomic_load_acquire(ptr) qatomic_load_acquire(ptr)
#define atomic_store_release(ptr, i) qatomic_store_release(ptr, i)
#define atomic_rcu_read(ptr) qatomic_rcu_read(ptr)
#define atomic_rcu_set(ptr, i) qatomic_rcu_set(ptr, i)
#define atomic_mb_read(ptr) qatomic_mb_read(ptr)
#define atomic_mb_set(ptr, i) qatomic_mb_set(ptr, i)
#define atomic_xchg(ptr, i) qatomic_xchg(ptr, i)
#define atomic_cmpxchg(ptr, old, new) qatomic_cmpxchg(ptr, old, new)
#define atomic_fetch_add(ptr, n) qatomic_fetch_add(ptr, n)
#define atomic_fetch_sub(ptr, n) qatomic_fetch_sub(ptr, n)
#define atomic_fetch_and(ptr, n) qatomic_fetch_and(ptr, n)
#define atomic_fetch_or(ptr, n) qatomic_fetch_or(ptr, n)
#define atomic_fetch_xor(ptr, n) qatomic_fetch_xor(ptr, n)
#define atomic_fetch_inc(ptr) qatomic_fetch_inc(ptr)
#define atomic_fetch_dec(ptr) qatomic_fetch_dec(ptr)
#define atomic_add_fetch(ptr, n) qatomic_add_fetch(ptr, n)
#define atomic_sub_fetch(ptr, n) qatomic_sub_fetch(ptr, n)
#define atomic_and_fetch(ptr, n) qatomic_and_fetch(ptr, n)
#define atomic_or_fetch(ptr, n) qatomic_or_fetch(ptr, n)
#define atomic_xor_fetch(ptr, n) qatomic_xor_fetch(ptr, n)
#define atomic_inc_fetch(ptr) qatomic_inc_fetch(ptr)
#define atomic_dec_fetch(ptr) qatomic_dec_fetch(ptr)
#define atomic_add(ptr, n) qatomic_add(ptr, n)
#define atomic_sub(ptr, n) qatomic_sub(ptr, n)
#define atomic_and(ptr, n) qatomic_and(ptr, n)
#define atomic_or(ptr, n) qatomic_or(ptr, n)
#define atomic_xor(ptr, n) qatomic_xor(ptr, n)
#define atomic_inc(ptr) qatomic_inc(ptr)
#define atomic_dec(ptr) qatomic_dec(ptr)
#endif

#endif
