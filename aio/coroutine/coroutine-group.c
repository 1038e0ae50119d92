/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Groups of coroutines.
 *
 * The list of members is linked through the coroutines themselves, so starting
 * a member allocates nothing.  A member is in the list from before it is
 * entered until its function has returned.  It leaves the list under the
 * group's lock, so a thread that holds the lock can use every coroutine in it.
 *
 * The last member to leave wakes up the coroutine that joins.  Releasing the
 * lock is the last thing that a member does with the group, because the owner
 * may free it then.
 */
#include "aio/coroutine/coroutine-group.h"
#include "aio/coroutine/coroutine-internal.h"

struct CoGroup {
    Lock lock; /* all members of the struct are used under it */
    QueueLink members;
    unsigned n;
    int first_error; /* 0: none */
    bool cancelled;
    Coroutine *joiner;    /* NULL: none waits */
    AioContext *wait_ctx; /* run by co_group_wait(); NULL: not running */
};

CoGroup *co_group_new(void)
{
    CoGroup *group = g_new0(CoGroup, 1);

    queue_init(&group->members);
    return group;
}

void co_group_free(CoGroup *group)
{
    if (!group) {
        return;
    }
    /* The lock also waits for the last member to be done with the group. */
    if (co_group_get_n(group) > 0) {
        coroutine_misuse("co_group_free: the group has members", NULL);
    }
    g_free(group);
}

static void group_leave(CoGroup *group, Coroutine *self, int ret)
{
    Coroutine *joiner = NULL;

    lock_acquire(&group->lock);
    queue_remove(&self->group_link);
    if (ret < 0 && group->first_error == 0) {
        group->first_error = ret;
    }
    if (--group->n == 0) {
        joiner = group->joiner;
        group->joiner = NULL;
        if (group->wait_ctx) {
            aio_notify(group->wait_ctx);
        }
    }
    lock_release(&group->lock);
    if (joiner) {
        aio_co_wake(joiner);
    }
}

static void coroutine_fn member_run(void *opaque)
{
    Coroutine *self = coroutine_self();

    group_leave(self->group, self, self->group_entry(opaque));
}

static void group_enter(CoGroup *group, Coroutine *co)
{
    lock_acquire(&group->lock);
    atomic_store_explicit(&co->cancelled, group->cancelled,
                          memory_order_relaxed);
    queue_push(&group->members, &co->group_link);
    group->n++;
    lock_release(&group->lock);
}

void co_group_spawn(CoGroup *group, AioContext *ctx, CoGroupFunc *entry,
                    void *opaque)
{
    Coroutine *co = coroutine_create(member_run, opaque);

    if (!ctx) {
        ctx = aio_get_current_context();
    }
    co->group = group;
    co->group_entry = entry;
    /* For a thread that cancels the group before the coroutine is entered. */
    atomic_store_explicit(&co->ctx, ctx, memory_order_release);
    group_enter(group, co);
    if (in_aio_context_home_thread(ctx)) {
        coroutine_enter_in(ctx, co);
    } else {
        aio_co_schedule(ctx, co);
    }
}

/* All by bottom halves, because a wait that ends here could run the member,
 * which takes the lock when it leaves the group. */
void co_group_cancel(CoGroup *group)
{
    QueueLink *link;

    lock_acquire(&group->lock);
    group->cancelled = true;
    QUEUE_FOREACH(link, &group->members) {
        coroutine_request_cancel(container_of(link, Coroutine, group_link));
    }
    lock_release(&group->lock);
}

static void join_cancel(void *opaque)
{
    co_group_cancel(opaque);
}

/* Makes the group as new.  Returns: its first error, or 0 */
static int group_reset(CoGroup *group)
{
    int ret;

    lock_acquire(&group->lock);
    ret = group->first_error;
    group->first_error = 0;
    group->cancelled = false;
    lock_release(&group->lock);
    return ret;
}

/* Returns: true if the group has members, the last of which will wake up
 * @self */
static bool group_must_wait(CoGroup *group, Coroutine *self)
{
    bool must_wait;

    lock_acquire(&group->lock);
    must_wait = group->n > 0;
    if (must_wait) {
        if (group->joiner) {
            coroutine_misuse("co_group_join: another coroutine joins the "
                             "group", NULL);
        }
        group->joiner = self;
    }
    lock_release(&group->lock);
    return must_wait;
}

int co_group_join(CoGroup *group)
{
    Coroutine *self = coroutine_self();

    if (!self->caller) {
        coroutine_misuse("co_group_join: called outside of a coroutine", NULL);
    }
    if (coroutine_is_cancelled()) {
        co_group_cancel(group);
    }
    if (group_must_wait(group, self)) {
        coroutine_yield_cancellable(join_cancel, group);
    }
    return group_reset(group);
}

static void group_set_wait_ctx(CoGroup *group, AioContext *ctx)
{
    lock_acquire(&group->lock);
    group->wait_ctx = ctx;
    lock_release(&group->lock);
}

int co_group_wait(CoGroup *group)
{
    AioContext *ctx = aio_get_current_context();

    group_set_wait_ctx(group, ctx);
    while (co_group_get_n(group) > 0) {
        aio_poll(ctx, true);
    }
    group_set_wait_ctx(group, NULL);
    return group_reset(group);
}

unsigned co_group_get_n(CoGroup *group)
{
    unsigned n;

    lock_acquire(&group->lock);
    n = group->n;
    lock_release(&group->lock);
    return n;
}
