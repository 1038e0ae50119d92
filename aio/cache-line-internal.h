/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What moves from one processor to another at a time. */
#ifndef QOM_AIO_CACHE_LINE_INTERNAL_H
#define QOM_AIO_CACHE_LINE_INTERNAL_H

/* Processors fetch lines of 64 bytes, and some of them in pairs. */
#define AIO_CACHE_LINE 64
#define AIO_CACHE_LINES 128

#endif
