/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/i18n.h"
#include "base/buf.h"
#include "base/memory.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

static const char po_text[] = "msgid \"\"\n"
                              "msgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                              "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"
                              "msgid \"The file\"\nmsgstr \"El archivo\"\n\n"
                              "msgid \"Year\"\nmsgstr \"Año\"\n\n"
                              "msgid \"Not translated\"\nmsgstr \"\"\n\n"
                              "msgid \"%zu field\"\nmsgid_plural \"%zu fields\"\n"
                              "msgstr[0] \"%zu campo\"\nmsgstr[1] \"%zu campos\"\n";

static int run_msgfmt(void *context)
{
    (void)context;
    (void)execlp("msgfmt", "msgfmt", "-o", "good.mo", "good.po", (char *)NULL);
    return 127;
}

static int setup(void **state)
{
    if (folder_setup(state) != 0) return -1;
    file_write("good.po", slice_text(po_text));
    return 0;
}

static void made_by_msgfmt(void **state)
{
    (void)state;
    if (in_child(run_msgfmt, NULL) != 0) skip();
    struct i18n_catalogue *c = NULL;
    assert_int_equal(i18n_open("good.mo", &c, NULL), RFD_OK);
    assert_string_equal(i18n_get(c, "The file"), "El archivo");
    assert_string_equal(i18n_get(c, "Year"), "Año");
    assert_string_equal(i18n_get(c, "Not translated"), "Not translated");
    assert_string_equal(i18n_get(c, "Unknown"), "Unknown");
    assert_string_equal(i18n_get(c, ""), ""); /* the header is nobody's message */
    assert_string_equal(i18n_get(c, "The fil"), "The fil");
    assert_string_equal(i18n_get(c, "The file "), "The file ");
    assert_string_equal(i18n_count(c, "%zu field", "%zu fields", 0), "%zu campos");
    assert_string_equal(i18n_count(c, "%zu field", "%zu fields", 1), "%zu campo");
    assert_string_equal(i18n_count(c, "%zu field", "%zu fields", 2), "%zu campos");
    assert_string_equal(i18n_count(c, "one", "many", 1), "one");
    assert_string_equal(i18n_count(c, "one", "many", UINT64_MAX), "many");
    i18n_close(c);
}

static void without_a_catalogue(void **state)
{
    (void)state;
    assert_string_equal(i18n_get(NULL, "The file"), "The file");
    assert_string_equal(i18n_count(NULL, "one", "many", 1), "one");
    assert_string_equal(i18n_count(NULL, "one", "many", 0), "many");
    i18n_close(NULL);
}

/** A .mo file made by hand: header of seven words, table of keys, table of values, strings. */
struct draft {
    uint32_t words[7];
    uint32_t keys[3][2], values[3][2];
    char strings[64];
};
enum { STRINGS = offsetof(struct draft, strings) };

/* a: one form only; b: two forms; c: "". */
static const struct draft sound = {
    .words = {0x950412de, 0, 3, offsetof(struct draft, keys), offsetof(struct draft, values), 0, 0},
    .keys = {{1, STRINGS}, {4, STRINGS + 2}, {1, STRINGS + 7}},
    .values = {{3, STRINGS + 9}, {7, STRINGS + 13}, {0, STRINGS + 8}},
    .strings = "a\0b\0bs\0c\0one\0uno\0dos",
};

static rfd_status open_draft(const void *bytes, size_t length, struct i18n_catalogue **out)
{
    (void)unlink("draft.mo"); /* overwriting one would be waited for by some file systems */
    file_write("draft.mo", slice_of(bytes, length));
    return i18n_open("draft.mo", out, NULL);
}

static void made_by_hand(void **state)
{
    (void)state;
    struct i18n_catalogue *c = NULL;
    assert_int_equal(open_draft(&sound, sizeof sound, &c), RFD_OK);
    assert_string_equal(i18n_get(c, "a"), "one");
    assert_string_equal(i18n_get(c, "b"), "uno");
    assert_string_equal(i18n_get(c, "c"), "c");
    assert_string_equal(i18n_count(c, "b", "bs", 7), "dos");
    assert_string_equal(i18n_count(c, "c", "cs", 7), "cs");
    i18n_close(c);
}

/** A message that was translated without a plural: there is no second form to read. */
static void plural_that_is_missing(void **state)
{
    (void)state;
    struct i18n_catalogue *c = NULL;
    assert_int_equal(open_draft(&sound, sizeof sound, &c), RFD_OK);
    assert_string_equal(i18n_count(c, "a", "as", 1), "a");
    assert_string_equal(i18n_count(c, "a", "as", 2), "as");
    i18n_close(c);
    /* Its value ends the file: what follows would lie outside. */
    struct draft last = sound;
    memset(last.strings + 60, 'z', 3);
    last.values[0][0] = 3;
    last.values[0][1] = STRINGS + 60;
    last.strings[63] = '\0';
    size_t length = STRINGS + 64;
    assert_int_equal(open_draft(&last, length, &c), RFD_OK);
    assert_string_equal(i18n_get(c, "a"), "zzz");
    assert_string_equal(i18n_count(c, "a", "as", 2), "as");
    i18n_close(c);
}

static void malformed(void **state)
{
    (void)state;
    struct i18n_catalogue *c = NULL;
    static const struct {
        size_t at; /* the word that is spoilt */
        uint32_t value;
    } rows[] = {
        {0, 0xde120495}, /* the other byte order */
        {0, 0},
        {8, 4}, /* more entries than there are */
        {8, 1000},
        {8, UINT32_MAX},
        {8, 0x20000000}, /* times 8 is 2^32 */
        {12, UINT32_MAX},
        {12, sizeof sound},
        {12, sizeof sound + 1},
        {12, sizeof sound - 23},
        {16, UINT32_MAX},
        {16, sizeof sound - 8},
        {offsetof(struct draft, keys), UINT32_MAX},
        {offsetof(struct draft, keys), 2}, /* not followed by a zero */
        {offsetof(struct draft, keys) + 4, UINT32_MAX},
        {offsetof(struct draft, keys) + 4, sizeof sound},
        {offsetof(struct draft, keys) + 4, sizeof sound - 1},
        {offsetof(struct draft, values), UINT32_MAX},
        {offsetof(struct draft, values), sizeof sound - STRINGS - 9},
        {offsetof(struct draft, values) + 4, UINT32_MAX},
        {offsetof(struct draft, values) + 4, UINT32_MAX - 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[sizeof sound];
        memcpy(bytes, &sound, sizeof sound);
        memcpy(bytes + rows[i].at, &rows[i].value, 4);
        if (open_draft(bytes, sizeof bytes, &c) != RFD_E_ARGUMENT) fail_msg("row %zu was taken", i);
        assert_null(c);
    }
}

static void use_all(const struct i18n_catalogue *c)
{
    static const char *const messages[] = {"", "a", "b", "c", "one", "zzz", "\xFF"};
    size_t total = 0;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        total += strlen(i18n_get(c, messages[i]));
        total += strlen(i18n_count(c, messages[i], "many", 1)) + strlen(i18n_count(c, messages[i], "many", 2));
    }
    assert_true(total < 100 * sizeof sound);
}

static void cut_and_spoilt_files_never_crash(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t length = 0; length < sizeof sound; length++) {
        struct i18n_catalogue *c = NULL;
        rfd_status status = open_draft(&sound, length, &c);
        assert_true(status == RFD_OK || status == RFD_E_ARGUMENT);
        if (status == RFD_OK) use_all(c);
        i18n_close(c);
    }
    for (int round = 0; round < 4000; round++) {
        struct i18n_catalogue *c = NULL;
        uint8_t bytes[sizeof sound];
        memcpy(bytes, &sound, sizeof sound);
        for (int change = 0; change < 1 + round % 4; change++)
            bytes[next_random(&seed) % sizeof bytes] = (uint8_t)(next_random(&seed) % (round % 2 == 0 ? 256 : 160));
        rfd_status status = open_draft(bytes, sizeof bytes, &c);
        if (status == RFD_OK) use_all(c);
        i18n_close(c);
    }
}

static void files_that_are_none(void **state)
{
    struct i18n_catalogue *c = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(i18n_open("missing.mo", &c, &error), RFD_E_IO_READ);
    assert_int_equal(i18n_open(*state, &c, NULL), RFD_E_IO_READ);
    assert_int_equal(i18n_open("good.po", &c, &error), RFD_E_ARGUMENT);
    assert_non_null(strstr(error.detail, "good.po"));
    file_write("large.mo", slice_of(&sound, sizeof sound));
    assert_int_equal(truncate("large.mo", (4 << 20) + 1), 0);
    assert_int_equal(i18n_open("large.mo", &c, NULL), RFD_E_ARGUMENT);
    assert_null(c);
    assert_int_equal(truncate("large.mo", 4 << 20), 0);
    assert_int_equal(i18n_open("large.mo", &c, NULL), RFD_OK);
    assert_string_equal(i18n_get(c, "a"), "one");
    i18n_close(c);
}

static void failing_memory(void **state)
{
    (void)state;
    file_write("draft.mo", slice_of(&sound, sizeof sound));
    rfd_status status = RFD_E_MEMORY;
    unsigned long n = 0;
    while (status == RFD_E_MEMORY && ++n < 50) {
        struct i18n_catalogue *c = NULL;
        memory_fail_after(n);
        status = i18n_open("draft.mo", &c, NULL);
        memory_fail_after(0);
        assert_int_equal(c != NULL, status == RFD_OK);
        i18n_close(c);
    }
    assert_int_equal(status, RFD_OK);
    assert_int_equal(n, 4);
}

static void language_of_the_environment(void **state)
{
    (void)state;
    static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    static const struct {
        const char *values[4], *language; /* in the order of the names; NULL: not set */
    } rows[] = {
        {{NULL, NULL, NULL, NULL}, "es"},
        {{"", "", "", ""}, "es"},
        {{NULL, NULL, NULL, "ca_ES.UTF-8"}, "ca"},
        {{NULL, NULL, "en_GB", "ca_ES.UTF-8"}, "en"},
        {{NULL, "es_ES@euro", "en_GB", "ca"}, "es"},
        {{"ca:es:en", "es_ES", "en_GB", "en"}, "ca"},
        {{"", "", "", "ca"}, "ca"},
        {{NULL, "C", NULL, "ca"}, "en"},
        {{NULL, "C.UTF-8", NULL, NULL}, "en"},
        {{NULL, "POSIX", NULL, NULL}, "en"},
        {{"C:es", NULL, NULL, NULL}, "en"},
        {{NULL, NULL, NULL, "ca-valencia"}, "ca"},
        {{NULL, NULL, NULL, "_ES"}, "en"},
        {{NULL, NULL, NULL, "../../etc"}, "en"},
        {{NULL, NULL, NULL, "/tmp/es"}, "en"},
        {{NULL, NULL, NULL, "abcdefg"}, "abcdefg"},
        {{NULL, NULL, NULL, "abcdefgh"}, "en"},
        {{NULL, NULL, NULL, "a_name_that_is_far_too_long_for_any_language"}, "a"},
        {{NULL, NULL, NULL, "POSIXA"}, "POSIXA"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char language[I18N_LANGUAGE_SIZE];
        for (size_t n = 0; n < 4; n++) {
            if (rows[i].values[n] == NULL)
                (void)unsetenv(names[n]);
            else
                (void)setenv(names[n], rows[i].values[n], 1);
        }
        assert_string_equal(i18n_environment_language(language), rows[i].language);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_by_msgfmt),
        cmocka_unit_test(without_a_catalogue),
        cmocka_unit_test(made_by_hand),
        cmocka_unit_test(plural_that_is_missing),
        cmocka_unit_test(malformed),
        cmocka_unit_test(cut_and_spoilt_files_never_crash),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(failing_memory),
        cmocka_unit_test(language_of_the_environment),
    };
    return cmocka_run_group_tests(tests, setup, folder_teardown);
}
