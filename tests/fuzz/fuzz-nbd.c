/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole NBD server, and a client that sends the input and then the end of its
 * output.
 *
 * What the server must reply follows from the input alone: a greeting; replies
 * to options, until one of them starts an export; and then exactly one reply to
 * each complete request before the first that is malformed, is cut off or
 * disconnects.  So the check counts the requests in the input by rules of its
 * own, and takes the replies apart.
 */
#include "aio/aio.h"
#include "plugins/nbd/nbd-protocol.h"
#include "qom/user-creatable.h"
#include "tests/fuzz/fuzz.h"
#include "util/module.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char *socket_path;

typedef struct Session {
    int fd;
    const uint8_t *data; /* to be sent */
    size_t left_bytes;
    GByteArray *received;
    bool is_over;
} Session;

/* ---- The connection ---- */

static void update_handlers(Session *session);

static void on_writable(void *opaque)
{
    Session *session = opaque;
    ssize_t n = send(session->fd, session->data, session->left_bytes,
                     MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0 && errno != EAGAIN) {
        session->left_bytes = 0; /* the server has closed the connection */
    } else if (n > 0) {
        session->data += n;
        session->left_bytes -= n;
    }
    if (session->left_bytes == 0) {
        shutdown(session->fd, SHUT_WR);
    }
    update_handlers(session);
}

static void on_readable(void *opaque)
{
    static uint8_t buffer[1 << 16];
    Session *session = opaque;
    ssize_t n = recv(session->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

    if (n > 0) {
        g_byte_array_append(session->received, buffer, n);
    } else if (n == 0 || errno != EAGAIN) {
        session->is_over = true;
    }
}

static void update_handlers(Session *session)
{
    aio_set_fd_handler(aio_get_main_context(), session->fd, on_readable,
                       session->left_bytes ? on_writable : NULL, NULL, NULL,
                       session);
}

static void session_run(Session *session)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy(address.sun_path, socket_path, sizeof(address.sun_path));
    session->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(connect(session->fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    if (session->left_bytes == 0) {
        shutdown(session->fd, SHUT_WR);
    }
    update_handlers(session);
    while (!session->is_over) {
        aio_poll(aio_get_main_context(), true);
    }
    aio_set_fd_handler(aio_get_main_context(), session->fd, NULL, NULL, NULL,
                       NULL, NULL);
    close(session->fd);
}

/* ---- The check ---- */

typedef struct Check {
    const uint8_t *in; /* what the client sent and is not accounted for */
    size_t in_bytes;
    const uint8_t *out;
    size_t out_bytes;
    NbdForm form;
    bool is_reset;     /* the server may have dropped its last replies */
} Check;

static const uint8_t *take_out(Check *c, size_t n)
{
    const uint8_t *p = c->out;

    g_assert_cmpuint(c->out_bytes, >=, n);
    c->out += n;
    c->out_bytes -= n;
    return p;
}

static const uint8_t *take_in(Check *c, size_t n)
{
    const uint8_t *p = c->in;

    if (c->in_bytes < n) {
        return NULL;
    }
    c->in += n;
    c->in_bytes -= n;
    return p;
}

/* The replies to one option.  Returns: true if the last one is an ACK */
static bool check_option_replies(Check *c, uint32_t option)
{
    uint32_t type;

    do {
        const uint8_t *reply = take_out(c, 20);

        g_assert_cmphex(nbd_get_u64(reply), ==,
                        UINT64_C(0x3e889045565a9));
        g_assert_cmpuint(nbd_get_u32(reply + 8), ==, option);
        type = nbd_get_u32(reply + 12);
        take_out(c, nbd_get_u32(reply + 16));
    } while (type != 1 && !(type >> 31));
    return type == 1;
}

/* Returns: true if requests follow */
static bool check_handshake(Check *c)
{
    const uint8_t *flags;

    take_out(c, 18);
    flags = take_in(c, 4);
    if (!flags || nbd_get_u32(flags) & ~3u) {
        return false;
    }
    while (c->in_bytes >= 16 && !memcmp(c->in, "IHAVEOPT", 8)) {
        uint32_t option = nbd_get_u32(c->in + 8);
        uint32_t size = nbd_get_u32(c->in + 12);

        take_in(c, 16);
        if (!take_in(c, size)) {
            return false;
        }
        if (option == NBD_OPT_EXPORT_NAME && size <= 65536) {
            if (c->out_bytes == 0) {
                return false; /* an unknown name */
            }
            take_out(c, nbd_get_u32(flags) & 2 ? 10 : 134);
            return true;
        }
        if (!check_option_replies(c, option)) {
            continue;
        }
        if (option == NBD_OPT_GO || option == NBD_OPT_ABORT) {
            return option == NBD_OPT_GO;
        }
        if (option == NBD_OPT_EXTENDED_HEADERS) {
            c->form = NBD_EXTENDED;
        } else if (option == NBD_OPT_STRUCTURED_REPLY) {
            c->form = NBD_STRUCTURED;
        }
    }
    return false;
}

/* Counts the replies that each cookie must get; reads: in sizes of data. */
static GHashTable *count_requests(Check *c)
{
    GHashTable *expected = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                                 g_free, NULL);
    size_t header = c->form == NBD_EXTENDED ? 32 : 28;
    uint32_t magic = c->form == NBD_EXTENDED ? 0x21e41c71 : 0x25609513;
    const uint8_t *p;

    while ((p = take_in(c, header)) && nbd_get_u32(p) == magic &&
           nbd_get_u16(p + 6) != NBD_CMD_DISC) {
        uint64_t size = header == 32 ? nbd_get_u64(p + 24)
                                     : nbd_get_u32(p + 24);
        bool has_payload = nbd_get_u16(p + 6) == NBD_CMD_WRITE ||
                           (header == 32 && nbd_get_u16(p + 4) & 32);
        int64_t cookie = nbd_get_u64(p + 8);
        gpointer n = g_hash_table_lookup(expected, &cookie);

        if (has_payload && (size > c->in_bytes || !take_in(c, size))) {
            break;
        }
        g_hash_table_insert(expected, g_memdup2(&cookie, 8),
                            GUINT_TO_POINTER(GPOINTER_TO_UINT(n) + 1));
    }
    /* What the client still sends when the server closes resets the
     * connection, and replies that were not read are lost. */
    c->is_reset = c->in_bytes > 0;
    return expected;
}

static void expect(GHashTable *expected, int64_t cookie)
{
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(expected, &cookie));

    g_assert_cmpuint(n, >, 0);
    if (n == 1) {
        g_hash_table_remove(expected, &cookie);
    } else {
        g_hash_table_insert(expected, g_memdup2(&cookie, 8),
                            GUINT_TO_POINTER(n - 1));
    }
}

/* Structured and extended replies have sizes; simple ones do not, so that
 * replies to reads can only be counted as a whole. */
static void check_chunks(Check *c, GHashTable *expected)
{
    bool extended = c->form == NBD_EXTENDED;
    size_t header = extended ? 32 : 20;

    while (c->out_bytes >= header || (c->out_bytes && !c->is_reset)) {
        const uint8_t *chunk = take_out(c, header);
        uint64_t size = extended ? nbd_get_u64(chunk + 24)
                                 : nbd_get_u32(chunk + 16);

        g_assert_cmphex(nbd_get_u32(chunk), ==,
                        extended ? 0x6e8a278c : 0x668e33ef);
        g_assert_cmpuint(nbd_get_u16(chunk + 4), ==, 1);
        expect(expected, nbd_get_u64(chunk + 8));
        if (size > c->out_bytes && c->is_reset) {
            return;
        }
        take_out(c, size);
    }
    g_assert_true(c->is_reset || g_hash_table_size(expected) == 0);
}

static void check(Session *session, const uint8_t *data, size_t size)
{
    Check c = {
        .in = data, .in_bytes = size, .out = session->received->data,
        .out_bytes = session->received->len,
    };
    g_autoptr(GHashTable) expected = NULL;

    /* The server may close while the client sends, see count_requests(). */
    if (session->received->len < 18 || session->left_bytes > 0) {
        return;
    }
    if (!check_handshake(&c)) {
        return;
    }
    expected = count_requests(&c);
    if (c.form != NBD_SIMPLE) {
        check_chunks(&c, expected);
    }
}

/* ---- The target ---- */

static void remove_socket(void)
{
    user_creatable_cleanup();
    g_free(socket_path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_autofree char *server = NULL;
    const char *texts[6];
    unsigned failed;

    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    socket_path = g_strdup_printf("%s/fuzz-nbd-%d", g_get_tmp_dir(),
                                  (int)getpid());
    server = g_strdup_printf("nbd-server,id=s0,addr=unix:%s", socket_path);
    texts[0] = "iothread,id=io0";
    texts[1] = "block-memory,id=d0,size=1M";
    texts[2] = server;
    texts[3] = "nbd-export,id=e0,server=s0,drive=d0,name=disk,iothread=io0";
    texts[4] = "nbd-export,id=e1,server=s0,drive=d0,name=ro,writable=off,"
               "iothread=io0";
    user_creatable_add_list(texts, 5, &failed, &error_abort);
    atexit(remove_socket);
    return 0;
}

const FuzzMutator fuzz_mutator = { mutate_nbd };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) received = g_byte_array_new();
    Session session = { .data = data, .left_bytes = size,
                        .received = received };

    session_run(&session);
    check(&session, data, size);
    return 0;
}
