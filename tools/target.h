/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target of a verb: a program that serves QMP, or this process.
 *
 * A verb executes QMP commands on its target.  Both kinds of target execute the
 * same commands, so they return the same values.
 */
#ifndef QOM_TOOLS_TARGET_H
#define QOM_TOOLS_TARGET_H

#include "tools/qmp-client.h"

/**
 * target_connect: makes a program the target; without it, it is this process
 * @socket: path of a socket, with or without "unix:" before it
 * @errp: set if no program serves QMP there
 *
 * Returns: true; false with @errp set
 */
bool target_connect(const char *socket, Error **errp);

/*
 * target_set_stop_fd: lets a file descriptor end each wait for a program when
 * it is readable: to connect, and for a reply, which closes the connection
 * @fd: borrowed; -1: none
 */
void target_set_stop_fd(int fd);

/* target_use: makes a connected peer the target; @peer is consumed. */
void target_use(QmpClient *peer);

/* target_disconnect: makes this process the target again. */
void target_disconnect(void);

/*
 * target_number: returns a number that no earlier target of this process had,
 * so that what is known about one target is not used for the next.
 */
unsigned target_number(void);

/* target_name: returns (borrowed) the target's name for messages. */
const char *target_name(void);

/* target_client: returns the connection (borrowed); NULL for this process. */
QmpClient *target_client(void);

/*
 * target_is_there: returns true if further commands can be executed.
 *
 * After an error it returns true if the target refused the command, and false
 * if the connection failed or the reply was wrong.
 */
bool target_is_there(void);

/**
 * target_execute: executes a command, or standard commands that do the same if
 * the target lacks it
 * @command: the command's name
 * @errp: set if the target refuses the command, or if the reply does not match
 *        the schema
 * @...: pairs of a member's name and its value, a JsonNode *, which is
 *       consumed; pairs whose value is NULL are left out; NULL ends the pairs
 *
 * Members of the reply that the schema does not have are kept.
 *
 * Returns: (transfer full) the command's result; NULL with @errp set
 */
JsonNode *target_execute(const char *command, Error **errp, ...)
    G_GNUC_NULL_TERMINATED;

/**
 * target_execute_all: executes several commands, of which none has a substitute
 * @calls: [n] the commands; many are sent before the first reply arrives
 * @n: their number
 * @results: (out) [n] (transfer full) NULL where @errors has an error
 * @errors: (out) [n] (transfer full) as target_execute() sets them
 */
void target_execute_all(const QmpCall *calls, unsigned n, JsonNode **results,
                        Error **errors);

/**
 * target_call: executes a command of any program
 * @command: the command's name
 * @arguments: (nullable) an object; borrowed
 * @errp: set if the target refuses the command or the connection fails
 *
 * Unlike target_execute() the function does not check the reply.
 *
 * Returns: (transfer full) the command's result; NULL with @errp set
 */
JsonNode *target_call(const char *command, JsonNode *arguments,
                      Error **errp);

/**
 * target_call_silent: executes a command that has no reply if it succeeds
 * @command: the command's name
 * @arguments: (nullable) an object; borrowed
 * @errp: set if the target refuses the command within a second
 *
 * The connection is closed afterwards.
 *
 * Returns: true if the target refuses nothing; false with @errp set
 */
bool target_call_silent(const char *command, JsonNode *arguments,
                        Error **errp);

/**
 * target_bad_reply: prepends to an error that the reply to a command is wrong
 * @command: the command's name
 * @errp: a set error, of a function that uses ERRP_GUARD()
 */
void target_bad_reply(const char *command, Error **errp);

#endif
