/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of the schema as names of C.
 *
 * The mapping is that of QEMU's generated code, so that hand-written code
 * finds the identifiers it knows; it is not one to one, which is why the
 * checks compare members by their C names.
 */
#include "qapi/compiler/names-internal.h"

#include <string.h>

/* Sorted, for a binary search. */
static const char *const reserved[] = {
    "_Alignas", "_Alignof", "_Atomic", "_Bool", "_Complex", "_Generic",
    "_Imaginary", "_Noreturn", "_Static_assert", "_Thread_local",
    "and", "and_eq", "asm", "auto",
    "bitand", "bitor", "bool", "break",
    "case", "catch", "char", "class", "compl", "const", "const_cast",
    "continue",
    "default", "delete", "do", "double", "dynamic_cast",
    "else", "enum", "errno", "explicit", "extern",
    "false", "float", "for", "friend",
    "goto",
    "i386", "if", "inline", "int",
    "linux", "long",
    "mips", "mutable",
    "namespace", "new", "not", "not_eq",
    "operator", "or", "or_eq",
    "private", "protected", "public",
    "register", "reinterpret_cast", "restrict", "return",
    "short", "signed", "sizeof", "sparc", "static", "static_cast", "struct",
    "switch",
    "template", "this", "throw", "true", "try", "typedef", "typeid",
    "typename", "typeof",
    "union", "unix", "unsigned", "using",
    "virtual", "void", "volatile",
    "wchar_t", "while",
    "xor", "xor_eq",
};

static bool is_reserved(const char *name)
{
    size_t low = 0;
    size_t high = G_N_ELEMENTS(reserved);

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(name, reserved[mid]);

        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return false;
}

char *c_identifier(const char *name)
{
    char *c_name = g_strdup(name);

    for (char *p = c_name; *p; p++) {
        if (!g_ascii_isalnum(*p)) {
            *p = '_';
        }
    }
    return c_name;
}

Name *c_name_of(NameTable *table, Name *name)
{
    if (!name->c_name) {
        g_autofree char *plain = c_identifier(name->str);

        if (is_reserved(plain) || g_ascii_isdigit(plain[0])) {
            g_autofree char *quoted = g_strconcat("q_", plain, NULL);

            name->c_name = name_of(table, quoted);
        } else {
            name->c_name = name_of(table, plain);
        }
    }
    return name->c_name;
}

/*
 * Words begin where lower case turns to upper, and at the last capital of a
 * run of capitals that lower case follows.  Digits count as lower case.
 */
static bool word_begins(const char *name, size_t i)
{
    bool upper = g_ascii_isupper(name[i]);

    if (i == 0 || !g_ascii_isalnum(name[i - 1])) {
        return false;
    }
    if (upper && !g_ascii_isupper(name[i - 1])) {
        return true;
    }
    return upper && i > 1 && name[i + 1] && !g_ascii_isupper(name[i + 1]);
}

char *c_upper_name(const char *name)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; name[i]; i++) {
        char c = g_ascii_toupper(name[i]);

        if (word_begins(name, i)) {
            g_string_append_c(out, '_');
        }
        g_string_append_c(out, g_ascii_isalnum(c) ? c : '_');
    }
    g_string_erase(out, 0, strspn(out->str, "_"));
    return g_string_free(out, FALSE);
}

char *camel_name(const char *name)
{
    GString *out = g_string_new(NULL);
    bool start = true;

    for (; *name; name++) {
        if (!g_ascii_isalnum(*name)) {
            start = true;
            continue;
        }
        g_string_append_c(out, start ? g_ascii_toupper(*name) : *name);
        start = false;
    }
    return g_string_free(out, FALSE);
}
