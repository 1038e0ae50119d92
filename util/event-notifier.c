/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notifiers as eventfds and as pipes.
 *
 * A write of eight bytes sets a notifier of either kind.  A full pipe is set
 * already, and so is an eventfd at its maximum, so EAGAIN is success.  Clearing
 * a pipe reads until nothing is left; an eventfd is empty after one read.
 */
#include "util/event-notifier.h"
#include "util/event-notifier-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Sets the flag if @active; cleans up if that fails. */
static int event_notifier_activate(EventNotifier *notifier, int active)
{
    int ret = active ? event_notifier_set(notifier) : 0;

    if (ret < 0) {
        event_notifier_cleanup(notifier);
    }
    return ret;
}

int event_notifier_init_pipe(EventNotifier *notifier, int active)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
        notifier->rfd = notifier->wfd = -1;
        return -errno;
    }
    notifier->rfd = fds[0];
    notifier->wfd = fds[1];
    return event_notifier_activate(notifier, active);
}

int event_notifier_init(EventNotifier *notifier, int active)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    /* A kernel without eventfd. */
    if (fd < 0 && errno == ENOSYS) {
        return event_notifier_init_pipe(notifier, active);
    }
    notifier->rfd = notifier->wfd = fd;
    if (fd < 0) {
        return -errno;
    }
    return event_notifier_activate(notifier, active);
}

void event_notifier_init_fd(EventNotifier *notifier, int fd)
{
    notifier->rfd = fd;
    notifier->wfd = fd;
}

void event_notifier_cleanup(EventNotifier *notifier)
{
    if (notifier->rfd < 0) {
        return;
    }
    if (notifier->wfd != notifier->rfd) {
        close(notifier->wfd);
    }
    close(notifier->rfd);
    notifier->rfd = notifier->wfd = -1;
}

int event_notifier_get_fd(const EventNotifier *notifier)
{
    return notifier->rfd;
}

int event_notifier_get_wfd(const EventNotifier *notifier)
{
    return notifier->wfd;
}

int event_notifier_set(EventNotifier *notifier)
{
    static const uint64_t one = 1;
    ssize_t n;

    do {
        n = write(notifier->wfd, &one, sizeof(one));
    } while (n < 0 && errno == EINTR);

    return n < 0 && errno != EAGAIN ? -errno : 0;
}

int event_notifier_test_and_clear(EventNotifier *notifier)
{
    /* A notifier from event_notifier_init_fd() counts as an eventfd. */
    bool is_pipe = notifier->wfd != notifier->rfd;
    bool was_set = false;
    char buffer[512];
    ssize_t n;

    do {
        n = read(notifier->rfd, buffer, is_pipe ? sizeof(buffer) : 8);
        was_set |= n > 0;
    } while ((n < 0 && errno == EINTR) || (is_pipe && n == sizeof(buffer)));

    return was_set;
}
