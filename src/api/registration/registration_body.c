/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/registration_body.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/plain.h"
#include "domain/authority/reason.h"
#include "pki/authority/request.h"
#include "pki/certificate/pem.h"

#include <jansson.h>

/* --- Objects ----------------------------------------------------------------------------------------------------- */

static rfd_status parse_object(slice json, const char *const *known, json_t **out, struct rfd_error *error)
{
    json_error_t why;
    const char *name;
    json_t *value;
    json_t *object = json_loadb((const char *)json.data, json.length, JSON_REJECT_DUPLICATES, &why);
    if (object == NULL) return error_set(error, RFD_E_REQUEST, "JSON, line %d: %s", why.line, why.text);
    rfd_status status = RFD_OK;
    if (!json_is_object(object)) status = error_set(error, RFD_E_REQUEST, "not a JSON object");
    json_object_foreach(object, name, value)
    {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], name) != 0) i++;
        if (known[i] == NULL && status == RFD_OK) status = error_set(error, RFD_E_REQUEST, "unknown member %s", name);
    }
    if (status == RFD_OK)
        *out = object;
    else
        json_decref(object);
    return status;
}

/** The member's text, in the arena; empty when it is not there and need not be. */
static rfd_status take_text(const json_t *object, const char *name, bool required, struct arena *a, slice *out,
                            struct rfd_error *error)
{
    const json_t *value = json_object_get(object, name);
    *out = SLICE_EMPTY;
    if (value == NULL && !required) return RFD_OK;
    if (!json_is_string(value) || json_string_length(value) == 0)
        return error_set(error, RFD_E_REQUEST, "%s is missing or no text", name);
    *out = arena_copy(a, slice_of(json_string_value(value), json_string_length(value)));
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status decode(slice text, const char *name, struct arena *a, slice *out, struct rfd_error *error)
{
    size_t length = 0;
    uint8_t *bytes = arena_allocate(a, text.length / 4 * 3 + 3);
    if (bytes == NULL) return arena_failed(a, error);
    if (!number_base64(text, bytes, &length) || length == 0)
        return error_set(error, RFD_E_REQUEST, "%s is not base64", name);
    *out = slice_of(bytes, length);
    return RFD_OK;
}

/* --- Orders ------------------------------------------------------------------------------------------------------ */

/** PEM, or the base64 of its DER. */
static rfd_status decode_request(slice text, struct arena *a, slice *out, struct rfd_error *error)
{
    struct pem_block block;
    slice rest = text;
    if (!pem_next(&rest, &block)) return decode(text, "csr", a, out, error);
    if (!slice_is(block.label, "CERTIFICATE REQUEST") && !slice_is(block.label, "NEW CERTIFICATE REQUEST"))
        return error_set(error, RFD_E_REQUEST, "csr is PEM of something else");
    return decode(block.body, "csr", a, out, error);
}

/** What an order says, before it is decoded; it lies where it came, or in the JSON object. */
struct order_text {
    slice authority, request;
    slice approvals[APPROVALS_MAXIMUM];
    size_t approval_count;
};

static rfd_status take_approvals(const json_t *object, struct order_text *out, struct rfd_error *error)
{
    const json_t *list = json_object_get(object, "approvals");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > APPROVALS_MAXIMUM)
        return error_set(error, RFD_E_REQUEST, "approvals is no list of one or two");
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_string(value)) return error_set(error, RFD_E_REQUEST, "approvals has something that is no text");
        out->approvals[i] = slice_of(json_string_value(value), json_string_length(value));
    }
    out->approval_count = count;
    return RFD_OK;
}

static rfd_status take_members(const json_t *object, struct arena *a, struct order_text *out, struct rfd_error *error)
{
    TRY(take_text(object, "authority", true, a, &out->authority, error));
    TRY(take_text(object, "csr", true, a, &out->request, error));
    return take_approvals(object, out, error);
}

static rfd_status decode_order(const struct order_text *text, struct arena *a, struct registration_order *out,
                               struct rfd_error *error)
{
    struct registration_order order = {.approval_count = text->approval_count};
    order.authority = arena_copy(a, text->authority);
    if (order.authority.data == NULL) return arena_failed(a, error);
    TRY(decode_request(text->request, a, &order.request, error));
    for (size_t i = 0; i < order.approval_count; i++)
        TRY(decode(text->approvals[i], "approvals", a, &order.approvals[i], error));
    *out = order;
    return RFD_OK;
}

/* Nearly all orders are texts without escapes, that is names and base64, and nothing else. These are taken where they
 * are, in a twentieth of the time; whatever is not exactly so goes the long way, which says what is wrong. */

static bool take_sign(slice *json, uint8_t sign)
{
    while (json->length > 0 &&
           (json->data[0] == ' ' || json->data[0] == '\n' || json->data[0] == '\r' || json->data[0] == '\t'))
        *json = slice_from(*json, 1);
    if (json->length == 0 || json->data[0] != sign) return false;
    *json = slice_from(*json, 1);
    return true;
}

/** A text of visible ASCII characters and spaces, not empty. */
static bool take_plain(slice *json, slice *out)
{
    if (!take_sign(json, '"')) return false;
    *out = slice_part(*json, 0, plain_length(*json));
    bool ends = out->length < json->length && json->data[out->length] == '"';
    *json = slice_from(*json, out->length + 1);
    return ends && out->length > 0;
}

static bool take_plain_list(slice *json, struct order_text *out)
{
    if (out->approval_count > 0 || !take_sign(json, '[')) return false;
    do {
        if (out->approval_count == APPROVALS_MAXIMUM || !take_plain(json, &out->approvals[out->approval_count]))
            return false;
        out->approval_count++;
    } while (take_sign(json, ','));
    return take_sign(json, ']');
}

static bool take_plain_member(slice *json, struct order_text *out)
{
    slice name;
    if (!take_plain(json, &name) || !take_sign(json, ':')) return false;
    if (slice_is(name, "authority")) return out->authority.length == 0 && take_plain(json, &out->authority);
    if (slice_is(name, "csr")) return out->request.length == 0 && take_plain(json, &out->request);
    return slice_is(name, "approvals") && take_plain_list(json, out);
}

static bool take_plain_order(slice json, struct order_text *out)
{
    struct order_text text = {.approval_count = 0};
    if (!take_sign(&json, '{')) return false;
    do {
        if (!take_plain_member(&json, &text)) return false;
    } while (take_sign(&json, ','));
    if (!take_sign(&json, '}') || take_sign(&json, 0) || json.length > 0) return false;
    *out = text;
    return text.authority.length > 0 && text.request.length > 0 && text.approval_count > 0;
}

rfd_status registration_read_order(slice json, struct arena *a, struct registration_order *out, struct rfd_error *error)
{
    static const char *const known[] = {"authority", "csr", "approvals", NULL};
    struct order_text text = {.approval_count = 0};
    json_t *object = NULL;
    if (take_plain_order(json, &text)) return decode_order(&text, a, out, error);
    text = (struct order_text){.approval_count = 0};
    TRY(parse_object(json, known, &object, error));
    rfd_status status = take_members(object, a, &text, error);
    if (status == RFD_OK) status = decode_order(&text, a, out, error);
    json_decref(object);
    return status;
}

/* --- Revocations ------------------------------------------------------------------------------------------------- */

rfd_status registration_read_revocation(slice json, struct arena *a, struct registration_revocation *out,
                                        struct rfd_error *error)
{
    static const char *const known[] = {"authority", "reason", "invalid_since", NULL};
    struct registration_revocation r = {.invalid_since = RFD_TIME_NONE};
    json_t *object = NULL;
    slice reason = SLICE_EMPTY;
    slice since = SLICE_EMPTY;
    TRY(parse_object(json, known, &object, error));
    rfd_status status = take_text(object, "authority", true, a, &r.authority, error);
    if (status == RFD_OK) status = take_text(object, "reason", true, a, &reason, error);
    if (status == RFD_OK) status = take_text(object, "invalid_since", false, a, &since, error);
    json_decref(object);
    TRY(status);
    if (!reason_from_name(reason, &r.reason)) return error_set(error, RFD_E_REQUEST, "reason is none of RFC 5280");
    if (since.length > 0 && !clock_parse_iso(since, &r.invalid_since))
        return error_set(error, RFD_E_REQUEST, "invalid_since is no time such as 2026-11-22T10:00:00Z");
    *out = r;
    return RFD_OK;
}
