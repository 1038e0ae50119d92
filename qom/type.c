/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry of types.
 *
 * Types are in an open-addressing table by name.  Readers take no lock: an
 * entry is published with a release store, and a full table is replaced by a
 * larger copy.  A replaced table is not freed, because a reader may still use
 * it.  Sizes double, so all old tables together are smaller than the current
 * one.  Types are never removed.
 *
 * The types of a plugin are added to the table at the end of its registration,
 * after all that would abort the program when a class is built has been
 * checked.
 */
#include "qom/type-internal.h"
#include "util/programming-error.h"
#include "util/registration.h"

#include <stdlib.h>
#include <string.h>

/* Largest depth of a type; a larger one is reported as a cycle of parents */
#define MAX_ANCESTORS 255

typedef struct TypeTable {
    uint32_t mask;
    _Atomic(TypeImpl *) slots[]; /* [mask + 1], NULL is empty */
} TypeTable;

/* Old tables; leak checkers find them here, too */
typedef struct TypeRegistry {
    _Atomic(TypeTable *) current; /* written under lock */
    GPtrArray *tables; /* under lock: all tables, the current one included */
    uint32_t n_types;  /* under lock */
    int enumerating;   /* under lock */
} TypeRegistry;

static TypeRegistry registry;
static GRecMutex registry_lock;

void type_lock(void)
{
    g_rec_mutex_lock(&registry_lock);
}

void type_unlock(void)
{
    g_rec_mutex_unlock(&registry_lock);
}

/* A name of one character or with a leading '0' is not valid. */
static bool type_name_is_valid(const char *name)
{
    static const char letters_digits[] = "abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789";
    static const char extra[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_.";

    return name && strlen(name) > 1 && name[0] != '0' &&
           strchr(letters_digits, name[0]) &&
           strspn(name, extra) == strlen(name);
}

/* @n_slots is a power of two, so that a mask replaces the division. */
static TypeTable *type_table_new(uint32_t n_slots)
{
    TypeTable *table = g_malloc0(sizeof(*table) +
                                 n_slots * sizeof(table->slots[0]));

    table->mask = n_slots - 1;
    return table;
}

/* The caller holds the lock.  Readers see the whole TypeImpl or NULL. */
static void type_table_insert(TypeTable *table, TypeImpl *type)
{
    uint32_t i = type->hash & table->mask;

    /* The table is at most half full, so an empty slot ends the search. */
    while (atomic_load_explicit(&table->slots[i], memory_order_relaxed)) {
        i = (i + 1) & table->mask;
    }
    atomic_store_explicit(&table->slots[i], type, memory_order_release);
}

/*
 * Grows the table if one more type would fill more than half of it.  The
 * caller holds the lock.
 */
static TypeTable *type_table_reserve(void)
{
    TypeTable *old = atomic_load_explicit(&registry.current,
                                          memory_order_relaxed);
    TypeTable *table;

    if (old && (registry.n_types + 1) * 2 <= old->mask + 1) {
        return old;
    }
    table = type_table_new(old ? (old->mask + 1) * 2 : 64);
    if (!registry.tables) {
        registry.tables = g_ptr_array_new();
    }
    g_ptr_array_add(registry.tables, table);
    for (uint32_t i = 0; old && i <= old->mask; i++) {
        TypeImpl *type = atomic_load_explicit(&old->slots[i],
                                              memory_order_relaxed);

        if (type) {
            type_table_insert(table, type);
        }
    }
    atomic_store_explicit(&registry.current, table, memory_order_release);
    return table;
}

Type type_get_by_name(const char *name)
{
    const TypeTable *table = atomic_load_explicit(&registry.current,
                                                  memory_order_acquire);
    uint32_t hash;
    TypeImpl *type;

    if (!table || !name) {
        return NULL;
    }
    hash = qom_name_hash(name);
    for (uint32_t i = hash & table->mask;
         (type = atomic_load_explicit(&table->slots[i],
                                      memory_order_acquire));
         i = (i + 1) & table->mask) {
        if (type->hash == hash && !strcmp(type->name, name)) {
            return type;
        }
    }
    return NULL;
}

/* A programming error in a static table: no caller can handle it, so abort. */
static void G_GNUC_NORETURN type_abort(const char *name, const char *reason)
{
    programming_error("cannot register type '%s': %s",
                      name ? name : "(null)", reason);
}

TypeImpl *type_impl_new(const TypeInfo *info)
{
    TypeImpl *type = g_new0(TypeImpl, 1);

    type->name = g_strdup(info->name);
    type->hash = qom_name_hash(info->name);
    /* The caller's structure may be on its stack: all strings are copied. */
    type->info = *info;
    type->info.name = type->name;
    type->info.parent = g_strdup(info->parent);
    type->info.interfaces = NULL;
    for (unsigned i = 0; info->interfaces && info->interfaces[i].type; i++) {
        type->interfaces[i] = g_strdup(info->interfaces[i].type);
        type->n_interfaces++;
    }
    return type;
}

/* The caller holds the lock. */
static void type_insert(TypeImpl *type)
{
    type_table_insert(type_table_reserve(), type);
    registry.n_types++;
}

TypeImpl *type_add(const TypeInfo *info)
{
    TypeImpl *type;

    type_lock();
    if (registry.enumerating) {
        type_abort(info->name, "types are being enumerated");
    }
    /* Checked under the lock: two threads may register the same name. */
    if (type_get_by_name(info->name)) {
        type_abort(info->name, "a type of that name is already registered");
    }
    type = type_impl_new(info);
    type_insert(type);
    type_unlock();
    return type;
}

/* ---- In a transaction ---- */

/*
 * Functions for util/registration.h, which checks all types of a plugin before
 * it registers the first.
 */
static bool row_is_known(const char *name)
{
    return type_get_by_name(name);
}

static const RegistrationKind type_kind;

/* A parent may be registered already or belong to the same plugin. */
static const TypeImpl *row_get_type(const char *name)
{
    const TypeImpl *type = type_get_by_name(name);

    return type ? type : registration_find(&type_kind, name);
}

/*
 * Reports sizes for which class_build() would abort: smaller than the
 * parent's.
 */
static char *row_check_size(const TypeImpl *type, const TypeImpl *ancestor)
{
    if ((type->info.instance_size &&
         type->info.instance_size < ancestor->info.instance_size) ||
        (type->info.class_size &&
         type->info.class_size < ancestor->info.class_size)) {
        return g_strdup_printf("type '%s' is smaller than its parent type "
                               "'%s'", type->name, ancestor->name);
    }
    return NULL;
}

/* Checks everything for which building the class would abort. */
static char *type_check(void *row)
{
    const TypeImpl *type = row;
    const TypeImpl *ancestor = type;
    unsigned depth = 0;
    char *problem;

    while (ancestor->info.parent) {
        const char *name = ancestor->info.parent;

        ancestor = row_get_type(name);
        if (!ancestor) {
            return g_strdup_printf("type '%s' is missing its parent '%s'",
                                   type->name, name);
        }
        if (++depth > MAX_ANCESTORS) {
            return g_strdup_printf("type '%s' descends from itself",
                                   type->name);
        }
        problem = row_check_size(type, ancestor);
        if (problem) {
            return problem;
        }
    }
    for (unsigned i = 0; i < type->n_interfaces; i++) {
        if (!row_get_type(type->interfaces[i])) {
            return g_strdup_printf("type '%s' is missing its interface '%s'",
                                   type->name, type->interfaces[i]);
        }
    }
    return NULL;
}

/* Called after all types of the plugin have been checked. */
static void type_commit(void *row)
{
    type_lock();
    type_insert(row);
    type_unlock();
}

/* Frees a type of a plugin that was rejected. */
static void type_discard(void *row)
{
    TypeImpl *type = row;

    for (unsigned i = 0; i < type->n_interfaces; i++) {
        g_free((char *)type->interfaces[i]);
    }
    g_free((char *)type->info.parent);
    g_free((char *)type->name);
    g_free(type);
}

static const RegistrationKind type_kind = {
    .what = "type",
    .is_known = row_is_known,
    .check = type_check,
    .commit = type_commit,
    .discard = type_discard,
};

/* Adds a type of a plugin to the transaction, which registers it or not. */
static TypeImpl *type_file_later(const TypeInfo *info)
{
    TypeImpl *type = type_impl_new(info);

    registration_add(&type_kind, type->name, type);
    return type;
}

/* ---- Registering ---- */

/* Returns what is wrong with the caller's structure, NULL if nothing is. */
static const char *info_problem(const TypeInfo *info)
{
    unsigned n_interfaces = 0;

    if (!type_name_is_valid(info->name)) {
        return "the name is not a valid type name";
    }
    if (!info->parent) {
        return "it names no parent";
    }
    while (info->interfaces && info->interfaces[n_interfaces].type) {
        if (++n_interfaces > TYPE_MAX_INTERFACES) {
            return "it has too many interfaces";
        }
    }
    return NULL;
}

Type type_register(const TypeInfo *info)
{
    const char *problem = info_problem(info);

    /* A wrong type of the program aborts; one of a plugin is an error. */
    if (!registration_is_open()) {
        if (problem) {
            type_abort(info->name, problem);
        }
        return type_add(info);
    }
    if (problem) {
        registration_fail("cannot register type '%s': %s",
                          info->name ? info->name : "(null)", problem);
        return NULL;
    }
    return type_file_later(info);
}

Type type_register_static(const TypeInfo *info)
{
    return type_register(info);
}

void type_register_static_array(const TypeInfo *infos, int nr_infos)
{
    for (int i = 0; i < nr_infos; i++) {
        type_register(&infos[i]);
    }
}

const char *type_get_name(Type type)
{
    return type->name;
}

TypeImpl *type_get_parent(TypeImpl *type)
{
    TypeImpl *parent;

    if (!type->info.parent) {
        return NULL;
    }
    parent = type_get_by_name(type->info.parent);
    if (!parent) {
        programming_error("type '%s' is missing its parent '%s'; register "
                          "it, too, or call module_call_init(MODULE_INIT_QOM)",
                          type->name, type->info.parent);
    }
    return parent;
}

/* Orders pointers to types, as g_ptr_array_sort() passes them. */
static int type_compare_names(gconstpointer a, gconstpointer b)
{
    const TypeImpl *const *type_a = a;
    const TypeImpl *const *type_b = b;

    return strcmp((*type_a)->name, (*type_b)->name);
}

GPtrArray *type_list(void)
{
    GPtrArray *list = g_ptr_array_new();
    const TypeTable *table = atomic_load_explicit(&registry.current,
                                                  memory_order_acquire);

    for (uint32_t i = 0; table && i <= table->mask; i++) {
        TypeImpl *type = atomic_load_explicit(&table->slots[i],
                                              memory_order_acquire);

        if (type) {
            g_ptr_array_add(list, type);
        }
    }
    /* The order of the table depends on hashes, and their key differs between
     * processes. */
    g_ptr_array_sort(list, type_compare_names);
    return list;
}

const char *type_name_of_class(const ObjectClass *klass)
{
    g_autoptr(GPtrArray) types = type_list();

    for (guint i = 0; i < types->len; i++) {
        const TypeImpl *type = types->pdata[i];

        if (type->klass == klass) {
            return type->name;
        }
    }
    return NULL;
}

void type_enumeration_begin(void)
{
    type_lock();
    registry.enumerating++;
    type_unlock();
}

void type_enumeration_end(void)
{
    type_lock();
    registry.enumerating--;
    type_unlock();
}

/* Two threads may both create it; one copy is then freed. */
const char *type_child_type_name(TypeImpl *type)
{
    const char *name = atomic_load_explicit(&type->child_type_name,
                                            memory_order_acquire);
    const char *expected = NULL;
    char *made;

    if (name) {
        return name;
    }
    made = g_strdup_printf("child<%s>", type->name);
    if (atomic_compare_exchange_strong_explicit(
            &type->child_type_name, &expected, (const char *)made,
            memory_order_acq_rel, memory_order_acquire)) {
        return made;
    }
    g_free(made);
    return expected;
}
