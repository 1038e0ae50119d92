/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A push parser with an explicit stack.  Between two calls its whole state is
 * in JsonStream.  A token that the input cuts in two is kept in `pending` until
 * the rest of it arrives. json-stream-internal.h lists the parts of the parser.
 *
 * A whole text is parsed by a stream on the stack that has no callback: it
 * stores its value or error in `result` or `err`.
 */
#include "qapi/json/json-stream-internal.h"

#include <string.h>

static void stream_init(JsonStream *s, const JsonSinkOps *ops, void *sink)
{
    /*
     * Does not clear the arrays: `depth` and the size of a text say which
     * elements are valid.
     */
    memset(s, 0, offsetof(JsonStream, key));
    s->ops = ops;
    s->sink = sink;
    s->line = 1;
    s->max_bytes = JSON_MAX_TEXT;
    json_buffer_init(&s->key);
    json_buffer_init(&s->text);
}

/* An incomplete value is dropped. */
static void stream_cleanup(JsonStream *s)
{
    s->ops->drop(s->sink);
    s->ops->free(s->sink);
    if (s->pending) {
        g_string_free(s->pending, TRUE);
    }
    json_buffer_clear(&s->key);
    json_buffer_clear(&s->text);
}

/* Reports what is missing when the input ends. */
static void finish(JsonStream *s, uint64_t offset, bool cut)
{
    if (s->depth || cut) {
        json_error_at(s, offset, JSON_ERROR_END);
    }
}

/* Returns what the sink has built from the value; NULL with @errp set. */
static void *parse(const char *file, const char *text, gssize len,
                   const JsonSinkOps *ops, void *sink, Error **errp)
{
    const char *end = text + (len < 0 ? strlen(text) : (size_t)len);
    const char *p;
    JsonStream s;

    stream_init(&s, ops, sink);
    s.file = file;
    p = json_lexer_run(&s, text, end, true);
    /* The text is empty, or has only white space and comments. */
    if (!s.err && s.state != JSON_DONE && p == end && !s.depth) {
        if (file) {
            json_error_at(&s, end - text, JSON_ERROR_VALUE);
        } else {
            error_setg(&s.err, "Expecting a JSON value");
        }
    } else if (!s.err) {
        finish(&s, end - text, p < end);
    }
    if (s.err) {
        error_propagate(errp, s.err);
    }
    stream_cleanup(&s);
    return s.result;
}

JsonNode *json_parse(const char *text, gssize len, Error **errp)
{
    return parse(NULL, text, len, &json_node_sink_ops, json_node_sink_new(),
                 errp);
}

/*
 * Positions are always collected, because only the parser knows them; the table
 * is freed if the caller does not want it.
 */
JsonNode *json_parse_file(const char *name, const char *text, gssize len,
                          GHashTable **positions, Error **errp)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(NULL, NULL, NULL,
                                                        g_free);
    JsonNode *node = parse(name, text, len, &json_node_sink_ops,
                           json_node_sink_new_with_positions(table), errp);

    if (node && positions) {
        *positions = g_steal_pointer(&table);
    }
    return node;
}

JsonDoc *json_doc_parse(const char *text, gssize len, Error **errp)
{
    return parse(NULL, text, len, &json_doc_sink_ops, json_doc_sink_new(),
                 errp);
}

JsonStream *json_stream_new(JsonStreamFunc *func, void *opaque)
{
    JsonStream *s = g_new(JsonStream, 1);

    stream_init(s, &json_node_sink_ops, json_node_sink_new());
    s->func = func;
    s->opaque = opaque;
    return s;
}

JsonStream *json_stream_new_doc(JsonDocStreamFunc *func, void *opaque)
{
    JsonStream *s = g_new(JsonStream, 1);

    stream_init(s, &json_doc_sink_ops, json_doc_sink_new());
    s->doc_func = func;
    s->opaque = opaque;
    return s;
}

void json_stream_set_max_text(JsonStream *s, size_t max_bytes)
{
    s->max_bytes = MIN(max_bytes, JSON_MAX_TEXT);
}

/*
 * Without a pending token the lexer reads the caller's bytes in place, so that
 * nothing is copied as a rule.
 */
void json_stream_feed(JsonStream *s, const char *bytes, size_t n_bytes)
{
    const char *end;
    const char *p;

    if (!s->pending || !s->pending->len) {
        end = bytes + n_bytes;
        p = json_lexer_run(s, bytes, end, false);
        s->offset += p - bytes;
        if (p < end) {
            if (!s->pending) {
                s->pending = g_string_new(NULL);
            }
            g_string_append_len(s->pending, p, end - p);
        }
        return;
    }
    g_string_append_len(s->pending, bytes, n_bytes);
    end = s->pending->str + s->pending->len;
    p = json_lexer_run(s, s->pending->str, end, false);
    s->offset += p - s->pending->str;
    g_string_erase(s->pending, 0, p - s->pending->str);
}

/* A word that is pending is complete now; a string is not. */
void json_stream_flush(JsonStream *s)
{
    bool cut = false;

    if (s->pending && s->pending->len) {
        const char *end = s->pending->str + s->pending->len;
        const char *p = json_lexer_run(s, s->pending->str, end, true);

        cut = p < end;
        s->offset += s->pending->len;
        g_string_truncate(s->pending, 0);
    }
    if (s->state != JSON_SKIP) {
        finish(s, s->offset, cut);
    }
    json_grammar_reset(s);
    s->scanned = 0;
    s->line_start = s->offset;
}

void json_stream_free(JsonStream *s)
{
    if (!s) {
        return;
    }
    stream_cleanup(s);
    g_free(s);
}
