/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JsonDoc: a JSON value as it was parsed, for reading once.
 *
 * A document keeps the whole value in one block of memory.  Parsing and freeing
 * a request this way costs a tenth of what it costs with json-glib's nodes.  A
 * document cannot be changed; json_item_to_node() creates nodes from the parts
 * that a caller wants to keep.
 *
 * Thread: any; one thread at a time uses a document or a stream
 * Contract: docs/qapi.md, "JSON"
 */
#ifndef QOM_QAPI_JSON_DOC_H
#define QOM_QAPI_JSON_DOC_H

#include "qapi/json/json.h"

QOM_BEGIN_DECLS

typedef struct JsonDoc JsonDoc;

/* One value of a document.  It is valid until the document is freed. */
typedef struct JsonItem JsonItem;

/**
 * json_doc_parse: parses a text that is one JSON value into a document
 * @text: the whole text; borrowed
 * @len: bytes of @text; -1 if @text is NUL-terminated
 * @errp: set if @text is not one valid value; the message gives the position
 *
 * The function accepts and rejects what json_parse() accepts and rejects.
 *
 * Returns: (transfer full) the document; NULL with @errp set
 * Thread: any
 */
JsonDoc *json_doc_parse(const char *text, gssize len, Error **errp);

/**
 * json_doc_free: frees a document with all its items
 * @doc: (nullable) consumed
 *
 * Thread: any; no other thread may use the document
 */
void json_doc_free(JsonDoc *doc);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonDoc, json_doc_free)

/**
 * json_doc_root: returns the value that a document holds
 * @doc: the document
 *
 * Returns: the outermost item; borrowed from @doc
 * Thread: any
 */
const JsonItem *json_doc_root(const JsonDoc *doc);

/**
 * json_item_empty_object: returns an object without members
 *
 * Returns: a static item, which is valid without a document
 * Thread: any
 */
const JsonItem *json_item_empty_object(void);

/**
 * json_item_qtype: returns the JSON type of an item
 * @item: any item
 *
 * Returns: one of QTYPE_QNULL to QTYPE_QBOOL
 * Thread: any
 */
QType json_item_qtype(const JsonItem *item);

/**
 * json_item_string: returns the text of a string
 * @item: any item
 *
 * Returns: NUL-terminated UTF-8, borrowed from the document; NULL if @item is
 *          not a string
 * Thread: any
 */
const char *json_item_string(const JsonItem *item);

/**
 * json_item_get_int64: reads an integer
 * @item: any item
 * @value: (out) the integer; not changed if there is none
 *
 * Returns: true if @item is an integer that an int64_t can hold, and is spelt
 *          as json_write() would do it; false otherwise
 * Thread: any
 */
bool json_item_get_int64(const JsonItem *item, int64_t *value);

/**
 * json_item_member: looks up a member of an object
 * @object: an object
 * @name: the name of the member; borrowed
 *
 * Returns: the value of the member, borrowed from the document; NULL if the
 *          object has no such member
 * Thread: any
 */
const JsonItem *json_item_member(const JsonItem *object, const char *name);

/**
 * json_item_next_member: iterates over the members of an object
 * @object: an object
 * @member: (nullable) the member that the previous call returned; NULL for the
 *          first call
 * @name: (out) the name of the returned member, borrowed from the document; not
 *        changed after the last member
 *
 * The members come in the order of the text.
 *
 * Returns: the next member, borrowed from the document; NULL after the last
 *          member
 * Thread: any
 */
const JsonItem *json_item_next_member(const JsonItem *object,
                                      const JsonItem *member,
                                      const char **name);

/**
 * json_item_to_node: creates a node with the value of an item
 * @item: any item; borrowed
 *
 * Returns: (transfer full) the node, which does not depend on the document
 * Thread: any
 */
JsonNode *json_item_to_node(const JsonItem *item);

/**
 * json_item_write: appends the text of an item to a string, on one line
 * @out: the string; the function appends ASCII only
 * @item: any item; borrowed
 *
 * The text is the one that json_write() produces for the same value.
 *
 * Thread: any
 */
void json_item_write(GString *out, const JsonItem *item);

/**
 * json_item_write_compact: appends the text of an item without any blanks
 * @out: the string; the function appends ASCII only
 * @item: any item; borrowed
 *
 * Thread: any
 */
void json_item_write_compact(GString *out, const JsonItem *item);

/**
 * JsonDocStreamFunc: Receives one document or one error of a stream.
 * @opaque: the argument of json_stream_new_doc()
 * @doc: (transfer full) (nullable) the document; NULL if @err is set
 * @err: (transfer full) (nullable) the error; NULL if @doc is set
 *
 * It must not feed, flush or free the stream.
 *
 * Thread: the one that feeds the stream
 */
typedef void JsonDocStreamFunc(void *opaque, JsonDoc *doc, Error *err);

/**
 * json_stream_new_doc: creates a stream that delivers documents
 * @func: called for each document and each error, in the order of the input
 * @opaque: passed to @func; it must be valid until the stream is freed
 *
 * Returns: (transfer full) the stream; free it with json_stream_free()
 * Thread: any
 */
JsonStream *json_stream_new_doc(JsonDocStreamFunc *func, void *opaque);

QOM_END_DECLS

#endif
