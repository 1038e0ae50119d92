/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread says that it comes and goes.
 *
 * Nothing here is freed by RCU, so there is nobody to be told.  Sources that
 * use RCU for data of their own need a library for it, such as liburcu.
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
