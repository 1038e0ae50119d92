/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of -config, from the start of a service to its end.
 *
 * Errors in the file name its line and column, and begin with "-config: "
 * unless they are of config_reload().
 *
 * Contract: docs/configuration.md, "Running as a service"
 */
#ifndef QOM_SERVICE_CONFIG_INTERNAL_H
#define QOM_SERVICE_CONFIG_INTERNAL_H

#include "service/config-file.h"
#include "service/service.h"

typedef struct Config {
    ConfigFile *file; /* as it was read at the start */
    char *path;       /* absolute, which a later chdir() keeps; "-" */
    JsonNode *base;   /* (nullable) the objects of the options */
} Config;

/* config_new: reads the file @name; returns NULL with @errp set on failure */
Config *config_new(const char *name, Error **errp);

/*
 * config_check_options: returns false with @errp set if options exclude each
 * other or what is in the file; @config is NULL without -config
 */
bool config_check_options(const Config *config, const ServiceOptions *options,
                          Error **errp);

/* config_load_plugins: loads the plugins that the file names */
bool config_load_plugins(const Config *config, Error **errp);

/**
 * config_add_objects: creates the objects of the file, all or none
 * @config: the present objects, which are those of the options, are kept with
 *          it as part of every later reload
 * @errp: set on failure
 *
 * Returns: true; false with @errp set
 */
bool config_add_objects(Config *config, Error **errp);

/*
 * config_check: checks objects and addresses of the file, and keeps nothing of
 * what it creates for that
 */
bool config_check(const Config *config, Error **errp);

/*
 * config_reload: reads the file again and applies it; on failure all objects
 * are as before
 */
bool config_reload(const Config *config, Error **errp);

/*
 * config_locate_element: prepends the position of an element of the list
 * @member, such as "qmp", to an error
 */
void config_locate_element(const Config *config, const char *member,
                           unsigned index, Error **errp);

/* config_free: frees @config (nullable), which is consumed. */
void config_free(Config *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

#endif
