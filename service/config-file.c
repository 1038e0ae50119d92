/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading configuration files.
 *
 * The JSON reader records the *position* (line and column) of each value, in
 * a table from the value's node.  Only errors look positions up:
 *
 * - Errors of this file, such as a member that does not exist, know the node.
 * - Errors of applying know no nodes.  They name a *place* in the list, such as
 *   "objects[2].poll-max-ns", from which the node is found.
 *
 * All texts and objects are borrowed from the parsed file, so a ConfigFile
 * keeps it.
 */
#include "service/config-file.h"
#include "qapi/file.h"
#include "qapi/json/json.h"

#include <string.h>
#include <unistd.h>

/* ---- Places ---- */

/* Sets an error that begins with the file's name and the position of @node. */
static void G_GNUC_PRINTF(4, 5)
set_error_at(const ConfigFile *config, JsonNode *node, Error **errp,
             const char *fmt, ...)
{
    const JsonPosition *position = g_hash_table_lookup(config->positions,
                                                       node);
    g_autofree char *what = NULL;
    va_list ap;

    va_start(ap, fmt);
    what = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (position) {
        error_setg(errp, "%s:%u:%u: %s", config->name, position->line,
                   position->column, what);
    } else {
        error_setg(errp, "%s: %s", config->name, what);
    }
}

/*
 * Returns the value that a place such as "objects[2].poll-max-ns" in @text
 * names, or the list's element if it has no such member; NULL if @text names
 * no place.
 */
static JsonNode *find_place(const ConfigFile *config, const char *text)
{
    const char *place = strstr(text, "objects[");
    g_autofree char *name = NULL;
    JsonNode *element;
    JsonNode *value = NULL;
    guint64 index;
    char *end;

    if (!place) {
        return NULL;
    }
    index = g_ascii_strtoull(place + strlen("objects["), &end, 10);
    if (index >= json_array_get_length(config->objects)) {
        return NULL;
    }
    element = json_array_get_element(config->objects, index);
    /* The name ends where the message or a part of the value begins. */
    if (g_str_has_prefix(end, "].") && JSON_NODE_HOLDS_OBJECT(element)) {
        name = g_strndup(end + 2, strcspn(end + 2, " :'[,"));
        value = json_object_get_member(json_node_get_object(element), name);
    }
    return value ? value : element;
}

/* @node: (nullable) the value that is in error */
static void prepend_position(const ConfigFile *config, JsonNode *node,
                             Error **errp)
{
    const JsonPosition *position =
        node ? g_hash_table_lookup(config->positions, node) : NULL;

    if (position) {
        error_prepend(errp, "%s:%u:%u: ", config->name, position->line,
                      position->column);
    } else {
        error_prepend(errp, "%s: ", config->name);
    }
}

void config_file_locate(const ConfigFile *config, Error **errp)
{
    ERRP_GUARD();

    prepend_position(config, find_place(config, error_get_pretty(*errp)),
                     errp);
}

void config_file_locate_element(const ConfigFile *config, const char *member,
                                unsigned index, Error **errp)
{
    JsonObject *root = json_node_get_object(config->root);
    JsonArray *list = json_object_get_array_member(root, member);

    error_prepend(errp, "%s[%u]: ", member, index);
    prepend_position(config, json_array_get_element(list, index), errp);
}

/* ---- Members ---- */

/* Stores the list of objects, whose elements object_apply() will check. */
static bool load_objects(ConfigFile *config, const char *name,
                         JsonNode *value, Error **errp)
{
    if (!JSON_NODE_HOLDS_ARRAY(value)) {
        set_error_at(config, value, errp, "'%s' must be an array", name);
        return false;
    }
    config->objects = json_node_get_array(value);
    return true;
}

static bool load_text(ConfigFile *config, const char *name, JsonNode *value,
                      const char **text, Error **errp)
{
    if (json_qtype(value) != QTYPE_QSTRING) {
        set_error_at(config, value, errp, "'%s' must be a string", name);
        return false;
    }
    *text = json_node_get_string(value);
    return true;
}

/* Appends the strings of the array @value, which is called @name, to @texts. */
static bool load_texts(ConfigFile *config, const char *name, JsonNode *value,
                       GPtrArray *texts, Error **errp)
{
    JsonArray *array;

    if (!JSON_NODE_HOLDS_ARRAY(value)) {
        set_error_at(config, value, errp, "'%s' must be an array", name);
        return false;
    }
    array = json_node_get_array(value);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_autofree char *element = g_strdup_printf("%s[%u]", name, i);
        const char *text;

        if (!load_text(config, element, json_array_get_element(array, i),
                       &text, errp)) {
            return false;
        }
        g_ptr_array_add(texts, (void *)text);
    }
    return true;
}

/* Reads a member of the file's object; each but "objects" is an option. */
static bool load_named(ConfigFile *config, const char *name, JsonNode *value,
                       Error **errp)
{
    if (!strcmp(name, "objects")) {
        return load_objects(config, name, value, errp);
    }
    if (!strcmp(name, "plugin")) {
        return load_texts(config, name, value, config->plugins, errp);
    }
    if (!strcmp(name, "qmp")) {
        return load_texts(config, name, value, config->qmp, errp);
    }
    if (!strcmp(name, "pidfile")) {
        return load_text(config, name, value, &config->pid_file, errp);
    }
    set_error_at(config, value, errp, "there is no option '%s'", name);
    return false;
}

/* A file is a list of objects, or an object with such a list and options. */
static bool load_root(ConfigFile *config, Error **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    if (JSON_NODE_HOLDS_ARRAY(config->root)) {
        config->objects = json_node_get_array(config->root);
        return true;
    }
    if (!JSON_NODE_HOLDS_OBJECT(config->root)) {
        set_error_at(config, config->root, errp,
                     "expecting a list of objects");
        return false;
    }
    json_object_iter_init_ordered(&iter, json_node_get_object(config->root));
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!load_named(config, name, value, errp)) {
            return false;
        }
    }
    return true;
}

/* ---- Files ---- */

/* Returns (transfer full) the bytes of a file; NULL with @errp set. */
static char *read_file(const char *name, size_t *n_bytes, Error **errp)
{
    ERRP_GUARD();
    char *text;

    if (!strcmp(name, "-")) {
        text = qapi_file_read_fd(STDIN_FILENO, CONFIG_FILE_MAX_BYTES, n_bytes,
                                 errp);
        name = "standard input";
    } else {
        text = qapi_file_read(name, CONFIG_FILE_MAX_BYTES, n_bytes, errp);
    }
    if (!text) {
        error_prepend(errp, "Could not open '%s': ", name);
    }
    return text;
}

ConfigFile *config_file_load(const char *name, Error **errp)
{
    g_autoptr(ConfigFile) config = g_new0(ConfigFile, 1);
    g_autofree char *text = NULL;
    size_t len;

    /* A file without the member "objects" has an empty list. */
    config->name = g_strdup(strcmp(name, "-") ? name : "standard input");
    config->objects = config->no_objects = json_array_new();
    config->plugins = g_ptr_array_new();
    config->qmp = g_ptr_array_new();
    text = read_file(name, &len, errp);
    if (!text) {
        return NULL;
    }
    config->root = json_parse_file(config->name, text, len,
                                   &config->positions, errp);
    if (!config->root || !load_root(config, errp)) {
        return NULL;
    }
    return g_steal_pointer(&config);
}

void config_file_free(ConfigFile *config)
{
    if (!config) {
        return;
    }
    json_array_unref(config->no_objects);
    g_ptr_array_unref(config->plugins);
    g_ptr_array_unref(config->qmp);
    g_clear_pointer(&config->root, json_node_unref);
    g_clear_pointer(&config->positions, g_hash_table_unref);
    g_free(config->name);
    g_free(config);
}
