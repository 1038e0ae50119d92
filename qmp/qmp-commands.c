/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands that concern the conversation itself: negotiation, end, watches,
 * and the list of all conversations.
 *
 * A handler has no argument for its client, so it finds the session with
 * qmp_session_current().  There is none if a program calls the handler outside
 * of any conversation.
 */
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-session-internal.h"
#include "qmp/qmp-watch-internal.h"

#include "qom/object.h"

static QmpSession *find_session(Error **errp)
{
    QmpSession *s = qmp_session_current();

    if (!s) {
        error_setg(errp, "There is no QMP session");
    }
    return s;
}

/* ---- Negotiation and end ---- */

void qmp_qmp_capabilities(bool has_enable, QMPCapabilityList *enable,
                          Error **errp)
{
    QmpSession *s = find_session(errp);

    if (!s) {
        return;
    }
    if (qmp_session_is_negotiated(s)) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Capabilities negotiation is already complete, "
                  "command ignored");
        return;
    }
    /*
     * `oob` is the only capability, so a list that is not empty requests it.
     * If it cannot be enabled, the client may try again or continue without.
     */
    if (has_enable && enable && !qmp_session_enable_oob(s, errp)) {
        return;
    }
    qmp_session_negotiate(s);
}

void qmp_quit(Error **errp)
{
    QmpSession *s = find_session(errp);

    if (s) {
        qmp_session_quit(s);
    }
}

/* ---- Watches ---- */

/* Sets the same errors as the commands of qom/qom.json. */
static Object *find_object(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (!obj && ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", path);
    } else if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND,
                  "Device '%s' not found", path);
    }
    return obj;
}

void qmp_qom_watch(const char *path, const char *property, Error **errp)
{
    QmpSession *s = find_session(errp);
    Object *obj = s ? find_object(path, errp) : NULL;

    if (obj) {
        qmp_watches_add(qmp_session_watches(s), obj, property, errp);
    }
}

void qmp_qom_unwatch(const char *path, const char *property, Error **errp)
{
    QmpSession *s = find_session(errp);
    Object *obj = s ? find_object(path, errp) : NULL;

    if (obj) {
        qmp_watches_remove(qmp_session_watches(s), obj, property, errp);
    }
}

/* ---- query-qmp-sessions ---- */

/* The list that is being built. */
typedef struct SessionList {
    QmpSessionInfoList **tail;
    const QmpSession *asking;
    int64_t now_us;
} SessionList;

/*
 * Called with the list of sessions locked, so it only copies.  `since_us` may
 * belong to a later command than `command`, and be later than @now_us.
 */
static void add_session(const QmpSessionStatus *status, void *opaque)
{
    SessionList *list = opaque;
    QmpSessionInfoList *node = g_new0(QmpSessionInfoList, 1);
    QmpSessionInfo *info = g_new0(QmpSessionInfo, 1);

    info->has_peer_pid = status->options->has_peer;
    info->peer_pid = status->options->peer_pid;
    info->has_peer_uid = status->options->has_peer;
    info->peer_uid = status->options->peer_uid;
    info->self = status->session == list->asking;
    info->oob = status->has_oob;
    info->queued = status->n_queued;
    if (status->command) {
        info->command = g_strdup(status->command);
        info->has_running_ms = true;
        info->running_ms = MAX(list->now_us - status->since_us, 0) / 1000;
    }
    info->server = g_strdup(status->options->server);
    node->value = info;
    *list->tail = node;
    list->tail = &node->next;
}

QmpSessionInfoList *qmp_query_qmp_sessions(Error **errp)
{
    QmpSessionInfoList *infos = NULL;
    SessionList list = {
        .tail = &infos,
        .asking = qmp_session_current(),
        .now_us = g_get_monotonic_time(),
    };

    qmp_session_for_each(add_session, &list);
    return infos;
}
