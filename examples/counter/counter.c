/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new type: a counter with a step, whose properties are rows of a table.  The
 * program creates an object, counts, and shows that a rejected value changes
 * nothing.
 */
#include "qapi/qapi-type.h"
#include "qom/object.h"

#include <inttypes.h>
#include <stdio.h>

#define TYPE_COUNTER "counter"

typedef struct Counter {
    Object parent_obj;
    int64_t step;
    int64_t count;
} Counter;

DECLARE_INSTANCE_CHECKER(Counter, COUNTER, TYPE_COUNTER)

/* The library reads, writes, checks and documents properties by this table. */
static const PropertyRow counter_rows[] = {
    PROPERTY_INT("step", Counter, step, .def = 1, .min = 1, .max = 1000,
                 .doc = "what one call adds"),
    PROPERTY_INT("count", Counter, count, .set = PROPERTY_SET_NEVER,
                 .doc = "the sum so far"),
    PROPERTY_END
};

static void counter_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, counter_rows);
}

static const TypeInfo counter_types[] = {
    {
        .name = TYPE_COUNTER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Counter),
        .class_init = counter_class_init,
    },
};

/* Registers the type before main(); no other file has to name it. */
DEFINE_TYPES(counter_types)

static void counter_add(Counter *counter)
{
    counter->count += counter->step;
}

int main(void)
{
    g_autoptr(Error) err = NULL;
    Object *obj;

    module_call_init(MODULE_INIT_QOM);
    obj = object_new_with_props(TYPE_COUNTER, object_get_objects_root(), "c0",
                                &err, "step", "5", NULL);
    if (!obj) {
        fprintf(stderr, "counter: %s\n", error_get_pretty(err));
        return 1;
    }
    counter_add(COUNTER(obj));
    counter_add(COUNTER(obj));
    printf("%" PRId64 "\n", object_property_get_int(obj, "count", NULL));

    if (!object_property_parse(obj, "step", "0", &err)) {
        printf("%s\n", error_get_pretty(err));
    }
    printf("%" PRId64 "\n", object_property_get_int(obj, "step", NULL));
    object_unparent(obj);
    return 0;
}
