/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Variables of a thread that coroutines may use: get_NAME(), set_NAME() and
 * get_ptr_NAME().  The functions are not inlined, because a coroutine may
 * continue in another thread, where the variable has another address.  A
 * coroutine must not keep the pointer while it yields.
 */
#ifndef QOM_COMPAT_QEMU_COROUTINE_TLS_H
#define QOM_COMPAT_QEMU_COROUTINE_TLS_H

/* The empty statement keeps the compiler from merging two calls. */
#define QEMU_CO_TLS_FN_ __attribute__((__noinline__, __unused__))
#define QEMU_CO_TLS_BARRIER_() __asm__ volatile("" ::: "memory")

/* For a header: the variable is defined in another file. */
#define QEMU_DECLARE_CO_TLS(type, name)                                 \
    type get_##name(void);                                              \
    void set_##name(type value);                                        \
    type *get_ptr_##name(void);

#define QEMU_CO_TLS_(storage, type, name)                               \
    static __thread type co_tls_##name;                                 \
    QEMU_CO_TLS_FN_ storage type get_##name(void)                       \
    {                                                                   \
        QEMU_CO_TLS_BARRIER_();                                         \
        return co_tls_##name;                                           \
    }                                                                   \
    QEMU_CO_TLS_FN_ storage void set_##name(type value)                 \
    {                                                                   \
        QEMU_CO_TLS_BARRIER_();                                         \
        co_tls_##name = value;                                          \
    }                                                                   \
    QEMU_CO_TLS_FN_ storage type *get_ptr_##name(void)                  \
    {                                                                   \
        type *address_ = &co_tls_##name;                                \
                                                                        \
        __asm__ volatile("" : "+rm"(address_) : : "memory");            \
        return address_;                                                \
    }

#define QEMU_DEFINE_CO_TLS(type, name) QEMU_CO_TLS_(, type, name)
#define QEMU_DEFINE_STATIC_CO_TLS(type, name) QEMU_CO_TLS_(static, type, name)

#endif
