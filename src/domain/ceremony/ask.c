/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/ask.h"

#include "base/error.h"
#include "pki/attribute.h"
#include "pki/der.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BODY_MAXIMUM = KEEPER_MESSAGE_MAXIMUM / 2, PATIENCE = 120 * 1000 /* milliseconds; RSA keys take their time */ };

static rfd_status ask(struct keeper_client *keeper, enum keeper_operation operation, struct buf *body, int descriptor,
                      struct keeper_reply *reply, struct rfd_error *error)
{
    rfd_status status = buf_check(body, "question", error);
    buf_init(&reply->memory, KEEPER_MESSAGE_MAXIMUM);
    if (status == RFD_OK)
        status = keeper_client_ask(keeper, operation, buf_slice(body), descriptor, PATIENCE, reply, error);
    buf_dispose(body);
    return status;
}

static void put_values(struct buf *b, const struct profile_value *values, size_t count)
{
    message_put_u32(b, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        message_put_text(b, attribute_word(values[i].type));
        message_put_text(b, values[i].text);
    }
}

rfd_status ask_create_key(struct keeper_client *keeper, const struct ask_key *key, struct buf *spki,
                          struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, BODY_MAXIMUM);
    message_put_text(&body, key->name);
    message_put_text(&body, key_purpose_name(key->purpose));
    message_put_text(&body, key->algorithm);
    message_put_bytes(&body, key->policy.issuer);
    message_put_u32(&body, key->policy.validity);
    message_put_bytes(&body, key->policy.timestamp_policy);
    message_put_u32(&body, key->policy.accuracy);
    message_put_bytes(&body, key->policy.authority);
    if (key->token != NULL) message_put_text(&body, key->token);
    rfd_status status = ask(keeper, KEEPER_CREATE_KEY, &body, -1, &reply, error);
    if (status == RFD_OK) {
        buf_put_slice(spki, message_get_bytes(&reply.fields, KEY_CERTIFICATE_MAXIMUM));
        status = message_end(&reply.fields, "create-key", error);
    }
    keeper_reply_dispose(&reply);
    return status == RFD_OK ? buf_check(spki, "public key", error) : status;
}

rfd_status ask_certify_key(struct keeper_client *keeper, const char *name, slice certificate, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, BODY_MAXIMUM);
    message_put_text(&body, name);
    message_put_bytes(&body, certificate);
    rfd_status status = ask(keeper, KEEPER_CERTIFY_KEY, &body, -1, &reply, error);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status ask_issue_service(struct keeper_client *keeper, const struct ask_certificate *a, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, BODY_MAXIMUM);
    message_put_text(&body, a->key);
    message_put_text(&body, a->profile);
    put_values(&body, a->values, a->value_count);
    message_put_u32(&body, a->mail != NULL);
    if (a->mail != NULL) message_put_text(&body, a->mail);
    message_put_u32(&body, (uint32_t)a->host_count);
    for (size_t i = 0; i < a->host_count; i++) message_put_text(&body, a->hosts[i]);
    message_put_bytes(&body, a->spki);
    rfd_status status = ask(keeper, KEEPER_ISSUE_SERVICE, &body, -1, &reply, error);
    if (status == RFD_OK) {
        buf_put_slice(certificate, message_get_bytes(&reply.fields, ASK_CERTIFICATE_MAXIMUM));
        (void)message_get_bytes(&reply.fields, ASK_CERTIFICATE_MAXIMUM); /* the serial number is in it, too */
        *partition = message_get_u32(&reply.fields);
        if (reply.fields.failed) status = message_end(&reply.fields, "issue-service", error);
    }
    keeper_reply_dispose(&reply);
    return status == RFD_OK ? buf_check(certificate, "certificate", error) : status;
}

rfd_status ask_issue_authority(struct keeper_client *keeper, const struct ask_certificate *a, struct buf *certificate,
                               struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, BODY_MAXIMUM);
    message_put_text(&body, a->key);
    message_put_text(&body, a->profile);
    put_values(&body, a->values, a->value_count);
    message_put_u32(&body, a->days);
    message_put_text(&body, a->own_key == NULL ? "" : a->own_key);
    message_put_bytes(&body, a->spki);
    message_put_bytes(&body, SLICE_EMPTY); /* where to ask: as the signing key's own policy says */
    rfd_status status = ask(keeper, KEEPER_ISSUE_AUTHORITY, &body, -1, &reply, error);
    if (status == RFD_OK) {
        buf_put_slice(certificate, message_get_bytes(&reply.fields, ASK_CERTIFICATE_MAXIMUM));
        status = message_end(&reply.fields, "issue-authority", error);
    }
    keeper_reply_dispose(&reply);
    return status == RFD_OK ? buf_check(certificate, "certificate", error) : status;
}

rfd_status ask_register(struct keeper_client *keeper, const struct ask_registration *a, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, BODY_MAXIMUM);
    message_put_u8(&body, (uint8_t)a->kind);
    message_put_text(&body, a->name);
    message_put_bytes(&body, a->proof);
    message_put_text(&body, a->profiles);
    message_put_text(&body, a->key == NULL ? "" : a->key);
    put_values(&body, a->values, a->value_count);
    rfd_status status = ask(keeper, KEEPER_REGISTER, &body, -1, &reply, error);
    keeper_reply_dispose(&reply);
    return status;
}

/* ---- Lists ---- */

/** A memory file that nobody can change any more: what the keeper checks is what it signs. */
static rfd_status sealed_file(slice content, int *out, struct rfd_error *error)
{
    int fd = memfd_create("crl", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return error_errno(error, RFD_E_INTERNAL, errno, "memory file");
    if (write(fd, content.data, content.length) != (ssize_t)content.length ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        (void)close(fd);
        return error_errno(error, RFD_E_INTERNAL, errno, "memory file");
    }
    *out = fd;
    return RFD_OK;
}

static void put_list(struct buf *crl, slice tbs, slice algorithm, slice signature)
{
    size_t list = der_open(crl, DER_SEQUENCE);
    buf_put_slice(crl, tbs);
    buf_put_slice(crl, algorithm);
    size_t bits = der_open(crl, DER_BIT_STRING);
    buf_put_byte(crl, 0);
    buf_put_slice(crl, signature);
    der_close(crl, bits);
    der_close(crl, list);
}

rfd_status ask_sign_crl(struct keeper_client *keeper, const char *key, slice tbs, struct buf *crl,
                        struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    int descriptor = -1;
    TRY(sealed_file(tbs, &descriptor, error));
    buf_init(&body, BODY_MAXIMUM);
    message_put_text(&body, key);
    rfd_status status = ask(keeper, KEEPER_SIGN_CRL, &body, descriptor, &reply, error);
    if (status == RFD_OK) {
        slice algorithm = message_get_bytes(&reply.fields, ASK_SIGNATURE_MAXIMUM);
        slice signature = message_get_bytes(&reply.fields, ASK_SIGNATURE_MAXIMUM);
        status = message_end(&reply.fields, "sign-crl", error);
        if (status == RFD_OK) put_list(crl, tbs, algorithm, signature);
    }
    keeper_reply_dispose(&reply);
    (void)close(descriptor);
    return status == RFD_OK ? buf_check(crl, "list", error) : status;
}
