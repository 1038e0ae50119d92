/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schema files and places in them.
 *
 * A place is one number.  All files of a compilation are thought of as one
 * text, one file after the other, and a SrcLoc is an offset in it, in bytes.
 * File, line and column are computed when a message needs them.
 */
#ifndef QOM_QAPI_COMPILER_SOURCE_INTERNAL_H
#define QOM_QAPI_COMPILER_SOURCE_INTERNAL_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t SrcLoc; /* 0: no place */

typedef struct SourceFile {
    char *path;     /* for messages: relative if the root's path is */
    char *abs_path; /* files with the same one are one file */
    char *text;     /* ends with '\n' and NUL; line ends are '\n' */
    size_t len;     /* without the NUL */
    const char *not_text; /* (nullable) the first byte that is not UTF-8 */
    SrcLoc base;    /* the place of text[0] */
    struct SourceFile *includer; /* NULL for the root */
    SrcLoc include_loc;          /* the place of the include directive */
    uint32_t *line_starts; /* offsets; NULL until a message needs them */
    uint32_t n_lines;
} SourceFile;

typedef struct SourceSet {
    GPtrArray *files;    /* of SourceFile, in the order of @base */
    GHashTable *by_path; /* abs_path to SourceFile */
    SrcLoc end;          /* the place after the last file */
} SourceSet;

typedef struct SrcPlace {
    const SourceFile *file;
    uint32_t line; /* from 1 */
    uint32_t col;  /* from 1, in characters; a tab ends at a multiple of 8 */
} SrcPlace;

/* source_set_init, source_set_clear: Begin without files; free all files. */
void source_set_init(SourceSet *set);
void source_set_clear(SourceSet *set);

/**
 * source_load: reads a schema file
 * @path: the path as the user wrote it, or joined to the includer's folder
 * @errp: set if the file cannot be read; the message does not contain the path
 *
 * Returns: the file, owned by @set; NULL with @errp set
 */
SourceFile *source_load(SourceSet *set, const char *path, Error **errp);

/**
 * source_from_text: adds a file from memory, as source_load() does from disk
 * @path: the name of the text in messages
 */
SourceFile *source_from_text(SourceSet *set, const char *path,
                             const char *text, size_t len, Error **errp);

/**
 * source_place: returns file, line and column of a place
 * @loc: any place other than 0
 */
SrcPlace source_place(SourceSet *set, SrcLoc loc);

#endif
