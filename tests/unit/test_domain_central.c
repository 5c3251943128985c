/* SPDX-License-Identifier: EUPL-1.2
 *
 * Central signing with both keepers, in both databases: from the agent's approval to signed documents; by whom not,
 * when not; twice, at once, and killed in between; documents that were swapped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "central_world.h"
#include "pdf_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <refrenda/verify.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena memory;

/* ---- Calls ---- */

struct call_of {
    const struct central *c;
    struct actor actor;
    const struct portal *portal;
    const struct signing *wanted;
    struct signing out;
    slice token;
    struct faults faults;
    int64_t id;
};

static rfd_status do_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->faults.count = 0;
    TRY(signing_new(t, &x->actor, x->portal, x->wanted, &x->faults, &x->out, error));
    return store_keep(&memory, &x->out.token, error);
}

static rfd_status do_open(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(signing_open(t, &x->actor, x->token, &x->out, error));
    return RFD_OK;
}

static rfd_status do_cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return signing_cancel(t, &x->actor, x->token, error);
}

static rfd_status do_put_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->faults.count = 0;
    return portal_put(t, &x->actor, x->portal, &x->faults, &x->id, error);
}

static bool faulty(const struct call_of *x, const char *field)
{
    for (unsigned i = 0; i < x->faults.count; i++) {
        if (strcmp(x->faults.items[i].field, field) == 0) return true;
    }
    return false;
}

static enum signing_state state_of(const struct central *c, slice token)
{
    char sql[256];
    for (int s = SIGNING_WAITING; s <= SIGNING_FAILED; s++) {
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM signing WHERE token = '%.*s' AND state = '%s'",
                       (int)token.length, (const char *)token.data, signing_state_name((enum signing_state)s));
        if (domain_store_number(c->store, sql) == 1) return (enum signing_state)s;
    }
    return SIGNING_NONE;
}

/* ---- What is to be signed ---- */

static slice new_operation(struct office *o, const struct central *c, int64_t person, const char *const *texts,
                           size_t count)
{
    struct signing_document documents[4] = {{.id = 0}};
    for (size_t i = 0; i < count; i++)
        documents[i] =
            (struct signing_document){.title = slice_text(texts[i]), .blob = central_pdf(c, texts[i]), .pages = 1};
    const struct signing wanted = {.purpose = SLICE("Solicitud de licencia"), .documents = documents, .count = count};
    struct call_of x = {.c = c, .actor = central_actor(o, person), .wanted = &wanted};
    WORLD_OK(store_write(c->store, do_new, &x, &error));
    assert_int_equal(x.out.state, SIGNING_WAITING);
    return x.out.token;
}

static const char *const two[] = {"Solicitud uno", "Solicitud dos"};

static struct central_authorisation prepared(struct office *o, const struct central *c, slice token,
                                             const char *credential)
{
    struct actor actor = central_actor(o, ANA);
    struct central_authorisation begun;
    WORLD_OK(signing_prepare(c, &actor, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                             &begun, &error));
    assert_int_equal(state_of(c, token), SIGNING_PREPARED);
    return begun;
}

static rfd_status sign(struct office *o, const struct central *c, slice token,
                       const struct central_authorisation *begun, const char *password, const char *code,
                       struct signing *out)
{
    struct actor actor = central_actor(o, ANA);
    struct rfd_error error = RFD_ERROR_INIT;
    struct central_proofs proofs = central_prove(begun, password, code);
    rfd_status status = signing_sign(c, &actor, &memory, token, begun->operation, &proofs, out, &error);
    if (status != RFD_OK) print_message("%s: %s\n", rfd_status_name(status), error.detail);
    return status;
}

static void check_signed(const struct central *c, const struct signing_document *d)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v = NULL;
    struct buf shown, result;
    central_read(c, d->blob, &shown);
    central_read(c, d->result, &result);
    assert_true(slice_starts(buf_slice(&result), buf_slice(&shown)));
    options.offline = true;
    WORLD_OK(rfd_verify_memory(buf_slice(&result), &options, &v, &error));
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_true(s->intact && s->covers_whole_file);
    assert_true(s->path_count >= 2);
    assert_non_null(strstr(s->path[0].subject, "IDCPE-00000004"));
    rfd_verification_free(v);
    FILE *file = fopen("signed.pdf", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(result.data, 1, result.length, file), result.length);
    (void)fclose(file);
    if (RUN("pdfsig", "-v") == 0)
        assert_int_equal(RUN("sh", "-c", "pdfsig -nocert signed.pdf | grep -q 'Signature is Valid'"), 0);
    buf_dispose(&shown);
    buf_dispose(&result);
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

/* ---- From approval to certificate ---- */

static void test_enrolled_and_made(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct actor ana = central_actor(o, ANA), berta = central_actor(o, BERTA);
    struct central_authorisation begun;
    struct central_credential *all = NULL;
    char credential[PERSONAL_ID_SIZE] = "";
    size_t count = 0;
    assert_int_equal(central_generate_begin(&c, &ana, &memory, SLICE("es"), &begun, NULL), RFD_E_NOT_FOUND);
    int64_t request = central_approved(o, ANA);
    assert_int_equal(office_mails(o, "central-ready"), 1);
    assert_int_equal(office_state(o, request), REQUEST_APPROVED);
    assert_true(office_load(o, request).due == RFD_TIME_NONE);
    assert_int_equal(office_issue(o, request, NULL), RFD_OK); /* nothing for the agent's page to do */
    assert_int_equal(office_state(o, request), REQUEST_APPROVED);
    WORLD_OK(central_generate_begin(&c, &ana, &memory, SLICE("es"), &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, "000000x");
    assert_int_equal(central_generate(&c, &ana, &memory, begun.operation, &proofs, credential, NULL),
                     RFD_E_ACTIVATION_CODE);
    proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(central_generate(&c, &ana, &memory, begun.operation, &proofs, credential, &error));
    WORLD_OK(central_credentials(&c, &memory, SLICE("IDCPE-00000004"), &all, &count, &error));
    assert_true(count >= 1);
    assert_string_equal(all[0].id, credential);
    assert_true(central_credential_is_usable(&all[0], clock_now()));
    assert_int_equal(office_state(o, request), REQUEST_ISSUED);
    assert_int_equal(office_load(o, request).applicants[0].certificate, all[0].registered);
    assert_int_equal(
        office_number(o, "SELECT agent FROM certificate_agent WHERE certificate = %lld", all[0].registered), AGENT);
    assert_int_equal(office_mails(o, "central-issued"), 1);
    /* Of another one, nothing. */
    assert_int_equal(central_generate_begin(&c, &berta, &memory, SLICE("es"), &begun, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(central_change_begin(&c, &berta, &memory, slice_text(credential), SLICE("password"), SLICE_EMPTY,
                                          SLICE_EMPTY, SLICE("es"), &begun, NULL),
                     RFD_E_NOT_FOUND);
}

/** On line nobody has seen who it is; and where there is no personal keeper, nobody would keep the key. */
static void test_where_it_is_offered(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct call nobody = office_as(o, 0), agent = office_as(o, AGENT);
    struct form f;
    form_new(&f, "00000004");
    f.person.central = true;
    assert_int_equal(office_ask(&nobody, &f), RFD_E_INVALID);
    assert_true(office_faulty(&nobody, "central"));
    o->settings.central = false;
    assert_int_equal(office_ask_in_person(&agent, &f), RFD_E_INVALID);
    assert_true(office_faulty(&agent, "central"));
    o->settings.central = true;
    f.person.profile = SLICE("pe-public-servant"); /* not among those whose keys are kept */
    assert_int_equal(office_ask_in_person(&agent, &f), RFD_E_INVALID);
    form_free(&f);
}

/** The agent has seen who it is: the account is of the advanced level from then on. */
static void test_raised(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    assert_int_equal(central_actor(o, BERTA).level, LEVEL_BASIC);
    (void)central_approved(o, BERTA);
    assert_int_equal(central_actor(o, BERTA).level, LEVEL_ADVANCED);
}

/** The key was made, and whoever was to have the certificate issued died. */
static void test_made_and_killed(void **state)
{
    struct central c, alone;
    struct office *o = central_open(state, &c);
    struct actor ana = central_actor(o, ANA);
    struct central_authorisation begun;
    char credential[PERSONAL_ID_SIZE] = "";
    int64_t request = central_approved(o, ANA);
    WORLD_OK(central_generate_begin(&c, &ana, &memory, SLICE("es"), &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    alone = c;
    alone.keeper = NULL;
    assert_int_equal(central_generate(&alone, &ana, &memory, begun.operation, &proofs, credential, NULL),
                     RFD_E_PEER_GONE);
    assert_int_equal(office_state(o, request), REQUEST_APPROVED);
    WORLD_OK(signing_tick(&c, clock_now(), &error)); /* who made it may still be at it */
    assert_int_equal(office_state(o, request), REQUEST_APPROVED);
    WORLD_OK(signing_tick(&c, clock_now() + 61 * RFD_SECOND, &error));
    assert_int_equal(office_state(o, request), REQUEST_ISSUED);
    WORLD_OK(signing_tick(&c, clock_now() + 3600 * RFD_SECOND, &error));
    assert_int_equal(office_mails(o, "central-issued"), 1);
    assert_int_equal(
        domain_store_number(o->store, "SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-00000004'"), 1);
}

/* ---- The worker's tick ---- */

enum { DUE = 45, WANTED = 3000, AT_ONCE = 500, UNWANTED = 16 };

/** More than a batch of keys without a certificate, which each cannot get one; and the rest fails, too. */
static void test_tick_does_all_of_it(void **state)
{
    struct central c, broken;
    struct office *o = central_open(state, &c);
    struct rfd_error error = RFD_ERROR_INIT;
    char credential[PERSONAL_ID_SIZE], sql[512];
    central_made(o, &c, ANA, credential);
    for (unsigned i = 0; i < DUE; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO central_key(credential, enrolment, person, spki, attestation, signature, created, "
                       "due) SELECT '%032x', enrolment, person, attestation, spki, signature, created, 1 FROM "
                       "central_key WHERE credential = '%s'",
                       i, credential);
        (void)domain_store_run(o->store, sql);
    }
    broken = c;
    broken.spool = "/dev/null"; /* is no folder */
    assert_int_not_equal(signing_tick(&broken, clock_now(), &error), RFD_OK);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM central_key WHERE due = 1"), 0);
    (void)domain_store_run(o->store, "DELETE FROM central_key WHERE certificate IS NULL");
}

static void touch(const char *name, rfd_time moment)
{
    char path[64];
    const struct timespec times[2] = {{.tv_sec = moment / RFD_SECOND}, {.tv_sec = moment / RFD_SECOND}};
    (void)snprintf(path, sizeof path, "spool/%s", name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void name_of(unsigned i, char name[64])
{
    (void)snprintf(name, 64, "signing-%08x%024x", i * 2654435761U, i);
}

/** So many documents of the only operation, with files that lie there since before. */
static void want(struct office *o, unsigned first, unsigned count, rfd_time before)
{
    char name[64];
    struct buf sql;
    buf_init(&sql, 1 << 20);
    buf_put_text(&sql, "INSERT INTO signing_document(signing, place, title, blob, size, pages, failure, prepared, "
                       "session) SELECT signing, v.column2, title, blob, size, pages, failure, v.column1, '' FROM "
                       "signing_document JOIN (VALUES ");
    for (unsigned i = first; i < first + count; i++) {
        name_of(i, name);
        touch(name, before);
        buf_print(&sql, "%s('%s', %u)", i == first ? "" : ", ", name, i + 2);
    }
    buf_put_text(&sql, ") AS v ON place = 1");
    buf_put_byte(&sql, '\0');
    (void)domain_store_run(o->store, (const char *)sql.data);
    buf_dispose(&sql);
}

/** Many more files that are wanted than are looked at in one go, and some that are not, wherever they are. */
static void test_sweeps_behind_the_wanted(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    char name[64];
    rfd_time now = clock_now(), before = now - 7200 * RFD_SECOND;
    (void)new_operation(o, &c, ANA, two, 1);
    for (unsigned i = 0; i < WANTED; i += AT_ONCE) want(o, i, AT_ONCE, before);
    for (unsigned i = 0; i < UNWANTED; i++) {
        (void)snprintf(name, sizeof name, "signing-%x%031x", i, 1U);
        touch(name, before);
    }
    for (unsigned i = 0; i < 16; i++) WORLD_OK(signing_tick(&c, now + i * 60 * RFD_SECOND, &error));
    assert_int_equal(spooled(), WANTED);
    (void)domain_store_run(o->store, "DELETE FROM signing_document WHERE place > 1");
    for (unsigned i = 0; i < 16; i++) WORLD_OK(signing_tick(&c, now + i * 60 * RFD_SECOND, &error));
    assert_int_equal(spooled(), 0);
}

/* ---- Signing ---- */

static void test_signs_two(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 2);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    assert_int_equal(sign(o, &c, token, &begun, "not the password 9", NULL, &out), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(state_of(&c, token), SIGNING_PREPARED);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_OK);
    assert_int_equal(out.state, SIGNING_SIGNED);
    assert_int_equal(out.count, 2);
    for (size_t i = 0; i < out.count; i++) check_signed(&c, &out.documents[i]);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM certificate_use WHERE use = 'signature'"), 2);
    assert_int_equal(office_mails(o, "central-signed"), 1);
    assert_int_equal(spooled(), 0);
    /* Once more: the result again. */
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, "123456", &out), RFD_OK);
    assert_int_equal(out.state, SIGNING_SIGNED);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM certificate_use WHERE use = 'signature'"), 2);
}

struct receiving {
    const struct central *c;
    const struct signing *s;
    struct buf pdf;
};

static rfd_status do_receipt(struct transaction *t, void *context, struct rfd_error *error)
{
    struct receiving *r = context;
    return signing_receipt(r->c, t, r->s, &r->pdf, error);
}

static void test_receipt(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    struct receiving r = {.c = &c, .s = &out};
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v = NULL;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 2);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_OK);
    buf_init(&r.pdf, 8 << 20);
    WORLD_OK(store_read(o->store, do_receipt, &r, &error));
    options.offline = true;
    WORLD_OK(rfd_verify_memory(buf_slice(&r.pdf), &options, &v, &error));
    assert_int_equal(rfd_verification_count(v), 1);
    assert_true(rfd_verification_signature(v, 0)->intact);
    rfd_verification_free(v);
    FILE *file = fopen("receipt.pdf", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(r.pdf.data, 1, r.pdf.length, file), r.pdf.length);
    (void)fclose(file);
    if (RUN("pdftotext", "-v") == 0) {
        char command[256];
        (void)snprintf(command, sizeof command, "pdftotext receipt.pdf - | tr -d '\n' | grep -q '%.16s'",
                       (const char *)out.documents[1].result.data);
        assert_int_equal(RUN("sh", "-c", command), 0);
        assert_int_equal(RUN("sh", "-c", "pdftotext receipt.pdf - | grep -q 'Events in the holder'"), 0);
    }
    buf_dispose(&r.pdf);
}

/** One that cannot be signed leaves the other; what is seen of the signature is on it. */
static void test_one_that_cannot_be(void **state)
{
    static const char *const texts[] = {"Con sello", "%PDF-1.4 that is none"};
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, texts, 2);
    (void)domain_store_run(o->store, "UPDATE signing SET visible = TRUE, page = 'first', reason = 'Conformidad'");
    struct central_authorisation begun = prepared(o, &c, token, credential);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_OK);
    assert_int_equal(out.state, SIGNING_PARTLY);
    check_signed(&c, &out.documents[0]);
    assert_int_equal(out.documents[1].result.length, 0);
    assert_true(out.documents[1].failure.length > 0);
    /* Where there is nothing else, it fails for good. */
    slice none = new_operation(o, &c, ANA, texts + 1, 1);
    struct actor ana = central_actor(o, ANA);
    assert_true(signing_prepare(&c, &ana, &memory, none, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                                &begun, NULL) != RFD_OK);
    assert_int_equal(state_of(&c, none), SIGNING_FAILED);
}

static void test_the_stamp_service_is_away(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct settings settings = *c.settings;
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    c.settings = &settings;
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1);
    struct actor ana = central_actor(o, ANA);
    struct central_authorisation begun;
    (void)domain_store_run(o->store, "UPDATE signing SET level = 1");
    assert_int_equal(signing_prepare(&c, &ana, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                                     &begun, NULL),
                     RFD_E_TSA_MISSING);
    settings.requests.tsa_url = "http://127.0.0.1:9/tsa";
    begun = prepared(o, &c, token, credential);
    rfd_status status = sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out);
    assert_int_equal(rfd_status_class(status), RFD_CLASS_NETWORK);
    assert_int_equal(state_of(&c, token), SIGNING_PREPARED); /* and may be tried again */
    assert_int_equal(
        domain_store_number(o->store, "SELECT count(*) FROM signing_document WHERE failure <> '' AND result IS NULL"),
        1);
    (void)domain_store_run(o->store, "UPDATE signing SET level = 0");
    begun = prepared(o, &c, token, credential);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_OK);
    assert_int_equal(out.state, SIGNING_SIGNED);
}

/* ---- By whom, and when not ---- */

static void test_somebody_else(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct actor berta = central_actor(o, BERTA);
    struct central_authorisation begun;
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1);
    struct call_of x = {.c = &c, .actor = berta, .token = token};
    assert_int_equal(store_write(o->store, do_open, &x, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(store_write(o->store, do_cancel, &x, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(signing_prepare(&c, &berta, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL,
                                     SLICE("es"), &begun, NULL),
                     RFD_E_NOT_FOUND);
    begun = prepared(o, &c, token, credential);
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    assert_int_equal(signing_sign(&c, &berta, &memory, token, begun.operation, &proofs, &out, NULL), RFD_E_NOT_FOUND);
    /* With a credential that is not theirs. */
    slice own = new_operation(o, &c, BERTA, two, 1);
    assert_int_equal(signing_prepare(&c, &berta, &memory, own, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                                     &begun, NULL),
                     RFD_E_NOT_FOUND);
}

static void test_cancelled_and_expired(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    struct call_of x = {.c = &c, .actor = central_actor(o, ANA), .token = token};
    assert_int_equal(store_write(o->store, do_cancel, &x, NULL), RFD_OK);
    assert_int_equal(store_write(o->store, do_cancel, &x, NULL), RFD_OK);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_STATE);
    slice late = new_operation(o, &c, ANA, two, 1);
    begun = prepared(o, &c, late, credential);
    (void)domain_store_run(o->store, "UPDATE signing SET ends = 1 WHERE state = 'prepared'");
    assert_int_equal(sign(o, &c, late, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_ACTIVATION_ENDED);
    WORLD_OK(signing_tick(&c, clock_now() + 2 * 3600 * RFD_SECOND, &error));
    assert_int_equal(state_of(&c, late), SIGNING_EXPIRED);
    assert_int_equal(spooled(), 0);
}

/** Somebody prepared it once more in another window: the first code is of no use. */
static void test_prepared_again(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 2);
    struct central_authorisation first = prepared(o, &c, token, credential);
    struct central_authorisation second = prepared(o, &c, token, credential);
    assert_int_equal(spooled(), 2);
    struct actor ana = central_actor(o, ANA);
    struct central_proofs proofs = central_prove(&second, CENTRAL_PASSWORD, NULL);
    assert_int_equal(signing_sign(&c, &ana, &memory, token, first.operation, &proofs, &out, NULL),
                     RFD_E_ACTIVATION_ENDED);
    assert_int_equal(signing_sign(&c, &ana, &memory, token, second.operation, &proofs, &out, NULL), RFD_OK);
}

static void test_revoked_meanwhile(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    (void)domain_store_run(o->store, "UPDATE certificate_status SET state = 3, revoked_at = 1, reason = 1");
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_CERTIFICATE_REVOKED);
}

/* ---- Twice, killed, swapped ---- */

struct signer {
    const struct central *c;
    struct actor actor;
    slice token;
    const struct central_authorisation *begun;
    struct central_proofs proofs;
    struct arena arena;
    struct signing out;
    rfd_status status;
};

static void *sign_at_once(void *context)
{
    struct signer *s = context;
    s->status = signing_sign(s->c, &s->actor, &s->arena, s->token, s->begun->operation, &s->proofs, &s->out, NULL);
    return NULL;
}

static void test_sent_twice_at_once(void **state)
{
    enum { SIGNERS = 3 };
    struct central c;
    struct office *o = central_open(state, &c);
    struct signer signers[SIGNERS];
    pthread_t threads[SIGNERS];
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 2);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    for (size_t i = 0; i < SIGNERS; i++) {
        signers[i] =
            (struct signer){.c = &c, .actor = central_actor(o, ANA), .token = token, .begun = &begun, .proofs = proofs};
        arena_init(&signers[i].arena, 8 << 20);
        assert_int_equal(pthread_create(&threads[i], NULL, sign_at_once, &signers[i]), 0);
    }
    for (size_t i = 0; i < SIGNERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(signers[i].status, RFD_OK);
        assert_int_equal(signers[i].out.state, SIGNING_SIGNED);
        assert_true(slice_equal(signers[i].out.documents[1].result, signers[0].out.documents[1].result) || i == 0);
    }
    for (size_t i = 0; i < SIGNERS; i++) arena_dispose(&signers[i].arena);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM certificate_use WHERE use = 'signature'"), 2);
    assert_int_equal(office_mails(o, "central-signed"), 1);
}

/** Whoever had claimed it died; after a while it may be prepared again, for what is missing. */
static void test_killed_in_between(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE], sql[256];
    struct actor ana = central_actor(o, ANA);
    struct central_authorisation begun;
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 2);
    begun = prepared(o, &c, token, credential);
    (void)snprintf(sql, sizeof sql, "UPDATE signing SET busy = %lld", (long long)(clock_now() + 60 * RFD_SECOND));
    (void)domain_store_run(o->store, sql);
    assert_int_equal(signing_prepare(&c, &ana, &memory, token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                                     &begun, NULL),
                     RFD_E_STATE);
    (void)domain_store_run(o->store, "UPDATE signing SET busy = 1");
    /* One of them had its result. */
    (void)domain_store_run(o->store, "UPDATE signing_document SET result = blob WHERE place = 1");
    begun = prepared(o, &c, token, credential);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_OK);
    assert_int_equal(out.state, SIGNING_SIGNED);
    assert_true(slice_equal(out.documents[0].result, out.documents[0].blob));
    check_signed(&c, &out.documents[1]);
}

static void test_the_personal_keeper_is_away(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    struct actor ana = central_actor(o, ANA);
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    struct keeper_client *personal = c.personal;
    c.personal = NULL;
    assert_int_equal(signing_sign(&c, &ana, &memory, token, begun.operation, &proofs, &out, NULL), RFD_E_PEER_GONE);
    c.personal = personal;
    assert_int_equal(signing_sign(&c, &ana, &memory, token, begun.operation, &proofs, &out, NULL), RFD_OK);
}

/** Whoever has the database and the disk cannot have something else signed than what was agreed to. */
static void test_swapped(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct signing out;
    char credential[PERSONAL_ID_SIZE], sql[512];
    central_made(o, &c, ANA, credential);
    slice token = new_operation(o, &c, ANA, two, 1), other = new_operation(o, &c, ANA, two + 1, 1);
    struct central_authorisation begun = prepared(o, &c, token, credential);
    (void)prepared(o, &c, other, credential);
    slice evil = central_pdf(&c, "Otra cosa");
    (void)snprintf(sql, sizeof sql,
                   "UPDATE signing_document SET blob = '%.*s' WHERE signing = (SELECT min(id) FROM signing)",
                   (int)evil.length, (const char *)evil.data);
    (void)domain_store_run(o->store, sql);
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_HASH_NOT_AUTHORISED);
    /* The prepared file and session of another operation. */
    begun = prepared(o, &c, token, credential);
    (void)domain_store_run(
        o->store, "UPDATE signing_document SET prepared = (SELECT d.prepared FROM signing_document d WHERE "
                  "d.signing = (SELECT max(id) FROM signing)), session = (SELECT d.session FROM signing_document "
                  "d WHERE d.signing = (SELECT max(id) FROM signing)) WHERE signing = (SELECT min(id) FROM signing)");
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_HASH_NOT_AUTHORISED);
    /* All of it, text too: then the keeper does not know such a hash. */
    (void)domain_store_run(
        o->store, "UPDATE signing SET operation_text = (SELECT s.operation_text FROM signing s WHERE s.id = (SELECT "
                  "max(id) FROM signing)) WHERE id = (SELECT min(id) FROM signing)");
    (void)domain_store_run(
        o->store, "UPDATE signing_document SET blob = (SELECT d.blob FROM signing_document d WHERE d.signing = "
                  "(SELECT max(id) FROM signing)), title = 'Solicitud dos', size = (SELECT d.size FROM "
                  "signing_document d WHERE d.signing = (SELECT max(id) FROM signing)) WHERE signing = "
                  "(SELECT min(id) FROM signing)");
    assert_int_equal(sign(o, &c, token, &begun, CENTRAL_PASSWORD, NULL, &out), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
                     0);
}

/* ---- Portals ---- */

static struct portal good_portal(void)
{
    return (struct portal){.entity = 1,
                           .name = SLICE("Sede electrónica de Villa Ejemplo"),
                           .client = SLICE("sede-villa"),
                           .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                           .returns = {SLICE("https://sede.example/vuelta"), SLICE("http://localhost:9000/vuelta")},
                           .return_count = 2,
                           .quota = 2};
}

static void test_portals(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct portal portal = good_portal();
    struct call_of admin = {.c = &c, .actor = actor_system("admin"), .portal = &portal};
    struct call_of ana = {.c = &c, .actor = central_actor(o, ANA), .portal = &portal};
    assert_int_equal(store_write(o->store, do_put_portal, &ana, NULL), RFD_E_FORBIDDEN);
    WORLD_OK(store_write(o->store, do_put_portal, &admin, &error));
    assert_int_equal(store_write(o->store, do_put_portal, &admin, NULL), RFD_E_INVALID); /* its name is taken */
    assert_true(faulty(&admin, "client"));
    portal.id = admin.id;
    portal.returns[0] = SLICE("http://sede.example/vuelta");
    assert_int_equal(store_write(o->store, do_put_portal, &admin, NULL), RFD_E_INVALID);
    assert_true(faulty(&admin, "returns"));
    portal = good_portal();
    portal.id = admin.id;
    portal.key = SLICE("no key");
    assert_int_equal(store_write(o->store, do_put_portal, &admin, NULL), RFD_E_INVALID);
    assert_true(faulty(&admin, "key"));
    portal = good_portal();
    portal.id = admin.id;
    WORLD_OK(store_write(o->store, do_put_portal, &admin, &error));
}

static void test_operations_of_portals(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct portal portal = good_portal();
    struct call_of x = {.c = &c, .actor = actor_system("admin"), .portal = &portal};
    WORLD_OK(store_write(o->store, do_put_portal, &x, &error));
    portal.id = x.id;
    struct signing_document document = {.title = SLICE("Instancia"), .blob = central_pdf(&c, "Instancia"), .pages = 1};
    struct signing wanted = {.holder = SLICE("IDCPE-00000004"),
                             .return_address = SLICE("https://otra.example/vuelta"),
                             .documents = &document,
                             .count = 1};
    x.actor = actor_system("portal:sede-villa");
    x.wanted = &wanted;
    assert_int_equal(store_write(o->store, do_new, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "return_address"));
    wanted.return_address = portal.returns[0];
    document.title = SLICE("Dos\nlíneas");
    assert_int_equal(store_write(o->store, do_new, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "document-1"));
    document.title = SLICE("Instancia");
    WORLD_OK(store_write(o->store, do_new, &x, &error));
    /* Only whom the portal named. */
    struct call_of berta = {.c = &c, .actor = central_actor(o, BERTA), .token = x.out.token};
    struct call_of ana = {.c = &c, .actor = central_actor(o, ANA), .token = x.out.token};
    assert_int_equal(store_write(o->store, do_open, &berta, NULL), RFD_E_FORBIDDEN);
    WORLD_OK(store_write(o->store, do_open, &ana, &error));
    assert_int_equal(store_write(o->store, do_open, &berta, NULL), RFD_E_NOT_FOUND);
    /* Two a day, and not one more. */
    WORLD_OK(store_write(o->store, do_new, &x, &error));
    assert_int_equal(store_write(o->store, do_new, &x, NULL), RFD_E_SLOW_DOWN);
    x.token = x.out.token;
    WORLD_OK(store_write(o->store, do_cancel, &x, &error));
    assert_int_equal(state_of(&c, x.token), SIGNING_CANCELLED);
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
        IN_BOTH_OFFICES(test_enrolled_and_made),
        IN_BOTH_OFFICES(test_where_it_is_offered),
        IN_BOTH_OFFICES(test_raised),
        IN_BOTH_OFFICES(test_made_and_killed),
        IN_BOTH_OFFICES(test_tick_does_all_of_it),
        IN_BOTH_OFFICES(test_sweeps_behind_the_wanted),
        IN_BOTH_OFFICES(test_signs_two),
        IN_BOTH_OFFICES(test_receipt),
        IN_BOTH_OFFICES(test_one_that_cannot_be),
        IN_BOTH_OFFICES(test_the_stamp_service_is_away),
        IN_BOTH_OFFICES(test_somebody_else),
        IN_BOTH_OFFICES(test_cancelled_and_expired),
        IN_BOTH_OFFICES(test_prepared_again),
        IN_BOTH_OFFICES(test_revoked_meanwhile),
        IN_BOTH_OFFICES(test_sent_twice_at_once),
        IN_BOTH_OFFICES(test_killed_in_between),
        IN_BOTH_OFFICES(test_the_personal_keeper_is_away),
        IN_BOTH_OFFICES(test_swapped),
        IN_BOTH_OFFICES(test_portals),
        IN_BOTH_OFFICES(test_operations_of_portals),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
