/* SPDX-License-Identifier: EUPL-1.2
 *
 * Attacks on the verifier by documents that were prepared before they were signed or time-stamped: what the signed
 * cross-reference leads to is, in whole or part, bytes that come only later or that no signature covers. Stories about
 * times are in tests/time/stories/attacks.txt.
 */
#include "verify_fixture.h"

#include "base/clock.h"

enum { AHEAD = 40000 }; /* where the bytes will be that the signed revision speaks of already */

static struct {
    struct identity root, signer;
    struct rfd_key *key;
    struct rfd_trust *trust;
} made;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    made.root = identity_new("P-256", "Root", NULL, NULL);
    made.signer = identity_new("P-256", "Alba Ejemplo", &made.root, NULL);
    folder_write_identity(&made.signer, "signer.pem", "signer.key");
    assert_int_equal(
        rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &made.key, NULL),
        RFD_OK);
    struct buf crl = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &crl);
    buf_dispose(&crl);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_key_free(made.key);
    rfd_trust_free(made.trust);
    identity_free(&made.signer);
    identity_free(&made.root);
    folder_remove();
    return 0;
}

/* A page with two contents: object 4, and 5, which is at `offset` (0: behind the others) and says that it is `length`
 * long; 0: it is a text that does not end. */
static struct buf prepared(size_t offset, size_t length)
{
    struct buf b;
    size_t offsets[6] = {0};
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 5 0 R]/Resources<<>>>>",
        "<</Length 1>>\nstream\n \nendstream"};
    buf_init(&b, 1 << 24);
    buf_put_text(&b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    for (size_t i = 0; i < 4; i++) {
        offsets[i + 1] = b.length;
        buf_print(&b, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    offsets[5] = offset == 0 ? b.length : offset;
    if (offset == 0 && length == 0) buf_put_text(&b, "5 0 obj\n[(open");
    if (offset == 0 && length > 0) buf_print(&b, "5 0 obj\n<</Length %zu>>\nstream\n \nendstream\nendobj\n", length);
    size_t xref = b.length;
    buf_put_text(&b, "xref\n0 6\n0000000000 65535 f \n");
    for (int i = 1; i < 6; i++) buf_print(&b, "%010zu 00000 n \n", offsets[i]);
    buf_print(&b, "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    assert_int_equal(b.status, RFD_OK);
    return b;
}

/* What follows the last `text` up to the first `end`. */
static slice cut(const struct buf *b, const char *text, const char *end)
{
    size_t length = strlen(text);
    for (size_t i = b->length - length; i > 0; i--) {
        if (memcmp(b->data + i, text, length) != 0) continue;
        const uint8_t *from = b->data + i + length;
        const uint8_t *to = memmem(from, b->length - i - length, end, strlen(end));
        if (to == NULL) break;
        return slice_of(from, (size_t)(to - from));
    }
    fail_msg("no %s", text);
    return SLICE_EMPTY;
}

/* An update that adds a certificate to the document security store; its stream holds `hidden` from byte AHEAD on. */
static void append_store(struct buf *b, const char *hidden)
{
    struct buf old, catalog;
    unsigned size = 0;
    buf_init(&old, 1 << 16);
    buf_init(&catalog, 1 << 16);
    slice number = cut(b, "/Size ", "/");
    for (size_t i = 0; i < number.length && number.data[i] >= '0' && number.data[i] <= '9'; i++)
        size = size * 10 + (unsigned)(number.data[i] - '0');
    buf_put_slice(&old, cut(b, "startxref\n", "\n"));
    buf_put_byte(&old, '\0');
    buf_put_slice(&catalog, cut(b, "\n1 0 obj\n", "endobj"));
    while (catalog.length > 0 && catalog.data[catalog.length - 1] != '>') catalog.length--;
    assert_true(catalog.length > 2);
    catalog.length -= 2;
    size_t first = b->length;
    buf_put_text(b, "1 0 obj\n");
    buf_put_slice(b, buf_slice(&catalog));
    buf_print(b, "/DSS<</Certs[%u 0 R]>>>>\nendobj\n", size);
    size_t stream = b->length;
    assert_true(stream < AHEAD - 1000);
    char head[64];
    size_t length = strlen(hidden) + AHEAD;
    for (int i = 0; i < 3; i++) { /* until the number of its digits no longer changes */
        (void)snprintf(head, sizeof head, "%u 0 obj\n<</Length %zu>>\nstream\n", size, length);
        length = strlen(hidden) + AHEAD - stream - strlen(head);
    }
    buf_put_text(b, head);
    while (b->length < AHEAD) buf_put_byte(b, ' ');
    buf_put_text(b, hidden);
    buf_put_text(b, "\nendstream\nendobj\n");
    size_t xref = b->length;
    buf_print(b, "xref\n1 1\n%010zu 00000 n \n%u 1\n%010zu 00000 n \n", first, size, stream);
    buf_print(b, "trailer\n<</Size %u/Root 1 0 R/Prev %s>>\nstartxref\n%zu\n%%%%EOF\n", size + 1,
              (const char *)old.data, xref);
    assert_int_equal(b->status, RFD_OK);
    buf_dispose(&old);
    buf_dispose(&catalog);
}

/* Rejected for the one reason that a revision cannot be read by itself. */
static void expect_unreadable(const struct buf *b)
{
    struct rfd_verification *v = verify(buf_slice(b), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
    for (size_t i = 0; i < s->finding_count; i++) {
        if (s->findings[i].severity == RFD_SEVERITY_ERROR)
            assert_int_equal(s->findings[i].code, RFD_FINDING_CHANGE_UNREADABLE);
    }
    rfd_verification_free(v);
}

/* A plain update of the same kind is none of these attacks. */
static void a_store_added_later_is_no_attack(void **state)
{
    (void)state;
    struct buf plain = prepared(0, 1);
    struct buf all = pdf_sign(&plain, made.key, 0);
    append_store(&all, "nothing");
    expect_one(buf_slice(&all), made.trust, RFD_TIME_NONE, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    buf_dispose(&plain);
    buf_dispose(&all);
}

/* The signed cross-reference says that object 5 is where there is nothing yet: whoever appends decides what it is. */
static void an_object_behind_its_revision(void **state)
{
    (void)state;
    struct buf plain = prepared(AHEAD, 0);
    struct buf all = pdf_sign(&plain, made.key, 0);
    append_store(&all, "5 0 obj\n<</Length 9>>\nstream\n0 0 1 1 f\nendstream\nendobj\n");
    expect_unreadable(&all);
    buf_dispose(&plain);
    buf_dispose(&all);
}

/* The signed object begins where it should, and ends in what is appended. */
static void a_stream_that_ends_behind_its_revision(void **state)
{
    (void)state;
    struct buf probe = prepared(0, AHEAD);
    const uint8_t *object = memmem(probe.data, probe.length, "5 0 obj", 7);
    assert_non_null(object);
    const uint8_t *five = memmem(object, 100, "stream\n", 7);
    assert_non_null(five);
    struct buf plain = prepared(0, AHEAD - (size_t)(five + 7 - probe.data));
    struct buf all = pdf_sign(&plain, made.key, 0);
    append_store(&all, "\nendstream\nendobj\n");
    expect_unreadable(&all);
    buf_dispose(&probe);
    buf_dispose(&plain);
    buf_dispose(&all);
}

/* Nobody can read the signed object; whoever closes it decides what else is in it. */
static void a_text_that_ends_behind_its_revision(void **state)
{
    (void)state;
    struct buf plain = prepared(0, 0);
    struct buf all = pdf_sign(&plain, made.key, 0);
    append_store(&all, ")4 0 R]\nendobj\n");
    expect_unreadable(&all);
    buf_dispose(&plain);
    buf_dispose(&all);
}

/* --- A stream around /Contents ----------------------------------------------------------------------------------- */

/* One revision: the form field 4 with the signature 5; object 6 begins in the string before it, and `length` tells
 * where its bytes end. */
static struct buf with_hole(size_t length, bool *reaches)
{
    struct buf b;
    size_t at[7] = {0};
    buf_init(&b, 1 << 16);
    buf_put_text(&b, "%PDF-1.7\n");
    at[1] = b.length;
    buf_put_text(&b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>\nendobj\n");
    at[2] = b.length;
    buf_put_text(&b, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 9 9]>>\nendobj\n");
    at[3] = b.length;
    buf_put_text(&b, "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 6 0 R>>\nendobj\n");
    at[4] = b.length;
    buf_put_text(&b, "4 0 obj\n<</FT/Sig/T(a)/V 5 0 R>>\nendobj\n");
    at[5] = b.length;
    buf_put_text(&b, "5 0 obj\n<</Type/Sig/Filter/A/SubFilter/ETSI.CAdES.detached/Reason(\n");
    at[6] = b.length;
    buf_print(&b, "6 0 obj\n<</Length %zu>>\nstream\n", length);
    size_t stream = b.length;
    buf_put_text(&b, "short\nendstream\nendobj\n)");
    size_t contents = b.length + strlen("/ByteRange[0 000000 000000 000000]/Contents");
    buf_print(&b, "/ByteRange[0 %06zu %06zu", contents, contents + 80);
    size_t rest = b.length;
    buf_put_text(&b, " 000000]/Contents<");
    for (int i = 0; i < 39; i++) buf_put_text(&b, "30");
    buf_put_text(&b, ">/Name(");
    *reaches = length == b.length - stream;
    buf_put_text(&b, "\nendstream\nendobj\n)>>\nendobj\n");
    size_t xref = b.length;
    buf_put_text(&b, "xref\n0 7\n0000000000 65535 f \n");
    for (int i = 1; i < 7; i++) buf_print(&b, "%010zu 00000 n \n", at[i]);
    buf_print(&b, "trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    char text[16];
    (void)snprintf(text, sizeof text, " %06zu", b.length - contents - 80);
    memcpy(b.data + rest, text, strlen(text));
    assert_int_equal(b.status, RFD_OK);
    return b;
}

static bool has_gap_finding(const struct buf *b)
{
    struct rfd_verification *v = verify(buf_slice(b), made.trust);
    assert_int_equal(rfd_verification_count(v), 1);
    bool found = has_finding(rfd_verification_signature(v, 0), RFD_FINDING_GAP_NOT_CONTENTS);
    rfd_verification_free(v);
    return found;
}

/* What it shows could be changed without any key: by the case of the digits, or the unsigned attributes. */
static void a_stream_that_reaches_over_the_gap(void **state)
{
    (void)state;
    bool reaches = false;
    struct buf b = with_hole(5, &reaches);
    assert_false(has_gap_finding(&b));
    buf_dispose(&b);
    for (size_t length = 100; !reaches && length < 1000; length++) {
        b = with_hole(length, &reaches);
        if (reaches) assert_true(has_gap_finding(&b));
        buf_dispose(&b);
    }
    assert_true(reaches);
}

static void a_time_that_is_none(void **state)
{
    (void)state;
    static const rfd_time times[] = {INT64_MAX, INT64_MIN + 1, INT64_MAX - 1, 300000000000 * RFD_SECOND};
    struct buf plain = prepared(0, 1);
    struct rfd_verification *v;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        assert_int_equal(verify_at(buf_slice(&plain), made.trust, times[i], &v, NULL), RFD_E_ARGUMENT);
    buf_dispose(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_added_later_is_no_attack),
        cmocka_unit_test(an_object_behind_its_revision),
        cmocka_unit_test(a_stream_that_ends_behind_its_revision),
        cmocka_unit_test(a_text_that_ends_behind_its_revision),
        cmocka_unit_test(a_stream_that_reaches_over_the_gap),
        cmocka_unit_test(a_time_that_is_none),
    };
    return cmocka_run_group_tests_name("pades_red", tests, set_up, tear_down);
}
