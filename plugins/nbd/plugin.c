/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marks the shared object as a plugin; its types register themselves. */
#include "qom/plugin.h"

QOM_PLUGIN()
