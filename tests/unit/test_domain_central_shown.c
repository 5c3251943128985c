/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people are shown is what is signed, in both databases: the personal keeper reads it, whoever has the web
 * process; also where the portal stated its documents, and where much is appended to one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "central_world.h"
#include "domain/central/internal.h"
#include "jws_maker.h"
#include "keeper/ask.h"

#include <openssl/x509.h>
#include <refrenda/verify.h>
#include <stdio.h>

#define PORTAL "Sede electrónica de Lejana"

enum { PDF_MAXIMUM = 4 << 20, STRING = 1000 };

static struct arena memory;

/* ---- Operations ---- */

struct handing_in {
    struct actor actor;
    const struct portal *portal;
    struct signing wanted;
    struct signing out;
    int64_t id;
};

static rfd_status do_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing_in *x = context;
    const struct actor admin = actor_system("admin");
    return portal_put(t, &admin, x->portal, NULL, &x->id, error);
}

static rfd_status do_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing_in *x = context;
    TRY(signing_new(t, &x->actor, x->portal, &x->wanted, NULL, &x->out, error));
    return store_keep(&memory, &x->out.token, error);
}

static rfd_status do_open(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing_in *x = context;
    struct signing opened;
    return signing_open(t, &x->actor, x->out.token, &opened, error);
}

static slice new_operation(struct office *o, const struct central *c, slice blob)
{
    struct signing_document document = {.title = SLICE("Solicitud"), .blob = blob, .pages = 1};
    struct handing_in x = {.actor = central_actor(o, ANA), .wanted = {.documents = &document, .count = 1}};
    WORLD_OK(store_write(c->store, do_new, &x, &error));
    return x.out.token;
}

static rfd_status prepare(struct office *o, const struct central *c, slice token, const char *credential,
                          struct central_authorisation *begun)
{
    struct actor ana = central_actor(o, ANA);
    return signing_prepare(c, &ana, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"), begun,
                           NULL);
}

/** Signs it; the result is intact and begins with what was shown. */
static void sign(struct office *o, const struct central *c, slice token, const struct central_authorisation *begun)
{
    struct actor ana = central_actor(o, ANA);
    struct central_proofs proofs = central_prove(begun, CENTRAL_PASSWORD, NULL);
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v = NULL;
    struct signing out;
    struct buf shown, result;
    WORLD_OK(signing_sign(c, &ana, &memory, token, begun->operation, &proofs, &out, &error));
    assert_int_equal(out.state, SIGNING_SIGNED);
    central_read(c, out.documents[0].blob, &shown);
    central_read(c, out.documents[0].result, &result);
    assert_true(slice_starts(buf_slice(&result), buf_slice(&shown)));
    options.offline = true;
    WORLD_OK(rfd_verify_memory(buf_slice(&result), &options, &v, &error));
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *report = rfd_verification_signature(v, 0);
    assert_true(report->intact && report->covers_whole_file);
    rfd_verification_free(v);
    buf_dispose(&shown);
    buf_dispose(&result);
}

/* ---- Whoever has the web process ---- */

static rfd_status sign_hash(const struct central *c, slice sad, slice hash)
{
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, sad);
    message_put_u32(&body, 1);
    message_put_bytes(&body, hash);
    rfd_status status = central_ask(c, PERSONAL_SIGN, &body, NULL, NULL);
    buf_dispose(&body);
    return status;
}

static rfd_status sign_document(const struct central *c, slice sad, slice document)
{
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, sad);
    message_put_u64(&body, 0);
    message_put_bytes(&body, document);
    rfd_status status = central_ask(c, PERSONAL_READ_DOCUMENT, &body, NULL, NULL);
    buf_reset(&body);
    message_put_bytes(&body, sad);
    message_put_u64(&body, document.length);
    message_put_bytes(&body, SLICE("6 0 obj << /Contents "));
    message_put_bytes(&body, SLICE(" >> endobj"));
    if (status == RFD_OK) status = central_ask(c, PERSONAL_SIGN_REVISION, &body, NULL, NULL);
    buf_dispose(&body);
    return status;
}

static void test_nothing_else(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct central_authorisation begun;
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    char credential[PERSONAL_ID_SIZE];
    struct buf shown, other;
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    central_made(o, &c, ANA, credential);
    slice blob = central_pdf(&c, "Solicitud");
    assert_int_equal(prepare(o, &c, new_operation(o, &c, blob), credential, &begun), RFD_OK);
    assert_non_null(memmem(begun.text.data, begun.text.length, "\nof: documents\n", 15));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(central_activate(&c, begun.operation, &proofs, &reply, &error));
    slice sad = message_get_bytes(&reply.fields, PERSONAL_SAD_SIZE);
    central_read(&c, blob, &shown);
    central_read(&c, central_pdf(&c, "Otra cosa"), &other);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&shown), hash, NULL), RFD_OK);
    assert_int_equal(sign_hash(&c, sad, slice_of(hash, OPERATION_HASH_SIZE)), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(sign_document(&c, sad, buf_slice(&other)), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(sign_document(&c, sad, slice_from(buf_slice(&shown), 1)), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(sign_document(&c, sad, buf_slice(&shown)), RFD_OK);
    buf_dispose(&shown);
    buf_dispose(&other);
    keeper_reply_dispose(&reply);
}

/* ---- A portal that states its documents ---- */

static void know_portal(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    const struct profile_value names[] = {{OID_COMMON_NAME, PORTAL}};
    const struct ask_registration known = {.kind = KEEPER_PORTAL,
                                           .name = "sede-lejana",
                                           .proof = slice_of(der, (size_t)length),
                                           .profiles = "",
                                           .values = names,
                                           .value_count = 1};
    WORLD_OK(ask_register(central_link(KEEPER_FROM_ADMIN), &known, &error));
    OPENSSL_free(der);
}

/** It knows its documents, and not what is signed of them. */
static void test_stated_documents(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct portal portal = {.entity = 1,
                            .name = SLICE(PORTAL),
                            .client = SLICE("sede-lejana"),
                            .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899")};
    struct signing_document document = {.title = SLICE("Solicitud"), .blob = central_pdf(&c, "Solicitud"), .pages = 1};
    struct handing_in x = {.actor = actor_system("portal:sede-lejana"), .portal = &portal};
    struct central_authorisation begun;
    char credential[PERSONAL_ID_SIZE];
    struct buf stated;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    central_made(o, &c, ANA, credential);
    know_portal(key);
    WORLD_OK(store_write(c.store, do_portal, &x, &error));
    portal.id = x.id;
    x.wanted = (struct signing){.documents = &document, .count = 1};
    for (int right = 0; right < 2; right++) {
        slice hash = right ? document.blob : central_pdf(&c, "Otra cosa");
        buf_init(&stated, 8192);
        jws_make(key, JWS_STATEMENT_ES256,
                 arena_print(&memory, "{\"documents\":[\"%.*s\"],\"iat\":%lld,\"exp\":%lld}", (int)hash.length,
                             (const char *)hash.data, (long long)(clock_now() / RFD_SECOND),
                             (long long)(clock_now() / RFD_SECOND + 86400)),
                 &stated);
        x.wanted.statement = buf_slice(&stated);
        WORLD_OK(store_write(c.store, do_new, &x, &error));
        buf_dispose(&stated);
        struct handing_in ana = {.actor = central_actor(o, ANA), .out = x.out};
        WORLD_OK(store_write(c.store, do_open, &ana, &error));
        assert_int_equal(prepare(o, &c, x.out.token, credential, &begun), right ? RFD_OK : RFD_E_KEY_REFUSED);
    }
    sign(o, &c, x.out.token, &begun);
    EVP_PKEY_free(key);
}

/* ---- Much that is appended ---- */

/** A PDF whose page, which a signature writes anew, has so many strings. */
static slice put_long_page(const struct central *c, size_t strings)
{
    struct buf b;
    size_t offsets[4];
    buf_init(&b, PDF_MAXIMUM);
    buf_put_text(&b, "%PDF-1.7\n");
    offsets[1] = b.length;
    buf_put_text(&b, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    offsets[2] = b.length;
    buf_put_text(&b, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n");
    offsets[3] = b.length;
    buf_put_text(&b, "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /PieceInfo [");
    for (size_t i = 0; i < strings; i++) buf_print(&b, "(%0*zu) ", STRING, i);
    buf_put_text(&b, "] >>\nendobj\n");
    size_t xref = b.length;
    buf_put_text(&b, "xref\n0 4\n0000000000 65535 f \n");
    for (size_t i = 1; i < 4; i++) buf_print(&b, "%010zu 00000 n \n", offsets[i]);
    buf_print(&b, "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", xref);
    buf_put_byte(&b, '\0');
    assert_int_equal(buf_status(&b), RFD_OK);
    slice blob = central_pdf(c, (const char *)b.data);
    buf_dispose(&b);
    return blob;
}

static void test_much_appended(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct central_authorisation begun;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, put_long_page(&c, 2 * PERSONAL_PIECE_MAXIMUM / STRING));
    assert_int_equal(prepare(o, &c, token, credential, &begun), RFD_OK);
    sign(o, &c, token, &begun);
    token = new_operation(o, &c, put_long_page(&c, PERSONAL_REVISION_MAXIMUM / STRING));
    assert_int_equal(prepare(o, &c, token, credential, &begun), RFD_E_UNSUPPORTED);
    assert_int_equal(domain_store_number(c.store, "SELECT count(*) FROM signing_document WHERE failure = 'limit'"), 1);
}

static int set_up(void **state)
{
    arena_init(&memory, 64 << 20);
    return central_setup(state);
}

static int tear_down(void **state)
{
    arena_dispose(&memory);
    return central_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_nothing_else),
        IN_BOTH_OFFICES(test_stated_documents),
        IN_BOTH_OFFICES(test_much_appended),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
