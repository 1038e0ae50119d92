/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MainLoop: the parameters of the program's main loop, as an object.
 *
 * There is at most one, it needs the main context (aio_main_context_init()),
 * and once made it cannot be deleted by a user.
 *
 * Thread: main
 * Contract: REFERENCE rows G21 to G23; a refused second one has touched
 * nothing
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
