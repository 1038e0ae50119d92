/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of files of a context's io_uring.
 */
#include "aio/file/uring-internal.h"

#include <sys/syscall.h>
#include <unistd.h>

/* Files in the ring's table; free_places has a bit for each. */
#define TABLE_FILES 64

/*
 * The table saves each request the lookup of its file descriptor.  The kernel
 * references a file until it is removed from the table.  Before Linux 6.13 it
 * kept the file open, with its locks, for up to a second longer, so the table
 * is not used there.  6.13 has no feature flag that shows the change, but 6.14
 * has one.
 */
#define FEAT_OF_6_14 (1U << 16) /* IORING_FEAT_RW_ATTR */

/* Without liburing, whose function raises RLIMIT_NOFILE. */
void uring_make_table(Uring *uring)
{
    int fds[TABLE_FILES];

    if (!(uring->ring.features & FEAT_OF_6_14)) {
        return;
    }
    for (unsigned i = 0; i < TABLE_FILES; i++) {
        fds[i] = -1;
    }
    if (syscall(SYS_io_uring_register, uring->ring.ring_fd,
                IORING_REGISTER_FILES, fds, TABLE_FILES) == 0) {
        uring->free_places = UINT64_MAX;
    }
}

void uring_add_file(FileEngine *engine, AioFile *file)
{
    Uring *uring = uring_of(engine);
    int place;

    if (uring->free_places == 0) {
        return;
    }
    place = __builtin_ctzll(uring->free_places);
    if (io_uring_register_files_update(&uring->ring, place, &file->fd,
                                       1) == 1) {
        uring->free_places &= ~(UINT64_C(1) << place);
        file->sqe_fd = place;
        file->sqe_flags = IOSQE_FIXED_FILE;
    }
}

void uring_del_file(FileEngine *engine, AioFile *file)
{
    Uring *uring = uring_of(engine);
    int none = -1;

    if (file->sqe_flags & IOSQE_FIXED_FILE) {
        io_uring_register_files_update(&uring->ring, file->sqe_fd, &none, 1);
        uring->free_places |= UINT64_C(1) << file->sqe_fd;
    }
}
