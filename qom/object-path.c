/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The composition tree: its root, canonical paths, and resolving paths.
 *
 * An absolute path is resolved component by component, with one lookup each.
 * A partial path matches wherever its components can be followed from any
 * object of the tree.  To avoid a walk through the tree, all properties that
 * lead to objects are in one index by name, so that only the objects with the
 * first component are visited.  The index contains instance properties, and
 * properties of classes that at least one object has set: those know their
 * link records.  It also contains properties of objects outside of the tree;
 * whether an object is inside is found by following its parents.
 */
#include "qom/object-internal.h"

/* ---- The index ---- */

/* Properties by name; those of one name are a list, newest first */
static PropertyTable path_index;

/* The first property of a name is in the table, the others follow it. */
void path_index_add(ObjectProperty *prop)
{
    ObjectProperty *head = property_table_find(&path_index, prop->name,
                                               prop->name_len, prop->hash);

    prop->same_name_prev = NULL;
    prop->same_name_next = head;
    if (head) {
        head->same_name_prev = prop;
        property_table_replace(&path_index, head, prop);
    } else {
        property_table_insert(&path_index, prop);
    }
}

void path_index_remove(ObjectProperty *prop)
{
    ObjectProperty *next = prop->same_name_next;

    if (next) {
        next->same_name_prev = prop->same_name_prev;
    }
    if (prop->same_name_prev) {
        prop->same_name_prev->same_name_next = next;
    } else if (next) {
        property_table_replace(&path_index, prop, next);
    } else {
        property_table_remove(&path_index, prop);
    }
}

/* The property of a class is in the index while it has a record. */
void path_index_add_record(LinkRecord *record)
{
    ObjectProperty *prop = record->prop;

    if (!prop->links) {
        path_index_add(prop);
    } else {
        prop->links->prop_prev = record;
    }
    record->prop_next = prop->links;
    prop->links = record;
}

void path_index_remove_record(LinkRecord *record)
{
    ObjectProperty *prop = record->prop;

    if (record->prop_next) {
        record->prop_next->prop_prev = record->prop_prev;
    }
    if (record->prop_prev) {
        record->prop_prev->prop_next = record->prop_next;
    } else {
        prop->links = record->prop_next;
        if (!prop->links) {
            path_index_remove(prop);
        }
    }
}

/* ---- Roots ---- */

Object *object_get_root(void)
{
    static Object *root;

    if (G_UNLIKELY(!root)) {
        root = object_new(TYPE_CONTAINER);
    }
    return root;
}

/* It has no name and no parent, so no path leads into it. */
Object *object_get_internal_root(void)
{
    static Object *internal_root;

    if (!internal_root) {
        internal_root = object_new(TYPE_CONTAINER);
    }
    return internal_root;
}

Object *object_get_container(const char *name)
{
    Object *root = object_get_root();
    Object *child = object_resolve_path_component(root, name);

    return child ? child : object_property_add_new_container(root, name);
}

Object *object_get_objects_root(void)
{
    static Object *objects;

    if (G_UNLIKELY(!objects)) {
        objects = object_get_container("objects");
    }
    return objects;
}

/* ---- Paths of objects ---- */

const char *object_get_canonical_path_component(const Object *obj)
{
    return obj->parent ? obj->parent_link->name : NULL;
}

char *object_get_canonical_path(const Object *obj)
{
    const Object *root = object_get_root();
    const Object *o;
    size_t n_bytes = 0;
    char *path;
    char *p;

    if (obj == root) {
        return g_strdup("/");
    }
    for (o = obj; o->parent; o = o->parent) {
        n_bytes += o->parent_link->name_len + 1;
    }
    if (o != root) {
        /* @obj or one of its parents is outside of the tree. */
        return NULL;
    }
    /* The path is written from its end, in the order of the parents. */
    path = g_malloc(n_bytes + 1);
    p = path + n_bytes;
    *p = '\0';
    for (o = obj; o->parent; o = o->parent) {
        p -= o->parent_link->name_len;
        memcpy(p, o->parent_link->name, o->parent_link->name_len);
        *--p = '/';
    }
    return path;
}

/* ---- Following a path ---- */

/* Goes to the next component; returns its length, 0 at the end. */
static size_t path_next(const char **path)
{
    const char *p = *path;

    /* Several slashes are one, as in the paths of files. */
    while (*p == '/') {
        p++;
    }
    *path = p;
    return strchrnul(p, '/') - p;
}

/* Returns (borrowed) the object to which a component leads; NULL: none */
static Object *path_follow(Object *obj, const char *part, size_t len,
                           uint32_t hash)
{
    /* Most components name children, which are properties of the instance. */
    ObjectProperty *prop = object_find_instance_property(obj, part, len, hash);

    if (!prop) {
        prop = object_find_property_len(obj, part, len, hash);
    }
    if (!prop || !prop->resolve) {
        return NULL;
    }
    return prop->resolve(obj, prop->opaque, prop->name);
}

/* @path is relative to @obj. */
static Object *path_walk(Object *obj, const char *path)
{
    size_t len;

    while (obj && (len = path_next(&path))) {
        obj = path_follow(obj, path, len, qom_name_hash_len(path, len));
        path += len;
    }
    return obj;
}

Object *object_resolve_path_component(Object *parent, const char *part)
{
    size_t len = strlen(part);

    return path_follow(parent, part, len, qom_name_hash_len(part, len));
}

Object *object_resolve_path_at(Object *parent, const char *path)
{
    return path_walk(*path == '/' ? object_get_root() : parent, path);
}

/* ---- Partial paths ---- */

/*
 * Bounds the time of one short request.  The first component of a path that
 * more objects have does not identify any of them.
 */
#define PARTIAL_PATH_MAX_OBJECTS 1000

typedef struct PartialMatch {
    const char *path;
    const char *type_name; /* (nullable) */
    Object *found;
    bool ambiguous;
    unsigned n_tried; /* objects from which the path was followed */
} PartialMatch;

/* Notes an object that matches; returns true if the search can end. */
static bool partial_note(PartialMatch *match, Object *found)
{
    if (!found || found == match->found ||
        (match->type_name &&
         !object_dynamic_cast(found, match->type_name))) {
        return false;
    }
    /* A second object that matches makes the path ambiguous. */
    match->ambiguous = match->found;
    match->found = found;
    return match->ambiguous;
}

/* Follows the whole path from an object; non-zero ends the search. */
static int partial_visit(Object *obj, void *opaque)
{
    PartialMatch *match = opaque;

    return partial_note(match, path_walk(obj, match->path));
}

/* The empty path has no first component that the index could find. */
static void partial_search_tree(PartialMatch *match)
{
    if (!partial_visit(object_get_root(), match)) {
        object_child_foreach_recursive(object_get_root(), partial_visit,
                                       match);
    }
}

/* The index also has properties of objects that no path leads to. */
static bool object_is_in_tree(const Object *obj)
{
    while (obj->parent) {
        obj = obj->parent;
    }
    return obj == object_get_root();
}

/* Follows @rest from where @prop of @owner leads; true ends the search. */
static bool partial_try(PartialMatch *match, Object *owner,
                        const ObjectProperty *prop, const char *rest)
{
    if (++match->n_tried > PARTIAL_PATH_MAX_OBJECTS) {
        match->ambiguous = true;
        return true;
    }
    return object_is_in_tree(owner) &&
           partial_note(match,
                        path_walk(prop->resolve(owner, prop->opaque,
                                                prop->name), rest));
}

/* Visits only the objects that have the first component of the path. */
static void partial_search_index(PartialMatch *match, const char *part,
                                 size_t len)
{
    ObjectProperty *prop = property_table_find(&path_index, part, len,
                                               qom_name_hash_len(part, len));

    for (; prop; prop = prop->same_name_next) {
        /* An instance property has an owner, one of a class has records. */
        if (prop->owner && partial_try(match, prop->owner, prop, part + len)) {
            return;
        }
        for (LinkRecord *record = prop->links; record;
             record = record->prop_next) {
            if (partial_try(match, record->holder, prop, part + len)) {
                return;
            }
        }
    }
}

/* Returns (borrowed) the object that matches; NULL if none or several do. */
static Object *path_resolve_partial(const char *path, const char *type_name,
                                    bool *ambiguous)
{
    PartialMatch match = { .path = path, .type_name = type_name };
    size_t len = path_next(&path);

    if (len) {
        partial_search_index(&match, path, len);
    } else {
        partial_search_tree(&match);
    }
    if (ambiguous) {
        *ambiguous = match.ambiguous;
    }
    return match.ambiguous ? NULL : match.found;
}

Object *object_resolve_path_type(const char *path, const char *type_name,
                                 bool *ambiguous)
{
    Object *obj;

    object_assert_main_thread(NULL);
    if (*path != '/') {
        return path_resolve_partial(path, type_name, ambiguous);
    }
    if (ambiguous) {
        *ambiguous = false;
    }
    obj = path_walk(object_get_root(), path);
    if (obj && type_name && !object_dynamic_cast(obj, type_name)) {
        return NULL;
    }
    return obj;
}

Object *object_resolve_path(const char *path, bool *ambiguous)
{
    return object_resolve_path_type(path, NULL, ambiguous);
}

Object *object_resolve_type_unambiguous(const char *type_name, Error **errp)
{
    /* The empty path leads from each object to the object itself. */
    PartialMatch match = { .path = "", .type_name = type_name };

    object_assert_main_thread(NULL);
    partial_search_tree(&match);
    if (match.ambiguous || !match.found) {
        error_setg(errp, match.ambiguous ? "More than one object of type %s"
                                         : "No object of type %s", type_name);
        return NULL;
    }
    return match.found;
}
