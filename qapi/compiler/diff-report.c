/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of a comparison, and the comparison of features, which commands,
 * events, types, members and values have alike.
 */
#include "qapi/compiler/diff-internal.h"

#include <string.h>

/*
 * Appends one line.  A change of something unstable breaks no client, by its
 * promise.
 */
void diff_report(Diff *d, bool breaks, const char *fmt, ...)
{
    va_list ap;

    breaks = breaks && !d->unstable;
    d->breaks |= breaks;
    g_string_append_printf(d->out, "%s: %s: ", breaks ? "breaks" : "fine",
                           d->subject);
    va_start(ap, fmt);
    g_string_append_vprintf(d->out, fmt, ap);
    va_end(ap);
    g_string_append_c(d->out, '\n');
}

/*
 * The features "deprecated" and "unstable" only announce changes; clients look
 * for the others to learn what a program can do.
 */
void diff_features(Diff *d, const char *path, JsonObject *old, JsonObject *new)
{
    JsonArray *was = info_array(old, "features");
    JsonArray *is = info_array(new, "features");

    for (guint i = 0; i < info_length(was); i++) {
        const char *name = info_string_at(was, i);

        if (!info_has_feature(new, name)) {
            bool status = strcmp(name, "deprecated") == 0 ||
                          strcmp(name, "unstable") == 0;

            diff_report(d, !status, "%sfeature '%s' is gone%s", path, name,
                        status ? ""
                               : "; clients that look for it take the "
                                 "behaviour to be gone as well");
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        const char *name = info_string_at(is, i);

        if (!info_has_feature(old, name)) {
            diff_report(d, false, "%sfeature '%s' is new", path, name);
        }
    }
}
