/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the approval to the signature: what the owner gets, and what nobody gets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/attestation.h"
#include "personal_desk.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>

/** Whether OpenSSL finds the signature over hash number `n` right. */
static bool is_signature(slice spki, unsigned n, slice signature)
{
    const unsigned char *at = spki.data;
    uint8_t hash[OPERATION_HASH_SIZE];
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.length);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    pdesk_hash(n, hash);
    assert_int_equal(EVP_PKEY_verify_init(c), 1);
    if (EVP_PKEY_is_a(key, "RSA")) assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()), 1);
    bool good = EVP_PKEY_verify(c, signature.data, signature.length, hash, sizeof hash) == 1;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(key);
    return good;
}

static void check_signatures(const char *id, unsigned first, unsigned count, struct message_reader r)
{
    struct shown shown;
    uint8_t answer[PERSONAL_HASHES_MAXIMUM * 300];
    assert_true(r.left.length <= sizeof answer);
    memcpy(answer, r.left.data, r.left.length);
    struct message_reader kept = message_read(slice_of(answer, r.left.length));
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(message_get_u32(&kept), count);
    for (unsigned i = 0; i < count; i++)
        assert_true(is_signature(slice_of(shown.spki, shown.spki_length), first + i, message_get_bytes(&kept, 512)));
    assert_int_equal(message_end(&kept, "signatures", NULL), RFD_OK);
}

static void test_whole_way(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct message_reader r;
    struct shown shown;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_ACTIVE);
    assert_int_equal(shown.wrong_left, 5);
    assert_int_equal(shown.channel, PERSONAL_SMS);
    assert_string_equal(shown.mobile, "+51******111");
    assert_int_equal(pdesk_authorise(id, 0, 20, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, 5, &r), RFD_OK);
    check_signatures(id, 0, 5, r);
    assert_int_equal(pdesk_sign(sad, 5, 15, &r), RFD_OK);
    check_signatures(id, 5, 15, r);
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_E_ACTIVATION_ENDED); /* all were signed: the key is gone */
}

static void test_rsa(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct message_reader r;
    pdesk.personal->options.algorithm = KEY_ALGORITHM_RSA_2048;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, PERSONAL_HASHES_MAXIMUM, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 0, PERSONAL_HASHES_MAXIMUM, &r), RFD_OK);
    check_signatures(id, 0, PERSONAL_HASHES_MAXIMUM, r);
}

/* The attestation is of this key and this approval, by the attestation key. */
static void test_attestation(void **state)
{
    (void)state;
    struct begun b;
    struct message_reader r;
    struct attestation v;
    char code[PERSONAL_CODE_SIZE];
    uint8_t hash[OPERATION_HASH_SIZE];
    pdesk_approve(1, pdesk.now);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    assert_int_equal(b.proofs, PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, NULL, code, "12345678", NULL, &r), RFD_E_PASSWORD_WEAK);
    assert_int_equal(pdesk_activate(&b, NULL, code, "ñandú", NULL, &r), RFD_E_PASSWORD_WEAK);
    assert_int_equal(pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, &r), RFD_OK);
    (void)message_get_text(&r, 64);
    slice spki = message_get_bytes(&r, 1024);
    slice text = message_get_bytes(&r, ATTESTATION_MAXIMUM);
    slice signature = message_get_bytes(&r, ATTESTATION_SIGNATURE_MAXIMUM);
    assert_int_equal(message_end(&r, "generated", NULL), RFD_OK);
    assert_int_equal(attestation_read(text, &v, NULL), RFD_OK);
    assert_int_equal(digest_of(DIGEST_SHA256, spki, hash, NULL), RFD_OK);
    assert_memory_equal(v.key, hash, sizeof hash);
    assert_int_equal(v.time, pdesk.now);
    slice own = stored_key_description(pdesk.personal->attestation)->public_key;
    const unsigned char *at = own.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)own.length);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(c, signature.data, signature.length, text.data, text.length), 1);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    /* Once: afterwards it has ended. */
    assert_int_equal(pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, &r), RFD_E_ACTIVATION_ENDED);
}

/* ---- What is signed ---- */

static void test_hashes(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[OPERATION_HASH_SIZE];
    struct message_reader r;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, 4, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 3, 2, &r), RFD_E_HASH_NOT_AUTHORISED); /* the second is not: nothing is signed */
    pdesk_hash(1, hash);
    message_put_bytes(&pdesk.body, slice_of(sad, sizeof sad));
    message_put_u32(&pdesk.body, 2);
    message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN, &r), RFD_E_HASH_NOT_AUTHORISED); /* twice in one */
    assert_int_equal(pdesk_sign(sad, 3, 1, &r), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 3, 1, &r), RFD_E_HASH_NOT_AUTHORISED); /* and once only */
    assert_int_equal(pdesk_sign(sad, 0, 0, &r), RFD_E_ARGUMENT);
    sad[PERSONAL_SAD_SIZE - 1] ^= 1;
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_E_ACTIVATION_ENDED);
    sad[PERSONAL_SAD_SIZE - 1] ^= 1;
    pdesk_wait(299);
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_OK);
    pdesk_wait(1);
    assert_int_equal(pdesk_sign(sad, 1, 1, &r), RFD_E_ACTIVATION_ENDED);
    /* Another operation's authorisation is for its own hashes. */
    assert_int_equal(pdesk_authorise(id, 10, 2, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 1, 1, &r), RFD_E_HASH_NOT_AUTHORISED);
    pdesk_reopen();
    assert_int_equal(pdesk_sign(sad, 10, 1, &r), RFD_E_ACTIVATION_ENDED);
}

static rfd_status check(const uint8_t *sad, unsigned first, unsigned count)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u32(&pdesk.body, count);
    for (unsigned i = 0; i < count; i++) {
        pdesk_hash(first + i, hash);
        message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    }
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CHECK, NULL);
}

/** Looked at, and not used up. */
static void test_check(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[OPERATION_HASH_SIZE];
    struct message_reader r;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, 4, sad), RFD_OK);
    assert_int_equal(check(sad, 0, 4), RFD_OK);
    assert_int_equal(check(sad, 0, 4), RFD_OK);
    assert_int_equal(check(sad, 3, 2), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(check(sad, 0, 0), RFD_E_ARGUMENT);
    pdesk_hash(1, hash);
    message_put_bytes(&pdesk.body, slice_of(sad, sizeof sad));
    message_put_u32(&pdesk.body, 2);
    message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CHECK, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(pdesk_sign(sad, 1, 1, &r), RFD_OK);
    assert_int_equal(check(sad, 1, 1), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(check(sad, 2, 2), RFD_OK);
    pdesk_wait(300);
    assert_int_equal(check(sad, 2, 2), RFD_E_ACTIVATION_ENDED);
    sad[PERSONAL_SAD_SIZE - 1] ^= 1;
    assert_int_equal(check(sad, 2, 2), RFD_E_ACTIVATION_ENDED);
}

/* ---- Threads ---- */

enum { THREADS = 4 };
struct submission {
    pthread_t thread;
    struct buf body, answer;
    uint16_t type;
    rfd_status status;
};

static void *submit(void *context)
{
    struct submission *s = context;
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    const struct message m = {.type = s->type, .body = buf_slice(&s->body)};
    if (personal_handle(pdesk.personal, &session, &m, &s->answer, NULL) != RFD_OK) return NULL;
    struct message_reader r = message_read(buf_slice(&s->answer));
    s->status = (rfd_status)message_get_u32(&r);
    return NULL;
}

/** The same question by several threads at once; how many got RFD_OK. */
static unsigned submit_all(uint16_t type, slice body, struct submission s[THREADS])
{
    unsigned good = 0;
    for (size_t i = 0; i < THREADS; i++) {
        s[i] = (struct submission){.type = type, .status = RFD_E_INTERNAL};
        buf_init(&s[i].body, ISSUE_BODY);
        buf_init(&s[i].answer, ISSUE_BODY);
        buf_put_slice(&s[i].body, body);
    }
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&s[i].thread, NULL, submit, &s[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(s[i].thread, NULL), 0);
        if (s[i].status == RFD_OK) good++;
    }
    return good;
}

static void drop_all(struct submission s[THREADS])
{
    for (size_t i = 0; i < THREADS; i++) {
        buf_dispose(&s[i].body);
        buf_dispose(&s[i].answer);
    }
}

static void test_double_submit(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    struct submission s[THREADS];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[OPERATION_HASH_SIZE];
    pdesk_generate(1, id);
    for (unsigned round = 0; round < 5; round++) {
        assert_int_equal(pdesk_begin_sign(id, round, 1, &b), RFD_OK);
        pdesk_code(&b, 0, code);
        const struct pressed p = pdesk_press(&b, DESK_PASSWORD, code, NULL, NULL);
        message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
        message_put_bytes(&pdesk.body, slice_of(p.encapsulated, sizeof p.encapsulated));
        message_put_bytes(&pdesk.body, slice_of(p.sealed, p.length));
        assert_int_equal(submit_all(PERSONAL_ACTIVATE, buf_slice(&pdesk.body), s), 1);
        buf_reset(&pdesk.body);
        for (size_t i = 0; i < THREADS; i++) {
            struct message_reader r = message_read(slice_from(buf_slice(&s[i].answer), 4));
            if (s[i].status == RFD_OK)
                memcpy(sad, message_get_bytes(&r, sizeof sad).data, sizeof sad);
            else
                assert_true(s[i].status == RFD_E_BUSY || s[i].status == RFD_E_ACTIVATION_ENDED);
        }
        drop_all(s);
        pdesk_hash(round, hash);
        message_put_bytes(&pdesk.body, slice_of(sad, sizeof sad));
        message_put_u32(&pdesk.body, 1);
        message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
        assert_int_equal(submit_all(PERSONAL_SIGN, buf_slice(&pdesk.body), s), 1);
        buf_reset(&pdesk.body);
        drop_all(s);
    }
}

/** Signs the hashes of one operation, one message each. */
struct share {
    pthread_t thread;
    const uint8_t *sad;
    unsigned first, count;
    unsigned good;
};

static void *sign_share(void *context)
{
    struct share *s = context;
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct buf body, answer;
    uint8_t hash[OPERATION_HASH_SIZE];
    buf_init(&body, ISSUE_BODY);
    buf_init(&answer, ISSUE_BODY);
    for (unsigned i = 0; i < s->count; i++) {
        buf_reset(&body);
        buf_reset(&answer);
        pdesk_hash(s->first + i, hash);
        message_put_bytes(&body, slice_of(s->sad, PERSONAL_SAD_SIZE));
        message_put_u32(&body, 1);
        message_put_bytes(&body, slice_of(hash, sizeof hash));
        const struct message m = {.type = PERSONAL_SIGN, .body = buf_slice(&body)};
        if (personal_handle(pdesk.personal, &session, &m, &answer, NULL) != RFD_OK) break;
        struct message_reader r = message_read(buf_slice(&answer));
        if (message_get_u32(&r) == RFD_OK) s->good++;
    }
    buf_dispose(&body);
    buf_dispose(&answer);
    return NULL;
}

static void test_many_sign_at_once(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct message_reader r;
    struct share shares[THREADS];
    enum { EACH = 25 };
    pdesk_generate(1, id);
    assert_int_equal(pdesk_authorise(id, 0, THREADS * EACH, sad), RFD_OK);
    for (unsigned i = 0; i < THREADS; i++) {
        shares[i] = (struct share){.sad = sad, .first = i * EACH, .count = EACH};
        assert_int_equal(pthread_create(&shares[i].thread, NULL, sign_share, &shares[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(shares[i].thread, NULL), 0);
        assert_int_equal(shares[i].good, EACH);
    }
    assert_int_equal(pdesk_sign(sad, 0, 1, &r), RFD_E_ACTIVATION_ENDED);
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 0);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r), RFD_OK);
    assert_int_equal(message_get_u64(&r), THREADS * EACH + 2); /* generate, certificate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_way, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_rsa, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_attestation, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_hashes, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_check, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_double_submit, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_many_sign_at_once, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
