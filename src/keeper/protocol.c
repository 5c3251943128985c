/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/protocol.h"

#include "base/error.h"
#include "ipc/answer.h"

enum { VERSION_SIZE = 4 };

rfd_status keeper_answer_read(const struct message *answer, unsigned operation, struct message_reader *fields,
                              struct rfd_error *error)
{
    return answer_read(answer, (uint16_t)operation, "keeper", fields, error);
}

rfd_status keeper_ask(struct channel *channel, unsigned operation, slice body, unsigned milliseconds,
                      struct message_reader *fields, struct rfd_error *error)
{
    return answer_ask(channel, (uint16_t)operation, body, milliseconds, "keeper", fields, error);
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
