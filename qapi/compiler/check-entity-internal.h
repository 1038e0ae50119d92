/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the checks of entities share.  Functions that return bool return false
 * after they have reported an error.
 */
#ifndef QOM_QAPI_COMPILER_CHECK_ENTITY_INTERNAL_H
#define QOM_QAPI_COMPILER_CHECK_ENTITY_INTERNAL_H

#include "qapi/compiler/ir-internal.h"

#define ir_diag(schema, e, id, detail, ...) \
    diag(&(schema)->diags, (id), (e)->loc, (detail), ##__VA_ARGS__)

/* ---- check-types.c ---- */

/*
 * check_entity: checks an entity, if it has not been checked yet.  @depth: of
 * bases and branches, which are contained in each other
 */
bool check_entity(QapiSchema *schema, IrEntity *e, unsigned depth);

/* ---- check-members.c ---- */

/*
 * describe_member: returns the text for messages; it lives with the schema
 * @from: the entity that is checked; the message names the owner of a member of
 * any other entity
 */
const char *describe_member(QapiSchema *schema, const IrMember *m,
                            const IrEntity *from);

/* is_type: returns true if @e is a type that @user may mention */
bool is_type(const IrEntity *e, const IrEntity *user);

/* resolve_member: looks up the type of a member */
bool resolve_member(QapiSchema *schema, const IrEntity *e, IrMember *m);

/* check_feature_names: checks that features differ in C */
bool check_feature_names(QapiSchema *schema, const IrEntity *e,
                         const IrFeatures *features);

/*
 * check_clash: checks that @m differs from the members that were marked in
 * @epoch.
 */
bool check_clash(QapiSchema *schema, const IrEntity *e, const IrMember *m,
                 uint32_t epoch);

/* mark_member: does what check_clash() does, and marks the member */
bool mark_member(QapiSchema *schema, const IrEntity *e, const IrMember *m,
                 uint32_t epoch);

/* ---- One kind each ---- */

/* check_union: checks an object whose members are right.  @depth: see above */
bool check_union(QapiSchema *schema, IrEntity *e, unsigned depth);
bool check_alternate(QapiSchema *schema, IrEntity *e);

/* check_arg: checks the data of a command or event */
bool check_arg(QapiSchema *schema, IrEntity *e);

/* check_ret: checks what a command returns */
bool check_ret(QapiSchema *schema, IrEntity *e);

#endif
