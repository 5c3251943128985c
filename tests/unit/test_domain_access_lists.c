/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of requests and roles, in both databases: each order, each filter, and who sees what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "access_world.h"
#include "base/error.h"
#include "domain/audit/audit_pages.h"

struct asking {
    const struct list_definition *definition;
    struct list_query query;
    struct actor actor;
    uint64_t total;
};

static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct list_page page;
    TRY(list_read(t, a->definition, &a->query, &a->actor, &page, error));
    a->total = page.total;
    return RFD_OK;
}

static void read_or_fail(struct store *store, struct asking *a, const char *what)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_read(store, read_list, a, &error) != RFD_OK)
        fail_msg("%s, %s: %s: %s", a->definition->name, what, error.detail, error.causes[0].detail);
}

static void test_orders_and_filters(void **state)
{
    static const struct list_definition *const lists[] = {
        &access_sent_list,   &access_tray_list,      &access_agent_list, &access_request_list,  &role_history_list,
        &access_review_list, &access_colleague_list, &audit_page_list,   &audit_checkpoint_list};
    struct store *store = domain_store_of(state);
    static const struct actor_role all[] = {{.role = ROLE_ACCESS_OPERATOR},
                                            {.role = ROLE_ACCESS_APPROVER},
                                            {.role = ROLE_CERTIFICATION_LEAD},
                                            {.role = ROLE_AUDITOR}};
    (void)world_sent(store, ROLE_SIGNER);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct asking a = {.definition = lists[i],
                           .actor = {.account = 99, .person = 99, .roles = all, .role_count = 4}};
        read_or_fail(store, &a, "first");
        for (size_t k = 0; k < lists[i]->column_count; k++) {
            if (lists[i]->columns[k].sort == NULL) continue;
            a.query = (struct list_query){.sort = lists[i]->columns[k].name, .descending = k % 2 == 0};
            read_or_fail(store, &a, a.query.sort);
        }
        for (size_t k = 0; k < lists[i]->filter_count; k++) {
            a.query = (struct list_query){.sort = NULL};
            a.query.filters[0].name = lists[i]->filters[k].name;
            a.query.filters[0].value = SLICE("7");
            read_or_fail(store, &a, a.query.filters[0].name);
        }
        if (lists[i]->words == NULL) continue;
        a.query = (struct list_query){.search = SLICE("ana qui")};
        read_or_fail(store, &a, "search");
    }
}

/** How many rows a person sees of a list. */
static uint64_t seen(struct store *store, const struct list_definition *definition, int64_t person)
{
    struct asking a = {.definition = definition, .actor = world_actor(store, person)};
    return store_read(store, read_list, &a, NULL) == RFD_OK ? a.total : 0;
}

static void test_who_sees(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    assert_int_equal(seen(store, &access_tray_list, HEAD), 1);
    assert_int_equal(seen(store, &access_tray_list, DEPUTY), 1);
    assert_int_equal(seen(store, &access_tray_list, HEAD_GAF), 0);
    assert_int_equal(seen(store, &access_tray_list, OTHER_HEAD), 0);
    assert_int_equal(seen(store, &access_tray_list, OPERATOR), 0);
    assert_int_equal(seen(store, &access_sent_list, OPERATOR), 1);
    assert_int_equal(seen(store, &access_sent_list, OTHER_OPERATOR), 0);
    assert_int_equal(seen(store, &access_request_list, ANA), 1); /* it is about her */
    assert_int_equal(seen(store, &access_request_list, BERTA), 0);
    assert_int_equal(seen(store, &access_request_list, HEAD_GM), 1);
    assert_int_equal(seen(store, &access_request_list, OTHER_HEAD), 0);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_OK);
    assert_int_equal(seen(store, &access_tray_list, HEAD), 0);
    assert_int_equal(seen(store, &role_history_list, ANA), 1);
    assert_int_equal(seen(store, &role_history_list, BERTA), 0);
    assert_int_equal(seen(store, &role_history_list, OTHER_HEAD), 2);
    assert_int_equal(seen(store, &role_history_list, HEAD), 4);
    assert_int_equal(seen(store, &access_colleague_list, OPERATOR), 5);
    assert_int_equal(seen(store, &access_colleague_list, OTHER_OPERATOR), 2);
    assert_int_equal(seen(store, &audit_page_list, HEAD_GM), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_WORLDS(test_orders_and_filters),
        IN_BOTH_WORLDS(test_who_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
