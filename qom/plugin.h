/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plugins: shared objects that add types, commands and events to the program
 * that loads them.
 *
 * A plugin registers types with type_init() or DEFINE_TYPES(), and commands and
 * events with the output of `qapi gen`.  It has QOM_PLUGIN() in one source file
 * and is linked as a loadable module with the library:
 *
 *     cc -shared -fPIC my-plugin.c $(pkg-config --cflags --libs qom-1) \
 *         -o my-plugin.so
 *
 * The file is read before any code of it runs: a file without QOM_PLUGIN(), or
 * for another ABI, is not loaded.  All that the plugin registers is then
 * checked together.  If anything is in error, the plugin is unloaded.
 * Otherwise it stays loaded until the program exits.
 *
 * Thread: main
 * Contract: docs/plugins.md
 */
#ifndef QOM_QOM_PLUGIN_H
#define QOM_QOM_PLUGIN_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/*
 * Version of the binary interface between plugins and the library.  It changes
 * with every incompatible change of a structure, macro or inline function of a
 * public header, because plugins contain them in compiled form.
 */
#define QOM_PLUGIN_ABI 1

#define QOM_PLUGIN_STRING(x) #x
#define QOM_PLUGIN_EXPAND(x) QOM_PLUGIN_STRING(x)

/*
 * QOM_PLUGIN: mark a shared object as a plugin
 *
 * It stands once in a plugin, outside of functions.  It adds an ELF note with
 * the name "qom", the type 1 and QOM_PLUGIN_ABI in 32 bits.
 */
#define QOM_PLUGIN()                                                \
    __asm__(".pushsection .note.qom, \"a\", %note\n"                \
            ".balign 4\n"                                           \
            ".long 4, 4, 1\n"                                       \
            ".asciz \"qom\"\n"                                      \
            ".long " QOM_PLUGIN_EXPAND(QOM_PLUGIN_ABI) "\n"         \
            ".popsection\n");

/**
 * plugin_load: loads a plugin
 * @name: name of a file, if it contains a slash.  Otherwise the file @name.so,
 *        or @name if that ends in ".so", is looked up in the folders of the
 *        environment variable QOM_PLUGIN_PATH, which are separated by colons,
 *        and then in the folder of installed plugins
 * @errp: set if there is no such plugin, if the file cannot be read or linked,
 *        is not a plugin, is for another ABI, is already loaded or is linked
 *        with a second copy of the library, or if something that it registers
 *        is in error
 *
 * The first file that is found is loaded.  A file that cannot be loaded does
 * not continue the search.
 *
 * Returns: true; false with @errp set, and then nothing is loaded or
 *          registered
 */
bool plugin_load(const char *name, Error **errp);

QOM_END_DECLS

#endif
