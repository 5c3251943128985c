/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proofs of existence, and a path slid into the past (EN 319 102-1 §5.6.2): a table of small worlds of one anchor, one
 * authority and one signer, each with some lists, and where control-time comes to rest. tests/time tells whole stories
 * over documents.
 */
#include "pki_fixture.h"
#include "pki_maker.h"

#include "pades/verify/validate.h"

#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- The set of proofs -------------------------------------------------------------------------------------------- */

static void mark(struct poe_set *set, size_t revision, rfd_time time)
{
    struct poe proof = {.time = time, .stated = time, .signature = revision};
    assert_int_equal(poe_add_mark(set, revision, &proof, NULL), RFD_OK);
}

static void a_mark_proves_its_revision_and_all_before(void **state)
{
    (void)state;
    struct poe_set set = {0};
    struct poe found;
    assert_false(poe_from(&set, 0, &found));
    mark(&set, 7, 700);
    mark(&set, 3, 300);
    assert_true(poe_from(&set, 0, &found) && found.time == 300 && found.signature == 3);
    assert_true(poe_from(&set, 3, &found) && found.time == 300);
    assert_true(poe_from(&set, 4, &found) && found.time == 700);
    assert_false(poe_from(&set, 8, &found));
    poe_dispose(&set);
}

static void an_object_needs_a_mark_that_covers_it(void **state)
{
    (void)state;
    struct poe_set set = {0};
    struct poe found;
    uint8_t old[32] = {1}, new[32] = {2}, unknown[32] = {3};
    assert_int_equal(poe_add_object(&set, old, 5, NULL), RFD_OK);
    assert_int_equal(poe_add_object(&set, old, 2, NULL), RFD_OK);
    assert_int_equal(poe_add_object(&set, old, 9, NULL), RFD_OK);
    assert_int_equal(poe_add_object(&set, new, 6, NULL), RFD_OK);
    assert_false(poe_of(&set, old, &found));
    mark(&set, 4, 400);
    assert_true(poe_of(&set, old, &found) && found.time == 400);
    assert_false(poe_of(&set, new, &found));
    assert_false(poe_of(&set, unknown, &found));
    poe_dispose(&set);
}

static void fingerprints_that_begin_alike_are_not_the_same(void **state)
{
    (void)state;
    struct poe_set set = {0};
    struct poe found;
    uint8_t one[32] = {1}, other[32] = {1};
    other[31] = 1;
    assert_int_equal(poe_add_object(&set, one, 1, NULL), RFD_OK);
    assert_int_equal(poe_add_object(&set, other, 1, NULL), RFD_OK);
    mark(&set, 1, 100);
    assert_true(poe_of(&set, one, &found));
    assert_false(poe_of(&set, other, &found));
    poe_dispose(&set);
}

static void many_objects_and_marks(void **state)
{
    (void)state;
    struct poe_set set = {0};
    struct poe found;
    for (size_t i = 0; i < 1000; i++) {
        uint8_t fingerprint[32] = {(uint8_t)i, (uint8_t)(i >> 8)};
        assert_int_equal(poe_add_object(&set, fingerprint, i, NULL), RFD_OK);
        mark(&set, i, (rfd_time)(1000 + i));
    }
    for (size_t i = 0; i < 1000; i++) {
        uint8_t fingerprint[32] = {(uint8_t)i, (uint8_t)(i >> 8)};
        assert_true(poe_of(&set, fingerprint, &found) && found.time == (rfd_time)(1000 + i));
    }
    poe_dispose(&set);
}

static void accuracy_is_added(void **state)
{
    (void)state;
    assert_true(validate_upper(&(struct timestamp){.time = 100}) == 100);
    assert_true(validate_upper(&(struct timestamp){.time = 100, .accuracy = 7}) == 107);
    assert_true(validate_upper(&(struct timestamp){.time = INT64_MAX - 1, .accuracy = 7}) == INT64_MAX - 1);
}

/* --- Sliding -------------------------------------------------------------------------------------------------------
 */

enum { LISTS_MAXIMUM = 4 };
struct list {
    char issuer;           /* 'R'oot or 'A'uthority; 0 ends */
    const char *from, *to; /* thisUpdate, nextUpdate */
    const char *proven;    /* NULL: only now */
    const char *revoked;   /* when it says that the authority ('R') or the signer ('A') was revoked; NULL: it was not */
};
#define GOOD(by, since, until)                                                                                         \
    {                                                                                                                  \
        .issuer = (by), .from = (since), .to = (until)                                                                 \
    }
#define PROVEN(by, since, until, when)                                                                                 \
    {                                                                                                                  \
        .issuer = (by), .from = (since), .to = (until), .proven = (when)                                               \
    }
#define REVOKED(by, since, until, when)                                                                                \
    {                                                                                                                  \
        .issuer = (by), .from = (since), .to = (until), .revoked = (when)                                              \
    }
static const struct world {
    const char *name;
    const char *now, *proof;      /* proof NULL: none */
    const char *authority_ends;   /* NULL: 2060 */
    const char *authority_proven; /* its certificate */
    const char *digest;           /* of the signature over the signer's certificate, whose life then is 2010 to 2020 */
    struct list lists[LISTS_MAXIMUM];
    enum rfd_sub_indication sub; /* RFD_SUB_NONE: good */
    const char *control;         /* NULL: none; "now" */
    bool older;                  /* evidence from before the proof is noted */
} worlds[] = {
    /* clang-format off */
    {.name = "all good today",
     .now = "2022-06-01",
     .lists = {GOOD('R', "2022-05-20", "2022-06-20"),
               GOOD('A', "2022-05-20", "2022-06-20")},
     .sub = RFD_SUB_NONE, .control = "now"},
    {.name = "ended, no proof",
     .now = "2026-01-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20")},
     .sub = RFD_SUB_OUT_OF_BOUNDS_NO_POE},
    {.name = "ended, proven, evidence of its time",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2022-06-10", "2022-06-20")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20"},
    {.name = "ended, evidence older than the proof but in force",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2022-05-20", "2022-06-20")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20", .older = true},
    {.name = "ended, evidence out of date at the proof",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2022-05-01", "2022-05-20")},
     .sub = RFD_SUB_OUT_OF_BOUNDS_NO_POE, .control = "2022-05-20"},
    {.name = "ended, the newest evidence is short, what was in force is older than the proof",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2022-05-30", "2022-05-31"),
               GOOD('A', "2022-05-20", "2022-06-20")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20", .older = true},
    {.name = "ended, evidence made after the end forgets",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2025-12-20", "2026-01-20")},
     .sub = RFD_SUB_OUT_OF_BOUNDS_NO_POE},
    {.name = "revoked after the proof",
     .now = "2023-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2022-12-20", "2023-01-20"),
               REVOKED('A', "2022-12-20", "2023-01-20", "2022-09-01")},
     .sub = RFD_SUB_NONE, .control = "2022-09-01"},
    {.name = "revoked at the moment of the proof",
     .now = "2023-01-01", .proof = "2022-09-01",
     .lists = {GOOD('R', "2022-12-20", "2023-01-20"),
               REVOKED('A', "2022-12-20", "2023-01-20", "2022-09-01")},
     .sub = RFD_SUB_REVOKED_NO_POE, .control = "2022-09-01"},
    {.name = "revoked before the proof, ended since",
     .now = "2026-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               REVOKED('A', "2023-12-20", "2024-01-20", "2022-03-01")},
     .sub = RFD_SUB_REVOKED_NO_POE, .control = "2022-03-01"},
    {.name = "revoked, no proof",
     .now = "2023-01-01",
     .lists = {GOOD('R', "2022-12-20", "2023-01-20"),
               REVOKED('A', "2022-12-20", "2023-01-20", "2022-09-01")},
     .sub = RFD_SUB_REVOKED_NO_POE},
    {.name = "the authority revoked, all proven before",
     .now = "2023-01-01", .proof = "2022-06-01", .authority_proven = "2022-07-01",
     .lists = {REVOKED('R', "2022-12-20", "2023-01-20", "2022-09-01"),
               PROVEN('A', "2022-06-10", "2022-06-20", "2022-07-01")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20"},
    {.name = "the authority revoked, evidence proven too late",
     .now = "2023-01-01", .proof = "2022-06-01", .authority_proven = "2022-07-01",
     .lists = {REVOKED('R', "2022-12-20", "2023-01-20", "2022-09-01"),
               PROVEN('A', "2022-06-10", "2022-06-20", "2022-10-01")},
     .sub = RFD_SUB_REVOKED_CA_NO_POE},
    {.name = "the authority revoked, evidence never proven",
     .now = "2023-01-01", .proof = "2022-06-01", .authority_proven = "2022-07-01",
     .lists = {REVOKED('R', "2022-12-20", "2023-01-20", "2022-09-01"),
               GOOD('A', "2022-06-10", "2022-06-20")},
     .sub = RFD_SUB_REVOKED_CA_NO_POE},
    {.name = "the authority revoked before the proof",
     .now = "2023-01-01", .proof = "2022-06-01", .authority_proven = "2022-02-01",
     .lists = {REVOKED('R', "2022-12-20", "2023-01-20", "2022-03-01"),
               PROVEN('A', "2022-01-10", "2022-06-20", "2022-02-01")},
     .sub = RFD_SUB_REVOKED_CA_NO_POE, .control = "2022-03-01"},
    {.name = "the authority's evidence is old, so the signer's must be proven",
     .now = "2023-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2022-05-20", "2022-06-20"),
               GOOD('A', "2022-06-10", "2022-06-20")},
     .sub = RFD_SUB_TRY_LATER},
    {.name = "the authority's evidence is old, the signer's is proven",
     .now = "2023-01-01", .proof = "2022-06-01",
     .lists = {GOOD('R', "2022-05-20", "2022-07-20"),
               PROVEN('A', "2022-06-10", "2022-06-20", "2022-06-12")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20", .older = true},
    {.name = "the authority ended, its list proven",
     .now = "2026-01-01", .proof = "2022-06-01", .authority_ends = "2025-01-01",
     .lists = {GOOD('R', "2024-12-20", "2025-01-20"),
               PROVEN('A', "2022-06-10", "2022-06-20", "2022-06-12")},
     .sub = RFD_SUB_NONE, .control = "2022-06-20"},
    {.name = "the authority ended, its list not proven",
     .now = "2026-01-01", .proof = "2022-06-01", .authority_ends = "2025-01-01",
     .lists = {GOOD('R', "2024-12-20", "2025-01-20"),
               GOOD('A', "2022-06-10", "2022-06-20")},
     .sub = RFD_SUB_OUT_OF_BOUNDS_NO_POE},
    {.name = "the proof is older than the certificate",
     .now = "2026-01-01", .proof = "2019-06-01",
     .lists = {GOOD('R', "2025-12-20", "2026-01-20"),
               GOOD('A', "2022-06-10", "2022-06-20")},
     .sub = RFD_SUB_NOT_YET_VALID},
    {.name = "SHA-1 over the certificate, no proof from before its end",
     .now = "2018-06-01", .proof = "2018-05-01", .digest = "SHA1",
     .lists = {GOOD('R', "2018-05-20", "2018-06-20"),
               GOOD('A', "2018-05-20", "2018-06-20")},
     .sub = RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE},
    {.name = "SHA-1 over the certificate, proven in its time",
     .now = "2018-06-01", .proof = "2015-05-01", .digest = "SHA1",
     .lists = {GOOD('R', "2018-05-20", "2018-06-20"),
               GOOD('A', "2018-05-20", "2018-06-20")},
     .sub = RFD_SUB_NONE, .control = "2017-01-01"},
    /* clang-format on */
};

static struct made root, authority;

static int set_up(void **state)
{
    (void)state;
    root = MAKE(.name = "Root", .from = "2000-01-01", .to = "2060-01-01", .extensions = AUTHORITY_EXTENSIONS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_free(&root);
    return 0;
}

static ASN1_TIME *asn1(const char *iso)
{
    return ASN1_TIME_set(NULL, (time_t)(moment(iso) / RFD_SECOND));
}

static void add_list(struct validation *v, const struct list *l, const struct made *signer)
{
    const struct made *issuer = l->issuer == 'R' ? &root : &authority;
    const struct made *about = l->issuer == 'R' ? &authority : signer;
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = asn1(l->from), *to = asn1(l->to);
    unsigned char *der = NULL;
    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)), 1);
    assert_true(X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, to) == 1);
    if (l->revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_TIME *when = asn1(l->revoked);
        assert_int_equal(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(about->x509)), 1);
        assert_int_equal(X509_REVOKED_set_revocationDate(entry, when), 1);
        assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
        ASN1_TIME_free(when);
    }
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509_CRL(crl, &der);
    size_t index;
    slice bytes = slice_of(der, (size_t)length);
    assert_int_equal(revocation_store_put(&v->evidence, bytes, true, REVOCATION_FROM_DOCUMENT, &index, NULL), RFD_OK);
    if (l->proven != NULL) v->evidence.items[index].proven = moment(l->proven);
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_CRL_free(crl);
}

static void expect_control(const struct world *w, const struct validation *v, rfd_time control)
{
    enum { SKEW = 300 };
    rfd_time wanted = RFD_TIME_NONE;
    if (w->control != NULL) wanted = strcmp(w->control, "now") == 0 ? v->at : moment(w->control);
    bool same = control == wanted || (wanted != RFD_TIME_NONE && control == wanted + SKEW * RFD_SECOND);
    if (!same) fail_msg("%s: control-time %lld", w->name, (long long)(control / RFD_SECOND));
}

static void check_world(const struct world *w)
{
    struct arena arena;
    struct rfd_trust *trust = NULL;
    const struct checked *k = NULL;
    authority =
        MAKE(.name = "Authority", .issuer = &root, .from = "2005-01-01",
             .to = w->authority_ends == NULL ? "2060-01-01" : w->authority_ends, .extensions = AUTHORITY_EXTENSIONS);
    struct made signer =
        MAKE(.name = "Alba", .issuer = &authority, .from = w->digest == NULL ? "2020-01-01" : "2010-01-01",
             .to = w->digest == NULL ? "2025-01-01" : "2020-01-01", .digest = w->digest,
             .extensions = {"keyUsage=critical,nonRepudiation"});
    arena_init(&arena, 1 << 24);
    assert_int_equal(rfd_trust_new(&trust, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_anchors(trust, root.certificate->der, NULL), RFD_OK);
    struct validation v = {.arena = &arena, .trust = trust, .offline = true, .at = moment(w->now)};
    assert_int_equal(certificate_list_add(&v.certificates, authority.certificate, NULL), RFD_OK);
    /* Whoever stole the authority's key after its end would add this, so that it seems to last. */
    struct made longer = MAKE(.name = "Authority", .key_of = &authority, .from = "2005-01-01", .to = "2099-01-01",
                              .extensions = AUTHORITY_EXTENSIONS);
    assert_int_equal(certificate_list_add(&v.certificates, longer.certificate, NULL), RFD_OK);
    if (w->authority_proven != NULL) {
        assert_int_equal(poe_add_object(&v.poe, authority.certificate->fingerprint, 1, NULL), RFD_OK);
        mark(&v.poe, 1, moment(w->authority_proven));
    }
    for (size_t i = 0; i < LISTS_MAXIMUM && w->lists[i].issuer != 0; i++) add_list(&v, &w->lists[i], &signer);
    rfd_time proof = w->proof == NULL ? RFD_TIME_NONE : moment(w->proof);
    const struct signer_question question = {.leaf = signer.certificate, .purpose = PATH_SIGNER, .proof = proof};
    assert_int_equal(validate_certificate(&v, &question, &k, NULL), RFD_OK);
    enum rfd_sub_indication sub = k->path != RFD_SUB_NONE ? k->path : k->revocation;
    if (sub != w->sub) fail_msg("%s: %s", w->name, rfd_sub_indication_name(sub));
    assert_int_equal(findings_has(&k->findings, RFD_FINDING_EVIDENCE_OLDER), w->older);
    expect_control(w, &v, k->control);
    revocation_store_dispose(&v.evidence);
    certificate_list_dispose(&v.certificates);
    poe_dispose(&v.poe);
    rfd_trust_free(trust);
    arena_dispose(&arena);
    made_free(&longer);
    made_free(&signer);
    made_free(&authority);
}

static void control_time_slides(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) check_world(&worlds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_proves_its_revision_and_all_before),
        cmocka_unit_test(an_object_needs_a_mark_that_covers_it),
        cmocka_unit_test(fingerprints_that_begin_alike_are_not_the_same),
        cmocka_unit_test(many_objects_and_marks),
        cmocka_unit_test(accuracy_is_added),
        cmocka_unit_test(control_time_slides),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
