/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fuzz targets assert about the replies to a QMP client.
 */
#ifndef QOM_TESTS_CHECK_REPLIES_H
#define QOM_TESTS_CHECK_REPLIES_H

#include "tests/fuzz/mutate.h"

#include <json-glib/json-glib.h>

/* What a message must be answered with: its id, or an error of the reader. */
typedef struct Message {
    JsonNode *id;  /* (nullable) */
    char *error;   /* (nullable) */
    bool asks_oob; /* to be executed out of band */
} Message;

/**
 * read_messages: what a client says, read as nodes, by which no session reads
 * @data: all that it sends
 *
 * Returns: (transfer full) of Message
 */
GArray *read_messages(const char *data, size_t size);

/**
 * take_messages: those of @messages that do, or do not, ask for `exec-oob`
 *
 * Returns: (transfer full) of Message, whose members are borrowed
 */
GArray *take_messages(const GArray *messages, bool asks_oob);

/* What has been counted in the lines that were checked. */
typedef struct ReplyCount {
    unsigned replies;
    unsigned objects; /* added and not deleted, by the events */
} ReplyCount;

/**
 * check_replies: assert what must be so of lines that a client gets
 * @text: greeting, replies and events
 * @messages: what the client said, in the order of the replies
 *
 * Each reply has a known form, belongs to its message, and is an error if the
 * message was broken.  Fewer replies than messages are all right.
 */
ReplyCount check_replies(const char *text, const GArray *messages);

#endif
