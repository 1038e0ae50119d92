/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Atomic fields in public headers.
 *
 * A field that threads share has an atomic type, so that its declaration says
 * so, and is accessed by the functions of <stdatomic.h>.  C++ has neither the
 * header nor _Atomic before C++23.  QOM_ATOMIC(T) is std::atomic<T> there,
 * which has the same representation, and the functions are found through it.
 */
#ifndef QOM_UTIL_ATOMIC_H
#define QOM_UTIL_ATOMIC_H

#ifdef __cplusplus
#include <atomic>
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;
#define QOM_ATOMIC(T) std::atomic<T>
#else
#include <stdatomic.h>
#define QOM_ATOMIC(T) _Atomic(T)
#endif

#endif
