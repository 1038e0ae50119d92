/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands that concern the conversation itself. */
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-session-internal.h"

#include "qapi/qapi-command.h"

static bool enable_oob(QmpSession *s, Error **errp)
{
    if (!s->options.offers_oob) {
        error_setg(errp, "Capability '%s' is not available",
                   qapi_enum_lookup(&QMPCapability_lookup,
                                    QMP_CAPABILITY_OOB));
        return false;
    }
    /* If the thread cannot be started, nothing has changed. */
    if (s->start_oob && !s->start_oob(s->start_oob_opaque, errp)) {
        return false;
    }
    __atomic_store_n(&s->oob, true, __ATOMIC_RELEASE);
    return true;
}

void qmp_qmp_capabilities(bool has_enable, QMPCapabilityList *enable,
                          Error **errp)
{
    QmpSession *s = qmp_session_current();

    if (!s) {
        error_setg(errp, "There is no QMP session");
        return;
    }
    if (s->negotiated) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Capabilities negotiation is already complete, "
                  "command ignored");
        return;
    }
    /* `oob` is the only capability, so a list that is not empty requests it. */
    if (has_enable && enable && !enable_oob(s, errp)) {
        return;
    }
    s->negotiated = true;
    qmp_events_negotiated(s);
}

VersionInfo *qmp_query_version(Error **errp)
{
    VersionInfo *info = g_new0(VersionInfo, 1);

    info->qemu = g_new0(VersionTriple, 1);
    info->qemu->major = 10;
    info->package = g_strdup("qom " QOM_VERSION);
    return info;
}

/*
 * Inserts in sorted order.  A linear search is enough, because the list is
 * short.
 */
static void add_command(const QapiCommand *cmd, void *opaque)
{
    CommandInfoList **at = opaque;
    CommandInfoList *node;

    while (*at && strcmp((*at)->value->name, cmd->name) < 0) {
        at = &(*at)->next;
    }
    node = g_new(CommandInfoList, 1);
    node->value = g_new(CommandInfo, 1);
    node->value->name = g_strdup(cmd->name);
    node->next = *at;
    *at = node;
}

CommandInfoList *qmp_query_commands(Error **errp)
{
    CommandInfoList *list = NULL;

    qapi_for_each_command(add_command, &list);
    return list;
}

void qmp_quit(Error **errp)
{
    QmpSession *s = qmp_session_current();

    if (!s) {
        error_setg(errp, "There is no QMP session");
        return;
    }
    __atomic_store_n(&s->quit, true, __ATOMIC_RELEASE);
}

/* ---- query-qmp-sessions ---- */

typedef struct SessionList {
    QmpSessionInfoList **tail;
    const QmpSession *asking;
    int64_t now_us;
} SessionList;

/*
 * Reads the command and its start without a lock, so the time may belong to a
 * later command.
 */
static void describe_command(QmpSessionInfo *info, const QmpSession *s,
                             int64_t now_us)
{
    int64_t since_us = __atomic_load_n(&s->since_us, __ATOMIC_RELAXED);
    const char *command = __atomic_load_n(&s->command, __ATOMIC_RELAXED);

    if (command) {
        info->command = g_strdup(command);
        info->has_running_ms = true;
        info->running_ms = MAX(now_us - since_us, 0) / 1000;
    }
}

static void add_session(const QmpSession *s, void *opaque)
{
    SessionList *list = opaque;
    QmpSessionInfoList *node = g_new0(QmpSessionInfoList, 1);
    QmpSessionInfo *info = g_new0(QmpSessionInfo, 1);

    info->has_peer_pid = s->options.has_peer;
    info->peer_pid = s->options.peer_pid;
    info->has_peer_uid = s->options.has_peer;
    info->peer_uid = s->options.peer_uid;
    info->self = s == list->asking;
    info->oob = qmp_session_has_oob(s);
    info->queued = __atomic_load_n(&s->n_queued, __ATOMIC_RELAXED);
    describe_command(info, s, list->now_us);
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

    qmp_events_for_each_session(add_session, &list);
    return infos;
}
