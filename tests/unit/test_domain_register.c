/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is done with the register: searching, counting, expiring, notices, comparing with the keeper's journal, taking
 * over another program's certificates, registration clients. In both databases, with a real keeper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"
#include "pki_fixture.h"

#include <stdio.h>

#define ACTOR    SLICE("admin:test")
#define OPERATOR SLICE("operaciones@example.pe")
#define DAY      (86400 * RFD_SECOND)

static struct arena arena;
static int64_t ca;

static struct authority_domain *begin(void **state)
{
    arena_dispose(&arena);
    arena_init(&arena, 64 << 20);
    clock_fix(RFD_TIME_NONE);
    return authority_world(state, &ca);
}

static void revoke(struct authority_domain *d, slice serial, int reason)
{
    struct authority_change c = {
        .actor = ACTOR, .authority = ca, .serial = serial, .reason = reason, .invalid_since = RFD_TIME_NONE};
    WORLD_OK(authority_revoke(d, &c, &error));
}

/* --- Searching ---------------------------------------------------------------------------------------------------- */

static const struct authority_search everything = {.ends_before = RFD_TIME_NONE, .limit = 100};

static size_t search(struct authority_domain *d, const struct authority_search *s, struct certificate_row **rows)
{
    struct certificate_row *found = NULL;
    size_t count = 0;
    WORLD_OK(authority_search(d, s, &arena, &found, &count, &error));
    if (rows != NULL) *rows = found;
    return count;
}

static size_t search_text(struct authority_domain *d, const char *text, struct certificate_row **rows)
{
    struct authority_search s = everything;
    s.text = slice_text(text);
    return search(d, &s, rows);
}

static void test_search(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row *rows, first = world_issue(d, ca, 3001), second = world_issue(d, ca, 3002);
    char serial[41] = "";
    for (size_t i = 0; i < 10; i++) (void)snprintf(serial + 2 * i, 3, "%02X", first.serial.data[i]);
    assert_int_equal(search(d, &everything, &rows), 2);
    assert_true(rows[0].id == second.id && rows[1].id == first.id && slice_equal(rows[0].der, second.der));
    assert_int_equal(search_text(d, "IDCPE-00003001", &rows), 1);
    assert_true(rows[0].id == first.id);
    assert_int_equal(search_text(d, "IDCPE-0000300", NULL), 2);
    assert_int_equal(search_text(d, "00003002", &rows), 1); /* not from its beginning */
    assert_true(rows[0].id == second.id);
    assert_int_equal(search_text(d, serial, &rows), 1);
    assert_true(rows[0].id == first.id);
    serial[5] = '\0'; /* an odd number of digits */
    assert_true(search_text(d, serial, &rows) >= 1);
    assert_int_equal(search_text(d, "MAMANI", NULL), 2);
    assert_int_equal(search_text(d, "request-3002", NULL), 1);
    assert_int_equal(search_text(d, "rosa@", NULL), 2);
    assert_int_equal(search_text(d, "%", NULL), 0);
    assert_int_equal(search_text(d, "rosa_example", NULL), 0);
    assert_int_equal(search_text(d, "\\", NULL), 0);
    assert_int_equal(search_text(d, "';--", NULL), 0);
    struct authority_search s = everything;
    s.limit = 1;
    assert_int_equal(search(d, &s, &rows), 1);
    s.before = rows[0].id;
    assert_int_equal(search(d, &s, &rows), 1);
    assert_true(rows[0].id == first.id);
    s.before = rows[0].id;
    assert_int_equal(search(d, &s, &rows), 0);
    s.text = SLICE("\xff");
    assert_int_equal(authority_search(d, &s, &arena, &rows, &(size_t){0}, NULL), RFD_E_ARGUMENT);
}

static void test_search_by_state(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row *rows, first = world_issue(d, ca, 3003);
    (void)world_issue(d, ca, 3004);
    revoke(d, first.serial, 5);
    struct authority_search s = everything;
    s.state = CERTIFICATE_REVOKED;
    assert_int_equal(search(d, &s, &rows), 1);
    assert_true(rows[0].id == first.id && rows[0].reason == 5);
    s.state = CERTIFICATE_VALID;
    assert_int_equal(search(d, &s, NULL), 1);
    s.ends_before = clock_now() + DAY;
    assert_int_equal(search(d, &s, NULL), 0);
    s.ends_before = first.not_after + DAY;
    assert_int_equal(search(d, &s, NULL), 1);
    s.state = CERTIFICATE_NONE;
    assert_int_equal(search(d, &s, NULL), 2);
    s.profile = SLICE("tsa");
    assert_int_equal(search(d, &s, NULL), 0);
    s.profile = SLICE("pe-natural-person");
    assert_int_equal(search(d, &s, NULL), 2);
    s.state = CERTIFICATE_HELD;
    assert_int_equal(search(d, &s, NULL), 0);
}

/* --- The end ------------------------------------------------------------------------------------------------------ */

static void test_expire(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 3101), held = world_issue(d, ca, 3102),
                           revoked = world_issue(d, ca, 3103);
    struct authority_change hold = {.actor = ACTOR, .authority = ca, .serial = held.serial};
    struct authority_counts counts;
    struct responder_record record;
    size_t done = 9;
    WORLD_OK(authority_hold(d, &hold, &error));
    revoke(d, revoked.serial, 4);
    WORLD_OK(authority_expire(d, 100, &done, &error));
    assert_int_equal(done, 0);
    clock_fix(row.not_after + DAY);
    WORLD_OK(authority_expire(d, 100, &done, &error));
    assert_int_equal(done, 1);
    WORLD_OK(authority_count(d, ca, &counts, &error));
    assert_true(counts.valid == 0 && counts.held == 1 && counts.revoked == 1 && counts.expired == 1);
    /* Still good, and known since the authority began. */
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &record, &error));
    assert_true(record.state == RESPONDER_GOOD);
    assert_true(record.archive_cutoff == authority_world_certificate()->not_before);
    /* Released after its end, it expires then. */
    WORLD_OK(authority_release(d, &hold, &error));
    WORLD_OK(authority_expire(d, 100, &done, &error));
    assert_int_equal(done, 1);
    WORLD_OK(authority_expire(d, 100, &done, &error));
    assert_int_equal(done, 0);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate_ending"), 0);
    clock_fix(RFD_TIME_NONE);
}

static void test_counts(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 3104);
    struct authority_counts counts;
    (void)world_issue(d, ca, 3105);
    WORLD_OK(authority_count(d, ca, &counts, &error));
    assert_true(counts.valid == 2 && counts.revoked == 0 && counts.ending_30_days == 0);
    assert_true(counts.next_crl == RFD_TIME_NONE);
    WORLD_OK(authority_count(d, 0, &counts, &error));
    assert_int_equal(counts.valid, 2);
    WORLD_OK(authority_count(d, ca - 1, &counts, &error));
    assert_int_equal(counts.valid, 0);
    clock_fix(row.not_after - 29 * DAY);
    WORLD_OK(authority_count(d, ca, &counts, &error));
    assert_int_equal(counts.ending_30_days, 2);
    clock_fix(RFD_TIME_NONE);
}

/* --- Notices ------------------------------------------------------------------------------------------------------ */

static size_t notices_at(struct authority_domain *d, rfd_time now, slice operator_mail)
{
    size_t done = 99;
    clock_fix(now);
    WORLD_OK(authority_put_notices(d, operator_mail, &done, &error));
    clock_fix(RFD_TIME_NONE);
    return done;
}

static void test_notices(void **state)
{
    static const struct {
        int hours; /* before the end */
        size_t mails;
    } days[] = {{31 * 24, 0},     {30 * 24 - 1, 1}, {29 * 24, 0}, {20 * 24 - 1, 1}, {19 * 24, 0},
                {10 * 24 - 1, 1}, {10 * 24 - 2, 0}, {6 * 24, 0},  {5 * 24 - 1, 1},  {4 * 24 - 1, 1},
                {3 * 24 - 1, 1},  {2 * 24 - 1, 1},  {23, 1},      {22, 0},          {1, 0}};
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 3201);
    struct outbox_item *items;
    size_t count;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        size_t done = notices_at(d, row.not_after - days[i].hours * 3600 * RFD_SECOND, SLICE_EMPTY);
        if (done != days[i].mails) fail_msg("%d hours before the end: %zu mails", days[i].hours, done);
    }
    clock_fix(row.not_after);
    WORLD_OK(outbox_take(d->store, OUTBOX_MAIL, 60, 20, &arena, &items, &count, &error));
    clock_fix(RFD_TIME_NONE);
    assert_int_equal(count, 8);
    size_t first = 0, last = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_is(items[i].to, "rosa@example.pe"));
        if (slice_is(items[i].subject, "Su certificado digital termina en 30 días")) first = i + 1;
        if (slice_is(items[i].subject, "Su certificado digital termina mañana")) last = i + 1;
    }
    assert_true(first > 0 && last > 0);
    slice first_text = items[first - 1].text;
    char text[4096];
    (void)snprintf(text, sizeof text, "%.*s", (int)first_text.length, (const char *)first_text.data);
    assert_non_null(strstr(text, "Titular: Rosa María Quispe Mamani (IDCPE-00003201)"));
    assert_non_null(strstr(text, " de 20"));
}

/* A service that was not running for weeks sends one mail, not all that it missed. */
static void test_notices_after_a_break(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 3202);
    assert_int_equal(notices_at(d, row.not_after - 40 * DAY, SLICE_EMPTY), 0);
    assert_int_equal(notices_at(d, row.not_after - 8 * DAY, SLICE_EMPTY), 1);
    assert_int_equal(notices_at(d, row.not_after - 8 * DAY, SLICE_EMPTY), 0);
    assert_int_equal(notices_at(d, row.not_after - 5 * DAY, SLICE_EMPTY), 1);
}

static const char people_sqlite[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO certificate(authority, "
    "serial, profile, subject, subject_id, mail, not_before, not_after, issued_at, request, client) SELECT (SELECT "
    "max(id) FROM authority), CAST('A' || i AS BLOB), 'p', 'Persona ' || i, 'ID-' || i, 'p' || i || '@example.pe', 0, "
    "1900000000000000 + i / 700, 0, '', '' FROM n";
static const char people_postgresql[] =
    "INSERT INTO certificate(authority, serial, profile, subject, subject_id, mail, not_before, not_after, issued_at, "
    "request, client) SELECT (SELECT max(id) FROM authority), convert_to('A' || i, 'UTF8'), 'p', 'Persona ' || i, "
    "'ID-' || i, 'p' || i || '@example.pe', 0, 1900000000000000 + i / 700, 0, '', '' FROM generate_series(1, 1200) i";

/* More than what is done in one transaction, with the same end. */
static void test_notices_to_many(void **state)
{
    struct authority_domain *d = begin(state);
    domain_store_run(d->store, store_kind(d->store) == STORE_SQLITE ? people_sqlite : people_postgresql);
    domain_store_run(d->store, "INSERT INTO certificate_status(serial, authority, certificate, state, part) SELECT "
                               "serial, authority, id, 1, 0 FROM certificate");
    domain_store_run(d->store,
                     "INSERT INTO certificate_ending(not_after, certificate) SELECT not_after, id FROM certificate");
    assert_int_equal(notices_at(d, INT64_C(1900000000000000) - 29 * DAY, SLICE_EMPTY), 1200);
    assert_int_equal(notices_at(d, INT64_C(1900000000000000) - 29 * DAY, SLICE_EMPTY), 0);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM outbox"), 1200);
}

static void test_no_notices_with_successor(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 3203), revoked = world_issue(d, ca, 3204);
    assert_int_equal(notices_at(d, row.not_after - 30 * DAY, SLICE_EMPTY), 2);
    revoke(d, revoked.serial, 5);
    assert_int_equal(notices_at(d, row.not_after - 20 * DAY, SLICE_EMPTY), 1);
    (void)world_issue(d, ca, 3205);
    domain_store_run(d->store, "DELETE FROM certificate_ending WHERE certificate IN (SELECT id FROM certificate WHERE "
                               "subject_id = 'IDCPE-00003205')");
    domain_store_run(d->store, "UPDATE certificate SET not_after = not_after + 31536000000000, subject_id = "
                               "'IDCPE-00003203' WHERE subject_id = 'IDCPE-00003205'");
    assert_int_equal(notices_at(d, row.not_after - 10 * DAY, SLICE_EMPTY), 0);
}

static void test_notices_to_operators(void **state)
{
    struct authority_domain *d = begin(state);
    rfd_time end = authority_world_certificate()->not_after;
    size_t made;
    assert_int_equal(notices_at(d, end - 40 * DAY, OPERATOR), 0);
    assert_int_equal(notices_at(d, end - 30 * DAY, SLICE_EMPTY), 0);
    /* The outbox takes each once; what is told as done is what was put. */
    (void)notices_at(d, end - 30 * DAY, OPERATOR);
    (void)notices_at(d, end - 30 * DAY, OPERATOR);
    (void)notices_at(d, end - 29 * DAY, OPERATOR);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM outbox WHERE identity LIKE "
                                                   "'authority-issuing-1-a-%'"),
                     1);
    clock_fix(RFD_TIME_NONE);
    WORLD_OK(authority_make_crls(d, ca, 3600 * RFD_SECOND, true, &made, &error));
    (void)notices_at(d, clock_now(), OPERATOR);
    assert_int_equal(
        domain_store_number(d->store, "SELECT count(*) FROM outbox WHERE identity LIKE 'crl-issuing-1-0-%'"), 0);
    (void)notices_at(d, clock_now() + 23 * 3600 * RFD_SECOND, OPERATOR);
    assert_int_equal(
        domain_store_number(d->store, "SELECT count(*) FROM outbox WHERE identity LIKE 'crl-issuing-1-0-%'"), 1);
}

/* --- The keeper's journal ----------------------------------------------------------------------------------------- */

static void test_reconcile(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t;
    struct certificate_row row, *rows;
    size_t found = 99, earlier;
    bool again;
    static unsigned runs;
    rfd_time now = clock_now() + ++runs * 7200 * RFD_SECOND;
    /* What the tests before this one had signed is in the journal, and not in this database. */
    clock_fix(now + 600 * RFD_SECOND);
    WORLD_OK(authority_reconcile(d, ca, &earlier, &error));
    WORLD_OK(authority_reconcile(d, ca, &found, &error));
    assert_int_equal(found, 0);
    int64_t before = domain_store_number(d->store, "SELECT number FROM status_counter");
    (void)world_issue(d, ca, 3301);
    ticket_new(&t, ca, 3302, "key");
    authority_world_refuse(RFD_E_DEADLINE, true);
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_DEADLINE);
    authority_world_refuse(RFD_OK, false);
    WORLD_OK(authority_reconcile(d, ca, &found, &error));
    assert_int_equal(found, 0); /* it may yet be stored */
    clock_fix(now + 1200 * RFD_SECOND);
    WORLD_OK(authority_reconcile(d, ca, &found, &error));
    assert_int_equal(found, 1);
    WORLD_OK(authority_reconcile(d, ca, &found, &error));
    assert_int_equal(found, 0);
    assert_true(search(d, &everything, &rows) > 0);
    struct responder_record record;
    WORLD_OK(authority_look_up(d->store, ca, rows[0].serial, &record, &error));
    assert_true(record.state == RESPONDER_REVOKED);
    assert_true(rows[0].partition < WORLD_PARTITIONS);
    assert_int_equal(domain_store_number(d->store, "SELECT number FROM status_counter"), before + 1);
    /* Who asks again now does not get what is in the lists. */
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_STATE);
    /* A journal that began anew (the keeper was restored): all of it is compared again, nothing is found. */
    domain_store_run(d->store, "UPDATE authority SET journal_position = journal_position + 1000000");
    WORLD_OK(authority_reconcile(d, ca, &found, &error));
    assert_int_equal(found, 0);
    ticket_free(&t);
    clock_fix(RFD_TIME_NONE);
}

/* --- Services ----------------------------------------------------------------------------------------------------- */

static void test_store_service(void **state)
{
    struct authority_domain *d = begin(state);
    struct identity service = identity_new("P-256", "Sello de tiempo", NULL, NULL);
    struct certificate_row row, found;
    struct responder_record record;
    WORLD_OK(authority_store_service(d, ACTOR, ca, SLICE("tsa"), service.certificate->der, 2, &arena, &row, &error));
    WORLD_OK(authority_certificate(d, ca, service.certificate->serial, &arena, &found, &error));
    assert_true(found.id == row.id && found.partition == 2 && slice_is(found.profile, "tsa"));
    assert_int_equal(
        authority_store_service(d, ACTOR, ca, SLICE("tsa"), service.certificate->der, 2, &arena, &row, NULL),
        RFD_E_STORE_CONFLICT);
    WORLD_OK(authority_look_up(d->store, ca, service.certificate->serial, &record, &error));
    assert_true(record.state == RESPONDER_GOOD);
    identity_free(&service);
}

/* --- From elsewhere ----------------------------------------------------------------------------------------------- */

static void test_import(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row issued = world_issue(d, ca, 3401), *rows;
    size_t added = 99;
    /* Another database, to which the certificate is new. */
    domain_store_run(d->store, "DELETE FROM certificate_status");
    domain_store_run(d->store, "DELETE FROM public_key");
    struct authority_import_row list[] = {
        {.certificate = issued.der, .revoked_at = RFD_TIME_NONE},
        {.serial = SLICE("\x01one"),
         .revoked_at = clock_now() - DAY,
         .reason = 4,
         .not_after = clock_now() + DAY,
         .subject = SLICE("Uno")},
        {.serial = SLICE("\x01two"), .revoked_at = clock_now() - DAY, .reason = 6, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x01three"), .revoked_at = RFD_TIME_NONE, .not_after = clock_now() - DAY},
    };
    WORLD_OK(authority_import(d, ACTOR, ca, list, 4, SLICE("\x05\x39"), &added, &error));
    assert_int_equal(added, 4);
    WORLD_OK(authority_import(d, ACTOR, ca, list, 4, SLICE("\x05\x38"), &added, &error));
    assert_int_equal(added, 0);
    struct authority_counts counts;
    WORLD_OK(authority_count(d, ca, &counts, &error));
    assert_true(counts.valid == 1 && counts.held == 1 && counts.revoked == 1 && counts.expired == 1);
    assert_int_equal(search_text(d, "Uno", &rows), 1);
    assert_true(rows[0].reason == 4 && rows[0].der.length == 0);
    assert_int_equal(domain_store_number(d->store, "SELECT number FROM status_counter"), 2);
    revoke(d, SLICE("\x01two"), 1); /* without certificate: nothing to block */
    /* One of another authority. */
    struct identity other = identity_new("P-256", "Otra", NULL, NULL);
    struct authority_import_row foreign = {.certificate = other.certificate->der, .revoked_at = RFD_TIME_NONE};
    assert_int_equal(authority_import(d, ACTOR, ca, &foreign, 1, SLICE_EMPTY, &added, NULL), RFD_E_SIGNING);
    identity_free(&other);
}

/** What an import takes over goes onto lists: one that cannot be signed would be the end of all lists. */
static void test_import_of_what_no_list_may_have(void **state)
{
    struct authority_domain *d = begin(state);
    const rfd_time past = clock_now() - DAY;
    size_t made = 0, added = 0;
    const struct authority_import_row rows[] = {
        {.serial = SLICE("\x01tomorrow"), .revoked_at = clock_now() + DAY, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x00"), .revoked_at = past, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x81minus"), .revoked_at = past, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x00\x01long"), .revoked_at = past, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x01seven"), .revoked_at = past, .reason = 7, .not_after = clock_now() + DAY},
        {.serial = SLICE("\x01"
                         "eight"),
         .revoked_at = past,
         .reason = 8,
         .not_after = clock_now() + DAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(authority_import(d, ACTOR, ca, &rows[i], 1, SLICE_EMPTY, &added, NULL), RFD_E_ARGUMENT);
        WORLD_OK(authority_make_crls(d, ca, 0, true, &made, &error));
    }
}

/** Whatever another program wrote as a name must not keep others from being told that theirs ends. */
static void test_import_of_an_odd_name(void **state)
{
    static uint8_t name[6000];
    struct authority_domain *d = begin(state);
    struct certificate_row *rows;
    size_t added = 0, done = 0;
    memset(name, 'a', sizeof name);
    memcpy(name, "Uno\r\nBcc: \xff", 12);
    const struct authority_import_row row = {.serial = SLICE("\x01odd"),
                                             .revoked_at = RFD_TIME_NONE,
                                             .not_after = clock_now() + 5 * DAY,
                                             .subject = slice_of(name, sizeof name)};
    WORLD_OK(authority_import(d, ACTOR, ca, &row, 1, SLICE_EMPTY, &added, &error));
    assert_int_equal(search_text(d, "Uno", &rows), 1);
    assert_null(memchr(rows[0].subject.data, '\n', rows[0].subject.length));
    WORLD_OK(authority_put_notices(d, OPERATOR, &done, &error));
    assert_true(done > 0);
}

/* --- Registration clients ----------------------------------------------------------------------------------------- */

static void test_clients(void **state)
{
    struct authority_domain *d = begin(state);
    struct identity first = identity_new("P-256", "Municipio", NULL, NULL),
                    second = identity_new("P-256", "Municipio", NULL, NULL);
    struct registration_client c;
    assert_int_equal(client_find(d->store, first.certificate->der, &arena, &c, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(client_register(d, ACTOR, SLICE("municipio"), first.certificate->der, &error));
    WORLD_OK(client_find(d->store, first.certificate->der, &arena, &c, &error));
    assert_true(slice_is(c.name, "municipio") && c.enabled);
    assert_int_equal(client_register(d, ACTOR, SLICE("otro"), first.certificate->der, NULL), RFD_E_STORE_CONFLICT);
    assert_int_equal(client_register(d, ACTOR, SLICE(""), first.certificate->der, NULL), RFD_E_ARGUMENT);
    WORLD_OK(client_enable(d, ACTOR, SLICE("municipio"), false, &error));
    assert_int_equal(client_find(d->store, first.certificate->der, &arena, &c, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(client_enable(d, ACTOR, SLICE("municipio"), true, &error));
    WORLD_OK(client_find(d->store, first.certificate->der, &arena, &c, &error));
    WORLD_OK(client_register(d, ACTOR, SLICE("municipio"), second.certificate->der, &error)); /* renewed */
    assert_int_equal(client_find(d->store, first.certificate->der, &arena, &c, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(client_find(d->store, second.certificate->der, &arena, &c, &error));
    assert_int_equal(client_enable(d, ACTOR, SLICE("nadie"), false, NULL), RFD_E_NOT_FOUND);
    identity_free(&first);
    identity_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_search),
        ON_BOTH_STORES(test_search_by_state),
        ON_BOTH_STORES(test_expire),
        ON_BOTH_STORES(test_counts),
        ON_BOTH_STORES(test_notices),
        ON_BOTH_STORES(test_notices_after_a_break),
        ON_BOTH_STORES(test_notices_to_many),
        ON_BOTH_STORES(test_no_notices_with_successor),
        ON_BOTH_STORES(test_notices_to_operators),
        ON_BOTH_STORES(test_store_service),
        ON_BOTH_STORES(test_import),
        ON_BOTH_STORES(test_import_of_what_no_list_may_have),
        ON_BOTH_STORES(test_import_of_an_odd_name),
        ON_BOTH_STORES(test_clients),
        ON_BOTH_STORES(test_reconcile),
    };
    int failed = cmocka_run_group_tests(tests, authority_world_setup, authority_world_teardown);
    arena_dispose(&arena);
    return failed;
}
