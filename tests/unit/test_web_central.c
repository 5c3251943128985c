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

/* Both worlds have forms. */
#include "registration_names.h"
#include "central_world.h"
#undef form
#undef form_new
#undef office_approve
#undef office_issue
#undef office_observe
#undef office_release
#undef office_take
#undef ticket_free
#undef ticket_new
#undef ticket_new_for

#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "web/central/central_pages.h"
#include "web_support.h"

#include <stdio.h>

#define BOUNDARY "limite"
#define COOKIE   "__Host-refrenda"

struct house {
    struct office *office;
    struct central central;
    struct web_world *web;
};
/** Somebody in a browser. */
struct citizen {
    struct house *house;
    int64_t person;
    char cookie[128], csrf[64];
};
/** What an activation's page gives its script. */
struct activation {
    struct central_authorisation begun;
    struct arena memory;
    char address[256];
};

static void open_house(void **state, struct house *h)
{
    struct settings *s;
    *h = (struct house){.office = NULL};
    h->office = central_open(state, &h->central);
    h->web = web_world_open(state, false);
    s = &h->web->settings;
    s->requests.tsa_url = s->status.url = s->status.tsa_key = "";
    s->keys.seal_key = "seal";
    s->central.operation_hours = 24;
    s->central.wrong_passwords = 5;
    h->web->web->options.keeper = h->office->domain->keeper;
    h->web->web->options.personal = h->central.personal;
    blob_store_close(h->web->web->blobs); /* those of the world are shown */
    h->web->web->blobs = h->central.blobs;
}

static void close_house(struct house *h)
{
    h->web->web->blobs = NULL; /* it is the world's */
    web_world_close(h->web);
}

/* ---- Somebody ---- */

static rfd_status put_session(struct transaction *t, void *context, struct rfd_error *error)
{
    struct citizen *c = context;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    TRY(session_new(t, &account_world_settings, SLICE("192.0.2.1"), SLICE("test"), token, &session, error));
    const struct store_value values[] = {store_integer(session.id), store_integer(c->person),
                                         store_integer(METHOD_PASSWORD), store_integer(clock_now())};
    (void)snprintf(c->cookie, sizeof c->cookie, COOKIE "=%s", token);
    return store_run(t,
                     "UPDATE session SET account = (SELECT id FROM account WHERE person = $2), methods = $3, signed_in "
                     "= $4 WHERE id = $1",
                     values, 4, NULL, error);
}

static struct citizen sign_in(struct house *h, int64_t person)
{
    struct citizen c = {.house = h, .person = person};
    struct exchange_of_test x;
    assert_int_equal(store_write(h->office->store, put_session, &c, NULL), RFD_OK);
    assert_int_equal(web_get(h->web, &x, "/cuenta", c.cookie), 200);
    (void)snprintf(c.csrf, sizeof c.csrf, "%s", web_token(&x));
    web_forget(&x);
    return c;
}

static int get(const struct citizen *c, struct exchange_of_test *x, const char *format, ...) RFD_PRINTF(3, 4);
static int get(const struct citizen *c, struct exchange_of_test *x, const char *format, ...)
{
    char path[512];
    va_list more;
    va_start(more, format);
    (void)vsnprintf(path, sizeof path, format, more);
    va_end(more);
    return web_get(c->house->web, x, path, c->cookie);
}

static int look(const struct citizen *c, const char *path, const char *text, bool *found)
{
    struct exchange_of_test x;
    int status = get(c, &x, "%s", path);
    if (found != NULL) *found = web_says(&x, text);
    web_forget(&x);
    return status;
}

static bool says(const struct citizen *c, const char *path, const char *text)
{
    bool found = false;
    assert_int_equal(look(c, path, text, &found), 200);
    return found;
}

static int post(const struct citizen *c, struct exchange_of_test *x, const char *path, const char *accept,
                const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", accept);
    web_header(x, "Cookie", c->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", c->csrf, fields));
    return web_send(c->house->web, x);
}

static int do_post(const struct citizen *c, const char *path, const char *fields)
{
    struct exchange_of_test x;
    int status = post(c, &x, path, "text/html", fields);
    web_forget(&x);
    return status;
}

/* ---- The browser's script ---- */

/** The value of an attribute, which is plain text. */
static slice attribute(const struct exchange_of_test *x, const char *name)
{
    char begin[64];
    slice body = x->response.body;
    (void)snprintf(begin, sizeof begin, " %s=\"", name);
    const uint8_t *at = memmem(body.data, body.length, begin, strlen(begin));
    if (at == NULL) fail_msg("there is no %s", name);
    at += strlen(begin);
    const uint8_t *end = memchr(at, '"', (size_t)(body.data + body.length - at));
    assert_non_null(end);
    return slice_of(at, (size_t)(end - at));
}

static void take_activation(const struct exchange_of_test *x, struct activation *a)
{
    *a = (struct activation){.begun = {.ends = 0}};
    arena_init(&a->memory, 1 << 20);
    slice body = x->response.body;
    const uint8_t *form = memmem(body.data, body.length, "data-module=\"activation\"", 24);
    assert_non_null(form);
    assert_true(number_hex(attribute(x, "data-operation"), a->begun.operation));
    slice nonce = url_read_base64(attribute(x, "data-nonce"), &a->memory);
    assert_int_equal(nonce.length, sizeof a->begun.nonce);
    memcpy(a->begun.nonce, nonce.data, nonce.length);
    a->begun.text = url_read_base64(attribute(x, "data-text"), &a->memory);
    a->begun.point = url_read_base64(attribute(x, "data-point"), &a->memory);
    while (memcmp(form, "action=\"", 8) != 0) form--;
    const uint8_t *end = memchr(form + 8, '"', 256);
    (void)snprintf(a->address, sizeof a->address, "%.*s", (int)(end - form - 8), (const char *)form + 8);
}

/** As activation.js sends it; the answer's JSON is in `x`. */
static int activate(const struct citizen *c, struct activation *a, struct exchange_of_test *x, const char *password,
                    const char *code)
{
    struct central_proofs proofs = central_prove(&a->begun, password, code);
    struct buf b;
    char digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    number_to_hex(slice_of(a->begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    buf_init(&b, 8192);
    buf_print(&b, "operation=%s&encapsulated=", digits);
    url_put_base64(&b, proofs.encapsulated);
    buf_put_text(&b, "&sealed=");
    url_put_base64(&b, proofs.sealed);
    buf_put_byte(&b, '\0');
    int status = post(c, x, a->address, "application/json", (const char *)b.data);
    buf_dispose(&b);
    return status;
}

static int try_activation(const struct citizen *c, struct activation *a, const char *password, const char *code,
                          const char *told)
{
    struct exchange_of_test x;
    int status = activate(c, a, &x, password, code);
    if (told != NULL && !web_says(&x, told))
        fail_msg("%d %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    web_forget(&x);
    return status;
}

/** The worker is given each code once: the same one is asked for again. */
static void send_again(const struct citizen *c, const struct activation *a)
{
    struct exchange_of_test x;
    char path[128], digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    number_to_hex(slice_of(a->begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    (void)snprintf(path, sizeof path, CENTRAL "/operacion/%s", digits);
    assert_int_equal(post(c, &x, path, "application/json", ""), 200);
    web_forget(&x);
}

/** What a page says is wrong; "". */
static const char *told(struct exchange_of_test *x)
{
    const char *body = arena_text(&x->arena, x->response.body);
    const char *at = body == NULL ? NULL : strstr(body, "class=\"errors\"");
    return at == NULL ? "" : strstr(at, "<div>");
}

/** Posts a form whose answer asks for password and code. */
static void begin(const struct citizen *c, const char *path, const char *fields, struct activation *a)
{
    struct exchange_of_test x;
    int status = post(c, &x, path, "text/html", fields);
    if (status != 200) fail_msg("%s: %d %.200s", path, status, told(&x));
    take_activation(&x, a);
    assert_false(web_says(&x, "name=\"password\""));
    web_forget(&x);
}

/** A certificate made by the pages alone; its credential. */
static void make_certificate(const struct citizen *c, char credential[PERSONAL_ID_SIZE])
{
    struct activation a;
    struct exchange_of_test x;
    (void)central_approved(c->house->office, c->person);
    begin(c, CENTRAL "/nuevo", "acepto=1", &a);
    assert_int_equal(activate(c, &a, &x, CENTRAL_PASSWORD, NULL), 200);
    const char *body = arena_text(&x.arena, x.response.body);
    assert_int_equal(sscanf(body, "{\"next\":\"" CENTRAL "/%32[0-9a-f]\"}", credential), 1);
    web_forget(&x);
    arena_dispose(&a.memory);
}

/* ---- Documents ---- */

static void put_part(struct buf *b, const char *name, const char *file, const char *type, slice content)
{
    buf_print(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) buf_print(b, "; filename=\"%s\"\r\nContent-Type: %s", file, type);
    buf_put_text(b, "\r\n\r\n");
    buf_put_slice(b, content);
    buf_put_text(b, "\r\n");
}

static int upload(const struct citizen *c, struct exchange_of_test *x, const char *const *texts, size_t count)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    put_part(&b, "csrf", NULL, NULL, slice_text(c->csrf));
    put_part(&b, "nivel", NULL, NULL, SLICE("B"));
    put_part(&b, "pagina", NULL, NULL, SLICE("last"));
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

/** Uploads them and gives the address of the operation: "/firmar/TOKEN". */
static void begin_signing(const struct citizen *c, const char *const *texts, size_t count, char address[128])
{
    struct exchange_of_test x;
    int status = upload(c, &x, texts, count);
    if (status != 303)
        fail_msg("upload: %d %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    (void)snprintf(address, 128, "%s", web_answer_header(&x, "location", 0));
    assert_int_equal(strncmp(address, SIGNING "/", strlen(SIGNING "/")), 0);
    web_forget(&x);
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
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA), berta = sign_in(&h, BERTA);
    char sql[80];
    assert_true(says(&ana, CENTRAL, "href=\"/firma\""));
    assert_false(says(&ana, CENTRAL, CENTRAL "/nuevo\""));
    assert_true(says(&ana, CENTRAL "/nuevo", "href=\"/firma\""));
    assert_int_equal(do_post(&ana, CENTRAL "/nuevo", "acepto=1"), 200);
    /* Enrolled, but with an account of the basic level. */
    (void)central_approved(h.office, BERTA);
    (void)snprintf(sql, sizeof sql, "UPDATE account SET level = 1 WHERE person = %d", BERTA);
    (void)domain_store_run(h.office->store, sql);
    assert_false(says(&berta, CENTRAL, CENTRAL "/nuevo\""));
    (void)central_approved(h.office, ANA);
    assert_true(says(&ana, CENTRAL, CENTRAL "/nuevo\""));
    assert_true(says(&ana, CENTRAL "/nuevo", "name=\"acepto\""));
    assert_int_equal(do_post(&ana, CENTRAL "/nuevo", "volver="), 422); /* without consent nothing begins */
    close_house(&h);
}

static void test_whole_path(void **state)
{
    static const char *const texts[] = {"Uno", "Dos"};
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    make_certificate(&ana, credential);
    begin_signing(&ana, texts, 2, address);
    assert_true(says(&ana, address, "Contrato 1"));
    assert_true(says(&ana, address, "Contrato 2"));
    assert_int_equal(get(&ana, &x, "%s/documento/1", address), 200);
    assert_string_equal(web_answer_header(&x, "content-type", 0), "application/pdf");
    web_forget(&x);
    assert_true(says(&ana, step(address, "/certificado"), credential));
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    begin(&ana, step(address, "/autorizar"), field, &a);
    assert_int_equal(try_activation(&ana, &a, CENTRAL_PASSWORD, "000000", "\"field\":\"code\""), 422);
    assert_int_equal(try_activation(&ana, &a, "no es esta clave", NULL, "\"field\":\"password\""), 422);
    send_again(&ana, &a);
    assert_int_equal(try_activation(&ana, &a, CENTRAL_PASSWORD, NULL, "/resultado\"}"), 200);
    assert_true(says(&ana, step(address, "/resultado"), "/resultado/2\""));
    assert_int_equal(look(&ana, step(address, "/resultado/1"), "", NULL), 200);
    assert_int_equal(look(&ana, step(address, "/resultado/3"), "", NULL), 404);
    assert_true(says(&ana, address, "/resultado/1\"")); /* the operation's address leads to what came of it */
    assert_int_equal(look(&ana, step(address, "/certificado"), "", NULL), 303);
    assert_true(says(&ana, SIGNING, address)); /* among what was signed here */
    (void)snprintf(field, sizeof field, CENTRAL "/%s", credential);
    assert_true(says(&ana, field, "Contrato 2"));
    assert_int_equal(look(&ana, step(field, "/registro.jsonl"), "", NULL), 200);
    arena_dispose(&a.memory);
    close_house(&h);
}

static void test_back_to_the_signature(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char address[128], path[256], wanted[300];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    begin_signing(&ana, texts, 1, address);
    assert_true(says(&ana, step(address, "/certificado"), "href=\"/firma\"")); /* first an office */
    (void)central_approved(h.office, ANA);
    assert_true(says(&ana, step(address, "/certificado"), CENTRAL "/nuevo?volver="));
    (void)snprintf(path, sizeof path, "acepto=1&volver=%s/certificado", address);
    begin(&ana, CENTRAL "/nuevo", path, &a);
    assert_int_equal(activate(&ana, &a, &x, CENTRAL_PASSWORD, NULL), 200);
    (void)snprintf(wanted, sizeof wanted, "{\"next\":\"%s/certificado?con=", address);
    assert_true(web_says(&x, wanted));
    web_forget(&x);
    arena_dispose(&a.memory);
    /* To another site nobody is sent. */
    begin(&ana, CENTRAL "/nuevo", "acepto=1&volver=//otra.example/firmar/", &a);
    assert_string_equal(a.address, CENTRAL "/nuevo/hecho?volver=");
    arena_dispose(&a.memory);
    close_house(&h);
}

static void test_wrong_uploads(void **state)
{
    static const char *const bad[] = {"%PDF-1.7\nno more of it"}, *const good[] = {"Uno"};
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    assert_int_equal(upload(&ana, &x, NULL, 0), 422);
    web_forget(&x);
    assert_int_equal(upload(&ana, &x, bad, 1), 422);
    assert_true(web_says(&x, "Contrato 1: "));
    web_forget(&x);
    assert_int_equal(upload(&ana, &x, good, 1), 303);
    web_forget(&x);
    close_house(&h);
}

static void test_cancelled(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    make_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    assert_true(says(&ana, step(address, "/cancelar"), "button danger"));
    assert_int_equal(do_post(&ana, step(address, "/cancelar"), ""), 303);
    assert_int_equal(do_post(&ana, step(address, "/cancelar"), ""), 303); /* twice is once */
    assert_false(says(&ana, address, "/certificado\""));
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    assert_int_equal(do_post(&ana, step(address, "/autorizar"), field), 303);
    assert_int_equal(look(&ana, step(address, "/resultado"), "", NULL), 303);
    close_house(&h);
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
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA), berta = sign_in(&h, BERTA);
    make_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        assert_int_equal(look(&berta, step(address, pages[i]), "", NULL), 404);
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    assert_int_equal(do_post(&berta, step(address, "/autorizar"), field), 404);
    assert_int_equal(do_post(&berta, step(address, "/cancelar"), ""), 404);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_int_equal(look(&berta, own, "", NULL), 404);
    assert_int_equal(look(&berta, step(own, "/registro.jsonl"), "", NULL), 404);
    assert_int_equal(look(&berta, step(own, "/clave"), "", NULL), 404);
    assert_int_equal(do_post(&berta, step(own, "/destruir"), "palabra=destroy"), 404);
    /* Nobody yet: who asks and the titles, not the documents. */
    assert_int_equal(web_get(h.web, &x, address, ""), 200);
    assert_true(web_says(&x, "Contrato 1"));
    assert_true(web_says(&x, "/acceso?volver="));
    assert_false(web_says(&x, "/documento/1"));
    web_forget(&x);
    assert_int_equal(web_get(h.web, &x, step(address, "/documento/1"), ""), 303);
    web_forget(&x);
    assert_int_equal(look(&ana,
                          SIGNING "/"
                                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                          "", NULL),
                     404);
    close_house(&h);
}

static void test_five_wrong_passwords(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    struct activation a;
    char credential[PERSONAL_ID_SIZE], address[128], field[64];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    make_certificate(&ana, credential);
    begin_signing(&ana, texts, 1, address);
    (void)snprintf(field, sizeof field, "certificado=%s", credential);
    for (unsigned i = 0; i < 5; i++) {
        begin(&ana, step(address, "/autorizar"), field, &a);
        const char *told = i < 4 ? "\"field\":\"password\"" : "\"ended\":true";
        assert_int_equal(try_activation(&ana, &a, "no es esta clave", NULL, told), 422);
        if (i < 4) arena_dispose(&a.memory);
    }
    assert_int_equal(try_activation(&ana, &a, CENTRAL_PASSWORD, "123456", "\"ended\":true"), 422);
    assert_int_equal(do_post(&ana, step(address, "/autorizar"), field), 422); /* told where it is chosen */
    assert_true(says(&ana, step(address, "/certificado"), "unusable"));
    arena_dispose(&a.memory);
    close_house(&h);
}

static void test_changes(void **state)
{
    struct house h;
    struct activation a;
    char credential[PERSONAL_ID_SIZE], own[64];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    make_certificate(&ana, credential);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_int_equal(look(&ana, step(own, "/nada"), "", NULL), 404);
    assert_true(says(&ana, step(own, "/movil"), "name=\"movil\""));
    assert_int_equal(do_post(&ana, step(own, "/movil"), "movil="), 422);
    assert_int_equal(do_post(&ana, step(own, "/aplicacion"), "punto="), 422); /* without the browser's key */
    begin(&ana, step(own, "/clave"), "", &a);
    arena_dispose(&a.memory);
    begin(&ana, step(own, "/movil"), "movil=%2B51%20999%20000%20112", &a);
    arena_dispose(&a.memory);
    assert_int_equal(do_post(&ana, step(own, "/destruir"), "palabra=borrar"), 422);
    begin(&ana, step(own, "/destruir"), "palabra=Destroy", &a);
    assert_int_equal(try_activation(&ana, &a, CENTRAL_PASSWORD, NULL, "?hecho=destruir\"}"), 200);
    assert_false(says(&ana, own, "/clave\""));
    assert_int_equal(look(&ana, step(own, "/clave"), "", NULL), 303);
    arena_dispose(&a.memory);
    close_house(&h);
}

/** How far it is; the number of an operation that nobody has. */
static void test_progress(void **state)
{
    struct house h;
    struct activation a;
    struct exchange_of_test x;
    char path[128], digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    (void)central_approved(h.office, ANA);
    begin(&ana, CENTRAL "/nuevo", "acepto=1", &a);
    number_to_hex(slice_of(a.begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    (void)snprintf(path, sizeof path, CENTRAL "/operacion/%s", digits);
    assert_true(says(&ana, path, "\"delivery\":\"queued\""));
    assert_int_equal(post(&ana, &x, path, "application/json", ""), 200);
    web_forget(&x);
    path[strlen(path) - 1] = path[strlen(path) - 1] == '0' ? '1' : '0';
    assert_int_equal(look(&ana, path, "", NULL), 404);
    assert_int_equal(look(&ana, CENTRAL "/operacion/zz", "", NULL), 404);
    arena_dispose(&a.memory);
    close_house(&h);
}

/** Where no personal keeper runs the pages say that the service is away, and documents can still be looked at. */
static void test_keeper_away(void **state)
{
    static const char *const texts[] = {"Uno"};
    struct house h;
    char address[128];
    open_house(state, &h);
    struct citizen ana = sign_in(&h, ANA);
    h.web->web->options.personal = NULL;
    assert_int_equal(look(&ana, CENTRAL, "", NULL), 503);
    begin_signing(&ana, texts, 1, address);
    assert_int_equal(look(&ana, address, "", NULL), 200);
    assert_int_equal(look(&ana, step(address, "/certificado"), "", NULL), 503);
    close_house(&h);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(test_no_enrolment),         IN_A_HOUSE(test_whole_path), IN_A_HOUSE(test_back_to_the_signature),
        IN_A_HOUSE(test_wrong_uploads),        IN_A_HOUSE(test_cancelled),  IN_A_HOUSE(test_others),
        IN_A_HOUSE(test_five_wrong_passwords), IN_A_HOUSE(test_changes),    IN_A_HOUSE(test_progress),
        IN_A_HOUSE(test_keeper_away),
    };
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
