/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of drives share: a drive under test, requests that wait for
 * their result outside of coroutines, and random requests that are compared
 * with a copy of the drive in memory.
 */
#ifndef QOM_TESTS_BLOCK_TEST_H
#define QOM_TESTS_BLOCK_TEST_H

#include "plugins/nbd/block-class.h"

#include <json-glib/json-glib.h>

/* A drive with a channel in a context of the test's thread. */
typedef struct Drive {
    AioContext *ctx;
    BlockBackend *backend; /* borrowed from /objects */
    BlockChannel *channel;
} Drive;

/**
 * drive_open: create a drive and open a channel
 * @drive: filled in
 * @options: as for -object
 */
void drive_open(Drive *drive, const char *options);

/* drive_close: close the channel and delete the object */
void drive_close(Drive *drive);

/* Each one runs the loop until its request has ended. */
int drive_read(Drive *drive, int64_t offset, void *buf, size_t size);
int drive_write(Drive *drive, int64_t offset, const void *buf, size_t size,
                unsigned flags);
int drive_flush(Drive *drive);
int drive_discard(Drive *drive, int64_t offset, int64_t size);
int drive_write_zeroes(Drive *drive, int64_t offset, int64_t size,
                       unsigned flags);
int drive_status(Drive *drive, int64_t offset, int64_t size,
                 BlockExtent *extents, unsigned max);

/**
 * drive_get_stat: read a number of the property "stats"
 * @drive: the drive
 * @path: such as "read.requests"
 */
uint64_t drive_get_stat(Drive *drive, const char *path);

/**
 * drive_test_model: compare random requests with a copy in memory
 * @drive: a drive of at most a few MiB, which reads as zeroes
 * @n_requests: how many
 * @align: offsets and sizes are multiples of it, in bytes
 *
 * Up to 16 requests are in flight, whose ranges do not overlap.  The seed is
 * printed.
 */
void drive_test_model(Drive *drive, unsigned n_requests, unsigned align);

#endif
