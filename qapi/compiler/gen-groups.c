/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which headers of types include which, and which modules share one.
 *
 * Needs    in C a base, a branch and an enum must be complete where they are
 *          used, so the header of a module includes those of their modules.
 * Group    modules whose headers would include each other, directly or through
 *          others.  The header of the first one has the types of all; the
 *          headers of the others only include it.  Nearly all groups are one
 *          module.
 * Walk     a group is a strongly connected component of the needs, which
 *          Tarjan's algorithm finds.  It does not recurse, because modules may
 *          need each other in a chain of any length.
 */
#include "qapi/compiler/gen-internal.h"

/* Adds a module once.  @epoch: the modules of the list have it as visit */
static void need_module(IrModule *module, IrModule *needed, uint32_t epoch)
{
    if (needed->visit != epoch) {
        needed->visit = epoch;
        g_ptr_array_add(module->needs, needed);
    }
}

/*
 * Adds the module of a type that must be complete.  Lists are declared where
 * they are used.  @type: (nullable)
 */
static void need_type(IrModule *module, const IrEntity *type, uint32_t epoch)
{
    if (type && gen_is_own_type(type) && type->kind != IR_ARRAY) {
        need_module(module, type->module, epoch);
    }
}

/* An enum is a value, not a pointer, so it must be complete. */
static void need_enums(IrModule *module, IrMember *const *members, uint32_t n,
                       uint32_t epoch)
{
    for (uint32_t i = 0; i < n; i++) {
        if (members[i]->type->kind == IR_ENUM) {
            need_type(module, members[i]->type, epoch);
        }
    }
}

/* Branches lie inside the union. */
static void need_branches(IrModule *module, IrMembers branches, uint32_t epoch)
{
    for (uint32_t i = 0; i < branches.n; i++) {
        need_type(module, branches.item[i].type, epoch);
    }
}

/*
 * Lists the modules that the schema includes, then those whose types must be
 * complete.
 */
static void find_needs(QapiSchema *schema, IrModule *module)
{
    uint32_t epoch = ++schema->names.epoch;

    module->visit = epoch;
    for (guint i = 0; i < module->includes->len; i++) {
        need_module(module, g_ptr_array_index(module->includes, i), epoch);
    }
    for (IrEntity *e = module->first; e; e = e->next_in_module) {
        if (e->kind == IR_OBJECT) {
            need_type(module, e->u.object.base, epoch);
            need_enums(module, e->u.object.members, e->u.object.n_members,
                       epoch);
            need_branches(module, e->u.object.branches, epoch);
        } else if (e->kind == IR_ALTERNATE) {
            need_branches(module, e->u.alternate.branches, epoch);
        }
    }
}

typedef struct Walk {
    GPtrArray *path; /* of IrModule: each needs the next one */
    GPtrArray *open; /* modules in the order reached, still without a group */
    uint32_t n;      /* how many modules were reached */
} Walk;

static IrModule *last(const GPtrArray *modules)
{
    return g_ptr_array_index(modules, modules->len - 1);
}

static void reach(Walk *walk, IrModule *module)
{
    module->order = ++walk->n;
    module->low = module->order;
    g_ptr_array_add(walk->path, module);
    g_ptr_array_add(walk->open, module);
}

/* Chains a group.  It was reached last, and @first before the others. */
static void end_group(Walk *walk, IrModule *first)
{
    IrModule *m = NULL;

    while (m != first) {
        IrModule *next = m;

        m = g_ptr_array_steal_index(walk->open, walk->open->len - 1);
        m->group = first;
        m->next_in_group = next;
    }
}

/* All needs of the module at the end of the path were reached. */
static void leave(Walk *walk)
{
    IrModule *m = g_ptr_array_steal_index(walk->path, walk->path->len - 1);

    if (m->low == m->order) {
        end_group(walk, m);
    } else {
        last(walk->path)->low = MIN(last(walk->path)->low, m->low);
    }
}

/* Finds the groups of a module and of all that it needs. */
static void find_groups(Walk *walk, IrModule *first)
{
    reach(walk, first);
    while (walk->path->len) {
        IrModule *m = last(walk->path);
        IrModule *needed;

        if (m->n_walked == m->needs->len) {
            leave(walk);
            continue;
        }
        needed = g_ptr_array_index(m->needs, m->n_walked++);
        if (!needed->order) {
            reach(walk, needed);
        } else if (!needed->group) {
            m->low = MIN(m->low, needed->order);
        }
    }
}

void gen_group_modules(QapiSchema *schema)
{
    Walk walk = { 0 };

    if (schema->modules->group) {
        return; /* a schema is checked once and does not change */
    }
    for (IrModule *m = schema->modules; m; m = m->next) {
        find_needs(schema, m);
    }
    walk.path = g_ptr_array_new();
    walk.open = g_ptr_array_new();
    for (IrModule *m = schema->modules; m; m = m->next) {
        if (!m->group) {
            find_groups(&walk, m);
        }
    }
    g_ptr_array_unref(walk.path);
    g_ptr_array_unref(walk.open);
}

void out_group_includes(Gen *gen, GString *out, IrModule *group)
{
    uint32_t epoch = ++gen->schema->names.epoch;

    for (IrModule *m = group; m; m = m->next_in_group) {
        for (guint i = 0; i < m->needs->len; i++) {
            IrModule *needed = g_ptr_array_index(m->needs, i);

            if (needed->group != group && needed->visit != epoch) {
                needed->visit = epoch;
                gen_include(gen, out, needed, "qapi-types");
            }
        }
    }
}

IrEntity *group_first(const IrModule *module)
{
    while (module && !module->first) {
        module = module->next_in_group;
    }
    return module ? module->first : NULL;
}

IrEntity *group_next(const IrEntity *e)
{
    return e->next_in_module ? e->next_in_module
                             : group_first(e->module->next_in_group);
}
