/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who asks for a certificate, through the pages: the form with its files, the link of the mail, the way back to one's
 * own request, the answer to an observation, the key that is made later; and those who try it otherwise.
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
#include "keeper/client_internal.h"
#include "keeper_support.h"
#include "pdf_support.h"
#include "web_support.h"

#include <openssl/pem.h>
#include <stdio.h>

#define BOUNDARY "----a-boundary-of-the-test"
#define NUMBER   "10117410"
enum { BODY_MAXIMUM = 24 << 20, PICTURES_MAXIMUM = 1 << 20 };

/* ---- A house, and a browser ---- */

struct house {
    struct web_world *web;
    struct store *store;
    struct keeper_client *keeper;
    int64_t entity, unit;
    struct buf pdf, other_pdf;
    char pkcs10[8192]; /* base64 */
    char pem[8192];
};

static struct house *house;
static unsigned
    network; /* who comes without a security code may come a few times only: each form from somewhere else */

struct browser {
    char visitor[128], pass[256], csrf[64];
};

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
    const struct unit unit = {
        .entity = h->entity, .code = SLICE("01"), .abbreviation = SLICE("SG"), .name = SLICE("Secretaría General")};
    return unit_put(t, &actor, &unit, &faults, &h->unit, error);
}

static void make_pdf(struct buf *out, const char *size)
{
    char page[80];
    (void)snprintf(page, sizeof page, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s]>>", size);
    const char *const objects[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page};
    buf_init(out, PICTURES_MAXIMUM);
    support_make_pdf(out, objects, 3, "/Root 1 0 R");
}

static void make_request(struct house *h)
{
    struct identity who = identity_new("RSA", "Ana", NULL, NULL);
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    struct buf text;
    assert_int_equal(X509_REQ_set_pubkey(request, who.key), 1);
    assert_true(X509_REQ_sign(request, who.key, EVP_sha256()) > 0);
    int length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    buf_init(&text, sizeof h->pkcs10);
    buf_put_base64(&text, slice_of(der, (size_t)length));
    (void)snprintf(h->pkcs10, sizeof h->pkcs10, "%.*s", (int)text.length, (const char *)text.data);
    buf_dispose(&text);
    OPENSSL_free(der);
    BIO *memory = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509_REQ(memory, request), 1);
    int read = BIO_read(memory, h->pem, sizeof h->pem - 1);
    assert_true(read > 0);
    h->pem[read] = '\0';
    BIO_free(memory);
    X509_REQ_free(request);
    identity_free(&who);
}

static void open_blobs(struct house *h)
{
    static int number;
    static char folder[300];
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    assert_int_equal(keeper_client_direct(world.keeper, &h->keeper, NULL), RFD_OK);
    h->keeper->session.sender = KEEPER_FROM_WEB;
    (void)snprintf(folder, sizeof folder, "%s-%d", folder_file("given"), ++number);
    h->web->settings.web.blobs = folder;
    const struct blob_options options = {folder, "wrapping", h->keeper};
    blob_store_close(h->web->web->blobs);
    assert_int_equal(blob_store_open(&options, &h->web->web->blobs, NULL), RFD_OK);
}

static void open_house(void **state)
{
    void *nothing = NULL;
    (void)domain_store_of(state); /* it may skip the test */
    house = memory_zeroed(1, sizeof *house);
    assert_non_null(house);
    house->web = web_world_open(state, true);
    house->store = house->web->database->store;
    house->web->settings.web.posts_per_minute = 0;
    house->web->settings.requests.link_hours = 72;
    house->web->settings.requests.authority = house->web->settings.requests.scanner = "";
    assert_int_equal(world_setup(&nothing), 0);
    open_blobs(house);
    assert_int_equal(account_world_write(house->store, make_entity, house), RFD_OK);
    make_pdf(&house->pdf, "200 200");
    make_pdf(&house->other_pdf, "300 300");
    make_request(house);
}

static void close_house(void)
{
    void *nothing = NULL;
    buf_dispose(&house->pdf);
    buf_dispose(&house->other_pdf);
    web_world_close(house->web);
    keeper_client_free(house->keeper);
    (void)world_teardown(&nothing);
    memory_free(house);
    house = NULL;
}

static void put_cookies(struct exchange_of_test *x, const struct browser *b)
{
    web_header(x, "Cookie", arena_print(&x->arena, "%s; %s", b->visitor, b->pass[0] == '\0' ? "a=b" : b->pass));
}

static int get(struct browser *b, struct exchange_of_test *x, const char *target)
{
    web_request(x, HTTP_GET, target);
    web_header(x, "Accept", "text/html");
    if (b->visitor[0] != '\0') put_cookies(x, b);
    int status = web_send(house->web, x);
    if (b->visitor[0] == '\0')
        (void)snprintf(b->visitor, sizeof b->visitor, "%s", web_cookie(x, "__Host-refrenda-visitor"));
    if (web_token(x)[0] != '\0') (void)snprintf(b->csrf, sizeof b->csrf, "%s", web_token(x));
    return status;
}

/** A browser that has seen the form. */
static struct browser come(void)
{
    struct browser b = {.visitor = ""};
    struct exchange_of_test x;
    assert_int_equal(get(&b, &x, "/firma/solicitud"), 200);
    web_forget(&x);
    assert_true(b.visitor[0] != '\0' && b.csrf[0] != '\0');
    return b;
}

static int send_it(struct browser *b, struct exchange_of_test *x)
{
    x->request.client.bytes[1] = (uint8_t)(network >> 8);
    x->request.client.bytes[2] = (uint8_t)network++;
    put_cookies(x, b);
    int status = web_send(house->web, x);
    const char *pass = web_cookie(x, "__Host-refrenda-folio");
    if (pass[0] != '\0') (void)snprintf(b->pass, sizeof b->pass, "%s", pass);
    if (web_token(x)[0] != '\0') (void)snprintf(b->csrf, sizeof b->csrf, "%s", web_token(x));
    return status;
}

static int post(struct browser *b, struct exchange_of_test *x, const char *path, const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", b->csrf, fields));
    return send_it(b, x);
}

/* ---- Forms with files ---- */

struct parts {
    struct buf body;
};

static void part(struct parts *p, const char *name, const char *file, slice content)
{
    buf_print(&p->body, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) buf_print(&p->body, "; filename=\"%s\"\r\nContent-Type: application/octet-stream", file);
    buf_put_text(&p->body, "\r\n\r\n");
    buf_put_slice(&p->body, content);
    buf_put_text(&p->body, "\r\n");
}

static void field(struct parts *p, const char *name, const char *value)
{
    part(p, name, NULL, slice_text(value));
}

static void begin_parts(struct parts *p, const struct browser *b)
{
    buf_init(&p->body, BODY_MAXIMUM);
    field(p, "csrf", b->csrf);
}

static int send_parts(struct browser *b, struct exchange_of_test *x, const char *path, struct parts *p)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Content-Type", "multipart/form-data; boundary=" BOUNDARY);
    buf_put_text(&p->body, "--" BOUNDARY "--\r\n");
    assert_int_equal(buf_status(&p->body), RFD_OK);
    x->request.body = buf_slice(&p->body);
    int status = send_it(b, x);
    buf_dispose(&p->body);
    return status;
}

struct filling {
    const char *token, *number, *mail, *mail_again, *key, *name;
};
static const struct filling usual = {"a-token", NUMBER, "ana@example.org", "ana@example.org", NULL, "Ana María"};

static void fill(struct parts *p, const struct filling *f)
{
    char unit[24];
    (void)snprintf(unit, sizeof unit, "%lld", (long long)house->unit);
    const char *const fields[][2] = {{"motive", "issue/first-issue"},
                                     {"document", "dni"},
                                     {"number", f->number},
                                     {"given_names", f->name},
                                     {"surname", "Quispe"},
                                     {"second_surname", "Ñahui"},
                                     {"unit", unit},
                                     {"locality", "150101"},
                                     {"address", "Jirón Ficticio 123"},
                                     {"mail", f->mail},
                                     {"mail_again", f->mail_again},
                                     {"mobile", "+51987654321"},
                                     {"key", f->key == NULL ? house->pkcs10 : f->key},
                                     {"key_name", "clave-20261122-ABCD.key"},
                                     {"token", f->token}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) field(p, fields[i][0], fields[i][1]);
}

static void attach_all(struct parts *p)
{
    part(p, "identity-front", "dni frente.pdf", buf_slice(&house->pdf));
    part(p, "identity-back", "dni-dorso.pdf", buf_slice(&house->other_pdf));
    part(p, "proof-of-address", "C:\\fakepath\\recibo.pdf", buf_slice(&house->pdf));
}

static int ask(struct browser *b, struct exchange_of_test *x, const struct filling *f)
{
    struct parts p;
    begin_parts(&p, b);
    fill(&p, f);
    attach_all(&p);
    return send_parts(b, x, "/firma/solicitud", &p);
}

/** A request of its own; its browser. */
static struct browser ask_well(const char *token)
{
    struct browser b = come();
    struct exchange_of_test x;
    struct filling f = usual;
    f.token = token;
    int status = ask(&b, &x, &f);
    if (status != 303) fail_msg("%d: %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    assert_string_equal(web_answer_header(&x, "location", 0), "/firma/solicitud/recibida");
    web_forget(&x);
    return b;
}

static int64_t requests(const char *where)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM request %s", where);
    return domain_store_number(house->store, sql);
}

/** The token of the link in the newest mail that confirms. */
static void mailed(char token[REQUEST_TOKEN_SIZE])
{
    static const char path[] = "/firma/confirmar/";
    char text[4096];
    assert_true(account_world_message(house->store, "request-confirm", text));
    const char *at = strstr(text, path);
    assert_non_null(at);
    (void)snprintf(token, REQUEST_TOKEN_SIZE, "%s", at + sizeof path - 1);
}

/** The value of a hidden field that begins so. */
static const char *hidden(struct exchange_of_test *x, const char *name)
{
    slice body = x->response.body;
    const char *mark = arena_print(&x->arena, "name=\"%s\" value=\"", name);
    const uint8_t *found = memmem(body.data, body.length, mark, strlen(mark));
    if (found == NULL) return "";
    slice rest = slice_from(body, (size_t)(found - body.data) + strlen(mark));
    return arena_text(&x->arena, http_cut(&rest, '"'));
}

/* ---- Tests ---- */

static void test_the_way(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char token[REQUEST_TOKEN_SIZE], path[128], body[256];
    struct browser b = ask_well("one");
    assert_int_equal(get(&b, &x, "/firma/solicitud/recibida"), 200);
    assert_true(web_says(&x, "S-0001-"));
    assert_true(web_says(&x, "a***@example.org"));
    assert_false(web_says(&x, "ana@example.org"));
    web_forget(&x);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM evidence"), 3);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM evidence WHERE name = 'recibo.pdf'"), 1);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM blob"), 2); /* one content, once */

    mailed(token);
    (void)snprintf(path, sizeof path, "/firma/confirmar/%s", token);
    struct browser other = {.visitor = ""};
    assert_int_equal(get(&other, &x, path), 200);
    assert_true(web_says(&x, "<form method=\"post\""));
    web_forget(&x);
    assert_int_equal(requests("WHERE state = 'unverified'"), 1); /* looking confirms nothing */
    for (int i = 0; i < 2; i++) {                                /* twice is once */
        assert_int_equal(post(&other, &x, path, "a=b"), 303);
        assert_string_equal(web_answer_header(&x, "location", 0), "/firma/seguimiento");
        web_forget(&x);
    }
    assert_int_equal(requests("WHERE state = 'started'"), 1);
    assert_int_equal(get(&other, &x, path), 404); /* and then it is over */
    web_forget(&x);

    struct browser third = come();
    assert_int_equal(get(&third, &x, "/firma/seguimiento?folio=S-0001-2026"), 200); /* whatever the year */
    assert_true(web_says(&x, "value=\"S-0001-2026\""));
    web_forget(&x);
    (void)snprintf(body, sizeof body, "folio=s-0001-%d&number=1011+7410",
                   zone_civil(house->web->web->zone, clock_now()).year);
    assert_int_equal(post(&third, &x, "/firma/seguimiento", body), 303);
    web_forget(&x);
    assert_int_equal(get(&third, &x, "/firma/seguimiento"), 200);
    assert_true(web_says(&x, "class=\"timeline\""));
    web_forget(&x);
    assert_int_equal(post(&third, &x, "/firma/seguimiento/salir", "a=b"), 303);
    web_forget(&x);
    assert_int_equal(get(&third, &x, "/firma/certificado"), 200); /* asks for folio and number again */
    assert_true(web_says(&x, "name=\"folio\""));
    web_forget(&x);
    close_house();
}

static void test_sent_twice(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct filling f = usual;
    struct browser b = come();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(&b, &x, &f), 303);
        web_forget(&x);
    }
    assert_int_equal(requests(""), 1);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM outbox WHERE name = 'request-confirm'"),
                     1);
    f.number = "10117411"; /* somebody else, in the same window */
    assert_int_equal(ask(&b, &x, &f), 303);
    web_forget(&x);
    assert_int_equal(requests(""), 2);
    close_house();
}

/** What is wrong is told by its field; what was typed and what was attached stays, and can be sent without files. */
static void test_nothing_is_lost(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    struct filling f = usual;
    struct browser b = come();
    f.mail_again = "ana@example.com";
    assert_int_equal(ask(&b, &x, &f), 422);
    assert_true(web_says(&x, "id=\"f-mail_again-error\""));
    assert_false(web_says(&x, "id=\"f-identity-front-error\""));
    assert_true(web_says(&x, "Ana María"));
    assert_true(web_says(&x, "dni frente.pdf"));
    assert_true(web_says(&x, "recibo.pdf"));
    assert_false(web_says(&x, "fakepath"));
    assert_string_equal(hidden(&x, "key"), house->pkcs10);
    char front[2048], back[2048], address[2048];
    (void)snprintf(front, sizeof front, "%s", hidden(&x, "identity-front-recibido"));
    (void)snprintf(back, sizeof back, "%s", hidden(&x, "identity-back-recibido"));
    (void)snprintf(address, sizeof address, "%s", hidden(&x, "proof-of-address-recibido"));
    assert_true(front[0] != '\0' && back[0] != '\0' && address[0] != '\0');
    web_forget(&x);
    assert_int_equal(requests(""), 0);

    char changed[2048];
    (void)snprintf(changed, sizeof changed, "%s", front);
    changed[20] = changed[20] == 'a' ? 'b' : 'a';
    struct browser stranger = come();
    const struct {
        struct browser *who;
        const char *front, *back;
    } wrong[] = {{&b, changed, back}, {&b, back, front}, {&stranger, front, back}, {&b, "x.y.z", back}, {&b, "", back}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        begin_parts(&p, wrong[i].who);
        fill(&p, &usual);
        field(&p, "identity-front-recibido", wrong[i].front);
        field(&p, "identity-back-recibido", wrong[i].back);
        field(&p, "proof-of-address-recibido", address);
        assert_int_equal(send_parts(wrong[i].who, &x, "/firma/solicitud", &p), 422);
        assert_true(web_says(&x, "id=\"f-identity-front-error\""));
        web_forget(&x);
    }
    begin_parts(&p, &b);
    fill(&p, &usual);
    field(&p, "identity-front-recibido", front);
    field(&p, "identity-back-recibido", back);
    field(&p, "proof-of-address-recibido", address);
    assert_int_equal(send_parts(&b, &x, "/firma/solicitud", &p), 303);
    web_forget(&x);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM evidence"), 3);
    close_house();
}

static void test_every_fault_at_once(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    struct browser b = come();
    begin_parts(&p, &b);
    field(&p, "token", "t");
    assert_int_equal(send_parts(&b, &x, "/firma/solicitud", &p), 422);
    const char *const names[] = {
        "motive", "number",     "given_names", "surname",        "unit",          "locality",        "address",
        "mail",   "mail_again", "mobile",      "identity-front", "identity-back", "proof-of-address"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!web_says(&x, arena_print(&x.arena, "id=\"f-%s-error\"", names[i]))) fail_msg("%s", names[i]);
    assert_true(web_says(&x, "<a href=\"#f-key\">"));
    web_forget(&x);
    assert_int_equal(requests(""), 0);
    close_house();
}

static void test_wrong_numbers_and_keys(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    const struct {
        struct filling filling;
        const char *says;
    } cases[] = {{{"a", "1011741", "a@example.org", "a@example.org", NULL, "A"}, "id=\"f-number-error\""},
                 {{"b", NUMBER "0", "a@example.org", "a@example.org", NULL, "A"}, "id=\"f-number-error\""},
                 {{"c", NUMBER, "a@example.org", "a@example.org", "AAAA", "A"}, "<a href=\"#f-key\">"},
                 {{"d", NUMBER, "a@example.org", "a@example.org", "no es base64 !", "A"}, "<a href=\"#f-key\">"},
                 {{"e", NUMBER, "a@example", "a@example", NULL, "A"}, "id=\"f-mail-error\""},
                 {{"f", NUMBER, "a@example.org", "a@example.org", NULL, "A\xc2\x85"}, "id=\"f-given_names-error\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct browser b = come();
        int status = ask(&b, &x, &cases[i].filling);
        if (status != 422 || !web_says(&x, cases[i].says)) fail_msg("case %zu: %d", i, status);
        web_forget(&x);
    }
    assert_int_equal(requests(""), 0);
    close_house();
}

/** Told by its content, whatever its name; and not larger than it may be. */
static void test_disguised_and_oversized_files(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    struct buf large;
    buf_init(&large, BODY_MAXIMUM);
    buf_put_slice(&large, buf_slice(&house->pdf));
    buf_fill(&large, '\n', (10 << 20) + 1 - large.length);
    const slice wrong[] = {SLICE("MZ\x90 a program"), SLICE("<html><script>alert(1)</script>"), SLICE(""),
                           SLICE("%PDF-1.7\nnot really"), buf_slice(&large)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct browser b = come();
        begin_parts(&p, &b);
        fill(&p, &usual);
        attach_all(&p);
        part(&p, "proof-of-service", "contrato.pdf", wrong[i]);
        int status = send_parts(&b, &x, "/firma/solicitud", &p);
        if (status != 422 || !web_says(&x, "id=\"f-proof-of-service-error\"")) fail_msg("case %zu: %d", i, status);
        assert_true(hidden(&x, "identity-front-recibido")[0] != '\0');
        assert_true(hidden(&x, "proof-of-service-recibido")[0] == '\0');
        web_forget(&x);
    }
    buf_dispose(&large);
    assert_int_equal(requests(""), 0);
    close_house();
}

/** A request of one's own, in PEM; without script. */
static void test_own_request(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    struct filling f = usual;
    struct browser b = come();
    f.key = "";
    f.mail_again = "";
    begin_parts(&p, &b);
    fill(&p, &f);
    attach_all(&p);
    part(&p, "pkcs10", "solicitud.csr", slice_text(house->pem));
    assert_int_equal(send_parts(&b, &x, "/firma/solicitud", &p), 422);
    assert_string_equal(hidden(&x, "key"), house->pkcs10); /* the file need not be chosen again */
    web_forget(&x);
    f.mail_again = usual.mail_again;
    begin_parts(&p, &b);
    fill(&p, &f);
    attach_all(&p);
    part(&p, "pkcs10", "solicitud.csr", slice_text(house->pem));
    assert_int_equal(send_parts(&b, &x, "/firma/solicitud", &p), 303);
    web_forget(&x);
    begin_parts(&p, &b);
    fill(&p, &f);
    attach_all(&p);
    part(&p, "pkcs10", "foto.jpg", SLICE("\xff\xd8\xff a picture"));
    assert_int_equal(send_parts(&b, &x, "/firma/solicitud", &p), 422);
    web_forget(&x);
    close_house();
}

/* ---- Links ---- */

struct linking {
    enum request_purpose purpose;
    rfd_time ends;
    char token[REQUEST_TOKEN_SIZE];
};

static rfd_status make_link(struct transaction *t, void *context, struct rfd_error *error)
{
    struct linking *l = context;
    return request_link(t, l->purpose, 1, l->ends, l->token, error);
}

static void test_links_that_are_over(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char path[128], first[REQUEST_TOKEN_SIZE];
    struct browser b = ask_well("one");
    mailed(first);
    struct linking l = {.purpose = LINK_CONFIRM, .ends = clock_now() - 1};
    assert_int_equal(account_world_write(house->store, make_link, &l), RFD_OK);
    const char *const over[] = {l.token, first, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        (void)snprintf(path, sizeof path, "/firma/confirmar/%s", over[i]);
        assert_int_equal(get(&b, &x, path), 404);
        assert_true(web_says(&x, "action=\"/firma/confirmar\"")); /* the way to another */
        web_forget(&x);
        assert_int_equal(post(&b, &x, path, "a=b"), 404);
        web_forget(&x);
        (void)snprintf(path, sizeof path, "/firma/clave/%s", over[i]);
        assert_int_equal(get(&b, &x, path), 404);
        web_forget(&x);
    }
    assert_int_equal(requests("WHERE state = 'unverified'"), 1);
    close_house();
}

/** The answer is the same whether a mail goes out or not, for who knows folio and number. */
static void test_the_mail_again(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char body[128];
    int year = zone_civil(house->web->web->zone, clock_now()).year;
    struct browser b = ask_well("one");
    (void)snprintf(body, sizeof body, "folio=S-0001-%d&number=" NUMBER, year);
    assert_int_equal(post(&b, &x, "/firma/confirmar", body), 200);
    web_forget(&x);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM outbox WHERE name = 'request-confirm'"),
                     1);
    (void)domain_store_run(house->store, "UPDATE request_link SET made = made - 700000000");
    assert_int_equal(post(&b, &x, "/firma/confirmar", body), 200);
    web_forget(&x);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM outbox WHERE name = 'request-confirm'"),
                     2);
    (void)snprintf(body, sizeof body, "folio=S-0001-%d&number=10117411", year);
    assert_int_equal(post(&b, &x, "/firma/confirmar", body), 422);
    web_forget(&x);
    close_house();
}

/* ---- Whose a request is ---- */

static void test_nothing_can_be_counted_up(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char body[128];
    slice said[3];
    struct arena keep;
    int year = zone_civil(house->web->web->zone, clock_now()).year;
    (void)ask_well("one");
    arena_init(&keep, 1 << 20);
    const char *const tries[][2] = {{"S-0001", "10117411"}, {"S-0002", NUMBER}, {"S-9999", "10117411"}};
    for (size_t i = 0; i < 3; i++) {
        struct browser b = come();
        (void)snprintf(body, sizeof body, "folio=%s-%d&number=%s", tries[i][0], year, tries[i][1]);
        assert_int_equal(post(&b, &x, "/firma/seguimiento", body), 422);
        assert_string_equal(b.pass, "");
        const uint8_t *start = memmem(x.response.body.data, x.response.body.length, "class=\"errors\"", 14);
        assert_non_null(start);
        slice errors = slice_from(x.response.body, (size_t)(start - x.response.body.data));
        said[i] = arena_copy(&keep, slice_part(errors, 0, 300));
        web_forget(&x);
    }
    assert_true(slice_equal(said[0], said[1]) && slice_equal(said[1], said[2]));
    arena_dispose(&keep);
    int last = 0;
    for (int i = 0; i < 12; i++) {
        struct browser b = come();
        (void)snprintf(body, sizeof body, "folio=S-0001-%d&number=101174%02d", year, 20 + i);
        last = post(&b, &x, "/firma/seguimiento", body);
        web_forget(&x);
    }
    assert_int_equal(last, 429);
    close_house();
}

static void test_made_up_passes(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct browser b = ask_well("one");
    struct browser forged = b;
    const char *const passes[] = {"1.0.99999999999.AAAA", "1", "1.2", "..", "1.0.4102444800.", "2.1.4102444800.x"};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        (void)snprintf(forged.pass, sizeof forged.pass, "__Host-refrenda-folio=%s", passes[i]);
        assert_int_equal(get(&forged, &x, "/firma/solicitud/recibida"), 303);
        web_forget(&x);
        assert_int_equal(get(&forged, &x, "/firma/solicitud/constancia"), 303);
        web_forget(&x);
        assert_int_equal(get(&forged, &x, "/firma/certificado/cadena.pem"), 404);
        web_forget(&x);
    }
    (void)snprintf(forged.pass, sizeof forged.pass, "%s", b.pass);
    char *number = strchr(forged.pass, '=') + 1;
    *number = '2'; /* another request, with this one's seal */
    assert_int_equal(get(&forged, &x, "/firma/solicitud/recibida"), 303);
    web_forget(&x);
    assert_int_equal(get(&b, &x, "/firma/solicitud/recibida"), 200);
    web_forget(&x);
    clock_fix(clock_now() + 31 * 60 * RFD_SECOND);
    assert_int_equal(get(&b, &x, "/firma/solicitud/recibida"), 303);
    web_forget(&x);
    clock_fix(RFD_TIME_NONE);
    close_house();
}

/** Of a request of several people each sees what is their own. */
static void test_one_of_several(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char body[128];
    struct filling other = usual;
    struct browser b = come();
    (void)ask_well("one");
    other.number = "10117411";
    other.name = "Berta Segunda";
    assert_int_equal(ask(&b, &x, &other), 303);
    web_forget(&x);
    (void)domain_store_run(house->store, "UPDATE applicant SET request = 1, place = 2 WHERE request = 2");
    (void)domain_store_run(house->store, "UPDATE request SET way = 'agency', state = 'taken' WHERE id = 1");
    (void)snprintf(body, sizeof body, "folio=S-0001-%d&number=10117411",
                   zone_civil(house->web->web->zone, clock_now()).year);
    assert_int_equal(post(&b, &x, "/firma/seguimiento", body), 303);
    web_forget(&x);
    assert_int_equal(get(&b, &x, "/firma/seguimiento"), 200);
    assert_true(web_says(&x, "Berta Segunda"));
    assert_false(web_says(&x, "Ana María"));
    web_forget(&x);
    assert_int_equal(get(&b, &x, "/firma/solicitud/constancia"), 404); /* it names all of them */
    web_forget(&x);
    close_house();
}

/** Who renews is signed in, and renews what is theirs. */
static void test_renewing(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    char token[ACCOUNT_TOKEN_SIZE], cookie[128];
    assert_int_equal(web_get(house->web, &x, "/firma/solicitud?renueva=5", ""), 303);
    assert_string_equal(web_answer_header(&x, "location", 0), "/acceso?volver=/firma/solicitud%3Frenueva%3D5");
    web_forget(&x);
    (void)account_world_account(house->store, "40000001");
    (void)account_world_signed_in(house->store, "40000001", token);
    (void)snprintf(cookie, sizeof cookie, "__Host-refrenda=%s", token);
    assert_int_equal(web_get(house->web, &x, "/firma/solicitud?renueva=5", cookie), 404);
    web_forget(&x);
    close_house();
}

static void test_floods_without_security_code(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct browser b = come();
    int status = 0;
    for (int i = 0; i < 8; i++) {
        network = 1;
        struct parts p;
        begin_parts(&p, &b);
        status = send_parts(&b, &x, "/firma/solicitud", &p);
        web_forget(&x);
    }
    network = 100;
    assert_int_equal(status, 429);
    close_house();
}

/* ---- Observations ---- */

static void observe(void)
{
    (void)domain_store_run(house->store, "UPDATE request SET state = 'observed', note = 'El recibo no se lee'");
}

static const char *folio(struct exchange_of_test *x)
{
    return hidden(x, "folio");
}

static void test_answers(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    char code[32];
    struct browser b = ask_well("one");
    observe();
    assert_int_equal(get(&b, &x, "/firma/seguimiento"), 200);
    assert_true(web_says(&x, "El recibo no se lee"));
    assert_true(web_says(&x, "action=\"/firma/seguimiento/respuesta\""));
    (void)snprintf(code, sizeof code, "%s", folio(&x));
    web_forget(&x);

    begin_parts(&p, &b); /* nothing at all */
    field(&p, "folio", code);
    assert_int_equal(send_parts(&b, &x, "/firma/seguimiento/respuesta", &p), 422);
    assert_true(web_says(&x, "id=\"f-note-error\""));
    web_forget(&x);
    begin_parts(&p, &b); /* a good one beside a disguised one */
    field(&p, "folio", code);
    part(&p, "identity-front", "dni.pdf", buf_slice(&house->other_pdf));
    part(&p, "proof-of-address", "recibo.pdf", SLICE("MZ"));
    assert_int_equal(send_parts(&b, &x, "/firma/seguimiento/respuesta", &p), 422);
    assert_true(web_says(&x, "id=\"f-proof-of-address-error\""));
    char kept[2048];
    (void)snprintf(kept, sizeof kept, "%s", hidden(&x, "identity-front-recibido"));
    assert_true(kept[0] != '\0');
    web_forget(&x);
    assert_int_equal(requests("WHERE state = 'observed'"), 1);
    begin_parts(&p, &b);
    field(&p, "folio", "S-0002-2026"); /* of another tab */
    field(&p, "note", "hola");
    assert_int_equal(send_parts(&b, &x, "/firma/seguimiento/respuesta", &p), 303);
    web_forget(&x);
    assert_int_equal(requests("WHERE state = 'observed'"), 1);
    for (int i = 0; i < 2; i++) { /* and the double click */
        begin_parts(&p, &b);
        field(&p, "folio", code);
        field(&p, "identity-front-recibido", kept);
        part(&p, "proof-of-address", "recibo-nuevo.pdf", buf_slice(&house->other_pdf));
        field(&p, "note", "Ahora sí");
        assert_int_equal(send_parts(&b, &x, "/firma/seguimiento/respuesta", &p), 303);
        web_forget(&x);
    }
    assert_int_equal(requests("WHERE state = 'taken'"), 1);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM evidence"), 5);
    assert_int_equal(domain_store_number(house->store, "SELECT count(*) FROM evidence WHERE NOT replaced"), 3);
    struct browser nobody = come();
    begin_parts(&p, &nobody);
    field(&p, "folio", code);
    field(&p, "note", "hola");
    assert_int_equal(send_parts(&nobody, &x, "/firma/seguimiento/respuesta", &p), 303);
    web_forget(&x);
    close_house();
}

/* ---- Keys that are made later ---- */

static void test_the_key_at_the_desk(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct parts p;
    char path[128];
    struct browser b = ask_well("one");
    (void)domain_store_run(house->store, "UPDATE request SET state = 'taken'");
    (void)domain_store_run(house->store, "UPDATE applicant SET spki = x'', pkcs10 = x''");
    struct linking l = {.purpose = LINK_KEY, .ends = clock_now() + 3600 * RFD_SECOND};
    assert_int_equal(account_world_write(house->store, make_link, &l), RFD_OK);
    (void)snprintf(path, sizeof path, "/firma/clave/%s", l.token);
    assert_int_equal(get(&b, &x, path), 200);
    assert_true(web_says(&x, "Ana María Quispe"));
    assert_true(web_says(&x, "data-module=\"key-request\""));
    web_forget(&x);
    begin_parts(&p, &b);
    field(&p, "key", "AAAA");
    assert_int_equal(send_parts(&b, &x, path, &p), 422);
    web_forget(&x);
    begin_parts(&p, &b);
    part(&p, "pkcs10", "solicitud.csr", slice_text(house->pem));
    assert_int_equal(send_parts(&b, &x, path, &p), 200);
    web_forget(&x);
    assert_int_equal(domain_store_number(house->store, "SELECT length(spki) FROM applicant") > 200, 1);
    assert_int_equal(get(&b, &x, path), 404);
    web_forget(&x);
    close_house();
}

/* ---- Countries ---- */

static void test_a_country_with_two_numbers(void **state)
{
    open_house(state);
    struct exchange_of_test x;
    struct browser b = {.visitor = ""};
    house->web->settings.web.country = "mx";
    assert_int_equal(get(&b, &x, "/firma/solicitud"), 200);
    assert_true(web_says(&x, ">CURP"));
    assert_true(web_says(&x, ">RFC"));
    assert_true(web_says(&x, "data-key=\"RSA-2048\""));
    web_forget(&x);
    house->web->settings.web.country = "xx";
    assert_int_equal(get(&b, &x, "/firma/solicitud"), 404);
    web_forget(&x);
    assert_int_equal(get(&b, &x, "/firma"), 200);
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
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_the_way),
        ON_BOTH_STORES(test_sent_twice),
        cmocka_unit_test_setup_teardown(test_nothing_is_lost, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_every_fault_at_once, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_wrong_numbers_and_keys, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_disguised_and_oversized_files, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_own_request, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_links_that_are_over),
        ON_BOTH_STORES(test_the_mail_again),
        ON_BOTH_STORES(test_nothing_can_be_counted_up),
        cmocka_unit_test_setup_teardown(test_made_up_passes, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_one_of_several),
        cmocka_unit_test_setup_teardown(test_renewing, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_floods_without_security_code, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_answers),
        cmocka_unit_test_setup_teardown(test_the_key_at_the_desk, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_a_country_with_two_numbers, domain_store_sqlite, domain_store_close),
    };
    return cmocka_run_group_tests(tests, open_folders, close_folders);
}
