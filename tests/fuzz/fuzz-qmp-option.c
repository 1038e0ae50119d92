/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The option -qmp: what is accepted is an address that can be parsed, with
 * properties in their ranges, and another server takes them as properties.
 */
#include "qapi/error.h"
#include "qmp/qmp-server-internal.h"
#include "qom/object.h"
#include "tests/fuzz/fuzz.h"
#include "util/module.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const char *const ranged[] = {
    "max-clients", "max-request-size", "max-output", "max-events", "max-queue",
};

/* The rows check their ranges, also of what the option has set directly. */
static void check_values(Object *obj)
{
    g_autoptr(Object) other = object_new(TYPE_QMP_SERVER);

    for (size_t i = 0; i < G_N_ELEMENTS(ranged); i++) {
        uint64_t value = object_property_get_uint(obj, ranged[i],
                                                  &error_abort);

        object_property_set_uint(other, ranged[i], value, &error_abort);
    }
    if (QMP_SERVER(obj)->mode) {
        object_property_set_str(other, "mode", QMP_SERVER(obj)->mode,
                                &error_abort);
    }
}

/* A name of TCP that is accepted as local is no other host's. */
static void check_address(const QmpServer *server)
{
    QmpAddress address = { .kind = 0 };

    g_assert_true(qmp_address_parse(&address, server->addr, &error_abort));
    if (address.kind == QMP_ADDRESS_TCP &&
        qmp_address_make_local(&address, NULL)) {
        const char *host = address.socket.host;

        g_assert_true(!*host || g_str_has_prefix(host, "127.") ||
                      strchr(host, ':'));
    }
    qmp_address_clear(&address);
}

const FuzzMutator fuzz_mutator = { mutate_keyval };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(Error) err = NULL;
    g_autoptr(Object) obj = NULL;

    module_call_init(MODULE_INIT_QOM);
    obj = object_new(TYPE_QMP_SERVER);
    if (qmp_server_set_text(QMP_SERVER(obj), text, &err)) {
        g_assert_null(err);
        check_address(QMP_SERVER(obj));
        check_values(obj);
    } else {
        g_assert_nonnull(err);
    }
    return 0;
}
