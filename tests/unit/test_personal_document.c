/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents that were authorised by their own hashes: the keeper makes what is signed, of an authorised document alone,
 * once, whoever asks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "personal_desk.h"

#include "pki/certificate/certificate.h"
#include "pki/cms/cms.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>

#define DOCUMENT "%PDF-1.7 un documento cualquiera, que nadie lee aqui\n"
#define OTHER    "%PDF-1.7 otro documento, que nadie autorizo\n"
#define BEFORE   "12 0 obj <</Type /Sig /Contents "
#define AFTER    ">> endobj\n%%EOF\n"

static slice hash_of(const char *text, uint8_t hash[DIGEST_SIZE_MAXIMUM])
{
    assert_int_equal(digest_of(DIGEST_SHA256, slice_text(text), hash, NULL), RFD_OK);
    return slice_of(hash, 32);
}

/** Everything up to the SAD, for this document and another one. */
static void authorise(const char *id, enum operation_of of, bool seal, uint8_t sad[PERSONAL_SAD_SIZE])
{
    uint8_t hashes[2][DIGEST_SIZE_MAXIMUM];
    char code[PERSONAL_CODE_SIZE];
    struct begun b;
    struct message_reader r;
    struct operation_document documents[] = {
        {.title = SLICE("Licencia"), .hash = hash_of(DOCUMENT, hashes[0])},
        {.title = SLICE("Plano"), .hash = hash_of("otra cosa", hashes[1])},
    };
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(id),
                                     .portal = SLICE(DESK_PORTAL),
                                     .digest = DIGEST_SHA256,
                                     .of = of,
                                     .documents = documents,
                                     .count = 2,
                                     .time = pdesk.now};
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_NO_CHANNEL, SLICE_EMPTY, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, seal ? NULL : code, NULL, NULL, &r), RFD_OK);
    memcpy(sad, message_get_bytes(&r, PERSONAL_SAD_SIZE).data, PERSONAL_SAD_SIZE);
}

static rfd_status ask_documents(const uint8_t *sad, bool timed, const char *text, struct message_reader *r)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u8(&pdesk.body, timed);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, hash_of(text, hash));
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN_DOCUMENTS, r);
}

static rfd_status ask_hash(const uint8_t *sad, const char *text)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, hash_of(text, hash));
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN, NULL);
}

static rfd_status read_part(uint16_t question, const uint8_t *sad, uint64_t offset, slice piece)
{
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u64(&pdesk.body, offset);
    message_put_bytes(&pdesk.body, piece);
    return pdesk_ask(KEEPER_FROM_WEB, question, NULL);
}

static rfd_status read_piece(const uint8_t *sad, uint64_t offset, slice piece)
{
    return read_part(PERSONAL_READ_DOCUMENT, sad, offset, piece);
}

static rfd_status ask_revision(const uint8_t *sad, uint64_t length, struct message_reader *r)
{
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u64(&pdesk.body, length);
    message_put_bytes(&pdesk.body, SLICE(BEFORE));
    message_put_bytes(&pdesk.body, SLICE(AFTER));
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN_REVISION, r);
}

/** Whether it is the signature of the attributes of this digest, by the credential's key. */
static bool verifies(const char *id, slice digest, rfd_time time, slice signature)
{
    struct record record = {.state = 0};
    const struct certificate *certificate = NULL;
    struct cms_attributes attributes = {.digest = digest, .signing_time = time};
    struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(record_read(pdesk.personal, id, &record, NULL), RFD_OK);
    assert_int_equal(certificate_parse(record.certificate, &certificate, NULL), RFD_OK);
    attributes.signer = certificate;
    assert_int_equal(signature_algorithm_choose(certificate, DIGEST_SHA256, false, &attributes.algorithm, NULL),
                     RFD_OK);
    cms_put_signed_attributes(&b, &attributes);
    bool good = signature_verify(&attributes.algorithm, certificate, buf_slice(&b), signature, NULL) == RFD_OK;
    buf_dispose(&b);
    certificate_unref(certificate);
    record_dispose(&record);
    return good;
}

static void test_of_digests(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[DIGEST_SIZE_MAXIMUM];
    struct message_reader r;
    pdesk_generate(1, id);
    authorise(id, OPERATION_OF_DOCUMENTS, false, sad);
    assert_int_equal(ask_hash(sad, DOCUMENT), RFD_E_HASH_NOT_AUTHORISED); /* it is not the hash itself */
    assert_int_equal(ask_documents(sad, true, OTHER, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(ask_documents(sad, true, DOCUMENT, &r), RFD_OK);
    rfd_time time = message_get_i64(&r);
    assert_int_equal(time, pdesk.now / RFD_SECOND * RFD_SECOND);
    assert_int_equal(message_get_u32(&r), 1);
    assert_true(verifies(id, hash_of(DOCUMENT, hash), time, message_get_bytes(&r, 1024)));
    assert_int_equal(ask_documents(sad, true, DOCUMENT, NULL), RFD_E_HASH_NOT_AUTHORISED); /* once */
    assert_int_equal(ask_documents(sad, false, "otra cosa", &r), RFD_OK);
    time = message_get_i64(&r);
    assert_int_equal(time, RFD_TIME_NONE);
    assert_int_equal(message_get_u32(&r), 1);
    assert_true(verifies(id, hash_of("otra cosa", hash), RFD_TIME_NONE, message_get_bytes(&r, 1024)));
    assert_int_equal(ask_documents(sad, false, "otra cosa", &r), RFD_E_ACTIVATION_ENDED); /* all are signed */
}

static void test_of_documents(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[DIGEST_SIZE_MAXIMUM];
    struct message_reader r;
    slice document = SLICE(DOCUMENT);
    pdesk_generate(1, id);
    authorise(id, OPERATION_OF_DOCUMENTS, false, sad);
    assert_int_equal(ask_revision(sad, 0, NULL), RFD_E_STATE);
    assert_int_equal(ask_revision(sad, document.length, NULL), RFD_E_STATE);
    assert_int_equal(read_piece(sad, 5, document), RFD_E_STATE);
    /* Another document is none, whatever follows. */
    assert_int_equal(read_piece(sad, 0, SLICE(OTHER)), RFD_OK);
    assert_int_equal(ask_revision(sad, sizeof OTHER - 1, NULL), RFD_E_HASH_NOT_AUTHORISED);
    /* Neither is a part of it, nor it and more. */
    assert_int_equal(read_piece(sad, 0, slice_part(document, 0, 20)), RFD_OK);
    assert_int_equal(ask_revision(sad, 20, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(read_piece(sad, 0, document), RFD_OK);
    assert_int_equal(read_piece(sad, document.length, SLICE(" ")), RFD_OK);
    assert_int_equal(ask_revision(sad, document.length + 1, NULL), RFD_E_HASH_NOT_AUTHORISED);
    /* In pieces. */
    assert_int_equal(read_piece(sad, 0, slice_part(document, 0, 20)), RFD_OK);
    assert_int_equal(read_piece(sad, 0, slice_part(document, 0, 7)), RFD_OK);
    assert_int_equal(read_piece(sad, 7, slice_from(document, 7)), RFD_OK);
    assert_int_equal(ask_revision(sad, document.length, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_true(verifies(id, hash_of(DOCUMENT BEFORE AFTER, hash), RFD_TIME_NONE, message_get_bytes(&r, 1024)));
    /* Once, in whichever way. */
    assert_int_equal(ask_revision(sad, document.length, NULL), RFD_E_STATE);
    assert_int_equal(read_piece(sad, 0, document), RFD_OK);
    assert_int_equal(ask_revision(sad, document.length, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(ask_documents(sad, false, DOCUMENT, NULL), RFD_E_HASH_NOT_AUTHORISED);
}

/* What follows a document in pieces, too: where the document ends is where they begin. */
static void test_long_revision(void **state)
{
    (void)state;
    static uint8_t much[PERSONAL_PIECE_MAXIMUM];
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[DIGEST_SIZE_MAXIMUM];
    struct message_reader r;
    uint64_t length = sizeof DOCUMENT - 1;
    pdesk_generate(1, id);
    authorise(id, OPERATION_OF_DOCUMENTS, false, sad);
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, 0, SLICE("x")), RFD_E_STATE);
    assert_int_equal(read_piece(sad, 0, SLICE(DOCUMENT)), RFD_OK);
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, length + 1, SLICE("x")), RFD_E_STATE);
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, length, SLICE("<<1>>")), RFD_OK);
    assert_int_equal(read_piece(sad, length + 5, SLICE("x")), RFD_E_STATE); /* the document has ended */
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, length + 5, SLICE("<<2>>")), RFD_OK);
    assert_int_equal(ask_revision(sad, length, NULL), RFD_E_STATE);
    assert_int_equal(ask_revision(sad, length + 10, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_true(
        verifies(id, hash_of(DOCUMENT "<<1>><<2>>" BEFORE AFTER, hash), RFD_TIME_NONE, message_get_bytes(&r, 1024)));
    /* A document that is none does not become one by what follows it. */
    assert_int_equal(read_piece(sad, 0, SLICE("otra ")), RFD_OK);
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, 5, SLICE("cosa")), RFD_OK);
    assert_int_equal(ask_revision(sad, 9, NULL), RFD_E_HASH_NOT_AUTHORISED);
    /* So much of it and no more. */
    assert_int_equal(read_piece(sad, 0, SLICE("otra cosa")), RFD_OK);
    for (length = 9; length + sizeof much <= PERSONAL_REVISION_MAXIMUM + 9; length += sizeof much)
        assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, length, slice_of(much, sizeof much)), RFD_OK);
    assert_int_equal(read_part(PERSONAL_READ_REVISION, sad, length, slice_of(much, sizeof much)), RFD_E_LIMIT);
    assert_int_equal(ask_revision(sad, length, &r), RFD_OK);
}

static void test_limits(void **state)
{
    (void)state;
    static uint8_t much[PERSONAL_PIECE_MAXIMUM + 1];
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    pdesk_generate(1, id);
    authorise(id, OPERATION_OF_DOCUMENTS, false, sad);
    assert_int_equal(read_piece(sad, 0, SLICE_EMPTY), RFD_E_LIMIT);
    assert_int_equal(read_piece(sad, PERSONAL_DOCUMENT_MAXIMUM, SLICE("x")), RFD_E_LIMIT);
    assert_int_equal(read_piece(sad, UINT64_MAX, SLICE("x")), RFD_E_LIMIT);
    assert_int_equal(read_piece(sad, 0, slice_of(much, sizeof much)), RFD_E_PROTOCOL);
    assert_int_equal(read_piece(sad, 0, slice_of(much, sizeof much - 1)), RFD_OK);
    message_put_bytes(&pdesk.body, slice_of(sad, sizeof sad));
    message_put_u64(&pdesk.body, sizeof much - 1);
    message_put_bytes(&pdesk.body, slice_of(much, PERSONAL_PIECE_MAXIMUM));
    message_put_bytes(&pdesk.body, SLICE("x"));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN_REVISION, NULL), RFD_E_LIMIT);
    pdesk_wait(pdesk.options.sad_seconds + 1);
    assert_int_equal(read_piece(sad, 0, SLICE(DOCUMENT)), RFD_E_ACTIVATION_ENDED);
    /* Not of hashes, not without a SAD, and not by the worker. */
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_OK);
    assert_int_equal(read_piece(sad, 0, SLICE(DOCUMENT)), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(ask_documents(sad, false, DOCUMENT, NULL), RFD_E_HASH_NOT_AUTHORISED);
    sad[PERSONAL_SAD_SIZE - 1] ^= 1;
    assert_int_equal(read_piece(sad, 0, SLICE(DOCUMENT)), RFD_E_ACTIVATION_ENDED);
    message_put_bytes(&pdesk.body, slice_of(sad, sizeof sad));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_READ_DOCUMENT, NULL), RFD_E_KEY_REFUSED);
}

/* A seal's are of either kind, each once; a person's never. */
static void test_either(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], person[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE], hash[DIGEST_SIZE_MAXIMUM];
    struct begun b;
    struct message_reader r;
    pdesk_generate_seal(id);
    authorise(id, OPERATION_OF_BOTH, true, sad);
    assert_int_equal(ask_hash(sad, DOCUMENT), RFD_OK);
    assert_int_equal(ask_documents(sad, false, DOCUMENT, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(ask_documents(sad, false, "otra cosa", &r), RFD_OK);
    assert_int_equal(ask_hash(sad, "otra cosa"), RFD_E_ACTIVATION_ENDED);
    pdesk_generate(1, person);
    struct operation_document document = {.title = SLICE("Licencia"), .hash = hash_of(DOCUMENT, hash)};
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(person),
                                     .portal = SLICE(DESK_PORTAL),
                                     .digest = DIGEST_SHA256,
                                     .of = OPERATION_OF_BOTH,
                                     .documents = &document,
                                     .count = 1,
                                     .time = pdesk.now};
    assert_int_equal(pdesk_begin_text(&o, PERSONAL_NO_CHANNEL, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pdesk_set, pdesk_clear)
    const struct CMUnitTest tests[] = {TEST(test_of_digests), TEST(test_of_documents), TEST(test_limits),
                                       TEST(test_long_revision), TEST(test_either)};
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
