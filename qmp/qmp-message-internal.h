/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of the messages that the server sends: greeting, replies, events.
 *
 * Thread: any
 */
#ifndef QOM_QMP_QMP_MESSAGE_INTERNAL_H
#define QOM_QMP_QMP_MESSAGE_INTERNAL_H

#include "qapi/error.h"
#include "qapi/json/json-doc.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * qmp_message_greeting: appends the greeting
 * @out: the string to append to
 * @offers_oob: true if the client may enable `oob`
 * @pretty: true to write the message on several lines
 */
void qmp_message_greeting(GString *out, bool offers_oob, bool pretty);

/**
 * qmp_message_return: appends a success reply
 * @out: the string to append to
 * @value: (nullable) the result; borrowed; NULL: the reply returns {}
 * @id: (nullable) the id of the request; borrowed
 * @pretty: true to write the message on several lines
 */
void qmp_message_return(GString *out, JsonNode *value, const JsonItem *id,
                        bool pretty);

/**
 * qmp_message_return_item: appends a success reply with an item as its result
 * @out: the string to append to
 * @value: the result; borrowed
 * @id: (nullable) the id of the request; borrowed
 * @pretty: true to write the message on several lines
 */
void qmp_message_return_item(GString *out, const JsonItem *value,
                             const JsonItem *id, bool pretty);

/**
 * qmp_message_return_text: appends a success reply whose result is text
 * @out: the string to append to
 * @json: the result, the text of a JSON value; borrowed
 * @id: (nullable) the id of the request; borrowed
 * @pretty: true to write the message on several lines
 */
void qmp_message_return_text(GString *out, const GString *json,
                             const JsonItem *id, bool pretty);

/**
 * qmp_message_error: appends an error reply
 * @out: the string to append to
 * @err: the error; borrowed
 * @id: (nullable) the id of the request; borrowed
 * @pretty: true to write the message on several lines
 */
void qmp_message_error(GString *out, const Error *err, const JsonItem *id,
                       bool pretty);

/**
 * qmp_message_event: creates the text of an event
 * @name: the name of the event, an identifier
 * @data: (nullable) the data, an object; borrowed
 * @now_us: the time stamp, microseconds since 1970
 * @pretty: true to write the message on several lines
 *
 * Returns: (transfer full) the text, which ends with a line end
 */
char *qmp_message_event(const char *name, JsonNode *data, int64_t now_us,
                        bool pretty);

#endif
