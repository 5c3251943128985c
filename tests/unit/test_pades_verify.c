/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verification as a whole: good signatures, every kind of doubt about them, damage at every place, and other people's
 * files.
 */
#include "verify_fixture.h"

#include "base/clock.h"
#include "base/memory.h"

#include <dirent.h>
#include <jansson.h>
#include <unistd.h>

enum { FLIP_STEP = 7, DAY = 86400 };

/* --- A small infrastructure and a signed document ---------------------------------------------------------------- */

static struct {
    struct identity root, signer, other;
    struct rfd_key *key, *other_key;
    struct rfd_trust *trust, *trust_without_list;
    struct buf plain, once, twice;
} made;

static int set_up(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)folder_new();
    made.root = identity_new("P-256", "Root", NULL, NULL);
    made.signer = identity_new("P-256", "Alba Ejemplo", &made.root, NULL);
    made.other = identity_new("P-256", "Bruno Ejemplo", &made.root, NULL);
    folder_write_identity(&made.signer, "signer.pem", "signer.key");
    folder_write_identity(&made.other, "other.pem", "other.key");
    if (rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &made.key, &error) !=
            RFD_OK ||
        rfd_key_open_pem(folder_file("other.key"), folder_file("other.pem"), NULL, SLICE_EMPTY, &made.other_key,
                         &error) != RFD_OK) {
        fail_msg("key: %s", error.detail);
    }
    struct buf crl = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &crl);
    made.trust_without_list = trust_new(&made.root, NULL);
    buf_dispose(&crl);
    made.plain = pdf_new(18000);
    made.once = pdf_sign(&made.plain, made.key, 0);
    made.twice = pdf_sign(&made.once, made.other_key, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_key_free(made.key);
    rfd_key_free(made.other_key);
    rfd_trust_free(made.trust);
    rfd_trust_free(made.trust_without_list);
    identity_free(&made.signer);
    identity_free(&made.other);
    identity_free(&made.root);
    buf_dispose(&made.plain);
    buf_dispose(&made.once);
    buf_dispose(&made.twice);
    folder_remove();
    return 0;
}

/* --- Good signatures --------------------------------------------------------------------------------------------- */

static void a_signature_passes(void **state)
{
    (void)state;
    struct rfd_verification *v = verify(buf_slice(&made.once), made.trust);
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_int_equal(rfd_verification_indication(v), RFD_TOTAL_PASSED);
    assert_true(s->intact && s->covers_whole_file && s->changes_allowed && s->baseline);
    assert_int_equal(s->revision, 2);
    assert_int_equal(rfd_verification_revision_count(v), 2);
    assert_int_equal(s->changes, RFD_CHANGE_NONE);
    assert_int_equal(s->level, RFD_LEVEL_B_B);
    assert_int_equal(s->kind, RFD_KIND_APPROVAL);
    assert_string_equal(s->signer, "Alba Ejemplo");
    assert_string_equal(s->digest_algorithm, "SHA-256");
    assert_true(s->claimed_time != RFD_TIME_NONE && s->proven_time == RFD_TIME_NONE);
    assert_int_equal(s->path_count, 2);
    assert_int_equal(s->path[0].revocation, RFD_REVOCATION_GOOD);
    assert_string_equal(s->path[0].revocation_source, "crl, trust");
    assert_string_equal(s->path[0].key, "P-256");
    assert_true(s->path[1].anchor && !s->path[0].anchor);
    assert_true(has_finding(s, RFD_FINDING_NO_TIME_PROOF));
    rfd_verification_free(v);
}

static void two_signatures_pass_in_order(void **state)
{
    (void)state;
    struct rfd_verification *v = verify(buf_slice(&made.twice), made.trust);
    assert_int_equal(rfd_verification_count(v), 2);
    const struct rfd_signature_report *first = rfd_verification_signature(v, 0);
    const struct rfd_signature_report *second = rfd_verification_signature(v, 1);
    expect(first, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    expect(second, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_string_equal(first->signer, "Alba Ejemplo");
    assert_string_equal(second->signer, "Bruno Ejemplo");
    assert_int_equal(first->changes, RFD_CHANGE_FORM);
    assert_true(first->changes_allowed && !first->covers_whole_file);
    assert_true(has_finding(first, RFD_FINDING_CHANGE_SIGNATURE));
    assert_true(second->covers_whole_file);
    rfd_verification_free(v);
}

static void a_certification_is_named(void **state)
{
    (void)state;
    struct buf certified = pdf_sign(&made.plain, made.key, 1);
    struct rfd_verification *v = verify(buf_slice(&certified), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_int_equal(s->kind, RFD_KIND_CERTIFICATION);
    assert_int_equal(s->certification, 1);
    rfd_verification_free(v);
    buf_dispose(&certified);
}

static void a_document_without_signatures_is_none(void **state)
{
    (void)state;
    struct rfd_verification *v = verify(buf_slice(&made.plain), made.trust);
    assert_int_equal(rfd_verification_count(v), 0);
    assert_int_equal(rfd_verification_indication(v), RFD_INDETERMINATE);
    assert_null(rfd_verification_signature(v, 0));
    rfd_verification_free(v);
}

static void what_is_no_pdf_is_an_error(void **state)
{
    (void)state;
    struct rfd_verification *v = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_not_equal(verify_at(SLICE("hello"), made.trust, RFD_TIME_NONE, &v, &error), RFD_OK);
    assert_int_not_equal(verify_at(SLICE_EMPTY, made.trust, RFD_TIME_NONE, &v, &error), RFD_OK);
    assert_int_not_equal(rfd_verify_file("/nonexistent", NULL, &v, &error), RFD_OK);
    assert_null(v);
}

/* --- Doubt ------------------------------------------------------------------------------------------------------- */

static void without_anchors_no_chain_is_found(void **state)
{
    (void)state;
    expect_one(buf_slice(&made.once), NULL, RFD_TIME_NONE, RFD_INDETERMINATE, RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND);
}

static void without_a_list_it_must_be_tried_later(void **state)
{
    (void)state;
    expect_one(buf_slice(&made.once), made.trust_without_list, RFD_TIME_NONE, RFD_INDETERMINATE, RFD_SUB_TRY_LATER);
}

static void a_revoked_signer_without_proof_is_indeterminate(void **state)
{
    (void)state;
    struct buf crl = crl_new(&made.root, &made.signer, -60);
    struct rfd_trust *trust = trust_new(&made.root, &crl);
    expect_one(buf_slice(&made.once), trust, RFD_TIME_NONE, RFD_INDETERMINATE, RFD_SUB_REVOKED_NO_POE);
    rfd_trust_free(trust);
    buf_dispose(&crl);
}

static void an_expired_signer_without_proof_is_out_of_bounds(void **state)
{
    (void)state;
    rfd_time later = clock_now() + 3 * DAY * RFD_SECOND;
    expect_one(buf_slice(&made.once), made.trust_without_list, later, RFD_INDETERMINATE, RFD_SUB_OUT_OF_BOUNDS_NO_POE);
}

static void a_list_tells_that_it_was_not_revoked_until_it_expired(void **state)
{
    (void)state;
    rfd_time later = clock_now() + 3 * DAY * RFD_SECOND;
    expect_one(buf_slice(&made.once), made.trust, later, RFD_INDETERMINATE, RFD_SUB_OUT_OF_BOUNDS_NOT_REVOKED);
}

static void before_its_certificate_nothing_is_valid(void **state)
{
    (void)state;
    rfd_time before = clock_now() - 3 * DAY * RFD_SECOND;
    expect_one(buf_slice(&made.once), made.trust_without_list, before, RFD_INDETERMINATE, RFD_SUB_OUT_OF_BOUNDS_NO_POE);
}

/* --- Damage ------------------------------------------------------------------------------------------------------ */

static void flip(struct buf *b, size_t at, unsigned *survivors)
{
    static const uint8_t masks[] = {0x01, 0x20};
    for (size_t i = 0; i < sizeof masks; i++) {
        struct rfd_verification *v = NULL;
        b->data[at] ^= masks[i];
        bool passed = verify_at(buf_slice(b), made.trust, RFD_TIME_NONE, &v, NULL) == RFD_OK &&
                      rfd_verification_count(v) > 0 && rfd_verification_indication(v) == RFD_TOTAL_PASSED;
        b->data[at] ^= masks[i];
        rfd_verification_free(v);
        if (!passed) continue;
        print_message("byte %zu: %02x changed to %02x still passes\n", at, b->data[at], b->data[at] ^ masks[i]);
        (*survivors)++;
    }
}

/* The case of a hexadecimal digit of /Contents says nothing. */
static bool is_hex_letter(const struct buf *b, size_t at, size_t contents, size_t contents_end)
{
    return at > contents && at < contents_end &&
           ((b->data[at] >= 'a' && b->data[at] <= 'f') || (b->data[at] >= 'A' && b->data[at] <= 'F'));
}

static void find_contents(const struct buf *b, size_t from, size_t *start, size_t *end)
{
    const uint8_t *key = memmem(b->data + from, b->length - from, "/Contents", 9);
    assert_non_null(key);
    const uint8_t *open = memchr(key, '<', (size_t)(b->data + b->length - key));
    assert_non_null(open);
    const uint8_t *close = memchr(open, '>', (size_t)(b->data + b->length - open));
    assert_non_null(close);
    *start = (size_t)(open - b->data);
    *end = (size_t)(close - b->data);
}

static void no_flipped_byte_passes(void **state)
{
    (void)state;
    size_t contents, contents_end;
    unsigned survivors = 0;
    struct buf *b = &made.once;
    const char *whole = getenv("REFRENDA_SOAK");
    find_contents(b, made.plain.length, &contents, &contents_end);
    for (size_t i = 0; i < b->length; i++) {
        bool everywhere = whole != NULL || (i >= made.plain.length && (i < contents + 16 || i + 16 > contents_end));
        if (!everywhere && i % FLIP_STEP != 0) continue;
        if (is_hex_letter(b, i, contents, contents_end)) continue;
        flip(b, i, &survivors);
    }
    assert_int_equal(survivors, 0);
}

static void no_shortened_file_passes(void **state)
{
    (void)state;
    for (size_t length = 0; length < made.once.length; length += length < made.plain.length ? 997 : 61) {
        struct rfd_verification *v = NULL;
        if (verify_at(slice_part(buf_slice(&made.once), 0, length), made.trust, RFD_TIME_NONE, &v, NULL) == RFD_OK) {
            assert_int_not_equal(rfd_verification_indication(v), RFD_TOTAL_PASSED);
        }
        rfd_verification_free(v);
    }
}

static void expect_rejected(slice bytes, const char *what)
{
    struct rfd_verification *v = NULL;
    if (verify_at(bytes, made.trust, RFD_TIME_NONE, &v, NULL) != RFD_OK) return;
    if (rfd_verification_count(v) == 0) fail_msg("%s: no signature seen", what);
    if (rfd_verification_indication(v) != RFD_TOTAL_FAILED) {
        print_findings(rfd_verification_signature(v, 0));
        fail_msg("%s: not rejected", what);
    }
    rfd_verification_free(v);
}

static void appended_bytes_are_rejected(void **state)
{
    (void)state;
    static const char *const tails[] = {
        "x",
        "%comment\n",
        "9 0 obj\n<<>>\nendobj\n",
        "startxref\n0\n%%EOF\n",
        "4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\nxref\n0 0\ntrailer\n<</Size 5/Root 1 0 R>>\nstartxref\n0\n%%EOF\n",
    };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        buf_put_slice(&b, buf_slice(&made.once));
        buf_put_text(&b, tails[i]);
        expect_rejected(buf_slice(&b), tails[i]);
        buf_dispose(&b);
    }
}

/* A viewer may show a field whose value is there, whatever it is: it is not passed over. */
static void a_value_that_is_no_dictionary_fails(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_put_slice(&b, buf_slice(&made.once));
    uint8_t *value = memmem(b.data, b.length, "/V ", 3);
    assert_non_null(value);
    for (value += 3; *value != 'R'; value++) *value = ' ';
    *value = '7';
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    assert_int_equal(rfd_verification_count(v), 1);
    expect(rfd_verification_signature(v, 0), RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
    assert_true(has_finding(rfd_verification_signature(v, 0), RFD_FINDING_CONTENTS_MISSING));
    rfd_verification_free(v);
    buf_dispose(&b);
}

/* An update that puts another page content in place of the signed one. */
static void a_replaced_page_is_rejected(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_put_slice(&b, buf_slice(&made.once));
    const uint8_t *last = NULL;
    for (const uint8_t *at = b.data; (at = memmem(at, (size_t)(b.data + b.length - at), "startxref\n", 10)) != NULL;
         at++)
        last = at;
    assert_non_null(last);
    int digits = 0;
    while (last[10 + digits] >= '0' && last[10 + digits] <= '9') digits++;
    char previous[24] = "";
    memcpy(previous, last + 10, (size_t)digits);
    size_t object = b.length;
    buf_put_text(&b, "4 0 obj\n<</Length 1>>\nstream\nq\nendstream\nendobj\n");
    size_t xref = b.length;
    buf_print(&b, "xref\n4 1\n%010zu 00000 n \ntrailer\n<</Size 50/Root 1 0 R/Prev %s>>\nstartxref\n%zu\n%%%%EOF\n",
              object, previous, xref);
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
    assert_true(s->intact && !s->changes_allowed);
    assert_int_equal(s->changes, RFD_CHANGE_OTHER);
    rfd_verification_free(v);
    buf_dispose(&b);
}

static void lack_of_memory_is_an_error(void **state)
{
    (void)state;
    rfd_status status = RFD_E_MEMORY;
    for (unsigned long n = 1; status != RFD_OK && n < 10000; n += 1 + n / 100) {
        struct rfd_verification *v = NULL;
        struct rfd_error error = RFD_ERROR_INIT;
        (void)memory_fail_after(n);
        status = verify_at(buf_slice(&made.twice), made.trust, RFD_TIME_NONE, &v, &error);
        (void)memory_fail_after(0);
        if (status == RFD_OK) {
            for (size_t i = 0; i < rfd_verification_count(v); i++) {
                if (rfd_verification_signature(v, i)->indication != RFD_TOTAL_PASSED) status = RFD_E_MEMORY;
            }
        }
        rfd_verification_free(v);
    }
    assert_int_equal(status, RFD_OK);
}

/* --- The report -------------------------------------------------------------------------------------------------- */

static void the_report_is_json(void **state)
{
    (void)state;
    struct rfd_verification *v = verify(buf_slice(&made.twice), made.trust);
    rfd_bytes bytes;
    json_error_t error;
    assert_int_equal(rfd_verification_json(v, "acta \xC3\xB1 \xFF.pdf", &bytes, NULL), RFD_OK);
    json_t *json = json_loadb((const char *)bytes.data, bytes.length, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "indication")), "TOTAL-PASSED");
    assert_string_equal(json_string_value(json_object_get(json, "file")), "acta \xC3\xB1 \xEF\xBF\xBD.pdf");
    const json_t *first = json_array_get(json_object_get(json, "signatures"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "signer")), "Alba Ejemplo");
    assert_string_equal(json_string_value(json_object_get(first, "changes")), "form");
    assert_true(json_is_null(json_object_get(first, "proven_time")));
    json_decref(json);
    rfd_bytes_free(&bytes);
    rfd_verification_free(v);
}

/* --- The fuzzer's seeds ------------------------------------------------------------------------------------------- */

static void seeds_of_the_fuzzer_do_not_pass(void **state)
{
    (void)state;
    const char *folder = seed_folder("fuzz_verify");
    char path[1400];
    unsigned seen = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
        struct rfd_verification *v = NULL;
        if (e->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        options.offline = true;
        options.trust = made.trust;
        if (rfd_verify_file(path, &options, &v, NULL) == RFD_OK) {
            assert_int_not_equal(rfd_verification_indication(v), RFD_TOTAL_PASSED);
        }
        rfd_verification_free(v);
        seen++;
    }
    (void)closedir(d);
    assert_true(seen > 0);
}

/* --- Other people's files ---------------------------------------------------------------------------------------- */

static bool corpora_path(const char *name, char *path, size_t size)
{
    const char *root = corpora();
    if (root == NULL) return false;
    (void)snprintf(path, size, "%s/%s", root, name);
    return access(path, R_OK) == 0;
}

enum verdict { UNREADABLE, UNSIGNED, SIGNED };

static enum verdict verify_path(const char *path, struct rfd_verification **out, struct rfd_error *error)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    options.offline = true;
    *out = NULL;
    if (rfd_verify_file(path, &options, out, error) != RFD_OK) return UNREADABLE;
    return rfd_verification_count(*out) == 0 ? UNSIGNED : SIGNED;
}

static bool names_family(const struct rfd_verification *v)
{
    for (size_t i = 0; i < rfd_verification_count(v); i++) {
        const struct rfd_signature_report *s = rfd_verification_signature(v, i);
        for (size_t j = 0; j < s->finding_count; j++) {
            if (s->findings[j].severity == RFD_SEVERITY_ERROR && rfd_finding_family(s->findings[j].code)[0] != '\0')
                return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    bool attack;
} published[] = {
    {"isa_A.pdf", true},
    {"isa_D.pdf", true},
    {"siwa_A.pdf", true},
    {"siwa_C.pdf", true},
    {"usf_01_Empty_Contents.pdf", true},
    {"usf_04_No_Contents_Value.pdf", true},
    {"usf_12_Null_ByteRange.pdf", true},
    {"shadow-hide/3_original-document-shadowed-signed.pdf", false},
    {"shadow-hide/4_original-document-shadowed-signed-manipulated_v1.pdf", true},
    {"shadow-hide/4_original-document-shadowed-signed-manipulated_v2.pdf", true},
    {"shadow-hide-and-replace/3_original-document-shadowed-signed.pdf", false},
    {"shadow-hide-and-replace/4_original-document-shadowed-signed-manipulated.pdf", true},
    {"shadow-replace/3_original-document-shadowed-signed.pdf", false},
    {"shadow-replace/4_original-document-shadowed-signed-manipulated.pdf", true},
};

static void published_attacks_are_rejected_by_family(void **state)
{
    (void)state;
    unsigned wrong = 0;
    char path[1024], name[320];
    if (!corpora_path("attacks", path, sizeof path)) skip();
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        struct rfd_verification *v;
        struct rfd_error error = RFD_ERROR_INIT;
        (void)snprintf(name, sizeof name, "attacks/%s", published[i].name);
        assert_true(corpora_path(name, path, sizeof path));
        enum verdict verdict = verify_path(path, &v, &error);
        bool rejected = verdict == SIGNED && rfd_verification_indication(v) == RFD_TOTAL_FAILED && names_family(v);
        if (rejected != published[i].attack || verdict != SIGNED) {
            print_message("%s: %s %s\n", published[i].name, rejected ? "rejected" : "not rejected", error.detail);
            for (size_t j = 0; v != NULL && j < rfd_verification_count(v); j++)
                print_findings(rfd_verification_signature(v, j));
            wrong++;
        }
        rfd_verification_free(v);
    }
    assert_int_equal(wrong, 0);
}

/* Where we differ from the engine whose verdicts are beside the files, and why. */
static const struct {
    const char *file, *field;
    const char *reason;
} exceptions[] = {
    {"ed448-disallowed-hash.pdf", "Sig1", "Ed448 goes with SHAKE256 only (RFC 8419 §2.3)"},
};

static bool is_exception(const char *file, const char *field)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (strcmp(exceptions[i].file, file) == 0 && strcmp(exceptions[i].field, field) == 0) return true;
    }
    return false;
}

static const struct rfd_signature_report *find_report(const struct rfd_verification *v, slice field)
{
    for (size_t i = 0; v != NULL && i < rfd_verification_count(v); i++) {
        const struct rfd_signature_report *s = rfd_verification_signature(v, i);
        if (slice_is(field, s->field)) return s;
    }
    return NULL;
}

/* "Sig1: intact=1 valid=1 cov=... docmdp=True" or "Name:DTS intact=1 ...". */
static unsigned compare_verdict(const char *file, const struct rfd_verification *v, slice text)
{
    const uint8_t *colon = memchr(text.data, ':', text.length);
    if (colon == NULL || memmem(text.data, text.length, "intact=1 valid=1", 16) == NULL) return 0;
    slice field = slice_part(text, 0, (size_t)(colon - text.data));
    bool timestamp = memmem(text.data, text.length, ":DTS", 4) != NULL;
    bool allowed = timestamp || memmem(text.data, text.length, "docmdp=True", 11) != NULL;
    const struct rfd_signature_report *s = find_report(v, field);
    char name[128];
    (void)snprintf(name, sizeof name, "%.*s", (int)field.length, (const char *)field.data);
    bool same = s != NULL && s->intact && s->changes_allowed == allowed;
    if (same || is_exception(file, name)) return 0;
    print_message("%s %s: ours intact=%d changes_allowed=%d, theirs 1 and %d\n", file, name, s != NULL && s->intact,
                  s != NULL && s->changes_allowed, allowed);
    if (s != NULL) print_findings(s);
    return 1;
}

static unsigned compare_file(const char *file, slice verdicts)
{
    struct rfd_verification *v;
    struct rfd_error error = RFD_ERROR_INIT;
    char path[1024], name[320];
    unsigned wrong = 0;
    (void)snprintf(name, sizeof name, "pdf/%s", file);
    if (!corpora_path(name, path, sizeof path)) return 0;
    enum verdict verdict = verify_path(path, &v, &error);
    if (verdict == UNREADABLE && slice_starts(verdicts, SLICE("Sig"))) print_message("%s: %s\n", file, error.detail);
    if (verdict == SIGNED) assert_int_not_equal(rfd_verification_indication(v), RFD_TOTAL_PASSED);
    while (verdicts.length > 0) {
        const uint8_t *end = memmem(verdicts.data, verdicts.length, " ; ", 3);
        size_t length = end == NULL ? verdicts.length : (size_t)(end - verdicts.data);
        wrong += compare_verdict(file, v, slice_part(verdicts, 0, length));
        verdicts = slice_from(verdicts, length + 3);
    }
    rfd_verification_free(v);
    return wrong;
}

static void other_engines_agree(void **state)
{
    (void)state;
    struct buf table;
    char path[1024], file[256];
    unsigned wrong = 0;
    if (!corpora_path("pdf/ENGINE-VERDICTS.tsv", path, sizeof path)) skip();
    buf_init(&table, 1 << 20);
    assert_true(file_read(path, &table));
    slice rest = buf_slice(&table);
    while (rest.length > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.length);
        slice line = slice_part(rest, 0, end == NULL ? rest.length : (size_t)(end - rest.data));
        rest = slice_from(rest, line.length + 1);
        const uint8_t *tab = memchr(line.data, '\t', line.length);
        if (tab == NULL || line.data[0] == '#') continue;
        (void)snprintf(file, sizeof file, "%.*s", (int)(tab - line.data), (const char *)line.data);
        slice verdicts = slice_from(line, (size_t)(tab - line.data) + 1);
        const uint8_t *second = memchr(verdicts.data, '\t', verdicts.length);
        if (second != NULL) verdicts = slice_part(verdicts, 0, (size_t)(second - verdicts.data));
        wrong += compare_file(file, verdicts);
    }
    buf_dispose(&table);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_passes),
        cmocka_unit_test(two_signatures_pass_in_order),
        cmocka_unit_test(a_certification_is_named),
        cmocka_unit_test(a_document_without_signatures_is_none),
        cmocka_unit_test(what_is_no_pdf_is_an_error),
        cmocka_unit_test(without_anchors_no_chain_is_found),
        cmocka_unit_test(without_a_list_it_must_be_tried_later),
        cmocka_unit_test(a_revoked_signer_without_proof_is_indeterminate),
        cmocka_unit_test(an_expired_signer_without_proof_is_out_of_bounds),
        cmocka_unit_test(a_list_tells_that_it_was_not_revoked_until_it_expired),
        cmocka_unit_test(before_its_certificate_nothing_is_valid),
        cmocka_unit_test(no_flipped_byte_passes),
        cmocka_unit_test(no_shortened_file_passes),
        cmocka_unit_test(appended_bytes_are_rejected),
        cmocka_unit_test(a_value_that_is_no_dictionary_fails),
        cmocka_unit_test(a_replaced_page_is_rejected),
        cmocka_unit_test(lack_of_memory_is_an_error),
        cmocka_unit_test(the_report_is_json),
        cmocka_unit_test(seeds_of_the_fuzzer_do_not_pass),
        cmocka_unit_test(published_attacks_are_rejected_by_family),
        cmocka_unit_test(other_engines_agree),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
