/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole programs over a Unix socket: `qom run`, QEMU's storage daemon where it
 * is installed, and the floor: a process that answers each line with a line, or
 * one that starts the same number of bare threads, or, for object-add-del, does
 * both.
 *
 * gateway/... is `qom gateway` in front of `qom run`.  Its peers are `qom run`
 * without it ("direct"), a process that copies bytes in front of one that
 * answers lines ("relay"), and the latter alone ("floor"), which is a round
 * trip of a unix socket.  gateway/sleeping is the same with -poll-max-ns 0, and
 * gateway/query-version is in front of QEMU's storage daemon.
 *
 * The last line is not a time but the resident memory with 500 iothreads, in
 * kB.
 */
#include "tests/bench/bench.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEER "qemu-storage-daemon"
#define MANY 500

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"
#define QOM_GET                                                             \
    "{\"execute\": \"qom-get\", \"arguments\": {\"path\": "                 \
    "\"/objects/io0\", \"property\": \"poll-max-ns\"}}\n"
#define QUERY_VERSION "{\"execute\": \"query-version\"}\n"
#define OBJECT_ADD                                                          \
    "{\"execute\": \"object-add\", \"arguments\": {\"qom-type\": "          \
    "\"iothread\", \"id\": \"x\"}}\n"
#define OBJECT_DEL                                                          \
    "{\"execute\": \"object-del\", \"arguments\": {\"id\": \"x\"}}\n"

/* What a client sends again and again. */
typedef struct Load {
    const char *requests[2]; /* a write each; the second one (nullable) */
    unsigned n_repeat;       /* of a request in a write */
    unsigned n_iothreads;
} Load;

static const Load get_load = { { QOM_GET }, 1, 1 };
static const Load version_load = { { QUERY_VERSION }, 1, 0 };
static const Load get_16_load = { { QOM_GET }, 16, 1 };
static const Load churn_load = { { OBJECT_ADD, OBJECT_DEL }, 1, 1 };
static const Load many_load = { { NULL }, 0, MANY };

/* ---- A program ---- */

typedef struct Program {
    const Load *load;
    char *dir;
    char *path; /* of the socket */
    char **argv;
    pid_t pid;
    pid_t gateway_pid; /* 0: none; connected to the program */
    int fd; /* connected; -1 */
    unsigned column; /* in the line that is being read, */
    bool is_event;   /* and whether that is an event */
    char *writes[2];
} Program;

static void add_objects(GPtrArray *argv, const char *option, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_ptr_array_add(argv, g_strdup(option));
        g_ptr_array_add(argv, g_strdup_printf("iothread,id=io%u", i));
    }
}

static char **ours_argv(const Program *p)
{
    GPtrArray *argv = g_ptr_array_new();

    g_ptr_array_add(argv, g_strdup(QOM_TOOL));
    g_ptr_array_add(argv, g_strdup("run"));
    g_ptr_array_add(argv, g_strdup("-qmp"));
    g_ptr_array_add(argv, g_strconcat("unix:", p->path, NULL));
    add_objects(argv, "-object", p->load->n_iothreads);
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static char **peer_argv(const Program *p)
{
    GPtrArray *argv = g_ptr_array_new();

    g_ptr_array_add(argv, g_strdup(PEER));
    add_objects(argv, "--object", p->load->n_iothreads);
    g_ptr_array_add(argv, g_strdup("--chardev"));
    g_ptr_array_add(argv, g_strdup_printf(
        "socket,id=c,path=%s,server=on,wait=off", p->path));
    g_ptr_array_add(argv, g_strdup("--monitor"));
    g_ptr_array_add(argv, g_strdup("chardev=c"));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static int connect_once(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/*
 * An event begins with "event" or, the peer's, with "timestamp"; what else
 * there is, with "return", "error" or "QMP".
 *
 * Returns: how many lines end in the chunk, those of events not counted
 */
static unsigned count_lines(Program *p, const char *chunk, size_t len)
{
    unsigned n = 0;

    for (size_t i = 0; i < len; i++) {
        if (p->column++ == strlen("{\"e")) {
            p->is_event = chunk[i] == 'v' || chunk[i] == 'i';
        }
        if (chunk[i] == '\n') {
            n += !p->is_event;
            p->column = 0;
        }
    }
    return n;
}

/* Read until @n lines have come; QMP has one a reply. */
static void read_lines(Program *p, unsigned n)
{
    char chunk[4096];

    while (n) {
        ssize_t len = read(p->fd, chunk, sizeof(chunk));

        g_assert(len > 0);
        n -= count_lines(p, chunk, len);
    }
}

static void send_all(int fd, const char *text)
{
    size_t len = strlen(text);

    g_assert(write(fd, text, len) == (ssize_t)len);
}

/* Until it has greeted. */
static void program_start(Program *p)
{
    g_assert(g_spawn_async(NULL, p->argv, NULL,
                           G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                           NULL, NULL, &p->pid, NULL));
    p->column = 0;
    while ((p->fd = connect_once(p->path)) < 0) {
        g_usleep(100);
    }
    read_lines(p, 1);
}

/* Without asking: a peer with hundreds of threads may not get to its end. */
static void program_stop(Program *p)
{
    close(p->fd);
    if (p->gateway_pid) {
        kill(p->gateway_pid, SIGKILL);
        waitpid(p->gateway_pid, NULL, 0);
    }
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    unlink(p->path);
}

static Program *program_new(const Load *load,
                            char **(*make_argv)(const Program *))
{
    Program *p = g_new0(Program, 1);

    p->load = load;
    p->dir = g_dir_make_tmp("bench-XXXXXX", NULL);
    p->path = g_build_filename(p->dir, "sock", NULL);
    p->argv = make_argv(p);
    for (int i = 0; i < 2 && load->requests[i]; i++) {
        GString *text = g_string_new(NULL);

        for (unsigned n = 0; n < load->n_repeat; n++) {
            g_string_append(text, load->requests[i]);
        }
        p->writes[i] = g_string_free(text, FALSE);
    }
    return p;
}

static void program_free(void *opaque)
{
    Program *p = opaque;

    rmdir(p->dir);
    g_strfreev(p->argv);
    g_free(p->writes[0]);
    g_free(p->writes[1]);
    g_free(p->dir);
    g_free(p->path);
    g_free(p);
}

/* ---- A client's load ---- */

static void *client_setup(const Load *load,
                          char **(*make_argv)(const Program *))
{
    Program *p = program_new(load, make_argv);

    program_start(p);
    send_all(p->fd, NEGOTIATE);
    read_lines(p, 1);
    return p;
}

/* Connects to a gateway in front of the program. */
static void start_gateway(Program *p, const char *poll_max_ns)
{
    g_autofree char *path = g_strconcat(p->path, "-gateway", NULL);
    g_autofree char *to = g_strconcat("unix:", p->path, NULL);
    g_autofree char *at = g_strconcat("unix:", path, NULL);
    char *argv[] = { (char *)QOM_TOOL, (char *)"gateway", (char *)"-to", to,
                     (char *)"-qmp", at,
                     poll_max_ns ? (char *)"-poll-max-ns" : NULL,
                     (char *)poll_max_ns, NULL };

    close(p->fd);
    g_assert(g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                           NULL, &p->gateway_pid, NULL));
    while ((p->fd = connect_once(path)) < 0) {
        g_usleep(100);
    }
    /* The connection stays without it. */
    unlink(path);
    read_lines(p, 1);
}

/* @poll_max_ns: (nullable) NULL is the default */
static void *gateway_new(const Load *load,
                         char **(*make_argv)(const Program *),
                         const char *poll_max_ns)
{
    Program *p = program_new(load, make_argv);

    program_start(p);
    start_gateway(p, poll_max_ns);
    send_all(p->fd, NEGOTIATE);
    read_lines(p, 1);
    return p;
}

static void *gateway_setup(const void *load)
{
    return gateway_new(load, ours_argv, NULL);
}

static void *sleeping_gateway_setup(const void *load)
{
    return gateway_new(load, ours_argv, "0");
}

static void *peer_gateway_setup(const void *load)
{
    return gateway_new(load, peer_argv, NULL);
}

static void *ours_setup(const void *load)
{
    return client_setup(load, ours_argv);
}

static void *peer_setup(const void *load)
{
    return client_setup(load, peer_argv);
}

/* An operation is a request, or both when there are two. */
static void client_run(void *opaque, uint64_t n)
{
    Program *p = opaque;

    for (uint64_t i = 0; i < n; i += p->load->n_repeat) {
        send_all(p->fd, p->writes[0]);
        read_lines(p, p->load->n_repeat);
        if (p->writes[1]) {
            send_all(p->fd, p->writes[1]);
            read_lines(p, p->load->n_repeat);
        }
    }
}

static void client_teardown(void *opaque)
{
    program_stop(opaque);
    program_free(opaque);
}

/* ---- The floor of it: a process that answers lines ---- */

static void echo_lines(int fd)
{
    static const char reply[] = "{\"return\": 32768}\r\n";
    GString *out = g_string_new(NULL);
    char chunk[4096];
    ssize_t len;

    while ((len = read(fd, chunk, sizeof(chunk))) > 0) {
        g_string_truncate(out, 0);
        for (const char *p = chunk;
             (p = memchr(p, '\n', chunk + len - p)); p++) {
            g_string_append_len(out, reply, sizeof(reply) - 1);
        }
        if (write(fd, out->str, out->len) < 0) {
            break;
        }
    }
    _exit(0);
}

/* ---- The floor of an iothread ---- */

typedef struct BareThread {
    pthread_t thread;
    int epoll_fd;
    int event_fd;
} BareThread;

static void *sleep_in_epoll(void *opaque)
{
    struct epoll_event event;

    while (epoll_wait(((BareThread *)opaque)->epoll_fd, &event, 1, -1) < 0) {
        continue;
    }
    return NULL;
}

static void bare_thread_start(BareThread *t)
{
    struct epoll_event event = { .events = EPOLLIN };

    t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    t->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(!epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, t->event_fd, &event));
    g_assert(!pthread_create(&t->thread, NULL, sleep_in_epoll, t));
}

static void bare_thread_stop(BareThread *t)
{
    uint64_t one = 1;

    g_assert(write(t->event_fd, &one, sizeof(one)) == sizeof(one));
    pthread_join(t->thread, NULL);
    close(t->epoll_fd);
    close(t->event_fd);
}

/*
 * Answers lines, and for every other one has a thread that can be woken up: the
 * least that object-add and object-del of an iothread do.
 */
static void start_and_stop_threads(int fd)
{
    static const char reply[] = "{\"return\": {}}\r\n";
    BareThread t;
    char chunk[4096];

    for (bool runs = false; read(fd, chunk, sizeof(chunk)) > 0; runs = !runs) {
        if (runs) {
            bare_thread_stop(&t);
        } else {
            bare_thread_start(&t);
        }
        if (write(fd, reply, sizeof(reply) - 1) < 0) {
            break;
        }
    }
    _exit(0);
}

/* ---- Processes that serve a socket pair ---- */

static char **no_argv(const Program *p)
{
    return NULL;
}

static void *serve(const void *load, void (*server)(int fd))
{
    Program *p = program_new(load, no_argv);
    int pair[2];

    g_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    p->pid = fork();
    if (!p->pid) {
        close(pair[1]);
        server(pair[0]);
    }
    close(pair[0]);
    p->fd = pair[1];
    return p;
}

static void *echo_setup(const void *load)
{
    return serve(load, echo_lines);
}

/* Copies bytes between the client and a process that answers lines. */
static void relay_lines(int fd)
{
    int fds[2] = { fd };
    char chunk[4096];
    int pair[2];

    g_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    if (!fork()) {
        close(fd);
        close(pair[0]);
        echo_lines(pair[1]);
    }
    close(pair[1]);
    fds[1] = pair[0];
    for (int from = 0;; from = !from) {
        ssize_t len = read(fds[from], chunk, sizeof(chunk));

        if (len <= 0 || write(fds[!from], chunk, len) < 0) {
            _exit(0);
        }
    }
}

static void *relay_setup(const void *load)
{
    return serve(load, relay_lines);
}

static void *bare_thread_setup(const void *load)
{
    return serve(load, start_and_stop_threads);
}

/* ---- Starting ---- */

static void *ours_start_setup(const void *load)
{
    return program_new(load, ours_argv);
}

static void *peer_start_setup(const void *load)
{
    return program_new(load, peer_argv);
}

static void start_run(void *opaque, uint64_t n)
{
    program_start(opaque);
}

static void start_after(void *opaque, uint64_t n)
{
    program_stop(opaque);
}

static void *wait_for_ever(void *opaque)
{
    for (;;) {
        pause();
    }
    return NULL;
}

static void run_bare_threads(int fd)
{
    pthread_t thread;

    for (int i = 0; i < MANY; i++) {
        g_assert(!pthread_create(&thread, NULL, wait_for_ever, NULL));
    }
    send_all(fd, "\n");
    wait_for_ever(NULL);
}

static void *threads_setup(const void *load)
{
    return program_new(load, no_argv);
}

static void threads_run(void *opaque, uint64_t n)
{
    Program *p = opaque;
    int pair[2];

    g_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    p->pid = fork();
    if (!p->pid) {
        run_bare_threads(pair[0]);
    }
    close(pair[0]);
    p->fd = pair[1];
    read_lines(p, 1);
}

/* ---- Memory ---- */

static double resident_kb(Program *p)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    const char *line;
    double kb;

    program_start(p);
    path = g_strdup_printf("/proc/%d/status", (int)p->pid);
    g_assert(g_file_get_contents(path, &text, NULL, NULL));
    line = strstr(text, "VmRSS:");
    kb = line ? g_ascii_strtod(line + strlen("VmRSS:"), NULL) : 0;
    program_stop(p);
    program_free(p);
    return kb;
}

static void print_memory(const char *name)
{
    double ours = resident_kb(program_new(&many_load, ours_argv));
    double peer = resident_kb(program_new(&many_load, peer_argv));

    printf("%s\t" PEER "\t%.0f\t%.0f\t%.2f\n", name, ours, peer,
           peer / ours);
}

/* ---- The table ---- */

/* @server_setup: of the floor */
#define CLIENT_CASE(case_name, load, server_setup, ops)                     \
    {                                                                       \
        .name = case_name, .arg = &load, .max_ops = ops,                    \
        .ours = { .setup = ours_setup, .run = client_run,                   \
                  .teardown = client_teardown },                            \
        .peers = {                                                          \
            { .name = PEER, .setup = peer_setup, .run = client_run,         \
              .teardown = client_teardown },                                \
            { .name = "floor", .setup = server_setup, .run = client_run,    \
              .teardown = client_teardown },                                \
        },                                                                  \
    }

#define CLIENT_IMPL(impl_name, setup_fn)                                    \
    {                                                                       \
        .name = impl_name, .setup = setup_fn, .run = client_run,            \
        .teardown = client_teardown,                                        \
    }

/* @gateway_fn: sets the gateway up; @direct_fn: the program behind it */
#define GATEWAY_CASE(case_name, load, gateway_fn, direct_fn)                \
    {                                                                       \
        .name = "qmp-process/gateway/" case_name, .arg = &load,             \
        .ours = CLIENT_IMPL(NULL, gateway_fn),                              \
        .peers = {                                                          \
            CLIENT_IMPL("direct", direct_fn),                               \
            CLIENT_IMPL("relay", relay_setup),                              \
            CLIENT_IMPL("floor", echo_setup),                               \
        },                                                                  \
    }

static BenchCase cases[] = {
    CLIENT_CASE("qmp-process/qom-get", get_load, echo_setup, 0),
    CLIENT_CASE("qmp-process/qom-get-16-in-a-write", get_16_load, echo_setup,
                0),
    CLIENT_CASE("qmp-process/object-add-del", churn_load, bare_thread_setup, 0),
    GATEWAY_CASE("qom-get", get_load, gateway_setup, ours_setup),
    GATEWAY_CASE("sleeping", get_load, sleeping_gateway_setup, ours_setup),
    {
        .name = "qmp-process/start-500-iothreads",
        .arg = &many_load, .max_ops = 1,
        .ours = { .setup = ours_start_setup, .run = start_run,
                  .after = start_after, .teardown = program_free },
        .peers = {
            { .name = PEER, .setup = peer_start_setup, .run = start_run,
              .after = start_after, .teardown = program_free },
            { .name = "floor", .setup = threads_setup, .run = threads_run,
              .after = start_after, .teardown = program_free },
        },
    },
    GATEWAY_CASE("query-version", version_load, peer_gateway_setup,
                 peer_setup),
    { .name = NULL },
};

/* Without the peer the floor stays.  The last case is all about the peer. */
static void drop_peer(void)
{
    for (BenchCase *bcase = cases; bcase->name; bcase++) {
        if (bcase->ours.setup == peer_gateway_setup) {
            bcase->name = NULL;
            return;
        }
        if (strcmp(bcase->peers[0].name, PEER)) {
            continue;
        }
        bcase->peers[0] = bcase->peers[1];
        bcase->peers[1] = (BenchImpl){ .name = NULL };
    }
}

static bool wants_memory(int argc, char **argv, const char *name)
{
    bool wanted = argc == 1;

    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            return false;
        }
        wanted |= strstr(name, argv[i]) != NULL;
    }
    return wanted;
}

int main(int argc, char **argv)
{
    static const char memory[] = "qmp-process/500-iothreads-resident-kb";
    g_autofree char *peer = g_find_program_in_path(PEER);
    bool with_memory = peer && wants_memory(argc, argv, memory);
    int status;

    if (!peer) {
        drop_peer();
    }
    status = bench_main(argc, argv, cases);
    if (!status && with_memory) {
        print_memory(memory);
    }
    return status;
}
