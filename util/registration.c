/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The transaction of a thread: a list of entries, and the first problem.
 *
 * A plugin's constructors run inside dlopen(), which cannot return an error.
 * So an entry that cannot be registered only makes the transaction fail, and
 * the constructors that follow are not disturbed.
 */
#include "util/registration.h"
#include "util/programming-error.h"

#include <string.h>

typedef struct Registered {
    const RegistrationKind *kind;
    const char *name;
    void *entry;
} Registered;

typedef struct Registration {
    GArray *entries; /* of Registered */
    char *problem;   /* (nullable) the first one */
} Registration;

static __thread Registration *current;

void registration_begin(void)
{
    if (current) {
        programming_error("registration_begin() inside of a transaction that "
                          "the same thread has begun; a constructor of a "
                          "plugin must not load a plugin");
    }
    current = g_new0(Registration, 1);
    current->entries = g_array_new(FALSE, FALSE, sizeof(Registered));
}

bool registration_is_open(void)
{
    return current;
}

void registration_fail(const char *format, ...)
{
    va_list args;

    if (!current->problem) {
        va_start(args, format);
        current->problem = g_strdup_vprintf(format, args);
        va_end(args);
    }
}

void *registration_find(const RegistrationKind *kind, const char *name)
{
    for (guint i = 0; i < current->entries->len; i++) {
        const Registered *r = &g_array_index(current->entries, Registered, i);

        if (r->kind == kind && !strcmp(r->name, name)) {
            return r->entry;
        }
    }
    return NULL;
}

void registration_add(const RegistrationKind *kind, const char *name,
                      void *entry)
{
    Registered registered = { kind, name, entry };

    if (kind->is_known(name)) {
        registration_fail("%s '%s' is registered already", kind->what, name);
    } else if (registration_find(kind, name)) {
        registration_fail("%s '%s' is registered twice", kind->what, name);
    }
    /* It is added in any case, so that it is discarded at the end. */
    g_array_append_val(current->entries, registered);
}

static void check_entries(void)
{
    for (guint i = 0; i < current->entries->len && !current->problem; i++) {
        const Registered *r = &g_array_index(current->entries, Registered, i);

        if (r->kind->check) {
            current->problem = r->kind->check(r->entry);
        }
    }
}

static void commit_or_discard(const GArray *entries, bool commit)
{
    for (guint i = 0; i < entries->len; i++) {
        const Registered *r = &g_array_index(entries, Registered, i);

        if (commit) {
            r->kind->commit(r->entry);
        } else if (r->kind->discard) {
            r->kind->discard(r->entry);
        }
    }
}

char *registration_end(void)
{
    GArray *entries = current->entries;
    char *problem;

    check_entries();
    problem = current->problem;
    /* The transaction ends first, because commit() uses the registry as code
     * outside of a transaction does. */
    g_clear_pointer(&current, g_free);
    commit_or_discard(entries, !problem);
    g_array_unref(entries);
    return problem;
}
