/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registering threads with RCU, which does nothing.
 *
 * The library does not use RCU.  Sources that use RCU for their own data need a
 * library for it, such as liburcu.
 */
#ifndef QOM_COMPAT_QEMU_RCU_H
#define QOM_COMPAT_QEMU_RCU_H

static inline void rcu_register_thread(void)
{
}

static inline void rcu_unregister_thread(void)
{
}

#endif
