/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects of the target by standard commands.
 *
 * Node    an object that was found, by the property that its parent has for it.
 * Level   the nodes of one depth.  The walk asks for a whole level before it
 *         goes deeper, because qom-list-get answers for many objects at once.
 *
 * Batch   objects that the walk asks for together: with one qom-list-get, or
 *         with a qom-list each that are sent one after the other, and are
 *         followed by a qom-get for each property.
 *
 * The objects may change during the walk.  If one of a batch is gone, the batch
 * is asked for again one by one, and the object that is gone is left out.  The
 * target may be hostile, so the walk has limits.
 */
#include "tools/object-walk.h"
#include "qapi/json/json.h"
#include "tools/object-properties.h"
#include "tools/target.h"

#include <string.h>

enum {
    BATCH = 64,          /* objects that are asked for together */
    MAX_DEPTH = 256,     /* as qom-tree */
    MAX_OBJECTS = 65536, /* of one tree */
};

typedef struct Node {
    char *path;
    char *type;
    GPtrArray *children;   /* of Node, owned */
    JsonArray *properties; /* (nullable) without children */
    bool is_gone;          /* deleted since its parent was asked */
} Node;

static void node_free(void *opaque)
{
    Node *node = opaque;

    g_free(node->path);
    g_free(node->type);
    g_ptr_array_unref(node->children);
    g_clear_pointer(&node->properties, json_array_unref);
    g_free(node);
}

/* @path, @type: consumed */
static Node *node_new(char *path, char *type)
{
    Node *node = g_new0(Node, 1);

    node->path = path;
    node->type = type;
    node->children = g_ptr_array_new_with_free_func(node_free);
    return node;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Node, node_free)

/* ---- A level ---- */

typedef struct Walk {
    bool values;
    guint n_objects;
    GPtrArray *next; /* of Node, borrowed: the next level */
} Walk;

/* Takes the properties of an object, and adds its children to the next level.
 */
static void take_properties(Walk *walk, Node *node, JsonArray *properties)
{
    node->properties = walk->values ? json_array_new() : NULL;
    for (guint i = 0; i < json_array_get_length(properties); i++) {
        JsonObject *property = json_array_get_object_element(properties, i);
        const char *name = json_object_get_string_member(property, "name");
        const char *type = json_object_get_string_member(property, "type");
        size_t len = strlen(type);

        if (g_str_has_prefix(type, "child<")) {
            bool is_root = !strcmp(node->path, "/");
            Node *child = node_new(
                g_strconcat(is_root ? "" : node->path, "/", name, NULL),
                g_strndup(type + strlen("child<"),
                          len - strlen("child<") - (type[len - 1] == '>')));

            g_ptr_array_add(node->children, child);
            g_ptr_array_add(walk->next, child);
        } else if (walk->values) {
            json_array_add_object_element(node->properties,
                                          json_object_ref(property));
        }
    }
}

/*
 * Takes the answers for a batch.  An object may be gone unless it is the first
 * one of the walk.
 */
static bool take_batch(Walk *walk, Node **nodes, guint n, JsonNode **lists,
                       Error **errors, Error **errp)
{
    bool ok = true;

    for (guint i = 0; i < n; i++) {
        if (lists[i]) {
            take_properties(walk, nodes[i], json_node_get_array(lists[i]));
            json_node_unref(lists[i]);
            continue;
        }
        nodes[i]->is_gone = true;
        if (ok && (walk->n_objects == 1 || !target_is_there())) {
            error_propagate(errp, errors[i]);
            ok = false;
        } else {
            error_free(errors[i]);
        }
    }
    return ok;
}

/* Asks for all objects of a level. */
static bool ask_level(Walk *walk, Node **nodes, guint n, Error **errp)
{
    ObjectName objects[BATCH];
    JsonNode *lists[BATCH];
    Error *errors[BATCH];
    bool ok = true;

    walk->n_objects += n;
    if (walk->n_objects > MAX_OBJECTS) {
        error_setg(errp, "%s has more than %d objects", target_name(),
                   MAX_OBJECTS);
        return false;
    }
    for (guint i = 0; ok && i < n; i += BATCH) {
        guint n_batch = MIN(n - i, BATCH);

        for (guint k = 0; k < n_batch; k++) {
            objects[k] = (ObjectName) { nodes[i + k]->path,
                                        nodes[i + k]->type };
        }
        object_properties_get(objects, n_batch, walk->values, lists, errors);
        ok = take_batch(walk, nodes + i, n_batch, lists, errors, errp);
    }
    return ok;
}

/* ---- The tree ---- */

/* Finds everything below @root. */
static bool walk_all(Node *root, bool values, Error **errp)
{
    Walk walk = { .values = values };
    g_autoptr(GPtrArray) level = g_ptr_array_new();
    bool ok = true;

    g_ptr_array_add(level, root);
    for (int depth = 0; ok && level->len; depth++) {
        walk.next = g_ptr_array_new();
        ok = ask_level(&walk, (Node **)level->pdata, level->len, errp);
        g_ptr_array_unref(level);
        level = walk.next;
        if (ok && level->len && depth + 1 == MAX_DEPTH) {
            error_setg(errp, "Objects below '%s' nest deeper than %d",
                       root->path, MAX_DEPTH);
            ok = false;
        }
    }
    return ok;
}

/* Returns (transfer full) an ObjectTree. */
static JsonObject *tree_of(const Node *node)
{
    JsonObject *tree = json_object_new();
    JsonArray *children = json_array_new();

    json_object_set_string_member(tree, "path", node->path);
    json_object_set_string_member(tree, "type", node->type);
    if (node->properties) {
        json_object_set_array_member(tree, "properties",
                                     json_array_ref(node->properties));
    }
    for (guint i = 0; i < node->children->len; i++) {
        const Node *child = node->children->pdata[i];

        if (!child->is_gone) {
            json_array_add_object_element(children, tree_of(child));
        }
    }
    json_object_set_array_member(tree, "children", children);
    return tree;
}

/* Returns (transfer full) the type of an object. */
static char *type_of(const char *path, Error **errp)
{
    g_autoptr(JsonNode) value =
        target_execute("qom-get", errp, "path", json_text_new(path),
                       "property", json_text_new("type"), NULL);

    if (!value) {
        return NULL;
    }
    return g_strdup(json_qtype(value) == QTYPE_QSTRING
                        ? json_node_get_string(value)
                        : "");
}

/* @path: absolute */
static Node *walk_from(const char *path, bool values, Error **errp)
{
    char *type = type_of(path, errp);
    g_autoptr(Node) root = type ? node_new(g_strdup(path), type) : NULL;

    return root && walk_all(root, values, errp) ? g_steal_pointer(&root)
                                                : NULL;
}

JsonNode *object_walk_tree(const char *path, bool values, Error **errp)
{
    g_autofree char *absolute = object_walk_path(path, errp);
    g_autoptr(Node) root =
        absolute ? walk_from(absolute, values, errp) : NULL;
    JsonNode *node;

    if (!root) {
        return NULL;
    }
    node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, tree_of(root));
    return node;
}

/* ---- Partial paths ---- */

/* Counts the objects whose paths end in @end; *@found is one of them. */
static guint count_ends(const Node *node, const char *end,
                        const Node **found)
{
    guint n = 0;

    if (g_str_has_suffix(node->path, end)) {
        *found = node;
        n++;
    }
    for (guint i = 0; i < node->children->len; i++) {
        n += count_ends(node->children->pdata[i], end, found);
    }
    return n;
}

/* Returns (transfer full) an absolute path without empty parts. */
static char *normalize(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    GString *out = g_string_new(NULL);

    for (char **part = parts; *part; part++) {
        if (**part) {
            g_string_append_printf(out, "/%s", *part);
        }
    }
    return g_string_free(out->len ? out : g_string_append_c(out, '/'), FALSE);
}

/*
 * No standard command returns an absolute path, so a partial one is searched
 * among all objects.
 */
char *object_walk_path(const char *path, Error **errp)
{
    g_autofree char *end = g_strconcat("/", path, NULL);
    const Node *found = NULL;
    g_autoptr(Node) root = NULL;
    guint n;

    if (*path == '/') {
        return normalize(path);
    }
    root = walk_from("/", false, errp);
    if (!root) {
        return NULL;
    }
    n = *path ? count_ends(root, end, &found) : 0;
    if (n == 1) {
        return g_strdup(found->path);
    }
    error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND,
              n ? "Device '%s' not found: the path is ambiguous"
                : "Device '%s' not found", path);
    return NULL;
}
