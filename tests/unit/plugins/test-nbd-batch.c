/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When the replies to a batch of requests are sent.
 *
 * The drive notes for each request how many bytes the client can receive while
 * it is carried out.
 */
#include "plugins/nbd/block-class.h"
#include "plugins/nbd/nbd-protocol.h"

#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <glib/gstdio.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define N_REQUESTS 8
#define BLOCK_BYTES 512
#define REPLY_BYTES (16 + BLOCK_BYTES)

static char *socket_path;

typedef struct Client {
    int fd;
    int receivable[N_REQUESTS]; /* bytes, while the request was carried out */
    atomic_uint n_noted;
} Client;

static Client *_Atomic observed; /* for which the drive notes them */
static atomic_bool is_over;

/* ---- The drive ---- */

#define TYPE_BLOCK_OBSERVING "block-observing"
OBJECT_DECLARE_SIMPLE_TYPE(BlockObserving, BLOCK_OBSERVING)

struct BlockObserving {
    BlockBackend parent_obj;
};

OBJECT_DEFINE_SIMPLE_TYPE(BlockObserving, block_observing, BLOCK_OBSERVING,
                          BLOCK_BACKEND)

static int coroutine_fn block_observing_co_request(BlockChannel *channel,
                                                   const BlockRequest *req)
{
    Client *client = observed;

    if (client) {
        ioctl(client->fd, FIONREAD,
              &client->receivable[req->offset_bytes / BLOCK_BYTES]);
        client->n_noted++;
    }
    memset(req->iov->iov_base, 0, req->iov->iov_len);
    return 0;
}

static bool block_observing_open(BlockBackend *drive, Error **errp)
{
    drive->info.size_bytes = N_REQUESTS * BLOCK_BYTES;
    return true;
}

static void block_observing_init(Object *obj)
{
}

static void block_observing_finalize(Object *obj)
{
}

static void block_observing_class_init(ObjectClass *klass, const void *data)
{
    BLOCK_BACKEND_CLASS(klass)->open = block_observing_open;
    BLOCK_BACKEND_CLASS(klass)->co_request = block_observing_co_request;
}

/* ---- Clients ---- */

static void receive(int fd, size_t size)
{
    char data[N_REQUESTS * REPLY_BYTES];

    g_assert_cmpuint(size, <=, sizeof(data));
    g_assert_cmpint(recv(fd, data, size, MSG_WAITALL), ==, size);
}

static void client_open(Client *client)
{
    static const char hello[] = "\0\0\0\3IHAVEOPT\0\0\0\1\0\0\0\4disk";
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy(address.sun_path, socket_path, sizeof(address.sun_path));
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(client->fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    g_assert_cmpint(send(client->fd, hello, sizeof(hello) - 1, 0), ==,
                    sizeof(hello) - 1);
    receive(client->fd, 18 + 10);
}

/* Sends requests with one system call. */
static void client_send(Client *client, unsigned n_requests)
{
    uint8_t batch[N_REQUESTS * 28];
    uint8_t *p = batch;

    for (unsigned i = 0; i < n_requests; i++) {
        p = nbd_put_u32(p, 0x25609513);
        p = nbd_put_u16(p, 0);
        p = nbd_put_u16(p, NBD_CMD_READ);
        p = nbd_put_u64(p, i);
        p = nbd_put_u64(p, i * BLOCK_BYTES);
        p = nbd_put_u32(p, BLOCK_BYTES);
    }
    g_assert_cmpint(send(client->fd, batch, p - batch, 0), ==, p - batch);
}

static void client_read(Client *client, unsigned n_requests)
{
    client_send(client, n_requests);
    receive(client->fd, n_requests * REPLY_BYTES);
}

/* Receives nothing before the drive has carried out all requests. */
static void client_read_observed(Client *client)
{
    client->n_noted = 0;
    observed = client;
    client_send(client, N_REQUESTS);
    while (client->n_noted < N_REQUESTS) {
        g_thread_yield();
    }
    receive(client->fd, N_REQUESTS * REPLY_BYTES);
    observed = NULL;
}

static void check_receivable(const Client *client, int second_half)
{
    for (int i = 0; i < N_REQUESTS; i++) {
        g_assert_cmpint(client->receivable[i], ==,
                        i < N_REQUESTS / 2 ? 0 : second_half);
    }
}

/* The server learns from two batches how many requests a client sends. */
static void *run_alone(void *opaque)
{
    Client *client = opaque;

    client_open(client);
    client_read(client, N_REQUESTS);
    client_read(client, N_REQUESTS);
    client_read_observed(client);
    check_receivable(client, N_REQUESTS / 2 * REPLY_BYTES);
    return NULL;
}

/* While another client has requests, the loop has other work. */
static void *run_with_another(void *opaque)
{
    Client *client = opaque;
    Client other;

    client_open(&other);
    run_alone(client);
    client_read(&other, 1);
    client_read_observed(client);
    check_receivable(client, 0);
    close(other.fd);
    return NULL;
}

/* ---- Tests ---- */

static void start_server(void)
{
    g_autofree char *server = g_strdup_printf("nbd-server,id=s0,addr=unix:%s",
                                              socket_path);
    const char *texts[] = {
        "nbd-export,id=e0,server=s0,drive=d0,name=disk,iothread=io0",
        server, TYPE_BLOCK_OBSERVING ",id=d0", "iothread,id=io0",
    };
    unsigned failed;

    user_creatable_add_list(texts, G_N_ELEMENTS(texts), &failed,
                            &error_abort);
}

static gpointer run_client(gpointer opaque)
{
    GThreadFunc run = opaque;
    Client client;

    run(&client);
    close(client.fd);
    atomic_store(&is_over, true);
    aio_notify(aio_get_main_context());
    return NULL;
}

/* The main loop runs the handshakes. */
static void test_batch(const void *run)
{
    GThread *thread;

    is_over = false;
    start_server();
    thread = g_thread_new("client", run_client, (gpointer)run);
    while (!atomic_load(&is_over)) {
        aio_poll(aio_get_main_context(), true);
    }
    g_thread_join(thread);
    user_creatable_cleanup();
}

int main(int argc, char **argv)
{
    g_autofree char *folder = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    folder = g_dir_make_tmp("test-nbd-batch-XXXXXX", NULL);
    socket_path = g_build_filename(folder, "socket", NULL);
    g_test_add_data_func("/nbd/batch/halves", run_alone, test_batch);
    g_test_add_data_func("/nbd/batch/whole", run_with_another, test_batch);
    status = test_run();
    g_rmdir(folder);
    g_free(socket_path);
    return status;
}
