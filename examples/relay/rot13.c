/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin with a filter: each letter becomes the one 13 places further on. */
#include "relay.h"

#include "qom/plugin.h"
#include "util/module.h"

QOM_PLUGIN()

static bool rot13_apply(const RelayFilter *filter, char *line, size_t *size)
{
    for (size_t i = 0; i < *size; i++) {
        if (g_ascii_isalpha(line[i])) {
            line[i] += g_ascii_tolower(line[i]) < 'n' ? 13 : -13;
        }
    }
    return true;
}

static void rot13_class_init(ObjectClass *klass, const void *data)
{
    RELAY_FILTER_CLASS(klass)->apply = rot13_apply;
}

static const TypeInfo types[] = {
    { .name = "relay-rot13", .parent = TYPE_RELAY_FILTER,
      .class_init = rot13_class_init },
};

DEFINE_TYPES(types)
