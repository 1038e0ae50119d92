/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exports that move between loops while clients verify what they read.
 *
 * A client is a thread with a blocking socket.  It writes a batch of blocks
 * with one system call, receives the replies, reads the blocks in the same way
 * and compares.  The main thread runs the main loop and changes the export.
 */
#include "plugins/nbd/nbd-protocol.h"

#include "iothread/iothread.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define N_BLOCKS 16
#define BLOCK_BYTES 2048
#define N_CLIENTS 3

static char *folder;
static char *socket_path;

typedef struct Client {
    GThread *thread;
    unsigned index;
    atomic_bool must_stop;
    atomic_bool is_over; /* the server has closed the connection */
    atomic_uint n_done;  /* batches that were compared */
} Client;

/* ---- Clients ---- */

static void send_all(int fd, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = send(fd, (const char *)data + done, size - done,
                         MSG_NOSIGNAL);

        if (n < 0) {
            return; /* the replies will be missing */
        }
        done += n;
    }
}

static bool receive(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = recv(fd, (char *)data + done, size - done, 0);

        if (n <= 0) {
            return false;
        }
        done += n;
    }
    return true;
}

static int open_connection(void)
{
    static const char hello[] = "\0\0\0\3IHAVEOPT\0\0\0\1\0\0\0\4disk";
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char greeting[18 + 10];

    g_strlcpy(address.sun_path, socket_path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    send_all(fd, hello, sizeof(hello) - 1);
    g_assert_true(receive(fd, greeting, sizeof(greeting)));
    return fd;
}

static uint8_t *put_request(uint8_t *p, const Client *client,
                            NbdCommand command, unsigned i)
{
    p = nbd_put_u32(p, 0x25609513);
    p = nbd_put_u16(p, 0);
    p = nbd_put_u16(p, command);
    p = nbd_put_u64(p, i);
    p = nbd_put_u64(p, (client->index * N_BLOCKS + i) *
                           (uint64_t)BLOCK_BYTES);
    return nbd_put_u32(p, BLOCK_BYTES);
}

/* Returns: the number of the request that the next reply is for; -1 at the end
 * of the connection */
static int receive_reply(int fd)
{
    uint8_t reply[16];

    if (!receive(fd, reply, sizeof(reply))) {
        return -1;
    }
    g_assert_cmphex(nbd_get_u32(reply), ==, 0x67446698);
    g_assert_cmpint(nbd_get_u32(reply + 4), ==, NBD_OK);
    return nbd_get_u64(reply + 8);
}

/* Returns: false at the end of the connection */
static bool write_blocks(Client *client, int fd, uint8_t value)
{
    uint8_t batch[N_BLOCKS * (28 + BLOCK_BYTES)];
    uint8_t *p = batch;
    unsigned replied = 0;

    for (unsigned i = 0; i < N_BLOCKS; i++) {
        p = put_request(p, client, NBD_CMD_WRITE, i);
        memset(p, value + i, BLOCK_BYTES);
        p += BLOCK_BYTES;
    }
    send_all(fd, batch, sizeof(batch));
    while (replied != (1 << N_BLOCKS) - 1) {
        int i = receive_reply(fd);

        if (i < 0) {
            return false;
        }
        g_assert_cmpuint(replied & (1 << i), ==, 0);
        replied |= 1 << i;
    }
    return true;
}

static bool read_blocks(Client *client, int fd, uint8_t value)
{
    uint8_t batch[N_BLOCKS * 28];
    uint8_t *p = batch;

    for (unsigned i = 0; i < N_BLOCKS; i++) {
        p = put_request(p, client, NBD_CMD_READ, i);
    }
    send_all(fd, batch, sizeof(batch));
    for (unsigned n = 0; n < N_BLOCKS; n++) {
        uint8_t data[BLOCK_BYTES];
        uint8_t expected[BLOCK_BYTES];
        int i = receive_reply(fd);

        if (i < 0 || !receive(fd, data, sizeof(data))) {
            return false;
        }
        memset(expected, value + i, BLOCK_BYTES);
        g_assert_cmpmem(data, sizeof(data), expected, sizeof(expected));
    }
    return true;
}

static void *client_run(void *opaque)
{
    Client *client = opaque;
    int fd = open_connection();
    uint8_t value = 0;

    while (!client->must_stop && write_blocks(client, fd, value) &&
           read_blocks(client, fd, value)) {
        client->n_done++;
        value++;
    }
    close(fd);
    client->is_over = true;
    return NULL;
}

static void clients_start(Client *clients)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        clients[i].index = i;
        clients[i].thread = g_thread_new("client", client_run, &clients[i]);
    }
}

/* Runs the main loop, because the handshakes and ends of clients need it. */
static void run_until(bool (*is_true)(Client *clients), Client *clients)
{
    while (!is_true(clients)) {
        aio_poll(aio_get_main_context(), false);
        g_thread_yield();
    }
}

static bool all_over(Client *clients)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        if (!clients[i].is_over) {
            return false;
        }
    }
    return true;
}

static bool all_have_progress(Client *clients)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        if (clients[i].n_done == 0) {
            return false;
        }
    }
    return true;
}

static void await_progress(Client *clients)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        clients[i].n_done = 0;
    }
    run_until(all_have_progress, clients);
}

static void clients_end(Client *clients)
{
    run_until(all_over, clients);
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        g_thread_join(clients[i].thread);
    }
}

static void clients_stop(Client *clients)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        clients[i].must_stop = true;
    }
    clients_end(clients);
}

/* ---- The server ---- */

static Object *server_start(const char *drive)
{
    g_autofree char *server = g_strdup_printf("nbd-server,id=s0,addr=unix:%s",
                                              socket_path);
    const char *texts[] = {
        "nbd-export,id=e0,server=s0,drive=d0,name=disk,iothread=io0",
        server, drive, "iothread,id=io0", "iothread,id=io1",
        "iothread,id=io2",
    };
    unsigned failed;

    user_creatable_add_list(texts, G_N_ELEMENTS(texts), &failed,
                            &error_abort);
    /* a loop that GLib drives */
    iothread_get_g_main_context(iothread_by_id("io2"));
    return object_resolve_path("e0", NULL);
}

static void set_loops(Object *export, const char *text)
{
    g_autoptr(JsonNode) value = json_from_string(text, NULL);

    object_property_set_json(export, "iothreads", value, &error_abort);
}

/* ---- Tests ---- */

static void test_moves(const void *drive)
{
    Client clients[N_CLIENTS] = { };
    Object *export = server_start(drive);

    clients_start(clients);
    for (int i = 0; i < 20; i++) {
        await_progress(clients);
        object_property_set_str(export, "iothread", "", &error_abort);
        set_loops(export, "['io1', 'io2']");
        await_progress(clients);
        set_loops(export, "[]");
        object_property_set_str(export, "iothread", i % 2 ? "io0" : "io2",
                                &error_abort);
    }
    await_progress(clients);
    clients_stop(clients);
    user_creatable_cleanup();
}

/* Clients see the end of the connection after their last reply. */
static void test_delete(const void *drive)
{
    Client clients[N_CLIENTS] = { };

    server_start(drive);
    clients_start(clients);
    await_progress(clients);
    user_creatable_del("e0", &error_abort);
    clients_end(clients);
    user_creatable_del("s0", &error_abort);
    user_creatable_cleanup();
}

static void test_cleanup(const void *drive)
{
    Client clients[N_CLIENTS] = { };

    server_start(drive);
    clients_start(clients);
    await_progress(clients);
    user_creatable_cleanup();
    clients_end(clients);
}

/* ---- Ends during moves ---- */

#define N_LARGE 4
#define LARGE_BYTES (512 * 1024)

/* Reads replies only after it has asked the server to end the connection. */
static void *ending_client_run(void *opaque)
{
    Client *client = opaque;
    uint8_t *reply = g_malloc(LARGE_BYTES);

    while (!client->must_stop) {
        uint8_t requests[(N_LARGE + 1) * 28];
        uint8_t *p = requests;
        int fd = open_connection();

        for (unsigned i = 0; i < N_LARGE; i++) {
            p = put_request(p, client, NBD_CMD_READ, 0);
            nbd_put_u32(p - 4, LARGE_BYTES);
        }
        put_request(p, client, NBD_CMD_DISC, 0);
        send_all(fd, requests, sizeof(requests));
        for (unsigned i = 0; i < N_LARGE; i++) {
            g_assert_cmpint(receive_reply(fd), ==, 0);
            g_assert_true(receive(fd, reply, LARGE_BYTES));
        }
        g_assert_false(receive(fd, reply, 1));
        close(fd);
        client->n_done++;
    }
    g_free(reply);
    client->is_over = true;
    return NULL;
}

static void test_ends(const void *drive)
{
    Client clients[N_CLIENTS] = { };
    Object *export = server_start(drive);

    for (unsigned i = 0; i < N_CLIENTS; i++) {
        clients[i].thread = g_thread_new("client", ending_client_run,
                                         &clients[i]);
    }
    for (int i = 0; i < 300; i++) {
        object_property_set_str(export, "iothread", i % 2 ? "io0" : "io1",
                                &error_abort);
        aio_poll(aio_get_main_context(), false);
    }
    await_progress(clients);
    clients_stop(clients);
    user_creatable_cleanup();
}

/* ---- A handshake that takes long ---- */

#define LIST_BYTES (20 + 4 + 4 + 4096 + 20) /* of the reply to LIST */

static void add_export(const char *name, const char *drive)
{
    g_autofree char *description = g_strnfill(4096, 'x');
    g_autofree char *text = g_strdup_printf(
        "nbd-export,id=%s,server=s0,drive=%s,iothread=io0,description=%s",
        name, drive, description);

    user_creatable_add_from_str(text, &error_abort);
}

static int count_input(int fd)
{
    int n = 0;

    g_assert_cmpint(ioctl(fd, FIONREAD, &n), ==, 0);
    return n;
}

static void poll_until_idle(void)
{
    while (aio_poll(aio_get_main_context(), false)) {
        /* until nothing is left to do */
    }
}

/* Sends LIST until the socket takes no whole reply. */
static void fill_with_replies(int fd)
{
    static const char list[] = "IHAVEOPT\0\0\0\3\0\0\0";
    int n;

    do {
        n = count_input(fd);
        send_all(fd, list, sizeof(list));
        poll_until_idle();
    } while (count_input(fd) == n + LIST_BYTES);
}

/*
 * A client does not read the reply that it may use an export.  Another export
 * that is created in the meantime may have the same address in memory.
 */
static void test_deleted_when_chosen(const void *drive)
{
    static const char go[] = "IHAVEOPT\0\0\0\7\0\0\0\12\0\0\0\4past\0";
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_autofree char *data = g_malloc(LARGE_BYTES);
    Object *export = server_start(drive);

    object_unparent(export);
    add_export("past", "d0");
    g_strlcpy(address.sun_path, socket_path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    send_all(fd, "\0\0\0\3", 4);
    poll_until_idle();
    fill_with_replies(fd);
    send_all(fd, go, sizeof(go));
    poll_until_idle();
    user_creatable_del("past", &error_abort);
    add_export("next", "d0");
    do {
        poll_until_idle();
    } while (recv(fd, data, LARGE_BYTES, MSG_DONTWAIT) > 0);
    g_assert_cmpint(recv(fd, data, 1, MSG_DONTWAIT), ==, 0);
    close(fd);
    user_creatable_cleanup();
}

/* More than the kernel takes by default, and less than it grants. */
#define BUFFERED_BYTES (260 * 1024)

/* Does not read the reply before the socket contains so much of it. */
static void *late_client_run(void *opaque)
{
    Client *client = opaque;
    int fd = open_connection();
    uint8_t request[28];
    int n = 0;

    put_request(request, client, NBD_CMD_READ, 0);
    nbd_put_u32(request + 24, 512 * 1024);
    send_all(fd, request, sizeof(request));
    while (n < BUFFERED_BYTES) {
        g_assert_cmpint(ioctl(fd, FIONREAD, &n), ==, 0);
        g_thread_yield();
    }
    close(fd);
    client->is_over = true;
    return NULL;
}

static bool is_granted(void)
{
    g_autofree char *text = NULL;

    return g_file_get_contents("/proc/sys/net/core/wmem_max", &text, NULL,
                               NULL) && atoi(text) >= 212992;
}

static bool first_over(Client *clients)
{
    return clients->is_over;
}

static void test_send_buffer(const void *drive)
{
    Client client = { };

    if (!is_granted()) {
        g_test_skip("net.core.wmem_max is too low");
        return;
    }
    server_start(drive);
    test_waits_for("the socket to take more than 208 KiB");
    client.thread = g_thread_new("client", late_client_run, &client);
    run_until(first_over, &client);
    g_thread_join(client.thread);
    user_creatable_cleanup();
}

static char *file_drive(void)
{
    g_autofree char *path = g_build_filename(folder, "disk", NULL);

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    g_assert_cmpint(truncate(path, 1 << 20), ==, 0);
    return g_strdup_printf("block-file,id=d0,path=%s", path);
}

/* Found when it is set, before the object is completed. */
static void test_bad_values(void)
{
    Object *obj = object_new("nbd-server");
    Error *err = NULL;

    object_property_set_str(obj, "addr", "fd:name", &error_abort);
    object_property_set_str(obj, "mode", "0600", &error_abort);
    g_assert_false(object_property_set_str(obj, "addr", "unix:", &err));
    assert_error(err, "Parameter 'addr': Invalid address 'unix:': the path of "
                 "the socket is missing");
    err = NULL;
    g_assert_false(object_property_set_str(obj, "addr", "fd:", &err));
    assert_error(err, "Parameter 'addr': Invalid address 'fd:': '' is not the "
                 "number of a file descriptor");
    err = NULL;
    g_assert_false(object_property_set_str(obj, "mode", "9", &err));
    assert_error(err, "Parameter 'mode' expects an octal number from 1 to "
                 "0777");
    object_unref(obj);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        GTestDataFunc test;
    } tests[] = {
        { "moves", test_moves },
        { "delete", test_delete },
        { "cleanup", test_cleanup },
        { "ends", test_ends },
        { "deleted-when-chosen", test_deleted_when_chosen },
        { "send-buffer", test_send_buffer },
    };
    g_autofree char *file = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    /* Its file descriptor stays the same, as the check for leaks expects: epoll
     * opens another set after clients have been closed by other loops. */
    aio_context_set_fd_monitor(aio_get_main_context(), AIO_FD_MONITOR_POLL,
                               &error_abort);
    folder = g_dir_make_tmp("test-nbd-server-XXXXXX", NULL);
    socket_path = g_build_filename(folder, "socket", NULL);
    file = file_drive();
    g_test_add_func("/nbd/server/bad-values", test_bad_values);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *memory_path = g_strdup_printf(
            "/nbd/server/%s/memory", tests[i].name);
        g_autofree char *file_path = g_strdup_printf("/nbd/server/%s/file",
                                                     tests[i].name);

        g_test_add_data_func(memory_path, "block-memory,id=d0,size=1M",
                             tests[i].test);
        g_test_add_data_func(file_path, file, tests[i].test);
    }
    status = test_run();
    g_unlink(strchr(file, '/'));
    g_rmdir(folder);
    g_free(folder);
    g_free(socket_path);
    return status;
}
