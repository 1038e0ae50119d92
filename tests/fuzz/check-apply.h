/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fuzz targets assert about lists of objects that are applied.
 */
#ifndef QOM_TESTS_CHECK_APPLY_H
#define QOM_TESTS_CHECK_APPLY_H

#include "tests/fuzz/mutate.h"

#include <json-glib/json-glib.h>

/**
 * check_apply: apply a list, and assert what must be so afterwards
 * @objects: the list, good or bad
 *
 * - A dry run changes nothing, and tells just what is done then.
 * - What is refused leaves the same objects with the same values.
 * - The list that is written afterwards, as text, has nothing more to do.
 *
 * Returns: (transfer full) (nullable) why it was refused
 */
char *check_apply(JsonArray *objects);

/* mutate_list: change a list of objects, or add one that is understood */
void mutate_list(GString *text, MutateRandom *r);

#endif
