/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of file I/O share: a loop, a file in it, and requests that
 * are waited for.
 */
#ifndef QOM_TESTS_FILE_IO_FIXTURE_H
#define QOM_TESTS_FILE_IO_FIXTURE_H

#include "aio/file/file-io.h"

/* Buffers, offsets and sizes that O_DIRECT takes are multiples of it. */
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
    AioFile *file; /* NULL: not to be had here, and the test is skipped */
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

/* A file of 2 blocks with pattern_byte() at each place. */
void fixture_set_up(Fixture *f, const void *variant);
void fixture_tear_down(Fixture *f, const void *variant);

char pattern_byte(int64_t offset);
void assert_pattern(const char *buf, int64_t offset, size_t size);
void assert_zeroes(const char *buf, size_t size);

/* What became of a request. */
typedef struct Outcome {
    unsigned called;
    int ret;
} Outcome;

void outcome_cb(void *opaque, int ret);

/* Run the loop until it was called; returns: its result */
int outcome_wait(Fixture *f, Outcome *outcome);

/* Submit and wait. */
int read_wait(Fixture *f, AioFile *file, int64_t offset, void *buf,
              size_t size);
int write_wait(Fixture *f, AioFile *file, int64_t offset, const void *buf,
               size_t size);

/* g_test_add() for each variant: PATH is put behind the variant's name. */
void add_variants(const char *path, void (*test)(Fixture *f, const void *d));

#endif
