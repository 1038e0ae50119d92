/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A user-creatable class whose hooks call a function of the test. */
#ifndef QOM_TESTS_WAITER_H
#define QOM_TESTS_WAITER_H

#include "qom/object.h"

#define TYPE_WAITER "waiter"
OBJECT_DECLARE_SIMPLE_TYPE(Waiter, WAITER)

struct Waiter {
    Object parent_obj;
    int64_t n;
    int64_t m;
    char *text;
    Waiter *peer;
    int64_t custom; /* also by the name `instance` */
    Object *checked;
};

typedef enum Hook {
    HOOK_CHANGED,
    HOOK_SETTER,
    HOOK_GETTER,
    HOOK_INSTANCE_SETTER,
    HOOK_CHECK,
    HOOK_COMPLETE,
    HOOK_CAN_BE_DELETED,
    HOOK_UNPARENT,
    HOOK_NONE,
} Hook;

/* Called by every hook; false with @errp set to have it refuse. */
extern bool (*waiter_hook)(Hook hook, Object *obj, Error **errp);

#endif
