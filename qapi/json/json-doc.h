/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JsonDoc: a JSON value as it was read, to be looked at once.
 *
 * All of it is in one piece of memory, so that reading a request and freeing it
 * cost a tenth of what json-glib's nodes cost.  It cannot be changed; nodes are
 * made of the parts that are to be kept.
 *
 * Thread: any, one at a time for one document or stream
 * Contract: docs/qapi.md, "JSON"
 */
#ifndef QOM_QAPI_JSON_DOC_H
#define QOM_QAPI_JSON_DOC_H

#include "qapi/json/json.h"

QOM_BEGIN_DECLS

typedef struct JsonDoc JsonDoc;

/* One value of a document; lives as long as that. */
typedef struct JsonItem JsonItem;

/* json_doc_parse: as json_parse(); (transfer full) */
JsonDoc *json_doc_parse(const char *text, gssize len, Error **errp);

/**
 * json_doc_free: free a document with its items
 * @doc: (nullable) consumed
 */
void json_doc_free(JsonDoc *doc);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonDoc, json_doc_free)

/* json_doc_root: the value itself; borrowed from @doc */
const JsonItem *json_doc_root(const JsonDoc *doc);

/* json_item_empty_object: {}; static */
const JsonItem *json_item_empty_object(void);

/* json_item_qtype: the JSON type; one of QTYPE_QNULL to QTYPE_QBOOL */
QType json_item_qtype(const JsonItem *item);

/* json_item_string: the text of a string; borrowed; NULL if it is none */
const char *json_item_string(const JsonItem *item);

/* json_item_member: a member of an object by name; NULL when it has none */
const JsonItem *json_item_member(const JsonItem *object, const char *name);

/**
 * json_item_next_member: go through an object, in the order of the text
 * @object: an object
 * @member: (nullable) the member before, as returned; NULL for the first one
 * @name: (out) set to the name of the member that is returned; borrowed
 *
 * Returns: the next member; NULL after the last one
 */
const JsonItem *json_item_next_member(const JsonItem *object,
                                      const JsonItem *member,
                                      const char **name);

/* json_item_to_node: the same value as nodes; (transfer full) */
JsonNode *json_item_to_node(const JsonItem *item);

/* json_item_write: append its text, on one line, as json_write() does */
void json_item_write(GString *out, const JsonItem *item);

/**
 * JsonDocStreamFunc: as JsonStreamFunc, for documents
 * @doc: (transfer full) (nullable) the value
 */
typedef void JsonDocStreamFunc(void *opaque, JsonDoc *doc, Error *err);

/* json_stream_new_doc: as json_stream_new(), for documents */
JsonStream *json_stream_new_doc(JsonDocStreamFunc *func, void *opaque);

QOM_END_DECLS

#endif
