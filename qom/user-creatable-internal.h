/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface between the files of user-creatable objects, for the object
 * model and for QMP commands.
 *
 * Thread: main
 */
#ifndef QOM_QOM_USER_CREATABLE_INTERNAL_H
#define QOM_QOM_USER_CREATABLE_INTERNAL_H

#include "qom/object-internal.h"

#define KEY_TYPE "qom-type"
#define KEY_ID "id"

/*
 * user_creatable_check_class: true if the class lets the object be deleted now;
 * false with @errp set, which names @id
 */
bool user_creatable_check_class(Object *obj, const char *id, Error **errp);

/*
 * user_creatable_is_listed: true if the object is user-creatable and part of
 * the configuration
 */
bool user_creatable_is_listed(Object *obj);

/* user_creatable_check_id: true, or false with @errp set if it is not valid */
bool user_creatable_check_id(const char *id, Error **errp);

/* user_creatable_class: the class that users make objects of by that name */
ObjectClass *user_creatable_class(const char *type, Error **errp);

/* user_creatable_find: the child of /objects, if users may delete it */
Object *user_creatable_find(const char *id);

/* object_is_within: true if @obj is @ancestor or below it */
bool object_is_within(const Object *obj, const Object *ancestor);

/*
 * user_creatable_discard: takes an object out of the tree and drops the tree's
 * reference to it, though links may lead to and from it
 */
void user_creatable_discard(Object *obj);

#endif
