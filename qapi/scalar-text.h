/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parsing one scalar from text as a user types it: `on`, `0x10`, `1.5G`.
 *
 * There is one function for each kind of scalar.  The keyval and string
 * visitors use them, and so does the code that sets a property from text.  The
 * functions allocate nothing and create no Error: the caller knows the name of
 * the value and words the message.  The whole text must be the value.  Leading
 * white space is accepted before a number, trailing white space never.
 *
 * Thread: any
 * Contract: docs/qapi.md, "Scalars as text"
 */
#ifndef QOM_QAPI_SCALAR_TEXT_H
#define QOM_QAPI_SCALAR_TEXT_H

#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

/**
 * scalar_parse_bool: parses a boolean
 * @text: NUL-terminated; on, yes, true or y, or off, no, false or n, in lower
 *        case
 * @value: (out) the boolean; not changed on failure
 *
 * Returns: true if @text is a boolean
 * Thread: any
 */
bool scalar_parse_bool(const char *text, bool *value);

/**
 * scalar_parse_int64: parses a signed integer as C spells it
 * @text: NUL-terminated; optional white space and sign, then a decimal,
 *        hexadecimal (0x) or octal (0) number
 * @value: (out) the integer; not changed on failure
 *
 * Returns: true if @text is an integer from -2^63 to 2^63-1
 * Thread: any
 */
bool scalar_parse_int64(const char *text, int64_t *value);

/**
 * scalar_parse_uint64: parses an unsigned integer
 * @text: as for scalar_parse_int64(); a negative number is rejected, it does
 *        not wrap
 * @value: (out) the integer; not changed on failure
 *
 * Returns: true if @text is an integer from 0 to 2^64-1
 * Thread: any
 */
bool scalar_parse_uint64(const char *text, uint64_t *value);

/**
 * scalar_parse_size: parses a number of bytes
 * @text: NUL-terminated; a decimal number, which may have a fraction and a
 *        suffix of b, k, m, g, t, p or e in either case (powers of 1024), or a
 *        hexadecimal number without suffix
 * @value: (out) the number of bytes; not changed on failure
 *
 * A fraction requires a suffix larger than b and is rounded to the nearest
 * byte.  A leading 0 does not mean octal.
 *
 * Returns: true if @text is a size from 0 to 2^64-1
 * Thread: any
 */
bool scalar_parse_size(const char *text, uint64_t *value);

/**
 * scalar_parse_number: parses a finite decimal number
 * @text: NUL-terminated, such as -1, .5 or 1e3, in any locale
 * @value: (out) the number; not changed on failure
 *
 * An integer that a double cannot hold exactly is rejected, and so is a number
 * outside the range of a double.
 *
 * Returns: true if @text is such a number
 * Thread: any
 */
bool scalar_parse_number(const char *text, double *value);

/**
 * scalar_text_is_integer: tests whether a text is spelt as an integer, however
 * large
 * @text: NUL-terminated
 *
 * After scalar_parse_int64() or scalar_parse_uint64() has failed, the answer
 * says whether the spelling or the value is wrong, so that the caller can word
 * its message.
 *
 * Returns: true if @text is spelt as an integer
 * Thread: any
 */
bool scalar_text_is_integer(const char *text);

QOM_END_DECLS

#endif
