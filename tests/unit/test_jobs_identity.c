/* SPDX-License-Identifier: EUPL-1.2
 *
 * Somebody is looked up in an identity service: pages' side, worker's side, and a real HTTP server
 * (tests/support/identity_service.py), which is slow, large, wrong, away, or somebody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "identity_world.h"
#include "ipc/channel.h"

#include <signal.h>
#include <unistd.h>

enum { WAIT = 60000, AT_ONCE = 8 };

/** Of the tests that change nothing of it. */
static struct identity_service common;

static enum identity_outcome ask(struct identity_pair *p, const char *number, struct identity_known *known)
{
    assert_int_equal(
        identity_client_ask(p->client, SLICE("pe"), SLICE("dni"), slice_text(number), &p->arena, known, NULL), RFD_OK);
    return known->outcome;
}

/** Each with a breaker that has seen nothing yet. */
static enum identity_outcome ask_alone(const struct identity_service *s, const char *token, slice authorities,
                                       const char *number)
{
    struct identity_pair p;
    struct identity_known known;
    identity_pair_open(&p, s->address, token, authorities);
    enum identity_outcome outcome = ask(&p, number, &known);
    assert_int_equal(known.given_names.length > 0, outcome == IDENTITY_KNOWN);
    identity_pair_close(&p);
    return outcome;
}

/* ---- Tests ---- */

static void test_names_come(void **state)
{
    struct identity_pair p;
    struct identity_known k;
    char text[IDENTITY_TEXT_SIZE];
    (void)state;
    identity_pair_open(&p, common.address, "t0ken", SLICE_EMPTY);
    assert_int_equal(ask(&p, "70000016", &k), IDENTITY_KNOWN);
    assert_true(slice_is(k.given_names, "ROSA MAR\xc3\x8d"
                                        "A"));
    assert_true(slice_is(k.surname, "QUISPE"));
    assert_true(slice_is(k.second_surname, "MAMANI"));
    assert_int_equal(k.standing, IDENTITY_VALID);
    assert_int_equal(ask(&p, "70000024", &k), IDENTITY_KNOWN);
    assert_true(slice_is(k.given_names, "JUAN"));
    assert_int_equal(k.second_surname.length, 0);
    assert_int_equal(k.standing, IDENTITY_DECEASED);
    assert_int_equal(ask(&p, "70000032", &k), IDENTITY_KNOWN);
    assert_int_equal(k.standing, IDENTITY_VALID);
    assert_int_equal(ask(&p, "70000040", &k), IDENTITY_UNKNOWN);
    assert_int_equal(ask(&p, "A&B=\xc3\x91 ?", &k), IDENTITY_UNKNOWN);
    identity_pair_close(&p);
    assert_non_null(strstr(identity_file(&common, "asked", text), "/personas PE DNI 70000016 application/json\n"));
    assert_non_null(strstr(text, " A&B=\xc3\x91 ? "));
}

static void test_what_breaks_the_contract_is_no_answer(void **state)
{
    static const char *const numbers[] = {"70000057", "70000065", "70000073", "70000081", "70000099",
                                          "70000107", "70000115", "70000123", "70000149", "70000156"};
    struct identity_service s;
    (void)state;
    identity_start(&s, false);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_int_equal(ask_alone(&s, "t0ken", SLICE_EMPTY, numbers[i]), IDENTITY_UNAVAILABLE);
    assert_int_equal(identity_asked(&s), sizeof numbers / sizeof *numbers); /* nor was a redirect followed */
    assert_int_equal(ask_alone(&s, "another", SLICE_EMPTY, "70000016"), IDENTITY_UNAVAILABLE);
    assert_int_equal(ask_alone(&s, "", SLICE_EMPTY, "70000016"), IDENTITY_UNAVAILABLE);
    assert_int_equal(ask_alone(&s, "t0ken", SLICE_EMPTY, "70000016"), IDENTITY_KNOWN);
    identity_stop(&s);
    assert_int_equal(ask_alone(&s, "t0ken", SLICE_EMPTY, "70000016"), IDENTITY_UNAVAILABLE);
}

static void test_a_slow_one_is_not_waited_for(void **state)
{
    int64_t began = channel_clock();
    (void)state;
    assert_int_equal(ask_alone(&common, "t0ken", SLICE_EMPTY, "70000164"), IDENTITY_UNAVAILABLE);
    assert_true(channel_clock() - began < 30000); /* half of what it takes when nobody hangs up */
}

static void test_after_three_failures_it_is_left_alone(void **state)
{
    struct identity_pair p;
    struct identity_known k;
    size_t before = identity_asked(&common);
    (void)state;
    identity_pair_open(&p, common.address, "t0ken", SLICE_EMPTY);
    for (int i = 0; i < 2; i++) assert_int_equal(ask(&p, "70000115", &k), IDENTITY_UNAVAILABLE);
    assert_int_equal(ask(&p, "70000040", &k), IDENTITY_UNKNOWN); /* an answer: it begins anew */
    for (int i = 0; i < 3; i++) assert_int_equal(ask(&p, "70000115", &k), IDENTITY_UNAVAILABLE);
    assert_int_equal(identity_asked(&common), before + 6);
    for (int i = 0; i < 3; i++) assert_int_equal(ask(&p, "70000016", &k), IDENTITY_UNAVAILABLE);
    assert_int_equal(identity_asked(&common), before + 6);
    identity_pair_close(&p);
}

struct crowd {
    struct identity_pair *pair;
    pthread_t thread;
    enum identity_outcome outcome;
    int64_t took;
};

static void *ask_in_a_crowd(void *context)
{
    struct crowd *c = context;
    struct arena a;
    struct identity_known k;
    int64_t began = channel_clock();
    arena_init(&a, 1 << 16);
    rfd_status status =
        identity_client_ask(c->pair->client, SLICE("pe"), SLICE("dni"), SLICE("70000131"), &a, &k, NULL);
    c->outcome = status == RFD_OK ? k.outcome : IDENTITY_KNOWN;
    c->took = channel_clock() - began;
    arena_dispose(&a);
    return NULL;
}

/** Eight threads serve pages: a slow service must not keep them all. */
static void test_a_crowd_does_not_wait(void **state)
{
    struct identity_pair p;
    struct crowd crowd[AT_ONCE];
    int at_once = 0;
    int64_t slowest = 0;
    (void)state;
    identity_pair_open(&p, common.address, "t0ken", SLICE_EMPTY);
    for (size_t i = 0; i < AT_ONCE; i++) {
        crowd[i] = (struct crowd){.pair = &p};
        assert_int_equal(pthread_create(&crowd[i].thread, NULL, ask_in_a_crowd, &crowd[i]), 0);
    }
    for (size_t i = 0; i < AT_ONCE; i++) {
        (void)pthread_join(crowd[i].thread, NULL);
        assert_int_equal(crowd[i].outcome, IDENTITY_UNAVAILABLE);
        if (crowd[i].took > slowest) slowest = crowd[i].took;
    }
    for (size_t i = 0; i < AT_ONCE; i++) at_once += crowd[i].took * 2 < slowest;
    assert_true(at_once >= AT_ONCE / 2); /* the others waited for nobody */
    identity_pair_close(&p);
}

static void test_over_tls(void **state)
{
    struct identity_service s;
    char text[IDENTITY_TEXT_SIZE];
    (void)state;
    identity_start(&s, true);
    slice own = slice_text(identity_file(&s, "service.pem", text));
    assert_true(own.length > 0);
    assert_int_equal(ask_alone(&s, "t0ken", own, "70000016"), IDENTITY_KNOWN);
    assert_int_equal(ask_alone(&s, "t0ken", SLICE_EMPTY, "70000016"), IDENTITY_UNAVAILABLE); /* no authority vouches */
    for (char *c = strstr(s.address, "localhost"); c != NULL; c = NULL) memcpy(c, "127.0.0.1", 9);
    assert_int_equal(ask_alone(&s, "t0ken", own, "70000016"), IDENTITY_UNAVAILABLE); /* another name */
    assert_int_equal(identity_asked(&s), 1);
    identity_stop(&s);
}

static void test_the_worker_comes_and_goes(void **state)
{
    struct identity_pair p;
    struct identity_known k;
    int fds[2];
    (void)state;
    identity_pair_open(&p, common.address, "t0ken", SLICE_EMPTY);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(identity_client_connect(p.client, fds[1], NULL), RFD_OK);
    (void)close(fds[0]); /* it died */
    assert_int_equal(ask(&p, "70000016", &k), IDENTITY_UNAVAILABLE);
    assert_int_equal(ask(&p, "70000016", &k), IDENTITY_UNAVAILABLE);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(identity_lookup_connect(p.lookup, fds[0], NULL), RFD_OK);
    assert_int_equal(identity_client_connect(p.client, fds[1], NULL), RFD_OK);
    assert_int_equal(ask(&p, "70000016", &k), IDENTITY_KNOWN);
    identity_pair_close(&p);
}

static void test_a_question_that_is_none(void **state)
{
    struct identity_pair p;
    struct message answer;
    struct channel *channel = NULL;
    int fds[2];
    size_t before = identity_asked(&common);
    (void)state;
    identity_pair_open(&p, common.address, "t0ken", SLICE_EMPTY);
    for (uint16_t type = IDENTITY_ASK; type <= IDENTITY_ASK + 1; type++) {
        assert_int_equal(channel_pair(fds, NULL), RFD_OK);
        assert_int_equal(identity_lookup_connect(p.lookup, fds[0], NULL), RFD_OK);
        assert_int_equal(channel_new(fds[1], &(struct channel_options){.maximum = 4096}, &channel, NULL), RFD_OK);
        assert_int_equal(channel_call(channel, type, SLICE("nothing of the kind"), WAIT, &answer, NULL),
                         RFD_E_PEER_GONE);
        channel_free(channel);
    }
    assert_int_equal(identity_asked(&common), before);
    identity_pair_close(&p);
}

static void test_a_token_fit_for_a_header(void **state)
{
    struct settings settings = {.requests = {.identity_service = "https://identidad.example"}};
    struct identity_lookup *lookup = NULL;
    (void)state;
    assert_int_equal(identity_lookup_new(&settings, SLICE("a\r\nX: y"), SLICE_EMPTY, NULL, &lookup, NULL),
                     RFD_E_SETTINGS);
    assert_null(lookup);
}

static int set_up(void **state)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (folder_setup(state) != 0) return -1;
    identity_start(&common, false);
    return 0;
}

static int tear_down(void **state)
{
    identity_stop(&common);
    return folder_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_come),
        cmocka_unit_test(test_what_breaks_the_contract_is_no_answer),
        cmocka_unit_test(test_a_slow_one_is_not_waited_for),
        cmocka_unit_test(test_after_three_failures_it_is_left_alone),
        cmocka_unit_test(test_a_crowd_does_not_wait),
        cmocka_unit_test(test_over_tls),
        cmocka_unit_test(test_the_worker_comes_and_goes),
        cmocka_unit_test(test_a_question_that_is_none),
        cmocka_unit_test(test_a_token_fit_for_a_header),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
