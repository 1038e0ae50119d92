/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enums, lists and booleans as text. */
#ifndef QOM_COMPAT_QEMU_UTIL_H
#define QOM_COMPAT_QEMU_UTIL_H

#include "qapi/error.h"
#include "qapi/qapi-builtin-types.h"
#include "qapi/qapi-type.h"

#include <string.h>

#define QType_lookup (*qapi_type_QType.lookup)
#define QType_str(value) qapi_enum_lookup(&QType_lookup, (value))

/* The number of elements of a list; NULL is an empty one. */
#define QAPI_LIST_LENGTH(list)                                          \
    (__extension__({                                                    \
        size_t length_ = 0;                                             \
        for (const __typeof__(*(list)) *at_ = (list); at_;              \
             at_ = at_->next) {                                         \
            length_++;                                                  \
        }                                                               \
        length_;                                                        \
    }))

/*
 * qapi_bool_parse: parses on, yes, true or y, and off, no, false or n
 * @name: of the parameter, for the message
 * @obj: (out) the value; not changed on failure
 *
 * Returns: false with @errp set
 */
static inline bool qapi_bool_parse(const char *name, const char *value,
                                   bool *obj, Error **errp)
{
    static const char *const texts[] = {
        "on", "off", "yes", "no", "true", "false", "y", "n",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(value, texts[i]) == 0) {
            *obj = i % 2 == 0;
            return true;
        }
    }
    error_setg(errp, "Parameter '%s' expects 'on' or 'off'", name);
    return false;
}

/*
 * parse_qapi_name: measures a name of the schema language
 * @str: begins with the name, which may have a prefix "__RFQDN_"
 * @complete: nothing may follow the name
 *
 * Returns: the length of the name; -1 if there is none
 */
static inline int parse_qapi_name(const char *str, bool complete)
{
    const char *p = str;

    if (g_str_has_prefix(p, "__")) {
        for (p += 2; *p != '_'; p++) {
            if (!g_ascii_isalnum(*p) && *p != '-' && *p != '.') {
                return -1;
            }
        }
        p++;
    }
    if (!g_ascii_isalpha(*p)) {
        return -1;
    }
    while (g_ascii_isalnum(*p) || *p == '-' || *p == '_') {
        p++;
    }
    return complete && *p ? -1 : (int)(p - str);
}

#endif
