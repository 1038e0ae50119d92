/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The versions of the language that the option -language and the pragma
 * 'language' name.  They are versions of QEMU.
 */
#include "qapi/compiler/schema-internal.h"

#include <string.h>

static const struct {
    const char *version;
    Language language;
} languages[] = {
    { "7.2", LANGUAGE_7_2 },   { "10.0", LANGUAGE_10_0 },
    { "10.1", LANGUAGE_10_0 }, { "10.2", LANGUAGE_10_2 },
    { "11.0", LANGUAGE_10_2 }, { "11.1", LANGUAGE_10_2 },
};

bool language_of(const char *version, Language *language)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(languages); i++) {
        if (strcmp(version, languages[i].version) == 0) {
            *language = languages[i].language;
            return true;
        }
    }
    return false;
}

const char *language_names(void)
{
    return "'7.2', '10.0', '10.1', '10.2', '11.0', '11.1'";
}
