/* SPDX-License-Identifier: EUPL-1.2
 *
 * credentials/authorize by PIN, for entities' seals, and with a code where their approval wants one: sendOTP of 1.0.4,
 * getChallenge of 2.0. extendTransaction. Handles are never given: people authorise on our own pages.
 */
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "web/csc/api.h"

/* ---- Numbers and hashes ---- */

struct asked {
    slice *hashes;
    size_t count;
    enum digest_id digest;
    slice pin, code;
};

static rfd_status check_twice(struct csc_call *call, const struct asked *a, struct rfd_error *error)
{
    for (size_t i = 1; i < a->count; i++)
        for (size_t k = 0; k < i; k++)
            if (slice_equal(a->hashes[i], a->hashes[k])) return csc_no(call, CSC_NO_HASH_TWICE, error);
    return RFD_OK;
}

/** 2.0 wants the digest named, and it is the one of that length; 1.0.4 has no word for it. */
static rfd_status read_digest(struct csc_call *call, struct asked *a, struct rfd_error *error)
{
    a->digest = csc_digest_of_length(a->hashes[0].length);
    if (call->version == 1) return RFD_OK;
    if (csc_value(call, "hashAlgorithmOID") == NULL) return csc_no(call, CSC_NO_DIGEST_MISSING, error);
    enum digest_id named = csc_digest(csc_text(call, "hashAlgorithmOID"));
    if (named == DIGEST_NONE) return csc_no(call, CSC_NO_DIGEST_INVALID, error);
    return named == a->digest ? RFD_OK : csc_no(call, CSC_NO_HASH_LENGTH, error);
}

static rfd_status read_hashes(struct csc_call *call, enum csc_refusal many, struct asked *a, struct rfd_error *error)
{
    const json_t *array = csc_value(call, call->version == 1 ? "hash" : "hashes");
    TRY(csc_hashes(call, array, many, &a->hashes, &a->count, error));
    return read_digest(call, a, error);
}

static rfd_status read_asked(struct csc_call *call, struct asked *a, struct rfd_error *error)
{
    json_int_t number = json_integer_value(csc_value(call, "numSignatures"));
    if (number < 1) return csc_no(call, CSC_NO_COUNT_INVALID, error);
    if (number > CSC_HASHES) return csc_no(call, CSC_NO_COUNT_HIGH, error);
    TRY(read_hashes(call, CSC_NO_COUNT_HIGH, a, error));
    /* SCAL2: as many as were named, each of them once. */
    if ((size_t)number != a->count) return csc_no(call, CSC_NO_COUNT_INVALID, error);
    TRY(check_twice(call, a, error));
    slice description = csc_text(call, "description");
    bool good = text_characters(description) <= CSC_DESCRIPTION_MAXIMUM && text_is_printable(description);
    return good ? RFD_OK : csc_no(call, CSC_NO_DESCRIPTION, error);
}

/* ---- authorize ---- */

static enum csc_refusal wrong_pin(const struct csc_call *call)
{
    return call->version == 1 ? CSC_NO_PIN_INVALID : CSC_NO_PROOF_INVALID;
}

static enum csc_refusal wrong_code(const struct csc_call *call)
{
    return call->version == 1 ? CSC_NO_OTP_INVALID : CSC_NO_PROOF_INVALID;
}

/** Of PIN and code the one that is locked. */
static enum csc_refusal locked(struct csc_call *call)
{
    struct central_credential found;
    if (call->version != 1) return CSC_NO_PROOF_LOCKED;
    rfd_status status =
        central_credential_show(&call->central, csc_text(call, "credentialID"), call->page->arena, &found, NULL);
    bool code = status == RFD_OK && found.state != PERSONAL_LOCKED && found.codes_refused_until > call->page->now;
    return code ? CSC_NO_OTP_LOCKED : CSC_NO_PIN_LOCKED;
}

/** What the keeper and the grants say no to, by its standard's name. */
static rfd_status refuse(struct csc_call *call, rfd_status status, struct rfd_error *error)
{
    switch (status) {
    case RFD_E_NOT_FOUND:
    case RFD_E_FORBIDDEN: return csc_no(call, CSC_NO_CREDENTIAL_INVALID, error);
    case RFD_E_STATE:
    case RFD_E_CERTIFICATE_EXPIRED: return csc_no(call, CSC_NO_CREDENTIAL_DISABLED, error);
    case RFD_E_KEY_REFUSED: return csc_no(call, CSC_NO_STATEMENT, error);
    case RFD_E_ARGUMENT: /* the keeper shows no such text; of the portal's own name nothing helps */
        return csc_text(call, "description").length > 0 ? csc_no(call, CSC_NO_DESCRIPTION, error) : status;
    case RFD_E_ACTIVATION_ENDED: /* newer ones of the same seal were begun meanwhile */
        return csc_no(call, CSC_NO_UNAVAILABLE, error);
    case RFD_E_ACTIVATION_PASSWORD: return csc_no(call, wrong_pin(call), error);
    case RFD_E_ACTIVATION_CODE: return csc_no(call, wrong_code(call), error);
    case RFD_E_CREDENTIAL_LOCKED: return csc_no(call, locked(call), error);
    default: return status;
    }
}

static rfd_status answer_sad(struct csc_call *call, char token[CSC_TOKEN_SIZE], rfd_time ends, struct rfd_error *error)
{
    rfd_time left = (ends - call->page->now) / RFD_SECOND;
    json_t *json = json_pack("{s:s, s:I}", "SAD", token, "expiresIn", (json_int_t)(left < 0 ? 0 : left));
    secret_wipe(token, CSC_TOKEN_SIZE);
    return csc_answer(call->page, json, error);
}

static rfd_status authorize(struct csc_call *call, struct asked *a, struct rfd_error *error)
{
    char token[CSC_TOKEN_SIZE];
    rfd_time ends = 0;
    struct csc_hash *hashes = arena_zeroed(call->page->arena, a->count, sizeof *hashes);
    if (hashes == NULL) return arena_failed(call->page->arena, error);
    for (size_t i = 0; i < a->count; i++) hashes[i].hash = a->hashes[i];
    const struct csc_order order = {.token = &call->token,
                                    .version = call->version,
                                    .credential = csc_text(call, "credentialID"),
                                    .pin = a->pin,
                                    .code = a->code,
                                    .description = csc_text(call, "description"),
                                    .statement = csc_text(call, "statement"),
                                    .digest = a->digest,
                                    .hashes = hashes,
                                    .count = a->count};
    rfd_status status = csc_authorise(&call->central, &order, call->page->arena, token, &ends, error);
    return status == RFD_OK ? answer_sad(call, token, ends, error) : refuse(call, status, error);
}

rfd_status csc_authorize_v1(struct csc_call *call, struct rfd_error *error)
{
    struct asked a = {.count = 0};
    TRY(read_asked(call, &a, error));
    a.pin = csc_text(call, "PIN");
    a.code = csc_text(call, "OTP");
    return a.pin.length == 0 ? csc_no(call, CSC_NO_PIN_INVALID, error) : authorize(call, &a, error);
}

/** Objects of credentials/info: {"id":"PIN","value":"..."}, {"id":"OTP","value":"..."}; each once. */
static bool read_proofs(const json_t *proofs, struct asked *a)
{
    for (size_t i = 0; i < json_array_size(proofs); i++) {
        const json_t *proof = json_array_get(proofs, i);
        slice id = csc_json_text(json_object_get(proof, "id")), value = csc_json_text(json_object_get(proof, "value"));
        slice *to = slice_is(id, "PIN") ? &a->pin : slice_is(id, "OTP") ? &a->code : NULL;
        if (to == NULL || to->length > 0 || value.length == 0 || value.length > CSC_PIN_MAXIMUM) return false;
        *to = value;
    }
    return a->pin.length > 0;
}

rfd_status csc_authorize_v2(struct csc_call *call, struct rfd_error *error)
{
    struct asked a = {.count = 0};
    TRY(read_asked(call, &a, error));
    if (!read_proofs(csc_value(call, "authData"), &a)) return csc_no(call, CSC_NO_PROOF_INVALID, error);
    return authorize(call, &a, error);
}

/* ---- Codes ---- */

/** The answer says nothing: the code comes to a telephone. */
static rfd_status send_code(struct csc_call *call, struct rfd_error *error)
{
    slice language = slice_text(language_code(call->page->language));
    rfd_status status =
        csc_send_code(&call->central, &call->token, csc_text(call, "credentialID"), language, call->page->arena, error);
    if (status != RFD_OK) return refuse(call, status, error);
    csc_answer_nothing(call->page);
    return RFD_OK;
}

rfd_status csc_send_otp(struct csc_call *call, struct rfd_error *error)
{
    return send_code(call, error);
}

rfd_status csc_challenge(struct csc_call *call, struct rfd_error *error)
{
    struct central_credential found;
    TRY(csc_find_credential(call, &found, error));
    bool known = found.code && slice_is(csc_text(call, "authObjectID"), "OTP");
    return known ? send_code(call, error) : csc_no(call, CSC_NO_OBJECT, error);
}

/* ---- extendTransaction ---- */

struct renewing {
    struct csc_call *call;
    char token[CSC_TOKEN_SIZE];
};

static rfd_status renew(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *r = context;
    return csc_token_renew(t, &r->call->sad, r->call->sad_text, r->token, error);
}

/** Under a new token, for what the keeper was told already: nothing else can be added to it. */
rfd_status csc_extend(struct csc_call *call, struct rfd_error *error)
{
    struct renewing r = {.call = call};
    struct asked a = {.count = 0};
    TRY(csc_need_sad(call, error));
    TRY(read_hashes(call, CSC_NO_HASH_REFUSED, &a, error));
    if (a.count > call->sad.count) return csc_no(call, CSC_NO_HASH_REFUSED, error);
    rfd_status status = csc_check(&call->central, &call->sad, a.hashes, a.count, error);
    if (status == RFD_E_HASH_NOT_AUTHORISED) return csc_no(call, CSC_NO_HASH_REFUSED, error);
    if (status == RFD_E_ACTIVATION_ENDED) return csc_no(call, CSC_NO_SAD_EXPIRED, error);
    if (status == RFD_OK) status = page_write(call->page, renew, &r, error);
    if (status == RFD_E_UNAUTHORISED) return csc_no(call, CSC_NO_SAD_INVALID, error); /* somebody was first */
    return status == RFD_OK ? answer_sad(call, r.token, call->sad.ends, error) : status;
}

/* ---- What no credential here has ---- */

rfd_status csc_no_handle(struct csc_call *call, struct rfd_error *error)
{
    return csc_no(call, CSC_NO_HANDLE, error);
}
