/* SPDX-License-Identifier: EUPL-1.2
 *
 * Every string and stream has a method: none, RC4 or AES. Up to V3 one method serves all; from V4 on crypt filters
 * name it, by use (/StmF, /StrF, /EFF) or by stream (an explicit Crypt filter). Below AES-256 the file key is mixed
 * with the object's number, so that `owner` matters.
 */
#include "pdf/crypt.h"

#include "base/error.h"
#include "base/secret.h"
#include "pdf/crypt_keys.h"
#include "pdf/crypt_password.h"
#include "pdf/rc4.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

enum { FILTERS_MAXIMUM = 64, BLOCK = 16, ID_MAXIMUM = 1024, AES_PIECE = 1 << 30 };

enum method { METHOD_NONE, METHOD_RC4, METHOD_AES, METHOD_UNKNOWN };

struct crypt_filter {
    slice name;
    enum method method;
};

struct pdf_crypt {
    int version;
    struct crypt_parameters parameters;
    struct crypt_key key;
    uint32_t encrypt; /* the /Encrypt object itself */
    enum method uses[3];
    struct crypt_filter *filters;
    size_t filter_count;
    const char *name;
    EVP_MD *md5; /* NULL for AES-256 */
    EVP_MD_CTX *digest;
    EVP_CIPHER *aes; /* NULL when nothing uses it */
    EVP_CIPHER_CTX *cipher;
};

static rfd_status malformed(struct rfd_error *error, const char *key)
{
    return error_set(error, RFD_E_PDF_ENCRYPTION, "/Encrypt /%s is missing or malformed (ISO 32000-2 §7.6)", key);
}

static rfd_status read_integer(const struct pdf_value *dictionary, const char *key, int64_t *out,
                               struct rfd_error *error)
{
    return pdf_integer(pdf_entry_of(dictionary, key), out) ? RFD_OK : malformed(error, key);
}

/** The first `length` bytes of a string (some producers pad it to 127); fails when it is shorter. */
static rfd_status read_string(const struct pdf_value *dictionary, const char *key, size_t length, struct arena *arena,
                              slice *out, struct rfd_error *error)
{
    const struct pdf_value *v = pdf_entry_of(dictionary, key);
    if (v->kind != PDF_STRING || v->bytes.length < length) return malformed(error, key);
    slice copy = arena_copy(arena, slice_part(v->bytes, 0, length));
    if (copy.data == NULL) return arena_failed(arena, error);
    *out = copy;
    return RFD_OK;
}

/** A string that is only looked at later, and only if it is needed; empty when missing. */
static rfd_status read_optional(const struct pdf_value *dictionary, const char *key, struct arena *arena, slice *out,
                                struct rfd_error *error)
{
    const struct pdf_value *v = pdf_entry_of(dictionary, key);
    slice copy = arena_copy(arena, v->kind == PDF_STRING ? slice_part(v->bytes, 0, 64) : SLICE_EMPTY);
    if (copy.data == NULL) return arena_failed(arena, error);
    *out = copy;
    return RFD_OK;
}

/** /Length counts bits; some producers count bytes. */
static rfd_status read_key_length(const struct pdf_value *dictionary, int version, size_t *out, struct rfd_error *error)
{
    static const size_t fixed[] = {0, 5, 0, 0, 16, 32}; /* by version; 0: /Length says */
    int64_t bits = 40;
    if (fixed[version] != 0) {
        *out = fixed[version];
        return RFD_OK;
    }
    if (pdf_entry_of(dictionary, "Length")->kind != PDF_NULL) TRY(read_integer(dictionary, "Length", &bits, error));
    if (bits >= 5 && bits <= 16) bits *= 8;
    if (bits < 40 || bits > 128 || bits % 8 != 0) return malformed(error, "Length");
    *out = (size_t)(bits / 8);
    return RFD_OK;
}

/** /V and /R, in the combinations that table 20 and 21 allow. */
static rfd_status read_version(struct pdf_crypt *c, const struct pdf_value *dictionary, struct rfd_error *error)
{
    static const struct {
        int version, first_revision, last_revision;
    } known[] = {{1, 2, 3}, {2, 2, 3}, {4, 4, 4}, {5, 5, 6}};
    int64_t version = 0;
    int64_t revision = 0;
    TRY(read_integer(dictionary, "V", &version, error));
    TRY(read_integer(dictionary, "R", &revision, error));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (version != known[i].version) continue;
        if (revision < known[i].first_revision || revision > known[i].last_revision) break;
        c->version = (int)version;
        c->parameters.revision = (int)revision;
        return RFD_OK;
    }
    return error_set(error, RFD_E_PDF_ENCRYPTION, "standard security handler V %lld R %lld", (long long)version,
                     (long long)revision);
}

static rfd_status read_parameters(struct pdf_crypt *c, const struct pdf_value *dictionary, slice id,
                                  struct arena *arena, struct rfd_error *error)
{
    struct crypt_parameters *p = &c->parameters;
    const struct pdf_value *metadata = pdf_entry_of(dictionary, "EncryptMetadata");
    int64_t permissions = 0;
    TRY(read_version(c, dictionary, error));
    TRY(read_key_length(dictionary, c->version, &p->key_length, error));
    TRY(read_integer(dictionary, "P", &permissions, error));
    p->permissions = (uint32_t)permissions; /* some producers write it unsigned */
    p->metadata = c->version < 4 || metadata->kind != PDF_BOOLEAN || metadata->boolean;
    size_t length = c->version == 5 ? 48 : 32;
    TRY(read_string(dictionary, "O", length, arena, &p->owner, error));
    TRY(read_string(dictionary, "U", length, arena, &p->user, error));
    TRY(read_optional(dictionary, "OE", arena, &p->owner_key, error));
    TRY(read_optional(dictionary, "UE", arena, &p->user_key, error));
    TRY(read_optional(dictionary, "Perms", arena, &p->permissions_sealed, error));
    if (id.length > ID_MAXIMUM) return error_set(error, RFD_E_PDF_ENCRYPTION, "/ID of %zu bytes", id.length);
    p->id = arena_copy(arena, id);
    return p->id.data == NULL ? arena_failed(arena, error) : RFD_OK;
}

/** Table 25. AESV2 belongs to V4 and AESV3 to V5, because the key's length does. */
static enum method method_of(const struct pdf_crypt *c, const struct pdf_value *filter)
{
    const struct pdf_value *cfm = pdf_entry_of(filter, "CFM");
    if (pdf_is_name(cfm, "V2") && c->version == 4) return METHOD_RC4;
    if (pdf_is_name(cfm, c->version == 4 ? "AESV2" : "AESV3")) return METHOD_AES;
    return METHOD_UNKNOWN;
}

static rfd_status read_filters(struct pdf_crypt *c, const struct pdf_value *dictionary, struct arena *arena,
                               struct rfd_error *error)
{
    const struct pdf_value *table = pdf_entry_of(dictionary, "CF");
    if (table->kind != PDF_DICTIONARY) return RFD_OK;
    if (table->count > FILTERS_MAXIMUM)
        return error_set(error, RFD_E_PDF_ENCRYPTION, "%u crypt filters", (unsigned)table->count);
    c->filters = arena_zeroed(arena, table->count, sizeof *c->filters);
    if (c->filters == NULL) return arena_failed(arena, error);
    for (size_t i = 0; i < table->count; i++) {
        const struct pdf_entry *entry = &table->entries[i];
        c->filters[i] = (struct crypt_filter){arena_copy(arena, entry->key), method_of(c, &entry->value)};
        if (c->filters[i].name.data == NULL) return arena_failed(arena, error);
    }
    c->filter_count = table->count;
    return RFD_OK;
}

static rfd_status named_method(const struct pdf_crypt *c, slice name, enum method *out, struct rfd_error *error)
{
    enum method found = METHOD_UNKNOWN;
    if (slice_is(name, "Identity")) {
        *out = METHOD_NONE; /* table 26: may not be redefined in /CF */
        return RFD_OK;
    }
    for (size_t i = 0; i < c->filter_count && found == METHOD_UNKNOWN; i++) {
        if (slice_equal(name, c->filters[i].name)) found = c->filters[i].method;
    }
    if (found == METHOD_UNKNOWN)
        return error_set(error, RFD_E_PDF_ENCRYPTION, "crypt filter /%.*s", (int)slice_part(name, 0, 80).length,
                         (const char *)name.data);
    *out = found;
    return RFD_OK;
}

/** /StmF, /StrF and /EFF: Identity unless said, embedded files like streams unless said. */
static rfd_status read_uses(struct pdf_crypt *c, const struct pdf_value *dictionary, struct rfd_error *error)
{
    static const struct {
        enum pdf_crypt_use use;
        const char *key;
    } keys[] = {{PDF_CRYPT_STREAM, "StmF"}, {PDF_CRYPT_STRING, "StrF"}, {PDF_CRYPT_EMBEDDED_FILE, "EFF"}};
    for (size_t i = 0; i < 3; i++) {
        const struct pdf_value *name = pdf_entry_of(dictionary, keys[i].key);
        enum method *method = &c->uses[keys[i].use];
        if (c->version < 4)
            *method = METHOD_RC4;
        else if (name->kind == PDF_NAME)
            TRY(named_method(c, name->bytes, method, error));
        else
            *method = keys[i].use == PDF_CRYPT_EMBEDDED_FILE ? c->uses[PDF_CRYPT_STREAM] : METHOD_NONE;
    }
    return RFD_OK;
}

static rfd_status find_key(struct pdf_crypt *c, slice password, struct rfd_error *error)
{
    struct buf form;
    rfd_status status = RFD_E_PDF_PASSWORD;
    int revision = c->parameters.revision;
    buf_init_secret(&form, 4 * password.length + 16);
    for (int i = 0; status == RFD_E_PDF_PASSWORD && crypt_password_form(revision, i, password, &form); i++) {
        status = buf_check(&form, "password", error);
        if (status != RFD_OK) break;
        if (revision <= 4)
            status = crypt_keys_legacy(&c->parameters, buf_slice(&form), &c->key, error);
        else
            status = crypt_keys_256(&c->parameters, buf_slice(&form), &c->key, error);
    }
    buf_dispose(&form);
    return status;
}

static rfd_status prepare_algorithms(struct pdf_crypt *c, struct rfd_error *error)
{
    c->cipher = EVP_CIPHER_CTX_new();
    c->digest = EVP_MD_CTX_new();
    c->aes = EVP_CIPHER_fetch(NULL, c->version == 5 ? "AES-256-CBC" : "AES-128-CBC", NULL);
    if (c->version < 5) c->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    if (c->cipher == NULL || c->digest == NULL || c->aes == NULL || (c->version < 5 && c->md5 == NULL))
        return error_memory(error);
    return RFD_OK;
}

static rfd_status make_name(struct pdf_crypt *c, struct arena *arena, struct rfd_error *error)
{
    enum method method = c->uses[PDF_CRYPT_STREAM] != METHOD_NONE   ? c->uses[PDF_CRYPT_STREAM]
                         : c->uses[PDF_CRYPT_STRING] != METHOD_NONE ? c->uses[PDF_CRYPT_STRING]
                                                                    : c->uses[PDF_CRYPT_EMBEDDED_FILE];
    if (method == METHOD_NONE)
        c->name = "Identity";
    else if (method == METHOD_RC4)
        c->name = arena_print(arena, "RC4-%zu", c->parameters.key_length * 8);
    else if (c->version == 4)
        c->name = "AES-128";
    else
        c->name = c->parameters.revision == 5 ? "AES-256 (R5)" : "AES-256 (R6)";
    return c->name == NULL ? arena_failed(arena, error) : RFD_OK;
}

static rfd_status refuse_handler(const struct pdf_value *filter, struct rfd_error *error)
{
    if (filter->kind != PDF_NAME) return malformed(error, "Filter");
    return error_set(error, RFD_E_PDF_ENCRYPTION, "security handler /%.*s",
                     (int)slice_part(filter->bytes, 0, 80).length, (const char *)filter->bytes.data);
}

rfd_status pdf_crypt_open(const struct pdf_value *dictionary, uint32_t encrypt, slice id, slice password,
                          struct arena *arena, struct pdf_crypt **out, struct rfd_error *error)
{
    const struct pdf_value *filter = pdf_entry_of(dictionary, "Filter");
    if (!pdf_is_name(filter, "Standard")) return refuse_handler(filter, error);
    struct pdf_crypt *c = arena_zeroed(arena, 1, sizeof *c);
    if (c == NULL) return arena_failed(arena, error);
    rfd_status status = RFD_OK;
    c->encrypt = encrypt;
    TRY_OUT(read_parameters(c, dictionary, id, arena, error));
    TRY_OUT(read_filters(c, dictionary, arena, error));
    TRY_OUT(read_uses(c, dictionary, error));
    TRY_OUT(find_key(c, password, error));
    TRY_OUT(prepare_algorithms(c, error));
    TRY_OUT(make_name(c, arena, error));
    *out = c;
    c = NULL;
out:
    pdf_crypt_dispose(c);
    return status;
}

void pdf_crypt_dispose(struct pdf_crypt *c)
{
    if (c == NULL) return;
    EVP_CIPHER_CTX_free(c->cipher);
    EVP_CIPHER_free(c->aes);
    EVP_MD_CTX_free(c->digest);
    EVP_MD_free(c->md5);
    secret_wipe(c, sizeof *c);
}

/** Algorithm 1: the key of one object. AES-256 (algorithm 1.A) takes the file key as it is. */
static rfd_status object_key(const struct pdf_crypt *c, enum method method, struct pdf_reference owner,
                             uint8_t key[CRYPT_KEY_MAXIMUM], size_t *length, struct rfd_error *error)
{
    size_t file_length = c->parameters.key_length;
    if (c->version == 5) {
        memcpy(key, c->key.bytes, file_length);
        *length = file_length;
        return RFD_OK;
    }
    const uint8_t salt[] = {(uint8_t)owner.number,
                            (uint8_t)(owner.number >> 8),
                            (uint8_t)(owner.number >> 16),
                            (uint8_t)owner.generation,
                            (uint8_t)(owner.generation >> 8),
                            's',
                            'A',
                            'l',
                            'T'};
    size_t salt_length = method == METHOD_AES ? sizeof salt : sizeof salt - 4;
    if (EVP_DigestInit_ex2(c->digest, c->md5, NULL) != 1 ||
        EVP_DigestUpdate(c->digest, c->key.bytes, file_length) != 1 ||
        EVP_DigestUpdate(c->digest, salt, salt_length) != 1 || EVP_DigestFinal_ex(c->digest, key, NULL) != 1)
        return error_set(error, RFD_E_INTERNAL, "MD5 failed");
    *length = file_length + 5 < 16 ? file_length + 5 : 16;
    return RFD_OK;
}

/** EVP_CipherUpdate without its int limit on lengths, over whole blocks. */
static bool cipher_blocks(EVP_CIPHER_CTX *context, slice in, uint8_t *to)
{
    while (in.length > 0) {
        slice piece = slice_part(in, 0, AES_PIECE);
        int written = 0;
        if (EVP_CipherUpdate(context, to, &written, piece.data, (int)piece.length) != 1) return false;
        to += written;
        in = slice_from(in, piece.length);
    }
    return true;
}

/** The vector, then whole blocks, of which the last byte says how many to drop (§7.6.3.2). Nothing at all is "". */
static rfd_status decrypt_aes(const struct pdf_crypt *c, const uint8_t *key, slice in, struct arena *arena, slice *out,
                              struct rfd_error *error)
{
    if (in.length == 0 || in.length == BLOCK) {
        *out = SLICE("");
        return RFD_OK;
    }
    if (in.length % BLOCK != 0)
        return error_set(error, RFD_E_PDF_DAMAGED, "%zu bytes are not whole AES blocks (ISO 32000-2 §7.6.3.2)",
                         in.length);
    size_t length = in.length - BLOCK;
    uint8_t *plain = arena_allocate(arena, length);
    if (plain == NULL) return arena_failed(arena, error);
    if (EVP_DecryptInit_ex2(c->cipher, c->aes, key, in.data, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(c->cipher, 0) != 1 || !cipher_blocks(c->cipher, slice_from(in, BLOCK), plain))
        return error_set(error, RFD_E_INTERNAL, "AES failed");
    uint8_t pad = plain[length - 1];
    if (pad < 1 || pad > BLOCK)
        return error_set(error, RFD_E_PDF_DAMAGED, "AES padding of %u bytes (ISO 32000-2 §7.6.3.2)", pad);
    *out = slice_of(plain, length - pad);
    return RFD_OK;
}

static rfd_status decrypt_rc4(const uint8_t *key, size_t key_length, slice in, struct arena *arena, slice *out,
                              struct rfd_error *error)
{
    struct rc4 r;
    uint8_t *plain = arena_allocate(arena, in.length);
    if (plain == NULL) return arena_failed(arena, error);
    rc4_start(&r, slice_of(key, key_length));
    rc4_apply(&r, in, plain);
    secret_wipe(&r, sizeof r);
    *out = slice_of(plain, in.length);
    return RFD_OK;
}

rfd_status pdf_crypt_decrypt(const struct pdf_crypt *c, enum pdf_crypt_use use, slice filter,
                             struct pdf_reference owner, slice in, struct arena *arena, slice *out,
                             struct rfd_error *error)
{
    enum method method = c->uses[use];
    uint8_t key[CRYPT_KEY_MAXIMUM];
    size_t key_length = 0;
    if (filter.length > 0) TRY(named_method(c, filter, &method, error));
    if (method == METHOD_NONE || (c->encrypt != 0 && owner.number == c->encrypt)) {
        *out = in;
        return RFD_OK;
    }
    rfd_status status = object_key(c, method, owner, key, &key_length, error);
    if (status == RFD_OK && method == METHOD_AES) status = decrypt_aes(c, key, in, arena, out, error);
    if (status == RFD_OK && method == METHOD_RC4) status = decrypt_rc4(key, key_length, in, arena, out, error);
    secret_wipe(key, sizeof key);
    return status;
}

static rfd_status encrypt_aes(const struct pdf_crypt *c, const uint8_t *key, slice in, struct buf *out,
                              struct rfd_error *error)
{
    size_t pad = BLOCK - in.length % BLOCK;
    uint8_t *to = buf_reserve(out, in.length + 2 * BLOCK);
    if (to == NULL) return buf_check(out, "encrypted data", error);
    uint8_t last[BLOCK];
    slice whole = slice_part(in, 0, in.length - in.length % BLOCK);
    slice rest = slice_from(in, whole.length);
    memset(last, (int)pad, BLOCK);
    if (rest.length > 0) memcpy(last, rest.data, rest.length);
    bool good = RAND_bytes(to, BLOCK) == 1 && EVP_EncryptInit_ex2(c->cipher, c->aes, key, to, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(c->cipher, 0) == 1 && cipher_blocks(c->cipher, whole, to + BLOCK) &&
                cipher_blocks(c->cipher, slice_of(last, BLOCK), to + BLOCK + whole.length);
    if (!good) return error_set(error, RFD_E_INTERNAL, "AES failed");
    out->length += 2 * BLOCK + whole.length;
    return RFD_OK;
}

static rfd_status encrypt_rc4(const uint8_t *key, size_t key_length, slice in, struct buf *out, struct rfd_error *error)
{
    struct rc4 r;
    uint8_t *to = buf_reserve(out, in.length);
    if (to == NULL) return buf_check(out, "encrypted data", error);
    rc4_start(&r, slice_of(key, key_length));
    rc4_apply(&r, in, to);
    secret_wipe(&r, sizeof r);
    out->length += in.length;
    return RFD_OK;
}

rfd_status pdf_crypt_encrypt(const struct pdf_crypt *c, enum pdf_crypt_use use, struct pdf_reference owner, slice in,
                             struct buf *out, struct rfd_error *error)
{
    enum method method = c->uses[use];
    uint8_t key[CRYPT_KEY_MAXIMUM];
    size_t key_length = 0;
    if (method == METHOD_NONE) {
        buf_put_slice(out, in);
        return buf_check(out, "encrypted data", error);
    }
    rfd_status status = object_key(c, method, owner, key, &key_length, error);
    if (status == RFD_OK && method == METHOD_AES) status = encrypt_aes(c, key, in, out, error);
    if (status == RFD_OK && method == METHOD_RC4) status = encrypt_rc4(key, key_length, in, out, error);
    secret_wipe(key, sizeof key);
    return status;
}

bool pdf_crypt_covers_metadata(const struct pdf_crypt *c)
{
    return c->parameters.metadata;
}

const char *pdf_crypt_name(const struct pdf_crypt *c)
{
    return c->name;
}

bool pdf_crypt_permits(const struct pdf_crypt *c, int bit)
{
    return c->key.owner || (bit >= 1 && bit <= 32 && (c->parameters.permissions >> (bit - 1) & 1) != 0);
}
