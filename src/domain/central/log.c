/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was done with a credential, for its holder: the personal keeper's log (personal/holder_log.h), in pieces.
 */
#include "base/error.h"
#include "domain/central/internal.h"
#include "personal/holder_log.h"

enum { SIGNATURE_MAXIMUM = 256, KEY_MAXIMUM = 1024, LINES_MOST = 100000 };

static rfd_status read_lines(struct message_reader *f, struct central_log *log, struct buf *lines, uint32_t *count,
                             struct rfd_error *error)
{
    log->total = message_get_u64(f);
    *count = message_get_u32(f);
    if (*count > LINES_MOST) return error_set(error, RFD_E_PROTOCOL, "%u lines of a log", *count);
    for (uint32_t i = 0; i < *count; i++) {
        slice line = message_get_text(f, HOLDER_LOG_LINE_MAXIMUM);
        buf_put_slice(lines, line);
        buf_put_byte(lines, '\n');
    }
    slice head = message_get_bytes(f, HOLDER_LOG_HEAD_SIZE);
    slice signature = message_get_bytes(f, SIGNATURE_MAXIMUM);
    TRY(message_end(f, "a holder's log", error));
    if (head.length != sizeof log->head || signature.length == 0 || signature.length > sizeof log->signature)
        return error_set(error, RFD_E_PROTOCOL, "the end of a holder's log");
    memcpy(log->head, head.data, sizeof log->head);
    memcpy(log->signature, signature.data, signature.length);
    log->signature_size = signature.length;
    return RFD_OK;
}

static rfd_status read_piece(const struct central *c, slice credential, uint64_t after, struct central_log *log,
                             struct buf *lines, uint32_t *count, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, credential);
    message_put_u64(&body, after);
    rfd_status status = central_ask(c, PERSONAL_READ_LOG, &body, &reply, error);
    if (status == RFD_OK) status = read_lines(&reply.fields, log, lines, count, error);
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

/** All pieces go through one buffer, however long the log is. */
static rfd_status read_pieces(const struct central *c, slice credential, uint64_t after, struct central_log *log,
                              struct buf *lines, central_log_put *put, void *context, struct rfd_error *error)
{
    uint32_t count = 0;
    do {
        buf_reset(lines);
        TRY(read_piece(c, credential, after, log, lines, &count, error));
        TRY(buf_check(lines, "a holder's log", error));
        if (count > 0) TRY(put(context, buf_slice(lines), error));
        after += count;
    } while (count > 0 && after < log->total);
    return RFD_OK;
}

rfd_status central_log_read(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                            uint64_t after, struct central_log *log, central_log_put *put, void *context,
                            struct rfd_error *error)
{
    struct central_credential own;
    struct buf lines;
    *log = (struct central_log){.total = 0};
    TRY(central_kept_credential(c, actor, a, credential, &own, error));
    buf_init(&lines, KEEPER_MESSAGE_MAXIMUM);
    rfd_status status = read_pieces(c, credential, after, log, &lines, put, context, error);
    buf_dispose(&lines);
    return status;
}

static rfd_status keep_key(slice key, struct arena *a, slice *out, struct rfd_error *error)
{
    slice copy = arena_copy(a, key);
    if (copy.data == NULL) return arena_failed(a, error);
    *out = copy;
    return RFD_OK;
}

rfd_status central_log_key(const struct central *c, struct arena *a, slice *out, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = central_ask(c, PERSONAL_KEYS, NULL, &reply, error);
    (void)message_get_bytes(&reply.fields, KEY_MAXIMUM);
    slice attestation = message_get_bytes(&reply.fields, KEY_MAXIMUM);
    if (status == RFD_OK) status = message_end(&reply.fields, "keys of the personal keeper", error);
    if (status == RFD_OK) status = keep_key(attestation, a, out, error);
    keeper_reply_dispose(&reply);
    return status;
}
