/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: relay-client PATH CLIENTS LINES
 *
 * Clients of examples/relay, all in one thread.  Each sends LINES lines, and
 * checks that each comes back once, in order, as some filters may have changed
 * it.  Every hundredth line begins with '#', and may be dropped.  The last half
 * is sent when standard input has ended.  With 0 lines they never stop to send,
 * and only read.
 *
 * Prints the number of lines that came back.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { OUT_BYTES = 32768, IN_BYTES = 65536, TEXT_BYTES = 64 };

typedef struct Client {
    int fd; /* -1 at the end */
    unsigned long sent;     /* lines that are in `out` or were sent */
    unsigned long received; /* number of the last line that came back */
    size_t out_start;
    size_t out_end;
    size_t in_end;
    bool has_ended;         /* sending */
    char out[OUT_BYTES];
    char in[IN_BYTES];
} Client;

static unsigned long n_lines; /* of each client; 0: no end */
static bool may_end;          /* the last half may be sent */
static unsigned long n_back;

static bool may_be_dropped(unsigned long number)
{
    return number % 100 == 0;
}

static int text_of(char *text, unsigned long number)
{
    return sprintf(text, "%sthe line %lu",
                   may_be_dropped(number) ? "#" : "", number);
}

/* Whether some of the filters make @got of @text; they commute. */
static bool is_filtered(const char *text, int size, const char *got)
{
    bool straight[2] = { true, true };
    bool reversed[2] = { true, true };

    for (int i = 0; i < size; i++) {
        char plain = tolower(text[i]);
        char rotated = !islower(plain) ? plain
                       : plain < 'n' ? plain + 13 : plain - 13;

        for (int r = 0; r < 2; r++) {
            char want = r ? rotated : plain;

            straight[r] &= tolower(got[i]) == want;
            reversed[r] &= tolower(got[size - 1 - i]) == want;
        }
    }
    return straight[0] || straight[1] || reversed[0] || reversed[1];
}

/* A line that came back, "NUMBER TEXT" */
static void check_line(Client *client, const char *line, size_t size)
{
    char want[TEXT_BYTES];
    char *text;
    unsigned long number = strtoul(line, &text, 10);
    int want_size = text_of(want, number);

    while (++client->received < number && may_be_dropped(client->received)) {
        continue;
    }
    if (number != client->received || number > client->sent) {
        errx(1, "line %lu comes back where line %lu should", number,
             client->received);
    }
    text++; /* the blank */
    if (line + size - text != want_size ||
        !is_filtered(want, want_size, text)) {
        errx(1, "line %lu is '%.*s'", number, (int)size, line);
    }
    n_back++;
}

static void check_end(const Client *client)
{
    unsigned long next = client->received + 1;

    while (next <= n_lines && may_be_dropped(next)) {
        next++;
    }
    if (!client->has_ended || next <= n_lines) {
        errx(1, "the connection ends after line %lu", client->received);
    }
}

static void receive(Client *client)
{
    ssize_t n = recv(client->fd, client->in + client->in_end,
                     IN_BYTES - client->in_end, MSG_DONTWAIT);
    const char *line = client->in;
    const char *end;

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n < 0) {
        err(1, "recv");
    }
    if (n == 0) {
        check_end(client);
        close(client->fd);
        client->fd = -1;
        return;
    }
    client->in_end += n;
    while ((end = memchr(line, '\n', client->in + client->in_end - line))) {
        check_line(client, line, end - line);
        line = end + 1;
    }
    client->in_end = client->in + client->in_end - line;
    memmove(client->in, line, client->in_end);
}

static bool wants_to_send(const Client *client)
{
    return client->out_start < client->out_end || !n_lines ||
           client->sent < n_lines / 2 || (may_end && !client->has_ended);
}

static void fill_output(Client *client)
{
    unsigned long limit = !n_lines ? -1UL : may_end ? n_lines : n_lines / 2;

    client->out_start = 0;
    client->out_end = 0;
    while (client->sent < limit && client->out_end + TEXT_BYTES < OUT_BYTES) {
        client->out_end += text_of(client->out + client->out_end,
                                   ++client->sent);
        client->out[client->out_end++] = '\n';
    }
}

static void send_lines(Client *client)
{
    ssize_t n;

    if (client->out_start == client->out_end) {
        fill_output(client);
    }
    if (client->out_start == client->out_end) {
        client->has_ended = true;
        shutdown(client->fd, SHUT_WR);
        return;
    }
    n = send(client->fd, client->out + client->out_start,
             client->out_end - client->out_start, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        err(1, "send");
    }
    client->out_start += n < 0 ? 0 : n;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        err(1, "%s", path);
    }
    return fd;
}

int main(int argc, char **argv)
{
    int n = argc == 4 ? atoi(argv[2]) : 0;
    Client *clients = calloc(n, sizeof(*clients));
    struct pollfd *fds = calloc(n + 1, sizeof(*fds));
    int running = n;

    if (n <= 0 || !clients || !fds) {
        errx(2, "usage: relay-client PATH CLIENTS LINES");
    }
    n_lines = strtoul(argv[3], NULL, 10);
    for (int i = 0; i < n; i++) {
        clients[i].fd = connect_to(argv[1]);
    }
    while (running) {
        for (int i = 0; i < n; i++) {
            fds[i].fd = clients[i].fd;
            fds[i].events = POLLIN |
                            (wants_to_send(&clients[i]) ? POLLOUT : 0);
        }
        fds[n] = (struct pollfd){ may_end ? -1 : 0, POLLIN, 0 };
        if (poll(fds, n + 1, -1) < 0) {
            err(1, "poll");
        }
        may_end = may_end || fds[n].revents;
        for (int i = 0; i < n; i++) {
            if (fds[i].revents & POLLOUT) {
                send_lines(&clients[i]);
            }
            if (fds[i].revents & (POLLIN | POLLHUP)) {
                receive(&clients[i]);
                running -= clients[i].fd < 0;
            }
        }
    }
    printf("%lu\n", n_back);
    return 0;
}
