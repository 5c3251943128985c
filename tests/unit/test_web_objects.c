/* SPDX-License-Identifier: EUPL-1.2
 *
 * Ids that people make up, and forms that they send by hand: no role held in one entity reads or changes what is of
 * another by its id; every form that changes something is for whom the table of policies says, and needs its token.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/central/central.h"
#include "domain/organisation/organisation.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"
#define SECRET  "Reservado" /* in each text of the other entity */

/* ---- Two entities ---- */

struct things {
    const struct packs *packs;
    int64_t entity, unit, position, person, appointment, mailbox, group, departure, request, session, certificate;
    int64_t ticket, applicant, payment; /* of a unit's request of certificates */
    int64_t portal;
    char signing[SIGNING_TOKEN_SIZE]; /* documents that wait for the person */
};

static rfd_status make_entity(struct transaction *t, const char *name, const char *tax, struct things *out,
                              struct rfd_error *error)
{
    const struct actor actor = actor_system("test");
    struct faults faults = {.count = 0};
    const struct entity entity = {.name = slice_text(name),
                                  .short_name = slice_text(name),
                                  .country = SLICE("pe"),
                                  .tax_number = slice_text(tax),
                                  .domains = SLICE("example.gob.pe")};
    TRY(entity_put(t, &actor, &entity, &faults, &out->entity, error));
    const struct unit unit = {
        .entity = out->entity, .code = SLICE("01"), .abbreviation = slice_text(name), .name = slice_text(name)};
    return unit_put(t, &actor, &unit, &faults, &out->unit, error);
}

static rfd_status number(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                         int64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, values, count, &rows, error));
    *out = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status make_rest(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct actor actor = actor_system("test");
    struct faults faults = {.count = 0};
    const struct position position = {.unit = o->unit, .name = SLICE(SECRET " cargo"), .head = true};
    const struct person person = {.country = SLICE("pe"),
                                  .document = SLICE("dni"),
                                  .number = SLICE("10117410"),
                                  .given_names = SLICE(SECRET),
                                  .surname = SLICE(SECRET),
                                  .mail = SLICE("reservado@example.gob.pe")};
    TRY(position_put(t, &actor, &position, &faults, &o->position, error));
    TRY(person_put(t, &actor, o->packs, &person, &faults, &o->person, error));
    const struct appointment appointment = {.person = o->person,
                                            .position = o->position,
                                            .from = clock_now() - 1000000,
                                            .to = RFD_TIME_NONE,
                                            .document = SLICE(SECRET)};
    TRY(appointment_put(t, &actor, &appointment, &faults, &o->appointment, error));
    const struct institutional_mailbox mailbox = {
        .unit = o->unit, .level = SLICE("local"), .mail = SLICE("reservado-mesa@example.gob.pe")};
    TRY(institutional_mailbox_put(t, &actor, &mailbox, &faults, &o->mailbox, error));
    const struct support_group group = {.entity = o->entity, .name = SLICE(SECRET " grupo")};
    return support_group_put(t, &actor, &group, &faults, &o->group, error);
}

/** What people report and ask for, and one who is signed in. */
static rfd_status make_papers(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct store_value v[] = {store_integer(o->appointment),   store_integer(o->person),
                                    store_integer(o->entity),        store_integer(o->unit),
                                    store_integer(clock_now()),      store_text(SLICE(SECRET " motivo")),
                                    store_bytes(SLICE("0123456789"))};
    TRY(number(
        t,
        "INSERT INTO departure(appointment, person, entity, unit, leaves, reason, reported, reporter, undecided) "
        "VALUES ($1, $2, $3, $4, $5, $6, $5, 'account:X', 1) RETURNING id",
        v, 6, &o->departure, error));
    const struct store_value p[] = {store_integer(o->departure), store_integer(o->appointment),
                                    store_text(SLICE(SECRET " cargo"))};
    TRY(store_run(t,
                  "INSERT INTO departure_proposal(departure, kind, target, name, text, state, decider) VALUES ($1, "
                  "'appointment', $2, '', $3, 'proposed', '')",
                  p, 3, NULL, error));
    const struct store_value r[] = {v[1], v[2], v[3], v[4], v[5], store_bytes(SLICE_EMPTY), store_boolean(false)};
    return number(
        t,
        "INSERT INTO access_request(code, state, requester, subject, entity, unit, reason, decision, created, sent, agent, "
        "tray, escalated, letter, signed_text, signature) VALUES ('A-0001-2026', 'sent', $1, $1, $2, $3, $5, '', $4, $4, "
        "$7, $3, 0, '', '', $6) RETURNING id",
        r, 7, &o->request, error);
}

/** A certificate of the other entity's person, of the register. */
static rfd_status make_certificate(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct store_value v[] = {store_bytes(SLICE("\001\002\003\004")),
                                    store_text(SLICE(SECRET " (IDCPE-10117410)")), store_integer(clock_now() - 1),
                                    store_integer(clock_now() + 1000000000)};
    TRY(number(t,
               "INSERT INTO certificate(authority, serial, profile, subject, subject_id, mail, not_before, not_after, "
               "issued_at, request, client) VALUES (1, $1, 'pe-natural-person', $2, 'IDCPE-10117410', '', $3, $4, $3, "
               "'', '') RETURNING id",
               v, 4, &o->certificate, error));
    const struct store_value s[] = {v[0], store_integer(o->certificate)};
    return store_run(
        t, "INSERT INTO certificate_status(serial, authority, certificate, state, part) VALUES ($1, 1, $2, 1, 0)", s, 2,
        NULL, error);
}

/** A request of the other entity's unit, with whom it is for and how it was paid. */
static rfd_status make_ticket(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct store_value r[] = {store_integer(o->entity), store_integer(o->unit),
                                    store_integer(o->person), store_integer(clock_now()),
                                    store_boolean(false),     store_text(SLICE(SECRET " solicitud"))};
    TRY(number(
        t,
        "INSERT INTO request(code, way, kind, motive, description, country, state, entity, unit, requester, language, "
        "in_person, created, sent, note, external) VALUES ('C-0001-2026', 'agency', 'issue', 'first-issue', $6, 'pe', "
        "'sent', $1, $2, $3, 'es', $5, $4, $4, '', $5) RETURNING id",
        r, 6, &o->ticket, error));
    const struct store_value p[] = {store_integer(o->ticket), store_integer(clock_now())};
    TRY(number(
        t,
        "INSERT INTO payment(request, kind, day, operation, agency, cashier, amount) VALUES ($1, 'transfer', $2, "
        "'777', '', '', 810) RETURNING id",
        p, 2, &o->payment, error));
    const struct store_value a[] = {store_integer(o->ticket), store_bytes(SLICE_EMPTY), store_boolean(false)};
    return number(
        t,
        "INSERT INTO applicant(request, place, country, document, number, second_document, second_number, "
        "given_names, surname, second_surname, mail, mobile, organisation, post, way_of_working, locality, "
        "address, installed_at, device, profile, central, spki, pkcs10, approved, approved_again, attempt, "
        "external_certificate, external_approval, installation, installation_phone) VALUES ($1, 1, 'pe', 'dni', "
        "'10117410', '', '', '" SECRET "', '" SECRET "', '', '', '', '', '', '', '', '', '', '', '', $3, $2, $2, $2, "
        "$2, 0, $2, '', '', '') RETURNING id",
        a, 3, &o->applicant, error);
}

static rfd_status make_portal(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct actor actor = actor_system("test");
    const struct portal portal = {.entity = o->entity,
                                  .name = SLICE(SECRET " sede"),
                                  .client = SLICE("sede-reservada"),
                                  .secret_hash =
                                      SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                                  .webhook = SLICE("https://sede.example/reservado")};
    return portal_put(t, &actor, &portal, NULL, &o->portal, error);
}

static rfd_status make_signing(struct transaction *t, struct things *o, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(o->person), store_integer(clock_now()),
                                         store_integer(clock_now() + 3600 * RFD_SECOND), store_bytes(SLICE("")),
                                         store_text(SLICE("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))};
    int64_t id;
    (void)snprintf(o->signing, sizeof o->signing, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    TRY(number(t,
               "INSERT INTO signing(token, person, holder, purpose, reference, state, level, visible, page, reason, "
               "location, return_address, error_address, statement, credential, operation, operation_text, failure, "
               "created, ends) VALUES ($5, $1, '', '" SECRET "', '', 'waiting', 0, FALSE, '', '', '', '', '', '', '', "
               "$4, '', '', $2, $3) RETURNING id",
               values, 5, &id, error));
    struct blob blob = {.size = 10, .type = SLICE("application/pdf"), .wrapped = SLICE("no key")};
    memset(blob.id, 'a', sizeof blob.id - 1);
    TRY(blob_record(t, &blob, error));
    const struct store_value document[] = {store_integer(id), store_text(slice_text(blob.id))};
    return store_run(
        t,
        "INSERT INTO signing_document(signing, place, title, blob, size, pages, failure, prepared, session) "
        "VALUES ($1, 1, '" SECRET "', $2, 10, 1, '', '', '')",
        document, 2, NULL, error);
}

struct making {
    struct things own, other;
};

static rfd_status make_both(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    m->other.packs = m->own.packs;
    const struct actor actor = actor_system("test");
    struct faults faults = {.count = 0};
    int64_t position;
    TRY(make_entity(t, "Propia", "20512333797", &m->own, error));
    const struct position post = {.unit = m->own.unit, .name = SLICE("Otra"), .places = 9};
    TRY(position_put(t, &actor, &post, &faults, &position, error));
    TRY(make_entity(t, SECRET, "20131312955", &m->other, error));
    TRY(make_rest(t, &m->other, error));
    TRY(make_certificate(t, &m->other, error));
    TRY(make_ticket(t, &m->other, error));
    TRY(make_signing(t, &m->other, error));
    TRY(make_portal(t, &m->other, error));
    return make_papers(t, &m->other, error);
}

/* ---- Somebody with one role ---- */

struct visitor {
    int64_t account, person;
    enum role role;
    int64_t entity, unit;
    char cookie[128], csrf[64];
};

static rfd_status give_role(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct visitor *v = context;
    const struct actor actor = actor_system("test");
    bool everywhere = role_info(v->role)->everywhere;
    const struct role_assignment given = {.person = v->person,
                                          .role = v->role,
                                          .entity = everywhere ? 0 : v->entity,
                                          .unit = everywhere ? 0 : v->unit,
                                          .from = clock_now() - 1000000,
                                          .to = RFD_TIME_NONE};
    int64_t id;
    return role_grant(t, &actor, &given, &id, error);
}

static void sign_in(struct web_world *w, struct visitor *v)
{
    struct store *store = w->database->store;
    struct exchange_of_test x;
    char name[16], token[ACCOUNT_TOKEN_SIZE];
    (void)snprintf(name, sizeof name, "%08u", 40000000U + (unsigned)v->role);
    v->account = account_world_account(store, name);
    v->person = account_world_find(store, v->account).person;
    if (v->role != ROLE_APPLICANT) assert_int_equal(account_world_write(store, give_role, v), RFD_OK);
    (void)account_world_signed_in(store, name, token);
    (void)snprintf(v->cookie, sizeof v->cookie, SESSION "=%s", token);
    assert_int_equal(web_get(w, &x, "/cuenta", v->cookie), 200);
    (void)snprintf(v->csrf, sizeof v->csrf, "%s", web_token(&x));
    web_forget(&x);
}

static int post(struct web_world *w, struct exchange_of_test *x, const char *path, const struct visitor *v,
                const char *csrf, const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    if (v != NULL) web_header(x, "Cookie", v->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", csrf, fields));
    return web_send(w, x);
}

/* ---- Ids of others ---- */

/** What is below something of theirs has the id 1, whatever it is. */
static void name_rest(char path[512])
{
    for (char *begin = strchr(path, '{'); begin != NULL; begin = strchr(path, '{')) {
        const char *end = strchr(begin, '}');
        *begin = '1';
        memmove(begin + 1, end + 1, strlen(end + 1) + 1);
    }
}

/** The address of a route with the other entity's ids; false when it is about nothing of theirs. */
static bool aim(const char *pattern, const struct things *o, char out[512])
{
    const struct {
        const char *begin;
        int64_t id;
    } aims[] = {{"/organizacion/entidades/{", o->entity},
                {"/organizacion/unidades/{", o->unit},
                {"/organizacion/cargos/{", o->position},
                {"/organizacion/personas/{", o->person},
                {"/organizacion/nombramientos/{", o->appointment},
                {"/organizacion/buzones/{", o->mailbox},
                {"/organizacion/grupos/{", o->group},
                {"/organizacion/ceses/{", o->departure},
                {"/accesos/solicitudes/nueva/{", o->person},
                {"/accesos/solicitudes/{", o->request},
                {"/certificados/{", o->certificate},
                {"/tramites/certificados/{", o->ticket},
                {"/tramites/bandeja/{", o->ticket},
                {"/tramites/solicitantes/{", o->applicant},
                {"/tramites/emision/{", o->applicant},
                {"/tramites/instalacion/{", o->applicant},
                {"/tramites/pagos/{", o->payment},
                {"/tramites/renovar/{", o->certificate},
                {"/agente/certificados/{", o->certificate},
                {"/administracion/portales/{", o->portal}};
    if (strncmp(pattern, "/firmar/{token}", 15) == 0) {
        (void)snprintf(out, 512, "/firmar/%s%s", o->signing,
                       strstr(pattern, "documento/") != NULL   ? "/documento/1"
                       : strstr(pattern, "resultado/") != NULL ? "/resultado/1"
                                                               : pattern + 15);
        return true;
    }
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++) {
        size_t length = strlen(aims[i].begin);
        if (strncmp(pattern, aims[i].begin, length) != 0) continue;
        const char *rest = strchr(pattern + length, '}');
        (void)snprintf(out, 512, "%.*s%lld%s", (int)length - 1, pattern, (long long)aims[i].id, rest + 1);
        name_rest(out);
        return true;
    }
    return false;
}

/** Well filled in, whatever form it is. */
static void fill(struct arena *a, const char *pattern, const struct things *own, const struct things *o,
                 const char **out)
{
    const char *action = strstr(pattern, "/ceses/") == NULL ? "send" : "confirm";
    const char *document = strstr(pattern, "/entidades/") == NULL ? "dni" : "ruc";
    *out = arena_print(a,
                       "document=pe%%2F%s&number=10117411&given_names=Otra&surname=Otra&language=es&entity=%lld&code=77"
                       "&abbreviation=X&name=Otra&unit=01&position=Otra&places=1&starts=2026-01-01&ends=2027-01-01&"
                       "level=local&mail=otra@example.gob.pe&reason=otra&leaves=2026-12-01&appointment=%lld&action=%s&"
                       "tick=1&verdict=approve&lines=signer&short_name=X&tax_number=20100070970&domains=example.pe",
                       document, (long long)own->entity, (long long)o->appointment, action);
}

static void ask_for_all(struct web_world *w, const struct visitor *v, const struct making *m)
{
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            struct exchange_of_test x;
            struct arena names;
            const char *fields;
            char path[512];
            if (!aim(r->pattern, &m->other, path) || policy_scope(v->role, r->action) == SCOPE_ALL) continue;
            arena_init(&names, 1 << 16);
            fill(&names, r->pattern, &m->own, &m->other, &fields);
            int status =
                r->method == HTTP_GET ? web_get(w, &x, path, v->cookie) : post(w, &x, path, v, v->csrf, fields);
            /* 422: what is theirs does not fit into the own entity; is_untouched() looks whether it was moved. */
            bool denied = status == 403 || status == 404 || (r->method == HTTP_POST && status == 422);
            /* Decisions are taken one by one: none of what was ticked is theirs. */
            denied = denied || (r->method == HTTP_POST && status == 303 && strstr(r->pattern, "/decidir") != NULL);
            if (!denied || web_says(&x, SECRET) || web_says(&x, "10117410"))
                fail_msg("%s %s as %s: %d", http_method_name(r->method), path, role_info(v->role)->name, status);
            web_forget(&x);
            arena_dispose(&names);
        }
    }
}

static void is_untouched(struct store *store)
{
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM entity WHERE name = '" SECRET "' AND NOT closed"),
                     1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM unit WHERE name = '" SECRET "' AND NOT closed"),
                     1);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM position WHERE name = '" SECRET " cargo' AND NOT closed"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM person WHERE surname = '" SECRET
                                                "' AND mail = 'reservado@example.gob.pe' AND number = '10117410'"),
                     1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM appointment WHERE ends IS NULL"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM support_group_member"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM departure WHERE undecided = 1"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM departure_proposal WHERE state = 'proposed'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request WHERE state = 'sent'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM certificate_status WHERE state = 1"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request WHERE state = 'sent' AND taker IS NULL"),
                     1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM applicant WHERE surname = '" SECRET "'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM payment WHERE operation = '777'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request_event"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM signing WHERE state = 'waiting'"), 1);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM portal WHERE name = '" SECRET " sede' AND NOT closed"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM portal"), 1);
}

static void test_ids_of_another_entity(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct making m = {.own = {.packs = w->packs}};
    assert_int_equal(account_world_write(w->database->store, make_both, &m), RFD_OK);
    for (enum role role = 0; role < ROLES; role++) {
        struct visitor v = {.role = role, .entity = m.own.entity, .unit = m.own.unit};
        sign_in(w, &v);
        ask_for_all(w, &v, &m);
    }
    is_untouched(w->database->store);
    web_world_close(w);
}

/** The query of a form for something new names people and posts, too. */
static void test_ids_in_queries(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct making m = {.own = {.packs = w->packs}};
    assert_int_equal(account_world_write(w->database->store, make_both, &m), RFD_OK);
    struct visitor v = {.role = ROLE_PERSONNEL, .entity = m.own.entity, .unit = m.own.unit};
    sign_in(w, &v);
    const struct {
        const char *path;
        int64_t id;
    } cases[] = {{"nombramientos/nuevo?escribir=1&persona=", m.other.person},
                 {"nombramientos/nuevo?escribir=1&cargo=", m.other.position},
                 {"ceses/nuevo?persona=", m.other.person},
                 {"ceses/nuevo?nombramiento=", m.other.appointment},
                 {"unidades/nueva?superior=", m.other.unit},
                 {"cargos/nuevo?unidad=", m.other.unit},
                 {"buzones/nuevo?unidad=", m.other.unit}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange_of_test x;
        char path[256];
        (void)snprintf(path, sizeof path, "/organizacion/%s%lld", cases[i].path, (long long)cases[i].id);
        int status = web_get(w, &x, path, v.cookie);
        if (status != 403 || web_says(&x, SECRET) || web_says(&x, "10117410")) fail_msg("%s: %d", path, status);
        web_forget(&x);
    }
    web_world_close(w);
}

/* ---- Sessions and passkeys of others ---- */

static void test_sessions_of_others(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    struct visitor thief = {.role = ROLE_APPLICANT}, victim = {.role = ROLE_SIGNER};
    struct making m = {.own = {.packs = w->packs}};
    struct exchange_of_test x;
    char path[64];
    assert_int_equal(account_world_write(store, make_both, &m), RFD_OK);
    victim.entity = m.own.entity;
    victim.unit = m.own.unit;
    sign_in(w, &thief);
    sign_in(w, &victim);
    int64_t id = domain_store_number(store, "SELECT max(id) FROM session");
    (void)snprintf(path, sizeof path, "/cuenta/sesiones/%lld/cerrar", (long long)id);
    (void)post(w, &x, path, &thief, thief.csrf, "");
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/cuenta", victim.cookie), 200);
    web_forget(&x);
    web_world_close(w);
}

/* ---- Every form for every role ---- */

static void made_up(const char *pattern, char out[512])
{
    size_t used = 0;
    for (const char *at = pattern; *at != '\0' && used < 500; at++) {
        if (*at != '{') {
            out[used++] = *at;
            continue;
        }
        at = strchr(at, '}');
        used += (size_t)snprintf(out + used, 8, "999999");
    }
    out[used] = '\0';
}

static bool table_allows(enum role role, enum action action)
{
    return action == ACTION_SIGNED_IN || policy_scope(role, action) != SCOPE_NONE ||
           policy_scope(ROLE_APPLICANT, action) != SCOPE_NONE;
}

/** Without a row in the table 403 before anything is looked at; with one, the domain decides about the object. */
static void send_all(struct web_world *w, const struct visitor *v)
{
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            struct exchange_of_test x;
            char path[512];
            if (r->method != HTTP_POST || r->action == ACTION_PUBLIC || (r->flags & PAGE_TLS)) continue;
            made_up(r->pattern, path);
            int status = post(w, &x, path, v, v->csrf, "a=b");
            bool refused = status == 403 && x.response.error == RFD_E_FORBIDDEN;
            bool allowed = table_allows(v->role, r->action);
            bool by_object = strchr(r->pattern, '{') != NULL || policy_scope(v->role, r->action) < SCOPE_ALL;
            if ((refused && allowed && !by_object) || (!refused && !allowed) || x.response.error == RFD_E_CSRF)
                fail_msg("POST %s as %s: %d", path, role_info(v->role)->name, status);
            web_forget(&x);
        }
    }
}

static void test_every_form_for_every_role(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct making m = {.own = {.packs = w->packs}};
    assert_int_equal(account_world_write(w->database->store, make_both, &m), RFD_OK);
    for (enum role role = 0; role < ROLES; role++) {
        struct visitor v = {.role = role, .entity = m.own.entity, .unit = m.own.unit};
        sign_in(w, &v);
        send_all(w, &v);
    }
    is_untouched(w->database->store);
    web_world_close(w);
}

/* ---- Every form needs its token ---- */

/** A token that is missing, made up, of another session, or in the wrong place; and the right one from another site. */
static void test_every_form_needs_its_token(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct making m = {.own = {.packs = w->packs}};
    assert_int_equal(account_world_write(w->database->store, make_both, &m), RFD_OK);
    struct visitor own = {.role = ROLE_ADMINISTRATOR}, other = {.role = ROLE_AUDITOR};
    unsigned seen = 0, open = 0;
    sign_in(w, &own);
    sign_in(w, &other);
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            const char *const tokens[] = {"", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", other.csrf, own.csrf};
            char path[512];
            bool may = r->action == ACTION_PUBLIC || table_allows(ROLE_ADMINISTRATOR, r->action);
            if (r->method == HTTP_GET || (r->flags & PAGE_TLS)) continue;
            if ((r->flags & PAGE_NO_CSRF) != 0) {
                assert_true(r->flags & PAGE_NO_SESSION); /* it sees no cookie, so no browser can be used for it */
                open += (r->flags & PAGE_BOTH) == 0;     /* the others are portals', who prove themselves each time */
                continue;
            }
            if (!may) continue; /* refused before, see above */
            made_up(r->pattern, path);
            for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
                struct exchange_of_test x;
                web_request(&x, HTTP_POST, path);
                x.request.client.bytes[1] = (uint8_t)seen; /* the limit of forms is another test's */
                x.request.client.bytes[2] = (uint8_t)i;
                web_header(&x, "Cookie", own.cookie);
                web_header(&x, "X-HTTP-Method-Override", "GET");
                if (i == 3) web_header(&x, "Origin", "https://otro.example");
                web_form(&x, arena_print(&x.arena, "csrf=%s&a=b", tokens[i]));
                int status = web_send(w, &x);
                if (status != 403 || x.response.error != RFD_E_CSRF)
                    fail_msg("POST %s with token %zu: %d", path, i, status);
                web_forget(&x);
            }
            seen++;
        }
    }
    assert_true(seen > 40);
    assert_true(open <= 4); /* OpenID Connect's endpoints for programs */
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_ids_of_another_entity),
        cmocka_unit_test_setup_teardown(test_ids_in_queries, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_sessions_of_others, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_every_form_for_every_role),
        cmocka_unit_test_setup_teardown(test_every_form_needs_its_token, domain_store_sqlite, domain_store_close),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
