/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: qmp-client SOCKET
 *
 * Connects to a QMP socket and prints the greeting; then sends each line of
 * standard input and prints one line of reply to it, until either side ends.
 * Events go to standard error.
 * Exits 1 when the socket cannot be connected to, else 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
        return -1;
    }
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Copies one line; false at the end of input. */
static int copy_line(FILE *in, FILE *out)
{
    static const char event[] = "{\"event\"";
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, in)) > 0 &&
           !strncmp(line, event, strlen(event))) {
        fputs(line, stderr);
    }
    if (n > 0) {
        fwrite(line, 1, n, out);
    }
    free(line);
    return n > 0 && fflush(out) == 0;
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? connect_to(argv[1]) : -1;
    FILE *in;
    FILE *out;

    if (fd < 0) {
        fprintf(stderr, "qmp-client: cannot connect\n");
        return 1;
    }
    in = fdopen(fd, "r");
    out = fdopen(dup(fd), "w");
    while (in && out && copy_line(in, stdout) && copy_line(stdin, out)) {
        /* go on */
    }
    return 0;
}
