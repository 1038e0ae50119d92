/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoGroup: coroutines that are cancelled and waited for together.
 *
 * A group starts coroutines, its members, in any number of contexts.  The
 * owner of the group waits until all of them have ended and receives the first
 * error.  So the owner can free what the members use.
 *
 * An error of one member does not end the others.  A member that wants this
 * calls co_group_cancel() before it returns.
 *
 * Contract: docs/coroutines.md, "Groups"
 */
#ifndef QOM_AIO_COROUTINE_GROUP_H
#define QOM_AIO_COROUTINE_GROUP_H

#include "aio/coroutine/coroutine-cancel.h"

QOM_BEGIN_DECLS

typedef struct CoGroup CoGroup;

/**
 * CoGroupFunc: the function of a member
 * @opaque: as passed to co_group_spawn()
 *
 * Returns: a negative errno value if it failed; other values mean success
 */
typedef int coroutine_fn CoGroupFunc(void *opaque);

/**
 * co_group_new: creates a group without members
 *
 * Returns: (transfer full) to be freed with co_group_free()
 * Thread: any
 */
CoGroup *co_group_new(void);

/**
 * co_group_free: frees a group
 * @group: (nullable) (transfer full) a group without members; one that has
 *         members aborts
 *
 * A member may not free its own group.
 *
 * Thread: any
 */
void co_group_free(CoGroup *group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CoGroup, co_group_free)

/**
 * co_group_spawn: starts a coroutine as a member of a group
 * @group: the group; borrowed until the member has ended
 * @ctx: (nullable) the context that runs the member; NULL for the current one
 * @entry: the function of the member; the member ends when it returns
 * @opaque: passed to @entry
 *
 * In the home thread of @ctx the member runs until its first wait before the
 * call returns.  In another thread it is scheduled in @ctx.  A member of a
 * group that was cancelled runs too, and its first cancellable wait returns
 * -ECANCELED.
 *
 * Thread: any
 */
void co_group_spawn(CoGroup *group, AioContext *ctx, CoGroupFunc *entry,
                    void *opaque);

/**
 * co_group_cancel: cancels all members of a group
 * @group: the group
 *
 * Also cancels members that are started later, until the group is joined.  The
 * waits of the members end in the next iteration of their contexts.  Cancelling
 * a group without members, or twice, is allowed.
 *
 * Thread: any
 */
void co_group_cancel(CoGroup *group);

/**
 * co_group_join: waits until all members have ended
 * @group: the group; no other coroutine joins it, and the caller is no member
 *
 * The group is as new afterwards.  If the calling coroutine is cancelled, the
 * members are cancelled too, and the call still waits for their end.
 *
 * Returns: 0, or the error of the member that was the first to return one,
 *          which is -ECANCELED for a member that was cancelled
 * Thread: in a coroutine
 */
int coroutine_fn co_group_join(CoGroup *group);

/**
 * co_group_wait: runs the loop until all members have ended
 * @group: the group; one thread waits for it at a time
 *
 * Does what co_group_join() does for a caller that is not a coroutine.  It runs
 * the current context; the members may be in any.
 *
 * Returns: as co_group_join()
 * Thread: a context's home thread, outside of coroutines
 */
int co_group_wait(CoGroup *group);

/**
 * co_group_get_n: counts the members of a group
 * @group: the group
 *
 * Returns: the number of members that have not ended
 * Thread: any
 */
unsigned co_group_get_n(CoGroup *group);

QOM_END_DECLS

#endif
