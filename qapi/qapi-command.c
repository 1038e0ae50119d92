/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry is an array in the order of registration, for listing, and a
 * hash table of its entries, for lookups.  The entries are static, so an entry
 * that was found stays valid without the lock.
 */
#include "qapi/qapi-command.h"

#include "util/registration.h"
#include "util/hash.h"

static GRWLock registry_lock;
static GPtrArray *registry; /* of const QapiCommand *; under registry_lock */
static GHashTable *registry_index; /* from name to entry; under registry_lock */

/* Called with registry_lock held for writing. */
static void registry_add(const QapiCommand *row)
{
    bool is_new;

    if (!registry) {
        registry = g_ptr_array_new();
        registry_index = g_hash_table_new(hash_str, g_str_equal);
    }
    is_new = g_hash_table_insert(registry_index, (void *)row->name,
                                 (void *)row);
    if (!is_new) {
        g_error("command '%s' is registered twice", row->name);
    }
    g_ptr_array_add(registry, (void *)row);
}

static bool row_is_known(const char *name)
{
    return qapi_find_command(name);
}

static void row_file(void *row)
{
    g_rw_lock_writer_lock(&registry_lock);
    registry_add(row);
    g_rw_lock_writer_unlock(&registry_lock);
}

static const RegistrationKind command_kind = {
    .what = "command",
    .is_known = row_is_known,
    .file = row_file,
};

void qapi_register_commands(const QapiCommand *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (registration_is_open()) {
            registration_add(&command_kind, rows[i].name, (void *)&rows[i]);
        } else {
            row_file((void *)&rows[i]);
        }
    }
}

const QapiCommand *qapi_find_command(const char *name)
{
    const QapiCommand *row = NULL;

    g_rw_lock_reader_lock(&registry_lock);
    if (registry_index) {
        row = g_hash_table_lookup(registry_index, name);
    }
    g_rw_lock_reader_unlock(&registry_lock);
    return row;
}

void qapi_for_each_command(void (*fn)(const QapiCommand *cmd, void *opaque),
                           void *opaque)
{
    g_rw_lock_reader_lock(&registry_lock);
    for (guint i = 0; registry && i < registry->len; i++) {
        fn(g_ptr_array_index(registry, i), opaque);
    }
    g_rw_lock_reader_unlock(&registry_lock);
}
