/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The option -qmp: an address, and properties of the server.
 *
 * Form: an address begins with the kind and the path, in which only doubled
 * commas are special.  The text after the first single comma is keyval.
 *
 * Options: one table has the properties that only some kinds of addresses have.
 * All other properties of the class are options, too, for each kind.
 */
#include "qmp/qmp-server-internal.h"

#include "qapi/visitor/keyval.h"
#include "qom/object-property.h"

#include <stdint.h>
#include <string.h>

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
 * Parses a text that is a decimal number and nothing else.
 * @text: (nullable) NULL for an entry with keys below its own, such as `mode.x`
 */
static bool parse_number(const char *text, uint64_t min, uint64_t max,
                         uint64_t *value)
{
    return text && g_ascii_string_to_unsigned(text, 10, min, max, value, NULL);
}

static bool option_pretty(QmpServer *server, const KeyvalEntry *entry,
                          Error **errp)
{
    return parse_switch(entry, &server->pretty, errp);
}

static bool option_server(QmpServer *server, const KeyvalEntry *entry,
                          Error **errp)
{
    return parse_switch(entry, &server->server, errp);
}

static bool option_wait(QmpServer *server, const KeyvalEntry *entry,
                        Error **errp)
{
    return parse_switch(entry, &server->wait, errp);
}

static bool option_allow_remote(QmpServer *server, const KeyvalEntry *entry,
                                Error **errp)
{
    return parse_switch(entry, &server->allow_remote, errp);
}

/* Checked now and kept as text, which is what the property `mode` tells. */
static bool option_mode(QmpServer *server, const KeyvalEntry *entry,
                        Error **errp)
{
    mode_t mode;

    if (!aio_address_parse_mode(entry->text, &mode, errp)) {
        return false;
    }
    g_free(server->mode);
    server->mode = g_strdup(entry->text);
    return true;
}

/*
 * Only numbers are accepted: a name would have to be looked up, which may block
 * for long.
 */
static bool option_allow_uid(QmpServer *server, const KeyvalEntry *entry,
                             Error **errp)
{
    uint32List *element;
    uint64_t number;

    if (!parse_number(entry->text, 0, UINT32_MAX - 1, &number)) {
        error_setg(errp, "Parameter 'allow-uid' expects the number of a "
                   "user");
        return false;
    }
    element = g_new(uint32List, 1);
    element->value = number;
    element->next = server->allow_uid;
    server->allow_uid = element;
    return true;
}

static bool option_max_clients(QmpServer *server, const KeyvalEntry *entry,
                               Error **errp)
{
    uint64_t number;

    if (!parse_number(entry->text, 1, MAX_MAX_CLIENTS, &number)) {
        error_setg(errp, "Parameter 'max-clients' expects a number from 1 "
                   "to %d", MAX_MAX_CLIENTS);
        return false;
    }
    server->max_clients = number;
    return true;
}

/* Each property of any other name is parsed by the row of its class. */
static bool option_property(QmpServer *server, const KeyvalEntry *entry,
                            Error **errp)
{
    const ObjectProperty *prop = object_property_find(OBJECT(server),
                                                      entry->key);

    if (!prop || !prop->set || !entry->text) {
        error_setg(errp, "Parameter '%s' is unexpected", entry->key);
        return false;
    }
    return object_property_parse(OBJECT(server), entry->key, entry->text,
                                 errp);
}

/* Whether a property differs from its default */
static bool has_mode(const QmpServer *server)
{
    return server->mode;
}

static bool has_users(const QmpServer *server)
{
    return server->allow_uid;
}

static bool is_client(const QmpServer *server)
{
    return !server->server;
}

static bool waits(const QmpServer *server)
{
    return server->wait;
}

static bool reconnects(const QmpServer *server)
{
    return server->reconnect_ms;
}

static bool allows_remote(const QmpServer *server)
{
    return server->allow_remote;
}

/* Whether a server that listens or one that connects has the option. */
enum {
    LISTENS = 1 << 0,
    CONNECTS = 1 << 1,
    EITHER = LISTENS | CONNECTS,
};

static const struct {
    const char *name;
    unsigned where; /* bits: the kinds of addresses that have the option */
    unsigned role;  /* bits as above */
    bool (*parse)(QmpServer *server, const KeyvalEntry *entry, Error **errp);
    bool (*is_set)(const QmpServer *server); /* (nullable) NULL: not checked */
} options[] = {
    { "pretty", QMP_ADDRESS_STDIO | QMP_ADDRESS_SOCKET, EITHER,
      option_pretty },
    { "server", QMP_ADDRESS_NAMED, EITHER, option_server, is_client },
    { "wait", QMP_ADDRESS_NAMED, LISTENS, option_wait, waits },
    { "reconnect-ms", QMP_ADDRESS_NAMED, CONNECTS, option_property,
      reconnects },
    { "mode", QMP_ADDRESS_UNIX, LISTENS, option_mode, has_mode },
    { "allow-uid", QMP_ADDRESS_UNIX | QMP_ADDRESS_FD, LISTENS,
      option_allow_uid, has_users },
    { "allow-remote", QMP_ADDRESS_TCP, LISTENS, option_allow_remote,
      allows_remote },
    { "max-clients", QMP_ADDRESS_SOCKET, LISTENS, option_max_clients },
    { "addr", 0, EITHER, NULL },
};

/* Servers of -object have not been checked by set_option(). */
bool qmp_server_check_options(const QmpServer *server, Error **errp)
{
    unsigned role = server->server ? LISTENS : CONNECTS;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (!options[i].is_set || !options[i].is_set(server)) {
            continue;
        }
        if (!(options[i].where & server->address.kind)) {
            error_setg(errp, "'%s' does not go with the address '%s'",
                       options[i].name, server->addr);
            return false;
        }
        if (!(options[i].role & role)) {
            error_setg(errp, "'%s' does not go with server=%s",
                       options[i].name, server->server ? "on" : "off");
            return false;
        }
    }
    return true;
}

/* An option that the kind of address does not have is like an unknown one. */
static bool set_option(QmpServer *server, QmpAddressKind kind,
                       const KeyvalEntry *entry, Error **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(options[i].name, entry->key)) {
            continue;
        }
        if (options[i].where & kind) {
            return options[i].parse(server, entry, errp);
        }
        error_setg(errp, "Parameter '%s' is unexpected", entry->key);
        return false;
    }
    return option_property(server, entry, errp);
}

/*
 * Parses one option at a time, because some may occur several times.  @text may
 * end with a comma.
 */
static bool set_options(QmpServer *server, QmpAddressKind kind,
                        const char *text, Error **errp)
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
                        !set_option(server, kind, &keyval->entries[0],
                                    errp))) {
            return false;
        }
    }
    return true;
}

/* ---- The whole text ---- */

/*
 * Returns the text before the first single comma, with doubled commas as one;
 * *@rest is the text after it.
 */
static char *parse_address(const char *text, const char **rest)
{
    GString *address = g_string_new(NULL);

    for (; *text; text++) {
        if (*text == ',' && *++text != ',') {
            break;
        }
        g_string_append_c(address, *text);
    }
    *rest = text;
    return g_string_free(address, FALSE);
}

bool qmp_server_set_text(QmpServer *server, const char *text, Error **errp)
{
    ERRP_GUARD();
    QmpAddress address = { .kind = 0 };
    const char *rest;
    bool ok;

    server->addr = parse_address(text, &rest);
    if (!qmp_address_parse(&address, server->addr, errp)) {
        return false;
    }
    ok = set_options(server, address.kind, rest, errp);
    if (!ok) {
        error_prepend(errp, "Invalid QMP address '%s': ", text);
    }
    qmp_address_clear(&address);
    return ok;
}
