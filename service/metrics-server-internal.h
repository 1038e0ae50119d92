/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option -metrics: metrics over HTTP. */
#ifndef QOM_SERVICE_METRICS_SERVER_INTERNAL_H
#define QOM_SERVICE_METRICS_SERVER_INTERNAL_H

#include "aio/aio.h"
#include "qapi/error.h"

typedef struct MetricsServer MetricsServer;

/**
 * metrics_server_new: answers GET requests for /metrics
 * @ctx: the main loop
 * @address: as aio_address_parse() takes it
 * @errp: set if the address is wrong or cannot be used
 *
 * Returns: (transfer full) the server; NULL with @errp set
 */
MetricsServer *metrics_server_new(AioContext *ctx, const char *address,
                                  Error **errp);

/* metrics_server_free: closes all connections and frees @server (nullable) */
void metrics_server_free(MetricsServer *server);

#endif
