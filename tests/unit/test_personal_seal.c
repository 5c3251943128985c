/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals of entities sign with the password alone; people never do, whatever is sent, approved or put on disk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "personal_desk.h"

#include <openssl/x509.h>
#include <stdio.h>

/** Whether the log of a credential has a line with this. */
static bool log_has(const char *id, const char *text)
{
    struct message_reader r;
    bool found = false;
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 0);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r), RFD_OK);
    (void)message_get_u64(&r);
    uint32_t count = message_get_u32(&r);
    for (uint32_t i = 0; i < count; i++) {
        slice line = message_get_text(&r, HOLDER_LOG_LINE_MAXIMUM);
        found = found || memmem(line.data, line.length, text, strlen(text)) != NULL;
    }
    return found;
}

static rfd_status authorise(const char *id, const char *password, unsigned first, unsigned count,
                            uint8_t sad[PERSONAL_SAD_SIZE])
{
    struct begun b;
    struct message_reader r;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin_sign(id, first, count, &b);
    if (status != RFD_OK) return status;
    assert_int_equal(b.proofs, PERSONAL_PROOF_PASSWORD);
    assert_int_equal(b.channel, PERSONAL_NO_CHANNEL);
    assert_string_equal(b.masked, "");
    assert_int_equal(b.again, 0);
    pdesk_code(&b, 0, code);
    assert_string_equal(code, ""); /* nothing for the worker */
    status = pdesk_activate(&b, password, NULL, NULL, NULL, &r);
    if (status == RFD_OK) memcpy(sad, message_get_bytes(&r, PERSONAL_SAD_SIZE).data, PERSONAL_SAD_SIZE);
    return status;
}

static void test_seal_signs_with_its_password(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], person[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct shown shown;
    pdesk_generate_seal(id);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_true(shown.entity);
    assert_string_equal(shown.mobile, "+51******111");
    assert_int_equal(authorise(id, DESK_PASSWORD, 0, 3, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 2, NULL), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 1, NULL), RFD_E_HASH_NOT_AUTHORISED); /* once */
    assert_int_equal(pdesk_sign(sad, 3, 1, NULL), RFD_E_HASH_NOT_AUTHORISED); /* one that nobody allowed */
    assert_int_equal(pdesk_sign(sad, 2, 1, NULL), RFD_OK);
    assert_true(log_has(id, "\"of\":\"entity\""));
    assert_true(log_has(id, "\"proof\":\"password\""));
    /* It is on disk. */
    pdesk_reopen();
    assert_int_equal(authorise(id, DESK_PASSWORD, 10, 1, sad), RFD_OK);
    pdesk_generate(7, person);
    assert_int_equal(pdesk_show(person, &shown), RFD_OK);
    assert_false(shown.entity);
    assert_int_equal(pdesk_authorise(person, 0, 1, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 1, NULL), RFD_OK);
    assert_false(log_has(person, "\"proof\""));
    assert_false(log_has(person, "\"of\""));
}

/* All but signing wants the code to the mobile of who answers for it. */
static void test_else_with_a_code(void **state)
{
    (void)state;
    static const struct {
        enum operation_kind kind;
        uint8_t proofs;
    } kinds[] = {
        {OPERATION_PASSWORD, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD},
        {OPERATION_MOBILE, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_SECOND_CODE},
        {OPERATION_TOTP, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_SECOND_CODE},
        {OPERATION_DESTROY, PERSONAL_PROOF_CODE},
    };
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate_seal(id);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(pdesk_begin(kinds[i].kind, id, &b), RFD_OK);
        assert_int_equal(b.proofs, kinds[i].proofs);
        assert_int_equal(b.channel, PERSONAL_SMS);
        assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, NULL, "contraseña 2", NULL, NULL), RFD_E_ACTIVATION_CODE);
    }
    pdesk_wait(3600);
    assert_int_equal(pdesk_begin(OPERATION_PASSWORD, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, "contraseña 2", NULL, NULL), RFD_OK);
    uint8_t sad[PERSONAL_SAD_SIZE];
    assert_int_equal(authorise(id, DESK_PASSWORD, 0, 1, sad), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(authorise(id, "contraseña 2", 0, 1, sad), RFD_OK);
    pdesk_approve_entity(pdesk.now);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    assert_int_equal(b.proofs, PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD);
    assert_int_equal(pdesk_activate(&b, NULL, NULL, DESK_PASSWORD, NULL, NULL), RFD_E_ACTIVATION_CODE);
}

static void test_locked_after_five(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], other[PERSONAL_SAD_SIZE];
    struct shown shown;
    struct begun b;
    pdesk_generate_seal(id);
    assert_int_equal(authorise(id, DESK_PASSWORD, 0, 1, sad), RFD_OK);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(authorise(id, "1234", 1, 1, other), RFD_E_ACTIVATION_PASSWORD);
    pdesk_reopen();
    /* What does not open is a wrong one, too: here it was encrypted for another operation. */
    struct begun first, second;
    assert_int_equal(pdesk_begin_sign(id, 1, 1, &first), RFD_OK);
    assert_int_equal(pdesk_begin_sign(id, 2, 1, &second), RFD_OK);
    struct pressed p = pdesk_press(&first, DESK_PASSWORD, NULL, NULL, NULL);
    assert_int_equal(pdesk_send(&second, &p, NULL), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(pdesk_send(&second, &p, NULL), RFD_E_ARGUMENT); /* again: counts as nothing */
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.wrong_left, 1);
    assert_int_equal(pdesk_activate(&first, "", NULL, NULL, NULL, NULL), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(authorise(id, DESK_PASSWORD, 3, 1, other), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_LOCKED);
    assert_true(log_has(id, "\"event\":\"lock\""));
    /* Agents unlock it, by a later approval of the same entity. */
    pdesk_wait(10);
    pdesk_approve_entity(pdesk.now);
    message_put_text(&pdesk.body, id);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ADOPT, NULL), RFD_OK);
    assert_int_equal(authorise(id, DESK_PASSWORD, 3, 1, other), RFD_OK);
    assert_int_equal(pdesk_begin_sign(id, 4, 1, &b), RFD_OK);
}

/* Wrong codes of a change are no obstacle to signing, and signing does not forgive them. */
static void test_codes_apart(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct begun b;
    pdesk_generate_seal(id);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_OK);
        (void)pdesk_activate(&b, NULL, "", NULL, NULL, NULL);
    }
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(authorise(id, DESK_PASSWORD, 0, 1, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 1, NULL), RFD_OK);
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_E_CREDENTIAL_LOCKED);
}

/* Portals share a seal: what one has begun does not end for the next. */
static void test_many_at_once(void **state)
{
    (void)state;
    enum { MANY = 40 };
    static uint8_t sads[MANY][PERSONAL_SAD_SIZE];
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    for (unsigned i = 0; i < MANY; i++) assert_int_equal(authorise(id, DESK_PASSWORD, i, 1, sads[i]), RFD_OK);
    for (unsigned i = 0; i < MANY; i++) assert_int_equal(pdesk_sign(sads[i], i, 1, NULL), RFD_OK);
}

/* ---- People ---- */

static void test_person_never_without_code(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "{\"password\":\"" DESK_PASSWORD "\"}",
        "{\"password\":\"" DESK_PASSWORD "\",\"code\":\"\"}",
        "{\"password\":\"" DESK_PASSWORD "\",\"newPassword\":\"" DESK_PASSWORD "\",\"secondCode\":\"\"}",
        "{\"password\":\"" DESK_PASSWORD "\",\"entity\":\"true\"}",
        "{\"password\":\"" DESK_PASSWORD "\",\"proof\":\"password\"}",
        "{}",
    };
    char id[PERSONAL_ID_SIZE];
    pdesk_generate(1, id);
    for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++) {
        for (uint8_t channel = 0; channel < 5; channel++) {
            struct begun b;
            uint8_t point[HPKE_POINT_SIZE], hash[OPERATION_HASH_SIZE];
            struct pressed p = {.length = 0};
            struct buf sealed = {.data = p.sealed, .capacity = sizeof p.sealed, .maximum = sizeof p.sealed};
            pdesk_hash(i, hash);
            pdesk_wait(3600 * 40);
            struct operation_document document = {.title = SLICE("Sello de entidad"),
                                                  .hash = slice_of(hash, sizeof hash)};
            const struct operation_text o = {.kind = OPERATION_SIGN,
                                             .credential = slice_text(id),
                                             .portal = SLICE(DESK_PORTAL),
                                             .digest = DIGEST_SHA256,
                                             .documents = &document,
                                             .count = 1,
                                             .time = pdesk.now};
            if (pdesk_begin_text(&o, channel, SLICE_EMPTY, &b) != RFD_OK) continue;
            assert_int_equal(b.proofs, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE);
            slice spki = stored_key_description(pdesk.personal->activation)->public_key;
            memcpy(point, spki.data + spki.length - HPKE_POINT_SIZE, HPKE_POINT_SIZE);
            assert_int_equal(hpke_seal(slice_of(point, sizeof point), slice_of(b.info, b.info_length), SLICE_EMPTY,
                                       slice_text(plain[i]), p.encapsulated, &sealed, NULL),
                             RFD_OK);
            p.length = sealed.length;
            rfd_status status = pdesk_send(&b, &p, NULL);
            assert_true(status == RFD_E_ACTIVATION_CODE || status == RFD_E_ARGUMENT ||
                        status == RFD_E_CREDENTIAL_LOCKED);
        }
    }
    struct shown shown;
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_false(shown.entity);
}

/* ---- Odd subjects ---- */

static const struct odd {
    struct approval_attribute subject[6];
    size_t count;
    bool entity;
    const char *holder;
} odds[] = {
#define A(type, text)                                                                                                  \
    {                                                                                                                  \
        OID_##type,                                                                                                    \
        {                                                                                                              \
            (const uint8_t *)(text), sizeof(text) - 1                                                                  \
        }                                                                                                              \
    }
#define O  A(ORGANIZATION, "Entidad Inventada")
#define OI A(ORGANIZATION_IDENTIFIER, PDESK_ENTITY)
    {{O, OI}, 2, true, PDESK_ENTITY},
    {{OI, O, A(COMMON_NAME, "Sello"), A(ORGANIZATIONAL_UNIT, "OTI"), A(COUNTRY, "PE")}, 5, true, PDESK_ENTITY},
    {{O, A(ORGANIZATION_IDENTIFIER, "NTRES-123"), A(STATE, "Lima"), A(LOCALITY, "Lima")}, 4, true, "NTRES-123"},
    {{O, A(ORGANIZATION_IDENTIFIER, "LEIXG-529900")}, 2, true, "LEIXG-529900"},
    /* A person of an entity. */
    {{O, OI, A(SURNAME, "Quispe"), A(GIVEN_NAME, "Rosa"), A(SERIAL_NUMBER, "IDCPE-00000001")},
     5,
     false,
     "IDCPE-00000001"},
    {{O, OI, A(SERIAL_NUMBER, "IDCPE-00000001")}, 3, false, "IDCPE-00000001"},
    {{O, OI, A(SERIAL_NUMBER, PDESK_ENTITY)}, 3, false, PDESK_ENTITY},
    {{O, OI, A(SURNAME, "Quispe")}, 3, false, ""},
    {{O, OI, A(GIVEN_NAME, "Rosa")}, 3, false, ""},
    {{O, OI, A(PSEUDONYM, "R")}, 3, false, ""},
    {{O, OI, A(TITLE, "Alcaldesa")}, 3, false, ""},
    {{O, OI, A(NAME, "Rosa")}, 3, false, ""},
    {{O, OI, A(INITIALS, "R")}, 3, false, ""},
    {{O, OI, A(EMAIL_ADDRESS, "rosa@example.pe")}, 3, false, ""},
    /* What is missing, comes twice, or has the form of a person's number. */
    {{OI}, 1, false, ""},
    {{O}, 1, false, ""},
    {{O, O, OI}, 3, false, ""},
    {{O, OI, OI}, 3, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "IDCPE-00000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "PNOES-00000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "TINPE-00000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "VAT-20000000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "VATPE20000000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "VATpe-20000000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "vatPE-20000000001")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "VATPE-")}, 2, false, ""},
    {{O, A(ORGANIZATION_IDENTIFIER, "V")}, 2, false, ""},
    {{O, A(COMMON_NAME, "Rosa"), A(SERIAL_NUMBER, "IDCPE-1"), A(SERIAL_NUMBER, "IDCPE-2")}, 4, false, ""},
#undef A
#undef O
#undef OI
};

/* Whatever is not plainly an entity's wants the code, or is nobody's. */
static void test_odd_subjects(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        const struct odd *odd = &odds[i];
        struct approval a = {.subject_count = odd->count};
        memcpy(a.subject, odd->subject, sizeof odd->subject);
        if (approval_is_of_entity(&a) != odd->entity) fail_msg("row %zu", i);
        if (!slice_is(approval_holder(&a), odd->holder)) fail_msg("holder of row %zu", i);
    }
}

/** A key under the approval of a row, with a certificate of the holder. */
static rfd_status make(const struct odd *odd, char id[PERSONAL_ID_SIZE], struct buf *spki)
{
    struct begun b;
    struct message_reader r;
    char code[PERSONAL_CODE_SIZE];
    pdesk_approve(1, pdesk.now);
    memcpy(pdesk.approval.subject, odd->subject, sizeof odd->subject);
    pdesk.approval.subject_count = odd->count;
    buf_reset(&pdesk.text);
    if (approval_write(&pdesk.approval, &pdesk.text, NULL) != RFD_OK) return RFD_E_APPROVAL; /* no agent can sign it */
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.agent, &pdesk.approval, &pdesk.signed_data);
    rfd_status status = pdesk_begin(OPERATION_GENERATE, "", &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, code);
    status = pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, &r);
    if (status != RFD_OK) return status;
    slice made = message_get_text(&r, PERSONAL_ID_SIZE - 1);
    (void)snprintf(id, PERSONAL_ID_SIZE, "%.*s", (int)made.length, (const char *)made.data);
    buf_put_slice(spki, message_get_bytes(&r, 1024));
    return RFD_OK;
}

static void test_odd_approvals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        char id[PERSONAL_ID_SIZE];
        struct buf spki;
        struct shown shown;
        pdesk_wait(3600);
        buf_init(&spki, 4096);
        rfd_status status = make(&odds[i], id, &spki);
        if (odds[i].holder[0] == '\0') assert_int_equal(status, RFD_E_APPROVAL);
        if (status == RFD_OK) {
            assert_int_equal(pdesk_show(id, &shown), RFD_OK);
            if (shown.entity != odds[i].entity) fail_msg("row %zu", i);
        }
        /* A person's who has the number of an entity comes too late: nobody shares one. */
        if (i == 6) assert_int_equal(status, RFD_E_APPROVAL);
        buf_dispose(&spki);
    }
}

static rfd_status certify(const char *id, slice spki, const char *const names[][2], size_t count)
{
    X509 *x = X509_new();
    const unsigned char *at = spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.length);
    unsigned char *out = NULL;
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 4712);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 86400L * 365);
    for (size_t i = 0; i < count; i++)
        (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x), names[i][0], MBSTRING_UTF8,
                                         (const unsigned char *)names[i][1], -1, -1, 0);
    (void)X509_set_issuer_name(x, X509_get_subject_name(pdesk.authority.x509));
    (void)X509_set_pubkey(x, key);
    assert_true(X509_sign(x, pdesk.authority.key, EVP_sha256()) > 0);
    int length = i2d_X509(x, &out);
    message_put_text(&pdesk.body, id);
    message_put_bytes(&pdesk.body, slice_of(out, (size_t)length));
    message_put_bytes(&pdesk.body, pdesk.authority.certificate->der);
    OPENSSL_free(out);
    EVP_PKEY_free(key);
    X509_free(x);
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CERTIFY, NULL);
}

/* A seal takes no certificate that names a person, a person's key none of an entity. */
static void test_certificates(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"2.5.4.97", PDESK_ENTITY},     {"SN", "Quispe"},
                                           {"2.5.4.97", PDESK_ENTITY},     {"GN", "Rosa"},
                                           {"2.5.4.97", PDESK_ENTITY},     {"serialNumber", "IDCPE-1"},
                                           {"2.5.4.97", "VATPE-2"},        {"O", "Entidad"},
                                           {"serialNumber", PDESK_ENTITY}, {"O", "Entidad"},
                                           {"2.5.4.97", PDESK_ENTITY},     {"title", "Alcaldesa"}};
    char id[PERSONAL_ID_SIZE], person[PERSONAL_ID_SIZE];
    struct buf spki, personal;
    struct shown shown;
    buf_init(&spki, 4096);
    buf_init(&personal, 4096);
    assert_int_equal(make(&odds[0], id, &spki), RFD_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i += 2)
        assert_int_equal(certify(id, buf_slice(&spki), &names[i], 2), RFD_E_KEY_MISMATCH);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_WAITING);
    assert_int_equal(certify(id, buf_slice(&spki), &names[0], 1), RFD_OK);
    assert_int_equal(make(&odds[5], person, &personal), RFD_OK);
    assert_int_equal(certify(person, buf_slice(&personal), &names[0], 1), RFD_E_KEY_MISMATCH);
    buf_dispose(&spki);
    buf_dispose(&personal);
}

/* A later approval changes nobody into an entity, nor back. */
static void test_adoption(void **state)
{
    (void)state;
    static const struct odd person = {
        {{OID_SERIAL_NUMBER, {(const uint8_t *)PDESK_ENTITY, sizeof PDESK_ENTITY - 1}}}, 1, false, PDESK_ENTITY};
    char id[PERSONAL_ID_SIZE], seal[PERSONAL_ID_SIZE];
    struct buf spki;
    struct shown shown;
    buf_init(&spki, 4096);
    assert_int_equal(make(&person, id, &spki), RFD_OK); /* one whose number looks like an entity's */
    pdesk_wait(10);
    pdesk_approve_entity(pdesk.now);
    pdesk.approval.profile = SLICE("pe-natural-person");
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.agent, &pdesk.approval, &pdesk.signed_data);
    message_put_text(&pdesk.body, id);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ADOPT, NULL), RFD_E_APPROVAL);
    assert_int_equal(make(&odds[0], seal, &spki), RFD_E_APPROVAL);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_false(shown.entity);
    buf_dispose(&spki);
}

/* Files of before the authority was kept end before it; those of before there were seals are people's. */
static void test_old_files(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct record r = {.state = 0};
    pdesk_generate_seal(id);
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    assert_true(r.entity);
    r.entity = false;
    assert_int_equal(record_write(pdesk.personal, &r, true, NULL), RFD_OK);
    record_dispose(&r);
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    assert_true(r.has_authority);
    assert_memory_equal(r.authority, pdesk.approval.authority, sizeof r.authority);
    r.bytes.length -= sizeof r.authority + sizeof(uint32_t);
    struct record old = {.state = 0};
    assert_int_equal(record_take(&old, buf_slice(&r.bytes), NULL), RFD_OK);
    assert_false(old.has_authority);
    assert_int_equal(record_take(&old, slice_of(r.bytes.data, r.bytes.length + sizeof(uint32_t) + 1), NULL),
                     RFD_E_KEYSTORE_DAMAGED);
    /* The last octet of these is what kind it is. */
    assert_int_equal(r.bytes.data[r.bytes.length - 1], 0);
    r.bytes.length--;
    assert_int_equal(record_take(&old, buf_slice(&r.bytes), NULL), RFD_OK);
    assert_false(old.entity);
    r.bytes.data[r.bytes.length] = 2;
    assert_int_equal(record_take(&old, slice_of(r.bytes.data, r.bytes.length + 1), NULL), RFD_E_KEYSTORE_DAMAGED);
    record_dispose(&r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pdesk_set, pdesk_clear)
    const struct CMUnitTest tests[] = {TEST(test_seal_signs_with_its_password),
                                       TEST(test_else_with_a_code),
                                       TEST(test_locked_after_five),
                                       TEST(test_codes_apart),
                                       TEST(test_many_at_once),
                                       TEST(test_person_never_without_code),
                                       TEST(test_odd_subjects),
                                       TEST(test_odd_approvals),
                                       TEST(test_certificates),
                                       TEST(test_adoption),
                                       TEST(test_old_files)};
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
