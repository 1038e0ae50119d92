/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection: which entities clients see, in which order, by which names.
 *
 * Commands and events come first, module by module; then the types that they
 * use, in order of first use.  Integers are all `int`, and a type that nothing
 * uses is not there.  Unless unmasked, names of types are numbers, as they are
 * no part of the interface.
 */
#ifndef QOM_QAPI_COMPILER_INFO_INTERNAL_H
#define QOM_QAPI_COMPILER_INFO_INTERNAL_H

#include "qapi/compiler/ir-internal.h"

typedef struct InfoRow {
    IrEntity *entity;
    const char *name; /* as clients see it */
} InfoRow;

typedef struct InfoTable {
    QapiSchema *schema;
    bool unmask;
    GArray *rows;      /* of InfoRow */
    GHashTable *index; /* IrEntity to its position in @rows, plus one */
    GHashTable *masks; /* IrEntity to its name */
} InfoTable;

/* Walk the schema; free with info_table_clear(). */
void info_table_init(InfoTable *table, QapiSchema *schema, bool unmask);
void info_table_clear(InfoTable *table);

/**
 * info_name: how clients see a type
 * @type: (nullable) NULL is the empty object
 */
const char *info_name(InfoTable *table, IrEntity *type);

#endif
