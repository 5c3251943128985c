/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals of entities with both keepers, in both databases: from two agents' approvals to a signature that verifies, by
 * the PIN alone; and by whom not: without grant, over the limit, after it was withdrawn, with wrong PINs, through
 * another portal, on people's pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "central_world.h"
#include "domain/central/entity_seal.h"
#include "domain/central/internal.h"
#include "domain/central/seal_order.h"
#include "domain/csc/csc.h"
#include "pki/certificate/certificate.h"

#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct arena memory;
static struct settings settings;

static int setup(void **state)
{
    arena_init(&memory, 64 << 20);
    return central_setup(state);
}

static int teardown(void **state)
{
    arena_dispose(&memory);
    return central_teardown(state);
}

/** With explicit mode on. */
static struct office *open_office(void **state, struct central *c)
{
    struct office *o = central_open(state, c);
    settings = *c->settings;
    settings.central.explicit = true;
    c->settings = &settings;
    return o;
}

/* ---- Calls ---- */

struct call_of {
    struct office *office;
    struct actor actor;
    struct portal portal;
    struct seal_grant grant, *grants;
    struct seal_order order;
    struct seal_choice *choices;
    slice signed_data, credential;
    size_t count;
    unsigned uses;
    rfd_time now;
    struct faults faults;
    int64_t id;
};

static rfd_status do_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_put(t, &x->actor, &x->portal, NULL, &x->id, error);
}

static rfd_status do_grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->faults.count = 0;
    return seal_grant_put(t, &x->actor, &x->grant, &x->faults, &x->id, error);
}

static rfd_status do_withdraw(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct call_of *x = context;
    return seal_grant_withdraw(t, &x->actor, x->id, error);
}

static rfd_status do_use(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct call_of *x = context;
    return seal_grant_use(t, x->id, x->credential, x->uses, x->now, error);
}

static rfd_status do_choices(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(seal_choices(t, &x->actor, clock_now(), &x->choices, &x->count, error));
    for (size_t i = 0; i < x->count; i++) {
        assert_true(slice_is(x->choices[i].entity_name, "Municipalidad"));
        assert_true(slice_is(x->choices[i].holder, "VATPE-20131370645"));
        assert_true(x->choices[i].person.length > 0);
    }
    return RFD_OK;
}

static rfd_status do_order(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->faults.count = 0;
    TRY(seal_order_put(t, &x->actor, &x->office->settings, &x->order, &x->faults, &x->id, error));
    TRY(seal_order_see(t, &x->actor, &x->office->settings, x->id, clock_now(), &x->order, error));
    return store_keep(&memory, &x->order.text, error);
}

static rfd_status do_sign(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->faults.count = 0;
    return seal_order_sign(t, &x->actor, &x->office->settings, x->id, x->signed_data, x->now, &x->faults, error);
}

static rfd_status do_drop(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct call_of *x = context;
    return seal_order_withdraw(t, &x->actor, &x->office->settings, x->id, clock_now(), error);
}

static bool faulty(const struct call_of *x, const char *field)
{
    for (unsigned i = 0; i < x->faults.count; i++) {
        if (strcmp(x->faults.items[i].field, field) == 0) return true;
    }
    return false;
}

static struct portal portal_of(struct office *o, const char *client)
{
    struct call_of x = {
        .actor = actor_system("admin"),
        .portal = {.entity = 1,
                   .name = slice_text(client),
                   .client = slice_text(client),
                   .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899")}};
    WORLD_OK(store_write(o->store, do_portal, &x, &error));
    x.portal.id = x.id;
    return x.portal;
}

static int64_t grant(struct office *o, int64_t portal, const char *credential, int64_t daily, rfd_time ends)
{
    struct call_of x = {
        .actor = actor_system("admin"),
        .grant = {.portal = portal, .credential = slice_text(credential), .daily = daily, .ends = ends}};
    WORLD_OK(store_write(o->store, do_grant, &x, &error));
    return x.id;
}

/* ---- What portals do ---- */

struct finding {
    slice text;
    struct csc_token *token;
};

static rfd_status do_find(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct finding *f = context;
    return csc_token_find(t, f->text, f->token, error);
}

static struct csc_hash hashes[PERSONAL_HASHES_MAXIMUM];
static uint8_t digests[PERSONAL_HASHES_MAXIMUM][32];

static rfd_status authorise(const struct central *c, const struct portal *portal, const char *credential,
                            const char *pin, unsigned first, size_t count, struct csc_token *out)
{
    const struct csc_token service = {.kind = CSC_TOKEN_SERVICE, .version = 2, .portal = *portal};
    char token[CSC_TOKEN_SIZE];
    rfd_time ends;
    for (size_t i = 0; i < count; i++) {
        unsigned n = first + (unsigned)i;
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&n, sizeof n), digests[i], NULL), RFD_OK);
        hashes[i] = (struct csc_hash){.hash = slice_of(digests[i], 32)};
    }
    const struct csc_order order = {.token = &service,
                                    .credential = slice_text(credential),
                                    .pin = slice_text(pin),
                                    .description = SLICE("Certificados de empadronamiento"),
                                    .digest = DIGEST_SHA256,
                                    .hashes = hashes,
                                    .count = count};
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = csc_authorise(c, &order, &memory, token, &ends, &error);
    if (status != RFD_OK) print_message("authorise: %s\n", error.detail);
    if (status != RFD_OK || out == NULL) return status;
    struct finding f = {slice_text(token), out};
    return store_read(c->store, do_find, &f, NULL);
}

/** Signs hashes number `first` and on; the signatures are checked with the certificate of the credential. */
static rfd_status sign(const struct central *c, const struct csc_token *token, slice certificate, unsigned first,
                       size_t count)
{
    slice wanted[PERSONAL_HASHES_MAXIMUM], signatures[PERSONAL_HASHES_MAXIMUM];
    const unsigned char *at = certificate.data;
    X509 *x = d2i_X509(NULL, &at, (long)certificate.length);
    for (size_t i = 0; i < count; i++) {
        unsigned n = first + (unsigned)i;
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&n, sizeof n), digests[i], NULL), RFD_OK);
        wanted[i] = slice_of(digests[i], 32);
    }
    rfd_status status = csc_sign(c, token, wanted, count, &memory, signatures, NULL);
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, X509_get0_pubkey(x), NULL);
        assert_int_equal(EVP_PKEY_verify_init(check), 1);
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(check, EVP_sha256()), 1);
        assert_int_equal(EVP_PKEY_verify(check, signatures[i].data, signatures[i].length, wanted[i].data, 32), 1);
        EVP_PKEY_CTX_free(check);
    }
    X509_free(x);
    return status;
}

static struct central_credential show(const struct central *c, const char *credential)
{
    struct central_credential out;
    WORLD_OK(central_credential_show(c, slice_text(credential), &memory, &out, &error));
    return out;
}

/* ---- The whole way ---- */

static void test_whole_way(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char seal[PERSONAL_ID_SIZE];
    struct csc_token token;
    const struct certificate *certificate = NULL;
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    struct portal other = portal_of(o, "sede-otra");
    struct central_credential shown = show(&c, seal);
    assert_true(shown.entity);
    assert_int_equal(shown.keeper_person, ANA);
    assert_int_equal(shown.state, PERSONAL_ACTIVE);
    assert_string_equal(shown.holder, "VATPE-20131370645");
    assert_true(central_credential_is_usable(&shown, clock_now()));
    WORLD_OK(certificate_parse(shown.certificate, &certificate, &error));
    struct buf value;
    buf_init(&value, 256);
    assert_true(certificate_name_attribute(certificate->subject, oid(OID_ORGANIZATION_IDENTIFIER), &value));
    assert_true(slice_is(buf_slice(&value), "VATPE-20131370645"));
    assert_false(certificate_name_attribute(certificate->subject, oid(OID_SERIAL_NUMBER), &value));
    buf_dispose(&value);
    certificate_unref(certificate);
    /* Without a grant there is no such credential. */
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 0, 3, NULL), RFD_E_NOT_FOUND);
    int64_t given = grant(o, portal.id, seal, 10, RFD_TIME_NONE);
    WORLD_OK(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 0, 3, &token));
    assert_int_equal(sign(&c, &token, shown.certificate, 0, 3), RFD_OK);
    assert_int_equal(sign(&c, &token, shown.certificate, 0, 1), RFD_E_ACTIVATION_ENDED); /* once */
    assert_int_equal(authorise(&c, &other, seal, CENTRAL_PASSWORD, 3, 1, NULL), RFD_E_NOT_FOUND);
    /* The limit is of signatures, not of calls. */
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 3, 8, NULL), RFD_E_SLOW_DOWN);
    WORLD_OK(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 3, 7, &token));
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 20, 1, NULL), RFD_E_SLOW_DOWN);
    assert_int_equal(sign(&c, &token, shown.certificate, 11, 1), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(sign(&c, &token, shown.certificate, 3, 7), RFD_OK);
    /* Who looks after it withdraws the grant: nothing signs any more, and the portal sees it no more. */
    struct call_of ana = {.actor = central_actor(o, ANA), .id = given};
    WORLD_OK(store_write(o->store, do_withdraw, &ana, &error));
    WORLD_OK(store_write(o->store, do_withdraw, &ana, &error)); /* twice is once */
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 30, 1, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM audit_waiting WHERE action = 'seal.withdraw'"),
                     1);
}

static void test_withdrawn_in_between(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char seal[PERSONAL_ID_SIZE];
    struct csc_token token;
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    struct call_of admin = {.actor = actor_system("admin"), .id = grant(o, portal.id, seal, 0, RFD_TIME_NONE)};
    WORLD_OK(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 0, 1, &token));
    WORLD_OK(store_write(o->store, do_withdraw, &admin, &error));
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM csc_token"), 0);
    /* It may be granted again; one that ended makes room, too. */
    (void)grant(o, portal.id, seal, 0, clock_now() + 60 * RFD_SECOND);
    WORLD_OK(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 1, 1, &token));
    (void)domain_store_run(o->store, "UPDATE seal_grant SET ends = 1 WHERE withdrawn IS NULL");
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 2, 1, NULL), RFD_E_NOT_FOUND);
    (void)grant(o, portal.id, seal, 0, RFD_TIME_NONE);
    WORLD_OK(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 3, 1, &token));
    /* A portal, or an entity, that was closed. */
    (void)domain_store_run(o->store, "UPDATE entity SET closed = TRUE");
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 4, 1, NULL), RFD_E_NOT_FOUND);
    (void)domain_store_run(o->store, "UPDATE entity SET closed = FALSE");
    (void)domain_store_run(o->store, "UPDATE portal SET closed = TRUE");
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 4, 1, NULL), RFD_E_NOT_FOUND);
}

static void test_wrong_pins(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char seal[PERSONAL_ID_SIZE];
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    (void)grant(o, portal.id, seal, 5, RFD_TIME_NONE);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(authorise(&c, &portal, seal, "otra clave 123", i, 1, NULL), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(authorise(&c, &portal, seal, "otra clave 123", 9, 1, NULL), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 9, 1, NULL), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(domain_store_number(o->store, "SELECT max(used) FROM seal_grant"), 0); /* none was a signature */
    /* Agents approve anew: unlocked when who looks after it opens the page. */
    (void)domain_store_run(o->store, "UPDATE seal_order SET created = created - 5000000");
    (void)central_seal_approved(o, ANA);
    struct actor ana = central_actor(o, ANA);
    struct central_credential *kept;
    size_t count;
    for (unsigned i = 0; i < 30; i++) {
        WORLD_OK(central_kept_seals(&c, &ana, &memory, &kept, &count, &error));
        assert_int_equal(count, 1);
        if (kept[0].state == PERSONAL_ACTIVE) break;
        (void)central_seal_approved(o, ANA); /* until its second is later than that of the first */
        usleep(200000);
    }
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 9, 1, NULL), RFD_OK);
}

static void test_explicit_is_off(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char seal[PERSONAL_ID_SIZE];
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    (void)grant(o, portal.id, seal, 0, RFD_TIME_NONE);
    settings.central.explicit = false;
    assert_int_equal(authorise(&c, &portal, seal, CENTRAL_PASSWORD, 0, 1, NULL), RFD_E_FORBIDDEN);
}

/* ---- People's credentials, and people ---- */

static void test_no_persons_by_pin(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char own[PERSONAL_ID_SIZE], seal[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, own);
    struct portal portal = portal_of(o, "sede-villa");
    struct call_of x = {.actor = actor_system("admin"),
                        .grant = {.portal = portal.id, .credential = slice_text(own), .ends = RFD_TIME_NONE}};
    assert_int_equal(store_write(o->store, do_grant, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "credential"));
    /* A row that somebody wrote into the database is of no use: the keeper knows whose it is. */
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO seal_grant(portal, entity, credential, holder, daily, day, used, created) VALUES "
                   "(%lld, 1, '%s', 'IDCPE-00000004', 0, 0, 0, 1)",
                   (long long)portal.id, own);
    (void)domain_store_run(o->store, sql);
    rfd_status status = authorise(&c, &portal, own, CENTRAL_PASSWORD, 0, 1, NULL);
    assert_true(status == RFD_E_NOT_FOUND || status == RFD_E_FORBIDDEN);
    /* Nor is a seal a person's own: not to sign with on our pages, and looked after by one person. */
    struct actor ana = central_actor(o, ANA), berta = central_actor(o, DEPUTY);
    struct central_credential found, *kept;
    size_t count;
    slice holder;
    central_seal_made(o, &c, ANA, seal);
    assert_int_equal(central_own_credential(&c, &ana, &memory, slice_text(seal), &holder, &found, NULL),
                     RFD_E_NOT_FOUND);
    WORLD_OK(central_kept_credential(&c, &ana, &memory, slice_text(seal), &found, &error));
    WORLD_OK(central_kept_credential(&c, &ana, &memory, slice_text(own), &found, &error));
    assert_int_equal(central_kept_credential(&c, &berta, &memory, slice_text(seal), &found, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(central_kept_seals(&c, &berta, &memory, &kept, &count, &error));
    assert_int_equal(count, 0);
    struct central_authorisation begun;
    assert_int_equal(central_change_begin(&c, &berta, &memory, slice_text(seal), SLICE("destroy"), SLICE_EMPTY,
                                          SLICE_EMPTY, SLICE("es"), &begun, NULL),
                     RFD_E_NOT_FOUND);
    /* Another person's approval of the same entity changes nothing of hers. */
    (void)central_seal_approved(o, BERTA);
    WORLD_OK(central_kept_seals(&c, &ana, &memory, &kept, &count, &error));
    assert_int_equal(count, 1);
    assert_true(slice_is(kept[0].masked_mobile, "+51******114"));
}

/* ---- Grants ---- */

static void test_grants(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    char seal[PERSONAL_ID_SIZE];
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    struct call_of x = {.actor = central_actor(o, ANA),
                        .grant = {.portal = portal.id, .credential = slice_text(seal), .ends = RFD_TIME_NONE}};
    /* Who looks after it does not grant it; administrators of portals do. */
    assert_int_equal(store_write(o->store, do_grant, &x, NULL), RFD_E_FORBIDDEN);
    x.actor = actor_system("admin");
    WORLD_OK(store_read(o->store, do_choices, &x, &error));
    assert_int_equal(x.count, 1);
    x.grant.daily = -1;
    x.grant.ends = clock_now() - 1;
    assert_int_equal(store_write(o->store, do_grant, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "daily") && faulty(&x, "ends"));
    x.grant = (struct seal_grant){.portal = 99, .credential = SLICE("nothing"), .ends = RFD_TIME_NONE};
    assert_int_equal(store_write(o->store, do_grant, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "portal") && faulty(&x, "credential"));
    int64_t given = grant(o, portal.id, seal, 5, RFD_TIME_NONE);
    x.grant = (struct seal_grant){.portal = portal.id, .credential = slice_text(seal), .ends = RFD_TIME_NONE};
    assert_int_equal(store_write(o->store, do_grant, &x, NULL), RFD_E_INVALID); /* there is one */
    struct call_of stranger = {.actor = central_actor(o, HEAD_GM), .id = given};
    assert_int_equal(store_write(o->store, do_withdraw, &stranger, NULL), RFD_E_NOT_FOUND);
    /* Days: of UTC; a clock that goes back gives no second day. */
    rfd_time day = 86400 * RFD_SECOND, now = clock_now() / day * day + 3600 * RFD_SECOND;
    struct call_of use = {.id = portal.id, .credential = slice_text(seal), .uses = 5, .now = now};
    WORLD_OK(store_write(o->store, do_use, &use, &error));
    use.uses = 1;
    assert_int_equal(store_write(o->store, do_use, &use, NULL), RFD_E_SLOW_DOWN);
    use.now = now - day;
    assert_int_equal(store_write(o->store, do_use, &use, NULL), RFD_E_SLOW_DOWN);
    use.now = now + day;
    WORLD_OK(store_write(o->store, do_use, &use, &error));
    use.now = now;
    use.uses = 4;
    WORLD_OK(store_write(o->store, do_use, &use, &error));
    assert_int_equal(store_write(o->store, do_use, &use, NULL), RFD_E_SLOW_DOWN);
    use.uses = 0;
    assert_int_equal(store_write(o->store, do_use, &use, NULL), RFD_E_ARGUMENT);
    /* One that is revoked is no choice any more. */
    (void)domain_store_run(o->store, "UPDATE certificate_status SET state = 2 WHERE certificate = (SELECT certificate "
                                     "FROM central_key)");
    WORLD_OK(store_read(o->store, do_choices, &x, &error));
    assert_int_equal(x.count, 0);
}

enum { RACERS = 4, RACES = 10 };

struct racer {
    struct office *office;
    struct call_of use;
    unsigned good, refused;
};

static void *race(void *context)
{
    struct racer *r = context;
    for (unsigned i = 0; i < RACES; i++) {
        rfd_status status = store_write(r->office->store, do_use, &r->use, NULL);
        if (status == RFD_OK) r->good++;
        if (status == RFD_E_SLOW_DOWN) r->refused++;
    }
    return NULL;
}

/* Of many at once no more than the limit get through. */
static void test_at_once(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    char seal[PERSONAL_ID_SIZE];
    unsigned good = 0, refused = 0;
    central_seal_made(o, &c, ANA, seal);
    struct portal portal = portal_of(o, "sede-villa");
    (void)grant(o, portal.id, seal, 25, RFD_TIME_NONE);
    for (size_t i = 0; i < RACERS; i++) {
        racers[i] =
            (struct racer){o, {.id = portal.id, .credential = slice_text(seal), .uses = 1, .now = clock_now()}, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        good += racers[i].good;
        refused += racers[i].refused;
    }
    assert_int_equal(good, 25);
    assert_int_equal(good + refused, RACERS * RACES);
    assert_int_equal(domain_store_number(o->store, "SELECT used FROM seal_grant"), 25);
}

/* ---- Orders ---- */

static void test_orders(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    struct buf signed_data;
    struct call_of x = {
        .office = o, .actor = central_actor(o, ANA), .order = {.entity = 1, .person = ANA}, .now = clock_now()};
    buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
    assert_int_equal(store_write(o->store, do_order, &x, NULL), RFD_E_FORBIDDEN);
    x.actor = central_actor(o, AGENT);
    x.order = (struct seal_order){.entity = 2, .person = 99};
    assert_int_equal(store_write(o->store, do_order, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "entity") && faulty(&x, "person") && faulty(&x, "basis"));
    x.order = (struct seal_order){.entity = 1, .person = RIVAL, .basis = SLICE("Resolución 12-2026")};
    assert_int_equal(store_write(o->store, do_order, &x, NULL), RFD_E_INVALID); /* no mobile for the codes */
    assert_true(faulty(&x, "person"));
    (void)domain_store_run(o->store, "UPDATE person SET mobile = '+51999000119'");
    WORLD_OK(store_write(o->store, do_order, &x, &error));
    assert_true(x.order.open);
    assert_int_equal(x.order.wanted, 2);
    int64_t id = x.id;
    /* Not by who answers for it, nor by one's own other text, nor for somebody else. */
    office_sign_text(RIVAL, x.order.text, &signed_data);
    x.signed_data = buf_slice(&signed_data);
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_INVALID);
    assert_true(faulty(&x, "signature"));
    x.actor = central_actor(o, RIVAL);
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_FORBIDDEN);
    x.actor = central_actor(o, ANA);
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_FORBIDDEN);
    x.actor = central_actor(o, AGENT);
    buf_reset(&signed_data);
    office_sign_text(AGENT, SLICE("something else"), &signed_data);
    x.signed_data = buf_slice(&signed_data);
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_INVALID);
    /* The first; the same agent is no second one. */
    buf_reset(&signed_data);
    office_sign_text(AGENT, x.order.text, &signed_data);
    x.signed_data = buf_slice(&signed_data);
    WORLD_OK(store_write(o->store, do_sign, &x, &error));
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_STATE);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM central_enrolment"), 0);
    buf_reset(&signed_data);
    office_sign_text(ELSEWHERE, x.order.text, &signed_data);
    x.signed_data = buf_slice(&signed_data);
    x.actor = central_actor(o, ELSEWHERE);
    x.now += (rfd_time)(SEAL_ORDER_DAYS * 86400 + 1) * RFD_SECOND;
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_STATE); /* too late */
    x.now = clock_now();
    WORLD_OK(store_write(o->store, do_sign, &x, &error));
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_STATE);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM central_enrolment WHERE entity = 1"), 1);
    assert_int_equal(store_write(o->store, do_drop, &x, NULL), RFD_E_STATE);
    /* One that was withdrawn is signed by nobody. */
    x.actor = central_actor(o, AGENT);
    x.order = (struct seal_order){.entity = 1, .person = ANA, .basis = SLICE("Resolución 13-2026")};
    WORLD_OK(store_write(o->store, do_order, &x, &error));
    assert_true(x.id != id);
    WORLD_OK(store_write(o->store, do_drop, &x, &error));
    WORLD_OK(store_write(o->store, do_drop, &x, &error));
    buf_reset(&signed_data);
    office_sign_text(AGENT, x.order.text, &signed_data);
    x.signed_data = buf_slice(&signed_data);
    assert_int_equal(store_write(o->store, do_sign, &x, NULL), RFD_E_STATE);
    buf_dispose(&signed_data);
}

static rfd_status do_orders(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    struct seal_order *all;
    TRY(seal_orders(t, &x->actor, &x->office->settings, x->now, &all, &x->count, error));
    for (size_t i = 0; i < x->count; i++) {
        assert_int_equal(all[i].entity, x->order.entity);
        if (i == 0) x->id = all[i].id;
    }
    return RFD_OK;
}

/** 201 newer ones of another entity do not push an agent's own off the page. */
static void test_orders_of_others(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    struct call_of x = {.office = o,
                        .actor = central_actor(o, AGENT),
                        .order = {.entity = 1, .person = ANA, .basis = SLICE("Resolución 14-2026")},
                        .now = clock_now()};
    (void)domain_store_run(o->store, "UPDATE person SET mobile = '+51999000119'");
    (void)domain_store_run(o->store, "INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains) "
                                     "VALUES ('Banco', 'B', 'banco', 'pe', '20100000009', '')");
    int64_t other = domain_store_number(o->store, "SELECT id FROM entity WHERE short_name = 'B'");
    WORLD_OK(store_write(o->store, do_order, &x, &error));
    int64_t own = x.id;
    for (int i = 0; i < 201; i++) {
        char sql[512];
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO seal_order(entity, person, number, profile, basis, text, signed, created) SELECT "
                       "%lld, person, 'SELLO-%d', profile, basis, text, signed, created + %d FROM seal_order WHERE id "
                       "= %lld",
                       (long long)other, i, i + 1, (long long)own);
        (void)domain_store_run(o->store, sql);
    }
    char basis[403];
    for (size_t i = 0; i < 201; i++) memcpy(basis + 2 * i, "ñ", 2);
    x.order = (struct seal_order){.entity = 1, .person = ANA, .basis = slice_of((const uint8_t *)basis, 402)};
    assert_int_equal(store_write(o->store, do_order, &x, NULL), RFD_E_INVALID);
    x.order.basis.length = 400; /* 200 letters */
    WORLD_OK(store_write(o->store, do_order, &x, &error));
    own = x.id; /* the newest one is the first */
    x.order = (struct seal_order){.entity = 1};
    WORLD_OK(store_read(o->store, do_orders, &x, &error));
    assert_int_equal(x.count, 2);
    assert_int_equal(x.id, own);
    x.actor = central_actor(o, ANA); /* of no entity */
    assert_int_equal(store_read(o->store, do_orders, &x, NULL), RFD_E_FORBIDDEN);
}

/* One agent's approval makes a key, and no certificate: the authority wants both. */
static void test_one_agent_is_not_enough(void **state)
{
    struct central c;
    struct office *o = open_office(state, &c);
    struct central_authorisation begun;
    struct actor ana = central_actor(o, ANA);
    char seal[PERSONAL_ID_SIZE] = "";
    int64_t enrolment = central_seal_approved(o, ANA);
    (void)domain_store_run(o->store, "UPDATE central_enrolment SET approval_again = approval");
    assert_int_equal(central_generate_seal_begin(&c, &ana, &memory, enrolment + 1, SLICE("es"), &begun, NULL),
                     RFD_E_NOT_FOUND);
    struct actor deputy = central_actor(o, DEPUTY);
    assert_int_equal(central_generate_seal_begin(&c, &deputy, &memory, enrolment, SLICE("es"), &begun, NULL),
                     RFD_E_NOT_FOUND);
    rfd_status status = central_generate_seal_begin(&c, &ana, &memory, enrolment, SLICE("es"), &begun, NULL);
    if (status == RFD_OK) {
        struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
        status = central_generate(&c, &ana, &memory, begun.operation, &proofs, seal, NULL);
    }
    assert_true(status == RFD_E_APPROVAL || status == RFD_E_APPROVAL_FEW);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM central_key WHERE certificate IS NOT NULL"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_whole_way),         IN_BOTH_OFFICES(test_withdrawn_in_between),
        IN_BOTH_OFFICES(test_wrong_pins),        IN_BOTH_OFFICES(test_explicit_is_off),
        IN_BOTH_OFFICES(test_no_persons_by_pin), IN_BOTH_OFFICES(test_grants),
        IN_BOTH_OFFICES(test_at_once),           IN_BOTH_OFFICES(test_orders),
        IN_BOTH_OFFICES(test_orders_of_others),  IN_BOTH_OFFICES(test_one_agent_is_not_enough),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
