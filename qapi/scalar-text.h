/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One scalar from text, as a user types it: `on`, `0x10`, `1.5G`.
 *
 * One function per kind, shared by whatever takes text: the keyval and string
 * visitors and the setting of a property from text.  None allocates or makes
 * an Error; the caller knows what the value is called and words the message.
 * All of the text must be the value; trailing blanks are not.
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
 * scalar_parse_bool: on, yes, true, y, or off, no, false, n; in lower case
 * @text: NUL-ended
 * @value: set on success
 *
 * Returns: whether @text is a bool; on failure *@value is untouched
 */
bool scalar_parse_bool(const char *text, bool *value);

/**
 * scalar_parse_int64: an integer as C spells it
 * @text: NUL-ended; decimal, 0x hexadecimal or 0 octal, after optional blanks
 *        and a sign
 * @value: set on success
 *
 * Returns: whether @text is an integer that fits; on failure *@value is
 *          untouched
 */
bool scalar_parse_int64(const char *text, int64_t *value);

/**
 * scalar_parse_uint64: as scalar_parse_int64(), unsigned
 *
 * A negative number is refused; it does not wrap.
 */
bool scalar_parse_uint64(const char *text, uint64_t *value);

/**
 * scalar_parse_size: a number of bytes
 * @text: NUL-ended; decimal with an optional fraction and a suffix of b k m g
 *        t p e in either case (powers of 1024), or hexadecimal without suffix
 * @value: set on success
 *
 * A fraction needs a suffix above b, and is rounded to the nearest byte.  A
 * leading 0 does not mean octal.
 *
 * Returns: whether @text is a size that fits; on failure *@value is untouched
 */
bool scalar_parse_size(const char *text, uint64_t *value);

/**
 * scalar_parse_number: a finite decimal number
 * @text: NUL-ended, such as -1, .5 or 1e3; independent of the locale
 * @value: set on success
 *
 * An integer that a double cannot hold exactly is refused, as is a number
 * out of a double's range.
 *
 * Returns: whether @text is such a number; on failure *@value is untouched
 */
bool scalar_parse_number(const char *text, double *value);

/**
 * scalar_text_is_integer: is the text an integer, of whatever size?
 * @text: NUL-ended
 *
 * For the message after scalar_parse_int64() or scalar_parse_uint64() has
 * failed: is the spelling at fault or the value?
 */
bool scalar_text_is_integer(const char *text);

QOM_END_DECLS

#endif
