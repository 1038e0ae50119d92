/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types that every schema has: scalars, "any" and "null" with their array
 * types, the empty object, and the enumeration of JSON types.
 */
#include "qapi/compiler/ir-internal.h"

typedef struct BuiltinEntry {
    const char *name;
    IrBuiltin type;
} BuiltinEntry;

/* JSON type of introspection, C type, kind, JSON type of values */
static const BuiltinEntry builtin_entries[] = {
    { "str", { "string", "char *", QAPI_KIND_STR, QTYPE_QSTRING } },
    { "number", { "number", "double ", QAPI_KIND_NUMBER, QTYPE_QNUM } },
    { "int", { "int", "int64_t ", QAPI_KIND_INT64, QTYPE_QNUM } },
    { "int8", { "int", "int8_t ", QAPI_KIND_INT8, QTYPE_QNUM } },
    { "int16", { "int", "int16_t ", QAPI_KIND_INT16, QTYPE_QNUM } },
    { "int32", { "int", "int32_t ", QAPI_KIND_INT32, QTYPE_QNUM } },
    { "int64", { "int", "int64_t ", QAPI_KIND_INT64, QTYPE_QNUM } },
    { "uint8", { "int", "uint8_t ", QAPI_KIND_UINT8, QTYPE_QNUM } },
    { "uint16", { "int", "uint16_t ", QAPI_KIND_UINT16, QTYPE_QNUM } },
    { "uint32", { "int", "uint32_t ", QAPI_KIND_UINT32, QTYPE_QNUM } },
    { "uint64", { "int", "uint64_t ", QAPI_KIND_UINT64, QTYPE_QNUM } },
    { "size", { "int", "uint64_t ", QAPI_KIND_SIZE, QTYPE_QNUM } },
    { "bool", { "boolean", "bool ", QAPI_KIND_BOOL, QTYPE_QBOOL } },
    { "any", { "value", "JsonNode *", QAPI_KIND_ANY, QTYPE_NONE } },
    { "null", { "null", "JsonNode *", QAPI_KIND_NULL, QTYPE_QNULL } },
};

/* In the order of QType, which is written by hand. */
static const char *const qtype_values[] = {
    "none", "qnull", "qnum", "qstring", "qdict", "qlist", "qbool",
};

/* An enumeration without documentation, because no schema defines it. */
static void define_qtype(QapiSchema *schema)
{
    IrEntity *e =
        ir_new_entity(schema, IR_ENUM, ir_intern(schema, "QType"), NULL);
    IrMembers *values = &e->u.enumeration.values;

    e->u.enumeration.prefix = ir_intern(schema, "QTYPE");
    values->item =
        arena_new_n(&schema->arena, IrMember, G_N_ELEMENTS(qtype_values));
    for (; values->n < G_N_ELEMENTS(qtype_values); values->n++) {
        values->item[values->n] = (IrMember){
            .name = ir_intern(schema, qtype_values[values->n]),
            .owner = e,
        };
    }
    ir_add_entity(schema, e);
}

/* Built-in types have no module, and their arrays are defined with them. */
void ir_define_builtins(QapiSchema *schema)
{
    IrEntity *e;

    for (unsigned i = 0; i < G_N_ELEMENTS(builtin_entries); i++) {
        const BuiltinEntry *entry = &builtin_entries[i];

        e = ir_new_entity(schema, IR_BUILTIN, ir_intern(schema, entry->name),
                          NULL);
        e->u.builtin = &entry->type;
        ir_add_entity(schema, e);
        ir_array_of(schema, e->name, NULL);
    }
    e = ir_new_entity(schema, IR_OBJECT, ir_intern(schema, "q_empty"), NULL);
    e->implicit = true;
    ir_add_entity(schema, e);
    define_qtype(schema);
}
