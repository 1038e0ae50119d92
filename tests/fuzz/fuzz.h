/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz targets.
 *
 * fuzz-NAME.c defines LLVMFuzzerTestOneInput().  In an ordinary build it is
 * linked with fuzz-main.c, which feeds it the files of tests/fuzz/corpus/NAME,
 * one subtest a file.  With `-Dfuzz=true` (clang) it is linked with libFuzzer
 * instead and looks for inputs itself; `./dev fuzz` does both steps.  An input
 * that once crashed joins the corpus under a telling name.
 */
#ifndef QOM_TESTS_FUZZ_H
#define QOM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

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

#endif
