/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The messages of the NBD protocol: constants, and functions that read and
 * write headers in memory.
 *
 * The functions do no I/O and keep no state.  Numbers on the wire are
 * big-endian; here they are in the byte order of the computer.
 *
 * Thread: any, for all functions
 * Contract: doc/proto.md of github.com/NetworkBlockDevice/nbd
 */
#ifndef NBD_PROTOCOL_H
#define NBD_PROTOCOL_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- Handshake ---- */

#define NBD_MAGIC UINT64_C(0x4e42444d41474943)
#define NBD_OPTION_MAGIC UINT64_C(0x49484156454f5054)
#define NBD_OPTION_REPLY_MAGIC UINT64_C(0x0003e889045565a9)

/* Flags of the server's greeting, and those of the client's answer */
enum {
    NBD_FIXED_NEWSTYLE = 1 << 0,
    NBD_NO_ZEROES = 1 << 1,
};

typedef enum NbdOption {
    NBD_OPT_EXPORT_NAME = 1,
    NBD_OPT_ABORT = 2,
    NBD_OPT_LIST = 3,
    NBD_OPT_STARTTLS = 5,
    NBD_OPT_INFO = 6,
    NBD_OPT_GO = 7,
    NBD_OPT_STRUCTURED_REPLY = 8,
    NBD_OPT_LIST_META_CONTEXT = 9,
    NBD_OPT_SET_META_CONTEXT = 10,
    NBD_OPT_EXTENDED_HEADERS = 11,
} NbdOption;

#define NBD_REP_IS_ERROR UINT32_C(0x80000000)
enum {
    NBD_REP_ACK = 1,
    NBD_REP_SERVER = 2,
    NBD_REP_INFO = 3,
    NBD_REP_META_CONTEXT = 4,
};
#define NBD_REP_ERR_UNSUP (NBD_REP_IS_ERROR | 1)
#define NBD_REP_ERR_POLICY (NBD_REP_IS_ERROR | 2)
#define NBD_REP_ERR_INVALID (NBD_REP_IS_ERROR | 3)
#define NBD_REP_ERR_UNKNOWN (NBD_REP_IS_ERROR | 6)
#define NBD_REP_ERR_SHUTDOWN (NBD_REP_IS_ERROR | 7)
#define NBD_REP_ERR_TOO_BIG (NBD_REP_IS_ERROR | 9)
#define NBD_REP_ERR_EXT_HEADER_REQD (NBD_REP_IS_ERROR | 10)

typedef enum NbdInfo {
    NBD_INFO_EXPORT = 0,
    NBD_INFO_NAME = 1,
    NBD_INFO_DESCRIPTION = 2,
    NBD_INFO_BLOCK_SIZE = 3,
} NbdInfo;

#define NBD_NAME_MAX_BYTES 4096 /* of an export, query or description */

/* ---- Transmission ---- */

/* What an export can do */
enum {
    NBD_FLAG_HAS_FLAGS = 1 << 0,
    NBD_FLAG_READ_ONLY = 1 << 1,
    NBD_FLAG_SEND_FLUSH = 1 << 2,
    NBD_FLAG_SEND_FUA = 1 << 3,
    NBD_FLAG_ROTATIONAL = 1 << 4,
    NBD_FLAG_SEND_TRIM = 1 << 5,
    NBD_FLAG_SEND_WRITE_ZEROES = 1 << 6,
    NBD_FLAG_SEND_DF = 1 << 7,
    NBD_FLAG_CAN_MULTI_CONN = 1 << 8,
    NBD_FLAG_SEND_CACHE = 1 << 10,
    NBD_FLAG_SEND_FAST_ZERO = 1 << 11,
};

typedef enum NbdCommand {
    NBD_CMD_READ = 0,
    NBD_CMD_WRITE = 1,
    NBD_CMD_DISC = 2,
    NBD_CMD_FLUSH = 3,
    NBD_CMD_TRIM = 4,
    NBD_CMD_CACHE = 5,
    NBD_CMD_WRITE_ZEROES = 6,
    NBD_CMD_BLOCK_STATUS = 7,
} NbdCommand;

enum {
    NBD_CMD_FLAG_FUA = 1 << 0,
    NBD_CMD_FLAG_NO_HOLE = 1 << 1,
    NBD_CMD_FLAG_DF = 1 << 2,
    NBD_CMD_FLAG_REQ_ONE = 1 << 3,
    NBD_CMD_FLAG_FAST_ZERO = 1 << 4,
    NBD_CMD_FLAG_PAYLOAD_LEN = 1 << 5,
};

/* Errors on the wire, which are independent of errno */
typedef enum NbdError {
    NBD_OK = 0,
    NBD_EPERM = 1,
    NBD_EIO = 5,
    NBD_ENOMEM = 12,
    NBD_EINVAL = 22,
    NBD_ENOSPC = 28,
    NBD_EOVERFLOW = 75,
    NBD_ENOTSUP = 95,
    NBD_ESHUTDOWN = 108,
} NbdError;

/* The forms of replies, from the oldest; the client negotiates one of them. */
typedef enum NbdForm {
    NBD_SIMPLE,
    NBD_STRUCTURED,
    NBD_EXTENDED,
} NbdForm;

/* Extents of the metadata context base:allocation */
enum {
    NBD_STATE_HOLE = 1 << 0,
    NBD_STATE_ZERO = 1 << 1,
};

typedef struct NbdExtent {
    uint64_t size_bytes;
    uint32_t state; /* NBD_STATE_* */
} NbdExtent;

/* The header of a request */
typedef struct NbdRequestHeader {
    uint64_t cookie; /* returned in the reply */
    uint64_t offset_bytes;
    uint64_t size_bytes;
    uint16_t flags;   /* NBD_CMD_FLAG_* */
    uint16_t command; /* NbdCommand, or one that is not known */
} NbdRequestHeader;

#define NBD_ERROR_REPLY_MAX_BYTES 38 /* of a whole reply */
#define NBD_HOLE_REPLY_MAX_BYTES 44  /* of a whole reply */
#define NBD_STATUS_REPLY_MAX_BYTES(n) (40 + 16 * (size_t)(n))

/**
 * nbd_get_request: reads the header of a request
 * @buf: @size_bytes bytes; borrowed
 * @size_bytes: what has arrived
 * @form: the negotiated form; NBD_EXTENDED has larger headers
 * @req: (out) the header
 *
 * Returns: the size of the header; 0 if more bytes are needed; -1 if the bytes
 *          are not a request
 */
int nbd_get_request(const uint8_t *buf, size_t size_bytes, NbdForm form,
                    NbdRequestHeader *req);

/**
 * nbd_get_payload_bytes: returns how many bytes follow the header of a request
 * @req: the header
 * @form: the negotiated form
 *
 * Returns: the number of bytes, of any size
 */
uint64_t nbd_get_payload_bytes(const NbdRequestHeader *req, NbdForm form);

/**
 * nbd_check_request: checks a request without regard to the data
 * @req: the header
 * @form: the negotiated form
 * @export_flags: NBD_FLAG_* as announced to the client
 * @export_bytes: size of the export
 * @max_bytes: largest read or write
 * @has_context: the client has negotiated base:allocation
 *
 * Returns: NBD_OK, or the error to reply
 */
NbdError nbd_check_request(const NbdRequestHeader *req, NbdForm form,
                           uint16_t export_flags, uint64_t export_bytes,
                           uint32_t max_bytes, bool has_context);

/**
 * nbd_error_from_errno: translates an error of the operating system
 * @error_number: positive errno value
 *
 * Returns: the error on the wire that is closest
 */
NbdError nbd_error_from_errno(int error_number);

/* ---- Writing replies ---- */

/**
 * nbd_data_reply_bytes: returns the size of the header before data
 * @form: the negotiated form
 */
size_t nbd_data_reply_bytes(NbdForm form);

/**
 * nbd_put_data_reply: writes the header of a reply to a read
 * @buf: (out) nbd_data_reply_bytes() bytes
 * @form: the negotiated form
 * @req: the request
 *
 * The data, of the size of the request, follows the header and ends the reply.
 */
void nbd_put_data_reply(uint8_t *buf, NbdForm form,
                        const NbdRequestHeader *req);

/**
 * nbd_put_hole_reply: writes the reply to a read of nothing but zeroes
 * @buf: (out) at least NBD_HOLE_REPLY_MAX_BYTES bytes
 * @form: the negotiated form, not NBD_SIMPLE
 * @req: the request, of less than 4 GiB
 *
 * Returns: the size of the reply
 */
size_t nbd_put_hole_reply(uint8_t *buf, NbdForm form,
                          const NbdRequestHeader *req);

/**
 * nbd_put_reply: writes a reply without data
 * @buf: (out) at least NBD_ERROR_REPLY_MAX_BYTES bytes
 * @form: the negotiated form
 * @req: the request
 * @error: NBD_OK if the request succeeded
 *
 * Returns: the size of the reply
 */
size_t nbd_put_reply(uint8_t *buf, NbdForm form, const NbdRequestHeader *req,
                     NbdError error);

/**
 * nbd_put_status_reply: writes the reply to NBD_CMD_BLOCK_STATUS
 * @buf: (out) NBD_STATUS_REPLY_MAX_BYTES(@n_extents) bytes
 * @form: NBD_STRUCTURED or NBD_EXTENDED
 * @req: the request
 * @context_id: id of the metadata context
 * @extents: @n_extents extents; borrowed.  With NBD_STRUCTURED an extent of
 *           4 GiB or more is cut, and those that follow are left out.
 * @n_extents: at least 1
 *
 * Returns: the size of the reply
 */
size_t nbd_put_status_reply(uint8_t *buf, NbdForm form,
                            const NbdRequestHeader *req, uint32_t context_id,
                            const NbdExtent *extents, unsigned n_extents);

/* ---- Numbers ---- */

static inline uint16_t nbd_get_u16(const uint8_t *p)
{
    uint16_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT16_FROM_BE(value);
}

static inline uint32_t nbd_get_u32(const uint8_t *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT32_FROM_BE(value);
}

static inline uint64_t nbd_get_u64(const uint8_t *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT64_FROM_BE(value);
}

static inline uint8_t *nbd_put_u16(uint8_t *p, uint16_t value)
{
    value = GUINT16_TO_BE(value);
    memcpy(p, &value, sizeof(value));
    return p + sizeof(value);
}

static inline uint8_t *nbd_put_u32(uint8_t *p, uint32_t value)
{
    value = GUINT32_TO_BE(value);
    memcpy(p, &value, sizeof(value));
    return p + sizeof(value);
}

static inline uint8_t *nbd_put_u64(uint8_t *p, uint64_t value)
{
    value = GUINT64_TO_BE(value);
    memcpy(p, &value, sizeof(value));
    return p + sizeof(value);
}

#endif
