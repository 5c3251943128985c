/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "keeper/ask_internal.h"
#include "pki/attribute.h"
#include "pki/authority/crl_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    BODY_MAXIMUM = KEEPER_MESSAGE_MAXIMUM / 2,
    PATIENCE = 20 * 1000,       /* milliseconds */
    LONG_PATIENCE = 120 * 1000, /* RSA keys take their time, above all on tokens; so do long lists */
    WORD_MAXIMUM = 64,          /* bytes of a purpose or an algorithm's name */
    SIGNATURE_MAXIMUM = 1024
};

/* ---- Asking ---- */

void ask_begin(struct buf *body)
{
    buf_init(body, BODY_MAXIMUM);
}

rfd_status ask_question(struct keeper_client *keeper, unsigned operation, struct buf *body, int descriptor,
                        struct keeper_reply *reply, struct rfd_error *error)
{
    bool takes_long = operation == KEEPER_CREATE_KEY || operation == KEEPER_SIGN_CRL;
    unsigned patience = takes_long ? LONG_PATIENCE : PATIENCE;
    rfd_status status = buf_check(body, "question", error);
    *reply = (struct keeper_reply){.fields = {.failed = false}};
    buf_init_secret(&reply->memory, KEEPER_MESSAGE_MAXIMUM);
    if (status == RFD_OK)
        status = keeper_client_ask(keeper, operation, buf_slice(body), descriptor, patience, reply, error);
    buf_dispose(body);
    return status;
}

rfd_status ask_order(struct keeper_client *keeper, unsigned operation, struct buf *body, struct rfd_error *error)
{
    struct keeper_reply reply;
    rfd_status status = ask_question(keeper, operation, body, -1, &reply, error);
    keeper_reply_dispose(&reply);
    return status;
}

void ask_put_values(struct buf *body, const struct profile_value *values, size_t count)
{
    message_put_u32(body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        message_put_text(body, attribute_word(values[i].type));
        message_put_text(body, values[i].text);
    }
}

/* ---- Keys ---- */

rfd_status ask_create_key(struct keeper_client *keeper, const struct ask_key *key, struct buf *spki,
                          struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    ask_begin(&body);
    message_put_text(&body, key->name);
    message_put_text(&body, key_purpose_name(key->purpose));
    message_put_text(&body, key->algorithm);
    message_put_bytes(&body, key->policy.issuer);
    message_put_u32(&body, key->policy.validity);
    message_put_bytes(&body, key->policy.timestamp_policy);
    message_put_u32(&body, key->policy.accuracy);
    message_put_bytes(&body, key->policy.authority);
    if (key->token != NULL) message_put_text(&body, key->token);
    rfd_status status = ask_question(keeper, KEEPER_CREATE_KEY, &body, -1, &reply, error);
    if (status == RFD_OK) {
        buf_put_slice(spki, message_get_bytes(&reply.fields, KEY_CERTIFICATE_MAXIMUM));
        status = message_end(&reply.fields, "create-key", error);
    }
    keeper_reply_dispose(&reply);
    return status == RFD_OK ? buf_check(spki, "public key", error) : status;
}

static rfd_status certify(struct keeper_client *keeper, unsigned operation, slice name, slice certificate,
                          struct rfd_error *error)
{
    struct buf body;
    ask_begin(&body);
    message_put_bytes(&body, name);
    message_put_bytes(&body, certificate);
    return ask_order(keeper, operation, &body, error);
}

rfd_status ask_certify_key(struct keeper_client *keeper, const char *name, slice certificate, struct rfd_error *error)
{
    return certify(keeper, KEEPER_CERTIFY_KEY, slice_text(name), certificate, error);
}

rfd_status ask_certify_service(struct keeper_client *signer, slice name, slice certificate, struct rfd_error *error)
{
    return certify(signer, KEEPER_CERTIFY_SERVICE, name, certificate, error);
}

static rfd_status read_public_key(struct message_reader *r, struct arena *a, struct ask_public_key *out,
                                  struct rfd_error *error)
{
    (void)message_get_text(r, WORD_MAXIMUM); /* purpose */
    (void)message_get_text(r, WORD_MAXIMUM); /* algorithm */
    (void)message_get_i64(r);                /* when it was made */
    slice spki = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    slice certificate = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    (void)message_get_u64(r); /* how often it was used */
    TRY(message_end(r, "public-key", error));
    out->spki = arena_copy(a, spki);
    out->certificate = arena_copy(a, certificate);
    return out->spki.data == NULL || out->certificate.data == NULL ? arena_failed(a, error) : RFD_OK;
}

rfd_status ask_public_key(struct keeper_client *keeper, slice name, struct arena *a, struct ask_public_key *out,
                          struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    ask_begin(&body);
    message_put_bytes(&body, name);
    rfd_status status = ask_question(keeper, KEEPER_PUBLIC_KEY, &body, -1, &reply, error);
    if (status == RFD_OK) status = read_public_key(&reply.fields, a, out, error);
    keeper_reply_dispose(&reply);
    return status;
}

/* ---- Lists ---- */

static rfd_status read_envelope(struct message_reader *r, size_t length, struct buf *head, struct buf *tail,
                                struct rfd_error *error)
{
    slice algorithm = message_get_bytes(r, SIGNATURE_MAXIMUM);
    slice signature = message_get_bytes(r, SIGNATURE_MAXIMUM);
    TRY(message_end(r, "sign-crl", error));
    crl_put_envelope(head, tail, length, algorithm, signature);
    TRY(buf_check(head, "list", error));
    return buf_check(tail, "list", error);
}

rfd_status ask_sign_list(struct keeper_client *keeper, slice key, int file, size_t length, struct buf *head,
                         struct buf *tail, struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    /* Nobody can change it any more: what the keeper checks is what it signs. */
    if (fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return error_errno(error, RFD_E_IO_WRITE, errno, "memory file of a list");
    ask_begin(&body);
    message_put_bytes(&body, key);
    rfd_status status = ask_question(keeper, KEEPER_SIGN_CRL, &body, file, &reply, error);
    if (status == RFD_OK) status = read_envelope(&reply.fields, length, head, tail, error);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status ask_sign_crl(struct keeper_client *keeper, const char *key, slice tbs, struct buf *crl,
                        struct rfd_error *error)
{
    struct buf tail;
    int file = memfd_create("crl", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return error_errno(error, RFD_E_INTERNAL, errno, "memory file");
    buf_init(&tail, (size_t)2 * SIGNATURE_MAXIMUM + WORD_MAXIMUM);
    rfd_status status = write(file, tbs.data, tbs.length) == (ssize_t)tbs.length
                            ? RFD_OK
                            : error_errno(error, RFD_E_IO_WRITE, errno, "memory file of a list");
    if (status == RFD_OK) status = ask_sign_list(keeper, slice_text(key), file, tbs.length, crl, &tail, error);
    (void)close(file);
    if (status == RFD_OK) {
        buf_put_slice(crl, tbs);
        buf_put_slice(crl, buf_slice(&tail));
        status = buf_check(crl, "list", error);
    }
    buf_dispose(&tail);
    return status;
}
