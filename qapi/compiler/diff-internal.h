/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the comparisons of commands and of types share. */
#ifndef QOM_QAPI_COMPILER_DIFF_INTERNAL_H
#define QOM_QAPI_COMPILER_DIFF_INTERNAL_H

#include "qapi/compiler/info-set-internal.h"

typedef struct Diff {
    InfoSet old;
    InfoSet new;
    GString *out;
    bool breaks;
    const char *subject; /* the command or event */
    bool sent;           /* by clients, not to them */
    bool unstable;       /* its changes break no client */
    GHashTable *seen;    /* pairs of types compared already */
    unsigned depth;
} Diff;

/*
 * diff_report: appends a line about the subject.  @breaks: the change breaks
 * clients, unless the subject is unstable
 */
void diff_report(Diff *d, bool breaks, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

/*
 * diff_features: compares the features of two commands, events, types, members
 * or values.  @path: where they are, ending with ": "; "" for the subject
 */
void diff_features(Diff *d, const char *path, JsonObject *old,
                   JsonObject *new);

/*
 * diff_types: compares two types by name, in the direction @d->sent.  @path: as
 * for diff_features()
 */
void diff_types(Diff *d, const char *path, const char *old_name,
                const char *new_name);

#endif
