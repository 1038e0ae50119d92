/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry of commands is an array in the order of registration, for
 * listing, and a hash table of its entries, for lookups.  Commands are static
 * and are never removed, so a command that was found stays valid without the
 * lock.
 *
 * A plugin registers its commands in a transaction (util/registration.h): they
 * become known together at its end, or not at all.
 */
#include "qapi/qapi-command.h"

#include "qapi/suggestion.h"
#include "util/hash.h"
#include "util/programming-error.h"
#include "util/registration.h"

static GMutex registry_lock;
static GPtrArray *registry; /* of const QapiCommand *; under registry_lock */
static GHashTable *registry_index; /* from name to entry; under registry_lock */

/* Called with registry_lock held. */
static void registry_add(const QapiCommand *cmd)
{
    bool is_new;

    if (!registry) {
        registry = g_ptr_array_new();
        registry_index = g_hash_table_new(hash_str, g_str_equal);
    }
    is_new = g_hash_table_insert(registry_index, (void *)cmd->name,
                                 (void *)cmd);
    if (!is_new) {
        programming_error("command '%s' is registered twice", cmd->name);
    }
    g_ptr_array_add(registry, (void *)cmd);
}

static bool command_is_known(const char *name)
{
    return qapi_find_command(name);
}

static void command_add(void *cmd)
{
    g_mutex_lock(&registry_lock);
    registry_add(cmd);
    g_mutex_unlock(&registry_lock);
}

static const RegistrationKind command_kind = {
    .what = "command",
    .is_known = command_is_known,
    .commit = command_add,
};

void qapi_register_commands(const QapiCommand *commands, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (registration_is_open()) {
            registration_add(&command_kind, commands[i].name,
                             (void *)&commands[i]);
        } else {
            command_add((void *)&commands[i]);
        }
    }
}

const QapiCommand *qapi_find_command(const char *name)
{
    const QapiCommand *cmd = NULL;

    g_mutex_lock(&registry_lock);
    if (registry_index) {
        cmd = g_hash_table_lookup(registry_index, name);
    }
    g_mutex_unlock(&registry_lock);
    return cmd;
}

/* Returns command @i in the order of registration; NULL at the end. */
static const QapiCommand *registry_get(guint i)
{
    const QapiCommand *cmd = NULL;

    g_mutex_lock(&registry_lock);
    if (registry && i < registry->len) {
        cmd = g_ptr_array_index(registry, i);
    }
    g_mutex_unlock(&registry_lock);
    return cmd;
}

/* @fn is called without the lock, so that it may use the registry. */
void qapi_for_each_command(void (*fn)(const QapiCommand *cmd, void *opaque),
                           void *opaque)
{
    const QapiCommand *cmd;

    for (guint i = 0; (cmd = registry_get(i)); i++) {
        fn(cmd, opaque);
    }
}

static void offer_command(const QapiCommand *cmd, void *opaque)
{
    suggestion_offer(opaque, cmd->name);
}

const QapiCommand *qapi_find_command_err(const char *name, Error **errp)
{
    ERRP_GUARD();
    const QapiCommand *cmd = qapi_find_command(name);
    Suggestion suggestion;

    if (!cmd) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", name);
        suggestion_init(&suggestion, name);
        qapi_for_each_command(offer_command, &suggestion);
        suggestion_append_hint(&suggestion, errp);
    }
    return cmd;
}
