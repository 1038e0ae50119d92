/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The beginning of a conversation: the greeting and the negotiation.
 *
 * A server may send anything, so each message is checked.  Real servers send
 * events before the reply to qmp_capabilities.
 */
#include "qmp/qmp-client-internal.h"

#include <string.h>

/*
 * Checks the first message that is no event.  A server that refuses a client,
 * because it has too many, sends an error instead of the greeting.
 */
static bool check_greeting(const QmpClient *c, const JsonItem *message,
                           Error **errp)
{
    ERRP_GUARD();

    if (json_item_qtype(message) == QTYPE_QDICT &&
        json_item_member(message, "QMP")) {
        return true;
    }
    if (qmp_client_set_server_error(message, errp)) {
        error_prepend(errp, "'%s' refuses the connection: ", c->name);
    } else {
        error_setg(errp, "'%s' does not speak QMP: it sent no greeting",
                   c->name);
    }
    return false;
}

/* Returns: (transfer full) a message that is no event; NULL with @errp set */
static JsonDoc *coroutine_fn receive_no_event(QmpClient *c,
                                              int64_t deadline_ns,
                                              Error **errp)
{
    for (;;) {
        JsonDoc *doc = qmp_client_receive(c, deadline_ns, errp);

        if (!doc || !qmp_client_event_name(json_doc_root(doc))) {
            return doc;
        }
        if (!qmp_client_handle_event(c, doc, errp) ||
            !qmp_client_count_other(c, errp)) {
            return NULL;
        }
        if (c->state == QMP_CLIENT_CLOSED) { /* by a function for events */
            qmp_client_set_stream_error(c, -ECANCELED, errp);
            return NULL;
        }
    }
}

/* A server may send anything as its greeting. */
static bool offers_oob(const QmpClient *c)
{
    const JsonItem *greeting = qmp_client_get_greeting(c);
    const JsonItem *list = NULL;
    g_autoptr(JsonNode) node = NULL;
    JsonArray *array;

    if (json_item_qtype(greeting) == QTYPE_QDICT) {
        list = json_item_member(greeting, "capabilities");
    }
    if (!list || json_item_qtype(list) != QTYPE_QLIST) {
        return false;
    }
    node = json_item_to_node(list);
    array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *name = json_array_get_element(array, i);

        if (json_qtype(name) == QTYPE_QSTRING &&
            !strcmp(json_node_get_string(name), "oob")) {
            return true;
        }
    }
    return false;
}

/* Returns: true if @message is the reply to the request @id.  One without an
 * id is about a request that the server could not parse. */
static bool is_reply_to(const JsonItem *message, int64_t id)
{
    const JsonItem *item;
    int64_t number;

    if (json_item_qtype(message) != QTYPE_QDICT) {
        return false;
    }
    item = json_item_member(message, "id");
    if (!item) {
        return json_item_member(message, "error") != NULL;
    }
    return json_item_get_int64(item, &number) && number == id;
}

/*
 * Leaves the negotiation.  Real servers send events before the reply.
 */
static bool coroutine_fn negotiate(QmpClient *c, int64_t deadline_ns,
                                   Error **errp)
{
    bool wants_oob = c->options.wants_oob && offers_oob(c);
    int64_t id = qmp_client_send_request(
        c, "qmp_capabilities", wants_oob ? "{\"enable\": [\"oob\"]}" : NULL);

    for (;;) {
        g_autoptr(JsonDoc) doc = receive_no_event(c, deadline_ns, errp);
        const JsonItem *message = doc ? json_doc_root(doc) : NULL;

        if (!doc) {
            return false;
        }
        if (!is_reply_to(message, id)) {
            if (!qmp_client_count_other(c, errp)) {
                return false;
            }
            continue;
        }
        if (json_item_member(message, "return")) {
            c->has_oob = wants_oob;
            return true;
        }
        if (!qmp_client_set_server_error(message, errp)) {
            error_setg(errp, "'%s' does not speak QMP: its reply has neither "
                       "result nor error", c->name);
        }
        return false;
    }
}

/* The greeting is kept until the next one arrives; a guest agent has none. */
bool qmp_client_greet(QmpClient *c, int64_t deadline_ns, Error **errp)
{
    JsonDoc *doc;

    if (!qmp_client_find_agent(c, deadline_ns, &doc, errp)) {
        return false;
    }
    if (c->is_agent) {
        g_clear_pointer(&c->greeting, json_doc_free);
        return true;
    }
    doc = doc ? doc : receive_no_event(c, deadline_ns, errp);
    if (!doc || !check_greeting(c, json_doc_root(doc), errp)) {
        json_doc_free(doc);
        return false;
    }
    json_doc_free(c->greeting);
    c->greeting = doc;
    return negotiate(c, deadline_ns, errp);
}
