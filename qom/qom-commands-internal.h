/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the QMP commands of the object model share.
 *
 * Thread: main
 */
#ifndef QOM_QOM_QOM_COMMANDS_INTERNAL_H
#define QOM_QOM_QOM_COMMANDS_INTERNAL_H

#include "qom/object.h"

/* resolve_path: distinguishes an ambiguous path from one without an object */
Object *resolve_path(const char *path, Error **errp);

/* resolve_device: clients expect one class of error for both */
Object *resolve_device(const char *path, Error **errp);

/*
 * check_no_apply: refuses while a list of objects is being applied, as a hook
 * of an object that is being made or deleted may run the loop
 */
bool check_no_apply(Error **errp);

#endif
