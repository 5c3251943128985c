/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages of signing with a certificate that is opened in the browser, and what its script asks: preparing, the
 * prepared files, the signatures; what is wrong and where that is told; what others get; fifty documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "citizen.h"
#include "own_signer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/url.h"
#include "web/central/central_pages.h"

#include <jansson.h>
#include <stdio.h>

static struct arena memory;

struct room {
    struct house house;
    struct citizen ana, berta;
    struct own_signer mine;
};

struct asking {
    struct actor actor;
    struct signing wanted, out;
};

static rfd_status do_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct faults faults = {.count = 0};
    TRY(signing_new(t, &a->actor, NULL, &a->wanted, &faults, &a->out, error));
    return store_keep(&memory, &a->out.token, error);
}

/** "/firmar/TOKEN" of a new operation of ANA's. */
static const char *begin(struct room *r, size_t count)
{
    struct signing_document documents[SIGNING_DOCUMENTS] = {{.id = 0}};
    for (size_t i = 0; i < count; i++) {
        const char *text = arena_print(&memory, "Contrato %zu", i + 1);
        documents[i] = (struct signing_document){
            .title = slice_text(text), .blob = central_pdf(&r->house.central, text), .pages = 1};
    }
    struct asking a = {.actor = central_actor(r->house.office, ANA),
                       .wanted = {.documents = documents, .count = count}};
    WORLD_OK(store_write(r->house.office->store, do_new, &a, &error));
    return arena_print(&memory, SIGNING "/%.*s", (int)a.out.token.length, (const char *)a.out.token.data);
}

static void room_open(void **state, struct room *r)
{
    house_open(state, &r->house);
    r->house.web->web->options.personal = NULL; /* there is nothing that it would be asked */
    r->ana = citizen_sign_in(&r->house, ANA);
    r->berta = citizen_sign_in(&r->house, BERTA);
    own_signer_new(r->house.office, ANA, "P-256", 0, &r->mine);
}

static void room_close(struct room *r)
{
    own_signer_free(&r->mine);
    house_close(&r->house);
}

/* ---- The script ---- */

static const char *base64(slice octets)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    url_put_base64(&b, octets);
    const char *text = arena_text(&memory, buf_slice(&b));
    buf_dispose(&b);
    return text;
}

static const char *path_of(const char *operation, const char *rest)
{
    return arena_print(&memory, "%s%s", operation, rest);
}

/** The answer's JSON; the status is as wanted. */
static json_t *ask(const struct citizen *c, const char *path, const char *fields, int wanted)
{
    struct exchange_of_test x;
    int status = citizen_post(c, &x, path, "application/json", fields);
    if (status != wanted)
        fail_msg("%s: %d %.*s", path, status, (int)x.response.body.length, (const char *)x.response.body.data);
    json_t *json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    web_forget(&x);
    return json;
}

static json_t *prepare(const struct room *r, const char *operation, const struct own_signer *s, int wanted)
{
    const char *fields = arena_print(&memory, "certificate=%s", base64(buf_slice(&s->der)));
    return ask(&r->ana, path_of(operation, "/archivo/preparar"), fields, wanted);
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text == NULL ? "" : text;
}

/** "operation=…&place=1&signature=…" */
static const char *signed_fields(const json_t *prepared, const struct own_signer *s)
{
    const json_t *documents = json_object_get(prepared, "documents");
    const char *fields = arena_print(&memory, "operation=%s", text_of(prepared, "operation"));
    for (size_t i = 0; i < json_array_size(documents); i++) {
        const json_t *d = json_array_get(documents, i);
        slice attributes = url_read_base64(slice_text(text_of(d, "attributes")), &memory);
        assert_true(attributes.length > 0);
        fields = arena_print(&memory, "%s&place=%d&signature=%s", fields,
                             (int)json_integer_value(json_object_get(d, "place")),
                             base64(own_signer_sign(s, &memory, attributes)));
    }
    return fields;
}

static void expect_next(json_t *answer, const char *operation, const char *step)
{
    assert_string_equal(text_of(answer, "next"), path_of(operation, step));
    json_decref(answer);
}

static void expect_wrong(json_t *answer, const char *field, const char *message)
{
    assert_string_equal(text_of(answer, "field"), field);
    if (strstr(text_of(answer, "message"), message) == NULL) fail_msg("%s", text_of(answer, "message"));
    json_decref(answer);
}

/* ---- Tests ---- */

static void test_whole_path(void **state)
{
    struct room r;
    struct exchange_of_test x;
    room_open(state, &r);
    const char *operation = begin(&r, 2);
    assert_true(citizen_says(&r.ana, operation, path_of(operation, "/archivo\"")));
    assert_true(citizen_says(&r.ana, operation, path_of(operation, "/certificado\"")));
    assert_true(citizen_says(&r.ana, path_of(operation, "/archivo"), "data-certificates=\"MII"));
    assert_true(citizen_says(&r.ana, path_of(operation, "/archivo"), "data-hash=\""));
    assert_true(citizen_says(&r.ana, path_of(operation, "/archivo"), "<noscript>"));
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/archivo/preparado/1"), "", NULL), 404);
    json_t *prepared = prepare(&r, operation, &r.mine, 200);
    assert_string_equal(text_of(prepared, "algorithm"), "ECDSA");
    assert_int_equal(citizen_get(&r.ana, &x, "%s/archivo/preparado/2", operation), 200);
    assert_string_equal(web_answer_header(&x, "content-type", 0), "application/octet-stream");
    web_forget(&x);
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/archivo/preparado/3"), "", NULL), 404);
    const char *fields = signed_fields(prepared, &r.mine);
    expect_next(ask(&r.ana, path_of(operation, "/archivo/firma"), fields, 200), operation, "/resultado");
    expect_next(ask(&r.ana, path_of(operation, "/archivo/firma"), fields, 200), operation, "/resultado"); /* twice */
    assert_true(citizen_says(&r.ana, path_of(operation, "/resultado"), "/resultado/2\""));
    assert_true(citizen_says(&r.ana, path_of(operation, "/resultado"), "it never was on this platform"));
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/resultado/1"), "", NULL), 200);
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/constancia.pdf"), "", NULL), 200);
    /* It is over. */
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/archivo"), "", NULL), 303);
    expect_next(prepare(&r, operation, &r.mine, 200), operation, "");
    json_decref(prepared);
    room_close(&r);
}

static void test_what_is_wrong_is_told(void **state)
{
    struct room r;
    struct own_signer theirs;
    room_open(state, &r);
    own_signer_new(r.house.office, BERTA, "P-256", 0, &theirs);
    const char *operation = begin(&r, 1), *sign = path_of(operation, "/archivo/firma");
    expect_wrong(ask(&r.ana, path_of(operation, "/archivo/preparar"), "", 422), "certificate", "no certificate");
    expect_wrong(ask(&r.ana, path_of(operation, "/archivo/preparar"), "certificate=AAAA", 422), "certificate",
                 "no certificate");
    expect_wrong(prepare(&r, operation, &theirs, 422), "certificate", "somebody else");
    json_t *prepared = prepare(&r, operation, &r.mine, 200);
    expect_wrong(ask(&r.ana, sign, signed_fields(prepared, &theirs), 422), "", "not one of what was prepared");
    const char *none = arena_print(&memory, "operation=%s", text_of(prepared, "operation"));
    expect_wrong(ask(&r.ana, sign, none, 422), "", "missing");
    json_decref(ask(&r.ana, sign, "operation=AAAA&place=1", 400));
    json_decref(ask(&r.ana, sign, "operation=AAAA&place=51&signature=AAAA", 400));
    expect_wrong(ask(&r.ana, sign, "operation=AAAA&place=1&signature=AAAA", 422), "", "begun again");
    (void)domain_store_run(r.house.office->store,
                           "UPDATE certificate_status SET state = 3, revoked_at = 1, reason = 1");
    expect_wrong(ask(&r.ana, sign, signed_fields(prepared, &r.mine), 422), "certificate", "revoked");
    assert_int_equal(
        domain_store_number(r.house.office->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
        0);
    json_decref(prepared);
    own_signer_free(&theirs);
    room_close(&r);
}

static void test_others(void **state)
{
    struct room r;
    room_open(state, &r);
    const char *operation = begin(&r, 1);
    json_t *prepared = prepare(&r, operation, &r.mine, 200);
    assert_int_equal(citizen_look(&r.berta, path_of(operation, "/archivo"), "", NULL), 404);
    assert_int_equal(citizen_look(&r.berta, path_of(operation, "/archivo/preparado/1"), "", NULL), 404);
    assert_int_equal(citizen_do_post(&r.berta, path_of(operation, "/archivo/preparar"), "certificate=AAAA"), 404);
    assert_int_equal(citizen_do_post(&r.berta, path_of(operation, "/archivo/firma"), signed_fields(prepared, &r.mine)),
                     404);
    /* A form of another site has no token. */
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, path_of(operation, "/archivo/firma"));
    web_header(&x, "Cookie", r.ana.cookie);
    web_form(&x, signed_fields(prepared, &r.mine));
    assert_int_not_equal(web_send(r.house.web, &x), 200);
    web_forget(&x);
    assert_int_equal(
        domain_store_number(r.house.office->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
        0);
    json_decref(prepared);
    room_close(&r);
}

/** One that cannot be signed is told, and the others are; when none can be, the result says why. */
static void test_damaged(void **state)
{
    struct room r;
    room_open(state, &r);
    const char *operation = begin(&r, 2);
    (void)domain_store_run(r.house.office->store, "UPDATE signing SET level = 1"); /* there is no time-stamp service */
    struct exchange_of_test x;
    const char *fields = arena_print(&memory, "certificate=%s", base64(buf_slice(&r.mine.der)));
    int status = citizen_post(&r.ana, &x, path_of(operation, "/archivo/preparar"), "application/json", fields);
    assert_true(status >= 400 && status != 422);
    web_forget(&x);
    assert_int_equal(citizen_look(&r.ana, path_of(operation, "/archivo"), "", NULL), 200); /* it may be tried again */
    room_close(&r);
}

static void test_fifty(void **state)
{
    struct room r;
    room_open(state, &r);
    own_signer_free(&r.mine);
    own_signer_new(r.house.office, ANA, "RSA", 4096, &r.mine);
    const char *operation = begin(&r, SIGNING_DOCUMENTS);
    json_t *prepared = prepare(&r, operation, &r.mine, 200);
    assert_int_equal(json_array_size(json_object_get(prepared, "documents")), SIGNING_DOCUMENTS);
    expect_next(ask(&r.ana, path_of(operation, "/archivo/firma"), signed_fields(prepared, &r.mine), 200), operation,
                "/resultado");
    assert_int_equal(
        domain_store_number(r.house.office->store, "SELECT count(*) FROM signing_document WHERE result IS NOT NULL"),
        SIGNING_DOCUMENTS);
    json_decref(prepared);
    room_close(&r);
}

static int set_up(void **state)
{
    arena_init(&memory, 64 << 20);
    return central_setup(state);
}

static int tear_down(void **state)
{
    arena_dispose(&memory);
    return central_teardown(state);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(test_whole_path), IN_A_HOUSE(test_what_is_wrong_is_told),
        IN_A_HOUSE(test_others),     IN_A_HOUSE(test_damaged),
        IN_A_HOUSE(test_fifty),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
