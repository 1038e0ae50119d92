/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running in the background.
 *
 * Contract: docs/configuration.md, "Running as a service"
 */
#ifndef QOM_SERVICE_BACKGROUND_INTERNAL_H
#define QOM_SERVICE_BACKGROUND_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

/**
 * background_enter: continues in a new process
 * @errp: set if no process can be created
 *
 * The new process is in a new session, which it does not lead.  The calling
 * process waits.  It exits with 0 when the new process calls
 * background_ready().  If the new process ends before, it exits with the same
 * status.
 *
 * To be called while the process has one thread, before the main context is
 * created: a loop does not survive fork().
 *
 * Returns: true in the new process; false with @errp set
 */
bool background_enter(Error **errp);

/*
 * background_ready: ends the process that waits, and opens /dev/null as stdin,
 * stdout and stderr.  Without background_enter() it does nothing.
 */
void background_ready(void);

#endif
