/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/registered_list.h"

#include "base/error.h"

enum { MILLISECONDS = 15000, NAME_MAXIMUM = 64, BODY_MAXIMUM = 128, PROFILES_MAXIMUM = 4096 };

struct last {
    uint8_t kind;
    char name[NAME_MAXIMUM];
    size_t length;
};

/** Takes one page; `*count` is 0 after the last one. */
static rfd_status take_page(struct message_reader *r, struct last *last, uint32_t *count, registered_each *each,
                            void *context, struct rfd_error *error)
{
    *count = message_get_u32(r);
    for (uint32_t i = 0; i < *count && !r->failed; i++) {
        struct registered_item item = {.kind = message_get_u8(r)};
        item.name = message_get_text(r, NAME_MAXIMUM);
        item.profiles = message_get_text(r, PROFILES_MAXIMUM);
        item.proof = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
        if (r->failed) break;
        TRY(each(context, &item, error));
        last->kind = (uint8_t)item.kind;
        last->length = item.name.length;
        if (item.name.length > 0) memcpy(last->name, item.name.data, item.name.length);
    }
    return message_end(r, "list-registered", error);
}

rfd_status registered_list_all(struct keeper_client *keeper, registered_each *each, void *context,
                               struct rfd_error *error)
{
    struct last last = {.kind = 0};
    uint32_t count = 1;
    rfd_status status = RFD_OK;
    while (status == RFD_OK && count > 0) {
        struct keeper_reply reply = {.fields = {.failed = false}};
        struct buf body;
        buf_init(&body, BODY_MAXIMUM);
        if (last.kind != 0) {
            message_put_u8(&body, last.kind);
            message_put_bytes(&body, slice_of(last.name, last.length));
        }
        status = keeper_client_ask(keeper, KEEPER_LIST_REGISTERED, buf_slice(&body), -1, MILLISECONDS, &reply, error);
        if (status == RFD_OK) status = take_page(&reply.fields, &last, &count, each, context, error);
        keeper_reply_dispose(&reply);
        buf_dispose(&body);
    }
    return status;
}
