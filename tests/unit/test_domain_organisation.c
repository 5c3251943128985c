/* SPDX-License-Identifier: EUPL-1.2
 *
 * Entities, units, positions, people and appointments, in both databases: what is refused, what two do at once, and
 * who may.
 */
#include "organisation_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/list/list.h"

#include <pthread.h>
#include <stdio.h>

/* --- Entities ----------------------------------------------------------------------------------------------------- */

static void test_entity(void **state)
{
    struct house *h = house_open(state);
    struct entity e = {.name = SLICE("  Municipalidad de Ejemplo "),
                       .short_name = SLICE("MDE"),
                       .country = SLICE("pe"),
                       .tax_number = SLICE("20512333797"),
                       .domains = SLICE("ejemplo.gob.pe muni.example")};
    int64_t id = house_put_entity(h, &e, RFD_OK);
    assert_string_equal(house_text(h, "SELECT name FROM entity WHERE id = 2"), "Municipalidad de Ejemplo");
    e.id = 0;
    (void)house_put_entity(h, &e, RFD_E_INVALID);
    house_faulty(h, "tax_number");
    e.tax_number = SLICE_EMPTY;
    e.name = SLICE("a\nb");
    e.domains = SLICE("ejemplo");
    (void)house_put_entity(h, &e, RFD_E_INVALID);
    house_faulty(h, "tax_number name domains");
    e = (struct entity){.id = id,
                        .name = SLICE("Municipalidad de Ejemplo"),
                        .short_name = SLICE("MDE"),
                        .country = SLICE("es"),
                        .tax_number = SLICE("20512333797")};
    (void)house_put_entity(h, &e, RFD_E_INVALID);
    house_faulty(h, "country");
    e.id = 999;
    (void)house_put_entity(h, &e, RFD_E_NOT_FOUND);
}

/** The same again is nothing: no event, no change. */
static void test_same_again(void **state)
{
    struct house *h = house_open(state);
    int64_t events = house_number(h, "SELECT count(*) FROM audit_waiting");
    struct entity e = house_entity(h, h->entity);
    assert_int_equal(house_put_entity(h, &e, RFD_OK), h->entity);
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting"), events);
    e.name = SLICE("Otro nombre \"raro\" \\");
    (void)house_put_entity(h, &e, RFD_OK);
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting"), events + 1);
    assert_string_equal(house_text(h, "SELECT detail FROM audit_waiting WHERE action = 'entity.change'"),
                        "{\"name\":[\"Gobierno de Ejemplo\",\"Otro nombre \\\"raro\\\" \\\\\"]}");
}

/* --- Units -------------------------------------------------------------------------------------------------------- */

static void test_tree_moves(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK), b = house_unit(h, a, "B", RFD_OK), c = house_unit(h, b, "C", RFD_OK);
    int64_t d = house_unit(h, 0, "D", RFD_OK);
    char path[64];
    (void)snprintf(path, sizeof path, "/%lld/%lld/%lld/", (long long)a, (long long)b, (long long)c);
    assert_true(slice_is(house_find_unit(h, c).path, path));
    struct unit u = house_find_unit(h, b);
    u.parent = d;
    (void)house_put_unit(h, &u, RFD_OK);
    (void)snprintf(path, sizeof path, "/%lld/%lld/%lld/", (long long)d, (long long)b, (long long)c);
    assert_true(slice_is(house_find_unit(h, c).path, path));
    u = house_find_unit(h, d);
    u.parent = c; /* below itself */
    (void)house_put_unit(h, &u, RFD_E_INVALID);
    house_faulty(h, "parent");
    u.parent = d;
    (void)house_put_unit(h, &u, RFD_E_INVALID);
    u = house_find_unit(h, b);
    u.parent = 0;
    (void)house_put_unit(h, &u, RFD_OK);
    (void)snprintf(path, sizeof path, "/%lld/%lld/", (long long)b, (long long)c);
    assert_true(slice_is(house_find_unit(h, c).path, path));
    assert_string_equal(house_tree(h), "A B C. D");
}

static void test_unit_faults(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK);
    (void)house_unit(h, 0, "A", RFD_E_INVALID);
    house_faulty(h, "code");
    (void)house_unit(h, 4711, "B", RFD_E_INVALID);
    house_faulty(h, "parent");
    struct entity other = {
        .name = SLICE("Otra"), .short_name = SLICE("O"), .country = SLICE("pe"), .tax_number = SLICE("20512333797")};
    int64_t entity = house_put_entity(h, &other, RFD_OK);
    struct unit u = {.entity = entity, .parent = a, .code = SLICE("B"), .abbreviation = SLICE("B"), .name = SLICE("B")};
    (void)house_put_unit(h, &u, RFD_E_INVALID); /* the parent is another entity's */
    house_faulty(h, "parent");
    u = house_find_unit(h, a);
    u.entity = entity;
    (void)house_put_unit(h, &u, RFD_E_INVALID);
    house_faulty(h, "entity");
    u = (struct unit){.entity = h->entity};
    (void)house_put_unit(h, &u, RFD_E_INVALID);
    house_faulty(h, "code abbreviation name");
    u = (struct unit){.entity = 99, .code = SLICE("B"), .abbreviation = SLICE("B"), .name = SLICE("B")};
    (void)house_put_unit(h, &u, RFD_E_STATE);
}

static void test_tree_has_an_end(void **state)
{
    struct house *h = house_open(state);
    int64_t unit = 0;
    char code[16];
    for (int i = 0; i < 20; i++) {
        (void)snprintf(code, sizeof code, "U%d", i);
        unit = house_unit(h, unit, code, RFD_OK);
    }
    (void)house_unit(h, unit, "DEEP", RFD_E_INVALID);
    int64_t top = house_unit(h, 0, "TOP", RFD_OK);
    struct unit u = house_find_unit(h, house_number(h, "SELECT id FROM unit WHERE code = 'U0'"));
    u.parent = top; /* the whole branch would get too deep */
    (void)house_put_unit(h, &u, RFD_E_INVALID);
    house_faulty(h, "parent");
}

static void test_closing(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK), b = house_unit(h, a, "B", RFD_OK);
    int64_t p = house_position(h, b, "Jefe", true, RFD_OK);
    int64_t person = house_person(h, "10117410", RFD_OK);
    int64_t held = house_appoint(h, person, p, false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    house_close_unit(h, a, RFD_E_STATE);
    assert_non_null(strstr(h->error.detail, "unit B"));
    house_close_unit(h, b, RFD_E_STATE);
    assert_non_null(strstr(h->error.detail, "position Jefe"));
    house_close_position(h, p, RFD_E_STATE);
    house_end(h, held, h->now, RFD_OK);
    house_end(h, held, h->now, RFD_E_STATE);
    house_close_position(h, p, RFD_OK);
    house_close_position(h, p, RFD_E_STATE);
    house_close_unit(h, b, RFD_OK);
    house_close_unit(h, b, RFD_E_STATE);
    (void)house_position(h, b, "Otro", false, RFD_E_INVALID);
    (void)house_unit(h, b, "C", RFD_E_INVALID);
    struct unit u = house_find_unit(h, b);
    u.name = SLICE("Nuevo");
    (void)house_put_unit(h, &u, RFD_E_STATE);
    house_close_entity(h, h->entity, RFD_E_STATE);
    house_close_unit(h, a, RFD_OK);
    house_close_entity(h, h->entity, RFD_OK);
    (void)house_unit(h, 0, "Z", RFD_E_STATE);
}

/* --- Positions and people ----------------------------------------------------------------------------------------- */

static void test_positions(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK), b = house_unit(h, 0, "B", RFD_OK);
    int64_t head = house_position(h, a, "Gerente", true, RFD_OK);
    (void)house_position(h, a, "Subgerente", true, RFD_E_INVALID);
    house_faulty(h, "head");
    (void)house_position(h, a, "  gerénte ", false, RFD_E_INVALID);
    house_faulty(h, "name");
    (void)house_position(h, b, "Gerente", true, RFD_OK);
    (void)house_position(h, 77, "Gerente", true, RFD_E_INVALID);
    house_faulty(h, "unit");
    struct position p = {.unit = a, .name = SLICE("Analista"), .places = 10001};
    (void)house_put_position(h, &p, RFD_E_INVALID);
    house_faulty(h, "places");
    p.places = -1;
    (void)house_put_position(h, &p, RFD_E_INVALID);
    /* A position that somebody has held stays in its unit. */
    int64_t person = house_person(h, "10117410", RFD_OK);
    (void)house_appoint(h, person, head, false, h->now - DAY, h->now, RFD_OK);
    p = (struct position){.id = head, .unit = b, .name = SLICE("Gerente general")};
    (void)house_put_position(h, &p, RFD_E_INVALID);
    house_faulty(h, "unit");
    house_close_position(h, head, RFD_OK);
    (void)house_position(h, a, "Gerente", true, RFD_OK); /* its name and lead are free again */
}

static void test_people(void **state)
{
    struct house *h = house_open(state);
    int64_t id = house_person(h, "10.117.410-2", RFD_OK);
    assert_string_equal(house_text(h, "SELECT number FROM person"), "10117410");
    (void)house_person(h, "10117410", RFD_E_INVALID);
    house_faulty(h, "number");
    (void)house_person(h, "10117410-3", RFD_E_INVALID);
    house_faulty(h, "number");
    (void)house_person(h, "1011741", RFD_E_INVALID);
    struct person p = house_find_person(h, id);
    p.document = SLICE("ruc"); /* of entities */
    (void)house_put_person(h, &p, RFD_E_INVALID);
    house_faulty(h, "document");
    p = house_find_person(h, id);
    p.mail = SLICE("ana at example");
    p.mobile = SLICE("987654321");
    p.language = SLICE("klingon");
    (void)house_put_person(h, &p, RFD_E_INVALID);
    house_faulty(h, "language mail mobile");
    p.mail = SLICE("ana@example.pe");
    p.mobile = SLICE("+51 987-654-321");
    p.language = SLICE("ca");
    (void)house_put_person(h, &p, RFD_OK);
    assert_string_equal(house_text(h, "SELECT mobile FROM person"), "+51987654321");
    static const char *const mails[] = {"a@b",      "@b.pe",   "a@",        "a b@c.pe", "a@b..pe", "a@-b.pe",
                                        "a,b@c.pe", ".a@b.pe", "a..b@c.pe", "a@b.pe.",  "a@b.pe>", "\"a\"@b.pe"};
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
        p.mail = slice_text(mails[i]);
        if (house_put_person(h, &p, RFD_E_INVALID) != 0) fail_msg("%s", mails[i]);
    }
}

/* --- Appointments ------------------------------------------------------------------------------------------------- */

static void test_appointments(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK);
    int64_t head = house_position(h, a, "Gerente", true, RFD_OK), other = house_position(h, a, "Otro", false, RFD_OK);
    int64_t ana = house_person(h, "10117410", RFD_OK), luis = house_person(h, "83604450", RFD_OK);
    rfd_time from = h->now - 100 * DAY;
    int64_t first = house_appoint(h, ana, head, false, from, RFD_TIME_NONE, RFD_OK);
    (void)house_appoint(h, ana, head, true, from, RFD_TIME_NONE, RFD_E_INVALID); /* holds it already */
    house_faulty(h, "position");
    (void)house_appoint(h, ana, other, false, from, RFD_TIME_NONE, RFD_E_INVALID); /* one main one */
    house_faulty(h, "person");
    (void)house_appoint(h, ana, other, true, from, RFD_TIME_NONE, RFD_OK);
    (void)house_appoint(h, luis, head, false, from + DAY, RFD_TIME_NONE, RFD_E_INVALID);
    house_faulty(h, "position");
    (void)house_appoint(h, luis, head, true, from + DAY, RFD_TIME_NONE, RFD_OK);
    (void)house_appoint(h, luis, head, false, from - DAY, from, RFD_OK); /* up to when Ana begins */
    (void)house_appoint(h, luis, head, false, from - 2 * DAY, from - 3 * DAY, RFD_E_INVALID);
    house_faulty(h, "ends");
    (void)house_appoint(h, luis, 99, false, from, RFD_TIME_NONE, RFD_E_INVALID);
    (void)house_appoint(h, 99, head, false, from, RFD_TIME_NONE, RFD_E_INVALID);
    (void)house_appoint(h, luis, other, false, RFD_TIME_NONE, RFD_TIME_NONE, RFD_E_INVALID);
    house_faulty(h, "starts");
    house_end(h, first, from - DAY, RFD_E_STATE); /* before it begins */
    house_end(h, first, h->now - DAY, RFD_OK);
    (void)house_appoint(h, ana, other, false, h->now, RFD_TIME_NONE, RFD_E_INVALID); /* acts there */
    assert_int_equal(house_number(h, "SELECT unit FROM person WHERE number = '10117410'"), a);
}

static void test_places(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK);
    struct position two = {.unit = a, .name = SLICE("Analista"), .places = 2};
    int64_t position = house_put_position(h, &two, RFD_OK);
    int64_t people[] = {house_person(h, "10117410", RFD_OK), house_person(h, "83604450", RFD_OK),
                        house_person(h, "34285249", RFD_OK)};
    (void)house_appoint(h, people[0], position, false, h->now - 10 * DAY, h->now - 5 * DAY, RFD_OK);
    (void)house_appoint(h, people[1], position, false, h->now - 5 * DAY, RFD_TIME_NONE, RFD_OK);
    /* One place is free all the time, though two others hold it at some time. */
    int64_t third = house_appoint(h, people[2], position, false, h->now - 20 * DAY, RFD_TIME_NONE, RFD_OK);
    (void)house_appoint(h, people[0], position, false, h->now, RFD_TIME_NONE, RFD_E_INVALID);
    house_faulty(h, "position");
    house_end(h, third, h->now, RFD_OK);
    (void)house_appoint(h, people[0], position, false, h->now, RFD_TIME_NONE, RFD_OK);
}

static void test_heads(void **state)
{
    struct house *h = house_open(state);
    int64_t top = house_unit(h, 0, "T", RFD_OK), middle = house_unit(h, top, "M", RFD_OK);
    int64_t low = house_unit(h, middle, "L", RFD_OK);
    int64_t boss = house_position(h, top, "Jefa", true, RFD_OK), chief = house_position(h, low, "Jefe", true, RFD_OK);
    int64_t ana = house_person(h, "10117410", RFD_OK), luis = house_person(h, "83604450", RFD_OK);
    int64_t eva = house_person(h, "34285249", RFD_OK), unit;
    assert_int_equal(house_head(h, low, 0, &unit), 0);
    (void)house_appoint(h, ana, boss, false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    assert_int_equal(house_head(h, low, 0, &unit), ana);
    assert_int_equal(unit, top);
    (void)house_appoint(h, luis, chief, false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    assert_int_equal(house_head(h, low, 0, &unit), luis);
    assert_int_equal(unit, low);
    assert_int_equal(house_head(h, low, 1, &unit), ana);
    assert_int_equal(house_head(h, low, 2, &unit), 0);
    assert_int_equal(unit, 0);
    assert_int_equal(house_head(h, middle, 0, &unit), ana);
    int64_t acting = house_appoint(h, eva, chief, true, h->now - DAY, h->now + DAY, RFD_OK);
    assert_int_equal(house_head(h, low, 0, &unit), eva); /* who acts, before who is away */
    house_end(h, acting, h->now, RFD_OK);
    assert_int_equal(house_head(h, low, 0, &unit), luis);
    (void)house_appoint(h, ana, chief, true, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    assert_int_equal(house_head(h, low, 0, &unit), ana);
    assert_int_equal(house_head(h, low, 1, &unit), 0); /* passing on to herself is none */
}

/* --- Who may ------------------------------------------------------------------------------------------------------ */

static void test_who_may(void **state)
{
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK);
    const struct actor_role personnel = {.role = ROLE_PERSONNEL, .entity = h->entity};
    const struct actor_role elsewhere = {.role = ROLE_PERSONNEL, .entity = h->entity + 1};
    const struct actor_role auditor = {.role = ROLE_AUDITOR};
    struct entity e = house_entity(h, h->entity);
    house_as(h, &auditor);
    (void)house_unit(h, a, "X", RFD_E_FORBIDDEN);
    (void)house_put_entity(h, &e, RFD_E_FORBIDDEN);
    (void)house_person(h, "10117410", RFD_E_FORBIDDEN);
    house_as(h, &elsewhere);
    (void)house_unit(h, a, "X", RFD_E_FORBIDDEN);
    (void)house_position(h, a, "X", false, RFD_E_FORBIDDEN);
    house_as(h, &personnel);
    int64_t b = house_unit(h, a, "B", RFD_OK);
    int64_t position = house_position(h, b, "P", false, RFD_OK);
    int64_t person = house_person(h, "10117410", RFD_OK);
    (void)house_appoint(h, person, position, false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    e.id = 0;
    e.tax_number = SLICE("20512333797");
    (void)house_put_entity(h, &e, RFD_E_FORBIDDEN); /* a new one is nobody's own */
    house_as(h, &elsewhere);
    struct person p = house_find_person(h, person);
    p.mail = SLICE("other@example.pe");
    (void)house_put_person(h, &p, RFD_E_FORBIDDEN); /* she works elsewhere */
    house_close_unit(h, b, RFD_E_FORBIDDEN);
    house_as_nobody(h);
    (void)house_unit(h, a, "X", RFD_E_UNAUTHORISED);
}

/** Who could change where links and codes go, or the number that certificates name, could sign in as the person. */
static rfd_status give_account(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(*(int64_t *)context), store_bytes(SLICE("01"))};
    TRY(store_run(t,
                  "INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) "
                  "VALUES ('U1', $1, 1, 'open', '', FALSE, 0, 'es', 0)",
                  values, 1, NULL, error));
    return store_run(t,
                     "INSERT INTO account_link(hash, account, kind, created, ends) SELECT $2, id, 'recovery', 0, "
                     "9000000000000000 FROM account WHERE person = $1",
                     values, 2, NULL, error);
}

static void test_accounts_are_not_taken_over(void **state)
{
    struct house *h = house_open(state);
    const struct actor_role personnel = {.role = ROLE_PERSONNEL, .entity = h->entity};
    int64_t unit = house_unit(h, 0, "A", RFD_OK);
    int64_t id = house_person(h, "10117410", RFD_OK);
    struct person p = house_find_person(h, id);
    (void)house_appoint(h, id, house_position(h, unit, "P", false, RFD_OK), false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    house_as(h, &personnel);
    p.mail = SLICE("ana@example.pe");
    (void)house_put_person(h, &p, RFD_OK); /* nobody signs in as her yet */
    assert_int_equal(house_write(h, give_account, &id), RFD_OK);
    p.mail = SLICE("thief@example.pe");
    (void)house_put_person(h, &p, RFD_E_INVALID);
    house_faulty(h, "mail");
    p.mail = SLICE("ana@example.pe");
    p.mobile = SLICE("+51999999999");
    (void)house_put_person(h, &p, RFD_E_INVALID);
    house_faulty(h, "mobile");
    p.mobile = SLICE_EMPTY;
    p.number = SLICE("20117410");
    (void)house_put_person(h, &p, RFD_E_INVALID);
    house_faulty(h, "number");
    p.number = SLICE("10117410");
    p.surname = SLICE("Otra");
    (void)house_put_person(h, &p, RFD_OK); /* a name signs nobody in */
    assert_int_equal(house_number(h, "SELECT count(*) FROM account_link"), 1);
    const struct actor_role administrator = {.role = ROLE_ADMINISTRATOR};
    house_as(h, &administrator);
    p.mail = SLICE("new@example.pe");
    (void)house_put_person(h, &p, RFD_OK);
    assert_int_equal(house_number(h, "SELECT count(*) FROM account_link"), 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM outbox WHERE name = 'contact-changed' AND recipient = "
                                     "'ana@example.pe'"),
                     1);
}

/* --- Two at once -------------------------------------------------------------------------------------------------- */

struct race {
    struct house *h;
    void (*run)(struct house *h, int n);
    int number;
};

static void *race_thread(void *context)
{
    struct race *r = context;
    r->run(r->h, r->number);
    return NULL;
}

static void race(struct house *h, void (*run)(struct house *h, int n))
{
    enum { RUNNERS = 4 };
    pthread_t threads[RUNNERS];
    struct house copies[RUNNERS];
    struct race races[RUNNERS];
    for (int i = 0; i < RUNNERS; i++) {
        copies[i] = house_copy(h);
        races[i] = (struct race){&copies[i], run, i};
        assert_int_equal(pthread_create(&threads[i], NULL, race_thread, &races[i]), 0);
    }
    for (int i = 0; i < RUNNERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        house_copy_end(&copies[i]);
    }
}

static int64_t race_ids[8];

static void appoint_one(struct house *h, int n)
{
    struct appointment a = {.person = race_ids[n], .position = race_ids[7], .from = h->now, .to = RFD_TIME_NONE};
    (void)house_try_appointment(h, &a);
}

static void move_one(struct house *h, int n)
{
    /* 0 below 1 and 1 below 0, twice over */
    struct unit u = house_find_unit(h, race_ids[n % 2]);
    u.parent = race_ids[1 - n % 2];
    (void)house_try_unit(h, &u);
}

static void test_two_at_once(void **state)
{
    static const char *const numbers[] = {"10117410", "83604450", "34285249", "99560964"};
    struct house *h = house_open(state);
    int64_t a = house_unit(h, 0, "A", RFD_OK), b = house_unit(h, 0, "B", RFD_OK);
    for (int i = 0; i < 4; i++) race_ids[i] = house_person(h, numbers[i], RFD_OK);
    race_ids[7] = house_position(h, a, "Jefe", true, RFD_OK);
    race(h, appoint_one);
    assert_int_equal(house_number(h, "SELECT count(*) FROM appointment"), 1);
    race_ids[0] = a;
    race_ids[1] = b;
    race(h, move_one);
    assert_int_equal(house_number(h, "SELECT count(*) FROM unit WHERE parent IS NULL"), 1);
    assert_int_equal(house_number(h, "SELECT count(*) FROM unit WHERE parent IS NOT NULL"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_entity),
        ON_BOTH_STORES(test_same_again),
        ON_BOTH_STORES(test_tree_moves),
        ON_BOTH_STORES(test_unit_faults),
        ON_BOTH_STORES(test_tree_has_an_end),
        ON_BOTH_STORES(test_closing),
        ON_BOTH_STORES(test_positions),
        ON_BOTH_STORES(test_people),
        ON_BOTH_STORES(test_appointments),
        ON_BOTH_STORES(test_who_may),
        ON_BOTH_STORES(test_places),
        ON_BOTH_STORES(test_heads),
        ON_BOTH_STORES(test_accounts_are_not_taken_over),
        ON_BOTH_STORES(test_two_at_once),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
