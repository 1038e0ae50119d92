/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handshake of the NBD protocol: the options by which a client finds an
 * export and chooses how to talk to it.
 *
 * An NbdNegotiation is given one option after the other and produces the
 * replies.  It does no I/O.
 *
 * Thread: the caller's, one at a time
 */
#ifndef NBD_NEGOTIATION_H
#define NBD_NEGOTIATION_H

#include "nbd-protocol.h"

#define NBD_OPTION_HEADER_BYTES 16
#define NBD_OPTION_MAX_BYTES (64 * 1024) /* of the data of an option */

/* What a client learns of an export */
typedef struct NbdExportInfo {
    const char *name;        /* UTF-8 */
    const char *description; /* (nullable) UTF-8 */
    uint64_t size_bytes;
    uint32_t block_bytes;        /* preferred size of requests */
    uint32_t max_transfer_bytes; /* of one read or write */
    uint16_t flags;              /* NBD_FLAG_*, as for a simple client */
    uint64_t number;             /* which no other export ever had */
} NbdExportInfo;

/* The exports that a client can see */
typedef struct NbdExportList {
    /*
     * Fills @info with the export of the index @index, 0 and up; the strings
     * are valid until the option has been handled.
     *
     * Returns: false if there are fewer exports
     */
    bool (*get)(void *opaque, unsigned index, NbdExportInfo *info);

    /*
     * Fills @info with the export of the name @name, which has @size_bytes and
     * no end.
     *
     * Returns: false if there is none
     */
    bool (*find)(void *opaque, const char *name, size_t size_bytes,
                 NbdExportInfo *info);
    void *opaque;
} NbdExportList;

typedef struct NbdNegotiation {
    NbdExportList list;
    bool no_zeroes;
    NbdForm form;
    bool has_context;   /* base:allocation, for `context_number` */
    uint64_t context_number; /* of the export; 0: none was chosen */
    NbdExportInfo chosen; /* by the client; the strings are not kept */
} NbdNegotiation;

typedef enum NbdNegotiationStep {
    NBD_NEGOTIATION_NEXT,  /* send the replies, read the next option */
    NBD_NEGOTIATION_START, /* send the replies, serve the chosen export */
    NBD_NEGOTIATION_END,   /* send the replies, close the connection */
} NbdNegotiationStep;

#define NBD_CONTEXT_ALLOCATION 1 /* the id of base:allocation */
#define NBD_GREETING_BYTES 18

/* nbd_put_greeting: writes what the server sends first */
void nbd_put_greeting(uint8_t buf[NBD_GREETING_BYTES]);

/**
 * nbd_negotiation_init: begins a handshake
 * @n: filled in
 * @list: the exports; copied
 */
void nbd_negotiation_init(NbdNegotiation *n, const NbdExportList *list);

/**
 * nbd_negotiation_set_client_flags: handles the client's answer to the greeting
 * @n: the handshake
 * @flags: 32 bits
 *
 * Returns: true; false if the connection must be closed
 */
bool nbd_negotiation_set_client_flags(NbdNegotiation *n, uint32_t flags);

/**
 * nbd_get_option: reads the header of an option
 * @buf: NBD_OPTION_HEADER_BYTES bytes
 * @option: (out) NbdOption, or one that is not known
 * @data_bytes: (out) size of the data that follows
 *
 * Returns: true; false if the bytes are no option
 */
bool nbd_get_option(const uint8_t *buf, uint32_t *option,
                    uint32_t *data_bytes);

/**
 * nbd_negotiation_handle: handles an option
 * @n: the handshake
 * @option: the option
 * @data: its data; borrowed
 * @data_bytes: at most NBD_OPTION_MAX_BYTES
 * @out: the replies are appended
 *
 * Returns: what to do next
 */
NbdNegotiationStep nbd_negotiation_handle(NbdNegotiation *n, uint32_t option,
                                          const uint8_t *data,
                                          uint32_t data_bytes,
                                          GByteArray *out);

/**
 * nbd_negotiation_refuse: replies to an option that is too large
 * @option: the option, whose data was skipped
 * @out: the reply is appended
 */
void nbd_negotiation_refuse(uint32_t option, GByteArray *out);

#endif
