/* SPDX-License-Identifier: EUPL-1.2
 *
 * The catalogues of registration: the pack's, what administrators change of them, and who may.
 */
#include "organisation_world.h"

#include "base/error.h"
#include "domain/registration/catalogue.h"

static struct house *h;

static void as_administrator(void)
{
    house_as(h, &(struct actor_role){.role = ROLE_ADMINISTRATOR});
}

/* ---- Calls, each in a transaction of its own ---- */

struct call {
    const char *country, *catalogue, *code;
    bool all;
    const struct catalogue_entry *put;
    struct catalogue_entry *entries;
    size_t count;
};

static void keep(slice *text)
{
    *text = arena_copy(&h->arena, *text);
}

static void keep_entry(struct catalogue_entry *e)
{
    keep(&e->country);
    keep(&e->catalogue);
    keep(&e->code);
    keep(&e->es);
    keep(&e->ca);
    keep(&e->en);
    keep(&e->value);
}

static rfd_status read_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct catalogue_entry *found = NULL;
    TRY(catalogue_read(t, h->packs, slice_text(c->country), c->catalogue, c->all, &found, &c->count, error));
    c->entries = arena_zeroed(&h->arena, c->count + 1, sizeof *found);
    assert_non_null(c->entries);
    for (size_t i = 0; i < c->count; i++) {
        c->entries[i] = found[i];
        keep_entry(&c->entries[i]);
    }
    return RFD_OK;
}

static struct call look(const char *country, const char *catalogue, bool all)
{
    struct call c = {.country = country, .catalogue = catalogue, .all = all};
    assert_int_equal(store_read(h->store, read_work, &c, &h->error), RFD_OK);
    return c;
}

static rfd_status find_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    TRY(catalogue_find(t, h->packs, slice_text(c->country), c->catalogue, slice_text(c->code), c->entries, error));
    keep_entry(c->entries);
    return RFD_OK;
}

static struct catalogue_entry find(const char *country, const char *catalogue, const char *code, rfd_status expected)
{
    struct catalogue_entry e = {.place = 0};
    struct call c = {.country = country, .catalogue = catalogue, .code = code, .entries = &e};
    assert_int_equal(store_read(h->store, find_work, &c, &h->error), expected);
    return e;
}

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    h->faults.count = 0;
    return catalogue_put(t, &h->actor, h->packs, context, &h->faults, error);
}

static void put(const struct catalogue_entry *entry, rfd_status expected)
{
    struct catalogue_entry copy = *entry;
    rfd_status status = house_write(h, put_work, &copy);
    if (status != expected) fail_msg("%d, not %d: %s", status, expected, h->error.detail);
}

static rfd_status reset_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct call *c = context;
    return catalogue_reset(t, &h->actor, h->packs, slice_text(c->country), c->catalogue, slice_text(c->code), error);
}

static void reset(const char *country, const char *catalogue, const char *code, rfd_status expected)
{
    struct call c = {.country = country, .catalogue = catalogue, .code = code};
    assert_int_equal(house_write(h, reset_work, &c), expected);
}

static struct catalogue_entry entry(const char *catalogue, const char *code, const char *es, const char *value)
{
    return (struct catalogue_entry){.country = SLICE("pe"),
                                    .catalogue = slice_text(catalogue),
                                    .code = slice_text(code),
                                    .es = slice_text(es),
                                    .value = slice_text(value)};
}

static size_t position(const struct call *c, const char *code)
{
    size_t i = 0;
    while (i < c->count && !slice_is(c->entries[i].code, code)) i++;
    return i;
}

/* ---- Reading ---- */

static void test_as_the_pack_has_it(void **state)
{
    h = house_open(state);
    struct call c = look("pe", "kind", false);
    const struct pack_catalogue *pack = packs_catalogue(h->packs, SLICE("pe"), "kind");
    assert_int_equal(c.count, pack->count);
    for (size_t i = 0; i < c.count; i++) {
        assert_true(slice_is(c.entries[i].code, pack->entries[i].code));
        assert_false(c.entries[i].changed || c.entries[i].closed || c.entries[i].own);
        assert_true(c.entries[i].place == (int64_t)(i + 1) * 10);
    }
    struct catalogue_entry e = find("pe", "motive", "forgotten-password", RFD_OK);
    assert_true(slice_is(catalogue_title(&e, SLICE("es")), "Olvido de la contraseña o del PIN"));
    assert_true(slice_is(catalogue_title(&e, SLICE("ca")), "Oblit de la contrasenya o del PIN"));
    assert_true(slice_is(catalogue_title(&e, SLICE("en")), "Forgotten password or PIN"));
    assert_true(slice_is(catalogue_title(&e, SLICE("fr")), "Olvido de la contraseña o del PIN"));
    assert_true(slice_is(catalogue_value(&e, "payment"), "yes"));
    assert_true(slice_is(catalogue_value(&e, "reason"), ""));
    assert_true(catalogue_has(&e, "kinds", SLICE("reissue")));
    assert_false(catalogue_has(&e, "kinds", SLICE("issue")));
    assert_true(catalogue_has(&e, "nothing", SLICE("anything")));
    struct catalogue_entry file = find("pe", "evidence", "photograph", RFD_OK);
    struct pack_evidence evidence;
    catalogue_evidence(&file, &evidence);
    assert_true(evidence.agency && evidence.picture && evidence.required && !evidence.online);
    (void)find("pe", "kind", "sell", RFD_E_NOT_FOUND);
    (void)find("pe", "fruit", "apple", RFD_E_NOT_FOUND);
    (void)find("zz", "kind", "issue", RFD_E_NOT_FOUND);
    (void)find("common", "kind", "issue", RFD_E_NOT_FOUND);
}

/* ---- Changing ---- */

static void test_replace_close_and_reset(void **state)
{
    h = house_open(state);
    as_administrator();
    struct catalogue_entry e = entry("motive", "expiry", "Vence pronto", "kinds=renew");
    put(&e, RFD_OK);
    e = find("pe", "motive", "expiry", RFD_OK);
    assert_true(e.changed && !e.own && !e.closed);
    assert_int_equal(e.place, 30); /* where it was */
    assert_true(slice_is(e.es, "Vence pronto"));
    assert_true(slice_is(catalogue_title(&e, SLICE("ca")), "Vence pronto")); /* nothing was written in it */
    assert_true(slice_is(find("mx", "motive", "expiry", RFD_OK).es, "Vencimiento del certificado"));
    e.closed = true;
    put(&e, RFD_OK);
    struct call open = look("pe", "motive", false);
    struct call all = look("pe", "motive", true);
    assert_int_equal(open.count + 1, all.count);
    assert_int_equal(position(&open, "expiry"), open.count);
    assert_int_equal(position(&all, "expiry"), 2);
    assert_true(find("pe", "motive", "expiry", RFD_OK).closed); /* of requests that have it */
    reset("pe", "motive", "expiry", RFD_OK);
    reset("pe", "motive", "expiry", RFD_OK);
    assert_false(find("pe", "motive", "expiry", RFD_OK).changed);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit_waiting WHERE action = 'catalogue.put'"), 2);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit_waiting WHERE action = 'catalogue.reset'"), 1);
}

static void test_entries_of_ones_own(void **state)
{
    h = house_open(state);
    as_administrator();
    struct catalogue_entry first = entry("device", "smart-watch", "Reloj", "");
    put(&first, RFD_OK);
    put(&first, RFD_OK);
    struct call c = look("pe", "device", false);
    assert_int_equal(position(&c, "smart-watch"), c.count - 1);
    assert_true(c.entries[c.count - 1].own);
    first.place = 5;
    put(&first, RFD_OK);
    c = look("pe", "device", false);
    assert_int_equal(position(&c, "smart-watch"), 0);
    reset("pe", "device", "smart-watch", RFD_OK);
    (void)find("pe", "device", "smart-watch", RFD_E_NOT_FOUND);
}

/* Requests keep the codes they were filed with. */
static void test_what_is_used_stays(void **state)
{
    h = house_open(state);
    as_administrator();
    struct catalogue_entry own = entry("motive", "new-law", "Nueva ley", "kinds=issue");
    put(&own, RFD_OK);
    struct catalogue_entry reason = entry("revocation", "new-law", "Nueva ley", "reason=9");
    put(&reason, RFD_OK);
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO request(code, way, kind, motive, description, country, state, entity, language, "
                   "in_person, created, note, external, sort_name) VALUES ('S-0001-2026', 'online', 'issue', "
                   "'new-law', '', 'pe', 'started', %lld, 'es', FALSE, 0, '', FALSE, '')",
                   (long long)h->entity);
    (void)domain_store_run(h->store, sql);
    reset("pe", "motive", "new-law", RFD_E_STATE);
    assert_true(find("pe", "motive", "new-law", RFD_OK).own);
    reset("pe", "revocation", "new-law", RFD_OK); /* another catalogue's */
    own.closed = true;
    put(&own, RFD_OK);
    struct call c = look("pe", "motive", false);
    assert_int_equal(position(&c, "new-law"), c.count);
}

static void test_faults(void **state)
{
    static const struct {
        const char *catalogue, *code, *es, *value, *fields;
    } rows[] = {{"device", "", "Algo", "", "code"},
                {"device", "Algo", "Algo", "", "code"},
                {"device", "a b", "Algo", "", "code"},
                {"device", "thing", "", "", "es"},
                {"device", "thing", "Dos\nlíneas", "", "es"},
                {"device", "thing", "Algo", "payment=yes", "value"},
                {"motive", "thing", "Algo", "kinds=isue", "value"},
                {"motive", "thing", "Algo", "kinds=issue,sell", "value"},
                {"motive", "thing", "Algo", "payment=si", "value"},
                {"revocation", "thing", "Algo", "", "value"},
                {"revocation", "thing", "Algo", "reason=6", "value"},
                {"evidence", "thing", "Algo", "types=zip", "value"},
                {"evidence", "-", "", "types=zip", "code es value"}};
    h = house_open(state);
    as_administrator();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct catalogue_entry e = entry(rows[i].catalogue, rows[i].code, rows[i].es, rows[i].value);
        put(&e, RFD_E_INVALID);
        house_faulty(h, rows[i].fields);
    }
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM catalogue_entry"), 0);
    struct catalogue_entry e = entry("fruit", "apple", "Manzana", "");
    put(&e, RFD_E_NOT_FOUND);
    e = entry("device", "thing", "Algo", "");
    e.country = SLICE("zz");
    put(&e, RFD_E_NOT_FOUND);
}

static void test_who_may(void **state)
{
    h = house_open(state);
    struct catalogue_entry e = entry("device", "thing", "Algo", "");
    house_as(h, &(struct actor_role){.role = ROLE_AUDITOR});
    put(&e, RFD_E_FORBIDDEN);
    reset("pe", "device", "token", RFD_E_FORBIDDEN);
    house_as(h, &(struct actor_role){.role = ROLE_CERTIFYING_AGENT, .entity = h->entity});
    put(&e, RFD_E_FORBIDDEN);
    house_as_nobody(h);
    put(&e, RFD_E_UNAUTHORISED);
    reset("pe", "device", "token", RFD_E_UNAUTHORISED);
    house_as_system(h);
    put(&e, RFD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_as_the_pack_has_it),
        ON_BOTH_STORES(test_replace_close_and_reset),
        ON_BOTH_STORES(test_entries_of_ones_own),
        ON_BOTH_STORES(test_what_is_used_stays),
        ON_BOTH_STORES(test_faults),
        ON_BOTH_STORES(test_who_may),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
