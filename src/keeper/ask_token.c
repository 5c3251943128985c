/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "keeper/ask_internal.h"

rfd_status ask_sign_token(struct keeper_client *keeper, const char *key, const char *type, slice claims,
                          struct buf *token, struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    ask_begin(&body);
    message_put_text(&body, key);
    message_put_text(&body, type);
    message_put_bytes(&body, claims);
    rfd_status status = ask_question(keeper, KEEPER_SIGN_JWS, &body, -1, &reply, error);
    if (status == RFD_OK) {
        slice signed_one = message_get_bytes(&reply.fields, KEEPER_MESSAGE_MAXIMUM);
        status = message_end(&reply.fields, "sign-jws", error);
        if (status == RFD_OK) buf_put_slice(token, signed_one);
        if (status == RFD_OK) status = buf_check(token, "token", error);
    }
    keeper_reply_dispose(&reply);
    return status;
}
