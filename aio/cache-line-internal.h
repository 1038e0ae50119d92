/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unit in which memory moves between CPUs. */
#ifndef QOM_AIO_CACHE_LINE_INTERNAL_H
#define QOM_AIO_CACHE_LINE_INTERNAL_H

/* CPUs fetch lines of 64 bytes, and some of them fetch two at a time. */
#define AIO_CACHE_LINE 64
#define AIO_CACHE_LINES 128

#endif
