/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that people handed in, as browsers get them: who may, and what the answer forbids; and the frame they are seen
 * in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base_support.h"
#include "evidence_world.h"
#include "keeper/client_internal.h"
#include "keeper_support.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"
#define PDF     "%PDF-1.7\nnot much of one"

struct viewer_world {
    struct web_world *web;
    struct keeper_client *client;
    struct arena arena;
    char agent[128], other[128], applicant[128];
};

static void sign_in(struct web_world *w, const char *number, enum role role, int64_t unit, char cookie[128])
{
    struct store *store = w->database->store;
    char token[ACCOUNT_TOKEN_SIZE];
    int64_t person = account_world_find(store, account_world_account(store, number)).person;
    if (unit != 0) (void)world_grant(store, person, role, unit);
    (void)account_world_signed_in(store, number, token);
    (void)snprintf(cookie, 128, SESSION "=%s", token);
}

static void open_world(struct viewer_world *v, void **state)
{
    static int number;
    char folder[32];
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    assert_int_equal(world_setup(NULL), 0);
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    *v = (struct viewer_world){.web = web_world_open(state, false)};
    arena_init(&v->arena, 1 << 20);
    assert_int_equal(keeper_client_direct(world.keeper, &v->client, NULL), RFD_OK);
    v->client->session.sender = KEEPER_FROM_WEB;
    (void)snprintf(folder, sizeof folder, "viewer-%d", ++number);
    const struct blob_options options = {folder, "wrapping", v->client};
    blob_store_close(v->web->web->blobs);
    assert_int_equal(blob_store_open(&options, &v->web->web->blobs, NULL), RFD_OK);
    v->web->settings.web.blobs = "."; /* where a file to be sent is put together */
    sign_in(v->web, "40000001", ROLE_CERTIFYING_AGENT, UNIT_OTI, v->agent);
    sign_in(v->web, "40000002", ROLE_CERTIFYING_AGENT, UNIT_OTRA, v->other);
    sign_in(v->web, "40000003", ROLE_APPLICANT, 0, v->applicant);
}

static void close_world(struct viewer_world *v)
{
    web_world_close(v->web);
    keeper_client_free(v->client);
    arena_dispose(&v->arena);
    assert_int_equal(world_teardown(NULL), 0);
}

static int64_t hand_in(struct viewer_world *v, int64_t request, const char *name, slice content, bool scanner)
{
    struct blob_writer *writer = NULL;
    struct evidence_putting p = evidence_world_file(request, "identity-front", 'x', scanner);
    assert_int_equal(blob_begin(v->web->web->blobs, &writer, NULL), RFD_OK);
    assert_int_equal(blob_write(writer, content, NULL), RFD_OK);
    assert_int_equal(blob_finish(writer, &v->arena, &p.file.blob, NULL), RFD_OK);
    p.file.name = slice_text(name);
    assert_int_equal(store_write(v->web->database->store, evidence_world_put_work, &p, NULL), RFD_OK);
    return p.id;
}

static const char *address(int64_t id, const char *more)
{
    static char text[64];
    (void)snprintf(text, sizeof text, "/evidencias/%lld%s", (long long)id, more);
    return text;
}

static int asked(struct viewer_world *v, const char *target, const char *cookie)
{
    struct exchange_of_test x;
    int status = web_get(v->web, &x, target, cookie);
    assert_false(web_says(&x, "not much of one") && status != 200);
    web_forget(&x);
    return status;
}

static void who_gets_a_file(void **state)
{
    struct viewer_world v;
    open_world(&v, state);
    int64_t id = hand_in(&v, 1, "dni.pdf", SLICE(PDF), false);
    assert_int_equal(asked(&v, address(id, ""), v.agent), 200);
    assert_int_equal(asked(&v, address(id, ""), v.other), 404);
    assert_int_equal(asked(&v, address(id, ""), v.applicant), 404);
    assert_int_equal(asked(&v, address(id, "?guardar=1"), v.other), 404);
    int status = asked(&v, address(id, ""), "");
    assert_true(status == 303 || status == 401);
    assert_int_equal(asked(&v, address(id + 99, ""), v.agent), 404);
    assert_int_equal(asked(&v, "/evidencias/abc", v.agent), 404);
    assert_int_equal(asked(&v, "/evidencias/-1", v.agent), 404);
    assert_int_equal(asked(&v, "/evidencias/99999999999999999999", v.agent), 404);
    assert_int_equal(asked(&v, address(id, "?guardar=1&guardar=2"), v.agent), 400);
    int64_t waits = hand_in(&v, 1, "dni.pdf", SLICE(PDF " more"), true);
    assert_int_equal(asked(&v, address(waits, ""), v.agent), 409);
    (void)domain_store_run(v.web->database->store, "UPDATE evidence SET scan = 'infected'");
    assert_int_equal(asked(&v, address(id, ""), v.agent), 409);
    close_world(&v);
}

static void header_is(struct exchange_of_test *x, const char *name, const char *value)
{
    assert_string_equal(web_answer_header(x, name, 0), value);
    assert_string_equal(web_answer_header(x, name, 1), "");
}

static void what_the_answer_forbids(void **state)
{
    struct viewer_world v;
    struct exchange_of_test x;
    open_world(&v, state);
    int64_t id = hand_in(&v, 1, "carné \"ñ\".pdf", SLICE(PDF), false);
    assert_int_equal(web_get(v.web, &x, address(id, ""), v.agent), 200);
    header_is(&x, "Content-Type", "application/pdf");
    header_is(&x, "Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
    header_is(&x, "X-Content-Type-Options", "nosniff");
    header_is(&x, "Cache-Control", "no-store");
    header_is(&x, "Cross-Origin-Resource-Policy", "same-origin");
    header_is(&x, "Content-Disposition", "inline; filename*=UTF-8''carn%C3%A9%20%22%C3%B1%22.pdf");
    assert_int_equal(x.response.file_length, sizeof PDF - 1);
    web_forget(&x);
    assert_int_equal(web_get(v.web, &x, address(id, "?guardar=1"), v.agent), 200);
    header_is(&x, "Content-Disposition", "attachment; filename*=UTF-8''carn%C3%A9%20%22%C3%B1%22.pdf");
    web_forget(&x);
    /* Whatever else came into the house is saved, and called nothing. */
    id = hand_in(&v, 1, "page.html", SLICE("<script>alert(1)</script>"), false);
    assert_int_equal(web_get(v.web, &x, address(id, ""), v.agent), 200);
    header_is(&x, "Content-Type", "application/octet-stream");
    header_is(&x, "Content-Disposition", "attachment; filename*=UTF-8''page.html");
    web_forget(&x);
    close_world(&v);
}

static void the_frame(void **state)
{
    struct viewer_world v;
    struct exchange_of_test x;
    open_world(&v, state);
    assert_int_equal(web_get(v.web, &x, "/visor", v.agent), 200);
    const char *policy = web_answer_header(&x, "Content-Security-Policy", 0);
    static const char *const wanted[] = {"sandbox allow-scripts;", "default-src 'none'", "connect-src 'none'",
                                         "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) assert_non_null(strstr(policy, wanted[i]));
    assert_null(strstr(policy, "allow-same-origin"));
    assert_null(strstr(policy, "unsafe-inline"));
    assert_null(strstr(policy, "'unsafe-eval'"));
    assert_string_equal(web_answer_header(&x, "X-Frame-Options", 0), "");
    assert_string_equal(web_answer_header(&x, "Set-Cookie", 0), "");
    assert_true(web_says(&x, "/frame/viewer.js"));
    web_forget(&x);
    assert_int_equal(web_get(v.web, &x, "/cuenta", v.agent), 200);
    assert_non_null(strstr(web_answer_header(&x, "Content-Security-Policy", 0), "frame-src 'self'"));
    web_forget(&x);
    close_world(&v);
}

/** One folder for the databases, one for the keeper. */
static int open_folders(void **state)
{
    return folder_setup(state) == 0 && folder_new() != NULL ? 0 : -1;
}

static int close_folders(void **state)
{
    folder_remove();
    return folder_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_WORLDS(who_gets_a_file),
        IN_BOTH_WORLDS(what_the_answer_forbids),
        IN_BOTH_WORLDS(the_frame),
    };
    return cmocka_run_group_tests_name("web_viewer", tests, open_folders, close_folders);
}
