/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the generators of commands and of events share. */
#ifndef QOM_QAPI_COMPILER_GEN_CALL_INTERNAL_H
#define QOM_QAPI_COMPILER_GEN_CALL_INTERNAL_H

#include "qapi/compiler/gen-internal.h"

/* Includes of the types that calls of a kind mention. */
void out_call_includes(Gen *gen, GString *out, IrModule *module, IrKind kind);

bool is_string_type(const IrEntity *type);

/* Returns true if the C function has parameters besides errp. */
bool has_params(const IrEntity *e);

/*
 * Appends the parameters in C, or the arguments taken from `a`.  Returns true
 * if there are any.
 */
bool out_params(Gen *gen, GString *out, const IrEntity *e);
bool out_args(Gen *gen, GString *out, const IrEntity *e);

/* Struct and descriptor of inline members, and the table of features. */
void out_call_types(Gen *gen, GString *out, const IrEntity *e,
                    const char *what);

/* Appends fields of an entry of the table. */
void out_arg_type(Gen *gen, GString *out, const IrEntity *e,
                  const char *field, int indent);
void out_call_facts(Gen *gen, GString *out, const IrEntity *e,
                    const char *what, int indent);

/* The doc comment of the C function PREFIX + name. */
void out_call_comment(Gen *gen, GString *out, const IrEntity *e,
                      const char *prefix);

#endif
