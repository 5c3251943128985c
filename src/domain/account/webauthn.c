/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/webauthn.h"

#include "base/error.h"
#include "base/url.h"
#include "pki/digest.h"

/* libfido2's headers name two old types of OpenSSL, which we do without. */
typedef struct ec_key_st EC_KEY;
typedef struct rsa_st RSA;
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>

/* Authenticator data (§6.1): SHA-256 of the relying party, flags, counter, then what the flags say. */
enum {
    FLAGS_AT = 32,
    COUNTER_AT = 33,
    DATA_SHORTEST = 37,
    FLAG_PRESENT = 1,
    FLAG_VERIFIED = 4,
    FLAG_CREDENTIAL = 64,
    FLAG_EXTENSIONS = 128
};

/* ---- Reading ---- */

static json_t *load(slice json)
{
    json_error_t ignored;
    if (json.length > WEBAUTHN_JSON_MAXIMUM) return NULL;
    return json_loadb((const char *)json.data, json.length, JSON_REJECT_DUPLICATES, &ignored);
}

static bool text_of(const json_t *object, const char *name, struct arena *a, slice *out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return false;
    *out = arena_copy(a, slice_of(json_string_value(value), json_string_length(value)));
    return out->data != NULL;
}

static bool bytes_of(const json_t *object, const char *name, struct arena *a, slice *out)
{
    slice text;
    if (!text_of(object, name, a, &text) || text.length == 0) return false;
    *out = url_read_base64(text, a);
    return out->data != NULL;
}

/** §5.8.1: what it is for, the challenge, where the browser saw it; nothing from a frame of another site. */
static bool read_client_data(struct webauthn_answer *answer, bool create, struct arena *a)
{
    json_t *data = load(answer->client_data);
    slice type;
    bool good = json_is_object(data) && text_of(data, "type", a, &type) &&
                slice_is(type, create ? "webauthn.create" : "webauthn.get") &&
                bytes_of(data, "challenge", a, &answer->challenge) && text_of(data, "origin", a, &answer->origin) &&
                !json_is_true(json_object_get(data, "crossOrigin"));
    json_decref(data);
    return good;
}

static bool read_parts(const json_t *root, bool create, struct arena *a, struct webauthn_answer *out)
{
    const json_t *response = json_object_get(root, "response");
    slice type;
    if (!text_of(root, "type", a, &type) || !slice_is(type, "public-key")) return false;
    if (!bytes_of(root, "rawId", a, &out->credential) && !bytes_of(root, "id", a, &out->credential)) return false;
    if (out->credential.length > WEBAUTHN_CREDENTIAL_MAXIMUM) return false;
    if (!bytes_of(response, "clientDataJSON", a, &out->client_data)) return false;
    if (create) return bytes_of(response, "attestationObject", a, &out->attestation);
    (void)bytes_of(response, "userHandle", a, &out->user);
    return bytes_of(response, "authenticatorData", a, &out->authenticator_data) &&
           bytes_of(response, "signature", a, &out->signature);
}

rfd_status webauthn_read(slice json, bool create, struct arena *a, struct webauthn_answer *out, struct rfd_error *error)
{
    struct webauthn_answer answer = {.user = SLICE_EMPTY};
    json_t *root = load(json);
    bool good = json_is_object(root) && read_parts(root, create, a, &answer) && read_client_data(&answer, create, a);
    json_decref(root);
    if (!good) return error_set(error, RFD_E_INVALID, "this is no answer of a passkey");
    *out = answer;
    return RFD_OK;
}

static bool is_for(slice data, const char *relying_party)
{
    uint8_t hash[32];
    return data.length >= DATA_SHORTEST && digest_of(DIGEST_SHA256, slice_text(relying_party), hash, NULL) == RFD_OK &&
           memcmp(hash, data.data, sizeof hash) == 0;
}

static bool is_verified(slice data)
{
    return (data.data[FLAGS_AT] & (FLAG_PRESENT | FLAG_VERIFIED)) == (FLAG_PRESENT | FLAG_VERIFIED);
}

static uint32_t counter_of(slice data)
{
    const uint8_t *c = data.data + COUNTER_AT;
    return (uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 | (uint32_t)c[2] << 8 | c[3];
}

/* ---- The attestation object: a CBOR map (RFC 8949), of which only "authData" is wanted ---- */

enum { CBOR_BYTES = 2, CBOR_TEXT = 3, CBOR_ARRAY = 4, CBOR_MAP = 5, CBOR_DEPTH = 8, CBOR_ITEMS = 64 };

/** A head: its major type and argument. Indefinite lengths are not canonical (CTAP2 §6) and not taken. */
static bool cbor_head(slice *s, unsigned *type, uint64_t *argument)
{
    if (s->length == 0) return false;
    unsigned info = s->data[0] & 0x1F;
    size_t extra = info < 24 ? 0 : info <= 27 ? (size_t)1 << (info - 24) : SIZE_MAX;
    *type = s->data[0] >> 5;
    if (extra == SIZE_MAX || s->length - 1 < extra) return false;
    *argument = info;
    if (extra > 0) *argument = 0;
    for (size_t i = 0; i < extra; i++) *argument = *argument << 8 | s->data[1 + i];
    *s = slice_from(*s, 1 + extra);
    return true;
}

static bool cbor_string(slice *s, unsigned wanted, slice *out)
{
    unsigned type;
    uint64_t length;
    if (!cbor_head(s, &type, &length) || type != wanted || length > s->length) return false;
    *out = slice_part(*s, 0, (size_t)length);
    *s = slice_from(*s, (size_t)length);
    return true;
}

static bool cbor_skip(slice *s, unsigned depth)
{
    unsigned type;
    uint64_t argument;
    if (depth == 0 || !cbor_head(s, &type, &argument)) return false;
    if (type == CBOR_BYTES || type == CBOR_TEXT) {
        if (argument > s->length) return false;
        *s = slice_from(*s, (size_t)argument);
        return true;
    }
    if (type != CBOR_ARRAY && type != CBOR_MAP) return type < CBOR_BYTES || type == 7;
    if (argument > CBOR_ITEMS) return false;
    for (uint64_t i = 0; i < (type == CBOR_MAP ? 2 * argument : argument); i++) {
        if (!cbor_skip(s, depth - 1)) return false;
    }
    return true;
}

static bool attestation_data(slice object, slice *out)
{
    unsigned type;
    uint64_t count;
    bool found = false;
    if (!cbor_head(&object, &type, &count) || type != CBOR_MAP || count > CBOR_ITEMS) return false;
    for (uint64_t i = 0; i < count; i++) {
        slice name;
        if (!cbor_string(&object, CBOR_TEXT, &name)) return false;
        bool wanted = slice_is(name, "authData");
        if (wanted && (found || !cbor_string(&object, CBOR_BYTES, out))) return false;
        if (!wanted && !cbor_skip(&object, CBOR_DEPTH)) return false;
        found = found || wanted;
    }
    return found && object.length == 0;
}

/** Authenticator data is what its flags say, to the last octet, with CBOR that ends where it should: libcbor, below
 * libfido2, allocates as much as a stranger's map claims to hold. */
static bool is_sound(slice data)
{
    enum { GUID_SIZE = 16 };
    if (data.length < DATA_SHORTEST) return false;
    unsigned flags = data.data[FLAGS_AT];
    slice rest = slice_from(data, DATA_SHORTEST);
    if ((flags & FLAG_CREDENTIAL) != 0) {
        if (rest.length < GUID_SIZE + 2) return false;
        size_t id = (size_t)rest.data[GUID_SIZE] << 8 | rest.data[GUID_SIZE + 1];
        rest = slice_from(rest, GUID_SIZE + 2);
        if (id == 0 || id > WEBAUTHN_CREDENTIAL_MAXIMUM || id > rest.length) return false;
        rest = slice_from(rest, id);
        if (!cbor_skip(&rest, CBOR_DEPTH)) return false;
    }
    if ((flags & FLAG_EXTENSIONS) != 0 && !cbor_skip(&rest, CBOR_DEPTH)) return false;
    return rest.length == 0;
}

/* ---- A new one ---- */

/** A well-formed key of its algorithm: whether libfido2 takes it. */
static bool is_key(int algorithm, slice key)
{
    es256_pk_t *es = algorithm == COSE_ES256 ? es256_pk_new() : NULL;
    rs256_pk_t *rs = algorithm == COSE_RS256 ? rs256_pk_new() : NULL;
    eddsa_pk_t *ed = algorithm == COSE_EDDSA ? eddsa_pk_new() : NULL;
    bool good = (es != NULL && es256_pk_from_ptr(es, key.data, key.length) == FIDO_OK) ||
                (rs != NULL && rs256_pk_from_ptr(rs, key.data, key.length) == FIDO_OK) ||
                (ed != NULL && eddsa_pk_from_ptr(ed, key.data, key.length) == FIDO_OK);
    es256_pk_free(&es);
    rs256_pk_free(&rs);
    eddsa_pk_free(&ed);
    return good;
}

static rfd_status take_credential(const fido_cred_t *cred, slice data, const struct webauthn_answer *answer,
                                  const char *relying_party, struct arena *a, struct webauthn_credential *out,
                                  struct rfd_error *error)
{
    slice id = slice_of(fido_cred_id_ptr(cred), fido_cred_id_len(cred));
    slice key = slice_of(fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
    int algorithm = fido_cred_type(cred);
    if (!is_for(data, relying_party)) return error_set(error, RFD_E_INVALID, "the passkey is for another site");
    if (!is_verified(data)) return error_set(error, RFD_E_INVALID, "the passkey did not ask who its user is");
    if (id.data == NULL || !slice_equal(id, answer->credential))
        return error_set(error, RFD_E_INVALID, "the passkey has two names");
    if (key.data == NULL || key.length > WEBAUTHN_KEY_MAXIMUM || !is_key(algorithm, key))
        return error_set(error, RFD_E_INVALID, "the passkey's key cannot be used");
    *out = (struct webauthn_credential){
        .id = arena_copy(a, id), .algorithm = algorithm, .public_key = arena_copy(a, key), .counter = counter_of(data)};
    return out->id.data == NULL || out->public_key.data == NULL ? arena_failed(a, error) : RFD_OK;
}

/** Authenticator data with a key of this algorithm, or NULL: libfido2 wants to know before it reads. */
static fido_cred_t *read_credential(slice data, int algorithm)
{
    fido_cred_t *cred = fido_cred_new();
    if (cred == NULL) return NULL;
    if (fido_cred_set_type(cred, algorithm) == FIDO_OK &&
        fido_cred_set_authdata_raw(cred, data.data, data.length) == FIDO_OK)
        return cred;
    fido_cred_free(&cred);
    return NULL;
}

rfd_status webauthn_register(const struct webauthn_answer *answer, const char *relying_party, struct arena *a,
                             struct webauthn_credential *out, struct rfd_error *error)
{
    static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
    fido_cred_t *cred = NULL;
    slice data;
    if (!attestation_data(answer->attestation, &data) || !is_sound(data))
        return error_set(error, RFD_E_INVALID, "the attestation object cannot be read");
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms && cred == NULL; i++)
        cred = read_credential(data, algorithms[i]);
    if (cred == NULL) return error_set(error, RFD_E_INVALID, "the authenticator data cannot be read");
    rfd_status status = take_credential(cred, data, answer, relying_party, a, out, error);
    fido_cred_free(&cred);
    return status;
}

/* ---- One that signs ---- */

static bool set_assertion(fido_assert_t *assertion, const struct webauthn_answer *answer, const char *relying_party)
{
    return fido_assert_set_count(assertion, 1) == FIDO_OK && fido_assert_set_rp(assertion, relying_party) == FIDO_OK &&
           fido_assert_set_clientdata(assertion, answer->client_data.data, answer->client_data.length) == FIDO_OK &&
           fido_assert_set_authdata_raw(assertion, 0, answer->authenticator_data.data,
                                        answer->authenticator_data.length) == FIDO_OK &&
           fido_assert_set_sig(assertion, 0, answer->signature.data, answer->signature.length) == FIDO_OK &&
           fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK;
}

static bool check_signature(const fido_assert_t *assertion, const struct webauthn_credential *credential)
{
    slice key = credential->public_key;
    es256_pk_t *es = NULL;
    rs256_pk_t *rs = NULL;
    eddsa_pk_t *ed = NULL;
    const void *pk = NULL;
    if (credential->algorithm == COSE_ES256 && (es = es256_pk_new()) != NULL &&
        es256_pk_from_ptr(es, key.data, key.length) == FIDO_OK)
        pk = es;
    if (credential->algorithm == COSE_RS256 && (rs = rs256_pk_new()) != NULL &&
        rs256_pk_from_ptr(rs, key.data, key.length) == FIDO_OK)
        pk = rs;
    if (credential->algorithm == COSE_EDDSA && (ed = eddsa_pk_new()) != NULL &&
        eddsa_pk_from_ptr(ed, key.data, key.length) == FIDO_OK)
        pk = ed;
    bool good = pk != NULL && fido_assert_verify(assertion, 0, credential->algorithm, pk) == FIDO_OK;
    es256_pk_free(&es);
    rs256_pk_free(&rs);
    eddsa_pk_free(&ed);
    return good;
}

rfd_status webauthn_verify(const struct webauthn_answer *answer, const struct webauthn_credential *credential,
                           const char *relying_party, uint32_t *counter, struct rfd_error *error)
{
    if (!is_sound(answer->authenticator_data) || !is_for(answer->authenticator_data, relying_party) ||
        !is_verified(answer->authenticator_data))
        return error_set(error, RFD_E_SIGNING, "for another site, or without its user");
    fido_assert_t *assertion = fido_assert_new();
    if (assertion == NULL) return error_memory(error);
    bool good = set_assertion(assertion, answer, relying_party) && check_signature(assertion, credential);
    fido_assert_free(&assertion);
    if (!good) return error_set(error, RFD_E_SIGNING, "the passkey's signature is wrong");
    *counter = counter_of(answer->authenticator_data);
    return RFD_OK;
}
