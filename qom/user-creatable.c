/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating user-creatable objects.
 *
 * The keyval form and the JSON form differ in how a property value is written.
 * For both, user_creatable_begin() creates the object and opens a change set,
 * and user_creatable_end() closes it, adds the object to the tree and calls
 * complete().  Keyval text of a scalar row is parsed straight into the field,
 * without a JSON value or a visitor.
 */
#include "qom/user-creatable.h"
#include "qapi/json/json.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/keyval.h"
#include "qom/object-apply.h"
#include "qom/object-pending-internal.h"
#include "qom/property-row-internal.h"
#include "qom/user-creatable-internal.h"

/* ---- The interface ---- */

/*
 * Completes the children first, because the hook may use them.  Hooks may wait,
 * and other code may then remove the object from the tree.
 */
static bool call_complete(UserCreatable *uc, UserCreatableClass *ucc,
                          Error **errp)
{
    ERRP_GUARD();
    Object *obj = OBJECT(uc);
    bool had_parent = obj->parent;
    ObjectPending pending;

    object_pending_begin(&pending, obj, OBJECT_PENDING_COMPLETE);
    if (object_children_complete(obj, errp) && ucc->complete) {
        ucc->complete(uc, errp);
    }
    if (!*errp && had_parent && !obj->parent) {
        error_setg(errp, "object of type '%s' was deleted while it was being "
                   "completed", object_get_typename(obj));
    }
    object_pending_end(&pending);
    return !*errp;
}

bool user_creatable_complete(UserCreatable *uc, Error **errp)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);
    /* An object that is completed twice is reported once. */
    bool again = OBJECT(uc)->state & OBJECT_COMPLETE;

    if ((ucc->complete || object_has_child_rows(OBJECT(uc))) &&
        !call_complete(uc, ucc, errp)) {
        return false;
    }
    OBJECT(uc)->state |= OBJECT_COMPLETE;
    if (object_is_observed() && !again) {
        object_observe_added(OBJECT(uc));
    }
    return true;
}

/*
 * Classes that are not user-creatable have no complete().  From here on rows
 * of PROPERTY_SET_CREATE cannot be set.
 */
bool object_complete(Object *obj, Error **errp)
{
    if (class_seal(obj->klass)->user_creatable) {
        return user_creatable_complete(USER_CREATABLE(obj), errp);
    }
    if (!object_children_complete(obj, errp)) {
        return false;
    }
    obj->state |= OBJECT_COMPLETE;
    return true;
}

/*
 * The hook may wait, and other code must not change the object until it
 * returns.
 */
bool user_creatable_can_be_deleted(UserCreatable *uc)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    ObjectPending pending;
    bool can_be_deleted;

    if (!ucc->can_be_deleted) {
        return true;
    }
    object_pending_begin(&pending, OBJECT(uc), OBJECT_PENDING_DELETE);
    can_be_deleted = ucc->can_be_deleted(uc);
    object_pending_end(&pending);
    return can_be_deleted;
}

static bool call_may_be_deleted(UserCreatable *uc, Error **errp)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);
    ObjectPending pending;
    bool ok;

    if (!ucc->may_be_deleted) {
        return true;
    }
    object_pending_begin(&pending, OBJECT(uc), OBJECT_PENDING_DELETE);
    ok = ucc->may_be_deleted(uc, errp);
    object_pending_end(&pending);
    return ok;
}

bool user_creatable_check_class(Object *obj, const char *id, Error **errp)
{
    if (!user_creatable_can_be_deleted(USER_CREATABLE(obj))) {
        error_setg(errp, OBJECT_IN_USE, id);
        return false;
    }
    return call_may_be_deleted(USER_CREATABLE(obj), errp);
}

bool user_creatable_is_listed(Object *obj)
{
    return !(obj->state & OBJECT_BUILTIN) &&
           object_dynamic_cast(obj, TYPE_USER_CREATABLE);
}

/* The first character is a letter, so that no id is a number or an option. */
bool id_wellformed(const char *id)
{
    if (!g_ascii_isalpha(id[0])) {
        return false;
    }
    while (g_ascii_isalnum(*id) || *id == '-' || *id == '.' || *id == '_') {
        id++;
    }
    return !*id;
}

/* ---- Creating ---- */

bool user_creatable_check_id(const char *id, Error **errp)
{
    ERRP_GUARD();

    if (id_wellformed(id)) {
        return true;
    }
    error_setg(errp, "Parameter 'id' expects an identifier");
    error_append_hint(errp, "Identifiers consist of letters, digits, '-', "
                            "'.', '_', starting with a letter.\n");
    return false;
}

/* Each of the three errors is worded like the one of QEMU's object-add. */
ObjectClass *user_creatable_class(const char *type, Error **errp)
{
    ERRP_GUARD();
    ObjectClass *klass = module_object_class_by_name(type);

    if (!klass) {
        error_setg(errp, TYPE_INVALID, type);
        suggest_type(type, TYPE_USER_CREATABLE, false, errp);
        return NULL;
    }
    if (!object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        error_setg(errp, "object type '%s' isn't supported by object-add",
                   type);
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        error_setg(errp, TYPE_ABSTRACT, type);
        return NULL;
    }
    return klass;
}

/*
 * Creates an object, outside of the tree, and opens its change set. The id is
 * checked before anything is created.
 */
static Object *user_creatable_begin(const char *type, const char *id,
                                    ObjectChange **change, Error **errp)
{
    ObjectClass *klass;
    Object *obj;

    if (!object_check_free(object_get_objects_root(), errp) ||
        !user_creatable_check_id(id, errp) ||
        !(klass = user_creatable_class(type, errp))) {
        return NULL;
    }
    obj = object_new_with_class(klass);
    *change = object_change_begin(obj);
    return obj;
}

/* The reference of @obj is consumed; the parent takes its own. */
static Object *user_creatable_end(Object *obj, ObjectChange *change, bool ok,
                                  const char *id, Error **errp)
{
    /*
     * The object enters the tree only with accepted values. complete() comes
     * last, because it may ask for the path of the object.
     */
    ok = object_change_end(change, ok, errp) &&
         object_property_try_add_child(object_get_objects_root(), id, obj,
                                       errp);
    if (ok && !user_creatable_complete(USER_CREATABLE(obj), errp)) {
        object_unparent(obj);
        ok = false;
    }
    object_unref(obj);
    return ok ? obj : NULL;
}

bool user_creatable_add_builtin(Object *obj, const char *id, Error **errp)
{
    if (!object_check_free(object_get_objects_root(), errp) ||
        !user_creatable_check_id(id, errp) ||
        !object_property_try_add_child(object_get_objects_root(), id, obj,
                                       errp)) {
        return false;
    }
    obj->state |= OBJECT_BUILTIN;
    if (!user_creatable_complete(USER_CREATABLE(obj), errp)) {
        object_unparent(obj);
        return false;
    }
    return true;
}

/*
 * Words the error like an unknown argument of a command, not as a missing
 * property: the name is an option of the user.
 */
static void refuse_option(Object *obj, const char *name, Error **errp)
{
    ERRP_GUARD();

    error_setg(errp, PARAMETER_UNEXPECTED, name);
    suggest_class_property(object_get_class(obj), name, true, errp);
}

static ObjectProperty *find_settable(Object *obj, const char *name,
                                     Error **errp)
{
    ObjectProperty *prop = object_find_property(obj, name);

    if (!prop) {
        refuse_option(obj, name, errp);
    }
    return prop;
}

/* ---- From keyval text ---- */

/* Consumes the visitor. */
static bool set_with_visitor(Object *obj, ObjectProperty *prop, Visitor *v,
                             Error **errp)
{
    bool ok = object_property_set_prop(obj, prop, v, errp);

    visit_free(v);
    return ok;
}

/*
 * Sets one option: text of a scalar row needs no visitor; all else is visited,
 * and text may be a list such as "0-3,8".
 */
static bool set_entry(Object *obj, const KeyvalEntry *entry, Error **errp)
{
    ObjectProperty *prop = find_settable(obj, entry->key, errp);
    int done;

    if (!prop) {
        return false;
    }
    done = entry->text ? object_row_parse(obj, prop, entry->text, errp) : -1;
    if (done >= 0) {
        return done;
    }
    return set_with_visitor(obj, prop, json_input_visitor_new_entry(entry),
                            errp);
}

/* Removes an entry that is not a property, by setting its key to NULL. */
static const char *take_entry(Keyval *keyval, const char *key, Error **errp)
{
    for (size_t i = 0; i < keyval->n_entries; i++) {
        KeyvalEntry *entry = &keyval->entries[i];

        if (entry->key && !strcmp(entry->key, key)) {
            /* "id.x=1" makes an object of a key that takes text. */
            if (!entry->text) {
                error_setg(errp, "Parameters '%s.*' are unexpected", key);
                return NULL;
            }
            entry->key = NULL;
            return entry->text;
        }
    }
    error_setg(errp, PARAMETER_MISSING, key);
    return NULL;
}

static Object *user_creatable_add_keyval(Keyval *keyval, Error **errp)
{
    const char *type = take_entry(keyval, KEY_TYPE, errp);
    const char *id = type ? take_entry(keyval, KEY_ID, errp) : NULL;
    ObjectChange *change;
    bool ok = true;
    Object *obj;

    if (!id || !(obj = user_creatable_begin(type, id, &change, errp))) {
        return NULL;
    }
    for (size_t i = 0; ok && i < keyval->n_entries; i++) {
        if (keyval->entries[i].key) {
            ok = set_entry(obj, &keyval->entries[i], errp);
        }
    }
    return user_creatable_end(obj, change, ok, id, errp);
}

/* ---- From JSON ---- */

/* Returns a string member, borrowed. */
static const char *take_member(JsonObject *options, const char *key,
                               Error **errp)
{
    JsonNode *node = json_object_get_member(options, key);

    if (!node) {
        error_setg(errp, PARAMETER_MISSING, key);
        return NULL;
    }
    if (json_qtype(node) != QTYPE_QSTRING) {
        error_setg(errp, PARAMETER_TYPE, key, "string");
        return NULL;
    }
    return json_node_get_string(node);
}

static bool set_member(Object *obj, const char *name, JsonNode *value,
                       Error **errp)
{
    ObjectProperty *prop = find_settable(obj, name, errp);

    return prop && set_with_visitor(obj, prop, json_input_visitor_new(value),
                                    errp);
}

Object *user_creatable_add_json(JsonObject *options, Error **errp)
{
    const char *type = take_member(options, KEY_TYPE, errp);
    const char *id = type ? take_member(options, KEY_ID, errp) : NULL;
    JsonObjectIter iter;
    ObjectChange *change;
    const char *name;
    JsonNode *value;
    bool ok = true;
    Object *obj;

    if (!id || !(obj = user_creatable_begin(type, id, &change, errp))) {
        return NULL;
    }
    /* In the order of the text, so that the first wrong member is reported. */
    json_object_iter_init_ordered(&iter, options);
    while (ok && json_object_iter_next_ordered(&iter, &name, &value)) {
        if (strcmp(name, KEY_TYPE) && strcmp(name, KEY_ID)) {
            ok = set_member(obj, name, value, errp);
        }
    }
    return user_creatable_end(obj, change, ok, id, errp);
}

Object *user_creatable_add_from_str(const char *optarg, Error **errp)
{
    /* No keyval text begins with a brace: it would be the name of a type. */
    if (*optarg == '{') {
        g_autoptr(JsonNode) node = json_parse(optarg, -1, errp);

        return node ? user_creatable_add_json(json_node_get_object(node),
                                              errp)
                    : NULL;
    } else {
        g_autoptr(Keyval) keyval = keyval_parse_entries(optarg, KEY_TYPE,
                                                        NULL, errp);

        return keyval ? user_creatable_add_keyval(keyval, errp) : NULL;
    }
}

static void user_creatable_register_types(void)
{
    static const TypeInfo info = {
        .name = TYPE_USER_CREATABLE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(UserCreatableClass),
    };

    type_register_static(&info);
}

type_init(user_creatable_register_types)
