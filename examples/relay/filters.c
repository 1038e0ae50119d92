/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filters.  Their properties cannot change, because loops read them. */
#include "relay.h"

#include "qom/user-creatable.h"
#include "util/module.h"

#include <string.h>

typedef struct RelayDrop {
    RelayFilter parent_obj;

    char *prefix; /* (nullable) property */
} RelayDrop;

#define QAPI_CLASS_RELAY_DROP
#include "qapi-classes-relay.h"

static bool drop_apply(const RelayFilter *filter, char *line, size_t *size)
{
    const char *prefix = ((const RelayDrop *)filter)->prefix;
    size_t n = prefix ? strlen(prefix) : 0;

    return *size < n || memcmp(line, prefix, n);
}

static void drop_class_init(ObjectClass *klass, const void *data)
{
    RELAY_FILTER_CLASS(klass)->apply = drop_apply;
    object_class_add_properties(klass, relay_drop_properties);
}

static const TypeInfo types[] = {
    { .name = TYPE_RELAY_FILTER, .parent = TYPE_OBJECT,
      .instance_size = sizeof(RelayFilter),
      .class_size = sizeof(RelayFilterClass), .abstract = true,
      .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } } },
    { .name = "relay-drop", .parent = TYPE_RELAY_FILTER,
      .instance_size = sizeof(RelayDrop), .class_init = drop_class_init },
};

DEFINE_TYPES(types)
