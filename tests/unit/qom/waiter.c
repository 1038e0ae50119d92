/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/qom/waiter.h"

#include "qom/user-creatable.h"

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Waiter, waiter, WAITER, OBJECT,
                                          { TYPE_USER_CREATABLE }, { NULL })

bool (*waiter_hook)(Hook hook, Object *obj, Error **errp);

static bool waiter_changed(Object *obj, Error **errp)
{
    return waiter_hook(HOOK_CHANGED, obj, errp);
}

static void waiter_get(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    waiter_hook(HOOK_GETTER, obj, NULL);
    visit_type_int(v, name, &WAITER(obj)->custom, errp);
}

/* A setter may use other properties of its own object. */
static void waiter_set(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    int64_t value;

    if (visit_type_int(v, name, &value, errp) &&
        waiter_hook(opaque ? HOOK_INSTANCE_SETTER : HOOK_SETTER, obj, errp) &&
        object_property_set_int(obj, "m", value, errp)) {
        WAITER(obj)->custom = value;
    }
}

static void waiter_check(const Object *obj, const char *name, Object *value,
                         Error **errp)
{
    waiter_hook(HOOK_CHECK, (Object *)obj, errp);
}

static void waiter_complete(UserCreatable *uc, Error **errp)
{
    waiter_hook(HOOK_COMPLETE, OBJECT(uc), errp);
}

static bool waiter_can_be_deleted(UserCreatable *uc)
{
    return waiter_hook(HOOK_CAN_BE_DELETED, OBJECT(uc), NULL);
}

static void waiter_unparent(Object *obj)
{
    waiter_hook(HOOK_UNPARENT, obj, NULL);
}

static void free_text(Object *obj, const char *name, void *opaque)
{
    g_free(opaque);
}

static void waiter_init(Object *obj)
{
    object_property_add(obj, "instance", "int", waiter_get, waiter_set,
                        free_text, g_strdup("x"));
    object_property_add_link(obj, "checked", TYPE_WAITER,
                             &WAITER(obj)->checked, waiter_check,
                             OBJ_PROP_LINK_STRONG);
}

static void waiter_finalize(Object *obj)
{
}

static void waiter_class_init(ObjectClass *klass, const void *data)
{
    static const PropertyRow rows[] = {
        { .name = "n", .type = &qapi_type_int,
          .offset = offsetof(Waiter, n) },
        { .name = "m", .type = &qapi_type_int, .flags = PROPERTY_NO_NOTIFY,
          .offset = offsetof(Waiter, m) },
        { .name = "text", .type = &qapi_type_str,
          .offset = offsetof(Waiter, text) },
        { .name = "peer", .link = TYPE_WAITER,
          .offset = offsetof(Waiter, peer) },
        { .name = NULL },
    };
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    object_class_add_properties(klass, rows);
    object_class_property_add(klass, "custom", "int", waiter_get, waiter_set,
                              NULL, NULL);
    klass->properties_changed = waiter_changed;
    klass->unparent = waiter_unparent;
    ucc->complete = waiter_complete;
    ucc->can_be_deleted = waiter_can_be_deleted;
}
