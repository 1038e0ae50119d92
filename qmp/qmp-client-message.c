/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages: the text of requests, and errors in replies.
 *
 * QEMU reads its requests byte by byte, and takes about four microseconds for
 * each.  So a request has no blanks.
 */
#include "qmp/qmp-client-internal.h"

#include "util/digits.h"

#include <string.h>

/* ---- Requests ---- */

/* A command's name is usually an identifier, which needs no escapes. */
static void append_name(GString *text, const char *name)
{
    size_t n = 0;

    while (g_ascii_isalnum(name[n]) || name[n] == '-' || name[n] == '_') {
        n++;
    }
    if (!name[n]) {
        g_string_append_c(text, '"');
        g_string_append_len(text, name, n);
        g_string_append_c(text, '"');
    } else {
        g_autoptr(JsonNode) node = json_text_new(name);

        json_write(text, node, false);
    }
}

/*
 * The text of a request is written in two parts.  The end has the id, which
 * differs each time that a setup command is executed.
 *
 * Returns: (transfer full) the start of a request without arguments
 */
static GString *request_start(const char *command, bool oob)
{
    GString *text = g_string_sized_new(128); /* of most requests */

    g_string_append(text, oob ? "{\"exec-oob\":" : "{\"execute\":");
    append_name(text, command);
    return text;
}

GString *qmp_client_request_start(const QmpCall *call)
{
    GString *text = request_start(call->command, call->oob);

    if (call->arguments || call->arguments_item) {
        g_string_append(text, ",\"arguments\":");
    }
    if (call->arguments) {
        json_write(text, call->arguments, false);
    } else if (call->arguments_item) {
        json_item_write_compact(text, call->arguments_item);
    }
    return text;
}

void qmp_client_request_end(GString *text, int64_t id)
{
    char text_of_id[DIGITS_MAX];
    char *end = text_of_id + sizeof(text_of_id);
    char *p = digits_write(end, id);

    g_string_append(text, ",\"id\":");
    g_string_append_len(text, p, end - p);
    g_string_append_len(text, "}\n", 2);
}

/* Requests that are not urgent and are made in one iteration of the loop are
 * sent together, by one system call. */
void qmp_client_send_text(QmpClient *c, const GString *text, bool is_urgent)
{
    ssize_t n = is_urgent && !aio_stream_get_unsent(c->stream)
                    ? aio_stream_try_send(c->stream, text->str, text->len)
                    : 0;

    n = MAX(n, 0); /* the reader learns of an error */
    if ((size_t)n < text->len) {
        aio_stream_queue(c->stream, text->str + n, text->len - n);
        aio_stream_kick(c->stream);
    }
}

int64_t qmp_client_send_request(QmpClient *c, const char *command,
                                const char *arguments)
{
    g_autoptr(GString) text = request_start(command, false);

    if (arguments) {
        g_string_append(text, ",\"arguments\":");
        g_string_append(text, arguments);
    }
    qmp_client_request_end(text, ++c->last_id);
    qmp_client_send_text(c, text, true);
    return c->last_id;
}

/* ---- Replies ---- */

/* An unknown class is GenericError, as QMP requires of clients. */
static ErrorClass class_of(const char *name)
{
    ErrorClass class = ERROR_CLASS__MAX;

    while (--class != ERROR_CLASS_GENERIC_ERROR) {
        if (g_strcmp0(name, error_class_str(class)) == 0) {
            break;
        }
    }
    return class;
}

/* Returns: (nullable) the text of a member that is a string */
static const char *text_of(const JsonItem *object, const char *name)
{
    const JsonItem *member = json_item_member(object, name);

    return member ? json_item_string(member) : NULL;
}

/* The lines after the first one are the hint. */
bool qmp_client_set_server_error(const JsonItem *message, Error **errp)
{
    ERRP_GUARD();
    const JsonItem *error = json_item_qtype(message) == QTYPE_QDICT
                                ? json_item_member(message, "error") : NULL;
    const char *desc = error && json_item_qtype(error) == QTYPE_QDICT
                           ? text_of(error, "desc") : NULL;
    const char *line_end;

    if (!desc) {
        return false;
    }
    line_end = strchrnul(desc, '\n');
    error_set(errp, class_of(text_of(error, "class")), "%.*s",
              (int)(line_end - desc), desc);
    if (*line_end) {
        error_append_hint(errp, "%s\n", line_end + 1);
    }
    return true;
}
