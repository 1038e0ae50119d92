/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User-creatable objects: what QEMU's functions do with a QDict, an option or a
 * command line, on top of the library's functions.
 */
#ifndef QOM_COMPAT_QEMU_OBJECT_INTERFACES_H
#define QOM_COMPAT_QEMU_OBJECT_INTERFACES_H

#include "qapi/qobject-input-visitor.h"
#include "qapi/visitor.h"
#include "qobject/qdict.h"
#include "qom/object.h"
#include "qom/user-creatable.h"

/* ---- Properties from a QDict ---- */

static inline bool qemu_set_properties_from_qdict(Object *obj,
                                                  const QDict *qdict,
                                                  Visitor *v, Error **errp)
{
    bool ok = visit_start_struct(v, NULL, NULL, 0, errp);

    if (!ok) {
        return false;
    }
    for (const QDictEntry *entry = qdict_first(qdict); ok && entry;
         entry = qdict_next(qdict, entry)) {
        ok = (object_property_set)(obj, entry->key, v, errp);
    }
    ok = ok && visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

/*
 * object_set_properties_from_keyval: sets one property for each key
 * @from_json: the values are typed; false: they are text, as from
 *             keyval_parse()
 * @errp: set on failure; properties before the rejected one remain set
 */
static inline void object_set_properties_from_keyval(Object *obj,
                                                     const QDict *qdict,
                                                     bool from_json,
                                                     Error **errp)
{
    QObject *node = QOBJECT((QDict *)qdict);
    Visitor *v = from_json ? qobject_input_visitor_new(node)
                           : qobject_input_visitor_new_keyval(node);

    qemu_set_properties_from_qdict(obj, qdict, v, errp);
    visit_free(v);
}

/* ---- Creating objects ---- */

static inline bool qemu_user_creatable_check(const char *type, const char *id,
                                             Error **errp)
{
    ERRP_GUARD();
    ObjectClass *klass = object_class_by_name(type);

    if (id && !id_wellformed(id)) {
        error_setg(errp, "Parameter 'id' expects an identifier");
        error_append_hint(errp, "Identifiers consist of letters, digits, "
                                "'-', '.', '_', starting with a letter.\n");
    } else if (!klass) {
        error_setg(errp, "invalid object type: %s", type);
    } else if (!object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        error_setg(errp, "object type '%s' isn't supported by object-add",
                   type);
    } else if (object_class_is_abstract(klass)) {
        error_setg(errp, "object type '%s' is abstract", type);
    } else {
        return true;
    }
    return false;
}

/**
 * user_creatable_add_type: creates an object and completes it
 * @id: (nullable) makes it a child of /objects
 * @qdict: its keys are the properties; (nullable) none
 * @v: reads the value of each key of @qdict
 * @errp: set on failure; no object exists then
 *
 * Returns: (transfer full) the object; NULL with @errp set
 * Thread: main
 */
static inline Object *user_creatable_add_type(const char *type,
                                              const char *id,
                                              const QDict *qdict, Visitor *v,
                                              Error **errp)
{
    Object *obj;

    if (!qemu_user_creatable_check(type, id, errp)) {
        return NULL;
    }
    obj = object_new(type);
    if (qdict && !qemu_set_properties_from_qdict(obj, qdict, v, errp)) {
        goto fail;
    }
    if (id && !object_property_try_add_child(object_get_objects_root(), id,
                                             obj, errp)) {
        goto fail;
    }
    if (!user_creatable_complete(USER_CREATABLE(obj), errp)) {
        if (id) {
            object_unparent(obj);
        }
        goto fail;
    }
    return obj;

fail:
    object_unref(obj);
    return NULL;
}

/*
 * An option that was found to be well-formed.  The type that is generated from
 * QEMU's schema has the same name, so include only one of them.
 */
#ifndef QAPI_TYPES_QOM_H
typedef struct ObjectOptions {
    char *optarg;
} ObjectOptions;

static inline void qapi_free_ObjectOptions(ObjectOptions *options)
{
    if (options) {
        g_free(options->optarg);
        g_free(options);
    }
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ObjectOptions, qapi_free_ObjectOptions)

/**
 * user_creatable_parse_str: parses the argument of an option -object
 * @str: TYPE,id=ID,... or JSON
 * @errp: set if the syntax is wrong
 *
 * Returns: (transfer full) to be freed with qapi_free_ObjectOptions(); NULL
 */
static inline ObjectOptions *user_creatable_parse_str(const char *str,
                                                      Error **errp)
{
    Visitor *v = qobject_input_visitor_new_str(str, "qom-type", errp);
    ObjectOptions *options;

    if (!v) {
        return NULL;
    }
    visit_free(v);
    options = g_new0(ObjectOptions, 1);
    options->optarg = g_strdup(str);
    return options;
}

/* user_creatable_add_qapi: creates the object of @options, in /objects */
static inline void user_creatable_add_qapi(ObjectOptions *options,
                                           Error **errp)
{
    user_creatable_add_from_str(options->optarg, errp);
}
#endif

/* ---- Command line ---- */

/*
 * user_creatable_process_cmdline: does what the option -object asks for
 *
 * Exits with 0 after it has printed help, and with 1 after an error.
 */
static inline void user_creatable_process_cmdline(const char *cmdline)
{
    g_autofree char *help = user_creatable_help(cmdline);

    if (help) {
        printf("%s", help);
        exit(0);
    }
    user_creatable_add_from_str(cmdline, &error_fatal);
}

/* Prints the properties of a type.  Returns: false if there is no such type */
static inline bool type_print_class_properties(const char *type)
{
    g_autofree char *question = g_strdup_printf("%s,help", type);
    g_autofree char *help = NULL;

    if (!object_class_by_name(type)) {
        return false;
    }
    help = user_creatable_help(question);
    printf("%s", help);
    return true;
}

#endif
