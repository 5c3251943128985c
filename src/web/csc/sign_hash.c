/* SPDX-License-Identifier: EUPL-1.2
 *
 * signatures/signHash, signPolling, timestamp. All hashes of a request are one question to the personal keeper, and the
 * database is looked into once, for the tokens (front.c).
 */
#include "base/error.h"
#include "base/number.h"
#include "web/csc/api.h"

enum { NONCE_MAXIMUM = 20 };

/* ---- signHash ---- */

static const char *name_of(const struct csc_call *call, const char *v1, const char *v2)
{
    return call->version == 1 ? v1 : v2;
}

/** What may be wrong about hashes and algorithms, in the order of the standard's table. */
static rfd_status read_hashes(struct csc_call *call, slice **hashes, size_t *count, struct rfd_error *error)
{
    enum digest_id digest = DIGEST_NONE;
    const json_t *array = csc_value(call, name_of(call, "hash", "hashes"));
    TRY(csc_hashes(call, array, CSC_NO_HASH_REFUSED, hashes, count, error));
    enum csc_refusal no =
        csc_algorithm(csc_text(call, "signAlgo"), csc_text(call, "signAlgoParams"),
                      csc_text(call, name_of(call, "hashAlgo", "hashAlgorithmOID")), call->key.rsa, &digest);
    if (no != CSC_REFUSED_NOT) return csc_no(call, no, error);
    if ((*hashes)[0].length != digest_size(digest)) return csc_no(call, CSC_NO_HASH_LENGTH, error);
    /* Documents are signed by signDoc: what stands in for them is nothing that was shown. */
    if (call->sad.documents || digest != call->sad.digest || *count > call->sad.count)
        return csc_no(call, CSC_NO_HASH_REFUSED, error);
    return RFD_OK;
}

static rfd_status answer(struct csc_call *call, const slice *signatures, size_t count, struct rfd_error *error)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, csc_json_base64(call, signatures[i]));
    if (json_array_size(list) != count) {
        json_decref(list);
        return error_memory(error);
    }
    return csc_answer_mode(call, json_pack("{s:o}", "signatures", list), error);
}

rfd_status csc_sign_hash(struct csc_call *call, struct rfd_error *error)
{
    slice *hashes = NULL;
    size_t count = 0;
    TRY(csc_need_sad(call, error));
    TRY(csc_check_mode(call, error));
    TRY(read_hashes(call, &hashes, &count, error));
    TRY(csc_check_room(call, error));
    slice *signatures = arena_zeroed(call->page->arena, count, sizeof *signatures);
    if (signatures == NULL) return arena_failed(call->page->arena, error);
    rfd_status status = csc_sign(&call->central, &call->sad, hashes, count, call->page->arena, signatures, error);
    if (status == RFD_E_HASH_NOT_AUTHORISED) return csc_no(call, CSC_NO_HASH_REFUSED, error);
    if (status == RFD_E_ACTIVATION_ENDED) return csc_no(call, CSC_NO_SAD_EXPIRED, error);
    return status == RFD_OK ? answer(call, signatures, count, error) : status;
}

/* ---- signPolling ---- */

struct polling {
    struct csc_call *call;
    slice answer;
};

static rfd_status find_result(struct transaction *t, void *context, struct rfd_error *error)
{
    struct polling *p = context;
    TRY(csc_result_find(t, &p->call->token, csc_text(p->call, "requestID"), &p->answer, error));
    return store_keep(p->call->page->arena, &p->answer, error);
}

rfd_status csc_poll(struct csc_call *call, struct rfd_error *error)
{
    struct polling p = {.call = call};
    if (csc_value(call, "userID") != NULL && call->token.account != 0) return csc_no(call, CSC_NO_POLL_USER, error);
    rfd_status status = page_read(call->page, find_result, &p, error);
    if (status == RFD_E_NOT_FOUND) return csc_no(call, CSC_NO_REQUEST, error);
    if (status != RFD_OK) return status;
    http_response_body(call->page->response, "application/json", p.answer);
    http_response_cache(call->page->response, HTTP_NO_STORE, 0);
    return RFD_OK;
}

/* ---- timestamp ---- */

/** Hexadecimal digits of a number above zero. */
static bool read_nonce(slice text, uint8_t number[NONCE_MAXIMUM + 1], slice *out)
{
    uint8_t padded[2 * NONCE_MAXIMUM + 2];
    size_t odd = text.length % 2;
    if (text.length == 0 || text.length > 2 * NONCE_MAXIMUM) return false;
    padded[0] = '0';
    memcpy(padded + odd, text.data, text.length);
    if (!number_hex(slice_of(padded, text.length + odd), number)) return false;
    *out = slice_of(number, (text.length + odd) / 2);
    while (out->length > 0 && out->data[0] == 0) *out = slice_from(*out, 1);
    return out->length > 0;
}

rfd_status csc_timestamp(struct csc_call *call, struct rfd_error *error)
{
    uint8_t number[NONCE_MAXIMUM + 1];
    slice hash = SLICE_EMPTY, nonce = SLICE_EMPTY, token = SLICE_EMPTY;
    enum digest_id digest = csc_digest(csc_text(call, "hashAlgo"));
    if (csc_text(call, "hash").length == 0) return csc_no(call, CSC_NO_STAMP_EMPTY, error);
    if (!csc_base64(call, csc_text(call, "hash"), &hash)) return csc_no(call, CSC_NO_HASH_BASE64, error);
    if (csc_digest_of_length(hash.length) == DIGEST_NONE) return csc_no(call, CSC_NO_HASH_LENGTH, error);
    if (digest == DIGEST_NONE) return csc_no(call, CSC_NO_STAMP_DIGEST, error);
    if (hash.length != digest_size(digest)) return csc_no(call, CSC_NO_HASH_LENGTH, error);
    if (csc_value(call, "nonce") != NULL && !read_nonce(csc_text(call, "nonce"), number, &nonce))
        return csc_no(call, CSC_NO_NONCE, error);
    const char *service = sign_options_service(call->central.settings, call->page->arena);
    if (service == NULL) return arena_failed(call->page->arena, error);
    TRY(csc_stamp(service, digest, hash, nonce, call->page->arena, &token, error));
    return csc_answer(call->page, json_pack("{s:o}", "timestamp", csc_json_base64(call, token)), error);
}
