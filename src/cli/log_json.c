/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/log_json.h"

#include "base/error.h"
#include "base/number.h"

#include <jansson.h>

enum { HASH = TRANSPARENCY_HASH_SIZE, BASE64_MAXIMUM = 8192 };
#define MILLISECOND ((rfd_time)1000)

static json_t *load(slice text, struct rfd_error *error)
{
    json_error_t where;
    json_t *object = NULL;
    if (text.length <= LOG_JSON_MAXIMUM && text.length > 0)
        object = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(object)) return object;
    json_decref(object);
    (void)error_set(error, RFD_E_PROTOCOL, "the log's answer is no JSON object");
    return NULL;
}

static rfd_status wrong(const char *name, struct rfd_error *error)
{
    return error_set(error, RFD_E_PROTOCOL, "the log's answer: %s", name);
}

static rfd_status take_number(const json_t *object, const char *name, uint64_t *out, struct rfd_error *error)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0) return wrong(name, error);
    *out = (uint64_t)json_integer_value(value);
    return RFD_OK;
}

static bool is_hash(const json_t *value, uint8_t out[HASH])
{
    return json_is_string(value) && json_string_length(value) == 2 * (size_t)HASH &&
           number_hex(slice_of(json_string_value(value), 2 * (size_t)HASH), out);
}

static rfd_status take_base64(const json_t *object, const char *name, struct arena *a, slice *out,
                              struct rfd_error *error)
{
    const json_t *value = json_object_get(object, name);
    size_t length = 0;
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) > BASE64_MAXIMUM)
        return wrong(name, error);
    slice text = slice_of(json_string_value(value), json_string_length(value));
    uint8_t *octets = arena_allocate(a, text.length / 4 * 3 + 3);
    if (octets == NULL) return arena_failed(a, error);
    if (!number_base64(text, octets, &length)) return wrong(name, error);
    *out = slice_of(octets, length);
    return RFD_OK;
}

rfd_status log_json_head(slice json, struct arena *a, struct tree_head *out, struct rfd_error *error)
{
    struct tree_head head = {0};
    uint64_t milliseconds = 0;
    rfd_status status;
    json_t *object = load(json, error);
    if (object == NULL) return RFD_E_PROTOCOL;
    TRY_OUT(take_number(object, "size", &head.size, error));
    TRY_OUT(take_number(object, "timestamp", &milliseconds, error));
    status = RFD_E_PROTOCOL;
    if (milliseconds > INT64_MAX / MILLISECOND) {
        (void)wrong("timestamp", error);
        goto out;
    }
    head.time = (rfd_time)milliseconds * MILLISECOND;
    if (!is_hash(json_object_get(object, "root"), head.root)) {
        (void)wrong("root", error);
        goto out;
    }
    TRY_OUT(take_base64(object, "algorithm", a, &head.algorithm, error));
    TRY_OUT(take_base64(object, "signature", a, &head.signature, error));
    *out = head;
out:
    json_decref(object);
    return status;
}

static rfd_status take_path(const json_t *object, struct tree_proof *proof, struct rfd_error *error)
{
    const json_t *path = json_object_get(object, "path");
    if (!json_is_array(path) || json_array_size(path) > TRANSPARENCY_PROOF_MAXIMUM) return wrong("path", error);
    proof->count = json_array_size(path);
    for (size_t i = 0; i < proof->count; i++) {
        if (!is_hash(json_array_get(path, i), proof->hashes[i])) return wrong("path", error);
    }
    return RFD_OK;
}

/** Its two numbers, and its path. */
static rfd_status read_proof(slice json, const char *const names[2], uint64_t numbers[2], struct tree_proof *proof,
                             struct rfd_error *error)
{
    json_t *object = load(json, error);
    if (object == NULL) return RFD_E_PROTOCOL;
    rfd_status status = take_number(object, names[0], &numbers[0], error);
    if (status == RFD_OK) status = take_number(object, names[1], &numbers[1], error);
    if (status == RFD_OK) status = take_path(object, proof, error);
    json_decref(object);
    return status;
}

rfd_status log_json_inclusion(slice json, uint64_t size, struct tree_proof *out, struct rfd_error *error)
{
    static const char *const names[] = {"index", "size"};
    struct tree_proof proof;
    uint64_t numbers[2];
    TRY(read_proof(json, names, numbers, &proof, error));
    if (numbers[1] != size || numbers[0] >= size) return wrong("size", error);
    proof.index = numbers[0];
    *out = proof;
    return RFD_OK;
}

rfd_status log_json_consistency(slice json, uint64_t from, uint64_t to, struct tree_proof *out, struct rfd_error *error)
{
    static const char *const names[] = {"from", "to"};
    struct tree_proof proof;
    uint64_t numbers[2];
    TRY(read_proof(json, names, numbers, &proof, error));
    if (numbers[0] != from || numbers[1] != to) return wrong("from", error);
    proof.index = 0;
    *out = proof;
    return RFD_OK;
}
