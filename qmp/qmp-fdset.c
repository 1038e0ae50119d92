/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of file descriptors, which stand for files named "/dev/fdset/N".
 *
 * A set exists while it has a file descriptor.  All clients share the sets; the
 * parts of the program that open them get duplicates.  When the last client has
 * disconnected, a set that was never opened is of no use, so it is closed.
 * The others stay, because a drive may be created again on the same path.
 */
#include "qmp/qmp-fd.h"

#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-fd-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "/dev/fdset/"

/* The flags of an open file that qmp_fdset_open() sets. */
#define STATUS_FLAGS (O_APPEND | O_DIRECT | O_NONBLOCK)

typedef struct Entry {
    int fd;
    char *opaque; /* (nullable) */
} Entry;

typedef struct FdSet {
    int64_t id;
    GArray *entries; /* Entry, oldest first; not empty */
    bool was_opened;
} FdSet;

static GPtrArray *sets; /* (nullable) FdSet, by id */

/* Duplicates of the file descriptor stay open. */
static void entry_clear(gpointer data)
{
    Entry *entry = data;

    close(entry->fd);
    g_free(entry->opaque);
}

static void fdset_free(gpointer data)
{
    FdSet *set = data;

    g_array_unref(set->entries);
    g_free(set);
}

static unsigned n_sets(void)
{
    return sets ? sets->len : 0;
}

/* Returns: the index of the set, or where it is to be inserted */
static unsigned find_place(int64_t id)
{
    unsigned i = 0;

    while (i < n_sets() && ((FdSet *)sets->pdata[i])->id < id) {
        i++;
    }
    return i;
}

/* There are few sets, so a linear search is enough.  Returns: (nullable) */
static FdSet *find_set(int64_t id)
{
    unsigned i = find_place(id);
    FdSet *set = i < n_sets() ? sets->pdata[i] : NULL;

    return set && set->id == id ? set : NULL;
}

/* The caller adds a file descriptor, because a set is not empty. */
static FdSet *new_set(int64_t id)
{
    FdSet *set = g_new0(FdSet, 1);

    set->id = id;
    set->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(set->entries, entry_clear);
    if (!sets) {
        sets = g_ptr_array_new_with_free_func(fdset_free);
    }
    g_ptr_array_insert(sets, find_place(id), set);
    return set;
}

/* Without sets there is no array, so that none is left at exit. */
static void remove_set(unsigned i)
{
    g_ptr_array_remove_index(sets, i);
    if (sets->len == 0) {
        g_clear_pointer(&sets, g_ptr_array_unref);
    }
}

/* Returns: the smallest id that no set has */
static int64_t free_id(void)
{
    int64_t id = 0;

    while (find_set(id)) {
        id++;
    }
    return id;
}

/* ---- Commands ---- */

/* The request takes its file descriptor also if the id is refused. */
AddfdInfo *qmp_add_fd(bool has_fdset_id, int64_t fdset_id, const char *opaque,
                      Error **errp)
{
    Entry entry = { .fd = qmp_fd_take_held(errp) };
    AddfdInfo *info;
    FdSet *set;

    if (entry.fd < 0) {
        return NULL;
    }
    if (has_fdset_id && fdset_id < 0) {
        error_setg(errp, "Parameter 'fdset-id' expects a non-negative value");
        close(entry.fd);
        return NULL;
    }
    fdset_id = has_fdset_id ? fdset_id : free_id();
    set = find_set(fdset_id);
    if (!set) {
        set = new_set(fdset_id);
    }
    entry.opaque = g_strdup(opaque);
    g_array_append_val(set->entries, entry);
    info = g_new(AddfdInfo, 1);
    info->fdset_id = fdset_id;
    info->fd = entry.fd;
    return info;
}

/*
 * Its number may belong to another file of the program, so only the set is
 * searched.
 * Returns: true if a file descriptor was closed; the set may be gone then
 */
static bool remove_fd(FdSet *set, int64_t fd)
{
    for (guint i = 0; i < set->entries->len; i++) {
        if (g_array_index(set->entries, Entry, i).fd == fd) {
            g_array_remove_index(set->entries, i);
            if (set->entries->len == 0) {
                remove_set(find_place(set->id));
            }
            return true;
        }
    }
    return false;
}

/* The message is that of QEMU, which has such a text for each of the cases. */
void qmp_remove_fd(int64_t fdset_id, bool has_fd, int64_t fd, Error **errp)
{
    FdSet *set = find_set(fdset_id);

    if (set && !has_fd) {
        remove_set(find_place(fdset_id));
    } else if (!set || !remove_fd(set, fd)) {
        g_autofree char *and_fd = has_fd ? g_strdup_printf(", fd:%" PRId64, fd)
                                         : g_strdup("");

        error_setg(errp, "File descriptor named 'fdset-id:%" PRId64 "%s' not "
                   "found", fdset_id, and_fd);
    }
}

/* Returns: (transfer full) what query-fdsets reports about a set */
static FdsetInfo *describe(const FdSet *set)
{
    FdsetInfo *info = g_new0(FdsetInfo, 1);
    FdsetFdInfoList **tail = &info->fds;

    info->fdset_id = set->id;
    for (guint i = 0; i < set->entries->len; i++) {
        const Entry *entry = &g_array_index(set->entries, Entry, i);
        FdsetFdInfo *fd = g_new0(FdsetFdInfo, 1);

        fd->fd = entry->fd;
        fd->opaque = g_strdup(entry->opaque);
        QAPI_LIST_APPEND(tail, fd);
    }
    return info;
}

FdsetInfoList *qmp_query_fdsets(Error **errp)
{
    FdsetInfoList *list = NULL;
    FdsetInfoList **tail = &list;

    for (unsigned i = 0; i < n_sets(); i++) {
        QAPI_LIST_APPEND(tail, describe(sets->pdata[i]));
    }
    return list;
}

/* From the last one on, because the array closes its gaps. */
void qmp_fdsets_forget(void)
{
    for (unsigned i = n_sets(); i > 0; i--) {
        if (!((FdSet *)sets->pdata[i - 1])->was_opened) {
            remove_set(i - 1);
        }
    }
}

/* ---- Opening ---- */

/* Returns: true for a path of a set, which may not exist */
static bool parse_path(const char *path, uint64_t *id)
{
    return g_str_has_prefix(path, PREFIX) &&
           g_ascii_string_to_unsigned(path + strlen(PREFIX), 10, 0, INT64_MAX,
                                      id, NULL);
}

bool qmp_fdset_is_path(const char *path)
{
    uint64_t id;

    return parse_path(path, &id);
}

/*
 * The access is that of open(2) in the client, and cannot be changed.
 * Returns: the first file descriptor with this access; -1 if there is none
 */
static int find_fd(const FdSet *set, int access)
{
    for (guint i = 0; i < set->entries->len; i++) {
        int fd = g_array_index(set->entries, Entry, i).fd;

        if ((fcntl(fd, F_GETFL) & O_ACCMODE) == access) {
            return fd;
        }
    }
    return -1;
}

/*
 * The flags belong to the open file, so they are set for all its duplicates, as
 * QEMU does.
 */
int qmp_fdset_open(const char *path, int flags)
{
    int access = flags & O_ACCMODE;
    uint64_t id;
    FdSet *set = parse_path(path, &id) ? find_set(id) : NULL;
    int status;
    int fd;

    if (!set) {
        return -ENOENT;
    }
    fd = find_fd(set, access);
    if (fd < 0 && access == O_RDONLY) {
        fd = find_fd(set, O_RDWR);
    }
    if (fd < 0) {
        return -EACCES;
    }
    status = fcntl(fd, F_GETFL);
    if (fcntl(fd, F_SETFL,
              (status & ~STATUS_FLAGS) | (flags & STATUS_FLAGS)) < 0) {
        return -errno;
    }
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    set->was_opened = true;
    return fd;
}
