/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A message is one datagram of lines NAME=VALUE.
 *
 * The program never waits for the manager.  Messages for which the socket has
 * no room are in a queue.  The main loop sends them when the manager has read
 * others.  A later state replaces those that are still in the queue, so it
 * never holds more than a reload and its end.
 */
#include "service/manager-internal.h"

#include "aio/timer.h"
#include "util/safe-text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATUS_BYTES 1024

static GQueue queue = G_QUEUE_INIT; /* (element-type char*) owned */
static int queue_fd = -1; /* sends them; -1 while the queue is empty */
static bool is_waiting;   /* until queue_fd has room */

/* Returns: the length of the manager's address; 0 if there is none */
static socklen_t manager_address(struct sockaddr_un *address)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;

    if (len < 2 || len >= sizeof(address->sun_path) ||
        (path[0] != '/' && path[0] != '@')) {
        return 0;
    }
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, len);
    /* '@' represents the zero byte of an abstract address. */
    if (path[0] == '@') {
        address->sun_path[0] = '\0';
    }
    return offsetof(struct sockaddr_un, sun_path) + len;
}

/* Returns: a socket that is connected to the manager; -1 without a manager */
static int connect_manager(void)
{
    struct sockaddr_un address = { 0 };
    socklen_t len = manager_address(&address);
    int fd;

    if (!len) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, len) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void send_queue(void *opaque);

static void set_waiting(bool wait)
{
    if (wait != is_waiting) {
        is_waiting = wait;
        aio_set_fd_handler(aio_get_main_context(), queue_fd, NULL,
                           wait ? send_queue : NULL, NULL, NULL, NULL);
    }
}

static void clear_queue(void)
{
    g_queue_clear_full(&queue, g_free);
    if (queue_fd >= 0) {
        set_waiting(false);
        close(queue_fd);
        queue_fd = -1;
    }
}

/* Sends what the socket has room for; also called when it has room again. */
static void send_queue(void *opaque)
{
    const char *message;

    while ((message = g_queue_peek_head(&queue))) {
        if (send(queue_fd, message, strlen(message), MSG_NOSIGNAL) < 0 &&
            errno == EAGAIN) {
            set_waiting(true);
            return;
        }
        g_free(g_queue_pop_head(&queue));
    }
    clear_queue();
}

static void notify(const char *message)
{
    if (queue_fd < 0) {
        queue_fd = connect_manager();
    }
    if (queue_fd >= 0) {
        g_queue_push_tail(&queue, g_strdup(message));
        send_queue(NULL);
    }
}

/* ---- Messages ---- */

/*
 * A line break would end the status and begin another assignment, so the text
 * is made safe.  The manager drops a message that is too long as a whole,
 * including READY=1, so the status is cut.
 */
static void append_status(GString *message, const char *status)
{
    g_autoptr(GString) safe = g_string_new(NULL);

    safe_text_append(safe, status, "");
    if (safe->len > STATUS_BYTES) {
        const char *end = safe->str + STATUS_BYTES + 1;

        g_string_truncate(safe,
                          g_utf8_find_prev_char(safe->str, end) - safe->str);
    }
    g_string_append(message, safe->str);
}

void manager_ready(const char *status)
{
    g_autoptr(GString) message = g_string_new("READY=1\n");

    if (status) {
        g_string_append(message, "STATUS=");
        append_status(message, status);
        g_string_append_c(message, '\n');
    }
    notify(message->str);
}

/* sd_notify(3) requires the time, which distinguishes this reload. */
void manager_reloading(void)
{
    g_autofree char *message = g_strdup_printf(
        "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n", g_get_monotonic_time());

    clear_queue();
    notify(message);
}

void manager_stopping(void)
{
    clear_queue();
    notify("STOPPING=1\n");
}

/* ---- The watchdog ---- */

static AioTimer *timer; /* (nullable) */
static int64_t interval_ns;

/* A manager that has not read older messages gets no further one. */
static void feed(void *opaque)
{
    if (g_queue_is_empty(&queue)) {
        notify("WATCHDOG=1\n");
    }
    timer_mod_ns(timer, clock_get_ns(AIO_CLOCK_REALTIME) + interval_ns);
}

/* $WATCHDOG_PID says for which process the watchdog is. */
void manager_watch(AioContext *ctx)
{
    const char *time_us = g_getenv("WATCHDOG_USEC");
    const char *pid = g_getenv("WATCHDOG_PID");
    guint64 us;

    if (!time_us || !g_ascii_string_to_unsigned(time_us, 10, 1,
                                                G_MAXINT64 / 1000, &us,
                                                NULL)) {
        return;
    }
    if (pid && g_ascii_strtoll(pid, NULL, 10) != getpid()) {
        return;
    }
    interval_ns = us * 1000 / 2;
    timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_NS, feed, NULL);
    feed(NULL);
}

void manager_unwatch(void)
{
    g_clear_pointer(&timer, timer_free);
}

void manager_cleanup(void)
{
    clear_queue();
}
