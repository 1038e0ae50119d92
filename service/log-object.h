/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The type "log": the messages of the process, as an object that clients can
 * change.
 *
 * Thread: main
 * Contract: docs/logging.md
 */
#ifndef QOM_SERVICE_LOG_OBJECT_H
#define QOM_SERVICE_LOG_OBJECT_H

#include "qom/object.h"
#include "service/qapi-types-log.h"

QOM_BEGIN_DECLS

#define TYPE_LOG "log"

/* The fields are properties; use the functions of qom/object-property.h. */
typedef struct LogObject {
    Object parent_obj;
    LogThreshold level;
    LogAreaLevelList *areas;
    char *output;
    uint32_t slow_callback_ms;
} LogObject;

DECLARE_INSTANCE_CHECKER(LogObject, LOG_OBJECT, TYPE_LOG)

QOM_END_DECLS

#endif
