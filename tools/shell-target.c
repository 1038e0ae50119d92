/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connection of `qom shell`, and the events that arrive on it.
 *
 * If the program ends, the next line connects to its socket again.
 */
#include "tools/shell-internal.h"
#include "tools/output.h"
#include "tools/target.h"
#include "tools/watch-names.h"
#include "util/safe-text.h"

#include <poll.h>

/* ---- Connection ---- */

/* This process is always there. */
bool shell_is_connected(void)
{
    return !shell.socket || (target_client() && target_is_there());
}

/* Reports once that the connection has ended. */
void shell_note_loss(void)
{
    g_autoptr(GString) text = g_string_new("qom: ");

    if (shell_is_connected() || shell.is_lost) {
        return;
    }
    shell.is_lost = true;
    safe_text_append(text, shell.socket, "");
    g_string_append(text, ": the connection has ended; the next line "
                          "connects again\n");
    output_diagnostics(text->str);
}

void shell_use_connection(void)
{
    if (shell.shows_events) {
        qmp_client_keep_events(target_client());
    }
}

/*
 * Connects to the socket, also if there is a connection.  Nothing of the old
 * one remains: neither watches nor kept events.
 */
bool shell_connect_again(Error **errp)
{
    target_disconnect();
    if (!target_connect(shell.socket, errp)) {
        return false;
    }
    shell_use_connection();
    return true;
}

/* Connects if there is no connection; returns false with @errp set. */
bool shell_ensure_connection(Error **errp)
{
    g_autofree char *text = NULL;

    if (shell_is_connected()) {
        return true;
    }
    if (!shell_connect_again(errp)) {
        return false;
    }
    text = g_strdup_printf("qom: %s: connected again\n", shell.socket);
    output_diagnostics(text);
    shell.is_lost = false;
    return true;
}

/* ---- Events ---- */

/*
 * Prints events until @fd is readable or the connection ends.
 * @editor: (nullable) whose line is on the terminal
 */
void shell_handle_events(LineEditor *editor, int fd)
{
    while (target_client() && target_is_there()) {
        g_autoptr(Error) err = NULL;
        g_autoptr(JsonNode) event =
            qmp_client_next_event(target_client(), fd, &err);

        if (!event && target_is_there()) {
            return;
        }
        if (editor) {
            line_editor_hide(editor);
        }
        if (event) {
            watch_names_output(event);
        } else {
            shell_note_loss();
        }
        if (editor) {
            line_editor_show(editor);
        }
    }
}

/* LineEditorFuncs.wait: without a connection, input is all there is. */
void shell_wait_for_input(LineEditor *editor, int fd, void *opaque)
{
    struct pollfd input = { .fd = fd, .events = POLLIN };

    shell_handle_events(editor, fd);
    if (!target_client() || !target_is_there()) {
        poll(&input, 1, -1);
    }
}
