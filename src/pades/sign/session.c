/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/session.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pades/json_bytes.h"
#include <refrenda/trust.h>

#include <jansson.h>

enum { SESSION_VERSION = 1, SESSION_MAXIMUM = 4 * 1024 * 1024, CERTIFICATES_MAXIMUM = 32 };

void session_init(struct session *s)
{
    *s = (struct session){0};
    buf_init(&s->signed_attributes, SESSION_MAXIMUM);
}

void session_dispose(struct session *s)
{
    certificate_list_dispose(&s->certificates);
    buf_dispose(&s->signed_attributes);
}

rfd_status session_set_field(struct session *s, const char *field, struct rfd_error *error)
{
    if (strlen(field) >= sizeof s->field) return error_set(error, RFD_E_LIMIT, "field name");
    (void)snprintf(s->field, sizeof s->field, "%s", field);
    return RFD_OK;
}

static json_t *encoded(slice bytes, bool hexadecimal)
{
    struct buf b;
    buf_init(&b, SESSION_MAXIMUM);
    if (hexadecimal)
        buf_put_hex(&b, bytes, false);
    else
        buf_put_base64(&b, bytes);
    json_t *text = buf_status(&b) == RFD_OK ? json_stringn((const char *)b.data, b.length) : NULL;
    buf_dispose(&b);
    return text;
}

static json_t *algorithm_json(const struct session *s)
{
    struct buf b;
    buf_init(&b, SESSION_MAXIMUM);
    signature_algorithm_put(&b, &s->algorithm);
    json_t *text = buf_status(&b) == RFD_OK ? encoded(buf_slice(&b), false) : NULL;
    buf_dispose(&b);
    return text;
}

static json_t *certificates_json(const struct session *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->certificates.count && list != NULL; i++) {
        if (json_array_append_new(list, encoded(s->certificates.items[i]->der, false)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

rfd_status session_write(const struct session *s, rfd_bytes *out, struct rfd_error *error)
{
    json_t *json = json_pack("{s:i, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I}", "version", SESSION_VERSION,
                             "field", s->field, "level", (int)s->level, "digest", digest_name(s->algorithm.digest),
                             "document_digest", encoded(slice_of(s->digest, s->digest_length), true), "algorithm",
                             algorithm_json(s), "signed_attributes", encoded(buf_slice(&s->signed_attributes), false),
                             "certificates", certificates_json(s), "hole_offset", (json_int_t)s->hole_offset,
                             "hole_length", (json_int_t)s->hole_length, "size", (json_int_t)s->size);
    return json_bytes(json, JSON_ENSURE_ASCII, out, error);
}

static rfd_status malformed(struct rfd_error *error, const char *what)
{
    return error_set(error, RFD_E_ARGUMENT, "not a signing session: %s", what);
}

static rfd_status decode(const json_t *value, struct buf *out, const char *what, struct rfd_error *error)
{
    if (!json_is_string(value)) return malformed(error, what);
    slice text = slice_of(json_string_value(value), json_string_length(value));
    size_t length = 0;
    uint8_t *to = buf_reserve(out, text.length / 4 * 3 + 3);
    if (to == NULL) return buf_check(out, what, error);
    if (!number_base64(text, to, &length)) return malformed(error, what);
    out->length += length;
    return RFD_OK;
}

static rfd_status read_certificates(const json_t *list, struct session *s, struct rfd_error *error)
{
    size_t count = json_array_size(list);
    if (count == 0 || count > CERTIFICATES_MAXIMUM) return malformed(error, "certificates");
    for (size_t i = 0; i < count; i++) {
        struct buf der;
        const struct certificate *c = NULL;
        buf_init(&der, SESSION_MAXIMUM);
        rfd_status status = decode(json_array_get(list, i), &der, "certificate", error);
        if (status == RFD_OK) status = certificate_parse(buf_slice(&der), &c, error);
        if (status == RFD_OK) status = certificate_list_add(&s->certificates, c, error);
        certificate_unref(c);
        buf_dispose(&der);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status read_algorithm(const json_t *json, struct session *s, struct rfd_error *error)
{
    const char *name = json_string_value(json_object_get(json, "digest"));
    const json_t *digest = json_object_get(json, "document_digest");
    slice hex = slice_of(json_string_value(digest), json_string_length(digest));
    enum digest_id id = name == NULL ? DIGEST_NONE : digest_from_name(slice_text(name));
    if (!digest_is_strong(id) || hex.data == NULL || hex.length != 2 * digest_size(id) || !number_hex(hex, s->digest))
        return malformed(error, "digest");
    s->digest_length = digest_size(id);
    struct buf der;
    buf_init(&der, SESSION_MAXIMUM);
    rfd_status status = decode(json_object_get(json, "algorithm"), &der, "algorithm", error);
    if (status == RFD_OK) status = signature_algorithm_read(buf_slice(&der), id, &s->algorithm, error);
    buf_dispose(&der);
    if (status == RFD_OK && s->algorithm.digest != id) status = malformed(error, "algorithm");
    return status;
}

static rfd_status read_number(const json_t *json, const char *key, uint64_t *out, struct rfd_error *error)
{
    const json_t *value = json_object_get(json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) return malformed(error, key);
    *out = (uint64_t)json_integer_value(value);
    return RFD_OK;
}

static rfd_status read_places(const json_t *json, struct session *s, struct rfd_error *error)
{
    const char *field = json_string_value(json_object_get(json, "field"));
    uint64_t version = 0, level = 0;
    TRY(read_number(json, "version", &version, error));
    TRY(read_number(json, "level", &level, error));
    TRY(read_number(json, "hole_offset", &s->hole_offset, error));
    TRY(read_number(json, "hole_length", &s->hole_length, error));
    TRY(read_number(json, "size", &s->size, error));
    if (version != SESSION_VERSION || level > RFD_LEVEL_B_LTA || field == NULL) return malformed(error, "version");
    if (s->hole_offset > s->size || s->hole_length > s->size - s->hole_offset || s->hole_length < 2)
        return malformed(error, "hole");
    s->level = (enum rfd_level)level;
    return session_set_field(s, field, error);
}

rfd_status session_read(slice text, struct session *out, struct rfd_error *error)
{
    struct session s;
    json_error_t why;
    rfd_status status = RFD_OK;
    if (text.length > SESSION_MAXIMUM) return malformed(error, "too long");
    json_t *json = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, &why);
    if (json == NULL) return malformed(error, why.text);
    session_init(&s);
    TRY_OUT(read_places(json, &s, error));
    TRY_OUT(read_algorithm(json, &s, error));
    TRY_OUT(read_certificates(json_object_get(json, "certificates"), &s, error));
    TRY_OUT(decode(json_object_get(json, "signed_attributes"), &s.signed_attributes, "signed_attributes", error));
    *out = s;
out:
    json_decref(json);
    if (status != RFD_OK) session_dispose(&s);
    return status;
}
