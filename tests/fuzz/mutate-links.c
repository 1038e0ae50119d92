/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of linked objects: the text is JSON arrays, each of which is applied to
 * the objects that the arrays before it have left.
 *
 * A change adds an array whose links have a shape (a chain, a ring, a star and
 * so on), or changes a link or an object of an existing array.  The same few
 * ids are used everywhere, so that a new array replaces the links of the array
 * before it.
 */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/mutate-json-internal.h"

#include <string.h>

enum {
    MAX_OBJECTS = 12,
};

static const char *const links[] = { "mate", "peer", "weak" };
static const char *const types[] = { "fuzz", "fuzz", "fuzz-stubborn" };

/* ---- Targets ---- */

static void append_id(GString *out, size_t i)
{
    g_string_append_printf(out, "n%zu", i);
}

/* A target as a JSON value; now and then one that is not there. */
static void append_target(GString *out, MutateRandom *r, size_t i)
{
    static const char *const odd[] = {
        "\"\"", "\"nobody\"", "\"/\"", "\"/objects\"", "\"/objects/nobody\"",
        "\"n0/n1\"", "null", "0", "[]", "{}",
    };

    if (mutate_chance(r, 12)) {
        g_string_append(out, MUTATE_PICK(r, odd));
        return;
    }
    g_string_append(out, mutate_chance(r, 4) ? "\"/objects/" : "\"");
    append_id(out, i);
    g_string_append_c(out, '"');
}

static void append_link(GString *out, MutateRandom *r, size_t to)
{
    g_string_append_printf(out, ", \"%s\": ", MUTATE_PICK(r, links));
    append_target(out, r, to);
}

/* ---- Shapes ---- */

/* Which object the link of object @i of @n leads to; @n for none. */
typedef size_t Shape(MutateRandom *r, size_t i, size_t n);

static size_t shape_none(MutateRandom *r, size_t i, size_t n)
{
    return n;
}

static size_t shape_chain(MutateRandom *r, size_t i, size_t n)
{
    return i + 1;
}

static size_t shape_chain_back(MutateRandom *r, size_t i, size_t n)
{
    return i ? i - 1 : n;
}

static size_t shape_ring(MutateRandom *r, size_t i, size_t n)
{
    return (i + 1) % n;
}

static size_t shape_pairs(MutateRandom *r, size_t i, size_t n)
{
    return i ^ 1;
}

static size_t shape_star(MutateRandom *r, size_t i, size_t n)
{
    return n / 2;
}

static size_t shape_self(MutateRandom *r, size_t i, size_t n)
{
    return i;
}

static size_t shape_any(MutateRandom *r, size_t i, size_t n)
{
    return mutate_below(r, n + 1);
}

static void append_object(GString *out, MutateRandom *r, size_t id, size_t to,
                          size_t n)
{
    g_string_append_printf(out, "{\"qom-type\": \"%s\", \"id\": \"",
                           MUTATE_PICK(r, types));
    append_id(out, id);
    g_string_append_c(out, '"');
    if (to < n || mutate_chance(r, 20)) {
        append_link(out, r, to);
    }
    if (mutate_chance(r, 6)) {
        append_link(out, r, mutate_below(r, n));
    }
    /* The hook, or fuzz-stubborn, refuses some of these. */
    if (mutate_chance(r, 10)) {
        g_string_append_printf(out, ", \"small\": %zu, \"flag\": %s",
                               mutate_below(r, 3),
                               mutate_chance(r, 2) ? "true" : "false");
    }
    /* Another value recreates the object, and the holders of links to it. */
    if (mutate_chance(r, 10)) {
        g_string_append_printf(out, ", \"fixed\": \"%zu\"",
                               mutate_below(r, 3));
    }
    g_string_append_c(out, '}');
}

static void append_list(GString *text, MutateRandom *r)
{
    static Shape *const shapes[] = {
        shape_none, shape_chain, shape_chain_back, shape_ring, shape_pairs,
        shape_star, shape_self, shape_any, shape_any,
    };
    Shape *shape = MUTATE_PICK(r, shapes);
    size_t n = 1 + mutate_below(r, MAX_OBJECTS);
    size_t first = mutate_below(r, n);

    g_string_append(text, text->len ? "\n[" : "[");
    for (size_t i = 0; i < n; i++) {
        /* Not always in the order of the links. */
        size_t id = (first + i) % n;

        g_string_append(text, i ? ",\n" : "");
        append_object(text, r, id, shape(r, id, n), n);
    }
    g_string_append_c(text, ']');
}

/* ---- Changes ---- */

static bool is_link_key(const JsonText *j, size_t token)
{
    const JsonToken *t = token_at(j, token);

    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        size_t len = strlen(links[i]);

        if (t->end - t->start == len + 2 &&
            memcmp(j->text->str + t->start + 1, links[i], len) == 0) {
            return true;
        }
    }
    return false;
}

/* Lets one link lead elsewhere; false if there is no link. */
static bool change_link(JsonText *j)
{
    g_autoptr(GString) target = g_string_new(NULL);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(size_t));
    JsonSpan span;

    for (size_t i = 0; i < j->keys->len; i++) {
        size_t token = g_array_index(j->keys, size_t, i);

        if (is_link_key(j, token) && token + 2 < j->tokens->len) {
            token += 2;
            g_array_append_val(found, token);
        }
    }
    if (!found->len) {
        return false;
    }
    append_target(target, j->r, mutate_below(j->r, MAX_OBJECTS));
    span = json_text_value(j, json_text_pick(j, found));
    mutate_splice(j->text, span.start, span.end - span.start, target->str,
                  target->len);
    return true;
}

/* Puts a link into one object; false if there is no object. */
static bool add_link(JsonText *j)
{
    g_autoptr(GString) link = g_string_new(NULL);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = 0; i < j->tokens->len; i++) {
        size_t close = token_at(j, i)->close;

        if (token_at(j, i)->kind == '{' && close > i + 1) {
            g_array_append_val(found, close);
        }
    }
    if (!found->len) {
        return false;
    }
    append_link(link, j->r, mutate_below(j->r, MAX_OBJECTS));
    g_string_insert_len(j->text, token_at(j, json_text_pick(j, found))->start,
                        link->str, link->len);
    return true;
}

void mutate_links(GString *text, MutateRandom *r)
{
    static const char *const keys[] = {
        "qom-type", "id", "mate", "peer", "weak", "fixed", "flag", "small",
        NULL,
    };
    static const char *const values[] = {
        "fuzz", "fuzz-stubborn", "n0", "n1", "n2", "/objects/n0", NULL,
    };
    static const MutateWords words = { keys, values };
    JsonText j;
    bool done = false;

    json_text_begin(&j, text, r, &words);
    switch (mutate_below(r, 8)) {
    case 0:
    case 1:
        append_list(text, r);
        done = true;
        break;
    case 2:
    case 3:
    case 4:
        done = change_link(&j);
        break;
    case 5:
        done = add_link(&j);
        break;
    }
    json_text_end(&j);
    if (!done) {
        mutate_json(text, r, &words);
    }
}
