/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose functions iothread_create() and its kind are: the library's, or those
 * of a source that implements the type itself.
 *
 * Such a source has a type of another name, which -DTYPE_IOTHREAD='"NAME"'
 * gives.  Its functions then have other names, too: in a plugin the linker
 * would otherwise bind its calls of its own functions to the library's.
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
