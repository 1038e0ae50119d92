/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating and deleting user-creatable objects, and help about them.
 *
 * The keyval form and the JSON form differ in how a property value is written.
 * For both, user_creatable_begin() creates the object and opens a change set,
 * and user_creatable_end() closes it, adds the object to the tree and calls
 * complete().  Keyval text of a scalar row is parsed straight into the field,
 * without a JSON value or a visitor.
 */
#include "qom/user-creatable.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qom/object-apply.h"
#include "qom/object-internal.h"

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

/* ---- Deleting ---- */

/* The depth of the tree limits the loop. */
bool object_is_within(const Object *obj, const Object *ancestor)
{
    while (obj && obj != ancestor) {
        obj = obj->parent;
    }
    return obj;
}

typedef struct HolderList {
    const Object *target;
    GString *text;
} HolderList;

static int name_holder(Object *holder, const char *property, void *opaque)
{
    HolderList *list = opaque;
    g_autofree char *path = object_get_canonical_path(holder);

    /* Links from children of the object go with it. */
    if (!object_is_within(holder, list->target)) {
        g_string_append_printf(list->text, "%s%s.%s",
                               list->text->len ? ", " : "",
                               path ? path : object_get_typename(holder),
                               property);
    }
    return 0;
}

/*
 * Holders are asked for before the class, because their error is the better
 * one: it says what to delete first.
 */
static bool check_deletable(Object *obj, const char *id, Error **errp)
{
    g_autoptr(GString) holders = g_string_new(NULL);
    HolderList list = { obj, holders };

    object_foreach_holder(obj, name_holder, &list);
    if (holders->len) {
        error_setg(errp, OBJECT_IN_USE_BY, id, holders->str);
        return false;
    }
    return user_creatable_check_class(obj, id, errp);
}

static int has_holder(Object *holder, const char *property, void *opaque)
{
    return 1;
}

static int clear_links(Object *obj, void *opaque)
{
    object_links_clear(obj);
    return 0;
}

/* Clears links between objects outside of the tree, which hold each other. */
static void break_cycles(Object *obj)
{
    if (object_foreach_holder(obj, has_holder, NULL)) {
        object_links_clear(obj);
        object_child_foreach_recursive(obj, clear_links, NULL);
    }
}

/* The extra reference keeps the object until its cycles are broken. */
void user_creatable_discard(Object *obj)
{
    object_ref(obj);
    object_unparent(obj);
    break_cycles(obj);
    object_unref(obj);
}

Object *user_creatable_find(const char *id)
{
    size_t len = strlen(id);
    /*
     * /objects has no class properties but "type", so only its own are
     * searched.
     */
    ObjectProperty *prop = object_find_instance_property(
        object_get_objects_root(), id, len, qom_name_hash_len(id, len));

    if (!prop || !(prop->state & PROPERTY_IS_CHILD) ||
        !object_dynamic_cast(prop->opaque, TYPE_USER_CREATABLE)) {
        return NULL;
    }
    return prop->opaque;
}

bool user_creatable_del(const char *id, Error **errp)
{
    ERRP_GUARD();
    Object *obj = user_creatable_find(id);
    ObjectPending pending;
    bool ok;

    if (!obj) {
        error_setg(errp, "object '%s' not found", id);
        return false;
    }
    /* A hook of object-apply that waits can lead here. */
    if (object_apply_is_under_way()) {
        error_setg(errp, OBJECT_CANNOT_BE_DELETED "'/objects' is being "
                   "changed", id);
        return false;
    }
    if (!object_check_deletable(obj, errp)) {
        error_prepend(errp, OBJECT_CANNOT_BE_DELETED, id);
        return false;
    }
    /* From here on a second deletion, and links to the object, are refused. */
    object_pending_begin(&pending, obj, OBJECT_PENDING_DELETE);
    ok = check_deletable(obj, id, errp);
    if (ok) {
        user_creatable_discard(obj);
    }
    object_pending_end(&pending);
    return ok;
}

/* Returns the newest property that is not being released. */
static ObjectProperty *last_to_release(const Object *obj)
{
    ObjectProperty *prop = obj->extra ? obj->extra->list.last : NULL;

    while (prop && (prop->state & PROPERTY_RELEASING)) {
        prop = prop->prev;
    }
    return prop;
}

/*
 * Links keep objects alive until their holders are finalized.  Objects that
 * still exist when all are outside of the tree hold each other in a cycle.
 */
void user_creatable_cleanup(void)
{
    Object *objects = object_get_objects_root();
    g_autoptr(GPtrArray) linked = g_ptr_array_new();
    ObjectProperty *prop;

    /*
     * Newest first, and read from the end each time: a hook may add and delete.
     */
    while ((prop = last_to_release(objects))) {
        if ((prop->state & PROPERTY_IS_CHILD) &&
            object_foreach_holder(prop->opaque, has_holder, NULL)) {
            /*
             * Kept until all have left the tree; only then is a holder a cycle.
             */
            g_ptr_array_add(linked, object_ref(prop->opaque));
        }
        object_property_remove(objects, prop);
    }
    for (guint i = 0; i < linked->len; i++) {
        break_cycles(linked->pdata[i]);
        object_unref(linked->pdata[i]);
    }
}

/* ---- Help ---- */

static char *help_types(void)
{
    GString *text = g_string_new("List of user creatable objects:\n");
    g_autoptr(GSList) list = object_class_get_list_sorted(TYPE_USER_CREATABLE,
                                                          false);

    for (GSList *l = list; l; l = l->next) {
        g_string_append_printf(text, "  %s\n",
                               object_class_get_name(l->data));
    }
    return g_string_free(text, FALSE);
}

/* @flag tells whether the row has this bound; 0 is a valid one. */
static void append_bound(GString *text, const PropertyRow *row,
                         const char *name, unsigned flag, PropertyValue value)
{
    g_autofree char *bound = NULL;

    if (property_row_flags(row) & flag) {
        bound = property_row_value_text(row, value);
        g_string_append_printf(text, ", %s: %s", name, bound);
    }
}

/* Appends ", values: a | b" to the facts, which commas separate. */
static void append_values(GString *text, const QEnumLookup *lookup)
{
    const char *separator = ", values: ";

    for (int i = 0; i < lookup->size; i++) {
        /* The build leaves values out by their 'if'. */
        if (lookup->array[i]) {
            g_string_append_printf(text, "%s%s", separator, lookup->array[i]);
            separator = " | ";
        }
    }
}

/*
 * Appends " (default: 0, min: 0, unit: ns)", if there is anything to append.
 */
static void append_facts(GString *text, const ObjectProperty *prop)
{
    const QEnumLookup *lookup = object_property_enum_lookup(prop);
    g_autoptr(GString) facts = g_string_new(NULL);

    if (prop->defval) {
        g_string_append(facts, ", default: ");
        json_write(facts, prop->defval, false);
    }
    if (lookup) {
        append_values(facts, lookup);
    }
    if (prop->row) {
        append_bound(facts, prop->row, "min", PROPERTY_HAS_MIN, prop->row->min);
        append_bound(facts, prop->row, "max", PROPERTY_HAS_MAX, prop->row->max);
        if (prop->row->unit) {
            g_string_append_printf(facts, ", unit: %s", prop->row->unit);
        }
    }
    if (object_property_mutability(prop) == PROPERTY_SET_CREATE) {
        g_string_append(facts, ", only when it is made");
    }
    if (facts->len) {
        g_string_append_printf(text, " (%s)", facts->str + 2);
    }
}

static gint compare_property_names(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(((const ObjectProperty *)a)->name,
                              ((const ObjectProperty *)b)->name);
}

/*
 * Lists what -object can set, sorted by name: users look for a name, not for
 * the order of declaration.
 */
static char *help_properties(ObjectClass *klass)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GSList) list = NULL;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->set) {
            list = g_slist_insert_sorted(list, prop, compare_property_names);
        }
    }
    g_string_printf(text, list ? "%s options:\n"
                               : "There are no options for %s.\n",
                    object_class_get_name(klass));
    for (GSList *l = list; l; l = l->next) {
        g_autofree char *head = NULL;

        prop = l->data;
        head = g_strdup_printf("%s=<%s>", prop->name, prop->type);
        g_string_append_printf(text, "  %-24s - %s", head,
                               prop->description ? prop->description : "");
        append_facts(text, prop);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

char *user_creatable_help(const char *optarg)
{
    g_autoptr(Keyval) keyval = NULL;
    ObjectClass *klass = NULL;
    bool help = false;

    if (*optarg == '{') {
        return NULL;
    }
    keyval = keyval_parse_entries(optarg, KEY_TYPE, &help, NULL);
    /* Text with an error is no request for help; creating reports the error. */
    if (!keyval || !help) {
        return NULL;
    }
    for (size_t i = 0; i < keyval->n_entries; i++) {
        const KeyvalEntry *entry = &keyval->entries[i];

        if (!strcmp(entry->key, KEY_TYPE) && entry->text) {
            klass = object_class_by_name(entry->text);
        }
    }
    if (!klass || object_class_is_abstract(klass) ||
        !object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        return help_types();
    }
    return help_properties(klass);
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
