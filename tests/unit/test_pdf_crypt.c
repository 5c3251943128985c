/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "pdf/crypt.h"
#include "pdf/crypt_password.h"
#include "pdf/document.h"
#include "pdf/lexer.h"
#include "pdf/pdfdoc.h"
#include "pdf/rc4.h"
#include "pdf_support.h"

#define ID       SLICE("\x31\x41\x59\x26\x53\x58\x97\x93\x23\x84\x62\x64\x33\x83\x27\x95")
#define LEGACY_O "/O <0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671>"
#define V4_CF(cfm)                                                                                                     \
    "/CF <</StdCF <</AuthEvent /DocOpen /CFM /" cfm " /Length 16>>>> /Filter /Standard /Length 128 " LEGACY_O          \
    "/P -4 /R 4 /StmF /StdCF /StrF /StdCF /V 4 "
#define V4_U "/U <763f954d16622015ee88b60b3eb8f7590122456a91bae5134273a6db134c87c4>"
#define V5_CF                                                                                                          \
    "/CF <</StdCF <</AuthEvent /DocOpen /CFM /AESV3 /Length 32>>>> /Filter /Standard /StmF /StdCF /StrF /StdCF "
#define V6_STRINGS                                                                                                     \
    "/O <d7e0a6c42547be21834ea6280382310d77af4ab98aaee29947877243b6f683e1593872f5373ab6a15f4d25b85e1b4920>"            \
    "/OE <005da81fcd70dfb97b18143360340e8f0b45375003e275f4bba280f8a418d2b0>"                                           \
    "/U <07a601919d94a79a290259833680e208191cf78abea3d5a4255b37784c81c09022c32c0ed92a8690336aadbf83ab1f33>"            \
    "/UE <670f104e82e2810bab727c84d20f5be6573e95126d71af461c57d2c7f793d728>"
#define V6_PERMS "/Perms <07e0ed9fec86b138a3fec82750c158d7>"

/** Encryption dictionaries that qpdf wrote for the passwords "user" and "owner". */
static const struct {
    const char *dictionary, *name;
    bool metadata;
} known[] = {
    {"<</Filter /Standard /Length 40 /O <94e8094419662a774442fb072e3d9f19e9d130ec09a4d0061e78fe920f7ab62f> /P -4 /R 2 "
     "/U <2aa12f26bcf1a217c0f1ee491745f646671475ae85bddf3e3c1a45a8457391cb> /V 1>>",
     "RC4-40", true},
    {"<</Filter /Standard /Length 128 " LEGACY_O "/P -4 /R 3 " V4_U " /V 2>>", "RC4-128", true},
    {"<</Filter /Standard /Length 128 " LEGACY_O "/P 4294967292 /R 3 " V4_U " /V 2>>", "RC4-128", true},
    {"<<" V4_CF("V2") V4_U ">>", "RC4-128", true},
    {"<<" V4_CF("AESV2") V4_U ">>", "AES-128", true},
    {"<<" V4_CF(
         "AESV2") "/EncryptMetadata false /U <fb8f3661d99bba02de37f0c770ae4d2a0122456a91bae5134273a6db134c87c4>>>",
     "AES-128", false},
    {"<<" V5_CF "/O <b6a1749191bd1745c14a2bbae6ab2b5e9477f53d045a9f310211b6fe2be6c0f3bd01998c3c90b267fee9ab9d1b8f6192>"
     "/OE <c3ba3490aa88a60e3eb0bff0e5751f9963a38e47e576fa5589321be60a80aa44> /P -4"
     "/Perms <1ab162e9b8e6eb96b23305d89c43d2f9> /R 5 "
     "/U <3f51447e259442379c5d648664c7378222f9aa613903ec9b4bccc9e71cf7faeeabc051382b837b67c87cc3d7b8293819>"
     "/UE <a839bfac5e4fc721f98b3bdc76b5335855e5f85a653cf6935d57c6ba3e5afd16> /V 5>>",
     "AES-256 (R5)", true},
    {"<<" V5_CF V6_STRINGS "/P -4" V6_PERMS "/R 6 /V 5>>", "AES-256 (R6)", true},
};

struct fixture {
    struct arena arena;
    struct pdf_crypt *crypt;
    struct rfd_error error;
};

static rfd_status open_text(struct fixture *f, const char *text, uint32_t encrypt, slice password)
{
    struct lexer l;
    struct pdf_value dictionary;
    *f = (struct fixture){0};
    arena_init(&f->arena, 1 << 20);
    lexer_memory(&l, slice_text(text), &f->arena);
    assert_int_equal(lexer_value(&l, &dictionary, &f->error), RFD_OK);
    return pdf_crypt_open(&dictionary, encrypt, ID, password, &f->arena, &f->crypt, &f->error);
}

static void close_fixture(struct fixture *f)
{
    pdf_crypt_dispose(f->crypt);
    arena_dispose(&f->arena);
}

/** Opening fails with `status`, and the detail tells about `word`. */
static void expect_refused(const char *text, rfd_status status, const char *word)
{
    struct fixture f;
    assert_int_equal(open_text(&f, text, 0, SLICE("user")), status);
    if (strstr(f.error.detail, word) == NULL) fail_msg("%s: %s", word, f.error.detail);
    assert_null(f.crypt);
    close_fixture(&f);
}

static void test_rc4_vectors(void **state)
{
    (void)state;
    static const struct { /* RFC 6229, offset 0 */
        const char *key, *stream;
    } vectors[] = {{"0102030405", "b2396305f03dc027ccc3524a0a1118a8"},
                   {"0102030405060708090a0b0c0d0e0f10", "9ac7cc9a609d1ef7b2932899cde41b97"}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t key[16];
        uint8_t stream[16];
        uint8_t out[16] = {0};
        struct rc4 r;
        assert_true(number_hex(slice_text(vectors[i].key), key));
        assert_true(number_hex(slice_text(vectors[i].stream), stream));
        rc4_start(&r, slice_of(key, strlen(vectors[i].key) / 2));
        rc4_apply(&r, slice_of(out, 5), out);
        rc4_apply(&r, slice_of(out + 5, 11), out + 5);
        assert_memory_equal(out, stream, 16);
    }
}

static void test_passwords_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct fixture f;
        assert_int_equal(open_text(&f, known[i].dictionary, 0, SLICE("user")), RFD_OK);
        assert_string_equal(pdf_crypt_name(f.crypt), known[i].name);
        assert_int_equal(pdf_crypt_covers_metadata(f.crypt), known[i].metadata);
        assert_false(pdf_crypt_permits(f.crypt, 1));
        assert_true(pdf_crypt_permits(f.crypt, 3));
        assert_false(pdf_crypt_permits(f.crypt, 0));
        assert_false(pdf_crypt_permits(f.crypt, 33));
        close_fixture(&f);
        assert_int_equal(open_text(&f, known[i].dictionary, 0, SLICE("owner")), RFD_OK);
        assert_true(pdf_crypt_permits(f.crypt, 1));
        close_fixture(&f);
    }
}

static void test_wrong_passwords(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "User", "users", "o", "\xC3\xB1", "\xFF\xFE"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
            struct fixture f;
            assert_int_equal(open_text(&f, known[i].dictionary, 0, slice_text(wrong[w])), RFD_E_PDF_PASSWORD);
            assert_null(f.crypt);
            close_fixture(&f);
        }
    }
}

static void test_round_trips(void **state)
{
    (void)state;
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct fixture user;
        struct fixture owner;
        assert_int_equal(open_text(&user, known[i].dictionary, 9, SLICE("user")), RFD_OK);
        assert_int_equal(open_text(&owner, known[i].dictionary, 9, SLICE("owner")), RFD_OK);
        for (size_t length = 0; length <= sizeof bytes; length++) {
            struct buf out;
            slice back;
            slice in = slice_of(bytes, length);
            struct pdf_reference r = {(uint32_t)(70000 + length), (uint32_t)length};
            buf_init(&out, 1000);
            assert_int_equal(pdf_crypt_encrypt(user.crypt, PDF_CRYPT_STREAM, r, in, &out, &user.error), RFD_OK);
            assert_true(length == 0 || !slice_equal(buf_slice(&out), in));
            assert_int_equal(pdf_crypt_decrypt(owner.crypt, PDF_CRYPT_STRING, SLICE_EMPTY, r, buf_slice(&out),
                                               &owner.arena, &back, &owner.error),
                             RFD_OK);
            assert_true(slice_equal(back, in));
            r.number = 9; /* the encryption dictionary itself */
            assert_int_equal(pdf_crypt_decrypt(owner.crypt, PDF_CRYPT_STRING, SLICE_EMPTY, r, buf_slice(&out),
                                               &owner.arena, &back, &owner.error),
                             RFD_OK);
            assert_true(slice_equal(back, buf_slice(&out)));
            buf_dispose(&out);
        }
        close_fixture(&user);
        close_fixture(&owner);
    }
}

static void test_damaged_data(void **state)
{
    (void)state;
    struct fixture f;
    slice back = SLICE("kept");
    uint8_t bytes[64] = {0};
    assert_int_equal(open_text(&f, known[7].dictionary, 0, SLICE("user")), RFD_OK);
    const struct pdf_reference r = {1, 0};
    for (size_t length = 1; length <= sizeof bytes; length++) {
        rfd_status status = pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STREAM, SLICE_EMPTY, r, slice_of(bytes, length),
                                              &f.arena, &back, &f.error);
        if (length % 16 != 0) assert_int_equal(status, RFD_E_PDF_DAMAGED);
    }
    assert_int_equal(pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STREAM, SLICE_EMPTY, r, SLICE_EMPTY, &f.arena, &back, NULL),
                     RFD_OK);
    assert_int_equal(back.length, 0);
    close_fixture(&f);
}

static void test_crypt_filters(void **state)
{
    (void)state;
    static const char text[] =
        "<</CF <</A <</CFM /AESV2>> /B <</CFM /V2>> /N <</CFM /None>> /Identity <</CFM /V2>>>> /Filter /Standard " LEGACY_O
        "/P -4 /R 4 /StrF /B /EFF /A /V 4 " V4_U ">>";
    struct fixture f;
    struct buf out;
    slice back;
    const struct pdf_reference r = {3, 0};
    const slice in = SLICE("plain text");
    buf_init(&out, 1000);
    assert_int_equal(open_text(&f, text, 0, SLICE("user")), RFD_OK);
    assert_int_equal(pdf_crypt_encrypt(f.crypt, PDF_CRYPT_STREAM, r, in, &out, &f.error), RFD_OK);
    assert_true(slice_equal(buf_slice(&out), in)); /* no /StmF: Identity */
    buf_reset(&out);
    assert_int_equal(pdf_crypt_encrypt(f.crypt, PDF_CRYPT_STRING, r, in, &out, &f.error), RFD_OK);
    assert_int_equal(out.length, in.length); /* RC4 */
    assert_int_equal(
        pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STREAM, SLICE("B"), r, buf_slice(&out), &f.arena, &back, NULL), RFD_OK);
    assert_true(slice_equal(back, in));
    buf_reset(&out);
    assert_int_equal(pdf_crypt_encrypt(f.crypt, PDF_CRYPT_EMBEDDED_FILE, r, in, &out, &f.error), RFD_OK);
    assert_int_equal(out.length, 32); /* AES */
    assert_int_equal(
        pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STREAM, SLICE("A"), r, buf_slice(&out), &f.arena, &back, NULL), RFD_OK);
    assert_true(slice_equal(back, in));
    assert_int_equal(pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STRING, SLICE("Identity"), r, in, &f.arena, &back, &f.error),
                     RFD_OK);
    assert_true(slice_equal(back, in));
    static const char *const unknown[] = {"N", "C", "AA"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            pdf_crypt_decrypt(f.crypt, PDF_CRYPT_STREAM, slice_text(unknown[i]), r, in, &f.arena, &back, &f.error),
            RFD_E_PDF_ENCRYPTION);
    buf_dispose(&out);
    close_fixture(&f);
}

static void test_refused_dictionaries(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *word;
    } refused[] = {
        {"<</Filter /Adobe.PubSec /V 4>>", "Adobe.PubSec"},
        {"<</Filter (Standard)>>", "/Filter"},
        {"<<>>", "/Filter"},
        {"null", "/Filter"},
        {"<</Filter /Standard /R 3>>", "/V"},
        {"<</Filter /Standard /V 2>>", "/R"},
        {"<</Filter /Standard /V 3 /R 3>>", "V 3"},
        {"<</Filter /Standard /V 5 /R 4>>", "V 5 R 4"},
        {"<</Filter /Standard /V 99999999999 /R 4>>", "V 99999999999"},
        {"<</Filter /Standard /V 2 /R 3 /Length 33 /P -4>>", "/Length"},
        {"<</Filter /Standard /V 2 /R 3 /Length 4096 /P -4>>", "/Length"},
        {"<</Filter /Standard /V 2 /R 3 /Length /X /P -4>>", "/Length"},
        {"<</Filter /Standard /V 2 /R 3>>", "/P"},
        {"<</Filter /Standard /V 2 /R 3 /P -4 /U (x)>>", "/O"},
        {"<</Filter /Standard /V 2 /R 3 /P -4 " LEGACY_O "/U (short)>>", "/U"},
        {"<<" V4_CF("AESV3") V4_U ">>", "StdCF"},
        {"<<" V5_CF V6_STRINGS "/P -4 /R 6 /V 5>>", "/Perms"},
        {"<<" V5_CF V6_STRINGS "/P -4 /Perms <07e0ed9fec86b138a3fec82750c158d8> /R 6 /V 5>>", "/Perms"},
        {"<<" V5_CF V6_STRINGS "/P -8" V6_PERMS "/R 6 /V 5>>", "/P"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        expect_refused(refused[i].text, RFD_E_PDF_ENCRYPTION, refused[i].word);
}

/** The wrapped key that is not needed may be anything; the one that is needed may not. */
static void test_malformed_owner_key(void **state)
{
    (void)state;
    static const char text[] =
        "<<" V5_CF
        "/O <d7e0a6c42547be21834ea6280382310d77af4ab98aaee29947877243b6f683e1593872f5373ab6a15f4d25b85e1b4920>"
        "/U <07a601919d94a79a290259833680e208191cf78abea3d5a4255b37784c81c09022c32c0ed92a8690336aadbf83ab1f33>"
        "/UE <670f104e82e2810bab727c84d20f5be6573e95126d71af461c57d2c7f793d728> /OE (x) /P -4" V6_PERMS "/R 6 /V 5>>";
    struct fixture f;
    assert_int_equal(open_text(&f, text, 0, SLICE("user")), RFD_OK);
    close_fixture(&f);
    assert_int_equal(open_text(&f, text, 0, SLICE("owner")), RFD_E_PDF_ENCRYPTION);
    close_fixture(&f);
}

static void expect_form(int revision, int form, const char *in, const char *expected)
{
    struct buf out;
    buf_init(&out, 1000);
    assert_int_equal(crypt_password_form(revision, form, slice_text(in), &out), expected != NULL);
    if (expected != NULL && !slice_is(buf_slice(&out), expected))
        fail_msg("R%d form %d of \"%s\": \"%.*s\"", revision, form, in, (int)out.length, (const char *)out.data);
    buf_dispose(&out);
}

static void test_password_forms(void **state)
{
    (void)state;
    expect_form(3, 0, "abc", "abc");
    expect_form(3, 1, "abc", NULL);
    expect_form(3, 0, "se\xC3\xB1or \xE2\x82\xAC", "se\xF1or \xA0"); /* PDFDocEncoding's euro */
    expect_form(3, 1, "se\xC3\xB1or", "se\xC3\xB1or");
    expect_form(3, 2, "se\xC3\xB1or", NULL);
    expect_form(3, 0, "\xD0\x96", "\xD0\x96"); /* not in PDFDocEncoding: as given */
    expect_form(3, 0, "0123456789012345678901234567890123456789", "01234567890123456789012345678901");
    expect_form(6, 0, "se\xC3\xB1or", "se\xC3\xB1or");
    expect_form(6, 0,
                "a\xC2\xA0"
                "b\xC2\xAD"
                "c\xE3\x80\x80",
                "a bc ");
    expect_form(6, 0, "a\x01", "a\x01"); /* prohibited: as given */
    expect_form(5, 0, "a\xC2\xA0", "a\xC2\xA0");
    char large[300];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    struct buf out;
    buf_init(&out, 1000);
    assert_true(crypt_password_form(6, 0, slice_text(large), &out));
    assert_int_equal(out.length, 127);
    buf_dispose(&out);
}

static void test_pdfdoc(void **state)
{
    (void)state;
    static const struct {
        const char *utf8;
        slice expected;
    } cases[] = {{"", {(const uint8_t *)"", 0}},
                 {"A\tz~", {(const uint8_t *)"A\tz~", 4}},
                 {"\xC3\x91 \xE2\x80\x9C\xE2\x80\x9D\xE2\x80\x94", {(const uint8_t *)"\xD1 \x8D\x8E\x84", 5}},
                 {"\xCB\x9A\xC5\xBE", {(const uint8_t *)"\x1E\x9E", 2}},
                 {"\xD0\x96", {(const uint8_t *)"\xFE\xFF\x04\x16", 4}},
                 {"\x7F", {(const uint8_t *)"\xFE\xFF\x00\x7F", 4}},
                 {"\xC3\xBE\xC3\xBF", {(const uint8_t *)"\xFE\xFF\x00\xFE\x00\xFF", 6}},
                 {"\xF0\x9F\x98\x80", {(const uint8_t *)"\xFE\xFF\xD8\x3D\xDE\x00", 6}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        struct buf back;
        buf_init(&out, 1000);
        buf_init(&back, 1000);
        pdfdoc_text_string(slice_text(cases[i].utf8), &out);
        if (!slice_equal(buf_slice(&out), cases[i].expected)) fail_msg("case %zu", i);
        pdf_text_to_utf8(buf_slice(&out), &back);
        assert_true(slice_is(buf_slice(&back), cases[i].utf8));
        buf_dispose(&out);
        buf_dispose(&back);
    }
}

/** Every allocation fails once; nothing leaks, and the failure is told. */
static void test_out_of_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        rfd_status status = RFD_E_MEMORY;
        for (unsigned long n = 1; status != RFD_OK; n++) {
            struct fixture f;
            struct lexer l;
            struct pdf_value dictionary;
            f = (struct fixture){0};
            arena_init(&f.arena, 1 << 20);
            lexer_memory(&l, slice_text(known[i].dictionary), &f.arena);
            assert_int_equal(lexer_value(&l, &dictionary, &f.error), RFD_OK);
            f.arena.left = 0; /* the next allocation takes a new block */
            (void)memory_fail_after(n);
            status = pdf_crypt_open(&dictionary, 0, ID, SLICE("owner"), &f.arena, &f.crypt, &f.error);
            (void)memory_fail_after(0);
            assert_true(status == RFD_OK || status == RFD_E_MEMORY);
            assert_true(n < 100);
            close_fixture(&f);
        }
    }
}

static rfd_status open_corpus(const char *name, const char *password, struct rfd_error *error)
{
    char path[4096];
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    struct pdf_options options = {.password = slice_text(password)};
    (void)snprintf(path, sizeof path, "%s/pdf/%s", support_corpora(), name);
    rfd_status status = source_open_file(path, &source, error);
    if (status == RFD_OK) status = pdf_open(source, &options, &doc, error);
    if (status == RFD_OK) {
        struct pdf_view view = pdf_latest(doc);
        size_t pages = 0;
        slice data;
        status = pdf_page_count(&view, &pages, error);
        struct pdf_page page;
        if (status == RFD_OK) status = pdf_page(&view, 0, &page, error);
        if (status == RFD_OK)
            status = pdf_stream_data(&view, pdf_get(&view, page.dictionary, "Contents"), 1 << 20, &data, error);
        if (status == RFD_OK && memmem(data.data, data.length, "BT", 2) == NULL) status = RFD_E_INTERNAL;
        pdf_close(doc);
    }
    source_close(source);
    return status;
}

static void test_corpus(void **state)
{
    (void)state;
    static const struct {
        const char *name, *password;
        rfd_status expected;
    } files[] = {
        {"minimal-rc4.pdf", "usersecret", RFD_OK},
        {"minimal-rc4.pdf", "ownersecret", RFD_OK},
        {"minimal-rc4.pdf", "", RFD_E_PDF_PASSWORD},
        {"minimal-aes256.pdf", "usersecret", RFD_OK},
        {"minimal-aes256.pdf", "ownersecret", RFD_OK},
        {"minimal-aes256.pdf", "nothing", RFD_E_PDF_PASSWORD},
        {"minimal-two-fields-aes256.pdf", "usersecret", RFD_OK},
        {"minimal-with-field-rc4.pdf", "usersecret", RFD_OK},
        {"minimal-aes256-malformed-oe.pdf", "usersecret", RFD_OK},
        {"minimal-aes256-malformed-oe.pdf", "ownersecret", RFD_E_PDF_ENCRYPTION},
        {"minimal-aes256-malformed-perms.pdf", "usersecret", RFD_E_PDF_ENCRYPTION},
        {"minimal-aes256-empty-encrypted-string.pdf", "secret", RFD_OK},
        {"minimal-pubkey-aes256.pdf", "", RFD_E_PDF_ENCRYPTION},
        {"minimal-pubkey-rc4.pdf", "", RFD_E_PDF_ENCRYPTION},
    };
    if (support_corpora() == NULL) skip();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = open_corpus(files[i].name, files[i].password, &error);
        if (status != files[i].expected)
            fail_msg("%s \"%s\": %s: %s", files[i].name, files[i].password, rfd_status_name(status), error.detail);
    }
}

/** What another program encrypts, we read. */
static void read_encrypted(struct support_document *d, const char *password)
{
    struct pdf_page page;
    slice data = SLICE_EMPTY;
    if (support_open(d, password, true) != RFD_OK) fail_msg("%s: %s", password, d->error.detail);
    struct pdf_view view = pdf_latest(d->doc);
    assert_true(slice_is(pdf_get(&view, pdf_catalog(&view), "Title")->bytes, "S\351cret title"));
    assert_int_equal(pdf_page(&view, 0, &page, &d->error), RFD_OK);
    assert_int_equal(pdf_stream_data(&view, pdf_get(&view, page.dictionary, "Contents"), 1000, &data, &d->error),
                     RFD_OK);
    assert_true(slice_starts(data, SLICE("BT (Hidden text) Tj ET")));
    support_close(d);
}

static void test_qpdf_encrypts(void **state)
{
    (void)state;
    static const char *const objects[] = {"<</Type /Catalog /Pages 2 0 R /Title (S\351cret title)>>",
                                          "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 99 99]>>",
                                          "<</Type /Page /Parent 2 0 R /Contents 4 0 R>>",
                                          "<</Length 22>>\nstream\nBT (Hidden text) Tj ET\nendstream"};
    static const char *const passwords[] = {"se\xC3\xB1or", "owner"};
    struct buf plain;
    if (!support_has("qpdf")) skip();
    buf_init(&plain, 1 << 20);
    support_make_pdf(&plain, objects, 4, "/Root 1 0 R");
    for (size_t v = 0; v < 2 * SUPPORT_ENCRYPTIONS; v++) {
        for (size_t p = 0; p < 2; p++) {
            struct support_document d;
            support_encrypt(&d, &plain, v, passwords[0], passwords[1]);
            read_encrypted(&d, passwords[p]);
        }
    }
    buf_dispose(&plain);
    support_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rc4_vectors),          cmocka_unit_test(test_passwords_open),
        cmocka_unit_test(test_wrong_passwords),      cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_damaged_data),         cmocka_unit_test(test_crypt_filters),
        cmocka_unit_test(test_refused_dictionaries), cmocka_unit_test(test_malformed_owner_key),
        cmocka_unit_test(test_password_forms),       cmocka_unit_test(test_pdfdoc),
        cmocka_unit_test(test_out_of_memory),        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_qpdf_encrypts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
