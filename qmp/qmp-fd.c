/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Receiving file descriptors from a client, and giving them names.
 *
 * Which command a held file descriptor is for: usually a client waits for each
 * reply, so nothing is queued when the next message arrives, and what earlier
 * messages left is closed.  A client that sends several requests at a time gets
 * them in order: each command that takes one takes it from the oldest message
 * that has one.
 */
#include "qmp/qmp-fd-internal.h"

#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-fd.h"
#include "qmp/qmp-session-internal.h"
#include "util/hash.h"

#include <string.h>
#include <unistd.h>

/* ---- Held ---- */

/* Removes the first @n, and closes all but @kept; called with the lock held. */
static void remove_held(QmpFds *fds, unsigned n, int kept)
{
    for (unsigned i = 0; i < n; i++) {
        if (fds->held[i].fd != kept) {
            close(fds->held[i].fd);
        }
    }
    fds->n_held -= n;
    memmove(fds->held, fds->held + n, fds->n_held * sizeof(*fds->held));
}

void qmp_fds_receive(QmpFds *fds, const int *new_fds, unsigned n,
                     bool replaces)
{
    lock_acquire(&fds->lock);
    if (replaces) {
        remove_held(fds, fds->n_held, -1);
    }
    fds->n_messages++;
    for (unsigned i = 0; i < n; i++) {
        if (fds->n_held == QMP_FDS_MAX) {
            close(new_fds[i]);
            continue;
        }
        fds->held[fds->n_held++] = (QmpHeldFd) {
            .fd = new_fds[i], .message = fds->n_messages,
        };
    }
    lock_release(&fds->lock);
}

/*
 * The others of its message are closed, because a command takes only one.
 * Returns: (transfer full) a file descriptor; -1 if none is held
 */
static int take_held(QmpFds *fds)
{
    unsigned n = 0;
    int fd = -1;

    lock_acquire(&fds->lock);
    while (n < fds->n_held && fds->held[n].message == fds->held[0].message) {
        n++;
    }
    if (n > 0) {
        fd = fds->held[0].fd;
        remove_held(fds, n, fd);
    }
    lock_release(&fds->lock);
    return fd;
}

int qmp_fd_take_held(Error **errp)
{
    QmpSession *s = qmp_session_current();
    int fd = s ? take_held(qmp_session_fds(s)) : -1;

    if (fd < 0) {
        error_setg(errp, "No file descriptor supplied via SCM_RIGHTS");
    }
    return fd;
}

/* ---- Names ---- */

/*
 * The name is free then.
 * Returns: (transfer full) the file descriptor; -1 if there is none
 */
static int take_named(QmpFds *fds, const char *name)
{
    gpointer value;
    gpointer key;

    if (!fds->named ||
        !g_hash_table_steal_extended(fds->named, name, &key, &value)) {
        return -1;
    }
    g_free(key);
    return GPOINTER_TO_INT(value);
}

/* An older file descriptor of the name is closed. */
static bool set_named(QmpFds *fds, const char *name, int fd, Error **errp)
{
    int old = take_named(fds, name);

    if (old >= 0) {
        close(old);
    }
    if (!fds->named) {
        fds->named = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                           NULL);
    }
    if (g_hash_table_size(fds->named) == QMP_FDS_MAX) {
        error_setg(errp, "The connection has %d named file descriptors "
                   "already", QMP_FDS_MAX);
        return false;
    }
    g_hash_table_insert(fds->named, g_strdup(name), GINT_TO_POINTER(fd));
    return true;
}

/* The request takes its file descriptor also if the name is refused. */
void qmp_getfd(const char *fdname, Error **errp)
{
    QmpSession *s = qmp_session_current();
    int fd = qmp_fd_take_held(errp);

    if (fd < 0) {
        return;
    }
    if (g_ascii_isdigit(*fdname)) {
        error_setg(errp, "Parameter 'fdname' expects a name not starting "
                   "with a digit");
        close(fd);
    } else if (!set_named(qmp_session_fds(s), fdname, fd, errp)) {
        close(fd);
    }
}

int qmp_fd_take(const char *name, Error **errp)
{
    QmpSession *s = qmp_session_current();
    int fd = s ? take_named(qmp_session_fds(s), name) : -1;

    if (fd < 0) {
        error_setg(errp, "File descriptor named '%s' not found", name);
    }
    return fd;
}

void qmp_closefd(const char *fdname, Error **errp)
{
    int fd = qmp_fd_take(fdname, errp);

    if (fd >= 0) {
        close(fd);
    }
}

/* ---- The end ---- */

void qmp_fds_cleanup(QmpFds *fds)
{
    GHashTableIter iter;
    gpointer fd;

    remove_held(fds, fds->n_held, -1);
    if (!fds->named) {
        return;
    }
    g_hash_table_iter_init(&iter, fds->named);
    while (g_hash_table_iter_next(&iter, NULL, &fd)) {
        close(GPOINTER_TO_INT(fd));
    }
    g_clear_pointer(&fds->named, g_hash_table_unref);
}
