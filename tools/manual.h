/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the man page of `qom` says beyond the help of its verbs. */
#ifndef QOM_TOOLS_MANUAL_H
#define QOM_TOOLS_MANUAL_H

#include "tools/tool.h"

#define MANUAL_DESCRIPTION                                                  \
    "qom makes objects of QEMU's object model from descriptions on the "    \
    "command line or in a file.  'qom run' keeps them until it is told to " \
    "stop, and lets QMP clients list, read, change, make and delete "       \
    "objects meanwhile.  The other verbs ask one thing and end.  With -s "  \
    "they ask a program that runs, over its socket of QMP; without it they " \
    "work on objects that -object makes in this very process.  Both give "  \
    "the same answers.\n\n"                                                 \
    "Objects are in a tree.  Those made by users are children of /objects, " \
    "under their id; a PATH names one from the root (/objects/ml), or is "  \
    "the end of such a path and names one object alone (ml).  Wherever a " \
    "property is named, PATH.PROPERTY means PATH PROPERTY; the last dot "   \
    "separates.\n"

#define MANUAL_RUN                                                          \
    "The limit on open files is raised as far as it goes.  SIGHUP stays "   \
    "ignored when it was, as under nohup(1).\n\n"                           \
    "In the address of a socket a comma is written twice.  When one object " \
    "cannot be made, those made before are deleted, newest first.\n"

extern const ToolSection manual_sections[];

#endif
