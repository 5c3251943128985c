/* SPDX-License-Identifier: EUPL-1.2
 *
 * The packs that the project brings: a certificate of every profile, which lint lets pass (else nothing is signed) and
 * which OpenSSL and GnuTLS read and verify; and packs with mistakes, each told with file and line.
 */
#include "authority_support.h"

#include "base/error.h"
#include "packs/packs.h"
#include "packs/yaml.h"
#include "pki/certificate/pem.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

static struct packs *packs;
static struct hand root, issuing, user;
static const struct certificate *root_certificate, *issuing_certificate;

/* ---- One of each ---- */

enum { WORD_MAXIMUM = 64, NOW = 1780272000 };

/* A value that fits, with the profile's prefix; a person's number when there is none. */
static void fill_value(const struct profile_attribute *a, char text[WORD_MAXIMUM])
{
    static const struct {
        enum oid_name type;
        const char *text;
    } samples[] = {{OID_COUNTRY, "PE"},
                   {OID_SERIAL_NUMBER, "IDCPE-00000000"},
                   {OID_ORGANIZATION_IDENTIFIER, "VATPE-00000000000"},
                   {OID_SURNAME, "QUISPE ÑAHUI"},
                   {OID_GIVEN_NAME, "ANA"},
                   {OID_COMMON_NAME, "QUISPE ÑAHUI ANA (DEMO)"}};
    const char *value = "Entidad de ejemplo";
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (samples[i].type == a->type) value = samples[i].text;
    }
    if (a->prefix != NULL)
        (void)snprintf(text, WORD_MAXIMUM, "%s00000000", a->prefix);
    else
        (void)snprintf(text, WORD_MAXIMUM, "%s", value);
}

static size_t fill_values(const struct profile *p, struct profile_value *values, char (*texts)[WORD_MAXIMUM])
{
    size_t count = 0;
    for (size_t i = 0; i < p->attribute_count; i++) {
        if (p->attributes[i].fixed != NULL) continue;
        fill_value(&p->attributes[i], texts[count]);
        values[count] = (struct profile_value){p->attributes[i].type, texts[count]};
        count++;
    }
    return count;
}

/* As the keeper does it: the profile's words, the authority's addresses. */
static struct profile with_addresses(const struct profile *from)
{
    struct profile p = *from;
    if (p.kind == LINT_ROOT || p.kind == LINT_OCSP) return p;
    p.ca_issuers = "http://ca.example/issuing-1.cer";
    p.crl_point = "http://ca.example/issuing-1.crl";
    if (p.kind != LINT_AUTHORITY) p.ocsp = "http://ca.example/ocsp";
    return p;
}

static const struct certificate *issue(const struct profile *from, struct hand *by, const struct certificate *issuer,
                                       struct hand *to)
{
    static const char *const mails[] = {"ana@entidad.example"};
    static const char *const hosts[] = {"ca.example"};
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    char texts[PROFILE_ATTRIBUTES_MAXIMUM][WORD_MAXIMUM];
    struct profile p = with_addresses(from);
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf der;
    struct buf pem;
    char name[WORD_MAXIMUM];
    const struct certificate *c = NULL;
    struct profile_order order = {.values = values,
                                  .value_count = fill_values(&p, values, texts),
                                  .mails = mails,
                                  .mail_count = p.mail_allowed,
                                  .hosts = hosts,
                                  .host_count = p.hosts_allowed,
                                  .spki = to->made.certificate->spki,
                                  .serial =
                                      SLICE("\x01\xA2\xB3\xC4\xD5\xE6\xF7\x08\x19\x2A\x3B\x4C\x5D\x6E\x7F\x80\x91"),
                                  .now = NOW * RFD_SECOND};
    struct authority_signer signer = by->signer;
    signer.certificate = issuer;
    buf_init(&der, PROFILE_CERTIFICATE_MAXIMUM);
    buf_init(&pem, 1 << 16);
    rfd_status status = profile_issue(&p, &signer, &order, &der, &error);
    if (status != RFD_OK) print_error("%s: %s\n", p.name, error.detail);
    assert_int_equal(status, RFD_OK);
    assert_int_equal(certificate_parse(buf_slice(&der), &c, &error), RFD_OK);
    pem_put(&pem, "CERTIFICATE", buf_slice(&der));
    (void)snprintf(name, sizeof name, "%s.pem", p.name);
    (void)folder_write(name, buf_slice(&pem));
    buf_dispose(&der);
    buf_dispose(&pem);
    return c;
}

static const struct pack_profile *find(const char *name)
{
    const struct pack_profile *p = packs_profile(packs, slice_text(name));
    assert_non_null(p);
    return p;
}

static int set_up(void **state)
{
    char path[512];
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    (void)folder_new();
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    if (packs_open(path, &packs, &error) != RFD_OK) print_error("%s\n", error.detail);
    assert_non_null(packs);
    hand_new(&root, &(struct make){.name = "root", .rsa_bits = 3072});
    hand_new(&issuing, &(struct make){.name = "issuing"});
    hand_new(&user, &(struct make){.name = "user"});
    root_certificate = issue(&find("root")->profile, &root, NULL, &root);
    issuing_certificate = issue(&find("issuing")->profile, &root, root_certificate, &issuing);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    certificate_unref(root_certificate);
    certificate_unref(issuing_certificate);
    hand_free(&root);
    hand_free(&issuing);
    hand_free(&user);
    packs_close(packs);
    folder_remove();
    return 0;
}

static void every_profile_gives_a_certificate(void **state)
{
    size_t count = 0;
    (void)state;
    const struct pack_profile *const *all = packs_profiles(packs, &count);
    assert_true(count >= 15);
    for (size_t i = 0; i < count; i++) {
        char command[400];
        const char *name = all[i]->profile.name;
        if ((all[i]->profile.kind & LINT_AUTHORITIES) != 0) continue;
        certificate_unref(issue(&all[i]->profile, &issuing, issuing_certificate, &user));
        (void)snprintf(command, sizeof command,
                       "openssl verify -x509_strict -attime %d -CAfile root.pem -untrusted issuing.pem %s.pem &&"
                       "openssl asn1parse -in %s.pem >asn1.txt && certtool -i --infile %s.pem >text.txt 2>errors.txt &&"
                       "test ! -s errors.txt && echo all is well",
                       NOW, name, name, name);
        if (!shell_says("all is well", command)) fail_msg("%s: not by OpenSSL or GnuTLS", name);
    }
}

static void titles_are_there(void **state)
{
    size_t count = 0;
    (void)state;
    const struct pack_profile *const *all = packs_profiles(packs, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(all[i]->title_es) > 0 && strlen(all[i]->title_ca) > 0 && strlen(all[i]->title_en) > 0);
        if (i > 0) assert_true(strcmp(all[i - 1]->profile.name, all[i]->profile.name) < 0);
        assert_ptr_equal(packs_profile(packs, slice_text(all[i]->profile.name)), all[i]);
    }
    assert_null(packs_profile(packs, SLICE("nobody")));
    assert_null(packs_profile(packs, SLICE("")));
}

static void who_is_approved(void **state)
{
    (void)state;
    assert_int_equal(find("pe-natural-person")->approvals, 1);
    assert_int_equal(find("pe-legal-person-seal")->approvals, 2);
    assert_int_equal(find("ocsp")->approvals, 0);
    assert_true(find("agent")->agent);
    assert_false(find("pe-natural-person")->agent);
    assert_string_equal(find("pe-natural-person")->country, "pe");
    assert_string_equal(find("agent")->country, "common");
    /* nonRepudiation alone cannot log in. */
    const struct profile *agent = &find("agent")->profile;
    assert_int_equal(agent->key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION);
    assert_int_equal(agent->purposes[0], OID_EKU_CLIENT_AUTH);
}

/* What the countries' law asks for, as OpenSSL prints it. */
static void countries_are_told_apart(void **state)
{
    (void)state;
    assert_true(shell_says("serialNumber = IDCPE-00000000", "openssl x509 -in pe-natural-person.pem -noout -subject"));
    assert_true(
        shell_says("serialNumber = PNOMX-00000000", "openssl x509 -in mx-advanced-signature.pem -noout -subject"));
    assert_true(shell_says("serialNumber = TINMX-", "openssl x509 -in mx-advanced-signature-rfc.pem -noout -subject"));
    assert_true(shell_says("serialNumber = IDCES-00000000", "openssl x509 -in es-centralised.pem -noout -subject"));
}

/* QcCompliance is a claim about the law of the Union (EN 319 412-5 §4.2.1). */
static void one_profile_is_qualified(void **state)
{
    (void)state;
    assert_true(shell_says("found es-centralised-qualified.pem.",
                           "for c in *.pem; do openssl x509 -in $c -outform DER | xxd -p | tr -d '\\n' |"
                           "grep -q 0604008e460101 && found=\"$found $c\"; done; echo found$found."));
}

/* ---- Mistakes ---- */

static const char *const good_profile = "  - name: x\n"
                                        "    title: {es: x, ca: x, en: x}\n"
                                        "    kind: natural-person\n"
                                        "    subject:\n"
                                        "      - {attribute: cn, required: true}\n"
                                        "    key_usage: [nonRepudiation]\n"
                                        "    policies: [{oid: 2.999.1}]\n"
                                        "    days: 10\n"
                                        "    keys: [p256]\n"
                                        "    approvals: 1\n";

static rfd_status open_text(const char *text, struct rfd_error *error)
{
    struct packs *made = NULL;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", folder_file("bad/xx"));
    (void)mkdir(folder_file("bad"), 0700);
    (void)mkdir(path, 0700);
    (void)folder_write("bad/xx/profiles.yaml", slice_text(text));
    rfd_status status = packs_open(folder_file("bad"), &made, error);
    if (status != RFD_OK) assert_null(made);
    packs_close(made);
    return status;
}

/* The good profile with `from` replaced by `to`. */
static rfd_status open_altered(const char *from, const char *to, struct rfd_error *error)
{
    char text[4096];
    const char *at = strstr(good_profile, from);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "profiles:\n%.*s%s%s", (int)(at - good_profile), good_profile, to,
                   at + strlen(from));
    return open_text(text, error);
}

static void mistakes_have_a_line(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"kind: natural-person", "kind: unnatural", "profiles.yaml:4: "},
        {"days: 10", "dais: 10", "profiles.yaml:9: Unexpected key: dais"},
        {"days: 10", "days: ten", "profiles.yaml:9: "},
        {"days: 10", "days: 0", "profiles.yaml:2: x: days"},
        {"days: 10", "days: 99999", "profiles.yaml:2: x: days"},
        {"    days: 10\n", "", "Missing required mapping field: days"},
        {"attribute: cn", "attribute: CN", "profiles.yaml:6: no attribute is called CN"},
        {"[nonRepudiation]", "[repudiation]", "profiles.yaml:7: "},
        {"[nonRepudiation]", "1", "profiles.yaml:7: "},
        {"oid: 2.999.1", "oid: 2.x.1", "profiles.yaml:8: 2.x.1 is no object identifier"},
        {"approvals: 1", "approvals: 3", "profiles.yaml:2: x: approvals"},
        {"approvals: 1", "approvals: 0", "profiles.yaml:2: x: a person's without approval"},
        {"approvals: 1", "agent: true\n    approvals: 1", "profiles.yaml:2: x: an agent without digitalSignature"},
        {"approvals: 1", "approvals: 1\n    backdated: 86401", "profiles.yaml:2: x: backdated"},
        {"approvals: 1", "approvals: 1\n    renewal: 11", "profiles.yaml:2: x: renewal"},
        {"approvals: 1", "approvals: 1\n    path_length: -1", "profiles.yaml:2: x: path_length"},
        {"approvals: 1", "approvals: 1\n    rsa_minimum: 1024", "profiles.yaml:2: x: RSA"},
        {"approvals: 1", "approvals: 1\n    approvals: 1", "profiles.yaml:11: Mapping field already seen"},
        {"name: x", "name: X", "profiles.yaml:2: X: not lower-case"},
        {"name: x", "name: -x", "profiles.yaml:2: -x: not lower-case"},
        {"name: x", "name: &x x", NULL},
        {"{es: x, ca: x, en: x}", "{es: x, ca: x}", "Missing required mapping field: en"},
        {"required: true}", "required: true}\n      - {attribute: cn}",
         "profiles.yaml:2: x has the attribute cn twice"},
        {"required: true}", "fixed: a, prefix: b}", "profiles.yaml:6: cn is fixed and has a prefix"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = open_altered(cases[i].from, cases[i].to, &error);
        assert_int_equal(status, cases[i].says == NULL ? RFD_OK : RFD_E_PACK);
        if (cases[i].says == NULL || strstr(error.detail, cases[i].says) != NULL) continue;
        fail_msg("%s: %s", cases[i].to, error.detail);
    }
}

static void files_that_are_none(void **state)
{
    static const char *const texts[] = {"",         "\n",          "# nothing\n",    "profiles:\n", "profiles: []\n",
                                        "- x\n",    "profiles: x", "\xff\xfe",       "a: *x\n",     "{",
                                        "profiles", "---\n---\n",  "other: [1, 2]\n"};
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (open_text(texts[i], &error) != RFD_E_PACK) fail_msg("taken: %s", texts[i]);
        assert_non_null(strstr(error.detail, "profiles.yaml:"));
    }
    assert_int_equal(packs_open(folder_file("nowhere"), &(struct packs *){NULL}, &error), RFD_E_PACK);
    (void)mkdir(folder_file("empty"), 0700);
    assert_int_equal(packs_open(folder_file("empty"), &(struct packs *){NULL}, &error), RFD_E_PACK);
}

/* Text that grows when it is read ("billion laughs") is refused at its first alias. */
static void no_aliases(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    assert_int_equal(open_altered("{es: x, ca: x, en: x}", "{es: &a x, ca: *a, en: *a}", &error), RFD_E_PACK);
}

static void two_of_a_name(void **state)
{
    char text[4096];
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    (void)snprintf(text, sizeof text, "profiles:\n%s%s", good_profile, good_profile);
    assert_int_equal(open_text(text, &error), RFD_E_PACK);
    assert_non_null(strstr(error.detail, "two profiles of the name x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_gives_a_certificate),
        cmocka_unit_test(titles_are_there),
        cmocka_unit_test(who_is_approved),
        cmocka_unit_test(countries_are_told_apart),
        cmocka_unit_test(one_profile_is_qualified),
        cmocka_unit_test(mistakes_have_a_line),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(no_aliases),
        cmocka_unit_test(two_of_a_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
