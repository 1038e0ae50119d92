/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schema files and places in them.
 *
 * A place is one number: all files of a compilation are laid end to end, and
 * a SrcLoc counts bytes from the start of the first.  File, line and column
 * are worked out from it when a message needs them.
 */
#ifndef QOM_QAPI_COMPILER_SOURCE_INTERNAL_H
#define QOM_QAPI_COMPILER_SOURCE_INTERNAL_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t SrcLoc; /* 0 is nowhere */

typedef struct SourceFile {
    char *path;     /* as the user can find it: relative like the root's */
    char *abs_path; /* what makes two files the same */
    char *text;     /* ends with '\n' and NUL; line ends are '\n' */
    size_t len;     /* without the NUL */
    SrcLoc base;    /* of text[0] */
    struct SourceFile *includer; /* NULL for the root */
    SrcLoc include_loc;          /* of the include directive */
    uint32_t *line_starts; /* made when the first line is asked for */
    uint32_t n_lines;
} SourceFile;

typedef struct SourceSet {
    GPtrArray *files;    /* of SourceFile, by rising base */
    GHashTable *by_path; /* abs_path to SourceFile */
    SrcLoc end;
} SourceSet;

typedef struct SrcPlace {
    const SourceFile *file;
    uint32_t line; /* from 1 */
    uint32_t col;  /* from 1; tabs count to the next multiple of 8 */
} SrcPlace;

void source_set_init(SourceSet *set);
void source_set_clear(SourceSet *set);

/**
 * source_load: read a schema file
 * @path: as the user wrote it, or joined to the includer's folder
 * @errp: set when the file cannot be read or is no text: the message says
 *        what, without the path
 *
 * Returns: owned by @set; NULL with @errp set
 */
SourceFile *source_load(SourceSet *set, const char *path, Error **errp);

/**
 * source_from_text: as source_load(), from memory
 * @path: what messages call it
 */
SourceFile *source_from_text(SourceSet *set, const char *path,
                             const char *text, size_t len, Error **errp);

/**
 * source_place: file, line and column of a place
 * @loc: not 0
 */
SrcPlace source_place(SourceSet *set, SrcLoc loc);

#endif
