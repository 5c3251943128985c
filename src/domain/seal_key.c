/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/seal_key.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/digest.h"
#include "pki/oid.h"

enum { PATIENCE = 30 * 1000, ATTRIBUTES_MAXIMUM = 8 << 10, SIGNATURE_MAXIMUM = 1024 };

struct seal_key {
    struct keeper_client *keeper;
    char name[KEY_NAME_SIZE];
    struct rfd_key *key;
};

/** The message-digest attribute's value (RFC 5652 §11.2) among the signed attributes. */
static bool find_digest(slice attributes, slice *out)
{
    slice list, attribute, type, values;
    if (!der_take_optional(&attributes, DER_SET, &list)) return false;
    while (der_take_optional(&list, DER_SEQUENCE, &attribute)) {
        if (!der_take_optional(&attribute, DER_OID, &type)) return false;
        if (oid_find(type) != OID_MESSAGE_DIGEST) continue;
        return der_take_optional(&attribute, DER_SET, &values) && der_take_optional(&values, DER_OCTET_STRING, out);
    }
    return false;
}

static enum digest_id digest_of_size(size_t size)
{
    static const enum digest_id all[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (digest_size(all[i]) == size) return all[i];
    }
    return DIGEST_NONE;
}

static rfd_status take_answer(struct keeper_reply *reply, slice wanted, uint8_t *signature, size_t *length,
                              struct rfd_error *error)
{
    slice attributes = message_get_bytes(&reply->fields, ATTRIBUTES_MAXIMUM);
    (void)message_get_bytes(&reply->fields, SIGNATURE_MAXIMUM); /* AlgorithmIdentifier */
    slice made = message_get_bytes(&reply->fields, SIGNATURE_MAXIMUM);
    TRY(message_end(&reply->fields, "sign-seal", error));
    if (!slice_equal(attributes, wanted))
        return error_set(error, RFD_E_SIGNING, "the keeper's signed attributes are others than the document's");
    if (made.length > *length) return error_set(error, RFD_E_LIMIT, "signature of %zu octets", made.length);
    memcpy(signature, made.data, made.length);
    *length = made.length;
    return RFD_OK;
}

static rfd_status sign(void *context, rfd_slice message, rfd_slice digest, bool pss, uint8_t *signature, size_t *length,
                       struct rfd_error *error)
{
    const struct seal_key *seal = context;
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    slice content;
    (void)digest;
    if (pss || !find_digest(message, &content))
        return error_set(error, RFD_E_SIGNING, "the seal signs documents only, and not with RSASSA-PSS");
    buf_init(&body, ATTRIBUTES_MAXIMUM);
    buf_init(&reply.memory, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, seal->name);
    message_put_text(&body, digest_name(digest_of_size(content.length)));
    message_put_bytes(&body, content);
    message_put_u8(&body, 0); /* PAdES has the time in the signature dictionary */
    rfd_status status = buf_check(&body, "seal", error);
    if (status == RFD_OK)
        status = keeper_client_ask(seal->keeper, KEEPER_SIGN_SEAL, buf_slice(&body), -1, PATIENCE, &reply, error);
    if (status == RFD_OK) status = take_answer(&reply, message, signature, length, error);
    buf_dispose(&body);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status seal_key_open(struct keeper_client *keeper, const char *name, slice certificates, struct seal_key **out,
                         struct rfd_error *error)
{
    struct seal_key *seal = memory_zeroed(1, sizeof *seal);
    if (seal == NULL) return error_memory(error);
    seal->keeper = keeper;
    (void)snprintf(seal->name, sizeof seal->name, "%s", name);
    rfd_status status = rfd_key_open_external(certificates, sign, seal, &seal->key, error);
    if (status == RFD_OK)
        *out = seal;
    else
        memory_free(seal);
    return status;
}

struct rfd_key *seal_key_key(const struct seal_key *seal)
{
    return seal->key;
}

void seal_key_free(struct seal_key *seal)
{
    if (seal == NULL) return;
    rfd_key_free(seal->key);
    memory_free(seal);
}
