/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/token_keys.h"

#include "base/error.h"
#include "keeper/token_public.h"

enum { ADDRESS_SIZE = 4096 };

/* ---- The token ---- */

/** An RFC 7512 address of the module and the label, whose blanks and marks are escaped. */
static rfd_status parse_address(const char *module, const char *label, P11KitUri *uri, struct rfd_error *error)
{
    char zero = '\0';
    struct buf b;
    buf_init(&b, ADDRESS_SIZE);
    buf_put_text(&b, "pkcs11:token=");
    for (const char *c = label; *c != '\0'; c++) buf_print(&b, "%%%02X", (unsigned)(uint8_t)*c);
    buf_put_text(&b, "?module-path=");
    for (const char *c = module; *c != '\0'; c++) buf_print(&b, "%%%02X", (unsigned)(uint8_t)*c);
    buf_put_byte(&b, (uint8_t)zero);
    rfd_status status = buf_check(&b, "address of a token", error);
    if (status == RFD_OK && p11_kit_uri_parse((const char *)b.data, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK)
        status = error_set(error, RFD_E_ARGUMENT, "token %s of module %s", label, module);
    buf_dispose(&b);
    return status;
}

/** Keys are made in a session that may write. */
static rfd_status open_for_writing(struct token *t, struct rfd_error *error)
{
    CK_SESSION_HANDLE session;
    CK_RV result = t->module->C_OpenSession(t->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "a session that may write", error);
    (void)t->module->C_CloseSession(t->session);
    t->session = session;
    return RFD_OK;
}

rfd_status token_keys_open(const char *module, const char *label, slice pin, struct token_keys *out,
                           struct rfd_error *error)
{
    struct token_keys t = {.count = 0};
    P11KitUri *uri = p11_kit_uri_new();
    rfd_status status;
    if (uri == NULL) return error_memory(error);
    TRY_OUT(parse_address(module, label, uri, error));
    if (pin.length > 0) TRY_OUT(secret_set(&t.pin, pin, error));
    TRY_OUT(token_open(uri, &t.token, error));
    TRY_OUT(open_for_writing(&t.token, error));
    TRY_OUT(token_login(&t.token, secret_slice(&t.pin), error));
    *out = t;
    t = (struct token_keys){.count = 0};
out:
    token_keys_close(&t);
    p11_kit_uri_free(uri);
    return status;
}

void token_keys_close(struct token_keys *t)
{
    token_close(&t->token);
    secret_dispose(&t->pin);
}

bool token_keys_alive(struct token_keys *t)
{
    CK_SESSION_INFO info;
    return t->token.module->C_GetSessionInfo(t->token.session, &info) == CKR_OK;
}

/* ---- Finding ---- */

static rfd_status find(struct token_keys *t, CK_OBJECT_CLASS class, slice id, struct token_objects *out,
                       struct rfd_error *error)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, (void *)(uintptr_t)id.data, id.length}};
    CK_RV result = token_find_objects(&t->token, template, id.length == 0 ? 1 : 2, out);
    return result == CKR_OK ? RFD_OK : token_error(result, RFD_E_TOKEN, "searching for keys", error);
}

static rfd_status find_one(struct token_keys *t, CK_OBJECT_CLASS class, slice id, CK_OBJECT_HANDLE *out,
                           struct rfd_error *error)
{
    struct token_objects found;
    if (id.length == 0 || id.length > TOKEN_ID_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "a key's id");
    TRY(find(t, class, id, &found, error));
    if (found.count == 0) return error_set(error, RFD_E_TOKEN_NOT_FOUND, "no such key on the token");
    if (found.count > 1) return error_set(error, RFD_E_TOKEN_AMBIGUOUS, "%lu keys of one id", found.count);
    *out = found.handles[0];
    return RFD_OK;
}

/** What a token does not say counts as the worst. */
static rfd_status check_locked_in(struct token *t, CK_OBJECT_HANDLE private_key, struct rfd_error *error)
{
    if (token_read_flag(t, private_key, CKA_SENSITIVE, false) &&
        !token_read_flag(t, private_key, CKA_EXTRACTABLE, true))
        return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "the token would give the private key out");
}

/** The key of this id, checked at its first use. */
static rfd_status use_key(struct token_keys *t, slice id, size_t *at, struct rfd_error *error)
{
    struct token_key key;
    const struct token_kind *kind = NULL;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    struct buf spki;
    for (size_t i = 0; i < t->count; i++) {
        *at = i;
        if (slice_equal(slice_of(t->found[i].key.id, t->found[i].key.id_length), id)) return RFD_OK;
    }
    if (t->count == TOKEN_KEYS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%zu keys in use", t->count);
    TRY(find_one(t, CKO_PRIVATE_KEY, id, &object, error));
    TRY(check_locked_in(&t->token, object, error));
    token_read_key(&t->token, object, &key);
    TRY(find_one(t, CKO_PUBLIC_KEY, id, &object, error));
    buf_init(&spki, TOKEN_SPKI_MAXIMUM);
    rfd_status status = token_put_public(&t->token, object, &spki, &kind, error);
    buf_dispose(&spki);
    TRY(status);
    *at = t->count;
    t->found[t->count].key = key;
    t->found[t->count++].algorithm = kind->algorithm;
    return RFD_OK;
}

rfd_status token_keys_public(struct token_keys *t, slice id, struct buf *spki, struct rfd_error *error)
{
    const struct token_kind *kind;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    size_t at;
    TRY(use_key(t, id, &at, error));
    TRY(find_one(t, CKO_PUBLIC_KEY, id, &object, error));
    return token_put_public(&t->token, object, spki, &kind, error);
}

/* ---- Making ---- */

static CK_RV generate(struct token *t, const struct token_kind *k, slice id, slice label, CK_OBJECT_HANDLE *private_key)
{
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG bits = k->bits;
    CK_BYTE exponent[] = {1, 0, 1};
    CK_OBJECT_HANDLE public_key;
    CK_MECHANISM mechanism = {k->generate, NULL, 0};
    const CK_ATTRIBUTE common[] = {{CKA_TOKEN, &yes, sizeof yes},
                                   {CKA_ID, (void *)(uintptr_t)id.data, id.length},
                                   {CKA_LABEL, (void *)(uintptr_t)label.data, label.length}};
    CK_ATTRIBUTE of_public[] = {common[0], common[1], common[2], {CKA_VERIFY, &yes, sizeof yes}, {0}, {0}};
    CK_ATTRIBUTE of_private[] = {common[0],
                                 common[1],
                                 common[2],
                                 {CKA_PRIVATE, &yes, sizeof yes},
                                 {CKA_SENSITIVE, &yes, sizeof yes},
                                 {CKA_EXTRACTABLE, &no, sizeof no},
                                 {CKA_SIGN, &yes, sizeof yes}};
    CK_ULONG count = 4;
    if (k->type == CKK_RSA) {
        of_public[count++] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof bits};
        of_public[count++] = (CK_ATTRIBUTE){CKA_PUBLIC_EXPONENT, exponent, sizeof exponent};
    } else {
        of_public[count++] = (CK_ATTRIBUTE){CKA_EC_PARAMS, (void *)(uintptr_t)k->parameters.data, k->parameters.length};
    }
    return t->module->C_GenerateKeyPair(t->session, &mechanism, of_public, count, of_private,
                                        sizeof of_private / sizeof *of_private, &public_key, private_key);
}

rfd_status token_keys_generate(struct token_keys *t, slice id, slice label, enum key_algorithm algorithm,
                               struct buf *spki, struct rfd_error *error)
{
    const struct token_kind *k = token_kind_of(algorithm);
    struct token_objects found;
    CK_OBJECT_HANDLE made;
    if (k == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "%s on a token", key_algorithm_name(algorithm));
    if (id.length == 0 || id.length > TOKEN_ID_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "a key's id");
    TRY(find(t, CKO_PRIVATE_KEY, id, &found, error));
    if (found.count > 0) return error_set(error, RFD_E_EXISTS, "the token has a key of this id");
    CK_RV result = generate(&t->token, k, id, label, &made);
    if (result == CKR_MECHANISM_INVALID || result == CKR_CURVE_NOT_SUPPORTED)
        return token_error(result, RFD_E_KEY_ALGORITHM, key_algorithm_name(algorithm), error);
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "making a key", error);
    return token_keys_public(t, id, spki, error);
}

/* ---- Signing, listing ---- */

rfd_status token_keys_sign(struct token_keys *t, slice id, const struct signature_algorithm *a, slice message,
                           slice digest, struct buf *signature, struct rfd_error *error)
{
    size_t at;
    TRY(use_key(t, id, &at, error));
    const struct token_kind *k = token_kind_of(t->found[at].algorithm);
    const struct token_signing signing = {.token = &t->token,
                                          .key = &t->found[at].key,
                                          .pin = secret_slice(&t->pin),
                                          .bits = k->bits,
                                          .signature_size = k->signature_size};
    rfd_status status = token_sign(&signing, a, message, digest, signature, error);
    if (status != RFD_OK) t->count = 0; /* objects may have other handles now */
    return status;
}

rfd_status token_keys_list(struct token_keys *t, uint32_t *count, struct buf *out, struct rfd_error *error)
{
    struct token_objects found;
    TRY(find(t, CKO_PRIVATE_KEY, SLICE_EMPTY, &found, error));
    for (CK_ULONG i = 0; i < found.count; i++) {
        struct token_key key;
        struct buf spki;
        buf_init(&spki, TOKEN_SPKI_MAXIMUM);
        token_read_key(&t->token, found.handles[i], &key);
        slice id = slice_of(key.id, key.id_length);
        if (token_keys_public(t, id, &spki, NULL) != RFD_OK) buf_reset(&spki);
        message_put_bytes(out, id);
        message_put_text(out, key.label);
        message_put_bytes(out, buf_slice(&spki));
        buf_dispose(&spki);
    }
    *count = (uint32_t)found.count;
    return buf_check(out, "list of keys", error);
}
