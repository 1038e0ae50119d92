/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of the schema as names of C.
 *
 * The mapping is that of QEMU's generated code, so that hand-written code finds
 * the identifiers that it knows.  The mapping is not one to one: "a-b" and
 * "a_b" are the same name in C. The checks therefore compare members by their C
 * names.
 */
#include "qapi/compiler/names-internal.h"

#include <stdlib.h>
#include <string.h>

/*
 * Words that no name may equal in C, in three tables.  Each is sorted, for a
 * binary search.  These are the keywords of C23 and C++20.
 */
static const char *const keywords[] = {
    "_Alignas", "_Alignof", "_Atomic", "_Bool", "_Complex", "_Generic",
    "_Imaginary", "_Noreturn", "_Static_assert", "_Thread_local", "alignas",
    "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool",
    "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t",
    "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue",
    "decltype", "default", "delete", "do", "double", "dynamic_cast", "else",
    "enum", "explicit", "export", "extern", "false", "float", "for", "friend",
    "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
    "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq",
    "private", "protected", "public", "register", "reinterpret_cast",
    "requires", "restrict", "return", "short", "signed", "sizeof", "static",
    "static_assert", "static_cast", "struct", "switch", "template", "this",
    "thread_local", "throw", "true", "try", "typedef", "typeid", "typename",
    "typeof", "typeof_unqual", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "xor_eq",
};

/* Macros without arguments, of the compiler and of the system's headers. */
static const char *const macros[] = {
    "complex", "errno", "h_addr", "h_errno", "i386", "ifa_broadaddr",
    "ifa_dstaddr", "ifc_buf", "ifc_req", "ifr_addr", "ifr_bandwidth",
    "ifr_broadaddr", "ifr_data", "ifr_dstaddr", "ifr_flags", "ifr_hwaddr",
    "ifr_ifindex", "ifr_map", "ifr_metric", "ifr_mtu", "ifr_name",
    "ifr_netmask", "ifr_newname", "ifr_qlen", "ifr_settings", "ifr_slave",
    "linux", "math_errhandling", "mips", "msg_cbytes", "no_argument",
    "noreturn", "optional_argument", "required_argument", "s6_addr",
    "s6_addr16", "s6_addr32", "sa_handler", "sa_sigaction", "si_addr",
    "si_addr_lsb", "si_arch", "si_band", "si_call_addr", "si_fd", "si_int",
    "si_lower", "si_overrun", "si_pid", "si_pkey", "si_ptr", "si_status",
    "si_stime", "si_syscall", "si_timerid", "si_uid", "si_upper", "si_utime",
    "si_value", "sigev_notify_attributes", "sigev_notify_function", "sparc",
    "st_atime", "st_ctime", "st_mtime", "unix",
};

/*
 * Names that generated code uses in the same scopes as names of the schema, and
 * types of the headers that it includes.  tests/schema/compile compares this
 * table with these headers.
 */
static const char *const taken[] = {
    "CompatPolicy", "CompatPolicyInput", "CompatPolicyOutput", "DIR",
    "Error", "ErrorClass", "ErrorPropagator", "FILE", "GenericAlternate",
    "GenericList", "JsonArray", "JsonArrayForeach",
    "JsonBoxedDeserializeFunc", "JsonBoxedSerializeFunc", "JsonBuilder",
    "JsonBuilderClass", "JsonBuilderPrivate", "JsonGenerator",
    "JsonGeneratorClass", "JsonGeneratorPrivate", "JsonNode",
    "JsonNodeType", "JsonObject", "JsonObjectForeach", "JsonObjectIter",
    "JsonParser", "JsonParserClass", "JsonParserError", "JsonParserPrivate",
    "JsonPath", "JsonPathClass", "JsonPathError", "JsonReader",
    "JsonReaderClass", "JsonReaderError", "JsonReaderPrivate",
    "JsonSerializable", "JsonSerializableIface", "ModuleInitType",
    "QEnumLookup", "QapiBranch", "QapiCommand", "QapiCommandOptions",
    "QapiEvent", "QapiEventEmitter", "QapiFeature", "QapiKind",
    "QapiMember", "QapiMemberDetails", "QapiType", "QapiValue", "Visitor",
    "errp", "g_autofree", "int16_t", "int32_t", "int64_t", "int8_t",
    "qapi_event_send", "uint16_t", "uint32_t", "uint64_t", "uint8_t",
};

/* How the constants of enumerations begin that these headers define. */
static const char *const taken_prefixes[] = {
    "COMPAT_POLICY_INPUT", "COMPAT_POLICY_OUTPUT", "ERROR_CLASS", "JSON_NODE",
    "JSON_PARSER_ERROR", "JSON_PATH_ERROR", "JSON_READER_ERROR", "MODULE_INIT",
    "QAPI_COMMAND", "QAPI_KIND", "QTYPE",
};

/* How names of macros of the C library and of GLib begin, before a '_'. */
static const char *const macro_words[] = {
    "ADJ", "AF", "AT", "BC", "BIG", "BOOL", "BUS", "BYTE", "CHAR", "CLD",
    "CLOCK", "CLOCKS", "CLONE", "CLOSE", "COLL", "CPU", "DBL", "DECIMAL", "DN",
    "DT", "E", "EXIT", "EXPR", "F", "FALLOC", "FD", "FILENAME", "FLT", "FOPEN",
    "FP", "FPE", "G", "GLIB", "GOBJECT", "HOST", "ILL", "IN", "INET", "INT",
    "INT16", "INT32", "INT64", "INT8", "INTMAX", "INTPTR", "IOV", "IP",
    "IPPROTO", "ITIMER", "JSON", "L", "LC", "LDBL", "LINE", "LITTLE", "LLONG",
    "LOCK", "LOGIN", "LONG", "MADV", "MAP", "MAX", "MB", "MFD", "MOD", "MQ",
    "MS", "MSG", "NAME", "NGROUPS", "NL", "O", "PATH", "PF", "PIPE", "PKEY",
    "POLL", "POSIX", "PROT", "PTHREAD", "PTRDIFF", "R", "RAND", "RE", "REG",
    "RENAME", "RTSIG", "S", "SA", "SCHAR", "SCHED", "SCM", "SEEK", "SEGV",
    "SEM", "SHRT", "SHUT", "SI", "SIG", "SIGEV", "SIZE", "SO", "SOCK", "SOL",
    "SPLICE", "SS", "SSIZE", "STA", "STATX", "STDERR", "STDIN", "STDOUT",
    "SYNC", "TIME", "TIMER", "TMP", "TRAP", "TTY", "UCHAR", "UINT", "UINT16",
    "UINT32", "UINT64", "UINT8", "UINTMAX", "UINTPTR", "ULLONG", "ULONG",
    "USHRT", "W", "WAIT", "WCHAR", "WINT", "WORD", "X", "XATTR",
};

static int compare_word(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static bool is_among(const char *name, const char *const *words, size_t n)
{
    return bsearch(name, words, n, sizeof(*words), compare_word) != NULL;
}

/* Returns true if @name is in one of the tables. */
static bool is_reserved(const char *name)
{
    return is_among(name, keywords, G_N_ELEMENTS(keywords)) ||
           is_among(name, macros, G_N_ELEMENTS(macros)) ||
           is_among(name, taken, G_N_ELEMENTS(taken));
}

bool c_may_be_macro(const char *constant)
{
    g_autofree char *word = g_strndup(constant, strcspn(constant, "_"));

    return is_among(word, macro_words, G_N_ELEMENTS(macro_words));
}

bool c_is_taken_prefix(const char *prefix)
{
    return is_among(prefix, taken_prefixes, G_N_ELEMENTS(taken_prefixes));
}

/* Only ASCII is alphanumeric here, whatever the locale is. */
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
 * Returns true if a word begins at @i: where lower case turns to upper, and at
 * the last capital of several that lower case follows.  Digits count as lower
 * case.
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
