/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signatures that our signer refuses to make: with old algorithms, ended or revoked certificates, several time stamps.
 * Our signer makes a document with room enough; OpenSSL's CMS takes the place of what it signed.
 */
#include "world.h"

#include "../unit/pki_fixture.h"
#include "pki/cms/timestamp.h"

#include <openssl/cms.h>

enum { ROOM = 12000, RANGE_SIZE = 100, REASON_SIZE = 3000, SHA1_SIZE = 20 };

/* A key that is never trusted, with a certificate as long as the room that is wanted. */
static struct rfd_key *scaffold_key(void)
{
    static char comment[ROOM + 16] = "nsComment=";
    memset(comment + strlen("nsComment="), 'x', ROOM);
    struct made signer = MAKE(.name = "Scaffold", .from = "1980-01-01", .to = "2090-01-01");
    struct made filler = MAKE(.name = "Filler", .issuer = &signer, .extensions = {comment});
    struct rfd_key *key;
    made_write(&signer, "scaffold.pem", "scaffold.key");
    WORLD_NEED(rfd_key_open_pem(folder_file("scaffold.key"), folder_file("scaffold.pem"), NULL, SLICE_EMPTY, &key,
                                NULL) == RFD_OK);
    WORLD_NEED(rfd_key_add_chain(key, filler.certificate->der, NULL) == RFD_OK);
    made_free(&signer);
    made_free(&filler);
    return key;
}

/* The reason takes the place of what is put into the dictionary later. */
static void sign_scaffold(struct world *w, rfd_time claimed)
{
    static char reason[REASON_SIZE + 1];
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    rfd_bytes update;
    memset(reason, 'r', REASON_SIZE);
    options.key = scaffold_key();
    options.offline = true;
    options.time = claimed;
    options.reason = reason;
    WORLD_NEED(rfd_sign_memory(buf_slice(&w->document), &options, &update, NULL, NULL) == RFD_OK);
    buf_put(&w->document, update.data, update.length);
    rfd_bytes_free(&update);
    rfd_key_free(options.key);
}

static uint8_t *last(struct buf *b, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = b->length - length; i > 0; i--) {
        if (memcmp(b->data + i, text, length) == 0) return b->data + i;
    }
    world_stop(__FILE__, __LINE__, text);
}

static struct buf covered(struct buf *b, size_t range[4])
{
    struct buf out;
    char text[RANGE_SIZE] = "";
    memcpy(text, last(b, "/ByteRange"), sizeof text - 1);
    WORLD_NEED(sscanf(text, "/ByteRange [%zu %zu %zu %zu", &range[0], &range[1], &range[2], &range[3]) == 4);
    buf_init(&out, b->length);
    buf_put(&out, b->data + range[0], range[1]);
    buf_put(&out, b->data + range[2], range[3]);
    return out;
}

static bool is_format(const struct forgery *f, const char *name)
{
    return f->format != NULL && strcmp(f->format, name) == 0;
}

static struct buf make_cms(struct world *w, const struct member *m, const struct forgery *f, const struct buf *data)
{
    unsigned flags = CMS_BINARY | CMS_PARTIAL | (f->format == NULL ? CMS_CADES : 0);
    if (!is_format(f, "sha1")) flags |= CMS_DETACHED;
    unsigned char *der = NULL;
    struct buf out;
    BIO *in = BIO_new_mem_buf(data->data, (int)data->length);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    const EVP_MD *digest = EVP_get_digestbyname(f->digest == NULL ? "SHA256" : f->digest);
    WORLD_NEED(CMS_add1_signer(cms, m->made.x509, m->made.key, digest, flags) != NULL);
    for (const struct member *i = m->issuer; i->issuer != i; i = i->issuer) {
        WORLD_NEED(CMS_add1_cert(cms, i->made.x509) == 1);
    }
    for (const struct member *i = m; f->archival_list && i->issuer != i; i = i->issuer) {
        WORLD_NEED(CMS_add0_crl(cms, world_list(w, i->issuer)) == 1);
    }
    WORLD_NEED(CMS_final(cms, in, NULL, flags) == 1);
    int length = i2d_CMS_ContentInfo(cms, &der);
    WORLD_NEED(length > 0);
    buf_init(&out, (size_t)1 << 20);
    buf_put(&out, der, (size_t)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return out;
}

/* PKCS#1 v1.5 in an OCTET STRING (ISO 32000-2 §12.8.3.2). */
static struct buf make_bare(const struct member *m, const struct forgery *f, const struct buf *data)
{
    struct buf signature, out;
    enum digest_id digest = digest_from_name(slice_text(f->digest == NULL ? "SHA1" : f->digest));
    const struct signature_algorithm algorithm = {.scheme = SCHEME_RSA_PKCS1, .digest = digest};
    const struct identity identity = {.kind = "RSA", .key = m->made.key};
    buf_init(&signature, 1024);
    buf_init(&out, 2048);
    identity_sign(&identity, &algorithm, buf_slice(data), &signature);
    der_put(&out, DER_OCTET_STRING, buf_slice(&signature));
    buf_dispose(&signature);
    return out;
}

/* The signer's certificate and those above it as /Cert. */
static void put_certificates(const struct member *m, struct buf *out)
{
    buf_put_text(out, "/Cert[");
    for (const struct member *i = m; i->issuer != i; i = i->issuer) {
        buf_put_text(out, "<");
        buf_put_hex(out, i->made.certificate->der, false);
        buf_put_text(out, ">");
    }
    buf_put_text(out, "]");
}

/* Puts the format's name, and for a bare signature the certificates, into the scaffold's dictionary. */
static void use_format(struct world *w, const struct member *m, const struct forgery *f)
{
    static const char ours[] = "/ETSI.CAdES.detached";
    static const char *const names[][2] = {
        {"detached", "/adbe.pkcs7.detached"}, {"sha1", "/adbe.pkcs7.sha1"}, {"rsa", "/adbe.x509.rsa_sha1"}};
    struct buf entry;
    uint8_t *name = last(&w->document, ours);
    uint8_t *reason = last(&w->document, "/Reason");
    memset(reason, ' ', strlen("/Reason(") + REASON_SIZE + 1);
    for (size_t i = 0; i < 3; i++) {
        if (!is_format(f, names[i][0])) continue;
        memset(name, ' ', sizeof ours - 1);
        memcpy(name, names[i][1], strlen(names[i][1]));
    }
    buf_init(&entry, REASON_SIZE);
    if (is_format(f, "rsa")) put_certificates(m, &entry);
    WORLD_NEED(entry.status == RFD_OK);
    if (entry.length > 0) memcpy(reason, entry.data, entry.length);
    buf_dispose(&entry);
}

static struct buf make_signature(struct world *w, const struct member *m, const struct forgery *f, struct buf *data)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    if (is_format(f, "rsa")) return make_bare(m, f, data);
    if (is_format(f, "sha1")) {
        WORLD_NEED(digest_of(DIGEST_SHA1, buf_slice(data), digest, NULL) == RFD_OK);
        buf_reset(data);
        buf_put(data, digest, SHA1_SIZE);
    }
    return make_cms(w, m, f, data);
}

/* "name", or "name!" for a token about something else. */
static void add_stamp(struct world *w, struct buf *content_info, const char *name)
{
    char url[64];
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct buf token, out;
    struct cms cms;
    size_t length = strcspn(name, "!");
    (void)snprintf(url, sizeof url, "http://tsa.example/%.*s", (int)length, name);
    WORLD_NEED(cms_parse(buf_slice(content_info), &cms, NULL) == RFD_OK);
    WORLD_NEED(digest_of(DIGEST_SHA256, cms.signature, digest, NULL) == RFD_OK);
    if (name[length] == '!') digest[0] ^= 1;
    cms_dispose(&cms);
    buf_init(&token, (size_t)1 << 20);
    buf_init(&out, (size_t)1 << 20);
    WORLD_NEED(timestamp_fetch(&w->fetcher, url, DIGEST_SHA256, slice_of(digest, 32), &token, NULL) == RFD_OK);
    WORLD_NEED(cms_add_timestamp(buf_slice(content_info), buf_slice(&token), &out, NULL) == RFD_OK);
    buf_dispose(&token);
    buf_dispose(content_info);
    *content_info = out;
}

void world_forge(struct world *w, const struct member *m, const struct forgery *f)
{
    struct buf hex;
    size_t range[4];
    sign_scaffold(w, f->claimed);
    use_format(w, m, f);
    struct buf data = covered(&w->document, range);
    struct buf signature = make_signature(w, m, f, &data);
    for (size_t i = 0; i < 3 && f->stamps[i] != NULL; i++) add_stamp(w, &signature, f->stamps[i]);
    buf_init(&hex, (size_t)1 << 20);
    buf_put_hex(&hex, buf_slice(&signature), false);
    WORLD_NEED(hex.length + 2 <= range[2] - range[1]);
    memset(w->document.data + range[1] + 1, '0', range[2] - range[1] - 2);
    memcpy(w->document.data + range[1] + 1, hex.data, hex.length);
    buf_dispose(&hex);
    buf_dispose(&signature);
    buf_dispose(&data);
}
