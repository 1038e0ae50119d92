/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz targets.
 *
 * fuzz-NAME.c defines LLVMFuzzerTestOneInput() and `fuzz_mutator`. In an
 * ordinary build it is linked with fuzz-main.c, which passes it the files of
 * tests/fuzz/corpus/NAME and some mutations of each, with one subtest per file.
 * With `-Dfuzz=true` (clang) it is linked with libFuzzer instead, which
 * searches for inputs; `./dev fuzz` does both steps.  An input that once
 * crashed is added to the corpus under a name that says what it does.
 */
#ifndef QOM_TESTS_FUZZ_H
#define QOM_TESTS_FUZZ_H

#include "tests/fuzz/mutate.h"

#include <stddef.h>
#include <stdint.h>

/* How inputs of this target are changed. */
extern const FuzzMutator fuzz_mutator;

/**
 * LLVMFuzzerTestOneInput: feed one input to what is tested
 * @data: not NUL-ended
 * @size: bytes of @data
 *
 * A finding is a crash, an assertion or a sanitizer's report.
 *
 * Returns: 0
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * LLVMFuzzerInitialize: called once before all inputs, and before mutators
 *
 * Optional.
 *
 * Returns: 0
 */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/**
 * LLVMFuzzerCustomMutator: change an input by the rules of `fuzz_mutator`
 * @data: the input, with room for @max_size bytes
 * @seed: the same one changes the same input in the same way
 *
 * Returns: the new size
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);

/* LLVMFuzzerCustomCrossOver: make an input of two; returns its size */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                 const uint8_t *data2, size_t size2,
                                 uint8_t *out, size_t max_out_size,
                                 unsigned seed);

#endif
