/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments of commands and data of events in C. */
#ifndef QOM_QAPI_COMPILER_GEN_CALL_INTERNAL_H
#define QOM_QAPI_COMPILER_GEN_CALL_INTERNAL_H

#include "qapi/compiler/gen-internal.h"

/* out_call_includes: includes the types that commands, or events, mention */
void out_call_includes(Gen *gen, GString *out, IrModule *module, IrKind kind);

/* has_kind: returns true if the module defines commands, or events */
bool has_kind(const IrModule *module, IrKind kind);

/* is_string_type: returns true for the built-in type 'str' */
bool is_string_type(const IrEntity *type);

/* is_provided: returns true if the argument's type is known at run time */
bool is_provided(const IrEntity *e);

/* has_params: returns true if the C function has parameters apart from errp */
bool has_params(const IrEntity *e);

/*
 * out_params, out_args: Append the parameters in C, and the arguments from the
 * members of `a`.  Return true if there are any.
 */
bool out_params(Gen *gen, GString *out, const IrEntity *e);
bool out_args(Gen *gen, GString *out, const IrEntity *e);

/* out_call_types: appends struct and descriptor of inline members, features */
void out_call_types(Gen *gen, GString *out, const IrEntity *e,
                    const char *what);

/* out_arg_type, out_call_facts: Append fields of the command or event. */
void out_arg_type(Gen *gen, GString *out, const IrEntity *e,
                  const char *field, int indent);
void out_call_facts(Gen *gen, GString *out, const IrEntity *e,
                    const char *what, int indent);

/* out_call_comment: appends the doc comment of the C function PREFIX + name */
void out_call_comment(Gen *gen, GString *out, const IrEntity *e,
                      const char *prefix);

#endif
