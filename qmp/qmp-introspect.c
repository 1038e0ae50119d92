/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands that say what the server offers: its version, its commands and
 * their schema.
 */
#include "qapi/qapi-command.h"
#include "qapi/schema-info.h"
#include "qapi/visitor/clone-visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qmp/qapi-commands-control.h"
#include "qmp/qapi-commands-introspect.h"
#include "qmp/qapi-visit-control.h"
#include "qmp/qmp-server.h"

#include <inttypes.h>
#include <string.h>

#define LIBRARY "qom " QOM_VERSION

/*
 * What the program has stated.  The lock is needed because `query-version` may
 * be executed out of band.
 */
static GMutex program_lock;
static ProgramInfo *program; /* (nullable) under program_lock */

static ProgramInfo *new_program(const char *name, unsigned major,
                                unsigned minor, unsigned micro,
                                const char *package)
{
    ProgramInfo *info = g_new0(ProgramInfo, 1);

    info->name = g_strdup(name);
    info->version = g_new0(VersionTriple, 1);
    info->version->major = major;
    info->version->minor = minor;
    info->version->micro = micro;
    info->package = g_strdup(package);
    return info;
}

void qmp_set_program(const char *name, unsigned major, unsigned minor,
                     unsigned micro, const char *package)
{
    ProgramInfo *info = name ? new_program(name, major, minor, micro, package)
                             : NULL;
    ProgramInfo *old;

    /* Memory is allocated and freed without the lock. */
    g_mutex_lock(&program_lock);
    old = program;
    program = info;
    g_mutex_unlock(&program_lock);
    qapi_free_ProgramInfo(old);
}

/* Clients parse `qemu` and `package`, which therefore are always there. */
VersionInfo *qmp_query_version(Error **errp)
{
    VersionInfo *info = g_new0(VersionInfo, 1);

    info->qemu = g_new0(VersionTriple, 1);
    info->qemu->major = 10;
    g_mutex_lock(&program_lock);
    if (program) {
        const VersionTriple *version = program->version;

        info->program = QAPI_CLONE(ProgramInfo, program);
        info->package = g_strdup_printf(
            "%s %" PRId64 ".%" PRId64 ".%" PRId64 " (" LIBRARY ")",
            program->name, version->major, version->minor, version->micro);
    } else {
        info->package = g_strdup(LIBRARY);
    }
    g_mutex_unlock(&program_lock);
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

/* ---- query-qmp-schema ---- */

static bool visit_flag(Visitor *v, const char *name, bool *flag, Error **errp)
{
    bool present = false;

    return !visit_optional(v, name, &present) ||
           visit_type_bool(v, name, flag, errp);
}

/* It reads its own arguments, because its schema says 'gen': false. */
bool qmp_query_qmp_schema(JsonNode *args, JsonNode **ret, Error **errp)
{
    g_autoptr(Visitor) v = json_input_visitor_new(args);
    bool unmask = false;
    bool details = false;
    bool ok;

    if (!visit_start_struct(v, NULL, NULL, 0, errp)) {
        return false;
    }
    ok = visit_flag(v, "unmask", &unmask, errp) &&
         visit_flag(v, "details", &details, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    if (ok) {
        *ret = qapi_schema_info(unmask, details);
    }
    return ok;
}
