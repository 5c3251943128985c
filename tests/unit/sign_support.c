/* SPDX-License-Identifier: EUPL-1.2 */
#include "sign_support.h"

#include "base/error.h"

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { BYTES_MAXIMUM = 1 << 24, LONG_CHAIN = 40 };

struct sign_world world;

static const char tsa_configuration[] = "[tsa]\ndefault_tsa = service\n[service]\nserial = %s/serial\n"
                                        "default_policy = 1.2.3.4.1\nsigner_digest = sha256\n"
                                        "digests = sha256, sha384, sha512\naccuracy = secs:1\n"
                                        "ess_cert_id_alg = sha256\n";

/** An empty CRL of the authority. */
static struct buf make_crl(void)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *last = ASN1_TIME_adj(NULL, time(NULL), 0, -60), *next = ASN1_TIME_adj(NULL, time(NULL), 30, 0);
    unsigned char *der = NULL;
    struct buf out;
    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(world.authority.x509)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, last), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, next), 1);
    assert_true(X509_CRL_sign(crl, world.authority.key, EVP_sha256()) > 0);
    int length = i2d_X509_CRL(crl, &der);
    buf_init(&out, BYTES_MAXIMUM);
    buf_put(&out, der, (size_t)length);
    OPENSSL_free(der);
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
    return out;
}

static rfd_status serve(void *context, const char *url, rfd_slice body, const char *content_type, const char *accept,
                        size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    (void)context, (void)content_type, (void)accept, (void)maximum;
    if (strcmp(url, "http://tsa.example/") != 0 || world.tsa_down) return error_set(error, RFD_E_NETWORK, "%s", url);
    struct buf response;
    char request[256], out[256], certificate[256], key[256], configuration[256], chain[256];
    (void)snprintf(request, sizeof request, "%s", folder_write("request.tsq", body));
    (void)snprintf(out, sizeof out, "%s", folder_file("response.tsr"));
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("tsa.pem"));
    (void)snprintf(key, sizeof key, "%s", folder_file("tsa.key"));
    (void)snprintf(configuration, sizeof configuration, "%s", folder_file("ts.conf"));
    (void)snprintf(chain, sizeof chain, "%s", folder_file(world.long_tokens ? "long.pem" : "authority.pem"));
    assert_int_equal(RUN("openssl", "ts", "-reply", "-config", configuration, "-section", "service", "-queryfile",
                         request, "-signer", certificate, "-inkey", key, "-chain", chain, "-out", out),
                     0);
    assert_true(file_read(out, &response));
    TRY(rfd_bytes_new(response.length, answer, error));
    memcpy(answer->data, response.data, response.length);
    buf_dispose(&response);
    world.timestamps++;
    return RFD_OK;
}

/** Many certificates in one file, for tokens that are longer than anybody expects. */
static void write_long_chain(void)
{
    struct buf all;
    buf_init(&all, BYTES_MAXIMUM);
    for (int i = 0; i < LONG_CHAIN; i++) {
        char name[64];
        struct buf pem;
        (void)snprintf(name, sizeof name, "Authority with a rather long name, number %d", i);
        struct identity other = identity_new("P-256", name, NULL, NULL);
        folder_write_identity(&other, "other.pem", "other.key");
        assert_true(file_read(folder_file("other.pem"), &pem));
        buf_put_slice(&all, buf_slice(&pem));
        buf_dispose(&pem);
        identity_free(&other);
    }
    (void)folder_write("long.pem", buf_slice(&all));
    buf_dispose(&all);
}

static void make_trust(void)
{
    struct buf crl = make_crl();
    slice anchor = world.authority.certificate->der;
    assert_int_equal(rfd_trust_new(&world.trust, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_anchors(world.trust, anchor, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_crl(world.trust, buf_slice(&crl), NULL), RFD_OK);
    assert_int_equal(rfd_trust_new(&world.without_crl, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_anchors(world.without_crl, anchor, NULL), RFD_OK);
    buf_dispose(&crl);
}

int world_set_up(void **state)
{
    (void)state;
    char text[1024];
    const char *folder = folder_new();
    world = (struct sign_world){0};
    world.authority = identity_new("RSA", "Authority", NULL, NULL);
    world.signer = identity_new("P-256", "PRUEBA INVENTADA, Ñandú", &world.authority, NULL);
    world.tsa = identity_new("RSA", "Clock", &world.authority, "critical,timeStamping");
    folder_write_identity(&world.authority, "authority.pem", "authority.key");
    folder_write_identity(&world.signer, "signer.pem", "signer.key");
    folder_write_identity(&world.tsa, "tsa.pem", "tsa.key");
    write_long_chain();
    (void)snprintf(text, sizeof text, tsa_configuration, folder);
    (void)folder_write("ts.conf", slice_text(text));
    make_trust();
    world.fetcher = (struct rfd_fetcher){NULL, serve};
    char key[256], certificate[256];
    (void)snprintf(key, sizeof key, "%s", folder_file("signer.key"));
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("signer.pem"));
    return rfd_key_open_pem(key, certificate, NULL, SLICE_EMPTY, &world.key, NULL) == RFD_OK ? 0 : -1;
}

int world_tear_down(void **state)
{
    (void)state;
    rfd_key_free(world.key);
    rfd_trust_free(world.trust);
    rfd_trust_free(world.without_crl);
    identity_free(&world.authority);
    identity_free(&world.signer);
    identity_free(&world.tsa);
    folder_remove();
    return 0;
}

struct rfd_sign_options world_options(void)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    options.key = world.key;
    options.replace = true;
    return options;
}

struct rfd_sign_options world_options_at(enum rfd_level level)
{
    struct rfd_sign_options options = world_options();
    options.level = level;
    options.tsa_url = "http://tsa.example/";
    options.trust = world.trust;
    options.fetcher = &world.fetcher;
    options.offline = true;
    return options;
}

struct rfd_key *world_key(const char *kind, struct identity *identity)
{
    struct rfd_key *out = NULL;
    char key[256], certificate[256];
    *identity = identity_new(kind, "OTRA INVENTADA", &world.authority, NULL);
    folder_write_identity(identity, "another.pem", "another.key");
    (void)snprintf(key, sizeof key, "%s", folder_file("another.key"));
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("another.pem"));
    assert_int_equal(rfd_key_open_pem(key, certificate, NULL, SLICE_EMPTY, &out, NULL), RFD_OK);
    return out;
}

void document_make(struct buf *out, const char *catalog, const char *page, const char *const *more, size_t count)
{
    enum { OBJECTS_MAXIMUM = 32, FIXED = 3 };
    char first[512], third[512];
    const char *objects[OBJECTS_MAXIMUM] = {first, "<</Type/Pages/Kids[3 0 R]/Count 1>>", third};
    (void)snprintf(first, sizeof first, "<</Type/Catalog/Pages 2 0 R%s>>", catalog);
    (void)snprintf(third, sizeof third, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]%s>>", page);
    for (size_t i = 0; i < count; i++) objects[FIXED + i] = more[i];
    buf_init(out, BYTES_MAXIMUM);
    support_make_pdf(out, objects, FIXED + count, "/Root 1 0 R");
}

rfd_status sign_bytes(const struct buf *input, const struct rfd_sign_options *options, struct buf *out,
                      struct rfd_error *error)
{
    rfd_bytes update = {0};
    buf_init(out, BYTES_MAXIMUM);
    rfd_status status = rfd_sign_memory(buf_slice(input), options, &update, NULL, error);
    if (status != RFD_OK) return status;
    buf_put_slice(out, buf_slice(input));
    buf_put(out, update.data, update.length);
    rfd_bytes_free(&update);
    return RFD_OK;
}

void sign_good(const struct buf *input, const struct rfd_sign_options *options, struct buf *out)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = sign_bytes(input, options, out, &error);
    if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, RFD_OK);
}

void signed_open(slice bytes, const char *password, struct signed_document *d)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct pdf_options options = {.strict = true, .password = slice_text(password == NULL ? "" : password)};
    *d = (struct signed_document){0};
    assert_int_equal(source_open_memory(bytes, &d->source, NULL), RFD_OK);
    rfd_status status = pdf_open(d->source, &options, &d->run.doc, &error);
    if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, RFD_OK);
    d->run.view = pdf_latest(d->run.doc);
    assert_int_equal(placement_read(&d->run.view, &d->run.place, NULL), RFD_OK);
    assert_int_equal(signed_items_read(&d->run, &d->all, NULL), RFD_OK);
}

void signed_close(struct signed_document *d)
{
    signed_items_dispose(&d->all);
    pdf_close(d->run.doc);
    source_close(d->source);
}

static void check_cms(slice bytes, const struct signed_item *item)
{
    const int64_t *range = item->signature.byte_range;
    struct digest *running = NULL;
    struct cms_check check;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    assert_int_equal(digest_start(item->cms.digest, &running, NULL), RFD_OK);
    assert_int_equal(digest_add(running, slice_part(bytes, 0, (size_t)range[1]), NULL), RFD_OK);
    assert_int_equal(digest_add(running, slice_part(bytes, (size_t)range[2], (size_t)range[3]), NULL), RFD_OK);
    assert_int_equal(digest_finish(running, digest, NULL), RFD_OK);
    digest_free(running);
    slice value = slice_of(digest, digest_size(item->cms.digest));
    if (item->signature.document_timestamp) {
        struct timestamp t;
        assert_int_equal(timestamp_parse(item->signature.contents, &t, NULL), RFD_OK);
        assert_int_equal(timestamp_verify(&t, value, NULL), RFD_OK);
        timestamp_dispose(&t);
        return;
    }
    cms_verify(&item->cms, item->cms.signer, value, &check);
    assert_true(check.digest_matches && check.signature_matches && check.signing_certificate_matches);
    assert_true(check.content_type_matches && check.algorithms_consistent && item->cms.attributes_sorted);
    assert_int_equal(item->cms.signing_time, RFD_TIME_NONE);
    assert_false(item->cms.has_content);
    for (size_t i = 0; i < item->cms.signature_timestamp_count; i++) {
        struct timestamp t;
        assert_int_equal(digest_of(DIGEST_SHA256, item->cms.signature, digest, NULL), RFD_OK);
        assert_int_equal(timestamp_parse(cms_signature_timestamp(&item->cms, i), &t, NULL), RFD_OK);
        assert_int_equal(timestamp_verify(&t, slice_of(digest, 32), NULL), RFD_OK);
        timestamp_dispose(&t);
    }
}

const struct signed_item *signed_check(struct signed_document *d, const char *field, bool whole)
{
    slice bytes;
    const struct signed_item *item = NULL;
    assert_int_equal(source_view(d->source, 0, source_size(d->source), &bytes, NULL), RFD_OK);
    for (size_t i = 0; i < d->all.count; i++) {
        if (slice_is(d->all.items[i].field, field)) item = &d->all.items[i];
    }
    assert_non_null(item);
    const struct pdf_signature *s = &item->signature;
    assert_true(item->parsed);
    assert_int_equal(s->byte_range_count, 4);
    assert_int_equal(s->byte_range[0], 0);
    assert_int_equal(s->byte_range[1], s->contents_offset);
    assert_int_equal(s->byte_range[2] - s->byte_range[1], s->contents_raw.length);
    assert_int_equal(bytes.data[s->byte_range[1]], '<');
    assert_int_equal(bytes.data[s->byte_range[2] - 1], '>');
    assert_int_equal((uint64_t)(s->byte_range[2] + s->byte_range[3]) == bytes.length, whole);
    check_cms(bytes, item);
    return item;
}
