/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Headers of requests and replies.
 *
 * There are three forms.  A *simple* reply is an error number and, for a
 * successful read, the data.  A *structured* reply is a chunk with a type and a
 * size, so that it can also carry extents.  *Extended* headers are requests and
 * chunks with sizes of 64 bits.  Structured and extended replies consist of one
 * chunk here, because every reply is written when the request has completed.
 */
#include "nbd-protocol.h"

#include <errno.h>

#define REQUEST_MAGIC UINT32_C(0x25609513)
#define EXTENDED_REQUEST_MAGIC UINT32_C(0x21e41c71)
#define SIMPLE_REPLY_MAGIC UINT32_C(0x67446698)
#define STRUCTURED_REPLY_MAGIC UINT32_C(0x668e33ef)
#define EXTENDED_REPLY_MAGIC UINT32_C(0x6e8a278c)

#define SIMPLE_REPLY_BYTES 16
#define STRUCTURED_CHUNK_BYTES 20
#define EXTENDED_CHUNK_BYTES 32

#define REPLY_FLAG_DONE 1

enum {
    REPLY_NONE = 0,
    REPLY_OFFSET_DATA = 1,
    REPLY_OFFSET_HOLE = 2,
    REPLY_BLOCK_STATUS = 5,
    REPLY_BLOCK_STATUS_EXT = 6,
    REPLY_ERROR = 0x8001,
};

/* ---- Requests ---- */

int nbd_get_request(const uint8_t *buf, size_t size_bytes, NbdForm form,
                    NbdRequestHeader *req)
{
    bool extended = form == NBD_EXTENDED;

    if (size_bytes < 4) {
        return 0;
    }
    if (nbd_get_u32(buf) !=
        (extended ? EXTENDED_REQUEST_MAGIC : REQUEST_MAGIC)) {
        return -1;
    }
    if (size_bytes < (extended ? 32 : 28)) {
        return 0;
    }
    req->flags = nbd_get_u16(buf + 4);
    req->command = nbd_get_u16(buf + 6);
    req->cookie = nbd_get_u64(buf + 8);
    req->offset_bytes = nbd_get_u64(buf + 16);
    req->size_bytes = extended ? nbd_get_u64(buf + 24) : nbd_get_u32(buf + 24);
    return extended ? 32 : 28;
}

uint64_t nbd_get_payload_bytes(const NbdRequestHeader *req, NbdForm form)
{
    bool has_payload = req->command == NBD_CMD_WRITE ||
                       (form == NBD_EXTENDED &&
                        (req->flags & NBD_CMD_FLAG_PAYLOAD_LEN));

    return has_payload ? req->size_bytes : 0;
}

/* What each command accepts */
static const struct {
    uint16_t flags;        /* NBD_CMD_FLAG_* */
    uint16_t export_flags; /* NBD_FLAG_* that the export must have */
    bool changes_data;
    bool has_range;
} command_rules[] = {
    [NBD_CMD_READ] = { NBD_CMD_FLAG_DF, 0, false, true },
    [NBD_CMD_WRITE] = { NBD_CMD_FLAG_FUA | NBD_CMD_FLAG_PAYLOAD_LEN, 0, true,
                        true },
    [NBD_CMD_DISC] = { 0, 0, false, false },
    [NBD_CMD_FLUSH] = { 0, NBD_FLAG_SEND_FLUSH, false, false },
    [NBD_CMD_TRIM] = { NBD_CMD_FLAG_FUA, NBD_FLAG_SEND_TRIM, true, true },
    [NBD_CMD_CACHE] = { 0, NBD_FLAG_SEND_CACHE, false, true },
    [NBD_CMD_WRITE_ZEROES] = { NBD_CMD_FLAG_FUA | NBD_CMD_FLAG_NO_HOLE |
                               NBD_CMD_FLAG_FAST_ZERO,
                               NBD_FLAG_SEND_WRITE_ZEROES, true, true },
    [NBD_CMD_BLOCK_STATUS] = { NBD_CMD_FLAG_REQ_ONE, 0, false, true },
};

/* Flags that a client may set only after some negotiation */
static uint16_t refused_flags(const NbdRequestHeader *req, NbdForm form,
                              uint16_t export_flags)
{
    uint16_t allowed = command_rules[req->command].flags;

    if (!(export_flags & NBD_FLAG_SEND_DF)) {
        allowed &= ~NBD_CMD_FLAG_DF;
    }
    if (!(export_flags & NBD_FLAG_SEND_FAST_ZERO)) {
        allowed &= ~NBD_CMD_FLAG_FAST_ZERO;
    }
    if (form != NBD_EXTENDED) {
        allowed &= ~NBD_CMD_FLAG_PAYLOAD_LEN;
    }
    /* Clients are known to set FUA on commands that write nothing. */
    if (export_flags & NBD_FLAG_SEND_FUA) {
        allowed |= NBD_CMD_FLAG_FUA;
    } else {
        allowed &= ~NBD_CMD_FLAG_FUA;
    }
    return req->flags & ~allowed;
}

static NbdError check_range(const NbdRequestHeader *req,
                            uint64_t export_bytes, uint32_t max_bytes)
{
    bool is_transfer = req->command == NBD_CMD_READ ||
                       req->command == NBD_CMD_WRITE;
    bool needs_space = req->command == NBD_CMD_WRITE ||
                       req->command == NBD_CMD_WRITE_ZEROES;

    if (req->offset_bytes > export_bytes ||
        req->size_bytes > export_bytes - req->offset_bytes) {
        return needs_space ? NBD_ENOSPC : NBD_EINVAL;
    }
    if (is_transfer && req->size_bytes > max_bytes) {
        return req->flags & NBD_CMD_FLAG_DF ? NBD_EOVERFLOW : NBD_EINVAL;
    }
    if (req->size_bytes == 0 && req->command == NBD_CMD_BLOCK_STATUS) {
        return NBD_EINVAL;
    }
    return NBD_OK;
}

NbdError nbd_check_request(const NbdRequestHeader *req, NbdForm form,
                           uint16_t export_flags, uint64_t export_bytes,
                           uint32_t max_bytes, bool has_context)
{
    uint16_t needed;

    if (req->command >= G_N_ELEMENTS(command_rules) ||
        refused_flags(req, form, export_flags)) {
        return NBD_EINVAL;
    }
    /* With extended headers a size counts as payload only if a flag says so. */
    if (req->command == NBD_CMD_WRITE && form == NBD_EXTENDED &&
        !(req->flags & NBD_CMD_FLAG_PAYLOAD_LEN)) {
        return NBD_EINVAL;
    }
    if (command_rules[req->command].changes_data &&
        (export_flags & NBD_FLAG_READ_ONLY)) {
        return NBD_EPERM;
    }
    needed = command_rules[req->command].export_flags;
    if ((export_flags & needed) != needed ||
        (req->command == NBD_CMD_BLOCK_STATUS && !has_context)) {
        return NBD_EINVAL;
    }
    return command_rules[req->command].has_range
               ? check_range(req, export_bytes, max_bytes) : NBD_OK;
}

NbdError nbd_error_from_errno(int error_number)
{
    switch (error_number) {
    case 0:
        return NBD_OK;
    case EPERM:
    case EROFS:
        return NBD_EPERM;
    case EINVAL:
        return NBD_EINVAL;
    case ENOSPC:
    case EFBIG:
    case EDQUOT:
        return NBD_ENOSPC;
    case ENOMEM:
        return NBD_ENOMEM;
    case EOVERFLOW:
        return NBD_EOVERFLOW;
    case ENOTSUP:
        return NBD_ENOTSUP;
    case ESHUTDOWN:
        return NBD_ESHUTDOWN;
    default:
        return NBD_EIO;
    }
}

/* ---- Replies ---- */

static uint8_t *put_simple(uint8_t *buf, const NbdRequestHeader *req,
                           NbdError error)
{
    buf = nbd_put_u32(buf, SIMPLE_REPLY_MAGIC);
    buf = nbd_put_u32(buf, error);
    return nbd_put_u64(buf, req->cookie);
}

/* The header of the only chunk of a reply. */
static uint8_t *put_chunk(uint8_t *buf, NbdForm form,
                          const NbdRequestHeader *req, uint16_t type,
                          uint64_t payload_bytes)
{
    buf = nbd_put_u32(buf, form == NBD_EXTENDED ? EXTENDED_REPLY_MAGIC
                                                : STRUCTURED_REPLY_MAGIC);
    buf = nbd_put_u16(buf, REPLY_FLAG_DONE);
    buf = nbd_put_u16(buf, type);
    buf = nbd_put_u64(buf, req->cookie);
    if (form == NBD_STRUCTURED) {
        return nbd_put_u32(buf, payload_bytes);
    }
    buf = nbd_put_u64(buf, req->offset_bytes);
    return nbd_put_u64(buf, payload_bytes);
}

size_t nbd_data_reply_bytes(NbdForm form)
{
    switch (form) {
    case NBD_SIMPLE:
        return SIMPLE_REPLY_BYTES;
    case NBD_STRUCTURED:
        return STRUCTURED_CHUNK_BYTES + 8;
    default:
        return EXTENDED_CHUNK_BYTES + 8;
    }
}

void nbd_put_data_reply(uint8_t *buf, NbdForm form,
                        const NbdRequestHeader *req)
{
    if (form == NBD_SIMPLE) {
        put_simple(buf, req, NBD_OK);
        return;
    }
    buf = put_chunk(buf, form, req, REPLY_OFFSET_DATA, 8 + req->size_bytes);
    nbd_put_u64(buf, req->offset_bytes);
}

size_t nbd_put_hole_reply(uint8_t *buf, NbdForm form,
                          const NbdRequestHeader *req)
{
    uint8_t *end = put_chunk(buf, form, req, REPLY_OFFSET_HOLE, 12);

    end = nbd_put_u64(end, req->offset_bytes);
    return nbd_put_u32(end, req->size_bytes) - buf;
}

size_t nbd_put_reply(uint8_t *buf, NbdForm form, const NbdRequestHeader *req,
                     NbdError error)
{
    uint8_t *end = buf;

    if (form == NBD_SIMPLE) {
        end = put_simple(end, req, error);
    } else if (error == NBD_OK) {
        end = put_chunk(end, form, req, REPLY_NONE, 0);
    } else {
        end = put_chunk(end, form, req, REPLY_ERROR, 6);
        end = nbd_put_u32(end, error);
        end = nbd_put_u16(end, 0);
    }
    return end - buf;
}

/* Extents of 32 bits; returns the number that is written. */
static unsigned put_extents_32(uint8_t *buf, const NbdExtent *extents,
                               unsigned n_extents)
{
    /* A round number, so that the client continues at an aligned offset */
    const uint32_t max_bytes = UINT32_C(1) << 31;
    unsigned i = 0;
    bool is_cut = false;

    while (i < n_extents && !is_cut) {
        is_cut = extents[i].size_bytes > max_bytes;
        buf = nbd_put_u32(buf, is_cut ? max_bytes : extents[i].size_bytes);
        buf = nbd_put_u32(buf, extents[i].state);
        i++;
    }
    return i;
}

size_t nbd_put_status_reply(uint8_t *buf, NbdForm form,
                            const NbdRequestHeader *req, uint32_t context_id,
                            const NbdExtent *extents, unsigned n_extents)
{
    uint8_t *end;
    unsigned n;

    if (form == NBD_EXTENDED) {
        end = put_chunk(buf, form, req, REPLY_BLOCK_STATUS_EXT,
                        8 + 16 * (uint64_t)n_extents);
        end = nbd_put_u32(end, context_id);
        end = nbd_put_u32(end, n_extents);
        for (unsigned i = 0; i < n_extents; i++) {
            end = nbd_put_u64(end, extents[i].size_bytes);
            end = nbd_put_u64(end, extents[i].state);
        }
        return end - buf;
    }
    n = put_extents_32(buf + STRUCTURED_CHUNK_BYTES + 4, extents, n_extents);
    end = put_chunk(buf, form, req, REPLY_BLOCK_STATUS, 4 + 8 * n);
    nbd_put_u32(end, context_id);
    return STRUCTURED_CHUNK_BYTES + 4 + 8 * n;
}
