/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Users that may connect to a QMP server, the owner of its socket, and sockets
 * that a service manager passes.  A separate process acts as another user or as
 * another server.
 */
#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Fixture {
    AioContext *ctx;
    char *dir;
    char *path;
    char *address;
    QmpServer *server;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->ctx = aio_context_new(&error_abort);
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sock", NULL);
    f->address = g_strconcat("unix:", f->path, NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    qmp_server_free(f->server);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    while (aio_poll(f->ctx, false)) {
        continue; /* deletes bottom halves */
    }
    aio_context_unref(f->ctx);
    g_free(f->dir);
    g_free(f->path);
    g_free(f->address);
}

static struct sockaddr_un socket_name(const Fixture *f)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };

    g_strlcpy(name.sun_path, f->path, sizeof(name.sun_path));
    return name;
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int connect_client(const Fixture *f)
{
    struct sockaddr_un name = socket_name(f);
    int fd = new_socket();

    g_assert_cmpint(connect(fd, (struct sockaddr *)&name, sizeof(name)), ==,
                    0);
    return fd;
}

static int bind_socket(const Fixture *f)
{
    struct sockaddr_un name = socket_name(f);
    int fd = new_socket();

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, sizeof(name)), ==, 0);
    return fd;
}

/* A client connects, is greeted and disconnects. */
static void expect_greeting(Fixture *f, int fd)
{
    char byte;

    while (aio_poll(f->ctx, false)) {
        continue;
    }
    g_assert_cmpint(recv(fd, &byte, 1, MSG_DONTWAIT), ==, 1);
    close(fd);
}

/* ---- The file ---- */

static void make_stale_file(const Fixture *f)
{
    close(bind_socket(f));
}

/* Runs in a separate process.  Returns 1 if another server serves. */
static int serve_in_child(Fixture *f, int start_fd)
{
    g_autoptr(Error) err = NULL;
    QmpServer *server;
    char byte;

    if (read(start_fd, &byte, 1) != 0) {
        return 2;
    }
    server = qmp_server_new(f->ctx, f->address, &err);
    if (server) {
        return 0; /* the file stays */
    }
    return g_str_has_suffix(error_get_pretty(err), "' is in use") ? 1 : 3;
}

/* The child ends only when @stop_fd says so, as its socket serves till then. */
static pid_t start_child(Fixture *f, int start_fd[2], int stop_fd[2],
                         int status_fd)
{
    pid_t pid = fork();
    char status;
    char byte;

    g_assert_cmpint(pid, >=, 0);
    if (pid) {
        return pid;
    }
    close(start_fd[1]);
    close(stop_fd[1]);
    status = serve_in_child(f, start_fd[0]);
    _exit(write(status_fd, &status, 1) == 1 &&
          read(stop_fd[0], &byte, 1) == 0 ? 0 : 1);
}

static void expect_exit(pid_t pid, int expected)
{
    int status;

    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, expected);
}

/* Two servers start at the same time on one stale file: one of them serves. */
static void test_file_race(Fixture *f, gconstpointer data)
{
    int start[2];
    int stop[2];
    int result[2];
    pid_t children[2];
    char status[2];

    make_stale_file(f);
    g_assert_cmpint(pipe(start), ==, 0);
    g_assert_cmpint(pipe(stop), ==, 0);
    g_assert_cmpint(pipe(result), ==, 0);
    for (int i = 0; i < 2; i++) {
        children[i] = start_child(f, start, stop, result[1]);
    }
    close(start[1]);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(read(result[0], &status[i], 1), ==, 1);
    }
    close(stop[1]);
    for (int i = 0; i < 2; i++) {
        expect_exit(children[i], 0);
    }
    g_assert_cmpint(status[0] + status[1], ==, 1);
    g_assert_cmpint(status[0] * status[1], ==, 0);
    close(start[0]);
    close(stop[0]);
    close(result[0]);
    close(result[1]);
    g_assert_cmpint(g_unlink(f->path), ==, 0);
}

/* A user that may read the folder may lock it, but not the file PATH.lock. */
static void test_folder_locked(Fixture *f, gconstpointer data)
{
    int fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    make_stale_file(f);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
    close(fd);
}

/* A lock that is kept is an error, and the file is used once it is free. */
static void test_lock_kept(Fixture *f, gconstpointer data)
{
    g_autofree char *lock = g_strconcat(f->path, ".lock", NULL);
    g_autofree char *message = g_strdup_printf(
        "Cannot create the socket '%s': '%s' stays locked", f->path, lock);
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    Error *err = NULL;

    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &whole), ==, 0);
    g_assert_null(qmp_server_new(f->ctx, f->address, &err));
    assert_error(err, message);
    close(fd);
    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
    g_assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
}

/* The code that runs after bind(), see below. */
static void (*after_bind)(const Fixture *f);
static const Fixture *bound;

int __real_bind(int fd, const struct sockaddr *name, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *name, socklen_t len);

int __wrap_bind(int fd, const struct sockaddr *name, socklen_t len)
{
    int ret = __real_bind(fd, name, len);

    if (after_bind) {
        after_bind(bound);
    }
    return ret;
}

static char *victim_path(const Fixture *f)
{
    return g_build_filename(f->dir, "victim", NULL);
}

static void put_link(const Fixture *f)
{
    g_autofree char *victim = victim_path(f);

    g_assert_cmpint(g_unlink(f->path), ==, 0);
    g_assert_cmpint(symlink(victim, f->path), ==, 0);
}

static void put_hard_link(const Fixture *f)
{
    g_autofree char *victim = victim_path(f);

    g_assert_cmpint(g_unlink(f->path), ==, 0);
    g_assert_cmpint(link(victim, f->path), ==, 0);
}

/* The mode of what takes the socket's place, @victim, stays as it is. */
static void keeps_mode(Fixture *f, const char *victim,
                       void (*replace)(const Fixture *f))
{
    g_autofree char *address = g_strconcat(f->address, ",mode=0777", NULL);
    g_autofree char *message = g_strdup_printf(
        "Cannot create the socket '%s': File exists", f->path);
    Error *err = NULL;
    struct stat st;

    g_assert_cmpint(g_chmod(victim, 0600), ==, 0);
    bound = f;
    after_bind = replace;
    g_assert_null(qmp_server_new(f->ctx, address, &err));
    after_bind = NULL;
    assert_error(err, message);
    g_assert_cmpint(stat(victim, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
    g_assert_cmpint(g_unlink(victim), ==, 0);
    g_assert_cmpint(g_unlink(f->path), ==, 0);
}

static void test_mode_of_another(Fixture *f, gconstpointer data)
{
    g_autofree char *victim = victim_path(f);

    g_assert_true(g_file_set_contents(victim, "", 0, NULL));
    keeps_mode(f, victim, data);
}

/* Another socket of the same user. */
static void test_mode_of_linked_socket(Fixture *f, gconstpointer data)
{
    g_autofree char *victim = victim_path(f);
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(name.sun_path, victim, sizeof(name.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, sizeof(name)), ==, 0);
    keeps_mode(f, victim, put_link);
    close(fd);
}

/* ---- Users that may connect ---- */

enum {
    NOBODY = 65534,
};

/* What a client of another user receives: 0 nothing, 1 something. */
static int connect_as_nobody(Fixture *f)
{
    char byte;
    int fd;

    if (setgid(NOBODY) || setuid(NOBODY)) {
        return 2;
    }
    fd = connect_client(f);
    return read(fd, &byte, 1);
}

static void note_end(void *opaque)
{
    *(bool *)opaque = true;
}

/* Returns: what the client received, as above */
static int serve_nobody(Fixture *f, const char *options)
{
    g_autofree char *address = g_strconcat(f->address, ",mode=0666", options,
                                           NULL);
    int status, ends[2];
    bool ended = false;
    pid_t child;

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    g_assert_cmpint(g_chmod(f->dir, 0755), ==, 0);
    g_assert_cmpint(pipe(ends), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (!child) {
        _exit(connect_as_nobody(f));
    }
    /* The child has the other copy of the writing end. */
    close(ends[1]);
    aio_set_fd_handler(f->ctx, ends[0], note_end, NULL, NULL, NULL, &ended);
    test_waits_for("the client to end");
    while (!ended) {
        aio_poll(f->ctx, true);
    }
    aio_set_fd_handler(f->ctx, ends[0], NULL, NULL, NULL, NULL, NULL);
    close(ends[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool is_root(void)
{
    if (geteuid()) {
        g_test_skip("only root can be somebody else");
        return false;
    }
    return true;
}

static void test_peer_refused(Fixture *f, gconstpointer data)
{
    if (is_root()) {
        g_assert_cmpint(serve_nobody(f, ",allow-uid=65533"), ==, 0);
    }
}

static void test_peer_allowed(Fixture *f, gconstpointer data)
{
    if (is_root()) {
        g_assert_cmpint(serve_nobody(f, ",allow-uid=65533,allow-uid=65534"),
                        ==, 1);
    }
}

/* The server runs as the user nobody, the client as root. */
static void test_peer_root(Fixture *f, gconstpointer data)
{
    int fd;

    if (!is_root()) {
        return;
    }
    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
    fd = connect_client(f);
    g_assert_cmpint(seteuid(NOBODY), ==, 0);
    expect_greeting(f, fd);
    g_assert_cmpint(seteuid(0), ==, 0);
}

/* ---- Sockets that are passed ---- */

static int listen_at(const Fixture *f)
{
    int fd = bind_socket(f);

    g_assert_cmpint(listen(fd, 8), ==, 0);
    return fd;
}

static void set_passed(int pid, int n_fds)
{
    g_autofree char *pid_text = g_strdup_printf("%d", pid);
    g_autofree char *fds_text = g_strdup_printf("%d", n_fds);

    g_setenv("LISTEN_PID", pid_text, true);
    g_setenv("LISTEN_FDS", fds_text, true);
}

static void unset_passed(void)
{
    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
}

/* Of the descriptors that a service manager says it passes. */
static void test_passed_by_manager(Fixture *f, gconstpointer data)
{
    int fd = listen_at(f);
    g_autofree char *address = g_strdup_printf("fd:%d", fd);

    set_passed(getpid(), fd - 3 + 1);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
    unset_passed();
    expect_greeting(f, connect_client(f));
    close(fd);
    g_assert_cmpint(g_unlink(f->path), ==, 0);
}

static void test_not_passed_by_manager(Fixture *f, gconstpointer data)
{
    int fd = listen_at(f);
    g_autofree char *address = g_strdup_printf("fd:%d", fd);
    g_autofree char *message = g_strdup_printf(
        "Descriptor %d is none of the %d that LISTEN_FDS says are passed, "
        "from 3 on", fd, fd - 3);
    Error *err = NULL;

    set_passed(getpid(), fd - 3);
    g_assert_null(qmp_server_new(f->ctx, address, &err));
    assert_error(err, message);
    unset_passed();
    close(fd);
    g_assert_cmpint(g_unlink(f->path), ==, 0);
}

/* Variables that were set for another process are ignored. */
static void test_passed_to_another(Fixture *f, gconstpointer data)
{
    int fd = listen_at(f);
    g_autofree char *address = g_strdup_printf("fd:%d", fd);

    set_passed(getpid() + 1, 0);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
    unset_passed();
    close(fd);
    g_assert_cmpint(g_unlink(f->path), ==, 0);
}

static void add(const char *name, void (*test)(Fixture *f,
                                               gconstpointer data))
{
    g_autofree char *path = g_strconcat("/qmp/access/", name, NULL);

    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("file/race", test_file_race);
    add("file/folder-locked", test_folder_locked);
    add("file/lock-kept", test_lock_kept);
    g_test_add("/qmp/access/file/mode-of-link-target", Fixture, put_link,
               set_up, test_mode_of_another, tear_down);
    g_test_add("/qmp/access/file/mode-of-hard-link", Fixture, put_hard_link,
               set_up, test_mode_of_another, tear_down);
    add("file/mode-of-linked-socket", test_mode_of_linked_socket);
    add("peer/refused", test_peer_refused);
    add("peer/allowed", test_peer_allowed);
    add("peer/root", test_peer_root);
    add("passed/by-manager", test_passed_by_manager);
    add("passed/not-by-manager", test_not_passed_by_manager);
    add("passed/to-another", test_passed_to_another);
    return test_run();
}
