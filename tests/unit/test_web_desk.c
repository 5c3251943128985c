/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certifying agent's desk, page by page: closed without a certificate, or with one that is not valid any more; then
 * taken, checked, signed and issued, revoked, asked for and decided, with the real keeper behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* First: it renames what others have, too. */
#include "registration_world_of_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "issue_support.h"
#include "keeper/approval.h"
#include "web/desk/desk_pages.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION  "__Host-refrenda"
#define APPROVAL "Refrenda approval 1\n"
#define REVOKING "Refrenda revocation 1\n"

struct bureau {
    struct office *office;
    struct web_world *web;
    struct store *store;
};
/** Somebody in a browser. */
struct visitor {
    struct bureau *bureau;
    int64_t person, account, certificate;
    struct identity key;
    char cookie[128], csrf[64];
};

/* ---- The house ---- */

static struct bureau open_bureau(void **state)
{
    struct bureau b = {.office = office_open(state)};
    b.web = web_world_open(state, false);
    b.store = b.office->store;
    b.web->settings.requests.authority = "";
    b.web->settings.requests.scanner = "";
    b.web->settings.requests.resend_days = 7;
    b.web->settings.requests.link_hours = 72;
    b.web->settings.keys.seal_key = "seal";
    b.web->web->options.keeper = b.office->domain->keeper;
    return b;
}

static void close_bureau(struct bureau *b)
{
    web_world_close(b->web);
}

static rfd_status put_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visitor *v = context;
    char code[16];
    struct store_rows rows;
    (void)snprintf(code, sizeof code, "U%04d", (int)v->person);
    const struct store_value values[] = {store_integer(v->person), store_text(slice_text(code)),
                                         store_integer(clock_now())};
    TRY(store_run(t, "SELECT id FROM account WHERE person = $1", values, 1, &rows, error));
    if (rows.count == 0) {
        struct faults faults = {.count = 0};
        const struct actor maker = actor_system("test");
        const struct account account = {.person = v->person, .code = slice_text(code), .level = LEVEL_BASIC};
        return account_create(t, &maker, &account_world_settings, &account, 'U', &faults, &v->account, error);
    }
    v->account = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status put_session(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visitor *v = context;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    TRY(session_new(t, &account_world_settings, SLICE("192.0.2.1"), SLICE("test"), token, &session, error));
    const struct store_value values[] = {store_integer(session.id), store_integer(v->account),
                                         store_integer(v->certificate == 0 ? METHOD_PASSWORD : METHOD_CERTIFICATE),
                                         v->certificate == 0 ? store_null() : store_integer(v->certificate),
                                         store_integer(clock_now())};
    (void)snprintf(v->cookie, sizeof v->cookie, SESSION "=%s", token);
    return store_run(t, "UPDATE session SET account = $2, methods = $3, certificate = $4, signed_in = $5 WHERE id = $1",
                     values, 5, NULL, error);
}

static void sign_in(struct visitor *v)
{
    struct exchange_of_test x;
    assert_int_equal(store_write(v->bureau->store, put_account, v, NULL), RFD_OK);
    assert_int_equal(store_write(v->bureau->store, put_session, v, NULL), RFD_OK);
    assert_int_equal(web_get(v->bureau->web, &x, "/cuenta", v->cookie), 200);
    (void)snprintf(v->csrf, sizeof v->csrf, "%s", web_token(&x));
    web_forget(&x);
}

/** A person with a certificate that the keeper knows as an agent's. */
static struct visitor agent_of(struct bureau *b, int64_t person)
{
    struct visitor v = {.bureau = b, .person = person};
    struct ticket ticket;
    struct certificate_row row;
    static struct arena memory;
    unsigned char *spki = NULL;
    char name[24];
    bool again;
    arena_dispose(&memory);
    arena_init(&memory, 1 << 20);
    v.key.kind = "P-256";
    v.key.key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    int length = i2d_PUBKEY(v.key.key, &spki);
    world_ticket_new_for(&ticket, b->office->authority, (unsigned)person, "", slice_of(spki, (size_t)length));
    OPENSSL_free(spki);
    WORLD_OK(authority_issue(b->office->domain, &ticket.order, &memory, &row, &again, &error));
    WORLD_OK(certificate_parse(row.der, &v.key.certificate, &error));
    world_ticket_free(&ticket);
    (void)snprintf(name, sizeof name, "desk-%d", (int)person);
    authority_world_register(name, v.key.certificate, "pe-natural-person");
    v.certificate = row.id;
    sign_in(&v);
    return v;
}

static void leave(struct visitor *v)
{
    EVP_PKEY_free(v->key.key);
    if (v->key.certificate != NULL) certificate_unref(v->key.certificate);
}

/* ---- Pages ---- */

static int get(struct visitor *v, struct exchange_of_test *x, const char *format, long long id)
{
    char path[256];
    (void)snprintf(path, sizeof path, format, id);
    return web_get(v->bureau->web, x, path, v->cookie);
}

static int post(struct visitor *v, struct exchange_of_test *x, const char *format, long long id, const char *fields)
{
    char path[256];
    (void)snprintf(path, sizeof path, format, id);
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", v->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", v->csrf, fields));
    return web_send(v->bureau->web, x);
}

/** The status alone. */
static int do_post(struct visitor *v, const char *format, long long id, const char *fields)
{
    struct exchange_of_test x;
    int status = post(v, &x, format, id, fields);
    web_forget(&x);
    return status;
}

static bool says(struct visitor *v, const char *format, long long id, const char *text)
{
    struct exchange_of_test x;
    assert_int_equal(get(v, &x, format, id), 200);
    bool found = web_says(&x, text);
    web_forget(&x);
    return found;
}

/** What a page has the agent sign, signed, as a field of a form. */
static void sign(struct visitor *v, const struct exchange_of_test *x, const char *first, struct arena *a,
                 const char **field)
{
    slice body = x->response.body;
    const uint8_t *at = memmem(body.data, body.length, first, strlen(first));
    assert_non_null(at);
    const uint8_t *end = memmem(at, (size_t)(body.data + body.length - at), "</pre>", 6);
    assert_non_null(end);
    struct buf signed_data, base64;
    buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
    buf_init(&base64, 2 * APPROVAL_SIGNED_MAXIMUM);
    issue_sign_text(&v->key, slice_of(at, (size_t)(end - at)), &signed_data);
    buf_put_base64(&base64, buf_slice(&signed_data));
    struct buf escaped;
    buf_init(&escaped, 4 * APPROVAL_SIGNED_MAXIMUM);
    for (size_t i = 0; i < base64.length; i++) {
        if (base64.data[i] == '+')
            buf_put_text(&escaped, "%2B");
        else
            buf_put_byte(&escaped, base64.data[i]);
    }
    *field = arena_print(a, "signature=%.*s", (int)escaped.length, (const char *)escaped.data);
    buf_dispose(&escaped);
    buf_dispose(&base64);
    buf_dispose(&signed_data);
}

/** The number at the end of where an answer leads. */
static long long led_to(struct exchange_of_test *x, const char *path)
{
    long long id = 0;
    const char *location = web_answer_header(x, "location", 0);
    if (strncmp(location, path, strlen(path)) != 0) fail_msg("led to %s", location);
    assert_int_equal(sscanf(location + strlen(path), "%lld", &id), 1);
    return id;
}

/** Asked for and confirmed. */
static int64_t started(struct bureau *b, struct office_form *f, const char *number)
{
    struct call nobody = office_as(b->office, 0);
    office_form_new(f, number);
    assert_int_equal(office_ask(&nobody, f), RFD_OK);
    const char *token = office_mailed(b->office, "request-confirm", REGISTRATION_PAGE_CONFIRM);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK);
    return nobody.id;
}

/* ---- The door ---- */

static void filled(const char *pattern, char out[256])
{
    size_t used = 0;
    for (const char *at = pattern; *at != '\0' && used < 250; at++) {
        if (*at == '{') at = strchr(at, '}');
        out[used++] = *at == '}' ? '1' : *at;
    }
    out[used] = '\0';
}

/** Every address of the desk: 403 and how to come in, whatever the roles. */
static void all_closed(struct visitor *v)
{
    for (const struct page_route *r = desk_routes; r->pattern != NULL; r++) {
        struct exchange_of_test x;
        char path[256];
        filled(r->pattern, path);
        int status = r->method == HTTP_GET ? get(v, &x, path, 0) : post(v, &x, path, 0, "activate=1&verdict=revoke");
        bool told = web_says(&x, "name=\"con\" value=\"certificado\"");
        if (status != 403 || !told) fail_msg("%s %s: %d", http_method_name(r->method), path, status);
        web_forget(&x);
    }
}

static void test_door(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT);
    struct visitor typed = {.bureau = &b, .person = AGENT};
    struct exchange_of_test x;
    sign_in(&typed); /* by password, with the same roles */
    all_closed(&typed);
    assert_true(says(&agent, "/agente/solicitudes", 0, "data-agent-serial"));
    assert_true(says(&agent, "/agente/solicitudes", 0, "data-key-tag"));
    assert_false(says(&typed, "/cuenta", 0, "data-key-tag"));
    /* A stranger is asked to sign in; somebody without the role is refused. */
    assert_int_equal(web_get(b.web, &x, "/agente/solicitudes", ""), 303);
    web_forget(&x);
    struct visitor citizen = {.bureau = &b, .person = BERTA};
    sign_in(&citizen);
    assert_int_equal(get(&citizen, &x, "/agente/solicitudes", 0), 403);
    assert_false(web_says(&x, "name=\"con\""));
    web_forget(&x);
    leave(&agent);
    close_bureau(&b);
}

static rfd_status execute(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_run(t, context, NULL, 0, NULL, error);
}

static void test_door_closes(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT);
    char sql[160];
    assert_true(says(&agent, "/agente/mis-solicitudes", 0, "data-agent-serial"));
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE certificate_status SET state = 3 WHERE serial = (SELECT serial FROM certificate WHERE id = %d)",
        (int)agent.certificate);
    assert_int_equal(store_write(b.store, execute, sql, NULL), RFD_OK);
    all_closed(&agent);
    leave(&agent);
    close_bureau(&b);
}

/* ---- Attending ---- */

static void test_taken_by_one(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT), rival = agent_of(&b, RIVAL), other = agent_of(&b, ELSEWHERE);
    struct office_form f;
    struct exchange_of_test x;
    int64_t id = started(&b, &f, "70000016");
    struct request r = office_load(b.office, id);
    char code[32];
    (void)snprintf(code, sizeof code, "%.*s", (int)r.code.length, (const char *)r.code.data);
    assert_true(says(&agent, "/agente/solicitudes", 0, code));
    assert_false(says(&other, "/agente/solicitudes", 0, code));
    assert_int_equal(get(&other, &x, "/agente/solicitudes/%lld", id), 404);
    web_forget(&x);
    assert_int_equal(do_post(&other, "/agente/solicitudes/%lld/tomar", id, ""), 404);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/tomar", id, ""), 303);
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/tomar", id, ""), 303);
    assert_int_equal(office_load(b.office, id).taker, AGENT);
    assert_true(says(&agent, "/agente/mis-solicitudes", 0, code));
    assert_false(says(&rival, "/agente/mis-solicitudes", 0, code));
    assert_false(says(&agent, "/agente/solicitudes", 0, code));
    assert_true(says(&agent, "/agente/solicitudes/%lld", id, "name=\"mark\""));
    assert_false(says(&rival, "/agente/solicitudes/%lld", id, "name=\"mark\""));
    /* What is another's cannot be left, returned or cancelled. */
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/soltar", id, ""), 403);
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/observar", id, "note=x"), 403);
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/cancelar", id, "activate=1&reason=x"), 403);
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/generar", id, "signature=AAAA"), 403);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/soltar", id, ""), 303);
    assert_int_equal(office_state(b.office, id), REQUEST_STARTED);
    form_free(&f);
    leave(&agent);
    leave(&rival);
    leave(&other);
    close_bureau(&b);
}

static void test_returned_and_cancelled(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT);
    struct office_form f, g;
    int64_t id = started(&b, &f, "70000016");
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/tomar", id, ""), 303);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/observar", id, "note="), 422);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/observar", id, "note=El+DNI+no+se+lee"), 303);
    assert_int_equal(office_state(b.office, id), REQUEST_OBSERVED);
    int64_t second = started(&b, &g, "70000024");
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/tomar", second, ""), 303);
    /* Only after ticking, and with a reason. */
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/cancelar", second, "reason=Duplicada"), 422);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/cancelar", second, "activate=1&reason="), 422);
    assert_int_equal(office_state(b.office, second), REQUEST_TAKEN);
    assert_int_equal(
        do_post(&agent, "/agente/solicitudes/%lld/cancelar", second, "activate=1&reason=Duplicada&outcome=cancel"),
        303);
    assert_int_equal(office_state(b.office, second), REQUEST_CANCELLED);
    form_free(&f);
    form_free(&g);
    leave(&agent);
    close_bureau(&b);
}

/** One whose address was never confirmed can be cancelled, and nothing else. */
static void test_unverified(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT);
    struct call nobody = office_as(b.office, 0);
    struct office_form f;
    office_form_new(&f, "70000016");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    assert_true(says(&agent, "/agente/solicitudes/sin-validar", 0, "70000016"));
    assert_false(says(&agent, "/agente/solicitudes/%lld", nobody.id, "/tomar"));
    assert_true(says(&agent, "/agente/solicitudes/%lld", nobody.id, "/cancelar"));
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/cancelar", nobody.id, "activate=1&reason=Correo+errado"),
                     303);
    assert_int_equal(office_state(b.office, nobody.id), REQUEST_CANCELLED);
    form_free(&f);
    leave(&agent);
    close_bureau(&b);
}

/* ---- Issuing and revoking ---- */

static void check_files(struct visitor *agent, int64_t id)
{
    char fields[512] = "";
    int64_t first = office_number(agent->bureau->office, "SELECT min(id) FROM evidence WHERE request = %lld", id);
    int64_t last = office_number(agent->bureau->office, "SELECT max(id) FROM evidence WHERE request = %lld", id);
    for (int64_t e = first; e <= last; e++) {
        size_t used = strlen(fields);
        long long n = (long long)e;
        (void)snprintf(fields + used, sizeof fields - used,
                       "seen=%lld&mark=%lld.legible&mark=%lld.complete&mark=%lld.current&", n, n, n, n);
    }
    assert_int_equal(do_post(agent, "/agente/solicitudes/%lld/revisar", id, fields), 303);
}

static long long issue(struct visitor *agent, int64_t id)
{
    struct exchange_of_test page, x;
    const char *signature;
    assert_int_equal(do_post(agent, "/agente/solicitudes/%lld/tomar", id, ""), 303);
    assert_true(says(agent, "/agente/solicitudes/%lld", id, "disabled aria-describedby=\"missing\""));
    assert_int_equal(get(agent, &page, "/agente/solicitudes/%lld/generar", id), 303); /* not before it is checked */
    web_forget(&page);
    check_files(agent, id);
    assert_int_equal(get(agent, &page, "/agente/solicitudes/%lld/generar", id), 200);
    assert_int_equal(do_post(agent, "/agente/solicitudes/%lld/generar", id, ""), 422);
    sign(agent, &page, APPROVAL, &page.arena, &signature);
    assert_int_equal(post(agent, &x, "/agente/solicitudes/%lld/generar", id, signature), 303);
    long long certificate = led_to(&x, "/agente/certificados/");
    web_forget(&x);
    /* Twice is once. */
    assert_int_equal(post(agent, &x, "/agente/solicitudes/%lld/generar", id, signature), 303);
    web_forget(&x);
    web_forget(&page);
    return certificate;
}

/** Every address with an id of theirs: another unit's agent learns and changes nothing. */
static void all_hidden(struct visitor *other, long long request, long long certificate, long long revocation)
{
    for (const struct page_route *r = desk_routes; r->pattern != NULL; r++) {
        struct exchange_of_test x;
        char path[256];
        bool of_request = strstr(r->pattern, DESK_REQUESTS "/{id}") != NULL;
        long long id = of_request                                        ? request
                       : strstr(r->pattern, DESK_ISSUED "/{id}") != NULL ? certificate
                                                                         : revocation;
        const char *part = strstr(r->pattern, "{id}");
        if (part == NULL) continue;
        (void)snprintf(path, sizeof path, "%.*s%lld%s", (int)(part - r->pattern), r->pattern, id, part + 4);
        int status = r->method == HTTP_GET ? get(other, &x, path, 0)
                                           : post(other, &x, path, 0,
                                                  "activate=1&reason=x&note=x&verdict=reject&number=70000016&seen=1&"
                                                  "mark=1.legible&signature=AAAA");
        bool hidden = status == 403 || status == 404;
        if (!hidden || web_says(&x, "70000016")) fail_msg("%s %s: %d", http_method_name(r->method), path, status);
        web_forget(&x);
    }
}

/** A list as a file. */
static void check_csv(struct visitor *agent)
{
    struct exchange_of_test x;
    assert_int_equal(get(agent, &x, "/agente/mis-certificados?formato=csv", 0), 200);
    assert_non_null(strstr(web_answer_header(&x, "content-type", 0), "text/csv"));
    web_forget(&x);
}

static void test_issue_and_revoke(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT), rival = agent_of(&b, RIVAL), other = agent_of(&b, ELSEWHERE);
    struct office_form f;
    struct exchange_of_test page, x;
    const char *signature;
    int64_t id = started(&b, &f, "70000016");
    long long certificate = issue(&agent, id);
    assert_int_equal(office_state(b.office, id), REQUEST_ISSUED);
    assert_int_equal(domain_store_number(b.store, "SELECT count(*) FROM certificate_agent"), 1);
    assert_true(says(&agent, "/agente/mis-certificados", 0, "70000016"));
    assert_false(says(&rival, "/agente/mis-certificados", 0, "70000016"));
    assert_true(says(&rival, "/agente/busqueda/validos", 0, "70000016"));
    assert_false(says(&other, "/agente/busqueda/validos", 0, "70000016"));
    assert_int_equal(get(&other, &x, "/agente/certificados/%lld", certificate), 404);
    web_forget(&x);
    assert_int_equal(do_post(&agent, "/agente/certificados/%lld/reenviar", certificate, ""), 303);
    /* Whose it is has to be typed; then what is signed is shown. */
    assert_int_equal(do_post(&agent, "/agente/certificados/%lld/revocar", certificate,
                             "number=70000024&reason=key-exposed&verdict=sign"),
                     422);
    assert_int_equal(get(&agent, &x, "/agente/certificados/%lld/revocar", certificate), 200);
    slice body = x.response.body;
    const uint8_t *option = memmem(body.data, body.length, "<option value=\"", 15);
    assert_non_null(option);
    char reason[64] = "";
    const uint8_t *second =
        memmem(option + 15, (size_t)(body.data + body.length - option - 15), "<option value=\"", 15);
    assert_non_null(second);
    assert_int_equal(sscanf((const char *)second + 15, "%63[^\"]", reason), 1);
    web_forget(&x);
    char fields[256];
    (void)snprintf(fields, sizeof fields, "number=70000016&reason=%s&verdict=sign", reason);
    assert_int_equal(post(&agent, &page, "/agente/certificados/%lld/revocar", certificate, fields), 200);
    sign(&agent, &page, REVOKING, &page.arena, &signature);
    (void)snprintf(fields, sizeof fields, "number=70000016&reason=%s&verdict=revoke", reason);
    const char *signed_fields = arena_print(&page.arena, "%s&%s", fields, signature);
    /* Not with somebody else's signature. */
    assert_int_equal(do_post(&rival, "/agente/certificados/%lld/revocar", certificate, signed_fields), 422);
    assert_int_equal(post(&agent, &x, "/agente/certificados/%lld/revocar", certificate, signed_fields), 303);
    long long revocation = led_to(&x, "/agente/revocaciones/");
    web_forget(&x);
    web_forget(&page);
    assert_true(says(&agent, "/agente/revocaciones/%lld", revocation, "comprobante.pdf"));
    assert_true(says(&agent, "/agente/mis-revocados", 0, "70000016"));
    assert_true(says(&agent, "/agente/busqueda/revocados", 0, "70000016"));
    assert_false(says(&agent, "/agente/busqueda/validos", 0, "70000016"));
    assert_true(says(&agent, "/agente/certificados/%lld", certificate, "disabled aria-describedby=\"resend-refused\""));
    all_hidden(&other, id, certificate, revocation);
    check_csv(&agent);
    form_free(&f);
    leave(&agent);
    leave(&rival);
    leave(&other);
    close_bureau(&b);
}

/** Four eyes: who asks does not decide. */
static void test_asked_and_decided(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT), rival = agent_of(&b, RIVAL);
    struct office_form f;
    struct exchange_of_test page, x;
    const char *signature;
    int64_t id = started(&b, &f, "70000016");
    long long certificate = issue(&agent, id);
    char reason[64];
    assert_int_equal(get(&agent, &x, "/agente/certificados/%lld/revocar", certificate), 200);
    slice body = x.response.body;
    const uint8_t *last = body.data;
    for (const uint8_t *at = body.data;
         (at = memmem(at, (size_t)(body.data + body.length - at), "<option value=\"", 15)) != NULL; at += 15)
        last = at;
    assert_int_equal(sscanf((const char *)last + 15, "%63[^\"]", reason), 1);
    web_forget(&x);
    char fields[256];
    (void)snprintf(fields, sizeof fields, "number=70000016&reason=%s&verdict=ask&note=Cese", reason);
    assert_int_equal(post(&agent, &x, "/agente/certificados/%lld/revocar", certificate, fields), 303);
    long long revocation = led_to(&x, "/agente/revocaciones/");
    web_forget(&x);
    assert_false(says(&agent, "/agente/revocaciones/%lld", revocation, "data-signs"));
    assert_int_equal(get(&rival, &page, "/agente/revocaciones/%lld", revocation), 200);
    sign(&rival, &page, REVOKING, &page.arena, &signature);
    const char *decided = arena_print(&page.arena, "number=70000016&verdict=revoke&%s", signature);
    assert_int_equal(do_post(&agent, "/agente/revocaciones/%lld/decidir", revocation, decided), 403);
    assert_int_equal(do_post(&rival, "/agente/revocaciones/%lld/decidir", revocation, "verdict=reject&note="), 422);
    assert_int_equal(do_post(&rival, "/agente/revocaciones/%lld/decidir", revocation, "verdict=revoke&number=1"), 422);
    assert_int_equal(do_post(&rival, "/agente/revocaciones/%lld/decidir", revocation, decided), 303);
    assert_int_equal(office_state(b.office, revocation), REQUEST_REVOKED);
    web_forget(&page);
    form_free(&f);
    leave(&agent);
    leave(&rival);
    close_bureau(&b);
}

/* ---- In person ---- */

static rfd_status bring_key(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request r;
    TRY(request_find(t, c->id, &r, error));
    return request_key(t, &c->actor, r.applicants[0].id, c->office_form->person.pkcs10, &c->faults, error);
}

/** The page that waits for the key: handed by the agent who has the request, to nobody else. */
static void test_key_is_handed(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT), rival = agent_of(&b, RIVAL);
    struct call desk = office_as(b.office, AGENT);
    struct office_form f;
    struct exchange_of_test x;
    office_form_new(&f, "70000016");
    slice pkcs10 = f.person.pkcs10;
    f.person.pkcs10 = SLICE_EMPTY;
    assert_int_equal(office_ask_in_person(&desk, &f), RFD_OK);
    int64_t id = desk.id;
    assert_true(says(&agent, "/agente/solicitudes/%lld", id, "/llave"));
    assert_false(says(&agent, "/agente/solicitudes/%lld/llave", id, REGISTRATION_PAGE_KEY));
    assert_int_equal(post(&agent, &x, "/agente/solicitudes/%lld/llave/enlace", id, ""), 303);
    char page[256];
    (void)snprintf(page, sizeof page, "%s", web_answer_header(&x, "location", 0));
    web_forget(&x);
    assert_true(says(&agent, page, 0, REGISTRATION_PAGE_KEY));
    assert_true(says(&agent, page, 0, "<svg xmlns"));
    assert_int_equal(do_post(&rival, "/agente/solicitudes/%lld/llave/enlace", id, ""), 303);
    assert_int_equal(get(&rival, &x, page, 0), 303); /* and hers led nowhere: the agent's is still in force */
    web_forget(&x);
    assert_true(says(&agent, page, 0, REGISTRATION_PAGE_KEY));
    assert_true(says(&agent, "/agente/solicitudes/%lld/llave/estado", id, "false"));
    f.person.pkcs10 = pkcs10;
    desk.office_form = &f;
    assert_int_equal(office_write(&desk, bring_key), RFD_OK);
    assert_true(says(&agent, "/agente/solicitudes/%lld/llave/estado", id, "true"));
    assert_int_equal(get(&agent, &x, page, 0), 303);
    web_forget(&x);
    form_free(&f);
    leave(&agent);
    leave(&rival);
    close_bureau(&b);
}

/** An approval of one request is none of another, and not one of yesterday. */
static void test_signed_for_something_else(void **state)
{
    struct bureau b = open_bureau(state);
    struct visitor agent = agent_of(&b, AGENT);
    struct office_form f, g;
    struct exchange_of_test page;
    const char *signature;
    int64_t one = started(&b, &f, "70000016"), two = started(&b, &g, "70000024");
    const int64_t both[] = {one, two};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/tomar", both[i], ""), 303);
        check_files(&agent, both[i]);
    }
    assert_int_equal(get(&agent, &page, "/agente/solicitudes/%lld/generar", one), 200);
    sign(&agent, &page, APPROVAL, &page.arena, &signature);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/generar", two, signature), 422);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/generar", two, "signature=%2F%2F%2F"), 400);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/generar", two, "signature=MAAwAA%3D%3D"), 422);
    assert_int_equal(office_state(b.office, two), REQUEST_TAKEN);
    clock_fix(clock_now() + 16 * 60 * RFD_SECOND);
    assert_int_equal(do_post(&agent, "/agente/solicitudes/%lld/generar", one, signature), 422);
    clock_fix(RFD_TIME_NONE);
    assert_int_equal(office_state(b.office, one), REQUEST_TAKEN);
    assert_int_equal(domain_store_number(b.store, "SELECT count(*) FROM certificate_agent"), 0);
    web_forget(&page);
    form_free(&f);
    form_free(&g);
    leave(&agent);
    close_bureau(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_door),
        IN_BOTH_OFFICES(test_door_closes),
        IN_BOTH_OFFICES(test_taken_by_one),
        IN_BOTH_OFFICES(test_returned_and_cancelled),
        IN_BOTH_OFFICES(test_unverified),
        IN_BOTH_OFFICES(test_issue_and_revoke),
        IN_BOTH_OFFICES(test_asked_and_decided),
        IN_BOTH_OFFICES(test_key_is_handed),
        IN_BOTH_OFFICES(test_signed_for_something_else),
    };
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
