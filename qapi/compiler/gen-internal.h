/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all generators share: files in memory, and pieces of C text.
 *
 * A generator takes a checked schema and cannot fail.  generate.c runs the
 * generators and writes the files when all of them are complete.  Functions
 * gen_NAME() begin or finish a file or return a name; functions out_NAME()
 * append to a text.
 */
#ifndef QOM_QAPI_COMPILER_GEN_INTERNAL_H
#define QOM_QAPI_COMPILER_GEN_INTERNAL_H

#include "qapi/compiler/compiler.h"
#include "qapi/compiler/ir-internal.h"

typedef struct GenFile {
    char *name; /* its path below the output folder */
    GString *text;
    char *guard; /* (nullable) the macro that guards a header */
} GenFile;

typedef struct Gen {
    QapiSchema *schema;
    const char *prefix;
    GPtrArray *files; /* of GenFile */
} Gen;

/* gen_init, gen_clear: Begin without files; free all files. */
void gen_init(Gen *gen, QapiSchema *schema, const char *prefix);
void gen_clear(Gen *gen);

/* gen_write: writes all files and the dependencies, or nothing */
bool gen_write(Gen *gen, const QapiGenerate *options, Error **errp);

/* The generators: each appends the files of one kind for a module. */
void gen_types(Gen *gen, IrModule *module);      /* qapi-types */
void gen_visit(Gen *gen, IrModule *module);      /* qapi-visit */
void gen_commands(Gen *gen, IrModule *module);   /* qapi-commands */
void gen_events(Gen *gen, IrModule *module);     /* qapi-events */
void gen_classes(Gen *gen, IrModule *module);    /* qapi-classes */

/* gen_type_tables: appends the type descriptors of a module to its source */
void gen_type_tables(Gen *gen, GenFile *file, IrModule *module);

/*
 * gen_header, gen_source: Begin a file with its first lines: comment, guard,
 * and @includes of the library, which end with NULL.
 */
GenFile *gen_header(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes);
GenFile *gen_source(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes);
/* gen_end_header: ends the guard */
void gen_end_header(GenFile *file);

/* gen_include: appends the #include of the header @what of a module */
void gen_include(Gen *gen, GString *out, const IrModule *module,
                 const char *what);

/*
 * gen_need: includes the module that declares a type, once.  @type: (nullable)
 * @epoch: the modules that this file includes have it as IrModule.visit
 */
void gen_need(Gen *gen, GString *out, const IrEntity *type, uint32_t epoch);

/*
 * gen_group_modules: finds the modules whose headers of types would include
 * each other, and so have to be one.  The generators need what it finds.
 */
void gen_group_modules(QapiSchema *schema);

/* out_group_includes: appends the #include lines of a group's header */
void out_group_includes(Gen *gen, GString *out, IrModule *group);

/*
 * group_first: returns (nullable) the first entity of a group
 * @module: (nullable) where to begin: the first module of the group or a later
 * one
 * group_next: returns (nullable) the entity after @e in its group
 */
IrEntity *group_first(const IrModule *module);
IrEntity *group_next(const IrEntity *e);

#define out_printf g_string_append_printf
#define out_puts g_string_append

/*
 * out_if, out_endif: Append "#if COND" and "#endif"; nothing if @cond is NULL.
 */
void out_if(GString *out, const AstValue *cond);
void out_endif(GString *out, const AstValue *cond);

/*
 * out_string: appends a C string literal; a long one on several lines, which
 * are indented by @indent
 */
void out_string(GString *out, const char *text, int indent);

/* out_wrapped: appends a prototype, broken after commas if it is long */
void out_wrapped(GString *out, const char *prototype);

/* out_doc_string: appends documentation as a literal, after doc_join() */
void out_doc_string(GString *out, const char *text, int indent);

/* out_doc_field: appends `.doc = "..."`; nothing if @text is empty */
void out_doc_field(GString *out, const char *text, int indent);

/* out_doc_comment: appends the doc comment of an entity, if it has one */
void out_doc_comment(Gen *gen, GString *out, const IrEntity *e,
                     const char *name);

/*
 * out_special_features: appends the features that the library acts on, as a C
 * expression of bits.  has_special_features: Returns true if there are any.
 */
void out_special_features(GString *out, IrFeatures features, int indent);
bool has_special_features(IrFeatures features);

/* out_features_table: appends `static const QapiFeature NAME[]`, if any */
void out_features_table(GString *out, IrFeatures features, const char *name);

/*
 * out_features_field: appends the fields of a member or type
 * @table: the name of the features' table
 */
void out_features_field(GString *out, IrFeatures features, const char *table,
                        int indent);

/* entity_doc_text: returns the first plain section of an entity, or "" */
const char *entity_doc_text(const IrEntity *e);

/* Names in C.  The text lives as long as the schema. */
const char *gen_c_name(Gen *gen, Name *name);
const char *gen_symbol(Gen *gen, const IrEntity *type); /* in qapi_type_X */
const char *gen_c_type(Gen *gen, const IrEntity *type); /* "char *", "Foo *" */
const char *gen_enum_const(Gen *gen, const IrEntity *type, const char *value);
const char *gen_field(Gen *gen, const IrMember *m);

/* gen_has_flag: returns true if the C struct has a has_NAME for the member */
bool gen_has_flag(const IrMember *m);

/* gen_is_own_type: returns true if this schema generates code for the type */
bool gen_is_own_type(const IrEntity *e);

/* out_struct_members: appends the members of a C struct with their flags */
void out_struct_members(Gen *gen, GString *out, IrMember *const *members,
                        uint32_t n);

/* out_enum_table: appends the tables of an enumeration and its QapiType */
void out_enum_table(Gen *gen, GString *out, const IrEntity *e);

/* out_object_table: appends the members of an object and its QapiType */
void out_object_table(Gen *gen, GString *out, const IrEntity *e,
                      const char *c_struct, const char *linkage,
                      const char *symbol);

#endif
