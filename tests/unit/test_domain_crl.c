/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists from the register, signed by a real keeper, in both databases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "pki/revocation/crl.h"

#include <stdio.h>

#define ACTOR SLICE("agent:ana")
#define HOUR  (3600 * RFD_SECOND)

static struct arena arena;
static int64_t ca;

static struct authority_domain *begin(void **state)
{
    arena_dispose(&arena);
    arena_init(&arena, 256 << 20);
    return authority_world(state, &ca);
}

static size_t make(struct authority_domain *d, rfd_time overlap)
{
    size_t made = 99;
    WORLD_OK(authority_make_crls(d, ca, overlap, true, &made, &error));
    return made;
}

static struct authority_crl list_of(struct authority_domain *d, uint32_t partition, bool delta)
{
    struct authority_crl out;
    WORLD_OK(authority_crl(d->store, ca, partition, delta, &arena, &out, &error));
    return out;
}

/** Parses it and checks what every list must be. */
static const struct crl *parsed(const struct authority_crl *list)
{
    const struct certificate *issuer = authority_world_certificate();
    const struct crl *crl = NULL;
    WORLD_OK(crl_parse(list->der, &crl, &error));
    assert_true(crl_signed_by(crl, issuer));
    assert_true(slice_equal(crl->issuer, issuer->subject));
    assert_int_equal(crl_number_compare(crl->number, list->number), 0);
    assert_true(crl->this_update == list->this_update && crl->next_update == list->next_update);
    assert_true(crl->idp.length > 0);
    assert_true((crl->delta_base.length > 0) == list->delta);
    return crl;
}

/** The reason with which a certificate is listed: -2 when it is not. */
static int reason_in(const struct authority_crl *list, slice serial)
{
    const struct crl *crl = parsed(list);
    struct crl_entry entry;
    assert_true(crl_find(crl, serial, crl->issuer, &entry));
    crl_free(crl);
    return entry.listed ? entry.reason : -2;
}

static void change(struct authority_domain *d,
                   rfd_status (*how)(struct authority_domain *, const struct authority_change *, struct rfd_error *),
                   const struct certificate_row *row, int reason)
{
    struct authority_change c = {
        .actor = ACTOR, .authority = ca, .serial = row->serial, .reason = reason, .invalid_since = RFD_TIME_NONE};
    WORLD_OK(how(d, &c, &error));
}

/* Empty lists from the first day on; then nothing more to do, until something happens. */
static void test_first_lists(void **state)
{
    struct authority_domain *d = begin(state);
    struct authority_crl out;
    assert_int_equal(authority_crl(d->store, ca, 0, false, &arena, &out, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(make(d, HOUR), 2 * WORLD_PARTITIONS);
    assert_int_equal(make(d, HOUR), 0);
    for (uint32_t i = 0; i < WORLD_PARTITIONS; i++) {
        struct authority_crl complete = list_of(d, i, false), delta = list_of(d, i, true);
        const struct crl *crl = parsed(&complete), *of_delta = parsed(&delta);
        assert_int_equal(crl->entries.length, 0);
        assert_int_equal(crl_number_compare(of_delta->delta_base, crl->number), 0);
        assert_true(crl_number_compare(of_delta->number, crl->number) > 0);
        crl_free(crl);
        crl_free(of_delta);
    }
    struct authority_counts counts;
    WORLD_OK(authority_count(d, ca, &counts, &error));
    assert_true(counts.next_crl > clock_now());
}

static void test_revoked_is_listed(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 2001), other = world_issue(d, ca, 2002);
    (void)make(d, HOUR);
    struct authority_crl before = list_of(d, row.partition, false);
    change(d, authority_revoke, &row, 4);
    assert_int_equal(make(d, HOUR), 2);
    struct authority_crl after = list_of(d, row.partition, false), delta = list_of(d, row.partition, true);
    assert_true(crl_number_compare(after.number, before.number) > 0);
    assert_int_equal(reason_in(&before, row.serial), -2);
    assert_int_equal(reason_in(&after, row.serial), 4);
    assert_int_equal(reason_in(&delta, row.serial), 4);
    assert_int_equal(reason_in(&after, other.serial), -2);
    /* The delta was made together with the complete list: same number, to the one before. */
    const struct crl *of_delta = parsed(&delta);
    assert_int_equal(crl_number_compare(of_delta->number, after.number), 0);
    assert_int_equal(crl_number_compare(of_delta->delta_base, before.number), 0);
    crl_free(of_delta);
}

/* Revoked by a machine whose clock is ahead by a day: the lists of all others must not wait for that day. */
static void test_revoked_by_a_clock_that_was_ahead(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 2004);
    struct responder_record record;
    (void)make(d, HOUR);
    clock_fix(clock_now() + 24 * HOUR);
    change(d, authority_revoke, &row, 4);
    clock_fix(RFD_TIME_NONE);
    assert_int_equal(make(d, HOUR), 2);
    struct authority_crl after = list_of(d, row.partition, false);
    assert_int_equal(reason_in(&after, row.serial), 4);
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &record, &error));
    assert_true(record.state == RESPONDER_REVOKED && record.revoked_at <= clock_now());
}

static void test_released_is_removed(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 2003);
    (void)make(d, HOUR);
    change(d, authority_hold, &row, 0);
    (void)make(d, HOUR);
    struct authority_crl held = list_of(d, row.partition, false);
    assert_int_equal(reason_in(&held, row.serial), CRL_REASON_HOLD);
    change(d, authority_release, &row, 0);
    (void)make(d, HOUR);
    struct authority_crl complete = list_of(d, row.partition, false), delta = list_of(d, row.partition, true);
    assert_int_equal(reason_in(&complete, row.serial), -2);
    assert_int_equal(reason_in(&delta, row.serial), CRL_REASON_REMOVED);
}

/** As if all lists had ended (the keeper would not let its clock go back after a test that went ahead). */
static void end_all(struct authority_domain *d)
{
    (void)domain_store_run(d->store, "UPDATE crl SET next_update = this_update - 1");
}

static void assert_base(const struct authority_crl *delta, const struct authority_crl *base)
{
    const struct crl *crl = parsed(delta);
    assert_int_equal(crl_number_compare(crl->delta_base, base->number), 0);
    crl_free(crl);
}

/* Who has any complete list that has not ended learns by the newest delta all that came after. */
static void test_delta_to_any_that_counts(void **state)
{
    struct authority_domain *d = begin(state);
    unsigned number = 2500;
    struct certificate_row first = world_issue(d, ca, number), second;
    do second = world_issue(d, ca, ++number);
    while (second.partition != first.partition);
    (void)make(d, HOUR);
    struct authority_crl before = list_of(d, first.partition, false);
    change(d, authority_revoke, &first, 4);
    (void)make(d, HOUR);
    struct authority_crl between = list_of(d, first.partition, false);
    change(d, authority_revoke, &second, 5);
    (void)make(d, HOUR);
    (void)make(d, 25 * HOUR);
    struct authority_crl delta = list_of(d, first.partition, true);
    assert_base(&delta, &before);
    assert_int_equal(reason_in(&delta, first.serial), 4);
    assert_int_equal(reason_in(&delta, second.serial), 5);
    /* When that has ended, to the one before the newest. */
    end_all(d);
    (void)make(d, 25 * HOUR);
    (void)make(d, 25 * HOUR);
    struct authority_crl newest = list_of(d, first.partition, false), later = list_of(d, first.partition, true);
    const struct crl *crl = parsed(&later);
    assert_true(crl_number_compare(crl->delta_base, between.number) > 0);
    assert_true(crl_number_compare(crl->delta_base, newest.number) < 0);
    assert_int_equal(reason_in(&later, first.serial), -2);
    crl_free(crl);
}

static void test_made_again_before_the_end(void **state)
{
    struct authority_domain *d = begin(state);
    assert_int_equal(make(d, HOUR), 2 * WORLD_PARTITIONS);
    struct authority_crl first = list_of(d, 0, false);
    assert_int_equal(make(d, 23 * HOUR), 0);
    assert_int_equal(make(d, 25 * HOUR), 2 * WORLD_PARTITIONS);
    struct authority_crl second = list_of(d, 0, false);
    assert_true(crl_number_compare(second.number, first.number) > 0);
    assert_int_equal(make(d, 25 * HOUR), 2 * WORLD_PARTITIONS);
    /* Old ones are not kept for ever; but the first is what deltas build on, until it ends. */
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM crl WHERE part = 0"), 5);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM crl_piece"), 20);
    end_all(d);
    for (int i = 0; i < 3; i++) assert_int_equal(make(d, 25 * HOUR), 2 * WORLD_PARTITIONS);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM crl WHERE next_update < this_update"), 0);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM crl WHERE part = 0"), 5);
}

/* A clock that went back does not take the numbers along. */
static void test_numbers_grow(void **state)
{
    struct authority_domain *d = begin(state);
    struct authority_crl before, after;
    domain_store_run(d->store, store_kind(d->store) == STORE_SQLITE
                                   ? "UPDATE authority SET crl_floor = x'0000000000000000000000fe00000000000000ff'"
                                   : "UPDATE authority SET crl_floor = '\\x0000000000000000000000ff00000000000000ff'");
    (void)make(d, HOUR);
    before = list_of(d, 0, false);
    assert_int_equal(before.number.length, 9);
    assert_memory_equal(before.number.data + 1, "\0\0\0\0\0\0\1\0", 8);
    (void)make(d, 25 * HOUR);
    after = list_of(d, 0, false);
    assert_true(crl_number_compare(after.number, before.number) > 0);
}

static const char many_sqlite[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345) INSERT INTO "
    "certificate_status(serial, authority, certificate, state, part, revoked_at, reason) SELECT "
    "CAST('A' || printf('%08d', i * 7919 % 100000000) || 'serial' AS BLOB), (SELECT max(id) FROM authority), i, 3, 1, "
    "1700000000000000 + i * 1000000, i % 6 FROM n";
static const char many_postgresql[] =
    "INSERT INTO certificate_status(serial, authority, certificate, state, part, revoked_at, reason) SELECT "
    "convert_to('A' || lpad((i * 7919 % 100000000)::text, 8, '0') || 'serial', 'UTF8'), (SELECT max(id) FROM "
    "authority), i, 3, 1, 1700000000000000 + i::bigint * 1000000, i % 6 FROM generate_series(1, 12345) i";

static size_t count_entries(slice entries)
{
    size_t count = 0;
    struct der_item item;
    while (der_next(&entries, &item)) count++;
    assert_int_equal(entries.length, 0);
    return count;
}

/* More than what is read at a time, and more than is made again at every change. */
static void test_long_list(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row;
    unsigned number = 2100;
    if (store_kind(d->store) == STORE_SQLITE)
        assert_int_equal(domain_store_run(d->store, many_sqlite), 12345);
    else
        assert_int_equal(domain_store_run(d->store, many_postgresql), 12345);
    (void)make(d, HOUR);
    struct authority_crl list = list_of(d, 1, false);
    const struct crl *crl = parsed(&list);
    assert_int_equal(count_entries(crl->entries), 12345);
    crl_free(crl);
    assert_int_equal(reason_in(&list, SLICE("A00007919serial")), 1);
    assert_int_equal(reason_in(&list, SLICE("A00007918serial")), -2);
    assert_true(list.der.length > 512 << 10);
    do row = world_issue(d, ca, number++);
    while (row.partition != 1);
    change(d, authority_revoke, &row, 5);
    assert_int_equal(make(d, HOUR), 1); /* only the delta */
    struct authority_crl same = list_of(d, 1, false), delta = list_of(d, 1, true);
    assert_true(slice_equal(same.number, list.number) && slice_equal(same.der, list.der));
    assert_int_equal(reason_in(&delta, row.serial), 5);
    assert_int_equal(reason_in(&delta, SLICE("A00007919serial")), -2);
}

static void test_without_keeper(void **state)
{
    struct authority_domain *d = begin(state);
    struct authority_domain without = {d->store, NULL, d->packs};
    size_t made;
    assert_int_equal(authority_make_crls(&without, ca, HOUR, true, &made, NULL), RFD_E_PEER_GONE);
    assert_int_equal(authority_make_crls(d, ca + 9, HOUR, true, &made, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(authority_make_crls(d, ca - 1, HOUR, true, &made, NULL), RFD_E_KEY_REFUSED); /* off line */
    authority_world_refuse(RFD_E_PEER_GONE, true);
    assert_int_equal(authority_make_crls(d, ca, HOUR, true, &made, NULL), RFD_E_PEER_GONE);
    authority_world_refuse(RFD_OK, false);
    assert_int_equal(make(d, HOUR), 2 * WORLD_PARTITIONS);
}

/* A list that was signed where the authority's key is. */
static void test_from_elsewhere(void **state)
{
    struct authority_domain *d = begin(state);
    (void)make(d, HOUR);
    struct authority_crl list = list_of(d, 0, false), out;
    slice der = arena_copy(&arena, list.der);
    assert_int_equal(authority_put_crl(d, ACTOR, ca - 1, der, NULL), RFD_E_CRL);        /* another authority's */
    assert_int_equal(authority_put_crl(d, ACTOR, ca, der, NULL), RFD_E_STORE_CONFLICT); /* not above the last number */
    assert_int_equal(authority_put_crl(d, ACTOR, ca, SLICE("x"), NULL), RFD_E_CRL);
    domain_store_run(d->store, "DELETE FROM crl");
    WORLD_OK(authority_put_crl(d, ACTOR, ca, der, &error));
    WORLD_OK(authority_crl(d->store, ca, 0, false, &arena, &out, &error));
    assert_true(slice_equal(out.der, der) && slice_equal(out.number, list.number));
    slice number;
    WORLD_OK(authority_crl_number(d->store, ca, 0, false, &arena, &number, &error));
    assert_true(slice_equal(number, list.number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_first_lists),
        ON_BOTH_STORES(test_revoked_is_listed),
        ON_BOTH_STORES(test_revoked_by_a_clock_that_was_ahead),
        ON_BOTH_STORES(test_released_is_removed),
        ON_BOTH_STORES(test_delta_to_any_that_counts),
        ON_BOTH_STORES(test_made_again_before_the_end),
        ON_BOTH_STORES(test_long_list),
        ON_BOTH_STORES(test_without_keeper),
        ON_BOTH_STORES(test_from_elsewhere),
        ON_BOTH_STORES(test_numbers_grow), /* the keeper remembers the numbers: the last */
    };
    int failed = cmocka_run_group_tests(tests, authority_world_setup, authority_world_teardown);
    arena_dispose(&arena);
    return failed;
}
