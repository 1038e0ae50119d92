/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reasons to stop waiting.  An epoll file descriptor is readable if one of the
 * file descriptors in it is, so the wait has one file descriptor for all
 * reasons.
 */
#include "tools/watch-stop.h"

#include "qapi/scalar-text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define INTERVAL_MIN 0.01 /* seconds */
#define INTERVAL_MAX 86400

/*
 * A blocked signal is queued also if it is ignored, so SIGINT works in a
 * background process, too.  For stdout, events = 0 reports errors alone.
 * Adding it fails for regular files, which have no such errors.
 */
bool watch_stop_open(WatchStop *stop, Error **errp)
{
    struct epoll_event caught = { .events = EPOLLIN };
    struct epoll_event broken = { .events = 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    stop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    stop->fd = epoll_create1(EPOLL_CLOEXEC);
    if (stop->signal_fd < 0 || stop->fd < 0 ||
        epoll_ctl(stop->fd, EPOLL_CTL_ADD, stop->signal_fd,
                  &caught) < 0) {
        error_setg_errno(errp, errno, "can't watch for signals");
        return false;
    }
    epoll_ctl(stop->fd, EPOLL_CTL_ADD, STDOUT_FILENO, &broken);
    return true;
}

bool watch_stop_parse_interval(const char *text, double *seconds,
                               Error **errp)
{
    if (!scalar_parse_number(text, seconds) || *seconds < INTERVAL_MIN ||
        *seconds > INTERVAL_MAX) {
        error_setg(errp, "option '-interval' needs seconds from %g to %d, not "
                   "'%s'", INTERVAL_MIN, INTERVAL_MAX, text);
        return false;
    }
    return true;
}

/* The kernel counts the intervals, so a slow answer delays none of them. */
bool watch_stop_set_interval(WatchStop *stop, double seconds, Error **errp)
{
    int64_t ns = seconds * 1e9;
    struct timespec interval = { .tv_sec = ns / 1000000000,
                                 .tv_nsec = ns % 1000000000 };
    struct itimerspec spec = { interval, interval };
    struct epoll_event ended = { .events = EPOLLIN };

    stop->timer_fd = timerfd_create(CLOCK_MONOTONIC,
                                       TFD_CLOEXEC | TFD_NONBLOCK);
    if (stop->timer_fd < 0 ||
        timerfd_settime(stop->timer_fd, 0, &spec, NULL) < 0 ||
        epoll_ctl(stop->fd, EPOLL_CTL_ADD, stop->timer_fd,
                  &ended) < 0) {
        error_setg_errno(errp, errno, "can't watch the time");
        return false;
    }
    return true;
}

void watch_stop_close(WatchStop *stop)
{
    if (stop->timer_fd >= 0) {
        close(stop->timer_fd);
    }
    if (stop->fd >= 0) {
        close(stop->fd);
    }
    if (stop->signal_fd >= 0) {
        close(stop->signal_fd);
    }
}

bool watch_stop_interval_ended(const WatchStop *stop)
{
    uint64_t n;

    return stop->timer_fd >= 0 &&
           read(stop->timer_fd, &n, sizeof(n)) == sizeof(n);
}

/* Writing would find that out only with the next line, which may never come. */
bool watch_stop_check_reader(Error **errp)
{
    struct pollfd out = { .fd = STDOUT_FILENO };

    if (poll(&out, 1, 0) > 0 && out.revents & POLLERR) {
        error_setg_errno(errp, EPIPE, "cannot write the result");
        return false;
    }
    return true;
}
