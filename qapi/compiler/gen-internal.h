/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all generators share: files that are made, and text in C.
 *
 * A generator takes a checked schema and cannot fail.  Files are made in
 * memory; only when all are complete is any of them written, and those that
 * would not change are left alone.
 */
#ifndef QOM_QAPI_COMPILER_GEN_INTERNAL_H
#define QOM_QAPI_COMPILER_GEN_INTERNAL_H

#include "qapi/compiler/ir-internal.h"

typedef struct GenFile {
    char *name; /* below the output folder */
    GString *text;
    char *guard; /* of a header */
} GenFile;

typedef struct Gen {
    QapiSchema *schema;
    const char *prefix;
    GPtrArray *files; /* of GenFile */
} Gen;

/* gen_init, gen_clear: Begin without files; free all files. */
void gen_init(Gen *gen, QapiSchema *schema, const char *prefix);
void gen_clear(Gen *gen);

/* A doc comment or nothing for each of these; then the code. */
void gen_types(Gen *gen, IrModule *module);      /* qapi-types */
void gen_type_tables(Gen *gen, GenFile *file, IrModule *module);
void gen_visit(Gen *gen, IrModule *module);      /* qapi-visit */
void gen_commands(Gen *gen, IrModule *module);   /* qapi-commands */
void gen_events(Gen *gen, IrModule *module);     /* qapi-events */
void gen_classes(Gen *gen, IrModule *module);    /* qapi-classes */

/* Start a file with its first lines: comment, guard, includes of ours. */
GenFile *gen_header(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes);
GenFile *gen_source(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes);
void gen_end_header(GenFile *file);

/* #include of the file of another module */
void gen_include(Gen *gen, GString *out, const IrModule *module,
                 const char *what);

#define out_printf g_string_append_printf
#define out_puts g_string_append

/* "#if COND" and "#endif"; nothing where there is no condition. */
void out_if(GString *out, const AstValue *cond);
void out_endif(GString *out, const AstValue *cond);

/* A C string literal; long ones over several lines, indented by @indent. */
void out_string(GString *out, const char *text, int indent);

/* A prototype, broken after commas where it is too long for a line. */
void out_wrapped(GString *out, const char *prototype);

/* The text of documentation as a C string literal, joined by doc_join() */
void out_doc_string(GString *out, const char *text, int indent);

/* `.doc = "..."`, or nothing if @text is empty */
void out_doc_field(GString *out, const char *text, int indent);

/* The doc comment of an entity: what it is, its members, its sections. */
void out_doc_comment(Gen *gen, GString *out, const IrEntity *e,
                     const char *name);

/* Bits of the features that the library acts on, as a C expression. */
void out_special_features(GString *out, IrFeatures features, int indent);
bool has_special_features(IrFeatures features);

/* A static table `static const QapiFeature NAME[]`; nothing if no features */
void out_features_table(GString *out, IrFeatures features, const char *name);

/* The first plain paragraphs of an entity's documentation; "" if none. */
const char *entity_doc_text(const IrEntity *e);

/* Names in C.  Text lives as long as the schema. */
const char *gen_c_name(Gen *gen, Name *name);
const char *gen_symbol(Gen *gen, const IrEntity *type); /* in qapi_type_X */
const char *gen_c_type(Gen *gen, const IrEntity *type); /* "char *", "Foo *" */
const char *gen_enum_const(Gen *gen, const IrEntity *type, const char *value);
const char *gen_field(Gen *gen, const IrMember *m); /* c name of a member */
bool gen_has_flag(const IrMember *m); /* true if the member has a has_NAME */

/* Returns true if this schema generates code for the type. */
bool gen_is_own_type(const IrEntity *e);

/* Members of a C struct: `has_` flags and values, under their conditions. */
void out_struct_members(Gen *gen, GString *out, IrMember *const *members,
                        uint32_t n);

/* `static const QapiMember members_NAME[]` and the QapiType after it */
void out_object_table(Gen *gen, GString *out, const IrEntity *e,
                      const char *c_struct, const char *linkage,
                      const char *symbol);

#endif
