/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MainLoop: an object with the parameters of the program's main loop.
 *
 * A program has one at most, and users cannot delete it.  It can be created
 * after aio_main_context_init().  Creating a second one fails and leaves the
 * first as it is.
 *
 * Thread: main
 * Contract: docs/iothread.md, "main-loop"
 */
#ifndef QOM_EVENT_LOOP_BASE_MAIN_LOOP_H
#define QOM_EVENT_LOOP_BASE_MAIN_LOOP_H

#include "event-loop-base/event-loop-base.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_MAIN_LOOP "main-loop"
OBJECT_DECLARE_SIMPLE_TYPE(MainLoop, MAIN_LOOP)

struct MainLoop {
    EventLoopBase parent_obj;
};

QOM_END_DECLS

#endif
