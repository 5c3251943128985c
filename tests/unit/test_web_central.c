/* SPDX-License-Identifier: EUPL-1.2
 *
 * A citizen's pages of central signing, step by step, with both keepers behind them: making a certificate, signing
 * one's own documents, what goes wrong and how it is told, what others get, and what is changed afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "citizen.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "web/central/central_pages.h"

#include <stdio.h>

#define BOUNDARY "limite"

/* ---- Documents ---- */

static void put_part(struct buf *b, const char *name, const char *file, const char *type, slice content)
{
    buf_print(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) buf_print(b, "; filename=\"%s\"\r\nContent-Type: %s", file, type);
    buf_put_text(b, "\r\n\r\n");
    buf_put_slice(b, content);
    buf_put_text(b, "\r\n");
}

static int upload_with(const struct citizen *c, struct exchange_of_test *x, const char *const *texts, size_t count,
                       bool stamped)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    put_part(&b, "csrf", NULL, NULL, slice_text(c->csrf));
    put_part(&b, "nivel", NULL, NULL, SLICE("B"));
    if (stamped) put_part(&b, "visible", NULL, NULL, SLICE("1"));
    put_part(&b, "motivo", NULL, NULL, SLICE("Doy fe"));
    for (size_t i = 0; i < count; i++) {
        char name[32];
        struct buf pdf;
        (void)snprintf(name, sizeof name, "Contrato %zu.pdf", i + 1);
        slice id = central_pdf(&c->house->central, texts[i]);
        central_read(&c->house->central, id, &pdf);
        put_part(&b, "documentos", name, "application/pdf", buf_slice(&pdf));
        buf_dispose(&pdf);
    }
    buf_put_text(&b, "--" BOUNDARY "--\r\n");
    web_request(x, HTTP_POST, SIGNING);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", c->cookie);
    web_header(x, "Content-Type", "multipart/form-data; boundary=" BOUNDARY);
    x->request.body = arena_copy(&x->arena, buf_slice(&b));
    buf_dispose(&b);
    return web_send(c->house->web, x);
}

static int upload(const struct citizen *c, struct exchange_of_test *x, const char *const *texts, size_t count)
{
    return upload_with(c, x, texts, count, false);
}

static void begin_with(const struct citizen *c, const char *const *texts, size_t count, bool stamped, char address[128])
{
    struct exchange_of_test x;
    int status = upload_with(c, &x, texts, count, stamped);
    if (status != 303)
        fail_msg("upload: %d %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    (void)snprintf(address, 128, "%s", web_answer_header(&x, "location", 0));
    assert_int_equal(strncmp(address, SIGNING "/", strlen(SIGNING "/")), 0);
    web_forget(&x);
}

/** Uploads them and gives the address of the operation: "/firmar/TOKEN". */
static void begin_signing(const struct citizen *c, const char *const *texts, size_t count, char address[128])
{
    begin_with(c, texts, count, false, address);
}

static const char *step(const char *address, const char *rest)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s%s", address, rest);
    return path;
}

/* ---- Tests ---- */

static void test_no_enrolment(void **state)
{
    struct house h;
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA), berta = citizen_sign_in(&h, BERTA);
    char sql[80];
    assert_true(citizen_says(&ana, CENTRAL, "href=\"/firma\""));
    assert_false(citizen_says(&ana, CENTRAL, CENTRAL "/nuevo\""));
    assert_true(citizen_says(&ana, CENTRAL "/nuevo", "href=\"/firma\""));
    assert_int_equal(citizen_do_post(&ana, CENTRAL "/nuevo", "acepto=1"), 200);
    /* Enrolled, but with an account of the basic level. */
    (void)central_approved(h.office, BERTA);
    (void)snprintf(sql, sizeof sql, "UPDATE account SET level = 1 WHERE person = %d", BERTA);
    (void)domain_store_run(h.office->store, sql);
    assert_false(citizen_says(&berta, CENTRAL, CENTRAL "/nuevo\""));
    (void)central_approved(h.office, ANA);
    assert_true(citizen_says(&ana, CENTRAL, CENTRAL "/nuevo\""));
    assert_true(citizen_says(&ana, CENTRAL "/nuevo", "name=\"acepto\""));
    assert_int_equal(citizen_do_post(&ana, CENTRAL "/nuevo", "volver="), 422); /* without consent nothing begins */
    house_close(&h);
}

static void test_whole_path(void **state)
{
    static const char *const texts[] = {"Uno", "Dos"};
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    begin_signing(&ana, texts, 2, address);
    assert_true(citizen_says(&ana, address, "Contrato 1"));
    assert_true(citizen_says(&ana, address, "Contrato 2"));
    assert_int_equal(citizen_get(&ana, &x, "%s/documento/1", address), 200);
    assert_string_equal(web_answer_header(&x, "content-type", 0), "application/pdf");
    web_forget(&x);
    assert_true(citizen_says(&ana, step(address, "/certificado"), credential));
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    citizen_begin(&ana, step(address, "/autorizar"), field, &a);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, "000000", "\"field\":\"code\""), 422);
    assert_int_equal(citizen_try(&ana, &a, "no es esta clave", NULL, "\"field\":\"password\""), 422);
    citizen_send_again(&ana, &a);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, NULL, "/resultado\"}"), 200);
    assert_true(citizen_says(&ana, step(address, "/resultado"), "/resultado/2\""));
    assert_int_equal(citizen_look(&ana, step(address, "/resultado/1"), "", NULL), 200);
    assert_int_equal(citizen_look(&ana, step(address, "/resultado/3"), "", NULL), 404);
    assert_true(citizen_says(&ana, address, "/resultado/1\"")); /* the operation's address leads to what came of it */
    assert_int_equal(citizen_look(&ana, step(address, "/certificado"), "", NULL), 303);
    assert_true(citizen_says(&ana, SIGNING, address)); /* among what was signed here */
    (void)snprintf(field, sizeof field, CENTRAL "/%s", credential);
    assert_true(citizen_says(&ana, field, "Contrato 2"));
    assert_int_equal(citizen_look(&ana, step(field, "/registro.jsonl"), "", NULL), 200);
    arena_dispose(&a.memory);
    house_close(&h);
}

static void test_back_to_the_signature(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char address[128], path[256], wanted[300];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    begin_signing(&ana, texts, 1, address);
    assert_true(citizen_says(&ana, step(address, "/certificado"), "href=\"/firma\"")); /* first an office */
    (void)central_approved(h.office, ANA);
    assert_true(citizen_says(&ana, step(address, "/certificado"), CENTRAL "/nuevo?volver="));
    (void)snprintf(path, sizeof path, "acepto=1&volver=%s/certificado", address);
    citizen_begin(&ana, CENTRAL "/nuevo", path, &a);
    assert_int_equal(citizen_activate(&ana, &a, &x, CENTRAL_PASSWORD, NULL), 200);
    (void)snprintf(wanted, sizeof wanted, "{\"next\":\"%s/certificado?con=", address);
    assert_true(web_says(&x, wanted));
    web_forget(&x);
    arena_dispose(&a.memory);
    /* To another site nobody is sent. */
    citizen_begin(&ana, CENTRAL "/nuevo", "acepto=1&volver=//otra.example/firmar/", &a);
    assert_string_equal(a.address, CENTRAL "/nuevo/hecho?volver=");
    arena_dispose(&a.memory);
    house_close(&h);
}

static void test_wrong_uploads(void **state)
{
    static const char *const bad[] = {"%PDF-1.7\nno more of it"}, *const good[] = {"Uno"};
    struct house h;
    struct exchange_of_test x;
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    assert_int_equal(upload(&ana, &x, NULL, 0), 422);
    web_forget(&x);
    assert_int_equal(upload(&ana, &x, bad, 1), 422);
    assert_true(web_says(&x, "Contrato 1: "));
    web_forget(&x);
    assert_int_equal(upload(&ana, &x, good, 1), 303);
    web_forget(&x);
    house_close(&h);
}

static void test_cancelled(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    assert_true(citizen_says(&ana, step(address, "/cancelar"), "button danger"));
    assert_int_equal(citizen_do_post(&ana, step(address, "/cancelar"), ""), 303);
    assert_int_equal(citizen_do_post(&ana, step(address, "/cancelar"), ""), 303); /* twice is once */
    assert_false(citizen_says(&ana, address, "/certificado\""));
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    assert_int_equal(citizen_do_post(&ana, step(address, "/autorizar"), field), 303);
    assert_int_equal(citizen_look(&ana, step(address, "/resultado"), "", NULL), 303);
    house_close(&h);
}

/** Whoever has the address, and nothing more. */
static void test_others(void **state)
{
    static const char *const texts[] = {"Uno"};
    static const char *const pages[] = {
        "", "/documento/1", "/certificado", "/resultado", "/resultado/1", "/constancia.pdf", "/cancelar"};
    struct house h;
    struct exchange_of_test x;
    char credential[PERSONAL_ID_SIZE], address[128], own[64], field[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA), berta = citizen_sign_in(&h, BERTA);
    citizen_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        assert_int_equal(citizen_look(&berta, step(address, pages[i]), "", NULL), 404);
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    assert_int_equal(citizen_do_post(&berta, step(address, "/autorizar"), field), 404);
    assert_int_equal(citizen_do_post(&berta, step(address, "/cancelar"), ""), 404);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_int_equal(citizen_look(&berta, own, "", NULL), 404);
    assert_int_equal(citizen_look(&berta, step(own, "/registro.jsonl"), "", NULL), 404);
    assert_int_equal(citizen_look(&berta, step(own, "/clave"), "", NULL), 404);
    assert_int_equal(citizen_do_post(&berta, step(own, "/destruir"), "palabra=destroy"), 404);
    /* Nobody yet: who asks and the titles, not the documents. */
    assert_int_equal(web_get(h.web, &x, address, ""), 200);
    assert_true(web_says(&x, "Contrato 1"));
    assert_true(web_says(&x, "/acceso?volver="));
    assert_false(web_says(&x, "/documento/1"));
    web_forget(&x);
    assert_int_equal(web_get(h.web, &x, step(address, "/documento/1"), ""), 303);
    web_forget(&x);
    assert_int_equal(citizen_look(&ana,
                                  SIGNING "/"
                                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                  "", NULL),
                     404);
    house_close(&h);
}

static void test_five_wrong_passwords(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    for (unsigned i = 0; i < 5; i++) {
        citizen_begin(&ana, step(address, "/autorizar"), field, &a);
        const char *told = i < 4 ? "\"field\":\"password\"" : "\"ended\":true";
        assert_int_equal(citizen_try(&ana, &a, "no es esta clave", NULL, told), 422);
        if (i < 4) arena_dispose(&a.memory);
    }
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, "123456", "\"ended\":true"), 422);
    assert_int_equal(citizen_do_post(&ana, step(address, "/autorizar"), field), 422); /* told where it is chosen */
    assert_true(citizen_says(&ana, step(address, "/certificado"), "unusable"));
    arena_dispose(&a.memory);
    house_close(&h);
}

static void test_changes(void **state)
{
    struct house h;
    struct activation a;
    char credential[PERSONAL_ID_SIZE], own[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_int_equal(citizen_look(&ana, step(own, "/nada"), "", NULL), 404);
    assert_true(citizen_says(&ana, step(own, "/movil"), "name=\"movil\""));
    assert_int_equal(citizen_do_post(&ana, step(own, "/movil"), "movil="), 422);
    assert_int_equal(citizen_do_post(&ana, step(own, "/aplicacion"), "punto="), 422); /* without the browser's key */
    citizen_begin(&ana, step(own, "/clave"), "", &a);
    arena_dispose(&a.memory);
    citizen_begin(&ana, step(own, "/movil"), "movil=%2B51%20999%20000%20112", &a);
    arena_dispose(&a.memory);
    assert_int_equal(citizen_do_post(&ana, step(own, "/destruir"), "palabra=borrar"), 422);
    citizen_begin(&ana, step(own, "/destruir"), "palabra=Destroy", &a);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, NULL, "?hecho=destruir\"}"), 200);
    assert_false(citizen_says(&ana, own, "/clave\""));
    assert_int_equal(citizen_look(&ana, step(own, "/clave"), "", NULL), 303);
    arena_dispose(&a.memory);
    house_close(&h);
}

static rfd_status find_end(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT not_after FROM certificate WHERE id = (SELECT certificate FROM central_key)", NULL, 0,
                  &rows, error));
    *(rfd_time *)context = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** At this moment, in the list and on the certificate's own page. */
static void assert_badge(struct house *h, const char *own, rfd_time moment, const char *badge)
{
    static const char *const badges[] = {"In force", "Ends soon", "Expired"};
    clock_fix(moment);
    struct citizen ana = citizen_sign_in(h, ANA);
    for (size_t i = 0; i < sizeof badges / sizeof *badges; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "\">%s</span>", badges[i]);
        bool wanted = strcmp(badges[i], badge) == 0;
        if (citizen_says(&ana, CENTRAL, text) != wanted) fail_msg("the list says %s", badges[i]);
        if (citizen_says(&ana, own, text) != wanted) fail_msg("its page says %s", badges[i]);
    }
}

/** Thirty days before the end, to the second. */
static void test_ends_soon(void **state)
{
    const rfd_time days = (rfd_time)30 * 86400 * RFD_SECOND;
    struct house h;
    char credential[PERSONAL_ID_SIZE], own[64];
    rfd_time end = 0;
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_int_equal(store_read(h.office->store, find_end, &end, NULL), RFD_OK);
    assert_badge(&h, own, end - days, "In force");
    assert_badge(&h, own, end - days + RFD_SECOND, "Ends soon");
    assert_badge(&h, own, end, "Ends soon");
    assert_badge(&h, own, end + RFD_SECOND, "Expired");
    clock_fix(RFD_TIME_NONE);
    house_close(&h);
}

/** How far it is; the number of an operation that nobody has. */
static void test_progress(void **state)
{
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char path[128], digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    (void)central_approved(h.office, ANA);
    citizen_begin(&ana, CENTRAL "/nuevo", "acepto=1", &a);
    number_to_hex(slice_of(a.begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    (void)snprintf(path, sizeof path, CENTRAL "/operacion/%s", digits);
    assert_true(citizen_says(&ana, path, "\"delivery\":\"queued\""));
    assert_int_equal(citizen_post(&ana, &x, path, "application/json", ""), 200);
    web_forget(&x);
    path[strlen(path) - 1] = path[strlen(path) - 1] == '0' ? '1' : '0';
    assert_int_equal(citizen_look(&ana, path, "", NULL), 404);
    assert_int_equal(citizen_look(&ana, CENTRAL "/operacion/zz", "", NULL), 404);
    arena_dispose(&a.memory);
    house_close(&h);
}

/** Where no personal keeper runs the pages say that the service is away, and documents can still be looked at. */
static void test_keeper_away(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    char address[128];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    h.web->web->options.personal = NULL;
    assert_int_equal(citizen_look(&ana, CENTRAL, "", NULL), 503);
    begin_signing(&ana, texts, 1, address);
    assert_int_equal(citizen_look(&ana, address, "", NULL), 200);
    assert_int_equal(citizen_look(&ana, step(address, "/certificado"), "", NULL), 503);
    house_close(&h);
}

/* ---- The place of the stamp ---- */

struct looking {
    const char *token;
    struct signing_place places[SIGNING_DOCUMENTS];
    size_t count;
    enum signing_state state;
};

static rfd_status find_places(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    struct signing s;
    TRY(signing_find(t, slice_text(l->token), &s, error));
    l->state = s.state;
    l->count = s.count;
    for (size_t i = 0; i < s.count; i++) l->places[i] = s.documents[i].stamp;
    return RFD_OK;
}

static struct looking places_of(struct house *h, const char *address)
{
    struct looking l = {.token = address + strlen(SIGNING "/")};
    assert_int_equal(store_read(h->office->store, find_places, &l, NULL), RFD_OK);
    return l;
}

static bool is_at(struct signing_place p, int kind, unsigned page, unsigned anchor, unsigned x, unsigned y)
{
    return (int)p.kind == kind && p.page == page && p.anchor == anchor && p.x == x && p.y == y;
}

/** What is no place, and what is none of this document: pages of 210 by 297 millimetres, one each. */
static void test_wrong_places(void **state)
{
    static const char *const texts[] = {"Uno", "Dos"};
    static const struct {
        const char *fields;
        int status;
    } wrong[] = {
        {"", 422},
        {"sitio=", 422},
        {"sitio=nada", 422},
        {"sitio=punto", 422},
        {"sitio=punto&x=5", 422},
        {"sitio=punto&x=-1&y=5", 422},
        {"sitio=punto&x=5&y=-1", 422},
        {"sitio=punto&x=1.5&y=5", 422},
        {"sitio=punto&x=142&y=5", 422},
        {"sitio=punto&x=5&y=274", 422},
        {"sitio=punto&x=10001&y=5", 422},
        {"sitio=punto&x=4294967301&y=5", 422},
        {"sitio=punto&x=99999999999999999999&y=5", 422},
        {"sitio=punto&x=nan&y=inf", 422},
        {"sitio=libre&pagina=0", 422},
        {"sitio=libre&pagina=-1", 422},
        {"sitio=libre&pagina=2", 422},
        {"sitio=centro&pagina=4294967297", 422},
        {"sitio=libre&sitio=centro", 400},
        {"documento=0&sitio=libre", 404},
        {"documento=3&sitio=libre", 404},
        {"documento=x&sitio=libre", 404},
    };
    struct house h;
    char address[128], plain[128];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA), berta = citizen_sign_in(&h, BERTA);
    begin_with(&ana, texts, 2, true, address);
    assert_true(citizen_says(&ana, address, step(address, "/lugar\"")));
    assert_true(citizen_says(&ana, step(address, "/lugar"), "data-stamp-width=\"70\""));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int status = citizen_do_post(&ana, step(address, "/lugar"), wrong[i].fields);
        if (status != wrong[i].status) fail_msg("%s: %d", wrong[i].fields, status);
    }
    assert_int_equal(citizen_do_post(&berta, step(address, "/lugar"), "sitio=libre"), 404);
    assert_int_equal(citizen_look(&berta, step(address, "/lugar"), "", NULL), 404);
    struct looking l = places_of(&h, address);
    for (size_t i = 0; i < l.count; i++) assert_true(is_at(l.places[i], SIGNING_PLACE_FREE, 0, 0, 0, 0));
    /* Without a stamp there is no such step. */
    begin_signing(&ana, texts, 1, plain);
    assert_false(citizen_says(&ana, plain, step(plain, "/lugar\"")));
    assert_int_equal(citizen_look(&ana, step(plain, "/lugar"), "", NULL), 303);
    assert_int_equal(citizen_do_post(&ana, step(plain, "/lugar"), "sitio=centro"), 303);
    l = places_of(&h, plain);
    assert_true(is_at(l.places[0], SIGNING_PLACE_FREE, 0, 0, 0, 0));
    assert_true(signing_has_place(&(struct signing){.portal = 1, .options = {.visible = true}}));
    assert_false(signing_has_place(&(struct signing){.portal = 1, .options = {.visible = true, .page = SLICE("1")}}));
    house_close(&h);
}

/** One place for all; one document has its own, and is like the others again. */
static void test_places_of_many(void **state)
{
    static const char *const texts[] = {"Uno", "Dos", "Tres"};
    struct house h;
    struct exchange_of_test x;
    char address[128];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    begin_with(&ana, texts, 3, true, address);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "sitio=abajo-derecha&pagina=1"), 303);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "documento=2&sitio=punto&x=140&y=7"), 303);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "sitio=arriba"), 303);
    struct looking l = places_of(&h, address);
    assert_true(is_at(l.places[0], SIGNING_PLACE_ANCHOR, 0, 1, 0, 0));
    assert_true(is_at(l.places[1], SIGNING_PLACE_POSITION, 0, 0, 140, 7));
    assert_true(is_at(l.places[2], SIGNING_PLACE_ANCHOR, 0, 1, 0, 0));
    assert_true(l.places[1].own && !l.places[0].own);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "documento=2&comun=1"), 303);
    l = places_of(&h, address);
    assert_true(is_at(l.places[1], SIGNING_PLACE_ANCHOR, 0, 1, 0, 0));
    assert_false(l.places[1].own);
    /* Who came to sign with a file goes on with it. */
    assert_true(citizen_says(&ana, step(address, "/lugar"), "name=\"sitio\""));
    assert_int_equal(citizen_post(&ana, &x, step(address, "/lugar"), "text/html", "con=archivo&sitio=centro"), 303);
    assert_string_equal(web_answer_header(&x, "location", 0), step(address, "/archivo"));
    web_forget(&x);
    house_close(&h);
}

/** Who changes the place after the code was sent has to ask for another; afterwards nothing is changed any more. */
static void test_place_after_prepared(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a, b;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    begin_with(&ana, texts, 1, true, address);
    (void)domain_store_run(h.office->store, "UPDATE signing SET page = '7'"); /* the only page is the last one, too */
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    citizen_begin(&ana, step(address, "/autorizar"), field, &a);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "sitio=centro"), 303);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, "123456", "\"ended\":true"), 422);
    citizen_begin(&ana, step(address, "/autorizar"), field, &b);
    assert_int_equal(citizen_try(&ana, &b, CENTRAL_PASSWORD, NULL, "/resultado\"}"), 200);
    assert_int_equal(citizen_do_post(&ana, step(address, "/lugar"), "sitio=arriba"), 303);
    struct looking l = places_of(&h, address);
    assert_int_equal(l.state, SIGNING_SIGNED);
    assert_true(is_at(l.places[0], SIGNING_PLACE_ANCHOR, 0, 4, 0, 0));
    assert_int_equal(citizen_look(&ana, step(address, "/constancia.pdf"), "", NULL), 200);
    arena_dispose(&a.memory);
    arena_dispose(&b.memory);
    house_close(&h);
}

/** Receipts, stamps and mails have the installation's zone, fonts and first language, whoever looks. */
static void test_house(void **state)
{
    static const rfd_time two_in_the_morning = (rfd_time)2 * 3600 * RFD_SECOND;
    struct house h;
    struct central c;
    house_open(state, &h);
    const struct page page = {.web = h.web->web, .language = h.web->languages[2]};
    assert_int_equal(page_central((struct page *)(uintptr_t)&page, &c, NULL), RFD_OK);
    assert_non_null(c.zone);
    assert_int_equal(zone_civil(c.zone, two_in_the_morning).hour, 21);
    assert_ptr_equal(c.fonts, h.web->web->fonts);
    assert_ptr_equal(c.language, h.web->languages[0]);
    house_close(&h);
}

/** Too many codes: told where one was about to go on, and nothing is lost. */
static void test_too_many_codes(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char credential[PERSONAL_ID_SIZE], address[128], field[64], path[128];
    char digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    house_open(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    central_messages(1);
    central_restart();
    central_messages(0);
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    citizen_begin(&ana, step(address, "/autorizar"), field, &a);
    number_to_hex(slice_of(a.begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    (void)snprintf(path, sizeof path, CENTRAL "/operacion/%s", digits);
    assert_int_equal(citizen_post(&ana, &x, path, "application/json", ""), 429);
    assert_true(web_says(&x, "\"seconds\":")); /* how far it is, not a problem */
    web_forget(&x);
    assert_int_equal(citizen_post(&ana, &x, step(address, "/autorizar"), "text/html", field), 422);
    assert_true(web_says(&x, "Too many codes were sent to you"));
    assert_true(web_says(&x, "name=\"certificado\""));
    web_forget(&x);
    assert_int_equal(citizen_post(&ana, &x, CENTRAL "/nuevo", "text/html", "acepto=1"), 422);
    assert_true(web_says(&x, "Too many codes were sent to you"));
    assert_true(web_says(&x, "name=\"acepto\""));
    web_forget(&x);
    arena_dispose(&a.memory);
    house_close(&h);
}

static void test_hindrances(void **state)
{
    (void)state;
    assert_non_null(signing_hindrance(RFD_E_BUSY));
    assert_non_null(signing_hindrance(RFD_E_SLOW_DOWN));
    assert_non_null(signing_hindrance(RFD_E_KEY_REFUSED));
    assert_non_null(beginning_hindrance(RFD_E_BUSY));
    assert_null(beginning_hindrance(RFD_E_NOT_FOUND)); /* there is no certificate to choose */
    assert_null(signing_hindrance(RFD_E_INTERNAL));
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(test_no_enrolment),
        IN_A_HOUSE(test_whole_path),
        IN_A_HOUSE(test_back_to_the_signature),
        IN_A_HOUSE(test_wrong_uploads),
        IN_A_HOUSE(test_cancelled),
        IN_A_HOUSE(test_others),
        IN_A_HOUSE(test_five_wrong_passwords),
        IN_A_HOUSE(test_changes),
        IN_A_HOUSE(test_ends_soon),
        IN_A_HOUSE(test_progress),
        IN_A_HOUSE(test_keeper_away),
        IN_A_HOUSE(test_wrong_places),
        IN_BOTH_OFFICES(test_places_of_many),
        IN_A_HOUSE(test_place_after_prepared),
        IN_A_HOUSE(test_house),
        IN_A_HOUSE(test_too_many_codes),
        cmocka_unit_test(test_hindrances),
    };
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
