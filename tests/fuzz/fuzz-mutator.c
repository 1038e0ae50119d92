/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target's mutators as libFuzzer calls them, and sometimes libFuzzer's own
 * mutator, which knows the values with which inputs are compared.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Only there with libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
    __attribute__((weak));

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    if (LLVMFuzzerMutate && seed % 4 == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    return mutate_input(&fuzz_mutator, data, size, max_size, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                 const uint8_t *data2, size_t size2,
                                 uint8_t *out, size_t max_out_size,
                                 unsigned seed)
{
    g_autoptr(GString) text = g_string_new_len((const char *)data1, size1);
    g_autoptr(GString) other = g_string_new_len((const char *)data2, size2);
    MutateRandom r;
    size_t size;

    mutate_random_init(&r, seed);
    if (fuzz_mutator.cross) {
        fuzz_mutator.cross(text, other, &r);
    } else {
        g_string_truncate(text, mutate_below(&r, text->len + 1));
        g_string_append_len(text, other->str, other->len);
    }
    size = MIN(text->len, max_out_size);
    memcpy(out, text->str, size);
    return size;
}
