/* SPDX-License-Identifier: EUPL-1.2
 *
 * NIST's Public Key Interoperability Test Suite: every case of pkits.json and pkits-user-notice.json, path and
 * revocation together, with the user policies and flags that the case names (user policy any by default).
 *
 * Two moments are tried. In 2012 everything that the suite calls valid must be accepted. Today the same must hold but
 * for the cases of `weak_today`.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/source.h"
#include "pki/oid.h"
#include "pki/revocation/revocation.h"
#include "pki_fixture.h"

#include <jansson.h>

/* Cases whose verdict today differs from the suite's, and why. */
static const struct {
    const char *name;
    const char *reason;
} weak_today[] = {
    {"valid_dsa_signatures_test4", "DSA with 1024 bits: refused since 2014 (SP 800-131A)"},
    {"valid_dsa_parameter_inheritance_test5", "DSA with 1024 bits: refused since 2014 (SP 800-131A)"},
};

enum { POLICIES_MAXIMUM = 8, OID_OCTETS = 32 };
struct policies {
    uint8_t octets[POLICIES_MAXIMUM][OID_OCTETS];
    slice items[POLICIES_MAXIMUM];
    struct path_parameters parameters;
};

static char folder[512];
static struct rfd_trust *trust;

static struct source *open_file(const char *kind, const char *name, slice *bytes)
{
    char path[1024];
    struct source *source = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
    if (source_open_file(path, &source, &error) != RFD_OK ||
        source_view(source, 0, source_size(source), bytes, &error) != RFD_OK) {
        fail_msg("%s: %s", path, error.detail);
    }
    return source;
}

static const struct certificate *load_certificate(const char *name)
{
    slice bytes;
    const struct certificate *c = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    struct source *source = open_file("certs", name, &bytes);
    /* Some are malformed on purpose: then there is no certificate. */
    if (certificate_parse(bytes, &c, &error) != RFD_OK) c = NULL;
    source_close(source);
    return c;
}

static void load_crl(struct revocation_store *store, const char *name)
{
    slice bytes;
    struct rfd_error error = RFD_ERROR_INIT;
    struct source *source = open_file("crls", name, &bytes);
    rfd_status status = revocation_store_add(store, bytes, true, REVOCATION_FROM_DOCUMENT, &error);
    assert_true(status == RFD_OK || status == RFD_E_CRL);
    source_close(source);
}

static bool flag(json_t *params, const char *name)
{
    return json_is_true(json_object_get(params, name));
}

static void read_parameters(json_t *params, struct policies *out)
{
    json_t *policy;
    size_t i;
    *out = (struct policies){.parameters = {.require_explicit_policy = flag(params, "initial_explicit_policy"),
                                            .inhibit_policy_mapping = flag(params, "initial_policy_mapping_inhibit"),
                                            .inhibit_any_policy = flag(params, "initial_any_policy_inhibit")}};
    json_array_foreach(json_object_get(params, "user_initial_policy_set"), i, policy)
    {
        size_t length = oid_parse(json_string_value(policy), out->octets[i], OID_OCTETS);
        assert_true(i < POLICIES_MAXIMUM && length > 0);
        out->items[i] = slice_of(out->octets[i], length);
        out->parameters.policy_count++;
    }
    out->parameters.policies = out->items;
}

/* Revocation of the whole path but its anchor. */
static bool unrevoked(const struct path *p, const struct certificate_list *extra, struct revocation_store *store,
                      rfd_time at, char *why, size_t size)
{
    struct revocation_options options = {
        .trust = trust, .extra = extra, .store = store, .at = at, .not_older_than = RFD_TIME_NONE};
    for (size_t i = 0; i + 1 < p->count; i++) {
        struct revocation_result result;
        assert_int_equal(revocation_check(&options, p->certificates[i], p->certificates[i + 1], &result, NULL), RFD_OK);
        enum revocation_state state = result.state;
        (void)snprintf(why, size, "certificate %zu: revocation state %d %s", i, (int)state,
                       state == REVOCATION_UNKNOWN ? result.detail : "");
        revocation_result_dispose(&result);
        if (state != REVOCATION_GOOD && state != REVOCATION_NOT_NEEDED) return false;
    }
    return true;
}

static bool accepted(json_t *test, rfd_time at, char *why, size_t size)
{
    struct certificate_list extra = {0};
    struct revocation_store store = {0};
    struct policies policies;
    struct path path = {0};
    json_t *name;
    size_t i;
    const struct certificate *leaf = load_certificate(json_string_value(json_object_get(test, "cert")));
    (void)snprintf(why, size, "certificate malformed");
    if (leaf == NULL) return false;
    json_array_foreach(json_object_get(test, "other_certs"), i, name)
    {
        const struct certificate *c = load_certificate(json_string_value(name));
        if (c != NULL) assert_int_equal(certificate_list_add(&extra, c, NULL), RFD_OK);
        certificate_unref(c);
    }
    json_array_foreach(json_object_get(test, "crls"), i, name) load_crl(&store, json_string_value(name));
    load_crl(&store, "TrustAnchorRootCRL.crl");
    json_t *params = json_object_get(test, "params");
    read_parameters(params, &policies);
    rfd_status status = params == NULL
                            ? path_build(trust, leaf, &extra, PATH_ANY, at, &path, NULL)
                            : path_build_with(trust, leaf, &extra, PATH_ANY, at, &policies.parameters, &path, NULL);
    assert_int_equal(status, RFD_OK);
    bool good = path.fault == PATH_FAULT_NONE;
    (void)snprintf(why, size, "%s: certificate %zu: %s", path_fault_text(path.fault), path.fault_at, path.detail);
    if (good && !json_is_false(json_object_get(test, "revocation")))
        good = unrevoked(&path, &extra, &store, at, why, size);
    path_dispose(&path);
    revocation_store_dispose(&store);
    certificate_list_dispose(&extra);
    certificate_unref(leaf);
    return good;
}

static const char *exception_of(const char *name, bool today)
{
    for (size_t i = 0; today && i < sizeof weak_today / sizeof weak_today[0]; i++) {
        if (strcmp(weak_today[i].name, name) == 0) return weak_today[i].reason;
    }
    return NULL;
}

static void run_file(const char *file, rfd_time at, bool today)
{
    char path[1024];
    json_error_t problem;
    size_t i;
    json_t *test;
    int wrong = 0;
    int exceptions = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    json_t *tests = json_load_file(path, 0, &problem);
    assert_non_null(tests);
    json_array_foreach(tests, i, test)
    {
        char why[300];
        const char *name = json_string_value(json_object_get(test, "name"));
        bool expected = json_object_get(test, "error") == NULL;
        if (exception_of(name, today) != NULL) {
            expected = false;
            exceptions++;
        }
        bool got = accepted(test, at, why, sizeof why);
        if (getenv("PKITS_VERBOSE") != NULL) print_message("%s %s: %s\n", name, got ? "accepted" : "rejected", why);
        if (got == expected) continue;
        print_error("%s %s: %s, expected %s: %s\n", json_string_value(json_object_get(test, "id")), name,
                    got ? "accepted" : "rejected", expected ? "acceptance" : "rejection", why);
        wrong++;
    }
    print_message("%s: %zu cases, %d exceptions, %d wrong\n", file, json_array_size(tests), exceptions, wrong);
    json_decref(tests);
    assert_int_equal(wrong, 0);
}

static void all_cases(rfd_time at, bool today)
{
    if (folder[0] == '\0') skip();
    /* Twice: the second time with the cache of issuers warm. */
    for (int round = 0; round < 2; round++) {
        run_file("pkits.json", at, today);
        run_file("pkits-user-notice.json", at, today);
    }
}

static void test_pkits_in_2012(void **state)
{
    rfd_time at = 0;
    (void)state;
    assert_true(clock_parse_iso(SLICE("2012-06-01"), &at));
    all_cases(at, false);
}

static void test_pkits_today(void **state)
{
    (void)state;
    all_cases(clock_now(), true);
}

static int set_up(void **state)
{
    (void)state;
    slice bytes;
    if (corpora() == NULL) return 0;
    (void)snprintf(folder, sizeof folder, "%s/pkits", corpora());
    struct source *source = open_file("certs", "TrustAnchorRootCertificate.crt", &bytes);
    rfd_status status = rfd_trust_new(&trust, NULL);
    if (status == RFD_OK) status = rfd_trust_add_anchors(trust, bytes, NULL);
    source_close(source);
    return status == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_trust_free(trust);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pkits_in_2012),
        cmocka_unit_test(test_pkits_today),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
