/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Adding properties to objects and classes, and removing them from objects.
 *
 * A property and its name are one block of memory.  An instance property is in
 * the list and in the table of its object.  If it leads to an object, it is
 * also in the index of object-path.c.
 */
#include "qom/object-internal.h"
#include "util/hash.h"
#include "util/programming-error.h"

/* A name that ends in this suffix stands for the first free "name[N]". */
#define WILDCARD_SUFFIX "[*]"
/*
 * The largest N. QEMU has the same limit; it keeps a loop that adds children
 * without end from using all memory.
 */
#define WILDCARD_MAX 32767

/*
 * Allocates a property. The caller sets the accessors. @type is borrowed; a
 * caller that passes a copy sets PROPERTY_OWNS_TYPE.
 */
static ObjectProperty *property_new(const char *name, size_t name_len,
                                    const char *type)
{
    ObjectProperty *prop = g_malloc(sizeof(*prop) + name_len + 1);
    char *text = (char *)(prop + 1);

    memset(prop, 0, sizeof(*prop));
    memcpy(text, name, name_len);
    text[name_len] = '\0';
    prop->name = text;
    prop->name_len = name_len;
    prop->hash = qom_name_hash_len(name, name_len);
    prop->type = type;
    return prop;
}

/*
 * Frees a property whose release hook has run and that is in no list or table.
 */
static void property_free(ObjectProperty *prop)
{
    if (prop->state & PROPERTY_OWNS_TYPE) {
        g_free((char *)prop->type);
    }
    if (prop->state & PROPERTY_OWNS_DESCRIPTION) {
        g_free((char *)prop->description);
    }
    g_clear_pointer(&prop->defval, json_node_unref);
    g_free(prop);
}

/* ---- Instance properties ---- */

/* Notes that the index of a deleted "name[N]" is free. */
static void wildcard_note_free(struct ObjectExtra *extra, const char *name)
{
    const char *bracket = strrchr(name, '[');
    g_autofree char *base = NULL;
    gpointer hint;
    unsigned index;

    if (!bracket || !extra->wildcards) {
        return;
    }
    base = g_strndup(name, bracket - name);
    index = strtoul(bracket + 1, NULL, 10);
    /*
     * A series that has no noted index is searched from 0, so only a series
     * with one needs the update.
     */
    if (g_hash_table_lookup_extended(extra->wildcards, base, NULL, &hint) &&
        index < GPOINTER_TO_UINT(hint)) {
        g_hash_table_insert(extra->wildcards, g_steal_pointer(&base),
                            GUINT_TO_POINTER(index));
    }
}

/* Finds the lowest free "name[N]"; all below the noted index are in use. */
static char *wildcard_resolve(Object *obj, const char *name, Error **errp)
{
    struct ObjectExtra *extra = object_extra(obj);
    size_t base_len = strlen(name) - strlen(WILDCARD_SUFFIX);
    g_autofree char *base = g_strndup(name, base_len);
    unsigned index;

    if (!extra->wildcards) {
        extra->wildcards = g_hash_table_new_full(hash_str, g_str_equal,
                                                 g_free, NULL);
    }
    index = GPOINTER_TO_UINT(g_hash_table_lookup(extra->wildcards, base));
    for (; index <= WILDCARD_MAX; index++) {
        g_autofree char *full = g_strdup_printf("%s[%u]", base, index);

        if (!object_find_property(obj, full)) {
            g_hash_table_insert(extra->wildcards, g_steal_pointer(&base),
                                GUINT_TO_POINTER(index + 1));
            return g_steal_pointer(&full);
        }
    }
    error_setg(errp, "object (type '%s') has no room for another '%s'",
               object_get_typename(obj), name);
    return NULL;
}

ObjectProperty *object_property_insert(Object *obj, const char *name,
                                       const char *type, Error **errp)
{
    g_autofree char *resolved = NULL;
    struct ObjectExtra *extra;
    ObjectProperty *prop;
    size_t len = strlen(name);

    object_assert_main_thread(obj);
    if (!len) {
        programming_error("object of type '%s': a property has no name",
                          object_get_typename(obj));
    }
    if (G_UNLIKELY(name[len - 1] == ']') &&
        g_str_has_suffix(name, WILDCARD_SUFFIX)) {
        resolved = wildcard_resolve(obj, name, errp);
        if (!resolved) {
            return NULL;
        }
        name = resolved;
        len = strlen(name);
    }
    /*
     * The property is created before the search for a duplicate, because it
     * computes the hash of the name that both need.
     */
    prop = property_new(name, len, type);
    if (object_find_property_len(obj, name, len, prop->hash)) {
        error_setg(errp,
                   "attempt to add duplicate property '%s' to object "
                   "(type '%s')", name, object_get_typename(obj));
        g_free(prop);
        return NULL;
    }
    extra = object_extra(obj);
    prop->owner = obj;
    property_list_append(&extra->list, prop);
    property_table_insert(&extra->table, prop);
    return prop;
}

/*
 * Removes a property from the list, the table and the index of its object.
 * Names, paths and iterations do not lead to it afterwards.
 */
static void property_take_out(ObjectProperty *prop)
{
    struct ObjectExtra *extra = prop->owner->extra;

    if (prop->resolve) {
        path_index_remove(prop);
    }
    property_list_remove(&extra->list, prop);
    property_table_remove(&extra->table, prop);
}

/* The release hook does not run: object_property_show() may follow. */
void object_property_hide(ObjectProperty *prop)
{
    object_assert_main_thread(prop->owner);
    property_take_out(prop);
    prop->state |= PROPERTY_HIDDEN;
}

void object_property_show(ObjectProperty *prop)
{
    struct ObjectExtra *extra = prop->owner->extra;

    prop->state &= ~PROPERTY_HIDDEN;
    property_list_append(&extra->list, prop);
    property_table_insert(&extra->table, prop);
    if (prop->resolve) {
        path_index_add(prop);
    }
}

void object_property_move_last(ObjectProperty *prop)
{
    struct ObjectExtra *extra = prop->owner->extra;

    property_list_remove(&extra->list, prop);
    property_list_append(&extra->list, prop);
}

/*
 * Runs the release hook. The flag is set first, so that a hook that leads back
 * here does not run twice.
 */
static void property_release(ObjectProperty *prop)
{
    prop->state |= PROPERTY_RELEASED;
    if (prop->release) {
        prop->release(prop->owner, prop->name, prop->opaque);
    }
}

/*
 * Defers the release: an accessor is running and may use what is released.
 * Children are excepted: their accessors use the child alone, which the caller
 * of the accessor holds, and an object that is unparented must be gone from the
 * tree when the call returns.
 */
static bool property_release_waits(const ObjectProperty *prop)
{
    return prop->n_holders && !(prop->state & PROPERTY_IS_CHILD);
}

/*
 * The last holder of a removed property does what object_property_remove() has
 * deferred.
 */
void object_property_drop(ObjectProperty *prop)
{
    if (!prop->owner || --prop->n_holders || !(prop->state & PROPERTY_GONE)) {
        return;
    }
    if (!(prop->state & PROPERTY_RELEASED)) {
        property_release(prop);
    }
    property_free(prop);
}

GPtrArray *object_property_hold_all(Object *obj)
{
    GPtrArray *props = g_ptr_array_new_with_free_func(
        (GDestroyNotify)(void (*)(void))object_property_drop);
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        object_property_hold(prop);
        g_ptr_array_add(props, prop);
    }
    return props;
}

void object_property_remove(Object *obj, ObjectProperty *prop)
{
    struct ObjectExtra *extra = obj->extra;

    /* any thread may finalize an object without relations to other objects */
    if (prop->resolve || !(obj->state & OBJECT_DYING)) {
        object_assert_main_thread(obj);
    }
    /*
     * A release hook may delete its own property, for example by
     * object_unparent().
     */
    if (prop->state & PROPERTY_RELEASING) {
        return;
    }
    prop->state |= PROPERTY_RELEASING;
    if (!property_release_waits(prop)) {
        property_release(prop);
    }
    /*
     * The release hook ran while the property could still be found: the
     * unparent hook of a child may ask for its path.
     */
    if (!(prop->state & PROPERTY_HIDDEN)) {
        property_take_out(prop);
    }
    if (extra->wildcards) {
        wildcard_note_free(extra, prop->name);
    }
    if (prop->n_holders) {
        prop->state |= PROPERTY_GONE;
    } else {
        property_free(prop);
    }
}

ObjectProperty *object_property_try_add(Object *obj, const char *name,
                                        const char *type,
                                        ObjectPropertyAccessor *get,
                                        ObjectPropertyAccessor *set,
                                        ObjectPropertyRelease *release,
                                        void *opaque, Error **errp)
{
    /* The type is copied only after the name has been accepted. */
    ObjectProperty *prop = object_property_insert(obj, name, NULL, errp);

    if (!prop) {
        return NULL;
    }
    prop->type = g_strdup(type);
    prop->state |= PROPERTY_OWNS_TYPE;
    prop->get = get;
    prop->set = set;
    prop->release = release;
    prop->opaque = opaque;
    return prop;
}

ObjectProperty *object_property_add(Object *obj, const char *name,
                                    const char *type,
                                    ObjectPropertyAccessor *get,
                                    ObjectPropertyAccessor *set,
                                    ObjectPropertyRelease *release,
                                    void *opaque)
{
    return object_property_try_add(obj, name, type, get, set, release, opaque,
                                   &error_abort);
}

void object_property_del(Object *obj, const char *name)
{
    size_t len = strlen(name);
    ObjectProperty *prop = object_find_instance_property(
        obj, name, len, qom_name_hash_len(name, len));

    if (!prop) {
        programming_error("object_property_del(): object of type '%s' has no "
                          "property '%s' of its own",
                          object_get_typename(obj), name);
    }
    object_property_remove(obj, prop);
}

/* ---- Class properties ---- */

/*
 * Returns the class, @klass or one of its parents, that declares the property;
 * NULL if none does. The search is linear, because class_init runs once per
 * class and the seals do not exist yet.
 */
static const ObjectClass *class_find_declaring(ObjectClass *klass,
                                               const char *name)
{
    for (; klass; klass = object_class_get_parent(klass)) {
        const PropertyList *list = klass->properties;

        for (ObjectProperty *p = list ? list->first : NULL; p; p = p->next) {
            if (!strcmp(p->name, name)) {
                return klass;
            }
        }
    }
    return NULL;
}

ObjectProperty *object_class_property_insert(ObjectClass *klass,
                                             const char *name,
                                             const char *type)
{
    ObjectProperty *prop = property_new(name, strlen(name), type);
    const ObjectClass *taken = class_find_declaring(klass, name);

    if (!prop->name_len) {
        programming_error("class '%s': a property has no name",
                          object_class_get_name(klass));
    }
    if (taken) {
        programming_error("class '%s': property '%s' is declared by class "
                          "'%s' already; give it another name",
                          object_class_get_name(klass), name,
                          object_class_get_name(taken));
    }
    if (!klass->properties) {
        klass->properties = g_new0(PropertyList, 1);
    }
    property_list_append(klass->properties, prop);
    /*
     * Properties may be added after the first use of a class, for example by an
     * instance_init; the seal is then built again.
     */
    class_unseal(klass, name);
    return prop;
}

ObjectProperty *object_class_property_add(ObjectClass *klass,
                                          const char *name, const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque)
{
    ObjectProperty *prop = object_class_property_insert(klass, name,
                                                        g_strdup(type));

    prop->state |= PROPERTY_OWNS_TYPE;
    prop->get = get;
    prop->set = set;
    prop->release = release;
    prop->opaque = opaque;
    return prop;
}
