/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a portal states about the documents that it wants signed, so that nobody between it and us can put others in
 * their place: a compact JWS (RFC 7515 §7.1), ES256 or RS256 by the portal's registered key, "typ" "documents+jwt",
 * claims {"documents": [SHA-256 of each as hexadecimal digits, in order], "iat": now}, and, where it knows them,
 * "hashes": [what is signed of each]. It holds for ten minutes, or until "exp", as people may come days after they were
 * asked. A portal that has a key here always states.
 *
 * Without "hashes" nothing is signed but the documents themselves: "of: documents", where each hash is the one of what
 * is shown; the signed attributes are made here then. Hashes of anything else come from whoever prepares documents,
 * which is the process of the pages, and would be its own choice.
 *
 * A name that reads like that of a portal with a key, and is not the same octets, is refused: a statement must not be
 * got round by another letter. What a statement does not say is who signs, under which title, and how often.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "base/letter.h"
#include "base/number.h"
#include "base/url.h"

#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define STATEMENT_TYPE "documents+jwt"

enum {
    AGE_SECONDS = 600,
    AGE_MOST = 8 * 86400,
    AHEAD_SECONDS = 300,
    ARENA = 256 << 10,
    HALF = 32,
    DER_MAXIMUM = 80,
    LOOK_MAXIMUM = 8192
};

static const struct registered *find_portal(const struct registered_list *l, slice name)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct registered *r = l->items[i];
        if (r->kind == KEEPER_PORTAL && slice_equal(registered_shown_name(r), name)) return r;
    }
    return NULL;
}

/** Whether people may take it for the name of one that has a key here. */
static rfd_status find_look_alike(const struct registered_list *l, slice name, bool *out, struct rfd_error *error)
{
    struct buf wanted, had;
    buf_init(&wanted, LOOK_MAXIMUM);
    buf_init(&had, LOOK_MAXIMUM);
    letter_put_look(&wanted, name);
    rfd_status status = buf_check(&wanted, "portal", error);
    *out = false;
    for (size_t i = 0; i < l->count && status == RFD_OK && !*out; i++) {
        if (l->items[i]->kind != KEEPER_PORTAL) continue;
        buf_reset(&had);
        letter_put_look(&had, registered_shown_name(l->items[i]));
        status = buf_check(&had, "portal", error);
        *out = slice_equal(buf_slice(&wanted), buf_slice(&had));
    }
    buf_dispose(&wanted);
    buf_dispose(&had);
    return status;
}

/* ---- Parts ---- */

struct jws {
    slice message, header, payload, signature; /* message: what was signed; the others decoded */
};

static bool split(slice text, struct jws *out, struct arena *a)
{
    const uint8_t *first = text.length == 0 ? NULL : memchr(text.data, '.', text.length);
    if (first == NULL) return false;
    slice header = slice_part(text, 0, (size_t)(first - text.data));
    slice rest = slice_from(text, header.length + 1);
    const uint8_t *second = rest.length == 0 ? NULL : memchr(rest.data, '.', rest.length);
    if (second == NULL) return false;
    slice payload = slice_part(rest, 0, (size_t)(second - rest.data));
    out->message = slice_part(text, 0, header.length + 1 + payload.length);
    out->header = url_read_base64(header, a);
    out->payload = url_read_base64(payload, a);
    out->signature = url_read_base64(slice_from(rest, payload.length + 1), a);
    return out->header.length > 0 && out->payload.length > 0 && out->signature.length > 0;
}

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && strcmp(value, wanted) == 0;
}

static json_t *read_object(slice text)
{
    json_t *read = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(read)) return read;
    json_decref(read);
    return NULL;
}

/** The key says which algorithm it is, not the header (RFC 8725 §3.1); what is critical, we do not know (RFC 7515
 * §4.1.11). */
static bool is_header(slice text, bool rsa)
{
    json_t *h = read_object(text);
    bool good = text_is(h, "alg", rsa ? "RS256" : "ES256") && text_is(h, "typ", STATEMENT_TYPE) &&
                json_object_get(h, "crit") == NULL;
    json_decref(h);
    return good;
}

/* ---- Signature ---- */

/** Both numbers one after the other (RFC 7518 §3.4) as ECDSA-Sig-Value, which OpenSSL wants. */
static size_t as_der(slice signature, uint8_t der[DER_MAXIMUM])
{
    unsigned char *to = der;
    int length = 0;
    ECDSA_SIG *s = signature.length == 2 * (size_t)HALF ? ECDSA_SIG_new() : NULL;
    BIGNUM *first = s == NULL ? NULL : BN_bin2bn(signature.data, HALF, NULL);
    BIGNUM *second = s == NULL ? NULL : BN_bin2bn(signature.data + HALF, HALF, NULL);
    if (first != NULL && second != NULL && ECDSA_SIG_set0(s, first, second) == 1) {
        length = i2d_ECDSA_SIG(s, &to);
    } else {
        BN_free(first);
        BN_free(second);
    }
    ECDSA_SIG_free(s);
    return length > 0 ? (size_t)length : 0;
}

static bool is_signed(EVP_PKEY *key, bool rsa, const struct jws *j)
{
    uint8_t der[DER_MAXIMUM];
    slice signature = rsa ? j->signature : slice_of(der, as_der(j->signature, der));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && signature.length > 0 &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, signature.data, signature.length, j->message.data, j->message.length) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good;
}

/* ---- Claims ---- */

static bool are_documents(const json_t *list, const struct operation_text *o)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    if (!json_is_array(list) || json_array_size(list) != o->count) return false;
    for (size_t i = 0; i < o->count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || strlen(text) != 2 * sizeof hash || !number_hex(slice_text(text), hash) ||
            memcmp(hash, o->documents[i].shown, sizeof hash) != 0)
            return false;
    }
    return true;
}

/** Whether each document is signed as what is shown, by attributes that are made here. */
static bool are_whole(const struct operation_text *o)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    if (o->of != OPERATION_OF_DOCUMENTS || o->digest != DIGEST_SHA256) return false;
    for (size_t i = 0; i < o->count; i++) {
        if (operation_hash(&o->documents[i], hash) != OPERATION_HASH_SIZE ||
            memcmp(hash, o->documents[i].shown, OPERATION_HASH_SIZE) != 0)
            return false;
    }
    return true;
}

/** What will be signed, where the portal knows it beforehand, as it does when it has hashes signed and keeps its
 * documents to itself: then nobody in between can have anything else signed. Written as in the operation's text. */
static bool are_hashes(const json_t *list, const struct operation_text *o)
{
    if (list == NULL) return are_whole(o);
    if (!json_is_array(list) || json_array_size(list) != o->count) return false;
    for (size_t i = 0; i < o->count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || !slice_is(o->documents[i].hash, text)) return false;
    }
    return true;
}

static bool is_in_time(const json_t *claims, rfd_time now)
{
    const json_t *issued = json_object_get(claims, "iat"), *ends = json_object_get(claims, "exp");
    json_int_t from = json_integer_value(issued), clock = now / RFD_SECOND;
    if (!json_is_integer(issued) || from < clock - AGE_MOST || from > clock + AHEAD_SECONDS) return false;
    if (ends == NULL) return from >= clock - AGE_SECONDS;
    return json_is_integer(ends) && json_integer_value(ends) > clock && json_integer_value(ends) <= from + AGE_MOST;
}

static const char *find_claims_fault(slice payload, const struct operation_text *o, rfd_time now)
{
    json_t *claims = read_object(payload);
    const char *fault = NULL;
    if (!are_documents(json_object_get(claims, "documents"), o))
        fault = "other documents";
    else if (!are_hashes(json_object_get(claims, "hashes"), o))
        fault = "other hashes";
    else if (!is_in_time(claims, now))
        fault = "not issued now, or over";
    json_decref(claims);
    return fault;
}

/** What is wrong with it; NULL: nothing. */
static const char *find_fault(const struct registered *portal, const struct operation_text *o, slice statement,
                              rfd_time now)
{
    struct arena arena;
    struct jws j;
    const unsigned char *at = portal->proof.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)portal->proof.length);
    bool rsa = key != NULL && EVP_PKEY_is_a(key, "RSA");
    const char *fault = NULL;
    arena_init(&arena, ARENA);
    if (key == NULL || !split(statement, &j, &arena) || !is_header(j.header, rsa))
        fault = "not in the form that statements have";
    else if (!is_signed(key, rsa, &j))
        fault = "its signature is wrong";
    else
        fault = find_claims_fault(j.payload, o, now);
    arena_dispose(&arena);
    EVP_PKEY_free(key);
    return fault;
}

/** What holds of whose name nobody is registered under. */
static rfd_status check_stranger(struct personal *p, slice name, slice statement, const char **fault,
                                 struct rfd_error *error)
{
    bool alike = false;
    TRY(find_look_alike(&p->registered, name, &alike, error));
    if (alike)
        *fault = "its name reads like that of another, which has a key here";
    else if (statement.length > 0)
        *fault = "the portal has no key here";
    return RFD_OK;
}

rfd_status statement_check(struct personal *p, const struct operation_text *o, slice statement, rfd_time now,
                           struct rfd_error *error)
{
    const char *fault = NULL;
    rfd_status status = RFD_OK;
    if (o->kind != OPERATION_SIGN)
        return statement.length == 0 ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "a statement belongs to sign");
    (void)pthread_rwlock_rdlock(&p->registered_lock);
    const struct registered *portal = find_portal(&p->registered, o->portal);
    if (portal == NULL)
        status = check_stranger(p, o->portal, statement, &fault, error);
    else
        fault = find_fault(portal, o, statement, now);
    (void)pthread_rwlock_unlock(&p->registered_lock);
    if (status != RFD_OK || fault == NULL) return status;
    return error_set(error, RFD_E_KEY_REFUSED, "statement of the portal: %s", fault);
}
