/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema compiler as a library.  It loads schema files and checks them;
 * from the checked schema it creates what the tool `qapi` prints: C files,
 * introspection data, documents and answers.
 *
 * Only loading can fail because of what a schema says.  The other functions
 * take a checked schema and fail only if a file cannot be written or a
 * requested name does not exist.
 *
 * Thread: any; one thread at a time uses a schema
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
 * qapi_schema_load: loads and checks a schema
 * @path: the root file, which may include other files
 * @errp: set if anything is wrong; the message ends with a newline and holds
 *        all diagnostics, one per line, in the form `file:line:col: text [id]`;
 *        lines such as "In file included from" and "In struct 'Foo':" precede a
 *        diagnostic
 *
 * Returns: (transfer full) the schema; free it with qapi_schema_free(); NULL
 *          with @errp set
 * Thread: any
 */
QapiSchema *qapi_schema_load(const char *path, Error **errp);

/**
 * qapi_schema_load_from: loads and checks a schema that may include modules of
 * a library
 * @path: the root file
 * @folder: (nullable) the folder of the library, in which an included file is
 *          searched that does not exist otherwise; such a file is a module
 *          whose name is its path below @folder
 * @errp: set as by qapi_schema_load()
 *
 * Returns: (transfer full) the schema; NULL with @errp set
 * Thread: any
 */
QapiSchema *qapi_schema_load_from(const char *path, const char *folder,
                                  Error **errp);

/* How qapi_schema_load_with() loads a schema. */
typedef struct QapiLoad {
    const char *path; /* the root file */

    /*
     * (nullable) Folders of libraries, ending with NULL.  An included file that
     * does not exist otherwise is searched in them, in their order; such a file
     * is a module whose name is its path below the folder.
     */
    const char *const *folders;

    /*
     * (nullable) The version of QEMU by whose rules documentation is checked,
     * such as "10.0"; NULL: the newest that the compiler knows.  The schema's
     * pragma 'language' replaces it.
     */
    const char *language;
} QapiLoad;

/**
 * qapi_schema_load_with: loads and checks a schema
 * @load: the file and how it is read; borrowed
 * @errp: set as by qapi_schema_load(), or if the language is unknown
 *
 * Returns: (transfer full) the schema; NULL with @errp set
 * Thread: any
 */
QapiSchema *qapi_schema_load_with(const QapiLoad *load, Error **errp);

/**
 * qapi_schema_load_text: loads and checks a schema from memory
 * @path: the name of the text in messages; includes are relative to it
 * @text: UTF-8, not necessarily NUL-terminated; borrowed
 * @len: number of bytes of @text
 * @errp: set as by qapi_schema_load()
 *
 * Returns: (transfer full) the schema; NULL with @errp set
 * Thread: any
 */
QapiSchema *qapi_schema_load_text(const char *path, const char *text,
                                  size_t len, Error **errp);

/**
 * qapi_schema_load_info: creates a schema from introspection data
 * @name: the name of the data in messages
 * @info: an array of SchemaInfo as query-qmp-schema returns it, preferably with
 *        details; any other JSON is an error; borrowed
 * @errp: set if @info is not introspection data, or if no schema can have this
 *        data
 *
 * A type whose name is only a number is called "Type" and the number.  The
 * schema lacks what the data does not contain: classes (it has the structs of
 * their options), the branch names of alternates, conditions, and all texts
 * except the first one of each definition and member.
 *
 * Returns: (transfer full) the schema; NULL with @errp set
 * Thread: any
 */
QapiSchema *qapi_schema_load_info(const char *name, JsonNode *info,
                                  Error **errp);

/**
 * qapi_schema_free: frees a schema
 * @schema: (nullable) consumed
 *
 * Thread: any; no other thread may use @schema
 */
void qapi_schema_free(QapiSchema *schema);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QapiSchema, qapi_schema_free)

/**
 * qapi_schema_lint: appends warnings about a schema to a string: what is right,
 * but what a reviewer would ask to change
 * @schema: the schema, loaded from files
 * @out: the string; a line per warning, "file:line: warning: text [rule]", is
 *       appended
 *
 * Returns: the number of warnings
 * Thread: any; one thread at a time uses @schema
 * Contract: docs/schema-language.md, "Warnings"
 */
unsigned qapi_schema_lint(QapiSchema *schema, GString *out);

/**
 * qapi_schema_introspect: appends the introspection data of a schema to a
 * string
 * @schema: the schema
 * @unmask: true to write type names instead of numbers
 * @out: the string; a JSON array with one entity per line is appended
 *
 * All conditions are taken to be true.
 *
 * Thread: any; one thread at a time uses @schema
 */
void qapi_schema_introspect(QapiSchema *schema, bool unmask, GString *out);

/* What qapi_schema_generate() writes. */
typedef struct QapiGenerate {
    const char *folder;  /* the output folder; created if needed */
    const char *prefix;  /* (nullable) prefix of file names */
    const char *depfile; /* (nullable) file for make's dependencies */
    const char *target;  /* (nullable) its target; NULL: all files */
    const char *module;  /* (nullable) write only the files of this module */
} QapiGenerate;

/**
 * qapi_schema_generate: writes the C code of a schema
 * @schema: the schema
 * @options: the files to write; borrowed
 * @errp: set if a file cannot be written or the module does not exist
 *
 * The same schema always yields the same bytes.  A file whose contents would
 * not change is not written, so that make does not rebuild what depends on it.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @schema
 */
bool qapi_schema_generate(QapiSchema *schema, const QapiGenerate *options,
                          Error **errp);

/**
 * qapi_schema_list_files: appends the names of the files that
 * qapi_schema_generate() writes to a string
 * @schema: the schema
 * @prefix: (nullable) as in QapiGenerate
 * @out: the string; one name per line, relative to the output folder, is
 *       appended
 *
 * Thread: any; one thread at a time uses @schema
 */
void qapi_schema_list_files(QapiSchema *schema, const char *prefix,
                            GString *out);

/**
 * qapi_schema_show: appends a human-readable description of a schema or of one
 * definition to a string
 * @schema: the schema
 * @name: (nullable) the name of a definition; NULL: an overview of the schema
 * @out: the string
 * @errp: set if the schema does not define @name
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @schema
 */
bool qapi_schema_show(QapiSchema *schema, const char *name, GString *out,
                      Error **errp);

/**
 * qapi_show_class: appends a description of a class of a running program to a
 * string, in the form of qapi_schema_show()
 * @name: the class
 * @types: the reply to qom-list-types
 * @properties: the reply to qom-describe-type, or to qom-list-properties of a
 *              program that lacks it
 * @out: the string
 * @errp: set if one of the replies is not a list of objects
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool qapi_show_class(const char *name, JsonNode *types, JsonNode *properties,
                     GString *out, Error **errp);

/**
 * qapi_show_classes: appends the names of the classes of a running program to a
 * string, as the overview of qapi_schema_show() does
 * @types: the reply to qom-list-types
 * @out: the string
 * @errp: set if @types is not a list of objects
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool qapi_show_classes(JsonNode *types, GString *out, Error **errp);

/**
 * qapi_schema_info_load: loads introspection data from a file
 * @load: a schema, or introspection data as JSON (with type names or numbers,
 *        or the whole reply to query-qmp-schema), and how the file is read if
 *        it is a schema; borrowed
 * @errp: set if the file is neither; for a schema with errors the message is
 *        that of qapi_schema_load()
 *
 * Returns: (transfer full) the data, with type names if the file is a schema;
 *          NULL with @errp set
 * Thread: any
 */
JsonNode *qapi_schema_info_load(const QapiLoad *load, Error **errp);

/* One of the two schemas that qapi_schema_diff() compares. */
typedef struct QapiDiffSide {
    const char *name; /* the name of this side in messages */
    /* borrowed; an array of SchemaInfo; any other JSON is an error */
    JsonNode *info;
} QapiDiffSide;

/**
 * qapi_schema_diff: lists what changes for clients from one schema to another
 * @before: the introspection data of the older schema
 * @after: the introspection data of the newer schema
 * @out: the string to append to; a line per change, "breaks: NAME: why" or
 *       "fine: NAME: what"
 * @breaks: (out) true if at least one change breaks clients
 * @errp: set if a side is not introspection data
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool qapi_schema_diff(const QapiDiffSide *before, const QapiDiffSide *after,
                      GString *out, bool *breaks, Error **errp);

/* The format of a manual. */
typedef enum QapiManualFormat {
    QAPI_MANUAL_HTML, /* one self-contained page */
    QAPI_MANUAL_MAN,  /* a man page of section 7 */
    QAPI_MANUAL_MD,   /* Markdown */
} QapiManualFormat;

/**
 * qapi_schema_manual: appends the manual of a schema to a string
 * @schema: the schema
 * @format: the format of the manual
 * @out: the string
 *
 * Thread: any; one thread at a time uses @schema
 */
void qapi_schema_manual(QapiSchema *schema, QapiManualFormat format,
                        GString *out);

/**
 * qapi_diagnostic_name: returns the id of a diagnostic, for tests and
 * documents
 * @index: the index of the diagnostic, from 0
 *
 * Returns: static text such as "missing-key"; NULL if @index is too large
 * Thread: any
 */
const char *qapi_diagnostic_name(unsigned index);

QOM_END_DECLS

#endif
