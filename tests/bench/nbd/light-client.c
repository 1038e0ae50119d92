/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of the NBD protocol that costs little itself, to measure servers.
 *
 * usage: light-client -s SOCKET [-e NAME]... [-o read|write|mixed] [-b BYTES]
 *                     [-d DEPTH] [-c CONNECTIONS] [-t SECONDS] [-p PID] [-v]
 *                     [-r SEED]
 *
 * Each connection has a thread, which keeps DEPTH requests in flight at random
 * offsets that are multiples of BYTES.  It receives into a large buffer and
 * sends all new requests with one system call.  Connection i uses the i-th
 * NAME, in turn.  With several connections to one export, each has its own part
 * of it.
 *
 * With -v, a block that is written contains its offset and a number that
 * changes with each write, and what is read is compared with the last write.
 *
 * The result is one line of JSON: requests and bytes per second, latencies in
 * microseconds, and with -p the CPU time that the process used for a request.
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_DEPTH 256
#define MAX_NAMES 64
#define MAX_CONNECTIONS 64
#define MIN_BUFFER_BYTES (1 << 20)

/* ---- The protocol ---- */

#define IHAVEOPT UINT64_C(0x49484156454f5054)
#define OPTION_REPLY UINT64_C(0x3e889045565a9)
#define REQUEST_MAGIC 0x25609513
#define REPLY_MAGIC 0x67446698
#define FLAG_FIXED_NEWSTYLE 1
#define FLAG_NO_ZEROES 2
#define OPT_GO 7
#define REP_ACK 1
#define REP_INFO 3
#define REP_ERROR (UINT32_C(1) << 31)
#define CMD_READ 0
#define CMD_WRITE 1
#define CMD_DISC 2

typedef struct __attribute__((packed)) Request {
    uint32_t magic;
    uint16_t flags;
    uint16_t type;
    uint64_t cookie;
    uint64_t offset;
    uint32_t size;
} Request;

typedef struct __attribute__((packed)) Reply {
    uint32_t magic;
    uint32_t error;
    uint64_t cookie;
} Reply;

/* ---- Options ---- */

typedef enum Mode { MODE_READ, MODE_WRITE, MODE_MIXED } Mode;

static const char *socket_path;
static const char *names[MAX_NAMES];
static int n_names;
static Mode mode = MODE_READ;
static uint32_t block_bytes = 4096;
static int depth = 1;
static int n_connections = 1;
static double seconds = 3;
static int server_pid;
static bool verify;
static uint64_t seed = 1;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "light-client: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    exit(1);
}

/* ---- A histogram of latencies: 64 classes for each power of two ---- */

#define CLASSES_BITS 6
#define N_CLASSES (1 << CLASSES_BITS)
#define N_POWERS 40

typedef struct Histogram {
    uint64_t counts[N_POWERS * N_CLASSES];
    uint64_t n;
} Histogram;

static void histogram_add(Histogram *h, uint64_t ns)
{
    int power = 63 - __builtin_clzll(ns | N_CLASSES) - CLASSES_BITS;
    uint64_t class = (ns >> power) & (N_CLASSES - 1);
    int index = ns < N_CLASSES ? (int)ns : (power + 1) * N_CLASSES + (int)class;

    h->counts[index < N_POWERS * N_CLASSES ? index
                                           : N_POWERS * N_CLASSES - 1]++;
    h->n++;
}

/* Returns: nanoseconds that the part @q of all latencies do not exceed */
static double histogram_get(const Histogram *h, double q)
{
    uint64_t rest = (uint64_t)(q * h->n);

    for (int i = 0; i < N_POWERS * N_CLASSES; i++) {
        if (h->counts[i] > rest) {
            int power = i / N_CLASSES - 1;

            return i < N_CLASSES ? i
                                 : (double)((uint64_t)(N_CLASSES +
                                                       i % N_CLASSES)
                                            << power);
        }
        rest -= h->counts[i];
    }
    return 0;
}

/* ---- Connections ---- */

typedef struct Slot {
    bool is_used;
    bool is_write;
    uint64_t block;
    uint64_t start_ns;
    Request request;
    char *data; /* of a write */
} Slot;

typedef struct Connection {
    pthread_t thread;
    int fd;
    const char *name;
    uint64_t size;        /* of the export, in bytes */
    uint64_t first_block; /* of the part that this connection uses */
    uint64_t n_blocks;
    uint64_t random;

    Slot slots[MAX_DEPTH];
    int n_free;
    int free_slots[MAX_DEPTH];
    uint32_t *writes;     /* of each block: the number of its last write */
    bool *is_busy;        /* of each block: a request is in flight */

    struct iovec out[2 * MAX_DEPTH];
    int first_out;
    int n_out;
    char *in;
    size_t in_size;
    size_t in_start;
    size_t in_end;

    uint64_t end_ns;
    uint64_t n_done;
    Histogram latencies;
} Connection;

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static uint64_t next_random(Connection *c)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return c->random;
}

static void write_all(int fd, const void *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n <= 0) {
            die("cannot send: %s", strerror(errno));
        }
        data = (const char *)data + n;
        size -= n;
    }
}

static void read_all(int fd, void *data, size_t size)
{
    while (size > 0) {
        ssize_t n = read(fd, data, size);

        if (n <= 0) {
            die("cannot receive: %s", n ? strerror(errno) : "end of file");
        }
        data = (char *)data + n;
        size -= n;
    }
}

static void skip(int fd, size_t size)
{
    char byte;

    while (size-- > 0) {
        read_all(fd, &byte, 1);
    }
}

static void connect_socket(Connection *c)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    if (strlen(socket_path) >= sizeof(addr.sun_path)) {
        die("the path of the socket is too long");
    }
    strcpy(addr.sun_path, socket_path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 ||
        connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        die("cannot connect to '%s': %s", socket_path, strerror(errno));
    }
}

static void send_go(Connection *c)
{
    struct __attribute__((packed)) {
        uint32_t client_flags;
        uint64_t magic;
        uint32_t option;
        uint32_t size;
        uint32_t name_size;
    } head;
    uint16_t n_infos = 0;
    uint32_t name_size = strlen(c->name);

    head.client_flags = htobe32(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
    head.magic = htobe64(IHAVEOPT);
    head.option = htobe32(OPT_GO);
    head.size = htobe32(4 + name_size + 2);
    head.name_size = htobe32(name_size);
    write_all(c->fd, &head, sizeof(head));
    write_all(c->fd, c->name, name_size);
    write_all(c->fd, &n_infos, 2);
}

/* Reads one reply to an option.  Returns true after the last one. */
static bool read_option_reply(Connection *c)
{
    struct __attribute__((packed)) {
        uint64_t magic;
        uint32_t option;
        uint32_t type;
        uint32_t size;
    } head;
    uint16_t info;
    uint32_t size;

    read_all(c->fd, &head, sizeof(head));
    if (be64toh(head.magic) != OPTION_REPLY) {
        die("the reply to an option is malformed");
    }
    size = be32toh(head.size);
    if (be32toh(head.type) == REP_INFO && size >= 2) {
        read_all(c->fd, &info, 2);
        size -= 2;
        if (be16toh(info) == 0 && size >= 8) {
            read_all(c->fd, &c->size, 8);
            c->size = be64toh(c->size);
            size -= 8;
        }
    } else if (be32toh(head.type) & REP_ERROR) {
        die("the server refuses the export '%s': error %u", c->name,
            be32toh(head.type) & ~REP_ERROR);
    }
    skip(c->fd, size);
    return be32toh(head.type) == REP_ACK;
}

static void handshake(Connection *c)
{
    struct __attribute__((packed)) {
        char nbdmagic[8];
        uint64_t magic;
        uint16_t flags;
    } greeting;

    read_all(c->fd, &greeting, sizeof(greeting));
    if (memcmp(greeting.nbdmagic, "NBDMAGIC", 8) ||
        be64toh(greeting.magic) != IHAVEOPT) {
        die("not a server of the fixed newstyle protocol");
    }
    send_go(c);
    while (!read_option_reply(c)) {
        /* the next one */
    }
}

/* How many connections use the export of connection @i, and its rank */
static void get_share(int i, uint64_t *rank, uint64_t *n)
{
    *rank = i / n_names;
    *n = (n_connections - i % n_names + n_names - 1) / n_names;
}

static void prepare(Connection *c, int i)
{
    uint64_t rank, n;

    c->name = names[i % n_names];
    c->random = seed * UINT64_C(0x9e3779b97f4a7c15) + i + 1;
    connect_socket(c);
    handshake(c);
    get_share(i, &rank, &n);
    c->n_blocks = c->size / block_bytes / n;
    c->first_block = rank * c->n_blocks;
    if (c->n_blocks < (uint64_t)depth * 2) {
        die("the export '%s' is too small", c->name);
    }
    c->writes = calloc(c->n_blocks, sizeof(*c->writes));
    c->is_busy = calloc(c->n_blocks, sizeof(*c->is_busy));
    c->in_size = MIN_BUFFER_BYTES > 2 * (block_bytes + sizeof(Reply))
        ? MIN_BUFFER_BYTES : 2 * (block_bytes + sizeof(Reply));
    c->in = malloc(c->in_size);
    for (int s = 0; s < depth; s++) {
        c->slots[s].data = aligned_alloc(4096, (block_bytes + 4095) & ~4095);
        memset(c->slots[s].data, s + 1, block_bytes);
        c->free_slots[c->n_free++] = s;
    }
}

/* ---- What blocks contain ---- */

static void fill(Connection *c, Slot *slot)
{
    uint64_t words[2] = { slot->block, ++c->writes[slot->block] };

    for (uint32_t at = 0; at + sizeof(words) <= block_bytes; at += 512) {
        memcpy(slot->data + at, words, sizeof(words));
    }
}

static void check(Connection *c, const Slot *slot, const char *data)
{
    uint64_t words[2] = { slot->block, c->writes[slot->block] };

    if (words[1] == 0) {
        return; /* not written yet */
    }
    for (uint32_t at = 0; at + sizeof(words) <= block_bytes; at += 512) {
        if (memcmp(data + at, words, sizeof(words))) {
            die("block %llu of '%s' does not have its last write",
                (unsigned long long)slot->block, c->name);
        }
    }
}

/* ---- Requests ---- */

static void add_out(Connection *c, void *data, size_t size)
{
    c->out[c->n_out++] = (struct iovec) { data, size };
}

static void start_request(Connection *c, uint64_t now)
{
    Slot *slot = &c->slots[c->free_slots[--c->n_free]];

    do {
        slot->block = next_random(c) % c->n_blocks;
    } while (c->is_busy[slot->block]);
    c->is_busy[slot->block] = true;
    slot->is_used = true;
    slot->is_write = mode == MODE_WRITE ||
                     (mode == MODE_MIXED && next_random(c) % 2);
    slot->start_ns = now;
    slot->request = (Request) {
        .magic = htobe32(REQUEST_MAGIC),
        .type = htobe16(slot->is_write ? CMD_WRITE : CMD_READ),
        .cookie = slot - c->slots,
        .offset = htobe64((c->first_block + slot->block) * block_bytes),
        .size = htobe32(block_bytes),
    };
    add_out(c, &slot->request, sizeof(slot->request));
    if (slot->is_write) {
        if (verify) {
            fill(c, slot);
        }
        add_out(c, slot->data, block_bytes);
    }
}

/* Sends what can be sent without waiting. */
static void send_out(Connection *c)
{
    while (c->first_out < c->n_out) {
        struct msghdr msg = {
            .msg_iov = &c->out[c->first_out],
            .msg_iovlen = c->n_out - c->first_out,
        };
        ssize_t n = sendmsg(c->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0) {
            die("cannot send: %s", strerror(errno));
        }
        while (n > 0 && (size_t)n >= c->out[c->first_out].iov_len) {
            n -= c->out[c->first_out++].iov_len;
        }
        if (n > 0) {
            struct iovec *iov = &c->out[c->first_out];

            iov->iov_base = (char *)iov->iov_base + n;
            iov->iov_len -= n;
        }
    }
    c->first_out = 0;
    c->n_out = 0;
}

static void receive(Connection *c)
{
    ssize_t n;

    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, c->in_end - c->in_start);
        c->in_end -= c->in_start;
        c->in_start = 0;
    }
    if (c->n_out > 0) {
        struct pollfd pfd = { c->fd, POLLIN | POLLOUT, 0 };

        poll(&pfd, 1, -1);
        if (!(pfd.revents & (POLLIN | POLLHUP))) {
            return;
        }
    }
    n = recv(c->fd, c->in + c->in_end, c->in_size - c->in_end, 0);
    if (n <= 0) {
        die("cannot receive: %s", n ? strerror(errno) : "end of file");
    }
    c->in_end += n;
}

/* Returns true if a whole reply was in the buffer. */
static bool take_reply(Connection *c, uint64_t now)
{
    size_t n = c->in_end - c->in_start;
    Reply reply;
    Slot *slot;
    size_t size;

    if (n < sizeof(reply)) {
        return false;
    }
    memcpy(&reply, c->in + c->in_start, sizeof(reply));
    if (be32toh(reply.magic) != REPLY_MAGIC ||
        reply.cookie >= (uint64_t)depth ||
        !c->slots[reply.cookie].is_used) {
        die("a reply is malformed, or its request was answered already");
    }
    if (reply.error) {
        die("the server reports error %u", be32toh(reply.error));
    }
    slot = &c->slots[reply.cookie];
    size = sizeof(reply) + (slot->is_write ? 0 : block_bytes);
    if (n < size) {
        return false;
    }
    if (verify && !slot->is_write) {
        check(c, slot, c->in + c->in_start + sizeof(reply));
    }
    c->in_start += size;
    c->is_busy[slot->block] = false;
    slot->is_used = false;
    c->free_slots[c->n_free++] = reply.cookie;
    histogram_add(&c->latencies, now - slot->start_ns);
    c->n_done++;
    return true;
}

static void *run(void *opaque)
{
    Connection *c = opaque;
    uint64_t now = now_ns();
    const Request disc = {
        .magic = htobe32(REQUEST_MAGIC), .type = htobe16(CMD_DISC),
    };

    c->end_ns = now + (uint64_t)(seconds * 1e9);
    while (now < c->end_ns || c->n_free < depth) {
        while (now < c->end_ns && c->n_free > 0 &&
               c->n_out + 2 <= 2 * MAX_DEPTH) {
            start_request(c, now);
        }
        send_out(c);
        receive(c);
        now = now_ns();
        while (take_reply(c, now)) {
            /* the next one */
        }
    }
    write_all(c->fd, &disc, sizeof(disc));
    return NULL;
}

/* ---- Results ---- */

/* Returns: CPU time that the server has used, in seconds */
static double server_cpu(void)
{
    char path[64], text[1024];
    unsigned long user, kernel;
    const char *at;
    FILE *file;
    size_t n;

    if (!server_pid) {
        return 0;
    }
    snprintf(path, sizeof(path), "/proc/%d/stat", server_pid);
    file = fopen(path, "r");
    if (!file) {
        die("there is no process %d", server_pid);
    }
    n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    at = strrchr(text, ')');
    if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                      "%lu %lu", &user, &kernel) != 2) {
        die("'%s' is malformed", path);
    }
    return (double)(user + kernel) / sysconf(_SC_CLK_TCK);
}

static void report(Connection *connections, double elapsed, double cpu)
{
    static Histogram all;
    uint64_t n = 0;

    for (int i = 0; i < n_connections; i++) {
        n += connections[i].n_done;
        for (int k = 0; k < N_POWERS * N_CLASSES; k++) {
            all.counts[k] += connections[i].latencies.counts[k];
        }
    }
    all.n = n;
    printf("{\"iops\": %.0f, \"mib_per_s\": %.1f, \"p50_us\": %.1f, "
           "\"p99_us\": %.1f, \"cpu_us\": %.3f, \"requests\": %llu}\n",
           n / elapsed, n / elapsed * block_bytes / 1048576,
           histogram_get(&all, 0.5) / 1000, histogram_get(&all, 0.99) / 1000,
           n ? cpu * 1e6 / n : 0, (unsigned long long)n);
}

static long number(const char *text, long min, long max)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end || end == text || value < min || value > max) {
        die("'%s' is not a number from %ld to %ld", text, min, max);
    }
    return value;
}

static void parse(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "s:e:o:b:d:c:t:p:r:v")) != -1) {
        switch (option) {
        case 's':
            socket_path = optarg;
            break;
        case 'e':
            if (n_names == MAX_NAMES) {
                die("too many names");
            }
            names[n_names++] = optarg;
            break;
        case 'o':
            mode = !strcmp(optarg, "read") ? MODE_READ
                 : !strcmp(optarg, "write") ? MODE_WRITE : MODE_MIXED;
            break;
        case 'b':
            block_bytes = number(optarg, 16, 1 << 25);
            break;
        case 'd':
            depth = number(optarg, 1, MAX_DEPTH);
            break;
        case 'c':
            n_connections = number(optarg, 1, MAX_CONNECTIONS);
            break;
        case 't':
            seconds = atof(optarg);
            break;
        case 'p':
            server_pid = number(optarg, 1, INT32_MAX);
            break;
        case 'r':
            seed = number(optarg, 0, INT32_MAX);
            break;
        case 'v':
            verify = true;
            break;
        default:
            exit(2);
        }
    }
    if (!socket_path || optind < argc) {
        die("usage: light-client -s SOCKET [-e NAME]... [option]...");
    }
    if (n_names == 0) {
        names[n_names++] = "";
    }
}

int main(int argc, char **argv)
{
    static Connection *connections;
    double cpu, start;

    parse(argc, argv);
    /* Static, because it is in use until the program ends. */
    connections = calloc(n_connections, sizeof(*connections));
    for (int i = 0; i < n_connections; i++) {
        prepare(&connections[i], i);
    }
    cpu = server_cpu();
    start = now_ns() / 1e9;
    for (int i = 0; i < n_connections; i++) {
        if (pthread_create(&connections[i].thread, NULL, run,
                           &connections[i])) {
            die("cannot create a thread");
        }
    }
    for (int i = 0; i < n_connections; i++) {
        pthread_join(connections[i].thread, NULL);
    }
    report(connections, now_ns() / 1e9 - start, server_cpu() - cpu);
    return 0;
}
