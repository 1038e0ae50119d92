/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two visitors that read JSON whose scalars are all text.
 *
 * - keyval reads the value that keyval_parse() returns.
 * - option reads the text of one entry.  It can also read the text as a list
 *   of integers: from the start of the list to its end, the visitor @ranges
 *   reads everything.
 */
#include "qapi/visitor/json-visitor.h"

#include "qapi/json/json.h"
#include "qapi/scalar-text.h"
#include "qapi/visitor/json-input-internal.h"
#include "qapi/visitor/string-visitor.h"
#include "qapi/visitor/text-visitor-internal.h"

/*
 * Returns the text of a scalar; NULL with @errp set.  Containers come from
 * dotted keys, so their message shows the keys.
 */
static const char *keyval_get_text(Visitor *v, const char *name, Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);
    g_autofree char *full_name = NULL;

    if (!value) {
        return NULL;
    }
    switch (get_qtype(v, value)) {
    case QTYPE_QSTRING:
        return to_jiv(v)->source->get_string(value);
    case QTYPE_QDICT:
    case QTYPE_QLIST:
        full_name = visitor_full_name(v, name);
        error_setg(errp, "Parameters '%s.*' are unexpected", full_name);
        return NULL;
    default:
        visitor_fail_type(v, name, "string", errp);
        return NULL;
    }
}

/*
 * Words the error for @text, which is not a value of the kind.  A text that is
 * an integer is out of range; any other text is no integer at all.
 */
static bool keyval_fail(Visitor *v, const char *name, QapiKind kind,
                        const char *text, Error **errp)
{
    const char *expected = "number";

    switch (kind) {
    case QAPI_KIND_INT64:
        expected = scalar_text_is_integer(text) ? "int64" : "integer";
        break;
    case QAPI_KIND_UINT64:
        expected = scalar_text_is_integer(text) ? "uint64" : "integer";
        break;
    case QAPI_KIND_SIZE:
        expected = "size";
        break;
    case QAPI_KIND_BOOL:
        expected = "'on' or 'off'";
        break;
    default:
        break;
    }
    return visitor_fail_expects(v, name, expected, errp);
}

/* Does not take the value: the branch of the alternate does. */
static const char *keyval_peek_text(Visitor *v, const char *name)
{
    const void *value = json_input_find(to_jiv(v), name, false);

    return value && get_qtype(v, value) == QTYPE_QSTRING
        ? to_jiv(v)->source->get_string(value) : NULL;
}

static const TextVisitorOps keyval_ops = {
    .ops = {
        JSON_INPUT_OPS,
        .check_struct = json_input_check_struct,
        .type_int64 = text_visitor_int64,
        .type_uint64 = text_visitor_uint64,
        .type_size = text_visitor_size,
        .type_bool = text_visitor_bool,
        .type_str = text_visitor_str,
        .type_number = text_visitor_number,
        .peek_text = keyval_peek_text,
    },
    .get_text = keyval_get_text,
    .fail = keyval_fail,
};

Visitor *json_input_visitor_new_keyval(JsonNode *node)
{
    JsonInputVisitor *jiv = g_new(JsonInputVisitor, 1);

    json_input_init_node(jiv, node, &keyval_ops.ops);
    jiv->dotted_path = true;
    return &jiv->v;
}

/* ---- The text of an option, which may be a list of integers ---- */

/*
 * While `ranges` is set, a list is being visited that was written as "0-3,8".
 * Each operation that can occur inside of the list goes to that visitor.
 */
typedef struct OptionVisitor {
    JsonInputVisitor jiv;
    const KeyvalEntry *entry;
    Visitor *ranges;         /* (nullable) reads the list being visited */
    const char *ranges_name; /* (nullable) of that list */
} OptionVisitor;

static OptionVisitor *to_option(Visitor *v)
{
    return container_of(v, OptionVisitor, jiv.v);
}

/*
 * A value that is no text, such as an array, is visited as with keyval.  The
 * text of the last value is for scalars; a list has those of all values.
 */
static bool option_start_list(Visitor *v, const char *name,
                              GenericList **list, size_t size, Error **errp)
{
    OptionVisitor *option = to_option(v);
    const char *text = keyval_peek_text(v, name);

    if (!text) {
        return json_input_start_list(v, name, list, size, errp);
    }
    if (option->entry->all) {
        text = option->entry->all->str;
    }
    option->ranges = string_input_visitor_new(text);
    option->ranges_name = name;
    return visit_start_list(option->ranges, name, list, size, errp);
}

static GenericList *option_next_list(Visitor *v, GenericList *tail,
                                     size_t size)
{
    Visitor *ranges = to_option(v)->ranges;

    return ranges ? visit_next_list(ranges, tail, size)
                  : json_input_next_list(v, tail, size);
}

static bool option_check_list(Visitor *v, Error **errp)
{
    Visitor *ranges = to_option(v)->ranges;

    return ranges ? visit_check_list(ranges, errp)
                  : json_input_check_list(v, errp);
}

/* The list of integers has ended; the next value is visited as with keyval. */
static void option_end_list(Visitor *v, void **list)
{
    Visitor *ranges = to_option(v)->ranges;

    if (!ranges) {
        json_input_end_list(v, list);
        return;
    }
    visit_end_list(ranges, list);
    g_clear_pointer(&to_option(v)->ranges, visit_free);
}

static bool option_type_int64(Visitor *v, const char *name, int64_t *obj,
                              Error **errp)
{
    Visitor *ranges = to_option(v)->ranges;

    return ranges ? visit_type_int64(ranges, name, obj, errp)
                  : text_visitor_int64(v, name, obj, errp);
}

static bool option_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                               Error **errp)
{
    Visitor *ranges = to_option(v)->ranges;

    return ranges ? visit_type_uint64(ranges, name, obj, errp)
                  : text_visitor_uint64(v, name, obj, errp);
}

/* Inside of a list that is one text, only `ranges` knows the element. */
static char *option_full_name(Visitor *v, const char *name)
{
    Visitor *ranges = to_option(v)->ranges;

    return ranges ? visitor_full_name(ranges, name)
                  : json_input_full_name(v, name);
}

/*
 * For operations that are no integers: returns true and sets @errp inside of a
 * list that is one text, because only a list of integers can be written so.
 */
static bool option_fail_element(Visitor *v, Error **errp)
{
    OptionVisitor *option = to_option(v);

    if (!option->ranges) {
        return false;
    }
    visitor_fail_type(v, option->ranges_name, "array", errp);
    return true;
}

static const char *option_get_text(Visitor *v, const char *name, Error **errp)
{
    return option_fail_element(v, errp) ? NULL : keyval_get_text(v, name, errp);
}

/* The caller frees *@obj even on failure, so it is always set. */
static bool option_start_struct(Visitor *v, const char *name, void **obj,
                                size_t size, Error **errp)
{
    if (option_fail_element(v, errp)) {
        if (obj) {
            *obj = NULL;
        }
        return false;
    }
    return json_input_start_struct(v, name, obj, size, errp);
}

static bool option_start_alternate(Visitor *v, const char *name,
                                   GenericAlternate **obj, size_t size,
                                   Error **errp)
{
    *obj = NULL;
    return !option_fail_element(v, errp) &&
           json_input_start_alternate(v, name, obj, size, errp);
}

static void option_free(Visitor *v)
{
    g_clear_pointer(&to_option(v)->ranges, visit_free);
    json_input_free(v);
}

static const TextVisitorOps option_ops = {
    .ops = {
        /* JSON_INPUT_OPS, with other operations for lists and what they hold */
        .type = VISITOR_INPUT,
        .start_struct = option_start_struct,
        .check_struct = json_input_check_struct,
        .end_struct = json_input_end_struct,
        .start_list = option_start_list,
        .next_list = option_next_list,
        .check_list = option_check_list,
        .end_list = option_end_list,
        .start_alternate = option_start_alternate,
        .type_int64 = option_type_int64,
        .type_uint64 = option_type_uint64,
        .type_size = text_visitor_size,
        .type_bool = text_visitor_bool,
        .type_str = text_visitor_str,
        .type_number = text_visitor_number,
        .type_any = json_input_type_any,
        .type_null = json_input_type_null,
        .optional = json_input_optional,
        .peek_text = keyval_peek_text,
        .full_name = option_full_name,
        .free = option_free,
    },
    .get_text = option_get_text,
    .fail = keyval_fail,
};

static Visitor *option_new(const KeyvalEntry *entry)
{
    g_autoptr(JsonNode) node = json_text_new(entry->text);
    OptionVisitor *option = g_new(OptionVisitor, 1);

    json_input_init_node(&option->jiv, node, &option_ops.ops);
    option->jiv.dotted_path = true;
    option->entry = entry;
    option->ranges = NULL;
    option->ranges_name = NULL;
    return &option->jiv.v;
}

Visitor *json_input_visitor_new_entry(const KeyvalEntry *entry)
{
    return entry->node ? json_input_visitor_new_keyval(entry->node)
                       : option_new(entry);
}
