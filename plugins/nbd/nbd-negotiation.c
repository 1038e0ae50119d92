/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of the handshake.
 *
 * - An *option* is a request of the client: a number and data.  The reply is a
 *   series of chunks, of which the last is NBD_REP_ACK or an error.
 * - NBD_OPT_GO ends the handshake if it succeeds.  NBD_OPT_EXPORT_NAME does the
 *   same for old clients; it has no reply for errors, so the connection is
 *   closed instead.
 * - A *metadata context* is chosen for one export and is forgotten if the
 *   client then starts another one.
 * - All data is untrusted.  A *reader* takes it apart; once it runs out of
 *   bytes, everything that it returns is zero, and `bad` is set.
 */
#include "nbd-negotiation.h"

#define NAMESPACE "base:"
#define CONTEXT_NAME "base:allocation"

/* ---- Reading ---- */

typedef struct Reader {
    const uint8_t *p;
    size_t left_bytes;
    bool bad;
} Reader;

static const uint8_t *read_bytes(Reader *r, size_t size_bytes)
{
    const uint8_t *p = r->p;

    if (r->bad || size_bytes > r->left_bytes) {
        r->bad = true;
        return NULL;
    }
    r->p += size_bytes;
    r->left_bytes -= size_bytes;
    return p;
}

static uint16_t read_u16(Reader *r)
{
    const uint8_t *p = read_bytes(r, 2);

    return p ? nbd_get_u16(p) : 0;
}

static uint32_t read_u32(Reader *r)
{
    const uint8_t *p = read_bytes(r, 4);

    return p ? nbd_get_u32(p) : 0;
}

/* A string that a size of 32 bits precedes; not terminated */
typedef struct String {
    const char *text;
    uint32_t size_bytes;
} String;

static String read_string(Reader *r)
{
    String s = { .size_bytes = read_u32(r) };

    if (s.size_bytes > NBD_NAME_MAX_BYTES) {
        r->bad = true;
    }
    s.text = (const char *)read_bytes(r, s.size_bytes);
    if (!s.text || memchr(s.text, 0, s.size_bytes)) {
        r->bad = true;
        return (String){ .text = "" };
    }
    return s;
}

static bool string_is(const String *s, const char *text)
{
    return s->size_bytes == strlen(text) &&
           !memcmp(s->text, text, s->size_bytes);
}

/* ---- Replying ---- */

static uint8_t *extend(GByteArray *out, size_t size_bytes)
{
    g_byte_array_set_size(out, out->len + size_bytes);
    return out->data + out->len - size_bytes;
}

/* Returns where the data of the reply is to be written. */
static uint8_t *put_option_reply(GByteArray *out, uint32_t option,
                                 uint32_t type, size_t data_bytes)
{
    uint8_t *p = extend(out, 20 + data_bytes);

    p = nbd_put_u64(p, NBD_OPTION_REPLY_MAGIC);
    p = nbd_put_u32(p, option);
    p = nbd_put_u32(p, type);
    return nbd_put_u32(p, data_bytes);
}

static NbdNegotiationStep reply_ack(GByteArray *out, uint32_t option)
{
    put_option_reply(out, option, NBD_REP_ACK, 0);
    return NBD_NEGOTIATION_NEXT;
}

/* The text is for people. */
static NbdNegotiationStep reply_error(GByteArray *out, uint32_t option,
                                      uint32_t error, const char *text)
{
    size_t len = strlen(text);

    memcpy(put_option_reply(out, option, error, len), text, len);
    return NBD_NEGOTIATION_NEXT;
}

static NbdNegotiationStep reply_malformed(GByteArray *out, uint32_t option)
{
    return reply_error(out, option, NBD_REP_ERR_INVALID,
                       "the data of the option is malformed");
}

static NbdNegotiationStep reply_unknown(GByteArray *out, uint32_t option)
{
    return reply_error(out, option, NBD_REP_ERR_UNKNOWN,
                       "there is no export of this name");
}

/* ---- Exports ---- */

/* The empty name stands for the only export, if there is just one. */
static bool find_export(const NbdNegotiation *n, const String *name,
                        NbdExportInfo *info)
{
    NbdExportInfo other;

    return n->list.find(n->list.opaque, name->text, name->size_bytes, info) ||
           (name->size_bytes == 0 && n->list.get(n->list.opaque, 0, info) &&
            !n->list.get(n->list.opaque, 1, &other));
}

static uint16_t transmission_flags(const NbdNegotiation *n,
                                   const NbdExportInfo *info)
{
    return info->flags | (n->form == NBD_SIMPLE ? 0 : NBD_FLAG_SEND_DF);
}

static NbdNegotiationStep choose(NbdNegotiation *n, const NbdExportInfo *info)
{
    n->chosen = *info;
    n->chosen.flags = transmission_flags(n, info);
    n->has_context = n->has_context && n->context_number == info->number;
    return NBD_NEGOTIATION_START;
}

static NbdNegotiationStep handle_export_name(NbdNegotiation *n,
                                             const uint8_t *data,
                                             uint32_t data_bytes,
                                             GByteArray *out)
{
    String name = { (const char *)data, data_bytes };
    NbdExportInfo info;
    uint8_t *p;

    if (data_bytes > NBD_NAME_MAX_BYTES || !find_export(n, &name, &info)) {
        return NBD_NEGOTIATION_END;
    }
    p = extend(out, n->no_zeroes ? 10 : 10 + 124);
    p = nbd_put_u64(p, info.size_bytes);
    p = nbd_put_u16(p, transmission_flags(n, &info));
    if (!n->no_zeroes) {
        memset(p, 0, 124);
    }
    return choose(n, &info);
}

static NbdNegotiationStep handle_list(NbdNegotiation *n, uint32_t data_bytes,
                                      GByteArray *out)
{
    NbdExportInfo info;

    if (data_bytes) {
        return reply_malformed(out, NBD_OPT_LIST);
    }
    for (unsigned i = 0; n->list.get(n->list.opaque, i, &info); i++) {
        size_t name = strlen(info.name);
        size_t description = info.description ? strlen(info.description) : 0;
        uint8_t *p = put_option_reply(out, NBD_OPT_LIST, NBD_REP_SERVER,
                                      4 + name + description);

        p = nbd_put_u32(p, name);
        memcpy(p, info.name, name);
        if (description) {
            memcpy(p + name, info.description, description);
        }
    }
    return reply_ack(out, NBD_OPT_LIST);
}

static void put_info_string(GByteArray *out, uint32_t option, NbdInfo type,
                            const char *text)
{
    size_t len = text ? strlen(text) : 0;
    uint8_t *p = put_option_reply(out, option, NBD_REP_INFO, 2 + len);

    p = nbd_put_u16(p, type);
    if (len) {
        memcpy(p, text, len);
    }
}

static void put_info(const NbdNegotiation *n, uint32_t option, uint16_t type,
                     const NbdExportInfo *info, GByteArray *out)
{
    uint8_t *p;

    switch (type) {
    case NBD_INFO_EXPORT:
        p = put_option_reply(out, option, NBD_REP_INFO, 12);
        p = nbd_put_u16(p, type);
        p = nbd_put_u64(p, info->size_bytes);
        nbd_put_u16(p, transmission_flags(n, info));
        break;
    case NBD_INFO_NAME:
        put_info_string(out, option, type, info->name);
        break;
    case NBD_INFO_DESCRIPTION:
        put_info_string(out, option, type, info->description);
        break;
    case NBD_INFO_BLOCK_SIZE:
        p = put_option_reply(out, option, NBD_REP_INFO, 14);
        p = nbd_put_u16(p, type);
        p = nbd_put_u32(p, 1);
        p = nbd_put_u32(p, info->block_bytes);
        nbd_put_u32(p, info->max_transfer_bytes);
        break;
    default:
        break; /* the client requests what it knows; unknown ones are hints */
    }
}

/* NBD_OPT_INFO and NBD_OPT_GO */
static NbdNegotiationStep handle_info(NbdNegotiation *n, uint32_t option,
                                      Reader *r, GByteArray *out)
{
    String name = read_string(r);
    unsigned n_types = read_u16(r);
    const uint8_t *types = read_bytes(r, 2 * (size_t)n_types);
    unsigned done = 1 << NBD_INFO_EXPORT; /* each is sent once */
    NbdExportInfo info;

    if (r->bad || r->left_bytes) {
        return reply_malformed(out, option);
    }
    if (!find_export(n, &name, &info)) {
        return reply_unknown(out, option);
    }
    put_info(n, option, NBD_INFO_EXPORT, &info, out);
    for (unsigned i = 0; i < n_types; i++) {
        uint16_t type = nbd_get_u16(types + 2 * i);

        if (type <= NBD_INFO_BLOCK_SIZE && !(done & (1 << type))) {
            done |= 1 << type;
            put_info(n, option, type, &info, out);
        }
    }
    reply_ack(out, option);
    return option == NBD_OPT_GO ? choose(n, &info) : NBD_NEGOTIATION_NEXT;
}

/* ---- Forms of replies ---- */

static NbdNegotiationStep handle_form(NbdNegotiation *n, uint32_t option,
                                      uint32_t data_bytes, GByteArray *out)
{
    if (data_bytes) {
        return reply_malformed(out, option);
    }
    if (option == NBD_OPT_EXTENDED_HEADERS) {
        n->form = NBD_EXTENDED;
    } else if (n->form == NBD_EXTENDED) {
        return reply_error(out, option, NBD_REP_ERR_EXT_HEADER_REQD,
                           "extended headers are in use");
    } else {
        n->form = NBD_STRUCTURED;
    }
    return reply_ack(out, option);
}

/* ---- Metadata contexts ---- */

static bool query_matches(const String *query, bool is_list)
{
    return string_is(query, CONTEXT_NAME) ||
           (is_list && string_is(query, NAMESPACE));
}

/* Returns true if one of the queries that follow is for the context. */
static bool read_queries(Reader *r, bool is_list)
{
    uint32_t n_queries = read_u32(r);
    bool found = is_list && n_queries == 0; /* a list of all */

    for (uint32_t i = 0; i < n_queries && !r->bad; i++) {
        String query = read_string(r);

        found |= !r->bad && query_matches(&query, is_list);
    }
    return found;
}

static void put_context(GByteArray *out, uint32_t option, uint32_t id)
{
    size_t len = strlen(CONTEXT_NAME);
    uint8_t *p = put_option_reply(out, option, NBD_REP_META_CONTEXT, 4 + len);

    memcpy(nbd_put_u32(p, id), CONTEXT_NAME, len);
}

/* NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT */
static NbdNegotiationStep handle_context(NbdNegotiation *n, uint32_t option,
                                         Reader *r, GByteArray *out)
{
    bool is_list = option == NBD_OPT_LIST_META_CONTEXT;
    String name = read_string(r);
    bool found = read_queries(r, is_list);
    NbdExportInfo info;

    if (!is_list) {
        n->has_context = false;
    }
    if (r->bad || r->left_bytes) {
        return reply_malformed(out, option);
    }
    if (n->form == NBD_SIMPLE) {
        return reply_error(out, option, NBD_REP_ERR_INVALID,
                           "structured replies must be negotiated first");
    }
    if (!find_export(n, &name, &info)) {
        return reply_unknown(out, option);
    }
    if (found) {
        put_context(out, option, is_list ? 0 : NBD_CONTEXT_ALLOCATION);
    }
    if (!is_list) {
        n->has_context = found;
        n->context_number = info.number;
    }
    return reply_ack(out, option);
}

/* ---- The handshake ---- */

void nbd_put_greeting(uint8_t buf[NBD_GREETING_BYTES])
{
    buf = nbd_put_u64(buf, NBD_MAGIC);
    buf = nbd_put_u64(buf, NBD_OPTION_MAGIC);
    nbd_put_u16(buf, NBD_FIXED_NEWSTYLE | NBD_NO_ZEROES);
}

void nbd_negotiation_init(NbdNegotiation *n, const NbdExportList *list)
{
    *n = (NbdNegotiation){ .list = *list };
}

bool nbd_negotiation_set_client_flags(NbdNegotiation *n, uint32_t flags)
{
    n->no_zeroes = flags & NBD_NO_ZEROES;
    return !(flags & ~(uint32_t)(NBD_FIXED_NEWSTYLE | NBD_NO_ZEROES));
}

bool nbd_get_option(const uint8_t *buf, uint32_t *option,
                    uint32_t *data_bytes)
{
    *option = nbd_get_u32(buf + 8);
    *data_bytes = nbd_get_u32(buf + 12);
    return nbd_get_u64(buf) == NBD_OPTION_MAGIC;
}

NbdNegotiationStep nbd_negotiation_handle(NbdNegotiation *n, uint32_t option,
                                          const uint8_t *data,
                                          uint32_t data_bytes,
                                          GByteArray *out)
{
    Reader r = { .p = data, .left_bytes = data_bytes };

    switch (option) {
    case NBD_OPT_EXPORT_NAME:
        return handle_export_name(n, data, data_bytes, out);
    case NBD_OPT_ABORT:
        reply_ack(out, option);
        return NBD_NEGOTIATION_END;
    case NBD_OPT_LIST:
        return handle_list(n, data_bytes, out);
    case NBD_OPT_INFO:
    case NBD_OPT_GO:
        return handle_info(n, option, &r, out);
    case NBD_OPT_STRUCTURED_REPLY:
    case NBD_OPT_EXTENDED_HEADERS:
        return handle_form(n, option, data_bytes, out);
    case NBD_OPT_LIST_META_CONTEXT:
    case NBD_OPT_SET_META_CONTEXT:
        return handle_context(n, option, &r, out);
    case NBD_OPT_STARTTLS:
        return reply_error(out, option, NBD_REP_ERR_UNSUP,
                           "TLS is not supported");
    default:
        return reply_error(out, option, NBD_REP_ERR_UNSUP,
                           "the option is not known");
    }
}

void nbd_negotiation_refuse(uint32_t option, GByteArray *out)
{
    reply_error(out, option, NBD_REP_ERR_TOO_BIG,
                "the data of the option is too large");
}
