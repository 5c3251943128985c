/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys, requests and approvals made beforehand, on all processors.
 */
#include "registrar.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/source.h"
#include "keeper/approval_sign.h"
#include "pki/attribute.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/pem.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <refrenda/key.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_MAXIMUM = 64 << 10, THREADS = 2 };

static void fail(const char *what, const struct rfd_error *error)
{
    (void)fprintf(stderr, "registrar: %s: %s %s\n", what, rfd_status_name(error->code), error->detail);
    exit(1);
}

struct workshop {
    const struct registrar_options *o;
    struct registrar_order *orders;
    struct rfd_key *agent;
    uint8_t authority[APPROVAL_HASH_SIZE];
    uint64_t run; /* tells one run's orders from another's */
    size_t from, step;
};

/** DER of a PKCS#10 with a new P-256 key; appends, and writes the hash of its SubjectPublicKeyInfo. */
static void make_request(struct buf *der, uint8_t hash[APPROVAL_HASH_SIZE])
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509_REQ *request = X509_REQ_new();
    uint8_t *bytes = NULL;
    uint8_t *spki = NULL;
    (void)X509_REQ_set_pubkey(request, key);
    (void)X509_REQ_sign(request, key, EVP_sha256());
    int length = i2d_X509_REQ(request, &bytes);
    int spki_length = i2d_PUBKEY(key, &spki);
    if (length <= 0 || spki_length <= 0) exit(1);
    (void)EVP_Digest(spki, (size_t)spki_length, hash, NULL, EVP_sha256(), NULL);
    buf_put(der, bytes, (size_t)length);
    OPENSSL_free(bytes);
    OPENSSL_free(spki);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}

/** The attributes with {n} replaced; `text` keeps them. */
static void put_attributes(struct approval *a, const char *pattern, size_t number, struct buf *text)
{
    for (const char *at = pattern; *at != '\0'; at++) {
        if (strncmp(at, "{n}", 3) == 0) {
            buf_print(text, "%08zu", number);
            at += 2;
        } else {
            buf_put_byte(text, (uint8_t)*at);
        }
    }
    slice rest = buf_slice(text);
    while (rest.length > 0) {
        const uint8_t *comma = memchr(rest.data, ',', rest.length);
        slice one = comma == NULL ? rest : slice_part(rest, 0, (size_t)(comma - rest.data));
        rest = slice_from(rest, one.length + (comma == NULL ? 0 : 1));
        const uint8_t *equals = memchr(one.data, '=', one.length);
        if (equals == NULL) continue;
        slice word = slice_part(one, 0, (size_t)(equals - one.data));
        a->subject[a->subject_count++] =
            (struct approval_attribute){attribute_from_word(word), slice_from(one, word.length + 1)};
    }
}

static void make_order(const struct workshop *w, size_t number, struct registrar_order *out)
{
    struct approval approval = {.profile = slice_text(w->o->profile), .time = clock_now() / RFD_SECOND * RFD_SECOND};
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf request, attributes, text, signed_data, body;
    buf_init(&request, TEXT_MAXIMUM);
    buf_init(&attributes, TEXT_MAXIMUM);
    buf_init(&text, TEXT_MAXIMUM);
    buf_init(&signed_data, TEXT_MAXIMUM);
    buf_init(&body, TEXT_MAXIMUM);
    (void)snprintf(out->idempotency, sizeof out->idempotency, "%016llx-%zu", (unsigned long long)w->run, number);
    approval.request = slice_text(out->idempotency);
    memcpy(approval.authority, w->authority, sizeof approval.authority);
    make_request(&request, approval.key);
    put_attributes(&approval, w->o->attributes, number, &attributes);
    if (approval_write(&approval, &text, &error) != RFD_OK) fail("approval", &error);
    if (approval_sign(w->agent, buf_slice(&text), &signed_data, &error) != RFD_OK) fail("approval", &error);
    buf_print(&body, "{\"authority\":\"%s\",\"csr\":\"", w->o->authority_name);
    buf_put_base64(&body, buf_slice(&request));
    buf_put_text(&body, "\",\"approvals\":[\"");
    buf_put_base64(&body, buf_slice(&signed_data));
    buf_put_text(&body, "\"]}");
    if (body.status != RFD_OK) exit(1);
    out->length = body.length;
    out->body = memory_copy(body.data, body.length);
    buf_dispose(&request);
    buf_dispose(&attributes);
    buf_dispose(&text);
    buf_dispose(&signed_data);
    buf_dispose(&body);
}

static void *make_orders(void *context)
{
    const struct workshop *w = context;
    for (size_t i = w->from; i < w->o->count; i += w->step) make_order(w, w->o->first + i, &w->orders[i]);
    return NULL;
}

static void hash_authority(const char *path, uint8_t out[APPROVAL_HASH_SIZE])
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct certificate_list list = {.count = 0};
    struct source *source = NULL;
    slice bytes;
    if (source_open_file(path, &source, &error) != RFD_OK ||
        source_view(source, 0, source_size(source), &bytes, &error) != RFD_OK ||
        certificate_list_read(&list, bytes, &error) != RFD_OK || list.count == 0)
        fail(path, &error);
    slice spki = list.items[0]->spki;
    (void)EVP_Digest(spki.data, spki.length, out, NULL, EVP_sha256(), NULL);
    certificate_list_dispose(&list);
    source_close(source);
}

void registrar_prepare(const struct registrar_options *o, struct registrar_order *orders)
{
    struct workshop shared = {.o = o, .orders = orders, .run = (uint64_t)clock_now() ^ (uint64_t)getpid() << 48};
    struct workshop each[THREADS];
    pthread_t threads[THREADS];
    struct rfd_error error = RFD_ERROR_INIT;
    struct secret password = {0};
    hash_authority(o->authority_certificate, shared.authority);
    if (secret_read_file(&password, o->agent_password, &error) != RFD_OK ||
        rfd_key_open_pkcs12(o->agent, secret_slice(&password), &shared.agent, &error) != RFD_OK)
        fail(o->agent, &error);
    secret_dispose(&password);
    for (size_t i = 0; i < THREADS; i++) {
        each[i] = shared;
        each[i].from = i;
        each[i].step = THREADS;
        if (pthread_create(&threads[i], NULL, make_orders, &each[i]) != 0) exit(1);
    }
    for (size_t i = 0; i < THREADS; i++) (void)pthread_join(threads[i], NULL);
    rfd_key_free(shared.agent);
}
