/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: qmp-client ADDRESS
 *
 * Prints the version of a program that serves QMP, and then its events until it
 * ends.
 */
#include "aio/aio.h"
#include "qmp/qmp-client.h"

#include <stdio.h>

static void on_event(const QmpEvent *event, void *opaque)
{
    printf("event %s\n", event->name);
    fflush(stdout);
}

static void coroutine_fn print_version(void *opaque)
{
    QmpClient *client = opaque;
    const QmpCall call = { .command = "query-version" };
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) result = qmp_client_co_call(client, &call, NULL,
                                                    &err);
    JsonObject *version;

    if (!result) {
        printf("%s\n", error_get_pretty(err));
        return;
    }
    version = json_object_get_object_member(json_node_get_object(result),
                                            "qemu");
    printf("version %d.%d\n",
           (int)json_object_get_int_member(version, "major"),
           (int)json_object_get_int_member(version, "minor"));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    QmpClientOptions options = { .address = argc > 1 ? argv[1] : "" };
    AioContext *ctx;
    QmpClient *client;

    aio_main_context_init(&error_fatal);
    ctx = aio_get_main_context();
    client = qmp_client_new(ctx, &options, &error_fatal);
    qmp_client_on_event(client, NULL, on_event, NULL);
    coroutine_enter(coroutine_create(print_version, client));
    while (qmp_client_is_open(client)) {
        aio_poll(ctx, true);
    }
    qmp_client_free(client);
    return 0;
}
