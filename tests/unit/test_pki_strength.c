/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of algorithms: its own form, what it answers, and that the documentation shows it as it is.
 */
#include "pki_fixture.h"
#include "pki_maker.h"

#include "pki/path/strength.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void keys_of_one_kind_rise_in_size_and_date(void **state)
{
    (void)state;
    const struct strength_row *before = NULL;
    for (size_t i = 0; strength_row(i) != NULL; i++) {
        const struct strength_row *row = strength_row(i);
        assert_true(row->source[0] != '\0' && row->name[0] != '\0');
        if (row->bits > 0 && before != NULL && strcmp(before->kind, row->kind) == 0) {
            assert_true(row->bits > before->bits && row->before >= before->before);
        }
        before = row;
    }
    assert_non_null(before);
}

static void every_digest_has_a_row(void **state)
{
    (void)state;
    for (int id = DIGEST_NONE + 1; id < DIGEST_COUNT; id++) {
        size_t rows = 0;
        for (size_t i = 0; strength_row(i) != NULL; i++) {
            rows += strcmp(strength_row(i)->name, digest_name((enum digest_id)id)) == 0;
        }
        assert_int_equal(rows, 1);
        /* What signs today must not have ended. */
        rfd_time end = strength_end_of_digest((enum digest_id)id, NULL, 0);
        assert_int_equal(digest_is_strong((enum digest_id)id), end == INT64_MAX);
    }
}

static void digests_end(void **state)
{
    (void)state;
    char name[32];
    assert_true(strength_end_of_digest(DIGEST_MD5, name, sizeof name) == INT64_MIN);
    assert_string_equal(name, "MD5");
    assert_true(strength_end_of_digest(DIGEST_SHA1, NULL, 0) == moment("2017-01-01"));
    assert_true(strength_end_of_digest(DIGEST_SHA256, NULL, 0) == INT64_MAX);
    assert_true(strength_end_of_digest(DIGEST_NONE, NULL, 0) == INT64_MIN);
}

static void signatures_are_judged_at_a_moment(void **state)
{
    (void)state;
    struct made c = MAKE(.name = "Old", .digest = "SHA1", .from = "2010-01-01");
    char detail[80];
    rfd_time until = INT64_MAX;
    slice algorithm = c.certificate->signature_algorithm;
    assert_true(strength_of_signature(algorithm, moment("2016-12-31"), &until, detail, sizeof detail));
    assert_true(until == moment("2017-01-01") - 1);
    assert_false(strength_of_signature(algorithm, moment("2017-01-01"), &until, detail, sizeof detail));
    assert_string_equal(detail, "signature with SHA-1");
    assert_false(strength_of_signature(SLICE_EMPTY, 0, &until, detail, sizeof detail));
    assert_string_equal(detail, "signature with unknown signature algorithm");
    made_free(&c);
}

static void keys_end_by_their_size(void **state)
{
    (void)state;
    static const struct {
        int bits;
        const char *end; /* NULL: never good; "": no end */
    } cases[] = {{768, NULL}, {1024, "2014-01-01"}, {1536, "2014-01-01"}, {2048, "2031-01-01"}, {3072, ""}, {0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct made c = MAKE(.name = "Key", .rsa_bits = cases[i].bits);
        char detail[80] = "";
        rfd_time end = strength_end_of_key(c.certificate, detail, sizeof detail);
        rfd_time wanted = INT64_MIN;
        if (cases[i].end != NULL) wanted = cases[i].end[0] == '\0' ? INT64_MAX : moment(cases[i].end);
        if (end != wanted) fail_msg("case %zu: %s", i, detail);
        made_free(&c);
    }
}

static void put_row(const struct strength_row *row, char *line, size_t size)
{
    char what[64], when[32];
    if (row->bits == 0)
        (void)snprintf(what, sizeof what, "%s", row->name);
    else
        (void)snprintf(what, sizeof what, "%s, %d bits or more", row->name, row->bits);
    if (row->before == STRENGTH_NEVER)
        (void)snprintf(when, sizeof when, "never");
    else if (row->before == STRENGTH_NO_END)
        (void)snprintf(when, sizeof when, "no end yet");
    else
        (void)snprintf(when, sizeof when, "before %04d-%02d-%02d", row->before / 10000, row->before / 100 % 100,
                       row->before % 100);
    (void)snprintf(line, size, "\n| %s | %s | %s |\n", what, when, row->source);
}

static void the_documentation_shows_the_table(void **state)
{
    (void)state;
    char path[512], line[256];
    struct buf text;
    (void)snprintf(path, sizeof path, "%s/docs/validation.md", source_root());
    buf_init(&text, 1 << 20);
    assert_true(file_read(path, &text));
    buf_put(&text, (const uint8_t *)"", 1);
    for (size_t i = 0; strength_row(i) != NULL; i++) {
        put_row(strength_row(i), line, sizeof line);
        if (strstr((const char *)text.data, line) == NULL) fail_msg("docs/validation.md lacks:%s", line);
    }
    buf_dispose(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_one_kind_rise_in_size_and_date),
        cmocka_unit_test(every_digest_has_a_row),
        cmocka_unit_test(digests_end),
        cmocka_unit_test(signatures_are_judged_at_a_moment),
        cmocka_unit_test(keys_end_by_their_size),
        cmocka_unit_test(the_documentation_shows_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
