/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a key that its owner opens in the browser, in both databases: whose certificate may, whose may not, and
 * when not any more; signatures of something else; twice, at once, killed in between; what is kept of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "own_signer.h"
#include "pdf_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <refrenda/verify.h>
#include <stdio.h>
#include <unistd.h>

enum { SIGNERS = 3 };
static struct arena memory;

/* ---- Operations ---- */

struct asking {
    struct actor actor;
    struct signing wanted, out;
    const struct portal *portal;
};

static rfd_status do_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct faults faults = {.count = 0};
    TRY(signing_new(t, &a->actor, a->portal, &a->wanted, &faults, &a->out, error));
    return store_keep(&memory, &a->out.token, error);
}

static rfd_status do_open(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    TRY(signing_open(t, &a->actor, a->out.token, &a->out, error));
    return store_keep(&memory, &a->out.token, error);
}

static const char *const two[] = {"Solicitud uno", "Solicitud dos"};

static slice new_operation(struct office *o, const struct central *c, int64_t person, size_t count)
{
    struct signing_document documents[2] = {{.id = 0}};
    for (size_t i = 0; i < count; i++)
        documents[i] =
            (struct signing_document){.title = slice_text(two[i]), .blob = central_pdf(c, two[i]), .pages = 1};
    struct asking a = {.actor = central_actor(o, person), .wanted = {.documents = documents, .count = count}};
    WORLD_OK(store_write(c->store, do_new, &a, &error));
    return a.out.token;
}

static size_t spooled(void)
{
    size_t n = 0;
    DIR *folder = opendir("spool");
    assert_non_null(folder);
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) n += e->d_name[0] != '.';
    (void)closedir(folder);
    return n;
}

/* ---- The browser's part ---- */

struct browser {
    const struct central *c;
    struct actor actor;
    slice token;
    struct own_key_prepared prepared;
    struct own_key_signature signatures[2];
    struct signing out;
    struct arena arena; /* of a thread */
    const char *why;
    rfd_status status;
};

static struct browser browser_new(struct office *o, const struct central *c, int64_t person, slice token)
{
    return (struct browser){.c = c, .actor = central_actor(o, person), .token = token};
}

static rfd_status prepare(struct browser *b, const struct own_signer *s)
{
    return own_key_prepare(b->c, &b->actor, &memory, b->token, buf_slice(&s->der), &b->prepared, &b->why, NULL);
}

static void sign_here(struct browser *b, const struct own_signer *s)
{
    for (size_t i = 0; i < b->prepared.count; i++)
        b->signatures[i] = (struct own_key_signature){b->prepared.documents[i].place,
                                                      own_signer_sign(s, &memory, b->prepared.documents[i].attributes)};
}

static rfd_status send_to(struct browser *b, struct arena *a)
{
    return own_key_sign(b->c, &b->actor, a, b->token, slice_of(b->prepared.operation, sizeof b->prepared.operation),
                        b->signatures, b->prepared.count, &b->out, &b->why, NULL);
}

static rfd_status send(struct browser *b)
{
    return send_to(b, &memory);
}

static void expect_why(const struct browser *b, const char *text)
{
    if (b->why == NULL || strstr(b->why, text) == NULL)
        fail_msg("\"%s\", not \"%s\"", b->why == NULL ? "" : b->why, text);
}

static void check_signed(const struct central *c, const struct signing_document *d)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v = NULL;
    struct buf shown, result;
    central_read(c, d->blob, &shown);
    central_read(c, d->result, &result);
    assert_true(slice_starts(buf_slice(&result), buf_slice(&shown)));
    WORLD_OK(rfd_verify_memory(buf_slice(&result), &options, &v, &error));
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_true(s->intact && s->covers_whole_file);
    assert_non_null(strstr(s->path[0].subject, "IDCPE-00000004"));
    rfd_verification_free(v);
    buf_dispose(&shown);
    buf_dispose(&result);
}

/* ---- Tests ---- */

static void sign_both(struct office *o, struct central *c, const char *algorithm, size_t bits, const char *name)
{
    struct own_signer mine;
    own_signer_new(o, ANA, algorithm, bits, &mine);
    slice token = new_operation(o, c, ANA, 2);
    struct browser b = browser_new(o, c, ANA, token);
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    assert_int_equal(b.prepared.count, 2);
    assert_string_equal(b.prepared.algorithm, name);
    assert_int_equal(spooled(), 2);
    sign_here(&b, &mine);
    assert_int_equal(send(&b), RFD_OK);
    assert_int_equal(b.out.state, SIGNING_SIGNED);
    assert_true(b.out.own_key && b.out.credential.length == 0);
    for (size_t i = 0; i < 2; i++) check_signed(c, &b.out.documents[i]);
    assert_int_equal(spooled(), 0);
    assert_int_equal(
        office_number(o, "SELECT count(*) FROM certificate_use WHERE use = 'signature' AND certificate = %lld",
                      (long long)mine.registered),
        2);
    own_signer_free(&mine);
}

static void test_signed(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    c.personal = NULL; /* there is nothing that it would be asked */
    sign_both(o, &c, "P-256", 0, "ECDSA");
    sign_both(o, &c, "P-384", 0, "ECDSA");
    sign_both(o, &c, "RSA", 2048, "RSASSA-PKCS1-v1_5");
    assert_int_equal(office_mails(o, "central-signed"), 3);
    assert_int_equal(domain_store_number(o->store,
                                         "SELECT count(*) FROM audit_waiting WHERE action = 'signing.conclude' "
                                         "AND detail LIKE '%\"certificate\":%'"),
                     3);
}

static rfd_status make_receipt(struct transaction *t, void *context, struct rfd_error *error)
{
    struct browser *b = context;
    struct buf pdf;
    buf_init(&pdf, 8 << 20);
    rfd_status status = signing_receipt(b->c, t, &b->out, &pdf, error);
    if (status == RFD_OK) {
        FILE *file = fopen("receipt.pdf", "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(pdf.data, 1, pdf.length, file), pdf.length);
        (void)fclose(file);
    }
    buf_dispose(&pdf);
    return status;
}

static void test_receipt(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 1));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    assert_int_equal(send(&b), RFD_OK);
    WORLD_OK(store_read(o->store, make_receipt, &b, &error));
    if (RUN("pdftotext", "-v") == 0) {
        assert_int_equal(RUN("sh", "-c", "pdftotext receipt.pdf - | tr '\\n' ' ' | grep -q 'in their own browser'"), 0);
        assert_int_not_equal(RUN("sh", "-c", "pdftotext receipt.pdf - | grep -q 'one-time code\\|holder.s log'"), 0);
    }
    own_signer_free(&mine);
}

/** Somebody else's, a revoked one, one of another house, none at all: told in plain words, and nothing is prepared. */
static void test_refused_certificates(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine, theirs, unknown;
    char sql[256];
    own_signer_new(o, ANA, "P-256", 0, &mine);
    own_signer_new(o, BERTA, "P-256", 0, &theirs);
    own_signer_new(o, 7777, "P-256", 0, &unknown);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 1));
    assert_int_equal(prepare(&b, &theirs), RFD_E_FORBIDDEN);
    expect_why(&b, "somebody else's");
    assert_int_equal(prepare(&b, &unknown), RFD_E_FORBIDDEN);
    expect_why(&b, "somebody else's");
    struct own_signer odd = {.key = NULL};
    buf_init(&odd.der, 1 << 16);
    assert_int_equal(prepare(&b, &odd), RFD_E_FORBIDDEN);
    expect_why(&b, "no certificate");
    buf_put_slice(&odd.der, authority_world_certificate()->der);
    assert_int_equal(prepare(&b, &odd), RFD_E_FORBIDDEN);
    buf_reset(&odd.der); /* its own, with another signature value at the end */
    buf_put_slice(&odd.der, buf_slice(&mine.der));
    odd.der.data[odd.der.length - 1] ^= 1;
    assert_int_equal(prepare(&b, &odd), RFD_E_FORBIDDEN);
    expect_why(&b, "not issued here");
    (void)snprintf(sql, sizeof sql,
                   "UPDATE certificate_status SET state = 3, revoked_at = 1, reason = 1 WHERE serial = "
                   "(SELECT serial FROM certificate WHERE id = %lld)",
                   (long long)mine.registered);
    (void)domain_store_run(o->store, sql);
    assert_int_equal(prepare(&b, &mine), RFD_E_FORBIDDEN);
    expect_why(&b, "revoked");
    assert_int_equal(spooled(), 0);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM signing WHERE state = 'waiting'"), 1);
    own_signer_free(&mine);
    own_signer_free(&theirs);
    own_signer_free(&unknown);
    buf_dispose(&odd.der);
}

static void test_other_people(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine, theirs;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    own_signer_new(o, BERTA, "P-256", 0, &theirs);
    slice token = new_operation(o, &c, ANA, 1);
    struct browser ana = browser_new(o, &c, ANA, token), berta = browser_new(o, &c, BERTA, token);
    const char *path;
    assert_int_equal(prepare(&berta, &theirs), RFD_E_NOT_FOUND);
    assert_int_equal(prepare(&ana, &mine), RFD_OK);
    sign_here(&ana, &mine);
    berta.prepared = ana.prepared;
    memcpy(berta.signatures, ana.signatures, sizeof berta.signatures);
    assert_int_equal(send(&berta), RFD_E_NOT_FOUND);
    assert_int_equal(own_key_file(&c, &berta.actor, &memory, token, 1, &path, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(own_key_file(&c, &ana.actor, &memory, token, 2, &path, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(own_key_file(&c, &ana.actor, &memory, token, 1, &path, &error));
    assert_int_equal(access(path, R_OK), 0);
    assert_int_equal(send(&ana), RFD_OK);
    own_signer_free(&mine);
    own_signer_free(&theirs);
}

/** Of a portal, for a person with another identity document: whoever it is that is signed in. */
static void test_portal_names_the_holder(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    slice token = new_operation(o, &c, ANA, 1);
    struct browser b = browser_new(o, &c, ANA, token);
    (void)domain_store_run(o->store, "UPDATE signing SET holder = 'IDCPE-00000010'");
    assert_int_equal(prepare(&b, &mine), RFD_E_FORBIDDEN);
    expect_why(&b, "another identity document");
    (void)domain_store_run(o->store, "UPDATE signing SET holder = 'IDCPE-00000004'");
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    (void)domain_store_run(o->store, "UPDATE signing SET holder = 'IDCPE-00000010'");
    assert_int_equal(send(&b), RFD_E_FORBIDDEN);
    expect_why(&b, "another identity document");
    own_signer_free(&mine);
}

/** Signatures of something else, by something else, of the wrong document, none: nothing is kept, and one may try
 * again. */
static void test_wrong_signatures(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine, again;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    own_signer_new(o, ANA, "P-256", 0, &again);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 2));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &again); /* the person's own, but not that it was prepared for */
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    expect_why(&b, "not one of what was prepared");
    sign_here(&b, &mine);
    b.signatures[1].signature = own_signer_sign(&mine, &memory, SLICE("otros atributos"));
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    sign_here(&b, &mine);
    b.signatures[0].place = 2; /* each other's */
    b.signatures[1].place = 1;
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    sign_here(&b, &mine);
    b.signatures[1].place = 1; /* one twice, one not at all */
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    expect_why(&b, "missing");
    b.signatures[1] = (struct own_key_signature){2, SLICE_EMPTY};
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
                     0);
    sign_here(&b, &mine);
    assert_int_equal(send(&b), RFD_OK);
    own_signer_free(&mine);
    own_signer_free(&again);
}

static void test_certificate_ends_in_between(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 1));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    (void)domain_store_run(o->store, "UPDATE certificate_status SET state = 3, revoked_at = 1, reason = 1");
    assert_int_equal(send(&b), RFD_E_CERTIFICATE_REVOKED);
    (void)domain_store_run(o->store, "UPDATE certificate_status SET state = 1, revoked_at = NULL, reason = 0");
    (void)domain_store_run(o->store, "UPDATE authority SET certificate = certificate, parent = parent");
    (void)domain_store_run(o->store, "UPDATE signing SET person = 10"); /* the operation, but not the certificate */
    b.actor = central_actor(o, BERTA);
    assert_int_equal(send(&b), RFD_E_FORBIDDEN);
    expect_why(&b, "somebody else's");
    own_signer_free(&mine);
}

/** The other way, or the same once more, was begun in another window. */
static void test_prepared_again(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    struct central_authorisation begun;
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    own_signer_new(o, ANA, "P-256", 0, &mine);
    slice token = new_operation(o, &c, ANA, 1);
    struct browser first = browser_new(o, &c, ANA, token), second = first;
    assert_int_equal(prepare(&first, &mine), RFD_OK);
    sign_here(&first, &mine);
    size_t before = spooled();
    assert_int_equal(prepare(&second, &mine), RFD_OK);
    assert_int_equal(spooled(), before); /* the first one's file is gone */
    assert_int_equal(send(&first), RFD_E_ACTIVATION_ENDED);
    WORLD_OK(signing_prepare(&c, &first.actor, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                             &begun, &error));
    sign_here(&second, &mine);
    assert_int_equal(send(&second), RFD_E_ACTIVATION_ENDED);
    const char *path;
    assert_int_equal(own_key_file(&c, &first.actor, &memory, token, 1, &path, NULL), RFD_E_NOT_FOUND);
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    assert_int_equal(prepare(&second, &mine), RFD_OK);
    assert_int_equal(signing_sign(&c, &first.actor, &memory, token, begun.operation, &proofs, &out, NULL),
                     RFD_E_ACTIVATION_ENDED);
    sign_here(&second, &mine);
    assert_int_equal(send(&second), RFD_OK);
    own_signer_free(&mine);
}

static void test_cancelled_and_expired(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 1));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    (void)domain_store_run(o->store, "UPDATE signing SET ends = 1");
    assert_int_equal(send(&b), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(prepare(&b, &mine), RFD_E_STATE);
    WORLD_OK(signing_tick(&c, clock_now() + 2 * 3600 * RFD_SECOND, &error));
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM signing WHERE state = 'expired'"), 1);
    assert_int_equal(spooled(), 0);
    own_signer_free(&mine);
}

/** Whoever had claimed it died after the first document: the same signatures end it, and the first stays as it is. */
static void test_killed_in_between(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    char sql[128];
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 2));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    (void)snprintf(sql, sizeof sql, "UPDATE signing SET busy = %lld", (long long)(clock_now() + 60 * RFD_SECOND));
    (void)domain_store_run(o->store, sql);
    assert_int_equal(prepare(&b, &mine), RFD_E_STATE);
    (void)domain_store_run(o->store, "UPDATE signing SET busy = 1");
    (void)domain_store_run(o->store, "UPDATE signing_document SET result = blob WHERE place = 1");
    assert_int_equal(send(&b), RFD_OK);
    assert_int_equal(b.out.state, SIGNING_SIGNED);
    assert_true(slice_equal(b.out.documents[0].result, b.out.documents[0].blob));
    check_signed(&c, &b.out.documents[1]);
    own_signer_free(&mine);
}

static void *send_at_once(void *context)
{
    struct browser *b = context;
    b->status = send_to(b, &b->arena);
    return NULL;
}

static void test_sent_twice_at_once(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    struct browser all[SIGNERS];
    pthread_t threads[SIGNERS];
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct browser b = browser_new(o, &c, ANA, new_operation(o, &c, ANA, 2));
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    for (size_t i = 0; i < SIGNERS; i++) {
        all[i] = b;
        arena_init(&all[i].arena, 8 << 20);
        assert_int_equal(pthread_create(&threads[i], NULL, send_at_once, &all[i]), 0);
    }
    for (size_t i = 0; i < SIGNERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(all[i].status, RFD_OK);
        assert_true(slice_equal(all[i].out.documents[1].result, all[0].out.documents[1].result));
    }
    for (size_t i = 0; i < SIGNERS; i++) arena_dispose(&all[i].arena);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM certificate_use WHERE use = 'signature'"), 2);
    assert_int_equal(office_mails(o, "central-signed"), 1);
    own_signer_free(&mine);
}

/** Whoever has the database and the disk cannot have the signature put into something else than what was shown. */
static void test_swapped(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    char sql[512];
    const char *path;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    slice token = new_operation(o, &c, ANA, 1);
    struct browser b = browser_new(o, &c, ANA, token);
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    slice evil = central_pdf(&c, "Otra cosa");
    (void)snprintf(sql, sizeof sql, "UPDATE signing_document SET blob = '%.*s'", (int)evil.length,
                   (const char *)evil.data);
    (void)domain_store_run(o->store, sql);
    assert_int_equal(send(&b), RFD_E_HASH_NOT_AUTHORISED);
    slice good = central_pdf(&c, two[0]);
    (void)snprintf(sql, sizeof sql, "UPDATE signing_document SET blob = '%.*s'", (int)good.length,
                   (const char *)good.data);
    (void)domain_store_run(o->store, sql);
    WORLD_OK(own_key_file(&c, &b.actor, &memory, token, 1, &path, &error));
    int file = open(path, O_WRONLY | O_APPEND);
    assert_true(file >= 0);
    assert_int_equal(write(file, "% más", 6), 6);
    (void)close(file);
    assert_int_not_equal(send(&b), RFD_OK);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
                     0);
    own_signer_free(&mine);
}

static rfd_status put_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct actor admin = actor_system("admin");
    struct faults faults = {.count = 0};
    struct portal *portal = context;
    return portal_put(t, &admin, portal, &faults, &portal->id, error);
}

/** As a portal asked: its person comes, signs with a file, and the portal's notice waits to be sent. */
static void test_of_a_portal(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct own_signer mine;
    own_signer_new(o, ANA, "P-256", 0, &mine);
    struct portal portal = {.entity = 1,
                            .name = SLICE("Sede"),
                            .client = SLICE("sede"),
                            .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                            .webhook = SLICE("https://sede.example/avisos")};
    WORLD_OK(store_write(o->store, put_portal, &portal, &error));
    struct signing_document document = {.title = SLICE("Instancia"), .blob = central_pdf(&c, "Instancia"), .pages = 1};
    struct asking a = {.actor = actor_system("portal:sede"),
                       .portal = &portal,
                       .wanted = {.documents = &document, .count = 1, .holder = SLICE("IDCPE-00000004")}};
    WORLD_OK(store_write(c.store, do_new, &a, &error));
    a.actor = central_actor(o, ANA);
    WORLD_OK(store_write(c.store, do_open, &a, &error));
    struct browser b = browser_new(o, &c, ANA, a.out.token);
    assert_int_equal(prepare(&b, &mine), RFD_OK);
    sign_here(&b, &mine);
    assert_int_equal(send(&b), RFD_OK);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook"), 1);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM certificate_use WHERE detail LIKE 'Sede · %'"),
                     1);
    own_signer_free(&mine);
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
        IN_BOTH_OFFICES(test_signed),
        IN_BOTH_OFFICES(test_receipt),
        IN_BOTH_OFFICES(test_refused_certificates),
        IN_BOTH_OFFICES(test_other_people),
        IN_BOTH_OFFICES(test_portal_names_the_holder),
        IN_BOTH_OFFICES(test_wrong_signatures),
        IN_BOTH_OFFICES(test_certificate_ends_in_between),
        IN_BOTH_OFFICES(test_prepared_again),
        IN_BOTH_OFFICES(test_cancelled_and_expired),
        IN_BOTH_OFFICES(test_killed_in_between),
        IN_BOTH_OFFICES(test_sent_twice_at_once),
        IN_BOTH_OFFICES(test_swapped),
        IN_BOTH_OFFICES(test_of_a_portal),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
