/* SPDX-License-Identifier: EUPL-1.2
 *
 * What registration clients may send, and what they are told about what they may not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/registration/registration_body.h"
#include "base/clock.h"
#include "base/error.h"

static rfd_status order_of(const char *json, struct arena *a, struct registration_order *out, struct rfd_error *error)
{
    *error = RFD_ERROR_INIT;
    return registration_read_order(slice_text(json), a, out, error);
}

static void an_order_is_read(void **state)
{
    struct arena a;
    struct registration_order order;
    struct rfd_error error;
    (void)state;
    arena_init(&a, 1 << 20);
    assert_int_equal(
        order_of("{\"authority\": \"emisora-1\", \"csr\": \"MAMCAQE=\", \"approvals\": [\"AQID\", \"BAUG\"]}", &a,
                 &order, &error),
        RFD_OK);
    assert_true(slice_is(order.authority, "emisora-1"));
    assert_true(slice_equal(order.request, SLICE("\x30\x03\x02\x01\x01")));
    assert_int_equal(order.approval_count, 2);
    assert_true(slice_equal(order.approvals[1], SLICE("\x04\x05\x06")));
    arena_dispose(&a);
}

static void a_request_may_be_pem(void **state)
{
    struct arena a;
    struct registration_order order;
    struct rfd_error error;
    (void)state;
    arena_init(&a, 1 << 20);
    assert_int_equal(
        order_of("{\"authority\": \"e\", \"csr\": \"-----BEGIN CERTIFICATE REQUEST-----\\nMAMCAQE=\\n-----END "
                 "CERTIFICATE REQUEST-----\\n\", \"approvals\": [\"AQID\"]}",
                 &a, &order, &error),
        RFD_OK);
    assert_true(slice_equal(order.request, SLICE("\x30\x03\x02\x01\x01")));
    arena_dispose(&a);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *json, *named;
    } wrong[] = {
        {"", "JSON"},
        {"[]", "not a JSON object"},
        {"{", "JSON"},
        {"{\"authority\": \"e\", \"authority\": \"f\", \"csr\": \"AQID\", \"approvals\": [\"AQID\"]}", "duplicate"},
        {"{\"csr\": \"AQID\", \"approvals\": [\"AQID\"]}", "authority"},
        {"{\"authority\": 7, \"csr\": \"AQID\", \"approvals\": [\"AQID\"]}", "authority"},
        {"{\"authority\": \"e\", \"csr\": \"*\", \"approvals\": [\"AQID\"]}", "csr"},
        {"{\"authority\": \"e\", \"csr\": \"-----BEGIN CERTIFICATE-----\\nAQID\\n-----END CERTIFICATE-----\\n\", "
         "\"approvals\": [\"AQID\"]}",
         "csr"},
        {"{\"authority\": \"e\", \"csr\": \"AQID\"}", "approvals"},
        {"{\"authority\": \"e\", \"csr\": \"AQID\", \"approvals\": []}", "approvals"},
        {"{\"authority\": \"e\", \"csr\": \"AQID\", \"approvals\": [\"AQID\", \"AQID\", \"AQID\"]}", "approvals"},
        {"{\"authority\": \"e\", \"csr\": \"AQID\", \"approvals\": [1]}", "approvals"},
        {"{\"authority\": \"e\", \"csr\": \"AQID\", \"approvals\": [\"AQID\"], \"subject\": \"cn=Eva\"}", "subject"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct arena a;
        struct registration_order order;
        struct rfd_error error;
        arena_init(&a, 1 << 20);
        assert_int_equal(order_of(wrong[i].json, &a, &order, &error), RFD_E_REQUEST);
        assert_non_null(strstr(error.detail, wrong[i].named));
        arena_dispose(&a);
    }
}

static void a_revocation_is_read(void **state)
{
    struct arena a;
    struct registration_revocation r;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_time expected;
    (void)state;
    arena_init(&a, 1 << 20);
    assert_int_equal(registration_read_revocation(SLICE("{\"authority\": \"e\", \"reason\": \"keyCompromise\", "
                                                        "\"invalid_since\": \"2026-11-20T00:00:00Z\"}"),
                                                  &a, &r, &error),
                     RFD_OK);
    assert_int_equal(r.reason, 1);
    assert_true(clock_parse_iso(SLICE("2026-11-20T00:00:00Z"), &expected));
    assert_true(r.invalid_since == expected);
    assert_int_equal(
        registration_read_revocation(SLICE("{\"authority\": \"e\", \"reason\": \"superseded\"}"), &a, &r, &error),
        RFD_OK);
    assert_true(r.invalid_since == RFD_TIME_NONE);
    arena_dispose(&a);
}

/** On hold and removed from a list are no reasons to revoke for good, and nobody claims an authority's compromise. */
static void some_reasons_are_not_a_clients(void **state)
{
    static const char *const reasons[] = {"certificateHold", "removeFromCRL", "cACompromise", "aACompromise", "",
                                          "KeyCompromise"};
    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct arena a;
        struct registration_revocation r;
        struct rfd_error error = RFD_ERROR_INIT;
        arena_init(&a, 1 << 20);
        const char *json = arena_print(&a, "{\"authority\": \"e\", \"reason\": \"%s\"}", reasons[i]);
        assert_int_equal(registration_read_revocation(slice_text(json), &a, &r, &error), RFD_E_REQUEST);
        arena_dispose(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read),
        cmocka_unit_test(a_request_may_be_pem),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_revocation_is_read),
        cmocka_unit_test(some_reasons_are_not_a_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
