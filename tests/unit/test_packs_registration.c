/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the packs that the project brings ask of who wants a certificate, their places, and files with mistakes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/source.h"
#include "base_support.h"
#include "packs/identity.h"
#include "packs/places.h"
#include "packs/registration_value.h"

#include <stdio.h>
#include <sys/stat.h>

static struct packs *packs;
static const char *const countries[] = {"es", "mx", "pe"};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static int open_packs(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (folder_setup(state) != 0) return -1;
    if (packs_open(PACKS_FOLDER, &packs, &error) != RFD_OK) fail_msg("%s", error.detail);
    return 0;
}

static int close_packs(void **state)
{
    packs_close(packs);
    return folder_teardown(state);
}

static const struct pack_entry *entry(const char *country, const char *catalogue, const char *code)
{
    const struct pack_catalogue *c = packs_catalogue(packs, slice_text(country), catalogue);
    if (c == NULL) fail_msg("%s %s", country, catalogue);
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->entries[i].code, code) == 0) return &c->entries[i];
    }
    fail_msg("%s %s %s", country, catalogue, code);
    return NULL;
}

/* --- The packs ---------------------------------------------------------------------------------------------------- */

static void test_every_country_has_every_catalogue(void **state)
{
    static const char *const names[] = {
#define CATALOGUE(name, english) name,
#include "packs/registration_catalogues.def"
#undef CATALOGUE
    };
    (void)state;
    for (size_t i = 0; i < COUNT(countries); i++) {
        const struct pack_registration *r = packs_registration(packs, slice_text(countries[i]));
        assert_non_null(r);
        assert_string_equal(r->country, countries[i]);
        assert_int_equal(r->catalogue_count, COUNT(names));
        for (size_t n = 0; n < COUNT(names); n++) {
            const struct pack_catalogue *c = packs_catalogue(packs, slice_text(countries[i]), names[n]);
            if (c == NULL || c->count < 3) fail_msg("%s %s", countries[i], names[n]);
        }
    }
    assert_null(packs_registration(packs, SLICE("common")));
    assert_null(packs_registration(packs, SLICE("")));
    assert_null(packs_catalogue(packs, SLICE("pe"), "nothing"));
    assert_null(packs_catalogue(packs, SLICE("zz"), "kind"));
}

static void test_settings(void **state)
{
    const struct pack_registration *pe = packs_registration(packs, SLICE("pe"));
    const struct pack_registration *mx = packs_registration(packs, SLICE("mx"));
    (void)state;
    assert_string_equal(pe->documents, "dni");
    assert_string_equal(pe->second, "");
    assert_string_equal(pe->fee_code, "00529");
    assert_int_equal(pe->fee_amount, 810);
    assert_string_equal(pe->fee_currency, "S/");
    assert_int_equal(pe->renewal_days, 21);
    assert_string_equal(pe->reminders, "30 21 7 1");
    assert_string_equal(mx->documents, "curp");
    assert_string_equal(mx->second, "rfc-persona");
    assert_string_equal(mx->fee_code, "");
    assert_int_equal(mx->fee_amount, 0);
    for (size_t i = 0; i < COUNT(countries); i++) {
        const struct pack_registration *r = packs_registration(packs, slice_text(countries[i]));
        assert_non_null(packs_profile(packs, slice_text(r->profile)));
        assert_non_null(packs_profile(packs, slice_text(r->agency_profile)));
        assert_non_null(strchr(r->responsibility_es, '\n'));
        assert_true(strlen(r->statement_ca) > 100 && strlen(r->responsibility_en) > 100);
    }
}

/* Which motives are paid for (spec 3.3), and what reasons to revoke mean (RFC 5280 §5.3.1). */
static void test_values(void **state)
{
    static const char *const paid[] = {"extra-certificate", "forgotten-password", "download-period-passed",
                                       "wrong-installation"};
    static const struct {
        const char *country, *code, *reason;
        bool holder;
    } reasons[] = {{"pe", "pin-exposed", "1", true},         {"pe", "authority-compromised", "2", false},
                   {"pe", "express-request", "0", true},     {"pe", "no-longer-official", "3", false},
                   {"mx", "order-of-authority", "9", false}, {"es", "key-exposed", "1", true}};
    bool said;
    (void)state;
    for (size_t i = 0; i < COUNT(paid); i++) {
        assert_true(pack_value_has(slice_text(entry("pe", "motive", paid[i])->value), "payment", SLICE("yes")));
        assert_false(pack_value_has(slice_text(entry("es", "motive", paid[i])->value), "payment", SLICE("yes")));
    }
    assert_false(pack_value_has(slice_text(entry("pe", "motive", "first-issue")->value), "payment", SLICE("yes")));
    for (size_t i = 0; i < COUNT(reasons); i++) {
        slice value = slice_text(entry(reasons[i].country, "revocation", reasons[i].code)->value);
        assert_true(slice_is(pack_value(value, "reason", &said), reasons[i].reason));
        assert_int_equal(pack_value_has(value, "by", SLICE("holder")), reasons[i].holder);
    }
    assert_string_equal(entry("pe", "device", "token")->value, "");
}

static void test_evidence(void **state)
{
    (void)state;
    struct pack_evidence front = pack_evidence_of(slice_text(entry("pe", "evidence", "identity-front")->value));
    assert_true(front.online && front.required && front.pdf && front.image);
    assert_false(front.agency || front.payment || front.picture);
    struct pack_evidence picture = pack_evidence_of(slice_text(entry("mx", "evidence", "photograph")->value));
    assert_true(picture.agency && picture.required && picture.image && picture.picture && !picture.pdf);
    assert_int_equal(picture.pixels, 240);
    assert_int_equal(picture.sharpness, 40);
    struct pack_evidence paid = pack_evidence_of(slice_text(entry("es", "evidence", "payment-document")->value));
    assert_true(paid.payment && !paid.online && !paid.agency);
    struct pack_evidence nothing = pack_evidence_of(SLICE(""));
    assert_true(nothing.pdf && nothing.image && !nothing.required && !nothing.online);
}

static void test_wrong_values(void **state)
{
    static const struct {
        const char *catalogue, *value;
        bool good;
    } rows[] = {{"kind", "ways=online,agency", true},
                {"kind", "ways=post", false},
                {"kind", "ways=", false},
                {"kind", "payment=yes", false},
                {"motive", "kinds=issue,my-own payment=no", true},
                {"motive", "kinds=ISSUE", false},
                {"motive", "kinds=issue payment=perhaps", false},
                {"motive", "  payment=yes  ", true},
                {"evidence", "pixels=300 sharpness=0", true},
                {"evidence", "pixels=many", false},
                {"evidence", "pixels=1000000", false},
                {"evidence", "types=exe", false},
                {"revocation", "reason=1 by=agent", true},
                {"revocation", "reason=7", false}, /* none */
                {"revocation", "reason=6", false}, /* hold is not revoking */
                {"revocation", "reason=10", false},
                {"device", "", true},
                {"device", "anything", false},
                {"nothing", "a=b", false}};
    slice part;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((pack_value_wrong(slice_text(rows[i].catalogue), slice_text(rows[i].value), &part) == NULL) != rows[i].good)
            fail_msg("%s %s", rows[i].catalogue, rows[i].value);
    }
    assert_true(pack_code_is_good(SLICE("a")) && pack_code_is_good(SLICE("own-2")));
    assert_false(pack_code_is_good(SLICE("")) || pack_code_is_good(SLICE("-a")) || pack_code_is_good(SLICE("a-")));
    assert_false(pack_code_is_good(SLICE("Año")) || pack_code_is_good(SLICE("a b")) ||
                 pack_code_is_good(SLICE("../a")));
}

/* --- Places ------------------------------------------------------------------------------------------------------- */

static void test_places(void **state)
{
    static const struct {
        const char *country, *code, *region, *province, *district;
    } rows[] = {{"pe", "150122", "Lima", "Lima", "Miraflores"},
                {"pe", "070101", "Callao", "Callao", "Callao"},
                {"pe", "0811", "Cusco", "Paucartambo", ""},
                {"pe", "250401", "Ucayali", "Purús", "Purús"},
                {"mx", "09015", "Ciudad de México", "", "Cuauhtémoc"},
                {"mx", "32", "Zacatecas", "", ""},
                {"es", "08019", "Cataluña/Catalunya", "Barcelona", "Barcelona"},
                {"es", "28", "Comunidad de Madrid", "Madrid", ""}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct pack_place *p = packs_place(packs, slice_text(rows[i].country), slice_text(rows[i].code));
        if (p == NULL) fail_msg("%s %s", rows[i].country, rows[i].code);
        assert_string_equal(p->code, rows[i].code);
        assert_string_equal(p->region, rows[i].region);
        assert_string_equal(p->province, rows[i].province);
        assert_string_equal(p->district, rows[i].district);
    }
    assert_null(packs_place(packs, SLICE("pe"), SLICE("")));
    assert_null(packs_place(packs, SLICE("pe"), SLICE("999999")));
    assert_null(packs_place(packs, SLICE("pe"), SLICE("15012")));
    assert_null(packs_place(packs, SLICE("zz"), SLICE("150122")));
}

/* As people look for them: Áncash behind Amazonas and before Apurímac; the whole of a province before its districts. */
static void test_order_of_places(void **state)
{
    size_t count = 0;
    unsigned regions = 0;
    const struct pack_place *all = packs_places(packs, SLICE("pe"), &count);
    (void)state;
    assert_true(count > 400);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(packs_place(packs, SLICE("pe"), slice_text(all[i].code)), &all[i]);
        if (i > 0 && strcmp(all[i].region, all[i - 1].region) == 0) continue;
        regions++;
        if (regions == 1) assert_string_equal(all[i].region, "Amazonas");
        if (regions == 2) assert_string_equal(all[i].region, "Áncash");
        if (regions == 3) assert_string_equal(all[i].region, "Apurímac");
    }
    assert_int_equal(regions, 25);
    assert_string_equal(all[0].code, "0102"); /* Bagua, the whole */
    assert_null(packs_places(packs, SLICE("common"), &count));
    assert_int_equal(count, 0);
}

static void test_bad_places(void **state)
{
    static const struct {
        const char *text, *wrong;
    } rows[] = {{"", "places.csv:1: this is no list of places"},
                {"code,region,province,district\n", "there is no place"},
                {"code,name\n01,A\n", "places.csv:1: the first row"},
                {"code,region,province,district\n01,A,B\n", "places.csv:2: a row is"},
                {"code,region,province,district\n01,A,B,C,D\n", "places.csv:2: a row is"},
                {"code,region,province,district\n\n# more\n01,A,B,\"C\n", "places.csv:4: a row is"},
                {"code,region,province,district\n01,A,B,C\"\n", "places.csv:2: a row is"},
                {"code,region,province,district\n01,A,\"B\"x,C\n", "places.csv:2: a row is"},
                {"code,region,province,district\nX1,A,B,C\n", "places.csv:2: a code is digits"},
                {"code,region,province,district\n01,,B,C\n", "places.csv:2: the region"},
                {"code,region,province,district\n01,A\x01,B,C\n", "places.csv:2: a name"},
                {"code,region,province,district\n01,\xC3,B,C\n", "places.csv:2: a name"},
                {"code,region,province,district\n01,A,B,C\n01,A,B,D\n", "two places of the code 01"}};
    const char *path = "places.csv";
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        struct places *places = NULL;
        file_write("places.csv", slice_text(rows[i].text));
        if (places_open(path, &places, &error) != RFD_E_PACK) fail_msg("row %zu is taken", i);
        assert_null(places);
        if (strstr(error.detail, rows[i].wrong) == NULL) fail_msg("%zu: %s", i, error.detail);
    }
}

static void test_good_places(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct places *places = NULL;
    size_t count = 0;
    (void)state;
    file_write("places.csv", SLICE("# ours\r\ncode,region,province,district\r\n2,Ñ,\"a, b\",\"\"\r\n\r\n1,Z,,z"));
    assert_int_equal(places_open("places.csv", &places, &error), RFD_OK);
    const struct pack_place *all = places_all(places, &count);
    assert_int_equal(count, 2);
    assert_string_equal(all[0].code, "2");
    assert_string_equal(all[0].province, "a, b");
    assert_string_equal(all[0].district, "");
    assert_string_equal(places_find(places, SLICE("1"))->district, "z");
    places_close(places);
    places_close(NULL);
    /* A file that is gone when it is wanted: no places, and nothing else. */
    assert_int_equal(places_open("places.csv", &places, &error), RFD_OK);
    assert_int_equal(remove("places.csv"), 0);
    assert_null(places_find(places, SLICE("1")));
    assert_null(places_all(places, &count));
    places_close(places);
}

/* --- Files with mistakes ------------------------------------------------------------------------------------------ */

static slice read_own(const char *name, struct buf *out)
{
    char path[512];
    struct rfd_error error = RFD_ERROR_INIT;
    (void)snprintf(path, sizeof path, "%s/pe/%s", PACKS_FOLDER, name);
    buf_init(out, 1 << 20);
    assert_int_equal(source_read_file(path, 1 << 20, out, &error), RFD_OK);
    return buf_slice(out);
}

static void copy_file(const char *name)
{
    char to[64];
    struct buf text;
    (void)snprintf(to, sizeof to, "bad/pe/%s", name);
    file_write(to, read_own(name, &text));
    buf_dispose(&text);
}

/* The pack of Peru with one text in its registration.yaml exchanged for another. */
static void write_with(const char *from, const char *to)
{
    struct buf text, changed;
    slice all = read_own("registration.yaml", &text);
    const uint8_t *at = memmem(all.data, all.length, from, strlen(from));
    if (at == NULL) fail_msg("%s", from);
    size_t before = (size_t)(at - all.data);
    buf_init(&changed, 1 << 20);
    buf_put_slice(&changed, slice_part(all, 0, before));
    buf_put_slice(&changed, slice_text(to));
    buf_put_slice(&changed, slice_from(all, before + strlen(from)));
    file_write("bad/pe/registration.yaml", buf_slice(&changed));
    buf_dispose(&changed);
    buf_dispose(&text);
}

static void test_bad_files(void **state)
{
    static const struct {
        const char *from, *to, *wrong;
    } rows[] = {{"documents: dni", "documents: ruc", "registration.yaml:6: ruc is no identity document of people"},
                {"documents: dni", "documents: dni\nsecond: curp", "registration.yaml:7: curp is no"},
                {"profile: pe-natural-person", "profile: pe-nobody", "registration.yaml:7: there is no profile"},
                {"profile: pe-natural-person", "profile: pe-legal-person-seal", "is no profile for people"},
                {"agency_profile: pe-legal-person-class-iii", "agency_profile: root",
                 "registration.yaml:8: there is no profile of the name root"},
                {"key: RSA-2048", "key: RSA-512", "registration.yaml:9: browsers make"},
                {"renewal_days: 21", "renewal_days: 0", "registration.yaml:10: renewal_days"},
                {"renewal_days: 21", "renewal_days: many", "registration.yaml:10:"},
                {"reminders: 30 21 7 1", "reminders: 7 21", "registration.yaml:11: reminders"},
                {"reminders: 30 21 7 1", "reminders: 7 x", "registration.yaml:11: reminders"},
                {"key: RSA-2048", "kay: RSA-2048", "Unexpected key: kay"},
                {"- name: device", "- name: devices", "no catalogue of the name devices"},
                {"- name: device", "- name: kind", "two catalogues of the name kind"},
                {"code: extra-certificate", "code: first-issue", "two entries of the code first-issue in motive"},
                {"code: extra-certificate", "code: Extra", "a code is small letters"},
                {"value: kinds=issue payment=yes", "value: kinds=buy", "there is no such kind"},
                {"value: kinds=issue payment=yes", "value: kinds=issue payment=maybe", "payment=maybe: One of"},
                {"reason=2 by=agent", "reason=7 by=agent", "reason=7: One of"}};
    (void)state;
    assert_int_equal(mkdir("bad", 0700), 0);
    assert_int_equal(mkdir("bad/pe", 0700), 0);
    copy_file("profiles.yaml");
    copy_file("identity.yaml");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        struct packs *none = NULL;
        write_with(rows[i].from, rows[i].to);
        if (packs_open("bad", &none, &error) != RFD_E_PACK) fail_msg("%s: %s", rows[i].to, error.detail);
        assert_null(none);
        if (strstr(error.detail, rows[i].wrong) == NULL) fail_msg("%s: %s", rows[i].to, error.detail);
    }
    file_write("bad/pe/places.csv", SLICE("nothing"));
    write_with("key:", "key:");
    struct rfd_error error = RFD_ERROR_INIT;
    struct packs *none = NULL;
    assert_int_equal(packs_open("bad", &none, &error), RFD_E_PACK);
    assert_non_null(strstr(error.detail, "places.csv:1:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_country_has_every_catalogue),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_order_of_places),
        cmocka_unit_test(test_bad_places),
        cmocka_unit_test(test_good_places),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, open_packs, close_packs);
}
