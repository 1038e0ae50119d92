/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file is read as a whole and given a final newline, so that the lexer can
 * always read one byte ahead.  Line ends of other systems become '\n' first,
 * because messages count lines.  The first byte that is no text is remembered
 * for the parser, which can report its place.
 *
 * Files get consecutive ranges of places.  A SrcLoc is found by two binary
 * searches: among the files, and among the lines of a file.  Line starts are
 * computed only for files that messages mention.
 */
#include "qapi/compiler/source-internal.h"
#include "util/hash.h"

#include "qapi/file.h"

#include <string.h>

/* Limits in bytes; a SrcLoc has 32 bits. */
#define MAX_FILE_BYTES (64u << 20)
#define MAX_TOTAL_BYTES (2048u << 20)

static void source_file_free(gpointer data)
{
    SourceFile *file = data;

    g_free(file->path);
    g_free(file->abs_path);
    g_free(file->text);
    g_free(file->line_starts);
    g_free(file);
}

/* Places begin at 1, because 0 means that there is none. */
void source_set_init(SourceSet *set)
{
    set->files = g_ptr_array_new_with_free_func(source_file_free);
    set->by_path = g_hash_table_new(hash_str, g_str_equal);
    set->end = 1;
}

void source_set_clear(SourceSet *set)
{
    g_clear_pointer(&set->by_path, g_hash_table_destroy);
    g_clear_pointer(&set->files, g_ptr_array_unref);
}

/* Replaces "\r\n" and "\r" by "\n" in place.  Returns the new length. */
static size_t unify_line_ends(char *text, size_t len)
{
    char *to = memchr(text, '\r', len);
    const char *end = text + len;

    if (!to) {
        return len;
    }
    for (const char *from = to; from < end; from++) {
        if (*from == '\r') {
            if (from + 1 < end && from[1] == '\n') {
                continue;
            }
            *to++ = '\n';
        } else {
            *to++ = *from;
        }
    }
    return to - text;
}

/* Takes @text, which has room for a newline and a NUL beyond @len. */
static SourceFile *source_add(SourceSet *set, const char *path, char *text,
                              size_t len, Error **errp)
{
    g_autofree char *owned = text;
    SourceFile *file;
    const char *bad;

    if (len > MAX_TOTAL_BYTES - set->end) {
        error_setg(errp, "All files together are larger than %u MiB",
                   MAX_TOTAL_BYTES >> 20);
        return NULL;
    }
    len = unify_line_ends(text, len);
    if (len == 0 || text[len - 1] != '\n') {
        text[len++] = '\n';
    }
    text[len] = '\0';

    file = g_new0(SourceFile, 1);
    file->path = g_strdup(path);
    file->abs_path = g_canonicalize_filename(path, NULL);
    file->text = g_steal_pointer(&owned);
    file->len = len;
    file->base = set->end;
    /* NUL is no text, either: it would end strings of C. */
    if (!g_utf8_validate_len(file->text, len, &bad)) {
        file->not_text = bad;
    }
    set->end += len + 1;
    g_ptr_array_add(set->files, file);
    g_hash_table_insert(set->by_path, file->abs_path, file);
    return file;
}

/* The text gets room for a final newline and a NUL. */
SourceFile *source_load(SourceSet *set, const char *path, Error **errp)
{
    size_t len;
    char *text = qapi_file_read(path, MAX_FILE_BYTES, &len, errp);

    if (!text) {
        return NULL;
    }
    /* Room for a final newline and a NUL. */
    text = g_realloc(text, len + 2);
    return source_add(set, path, text, len, errp);
}

SourceFile *source_from_text(SourceSet *set, const char *path,
                             const char *text, size_t len, Error **errp)
{
    char *copy = g_malloc(len + 2);

    memcpy(copy, text, len);
    return source_add(set, path, copy, len, errp);
}

/* Every line ends with a newline, so memchr() always succeeds. */
static void find_lines(SourceFile *file)
{
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    const char *end = file->text + file->len;

    for (const char *p = file->text; p < end;) {
        uint32_t start = p - file->text;

        g_array_append_val(starts, start);
        p = (const char *)memchr(p, '\n', end - p) + 1;
    }
    file->n_lines = starts->len;
    file->line_starts = (uint32_t *)(void *)g_array_free(starts, FALSE);
}

/*
 * Returns the file that contains @loc: the last one that begins at it or before
 * it.
 */
static SourceFile *file_at(SourceSet *set, SrcLoc loc)
{
    guint low = 0;
    guint high = set->files->len;

    while (high - low > 1) {
        guint mid = (low + high) / 2;
        SourceFile *file = g_ptr_array_index(set->files, mid);

        if (file->base <= loc) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return g_ptr_array_index(set->files, low);
}

/* Returns the line of @offset, from 0. */
static uint32_t line_at(const SourceFile *file, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = file->n_lines;

    while (high - low > 1) {
        uint32_t mid = (low + high) / 2;

        if (file->line_starts[mid] <= offset) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low;
}

/*
 * The column counts characters as an editor shows them: a tab moves to the next
 * multiple of 8, and the bytes of one UTF-8 character count once.
 */
SrcPlace source_place(SourceSet *set, SrcLoc loc)
{
    SourceFile *file = file_at(set, loc);
    uint32_t offset = loc - file->base;
    SrcPlace place = { .file = file, .col = 1 };
    uint32_t line;

    if (!file->line_starts) {
        find_lines(file);
    }
    line = line_at(file, offset);
    place.line = line + 1;
    for (uint32_t i = file->line_starts[line]; i < offset; i++) {
        unsigned char c = file->text[i];

        if (c == '\t') {
            place.col = ((place.col + 7) & ~7u) + 1;
        } else if ((c & 0xc0) != 0x80) {
            place.col++;
        }
    }
    return place;
}
