/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A list of integers is collected, sorted at its end and written as ranges; 128
 * bits hold the values of both int64 and uint64.  All other values are appended
 * in the order of the visit, in a list with commas.  Inside a struct nothing is
 * written.
 */
#include "qapi/json/json.h"
#include "qapi/visitor/string-visitor.h"
#include "qapi/visitor/visitor-impl.h"
#include "util/programming-error.h"

#include <string.h>

typedef __int128 Int128;

typedef struct StringOutputVisitor {
    Visitor v;
    bool human;
    char **result;
    GString *out;
    bool is_set;            /* a value has been written */
    unsigned struct_depth;  /* open structs, and lists inside them */
    bool in_list;           /* in a list that is not inside a struct */
    const char *list_name;  /* (nullable) */
    GArray *ints;           /* (nullable) of Int128: the list's elements */
} StringOutputVisitor;

static StringOutputVisitor *to_sov(Visitor *v)
{
    return container_of(v, StringOutputVisitor, v);
}

/*
 * Appends one value.  Inside a struct nothing is written: `<omitted>`
 * represents the whole struct.
 */
static void append(StringOutputVisitor *sov, const char *text)
{
    if (sov->struct_depth) {
        return;
    }
    if (G_UNLIKELY(!sov->in_list && sov->is_set)) {
        programming_error("a second value outside of any list");
    }
    if (sov->in_list && sov->is_set) {
        g_string_append_c(sov->out, ',');
    }
    g_string_append(sov->out, text);
    sov->is_set = true;
}

/*
 * The members are visited, because the caller's walk expects it, but not
 * written.
 */
static bool sov_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    StringOutputVisitor *sov = to_sov(v);

    append(sov, "<omitted>");
    sov->struct_depth++;
    return true;
}

/* Values are written again when the outermost struct ends. */
static void sov_end_struct(Visitor *v, void **obj)
{
    to_sov(v)->struct_depth--;
}

/* A list inside a struct is counted like a struct: neither is written. */
static bool sov_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    StringOutputVisitor *sov = to_sov(v);

    if (sov->struct_depth) {
        sov->struct_depth++;
        return true;
    }
    if (sov->in_list) {
        error_setg(errp, "Parameter '%s' is a list of lists, which plain text"
                   " cannot express",
                   sov->list_name ? sov->list_name : "<anonymous>");
        return false;
    }
    sov->in_list = true;
    sov->list_name = name;
    return true;
}

/* Walks the C list. */
static GenericList *sov_next_list(Visitor *v, GenericList *tail, size_t size)
{
    return tail->next;
}

/* For g_array_sort(); the difference of two values could overflow. */
static int compare_ints(const void *a, const void *b)
{
    Int128 x = *(const Int128 *)a;
    Int128 y = *(const Int128 *)b;

    return (x > y) - (x < y);
}

/* @hex: a negative number is written as its 64 bits */
static void append_int(GString *out, Int128 value, bool hex)
{
    if (hex) {
        g_string_append_printf(out, "0x%" G_GINT64_MODIFIER "x",
                               (uint64_t)value);
    } else if (value < 0) {
        g_string_append_printf(out, "%" G_GINT64_FORMAT, (int64_t)value);
    } else {
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, (uint64_t)value);
    }
}

/* Writes sorted integers as ranges. */
static void append_ranges(GString *out, const Int128 *ints, guint n, bool hex)
{
    guint i;
    guint j;

    for (i = 0; i < n; i = j) {
        /* Equal and consecutive integers form one range. */
        for (j = i + 1; j < n && ints[j] <= ints[j - 1] + 1; j++) {
            continue;
        }
        if (i) {
            g_string_append_c(out, ',');
        }
        append_int(out, ints[i], hex);
        if (ints[j - 1] != ints[i]) {
            g_string_append_c(out, '-');
            append_int(out, ints[j - 1], hex);
        }
    }
}

/*
 * Sorting gives the same text for every order of the elements, and the shortest
 * ranges.
 */
static void flush_ints(StringOutputVisitor *sov)
{
    g_autoptr(GArray) array = g_steal_pointer(&sov->ints);
    Int128 *ints = (Int128 *)(void *)array->data;

    g_array_sort(array, compare_ints);
    append_ranges(sov->out, ints, array->len, false);
    if (sov->human) {
        g_string_append(sov->out, " (");
        append_ranges(sov->out, ints, array->len, true);
        g_string_append_c(sov->out, ')');
    }
}

/* An empty list is written as "". */
static void sov_end_list(Visitor *v, void **list)
{
    StringOutputVisitor *sov = to_sov(v);

    if (sov->struct_depth) {
        sov->struct_depth--;
        return;
    }
    if (G_UNLIKELY(!sov->in_list)) {
        programming_error("visit_end_list() without the matching start");
    }
    if (sov->ints) {
        flush_ints(sov);
    }
    sov->in_list = false;
    sov->is_set = true;
}

/* Appends an integer, or collects it if it is the element of a list. */
static bool put_int(Visitor *v, Int128 value)
{
    StringOutputVisitor *sov = to_sov(v);
    g_autoptr(GString) text = NULL;

    if (sov->struct_depth) {
        return true;
    }
    if (sov->in_list) {
        if (!sov->ints) {
            sov->ints = g_array_new(false, false, sizeof(Int128));
        }
        g_array_append_val(sov->ints, value);
        return true;
    }
    text = g_string_new(NULL);
    append_int(text, value, false);
    if (sov->human) {
        g_string_append(text, " (");
        append_int(text, value, true);
        g_string_append_c(text, ')');
    }
    append(sov, text->str);
    return true;
}

/* In a list, elements of both types may occur, which 128 bits hold. */
static bool sov_type_int64(Visitor *v, const char *name, int64_t *obj,
                           Error **errp)
{
    return put_int(v, *obj);
}

static bool sov_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                            Error **errp)
{
    return put_int(v, *obj);
}

/*
 * Writes a size as "65536 (64 KiB)"; the amount has three significant digits
 * and the largest unit in which it is at least 1.
 */
static bool sov_type_size(Visitor *v, const char *name, uint64_t *obj,
                          Error **errp)
{
    static const char *const units[] = {
        "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB",
    };
    StringOutputVisitor *sov = to_sov(v);
    g_autofree char *text = NULL;
    char amount[G_ASCII_DTOSTR_BUF_SIZE];
    double value = *obj;
    unsigned unit = 0;

    if (!sov->human) {
        text = g_strdup_printf("%" G_GUINT64_FORMAT, *obj);
        append(sov, text);
        return true;
    }
    /* 999.5 would be printed as 1e+03 */
    while (value >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1024;
        unit++;
    }
    g_ascii_formatd(amount, sizeof(amount), "%.3g", value);
    text = g_strdup_printf("%" G_GUINT64_FORMAT " (%s %s)", *obj, amount,
                           units[unit]);
    append(sov, text);
    return true;
}

/* The words are those that the input visitor reads back. */
static bool sov_type_bool(Visitor *v, const char *name, bool *obj,
                          Error **errp)
{
    append(to_sov(v), *obj ? "true" : "false");
    return true;
}

/* Quotes distinguish "" from a missing string in interactive use. */
static bool sov_type_str(Visitor *v, const char *name, char **obj,
                         Error **errp)
{
    StringOutputVisitor *sov = to_sov(v);
    g_autofree char *quoted = NULL;

    if (!sov->human) {
        append(sov, *obj ? *obj : "");
        return true;
    }
    quoted = *obj ? g_strdup_printf("\"%s\"", *obj) : g_strdup("<null>");
    append(sov, quoted);
    return true;
}

/* 17 digits are enough to read the same double back. */
static bool sov_type_number(Visitor *v, const char *name, double *obj,
                            Error **errp)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof(text), "%.17g", *obj);
    append(to_sov(v), text);
    return true;
}

/* JSON is the only text form of a value of any type. */
static bool sov_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);

    json_write(text, *obj, false);
    append(to_sov(v), text->str);
    return true;
}

static bool sov_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp)
{
    StringOutputVisitor *sov = to_sov(v);

    append(sov, sov->human ? "<null>" : "");
    return true;
}

/* The walk must have visited a value. */
static void sov_complete(Visitor *v, void *opaque)
{
    StringOutputVisitor *sov = to_sov(v);

    if (G_UNLIKELY(opaque != sov->result || !sov->is_set)) {
        programming_error("visit_complete(): %s",
                          opaque != sov->result
                              ? "the argument is not the one of "
                                "string_output_visitor_new()"
                              : "nothing was visited");
    }
    *sov->result = g_string_free(g_steal_pointer(&sov->out), FALSE);
}

/* The text is freed if visit_complete() has not taken it. */
static void sov_free(Visitor *v)
{
    StringOutputVisitor *sov = to_sov(v);

    if (sov->out) {
        g_string_free(sov->out, TRUE);
    }
    g_clear_pointer(&sov->ints, g_array_unref);
    g_free(sov);
}

static const VisitorOps sov_ops = {
    .type = VISITOR_OUTPUT,
    .start_struct = sov_start_struct,
    .end_struct = sov_end_struct,
    .start_list = sov_start_list,
    .next_list = sov_next_list,
    .end_list = sov_end_list,
    .type_int64 = sov_type_int64,
    .type_uint64 = sov_type_uint64,
    .type_size = sov_type_size,
    .type_bool = sov_type_bool,
    .type_str = sov_type_str,
    .type_number = sov_type_number,
    .type_any = sov_type_any,
    .type_null = sov_type_null,
    .complete = sov_complete,
    .free = sov_free,
};

Visitor *string_output_visitor_new(bool human, char **result)
{
    StringOutputVisitor *sov = g_new0(StringOutputVisitor, 1);

    sov->v.ops = &sov_ops;
    sov->human = human;
    sov->result = result;
    sov->out = g_string_new(NULL);
    return &sov->v;
}
