/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper issues without an approval: certificates of services and authorities, and who is registered.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_desk.h"

#include <stdio.h>

/* ---- Services ---- */

static rfd_status issue_service(const char *profile, const char *host)
{
    struct message_reader r;
    buf_reset(&desk.body);
    message_put_text(&desk.body, "issuing-1");
    message_put_text(&desk.body, profile);
    message_put_u32(&desk.body, 2);
    message_put_text(&desk.body, "o");
    message_put_text(&desk.body, "Office");
    message_put_text(&desk.body, "cn");
    message_put_text(&desk.body, "firma.example");
    message_put_u32(&desk.body, 0);
    message_put_u32(&desk.body, 1);
    message_put_text(&desk.body, host);
    message_put_bytes(&desk.body, buf_slice(&desk.spki));
    rfd_status status = desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE_SERVICE, &desk.body, &r);
    if (status == RFD_OK) assert_false(desk_take_given(&r).repeated);
    return status;
}

static void test_services(void **state)
{
    (void)state;
    assert_int_equal(issue_service("tls-server", "firma.example"), RFD_OK);
    assert_int_equal(issue_service("pe-natural-person", "firma.example"), RFD_E_APPROVAL_FEW);
    assert_int_equal(issue_service("agent", "firma.example"), RFD_E_APPROVAL_FEW);
    assert_int_equal(issue_service("issuing", "firma.example"), RFD_E_KEY_REFUSED);
    assert_int_equal(issue_service("nothing", "firma.example"), RFD_E_PROFILE);
}

static rfd_status register_service(const char *name, const char *key, const char *profile)
{
    struct message_reader r;
    buf_reset(&desk.body);
    message_put_u8(&desk.body, KEEPER_SERVICE);
    message_put_text(&desk.body, name);
    message_put_bytes(&desk.body, buf_slice(&desk.spki));
    message_put_text(&desk.body, profile);
    message_put_text(&desk.body, key);
    message_put_u32(&desk.body, 3);
    message_put_text(&desk.body, "c");
    message_put_text(&desk.body, "PE");
    message_put_text(&desk.body, "o");
    message_put_text(&desk.body, "Office");
    message_put_text(&desk.body, "cn");
    message_put_text(&desk.body, name);
    return desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_REGISTER, &desk.body, &r);
}

static rfd_status renew(const char *key, const char *name, struct message_reader *r)
{
    buf_reset(&desk.body);
    message_put_text(&desk.body, key);
    message_put_text(&desk.body, name);
    return desk_ask_as(KEEPER_FROM_WORKER, KEEPER_RENEW_SERVICE, &desk.body, r);
}

static void test_renewal(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *c = NULL;
    assert_int_equal(register_service("ocsp-1", "issuing-1", "ocsp,tsa"), RFD_E_ARGUMENT);
    assert_int_equal(register_service("ocsp-1", "", "ocsp"), RFD_E_ARGUMENT);
    assert_int_equal(register_service("ocsp-1", "issuing-1", "ocsp"), RFD_OK);
    assert_int_equal(renew("issuing-1", "ocsp-1", &r), RFD_OK);
    assert_int_equal(certificate_parse(message_get_bytes(&r, ISSUE_BODY), &c, NULL), RFD_OK);
    assert_true(slice_equal(c->spki, buf_slice(&desk.spki)));
    assert_true(certificate_has_eku(c, oid(OID_EKU_OCSP_SIGNING), &(bool){false}, &(bool){false}, &(bool){false}));
    certificate_unref(c);
    assert_int_equal(renew("root-1", "ocsp-1", &r), RFD_E_KEY_REFUSED);
    assert_int_equal(renew("issuing-1", "ocsp-2", &r), RFD_E_NOT_FOUND);
    assert_int_equal(register_service("person", "issuing-1", "pe-natural-person"), RFD_OK);
    assert_int_equal(renew("issuing-1", "person", &r), RFD_E_APPROVAL_FEW);
    desk_reopen();
    assert_int_equal(renew("issuing-1", "ocsp-1", &r), RFD_OK);
}

/* ---- Who is registered ---- */

static void test_list_of_registered(void **state)
{
    (void)state;
    struct message_reader r;
    char name[32];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "service-%d", i);
        assert_int_equal(register_service(name, "issuing-1", "ocsp"), RFD_OK);
    }
    buf_reset(&desk.body);
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_LIST_REGISTERED, &desk.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 4);
    assert_int_equal(message_get_u8(&r), KEEPER_AGENT);
    assert_true(slice_is(message_get_text(&r, 64), "agent-1"));
    assert_true(slice_is(message_get_text(&r, 256), "pe-natural-person,pe-legal-person-seal"));
    assert_true(slice_equal(message_get_bytes(&r, ISSUE_BODY), desk.agent.certificate->der));
    message_put_u8(&desk.body, KEEPER_SERVICE);
    message_put_text(&desk.body, "service-1");
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_LIST_REGISTERED, &desk.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
}

/* ---- Authorities ---- */

static void test_authorities(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *root = issue_certificate_of(&desk.keeper.way, "root-1");
    assert_true(root->is_ca && root->self_issued);
    assert_int_equal(certificate_verify_signature(desk.authority, root, NULL), RFD_OK);
    certificate_unref(root);
    /* An issuing authority makes no authorities, and no key becomes a root by somebody else's signature. */
    static const struct {
        const char *signer, *profile, *key;
        rfd_status status;
    } rows[] = {{"issuing-1", "issuing", "root-1", RFD_E_KEY_REFUSED},
                {"root-1", "root", "issuing-1", RFD_E_KEY_REFUSED},
                {"root-1", "tls-server", "issuing-1", RFD_E_KEY_REFUSED},
                {"issuing-1", "issuing", "issuing-1", RFD_E_KEY_REFUSED},
                {"root-1", "issuing", "nobody", RFD_E_KEY_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_reset(&desk.body);
        message_put_text(&desk.body, rows[i].signer);
        message_put_text(&desk.body, rows[i].profile);
        message_put_u32(&desk.body, 0);
        message_put_u32(&desk.body, 0);
        message_put_text(&desk.body, rows[i].key);
        message_put_bytes(&desk.body, SLICE_EMPTY);
        message_put_bytes(&desk.body, SLICE_EMPTY);
        assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE_AUTHORITY, &desk.body, &r), rows[i].status);
    }
}

/* Nor does an approval make one, though an agent has the profile and the root's policy names it. */
static void test_no_authority_by_approval(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *root = issue_certificate_of(&desk.keeper.way, "root-1");
    struct approval a = issue_approval(root, buf_slice(&desk.spki), 70, desk.now);
    a.profile = SLICE("issuing");
    assert_int_equal(issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-1", desk.agent.certificate, "issuing"),
                     RFD_OK);
    issue_sign(&desk.agent, &a, &desk.approval);
    message_put_text(&desk.body, "root-1");
    message_put_bytes(&desk.body, buf_slice(&desk.spki));
    message_put_u32(&desk.body, 1);
    message_put_bytes(&desk.body, buf_slice(&desk.approval));
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE, &desk.body, &r), RFD_E_KEY_REFUSED);
    assert_non_null(strstr(desk.keeper.detail, "authorities"));
    certificate_unref(root);
}

/* What was made for a CA without policy signs nothing; policies of authorities are for authorities. */
static void test_policy_belongs_to_the_key(void **state)
{
    (void)state;
    struct message_reader r;
    issue_create_key(&desk.keeper.way, "bare", "ca", "P-256", SLICE_EMPTY, NULL);
    message_put_text(&desk.body, "bare");
    message_put_text(&desk.body, "nobody");
    assert_int_equal(desk_ask_as(KEEPER_FROM_WORKER, KEEPER_RENEW_SERVICE, &desk.body, &r), RFD_E_KEY_REFUSED);
    static const char *const purposes[] = {"seal", "log", "ca"};
    for (size_t i = 0; i < 3; i++) {
        buf_reset(&desk.body);
        message_put_text(&desk.body, "with-policy");
        message_put_text(&desk.body, purposes[i]);
        message_put_text(&desk.body, "P-256");
        message_put_bytes(&desk.body, SLICE_EMPTY);
        message_put_u32(&desk.body, 0);
        message_put_bytes(&desk.body, SLICE_EMPTY);
        message_put_u32(&desk.body, 0);
        buf_reset(&desk.spki);
        issue_policy(&desk.spki, 1);
        if (i == 2) desk.spki.data[desk.spki.length - 1] = 0x80; /* no first octet of a serial number */
        message_put_bytes(&desk.body, buf_slice(&desk.spki));
        assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &desk.body, &r), RFD_E_ARGUMENT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set, desk_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_services),
        TEST(test_renewal),
        TEST(test_list_of_registered),
        TEST(test_authorities),
        TEST(test_no_authority_by_approval),
        TEST(test_policy_belongs_to_the_key),
    };
    return cmocka_run_group_tests(tests, desk_open_room, desk_close_room);
}
