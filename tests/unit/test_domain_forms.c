/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printed forms: what they say, that they are sealed, that the same form is the same file, and what strangers learn by
 * the code. A real keeper in this process seals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/forms_internal.h"
#include "domain/transparency/transparency.h"
#include "holding_world.h"
#include "keeper/client_internal.h"
#include "keeper_support.h"
#include "pdf/archive/archive.h"
#include "pdf_support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORM_MAXIMUM = 4 << 20 };

static struct keeper_client *client;
static struct blob_store *blobs;
static struct fonts *fonts;
static struct zone *lima;
static struct rfd_language *spanish, *english;
static struct registration_settings settings;
static struct arena memory;

/* ---- The keeper, asked by one thread at a time ---- */

static pthread_mutex_t keeper_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t *meeting; /* of who wants a seal; NULL: nobody waits */

rfd_status __real_keeper_client_ask(struct keeper_client *keeper, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);
rfd_status __wrap_keeper_client_ask(struct keeper_client *keeper, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);
rfd_status __wrap_keeper_client_ask(struct keeper_client *keeper, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error)
{
    if (operation == KEEPER_SIGN_SEAL && meeting != NULL) (void)pthread_barrier_wait(meeting);
    (void)pthread_mutex_lock(&keeper_lock);
    rfd_status status = __real_keeper_client_ask(keeper, operation, body, descriptor, milliseconds, reply, error);
    (void)pthread_mutex_unlock(&keeper_lock);
    return status;
}

/* ---- The world ---- */

static int setup(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    char folder[256];
    (void)folder_new();
    clock_fix(MONDAY); /* as the world has it */
    if (world_setup(state) != 0) return -1;
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    assert_int_equal(world_create("seal", "seal", "P-256"), RFD_OK);
    assert_int_equal(world_create("log", "log", "P-256"), RFD_OK);
    assert_int_equal(world_create("bare", "seal", "P-256"), RFD_OK);
    certificate_unref(world_certify("seal"));
    assert_int_equal(keeper_client_direct(world.keeper, &client, NULL), RFD_OK);
    client->session.sender = KEEPER_FROM_WEB;
    (void)snprintf(folder, sizeof folder, "%s", folder_file("blobs"));
    const struct blob_options options = {folder, "wrapping", client};
    assert_int_equal(blob_store_open(&options, &blobs, NULL), RFD_OK);
    if (fonts_new(NULL, &fonts, &error) != RFD_OK) fail_msg("%s", error.detail);
    if (zone_open("America/Lima", &lima, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(rfd_language_open("es", NULL, &spanish, NULL), RFD_OK);
    assert_int_equal(rfd_language_open("en", NULL, &english, NULL), RFD_OK);
    arena_init(&memory, 16 << 20);
    return 0;
}

static int teardown(void **state)
{
    arena_dispose(&memory);
    rfd_language_close(spanish);
    rfd_language_close(english);
    zone_close(lima);
    fonts_free(fonts);
    blob_store_close(blobs);
    keeper_client_free(client);
    (void)world_teardown(state);
    folder_remove();
    return 0;
}

static struct forms forms_of(struct store *store)
{
    settings = *holding_settings();
    settings.zone = lima;
    return (struct forms){.store = store,
                          .blobs = blobs,
                          .keeper = client,
                          .fonts = fonts,
                          .registration = &settings,
                          .seal_key = "seal",
                          .url = "https://firma.example.pe",
                          .house = "Gobierno Regional de Ejemplo"};
}

static rfd_status try_form(struct store *store, enum printed_form_kind kind, int64_t subject,
                           const struct rfd_language *language, struct blob *out)
{
    struct forms forms = forms_of(store);
    struct rfd_error error = RFD_ERROR_INIT;
    const struct actor actor = world_actor(store, AGENT);
    rfd_status status = printed_form_make(&forms, &actor, kind, subject, language, &memory, out, &error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND && status != RFD_E_STATE && status != RFD_E_SIGNING)
        fail_msg("%d: %s: %s", (int)status, error.detail, error.causes[0].detail);
    return status;
}

static struct blob form(struct store *store, enum printed_form_kind kind, int64_t subject,
                        const struct rfd_language *language)
{
    struct blob blob;
    assert_int_equal(try_form(store, kind, subject, language, &blob), RFD_OK);
    assert_true(slice_is(blob.type, "application/pdf"));
    return blob;
}

static rfd_status take_piece(void *context, slice piece, struct rfd_error *error)
{
    buf_put_slice(context, piece);
    return buf_check(context, "form", error);
}

/** Its octets, in a file of this name. */
static const char *write_file(const struct blob *blob, const char *name)
{
    struct buf content;
    buf_init(&content, FORM_MAXIMUM);
    assert_int_equal(blob_read(blobs, blob, take_piece, &content, NULL), RFD_OK);
    const char *path = folder_file(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.length, file), content.length);
    assert_int_equal(fclose(file), 0);
    buf_dispose(&content);
    return path;
}

/** What a program says of a file; "" when it is not here. */
static const char *asked(const char *const *arguments)
{
    static char answer[64 << 10];
    const char *path = folder_file("answer");
    int ended = 0;
    pid_t child = fork();
    if (child == 0) {
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
        if (file < 0 || dup2(file, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0) _exit(127);
        (void)execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    assert_true(child > 0 && waitpid(child, &ended, 0) == child);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    answer[fread(answer, 1, sizeof answer - 1, file)] = '\0';
    (void)fclose(file);
    return WIFEXITED(ended) && WEXITSTATUS(ended) != 127 ? answer : "";
}
#define ASKED(...) asked((const char *const[]){__VA_ARGS__, NULL})

static void has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) fail_msg("\"%s\" is not in: %s", wanted, text);
}

static void has_not(const char *text, const char *unwanted)
{
    if (strstr(text, unwanted) != NULL) fail_msg("\"%s\" is in: %s", unwanted, text);
}

/** It still is what it claims to be: PDF/A-2b, read strictly. */
static void is_archive(const char *path)
{
    struct support_document d;
    struct pdf_archive_report report;
    support_init(&d);
    support_read(path, &d.bytes);
    if (support_open(&d, "", true) != RFD_OK) fail_msg("%s", d.error.detail);
    struct pdf_view view = pdf_latest(d.doc);
    assert_int_equal(pdf_archive_check(&view, 0, &report, NULL), RFD_OK);
    assert_int_equal(report.part, 2);
    for (size_t i = 0; i < report.count; i++)
        print_error("%s: %s\n", pdf_archive_rule_name(report.violations[i].rule), report.violations[i].detail);
    assert_int_equal(report.count, 0);
    support_close(&d);
}

static void is_sealed(const char *path)
{
    is_archive(path);
    const char *said = ASKED("pdfsig", "-nocert", path);
    if (said[0] == '\0') skip(); /* no poppler here */
    has(said, "Signature is Valid");
    has(said, "Total document signed");
    has(said, "ETSI.CAdES.detached");
    has(ASKED("qpdf", "--check", path), "No syntax or stream encoding errors");
}

/** A certificate by a request of an agent, and by it its forms. */
static int64_t issued(struct store *store)
{
    return holding_issue(store, ANA, AGENT, UNIT_OTI);
}

static int64_t revoked(struct store *store, int64_t certificate)
{
    (void)holding_put(store, AGENT, "agent");
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    int64_t request = c.request;
    holding_call_end(&c);
    return request;
}

/* ---- What they say ---- */

static void test_acceptance(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct blob blob = form(store, PRINTED_ACCEPTANCE, certificate, english);
    const char *path = write_file(&blob, "acceptance.pdf");
    is_sealed(path);
    const char *text = ASKED("pdftotext", "-layout", path, "-");
    has(text, "Acceptance of responsibility for the use of the");
    has(text, "Ana");
    has(text, "DNI");
    has(text, "00000004");
    has(text, "ECDSA P-256");
    has(text, "Ley 27269");
    has(text, "Signature of the holder");
    has(text, "Signature of the certifying agent");
    has(text, "firma.example.pe/verificar");
    has(text, "(UTC-05:00)");
    has(ASKED("pdfinfo", path), "Pages:           1");
    has(ASKED("pdfinfo", "-meta", path), "pdfaid:part");
}

static rfd_status enter_log(struct transaction *t, void *context, struct rfd_error *error)
{
    const int64_t *certificate = context;
    return transparency_put(t, *certificate, holding_identity(ANA)->certificate->fingerprint, error);
}

static void test_revocation(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    size_t done = 0;
    assert_int_equal(store_write(store, enter_log, &certificate, NULL), RFD_OK);
    assert_int_equal(transparency_sequence(store, 10, &done, NULL), RFD_OK);
    assert_int_equal(done, 1);
    client->session.sender = KEEPER_FROM_WORKER;
    assert_int_equal(transparency_sign_head(store, client, "log", 0, NULL), RFD_OK);
    client->session.sender = KEEPER_FROM_WEB;
    int64_t request = revoked(store, certificate);
    struct blob blob = form(store, PRINTED_REVOCATION, request, english);
    const char *path = write_file(&blob, "revocation.pdf");
    is_sealed(path);
    const char *text = ASKED("pdftotext", "-layout", path, "-");
    has(text, "Proof of revocation");
    has(text, "Receipt R-0001-2026");
    has(text, "PIN exposed or misused");
    has(text, "keyCompromise");
    has(text, "Entry 1 of 1");
    has(ASKED("pdfinfo", path), "Pages:           1");
}

/* One that is only asked for has no receipt. */
static void test_revocation_too_early(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    struct blob blob;
    assert_int_equal(holding_ask(store, &c), RFD_OK);
    assert_int_equal(try_form(store, PRINTED_REVOCATION, c.request, english, &blob), RFD_E_STATE);
    holding_call_end(&c);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM printed_form"), 0);
}

static void test_statement(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t request = agency_draft(store, CHIEF, UNIT_OTI, "reissue", "forgotten-password", NULL);
    struct applicant a = agency_applicant(request, "70000001");
    struct agency_call c;
    assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    struct blob blob = form(store, PRINTED_STATEMENT, c.id, english);
    struct blob again = form(store, PRINTED_STATEMENT, c.id, english);
    assert_string_equal(blob.id, again.id); /* nothing of the clock is in it */
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM printed_form"), 0);
    const char *path = write_file(&blob, "statement.pdf");
    is_archive(path);
    const char *text = ASKED("pdftotext", "-layout", path, "-");
    has(text, "Sworn statement");
    has(text, "Zoila Mamani");
    has(text, "70000001");
    has(text, "under oath");
    has(text, "Forgotten password or PIN");
    has_not(text, "Verification code");
    has(ASKED("pdfinfo", path), "Pages:           1");
}

static void test_receipt(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t request = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    (void)agency_complete(store, CHIEF, request, "70000001");
    struct blob blob = form(store, PRINTED_RECEIPT, request, english);
    const char *path = write_file(&blob, "receipt.pdf");
    is_sealed(path);
    const char *text = ASKED("pdftotext", "-layout", path, "-");
    has(text, "Folio C-0001-2026");
    has(text, "Zoila Mamani");
    has(text, "Recent photograph");
    has(text, "First issue");
    struct blob again = form(store, PRINTED_RECEIPT, request, english);
    assert_string_equal(blob.id, again.id);
}

static void test_nothing_there(void **state)
{
    struct store *store = domain_store_of(state);
    struct blob blob;
    assert_int_equal(try_form(store, PRINTED_ACCEPTANCE, 99, english, &blob), RFD_E_NOT_FOUND);
    assert_int_equal(try_form(store, PRINTED_REVOCATION, 99, english, &blob), RFD_E_NOT_FOUND);
    assert_int_equal(try_form(store, PRINTED_STATEMENT, 99, english, &blob), RFD_E_NOT_FOUND);
    assert_int_equal(try_form(store, PRINTED_RECEIPT, 99, english, &blob), RFD_E_NOT_FOUND);
}

/* A seal key that has no certificate yet seals nothing, and nothing is left behind. */
static void test_seal_without_certificate(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct forms forms = forms_of(store);
    struct rfd_error error = RFD_ERROR_INIT;
    struct blob blob;
    const struct actor actor = world_actor(store, AGENT);
    forms.seal_key = "bare";
    assert_int_equal(
        printed_form_make(&forms, &actor, PRINTED_ACCEPTANCE, certificate, english, &memory, &blob, &error),
        RFD_E_SIGNING);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM printed_form"), 0);
    (void)form(store, PRINTED_ACCEPTANCE, certificate, english);
}

/* A time-stamp service that does not answer is no reason to have no form. */
static void test_no_time_stamp(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct forms forms = forms_of(store);
    struct rfd_error error = RFD_ERROR_INIT;
    struct blob blob;
    const struct actor actor = world_actor(store, AGENT);
    forms.tsa_url = "http://127.0.0.1:9/tsa";
    assert_int_equal(
        printed_form_make(&forms, &actor, PRINTED_ACCEPTANCE, certificate, english, &memory, &blob, &error), RFD_OK);
    is_sealed(write_file(&blob, "without.pdf"));
}

/* ---- Once ---- */

static void test_same_form_is_one_file(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct blob first = form(store, PRINTED_ACCEPTANCE, certificate, english);
    struct blob second = form(store, PRINTED_ACCEPTANCE, certificate, english);
    assert_string_equal(first.id, second.id);
    (void)write_file(&second, "second.pdf");
    struct blob other = form(store, PRINTED_ACCEPTANCE, certificate, spanish);
    assert_string_not_equal(first.id, other.id);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM printed_form"), 2);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.form'"), 2);
}

struct racer {
    struct store *store;
    int64_t certificate;
    struct arena memory;
    struct blob blob;
    rfd_status status;
    struct rfd_error error;
};

static void *race(void *context)
{
    struct racer *r = context;
    struct forms forms = forms_of(r->store);
    const struct actor actor = actor_system("worker");
    r->error = (struct rfd_error)RFD_ERROR_INIT;
    r->status =
        printed_form_make(&forms, &actor, PRINTED_ACCEPTANCE, r->certificate, english, &r->memory, &r->blob, &r->error);
    return NULL;
}

static void test_two_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    pthread_barrier_t barrier;
    pthread_t threads[2];
    struct racer racers[2] = {{.store = store, .certificate = issued(store)}, {.store = store}};
    racers[1].certificate = racers[0].certificate;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    meeting = &barrier; /* both have seen that there is none yet */
    for (int i = 0; i < 2; i++) {
        arena_init(&racers[i].memory, 1 << 20);
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    meeting = NULL;
    (void)pthread_barrier_destroy(&barrier);
    for (int i = 0; i < 2; i++) {
        if (racers[i].status != RFD_OK) fail_msg("%s", racers[i].error.detail);
        (void)write_file(&racers[i].blob, "raced.pdf");
    }
    assert_string_equal(racers[0].blob.id, racers[1].blob.id);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM printed_form"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM blob"), 1);
    for (int i = 0; i < 2; i++) arena_dispose(&racers[i].memory);
}

/* ---- By the code ---- */

struct looking {
    slice code;
    bool content;
    rfd_time now;
    struct printed_form form;
    struct printed_form_facts facts;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    TRY(l->content ? printed_form_find_content(t, l->code, &l->form, error)
                   : printed_form_find(t, l->code, &l->form, error));
    TRY(printed_form_look(t, &settings, &l->form, l->now, &l->facts, error));
    l->form.code = arena_copy(&memory, l->form.code);
    l->form.kind = arena_copy(&memory, l->form.kind);
    l->facts.folio = arena_copy(&memory, l->facts.folio);
    l->facts.initials = arena_copy(&memory, l->facts.initials);
    l->facts.serial = arena_copy(&memory, l->facts.serial);
    return RFD_OK;
}

static rfd_status find(struct store *store, slice code, struct looking *l)
{
    *l = (struct looking){.code = code, .now = clock_now()};
    return store_read(store, look, l, NULL);
}

static rfd_status get_code(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT code FROM printed_form", NULL, 0, &rows, error));
    assert_int_equal(rows.count, 1);
    *(slice *)context = arena_copy(&memory, store_cell(&rows, 0, 0)->bytes);
    return RFD_OK;
}

static void test_by_code(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = issued(store);
    struct looking l;
    slice code = SLICE_EMPTY;
    char typed[64];
    struct blob blob = form(store, PRINTED_ACCEPTANCE, certificate, english);
    assert_int_equal(store_read(store, get_code, &code, NULL), RFD_OK);
    assert_int_equal(code.length, PRINTED_CODE_SIZE - 1);
    assert_int_equal(find(store, code, &l), RFD_OK);
    assert_string_equal(printed_form_title(l.form.kind),
                        "Acceptance of responsibility for the use of the electronic signature");
    assert_true(l.facts.in_force);
    assert_true(slice_is(l.facts.initials, "A. Q."));
    assert_true(slice_is(l.facts.folio, "S-0001-2026"));
    assert_true(l.facts.serial.length >= 8);
    for (size_t i = 0; i < code.length; i++) typed[i] = code.data[i] == '-' ? ' ' : (char)(code.data[i] - 'A' + 'a');
    assert_int_equal(find(store, slice_of(typed, code.length), &l), RFD_OK);
    l = (struct looking){.code = slice_text(blob.id), .content = true, .now = clock_now()};
    assert_int_equal(store_read(store, look, &l, NULL), RFD_OK);
    (void)revoked(store, certificate);
    assert_int_equal(find(store, code, &l), RFD_OK);
    assert_false(l.facts.in_force);
    assert_int_equal(l.facts.state, CERTIFICATE_REVOKED);
    l = (struct looking){.code = slice_text("0000000000000000000000000000000000000000000000000000000000000000"),
                         .content = true};
    assert_int_equal(store_read(store, look, &l, NULL), RFD_E_NOT_FOUND);
}

static void test_wrong_codes(void **state)
{
    static const char *const bad[] = {"",
                                      "B",
                                      "BCDFG-HJKLM-NPQRS-TVWX",
                                      "BCDFG-HJKLM-NPQRS-TVWXZZ",
                                      "BCDFG-HJKLM-NPQRS-TVWXA",
                                      "BCDFG-HJKLM-NPQRS-TVWX0",
                                      "'; DROP TABLE request; --",
                                      "BCDFG-HJKLM-NPQRS-TVWXZ"};
    struct store *store = domain_store_of(state);
    struct looking l;
    char code[PRINTED_CODE_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(find(store, slice_text(bad[i]), &l), RFD_E_NOT_FOUND);
    assert_true(form_code_read(SLICE("  bcdfg hjklm-npqrstvwxz "), code));
    assert_string_equal(code, "BCDFG-HJKLM-NPQRS-TVWXZ");
    assert_false(form_code_read(slice_of("BCDFG-HJKLM-NPQRS-TVWX\0", 23), code));
    for (int i = 0; i < 100; i++) {
        char one[PRINTED_CODE_SIZE];
        assert_int_equal(form_code_new(one, NULL), RFD_OK);
        assert_true(form_code_read(slice_text(one), code));
        assert_string_equal(one, code);
    }
}

static void test_initials(void **state)
{
    (void)state;
    assert_true(slice_is(form_initials(SLICE("Ángela  Ñuñez de la O"), &memory), "Á. Ñ. d. l. O."));
    assert_true(slice_is(form_initials(SLICE(""), &memory), ""));
    assert_true(slice_is(form_initials(SLICE(" x"), &memory), "x."));
}

#define IN_BOTH IN_BOTH_HOLDINGS
int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH(test_acceptance),
        IN_BOTH(test_revocation),
        IN_BOTH(test_revocation_too_early),
        IN_BOTH(test_statement),
        IN_BOTH(test_receipt),
        IN_BOTH(test_nothing_there),
        IN_BOTH(test_seal_without_certificate),
        IN_BOTH(test_no_time_stamp),
        IN_BOTH(test_same_form_is_one_file),
        IN_BOTH(test_two_at_once),
        IN_BOTH(test_by_code),
        IN_BOTH(test_wrong_codes),
        cmocka_unit_test(test_initials),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
