/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of objects.
 *
 * The objects of a command line are created all or none, from textual forms.
 * An object can name objects that follow it, so all texts are parsed first and
 * sorted as object_apply() sorts its list: the targets of links before their
 * holders, otherwise in the order of the texts.  A text with an error takes
 * part without properties, and creating its object reports the error.
 */
#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qapi/visitor/keyval.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"

/* Returns (transfer full) the options as JSON; NULL if the text is in error. */
static JsonNode *parse(const char *text)
{
    return *text == '{' ? json_parse(text, -1, NULL)
                        : keyval_parse(text, KEY_TYPE, NULL, NULL);
}

/* Returns (borrowed) a string of the options; "" if there is none. */
static const char *get_text(JsonObject *options, const char *key)
{
    JsonNode *node = json_object_get_member(options, key);

    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node) : "";
}

/* @options: without members if the text is in error */
static void load(Apply *apply, ApplyItem *item, JsonObject *options)
{
    item->options = options;
    item->id = get_text(options, KEY_ID);
    item->klass = user_creatable_class(get_text(options, KEY_TYPE), NULL);
    if (!item->klass) {
        item->klass = object_class_by_name(TYPE_OBJECT);
    }
    if (!g_hash_table_contains(apply->by_id, item->id)) {
        g_hash_table_insert(apply->by_id, (char *)item->id, item);
    }
}

/* Fills in `order`.  @nodes owns the values that the items refer to. */
static void sort(Apply *apply, const char *const *texts, unsigned n,
                 GPtrArray *nodes)
{
    apply_init(apply, n);
    for (unsigned i = 0; i < n; i++) {
        JsonNode *node = parse(texts[i]);

        if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
            g_clear_pointer(&node, json_node_unref);
            node = json_node_new(JSON_NODE_OBJECT);
            json_node_take_object(node, json_object_new());
        }
        g_ptr_array_add(nodes, node);
        load(apply, &g_array_index(apply->items, ApplyItem, i),
             json_node_get_object(node));
    }
    apply_sort(apply);
}

bool user_creatable_add_list(const char *const *texts, unsigned n_texts,
                             unsigned *failed, Error **errp)
{
    g_autoptr(GPtrArray) nodes =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
    g_autoptr(GPtrArray) made = g_ptr_array_new();
    Apply apply = { .list = NULL };
    bool ok = true;

    sort(&apply, texts, n_texts, nodes);
    for (unsigned i = 0; ok && i < n_texts; i++) {
        const ApplyItem *item = apply.order->pdata[i];
        /* Parses the text again, so that its errors are worded in one place. */
        Object *obj = user_creatable_add_from_str(texts[item->index], errp);

        if (obj) {
            g_ptr_array_add(made, obj);
        } else {
            *failed = item->index;
            ok = false;
        }
    }
    /* Newest first, so that no object loses the target of a link. */
    while (!ok && made->len) {
        user_creatable_discard(g_ptr_array_steal_index(made, made->len - 1));
    }
    apply_unload(&apply);
    return ok;
}

/* ---- The objects that a property lists ---- */

GPtrArray *user_creatable_find_list(const struct strList *ids,
                                    const char *property,
                                    const char *type_name, Error **errp)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(object_unref);

    for (const strList *id = ids; id; id = id->next) {
        Object *obj = object_resolve_path_type(id->value, type_name, NULL);

        if (!obj) {
            error_setg(errp, "%s[%u]: %s '%s' not found", property, list->len,
                       type_name, id->value);
            return NULL;
        }
        g_ptr_array_add(list, object_ref(obj));
    }
    return g_steal_pointer(&list);
}
