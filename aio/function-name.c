/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name of a function.
 *
 * Dynamic symbols: dladdr() finds functions that a file exports.  Most
 * callbacks are static, so it does not know them.
 * Symbol table: a file that is not stripped also has the symbols of static
 * functions, in a section that is not loaded.  So the file is read.
 */
#include "aio/function-name-internal.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <link.h>
#include <string.h>

typedef ElfW(Ehdr) Header;
typedef ElfW(Shdr) Section;
typedef ElfW(Sym) Symbol;

/* What a section of the file contains, or NULL if it is not in the file */
static const char *section_bytes(const char *file, size_t n_bytes,
                                 const Section *section)
{
    return section->sh_offset <= n_bytes &&
           section->sh_size <= n_bytes - section->sh_offset
        ? file + section->sh_offset : NULL;
}

/* Returns: (nullable) the name within @file of the function at @address */
static const char *symbol_find(const char *file, size_t n_bytes,
                               const Section *symbols, const Section *names,
                               ElfW(Addr) address)
{
    const char *table = section_bytes(file, n_bytes, symbols);
    const char *text = section_bytes(file, n_bytes, names);
    Symbol symbol;

    if (!table || !text || names->sh_size == 0 ||
        text[names->sh_size - 1] != '\0') {
        return NULL;
    }
    for (size_t i = 0; i < symbols->sh_size / sizeof(symbol); i++) {
        memcpy(&symbol, table + i * sizeof(symbol), sizeof(symbol));
        if (symbol.st_value == address && symbol.st_name < names->sh_size &&
            ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
            return text + symbol.st_name;
        }
    }
    return NULL;
}

/* The same, in the symbol table of the whole file, which is loaded at @base */
static const char *file_find(const char *file, size_t n_bytes,
                             ElfW(Addr) address, ElfW(Addr) base)
{
    Section symbols, names;
    Header header;
    size_t n;

    if (n_bytes < sizeof(header) || memcmp(file, ELFMAG, SELFMAG) != 0) {
        return NULL;
    }
    memcpy(&header, file, sizeof(header));
    if (header.e_shentsize != sizeof(Section) || header.e_shoff > n_bytes) {
        return NULL;
    }
    /* Addresses are relative, except in a program that is linked to one. */
    if (header.e_type != ET_EXEC) {
        address -= base;
    }
    n = MIN(header.e_shnum, (n_bytes - header.e_shoff) / sizeof(Section));
    for (size_t i = 0; i < n; i++) {
        memcpy(&symbols, file + header.e_shoff + i * sizeof(Section),
               sizeof(symbols));
        if (symbols.sh_type == SHT_SYMTAB && symbols.sh_link < n) {
            memcpy(&names,
                   file + header.e_shoff + symbols.sh_link * sizeof(Section),
                   sizeof(names));
            return symbol_find(file, n_bytes, &symbols, &names, address);
        }
    }
    return NULL;
}

/* Returns: (transfer full) (nullable) the name of a function that the symbol
 * table of its file has */
static char *static_name(const Dl_info *info, void *function)
{
    /* A program's own path may be relative to a folder that it has left. */
    const char *path = strcmp(info->dli_fname, program_invocation_name) == 0
        ? "/proc/self/exe" : info->dli_fname;
    /* The program executes the file, so it must not shrink anyway. */
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
    char *name;

    if (!file) {
        return NULL;
    }
    name = g_strdup(file_find(g_mapped_file_get_contents(file),
                              g_mapped_file_get_length(file),
                              (ElfW(Addr))function,
                              (ElfW(Addr))info->dli_fbase));
    g_mapped_file_unref(file);
    return name;
}

char *aio_function_name(void *function)
{
    Dl_info info;
    const char *file;
    char *name;

    if (!dladdr(function, &info)) {
        return g_strdup_printf("%p", function);
    }
    if (info.dli_sname && info.dli_saddr == function) {
        return g_strdup(info.dli_sname);
    }
    name = static_name(&info, function);
    if (name) {
        return name;
    }
    file = strrchr(info.dli_fname, '/');
    return g_strdup_printf("%s+0x%zx", file ? file + 1 : info.dli_fname,
                           (size_t)((char *)function -
                                    (char *)info.dli_fbase));
}
