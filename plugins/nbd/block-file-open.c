/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening the file of a drive: its kind, its size, and the alignment that
 * O_DIRECT needs.
 */
#include "block-file-internal.h"

#include "qapi-types-block.h"
#include "qmp/qmp-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DEFAULT_ALIGN_BYTES 4096
#define MAX_ALIGN_BYTES 65536

/* Sets `info.size_bytes` and the kind of file. */
static bool probe_size(BlockFile *file, BlockInfo *info, Error **errp)
{
    struct stat st;
    uint64_t size;

    if (fstat(file->fd, &st) < 0) {
        error_setg_errno(errp, errno, "Cannot open '%s'", file->path);
        return false;
    }
    if (S_ISREG(st.st_mode)) {
        info->size_bytes = st.st_size;
        atomic_store(&BLOCK_BACKEND(file)->may_have_holes,
                     st.st_blocks * INT64_C(512) < st.st_size);
        return true;
    }
    if (!S_ISBLK(st.st_mode)) {
        error_setg(errp, "Cannot open '%s': neither a regular file nor a "
                   "block device", file->path);
        return false;
    }
    if (ioctl(file->fd, BLKGETSIZE64, &size) < 0) {
        error_setg_errno(errp, errno, "Cannot get the size of '%s'",
                         file->path);
        return false;
    }
    file->is_device = true;
    info->size_bytes = size;
    return true;
}

/* Returns: the alignment if it is usable, or else @or_else */
static uint32_t check_align(uint32_t align, uint32_t or_else)
{
    bool is_power_of_two = align > 0 && (align & (align - 1)) == 0;

    return is_power_of_two && align <= MAX_ALIGN_BYTES ? align : or_else;
}

/* What the kernel wants of O_DIRECT; from Linux 6.1 on it says so itself. */
static void probe_align(BlockFile *file)
{
    int sector = 0;

    file->align_bytes = DEFAULT_ALIGN_BYTES;
    file->align_memory = DEFAULT_ALIGN_BYTES;
    if (file->is_device && ioctl(file->fd, BLKSSZGET, &sector) == 0) {
        file->align_bytes = check_align(sector, DEFAULT_ALIGN_BYTES);
    }
#ifdef STATX_DIOALIGN
    struct statx stx;

    if (statx(file->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &stx) == 0 &&
        (stx.stx_mask & STATX_DIOALIGN) && stx.stx_dio_offset_align) {
        file->align_bytes = check_align(stx.stx_dio_offset_align,
                                        file->align_bytes);
        file->align_memory = check_align(stx.stx_dio_mem_align,
                                         file->align_memory);
    }
#endif
}

static bool probe_direct(BlockFile *file, const BlockInfo *info, Error **errp)
{
    ERRP_GUARD();

    probe_align(file);
    if (info->size_bytes % file->align_bytes == 0) {
        return true;
    }
    error_setg(errp, "'%s' has %" G_GINT64_FORMAT " bytes; cache=none needs a "
               "multiple of %u", file->path, (gint64)info->size_bytes,
               file->align_bytes);
    error_append_hint(errp, "Use cache=writeback, or 'truncate -s %%%u %s'.\n",
                      file->align_bytes, file->path);
    return false;
}

static bool probe_in_memory(const BlockFile *file)
{
    struct statfs fs;

    return !file->is_device && fstatfs(file->fd, &fs) == 0 &&
           (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/*
 * Opening a FIFO or a terminal must not wait.  The file may be one that a QMP
 * client has opened for the program.  Returns: -1 with errno set on failure
 */
static int open_nonblock(const BlockFile *file, bool read_only)
{
    int flags = (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY |
                O_NONBLOCK;
    int fd;

    if (file->is_direct) {
        flags |= O_DIRECT;
    }
    if (!qmp_fdset_is_path(file->path)) {
        return open(file->path, flags);
    }
    fd = qmp_fdset_open(file->path, flags);
    if (fd < 0) {
        errno = -fd;
    }
    return fd;
}

static bool prepare(BlockFile *file, Error **errp)
{
    BlockInfo *info = &BLOCK_BACKEND(file)->info;
    int flags = fcntl(file->fd, F_GETFL);

    if (!probe_size(file, info, errp)) {
        return false;
    }
    if (flags < 0 || fcntl(file->fd, F_SETFL, flags & ~O_NONBLOCK) < 0) {
        error_setg_errno(errp, errno, "Cannot open '%s'", file->path);
        return false;
    }
    file->is_in_memory = probe_in_memory(file);
    file->align_bytes = 1;
    file->align_memory = 1;
    if (file->is_direct && !probe_direct(file, info, errp)) {
        return false;
    }
    info->block_bytes = MAX(info->block_bytes, file->align_bytes);
    return info->is_read_only || block_file_lock(file, errp);
}

bool block_file_open_fd(BlockFile *file, Error **errp)
{
    ERRP_GUARD();

    file->is_direct = file->cache == BLOCK_FILE_CACHE_NONE;
    file->fd = open_nonblock(file, BLOCK_BACKEND(file)->read_only);
    if (file->fd < 0) {
        int err = errno;

        error_setg_errno(errp, err, "Cannot open '%s'", file->path);
        if ((err == EACCES || err == EROFS) &&
            !BLOCK_BACKEND(file)->read_only) {
            error_append_hint(errp, "With read-only=on it is not opened for "
                              "writing.\n");
        }
        if (err == EINVAL && file->is_direct) {
            error_append_hint(errp, "The file system may not support "
                              "cache=none.\n");
        }
        return false;
    }
    if (!prepare(file, errp)) {
        block_file_close_fd(file);
        return false;
    }
    return true;
}

void block_file_close_fd(BlockFile *file)
{
    if (file->fd >= 0) {
        block_file_unlock(file);
        close(file->fd);
        file->fd = -1;
    }
}
