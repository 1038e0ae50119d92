/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of callbacks, for people who read statistics and warnings. */
#ifndef QOM_AIO_FUNCTION_NAME_INTERNAL_H
#define QOM_AIO_FUNCTION_NAME_INTERNAL_H

/*
 * aio_function_name: tells how a function is called in its source
 *
 * Returns: (transfer full) the name; or "FILE+0xOFFSET", if the file has no
 * symbol for the function
 *
 * Reads the symbol table of the file, so it takes time.  Thread: any
 */
char *aio_function_name(void *function);

#endif
