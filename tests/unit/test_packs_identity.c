/* SPDX-License-Identifier: EUPL-1.2
 *
 * Identity numbers of the packs that the project brings: numbers that are published as examples or belong to public
 * bodies, the same with exchanged or wrong characters; and the working days of a few years.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/source.h"
#include "base_support.h"
#include "packs/identity.h"
#include "packs/identity_schema.h"

#include <stdio.h>
#include <sys/stat.h>

#define DAY ((rfd_time)86400 * 1000000)

static struct packs *packs;

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

static const struct pack_document *document(const char *country, const char *name)
{
    const struct pack_document *d = packs_document(packs, slice_text(country), slice_text(name));
    if (d == NULL) fail_msg("%s %s", country, name);
    return d;
}

/* --- Numbers ------------------------------------------------------------------------------------------------------ */

static void test_numbers(void **state)
{
    static const struct {
        const char *country, *document, *typed;
        enum identity_fault fault;
        const char *normal;
    } rows[] = {
        {"pe", "dni", "10117410", IDENTITY_FINE, "10117410"},
        {"pe", "dni", "10117410-2", IDENTITY_FINE, "10117410"},
        {"pe", "dni", " 10.117.410-g", IDENTITY_FINE, "10117410"},
        {"pe", "dni", "10117410-3", IDENTITY_DIGIT, NULL},
        {"pe", "dni", "10114710-2", IDENTITY_DIGIT, NULL},
        {"pe", "dni", "1011741", IDENTITY_FORM, NULL},
        {"pe", "dni", "1011741O", IDENTITY_FORM, NULL},
        {"pe", "dni", "1011741022", IDENTITY_FORM, NULL},
        {"pe", "dni", "", IDENTITY_FORM, NULL},
        {"pe", "ce", "001234567", IDENTITY_FINE, "001234567"},
        {"pe", "ce", "N00123456789", IDENTITY_FINE, "N00123456789"},
        {"pe", "ce", "12345678", IDENTITY_FORM, NULL},
        {"pe", "ce", "1234567890123", IDENTITY_FORM, NULL},
        {"pe", "ruc", "20131312955", IDENTITY_FINE, "20131312955"},
        {"pe", "ruc", "20512333797", IDENTITY_FINE, "20512333797"},
        {"pe", "ruc", "20131312595", IDENTITY_DIGIT, NULL},
        {"pe", "ruc", "30131312955", IDENTITY_FORM, NULL},
        {"mx", "curp", "BOXW310820HNERXN09", IDENTITY_FINE, "BOXW310820HNERXN09"},
        {"mx", "curp", "boxw310820hnerxn09", IDENTITY_FINE, "BOXW310820HNERXN09"},
        {"mx", "curp", "BOXW310820HNERXN08", IDENTITY_DIGIT, NULL},
        {"mx", "curp", "BOXW318020HNERXN09", IDENTITY_FORM, NULL}, /* month 80 */
        {"mx", "curp", "OBXW310820HNERXN09", IDENTITY_DIGIT, NULL},
        {"mx", "curp", "BOXW310820HNERXN0", IDENTITY_FORM, NULL},
        {"mx", "rfc-persona", "GODE561231GR8", IDENTITY_FINE, "GODE561231GR8"},
        {"mx", "rfc-persona", "GODE 561231 GR9", IDENTITY_DIGIT_WARNS, "GODE561231GR9"},
        {"mx", "rfc-persona", "GODE561331GR8", IDENTITY_FORM, NULL},
        {"mx", "rfc", "MAB9307148T4", IDENTITY_FINE, "MAB9307148T4"},
        {"mx", "rfc", "MAB9307148T5", IDENTITY_DIGIT_WARNS, "MAB9307148T5"},
        {"mx", "rfc", "ñ&b9307148T4", IDENTITY_DIGIT_WARNS, "Ñ&B9307148T4"},
        {"mx", "rfc", "GODE561231GR8", IDENTITY_FORM, NULL},
        {"es", "dni", "54362315K", IDENTITY_FINE, "54362315K"},
        {"es", "dni", "54.362.315-k", IDENTITY_FINE, "54362315K"},
        {"es", "dni", "3893015N", IDENTITY_FINE, "03893015N"},
        {"es", "dni", "54632315K", IDENTITY_DIGIT, NULL},
        {"es", "dni", "54362315", IDENTITY_FORM, NULL},
        {"es", "dni", "54362315KK", IDENTITY_FORM, NULL},
        {"es", "nie", "X2482300W", IDENTITY_FINE, "X2482300W"},
        {"es", "nie", "Y2482300W", IDENTITY_DIGIT, NULL},
        {"es", "nie", "W2482300W", IDENTITY_FORM, NULL},
        {"es", "nif", "Q2826000H", IDENTITY_FINE, "Q2826000H"},
        {"es", "nif", "Q2818014I", IDENTITY_FINE, "Q2818014I"},
        {"es", "nif", "A13585625", IDENTITY_FINE, "A13585625"},
        {"es", "nif", "A1358562E", IDENTITY_DIGIT, NULL},
        {"es", "nif", "Q28260008", IDENTITY_DIGIT, NULL},
        {"es", "nif", "J99216582", IDENTITY_FINE, "J99216582"},
        {"es", "nif", "J99261582", IDENTITY_DIGIT, NULL},
        {"es", "nif", "54362315K", IDENTITY_FORM, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char normal[33];
        const struct pack_document *d = document(rows[i].country, rows[i].document);
        enum identity_fault fault = packs_identity_check(d, slice_text(rows[i].typed), normal);
        if (fault != rows[i].fault) fail_msg("%s: %d", rows[i].typed, (int)fault);
        if (rows[i].normal != NULL) assert_string_equal(normal, rows[i].normal);
    }
}

/** Whatever is typed, nothing is written beyond, and only the characters of numbers come out. */
static void test_hostile_numbers(void **state)
{
    static const char *const typed[] = {
        "ÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑ",
        "\xC3",
        "\xC3\x91\xC3",
        "12345678\xFF",
        "𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
        "<script>",
        "--------",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"};
    static const char *const names[] = {"pe", "mx", "es"};
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        size_t count;
        const struct pack_document *const *list = packs_documents(packs, slice_text(names[c]), &count);
        for (size_t d = 0; d < count; d++) {
            for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
                char normal[33];
                assert_int_equal(packs_identity_check(list[d], slice_text(typed[i]), normal), IDENTITY_FORM);
            }
        }
    }
}

/** Each digit that is wrong, and each pair of unlike neighbours that is exchanged, is found. */
static void test_every_slip_is_found(void **state)
{
    static const struct {
        const char *country, *document, *number;
        size_t from, to; /* digits that are tried */
    } rows[] = {{"pe", "dni", "101174102", 0, 8},
                {"pe", "ruc", "20131312955", 2, 10},
                {"es", "dni", "54362315K", 0, 8},
                {"es", "nif", "Q2826000H", 1, 8}};
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct pack_document *d = document(rows[r].country, rows[r].document);
        for (size_t at = rows[r].from; at < rows[r].to; at++) {
            for (char digit = '0'; digit <= '9'; digit++) {
                char number[33], normal[33];
                (void)snprintf(number, sizeof number, "%s", rows[r].number);
                if (number[at] == digit) continue;
                number[at] = digit;
                if (packs_identity_check(d, slice_text(number), normal) == IDENTITY_FINE) fail_msg("%s", number);
            }
        }
    }
}

static void test_documents(void **state)
{
    size_t count;
    (void)state;
    assert_non_null(packs_documents(packs, SLICE("pe"), &count));
    assert_int_equal(count, 3);
    assert_null(packs_documents(packs, SLICE("fr"), &count));
    assert_int_equal(count, 0);
    assert_null(packs_document(packs, SLICE("pe"), SLICE("curp")));
    assert_null(packs_document(packs, SLICE("common"), SLICE("dni")));
    assert_true(document("pe", "ruc")->entity);
    assert_false(document("pe", "dni")->entity);
    assert_string_equal(document("mx", "curp")->label, "CURP");
    assert_string_equal(document("es", "dni")->hint_ca, "8 dígits i la lletra");
}

static void test_subjects(void **state)
{
    static const struct {
        const char *value, *country, *document, *number;
    } rows[] = {{"IDCPE-10117410", "pe", "dni", "10117410"},
                {"IDCPE-001234567", "pe", "ce", "001234567"},
                {"VATPE-20131312955", "pe", "ruc", "20131312955"},
                {"PNOMX-BOXW310820HNERXN09", "mx", "curp", "BOXW310820HNERXN09"},
                {"TINMX-GODE561231GR8", "mx", "rfc-persona", "GODE561231GR8"},
                {"VATMX-MAB9307148T4", "mx", "rfc", "MAB9307148T4"},
                {"IDCES-54362315K", "es", "dni", "54362315K"},
                {"IDCES-X2482300W", "es", "nie", "X2482300W"},
                {"VATES-Q2826000H", "es", "nif", "Q2826000H"}};
    static const char *const bad[] = {"",         "IDCPE-",         "IDCPE-1011741",   "IDCXX-10117410",
                                      "10117410", "idcpe-10117410", "IDCES-54362315L", "IDCPE-10.117.410"};
    slice number;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pack_document *d = packs_identity_of_subject(packs, slice_text(rows[i].value), &number);
        if (d == NULL) fail_msg("%s", rows[i].value);
        assert_string_equal(d->country, rows[i].country);
        assert_string_equal(d->name, rows[i].document);
        assert_true(slice_is(number, rows[i].number));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(packs_identity_of_subject(packs, slice_text(bad[i]), &number));
}

static void test_patterns(void **state)
{
    static const char *const good[] = {"9", "99?|A", "[XYZ]9*L", "99999999999999999999999999999999"};
    static const char *const bad[] = {"", "|", "9|", "x", "[]", "[9", "9??", "?", "999999999999999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(identity_pattern_is_good(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (identity_pattern_is_good(bad[i])) fail_msg("%s", bad[i]);
    }
    assert_true(identity_pattern_fits("99|AA?", SLICE("B")));
    assert_true(identity_pattern_fits("99|AA?", SLICE("12")));
    assert_false(identity_pattern_fits("99|AA?", SLICE("123")));
    assert_false(identity_pattern_fits("99|AA?", SLICE("")));
}

/* --- Working days ------------------------------------------------------------------------------------------------- */

static int64_t day_of(const char *text)
{
    rfd_time t;
    assert_true(clock_parse_iso(slice_text(text), &t));
    return t / DAY;
}

static void test_working_days(void **state)
{
    static const struct {
        const char *country, *day;
        bool working;
    } rows[] = {{"pe", "2026-04-02", false}, /* Holy Thursday and Good Friday: Easter is 5 April */
                {"pe", "2026-04-03", false}, {"pe", "2026-04-06", true},  {"es", "2026-04-02", true},
                {"es", "2026-04-03", false}, {"mx", "2026-04-03", true},  {"pe", "2024-03-29", false},
                {"pe", "2038-04-23", false}, /* Easter as late as can be: 25 April */
                {"pe", "2026-07-28", false}, {"pe", "2026-07-27", true},  {"pe", "2026-08-06", false},
                {"pe", "2021-08-06", true}, /* before the law */
                {"mx", "2026-02-02", false}, {"mx", "2026-02-05", true},  {"mx", "2026-03-16", false},
                {"mx", "2026-11-16", false}, {"mx", "2030-10-01", false}, {"mx", "2029-10-01", true},
                {"mx", "2018-10-01", true},  {"es", "2026-12-08", false}, {"es", "2026-12-07", true},
                {"es", "2026-11-22", false}, {"pe", "2026-11-21", false}, {"fr", "2026-07-14", true},
                {"fr", "2026-07-12", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (packs_working_day(packs, slice_text(rows[i].country), day_of(rows[i].day)) != rows[i].working)
            fail_msg("%s %s", rows[i].country, rows[i].day);
    }
    assert_true(packs_working_day(packs, SLICE("pe"), -3)); /* Monday, 29 December 1969 */
    assert_false(packs_working_day(packs, SLICE("pe"), -4));
}

static void test_adding_working_days(void **state)
{
    static const struct {
        const char *country, *from;
        unsigned days;
        const char *to;
    } rows[] = {{"pe", "2026-11-20", 1, "2026-11-23"}, {"pe", "2026-04-01", 1, "2026-04-06"},
                {"pe", "2026-04-01", 0, "2026-04-01"}, {"pe", "2026-11-22", 5, "2026-11-27"},
                {"pe", "2026-12-04", 3, "2026-12-11"}, {"es", "2026-12-04", 3, "2026-12-10"},
                {"mx", "2025-12-24", 6, "2026-01-05"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(packs_add_working_days(packs, slice_text(rows[i].country), day_of(rows[i].from), rows[i].days),
                         day_of(rows[i].to));
}

/* --- Files with mistakes ------------------------------------------------------------------------------------------ */

#define ENTRY "  - name: dni\n    label: DNI\n    hint: {es: a, ca: b, en: c}\n    pattern: \"9\"\n    check: none\n"

static void copy_file(const char *from, const char *to)
{
    struct source *source = NULL;
    slice text;
    assert_int_equal(source_open_file(from, &source, NULL), RFD_OK);
    assert_int_equal(source_view(source, 0, source_size(source), &text, NULL), RFD_OK);
    file_write(to, text);
    source_close(source);
}

static void test_bad_files(void **state)
{
    static const struct {
        const char *file, *text, *wrong;
    } rows[] = {
        {"identity.yaml", "documents:\n" ENTRY ENTRY, "two documents"},
        {"identity.yaml", "documents: []\n", "identity.yaml:1"},
        {"identity.yaml",
         "documents:\n  - name: x\n    label: X\n    hint: {es: a, ca: b, en: c}\n    pattern: "
         "\"9x\"\n    check: none\n",
         "identity.yaml:5: 9x is no pattern"},
        {"identity.yaml",
         "documents:\n  - name: x\n    label: X\n    hint: {es: a, ca: b, en: c}\n    pattern: "
         "\"9\"\n    check: crystal-ball\n",
         "identity.yaml:6"},
        {"holidays.yaml",
         "weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]\n"
         "holidays: []\n",
         "no working day"},
        {"holidays.yaml", "weekend: [sunday]\nholidays:\n  - {name: Nunca, month: 13, day: 1}\n", "holidays.yaml:3"},
        {"holidays.yaml", "weekend: [sunday]\nholidays:\n  - {name: Dos, month: 1, day: 1, easter: 3}\n",
         "holidays.yaml:3"},
        {"holidays.yaml", "weekend: [domingo]\nholidays: []\n", "holidays.yaml:1"}};
    char path[64];
    (void)state;
    assert_int_equal(mkdir("bad", 0700), 0);
    assert_int_equal(mkdir("bad/xx", 0700), 0);
    copy_file(PACKS_FOLDER "/es/profiles.yaml", "bad/xx/profiles.yaml");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct packs *bad = NULL;
        struct rfd_error error = RFD_ERROR_INIT;
        (void)snprintf(path, sizeof path, "bad/xx/%s", rows[i].file);
        file_write(path, slice_text(rows[i].text));
        assert_int_equal(packs_open("bad", &bad, &error), RFD_E_PACK);
        if (strstr(error.detail, rows[i].wrong) == NULL) fail_msg("%s", error.detail);
        assert_int_equal(remove(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_hostile_numbers),
        cmocka_unit_test(test_every_slip_is_found),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_working_days),
        cmocka_unit_test(test_adding_working_days),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, open_packs, close_packs);
}
