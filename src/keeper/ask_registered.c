/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "keeper/ask_internal.h"

enum { NAME_MAXIMUM = 64, PROFILES_MAXIMUM = 4096 };

rfd_status ask_register(struct keeper_client *keeper, const struct ask_registration *a, struct rfd_error *error)
{
    struct buf body;
    ask_begin(&body);
    message_put_u8(&body, (uint8_t)a->kind);
    message_put_text(&body, a->name);
    message_put_bytes(&body, a->proof);
    message_put_text(&body, a->profiles == NULL ? "" : a->profiles);
    message_put_text(&body, a->key == NULL ? "" : a->key);
    ask_put_values(&body, a->values, a->value_count);
    return ask_order(keeper, KEEPER_REGISTER, &body, error);
}

rfd_status ask_unregister(struct keeper_client *keeper, enum keeper_registered kind, slice name,
                          struct rfd_error *error)
{
    struct buf body;
    ask_begin(&body);
    message_put_u8(&body, (uint8_t)kind);
    message_put_bytes(&body, name);
    return ask_order(keeper, KEEPER_UNREGISTER, &body, error);
}

/* ---- All of them ---- */

/** The last one of a page; the next page begins after it. */
struct last {
    uint8_t kind; /* 0: none yet */
    char name[NAME_MAXIMUM];
    size_t length;
};

/** Takes one page; `*count` is 0 after the last one. */
static rfd_status take_page(struct message_reader *r, struct last *last, uint32_t *count, ask_registered_each *each,
                            void *context, struct rfd_error *error)
{
    *count = message_get_u32(r);
    for (uint32_t i = 0; i < *count && !r->failed; i++) {
        struct ask_registered item = {.kind = message_get_u8(r)};
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

rfd_status ask_registered(struct keeper_client *keeper, ask_registered_each *each, void *context,
                          struct rfd_error *error)
{
    struct last last = {.kind = 0};
    uint32_t count = 1;
    rfd_status status = RFD_OK;
    while (status == RFD_OK && count > 0) {
        struct keeper_reply reply;
        struct buf body;
        ask_begin(&body);
        if (last.kind != 0) {
            message_put_u8(&body, last.kind);
            message_put_bytes(&body, slice_of(last.name, last.length));
        }
        status = ask_question(keeper, KEEPER_LIST_REGISTERED, &body, -1, &reply, error);
        if (status == RFD_OK) status = take_page(&reply.fields, &last, &count, each, context, error);
        keeper_reply_dispose(&reply);
    }
    return status;
}
