/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of file I/O share: a loop, a file, and functions that submit
 * a request and wait for it.
 */
#ifndef QOM_TESTS_FILE_IO_FIXTURE_H
#define QOM_TESTS_FILE_IO_FIXTURE_H

#include "aio/file/file-io.h"

/* O_DIRECT needs buffers, offsets and sizes that are multiples of this. */
#define BLOCK 4096

/* An engine, and how the file is opened. */
typedef struct Variant {
    const char *name;
    AioFileEngine engine;
    int flags;
} Variant;

extern const Variant variants[];
extern const unsigned n_variants;

typedef struct Fixture {
    const Variant *variant;
    AioContext *ctx;
    char *path;
    int fd;
    AioFile *file; /* NULL: not available, and the test is skipped */
    char *buf;     /* 4 blocks, aligned */
} Fixture;

/* (nullable) Called before each set-up. */
extern void (*fixture_before_test)(void);

/*
 * (nullable) Opens the file instead of open().  -1: the tests are skipped, and
 * fixture_skip_reason says why; for the test's program to set.
 */
extern int (*fixture_open)(const char *path, int flags);
extern const char *fixture_skip_reason;

/* Creates a file of 2 blocks; byte i is pattern_byte(i). */
void fixture_set_up(Fixture *f, const void *variant);
void fixture_tear_down(Fixture *f, const void *variant);

char pattern_byte(int64_t offset);
void assert_pattern(const char *buf, int64_t offset, size_t size);
void assert_zeroes(const char *buf, size_t size);

/* The result of a request. */
typedef struct Outcome {
    unsigned called;
    int ret;
} Outcome;

void outcome_cb(void *opaque, int ret);

/* Runs the loop until the callback was called.  Returns: the result */
int outcome_wait(Fixture *f, Outcome *outcome);

/* Submit a request and wait for its result. */
int read_wait(Fixture *f, AioFile *file, int64_t offset, void *buf,
              size_t size);
int write_wait(Fixture *f, AioFile *file, int64_t offset, const void *buf,
               size_t size);

/* g_test_add() for each variant: PATH follows the variant's name. */
void add_variants(const char *path, void (*test)(Fixture *f, const void *d));

#endif
