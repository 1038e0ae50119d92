/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In a cross build, the `qapi` that runs on the machine that builds only reads
 * schema files.  It has no event loop, so it has no client either, and no
 * client ever exists.
 */
#include "tools/qmp-client.h"

QmpClient *qmp_client_connect(const char *path, int timeout_ms, int stop_fd,
                              Error **errp)
{
    error_setg(errp, "can't connect to '%s': this qapi is for builds, and "
               "reads schema files alone", path);
    return NULL;
}

JsonNode *qmp_client_execute(QmpClient *client, const char *command,
                             JsonNode *arguments, Error **errp)
{
    g_assert(!client);
    return NULL;
}

bool qmp_client_is_open(const QmpClient *client)
{
    g_assert(!client);
    return false;
}

void qmp_client_free(QmpClient *client)
{
    g_assert(!client);
}
