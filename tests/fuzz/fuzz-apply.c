/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of objects: the input is JSON arrays, each of which is applied to the
 * objects that the arrays before it have left.  check_apply() says what must
 * hold.
 */
#include "qapi/json/json.h"
#include "tests/fuzz/check-apply.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"

static void take(void *opaque, JsonNode *node, Error *err)
{
    if (node && JSON_NODE_HOLDS_ARRAY(node)) {
        g_free(check_apply(json_node_get_array(node)));
    }
    error_free(err);
    g_clear_pointer(&node, json_node_unref);
}

const FuzzMutator fuzz_mutator = { mutate_list, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(JsonStream) stream = json_stream_new(take, NULL);

    json_stream_feed(stream, (const char *)data, size);
    json_stream_flush(stream);
    fuzz_types_cleanup();
    return 0;
}
