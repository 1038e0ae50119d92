/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts that a terminal or a log shows, although they come from outside. */
#ifndef QOM_UTIL_SAFE_TEXT_H
#define QOM_UTIL_SAFE_TEXT_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * safe_text_append: appends a text that comes from outside
 * @out: where to append
 * @text: any bytes
 * @keep: control characters that are appended as they are, such as "\n"
 *
 * A terminal acts on control characters (C0, DEL, and C1 as UTF-8 or as bare
 * bytes), and characters that change the direction of writing make it show a
 * text in another order.  Each byte of these, and each that is not UTF-8, is
 * appended as "\xNN".
 *
 * Every name and text of a user, a plugin or a peer goes through this function
 * before a terminal shows it.
 *
 * Thread: any
 */
void safe_text_append(GString *out, const char *text, const char *keep);

/* safe_text_check: returns true if safe_text_append() would change nothing. */
bool safe_text_check(const char *text, const char *keep);

QOM_END_DECLS

#endif
