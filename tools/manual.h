/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts of qom(1) that are not in the tables of verbs and options. */
#ifndef QOM_TOOLS_MANUAL_H
#define QOM_TOOLS_MANUAL_H

#include "tools/tool.h"

#define MANUAL_DESCRIPTION                                                  \
    "qom creates objects of QEMU's object model from descriptions on the "  \
    "command line or in a file.  'qom run' keeps the objects until it is "  \
    "stopped.  While it runs, QMP clients can list, read, change, create "  \
    "and delete objects.  Each other verb executes one command and ends.  " \
    "With -s it connects to the QMP socket of a running program.  Without " \
    "-s it works on objects that -object creates in its own process.  The " \
    "results are the same.\n\n"                                             \
    "Objects form a tree.  Objects that users create are children of "      \
    "/objects; their name there is their id.  A PATH is absolute "          \
    "(/objects/ml), or the end of an absolute path if only one object has " \
    "a path with this end (ml).  PATH.PROPERTY means PATH PROPERTY; the "   \
    "last dot separates the two.\n"

#define MANUAL_RUN                                                          \
    "qom run raises its limit on open files to the hard limit.  If SIGHUP " \
    "is ignored when it starts, as under nohup(1), it stays ignored.\n\n"   \
    "In the address of a socket a comma is written twice.\n"

#define MANUAL_GATEWAY                                                      \
    "The address of -qmp may have the options allow=PATTERN and "           \
    "deny=PATTERN, which may be repeated: unix:PATH,allow=query-*,"         \
    "allow=0:*.  A PATTERN is the name of a command; '*' stands for any "   \
    "text.  UID: before it limits the rule to one user.  A command that a " \
    "deny matches is refused.  If there is an allow, one must match.\n\n"   \
    "If the monitor goes away, commands that it was executing fail, "       \
    "clients receive GATEWAY_DISCONNECTED, and commands fail until the "    \
    "monitor is back, which GATEWAY_CONNECTED reports.\n"

#define MANUAL_CALL                                                         \
    "A value is what its type says: on and off are booleans, 4k is an "     \
    "integer, 12 is a string where the command wants one.  A comma has no " \
    "meaning.  A program without introspection, such as QEMU's guest "      \
    "agent, gets a value that is JSON as JSON, and any other as a string; " \
    "'\"12\"' is then the string 12.  Prints nothing if the command has no " \
    "result.\n"

#define MANUAL_SHELL                                                        \
    "Blanks separate words; quotes and backslashes work as in sh(1), and "  \
    "'#' begins a comment.  JSON needs no quotes and may have several "     \
    "lines.  If the program ends, the next line connects again.  The "      \
    "history is in the file $QOM_HISTORY, by default ~/.qom_history; "      \
    "lines that begin with a blank are not kept.\n"

extern const ToolSection manual_sections[];

#endif
