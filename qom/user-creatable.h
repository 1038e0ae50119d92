/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User-creatable objects: those that a user makes, names and deletes, on the
 * command line, over QMP or from C.
 *
 * A type says that it is one by implementing the interface "user-creatable".
 * Objects are made in one step: all their properties are set as one change,
 * they become children of /objects under their id, and `complete` makes them
 * work.  When anything fails, nothing is left behind.
 *
 * The textual form is "TYPE,id=ID,prop=value,..." in keyval grammar, or a JSON
 * object with the members "qom-type" and "id".
 *
 * Thread: main
 * Contract: the API of QEMU 10's "qom/object_interfaces.h"; docs/objects.md
 */
#ifndef QOM_QOM_USER_CREATABLE_H
#define QOM_QOM_USER_CREATABLE_H

#include "qapi/error.h"
#include "qom/object.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>

QOM_BEGIN_DECLS

#define TYPE_USER_CREATABLE "user-creatable"

typedef struct UserCreatable UserCreatable;
typedef struct UserCreatableClass UserCreatableClass;

struct UserCreatableClass {
    InterfaceClass parent_class;

    /*
     * All properties are set and the object has its path: make it work.
     * Absent: there is nothing to do.
     */
    void (*complete)(UserCreatable *uc, Error **errp);

    /* May it be deleted now?  Absent: yes. */
    bool (*can_be_deleted)(UserCreatable *uc);
};

DECLARE_CLASS_CHECKERS(UserCreatableClass, USER_CREATABLE,
                       TYPE_USER_CREATABLE)
DECLARE_INTERFACE_CHECKER(UserCreatable, USER_CREATABLE, TYPE_USER_CREATABLE)

/* user_creatable_complete: call the hook; PROPERTY_SET_CREATE rows are fixed */
bool user_creatable_complete(UserCreatable *uc, Error **errp);

/* user_creatable_can_be_deleted: call the hook */
bool user_creatable_can_be_deleted(UserCreatable *uc);

/**
 * user_creatable_add_from_str: make an object from its textual form
 * @optarg: see above
 * @errp: set on failure, and then nothing was made
 *
 * Returns: the object, borrowed from /objects; NULL with @errp set
 */
Object *user_creatable_add_from_str(const char *optarg, Error **errp);

/**
 * user_creatable_add_json: make an object from a JSON object
 * @options: with the members "qom-type", "id" and the properties; borrowed
 */
Object *user_creatable_add_json(JsonObject *options, Error **errp);

/**
 * user_creatable_del: delete an object
 * @id: its id
 * @errp: set when there is none: "object 'X' not found"; or when its hook
 *        refuses or strong links point to it: "object 'X' is in use, can not
 *        be deleted", with the holders named
 */
bool user_creatable_del(const char *id, Error **errp);

/* user_creatable_cleanup: delete all, newest first, asking nobody */
void user_creatable_cleanup(void);

/**
 * user_creatable_help: answer "help", "?", "TYPE,help"
 * @optarg: the textual form
 *
 * An unknown TYPE is answered with the list of types.
 *
 * Returns: (transfer full) what to print; NULL when @optarg asks for no help
 */
char *user_creatable_help(const char *optarg);

/* id_wellformed: a letter, then letters, digits, '-', '.' and '_' */
bool id_wellformed(const char *id);

QOM_END_DECLS

#endif
