/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the agent's signature to the certificate, with a real keeper, in both databases: what is signed, by whom and
 * when; forms that are sent twice; a process that dies between any two steps; a keeper that refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_support.h"
#include "registration_world.h"

#include <pthread.h>

static void test_the_whole_way(void **state)
{
    struct office *o = office_open(state);
    struct form f;
    const char *why = "not told";
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    struct call agent = office_as(o, AGENT);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_APPROVED);
    assert_int_equal(office_issue(o, id, &why), RFD_OK);
    assert_null(why);
    struct request r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_ISSUED);
    assert_true(r.concluded != RFD_TIME_NONE && r.due == RFD_TIME_NONE);
    int64_t certificate = r.applicants[0].certificate;
    assert_true(certificate != 0);
    assert_int_equal(
        office_number(
            o,
            "SELECT count(*) FROM certificate WHERE id = %lld AND subject_id = 'IDCPE-70000001' AND mail = 'p70000001@example.pe'",
            certificate),
        1);
    assert_int_equal(office_number(o, "SELECT agent FROM certificate_agent WHERE certificate = %lld", certificate),
                     AGENT);
    assert_int_equal(office_mails(o, "certificate-issued"), 2); /* by mail and SMS */
    assert_int_equal(office_number(o, "SELECT count(*) FROM certificate_use WHERE use = 'approval'", 0), 1);
    assert_int_equal(
        office_number(
            o, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.issue' AND object = 'request:%lld'",
            id),
        1);
    form_free(&f);
}

static const struct CMUnitTest tests[] = {
    IN_BOTH_OFFICES(test_the_whole_way),
};

int main(void)
{
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
