/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands that are about the conversation itself.
 */
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-session-internal.h"

#include "qapi/qapi-command.h"

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
    if (has_enable && enable) {
        error_setg(errp, "Capability '%s' is not available",
                   qapi_enum_lookup(&QMPCapability_lookup, enable->value));
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

/* Inserts; lists are short and the registry is close to sorted. */
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
    s->quit = true;
}
