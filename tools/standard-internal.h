/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of standard commands. */
#ifndef QOM_TOOLS_STANDARD_INTERNAL_H
#define QOM_TOOLS_STANDARD_INTERNAL_H

#include "tools/standard.h"

/* qom-set-text; see StandardFunc */
JsonNode *standard_set_text(JsonObject *arguments, Error **errp);

#endif
