/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of jobs: what is run when, under which lease, and how long it rests after failures. And, with a real
 * ceremony's keys, that services get their next certificates when two thirds of their life are over.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/audit/audit.h"
#include "domain/ceremony/ceremony.h"
#include "domain/outbox/outbox.h"
#include "domain/schema.h"
#include "domain/state/state.h"
#include "domain_store.h"
#include "ipc/channel.h"
#include "jobs/work.h"
#include "keeper/client_internal.h"
#include "keeper/ask.h"
#include "keeper/local.h"
#include "pki/certificate/certificate.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define DAY    ((rfd_time)86400 * RFD_SECOND)
#define NEVER  INT64_MAX
#define SECOND 1000

static size_t row_of(const char *name)
{
    size_t row = 0;
    while (job_table[row].name != NULL && strcmp(job_table[row].name, name) != 0) row++;
    assert_non_null(job_table[row].name);
    return row;
}

/** Only this one is due. */
static void only(struct jobs *jobs, size_t row)
{
    for (size_t i = 0; i < JOBS_MAXIMUM; i++) jobs->state[i].due = NEVER;
    jobs->state[row].due = 0;
}

/* ---- Pauses ---- */

static rfd_status put_mail(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct outbox_mail mail = {
        .to = SLICE("ana@x.example"), .subject = SLICE("Aviso"), .text = SLICE("Texto\n"), .identity = SLICE("one")};
    (void)context;
    return outbox_put_mail(t, &mail, error);
}

/** It is due again after `pause`, or after as long as it worked, whichever is longer: on any machine. */
static void run_and_look(struct jobs *jobs, size_t row, int64_t pause)
{
    int64_t before = channel_clock();
    (void)jobs_run(jobs);
    int64_t after = channel_clock(), most = pause > 2 * SECOND ? pause : 2 * SECOND;
    if (after - before > most) most = after - before;
    assert_in_range(jobs->state[row].due, before + pause, after + most);
}

static void pauses_double_up_to_ten_minutes(void **state)
{
    static const struct settings settings = {
        .mail = {.server = "smtp://127.0.0.1:1", .user = "", .from = "a@x.example"}};
    static const int64_t pauses[] = {2, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600};
    struct store *store = domain_store_of(state);
    struct jobs jobs = {.settings = &settings, .authority = {.store = store}};
    size_t row = row_of("mail");
    assert_int_equal(store_write(store, put_mail, NULL, NULL), RFD_OK);
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        only(&jobs, row);
        run_and_look(&jobs, row, pauses[i] * SECOND);
        assert_int_equal(jobs.state[row].failures, i + 1);
    }
    /* Nothing waits any more: it is well at once, and runs as often as ever. */
    (void)domain_store_run(store, "DELETE FROM outbox");
    only(&jobs, row);
    run_and_look(&jobs, row, 0);
    assert_int_equal(jobs.state[row].failures, 0);
}

static void nothing_runs_before_its_time(void **state)
{
    static const struct settings settings = {.mail = {.server = ""}};
    struct store *store = domain_store_of(state);
    struct jobs jobs = {.settings = &settings, .authority = {.store = store}};
    for (size_t i = 0; i < JOBS_MAXIMUM; i++) jobs.state[i].due = channel_clock() + 60 * SECOND;
    unsigned wait = jobs_run(&jobs);
    assert_in_range(wait, 55 * SECOND, 60 * SECOND);
    jobs.state[row_of("mail")].due = 0;
    jobs_hurry(&jobs);
    assert_int_equal(jobs_run(&jobs), 0);
    assert_int_equal(jobs.state[row_of("mail")].due, 0); /* stopping: it was not run */
}

/* ---- Leases ---- */

static rfd_status put_event(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct audit_event event = {
        .action = "settings.change", .actor = SLICE("admin:test"), .object = SLICE("x:1")};
    (void)context;
    return audit_put(t, &event, error);
}

static void one_worker_at_a_time(void **state)
{
    static const struct settings settings = {.mail = {.server = ""}};
    struct store *store = domain_store_of(state);
    struct jobs first = {.settings = &settings, .authority = {.store = store}, .node = "first"};
    struct jobs second = {.settings = &settings, .authority = {.store = store}, .node = "second"};
    rfd_time now = clock_now();
    size_t row = row_of("audit");
    clock_fix(now);
    only(&first, row);
    (void)jobs_run(&first); /* it has the lease now */
    assert_int_equal(store_write(store, put_event, NULL, NULL), RFD_OK);
    only(&second, row);
    (void)jobs_run(&second);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_row"), 0);
    assert_int_equal(second.state[row].failures, 0); /* that another one has it is no failure */
    only(&first, row);
    (void)jobs_run(&first);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_row"), 1);
    /* The first one is gone: when its lease is over, the second one takes it. */
    assert_int_equal(store_write(store, put_event, NULL, NULL), RFD_OK);
    clock_fix(now + 31 * RFD_SECOND);
    only(&second, row);
    (void)jobs_run(&second);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_row"), 2);
    clock_fix(RFD_TIME_NONE);
}

/* It does the platform's share, and never stands in the way of who has the keys. */
static void a_node_without_keys_leaves_them_to_others(void **state)
{
    static const struct settings settings = {.mail = {.server = ""}};
    static const char *const theirs[] = {"transparency", "lists", "registered", "reconcile", "renew"};
    struct store *store = domain_store_of(state);
    struct jobs pages = {.settings = &settings, .authority = {.store = store}, .node = "pages", .without_keys = true};
    struct jobs whole = {.settings = &settings, .authority = {.store = store}, .node = "whole"};
    size_t row = row_of("audit");
    only(&pages, row);
    assert_int_equal(store_write(store, put_event, NULL, NULL), RFD_OK);
    (void)jobs_run(&pages);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_row"), 1);
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        row = row_of(theirs[i]);
        only(&pages, row);
        (void)jobs_run(&pages);
        assert_int_equal(pages.state[row].failures, 0);
        assert_true(pages.state[row].due > 0);
    }
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM lease WHERE name = 'authority'"), 0);
    row = row_of("lists");
    only(&whole, row);
    (void)jobs_run(&whole);
    assert_int_equal(whole.state[row].failures, 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM lease WHERE holder = 'whole'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM lease WHERE holder = 'pages'"), 1);
}

/* ---- Renewal ---- */

static struct {
    struct packs *packs;
    struct settings *settings;
    struct store *store;
    struct local_keeper keeper, signers[2];
    struct keeper_client *clients[2];
    struct jobs jobs;
} house;

static void found_house(void)
{
    struct yaml_file file = {0};
    const struct plan *plan = NULL;
    struct buf text;
    char path[512];
    buf_init(&text, 1 << 20);
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    assert_int_equal(packs_open(path, &house.packs, NULL), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/packs/plans/demo.yaml", source_root());
    assert_true(file_read(path, &text));
    assert_int_equal(plan_read(path, house.packs, &file, &plan, NULL), RFD_OK);
    char home[512];
    (void)snprintf(home, sizeof home, "%s", folder_file("home"));
    const struct ceremony_options options = {.home = home,
                                             .packs = house.packs,
                                             .packs_path = "/packs",
                                             .plan_text = buf_slice(&text),
                                             .actor = SLICE("admin:test")};
    assert_int_equal(ceremony_run(plan, &options, NULL), RFD_OK);
    yaml_dispose(&file);
    buf_dispose(&text);
}

static void open_house(void)
{
    struct master master = {0};
    char path[600];
    assert_int_equal(settings_read(folder_file("home/refrenda.yaml"), &house.settings, NULL), RFD_OK);
    assert_int_equal(state_master(house.settings, &master, NULL), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/authority", house.settings->keys.folder);
    assert_int_equal(local_keeper_open(path, &master, house.packs, &house.keeper, NULL), RFD_OK);
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/signer-%u", house.settings->keys.folder, i);
        assert_int_equal(local_keeper_open(path, &master, NULL, &house.signers[i], NULL), RFD_OK);
        house.clients[i] = house.signers[i].client;
        house.clients[i]->session.sender = KEEPER_FROM_WORKER; /* a ceremony may not do this */
    }
    house.keeper.client->session.sender = KEEPER_FROM_WORKER;
    master_dispose(&master);
    const struct store_options database = {.address = house.settings->database};
    assert_int_equal(domain_open_store(&database, &house.store, NULL), RFD_OK);
    house.jobs = (struct jobs){.settings = house.settings,
                               .authority = {.store = house.store, .keeper = house.keeper.client, .packs = house.packs},
                               .signers = house.clients,
                               .signer_count = 2};
}

static void close_house(void)
{
    for (unsigned i = 0; i < 2; i++) local_keeper_close(&house.signers[i]);
    local_keeper_close(&house.keeper);
    store_close(house.store);
    settings_free(house.settings);
    packs_close(house.packs);
}

struct validity {
    rfd_time from, to;
};
static struct validity validity_of(unsigned signer, const char *key)
{
    struct arena a;
    struct ask_public_key found;
    const struct certificate *c = NULL;
    arena_init(&a, 1 << 20);
    assert_int_equal(ask_public_key(house.clients[signer], slice_text(key), &a, &found, NULL), RFD_OK);
    assert_int_equal(certificate_parse(found.certificate, &c, NULL), RFD_OK);
    struct validity v = {c->not_before, c->not_after};
    certificate_unref(c);
    arena_dispose(&a);
    return v;
}

static int64_t services(void)
{
    return domain_store_number(house.store, "SELECT count(*) FROM certificate WHERE profile IN ('ocsp', 'tsa')");
}

static void renew_all(void)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (job_renew(&house.jobs, &error) != RFD_OK) fail_msg("%s", error.detail);
}

static void renewed_when_two_thirds_are_over(void **state)
{
    static const char *const keys[] = {"ocsp-emisora-1", "tsa"};
    struct validity old[2];
    (void)state;
    found_house();
    open_house();
    int64_t before = services();
    for (size_t k = 0; k < 2; k++) old[k] = validity_of(0, keys[k]);
    rfd_time first_life = old[0].to - old[0].from;
    clock_fix(old[0].from + first_life / 3 * 2 - DAY);
    renew_all();
    assert_int_equal(services(), before); /* a day too early for the responder */
    for (size_t k = 0; k < 2; k++) {
        rfd_time life = old[k].to - old[k].from;
        clock_fix(old[k].from + life / 3 * 2 + DAY);
        renew_all();
        for (unsigned s = 0; s < 2; s++) {
            struct validity now = validity_of(s, keys[k]);
            assert_true(now.from > old[k].from && now.to > old[k].to);
        }
        int64_t issued = services();
        renew_all(); /* once */
        assert_int_equal(services(), issued);
    }
    assert_true(services() >= before + 2);
    /* The register has the responder's: it is what the status service answers with. */
    struct arena a;
    struct authority_list list;
    struct ask_public_key found;
    arena_init(&a, 1 << 20);
    assert_int_equal(authority_list(&house.jobs.authority, &a, &list, NULL), RFD_OK);
    assert_int_equal(ask_public_key(house.clients[0], SLICE("ocsp-emisora-1"), &a, &found, NULL), RFD_OK);
    assert_true(slice_equal(list.items[1].ocsp_certificate, found.certificate));
    arena_dispose(&a);
    clock_fix(RFD_TIME_NONE);
    close_house();
}

static int set_up(void **state)
{
    (void)folder_new();
    return folder_setup(state);
}

static int tear_down(void **state)
{
    folder_remove();
    return folder_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(pauses_double_up_to_ten_minutes),
        ON_BOTH_STORES(nothing_runs_before_its_time),
        ON_BOTH_STORES(one_worker_at_a_time),
        ON_BOTH_STORES(a_node_without_keys_leaves_them_to_others),
        cmocka_unit_test(renewed_when_two_thirds_are_over),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
