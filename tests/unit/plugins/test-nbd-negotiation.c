/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handshake of the NBD protocol: each test sends options and compares the
 * replies, which are written as text:
 *
 *     ACK            a reply without data
 *     SERVER:name+description
 *     INFO-EXPORT:size,flags  INFO-BLOCK:min,preferred,max  INFO-NAME:text
 *     CONTEXT:id,name
 *     !3             error 3; its text is not compared
 */
#include "plugins/nbd/nbd-negotiation.h"

#include "tests/unit/test-util.h"

#define FLAGS 0x46d

static const NbdExportInfo exports[] = {
    { "disk", "a disk", 4096, 512, 1 << 20, FLAGS, 1 },
    { "other", NULL, 8192, 4096, 1 << 25, FLAGS | NBD_FLAG_READ_ONLY, 2 },
};

/* @opaque: the number of exports */
static bool get_export(void *opaque, unsigned index, NbdExportInfo *info)
{
    if (index >= GPOINTER_TO_UINT(opaque)) {
        return false;
    }
    *info = exports[index];
    return true;
}

static bool find_export(void *opaque, const char *name, size_t size,
                        NbdExportInfo *info)
{
    for (unsigned i = 0; get_export(opaque, i, info); i++) {
        if (strlen(info->name) == size && !memcmp(info->name, name, size)) {
            return true;
        }
    }
    return false;
}

static void init(NbdNegotiation *n, unsigned n_exports)
{
    const NbdExportList list = { get_export, find_export,
                                 GUINT_TO_POINTER(n_exports) };

    nbd_negotiation_init(n, &list);
}

/* ---- Replies as text ---- */

static void describe_info(GString *text, const uint8_t *data, size_t size)
{
    switch (nbd_get_u16(data)) {
    case NBD_INFO_EXPORT:
        g_assert_cmpuint(size, ==, 12);
        g_string_append_printf(text, "INFO-EXPORT:%u,%x",
                               (unsigned)nbd_get_u64(data + 2),
                               nbd_get_u16(data + 10));
        break;
    case NBD_INFO_BLOCK_SIZE:
        g_assert_cmpuint(size, ==, 14);
        g_string_append_printf(text, "INFO-BLOCK:%u,%u,%u",
                               nbd_get_u32(data + 2), nbd_get_u32(data + 6),
                               nbd_get_u32(data + 10));
        break;
    default:
        g_string_append_printf(text, "INFO-%s:%.*s",
                               nbd_get_u16(data) == NBD_INFO_NAME
                                   ? "NAME" : "DESCRIPTION",
                               (int)size - 2, data + 2);
    }
}

static void describe_server(GString *text, const uint8_t *data, size_t size)
{
    uint32_t name = nbd_get_u32(data);

    g_string_append_printf(text, "SERVER:%.*s+%.*s", (int)name, data + 4,
                           (int)(size - 4 - name), data + 4 + name);
}

static void describe(GString *text, uint32_t type, const uint8_t *data,
                     size_t size)
{
    g_string_append(text, text->len ? " " : "");
    if (type & NBD_REP_IS_ERROR) {
        g_assert_cmpuint(size, >, 0);
        g_string_append_printf(text, "!%u", type & ~NBD_REP_IS_ERROR);
    } else if (type == NBD_REP_ACK) {
        g_assert_cmpuint(size, ==, 0);
        g_string_append(text, "ACK");
    } else if (type == NBD_REP_SERVER) {
        describe_server(text, data, size);
    } else if (type == NBD_REP_INFO) {
        describe_info(text, data, size);
    } else {
        g_assert_cmpuint(type, ==, NBD_REP_META_CONTEXT);
        g_string_append_printf(text, "CONTEXT:%u,%.*s", nbd_get_u32(data),
                               (int)size - 4, data + 4);
    }
}

static char *describe_all(uint32_t option, const GByteArray *out)
{
    GString *text = g_string_new(NULL);

    for (guint at = 0; at < out->len;) {
        const uint8_t *p = out->data + at;
        uint32_t size = nbd_get_u32(p + 16);

        g_assert_cmphex(nbd_get_u64(p), ==, NBD_OPTION_REPLY_MAGIC);
        g_assert_cmpuint(nbd_get_u32(p + 8), ==, option);
        g_assert_cmpuint(at + 20 + size, <=, out->len);
        describe(text, nbd_get_u32(p + 12), p + 20, size);
        at += 20 + size;
    }
    return g_string_free(text, FALSE);
}

/* ---- Options ---- */

static void put_string(GByteArray *data, const char *text)
{
    uint8_t size[4];

    nbd_put_u32(size, strlen(text));
    g_byte_array_append(data, size, 4);
    g_byte_array_append(data, (const uint8_t *)text, strlen(text));
}

static void assert_reply(NbdNegotiation *n, uint32_t option,
                         const GByteArray *data, NbdNegotiationStep step,
                         const char *replies)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree uint8_t *copy = g_memdup2(data ? data->data : NULL,
                                         data ? data->len : 0);
    g_autofree char *text = NULL;

    g_assert_cmpint(nbd_negotiation_handle(n, option, copy,
                                           data ? data->len : 0, out), ==,
                    step);
    text = describe_all(option, out);
    g_assert_cmpstr(text, ==, replies);
}

/* @types: numbers of one digit */
static void assert_info(NbdNegotiation *n, uint32_t option, const char *name,
                        const char *types, NbdNegotiationStep step,
                        const char *replies)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    uint8_t number[2];

    put_string(data, name);
    nbd_put_u16(number, strlen(types));
    g_byte_array_append(data, number, 2);
    for (; *types; types++) {
        nbd_put_u16(number, *types - '0');
        g_byte_array_append(data, number, 2);
    }
    assert_reply(n, option, data, step, replies);
}

static void assert_context(NbdNegotiation *n, uint32_t option,
                           const char *name, const char *const *queries,
                           const char *replies)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    uint8_t number[4];

    put_string(data, name);
    nbd_put_u32(number, g_strv_length((char **)queries));
    g_byte_array_append(data, number, 4);
    for (; *queries; queries++) {
        put_string(data, *queries);
    }
    assert_reply(n, option, data, NBD_NEGOTIATION_NEXT, replies);
}

#define STRINGS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define NO_STRINGS (const char *const[]){ NULL }

/* ---- Tests ---- */

static void test_greeting(void)
{
    static const uint8_t expected[] = "NBDMAGICIHAVEOPT\0\3";
    uint8_t bytes[NBD_GREETING_BYTES];
    NbdNegotiation n;

    nbd_put_greeting(bytes);
    g_assert_cmpmem(bytes, sizeof(bytes), expected, 18);
    init(&n, 2);
    g_assert_true(nbd_negotiation_set_client_flags(&n, 0));
    g_assert_false(n.no_zeroes);
    g_assert_true(nbd_negotiation_set_client_flags(&n, 3));
    g_assert_true(n.no_zeroes);
    g_assert_false(nbd_negotiation_set_client_flags(&n, 4));
    g_assert_false(nbd_negotiation_set_client_flags(&n, 0x80000001));
}

static void test_list(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_reply(&n, NBD_OPT_LIST, NULL, NBD_NEGOTIATION_NEXT,
                 "SERVER:disk+a disk SERVER:other+ ACK");
    init(&n, 0);
    assert_reply(&n, NBD_OPT_LIST, NULL, NBD_NEGOTIATION_NEXT, "ACK");
}

static void test_info(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_info(&n, NBD_OPT_INFO, "disk", "", NBD_NEGOTIATION_NEXT,
                "INFO-EXPORT:4096,46d ACK");
    assert_info(&n, NBD_OPT_INFO, "disk", "3120", NBD_NEGOTIATION_NEXT,
                "INFO-EXPORT:4096,46d INFO-BLOCK:1,512,1048576 "
                "INFO-NAME:disk INFO-DESCRIPTION:a disk ACK");
    assert_info(&n, NBD_OPT_INFO, "disk", "33399", NBD_NEGOTIATION_NEXT,
                "INFO-EXPORT:4096,46d INFO-BLOCK:1,512,1048576 ACK");
    assert_info(&n, NBD_OPT_INFO, "none", "", NBD_NEGOTIATION_NEXT, "!6");
    g_assert_cmpuint(n.chosen.number, ==, 0);
}

static void test_go(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_info(&n, NBD_OPT_GO, "none", "", NBD_NEGOTIATION_NEXT, "!6");
    assert_info(&n, NBD_OPT_GO, "", "", NBD_NEGOTIATION_NEXT, "!6");
    assert_info(&n, NBD_OPT_GO, "other", "", NBD_NEGOTIATION_START,
                "INFO-EXPORT:8192,46f ACK");
    g_assert_cmpuint(n.chosen.number, ==, exports[1].number);
    g_assert_cmpint(n.form, ==, NBD_SIMPLE);
}

/* The empty name stands for the only export. */
static void test_default_export(void)
{
    NbdNegotiation n;

    init(&n, 1);
    assert_info(&n, NBD_OPT_GO, "", "1", NBD_NEGOTIATION_START,
                "INFO-EXPORT:4096,46d INFO-NAME:disk ACK");
    init(&n, 0);
    assert_info(&n, NBD_OPT_GO, "", "", NBD_NEGOTIATION_NEXT, "!6");
}

static void test_export_name(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    NbdNegotiation n;

    init(&n, 2);
    g_assert_cmpint(nbd_negotiation_handle(&n, NBD_OPT_EXPORT_NAME,
                                           (const uint8_t *)"disk", 4, out),
                    ==, NBD_NEGOTIATION_START);
    g_assert_cmpuint(out->len, ==, 134);
    g_assert_cmpuint(nbd_get_u64(out->data), ==, 4096);
    g_assert_cmpuint(nbd_get_u16(out->data + 8), ==, FLAGS);
    g_assert_cmpuint(n.chosen.number, >, 0);

    init(&n, 2);
    nbd_negotiation_set_client_flags(&n, NBD_NO_ZEROES);
    g_byte_array_set_size(out, 0);
    nbd_negotiation_handle(&n, NBD_OPT_EXPORT_NAME,
                           (const uint8_t *)"disk", 4, out);
    g_assert_cmpuint(out->len, ==, 10);

    init(&n, 2);
    g_byte_array_set_size(out, 0);
    g_assert_cmpint(nbd_negotiation_handle(&n, NBD_OPT_EXPORT_NAME,
                                           (const uint8_t *)"disc", 4, out),
                    ==, NBD_NEGOTIATION_END);
    g_assert_cmpuint(out->len, ==, 0);
}

static void test_forms(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_reply(&n, NBD_OPT_STRUCTURED_REPLY, NULL, NBD_NEGOTIATION_NEXT,
                 "ACK");
    assert_info(&n, NBD_OPT_INFO, "disk", "", NBD_NEGOTIATION_NEXT,
                "INFO-EXPORT:4096,4ed ACK");
    g_assert_cmpint(n.form, ==, NBD_STRUCTURED);
    assert_reply(&n, NBD_OPT_EXTENDED_HEADERS, NULL, NBD_NEGOTIATION_NEXT,
                 "ACK");
    g_assert_cmpint(n.form, ==, NBD_EXTENDED);
    assert_reply(&n, NBD_OPT_STRUCTURED_REPLY, NULL, NBD_NEGOTIATION_NEXT,
                 "!10");
    assert_reply(&n, NBD_OPT_EXTENDED_HEADERS, NULL, NBD_NEGOTIATION_NEXT,
                 "ACK");
}

static void test_contexts(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_context(&n, NBD_OPT_SET_META_CONTEXT, "disk",
                   STRINGS("base:allocation"), "!3");
    assert_reply(&n, NBD_OPT_STRUCTURED_REPLY, NULL, NBD_NEGOTIATION_NEXT,
                 "ACK");
    assert_context(&n, NBD_OPT_LIST_META_CONTEXT, "disk", NO_STRINGS,
                   "CONTEXT:0,base:allocation ACK");
    assert_context(&n, NBD_OPT_LIST_META_CONTEXT, "disk", STRINGS("base:"),
                   "CONTEXT:0,base:allocation ACK");
    assert_context(&n, NBD_OPT_LIST_META_CONTEXT, "disk", STRINGS("qemu:"),
                   "ACK");
    assert_context(&n, NBD_OPT_LIST_META_CONTEXT, "none", NO_STRINGS, "!6");
    assert_context(&n, NBD_OPT_SET_META_CONTEXT, "disk",
                   STRINGS("qemu:x", "base:allocation"),
                   "CONTEXT:1,base:allocation ACK");
    g_assert_true(n.has_context);
    assert_context(&n, NBD_OPT_SET_META_CONTEXT, "disk", STRINGS("base:"),
                   "ACK");
    g_assert_false(n.has_context);
}

/* The contexts of an export do not count for another one. */
static void test_context_of_other(void)
{
    NbdNegotiation n;

    init(&n, 2);
    assert_reply(&n, NBD_OPT_STRUCTURED_REPLY, NULL, NBD_NEGOTIATION_NEXT,
                 "ACK");
    assert_context(&n, NBD_OPT_SET_META_CONTEXT, "disk",
                   STRINGS("base:allocation"),
                   "CONTEXT:1,base:allocation ACK");
    assert_info(&n, NBD_OPT_GO, "other", "", NBD_NEGOTIATION_START,
                "INFO-EXPORT:8192,4ef ACK");
    g_assert_false(n.has_context);
}

static void test_other_options(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *text = NULL;
    NbdNegotiation n;

    init(&n, 2);
    assert_reply(&n, NBD_OPT_STARTTLS, NULL, NBD_NEGOTIATION_NEXT, "!1");
    assert_reply(&n, 4, NULL, NBD_NEGOTIATION_NEXT, "!1");
    assert_reply(&n, 0xffffffff, NULL, NBD_NEGOTIATION_NEXT, "!1");
    assert_reply(&n, NBD_OPT_ABORT, NULL, NBD_NEGOTIATION_END, "ACK");
    nbd_negotiation_refuse(NBD_OPT_GO, out);
    text = describe_all(NBD_OPT_GO, out);
    g_assert_cmpstr(text, ==, "!9");
}

typedef struct Malformed {
    const char *name;
    uint32_t option;
    const char *data;
    size_t size;
} Malformed;

static const Malformed malformed[] = {
    { "list", NBD_OPT_LIST, "x", 1 },
    { "structured", NBD_OPT_STRUCTURED_REPLY, "x", 1 },
    { "extended", NBD_OPT_EXTENDED_HEADERS, "x", 1 },
    { "go/empty", NBD_OPT_GO, "", 0 },
    { "go/name-too-long", NBD_OPT_GO, "\0\0\0\5disk\0\0", 10 },
    { "go/name-of-4-gib", NBD_OPT_GO, "\xff\xff\xff\xff""disk\0\0", 10 },
    { "go/no-count", NBD_OPT_GO, "\0\0\0\4disk\0", 9 },
    { "go/types-missing", NBD_OPT_GO, "\0\0\0\4disk\0\1\0", 11 },
    { "go/bytes-left", NBD_OPT_GO, "\0\0\0\4disk\0\0x", 11 },
    { "go/nul", NBD_OPT_GO, "\0\0\0\4di\0k\0\0", 10 },
    { "context/no-count", NBD_OPT_SET_META_CONTEXT, "\0\0\0\4disk", 8 },
    { "context/many-queries", NBD_OPT_SET_META_CONTEXT,
      "\0\0\0\4disk\xff\xff\xff\xff\0\0\0\0", 16 },
    { "context/query-cut", NBD_OPT_LIST_META_CONTEXT,
      "\0\0\0\4disk\0\0\0\1\0\0\0\5base", 20 },
    { "context/bytes-left", NBD_OPT_LIST_META_CONTEXT,
      "\0\0\0\4disk\0\0\0\0x", 13 },
};

static void test_malformed(const void *opaque)
{
    const Malformed *m = opaque;
    g_autoptr(GByteArray) data = g_byte_array_new();
    NbdNegotiation n;

    init(&n, 2);
    g_byte_array_append(data, (const uint8_t *)m->data, m->size);
    assert_reply(&n, m->option, data, NBD_NEGOTIATION_NEXT, "!3");
    g_assert_cmpuint(n.chosen.number, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nbd/handshake/greeting", test_greeting);
    g_test_add_func("/nbd/handshake/list", test_list);
    g_test_add_func("/nbd/handshake/info", test_info);
    g_test_add_func("/nbd/handshake/go", test_go);
    g_test_add_func("/nbd/handshake/default-export", test_default_export);
    g_test_add_func("/nbd/handshake/export-name", test_export_name);
    g_test_add_func("/nbd/handshake/forms", test_forms);
    g_test_add_func("/nbd/handshake/contexts", test_contexts);
    g_test_add_func("/nbd/handshake/context-of-other", test_context_of_other);
    g_test_add_func("/nbd/handshake/other-options", test_other_options);
    for (size_t i = 0; i < G_N_ELEMENTS(malformed); i++) {
        g_autofree char *path = g_strconcat("/nbd/handshake/malformed/",
                                            malformed[i].name, NULL);

        g_test_add_data_func(path, &malformed[i], test_malformed);
    }
    return test_run();
}
