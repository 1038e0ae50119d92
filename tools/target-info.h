/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the target of a verb has: its commands, its schema and its version.
 *
 * Programs differ, so a verb first executes the command that does all of its
 * work, and falls back to commands that every QMP server has.
 */
#ifndef QOM_TOOLS_TARGET_INFO_H
#define QOM_TOOLS_TARGET_INFO_H

#include "qapi/compiler/introspection.h"

/**
 * target_lacks: tests whether a command failed because the target lacks it
 * @err: (inout) the error of target_execute(), or NULL; freed and set to NULL
 *       if the function returns true
 *
 * Returns: true if another command can be executed instead
 */
bool target_lacks(Error **err);

/*
 * target_describe: returns (transfer full) the target's name and version, for
 * messages
 */
char *target_describe(void);

/**
 * target_refuse: makes a message of an error that a verb cannot handle
 * @verb: the verb
 * @errp: a set error.  If the target lacks a command, the message then says
 *        which verb needs it, and names the target with its version; any other
 *        error stays
 */
void target_refuse(const char *verb, Error **errp);

/**
 * target_answers: tests whether a command has a reply if it succeeds
 * @command: the command's name
 *
 * Some commands of QEMU's guest agent have none, as they end the guest.
 *
 * Returns: true unless the guest agent says that it has none
 */
bool target_answers(const char *command);

/**
 * target_info: returns the schema of the target
 * @info: (out) borrowed until the target changes; NULL if the target has no
 *        introspection, as QEMU's guest agent
 * @errp: set if the reply is wrong or the connection fails
 *
 * The target is asked once.
 *
 * Returns: true; false with @errp set
 */
bool target_info(const QapiInfo **info, Error **errp);

/**
 * target_commands: returns the names of the commands of the target
 * @errp: set if the target lists none, or if the connection fails
 *
 * The target is asked once.
 *
 * Returns: (of const char *) borrowed until the target changes, sorted; NULL
 *          with @errp set
 */
const GPtrArray *target_commands(Error **errp);

#endif
