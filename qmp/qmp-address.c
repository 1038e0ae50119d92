/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Form: an address begins with the kind and the path, in which only doubled
 * commas are special.  The text after the first single comma is keyval.
 *
 * Options: one table has all options, and says which kinds of addresses have
 * them.
 */
#include "qmp/qmp-address-internal.h"

#include "qapi/visitor/keyval.h"

#include <stdint.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_MAX_CLIENTS 256
#define MAX_MAX_CLIENTS 65535

/* ---- Options ---- */


/* Options accept `on` and `off` only, not the other spellings of a boolean. */
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

/*
 * Accepts a switch whose only possible value is the one that is in effect
 * anyway.
 */
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

/* Parses a text that is a number and nothing else. */
static bool parse_number(const char *text, unsigned base, uint64_t min,
                         uint64_t max, uint64_t *value)
{
    return text && g_ascii_string_to_unsigned(text, base, min, max, value,
                                              NULL);
}

static bool option_pretty(QmpAddress *address, const KeyvalEntry *entry,
                          Error **errp)
{
    return parse_switch(entry, &address->pretty, errp);
}

static bool option_server(QmpAddress *address, const KeyvalEntry *entry,
                          Error **errp)
{
    return expect_switch(entry, true, errp);
}

static bool option_wait(QmpAddress *address, const KeyvalEntry *entry,
                        Error **errp)
{
    return expect_switch(entry, false, errp);
}

/*
 * 0 is refused, because it is how QmpAddress says that there is no such option;
 * a socket without any permission is of no use.
 */
static bool option_mode(QmpAddress *address, const KeyvalEntry *entry,
                        Error **errp)
{
    uint64_t mode;

    if (!parse_number(entry->text, 8, 1, 0777, &mode)) {
        error_setg(errp, "Parameter 'mode' expects an octal number from 1 "
                   "to 0777");
        return false;
    }
    address->mode = mode;
    return true;
}

/*
 * Only numbers are accepted: a name would have to be looked up, which may block
 * for long.
 */
static bool option_allow_uid(QmpAddress *address, const KeyvalEntry *entry,
                             Error **errp)
{
    uint64_t number;
    uid_t uid;

    if (!parse_number(entry->text, 10, 0, UINT32_MAX - 1, &number)) {
        error_setg(errp, "Parameter 'allow-uid' expects the number of a "
                   "user");
        return false;
    }
    uid = number;
    if (!address->uids) {
        address->uids = g_array_new(FALSE, FALSE, sizeof(uid));
    }
    g_array_append_val(address->uids, uid);
    return true;
}

static bool option_max_clients(QmpAddress *address, const KeyvalEntry *entry,
                               Error **errp)
{
    uint64_t number;

    if (!parse_number(entry->text, 10, 1, MAX_MAX_CLIENTS, &number)) {
        error_setg(errp, "Parameter 'max-clients' expects a number from 1 "
                   "to %d", MAX_MAX_CLIENTS);
        return false;
    }
    address->max_clients = number;
    return true;
}

/* Kinds of addresses, as bits. */
enum {
    ON_STDIO = 1 << 0,
    ON_PATH = 1 << 1,
    ON_FD = 1 << 2,
    ON_SOCKET = ON_PATH | ON_FD,
};

static const struct {
    const char *name;
    unsigned where; /* bits: the kinds of addresses that have the option */
    bool (*parse)(QmpAddress *address, const KeyvalEntry *entry,
                  Error **errp);
} options[] = {
    { "pretty", ON_STDIO | ON_SOCKET, option_pretty },
    { "server", ON_PATH, option_server },
    { "wait", ON_PATH, option_wait },
    { "mode", ON_PATH, option_mode },
    { "allow-uid", ON_SOCKET, option_allow_uid },
    { "max-clients", ON_SOCKET, option_max_clients },
};

static bool parse_option(QmpAddress *address, const KeyvalEntry *entry,
                         Error **errp)
{
    unsigned where = address->path    ? ON_PATH
                     : address->is_fd ? ON_FD
                                      : ON_STDIO;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if ((options[i].where & where) &&
            !strcmp(options[i].name, entry->key)) {
            return options[i].parse(address, entry, errp);
        }
    }
    error_setg(errp, "Parameter '%s' is unexpected", entry->key);
    return false;
}

/*
 * Parses one option at a time, because some may occur several times.  @text may
 * end with a comma.
 */
static bool parse_options(QmpAddress *address, const char *text, Error **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part; part++) {
        g_autoptr(Keyval) keyval = NULL;

        if (!**part && part[1]) {
            error_setg(errp, "an option is missing between two commas");
            return false;
        }
        keyval = keyval_parse_entries(*part, NULL, NULL, errp);
        if (!keyval || (keyval->n_entries &&
                        !parse_option(address, &keyval->entries[0], errp))) {
            return false;
        }
    }
    return true;
}

/* ---- Kinds ---- */

/*
 * Returns the text before the first single comma, with doubled commas as one;
 * *@rest is the text after it.
 */
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

/* A longer path would be cut off in the address of the socket. */
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

/* "N" or "N,OPTIONS" */
static bool parse_fd(QmpAddress *address, const char *text, const char **rest,
                     Error **errp)
{
    g_autofree char *number = parse_path(text, rest);
    uint64_t fd;

    if (!parse_number(number, 10, 0, INT_MAX, &fd)) {
        error_setg(errp, "'%s' is not the number of a descriptor", number);
        return false;
    }
    address->is_fd = true;
    address->fd = fd;
    return true;
}

/* Parses the kind and what depends on it, then the options. */
static bool parse(QmpAddress *address, const char *text, Error **errp)
{
    const char *rest = NULL;

    if (g_str_has_prefix(text, "unix:")) {
        address->path = parse_path(text + 5, &rest);
        if (!check_path(address->path, errp)) {
            return false;
        }
    } else if (g_str_has_prefix(text, "fd:")) {
        if (!parse_fd(address, text + 3, &rest, errp)) {
            return false;
        }
    } else if (!strcmp(text, "stdio")) {
        rest = "";
    } else if (g_str_has_prefix(text, "stdio,")) {
        rest = text + 6;
    } else {
        error_setg(errp, "expected 'stdio', 'unix:PATH' or 'fd:N'");
        return false;
    }
    return parse_options(address, rest, errp);
}

/* @address is filled at the end, so that it stays as it was on failure. */
bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp)
{
    ERRP_GUARD();
    QmpAddress parsed = { .max_clients = DEFAULT_MAX_CLIENTS };

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
    g_clear_pointer(&address->uids, g_array_unref);
}

/*
 * The superuser and our own user are always allowed, because they can do what
 * the program does without asking it.
 */
bool qmp_address_allows(const QmpAddress *address, uid_t uid)
{
    bool allowed = uid == 0 || uid == geteuid();

    for (guint i = 0; address->uids && i < address->uids->len; i++) {
        allowed |= g_array_index(address->uids, uid_t, i) == uid;
    }
    return allowed;
}
