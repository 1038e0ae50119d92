/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A message becomes text when it is reported.  The order of reporting is the
 * order of printing: that of the passes and, within a pass, that of the schema.
 */
#include "qapi/compiler/diag-internal.h"

#include <string.h>

/* Beyond this number, errors are only counted: they are mostly consequences. */
#define MAX_ERRORS 100

/* The most files that a message names as including each other. */
#define MAX_CHAIN 10

typedef struct DiagEntry {
    const char *name;
    const char *text;
} DiagEntry;

static const DiagEntry diag_entries[DIAG__MAX] = {
#define DIAG_ENTRY(id, name, text) [DIAG_##id] = { name, text },
    DIAG_LIST(DIAG_ENTRY)
#undef DIAG_ENTRY
};

void diags_init(Diags *diags, SourceSet *sources)
{
    *diags = (Diags){ .sources = sources, .text = g_string_new(NULL) };
}

void diags_clear(Diags *diags)
{
    if (diags->text) {
        g_string_free(diags->text, TRUE);
        diags->text = NULL;
    }
}

const char *diag_name(DiagId id)
{
    return diag_entries[id].name;
}

/*
 * Appends text that comes from a file.  A character that could change the state
 * of a terminal becomes '?'.
 */
static void append_clean(GString *out, const char *arg)
{
    for (; *arg; arg++) {
        g_string_append_c(out, g_ascii_iscntrl(*arg) ? '?' : *arg);
    }
}

/* Appends the text of a message with its arguments in the place of %1 to %5. */
static void append_message(GString *out, const char *text,
                           const char *const *args)
{
    for (; *text; text++) {
        unsigned index = (unsigned char)text[1] - '1';

        if (text[0] == '%' && index < DIAG_MAX_ARGS) {
            const char *arg = args[index];

            append_clean(out, arg ? arg : "");
            text++;
        } else {
            g_string_append_c(out, *text);
        }
    }
}

/* Names the files that include @file, the outermost last, if not too many. */
static void append_chain(Diags *diags, const SourceFile *file)
{
    for (unsigned n = 0; file->includer && n <= MAX_CHAIN; n++) {
        SrcPlace at = source_place(diags->sources, file->include_loc);

        g_string_append(diags->text, "In file included from ");
        if (n < MAX_CHAIN) {
            g_string_append_printf(diags->text, "%s:%u:\n", at.file->path,
                                   at.line);
        } else {
            g_string_append(diags->text, "further files:\n");
        }
        file = file->includer;
    }
}

/*
 * The line is that of the definition; the line of the detail follows in
 * brackets if it is another one.
 */
bool diag_report(Diags *diags, DiagId id, SrcLoc loc, SrcLoc detail,
                 const char *const args[DIAG_MAX_ARGS])
{
    GString *out = diags->text;
    SrcPlace at = { 0 };

    if (++diags->n_errors > MAX_ERRORS) {
        if (diags->n_errors == MAX_ERRORS + 1) {
            g_string_append(out, "too many errors\n");
        }
        return false;
    }
    if (loc) {
        at = source_place(diags->sources, loc);
        append_chain(diags, at.file);
        if (diags->name) {
            g_string_append_printf(out, "%s: In %s '", at.file->path,
                                   diags->kind);
            append_clean(out, diags->name);
            g_string_append(out, "':\n");
        }
        g_string_append_printf(out, "%s:%u:%u: ", at.file->path, at.line,
                               at.col);
    } else {
        g_string_append(out, "qapi: ");
    }
    append_message(out, diag_entries[id].text, args);
    if (loc && detail) {
        SrcPlace exact = source_place(diags->sources, detail);

        if (exact.line != at.line) {
            g_string_append_printf(out, " (line %u)", exact.line);
        }
    }
    g_string_append_printf(out, " [%s]\n", diag_entries[id].name);
    return false;
}
