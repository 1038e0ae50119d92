/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of classes.  All registered types are listed in order of their names,
 * and the class of each is built.
 */
#include "qom/object.h"
#include "qom/type-internal.h"

void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque)
{
    g_autoptr(GPtrArray) types = type_list();

    /* Registering a type from @fn aborts: it would be missing in the list. */
    type_enumeration_begin();
    for (guint i = 0; i < types->len; i++) {
        const TypeImpl *type = types->pdata[i];
        ObjectClass *klass = object_class_by_name(type->name);

        if (!include_abstract && type->abstract) {
            continue;
        }
        if (implements_type &&
            !object_class_dynamic_cast(klass, implements_type)) {
            continue;
        }
        fn(klass, opaque);
    }
    type_enumeration_end();
}

/* Prepends, which is quick; object_class_get_list() reverses the list. */
static void class_list_add(ObjectClass *klass, void *opaque)
{
    GSList **list = opaque;

    *list = g_slist_prepend(*list, klass);
}

GSList *object_class_get_list(const char *implements_type,
                              bool include_abstract)
{
    GSList *list = NULL;

    object_class_foreach(class_list_add, implements_type, include_abstract,
                         &list);
    return g_slist_reverse(list);
}

/* As QEMU sorts types for users: without regard to case. */
static gint class_compare_names(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(object_class_get_name(a),
                              object_class_get_name(b));
}

GSList *object_class_get_list_sorted(const char *implements_type,
                                     bool include_abstract)
{
    return g_slist_sort(object_class_get_list(implements_type,
                                              include_abstract),
                        class_compare_names);
}
