/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of iothread_create() and related functions: the library's, or those of
 * a source that implements the type itself.
 *
 * The type of such a source has another name, -DTYPE_IOTHREAD='"NAME"'.  Its
 * functions then have other names as well.  Otherwise the linker would bind its
 * calls to the library's functions if the source is part of a plugin.
 */
#ifndef QOM_COMPAT_QEMU_IOTHREAD_NAMES_H
#define QOM_COMPAT_QEMU_IOTHREAD_NAMES_H

#ifndef TYPE_IOTHREAD
#define TYPE_IOTHREAD "iothread"
#else
#define iothread_by_id qemu_own_iothread_by_id
#define iothread_create qemu_own_iothread_create
#define iothread_destroy qemu_own_iothread_destroy
#define iothread_get_aio_context qemu_own_iothread_get_aio_context
#define iothread_get_g_main_context qemu_own_iothread_get_g_main_context
#define iothread_get_id qemu_own_iothread_get_id
#define iothread_stop qemu_own_iothread_stop
#define iothread_stop_all qemu_own_iothread_stop_all
#define qmp_query_iothreads qemu_own_qmp_query_iothreads
#endif

#endif
