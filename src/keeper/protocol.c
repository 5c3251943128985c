/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/protocol.h"

#include "base/error.h"

enum { VERSION_SIZE = 4 };

rfd_status keeper_answer_read(const struct message *answer, enum keeper_operation operation,
                              struct message_reader *fields, struct rfd_error *error)
{
    if (answer->type != operation) return error_set(error, RFD_E_PROTOCOL, "an answer to another question");
    struct message_reader r = message_read(answer->body);
    uint32_t status = message_get_u32(&r);
    if (r.failed || status >= RFD_STATUS_COUNT) return error_set(error, RFD_E_PROTOCOL, "an answer without status");
    if (status == RFD_OK) {
        *fields = r;
        return RFD_OK;
    }
    slice detail = message_get_text(&r, RFD_ERROR_DETAIL_SIZE);
    TRY(message_end(&r, "the keeper's refusal", error));
    return error_set(error, (rfd_status)status, "keeper: %.*s", (int)detail.length, (const char *)detail.data);
}

rfd_status keeper_ask(struct channel *channel, enum keeper_operation operation, slice body, unsigned milliseconds,
                      struct message_reader *fields, struct rfd_error *error)
{
    struct message answer;
    TRY(channel_call(channel, (uint16_t)operation, body, milliseconds, &answer, error));
    message_close_descriptors(&answer);
    return keeper_answer_read(&answer, operation, fields, error);
}

rfd_status keeper_greet(struct channel *channel, unsigned milliseconds, struct rfd_error *error)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, VERSION_SIZE);
    message_put_u32(&b, KEEPER_VERSION);
    rfd_status status = buf_check(&b, "greeting", error);
    if (status == RFD_OK) status = keeper_ask(channel, KEEPER_HELLO, buf_slice(&b), milliseconds, &r, error);
    buf_dispose(&b);
    TRY(status);
    if (message_get_u32(&r) != KEEPER_VERSION) return error_set(error, RFD_E_UNSUPPORTED, "version of the keeper");
    return message_end(&r, "greeting", error);
}
