/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may do what: the whole table, and how far each scope reaches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "domain/access/access.h"

/* One letter for each action, in the order of actions.def: "-" none, own, unit, tree, entity, all. The first three are
 * of no role. A role's row is changed here only after thinking of what else it may do then. */
static const char *const expected[ROLES] = {
    /*                          own see man enr see edt imp rep con req app see rev agt aud edt see set cli */
    [ROLE_APPLICANT] = "---"
                       "o---"
                       "---"
                       "--"
                       "--o--"
                       "-"
                       "--"
                       "--",
    [ROLE_CERTIFYING_AGENT] = "---"
                              "-a-a"
                              "e--"
                              "--"
                              "-----"
                              "-"
                              "--"
                              "--",
    [ROLE_CERTIFICATION_LEAD] = "---"
                                "----"
                                "e--"
                                "--"
                                "--u-e"
                                "-"
                                "--"
                                "--",
    [ROLE_SIGNER] = "---"
                    "----"
                    "---"
                    "--"
                    "-----"
                    "-"
                    "--"
                    "--",
    [ROLE_REGISTRAR] = "---"
                       "----"
                       "---"
                       "--"
                       "-----"
                       "-"
                       "--"
                       "--",
    [ROLE_ASSISTANT] = "---"
                       "----"
                       "---"
                       "--"
                       "-----"
                       "-"
                       "--"
                       "--",
    [ROLE_OPERATOR] = "---"
                      "----"
                      "---"
                      "--"
                      "-----"
                      "-"
                      "--"
                      "--",
    [ROLE_ISSUER] = "---"
                    "----"
                    "---"
                    "--"
                    "-----"
                    "-"
                    "--"
                    "--",
    [ROLE_NOTIFIER] = "---"
                      "----"
                      "---"
                      "--"
                      "-----"
                      "-"
                      "--"
                      "--",
    [ROLE_RECIPIENT] = "---"
                       "----"
                       "---"
                       "--"
                       "-----"
                       "-"
                       "--"
                       "--",
    [ROLE_DESK_ANALYST] = "---"
                          "----"
                          "---"
                          "--"
                          "-----"
                          "-"
                          "--"
                          "--",
    [ROLE_ACCESS_OPERATOR] = "---"
                             "----"
                             "u--"
                             "--"
                             "u-u--"
                             "-"
                             "--"
                             "--",
    [ROLE_ACCESS_APPROVER] = "---"
                             "----"
                             "t--"
                             "-u"
                             "-utu-"
                             "-"
                             "--"
                             "--",
    [ROLE_PERSONNEL] = "---"
                       "----"
                       "eee"
                       "e-"
                       "-----"
                       "-"
                       "--"
                       "--",
    [ROLE_AUDITOR] = "---"
                     "-a--"
                     "a--"
                     "--"
                     "--a--"
                     "a"
                     "-a"
                     "a-",
    [ROLE_ADMINISTRATOR] = "---"
                           "-aa-"
                           "aaa"
                           "-a"
                           "--a--"
                           "-"
                           "aa"
                           "aa",
};

static void test_matrix(void **state)
{
    (void)state;
    for (unsigned role = 0; role < ROLES; role++) {
        char row[ACTIONS + 1] = "";
        for (unsigned action = 0; action < ACTIONS; action++)
            row[action] = "-outea"[policy_scope((enum role)role, (enum action)action)];
        if (strncmp(row, expected[role], strlen(expected[role])) != 0)
            fail_msg("%s may:\n%s, and not\n%s", role_info((enum role)role)->name, row, expected[role]);
    }
}

static const enum action changing[] = {ACTION_ACCOUNT_MANAGE,       ACTION_ACCOUNT_ENROL,    ACTION_ORGANISATION_EDIT,
                                       ACTION_ORGANISATION_IMPORT,  ACTION_DEPARTURE_REPORT, ACTION_DEPARTURE_CONFIRM,
                                       ACTION_ACCESS_REQUEST,       ACTION_ACCESS_APPROVE,   ACTION_ACCESS_REVIEW,
                                       ACTION_ACCESS_AGENT_APPROVE, ACTION_MESSAGES_EDIT,    ACTION_CLIENTS_EDIT};

static void test_separation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        assert_int_equal(policy_scope(ROLE_AUDITOR, changing[i]), SCOPE_NONE);
    for (unsigned role = 0; role < ROLES; role++) {
        bool asks = policy_scope((enum role)role, ACTION_ACCESS_REQUEST) != SCOPE_NONE;
        bool approves = policy_scope((enum role)role, ACTION_ACCESS_APPROVE) != SCOPE_NONE ||
                        policy_scope((enum role)role, ACTION_ACCESS_AGENT_APPROVE) != SCOPE_NONE;
        assert_false(asks && approves);
        bool reports = policy_scope((enum role)role, ACTION_DEPARTURE_REPORT) != SCOPE_NONE;
        assert_false(reports && policy_scope((enum role)role, ACTION_DEPARTURE_CONFIRM) != SCOPE_NONE);
    }
    assert_int_equal(policy_scope(ROLE_ADMINISTRATOR, ACTION_ACCESS_APPROVE), SCOPE_NONE);
    assert_int_equal(policy_scope(ROLE_ADMINISTRATOR, ACTION_AUDIT_SEE), SCOPE_NONE);
    assert_false(policy_system(ACTION_ACCESS_APPROVE));
    assert_false(policy_system(ACTION_ACCESS_REQUEST));
}

/** Whoever could ask and approve has to be two people. */
static void test_conflicts(void **state)
{
    (void)state;
    assert_non_null(role_conflict(ROLE_ISSUER, ROLE_NOTIFIER, true));
    assert_non_null(role_conflict(ROLE_NOTIFIER, ROLE_ISSUER, true));
    assert_null(role_conflict(ROLE_ISSUER, ROLE_NOTIFIER, false));
    for (unsigned a = 0; a < ROLES; a++) {
        if (policy_scope((enum role)a, ACTION_ACCESS_REQUEST) == SCOPE_NONE) continue;
        for (unsigned b = 0; b < ROLES; b++) {
            if (policy_scope((enum role)b, ACTION_ACCESS_APPROVE) != SCOPE_NONE ||
                policy_scope((enum role)b, ACTION_ACCESS_AGENT_APPROVE) != SCOPE_NONE)
                assert_non_null(role_conflict((enum role)a, (enum role)b, false));
        }
    }
    for (unsigned b = 0; b < ROLES; b++) {
        bool changes = false;
        for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
            changes = changes || policy_scope((enum role)b, changing[i]) != SCOPE_NONE;
        if (changes) assert_non_null(role_conflict(ROLE_AUDITOR, (enum role)b, false));
    }
}

static struct actor actor_of(const struct actor_role *roles, size_t count)
{
    return (struct actor){.account = 5, .person = 7, .code = SLICE("U0005"), .roles = roles, .role_count = count};
}

static void test_nobody(void **state)
{
    struct actor nobody = {.code = SLICE("system:worker")}; /* a name alone makes nobody the system */
    (void)state;
    for (unsigned action = 0; action < ACTIONS; action++)
        assert_int_equal(actor_may(&nobody, (enum action)action, NULL), action == ACTION_PUBLIC);
    assert_int_equal(actor_check(&nobody, ACTION_SIGNED_IN, NULL, NULL), RFD_E_UNAUTHORISED);
    assert_int_equal(actor_check(&nobody, ACTION_AUDIT_SEE, NULL, NULL), RFD_E_UNAUTHORISED);
}

static void test_own(void **state)
{
    struct actor actor = actor_of(NULL, 0);
    const struct access_object own = {.person = 7}, other = {.person = 8}, none = {.person = 0};
    (void)state;
    assert_true(actor_may(&actor, ACTION_SIGNED_IN, NULL));
    assert_true(actor_may(&actor, ACTION_ACCOUNT_OWN, NULL));
    assert_true(actor_may(&actor, ACTION_ACCOUNT_OWN, &own));
    assert_false(actor_may(&actor, ACTION_ACCOUNT_OWN, &other));
    assert_false(actor_may(&actor, ACTION_ACCOUNT_OWN, &none));
    assert_false(actor_may(&actor, ACTION_NONE, NULL));
    assert_int_equal(actor_check(&actor, ACTION_AUDIT_SEE, NULL, NULL), RFD_E_FORBIDDEN);
}

static void test_reach(void **state)
{
    const struct actor_role roles[] = {
        {.role = ROLE_ACCESS_APPROVER, .entity = 1, .unit = 7, .path = SLICE("/1/7/")},
        {.role = ROLE_PERSONNEL, .entity = 2, .unit = 20, .path = SLICE("/20/")},
    };
    struct actor actor = actor_of(roles, 2);
    const struct access_object here = {.entity = 1, .unit = 7, .path = SLICE("/1/7/")};
    const struct access_object below = {.entity = 1, .unit = 9, .path = SLICE("/1/7/9/")};
    const struct access_object beside = {.entity = 1, .unit = 70, .path = SLICE("/1/70/")};
    const struct access_object away = {.entity = 2, .unit = 21, .path = SLICE("/21/")}, nothing = {.unit = 0};
    (void)state;
    assert_true(actor_may(&actor, ACTION_ACCESS_APPROVE, &here));
    assert_false(actor_may(&actor, ACTION_ACCESS_APPROVE, &below));
    assert_true(actor_may(&actor, ACTION_ACCESS_SEE, &below));
    assert_false(actor_may(&actor, ACTION_ACCESS_SEE, &beside));
    assert_false(actor_may(&actor, ACTION_ACCESS_SEE, &nothing));
    assert_true(actor_may(&actor, ACTION_DEPARTURE_REPORT, &away));
    assert_false(actor_may(&actor, ACTION_DEPARTURE_REPORT, &here));
    assert_false(actor_may(&actor, ACTION_DEPARTURE_REPORT, &nothing));
    assert_true(actor_may(&actor, ACTION_DEPARTURE_REPORT, NULL));
    assert_false(actor_may(&actor, ACTION_AUDIT_SEE, NULL));
}

static void test_everywhere(void **state)
{
    const struct actor_role roles[] = {{.role = ROLE_AUDITOR}};
    struct actor actor = actor_of(roles, 1);
    const struct access_object anything = {.person = 8, .entity = 9, .unit = 10, .path = SLICE("/10/")};
    (void)state;
    assert_true(actor_may(&actor, ACTION_AUDIT_SEE, &anything));
    assert_true(actor_may(&actor, ACTION_ORGANISATION_SEE, &anything));
    assert_false(actor_may(&actor, ACTION_ORGANISATION_EDIT, &anything));
}

static void test_system(void **state)
{
    struct actor worker = actor_system("worker"), whole = actor_system("system:worker");
    struct arena a;
    (void)state;
    arena_init(&a, 1 << 16);
    assert_true(actor_may(&worker, ACTION_ORGANISATION_EDIT, NULL));
    assert_int_equal(actor_check(&worker, ACTION_ACCESS_APPROVE, NULL, NULL), RFD_E_FORBIDDEN);
    assert_true(slice_is(actor_audit(&worker, &a), "system:worker"));
    assert_true(slice_is(actor_audit(&whole, &a), "system:worker"));
    struct actor person = actor_of(NULL, 0);
    assert_true(slice_is(actor_audit(&person, &a), "account:U0005"));
    arena_dispose(&a);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROLES; i++) {
        enum role role = ROLES;
        assert_true(role_from_name(slice_text(role_info((enum role)i)->name), &role));
        assert_int_equal(role, i);
    }
    enum role role;
    assert_false(role_from_name(SLICE("root"), &role));
    assert_false(role_from_name(SLICE(""), &role));
    for (unsigned i = 0; i < ACTIONS; i++) assert_non_null(action_title((enum action)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),     cmocka_unit_test(test_separation), cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_nobody),     cmocka_unit_test(test_own),        cmocka_unit_test(test_reach),
        cmocka_unit_test(test_everywhere), cmocka_unit_test(test_system),     cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
