/* SPDX-License-Identifier: EUPL-1.2
 *
 * A unit's request, page by page: the lead's ticket with its applicant, files and payment; the office that returns it,
 * approves it for an external authority, fetches the dossier, arranges the installation; and those whose business it is
 * not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/registration.h"
#include "identity_world.h"
#include "image_maker.h"
#include "keeper/client_internal.h"
#include "keeper_support.h"
#include "pdf_support.h"
#include "pki/digest.h"
#include "web_support.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <unistd.h>

#define SESSION  "__Host-refrenda"
#define BOUNDARY "----a-boundary-of-the-test"
#define TICKETS  "/tramites/certificados"
enum { BODY_MAXIMUM = 8 << 20, PICTURE_WIDTH = 640, PICTURE_HEIGHT = 480 };

struct somebody {
    const char *number;
    enum role role;
    int64_t unit, account, person;
    char cookie[128], csrf[64];
};
struct house {
    struct web_world *web;
    struct store *store;
    struct keeper_client *keeper;
    int64_t entity, unit, other_unit;
    struct somebody lead, agent, stranger;
    struct buf pdf, picture;
    const struct somebody *granting;
};
static struct house *house;

/* ---- The house ---- */

static rfd_status make_entity(struct transaction *t, void *context, struct rfd_error *error)
{
    struct house *h = context;
    const struct actor actor = actor_system("test");
    struct faults faults = {.count = 0};
    const struct entity entity = {.name = SLICE("Casa"),
                                  .short_name = SLICE("Casa"),
                                  .country = SLICE("pe"),
                                  .tax_number = SLICE("20100070970"),
                                  .domains = SLICE("example.gob.pe")};
    TRY(entity_put(t, &actor, &entity, &faults, &h->entity, error));
    struct unit unit = {
        .entity = h->entity, .code = SLICE("01"), .abbreviation = SLICE("SG"), .name = SLICE("Secretaría General")};
    TRY(unit_put(t, &actor, &unit, &faults, &h->unit, error));
    unit.code = SLICE("02");
    unit.abbreviation = SLICE("OT");
    return unit_put(t, &actor, &unit, &faults, &h->other_unit, error);
}

static rfd_status give_role(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct somebody *s = context;
    const struct actor actor = actor_system("test");
    const struct role_assignment given = {.person = s->person,
                                          .role = s->role,
                                          .entity = house->entity,
                                          .unit = s->unit,
                                          .from = clock_now() - 1000000,
                                          .to = RFD_TIME_NONE};
    int64_t id;
    return role_grant(t, &actor, &given, &id, error);
}

static void sign_in(struct somebody *s)
{
    struct exchange_of_test x;
    char token[ACCOUNT_TOKEN_SIZE];
    s->account = account_world_account(house->store, s->number);
    s->person = account_world_find(house->store, s->account).person;
    assert_int_equal(account_world_write(house->store, give_role, s), RFD_OK);
    (void)account_world_signed_in(house->store, s->number, token);
    (void)snprintf(s->cookie, sizeof s->cookie, SESSION "=%s", token);
    assert_int_equal(web_get(house->web, &x, "/cuenta", s->cookie), 200);
    (void)snprintf(s->csrf, sizeof s->csrf, "%s", web_token(&x));
    web_forget(&x);
}

static void make_files(struct house *h)
{
    static uint8_t pixels[PICTURE_WIDTH * PICTURE_HEIGHT * 4];
    const char *const objects[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                   "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"};
    for (size_t y = 0; y < PICTURE_HEIGHT; y++)
        for (size_t x = 0; x < PICTURE_WIDTH; x++)
            memset(pixels + (y * PICTURE_WIDTH + x) * 4, (x / 4 + y / 4) % 2 == 0 ? 255 : 0, 3);
    for (size_t i = 3; i < sizeof pixels; i += 4) pixels[i] = 255;
    buf_init(&h->pdf, BODY_MAXIMUM);
    support_make_pdf(&h->pdf, objects, 3, "/Root 1 0 R");
    buf_init(&h->picture, BODY_MAXIMUM);
    maker_png_of(pixels, PICTURE_WIDTH, PICTURE_HEIGHT, &h->picture);
}

static void open_blobs(struct house *h)
{
    static int number;
    static char folder[300];
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    assert_int_equal(keeper_client_direct(world.keeper, &h->keeper, NULL), RFD_OK);
    h->keeper->session.sender = KEEPER_FROM_WEB;
    (void)snprintf(folder, sizeof folder, "%s-%d", folder_file("agency"), ++number);
    h->web->settings.web.blobs = folder;
    const struct blob_options options = {folder, "wrapping", h->keeper};
    blob_store_close(h->web->web->blobs);
    assert_int_equal(blob_store_open(&options, &h->web->web->blobs, NULL), RFD_OK);
}

static void open_house(void **state)
{
    void *nothing = NULL;
    house = memory_zeroed(1, sizeof *house);
    assert_non_null(house);
    house->web = web_world_open(state, false);
    house->store = house->web->database->store;
    house->web->settings.requests.link_hours = 72;
    house->web->settings.requests.authority = house->web->settings.requests.scanner = "";
    assert_int_equal(world_setup(&nothing), 0);
    open_blobs(house);
    assert_int_equal(account_world_write(house->store, make_entity, house), RFD_OK);
    make_files(house);
    house->lead = (struct somebody){.number = "40000001", .role = ROLE_CERTIFICATION_LEAD, .unit = house->unit};
    house->agent = (struct somebody){.number = "40000002", .role = ROLE_CERTIFYING_AGENT, .unit = house->unit};
    house->stranger =
        (struct somebody){.number = "40000003", .role = ROLE_CERTIFICATION_LEAD, .unit = house->other_unit};
    sign_in(&house->lead);
    sign_in(&house->agent);
    sign_in(&house->stranger);
}

static void close_house(void)
{
    void *nothing = NULL;
    buf_dispose(&house->pdf);
    buf_dispose(&house->picture);
    web_world_close(house->web);
    keeper_client_free(house->keeper);
    (void)world_teardown(&nothing);
    memory_free(house);
    house = NULL;
}

/* ---- Browsing ---- */

static int get(const struct somebody *s, struct exchange_of_test *x, const char *path)
{
    return web_get(house->web, x, path, s->cookie);
}

/** The page's own part, for who reads why a test failed. */
static const char *what_it_says(struct exchange_of_test *x)
{
    const char *text = arena_text(&x->arena, x->response.body);
    const char *main = text == NULL ? NULL : strstr(text, "<main");
    const char *errors = text == NULL ? NULL : strstr(text, "class=\"errors\"");
    if (errors != NULL) return errors;
    return main == NULL ? "nothing" : main;
}

/** The page has these words, and is there. */
static void see(const struct somebody *s, const char *path, const char *words)
{
    struct exchange_of_test x;
    int status = get(s, &x, path);
    if (status != 200 || !web_says(&x, words))
        fail_msg("%s: %d, without “%s”: %s", path, status, words, what_it_says(&x));
    web_forget(&x);
}

static int post(const struct somebody *s, struct exchange_of_test *x, const char *path, const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", s->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", s->csrf, fields));
    return web_send(house->web, x);
}

/** It leads there. */
static void act(const struct somebody *s, const char *path, const char *fields, const char *where)
{
    struct exchange_of_test x;
    int status = post(s, &x, path, fields);
    if (status != 303 || strcmp(web_answer_header(&x, "location", 0), where) != 0)
        fail_msg("%s: %d to %s: %s", path, status, web_answer_header(&x, "location", 0), what_it_says(&x));
    web_forget(&x);
}

/** It is refused with this status and these words. */
static void refused(const struct somebody *s, const char *path, const char *fields, int status, const char *words)
{
    struct exchange_of_test x;
    int got = post(s, &x, path, fields);
    if (got != status || !web_says(&x, words)) fail_msg("%s: %d, without “%s”: %s", path, got, words, what_it_says(&x));
    web_forget(&x);
}

/* ---- Forms with files ---- */

static void part(struct buf *body, const char *name, const char *file, slice content)
{
    buf_print(body, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) buf_print(body, "; filename=\"%s\"\r\nContent-Type: application/octet-stream", file);
    buf_put_text(body, "\r\n\r\n");
    buf_put_slice(body, content);
    buf_put_text(body, "\r\n");
}

static int send_parts(const struct somebody *s, struct exchange_of_test *x, const char *path, struct buf *body)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", s->cookie);
    web_header(x, "Content-Type", "multipart/form-data; boundary=" BOUNDARY);
    part(body, "csrf", NULL, slice_text(s->csrf));
    buf_put_text(body, "--" BOUNDARY "--\r\n");
    assert_int_equal(buf_status(body), RFD_OK);
    x->request.body = buf_slice(body);
    int status = web_send(house->web, x);
    buf_dispose(body);
    return status;
}

static void fill_applicant(struct buf *body, const char *number, const char *mail, const char *payment)
{
    char unit[24];
    (void)snprintf(unit, sizeof unit, "%lld", (long long)house->unit);
    const char *const fields[][2] = {{"document", "dni"},
                                     {"number", number},
                                     {"given_names", "Zoila"},
                                     {"surname", "Mamani"},
                                     {"document_issued", "2020-05-05"},
                                     {"mobile", "987654321"},
                                     {"mail", mail},
                                     {"unit", unit},
                                     {"post", "Analista"},
                                     {"way_of_working", "on-site"},
                                     {"locality", "150101"},
                                     {"installed_at", "workplace"},
                                     {"device", "software"},
                                     {"payment", payment}};
    buf_init(body, BODY_MAXIMUM);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        part(body, fields[i][0], NULL, slice_text(fields[i][1]));
}

static void attach_all(struct buf *body)
{
    part(body, "signature-image", "firma.png", buf_slice(&house->picture));
    part(body, "photograph", "foto.png", buf_slice(&house->picture));
    part(body, "sworn-statement", "dj.pdf", buf_slice(&house->pdf));
}

static int64_t number(const char *sql)
{
    return domain_store_number(house->store, sql);
}

static const char *path_of(const char *format, int64_t id)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, 128, format, (long long)id);
    return path;
}

/* ---- The unit ---- */

static int64_t make_ticket(const char *kind, const char *motive)
{
    char fields[256];
    (void)snprintf(fields, sizeof fields, "kind=%s&motive=%s&unit=%lld&description=Personal+nuevo&token=%s-%lld", kind,
                   motive, (long long)house->unit, motive, (long long)number("SELECT count(*) FROM request"));
    struct exchange_of_test x;
    int status = post(&house->lead, &x, TICKETS "/nuevo", fields);
    if (status != 303) fail_msg("%d: %s", status, what_it_says(&x));
    web_forget(&x);
    return number("SELECT max(id) FROM request");
}

static void add_applicant(int64_t ticket, const char *dni)
{
    struct exchange_of_test x;
    struct buf body;
    fill_applicant(&body, dni, "zoila@example.gob.pe", "");
    attach_all(&body);
    int status = send_parts(&house->lead, &x, path_of(TICKETS "/%lld/solicitantes/nuevo", ticket), &body);
    if (status != 303) fail_msg("%d: %s", status, what_it_says(&x));
    web_forget(&x);
}

static void test_a_ticket_begins_with_its_kind(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    see(&house->lead, TICKETS, "New ticket");
    see(&house->lead, TICKETS "/nuevo", "name=\"tipo\"");
    assert_int_equal(get(&house->lead, &x, TICKETS "/nuevo?tipo=issue"), 200);
    assert_true(web_says(&x, "first-issue"));
    assert_false(web_says(&x, "lost-device")); /* of reissues */
    web_forget(&x);
    refused(&house->lead, TICKETS "/nuevo", "kind=issue&motive=lost-device&unit=1&description=Mi+texto", 422,
            "Mi texto");
    int64_t id = make_ticket("issue", "first-issue");
    see(&house->lead, path_of(TICKETS "/%lld", id), "C-0001-");
    see(&house->lead, TICKETS, "Primera emisi"); /* the catalogue's title */
    char file[1024] = "";
    assert_int_equal(get(&house->lead, &x, TICKETS "?formato=csv"), 200);
    assert_true(pread(x.response.file, file, sizeof file - 1, 0) > 0);
    assert_non_null(strstr(file, "Primera emisi"));
    (void)close(x.response.file);
    web_forget(&x);
    see(&house->lead, path_of(TICKETS "/%lld/editar", id), "Personal nuevo");
    act(&house->lead, path_of("/tramites/certificados/%lld/editar", id),
        path_of("kind=reissue&motive=expiry&unit=%lld&description=Otra", house->unit), path_of(TICKETS "/%lld", id));
    see(&house->lead, path_of(TICKETS "/%lld", id), "Otra");
    close_house();
}

static void test_a_double_click_is_one_ticket(void **state)
{
    open_house(state);
    char fields[200];
    (void)snprintf(fields, sizeof fields, "kind=issue&motive=first-issue&unit=%lld&description=Uno&token=the-same-form",
                   (long long)house->unit);
    act(&house->lead, TICKETS "/nuevo", fields, TICKETS "/1");
    act(&house->lead, TICKETS "/nuevo", fields, TICKETS "/1");
    assert_int_equal(number("SELECT count(*) FROM request"), 1);
    close_house();
}

static void test_applicants(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct buf body;
    int64_t id = make_ticket("issue", "first-issue");
    const char *path = path_of(TICKETS "/%lld/solicitantes/nuevo", id);
    see(&house->lead, path, "signature-image");
    fill_applicant(&body, "70000016", "zoila@gmail.example", "");
    attach_all(&body);
    assert_int_equal(send_parts(&house->lead, &x, path, &body), 422);
    assert_true(web_says(&x, "zoila@gmail.example"));
    assert_true(web_says(&x, "institutional address"));
    assert_true(web_says(&x, "signature-image-recibido")); /* files are not lost */
    web_forget(&x);
    fill_applicant(&body, "70000016", "zoila@example.gob.pe", "");
    part(&body, "signature-image", "firma.png", buf_slice(&house->pdf)); /* disguised */
    assert_int_equal(send_parts(&house->lead, &x, path, &body), 422);
    web_forget(&x);
    assert_int_equal(number("SELECT count(*) FROM applicant"), 0);
    add_applicant(id, "70000016");
    assert_int_equal(number("SELECT count(*) FROM evidence"), 3);
    see(&house->lead, path_of(TICKETS "/%lld", id), "Zoila Mamani");
    see(&house->lead, "/tramites/solicitantes/1", "zoila@example.gob.pe");
    see(&house->lead, "/tramites/solicitantes/1/quitar", "Remove this applicant?");
    act(&house->lead, "/tramites/solicitantes/1/quitar", "", path_of(TICKETS "/%lld", id));
    assert_int_equal(number("SELECT count(*) FROM applicant"), 0);
    close_house();
}

static void test_a_number_is_looked_up(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    int64_t id = make_ticket("issue", "first-issue");
    (void)domain_store_run(house->store,
                           "UPDATE person SET entity = 1, unit = 1, given_names = 'Rosaura' WHERE number = '40000001'");
    const char *path = path_of(TICKETS "/%lld/solicitantes/nuevo", id);
    assert_int_equal(post(&house->lead, &x, path, "document=dni&number=40000001&action=lookup"), 200);
    assert_true(web_says(&x, "Rosaura"));
    web_forget(&x);
    assert_int_equal(post(&house->lead, &x, path, "document=dni&number=40000009&action=lookup"), 200);
    assert_true(web_says(&x, "Nothing is known"));
    web_forget(&x);
    assert_int_equal(number("SELECT count(*) FROM applicant"), 0);
    close_house();
}

/** As the applicant's form sends it. */
static const char *look_up(const struct somebody *s, const char *path, const char *number, int status)
{
    static char body[200];
    struct exchange_of_test x;
    (void)snprintf(body, sizeof body, "document=dni&number=%s&given_names=Nadie&action=lookup", number);
    assert_int_equal(post(s, &x, path, body), status);
    (void)snprintf(body, sizeof body, "%s",
                   web_says(&x, "ROSA MAR") && web_says(&x, "MAMANI") ? "found"
                   : web_says(&x, "has died") && web_says(&x, "JUAN") ? "dead"
                   : web_says(&x, "does not have this number")        ? "unknown"
                   : web_says(&x, "does not answer now")              ? "away"
                   : web_says(&x, "too many numbers")                 ? "too much"
                   : web_says(&x, "check digit is wrong")             ? "wrong"
                                                                      : "");
    assert_true(strcmp(body, "found") != 0 || !web_says(&x, "Nadie"));
    web_forget(&x);
    return body;
}

#define LOOKED_UP number("SELECT count(*) FROM audit_waiting WHERE action = 'registration.identity'")

static void test_the_identity_service_knows_everybody(void **state)
{
    struct identity_service service;
    struct identity_pair pair;
    struct exchange_of_test x;
    open_house(state);
    identity_start(&service, false);
    identity_pair_open(&pair, service.address, "t0ken", SLICE_EMPTY);
    house->web->web->options.identity = pair.client;
    int64_t id = make_ticket("issue", "first-issue");
    const char *path = path_of(TICKETS "/%lld/solicitantes/nuevo", id);
    assert_string_equal(look_up(&house->lead, path, "70000016", 200), "found");
    assert_string_equal(look_up(&house->lead, path, "70000024", 200), "dead");
    assert_string_equal(look_up(&house->lead, path, "70000040", 200), "unknown");
    assert_string_equal(look_up(&house->lead, path, "70000115", 200), "away");
    assert_int_equal(LOOKED_UP, 4);
    assert_int_equal(
        number("SELECT count(*) FROM audit_waiting WHERE action = 'registration.identity' AND object = 'request:1' AND "
               "actor IN (SELECT 'account:' || a.code FROM account a JOIN person p ON p.id = a.person WHERE p.number = "
               "'40000001') AND detail = '{\"country\":\"pe\",\"document\":\"dni\",\"number\":\"70000016\"}'"),
        1);
    assert_int_equal(identity_asked(&service), 4);
    /* What is no number is not asked for; nor is it by those whose ticket it is not. */
    assert_string_equal(look_up(&house->lead, path, "7000001X", 422), "");
    assert_int_equal(post(&house->stranger, &x, path, "document=dni&number=70000016&action=lookup"), 404);
    web_forget(&x);
    assert_int_equal(post(&house->agent, &x, path, "document=dni&number=70000016&action=lookup"), 403);
    web_forget(&x);
    assert_int_equal(identity_asked(&service), 4);
    assert_int_equal(LOOKED_UP, 4);
    assert_int_equal(number("SELECT count(*) FROM applicant"), 0);
    identity_pair_close(&pair);
    house->web->web->options.identity = NULL;
    identity_stop(&service);
    close_house();
}

/** Sixty in an hour; what is beyond is neither asked nor written down. */
static void test_nobody_browses_the_identity_service(void **state)
{
    struct identity_service service;
    struct identity_pair pair;
    open_house(state);
    identity_start(&service, false);
    identity_pair_open(&pair, service.address, "t0ken", SLICE_EMPTY);
    house->web->web->options.identity = pair.client;
    int64_t id = make_ticket("issue", "first-issue");
    const char *path = path_of(TICKETS "/%lld/solicitantes/nuevo", id);
    size_t found = 0;
    for (int i = 0; i < 140; i++) { /* the clock's hour may change in between */
        const char *said = look_up(&house->lead, path, "70000016", 200);
        if (strcmp(said, "too much") == 0) break;
        assert_string_equal(said, "found");
        found++;
    }
    assert_in_range(found, 60, 120);
    assert_int_equal(identity_asked(&service), found);
    assert_int_equal(LOOKED_UP, found);
    identity_pair_close(&pair);
    house->web->web->options.identity = NULL;
    identity_stop(&service);
    close_house();
}

static void test_payments(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct buf body;
    static const char *const fields[][2] = {{"kind", "banco-nacion"}, {"day", "2026-01-05"}, {"amount", "8,10"},
                                            {"operation", "001234"},  {"agency", "0123"},    {"cashier", "4567"}};
    int64_t id = make_ticket("issue", "extra-certificate");
    const char *path = path_of(TICKETS "/%lld/pagos/nuevo", id);
    see(&house->lead, path, "slip-operation.svg");
    see(&house->lead, path_of(TICKETS "/%lld?vista=pago", id), "8.10");
    for (unsigned round = 0; round < 2; round++) {
        buf_init(&body, BODY_MAXIMUM);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            part(&body, fields[i][0], NULL, slice_text(fields[i][1]));
        part(&body, "payment-document", "voucher.pdf", buf_slice(&house->pdf));
        int status = send_parts(&house->lead, &x, path, &body);
        assert_int_equal(status, round == 0 ? 303 : 422); /* the same operation */
        if (round == 1) assert_true(web_says(&x, "has paid for a request already"));
        web_forget(&x);
    }
    assert_int_equal(number("SELECT amount FROM payment"), 810);
    see(&house->lead, "/tramites/pagos/1", "1234");
    see(&house->lead, path_of(TICKETS "/%lld/solicitantes/nuevo", id), "Banco de la Naci");
    act(&house->lead, "/tramites/pagos/1/quitar", "", path_of(TICKETS "/%lld?vista=pago", id));
    assert_int_equal(number("SELECT count(*) FROM payment"), 0);
    close_house();
}

/* ---- The office ---- */

/** What another reader finds in the dossier: its six files, and that their sums are right. */
static void look_into(int file)
{
    static const char *const names[] = {"solicitud.json",
                                        "solicitantes.csv",
                                        "solicitantes/01-70000016/photograph.png",
                                        "solicitantes/01-70000016/signature-image.png",
                                        "solicitantes/01-70000016/sworn-statement.pdf",
                                        "SHA256SUMS"};
    struct archive *zip = archive_read_new();
    struct archive_entry *entry;
    struct buf content, sums;
    size_t count = 0;
    buf_init(&content, BODY_MAXIMUM);
    buf_init(&sums, BODY_MAXIMUM);
    assert_int_equal(archive_read_support_format_zip(zip), ARCHIVE_OK);
    assert_int_equal(archive_read_open_fd(zip, file, 4096), ARCHIVE_OK);
    while (archive_read_next_header(zip, &entry) == ARCHIVE_OK) {
        uint8_t hash[32];
        buf_reset(&content);
        uint8_t *room = buf_reserve(&content, (size_t)archive_entry_size(entry) + 1);
        assert_non_null(room);
        la_ssize_t length = archive_read_data(zip, room, (size_t)archive_entry_size(entry) + 1);
        assert_int_equal(length, archive_entry_size(entry));
        assert_true(count < sizeof names / sizeof *names);
        assert_string_equal(archive_entry_pathname(entry), names[count]);
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(room, (size_t)length), hash, NULL), RFD_OK);
        if (++count == sizeof names / sizeof *names) {
            assert_true(slice_equal(slice_of(room, (size_t)length), buf_slice(&sums)));
        } else {
            buf_put_hex(&sums, slice_of(hash, sizeof hash), false);
            buf_print(&sums, "  %s\n", names[count - 1]);
        }
    }
    assert_int_equal(count, sizeof names / sizeof *names);
    assert_int_equal(archive_read_free(zip), ARCHIVE_OK);
    buf_dispose(&content);
    buf_dispose(&sums);
}

static void test_the_way_with_an_external_authority(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    int64_t id = make_ticket("issue", "first-issue");
    const char *ticket = path_of(TICKETS "/%lld", id), *queued = path_of("/tramites/bandeja/%lld", id);
    char one[128], other[128];
    (void)snprintf(one, sizeof one, "%s", ticket);
    (void)snprintf(other, sizeof other, "%s", queued);
    refused(&house->lead, path_of(TICKETS "/%lld/enviar", id), "", 422, "There is no applicant yet");
    assert_int_equal(get(&house->agent, &x, other), 404); /* a draft is the unit's own */
    web_forget(&x);
    add_applicant(id, "70000016");
    act(&house->lead, path_of(TICKETS "/%lld/enviar", id), "", one);
    act(&house->lead, path_of(TICKETS "/%lld/enviar", id), "", one); /* a double click */
    assert_int_equal(number("SELECT count(*) FROM request_event WHERE event = 'sent'"), 1);
    refused(&house->lead, path_of(TICKETS "/%lld/editar", id), "kind=issue&motive=first-issue&unit=1&description=x",
            409, "");
    see(&house->agent, "/tramites/bandeja", "C-0001-");
    see(&house->agent, other, "Take and attend");
    act(&house->agent, path_of("/tramites/bandeja/%lld/tomar", id), "", other);
    refused(&house->agent, path_of("/tramites/bandeja/%lld/observar", id), "note=", 422, "mended");
    act(&house->agent, path_of("/tramites/bandeja/%lld/observar", id), "note=La+foto+es+antigua", other);
    see(&house->lead, one, "La foto es antigua");
    act(&house->lead, path_of(TICKETS "/%lld/enviar", id), "", one); /* mended */
    assert_int_equal(number("SELECT count(*) FROM request WHERE state = 'taken' AND taker IS NOT NULL"), 1);
    act(&house->agent, path_of("/tramites/bandeja/%lld/revisar", id), "seen=1&mark=1.legible", other);
    act(&house->agent, path_of("/tramites/bandeja/%lld/aprobar", id), "", other);
    see(&house->agent, other, "Download the dossier");
    assert_int_equal(post(&house->agent, &x, path_of("/tramites/bandeja/%lld/expediente", id), ""), 200);
    look_into(x.response.file);
    (void)close(x.response.file);
    web_forget(&x);
    assert_int_equal(number("SELECT count(*) FROM request_event WHERE event = 'forwarded'"), 1);
    see(&house->agent, "/tramites/emision/1", "Number of the approval");
    see(&house->agent, "/tramites/instalacion/1", "+51987654321");
    refused(&house->agent, "/tramites/instalacion/1", "installation=extension&phone=abc&day=2026-12-01", 422,
            "digits only");
    act(&house->agent, "/tramites/instalacion/1", "installation=extension&phone=1234&day=2026-12-01", other);
    act(&house->agent, path_of("/tramites/bandeja/%lld/atender", id), "", other); /* not yet: no certificate */
    assert_int_equal(number("SELECT count(*) FROM request WHERE state = 'approved'"), 1);
    close_house();
}

static void test_the_way_of_an_installation(void **state)
{
    open_house(state);
    int64_t id = make_ticket("install", "new-computer");
    char other[128];
    struct exchange_of_test x;
    struct buf body;
    (void)snprintf(other, sizeof other, "/tramites/bandeja/%lld", (long long)id);
    fill_applicant(&body, "70000016", "zoila@example.gob.pe", "");
    assert_int_equal(send_parts(&house->lead, &x, path_of(TICKETS "/%lld/solicitantes/nuevo", id), &body), 303);
    web_forget(&x);
    act(&house->lead, path_of(TICKETS "/%lld/enviar", id), "", path_of(TICKETS "/%lld", id));
    act(&house->agent, path_of("/tramites/bandeja/%lld/tomar", id), "", other);
    act(&house->agent, path_of("/tramites/bandeja/%lld/aprobar", id), "", other);
    act(&house->agent, "/tramites/instalacion/1", "installation=mobile&phone=987654321&day=2026-12-01", other);
    act(&house->agent, path_of("/tramites/bandeja/%lld/atender", id), "", other);
    assert_int_equal(number("SELECT count(*) FROM request WHERE state = 'attended'"), 1);
    see(&house->lead, TICKETS "?state=attended", "C-0001-");
    close_house();
}

static void test_it_is_nobody_elses_business(void **state)
{
    open_house(state);
    int64_t id = make_ticket("issue", "first-issue");
    add_applicant(id, "70000016");
    const struct {
        const char *pattern;
        bool post;
    } paths[] = {{TICKETS "/%lld", false},
                 {TICKETS "/%lld/editar", false},
                 {TICKETS "/%lld/editar", true},
                 {TICKETS "/%lld/enviar", true},
                 {TICKETS "/%lld/anular", false},
                 {TICKETS "/%lld/anular", true},
                 {TICKETS "/%lld/solicitantes/nuevo", false},
                 {TICKETS "/%lld/pagos/nuevo", false},
                 {"/tramites/solicitantes/1", false},
                 {"/tramites/solicitantes/1/quitar", true},
                 {"/tramites/solicitantes/1/declaracion.pdf", false},
                 {"/tramites/%lld", false}};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct exchange_of_test x;
        const char *path = path_of(paths[i].pattern, id);
        int status = paths[i].post
                         ? post(&house->stranger, &x, path, "kind=issue&motive=first-issue&unit=2&description=x")
                         : get(&house->stranger, &x, path);
        if (status != 404 && status != 403) fail_msg("%s: %d", path, status);
        assert_false(web_says(&x, "70000016"));
        web_forget(&x);
    }
    struct exchange_of_test x;
    assert_int_equal(get(&house->stranger, &x, "/tramites/bandeja"), 403);
    web_forget(&x);
    assert_int_equal(number("SELECT count(*) FROM request WHERE state = 'draft'"), 1);
    assert_int_equal(get(&house->stranger, &x, TICKETS "?todas=1"), 200);
    assert_false(web_says(&x, "C-0001-"));
    web_forget(&x);
    close_house();
}

/** The keeper's fixture and the databases' have a folder each. */
static int open_folders(void **state)
{
    return folder_setup(state) == 0 && folder_new() != NULL ? 0 : -1;
}

static int close_folders(void **state)
{
    folder_remove();
    return folder_teardown(state);
}

int main(void)
{
#define ON_SQLITE(test) cmocka_unit_test_setup_teardown(test, domain_store_sqlite, domain_store_close)
    const struct CMUnitTest tests[] = {
        ON_SQLITE(test_a_ticket_begins_with_its_kind),
        ON_SQLITE(test_a_double_click_is_one_ticket),
        ON_SQLITE(test_applicants),
        ON_SQLITE(test_a_number_is_looked_up),
        ON_SQLITE(test_the_identity_service_knows_everybody),
        ON_SQLITE(test_nobody_browses_the_identity_service),
        ON_SQLITE(test_payments),
        ON_SQLITE(test_the_way_with_an_external_authority),
        ON_SQLITE(test_the_way_of_an_installation),
        ON_SQLITE(test_it_is_nobody_elses_business),
    };
    return cmocka_run_group_tests(tests, open_folders, close_folders);
}
