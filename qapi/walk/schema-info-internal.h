/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table from which introspection data is created. */
#ifndef QOM_QAPI_WALK_SCHEMA_INFO_INTERNAL_H
#define QOM_QAPI_WALK_SCHEMA_INFO_INTERNAL_H

#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"

/* A command, an event or a type that clients see. */
typedef struct InfoEntry {
    const QapiCommand *command; /* one of these three is set */
    const QapiEvent *event;
    const QapiType *type;
    const char *name; /* the name that clients see */
} InfoEntry;

typedef struct InfoTable {
    bool unmask;
    bool details;
    GArray *entries;        /* of InfoEntry */
    GHashTable *index;   /* type name -> index in entries, plus 1 */
    unsigned n_masked;
    GHashTable *provided; /* name -> type descriptor of its provider */
    /* everything that is freed with the table: names, provided types */
    GPtrArray *garbage;
} InfoTable;

/*
 * info_table_init: reads the registries of commands and events, and gives all
 * names.  info_table_clear: Frees what the table owns.
 */
void info_table_init(InfoTable *table, bool unmask, bool details);
void info_table_clear(InfoTable *table);

/*
 * info_type_name: returns the name that clients see for a type, which gets an
 * entry if it has none.  @type: (nullable) NULL is the empty object
 */
const char *info_type_name(InfoTable *table, const QapiType *type);

/*
 * info_command_arg, info_command_ret: Return (nullable) the types that clients
 * see.  Introspection may know more than the C form of a command says.
 */
const QapiType *info_command_arg(InfoTable *table,
                                 const QapiCommand *command);
const QapiType *info_command_ret(const QapiCommand *command);

/* info_branch_of: returns (nullable) the branch for a value of the tag */
const QapiBranch *info_branch_of(const QapiType *type, int value);

/* info_tag_lookup: returns the names of the tag's values */
const QEnumLookup *info_tag_lookup(const QapiType *type);

#endif
