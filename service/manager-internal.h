/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages to the service manager, such as systemd.
 *
 * Contract: docs/configuration.md, "Running as a service"
 */
#ifndef QOM_SERVICE_MANAGER_INTERNAL_H
#define QOM_SERVICE_MANAGER_INTERNAL_H

#include "aio/aio.h"

/*
 * Each function sends a message to $NOTIFY_SOCKET as in sd_notify(3), if that
 * is set.  Failures are ignored: the program works without a manager.  None
 * waits for a manager that does not read: the main loop sends the rest later.
 */

/* manager_ready: the program serves; operators see @status (nullable) */
void manager_ready(const char *status);

/* manager_reloading: the file is read again; manager_ready() follows */
void manager_reloading(void);

/* manager_stopping: the program ends */
void manager_stopping(void);

/**
 * manager_watch: lets a loop feed the watchdog of the manager
 * @ctx: the loop
 *
 * A timer of the loop sends a message twice in the time of $WATCHDOG_USEC, so
 * the manager notices a loop that is stuck.  Without the variable nothing
 * happens.
 */
void manager_watch(AioContext *ctx);

/* manager_unwatch: stops the timer; does nothing if there is none */
void manager_unwatch(void);

/* manager_cleanup: drops the messages that the manager had no room for */
void manager_cleanup(void);

#endif
