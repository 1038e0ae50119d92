/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/registration.h"

#include <string.h>

typedef struct Row {
    const RegistrationKind *kind;
    const char *name;
    void *row;
} Row;

typedef struct Registration {
    GArray *rows;  /* of Row */
    char *problem; /* (nullable) the first one */
} Registration;

static __thread Registration *current;

void registration_begin(void)
{
    g_assert(!current);
    current = g_new0(Registration, 1);
    current->rows = g_array_new(FALSE, FALSE, sizeof(Row));
}

bool registration_is_open(void)
{
    return current;
}

void registration_refuse(const char *format, ...)
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
    for (guint i = 0; i < current->rows->len; i++) {
        const Row *row = &g_array_index(current->rows, Row, i);

        if (row->kind == kind && !strcmp(row->name, name)) {
            return row->row;
        }
    }
    return NULL;
}

void registration_add(const RegistrationKind *kind, const char *name,
                      void *row)
{
    Row entry = { kind, name, row };

    if (kind->is_known(name)) {
        registration_refuse("%s '%s' is registered already", kind->what,
                            name);
    } else if (registration_find(kind, name)) {
        registration_refuse("%s '%s' is registered twice", kind->what, name);
    }
    g_array_append_val(current->rows, entry);
}

static void check_rows(void)
{
    for (guint i = 0; i < current->rows->len && !current->problem; i++) {
        const Row *row = &g_array_index(current->rows, Row, i);

        if (row->kind->check) {
            current->problem = row->kind->check(row->row);
        }
    }
}

/* To file a row is to use the registry as usual: the transaction is over. */
static void settle_rows(const GArray *rows, bool good)
{
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);

        if (good) {
            row->kind->file(row->row);
        } else if (row->kind->drop) {
            row->kind->drop(row->row);
        }
    }
}

char *registration_end(void)
{
    GArray *rows = current->rows;
    char *problem;

    check_rows();
    problem = current->problem;
    g_clear_pointer(&current, g_free);
    settle_rows(rows, !problem);
    g_array_unref(rows);
    return problem;
}
