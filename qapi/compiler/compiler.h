/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema compiler as a library: schema files in, a checked schema out, and
 * from that the C files, introspection data, documents and answers that the
 * tool `qapi` prints.
 *
 * Only loading can fail for what is in the files; everything after it takes a
 * checked schema, and fails only where files cannot be written.
 *
 * Thread: one schema is used by one thread at a time
 * Contract: docs/schema-language.md
 */
#ifndef QOM_QAPI_COMPILER_COMPILER_H
#define QOM_QAPI_COMPILER_COMPILER_H

#include "qapi/error.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct QapiSchema QapiSchema;

/**
 * qapi_schema_load: read and check a schema
 * @path: the root file; it may include others
 * @errp: set when anything is wrong: the message holds all diagnostics, a
 *        line each, `file:line:col: text [id]`, with "In file included from"
 *        and "In struct 'Foo':" lines before them, and ends with a newline
 *
 * Returns: (transfer full); NULL with @errp set
 */
QapiSchema *qapi_schema_load(const char *path, Error **errp);

/**
 * qapi_schema_load_from: as qapi_schema_load(), with a library of modules
 * @path: the root file
 * @folder: (nullable) where a file is looked for that is included and not
 *          there; what is from it is a module called as below @folder
 */
QapiSchema *qapi_schema_load_from(const char *path, const char *folder,
                                  Error **errp);

/**
 * qapi_schema_load_text: as qapi_schema_load(), from memory
 * @path: what messages call the text, and what its includes are relative to
 * @text: UTF-8, not necessarily ended with NUL
 * @len: bytes
 */
QapiSchema *qapi_schema_load_text(const char *path, const char *text,
                                  size_t len, Error **errp);

/**
 * qapi_schema_load_info: a schema that means what introspection data says
 * @name: what messages call the data
 * @info: an array of SchemaInfo as of query-qmp-schema, best with details, or
 *        anything else; borrowed
 * @errp: set when it is no introspection data, or no schema has it
 *
 * Types that have but a number are called "Type" and the number.  What the
 * data does not tell is not there: classes (the structs of their options
 * are), branches' names of alternates, conditions, and texts other than the
 * first of each definition and member.
 *
 * Returns: (transfer full); NULL with @errp set
 */
QapiSchema *qapi_schema_load_info(const char *name, JsonNode *info,
                                  Error **errp);

/**
 * qapi_schema_free: free a schema
 * @schema: (nullable) consumed
 */
void qapi_schema_free(QapiSchema *schema);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QapiSchema, qapi_schema_free)

/**
 * qapi_schema_introspect: what query-qmp-schema tells of a schema
 * @schema: the schema
 * @unmask: give types their names instead of numbers
 * @out: where to append: a JSON array, an entity a line
 *
 * Conditions are taken to hold, all of them.
 */
void qapi_schema_introspect(QapiSchema *schema, bool unmask, GString *out);

typedef struct QapiGenerate {
    const char *folder;  /* where to; made if it is not there */
    const char *prefix;  /* (nullable) what names of files begin with */
    const char *depfile; /* (nullable) write what depends on which, for make */
    const char *target;  /* (nullable) what depends on it; NULL: all files */
    const char *module;  /* (nullable) write the files of this module alone: a
                            schema file, relative to the root's folder */
} QapiGenerate;

/**
 * qapi_schema_generate: write the C code of a schema
 * @schema: the schema
 * @options: what goes where
 * @errp: set when a file cannot be written, or there is no such module
 *
 * The same schema gives the same bytes.  A file that would not change is left
 * alone, so that what depends on it is not built again.
 *
 * Returns: true; false with @errp set
 */
bool qapi_schema_generate(QapiSchema *schema, const QapiGenerate *options,
                          Error **errp);

/**
 * qapi_schema_list_files: which files qapi_schema_generate() writes
 * @prefix: (nullable) as in QapiGenerate
 * @out: where to append: a name below the output folder a line
 */
void qapi_schema_list_files(QapiSchema *schema, const char *prefix,
                            GString *out);

/**
 * qapi_schema_show: a schema or a definition, for people
 * @name: (nullable) a definition; NULL for an overview
 * @out: where to append
 * @errp: set when there is no definition @name
 *
 * Returns: true; false with @errp set
 */
bool qapi_schema_show(QapiSchema *schema, const char *name, GString *out,
                      Error **errp);

/**
 * qapi_schema_info_load: introspection data of a file
 * @path: a schema, or introspection data as JSON (masked or not, or the whole
 *        reply to query-qmp-schema)
 * @library: (nullable) a folder, as qapi_schema_load_from() takes it
 * @errp: set when it is neither; of several lines that end with a newline
 *        where it is a schema with errors
 *
 * Returns: (transfer full) the data; of a schema, unmasked; NULL with @errp set
 */
JsonNode *qapi_schema_info_load(const char *path, const char *library,
                                Error **errp);

typedef struct QapiDiffSide {
    const char *name; /* what messages call it */
    JsonNode *info;   /* borrowed: an array of SchemaInfo, or anything else */
} QapiDiffSide;

/**
 * qapi_schema_diff: what changed for clients from one schema to another
 * @before: introspection data
 * @after: introspection data
 * @out: where to append: a change a line, "breaks: NAME: why" or
 *       "fine: NAME: what"
 * @breaks: set to whether any change breaks clients
 * @errp: set when a side is no introspection data
 *
 * Returns: true; false with @errp set
 */
bool qapi_schema_diff(const QapiDiffSide *before, const QapiDiffSide *after,
                      GString *out, bool *breaks, Error **errp);

typedef enum QapiManualFormat {
    QAPI_MANUAL_HTML, /* one page that needs nothing else */
    QAPI_MANUAL_MAN,  /* a man page of section 7 */
    QAPI_MANUAL_MD,   /* Markdown */
} QapiManualFormat;

/**
 * qapi_schema_manual: the documentation of a schema
 * @out: where to append
 */
void qapi_schema_manual(QapiSchema *schema, QapiManualFormat format,
                        GString *out);

/**
 * qapi_diagnostic_name: the ids of diagnostics, for tests and documents
 * @index: from 0
 *
 * Returns: static text such as "missing-key"; NULL past the last
 */
const char *qapi_diagnostic_name(unsigned index);

QOM_END_DECLS

#endif
