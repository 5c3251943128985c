/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/crowd.h"
#include "http/response.h"

static struct http_address address(const char *text)
{
    struct http_address a = {0};
    assert_true(http_address_parse(slice_text(text), &a));
    return a;
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {"",      "1.2.3", "1.2.3.4.5", "256.1.1.1",   "1.2.3.4:5",
                                      "[::1]", "x",     "::g",       "fe80::1%eth0"};
    struct http_address a;
    char text[HTTP_ADDRESS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(http_address_parse(slice_text(bad[i]), &a));
    a = address("::ffff:192.0.2.1");
    assert_int_equal(a.family, HTTP_IPV4);
    assert_string_equal(http_address_text(&a, text), "192.0.2.1");
    a = address("2001:db8::1");
    assert_string_equal(http_address_text(&a, text), "2001:db8::1");
}

static void test_networks(void **state)
{
    static const struct {
        const char *network, *address;
        bool inside;
    } rows[] = {
        {"10.0.0.0/8", "10.255.1.2", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.128/25", "192.0.2.1", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"0.0.0.0/0", "1.2.3.4", true},
        {"0.0.0.0/0", "::1", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::/0", "2001:db8::", true},
    };
    struct http_network network;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_address a = address(rows[i].address);
        assert_int_equal(http_network_parse(rows[i].network, &network, NULL), RFD_OK);
        assert_int_equal(http_network_has(&network, &a), rows[i].inside);
    }
    assert_int_equal(http_network_parse("10.0.0.0/33", &network, NULL), RFD_E_ARGUMENT);
    assert_int_equal(http_network_parse("10.0.0.0/", &network, NULL), RFD_E_ARGUMENT);
    assert_int_equal(http_network_parse("here/8", &network, NULL), RFD_E_ARGUMENT);
}

static void test_forwarded(void **state)
{
    static const struct {
        const char *peer, *header, *client;
    } rows[] = {
        {"192.0.2.9", "1.1.1.1", "192.0.2.9"}, /* nobody's proxy */
        {"10.0.0.1", "1.1.1.1", "1.1.1.1"},
        {"10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"},   /* what the client wrote itself does not count */
        {"10.0.0.1", "1.1.1.1 , 10.0.0.2", "1.1.1.1"}, /* two proxies */
        {"10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", ",", "10.0.0.1"},
        {"10.0.0.1", "10.0.0.3", "10.0.0.3"},
    };
    struct http_network proxies;
    (void)state;
    assert_int_equal(http_network_parse("10.0.0.0/8", &proxies, NULL), RFD_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[HTTP_ADDRESS_SIZE];
        struct http_address peer = address(rows[i].peer);
        struct http_address client = http_address_forwarded(&peer, slice_text(rows[i].header), &proxies, 1);
        assert_string_equal(http_address_text(&client, text), rows[i].client);
    }
}

static void test_crowd(void **state)
{
    struct crowd crowd;
    struct http_address a = address("192.0.2.1");
    struct http_address b = address("192.0.2.254");
    struct http_address c = address("2001:db8:0:ff::");
    struct http_address d = address("2001:db8:0:1::");
    struct http_address local = {.family = HTTP_UNIX};
    (void)state;
    assert_true(crowd_network(&a) == crowd_network(&b));
    assert_true(crowd_network(&c) == crowd_network(&d));
    assert_true(crowd_network(&a) != crowd_network(&c));
    assert_int_equal(crowd_network(&local), 0);
    assert_int_equal(crowd_init(&crowd, 1000, NULL), RFD_OK);
    assert_true(crowd_enter(&crowd, crowd_network(&a), 2));
    assert_true(crowd_enter(&crowd, crowd_network(&b), 2));
    assert_false(crowd_enter(&crowd, crowd_network(&a), 2));
    crowd_leave(&crowd, crowd_network(&a));
    assert_true(crowd_enter(&crowd, crowd_network(&a), 2));
    crowd_leave(&crowd, crowd_network(&a));
    crowd_leave(&crowd, crowd_network(&a));
    for (int round = 0; round < 3; round++) {
        for (uint64_t n = 1; n <= 1000; n++) assert_true(crowd_enter(&crowd, n, 1));
        assert_false(crowd_enter(&crowd, 1001, 1));
        for (uint64_t n = 1000; n >= 1; n--) crowd_leave(&crowd, n);
    }
    crowd_dispose(&crowd);
}

static void test_dates(void **state)
{
    static const char *const bad[] = {"",
                                      "Sun, 06 Nov 1994 08:49:37 CET",
                                      "Mon, 06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 nov 1994 08:49:37 GMT",
                                      "Sun, 31 Feb 1994 08:49:37 GMT",
                                      "Sunday, 06-Nov-94 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 24:49:37 GMT"};
    char text[HTTP_DATE_SIZE];
    rfd_time moment;
    (void)state;
    assert_string_equal(http_date(INT64_C(784111777) * RFD_SECOND, text), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_true(http_date_parse(slice_text(text), &moment));
    assert_true(moment == INT64_C(784111777) * RFD_SECOND);
    assert_string_equal(http_date(0, text), "Thu, 01 Jan 1970 00:00:00 GMT");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(http_date_parse(slice_text(bad[i]), &moment));
}

static void test_languages(void **state)
{
    struct rfd_language *es = NULL;
    struct rfd_language *ca = NULL;
    (void)state;
    assert_int_equal(rfd_language_open("es", NULL, &es, NULL), RFD_OK);
    assert_int_equal(rfd_language_open("ca", NULL, &ca, NULL), RFD_OK);
    const struct rfd_language *both[] = {es, ca};
    assert_ptr_equal(http_language_preferred(SLICE("ca-ES, es;q=0.9"), both, 2), ca);
    assert_ptr_equal(http_language_preferred(SLICE("ca;q=0.5, es;q=0.501"), both, 2), es);
    assert_ptr_equal(http_language_preferred(SLICE("ca;q=0"), both, 2), es);
    assert_ptr_equal(http_language_preferred(SLICE("fr, CA;q=0.1"), both, 2), ca);
    assert_ptr_equal(http_language_preferred(SLICE(",;;q=,ca;q=x"), both, 2), es);
    assert_ptr_equal(http_language_preferred(SLICE(""), both, 2), es);
    assert_null(http_language_preferred(SLICE("es"), both, 0));
    rfd_language_close(es);
    rfd_language_close(ca);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_networks), cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_crowd),     cmocka_unit_test(test_dates),    cmocka_unit_test(test_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
