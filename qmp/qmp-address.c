/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The path comes first and is taken as it is but for doubled commas; what
 * follows the first single comma is keyval.
 *
 * Whether anybody listens on a socket that is there already is found out by
 * connecting to it: only ECONNREFUSED says that nobody does.
 */
#include "qmp/qmp-address-internal.h"

#include "qapi/keyval.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

static bool parse_switch(const KeyvalEntry *entry, bool *value, Error **errp)
{
    if (!g_strcmp0(entry->text, "on")) {
        *value = true;
    } else if (!g_strcmp0(entry->text, "off")) {
        *value = false;
    } else {
        error_setg(errp, "Parameter '%s' expects 'on' or 'off'", entry->key);
        return false;
    }
    return true;
}

/* An option that can only say what happens anyway. */
static bool expect_switch(const KeyvalEntry *entry, bool expected,
                          Error **errp)
{
    bool value;

    if (!parse_switch(entry, &value, errp)) {
        return false;
    }
    if (value != expected) {
        error_setg(errp, "only '%s=%s' is supported", entry->key,
                   expected ? "on" : "off");
        return false;
    }
    return true;
}

static bool parse_option(QmpAddress *address, const KeyvalEntry *entry,
                         Error **errp)
{
    if (!strcmp(entry->key, "pretty")) {
        return parse_switch(entry, &address->pretty, errp);
    }
    if (address->path && !strcmp(entry->key, "server")) {
        return expect_switch(entry, true, errp);
    }
    if (address->path && !strcmp(entry->key, "wait")) {
        return expect_switch(entry, false, errp);
    }
    error_setg(errp, "Parameter '%s' is unexpected", entry->key);
    return false;
}

static bool parse_options(QmpAddress *address, const char *text, Error **errp)
{
    g_autoptr(Keyval) options = keyval_parse_entries(text, NULL, NULL, errp);

    if (!options) {
        return false;
    }
    for (size_t i = 0; i < options->n_entries; i++) {
        if (!parse_option(address, &options->entries[i], errp)) {
            return false;
        }
    }
    return true;
}

/* The text up to a single comma; *@rest is what follows it. */
static char *parse_path(const char *text, const char **rest)
{
    GString *path = g_string_new(NULL);

    for (; *text; text++) {
        if (*text == ',' && *++text != ',') {
            break;
        }
        g_string_append_c(path, *text);
    }
    *rest = text;
    return g_string_free(path, FALSE);
}

static bool check_path(const char *path, Error **errp)
{
    size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    if (!*path) {
        error_setg(errp, "the path of the socket is missing");
        return false;
    }
    if (strlen(path) > max) {
        error_setg(errp, "the path '%s' is too long for a socket: %zu bytes, "
                   "at most %zu", path, strlen(path), max);
        return false;
    }
    return true;
}

static bool parse(QmpAddress *address, const char *text, Error **errp)
{
    const char *rest = NULL;

    if (g_str_has_prefix(text, "unix:")) {
        address->path = parse_path(text + 5, &rest);
        if (!check_path(address->path, errp)) {
            return false;
        }
    } else if (!strcmp(text, "stdio")) {
        rest = "";
    } else if (g_str_has_prefix(text, "stdio,")) {
        rest = text + 6;
    } else {
        error_setg(errp, "expected 'stdio' or 'unix:PATH'");
        return false;
    }
    return parse_options(address, rest, errp);
}

bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp)
{
    ERRP_GUARD();
    QmpAddress parsed = { 0 };

    if (!parse(&parsed, text, errp)) {
        qmp_address_clear(&parsed);
        error_prepend(errp, "Invalid QMP address '%s': ", text);
        return false;
    }
    *address = parsed;
    return true;
}

void qmp_address_clear(QmpAddress *address)
{
    g_clear_pointer(&address->path, g_free);
}

/* ---- Listening ---- */

static struct sockaddr_un socket_address(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    return address;
}

static bool is_abandoned(const char *path)
{
    struct sockaddr_un address = socket_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused;

    if (fd < 0) {
        return false;
    }
    refused = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Take a stale socket out of the way. */
static bool make_room(const char *path, Error **errp)
{
    struct stat st;

    if (lstat(path, &st) < 0) {
        return true; /* bind() finds out what else is wrong */
    }
    if (!S_ISSOCK(st.st_mode)) {
        error_setg(errp, "'%s' exists and is no socket", path);
        return false;
    }
    if (!is_abandoned(path)) {
        error_setg(errp, "The socket '%s' is in use", path);
        return false;
    }
    if (unlink(path) < 0 && errno != ENOENT) {
        error_setg_errno(errp, errno, "Cannot replace the socket '%s'", path);
        return false;
    }
    return true;
}

int qmp_address_listen(const char *path, Error **errp)
{
    struct sockaddr_un address = socket_address(path);
    int fd;

    if (!make_room(path, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "Cannot create a socket");
        return -1;
    }
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        error_setg_errno(errp, errno, "Cannot create the socket '%s'", path);
        close(fd);
        return -1;
    }
    if (listen(fd, BACKLOG) < 0) {
        error_setg_errno(errp, errno, "Cannot listen on '%s'", path);
        close(fd);
        unlink(path);
        return -1;
    }
    return fd;
}
