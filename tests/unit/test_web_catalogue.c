/* SPDX-License-Identifier: EUPL-1.2
 *
 * The catalogues as an administrator changes them, and what strangers learn of a printed form by its code or its file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "holding_world.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"
#define CODE    "BCDFG-HJKLM-NPQRS-TVWXZ"

struct visitor {
    int64_t person, account;
    char cookie[256], csrf[64];
};

static rfd_status make_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visitor *v = context;
    struct actor actor = account_world_system();
    const struct account account = {.person = v->person};
    struct faults faults = {.count = 0};
    TRY(account_create(t, &actor, &account_world_settings, &account, 'U', &faults, &v->account, error));
    return account_set_password(t, &actor, &account_world_settings, v->account, SLICE(ACCOUNT_PASSWORD), false, &faults,
                                error);
}

static struct visitor sign_in(struct web_world *w, int64_t person)
{
    struct visitor v = {.person = person};
    struct exchange_of_test x;
    char name[16], token[ACCOUNT_TOKEN_SIZE];
    assert_int_equal(account_world_write(w->database->store, make_account, &v), RFD_OK);
    (void)domain_store_run(w->database->store, "UPDATE account SET level = 2");
    (void)snprintf(name, sizeof name, "%08d", (int)person);
    (void)account_world_signed_in(w->database->store, name, token);
    (void)snprintf(v.cookie, sizeof v.cookie, SESSION "=%s; __Host-refrenda-language=en", token);
    assert_int_equal(web_get(w, &x, "/cuenta", v.cookie), 200);
    (void)snprintf(v.csrf, sizeof v.csrf, "%s", web_token(&x));
    web_forget(&x);
    return v;
}

static struct visitor administrator(struct web_world *w)
{
    (void)world_grant(w->database->store, OPERATOR, ROLE_ADMINISTRATOR, UNIT_GM);
    (void)domain_store_run(w->database->store, "UPDATE role_assignment SET entity = NULL, unit = NULL "
                                               "WHERE role = 'administrator'");
    return sign_in(w, OPERATOR);
}

static void says(struct web_world *w, const struct visitor *v, const char *path, int status, const char *text)
{
    struct exchange_of_test x;
    int got = web_get(w, &x, path, v == NULL ? "__Host-refrenda-language=en" : v->cookie);
    if (got != status || !web_says(&x, text))
        fail_msg("%s: %d, without \"%s\":\n%.*s", path, got, text, (int)x.response.body.length,
                 (const char *)x.response.body.data);
    web_forget(&x);
}

static void says_not(struct web_world *w, const struct visitor *v, const char *path, const char *text)
{
    struct exchange_of_test x;
    (void)web_get(w, &x, path, v == NULL ? "__Host-refrenda-language=en" : v->cookie);
    if (web_says(&x, text)) fail_msg("%s says \"%s\"", path, text);
    web_forget(&x);
}

static void post(struct web_world *w, const struct visitor *v, const char *path, const char *fields, int status,
                 const char *text)
{
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, path);
    web_header(&x, "Accept", "text/html");
    web_header(&x, "Cookie", v->cookie);
    web_form(&x, arena_print(&x.arena, "csrf=%s&%s", v->csrf, fields));
    int got = web_send(w, &x);
    if (got != status || (text != NULL && !web_says(&x, text)))
        fail_msg("%s %s: %d, without \"%s\":\n%.*s", path, fields, got, text == NULL ? "" : text,
                 (int)x.response.body.length, (const char *)x.response.body.data);
    web_forget(&x);
}

/* ---- Catalogues ---- */

static void test_reading(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct visitor v = administrator(w);
    says(w, &v, "/administracion/catalogos", 200, "Motives of requests");
    says(w, &v, "/administracion/catalogos", 200, "Mexico");
    says(w, &v, "/administracion/catalogos/pe/motive", 200, "Olvido de la contraseña o del PIN");
    says(w, &v, "/administracion/catalogos/pe/motive", 200, "kinds=reissue payment=yes");
    says(w, &v, "/administracion/catalogos/pe/motive/entradas/expiry", 200, "Vencimiento del certificado");
    says(w, &v, "/administracion/catalogos/pe/motive/entradas/expiry", 200, "whether a payment is needed");
    says(w, &v, "/administracion/catalogos/pe/device/entradas/token", 200, "It has none.");
    says(w, &v, "/administracion/catalogos/pe/motive/nueva", 200, "New entry");
    says(w, &v, "/administracion/catalogos/zz/motive", 404, "");
    says(w, &v, "/administracion/catalogos/pe/fruit", 404, "");
    says(w, &v, "/administracion/catalogos/pe/motive/entradas/none-such", 404, "");
    struct visitor ana = sign_in(w, ANA);
    says(w, &ana, "/administracion/catalogos", 403, "");
    says(w, &ana, "/administracion/catalogos/pe/motive/entradas/expiry", 403, "");
    post(w, &ana, "/administracion/catalogos/pe/motive/entradas/expiry", "es=Otro", 403, NULL);
    assert_int_equal(domain_store_number(w->database->store, "SELECT count(*) FROM catalogue_entry"), 0);
    web_world_close(w);
}

#define EXPIRY "/administracion/catalogos/pe/motive/entradas/expiry"
static void test_changing(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    struct visitor v = administrator(w);
    post(w, &v, EXPIRY, "es=Vence%20pronto&en=Ends%20soon&value=kinds%3Drenew&place=5&closed=1", 303, NULL);
    says(w, &v, "/administracion/catalogos/pe/motive", 200, "Vence pronto");
    says(w, &v, "/administracion/catalogos/pe/motive", 200, "Changed here");
    says(w, &v, EXPIRY, 200, EXPIRY "/original");
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM catalogue_entry WHERE place = 5 AND closed"), 1);
    /* What was typed stays, with what is wrong of it. */
    post(w, &v, EXPIRY, "es=&value=kinds%3Drenew", 422, "f-es");
    post(w, &v, EXPIRY, "es=Otro%20m%C3%A1s&value=payment%3Dmaybe", 422, "Otro más");
    post(w, &v, EXPIRY, "es=Otro&value=payment%3Dmaybe", 422, "has a value that it cannot have");
    post(w, &v, EXPIRY, "es=Otro&value=kinds%3Dbuy", 422, "One of the kinds of request is none");
    /* Back. */
    says(w, &v, EXPIRY "/original", 200, "What was written in its place is lost.");
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM catalogue_entry"), 1);
    post(w, &v, EXPIRY "/original", "", 303, NULL);
    post(w, &v, EXPIRY "/original", "", 303, NULL);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM catalogue_entry"), 0);
    says_not(w, &v, "/administracion/catalogos/pe/motive", "Vence pronto");
    web_world_close(w);
}

static void test_adding(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    struct visitor v = administrator(w);
    post(w, &v, "/administracion/catalogos/mx/device/nueva", "code=watch&es=Reloj", 303, NULL);
    says(w, &v, "/administracion/catalogos/mx/device", 200, "Added here");
    post(w, &v, "/administracion/catalogos/mx/device/nueva", "code=watch&es=Otro", 422,
         "There is an entry of this code already");
    post(w, &v, "/administracion/catalogos/mx/device/nueva", "code=token&es=Otro", 422,
         "There is an entry of this code already");
    post(w, &v, "/administracion/catalogos/mx/device/nueva", "code=El%20Reloj&es=Otro", 422, "small letters");
    says(w, &v, "/administracion/catalogos/mx/device/entradas/watch/original", 200, "Take this entry away?");
    post(w, &v, "/administracion/catalogos/mx/device/entradas/watch/original", "", 303, NULL);
    says(w, &v, "/administracion/catalogos/mx/device/entradas/watch", 404, "");
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM catalogue_entry"), 0);
    web_world_close(w);
}

/* ---- Printed forms ---- */

static rfd_status enter_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct blob blob = {.size = 4, .type = SLICE("application/pdf"), .wrapped = SLICE("x")};
    (void)snprintf(blob.id, sizeof blob.id, "%s", (const char *)context);
    return blob_record(t, &blob, error);
}

/** A row of a form of the certificate, whose file has this SHA-256. */
static void enter_form(struct store *store, int64_t certificate, const char *blob)
{
    char sql[512], id[BLOB_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", blob);
    assert_int_equal(account_world_write(store, enter_blob, id), RFD_OK);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO printed_form(code, kind, request, certificate, blob, language, made, maker) VALUES ('" CODE
        "', 'acceptance', 1, %lld, '%s', 'es', %lld, 'system:test')",
        (long long)certificate, blob, (long long)clock_now());
    (void)domain_store_run(store, sql);
}

/** As a browser without session does: the token of the form, and its cookie. */
static void ask(struct web_world *w, const char *code, const char *file, int status, const char *text)
{
    struct exchange_of_test x;
    char csrf[64], cookie[256];
    assert_int_equal(web_get(w, &x, "/verificar", "__Host-refrenda-language=en"), 200);
    (void)snprintf(csrf, sizeof csrf, "%s", web_token(&x));
    (void)snprintf(cookie, sizeof cookie, "%s; __Host-refrenda-language=en", web_cookie(&x, "__Host-refrenda-visitor"));
    web_forget(&x);
    web_request(&x, HTTP_POST, "/verificar");
    web_header(&x, "Accept", "text/html");
    web_header(&x, "Cookie", cookie);
    web_header(&x, "Content-Type", "multipart/form-data; boundary=q");
    const char *body = arena_print(&x.arena,
                                   "--q\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n"
                                   "--q\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n%s\r\n"
                                   "--q\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
                                   "Content-Type: application/pdf\r\n\r\n%s\r\n--q--\r\n",
                                   csrf, code, file[0] == '\0' ? "" : "a.pdf", file);
    assert_non_null(body);
    x.request.body = slice_text(body);
    int got = web_send(w, &x);
    if (got != status || (text != NULL && !web_says(&x, text)))
        fail_msg("%s/%s: %d, without \"%s\":\n%.*s", code, file, got, text == NULL ? "" : text,
                 (int)x.response.body.length, (const char *)x.response.body.data);
    if (status == 303) assert_string_equal(web_answer_header(&x, "location", 0), "/verificar/" CODE);
    web_forget(&x);
}

static void test_verifying(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    enter_form(store, own, "a2e9d2d5d2ee0ef1ea1bdb4cd6b2fe0a4ea1b6e3d6c0d7e0d1a1b2c3d4e5f607");
    says(w, NULL, "/verificar", 200, "Verify a printed form");
    says(w, NULL, "/verificar/" CODE, 200, "Acceptance of responsibility");
    says(w, NULL, "/verificar/bcdfghjklmnpqrstvwxz", 200, "The certificate is in force now");
    says(w, NULL, "/verificar/" CODE, 200, "A. Q.");
    says(w, NULL, "/verificar/" CODE, 200, "S-0001-2026");
    says_not(w, NULL, "/verificar/" CODE, "00000004"); /* never an identity number */
    says_not(w, NULL, "/verificar/" CODE, "Quispe");
    says_not(w, NULL, "/verificar/" CODE, "example.pe");
    says(w, NULL, "/verificar/BCDFG-HJKLM-NPQRS-TVWXX", 404, "compare it letter by letter");
    says(w, NULL, "/verificar/nothing", 404, "compare it letter by letter");
    ask(w, "bcdfg hjklm npqrs tvwxz", "", 303, NULL);
    ask(w, "BCDFG", "", 422, "compare it letter by letter");
    ask(w, "", "", 422, "Write the code, or choose the file");
    ask(w, "", "something else", 422, "not exactly a file of ours");
    (void)domain_store_run(store, "UPDATE certificate SET not_after = issued_at - 1000000");
    says(w, NULL, "/verificar/" CODE, 200, "not in force now");
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 3, revoked_at = 1795428000000000, reason = 1");
    says_not(w, NULL, "/verificar/" CODE, "is in force now");
    web_world_close(w);
}

static void test_verifying_a_file(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    /* printf ours | sha256sum */
    enter_form(store, own, "ae0bec9e9d33c56354bd612c8a6010840324fc5b9786ce0a18b696b304b09397");
    ask(w, "", "ours", 200, "The file is exactly ours");
    ask(w, CODE, "ours", 200, "The certificate is in force now");
    ask(w, CODE, "OURS", 422, "not exactly a file of ours");
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOLDINGS(test_reading),   IN_BOTH_HOLDINGS(test_changing),         IN_BOTH_HOLDINGS(test_adding),
        IN_BOTH_HOLDINGS(test_verifying), IN_BOTH_HOLDINGS(test_verifying_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
