/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading one value from plain text.  A scalar is the whole text.  A list of
 * integers is a series of items, separated by commas; an item is an integer or
 * a range LOW-HIGH.
 *
 * In a list, `rest` is the text that has not been parsed, NULL at the end, and
 * `next` to `last` is the rest of the range that was parsed last.  Items are
 * parsed when they are visited, because only the visit shows whether the
 * elements are signed.
 */
#include "qapi/scalar-text.h"
#include "qapi/visitor/string-visitor.h"
#include "qapi/visitor/text-visitor-internal.h"
#include "util/programming-error.h"

#include <string.h>

typedef struct StringInputVisitor {
    Visitor v;
    const char *text;
    bool in_list;
    const char *list_name; /* (nullable) */
    unsigned n_taken;      /* number of elements taken */
    unsigned current;      /* index of the last element read */
    uint64_t n_in_ranges;  /* number of integers that came from ranges */
    const char *rest;
    bool in_range; /* `next` is the next element */
    uint64_t next; /* int64_t or uint64_t, like the element */
    uint64_t last;
} StringInputVisitor;

static StringInputVisitor *to_siv(Visitor *v)
{
    return container_of(v, StringInputVisitor, v);
}

/* For messages about the list as a whole. */
static const char *list_name(const StringInputVisitor *siv)
{
    return siv->list_name ? siv->list_name : "<anonymous>";
}

/*
 * The index of an element is that of the last element read, so that an error
 * about it names it.
 */
static char *siv_full_name(Visitor *v, const char *name)
{
    StringInputVisitor *siv = to_siv(v);

    if (siv->in_list && !name) {
        return g_strdup_printf("%s[%u]", siv->list_name ? siv->list_name : "",
                               siv->current);
    }
    return g_strdup(name ? name : "<anonymous>");
}

/* A struct, an alternate and a list of lists cannot be read from text. */
static bool fail_structure(Visitor *v, const char *name, Error **errp)
{
    ERRP_GUARD();
    StringInputVisitor *siv = to_siv(v);
    g_autofree char *full_name = NULL;

    siv->current = siv->n_taken;
    full_name = visitor_full_name(v, name);
    error_setg(errp, "Parameter '%s' cannot be given as plain text",
               full_name);
    error_append_hint(errp, "Give the value as JSON.\n");
    return false;
}

/* The C struct is not created; *@obj is NULL by contract. */
static bool siv_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    if (obj) {
        *obj = NULL;
    }
    return fail_structure(v, name, errp);
}

static void siv_end_struct(Visitor *v, void **obj)
{
    g_assert_not_reached(); /* unreachable: no struct can have been started */
}

static bool siv_start_alternate(Visitor *v, const char *name,
                                GenericAlternate **obj, size_t size,
                                Error **errp)
{
    *obj = NULL;
    return fail_structure(v, name, errp);
}

/*
 * The first node is created if there is text: an empty text is an empty list.
 */
static bool siv_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    StringInputVisitor *siv = to_siv(v);

    if (siv->in_list) {
        if (list) {
            *list = NULL;
        }
        return fail_structure(v, name, errp);
    }
    siv->in_list = true;
    siv->list_name = name;
    siv->n_taken = 0;
    siv->n_in_ranges = 0;
    siv->rest = *siv->text ? siv->text : NULL;
    siv->in_range = false;
    if (list) {
        *list = siv->rest ? g_malloc0(size) : NULL;
    }
    return true;
}

/* Returns true if no element is left. */
static bool at_end(const StringInputVisitor *siv)
{
    return !siv->rest && !siv->in_range;
}

/*
 * The node is created before its element is parsed; if that fails, the caller
 * frees the list.
 */
static GenericList *siv_next_list(Visitor *v, GenericList *tail, size_t size)
{
    if (at_end(to_siv(v))) {
        return NULL;
    }
    tail->next = g_malloc0(size);
    return tail->next;
}

/* Elements are left if the caller visits a fixed number of them. */
static bool siv_check_list(Visitor *v, Error **errp)
{
    StringInputVisitor *siv = to_siv(v);

    if (at_end(siv)) {
        return true;
    }
    error_setg(errp, "Fewer list elements expected in '%s'", list_name(siv));
    return false;
}

static void siv_end_list(Visitor *v, void **list)
{
    StringInputVisitor *siv = to_siv(v);

    if (G_UNLIKELY(!siv->in_list)) {
        programming_error("visit_end_list() without the matching start");
    }
    siv->in_list = false;
}

/* A signed bound is stored as two's complement in *@value. */
static bool parse_bound(const char *text, bool is_signed, uint64_t *value)
{
    int64_t n;

    if (!is_signed) {
        return scalar_parse_uint64(text, value);
    }
    if (!scalar_parse_int64(text, &n)) {
        return false;
    }
    *value = n;
    return true;
}

/* Returns the '-' of LOW-HIGH; NULL if @item is a single number. */
static char *find_dash(char *item)
{
    item += strspn(item, " \t\n\v\f\r");
    item += *item == '-' || *item == '+';
    return strchr(item, '-');
}

/* Parses @item, which is changed, into the range. */
static bool parse_range(StringInputVisitor *siv, char *item, bool is_signed)
{
    char *dash = find_dash(item);
    bool descends;

    if (dash) {
        *dash = 0;
    }
    if (!parse_bound(item, is_signed, &siv->next)) {
        return false;
    }
    siv->last = siv->next;
    if (dash && !parse_bound(dash + 1, is_signed, &siv->last)) {
        return false;
    }
    descends = is_signed ? (int64_t)siv->next > (int64_t)siv->last
                         : siv->next > siv->last;
    return !descends && siv->last - siv->next < STRING_VISITOR_MAX_RANGE;
}

/*
 * Limits the size of all ranges: a few bytes of text can mean a list of a
 * megabyte.
 */
static bool count_range(StringInputVisitor *siv, Error **errp)
{
    siv->n_in_ranges += siv->last - siv->next;
    if (siv->n_in_ranges < STRING_VISITOR_MAX_RANGE) {
        return true;
    }
    siv->in_range = false;
    error_setg(errp, "Parameter '%s' has ranges of more than %d integers in"
               " total", list_name(siv), STRING_VISITOR_MAX_RANGE);
    return false;
}

/* Parses the item at `rest`. */
static bool read_item(StringInputVisitor *siv, bool is_signed, Error **errp)
{
    g_autofree char *big = NULL;
    char small[48];
    size_t len = strcspn(siv->rest, ",");
    char *item = small;

    /* Usual items are copied to the stack, without an allocation. */
    if (len >= sizeof(small)) {
        item = big = g_malloc(len + 1);
    }
    memcpy(item, siv->rest, len);
    item[len] = 0;
    if (!parse_range(siv, item, is_signed)) {
        error_setg(errp, "Parameter '%s' expects a list of %s values or"
                   " ranges", list_name(siv), is_signed ? "int64" : "uint64");
        return false;
    }
    siv->in_range = true;
    siv->rest = siv->rest[len] ? siv->rest + len + 1 : NULL;
    return true;
}

/*
 * Takes the next element of the list and parses an item if the last range is
 * used up.  @is_signed: whether @value receives an int64_t
 */
static bool take_element(Visitor *v, const char *name, bool is_signed,
                         uint64_t *value, Error **errp)
{
    StringInputVisitor *siv = to_siv(v);

    siv->current = siv->n_taken;
    if (at_end(siv)) {
        visitor_fail_missing(v, name, errp);
        return false;
    }
    if (!siv->in_range && (!read_item(siv, is_signed, errp) ||
                           !count_range(siv, errp))) {
        return false;
    }
    *value = siv->next;
    siv->in_range = siv->next != siv->last;
    siv->next++;
    siv->n_taken++;
    return true;
}

/* In a list an integer is an element, otherwise the whole text. */
static bool siv_type_int64(Visitor *v, const char *name, int64_t *obj,
                           Error **errp)
{
    uint64_t value;

    if (!to_siv(v)->in_list) {
        return text_visitor_int64(v, name, obj, errp);
    }
    if (!take_element(v, name, true, &value, errp)) {
        return false;
    }
    *obj = value;
    return true;
}

/* See siv_type_int64(). */
static bool siv_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                            Error **errp)
{
    return to_siv(v)->in_list ? take_element(v, name, false, obj, errp)
                              : text_visitor_uint64(v, name, obj, errp);
}

/* Returns the text, where a single scalar is expected. */
static const char *siv_get_text(Visitor *v, const char *name, Error **errp)
{
    StringInputVisitor *siv = to_siv(v);

    if (siv->in_list) {
        fail_structure(v, siv->list_name, errp);
        return NULL;
    }
    return siv->text;
}

/* Words the error for a text that is not a value of the kind. */
static bool siv_fail(Visitor *v, const char *name, QapiKind kind,
                     const char *text, Error **errp)
{
    switch (kind) {
    case QAPI_KIND_INT64:
        return visitor_fail_expects(v, name, "an int64 value", errp);
    case QAPI_KIND_UINT64:
        return visitor_fail_expects(v, name, "a uint64 value", errp);
    case QAPI_KIND_SIZE:
        return visitor_fail_expects(v, name, "a size value", errp);
    case QAPI_KIND_BOOL:
        return visitor_fail_expects(v, name, "'on' or 'off'", errp);
    default:
        return visitor_fail_type(v, name, "number", errp);
    }
}

/* Only the empty text is null. */
static bool siv_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp)
{
    const char *text = siv_get_text(v, name, errp);

    *obj = NULL;
    if (!text) {
        return false;
    }
    if (*text) {
        return visitor_fail_type(v, name, "null", errp);
    }
    *obj = json_node_new(JSON_NODE_NULL);
    return true;
}

/* Text alone does not say which JSON type is meant. */
static bool siv_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp)
{
    *obj = NULL;
    return fail_structure(v, name, errp);
}

/* Every optional member is present: the text is a bare value, not a struct. */
static void siv_optional(Visitor *v, const char *name, bool *present)
{
    *present = true;
}

/* The text is the caller's. */
static void siv_free(Visitor *v)
{
    g_free(to_siv(v));
}

static const TextVisitorOps siv_ops = {
    .ops = {
        .type = VISITOR_INPUT,
        .start_struct = siv_start_struct,
        .end_struct = siv_end_struct,
        .start_list = siv_start_list,
        .next_list = siv_next_list,
        .check_list = siv_check_list,
        .end_list = siv_end_list,
        .start_alternate = siv_start_alternate,
        .type_int64 = siv_type_int64,
        .type_uint64 = siv_type_uint64,
        .type_size = text_visitor_size,
        .type_bool = text_visitor_bool,
        .type_str = text_visitor_str,
        .type_number = text_visitor_number,
        .type_any = siv_type_any,
        .type_null = siv_type_null,
        .optional = siv_optional,
        .full_name = siv_full_name,
        .free = siv_free,
    },
    .get_text = siv_get_text,
    .fail = siv_fail,
};

Visitor *string_input_visitor_new(const char *text)
{
    StringInputVisitor *siv = g_new0(StringInputVisitor, 1);

    siv->v.ops = &siv_ops.ops;
    siv->text = text;
    return &siv->v;
}
