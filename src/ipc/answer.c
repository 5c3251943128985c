/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/answer.h"

#include "base/error.h"

rfd_status answer_read(const struct message *answer, uint16_t type, const char *who, struct message_reader *fields,
                       struct rfd_error *error)
{
    if (answer->type != type) return error_set(error, RFD_E_PROTOCOL, "%s: an answer to another question", who);
    struct message_reader r = message_read(answer->body);
    uint32_t status = message_get_u32(&r);
    if (r.failed || status >= RFD_STATUS_COUNT)
        return error_set(error, RFD_E_PROTOCOL, "%s: an answer without status", who);
    if (status == RFD_OK) {
        *fields = r;
        return RFD_OK;
    }
    slice detail = message_get_text(&r, RFD_ERROR_DETAIL_SIZE);
    TRY(message_end(&r, who, error));
    return error_set(error, (rfd_status)status, "%s: %.*s", who, (int)detail.length, (const char *)detail.data);
}

rfd_status answer_ask(struct channel *channel, uint16_t type, slice body, unsigned milliseconds, const char *who,
                      struct message_reader *fields, struct rfd_error *error)
{
    struct message answer;
    TRY(channel_call(channel, type, body, milliseconds, &answer, error));
    message_close_descriptors(&answer);
    return answer_read(&answer, type, who, fields, error);
}

void answer_put_refusal(struct buf *answer, size_t start, const struct rfd_error *why)
{
    answer->length = start;
    answer->status = RFD_OK;
    message_put_u32(answer, (uint32_t)why->code);
    message_put_text(answer, why->detail);
}
