/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What setting a link needs of its record; link-record.c explains records.
 *
 * Thread: main
 */
#ifndef QOM_QOM_LINK_RECORD_INTERNAL_H
#define QOM_QOM_LINK_RECORD_INTERNAL_H

#include "qom/object-internal.h"

/* link_record_new: @slot of @holder now leads to *@slot, which is not NULL */
void link_record_new(Object *holder, ObjectProperty *prop, Object **slot,
                     bool strong);

/* link_forget: frees the record of the link in @slot, if it has one */
void link_forget(Object *holder, const Object *const *slot);

#endif
