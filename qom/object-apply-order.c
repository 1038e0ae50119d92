/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order in which the elements of the list are created: targets of links
 * first.
 *
 * Links are paths in the list.  Their targets are derived from the text of the
 * path, because the objects need not exist yet.  A link that closes a cycle is
 * set after all objects of the cycle exist.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable-internal.h"
#include "util/hash.h"

/*
 * Returns true if the property may be a link.  Which instance properties there
 * will be is not known before the object exists.
 */
static bool may_be_link(const ApplyItem *item, const char *name)
{
    ObjectProperty *prop = object_class_property_find(item->klass, name);

    return prop ? g_str_has_prefix(prop->type, "link<")
                : strcmp(name, KEY_TYPE) && strcmp(name, KEY_ID);
}

/*
 * Returns the element to whose object, or to an object below it, a path leads.
 */
static ApplyItem *find_item(Apply *apply, const char *path)
{
    g_autofree char *part = NULL;
    size_t len;

    do {
        path += strspn(path, "/");
        len = strcspn(path, "/");
        g_free(part);
        part = g_strndup(path, len);
        path += len;
    } while (len && !strcmp(part, "objects"));
    return len ? g_hash_table_lookup(apply->by_id, part) : NULL;
}

/* An element whose links are being followed */
typedef struct SortFrame {
    ApplyItem *item;
    JsonObjectIter iter; /* of the properties that are still to be read */
    const char *name;
    JsonNode *value; /* (nullable) of a property that is being read */
    guint element;   /* of `value`, if it is an array: the next to read */
} SortFrame;

/* Starts to follow the links of an element. */
static void sort_begin(GArray *stack, ApplyItem *item)
{
    SortFrame frame = { .item = item };

    item->mark = ITEM_VISITING;
    json_object_iter_init_ordered(&frame.iter, item->options);
    g_array_append_val(stack, frame);
}

static void defer_link(ApplyItem *item, const char *name)
{
    if (!item->deferred_links) {
        item->deferred_links = g_hash_table_new(hash_str, g_str_equal);
    }
    g_hash_table_add(item->deferred_links, (char *)name);
}

/*
 * Returns an element that is named in a list or an object, such as the value of
 * `iothreads`, and has to be created yet; NULL if there is none.  A name in a
 * cycle cannot be deferred as a link can, so its property is rejected.
 */
static ApplyItem *find_new_within(Apply *apply, JsonNode *value)
{
    ApplyItem *target = NULL;

    if (JSON_NODE_HOLDS_OBJECT(value)) {
        g_autoptr(GList) values =
            json_object_get_values(json_node_get_object(value));

        for (GList *l = values; l && !target; l = l->next) {
            target = find_new_within(apply, l->data);
        }
    } else if (JSON_NODE_HOLDS_ARRAY(value)) {
        JsonArray *array = json_node_get_array(value);
        guint n = json_array_get_length(array);

        for (guint i = 0; i < n && !target; i++) {
            target = find_new_within(apply,
                                     json_array_get_element(array, i));
        }
    } else if (json_qtype(value) == QTYPE_QSTRING) {
        target = find_item(apply, json_node_get_string(value));
    }
    return target && target->mark == ITEM_NEW ? target : NULL;
}

/* As above, for the value of a property, without what has been searched. */
static ApplyItem *find_new_in_value(Apply *apply, SortFrame *frame)
{
    ApplyItem *target = NULL;
    JsonArray *array;

    if (!JSON_NODE_HOLDS_ARRAY(frame->value)) {
        return find_new_within(apply, frame->value);
    }
    array = json_node_get_array(frame->value);
    while (frame->element < json_array_get_length(array)) {
        target = find_new_within(apply, json_array_get_element(
                                            array, frame->element));
        if (target) {
            break;
        }
        frame->element++;
    }
    return target;
}

/*
 * Returns: the next element that has to be created before the frame's; NULL if
 * there is none
 */
static ApplyItem *sort_next(Apply *apply, SortFrame *frame)
{
    while (frame->value ||
           json_object_iter_next_ordered(&frame->iter, &frame->name,
                                         &frame->value)) {
        JsonNode *value = frame->value;
        ApplyItem *target = NULL;

        if (JSON_NODE_HOLDS_OBJECT(value) || JSON_NODE_HOLDS_ARRAY(value)) {
            target = find_new_in_value(apply, frame);
            if (target) {
                return target;
            }
        } else if (json_qtype(value) == QTYPE_QSTRING &&
                   may_be_link(frame->item, frame->name)) {
            target = find_item(apply, json_node_get_string(value));
        }
        frame->value = NULL;
        frame->element = 0;
        if (target && target->mark == ITEM_NEW) {
            return target;
        }
        /* The target is on the stack, so that this link closes a cycle. */
        if (target && target->mark == ITEM_VISITING) {
            defer_link(frame->item, frame->name);
        }
    }
    return NULL;
}

/* The stack is explicit because a chain of links may be of any length. */
void apply_sort(Apply *apply)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(SortFrame));

    for (guint i = 0; i < apply->items->len; i++) {
        ApplyItem *item = &g_array_index(apply->items, ApplyItem, i);

        if (item->mark == ITEM_NEW) {
            sort_begin(stack, item);
        }
        while (stack->len) {
            SortFrame *top = &g_array_index(stack, SortFrame, stack->len - 1);
            ApplyItem *target = sort_next(apply, top);

            if (target) {
                sort_begin(stack, target);
            } else {
                top->item->mark = ITEM_VISITED;
                g_ptr_array_add(apply->order, top->item);
                g_array_set_size(stack, stack->len - 1);
            }
        }
    }
}
