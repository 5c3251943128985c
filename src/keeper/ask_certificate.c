/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "keeper/ask_internal.h"

enum { SERIAL_MAXIMUM = 64 };

static void put_texts(struct buf *body, char *const *texts, size_t count)
{
    message_put_u32(body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) message_put_text(body, texts[i]);
}

/** What both the first and the next certificate of a service are answered with, but for what ends it. */
static rfd_status read_service(struct keeper_reply *reply, struct buf *certificate, uint32_t *partition,
                               struct rfd_error *error)
{
    struct message_reader *r = &reply->fields;
    slice der = message_get_bytes(r, ASK_CERTIFICATE_MAXIMUM);
    (void)message_get_bytes(r, SERIAL_MAXIMUM); /* the certificate has it, too */
    uint32_t in = message_get_u32(r);
    (void)message_get_i64(r); /* when it was signed */
    if (r->failed) return message_end(r, "certificate of a service", error);
    buf_put_slice(certificate, der);
    TRY(buf_check(certificate, "certificate", error));
    *partition = in;
    return RFD_OK;
}

static rfd_status ask_service(struct keeper_client *keeper, unsigned operation, struct buf *body,
                              struct buf *certificate, uint32_t *partition, struct rfd_error *error)
{
    struct keeper_reply reply;
    rfd_status status = ask_question(keeper, operation, body, -1, &reply, error);
    if (status == RFD_OK) status = read_service(&reply, certificate, partition, error);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status ask_issue_service(struct keeper_client *keeper, const struct ask_certificate *a, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error)
{
    struct buf body;
    ask_begin(&body);
    message_put_text(&body, a->key);
    message_put_text(&body, a->profile);
    ask_put_values(&body, a->values, a->value_count);
    put_texts(&body, a->mails, a->mail_count);
    put_texts(&body, a->hosts, a->host_count);
    message_put_bytes(&body, a->spki);
    return ask_service(keeper, KEEPER_ISSUE_SERVICE, &body, certificate, partition, error);
}

rfd_status ask_renew_service(struct keeper_client *keeper, slice key, slice service, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error)
{
    struct buf body;
    ask_begin(&body);
    message_put_bytes(&body, key);
    message_put_bytes(&body, service);
    return ask_service(keeper, KEEPER_RENEW_SERVICE, &body, certificate, partition, error);
}

rfd_status ask_issue_authority(struct keeper_client *keeper, const struct ask_certificate *a, struct buf *certificate,
                               struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    ask_begin(&body);
    message_put_text(&body, a->key);
    message_put_text(&body, a->profile);
    ask_put_values(&body, a->values, a->value_count);
    message_put_u32(&body, a->days);
    message_put_text(&body, a->own_key == NULL ? "" : a->own_key);
    message_put_bytes(&body, a->spki);
    message_put_bytes(&body, SLICE_EMPTY); /* where to ask: as the signing key's own policy says */
    rfd_status status = ask_question(keeper, KEEPER_ISSUE_AUTHORITY, &body, -1, &reply, error);
    if (status == RFD_OK) {
        buf_put_slice(certificate, message_get_bytes(&reply.fields, ASK_CERTIFICATE_MAXIMUM));
        status = message_end(&reply.fields, "issue-authority", error);
    }
    keeper_reply_dispose(&reply);
    return status == RFD_OK ? buf_check(certificate, "certificate", error) : status;
}
