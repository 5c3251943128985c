/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "pki/certificate/name_match.h"
#include "pki_fixture.h"
#include "pki_maker.h"

#include <pthread.h>
#include <unistd.h>

static struct made root, issuing, signer;
static struct rfd_trust *trust;
static rfd_time today;

static struct rfd_trust *trust_of(const struct made *anchor)
{
    struct rfd_trust *t = NULL;
    assert_int_equal(rfd_trust_new(&t, NULL), RFD_OK);
    if (anchor != NULL) assert_int_equal(rfd_trust_add_anchors(t, anchor->certificate->der, NULL), RFD_OK);
    return t;
}

static int set_up(void **state)
{
    (void)state;
    today = clock_now();
    root = MAKE(.name = "Root", .extensions = AUTHORITY_EXTENSIONS);
    issuing = MAKE(.name = "Issuing", .issuer = &root, .extensions = AUTHORITY_EXTENSIONS);
    signer = MAKE(.name = "Person", .issuer = &issuing, .extensions = {"keyUsage=critical,nonRepudiation"});
    trust = trust_of(&root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_free(&root);
    made_free(&issuing);
    made_free(&signer);
    rfd_trust_free(trust);
    return 0;
}

/* --- Helpers -------------------------------------------------------------------------------------------------------
 */

static void list_of(struct certificate_list *list, const struct made *const *of)
{
    *list = (struct certificate_list){0};
    for (; *of != NULL; of++) assert_int_equal(certificate_list_add(list, (*of)->certificate, NULL), RFD_OK);
}
#define LIST(list, ...) list_of(list, (const struct made *const[]){__VA_ARGS__, NULL})

/* The long way and (twice, so that the second finds the cache filled) the usual one must agree. */
static enum path_fault fault_with(const struct rfd_trust *t, const struct made *leaf,
                                  const struct certificate_list *extra, enum path_purpose purpose, rfd_time at,
                                  struct path *kept)
{
    struct path path = {0};
    static const struct path_parameters any = {0};
    enum path_fault faults[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(i < 2 ? path_build(t, leaf->certificate, extra, purpose, at, &path, NULL)
                               : path_build_with(t, leaf->certificate, extra, purpose, at, &any, &path, NULL),
                         RFD_OK);
        faults[i] = path.fault;
        assert_true(path.count > 0 && certificate_equal(path.certificates[0], leaf->certificate));
        if (path.fault == PATH_FAULT_NONE) assert_true(trust_is_anchor(t, path.certificates[path.count - 1]));
        if (path.fault != PATH_FAULT_NONE) assert_true(path.detail[0] != '\0');
        if (i == 2 && kept != NULL) {
            *kept = path;
        } else {
            path_dispose(&path);
        }
    }
    assert_int_equal(faults[0], faults[1]);
    assert_int_equal(faults[0], faults[2]);
    return faults[0];
}

static enum path_fault fault_of(const struct made *leaf, rfd_time at)
{
    struct certificate_list extra;
    LIST(&extra, &issuing, &root);
    enum path_fault fault = fault_with(trust, leaf, &extra, PATH_SIGNER, at, NULL);
    certificate_list_dispose(&extra);
    return fault;
}

/* --- Paths ---------------------------------------------------------------------------------------------------------
 */

static void test_good(void **state)
{
    (void)state;
    struct path path;
    struct certificate_list extra;
    LIST(&extra, &issuing);
    assert_int_equal(fault_with(trust, &signer, &extra, PATH_SIGNER, today, &path), PATH_FAULT_NONE);
    assert_int_equal(path.count, 3);
    assert_true(certificate_equal(path.certificates[1], issuing.certificate));
    assert_true(certificate_equal(path.certificates[2], root.certificate));
    path_dispose(&path);
    certificate_list_dispose(&extra);
}

static void test_no_anchor(void **state)
{
    (void)state;
    struct certificate_list extra;
    struct path path;
    struct made stranger = MAKE(.name = "Stranger", .extensions = AUTHORITY_EXTENSIONS);
    struct made alone = MAKE(.name = "Alone", .extensions = {"keyUsage=digitalSignature"});
    struct rfd_trust *empty = trust_of(NULL);
    struct rfd_trust *other = trust_of(&stranger);
    LIST(&extra, &issuing, &root);
    assert_int_equal(fault_with(empty, &signer, &extra, PATH_SIGNER, today, NULL), PATH_FAULT_NO_ANCHOR);
    assert_int_equal(fault_with(other, &signer, &extra, PATH_SIGNER, today, &path), PATH_FAULT_NO_ANCHOR);
    assert_int_equal(path.count, 3); /* as far as it goes */
    path_dispose(&path);
    assert_int_equal(fault_with(trust, &alone, &extra, PATH_SIGNER, today, NULL), PATH_FAULT_NO_ANCHOR);
    /* The intermediate is missing, also when an earlier document brought it. */
    assert_int_equal(fault_of(&signer, today), PATH_FAULT_NONE);
    assert_int_equal(fault_with(trust, &signer, NULL, PATH_SIGNER, today, NULL), PATH_FAULT_NO_ANCHOR);
    certificate_list_dispose(&extra);
    rfd_trust_free(empty);
    rfd_trust_free(other);
    made_free(&stranger);
    made_free(&alone);
}

static void test_forged(void **state)
{
    (void)state;
    struct made impostor = MAKE(.name = "Issuing", .extensions = AUTHORITY_EXTENSIONS);
    struct made forged = MAKE(.name = "Person", .issuer = &issuing, .signer = &impostor);
    assert_int_equal(fault_of(&signer, today), PATH_FAULT_NONE);
    assert_int_equal(fault_of(&forged, today), PATH_FAULT_SIGNATURE);
    made_free(&impostor);
    made_free(&forged);
}

static void test_periods(void **state)
{
    (void)state;
    struct made expired = MAKE(.name = "Old", .issuer = &issuing, .from = "2018-01-01", .to = "2020-01-01");
    struct made early = MAKE(.name = "New", .issuer = &issuing, .from = "2040-01-01", .to = "2041-01-01");
    assert_int_equal(fault_of(&expired, today), PATH_FAULT_EXPIRED);
    assert_int_equal(fault_of(&early, today), PATH_FAULT_NOT_YET_VALID);
    assert_int_equal(fault_of(&signer, moment("2010-01-01")), PATH_FAULT_NOT_YET_VALID);
    assert_int_equal(fault_of(&signer, moment("2050-01-01")), PATH_FAULT_EXPIRED);
    made_free(&expired);
    made_free(&early);
}

static void test_expired_anchor_is_believed(void **state)
{
    (void)state;
    struct made old =
        MAKE(.name = "Old root", .from = "2000-01-01", .to = "2010-01-01", .extensions = AUTHORITY_EXTENSIONS);
    struct made leaf = MAKE(.name = "Person", .issuer = &old);
    struct rfd_trust *t = trust_of(&old);
    assert_int_equal(fault_with(t, &leaf, NULL, PATH_SIGNER, today, NULL), PATH_FAULT_NONE);
    assert_int_equal(fault_with(t, &old, NULL, PATH_ANY, today, NULL), PATH_FAULT_EXPIRED);
    rfd_trust_free(t);
    made_free(&old);
    made_free(&leaf);
}

static void test_constraints(void **state)
{
    (void)state;
    static const struct {
        const char *extensions[MADE_EXTENSIONS];
        const char *leaf[MADE_EXTENSIONS];
        enum path_fault fault;
    } cases[] = {
        {{"basicConstraints=critical,CA:TRUE"}, {"subjectAltName=email:a@example.pe"}, PATH_FAULT_NONE},
        {{"basicConstraints=critical,CA:FALSE"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{NULL}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "keyUsage=cRLSign"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "nameConstraints=critical,permitted;email:example.pe"},
         {"subjectAltName=email:a@example.pe"},
         PATH_FAULT_NONE},
        {{"basicConstraints=CA:TRUE", "nameConstraints=critical,permitted;email:example.pe"},
         {"subjectAltName=email:a@example.com"},
         PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE"}, {"1.2.3.4.5=critical,DER:0500"}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE"}, {"1.2.3.4.5=DER:0500"}, PATH_FAULT_NONE},
        {{"basicConstraints=CA:TRUE", "policyConstraints=requireExplicitPolicy:0"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "policyConstraints=requireExplicitPolicy:1"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "policyConstraints=requireExplicitPolicy:2"}, {NULL}, PATH_FAULT_NONE},
        {{"basicConstraints=CA:TRUE", "policyConstraints=inhibitPolicyMapping:0"}, {NULL}, PATH_FAULT_NONE},
        {{"basicConstraints=CA:TRUE", "policyConstraints=critical,requireExplicitPolicy:0,inhibitPolicyMapping:0"},
         {"certificatePolicies=1.2.3"},
         PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "2.5.29.36=DER:3000"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE", "2.5.29.36=DER:30038001FF"}, {NULL}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE"}, {"policyConstraints=requireExplicitPolicy:0"}, PATH_FAULT_CONSTRAINTS},
        {{"basicConstraints=CA:TRUE"}, {"policyConstraints=requireExplicitPolicy:1"}, PATH_FAULT_NONE},
        {{"basicConstraints=CA:TRUE", "certificatePolicies=1.2.3", "policyConstraints=requireExplicitPolicy:0"},
         {"certificatePolicies=1.2.3"},
         PATH_FAULT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct certificate_list extra;
        struct make above = {.name = "Between", .issuer = &root};
        memcpy(above.extensions, cases[i].extensions, sizeof above.extensions);
        struct made between = made_new(&above);
        struct make below = {.name = "Person", .issuer = &between};
        memcpy(below.extensions, cases[i].leaf, sizeof below.extensions);
        struct made leaf = made_new(&below);
        LIST(&extra, &between);
        enum path_fault fault = fault_with(trust, &leaf, &extra, PATH_SIGNER, today, NULL);
        if (fault != cases[i].fault) fail_msg("case %zu: %s", i, path_fault_text(fault));
        certificate_list_dispose(&extra);
        made_free(&between);
        made_free(&leaf);
    }
}

static void test_purposes(void **state)
{
    (void)state;
    static const struct {
        enum path_purpose purpose;
        const char *extensions[MADE_EXTENSIONS];
        bool good;
    } cases[] = {
        {PATH_SIGNER, {NULL}, true},
        {PATH_SIGNER, {"keyUsage=digitalSignature"}, true},
        {PATH_SIGNER, {"keyUsage=nonRepudiation"}, true},
        {PATH_SIGNER, {"keyUsage=keyEncipherment"}, false},
        {PATH_SIGNER, {"keyUsage=keyCertSign,cRLSign"}, false},
        {PATH_SIGNER, {"extendedKeyUsage=emailProtection"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=clientAuth,serverAuth"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=1.3.6.1.5.5.7.3.36"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=1.3.6.1.4.1.311.10.3.12"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=1.2.840.113583.1.1.5"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=anyExtendedKeyUsage"}, true},
        {PATH_SIGNER, {"extendedKeyUsage=serverAuth"}, false},
        {PATH_SIGNER, {"extendedKeyUsage=critical,timeStamping"}, false},
        {PATH_SIGNER, {"extendedKeyUsage=OCSPSigning,codeSigning"}, false},
        {PATH_TSA, {"extendedKeyUsage=critical,timeStamping"}, true},
        {PATH_TSA, {"extendedKeyUsage=critical,timeStamping", "keyUsage=nonRepudiation"}, true},
        {PATH_TSA, {"extendedKeyUsage=critical,timeStamping", "keyUsage=keyEncipherment"}, false},
        {PATH_TSA, {"extendedKeyUsage=timeStamping"}, false},
        {PATH_TSA, {"extendedKeyUsage=critical,timeStamping,emailProtection"}, false},
        {PATH_TSA, {"extendedKeyUsage=critical,anyExtendedKeyUsage"}, false},
        {PATH_TSA, {NULL}, false},
        {PATH_OCSP, {"extendedKeyUsage=OCSPSigning"}, true},
        {PATH_OCSP, {"extendedKeyUsage=OCSPSigning,clientAuth", "keyUsage=digitalSignature"}, true},
        {PATH_OCSP, {"extendedKeyUsage=clientAuth"}, false},
        {PATH_OCSP, {NULL}, false},
        {PATH_ANY, {"keyUsage=keyEncipherment", "extendedKeyUsage=serverAuth"}, true},
    };
    struct certificate_list extra;
    LIST(&extra, &issuing);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct make m = {.name = "Leaf", .issuer = &issuing};
        memcpy(m.extensions, cases[i].extensions, sizeof m.extensions);
        struct made leaf = made_new(&m);
        enum path_fault fault = fault_with(trust, &leaf, &extra, cases[i].purpose, today, NULL);
        if (fault != (cases[i].good ? PATH_FAULT_NONE : PATH_FAULT_PURPOSE)) {
            fail_msg("case %zu: %s", i, path_fault_text(fault));
        }
        made_free(&leaf);
    }
    char detail[160];
    assert_true(path_purpose_allowed(issuing.certificate, PATH_OCSP, detail));
    assert_false(path_purpose_allowed(issuing.certificate, PATH_SIGNER, detail));
    certificate_list_dispose(&extra);
}

/* --- Strength ------------------------------------------------------------------------------------------------------
 */

static void test_weak(void **state)
{
    (void)state;
    static const struct {
        int rsa_bits;
        const char *digest;
        const char *from;
        const char *at;
        enum path_fault fault;
    } cases[] = {
        {2048, "SHA256", "2009-01-01", "2026-01-01", PATH_FAULT_NONE},
        {1024, "SHA256", "2009-01-01", "2026-01-01", PATH_FAULT_WEAK},
        {1024, "SHA256", "2009-01-01", "2013-12-31", PATH_FAULT_NONE},
        {1024, "SHA256", "2009-01-01", "2014-01-01", PATH_FAULT_WEAK},
        {768, "SHA256", "2009-01-01", "2010-01-01", PATH_FAULT_WEAK},
        {2048, "SHA1", "2009-01-01", "2026-01-01", PATH_FAULT_WEAK},
        {2048, "SHA1", "2009-01-01", "2016-12-31", PATH_FAULT_NONE},
        {2048, "SHA1", "2009-01-01", "2017-01-01", PATH_FAULT_WEAK},
        {2048, "MD5", "2009-01-01", "2010-01-01", PATH_FAULT_WEAK},
    };
    struct made old =
        MAKE(.name = "Old root", .rsa_bits = 2048, .from = "2005-01-01", .extensions = AUTHORITY_EXTENSIONS);
    struct rfd_trust *t = trust_of(&old);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct made leaf = MAKE(.name = "Leaf", .issuer = &old, .rsa_bits = cases[i].rsa_bits,
                                .digest = cases[i].digest, .from = cases[i].from);
        enum path_fault fault = fault_with(t, &leaf, NULL, PATH_SIGNER, moment(cases[i].at), NULL);
        if (fault != cases[i].fault) fail_msg("case %zu: %s", i, path_fault_text(fault));
        made_free(&leaf);
    }
    rfd_trust_free(t);
    made_free(&old);
}

static void test_weak_issuer(void **state)
{
    (void)state;
    struct certificate_list extra;
    struct path path;
    struct made old = MAKE(.name = "Old root", .from = "2005-01-01", .extensions = AUTHORITY_EXTENSIONS);
    struct made between = MAKE(.name = "Weak", .issuer = &old, .rsa_bits = 1024, .from = "2006-01-01",
                               .extensions = AUTHORITY_EXTENSIONS);
    struct made leaf = MAKE(.name = "Leaf", .issuer = &between, .from = "2007-01-01");
    struct rfd_trust *t = trust_of(&old);
    LIST(&extra, &between);
    assert_int_equal(fault_with(t, &leaf, &extra, PATH_SIGNER, moment("2012-01-01"), NULL), PATH_FAULT_NONE);
    assert_int_equal(fault_with(t, &leaf, &extra, PATH_SIGNER, today, &path), PATH_FAULT_WEAK);
    assert_int_equal(path.fault_at, 1);
    path_dispose(&path);
    certificate_list_dispose(&extra);
    rfd_trust_free(t);
    made_free(&old);
    made_free(&between);
    made_free(&leaf);
}

/* --- Choosing between paths ----------------------------------------------------------------------------------------
 */

/* The same authority certified three times: by a stranger, expired, and well. Whatever comes first, the good one is
 * found, also when a wrong turn leads on for a while. */
static void test_cross_certificates(void **state)
{
    (void)state;
    struct certificate_list extra;
    struct path path;
    struct made stranger = MAKE(.name = "Stranger", .extensions = AUTHORITY_EXTENSIONS);
    struct made above = MAKE(.name = "Above", .issuer = &stranger, .extensions = AUTHORITY_EXTENSIONS);
    struct made good = MAKE(.name = "Crossed", .issuer = &root, .extensions = AUTHORITY_EXTENSIONS);
    struct made wrong = MAKE(.name = "Crossed", .issuer = &above, .key_of = &good, .extensions = AUTHORITY_EXTENSIONS);
    struct made expired = MAKE(.name = "Crossed", .issuer = &root, .key_of = &good, .from = "2010-01-01",
                               .to = "2011-01-01", .extensions = AUTHORITY_EXTENSIONS);
    struct made leaf = MAKE(.name = "Person", .issuer = &good, .extensions = {"authorityKeyIdentifier=keyid"});
    LIST(&extra, &stranger, &above, &wrong, &expired, &good);
    assert_int_equal(fault_with(trust, &leaf, &extra, PATH_SIGNER, today, &path), PATH_FAULT_NONE);
    assert_true(certificate_equal(path.certificates[1], good.certificate));
    path_dispose(&path);
    certificate_list_dispose(&extra);
    LIST(&extra, &wrong, &above, &stranger, &expired);
    assert_int_equal(fault_with(trust, &leaf, &extra, PATH_SIGNER, today, &path), PATH_FAULT_EXPIRED);
    assert_true(certificate_equal(path.certificates[1], expired.certificate));
    path_dispose(&path);
    certificate_list_dispose(&extra);
    struct made *all[] = {&stranger, &above, &good, &wrong, &expired, &leaf};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) made_free(all[i]);
}

/* Two authorities that certify each other, and no anchor. */
static void test_loop(void **state)
{
    (void)state;
    struct certificate_list extra;
    struct made a = MAKE(.name = "A", .extensions = AUTHORITY_EXTENSIONS);
    struct made b = MAKE(.name = "B", .extensions = AUTHORITY_EXTENSIONS);
    struct made a_by_b = MAKE(.name = "A", .key_of = &a, .issuer = &b, .extensions = AUTHORITY_EXTENSIONS);
    struct made b_by_a = MAKE(.name = "B", .key_of = &b, .issuer = &a, .extensions = AUTHORITY_EXTENSIONS);
    struct made leaf = MAKE(.name = "Person", .issuer = &a);
    LIST(&extra, &a_by_b, &b_by_a);
    assert_int_equal(fault_with(trust, &leaf, &extra, PATH_SIGNER, today, NULL), PATH_FAULT_NO_ANCHOR);
    certificate_list_dispose(&extra);
    struct made *all[] = {&a, &b, &a_by_b, &b_by_a, &leaf};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) made_free(all[i]);
}

/* A bag full of authorities with the same name: it ends, and soon. */
static void test_hostile_bag(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    struct certificate_list extra = {0};
    struct made leaf = MAKE(.name = "Crowd", .issuer = &issuing, .extensions = AUTHORITY_EXTENSIONS);
    struct made person = MAKE(.name = "Person", .issuer = &leaf);
    for (int i = 0; i < COUNT; i++) {
        struct made one = MAKE(.name = "Crowd", .issuer = &leaf, .extensions = AUTHORITY_EXTENSIONS);
        assert_int_equal(certificate_list_add(&extra, one.certificate, NULL), RFD_OK);
        made_free(&one);
    }
    rfd_time before = clock_now();
    (void)fault_with(trust, &person, &extra, PATH_SIGNER, today, NULL);
    assert_true(clock_now() - before < 10 * RFD_SECOND);
    certificate_list_dispose(&extra);
    made_free(&leaf);
    made_free(&person);
}

static void test_anchor_in_the_middle(void **state)
{
    (void)state;
    struct path path;
    struct rfd_trust *t = trust_of(&issuing);
    assert_int_equal(fault_with(t, &signer, NULL, PATH_SIGNER, today, &path), PATH_FAULT_NONE);
    assert_int_equal(path.count, 2);
    path_dispose(&path);
    rfd_trust_free(t);
    t = trust_of(&signer);
    assert_int_equal(fault_with(t, &signer, NULL, PATH_SIGNER, today, &path), PATH_FAULT_NONE);
    assert_int_equal(path.count, 1);
    path_dispose(&path);
    rfd_trust_free(t);
}

static void test_names(void **state)
{
    (void)state;
    struct made utf8 = MAKE(.name = "Autoridad  de Prueba", .extensions = AUTHORITY_EXTENSIONS);
    struct made printable = MAKE(.name = " AUTORIDAD de\tprueba ", .printable = true);
    struct made other = MAKE(.name = "Autoridad de Pruebas");
    assert_true(name_equal(utf8.certificate->subject, printable.certificate->subject));
    assert_int_equal(name_hash(utf8.certificate->subject), name_hash(printable.certificate->subject));
    assert_false(name_equal(utf8.certificate->subject, other.certificate->subject));
    assert_true(name_differs(utf8.certificate->subject, other.certificate->subject));
    assert_false(name_differs(utf8.certificate->subject, printable.certificate->subject));
    assert_false(name_equal(SLICE("\x30\x01"), SLICE("\x30\x02")));
    assert_false(name_differs(SLICE("\x30\x01"), SLICE("\x30\x02")));
    assert_true(name_equal(SLICE("\x30\x01"), SLICE("\x30\x01")));
    made_free(&utf8);
    made_free(&printable);
    made_free(&other);
}

/* --- The trust store -----------------------------------------------------------------------------------------------
 */

static void test_trust_folder(void **state)
{
    (void)state;
    struct rfd_trust *t = trust_of(NULL);
    const char *folder = folder_new();
    assert_int_equal(rfd_trust_add_path(t, folder, NULL), RFD_E_TRUST_READ);
    (void)folder_write("notes.txt", SLICE("nothing to see"));
    (void)folder_write("broken.der", SLICE("\x30\x82\x01"));
    assert_int_equal(rfd_trust_add_path(t, folder, NULL), RFD_E_TRUST_READ);
    assert_int_equal(rfd_trust_add_path(t, folder_file("missing"), NULL), RFD_E_TRUST_READ);
    made_write(&signer, "signer.pem", NULL);
    assert_int_equal(rfd_trust_add_path(t, folder, NULL), RFD_E_TRUST_READ); /* nobody's authority */
    made_write(&root, "root.pem", NULL);
    (void)folder_write("issuing.cer", issuing.certificate->der);
    assert_int_equal(rfd_trust_add_path(t, folder, NULL), RFD_OK);
    assert_int_equal(rfd_trust_anchor_count(t), 2);
    assert_int_equal(rfd_trust_add_path(t, folder_file("root.pem"), NULL), RFD_OK);
    assert_int_equal(rfd_trust_anchor_count(t), 2);
    assert_false(trust_is_anchor(t, signer.certificate));
    assert_true(trust_is_anchor(t, issuing.certificate));
    assert_int_equal(rfd_trust_add_anchors(t, SLICE("nonsense"), NULL), RFD_E_TRUST_READ);
    assert_int_equal(rfd_trust_add_crl(t, SLICE("nonsense"), NULL), RFD_E_CRL);
    rfd_trust_free(t);
    folder_remove();
}

static void test_trust_intermediates(void **state)
{
    (void)state;
    struct rfd_trust *t = trust_of(NULL);
    assert_int_equal(rfd_trust_add_intermediates(t, issuing.certificate->der, NULL), RFD_OK);
    assert_int_equal(rfd_trust_anchor_count(t), 0);
    assert_int_equal(fault_with(t, &signer, NULL, PATH_SIGNER, today, NULL), PATH_FAULT_NO_ANCHOR);
    assert_int_equal(rfd_trust_add_anchors(t, root.certificate->der, NULL), RFD_OK);
    assert_int_equal(fault_with(t, &signer, NULL, PATH_SIGNER, today, NULL), PATH_FAULT_NONE);
    rfd_trust_free(t);
}

/* --- Memory and threads --------------------------------------------------------------------------------------------
 */

static void test_without_memory(void **state)
{
    (void)state;
    struct certificate_list extra;
    rfd_status status = RFD_E_MEMORY;
    unsigned long n;
    LIST(&extra, &issuing);
    for (n = 1; status != RFD_OK && n < 1000; n++) {
        struct path path = {0};
        struct rfd_trust *t = trust_of(&root);
        struct rfd_error error = RFD_ERROR_INIT;
        (void)memory_fail_after(n);
        status = path_build(t, signer.certificate, &extra, PATH_SIGNER, today, &path, &error);
        (void)memory_fail_after(0);
        /* Without memory a certificate may also count as unreadable, but never as good. */
        if (status == RFD_OK && path.fault != PATH_FAULT_NONE) status = RFD_E_MEMORY;
        path_dispose(&path);
        rfd_trust_free(t);
    }
    assert_true(n > 2 && status == RFD_OK);
    certificate_list_dispose(&extra);
}

static void *build_many(void *context)
{
    const struct certificate_list *extra = context;
    for (int i = 0; i < 200; i++) {
        struct path path = {0};
        if (path_build(trust, signer.certificate, extra, PATH_SIGNER, today, &path, NULL) != RFD_OK) return NULL;
        bool good = path.fault == PATH_FAULT_NONE && path.count == 3;
        path_dispose(&path);
        if (!good) return NULL;
    }
    return context;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct certificate_list extra;
    LIST(&extra, &issuing);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, build_many, &extra), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    certificate_list_dispose(&extra);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_no_anchor),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_expired_anchor_is_believed),
        cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_purposes),
        cmocka_unit_test(test_weak),
        cmocka_unit_test(test_weak_issuer),
        cmocka_unit_test(test_cross_certificates),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_hostile_bag),
        cmocka_unit_test(test_anchor_in_the_middle),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_trust_folder),
        cmocka_unit_test(test_trust_intermediates),
        cmocka_unit_test(test_threads), /* before the counting of allocations begins, which is for one thread */
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
