/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes a plugin of a source of old, which is left as it is. */
#include "qom/plugin.h"

QOM_PLUGIN()
