/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports what happens in the program to all clients.
 *
 * Thread: main
 */
#ifndef QOM_QMP_QMP_OBSERVER_INTERNAL_H
#define QOM_QMP_QMP_OBSERVER_INTERNAL_H

typedef struct AioContext AioContext;

/**
 * qmp_observer_start: registers a server
 * @ctx: the loop of the server; borrowed until the last server is unregistered
 *
 * The first server makes this folder the emitter of events and the observer of
 * objects, until qmp_observer_stop() has been called once for each server.
 */
void qmp_observer_start(AioContext *ctx);

/**
 * qmp_observer_stop: unregisters a server
 */
void qmp_observer_stop(void);

#endif
