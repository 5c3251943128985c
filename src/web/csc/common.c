/* SPDX-License-Identifier: EUPL-1.2
 *
 * What several methods do: algorithms by their OID, hashes, what authorises, answers that are asked for later.
 */
#include "base/error.h"
#include "base/number.h"
#include "pki/certificate/certificate.h"
#include "pki/oid.h"
#include "web/csc/api.h"
#include "web/internal.h"

#include <stdlib.h>

enum { MILLISECONDS = 1000 };

/* ---- Language ---- */

void csc_speak(struct csc_call *call)
{
    const struct web_options *o = &call->page->web->options;
    slice asked = csc_text(call, "lang");
    slice wanted = http_cut(&asked, '-'); /* RFC 5646: "ca-ES" is "ca" */
    for (size_t i = 0; i < o->language_count; i++)
        if (slice_is(wanted, language_code(o->languages[i]))) call->page->language = o->languages[i];
}

/* ---- Algorithms ---- */

static const struct {
    const char *oid;
    enum digest_id digest;
} digests[] = {{"2.16.840.1.101.3.4.2.1", DIGEST_SHA256},
               {"2.16.840.1.101.3.4.2.2", DIGEST_SHA384},
               {"2.16.840.1.101.3.4.2.3", DIGEST_SHA512}};

static const struct {
    const char *oid;
    bool rsa;
    enum digest_id digest; /* DIGEST_NONE: hashAlgo says it */
} algorithms[] = {{CSC_OID_RSA, true, DIGEST_NONE},
                  {CSC_OID_RSA_SHA256, true, DIGEST_SHA256},
                  {CSC_OID_RSA_SHA384, true, DIGEST_SHA384},
                  {CSC_OID_RSA_SHA512, true, DIGEST_SHA512},
                  {CSC_OID_ECDSA_SHA256, false, DIGEST_SHA256},
                  {CSC_OID_ECDSA_SHA384, false, DIGEST_SHA384},
                  {CSC_OID_ECDSA_SHA512, false, DIGEST_SHA512}};

enum digest_id csc_digest(slice oid_text)
{
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        if (slice_is(oid_text, digests[i].oid)) return digests[i].digest;
    return DIGEST_NONE;
}

enum digest_id csc_digest_of_length(size_t length)
{
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        if (digest_size(digests[i].digest) == length) return digests[i].digest;
    return DIGEST_NONE;
}

/** RSASSA-PSS is nothing that keys here sign; what is missing of it is told all the same. */
enum csc_refusal csc_algorithm(slice algorithm, slice parameters, slice hash_algorithm, bool rsa, enum digest_id *out)
{
    if (slice_is(algorithm, CSC_OID_RSA_PSS) && parameters.length == 0) return CSC_NO_ALGORITHM_PARAMETERS;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (!slice_is(algorithm, algorithms[i].oid) || algorithms[i].rsa != rsa) continue;
        *out = algorithms[i].digest;
        if (*out != DIGEST_NONE) return CSC_REFUSED_NOT;
        if (hash_algorithm.length == 0) return CSC_NO_DIGEST_MISSING;
        *out = csc_digest(hash_algorithm);
        return *out == DIGEST_NONE ? CSC_NO_DIGEST_INVALID : CSC_REFUSED_NOT;
    }
    return CSC_NO_ALGORITHM;
}

/* ---- Base64 ---- */

bool csc_base64(const struct csc_call *call, slice text, slice *out)
{
    size_t length = 0;
    uint8_t *octets = arena_allocate(call->page->arena, text.length / 4 * 3 + 3);
    if (octets == NULL || text.length == 0 || !number_base64(text, octets, &length) || length == 0) return false;
    *out = slice_of(octets, length);
    return true;
}

json_t *csc_json_base64(const struct csc_call *call, slice octets)
{
    struct buf b;
    buf_init(&b, octets.length / 3 * 4 + 8);
    (void)call;
    buf_put_base64(&b, octets);
    json_t *text = buf_status(&b) == RFD_OK ? json_stringn((const char *)b.data, b.length) : NULL;
    buf_dispose(&b);
    return text;
}

/* ---- Hashes ---- */

static rfd_status decode_hash(struct csc_call *call, const json_t *value, slice *out, struct rfd_error *error)
{
    if (!csc_base64(call, csc_json_text(value), out)) return csc_no(call, CSC_NO_HASH_BASE64, error);
    return csc_digest_of_length(out->length) == DIGEST_NONE ? csc_no(call, CSC_NO_HASH_LENGTH, error) : RFD_OK;
}

rfd_status csc_hashes(struct csc_call *call, const json_t *array, enum csc_refusal many, slice **out, size_t *count,
                      struct rfd_error *error)
{
    bool one = json_is_string(array);
    size_t number = one ? 1 : json_array_size(array);
    if (number == 0) return csc_no(call, CSC_NO_HASH_EMPTY, error);
    if (number > CSC_HASHES) return csc_no(call, many, error);
    slice *hashes = arena_zeroed(call->page->arena, number, sizeof *hashes);
    if (hashes == NULL) return arena_failed(call->page->arena, error);
    for (size_t i = 0; i < number; i++) {
        TRY(decode_hash(call, one ? array : json_array_get(array, i), &hashes[i], error));
        if (hashes[i].length != hashes[0].length) return csc_no(call, CSC_NO_HASH_LENGTH, error);
    }
    *out = hashes;
    *count = number;
    return RFD_OK;
}

/* ---- What authorises ---- */

/** "O=...,CN=...", as 1.0.4 has a certificate called that has expired. */
static void put_name(const struct certificate *certificate, char out[CSC_NAME_SIZE])
{
    struct buf b;
    buf_init(&b, CSC_NAME_SIZE - 1);
    buf_put_text(&b, "O=");
    (void)certificate_name_attribute(certificate->subject, oid(OID_ORGANIZATION), &b);
    buf_put_text(&b, ",CN=");
    (void)certificate_name_attribute(certificate->subject, oid(OID_COMMON_NAME), &b);
    if (buf_status(&b) == RFD_OK) memcpy(out, b.data, b.length);
    out[buf_status(&b) == RFD_OK ? b.length : 0] = '\0';
    buf_dispose(&b);
}

/** Of one that is not remembered. */
static rfd_status learn_key(struct csc_call *call, struct rfd_error *error)
{
    struct central_credential found;
    const struct certificate *certificate = NULL;
    TRY(central_credential_show(&call->central, call->sad.credential, call->page->arena, &found, error));
    if (found.certificate.length == 0 || found.registered == 0) return error_set(error, RFD_E_NOT_FOUND, "certificate");
    TRY(certificate_parse(found.certificate, &certificate, error));
    struct csc_key key = {.registered = found.registered,
                          .not_before = found.not_before,
                          .not_after = found.not_after,
                          .rsa = certificate->key_type == KEY_RSA};
    memcpy(key.id, found.id, sizeof key.id);
    put_name(certificate, key.name);
    certificate_unref(certificate);
    csc_known_put(call->page->web->csc_known, &key);
    call->key = key;
    call->key_in_force = !found.revoked && !found.held && found.state != PERSONAL_DESTROYED;
    call->key_known = true;
    return RFD_OK;
}

static rfd_status check_key(struct csc_call *call, struct rfd_error *error)
{
    if (!call->key_known) {
        rfd_status status = learn_key(call, error);
        if (status == RFD_E_NOT_FOUND) return csc_no(call, CSC_NO_CREDENTIAL_DISABLED, error);
        if (status != RFD_OK) return status;
    }
    if (call->page->now >= call->key.not_after) {
        rfd_status status = csc_no(call, CSC_NO_CERTIFICATE_EXPIRED, error);
        const char *text = call->version != 1
                               ? NULL
                               : arena_print(call->page->arena, "Signing certificate '%s' is expired.", call->key.name);
        if (text != NULL) call->refused.description = text;
        return status;
    }
    return call->key_in_force ? RFD_OK : csc_no(call, CSC_NO_CREDENTIAL_DISABLED, error);
}

/** A portal's for itself, or for the person that its token is of. */
static bool is_ours(const struct csc_call *call)
{
    const struct csc_token *token = &call->token, *sad = &call->sad;
    return sad->portal.id == token->portal.id && (token->account == 0 || token->account == sad->account);
}

rfd_status csc_need_sad(struct csc_call *call, struct rfd_error *error)
{
    bool given = csc_value(call, "SAD") != NULL;
    if (!given && call->token.kind != CSC_TOKEN_CREDENTIAL) return csc_no_parameter(call, "SAD", error);
    if (call->sad_ended) return csc_no(call, CSC_NO_SAD_EXPIRED, error);
    if (!call->has_sad || !is_ours(call)) return csc_no(call, CSC_NO_SAD_INVALID, error);
    if (!slice_equal(csc_text(call, "credentialID"), call->sad.credential))
        return csc_no(call, CSC_NO_CREDENTIAL_INVALID, error);
    return check_key(call, error);
}

/* ---- Now, or later ---- */

bool csc_is_later(const struct csc_call *call)
{
    return slice_is(csc_text(call, "operationMode"), "A");
}

static rfd_status look_for_room(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct csc_call *call = context;
    return csc_result_room(t, call->token.portal.id, call->page->now, error);
}

rfd_status csc_check_mode(struct csc_call *call, struct rfd_error *error)
{
    slice mode = csc_text(call, "operationMode");
    const json_t *period = csc_value(call, "validity_period");
    if (mode.length > 0 && !csc_is_later(call) && !slice_is(mode, "S")) return csc_no(call, CSC_NO_MODE, error);
    if (period != NULL && !csc_is_later(call)) return csc_no(call, CSC_NO_PERIOD, error);
    if (period != NULL && (json_integer_value(period) < MILLISECONDS ||
                           json_integer_value(period) > CSC_RESULT_SECONDS * (json_int_t)MILLISECONDS))
        return csc_no(call, CSC_NO_PERIOD_BOUNDS, error);
    /* Nobody is called from here: who waits asks. */
    if (csc_value(call, "response_uri") != NULL) return csc_no(call, CSC_NO_RESPONSE_URI, error);
    return RFD_OK;
}

rfd_status csc_check_room(struct csc_call *call, struct rfd_error *error)
{
    return csc_is_later(call) ? page_write(call->page, look_for_room, call, error) : RFD_OK;
}

struct keeping {
    struct csc_call *call;
    slice answer;
    unsigned seconds;
    char id[CSC_TOKEN_SIZE];
};

static rfd_status keep_answer(struct transaction *t, void *context, struct rfd_error *error)
{
    struct keeping *k = context;
    return csc_result_keep(t, &k->call->token, k->answer, k->seconds, k->id, error);
}

rfd_status csc_answer_mode(struct csc_call *call, json_t *answer, struct rfd_error *error)
{
    const json_t *period = csc_value(call, "validity_period");
    struct keeping k = {.call = call, .seconds = CSC_RESULT_SECONDS};
    if (!csc_is_later(call)) return csc_answer(call->page, answer, error);
    if (period != NULL) k.seconds = (unsigned)(json_integer_value(period) / MILLISECONDS);
    char *text = json_dumps(answer, JSON_COMPACT);
    if (text == NULL || strlen(text) > CSC_RESULT_MAXIMUM) {
        free(text);
        return csc_answer(call->page, answer, error);
    }
    json_decref(answer);
    k.answer = slice_text(text);
    rfd_status status = page_write(call->page, keep_answer, &k, error);
    free(text);
    TRY(status);
    return csc_answer(call->page, json_pack("{s:s}", "responseID", k.id), error);
}

/* ---- Credentials ---- */

rfd_status csc_find_credential(struct csc_call *call, struct central_credential *out, struct rfd_error *error)
{
    struct central_credential *all = NULL;
    size_t count = 0;
    slice id = csc_text(call, "credentialID");
    const struct csc_token *token = &call->token;
    if (token->kind == CSC_TOKEN_CREDENTIAL) {
        if (!slice_equal(id, token->credential)) return csc_no(call, CSC_NO_CREDENTIAL_INVALID, error);
        rfd_status status = central_credential_show(&call->central, id, call->page->arena, out, error);
        return status == RFD_E_NOT_FOUND ? csc_no(call, CSC_NO_CREDENTIAL_INVALID, error) : status;
    }
    TRY(csc_credentials(&call->central, token, call->page->arena, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(id, all[i].id)) continue;
        *out = all[i];
        return RFD_OK;
    }
    return csc_no(call, CSC_NO_CREDENTIAL_INVALID, error);
}
