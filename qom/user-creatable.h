/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User-creatable objects, which users create and delete on the command line
 * and over QMP.
 *
 * A type is user-creatable if it implements the interface "user-creatable".
 * Creating an object sets all its properties as one change set, adds it to
 * /objects under its id and calls complete().  If anything fails, no object
 * exists afterwards.
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

struct strList;
typedef struct UserCreatable UserCreatable;
typedef struct UserCreatableClass UserCreatableClass;

struct UserCreatableClass {
    InterfaceClass parent_class;

    /*
     * (nullable) Completes the object: called when all properties are set and
     * the object is in the tree.  Sets @errp on failure.
     */
    void (*complete)(UserCreatable *uc, Error **errp);

    /* (nullable) Returns false if the object must not be deleted now. */
    bool (*can_be_deleted)(UserCreatable *uc);

    /*
     * (nullable) The same, for a class that can say why not: returns false with
     * @errp set if the object must not be deleted now.
     */
    bool (*may_be_deleted)(UserCreatable *uc, Error **errp);
};

DECLARE_CLASS_CHECKERS(UserCreatableClass, USER_CREATABLE,
                       TYPE_USER_CREATABLE)
DECLARE_INTERFACE_CHECKER(UserCreatable, USER_CREATABLE, TYPE_USER_CREATABLE)

/**
 * user_creatable_complete: calls complete() of an object
 * @uc: the object
 * @errp: set if the hook fails
 *
 * After a success, properties of PROPERTY_SET_CREATE can no longer be set.
 *
 * Returns: true; false with @errp set
 */
bool user_creatable_complete(UserCreatable *uc, Error **errp);

/**
 * user_creatable_can_be_deleted: calls can_be_deleted() of an object
 * @uc: the object
 *
 * Returns: the result of the hook; true if the class has none
 */
bool user_creatable_can_be_deleted(UserCreatable *uc);

/**
 * user_creatable_add_from_str: creates an object from its textual form
 * @optarg: the textual form
 * @errp: set on failure; no object exists then
 *
 * Returns: the object, borrowed from /objects; NULL with @errp set
 */
Object *user_creatable_add_from_str(const char *optarg, Error **errp);

/**
 * user_creatable_add_builtin: adds an object that the program itself provides
 * @obj: a new object of a user-creatable type; /objects takes a reference
 * @id: id of the object
 * @errp: set if there is an object of that id, or if complete() fails; the
 *        object is not in the tree then
 *
 * The object is a child of /objects and can be changed and deleted like others.
 * But it is no part of the configuration: object_snapshot() leaves it out, and
 * object_apply() keeps it although it is not in the list.
 *
 * Returns: true; false with @errp set
 */
bool user_creatable_add_builtin(Object *obj, const char *id, Error **errp);

/**
 * user_creatable_add_list: creates several objects, all or none
 * @texts: their textual forms, borrowed
 * @n_texts: number of elements of @texts
 * @failed: (out) on failure, the index of the text that is in error
 * @errp: set on failure; none of the objects exists then
 *
 * A text may name objects of texts that follow: the targets of links are
 * created before their holders.  Otherwise the order is that of @texts.
 *
 * Returns: true; false with @errp set
 */
bool user_creatable_add_list(const char *const *texts, unsigned n_texts,
                             unsigned *failed, Error **errp);

/**
 * user_creatable_add_json: creates an object from a JSON object
 * @options: a JSON object with the members "qom-type" and "id" and with the
 *           properties; borrowed
 * @errp: set on failure; no object exists then
 *
 * Returns: the object, borrowed from /objects; NULL with @errp set
 */
Object *user_creatable_add_json(JsonObject *options, Error **errp);

/**
 * user_creatable_find_list: finds the objects that a property lists
 * @ids: (nullable) ids or paths; borrowed
 * @property: name of the property, with which messages begin
 * @type_name: a class or interface that all objects must have
 * @errp: set if there is no such object
 *
 * Users can delete the objects, unlike the target of a link.  They are freed
 * when the list is.
 *
 * Returns: (transfer full) the objects in this order, each with a reference, to
 *          be freed with g_ptr_array_unref(); NULL with @errp set
 */
GPtrArray *user_creatable_find_list(const struct strList *ids,
                                    const char *property,
                                    const char *type_name, Error **errp);

/**
 * user_creatable_del: deletes an object
 * @id: id of the object
 * @errp: set if there is no such object ("object 'X' not found"), or if its
 *        hook or a strong link to it forbids the deletion ("object 'X' is in
 *        use, can not be deleted", followed by the holders)
 *
 * Returns: true; false with @errp set
 */
bool user_creatable_del(const char *id, Error **errp);

/**
 * user_creatable_cleanup: deletes all user-creatable objects, newest first
 *
 * can_be_deleted() is not called, and links do not prevent the deletion.
 * Objects that link to each other in a cycle are freed, too.
 */
void user_creatable_cleanup(void);

/**
 * user_creatable_help: gets the text of "help", "?" or "TYPE,help"
 * @optarg: argument of the option -object
 *
 * If TYPE is not known, the text is the list of types.
 *
 * Returns: (transfer full) the text; NULL if @optarg does not ask for help
 */
char *user_creatable_help(const char *optarg);

/**
 * id_wellformed: checks whether a text is a valid id
 * @id: the text
 *
 * Returns: true if @id is a letter followed by letters, digits, '-', '.' and
 *          '_'
 * Thread: any
 */
bool id_wellformed(const char *id);

QOM_END_DECLS

#endif
