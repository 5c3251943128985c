/* SPDX-License-Identifier: EUPL-1.2
 *
 * The seal of an entity through the pages alone: asked for at the desk, approved by two agents, made by who answers for
 * it, allowed to a portal by an administrator, withdrawn; and who gets nothing of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "citizen.h"
#include "keeper/approval.h"

#include <openssl/evp.h>
#include <stdio.h>

#define ORDERS  "/agente/sellos"
#define CENTRAL "/certificados/central"

/** At the desk, which wants a certificate. */
static struct citizen sign_in_agent(struct house *h, int64_t person)
{
    char sql[256];
    struct citizen c = citizen_sign_in(h, person);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE session SET methods = %d, certificate = (SELECT max(id) FROM certificate WHERE subject_id = "
                   "'IDCPE-%08d') WHERE account = (SELECT id FROM account WHERE person = %d)",
                   METHOD_CERTIFICATE, (int)person, (int)person);
    (void)domain_store_run(h->office->store, sql);
    return c;
}

static struct citizen sign_in_administrator(struct house *h)
{
    (void)world_grant(h->office->store, BERTA, ROLE_ADMINISTRATOR, 0);
    return citizen_sign_in(h, BERTA);
}

/** The form's field with the agent's signature of what the page gives to be signed. */
static const char *signature_of(const struct citizen *c, int64_t agent, int order)
{
    static char field[48 << 10];
    struct exchange_of_test x;
    struct buf signed_data;
    unsigned char text[32 << 10];
    size_t at = 0;
    buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
    assert_int_equal(citizen_get(c, &x, ORDERS "/%d/aprobacion.txt", order), 200);
    office_sign_text(agent, x.response.body, &signed_data);
    web_forget(&x);
    int length = EVP_EncodeBlock(text, signed_data.data, (int)signed_data.length);
    at = (size_t)snprintf(field, sizeof field, "signature=");
    for (int i = 0; i < length; i++)
        at += (size_t)snprintf(field + at, sizeof field - at,
                               text[i] == '+'   ? "%%2B"
                               : text[i] == '/' ? "%%2F"
                                                : "%c",
                               text[i]);
    buf_dispose(&signed_data);
    return field;
}

static int send_to(const struct citizen *c, int order, const char *field)
{
    char path[64];
    (void)snprintf(path, sizeof path, ORDERS "/%d", order);
    return citizen_do_post(c, path, field);
}

static bool says(const struct citizen *c, const char *text, const char *format, ...) RFD_PRINTF(3, 4);
static bool says(const struct citizen *c, const char *text, const char *format, ...)
{
    char path[256];
    va_list more;
    va_start(more, format);
    (void)vsnprintf(path, sizeof path, format, more);
    va_end(more);
    return citizen_says(c, path, text);
}

static int64_t count(const struct house *h, const char *sql)
{
    return domain_store_number(h->office->store, sql);
}

static void open_world(void **state, struct house *h)
{
    house_open(state, h);
    h->web->settings.central.explicit = true;
    (void)domain_store_run(h->office->store, "UPDATE person SET mobile = '+51999000114' WHERE id = 4");
}

/* ---- The desk ---- */

static void test_desk(void **state)
{
    struct house h;
    open_world(state, &h);
    struct citizen plain = citizen_sign_in(&h, ANA);
    assert_int_equal(citizen_look(&plain, ORDERS, "", NULL), 403);
    struct citizen agent = sign_in_agent(&h, AGENT), rival = sign_in_agent(&h, RIVAL);
    assert_true(citizen_says(&agent, ORDERS, "No seal was asked for yet"));
    assert_true(citizen_says(&agent, ORDERS "/nuevo", "name=\"basis\""));
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=1&number=&basis="), 422);
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=1&number=99999999&basis=R"), 422);
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=7&number=00000004&basis=R"), 422);
    /* Of the deputy, who is an agent, too: no mobile for the codes. */
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=1&number=00000003&basis=R"), 422);
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=1&number=00000004&basis=Resoluci%C3%B3n+12"),
                     303);
    assert_true(citizen_says(&agent, ORDERS, "Nobody has signed yet"));
    assert_true(citizen_says(&agent, ORDERS "/1", "VATPE-20131370645"));
    assert_true(citizen_says(&agent, ORDERS "/1", "data-signed-text"));
    assert_int_equal(citizen_look(&plain, ORDERS "/1", "", NULL), 403);
    assert_int_equal(send_to(&agent, 1, ""), 422);
    assert_int_equal(send_to(&agent, 1, signature_of(&agent, RIVAL, 1)), 422); /* another's signature */
    assert_int_equal(send_to(&agent, 1, signature_of(&agent, AGENT, 1)), 303);
    assert_true(citizen_says(&agent, ORDERS "/1", "You have signed it"));
    assert_false(citizen_says(&agent, ORDERS "/1", "data-signed-text"));
    assert_int_equal(send_to(&agent, 1, signature_of(&agent, AGENT, 1)), 303); /* twice is once */
    assert_int_equal(count(&h, "SELECT count(*) FROM central_enrolment"), 0);
    assert_true(citizen_says(&rival, ORDERS "/1", "Signed by"));
    assert_int_equal(send_to(&rival, 1, signature_of(&rival, RIVAL, 1)), 303);
    assert_int_equal(count(&h, "SELECT count(*) FROM central_enrolment WHERE entity = 1 AND person = 4"), 1);
    assert_true(citizen_says(&rival, ORDERS, "Granted"));
    assert_false(citizen_says(&rival, ORDERS "/1", "code: sign"));
    /* One that wants codes, too, says so in what is signed. One that was wrong is withdrawn. */
    assert_int_equal(citizen_do_post(&agent, ORDERS "/nuevo", "entity=1&number=00000004&basis=R&code=1"), 303);
    assert_true(citizen_says(&agent, ORDERS "/2", "PIN and a code for each use"));
    assert_int_equal(count(&h, "SELECT count(*) FROM seal_order WHERE text LIKE '%code: sign%'"), 1);
    assert_int_equal(citizen_do_post(&agent, ORDERS "/2/retirar", ""), 303);
    assert_true(citizen_says(&agent, ORDERS "/2", "Withdrawn"));
    house_close(&h);
}

/* ---- Who answers for it, and the administrator ---- */

static rfd_status find_credential(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT credential FROM central_key", NULL, 0, &rows, error));
    slice text = store_cell(&rows, 0, 0)->bytes;
    memcpy(context, text.data, text.length);
    ((char *)context)[text.length] = '\0';
    return RFD_OK;
}

static void make_portal(const struct citizen *administrator)
{
    assert_int_equal(citizen_do_post(administrator, "/administracion/portales/nuevo",
                                     "entity=1&name=Sede&client=sede-villa&returns=&webhook=&quota=0&key=&certificate="
                                     "&renew=1"),
                     200); /* its secret is shown */
}

static void test_making_and_granting(void **state)
{
    struct house h;
    struct activation a;
    char own[128], fields[192];
    open_world(state, &h);
    int64_t enrolment = central_seal_approved(h.office, ANA);
    struct citizen ana = citizen_sign_in(&h, ANA), other = citizen_sign_in(&h, DEPUTY);
    struct citizen administrator = sign_in_administrator(&h);
    /* Only who answers for it finds it. */
    assert_true(citizen_says(&ana, CENTRAL, "nuevo?sello="));
    assert_false(citizen_says(&other, CENTRAL, "nuevo?sello="));
    (void)snprintf(own, sizeof own, CENTRAL "/nuevo?sello=%lld", (long long)enrolment);
    assert_true(citizen_says(&ana, own, "Make the seal of Municipalidad"));
    assert_int_equal(citizen_look(&other, own, "", NULL), 404);
    assert_int_equal(citizen_look(&ana, CENTRAL "/nuevo?sello=999", "", NULL), 404);
    assert_int_equal(citizen_look(&ana, CENTRAL "/nuevo?sello=x", "", NULL), 404);
    (void)snprintf(fields, sizeof fields, "sello=%lld", (long long)enrolment);
    assert_int_equal(citizen_do_post(&ana, CENTRAL "/nuevo", fields), 422); /* not agreed to */
    (void)snprintf(fields, sizeof fields, "acepto=1&sello=%lld", (long long)enrolment);
    assert_int_equal(citizen_do_post(&other, CENTRAL "/nuevo", fields), 404);
    citizen_begin(&ana, CENTRAL "/nuevo", fields, &a);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, NULL, CENTRAL "/"), 200);
    arena_dispose(&a.memory);
    char credential[64];
    assert_int_equal(store_read(h.office->store, find_credential, credential, NULL), RFD_OK);
    (void)snprintf(own, sizeof own, CENTRAL "/%s", credential);
    assert_true(citizen_says(&ana, own, "Seal of an entity"));
    assert_false(citizen_says(&ana, own, "secondary\" href=\"/firmar\"")); /* nobody signs with it on our pages */
    assert_int_equal(citizen_look(&other, own, "", NULL), 404);
    assert_true(citizen_says(&ana, CENTRAL, "Make another seal"));
    /* The administrator allows it. */
    make_portal(&administrator);
    assert_int_equal(citizen_look(&ana, "/administracion/portales/1/sellos", "", NULL), 403);
    assert_true(citizen_says(&administrator, "/administracion/portales/1/sellos", "None."));
    assert_true(citizen_says(&administrator, "/administracion/portales/1/sellos/nuevo", credential));
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/nuevo", "credential=x&daily=5"),
                     422);
    (void)snprintf(fields, sizeof fields, "credential=%s&daily=5&ends=2020-01-01", credential);
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/nuevo", fields), 422);
    (void)snprintf(fields, sizeof fields, "credential=%s&daily=5&ends=", credential);
    assert_int_equal(citizen_do_post(&ana, "/administracion/portales/1/sellos/nuevo", fields), 403);
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/nuevo", fields), 303);
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/nuevo", fields),
                     422); /* there is one */
    (void)domain_store_run(h.office->store, "UPDATE seal_grant SET used = 3, day = 999999999");
    assert_true(citizen_says(&administrator, "/administracion/portales/1/sellos", ">3<"));
    assert_true(citizen_says(&ana, own, "Sede"));
    assert_true(says(&ana, "consequences", "%s/sello/1/retirar", own));
    /* She withdraws it; another person, or through another seal, cannot. */
    (void)snprintf(fields, sizeof fields, "%s/sello/1/retirar", own);
    assert_int_equal(citizen_do_post(&other, fields, ""), 404);
    assert_int_equal(count(&h, "SELECT count(*) FROM seal_grant WHERE withdrawn IS NULL"), 1);
    assert_int_equal(citizen_do_post(&ana, fields, ""), 303);
    assert_int_equal(count(&h, "SELECT count(*) FROM seal_grant WHERE withdrawn IS NULL"), 0);
    assert_true(citizen_says(&ana, own, "None now."));
    assert_true(citizen_says(&administrator, "/administracion/portales/1/sellos", "None."));
    /* The administrator's own way, with another grant. */
    (void)snprintf(fields, sizeof fields, "credential=%s&daily=0&ends=", credential);
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/nuevo", fields), 303);
    assert_int_equal(citizen_look(&administrator, "/administracion/portales/2/sellos/2/retirar", "", NULL), 404);
    assert_true(citizen_says(&administrator, "/administracion/portales/1/sellos/2/retirar", "Withdraw it"));
    assert_int_equal(citizen_do_post(&administrator, "/administracion/portales/1/sellos/2/retirar", ""), 303);
    assert_int_equal(count(&h, "SELECT count(*) FROM seal_grant WHERE withdrawn IS NULL"), 0);
    /* Its certificate is hers to see and to revoke. */
    (void)snprintf(own, sizeof own, "/certificados/%lld", (long long)count(&h, "SELECT certificate FROM central_key"));
    assert_int_equal(citizen_look(&ana, own, "", NULL), 200);
    assert_int_equal(citizen_look(&other, own, "", NULL), 404);
    /* It is not renewed, not even when it is about to end: agents approve another one. */
    assert_true(citizen_says(&ana, own, "A seal is not renewed."));
    assert_false(citizen_says(&ana, own, "/renovar"));
    assert_false(citizen_says(&ana, own, "It can be renewed"));
    (void)snprintf(fields, sizeof fields,
                   "UPDATE certificate SET not_after = %lld WHERE id IN (SELECT certificate FROM central_key)",
                   (long long)(clock_now() + (rfd_time)5 * 86400 * RFD_SECOND));
    (void)domain_store_run(h.office->store, fields);
    assert_false(citizen_says(&ana, own, "/renovar"));
    bool told = false;
    (void)snprintf(fields, sizeof fields, "%s/renovar", own);
    assert_int_equal(citizen_look(&ana, fields, "A seal is not renewed.", &told), 409);
    assert_true(told);
    house_close(&h);
}

/** Changes want the code to her mobile. */
static void test_changes(void **state)
{
    struct house h;
    struct activation a;
    char seal[PERSONAL_ID_SIZE], own[128];
    open_world(state, &h);
    central_seal_made(h.office, &h.central, ANA, seal);
    struct citizen ana = citizen_sign_in(&h, ANA), other = citizen_sign_in(&h, DEPUTY);
    (void)snprintf(own, sizeof own, CENTRAL "/%s/destruir", seal);
    assert_int_equal(citizen_do_post(&other, own, "palabra=Destroy"), 404);
    citizen_begin(&ana, own, "palabra=Destroy", &a);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, "000000", NULL), 422);
    assert_int_equal(citizen_try(&ana, &a, CENTRAL_PASSWORD, NULL, "?hecho=destruir\"}"), 200);
    arena_dispose(&a.memory);
    house_close(&h);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {IN_A_HOUSE(test_desk), IN_A_HOUSE(test_making_and_granting),
                                       IN_A_HOUSE(test_changes)};
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
