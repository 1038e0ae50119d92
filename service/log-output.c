/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An output is a file descriptor and a function that writes a message to it.
 * Each message is one write(), so that lines of several processes do not mix.
 *
 * log_set_handler() waits until the old handler has returned, so the old file
 * descriptor is closed after it.
 */
#include "service/log-output.h"

#include "qapi/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

typedef struct LogOutput {
    int fd;
    char *path;      /* (nullable) of a file */
    bool has_time;   /* the place adds the time */
    bool has_colour; /* a terminal */
} LogOutput;

static LogOutput *output; /* (nullable) the present one */

/* ---- Lines ---- */

/* True if a reader can tell where the text ends. */
static bool is_plain(const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p <= ' ' || *p == '"' || *p == '=' ||
            *p == '\\' || *p == 0x7f) {
            return false;
        }
    }
    return *text && g_utf8_validate(text, -1, NULL);
}

/* Text that is no UTF-8 is repaired first: JSON has no other. */
static void append_value(GString *line, const LogField *field)
{
    if (!field->text) {
        g_string_append_printf(line, "%" PRId64, field->number);
    } else if (is_plain(field->text)) {
        g_string_append(line, field->text);
    } else {
        g_autofree char *text = g_utf8_make_valid(field->text, -1);
        g_autoptr(JsonNode) node = json_node_new(JSON_NODE_VALUE);

        json_node_set_string(node, text);
        json_write(line, node, false);
    }
}

/* UTC, with microseconds, as RFC 3339 writes times */
static void append_time(GString *line)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");

    g_string_append_printf(line, "%s.%06dZ ", seconds,
                           g_date_time_get_microsecond(now));
}

/* The text of a message, and its fields as NAME=VALUE */
static void append_text(GString *line, const LogMessage *message)
{
    g_string_append(line, message->text);
    for (unsigned i = 0; i < message->n_fields; i++) {
        g_string_append_printf(line, " %s=", message->fields[i].name);
        append_value(line, &message->fields[i]);
    }
    g_string_append_c(line, '\n');
}

/* ANSI colours: errors are red, warnings yellow, details grey. */
static const char *colour_of(LogLevel level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "\033[31m";
    case LOG_LEVEL_WARNING:
        return "\033[33m";
    case LOG_LEVEL_DEBUG:
        return "\033[90m";
    default:
        return "";
    }
}

/* Handler for stderr and files. */
static void write_line(const LogMessage *message, void *opaque)
{
    const LogOutput *to = opaque;
    const char *colour = to->has_colour ? colour_of(message->level) : "";
    g_autoptr(GString) line = g_string_new(NULL);

    if (!to->has_time) {
        append_time(line);
    }
    g_string_append_printf(line, "%s%s%s %s: ", colour,
                           log_level_name(message->level),
                           *colour ? "\033[0m" : "", message->area);
    append_text(line, message);
    if (write(to->fd, line->str, line->len) < 0) {
        /* dropped: there is no other place to say so */
    }
}

/* ---- The journal ---- */

/* Levels as syslog(3) numbers them */
static int priority_of(LogLevel level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return 3;
    case LOG_LEVEL_WARNING:
        return 4;
    case LOG_LEVEL_INFO:
        return 6;
    default:
        return 7;
    }
}

/* Appends the name in upper case, with '_' for '-' */
static void append_journal_name(GString *data, const char *name)
{
    g_string_append(data, "QOM_");
    for (const char *p = name; *p; p++) {
        g_string_append_c(data, *p == '-' ? '_' : g_ascii_toupper(*p));
    }
}

/*
 * NAME=VALUE and a newline.  A value that contains a newline follows its
 * length, 64 bits in little endian, instead.
 */
static void append_journal_value(GString *data, const char *value)
{
    uint64_t length = GUINT64_TO_LE((uint64_t)strlen(value));

    if (strchr(value, '\n')) {
        g_string_append_c(data, '\n');
        g_string_append_len(data, (char *)&length, sizeof(length));
    } else {
        g_string_append_c(data, '=');
    }
    g_string_append(data, value);
    g_string_append_c(data, '\n');
}

/* Returns: true; false with errno set */
static bool connect_journal(int fd)
{
    struct sockaddr_un address = {
        .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET,
    };

    return !connect(fd, (struct sockaddr *)&address, sizeof(address));
}

/*
 * After a restart of the journal the socket is connected to the old one, which
 * the first send() finds out; after it the socket is not connected.
 */
static bool send_to_journal(int fd, const GString *data)
{
    if (send(fd, data->str, data->len, MSG_NOSIGNAL) >= 0) {
        return true;
    }
    return (errno == ECONNREFUSED || errno == ENOTCONN) &&
           connect_journal(fd) &&
           send(fd, data->str, data->len, MSG_NOSIGNAL) >= 0;
}

/*
 * A datagram a message: the journal takes the time and the process from it.
 * MESSAGE has the fields, too, because journalctl shows nothing else unless it
 * is asked to.
 */
static void write_journal(const LogMessage *message, void *opaque)
{
    const LogOutput *to = opaque;
    const char *program = g_get_prgname();
    g_autoptr(GString) data = g_string_new(NULL);

    g_string_printf(data, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nQOM_AREA=%s\n"
                    "MESSAGE=%s: ", priority_of(message->level),
                    program ? program : program_invocation_short_name,
                    message->area, message->area);
    append_text(data, message);
    for (unsigned i = 0; i < message->n_fields; i++) {
        const LogField *field = &message->fields[i];
        g_autofree char *number = g_strdup_printf("%" PRId64, field->number);

        append_journal_name(data, field->name);
        append_journal_value(data, field->text ? field->text : number);
    }
    if (!send_to_journal(to->fd, data)) {
        /* dropped: there is no other place to say so */
    }
}

/* Returns: a connected socket; -1 with errno set */
static int open_journal(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && !connect_journal(fd)) {
        int saved_errno = errno;

        close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

/* ---- Choosing ---- */

/*
 * O_APPEND: several processes may write to one file.  O_NONBLOCK: neither
 * opening a FIFO without a reader nor writing to a full one stops the program.
 * Mode 0640, because messages may tell more than clients should know.
 */
static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
                      O_NONBLOCK, 0640);
}

/* The journal says in $JOURNAL_STREAM which file its end of stderr is. */
static bool stderr_is_journal(void)
{
    const char *stream = g_getenv("JOURNAL_STREAM");
    g_autofree char *id = NULL;
    struct stat st;

    if (!stream || fstat(STDERR_FILENO, &st) < 0) {
        return false;
    }
    id = g_strdup_printf("%ju:%ju", (uintmax_t)st.st_dev,
                         (uintmax_t)st.st_ino);
    return !strcmp(stream, id);
}

/*
 * Not a duplicate: when a daemon replaces its stderr, messages follow, and the
 * old file is closed.  Returns: -1 with errno set if stderr is closed
 */
static int open_stderr(void)
{
    return fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO;
}

/* The handler does not use it any longer. */
static void output_free(LogOutput *old)
{
    if (old) {
        if (old->fd != STDERR_FILENO) {
            close(old->fd);
        }
        g_free(old->path);
        g_free(old);
    }
}

/*
 * Replaces the present output by one with @fd, which is consumed unless it is
 * stderr.  Messages of other threads go to one of the two, none is lost.
 */
static void use(int fd, char *path, LogHandler *handler)
{
    LogOutput *old = output;

    output = g_new(LogOutput, 1);
    *output = (LogOutput){
        .fd = fd, .path = path,
        .has_time = !path && stderr_is_journal(),
        .has_colour = isatty(fd),
    };
    log_set_handler(handler, output);
    output_free(old);
}

/* Drops messages from now on. */
static void use_none(void)
{
    log_set_handler(NULL, NULL);
    g_clear_pointer(&output, output_free);
}

bool log_set_output(const char *name, Error **errp)
{
    g_autofree char *path = NULL;
    int fd;

    if (!strcmp(name, "none")) {
        use_none();
        return true;
    }
    if (!strcmp(name, "journal")) {
        fd = open_journal();
    } else if (!strcmp(name, "stderr")) {
        fd = open_stderr();
    } else if (g_str_has_prefix(name, "file:") && name[5]) {
        path = g_canonicalize_filename(name + 5, NULL);
        fd = open_file(path);
    } else {
        error_setg(errp, "no place for messages is called '%s'; use 'stderr', "
                   "'journal', 'file:PATH' or 'none'", name);
        return false;
    }
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot open '%s' for messages", name);
        return false;
    }
    use(fd, g_steal_pointer(&path),
        strcmp(name, "journal") ? write_line : write_journal);
    return true;
}

bool log_output_is_file(void)
{
    return output && output->path;
}

bool log_reopen(Error **errp)
{
    int fd;

    if (!log_output_is_file()) {
        return true;
    }
    fd = open_file(output->path);
    if (fd < 0) {
        error_setg_file_open(errp, errno, output->path);
        return false;
    }
    use(fd, g_strdup(output->path), write_line);
    return true;
}
