/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plugins: shared objects whose types, commands and events become the
 * program's own when they are loaded.
 *
 * A plugin is written as any other source file, with type_init() or
 * DEFINE_TYPES() and with what `qapi gen` makes of its schema, says
 * QOM_PLUGIN() once, and is linked as a loadable module against the library:
 *
 *     cc -shared -fPIC my-plugin.c $(pkg-config --cflags --libs qom-1) \
 *         -o my-plugin.so
 *
 * A file is looked at before any of its code runs: one that does not say
 * QOM_PLUGIN(), or that was built for another ABI, is not loaded.  What it
 * registers is checked as a whole, and a plugin that clashes with something
 * is unloaded again.  A plugin that was taken stays until the program ends.
 *
 * Contract: docs/plugins.md
 */
#ifndef QOM_QOM_PLUGIN_H
#define QOM_QOM_PLUGIN_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/*
 * The number of the library's binary interface.  It changes with anything
 * that a plugin's code has compiled in: structures, macros, inline functions.
 */
#define QOM_PLUGIN_ABI 1

#define QOM_PLUGIN_STRING(x) #x
#define QOM_PLUGIN_EXPAND(x) QOM_PLUGIN_STRING(x)

/*
 * QOM_PLUGIN: mark a shared object as a plugin, once, at file level
 *
 * It is an ELF note: name "qom", type 1, and the ABI as 32 bits.
 */
#define QOM_PLUGIN()                                                \
    __asm__(".pushsection .note.qom, \"a\", %note\n"                \
            ".balign 4\n"                                           \
            ".long 4, 4, 1\n"                                       \
            ".asciz \"qom\"\n"                                      \
            ".long " QOM_PLUGIN_EXPAND(QOM_PLUGIN_ABI) "\n"         \
            ".popsection\n");

/**
 * plugin_load: load a plugin
 * @file: its name; without a slash it is a file of the current folder, too
 * @errp: set when the file cannot be read, is not a plugin or is one of
 *     another ABI, cannot be linked, is loaded already, or registers what
 *     clashes with something or lacks a parent, or has a copy of the library
 *     of its own
 *
 * Returns: true; false with @errp set, and nothing is loaded or registered
 * Thread: main
 */
bool plugin_load(const char *file, Error **errp);

QOM_END_DECLS

#endif
