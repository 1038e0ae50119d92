/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checking the file of a plugin before it is loaded.
 *
 * dlopen() runs constructors of the file, so wrong files are rejected before.
 * QOM_PLUGIN() places an ELF *note* in the file, which contains the version of
 * the binary interface.  The checks read the ELF header, the program headers
 * and the notes.  They do not trust the file: each offset is checked before it
 * is used.
 */
#include "qom/plugin-file-internal.h"
#include "qom/plugin.h"
#include "qapi/file.h"

#include <elf.h>
#include <inttypes.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

/* The note that QOM_PLUGIN() places in the file; its content is the ABI. */
#define NOTE_NAME "qom"
#define NOTE_TYPE 1
#define NOTE_ALIGN(n) (((n) + 3) & ~(size_t)3)

/* The content of a file, mapped into memory. */
typedef struct PluginFile {
    const char *data;
    size_t n_bytes;
} PluginFile;

/* Returns @n_bytes of the file at @offset; NULL if the file is too short. */
static const void *file_part(const PluginFile *file, uint64_t offset,
                             uint64_t n_bytes)
{
    if (offset > file->n_bytes || n_bytes > file->n_bytes - offset) {
        return NULL;
    }
    return file->data + offset;
}

/* Checks the word size and the byte order; dlopen() checks the rest. */
static bool header_is_native(const ElfW(Ehdr) *header)
{
    return !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
           header->e_ident[EI_CLASS] ==
               (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) &&
           header->e_ident[EI_DATA] ==
               (G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB
                                                : ELFDATA2MSB) &&
           header->e_type == ET_DYN &&
           header->e_phentsize == sizeof(ElfW(Phdr));
}

/* Returns true if the notes contain that of QOM_PLUGIN(); sets @abi. */
static bool notes_find(const char *notes, size_t n_bytes, uint32_t *abi)
{
    ElfW(Nhdr) note;

    while (n_bytes >= sizeof(note)) {
        size_t name_size, size;

        memcpy(&note, notes, sizeof(note));
        name_size = NOTE_ALIGN((size_t)note.n_namesz);
        /* The sizes have 32 bits, so that the sum does not overflow. */
        size = sizeof(note) + name_size + NOTE_ALIGN((size_t)note.n_descsz);
        if (size > n_bytes) {
            return false;
        }
        if (note.n_type == NOTE_TYPE && note.n_namesz == sizeof(NOTE_NAME) &&
            note.n_descsz == sizeof(*abi) &&
            !memcmp(notes + sizeof(note), NOTE_NAME, sizeof(NOTE_NAME))) {
            memcpy(abi, notes + sizeof(note) + name_size, sizeof(*abi));
            return true;
        }
        notes += size;
        n_bytes -= size;
    }
    return false;
}

/* Searches all note segments: linkers also write notes of their own. */
static bool file_find_abi(const PluginFile *file, const ElfW(Ehdr) *header,
                          uint32_t *abi)
{
    for (unsigned i = 0; i < header->e_phnum; i++) {
        const void *part = file_part(
            file, header->e_phoff + (uint64_t)i * sizeof(ElfW(Phdr)),
            sizeof(ElfW(Phdr)));
        ElfW(Phdr) segment;
        const char *notes;

        if (!part) {
            return false;
        }
        /* The headers of a file may be at any address; so they are copied. */
        memcpy(&segment, part, sizeof(segment));
        if (segment.p_type != PT_NOTE) {
            continue;
        }
        notes = file_part(file, segment.p_offset, segment.p_filesz);
        if (notes && notes_find(notes, segment.p_filesz, abi)) {
            return true;
        }
    }
    return false;
}

/* A function of its own, so that the fuzz target needs no file. */
bool plugin_data_check(const char *data, size_t n_bytes, const char *name,
                       Error **errp)
{
    const PluginFile file = { data, n_bytes };
    const void *part = file_part(&file, 0, sizeof(ElfW(Ehdr)));
    ElfW(Ehdr) header;
    uint32_t abi;

    if (part) {
        memcpy(&header, part, sizeof(header));
    }
    if (!part || !header_is_native(&header)) {
        error_setg(errp, "'%s' is not a plugin: it is no shared object for "
                   "this machine", name);
        return false;
    }
    if (!file_find_abi(&file, &header, &abi)) {
        error_setg(errp, "'%s' is not a plugin: it does not say "
                   "QOM_PLUGIN()", name);
        return false;
    }
    /* The plugin contains structures and inline functions of its version. */
    if (abi != QOM_PLUGIN_ABI) {
        error_setg(errp, "Plugin '%s' is built for ABI %" PRIu32 ", and this "
                   "program has ABI %d", name, abi, QOM_PLUGIN_ABI);
        return false;
    }
    return true;
}

/* qapi_file_open() rejects folders, devices and pipes, which could block. */
static GMappedFile *map_file(const char *name, Error **errp)
{
    ERRP_GUARD();
    int fd = qapi_file_open(name, errp);
    GMappedFile *mapped;

    if (fd < 0) {
        error_prepend(errp, "Cannot open plugin '%s': ", name);
        return NULL;
    }
    mapped = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    if (!mapped) {
        error_setg(errp, "Cannot read plugin '%s'", name);
    }
    close(fd);
    return mapped;
}

bool plugin_file_check(const char *name, Error **errp)
{
    GMappedFile *mapped = map_file(name, errp);
    bool ok;

    if (!mapped) {
        return false;
    }
    ok = plugin_data_check(g_mapped_file_get_contents(mapped),
                           g_mapped_file_get_length(mapped), name, errp);
    g_mapped_file_unref(mapped);
    return ok;
}
