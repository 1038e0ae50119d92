/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configuration files: JSON with comments, a list of objects, or an object
 * with the member "objects" and options of `qom run`.
 *
 * Contract: docs/configuration.md
 */
#ifndef QOM_SERVICE_CONFIG_FILE_H
#define QOM_SERVICE_CONFIG_FILE_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

enum {
    CONFIG_FILE_MAX_BYTES = 64 * 1024 * 1024,
};

typedef struct ConfigFile {
    JsonArray *objects;   /* borrowed from the file's value */
    GPtrArray *plugins;   /* of const char *, borrowed; values of -plugin */
    GPtrArray *qmp;       /* of const char *, borrowed; values of -qmp */
    const char *pid_file; /* (nullable) borrowed; the value of -pidfile */

    /* private: */
    char *name;
    JsonNode *root;
    JsonArray *no_objects;
    GHashTable *positions; /* JsonNode * -> JsonPosition * */
} ConfigFile;

/**
 * config_file_load: reads and checks a file
 * @name: the name of a regular file of at most CONFIG_FILE_MAX_BYTES; "-" is
 *        standard input, which may also be a pipe or a terminal
 * @errp: set on failure; errors in the text begin with name, line and column
 *
 * Returns: (transfer full); NULL with @errp set
 */
ConfigFile *config_file_load(const char *name, Error **errp);

/**
 * config_file_locate: prepends name, line and column to an error of applying
 * @config: the file whose objects were applied
 * @errp: an error that names a place in the list, such as
 *        "objects[2].poll-max-ns"; one that names none gets the file's name
 */
void config_file_locate(const ConfigFile *config, Error **errp);

/**
 * config_file_locate_element: prepends name, line and column, and the place, to
 * an error
 * @config: the file
 * @member: the name of a list of the file, such as "qmp"
 * @index: less than the number of its elements
 * @errp: the error
 */
void config_file_locate_element(const ConfigFile *config, const char *member,
                                unsigned index, Error **errp);

/* config_file_free: frees @config (nullable), which is consumed. */
void config_file_free(ConfigFile *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfigFile, config_file_free)

QOM_END_DECLS

#endif
