/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decimal digits of an integer, without printf(), which takes most of the
 * time where many small texts are written.
 *
 * Thread: any
 */
#ifndef QOM_UTIL_DIGITS_H
#define QOM_UTIL_DIGITS_H

#include "util/macros.h"

#include <stdint.h>

QOM_BEGIN_DECLS

#define DIGITS_MAX 20 /* of a uint64_t */

/**
 * digits_write: writes the digits of an integer from their end
 * @end: behind the last digit; up to DIGITS_MAX bytes before it are written
 * @number: the integer
 *
 * No 0 byte is written.
 *
 * Returns: the first digit
 */
static inline char *digits_write(char *end, uint64_t number)
{
    do {
        *--end = '0' + number % 10;
        number /= 10;
    } while (number);
    return end;
}

QOM_END_DECLS

#endif
