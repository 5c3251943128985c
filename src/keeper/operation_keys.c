/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making, naming and certifying keys.
 */
#include "keeper/operations.h"

#include "base/error.h"
#include "keeper/authority_policy.h"

rfd_status keeper_hello(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                        struct rfd_error *error)
{
    (void)k;
    (void)key;
    uint32_t version = message_get_u32(r);
    TRY(message_end(r, "hello", error));
    if (version != KEEPER_VERSION) return error_set(error, RFD_E_UNSUPPORTED, "version %u of the protocol", version);
    message_put_u32(answer, KEEPER_VERSION);
    return RFD_OK;
}

/** Keys that sign are made for that, those for opening and wrapping for one algorithm each. */
static rfd_status check_algorithm(enum key_purpose purpose, enum key_algorithm algorithm, struct rfd_error *error)
{
    bool fits = algorithm != KEY_ALGORITHM_AES_256;
    if (purpose == PURPOSE_OPENING) fits = algorithm == KEY_ALGORITHM_P256;
    if (purpose == PURPOSE_WRAPPING) fits = algorithm == KEY_ALGORITHM_AES_256;
    if (fits) return RFD_OK;
    return error_set(error, RFD_E_KEY_ALGORITHM, "%s for %s", key_algorithm_name(algorithm), key_purpose_name(purpose));
}

static rfd_status read_wanted(struct message_reader *r, struct key_description *out, struct rfd_error *error)
{
    enum { WORD = 32 };
    struct key_description d = {.purpose = PURPOSE_NONE};
    slice name = message_get_text(r, KEY_NAME_SIZE - 1);
    slice purpose = message_get_text(r, WORD);
    slice algorithm = message_get_text(r, WORD);
    d.policy.issuer = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    d.policy.validity = message_get_u32(r);
    d.policy.timestamp_policy = message_get_bytes(r, KEEPER_OID_MAXIMUM);
    d.policy.accuracy = message_get_u32(r);
    if (r->left.length > 0) d.policy.authority = message_get_bytes(r, AUTHORITY_POLICY_MAXIMUM);
    slice token = r->left.length > 0 ? message_get_text(r, KEY_NAME_SIZE - 1) : SLICE_EMPTY;
    TRY(message_end(r, "create-key", error));
    d.purpose = key_purpose_from_name(purpose);
    d.algorithm = key_algorithm_from_name(algorithm);
    if (d.purpose == PURPOSE_NONE) return error_set(error, RFD_E_ARGUMENT, "no such purpose");
    if (d.algorithm == KEY_ALGORITHM_NONE) return error_set(error, RFD_E_KEY_ALGORITHM, "no such algorithm");
    if (name.length > 0) memcpy(d.name, name.data, name.length);
    if (token.length > 0) memcpy(d.token, token.data, token.length);
    *out = d;
    return RFD_OK;
}

rfd_status keeper_create_key(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                             struct rfd_error *error)
{
    struct key_description wanted;
    struct stored_key *made = NULL;
    (void)key;
    TRY(read_wanted(r, &wanted, error));
    TRY(check_algorithm(wanted.purpose, wanted.algorithm, error));
    TRY(keeper_policy_check(wanted.purpose, &wanted.policy, error));
    TRY(keystore_create(k->store, &wanted, &made, error));
    message_put_bytes(answer, stored_key_description(made)->public_key);
    stored_key_free(made);
    return RFD_OK;
}

rfd_status keeper_public_key(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                             struct rfd_error *error)
{
    const struct key_description *d = key->description;
    (void)k;
    TRY(message_end(r, "public-key", error));
    message_put_text(answer, key_purpose_name(d->purpose));
    message_put_text(answer, key_algorithm_name(d->algorithm));
    message_put_i64(answer, d->created);
    message_put_bytes(answer, d->public_key);
    message_put_bytes(answer, d->certificate);
    message_put_u64(answer, key->counter.value);
    return RFD_OK;
}

struct listing {
    struct buf keys;
    uint32_t count;
};

static rfd_status list_one(void *context, const struct key_description *d, struct rfd_error *error)
{
    struct listing *l = context;
    message_put_text(&l->keys, d->name);
    message_put_text(&l->keys, key_purpose_name(d->purpose));
    message_put_text(&l->keys, key_algorithm_name(d->algorithm));
    l->count++;
    return buf_check(&l->keys, "list of keys", error);
}

rfd_status keeper_list_keys(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                            struct rfd_error *error)
{
    struct listing l = {.count = 0};
    (void)key;
    TRY(message_end(r, "list-keys", error));
    buf_init(&l.keys, KEEPER_MESSAGE_MAXIMUM / 2);
    rfd_status status = keystore_list(k->store, list_one, &l, error);
    message_put_u32(answer, l.count);
    buf_put_slice(answer, buf_slice(&l.keys));
    buf_dispose(&l.keys);
    return status;
}

rfd_status keeper_certify_key(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                              struct rfd_error *error)
{
    const struct certificate *c = NULL;
    (void)answer;
    slice certificate = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    TRY(message_end(r, "certify-key", error));
    TRY(certificate_parse(certificate, &c, error));
    rfd_status status = keeper_certificate_check(key, c, error);
    certificate_unref(c);
    if (status == RFD_OK) status = keystore_certify(k->store, key->stored, certificate, error);
    if (status == RFD_OK) keeper_key_forget(k, key); /* what was prepared is of the old certificate */
    return status;
}
