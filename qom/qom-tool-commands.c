/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP commands for interactive tools, which QEMU does not have: a whole tree
 * in one reply, the full description of properties, and values in text form.
 */
#include "qom/qapi-commands-qom.h"

#include "qapi/json/json.h"
#include "qom/object-internal.h"
#include "qom/qom-commands-internal.h"
#include "qom/user-creatable.h"

/* ---- Trees ---- */

/* The reply has two JSON levels for each; readers accept 1,024 JSON levels. */
#define MAX_TREE_DEPTH 256

/* An object, and the end of the list of its children */
typedef struct TreeLevel {
    ObjectTree *tree;
    ObjectTreeList **tail;
} TreeLevel;

typedef struct TreeWalk {
    TreeLevel levels[MAX_TREE_DEPTH];
    unsigned depth;
} TreeWalk;

/* Describes an object and makes it the one that gets the next children. */
static ObjectTree *tree_begin(TreeWalk *walk, Object *obj)
{
    ObjectTree *tree = g_new0(ObjectTree, 1);

    tree->path = object_get_canonical_path(obj);
    tree->type = g_strdup(object_get_typename(obj));
    walk->levels[walk->depth++] = (TreeLevel){ tree, &tree->children };
    return tree;
}

/* Appends the object to the children of the object above. */
static ObjectWalkStep tree_enter(Object *obj, void *opaque)
{
    TreeWalk *walk = opaque;
    TreeLevel *parent = &walk->levels[walk->depth - 1];
    ObjectTreeList *element;

    if (walk->depth == MAX_TREE_DEPTH) {
        return OBJECT_WALK_STOP;
    }
    element = g_new0(ObjectTreeList, 1);
    element->value = tree_begin(walk, obj);
    *parent->tail = element;
    parent->tail = &element->next;
    return OBJECT_WALK_ON;
}

/* The following objects are children of the object above again. */
static void tree_leave(Object *obj, void *opaque)
{
    ((TreeWalk *)opaque)->depth--;
}

/*
 * A tree that is too deep is refused as a whole, because a client could not
 * tell a cut tree from a complete one.
 */
ObjectTree *qmp_qom_tree(const char *path, Error **errp)
{
    static const ObjectWalk functions = { tree_enter, tree_leave };
    Object *obj = resolve_path(path ? path : "/", errp);
    TreeWalk walk = { .depth = 0 };
    ObjectTree *tree;

    if (!obj) {
        return NULL;
    }
    tree = tree_begin(&walk, obj);
    if (!object_walk(obj, &functions, &walk)) {
        error_setg(errp, "Objects below '%s' nest deeper than %d", tree->path,
                   MAX_TREE_DEPTH);
        qapi_type_free(&qapi_type_ObjectTree, &tree);
        return NULL;
    }
    return tree;
}

/* ---- Types ---- */

/* Returns a bound as a JSON number, (transfer full); NULL if there is none. */
static JsonNode *bound_of(const PropertyRow *row, unsigned flag,
                          const PropertyValue *bound)
{
    if (!row || !(property_row_flags(row) & flag)) {
        return NULL;
    }
    switch (row->type->kind) {
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        return json_number_new_uint64(bound->u);
    case QAPI_KIND_NUMBER:
        return json_number_new_double(bound->n);
    default:
        return json_number_new_int64(bound->i);
    }
}

static ObjectPropertyMutability mutability_of(const ObjectProperty *prop)
{
    switch (object_property_mutability(prop)) {
    case PROPERTY_SET_ANY_TIME:
        return OBJECT_PROPERTY_MUTABILITY_ANY_TIME;
    case PROPERTY_SET_CREATE:
        return OBJECT_PROPERTY_MUTABILITY_CREATE;
    case PROPERTY_SET_NEVER:
        return OBJECT_PROPERTY_MUTABILITY_NEVER;
    }
    g_assert_not_reached();
}

/* Returns (transfer full) the names of an enumeration. */
static strList *names_of(const QEnumLookup *lookup)
{
    strList *list = NULL;
    strList **tail = &list;

    for (int i = 0; i < lookup->size; i++) {
        /* The build leaves values out by their 'if'. */
        if (lookup->array[i]) {
            *tail = g_new0(strList, 1);
            (*tail)->value = g_strdup(lookup->array[i]);
            tail = &(*tail)->next;
        }
    }
    return list;
}

/* A property with accessors has a name, a type and maybe a default. */
static ObjectPropertyDescription *describe(const ObjectProperty *prop)
{
    ObjectPropertyDescription *d = g_new0(ObjectPropertyDescription, 1);
    /* An enumeration has values in place of a range. */
    const QEnumLookup *lookup = object_property_enum_lookup(prop);
    const PropertyRow *row = prop->row;

    d->name = g_strdup(prop->name);
    d->type = g_strdup(prop->type);
    if (prop->defval) {
        d->q_default = json_node_copy_deep(prop->defval);
    }
    d->min = bound_of(row, PROPERTY_HAS_MIN, row ? &row->min : NULL);
    d->max = bound_of(row, PROPERTY_HAS_MAX, row ? &row->max : NULL);
    d->has_values = lookup;
    d->values = lookup ? names_of(lookup) : NULL;
    d->unit = g_strdup(row ? row->unit : NULL);
    d->set = mutability_of(prop);
    d->description = g_strdup(prop->description);
    return d;
}

ObjectPropertyDescriptionList *qmp_qom_describe_type(const char *type_name,
                                                     Error **errp)
{
    ERRP_GUARD();
    ObjectClass *klass = module_object_class_by_name(type_name);
    ObjectPropertyDescriptionList *list = NULL;
    ObjectPropertyDescriptionList **tail = &list;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    if (!klass) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, CLASS_NOT_FOUND,
                  type_name);
        suggest_type(type_name, NULL, true, errp);
        return NULL;
    }
    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        *tail = g_new0(ObjectPropertyDescriptionList, 1);
        (*tail)->value = describe(prop);
        tail = &(*tail)->next;
    }
    return list;
}

/* ---- Text ---- */

/*
 * The text is parsed by the rules of -object, so that a client needs no types.
 */
void qmp_qom_set_text(const char *path, const char *property,
                      const char *text, Error **errp)
{
    Object *obj = resolve_device(path, errp);

    if (obj && object_property_find_err(obj, property, errp)) {
        object_property_parse(obj, property, text, errp);
    }
}

void qmp_object_add_text(const char *options, Error **errp)
{
    if (check_no_apply(errp)) {
        user_creatable_add_from_str(options, errp);
    }
}
