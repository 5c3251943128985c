/* SPDX-License-Identifier: EUPL-1.2
 *
 * Attacks on the verifier by documents that were prepared before they were signed or time-stamped: the signed
 * cross-reference leads to bytes that come only later. Stories about times are in tests/time/stories/attacks.txt.
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
 * long. */
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
    if (offset == 0) buf_print(&b, "5 0 obj\n<</Length %zu>>\nstream\n \nendstream\nendobj\n", length);
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
    expect_one(buf_slice(&all), made.trust, RFD_TIME_NONE, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
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
    expect_one(buf_slice(&all), made.trust, RFD_TIME_NONE, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
    buf_dispose(&probe);
    buf_dispose(&plain);
    buf_dispose(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_added_later_is_no_attack),
        cmocka_unit_test(an_object_behind_its_revision),
        cmocka_unit_test(a_stream_that_ends_behind_its_revision),
    };
    return cmocka_run_group_tests_name("pades_red", tests, set_up, tear_down);
}
