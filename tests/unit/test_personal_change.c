/* SPDX-License-Identifier: EUPL-1.2
 *
 * Generating keys, and what their holders change: password, mobile, app; and the end of a key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "personal_desk.h"

#include <stdio.h>

static rfd_status begin_coded(enum operation_kind kind, const char *id, struct begun *b, char code[PERSONAL_CODE_SIZE])
{
    rfd_status status = pdesk_begin(kind, id, b);
    if (status == RFD_OK) pdesk_code(b, 0, code);
    return status;
}

/* ---- Generating ---- */

/** A new key, without certificate. */
static rfd_status generate(char id[PERSONAL_ID_SIZE])
{
    struct begun b;
    struct message_reader r;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = begin_coded(OPERATION_GENERATE, "", &b, code);
    if (status == RFD_OK) status = pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, &r);
    if (status != RFD_OK) return status;
    slice made = message_get_text(&r, PERSONAL_ID_SIZE - 1);
    (void)snprintf(id, PERSONAL_ID_SIZE, "%.*s", (int)made.length, (const char *)made.data);
    return RFD_OK;
}

static void sign_approval(const struct approval *a, const struct identity *agent)
{
    pdesk.approval = *a;
    buf_reset(&pdesk.signed_data);
    issue_sign(agent, a, &pdesk.signed_data);
}

static void test_approvals(void **state)
{
    (void)state;
    struct begun b;
    char id[PERSONAL_ID_SIZE];
    pdesk_approve(1, pdesk.now);
    const struct approval good = pdesk.approval;
    struct approval a = good;
    a.central = false;
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    a = good;
    a.mobile = SLICE_EMPTY;
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    a = good;
    a.subject_count = 2; /* no serialNumber */
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    a = good;
    a.profile = SLICE("pe-legal-person-seal");
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    a = good;
    a.time = pdesk.now + 3600 * RFD_SECOND;
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    a.time = pdesk.now - ((rfd_time)APPROVAL_CENTRAL_SECONDS + 1) * RFD_SECOND;
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    sign_approval(&good, &pdesk.other); /* who is not registered */
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    sign_approval(&good, &pdesk.agent);
    pdesk.approval.mobile = SLICE("+51999999999"); /* the operation names another approval than the one that comes */
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    pdesk.approval = good;
    pdesk.signed_data.data[pdesk.signed_data.length - 5] ^= 1;
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    sign_approval(&good, &pdesk.agent);
    assert_int_equal(generate(id), RFD_OK);
    /* An older one of the same holder brings back no old mobile. */
    a = good;
    a.time = pdesk.now - 60 * RFD_SECOND;
    a.mobile = SLICE("+51999999999");
    sign_approval(&a, &pdesk.agent);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
    pdesk_reopen();
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_APPROVAL);
}

static void test_eight_of_a_holder(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    struct shown shown;
    struct message_reader r;
    for (unsigned i = 0; i < PERSONAL_ACTIVE_MAXIMUM; i++) pdesk_generate(1, id);
    pdesk_approve(1, pdesk.now);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_LIMIT);
    assert_int_equal(begin_coded(OPERATION_DESTROY, id, &b, code), RFD_OK);
    assert_int_equal(pdesk_activate(&b, NULL, code, NULL, NULL, NULL), RFD_OK);
    /* One that never got its certificate goes when the next is made. */
    assert_int_equal(generate(id), RFD_OK);
    char waited[PERSONAL_ID_SIZE];
    memcpy(waited, id, sizeof waited);
    assert_int_equal(generate(id), RFD_OK);
    assert_int_equal(pdesk_show(waited, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_DESTROYED);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_WAITING);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_STATE);
    message_put_text(&pdesk.body, "IDCPE-00000001");
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_LIST, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), PERSONAL_ACTIVE_MAXIMUM + 2);
    message_put_text(&pdesk.body, "IDCPE-00000002");
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_LIST, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 0);
}

static rfd_status certify(const char *id, slice spki, const char *holder)
{
    struct buf der;
    buf_init(&der, KEY_CERTIFICATE_MAXIMUM);
    pdesk_make_certificate(spki, holder, &der);
    message_put_text(&pdesk.body, id);
    message_put_bytes(&pdesk.body, buf_slice(&der));
    message_put_bytes(&pdesk.body, pdesk.authority.certificate->der);
    buf_dispose(&der);
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CERTIFY, NULL);
}

static void test_certify(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct shown shown;
    struct buf other;
    pdesk_approve(1, pdesk.now);
    assert_int_equal(generate(id), RFD_OK);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    slice spki = slice_of(shown.spki, shown.spki_length);
    buf_init(&other, 1024);
    issue_new_key(&other);
    assert_int_equal(certify(id, buf_slice(&other), "IDCPE-00000001"), RFD_E_KEY_MISMATCH);
    assert_int_equal(certify(id, spki, "IDCPE-00000002"), RFD_E_KEY_MISMATCH);
    assert_int_equal(certify("00000000000000000000000000000000", spki, "IDCPE-00000001"), RFD_E_NOT_FOUND);
    assert_int_equal(certify(id, spki, "IDCPE-00000001"), RFD_OK);
    pdesk_wait(1);
    assert_int_equal(certify(id, spki, "IDCPE-00000001"), RFD_E_EXISTS); /* another one */
    buf_dispose(&other);
}

/* What nobody of the approval's authority signed is no certificate: a key has one, and would be spoiled. */
static void test_certificate_that_was_made_up(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct shown shown;
    struct identity own = identity_new("P-256", "Agents", NULL, NULL), right = pdesk.authority;
    struct buf der;
    const struct {
        const struct identity *signer, *named;
    } cases[] = {{&own, &own}, {&own, &right}, {&right, &own}, {&own, NULL}, {&right, NULL}};
    buf_init(&der, KEY_CERTIFICATE_MAXIMUM);
    pdesk_approve(1, pdesk.now);
    assert_int_equal(generate(id), RFD_OK);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    slice spki = slice_of(shown.spki, shown.spki_length);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&der);
        pdesk.authority = *cases[i].signer;
        pdesk_make_certificate(spki, "IDCPE-00000001", &der);
        pdesk.authority = right;
        message_put_text(&pdesk.body, id);
        message_put_bytes(&pdesk.body, buf_slice(&der));
        message_put_bytes(&pdesk.body, cases[i].named == NULL ? SLICE_EMPTY : cases[i].named->certificate->der);
        rfd_status status = pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CERTIFY, NULL);
        assert_int_equal(status, cases[i].named == NULL ? RFD_E_DER : RFD_E_KEY_MISMATCH);
    }
    pdesk_reopen();
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_WAITING);
    assert_int_equal(certify(id, spki, "IDCPE-00000001"), RFD_OK);
    buf_dispose(&der);
    identity_free(&own);
}

/* ---- Changing ---- */

static void test_password(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct begun b;
    struct message_reader r;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, 2, sad), RFD_OK);
    assert_int_equal(begin_coded(OPERATION_PASSWORD, id, &b, code), RFD_OK);
    assert_int_equal(b.proofs, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, "123", NULL, NULL), RFD_E_PASSWORD_WEAK);
    assert_int_equal(pdesk_activate(&b, "not it at all", code, "something new", NULL, NULL), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, "something new", NULL, NULL), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_E_ACTIVATION_ENDED); /* what the old one allowed has ended */
    pdesk_reopen();
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, "something new", code, NULL, NULL, NULL), RFD_OK);
}

static void test_mobile(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], another[PERSONAL_ID_SIZE];
    char code[PERSONAL_CODE_SIZE], second[PERSONAL_CODE_SIZE];
    struct begun b;
    struct message_reader r;
    struct shown shown;
    pdesk_generate(1, another);
    pdesk_generate(1, id);
    assert_int_equal(pdesk_begin(OPERATION_MOBILE, id, &b), RFD_OK);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_TAKE_CODES, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 2);
    for (unsigned i = 0; i < 2; i++) {
        (void)message_get_bytes(&r, 16);
        uint8_t which = message_get_u8(&r);
        (void)message_get_u8(&r);
        assert_true(slice_is(message_get_text(&r, 64), which == 0 ? "+51999000111" : "+51999000112"));
        for (unsigned k = 0; k < 4; k++) (void)message_get_text(&r, 512);
        (void)message_get_u32(&r);
        slice text = message_get_text(&r, 6);
        (void)snprintf(which == 0 ? code : second, PERSONAL_CODE_SIZE, "%.*s", (int)text.length,
                       (const char *)text.data);
        (void)message_get_i64(&r);
    }
    /* Codes of a million meet now and then. */
    if (strcmp(code, second) != 0) {
        assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, second, NULL, code, NULL), RFD_E_ACTIVATION_CODE);
        assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, code, NULL), RFD_E_ACTIVATION_CODE);
    }
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    assert_int_equal(pdesk_activate(&b, "not it at all", code, NULL, second, NULL), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, second, NULL), RFD_OK);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_string_equal(shown.mobile, "+51******112");
    assert_int_equal(pdesk_begin(OPERATION_MOBILE, id, &b), RFD_E_ARGUMENT); /* the number is the same */
    /* It is the holder's: of his other credential, too, and of the next, whose approval has the old one. */
    assert_int_equal(pdesk_show(another, &shown), RFD_OK);
    assert_string_equal(shown.mobile, "+51******112");
    pdesk_reopen();
    pdesk_approve(1, pdesk.now);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    assert_string_equal(b.masked, "+51******112");
    /* What an agent approves later is later. */
    pdesk_approve(1, pdesk.now + RFD_SECOND);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    assert_string_equal(b.masked, "+51******111");
}

static void app_code(const struct begun *b, int64_t steps, char code[PERSONAL_CODE_SIZE])
{
    assert_true(code_totp(b->totp, pdesk.now / RFD_SECOND / 30 + steps, code));
}

static void test_totp(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], app[PERSONAL_CODE_SIZE];
    struct begun made, b;
    struct shown shown;
    pdesk_generate(1, id);
    assert_int_equal(begin_coded(OPERATION_TOTP, id, &made, code), RFD_OK);
    app_code(&made, 0, app);
    pdesk_other_code(app);
    assert_int_equal(pdesk_activate(&made, DESK_PASSWORD, code, NULL, app, NULL), RFD_E_ACTIVATION_CODE);
    app_code(&made, 0, app);
    assert_int_equal(pdesk_activate(&made, DESK_PASSWORD, code, NULL, app, NULL), RFD_OK);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.channel, PERSONAL_TOTP);
    /* Its first code was used: each step once, also over a restart. */
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    assert_int_equal(b.channel, PERSONAL_TOTP);
    assert_string_equal(b.masked, "");
    pdesk_code(&b, 0, code);
    assert_string_equal(code, "");
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, "", NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    app_code(&made, 1, app);
    assert_int_equal(pdesk_activate(&b, "not it at all", app, NULL, NULL, NULL), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_OK); /* it holds for the operation */
    pdesk_reopen();
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    pdesk_wait(90);
    app_code(&made, -2, app);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE); /* too old */
    app_code(&made, 2, app);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE); /* too early */
    app_code(&made, -1, app);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL), RFD_OK);
    /* What is changed with a message is not changed with the app. */
    assert_int_equal(begin_coded(OPERATION_MOBILE, id, &b, code), RFD_OK);
    assert_int_equal(b.channel, PERSONAL_SMS);
}

/* RFC 6238, appendix B: the last six of its eight digits. */
static void test_totp_vectors(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                   {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    uint8_t secret[PERSONAL_TOTP_SIZE];
    char code[PERSONAL_CODE_SIZE];
    memcpy(secret, "12345678901234567890", sizeof secret);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        assert_true(code_totp(secret, vectors[i].seconds / 30, code));
        assert_string_equal(code, vectors[i].code);
    }
}

static void test_destroy(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct begun b;
    struct message_reader r;
    struct shown shown;
    struct record record = {.state = 0};
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, 2, sad), RFD_OK);
    assert_int_equal(begin_coded(OPERATION_DESTROY, id, &b, code), RFD_OK);
    assert_int_equal(b.proofs, PERSONAL_PROOF_CODE);
    assert_int_equal(pdesk_activate(&b, NULL, code, NULL, NULL, NULL), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_NOT_FOUND);
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_E_NOT_FOUND);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_DESTROYED);
    assert_int_equal(record_read(pdesk.personal, id, &record, NULL), RFD_OK);
    assert_int_equal(record.wrapped.length, 0);
    record_dispose(&record);
    pdesk_approve(1, pdesk.now + RFD_SECOND);
    message_put_text(&pdesk.body, id);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ADOPT, NULL), RFD_E_NOT_FOUND);
}

static void test_rule(void **state)
{
    (void)state;
    uint8_t longest[PROOF_MAXIMUM + 1];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(password_check_rule(SLICE("1234567a"), NULL), RFD_OK);
    assert_int_equal(password_check_rule(SLICE("contraseñ"), NULL), RFD_OK);
    assert_int_equal(password_check_rule(SLICE("ñññññññ"), NULL), RFD_E_PASSWORD_WEAK); /* 14 octets, 7 characters */
    assert_int_equal(password_check_rule(SLICE("1234567890123"), NULL), RFD_E_PASSWORD_WEAK);
    assert_int_equal(password_check_rule(SLICE(""), NULL), RFD_E_PASSWORD_WEAK);
    assert_int_equal(password_check_rule(SLICE("abcdefg\xFF"), NULL), RFD_E_PASSWORD_WEAK);
    assert_int_equal(password_check_rule(slice_of(longest, PROOF_MAXIMUM), NULL), RFD_OK);
    assert_int_equal(password_check_rule(slice_of(longest, sizeof longest), NULL), RFD_E_PASSWORD_WEAK);
}

static void lose_mobile(const char *id)
{
    struct record r = {.state = 0};
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    memset(r.mobile, 0, sizeof r.mobile);
    assert_int_equal(record_write(pdesk.personal, &r, true, NULL), RFD_OK);
    record_dispose(&r);
}

/* By mail where the installation allows it, and there is neither mobile nor app, whatever is asked for. */
static void test_mail(void **state)
{
    (void)state;
    struct begun b;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], app[PERSONAL_CODE_SIZE];
    pdesk_generate(1, id);
    struct operation_text o = {
        .kind = OPERATION_DESTROY, .credential = slice_text(id), .portal = SLICE(DESK_PORTAL), .time = pdesk.now};
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_MAIL, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
    pdesk.personal->options.mail = true;
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_MAIL, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
    lose_mobile(id);
    pdesk.personal->options.mail = false;
    assert_int_equal(pdesk_begin_text(&o, 0, SLICE_EMPTY, &b), RFD_E_STATE);
    pdesk.personal->options.mail = true;
    assert_int_equal(pdesk_begin_text(&o, 0, SLICE_EMPTY, &b), RFD_OK);
    assert_int_equal(b.channel, PERSONAL_MAIL);
    assert_string_equal(b.masked, "r***@example.pe");
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_TOTP, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
    assert_int_equal(begin_coded(OPERATION_TOTP, id, &b, code), RFD_OK);
    app_code(&b, 0, app);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, app, NULL), RFD_OK);
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_MAIL, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
}

/** Lines of the holder's log that have this. */
static unsigned lines_with(const char *id, const char *words)
{
    struct message_reader r;
    unsigned found = 0;
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 0);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r), RFD_OK);
    (void)message_get_u64(&r);
    for (uint32_t count = message_get_u32(&r); count > 0; count--) {
        slice line = message_get_text(&r, HOLDER_LOG_LINE_MAXIMUM);
        if (memmem(line.data, line.length, words, strlen(words)) != NULL) found++;
    }
    return found;
}

/** Signs one hash by this way, and leaves the rest. */
static void sign_by(const char *id, uint8_t channel, const uint8_t *totp)
{
    static struct operation_document document = {.title = {(const uint8_t *)"Solicitud", 9}};
    uint8_t hash[OPERATION_HASH_SIZE], sad[PERSONAL_SAD_SIZE];
    char code[PERSONAL_CODE_SIZE] = "";
    struct message_reader r;
    struct begun b;
    pdesk_hash(channel, hash);
    document.hash = slice_of(hash, sizeof hash);
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(id),
                                     .portal = SLICE(DESK_PORTAL),
                                     .digest = DIGEST_SHA256,
                                     .documents = &document,
                                     .count = 1,
                                     .time = pdesk.now};
    assert_int_equal(pdesk_begin_text(&o, channel, SLICE_EMPTY, &b), RFD_OK);
    if (totp == NULL)
        pdesk_code(&b, 0, code);
    else
        assert_true(code_totp(totp, pdesk.now / RFD_SECOND / 30 + 1, code));
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, &r), RFD_OK);
    memcpy(sad, message_get_bytes(&r, sizeof sad).data, sizeof sad);
    assert_int_equal(pdesk_sign(sad, channel, 1, &r), RFD_OK);
}

/* By which way the code came is in the holder's log; that of a mail is of the lower level. */
static void test_way_of_the_code(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], app[PERSONAL_CODE_SIZE];
    struct begun made;
    pdesk_generate(1, id);
    pdesk.personal->options.mail = true;
    assert_int_equal(lines_with(id, "\"event\":\"generate\",\"portal\":\"" DESK_PORTAL "\",\"code\":\"sms\""), 1);
    sign_by(id, PERSONAL_SMS, NULL);
    assert_int_equal(lines_with(id, "\"code\":\"sms\""), 2);
    assert_int_equal(lines_with(id, "\"level\""), 0);
    lose_mobile(id);
    sign_by(id, PERSONAL_MAIL, NULL);
    assert_int_equal(lines_with(id, "\"code\":\"mail\",\"level\":\"lower\",\"title\":\"Solicitud\""), 1);
    assert_int_equal(begin_coded(OPERATION_TOTP, id, &made, code), RFD_OK);
    app_code(&made, 0, app);
    assert_int_equal(pdesk_activate(&made, DESK_PASSWORD, code, NULL, app, NULL), RFD_OK);
    sign_by(id, PERSONAL_TOTP, made.totp);
    assert_int_equal(lines_with(id, "\"code\":\"app\",\"title\""), 1);
    assert_int_equal(lines_with(id, "\"level\":\"lower\""), 2); /* the app was set up by mail, too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_approvals, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_eight_of_a_holder, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_certify, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_certificate_that_was_made_up, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_password, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_mobile, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_totp, pdesk_set, pdesk_clear),
        cmocka_unit_test(test_totp_vectors),
        cmocka_unit_test_setup_teardown(test_destroy, pdesk_set, pdesk_clear),
        cmocka_unit_test(test_rule),
        cmocka_unit_test_setup_teardown(test_mail, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_way_of_the_code, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
