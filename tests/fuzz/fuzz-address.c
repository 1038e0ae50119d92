/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses: what is parsed is in range, and what is refused changes nothing.
 */
#include "aio/net/address.h"
#include "qapi/error.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_parsed(const AioAddress *address, const char *text)
{
    switch (address->kind) {
    case AIO_ADDRESS_UNIX:
        g_assert_cmpstr(address->path, ==, text + strlen("unix:"));
        break;
    case AIO_ADDRESS_TCP:
        g_assert_nonnull(address->host);
        g_assert_cmpuint(strlen(address->port), >, 0);
        break;
    case AIO_ADDRESS_VSOCK:
        g_assert_true(g_str_has_prefix(text, "vsock:"));
        break;
    case AIO_ADDRESS_FD:
        g_assert_cmpint(address->fd, >=, 0);
        break;
    }
}

const FuzzMutator fuzz_mutator = { mutate_scalar_text };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(Error) err = NULL;
    AioAddress address = { .fd = -7 };

    if (aio_address_parse(&address, text, &err)) {
        g_assert_null(err);
        check_parsed(&address, text);
        aio_address_clear(&address);
    } else {
        g_assert_nonnull(err);
        g_assert_cmpint(address.fd, ==, -7);
        g_assert_null(address.path);
        g_assert_null(address.host);
    }
    return 0;
}
