/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whom a verb asks: a program that serves QMP, or this process.
 *
 * Both are asked in commands of QMP, so they give the same answers.
 */
#ifndef QOM_TOOLS_TARGET_H
#define QOM_TOOLS_TARGET_H

#include "tools/qmp-client.h"

/**
 * target_connect: ask a program from now on; else it is this process
 * @socket: path of a socket, with or without "unix:" before it
 * @errp: set when nobody serves QMP there
 */
bool target_connect(const char *socket, Error **errp);

/* target_use: the same, of a peer that is connected; consumed */
void target_use(QmpClient *peer);

/* target_disconnect: ask this process again */
void target_disconnect(void);

/* target_client: the connection; NULL when this process is asked */
QmpClient *target_client(void);

/*
 * target_is_there: after an error, was it the target that refused?
 *
 * Otherwise the connection has failed or the reply was wrong.
 */
bool target_is_there(void);

/**
 * target_execute: execute a command
 * @command: its name
 * @errp: set when it is refused, or when the reply has not the form of the
 *        command's result; members that the schema does not have are left in
 * @...: pairs of a member's name and its value, a JsonNode *, consumed; pairs
 *       whose value is NULL are left out; NULL ends the pairs
 *
 * Returns: (transfer full) what it returns; NULL with @errp set
 */
JsonNode *target_execute(const char *command, Error **errp, ...)
    G_GNUC_NULL_TERMINATED;

/**
 * target_bad_reply: put before an error that the reply to a command is wrong
 * @command: its name
 * @errp: the errp of a function that says ERRP_GUARD(), set
 */
void target_bad_reply(const char *command, Error **errp);

#endif
