/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of the NBD protocol, as bytes of the specification. */
#include "plugins/nbd/nbd-protocol.h"

#include "tests/unit/test-util.h"

#include <errno.h>

/* Returns: the number of bytes that @hex, with blanks, stands for */
static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t n = 0;

    for (; *hex; hex++) {
        if (*hex != ' ') {
            bytes[n++] = g_ascii_xdigit_value(hex[0]) << 4 |
                         g_ascii_xdigit_value(hex[1]);
            hex++;
        }
    }
    return n;
}

static void assert_bytes(const uint8_t *bytes, size_t n, const char *hex)
{
    uint8_t expected[512];
    size_t n_expected = from_hex(hex, expected);

    g_assert_cmpmem(bytes, n, expected, n_expected);
}

/* ---- Requests ---- */

static void test_request(void)
{
    uint8_t bytes[64];
    NbdRequestHeader req;
    size_t n = from_hex("25609513 0001 0001 0102030405060708 "
                        "0000000100000000 00001000 ffff", bytes);

    for (size_t size = 0; size < 28; size++) {
        g_assert_cmpint(nbd_get_request(bytes, size, NBD_SIMPLE, &req), ==,
                        0);
    }
    g_assert_cmpint(nbd_get_request(bytes, n, NBD_STRUCTURED, &req), ==, 28);
    g_assert_cmpuint(req.flags, ==, NBD_CMD_FLAG_FUA);
    g_assert_cmpuint(req.command, ==, NBD_CMD_WRITE);
    g_assert_cmphex(req.cookie, ==, UINT64_C(0x0102030405060708));
    g_assert_cmphex(req.offset_bytes, ==, UINT64_C(0x100000000));
    g_assert_cmpuint(req.size_bytes, ==, 4096);
    g_assert_cmpint(nbd_get_request(bytes, n, NBD_EXTENDED, &req), ==, -1);
}

static void test_extended_request(void)
{
    uint8_t bytes[64];
    NbdRequestHeader req;
    size_t n = from_hex("21e41c71 0020 0001 0000000000000007 "
                        "0000000000000200 0000000100000001", bytes);

    g_assert_cmpint(nbd_get_request(bytes, n - 1, NBD_EXTENDED, &req), ==, 0);
    g_assert_cmpint(nbd_get_request(bytes, n, NBD_EXTENDED, &req), ==, 32);
    g_assert_cmphex(req.size_bytes, ==, UINT64_C(0x100000001));
    g_assert_cmpint(nbd_get_request(bytes, n, NBD_SIMPLE, &req), ==, -1);
}

/* A wrong magic number is found before the header is complete. */
static void test_bad_magic(void)
{
    const uint8_t bytes[4] = { 0x25, 0x60, 0x95, 0x14 };
    NbdRequestHeader req;

    g_assert_cmpint(nbd_get_request(bytes, 3, NBD_SIMPLE, &req), ==, 0);
    g_assert_cmpint(nbd_get_request(bytes, 4, NBD_SIMPLE, &req), ==, -1);
}

static void test_payload(void)
{
    NbdRequestHeader write = { .command = NBD_CMD_WRITE, .size_bytes = 9 };
    NbdRequestHeader read = { .command = NBD_CMD_READ, .size_bytes = 9 };
    NbdRequestHeader status = { .command = NBD_CMD_BLOCK_STATUS,
                                .flags = NBD_CMD_FLAG_PAYLOAD_LEN,
                                .size_bytes = 9 };

    g_assert_cmpuint(nbd_get_payload_bytes(&write, NBD_SIMPLE), ==, 9);
    g_assert_cmpuint(nbd_get_payload_bytes(&write, NBD_EXTENDED), ==, 9);
    g_assert_cmpuint(nbd_get_payload_bytes(&read, NBD_SIMPLE), ==, 0);
    g_assert_cmpuint(nbd_get_payload_bytes(&status, NBD_SIMPLE), ==, 0);
    g_assert_cmpuint(nbd_get_payload_bytes(&status, NBD_EXTENDED), ==, 9);
}

/* ---- Checks ---- */

#define WRITABLE (NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH |                \
                  NBD_FLAG_SEND_FUA | NBD_FLAG_SEND_TRIM |                  \
                  NBD_FLAG_SEND_WRITE_ZEROES | NBD_FLAG_SEND_CACHE |        \
                  NBD_FLAG_SEND_FAST_ZERO)
#define READ_ONLY (NBD_FLAG_HAS_FLAGS | NBD_FLAG_READ_ONLY |                \
                   NBD_FLAG_SEND_FLUSH | NBD_FLAG_SEND_FUA)
#define SIZE 10000
#define LIMIT 1000

typedef struct CheckCase {
    const char *name;
    uint16_t command;
    uint16_t flags;
    uint64_t offset;
    uint64_t size;
    NbdForm form;
    uint16_t export_flags;
    NbdError error;
} CheckCase;

static const CheckCase check_cases[] = {
    { "read", NBD_CMD_READ, 0, 0, LIMIT, NBD_SIMPLE, WRITABLE, NBD_OK },
    { "read/at-the-end", NBD_CMD_READ, 0, SIZE - 1, 1, NBD_SIMPLE, WRITABLE,
      NBD_OK },
    { "read/nothing", NBD_CMD_READ, 0, SIZE, 0, NBD_SIMPLE, WRITABLE,
      NBD_OK },
    { "read/beyond", NBD_CMD_READ, 0, SIZE - 1, 2, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "read/overflow", NBD_CMD_READ, 0, UINT64_MAX, 2, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "read/too-large", NBD_CMD_READ, 0, 0, LIMIT + 1, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "read/fua-is-ignored", NBD_CMD_READ, NBD_CMD_FLAG_FUA, 0, 1,
      NBD_SIMPLE, WRITABLE, NBD_OK },
    { "read/df", NBD_CMD_READ, NBD_CMD_FLAG_DF, 0, 1, NBD_STRUCTURED,
      WRITABLE | NBD_FLAG_SEND_DF, NBD_OK },
    { "read/df-not-negotiated", NBD_CMD_READ, NBD_CMD_FLAG_DF, 0, 1,
      NBD_SIMPLE, WRITABLE, NBD_EINVAL },
    { "read/df-too-large", NBD_CMD_READ, NBD_CMD_FLAG_DF, 0, LIMIT + 1,
      NBD_STRUCTURED, WRITABLE | NBD_FLAG_SEND_DF, NBD_EOVERFLOW },
    { "read/unknown-flag", NBD_CMD_READ, 1 << 9, 0, 1, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "write", NBD_CMD_WRITE, NBD_CMD_FLAG_FUA, 0, 1, NBD_SIMPLE, WRITABLE,
      NBD_OK },
    { "write/beyond", NBD_CMD_WRITE, 0, SIZE, 1, NBD_SIMPLE, WRITABLE,
      NBD_ENOSPC },
    { "write/read-only", NBD_CMD_WRITE, 0, 0, 1, NBD_SIMPLE, READ_ONLY,
      NBD_EPERM },
    { "write/too-large", NBD_CMD_WRITE, 0, 0, LIMIT + 1, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "write/extended", NBD_CMD_WRITE, NBD_CMD_FLAG_PAYLOAD_LEN, 0, 1,
      NBD_EXTENDED, WRITABLE, NBD_OK },
    { "write/extended-without-payload", NBD_CMD_WRITE, 0, 0, 1, NBD_EXTENDED,
      WRITABLE, NBD_EINVAL },
    { "write/payload-flag-not-negotiated", NBD_CMD_WRITE,
      NBD_CMD_FLAG_PAYLOAD_LEN, 0, 1, NBD_STRUCTURED, WRITABLE, NBD_EINVAL },
    { "flush", NBD_CMD_FLUSH, 0, 0, 0, NBD_SIMPLE, READ_ONLY, NBD_OK },
    { "trim", NBD_CMD_TRIM, 0, 0, SIZE, NBD_SIMPLE, WRITABLE, NBD_OK },
    { "trim/read-only", NBD_CMD_TRIM, 0, 0, SIZE, NBD_SIMPLE, READ_ONLY,
      NBD_EPERM },
    { "trim/beyond", NBD_CMD_TRIM, 0, 1, SIZE, NBD_SIMPLE, WRITABLE,
      NBD_EINVAL },
    { "zeroes", NBD_CMD_WRITE_ZEROES,
      NBD_CMD_FLAG_NO_HOLE | NBD_CMD_FLAG_FAST_ZERO, 0, SIZE, NBD_SIMPLE,
      WRITABLE, NBD_OK },
    { "zeroes/beyond", NBD_CMD_WRITE_ZEROES, 0, 1, SIZE, NBD_SIMPLE,
      WRITABLE, NBD_ENOSPC },
    { "cache", NBD_CMD_CACHE, 0, 0, SIZE, NBD_SIMPLE, WRITABLE, NBD_OK },
    { "cache/not-offered", NBD_CMD_CACHE, 0, 0, SIZE, NBD_SIMPLE, READ_ONLY,
      NBD_EINVAL },
    { "status", NBD_CMD_BLOCK_STATUS, NBD_CMD_FLAG_REQ_ONE, 0, SIZE,
      NBD_STRUCTURED, WRITABLE, NBD_OK },
    { "status/nothing", NBD_CMD_BLOCK_STATUS, 0, 0, 0, NBD_STRUCTURED,
      WRITABLE, NBD_EINVAL },
    { "unknown", 99, 0, 0, 0, NBD_SIMPLE, WRITABLE, NBD_EINVAL },
    { "resize", 8, 0, 0, 0, NBD_SIMPLE, WRITABLE, NBD_EINVAL },
};

static void test_check(const void *data)
{
    const CheckCase *c = data;
    NbdRequestHeader req = {
        .command = c->command, .flags = c->flags, .offset_bytes = c->offset,
        .size_bytes = c->size,
    };

    g_assert_cmpint(nbd_check_request(&req, c->form, c->export_flags, SIZE,
                                      LIMIT, true), ==, c->error);
}

static void test_check_context(void)
{
    NbdRequestHeader req = { .command = NBD_CMD_BLOCK_STATUS,
                             .size_bytes = 1 };

    g_assert_cmpint(nbd_check_request(&req, NBD_STRUCTURED, WRITABLE, SIZE,
                                      LIMIT, false), ==, NBD_EINVAL);
}

static void test_errors(void)
{
    g_assert_cmpint(nbd_error_from_errno(0), ==, NBD_OK);
    g_assert_cmpint(nbd_error_from_errno(EROFS), ==, NBD_EPERM);
    g_assert_cmpint(nbd_error_from_errno(EDQUOT), ==, NBD_ENOSPC);
    g_assert_cmpint(nbd_error_from_errno(EFBIG), ==, NBD_ENOSPC);
    g_assert_cmpint(nbd_error_from_errno(ENOTSUP), ==, NBD_ENOTSUP);
    g_assert_cmpint(nbd_error_from_errno(ENODEV), ==, NBD_EIO);
}

/* ---- Replies ---- */

static const NbdRequestHeader sample = {
    .cookie = UINT64_C(0x1122334455667788), .offset_bytes = 0x2000,
    .size_bytes = 0x1000, .command = NBD_CMD_READ,
};

typedef struct ReplyCase {
    const char *name;
    NbdForm form;
    const char *data; /* the header before data */
    const char *ok;
    const char *error; /* NBD_EIO */
    const char *hole;  /* NULL: the form has none */
} ReplyCase;

static const ReplyCase reply_cases[] = {
    { "simple", NBD_SIMPLE, "67446698 00000000 1122334455667788",
      "67446698 00000000 1122334455667788",
      "67446698 00000005 1122334455667788", NULL },
    { "structured", NBD_STRUCTURED,
      "668e33ef 0001 0001 1122334455667788 00001008 0000000000002000",
      "668e33ef 0001 0000 1122334455667788 00000000",
      "668e33ef 0001 8001 1122334455667788 00000006 00000005 0000",
      "668e33ef 0001 0002 1122334455667788 0000000c 0000000000002000 "
      "00001000" },
    { "extended", NBD_EXTENDED,
      "6e8a278c 0001 0001 1122334455667788 0000000000002000 "
      "0000000000001008 0000000000002000",
      "6e8a278c 0001 0000 1122334455667788 0000000000002000 "
      "0000000000000000",
      "6e8a278c 0001 8001 1122334455667788 0000000000002000 "
      "0000000000000006 00000005 0000",
      "6e8a278c 0001 0002 1122334455667788 0000000000002000 "
      "000000000000000c 0000000000002000 00001000" },
};

static void test_reply(const void *data)
{
    const ReplyCase *c = data;
    uint8_t bytes[NBD_HOLE_REPLY_MAX_BYTES];

    nbd_put_data_reply(bytes, c->form, &sample);
    assert_bytes(bytes, nbd_data_reply_bytes(c->form), c->data);
    assert_bytes(bytes, nbd_put_reply(bytes, c->form, &sample, NBD_OK),
                 c->ok);
    assert_bytes(bytes, nbd_put_reply(bytes, c->form, &sample, NBD_EIO),
                 c->error);
    if (c->hole) {
        assert_bytes(bytes, nbd_put_hole_reply(bytes, c->form, &sample),
                     c->hole);
    }
}

static const NbdExtent extents[] = {
    { 0x1000, 0 },
    { UINT64_C(0x180000000), NBD_STATE_HOLE | NBD_STATE_ZERO },
    { 0x200, NBD_STATE_ZERO },
};

static void test_status(void)
{
    uint8_t bytes[NBD_STATUS_REPLY_MAX_BYTES(3)];

    assert_bytes(bytes, nbd_put_status_reply(bytes, NBD_EXTENDED, &sample, 1,
                                             extents, 3),
                 "6e8a278c 0001 0006 1122334455667788 0000000000002000 "
                 "0000000000000038 00000001 00000003 "
                 "0000000000001000 0000000000000000 "
                 "0000000180000000 0000000000000003 "
                 "0000000000000200 0000000000000002");
}

/* An extent that does not fit in 32 bits is cut, and is the last one. */
static void test_status_cut(void)
{
    uint8_t bytes[NBD_STATUS_REPLY_MAX_BYTES(3)];

    assert_bytes(bytes, nbd_put_status_reply(bytes, NBD_STRUCTURED, &sample,
                                             1, extents, 3),
                 "668e33ef 0001 0005 1122334455667788 00000014 00000001 "
                 "00001000 00000000 80000000 00000003");
    assert_bytes(bytes, nbd_put_status_reply(bytes, NBD_STRUCTURED, &sample,
                                             1, extents, 1),
                 "668e33ef 0001 0005 1122334455667788 0000000c 00000001 "
                 "00001000 00000000");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nbd/request", test_request);
    g_test_add_func("/nbd/request/extended", test_extended_request);
    g_test_add_func("/nbd/request/bad-magic", test_bad_magic);
    g_test_add_func("/nbd/request/payload", test_payload);
    for (size_t i = 0; i < G_N_ELEMENTS(check_cases); i++) {
        g_autofree char *path = g_strconcat("/nbd/check/",
                                            check_cases[i].name, NULL);

        g_test_add_data_func(path, &check_cases[i], test_check);
    }
    g_test_add_func("/nbd/check/no-context", test_check_context);
    g_test_add_func("/nbd/errors", test_errors);
    for (size_t i = 0; i < G_N_ELEMENTS(reply_cases); i++) {
        g_autofree char *path = g_strconcat("/nbd/reply/",
                                            reply_cases[i].name, NULL);

        g_test_add_data_func(path, &reply_cases[i], test_reply);
    }
    g_test_add_func("/nbd/reply/status", test_status);
    g_test_add_func("/nbd/reply/status/cut", test_status_cut);
    return test_run();
}
