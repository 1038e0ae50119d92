/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that are being changed: which code may change an object while a hook
 * or a setter of it runs, and the change sets that are open.
 *
 * Thread: main
 */
#ifndef QOM_QOM_OBJECT_PENDING_INTERNAL_H
#define QOM_QOM_OBJECT_PENDING_INTERNAL_H

#include "qom/object-internal.h"
#include "util/nesting.h"

/* ---- object-pending.c ---- */

typedef enum ObjectPendingKind {
    OBJECT_PENDING_SET,      /* a setter is running */
    OBJECT_PENDING_ROW,      /* a row has been set, and may be refused */
    OBJECT_PENDING_LINK,     /* a link is being set, and may be refused */
    OBJECT_PENDING_CHANGE,   /* several properties are being set */
    OBJECT_PENDING_DECISION, /* several are set, and may still be refused */
    OBJECT_PENDING_COMPLETE,
    OBJECT_PENDING_DELETE,
} ObjectPendingKind;

/* An object of which a hook may be running. */
typedef struct ObjectPending {
    Object *obj; /* with a reference */
    ObjectPendingKind kind;
    uint32_t outer_state;
    uint64_t nesting;            /* of the code that calls the hook */
    struct ObjectPending *outer; /* the next of the thread */
    /* Set by the caller, and only for the kinds that are named. */
    const PropertyRow *row; /* ROW, LINK: (nullable) what declares it */
    ObjectChange *change;   /* CHANGE, DECISION */
    const char *link;       /* LINK: its name */
    Object *old_target;     /* LINK: (nullable) */
    Object *new_target;     /* LINK: (nullable) */
} ObjectPending;

/* object_pending_begin: before a hook of @obj is called */
void object_pending_begin(ObjectPending *pending, Object *obj,
                          ObjectPendingKind kind);
/* object_pending_end: afterwards; may drop the last reference */
void object_pending_end(ObjectPending *pending);

/*
 * object_check_free: true if the running code may set properties of @obj; false
 * with @errp set if other code is changing it
 */
bool object_check_free_slow(const Object *obj, Error **errp);
static inline bool object_check_free(const Object *obj, Error **errp)
{
    return G_LIKELY(!(obj->state & OBJECT_CHANGING)) ||
           object_check_free_slow(obj, errp);
}

/* object_check_row_free: the same for a row, whose value may be rejected yet */
bool object_check_row_free_slow(const Object *obj, const PropertyRow *row,
                                Error **errp);

/* object_open_change: the change set to which writes belong, or NULL */
ObjectChange *object_open_change(const Object *obj);

/* The hooks that run in this thread, innermost first; coroutines may end in
 * another order. */
extern __thread ObjectPending *object_pendings
    __attribute__((tls_model("initial-exec")));

/*
 * object_sole_change: the change set of @obj, if the running code began it and
 * no hook runs in this thread; otherwise NULL.  It is the usual case for an
 * object that is being created, and such a change set accepts any write.
 */
static inline ObjectChange *object_sole_change(const Object *obj)
{
    const ObjectPending *p = object_pendings;

    return p && !p->outer && p->obj == obj &&
           p->kind == OBJECT_PENDING_CHANGE && p->nesting == nesting_current()
        ? p->change : NULL;
}

/*
 * object_check_linkable: true if links to @target may be set; false with @errp
 * set while other code deletes or completes it
 */
bool object_check_linkable(const Object *target, Error **errp);

/*
 * object_check_deletable: true if @obj may be deleted; false with @errp set
 * while a hook runs of @obj, of an object below it, or of an object whose link
 * to @obj is being set or cleared
 */
bool object_check_deletable(const Object *obj, Error **errp);

/* ---- object-change.c ---- */

typedef struct SavedValue {
    const PropertyRow *row;
    uint64_t old;
} SavedValue;

struct ObjectChange {
    ObjectPending pending;
    bool refused; /* other code was changing the object when it began */
    ObjectChange *within; /* (nullable) an outer change of the same object */
    unsigned n_saved;
    unsigned n_allocated;
    SavedValue *saved; /* inline_saved until that is full */
    SavedValue inline_saved[8];
};

/* object_change_begin() and object_change_end() for one on the stack */
void object_change_init(ObjectChange *change, Object *obj);
bool object_change_finish(ObjectChange *change, bool commit, Error **errp);

/*
 * object_row_link_store: calls properties_changed() after a link of a row has
 * got another target.  The reference to @old is consumed; if the hook rejects
 * the target, the link leads to @old again.
 */
bool object_row_link_store(Object *obj, const PropertyRow *row, Object *old,
                           Error **errp);

#endif
