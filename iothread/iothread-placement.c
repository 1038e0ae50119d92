/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPU affinity, scheduling policy and priority of the thread.
 *
 * The properties hold what the user wants; `placed->now` holds what is in
 * effect.  Only a difference leads to a system call.  A thread whose
 * properties were never set keeps what it inherited, and changing another
 * property cannot fail because a CPU has gone offline.
 *
 * Affinity and policy need one system call each.  If the kernel rejects the
 * second, the first is restored.  If the loop rejects another property of the
 * same change set, both are.
 */
#include "iothread/iothread-internal.h"

#include "qapi/visitor/string-visitor.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>

/* Values of the properties with these names */
typedef struct IOThreadPlacement {
    uint16List *cpu_affinity; /* NULL: as inherited */
    SchedPolicy sched_policy;
    int64_t sched_priority;
} IOThreadPlacement;

/* Allocated before the first change */
typedef struct IOThreadPlaced {
    IOThreadPlacement now; /* in effect; owns its list */
    bool is_scheduled;     /* the policy has been set */

    /* What the thread inherited from the thread that created it */
    ThreadCpus inherited_cpus;
    int inherited_policy;
    int inherited_priority;
} IOThreadPlaced;

/* The kernel's constant of each policy of the schema. */
static const int kernel_policies[] = {
    [SCHED_POLICY_OTHER] = SCHED_OTHER,
    [SCHED_POLICY_BATCH] = SCHED_BATCH,
    [SCHED_POLICY_IDLE] = SCHED_IDLE,
    [SCHED_POLICY_FIFO] = SCHED_FIFO,
    [SCHED_POLICY_RR] = SCHED_RR,
};

/* The kernel requires the priority 0 for all other policies. */
static bool has_priority(const IOThreadPlacement *place)
{
    return place->sched_policy == SCHED_POLICY_FIFO ||
           place->sched_policy == SCHED_POLICY_RR;
}

/* Returns the values of the properties; borrows their list. */
static IOThreadPlacement get_wanted(IOThread *iothread)
{
    return (IOThreadPlacement){
        .cpu_affinity = iothread->cpu_affinity,
        .sched_policy = iothread->sched_policy,
        .sched_priority = iothread->sched_priority,
    };
}

/* ---- CPUs ---- */

static bool same_cpus(const IOThreadPlacement *a, const IOThreadPlacement *b)
{
    return qapi_type_equal(&qapi_type_uint16List, &a->cpu_affinity,
                           &b->cpu_affinity);
}

/* Returns (transfer full) a list in the form that users write: "0-3,8". */
static char *cpus_text(uint16List *cpus)
{
    char *text;
    Visitor *v = string_output_visitor_new(false, &text);

    qapi_type_visit(v, NULL, &qapi_type_uint16List, &cpus, &error_abort);
    visit_complete(v, &text);
    visit_free(v);
    return text;
}

/* Sets an error that names the CPU by its place in the property. */
static void refuse_cpu(const uint16List *cpus, unsigned refused, Error **errp)
{
    ERRP_GUARD();
    unsigned i = 0;

    while (cpus && cpus->value != refused) {
        cpus = cpus->next;
        i++;
    }
    error_setg_errno(errp, EINVAL,
                     "could not set cpu-affinity[%u] to CPU %u", i, refused);
    error_append_hint(errp, "This CPU does not exist, is offline, or the "
                      "program may not use it.\n");
}

/* Sets the CPUs of the thread; without a list those that it inherited. */
static bool set_cpus(IOThread *iothread, int thread_id, uint16List *list,
                     Error **errp)
{
    ThreadCpus cpus = { };
    unsigned refused = 0;
    int ret;

    for (uint16List *item = list; item; item = item->next) {
        thread_cpus_add(&cpus, item->value);
    }
    ret = thread_set_affinity(thread_id,
                              list ? &cpus : &iothread->placed->inherited_cpus,
                              &refused);
    if (ret == -EINVAL && list) {
        refuse_cpu(list, refused, errp);
    } else if (ret < 0) {
        g_autofree char *text = cpus_text(list);

        error_setg_errno(errp, -ret, "could not set cpu-affinity to '%s'",
                         text);
    }
    return ret == 0;
}

/* ---- Policy and priority ---- */

/* A priority that the policy does not use makes no difference. */
static bool same_scheduler(const IOThreadPlacement *a,
                           const IOThreadPlacement *b)
{
    return a->sched_policy == b->sched_policy &&
           (!has_priority(a) || a->sched_priority == b->sched_priority);
}

static void refuse_scheduler(const IOThreadPlacement *place, int ret,
                             Error **errp)
{
    ERRP_GUARD();
    const char *name = SchedPolicy_str(place->sched_policy);

    if (!has_priority(place)) {
        error_setg_errno(errp, -ret, "could not set sched-policy to '%s'",
                         name);
        return;
    }
    error_setg_errno(errp, -ret, "could not set sched-policy to '%s' with "
                     "sched-priority %" PRId64, name, place->sched_priority);
    if (ret == -EINVAL) {
        error_append_hint(errp, "This policy takes priorities from 1 to 99, "
                          "which can be set before it.\n");
    }
}

/* Sets policy and priority of the thread by one system call. */
static bool set_scheduler(int thread_id, const IOThreadPlacement *place,
                          Error **errp)
{
    int priority = has_priority(place) ? place->sched_priority : 0;
    int ret = thread_set_scheduler(thread_id,
                                   kernel_policies[place->sched_policy],
                                   priority);

    if (ret < 0) {
        refuse_scheduler(place, ret, errp);
    }
    return ret == 0;
}

/* The change from idle to other may need a privilege, so this can fail. */
static void restore_scheduler(IOThread *iothread, int thread_id)
{
    const IOThreadPlaced *placed = iothread->placed;

    if (placed->is_scheduled) {
        set_scheduler(thread_id, &placed->now, NULL);
    } else {
        thread_set_scheduler(thread_id, placed->inherited_policy,
                             placed->inherited_priority);
    }
}

/* ---- Both ---- */

/* Remembers what the thread inherited, before its first change. */
static bool make_placed(IOThread *iothread, int thread_id, Error **errp)
{
    IOThreadPlaced *placed;
    int ret;

    if (iothread->placed) {
        return true;
    }
    placed = g_new0(IOThreadPlaced, 1);
    ret = thread_get_affinity(thread_id, &placed->inherited_cpus);
    if (ret == 0) {
        ret = thread_get_scheduler(thread_id, &placed->inherited_policy,
                                   &placed->inherited_priority);
    }
    if (ret < 0) {
        error_setg_errno(errp, -ret, "could not find out cpu-affinity, "
                         "sched-policy and sched-priority");
        g_free(placed);
        return false;
    }
    iothread->placed = placed;
    return true;
}

/* Returns what is in effect. */
static const IOThreadPlacement *get_placed(IOThread *iothread)
{
    static const IOThreadPlacement none;

    return iothread->placed ? &iothread->placed->now : &none;
}

bool iothread_is_to_be_placed(IOThread *iothread)
{
    IOThreadPlacement wanted = get_wanted(iothread);
    const IOThreadPlacement *now = get_placed(iothread);

    return !same_cpus(&wanted, now) || !same_scheduler(&wanted, now);
}

bool iothread_place(IOThread *iothread, int thread_id, Error **errp)
{
    IOThreadPlacement wanted = get_wanted(iothread);
    bool cpus_change = !same_cpus(&wanted, get_placed(iothread));
    bool scheduler_changes = !same_scheduler(&wanted, get_placed(iothread));

    if (!cpus_change && !scheduler_changes) {
        return true;
    }
    if (!make_placed(iothread, thread_id, errp) ||
        (cpus_change &&
         !set_cpus(iothread, thread_id, wanted.cpu_affinity, errp))) {
        return false;
    }
    if (scheduler_changes && !set_scheduler(thread_id, &wanted, errp)) {
        /* The kernel accepted these CPUs before, so this succeeds. */
        if (cpus_change) {
            set_cpus(iothread, thread_id, get_placed(iothread)->cpu_affinity,
                     NULL);
        }
        return false;
    }
    return true;
}

/* The values have taken effect; they are copied, as the properties change. */
static void keep_placement(IOThreadPlaced *placed, IOThreadPlacement wanted)
{
    placed->is_scheduled |= !same_scheduler(&wanted, &placed->now);
    qapi_type_free(&qapi_type_uint16List, &placed->now.cpu_affinity);
    placed->now = wanted;
    qapi_type_clone(&qapi_type_uint16List, &placed->now.cpu_affinity,
                    &wanted.cpu_affinity);
}

void iothread_place_finish(IOThread *iothread, int thread_id, bool keep)
{
    IOThreadPlacement wanted = get_wanted(iothread);
    IOThreadPlaced *placed = iothread->placed;

    if (!placed) {
        return;
    }
    if (keep) {
        keep_placement(placed, wanted);
        return;
    }
    if (!same_scheduler(&wanted, &placed->now)) {
        restore_scheduler(iothread, thread_id);
    }
    if (!same_cpus(&wanted, &placed->now)) {
        set_cpus(iothread, thread_id, placed->now.cpu_affinity, NULL);
    }
}

void iothread_place_cleanup(IOThread *iothread)
{
    if (iothread->placed) {
        qapi_type_free(&qapi_type_uint16List,
                       &iothread->placed->now.cpu_affinity);
        g_clear_pointer(&iothread->placed, g_free);
    }
}
