/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/options.h"
#include "cli/messages.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { WORDS = 80 };

static const enum option_id all[] = {
#define OPTION(id, letter, name, kind, argument, member, choices, help) OPTION_ID_##id,
#include "cli/options.def"
#undef OPTION
    OPTION_COUNT};

/** Splits at blanks: "-o" is one word, "''" an empty one. `text` is written to. */
static int split(char *text, char *words[WORDS])
{
    int count = 0;
    words[count++] = text;
    for (char *at = text; *at != '\0'; at++) {
        if (*at != ' ') continue;
        *at = '\0';
        words[count++] = at + 1;
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "''") == 0) words[i] += 2;
    }
    words[count] = NULL;
    return count;
}

struct parsed {
    char text[4096];
    char *words[WORDS];
    struct arguments arguments;
};

static bool parse_with(struct parsed *p, const enum option_id *allowed, const char *line)
{
    (void)snprintf(p->text, sizeof p->text, "sign%s%s", *line == '\0' ? "" : " ", line);
    int count = split(p->text, p->words);
    return options_parse("sign", allowed, count, p->words, &p->arguments);
}

static struct arguments *good(struct parsed *p, const char *line)
{
    if (!parse_with(p, all, line)) fail_msg("'%s' was refused", line);
    return &p->arguments;
}

static void nothing_given(void **state)
{
    (void)state;
    struct parsed p;
    const struct arguments *a = good(&p, "");
    assert_int_equal(a->operand_count, 0);
    assert_int_equal(a->trust.count, 0);
    assert_int_equal(a->level, -1);
    assert_int_equal(a->certify, -1);
    assert_int_equal(a->digest, -1);
    assert_int_equal(a->colour, -1);
    assert_true(a->at == RFD_TIME_NONE);
    assert_int_equal(a->jobs, 0);
    assert_null(a->output);
    assert_false(a->force || a->help || a->json);
}

static void values_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *line, *output;
        bool force, quiet, verbose;
        size_t operands;
    } rows[] = {
        {"-o out.pdf", "out.pdf", false, false, false, 0},
        {"-oout.pdf", "out.pdf", false, false, false, 0},
        {"-o=out.pdf", "=out.pdf", false, false, false, 0}, /* a letter's value has no '=' */
        {"--output out.pdf", "out.pdf", false, false, false, 0},
        {"--output=out.pdf", "out.pdf", false, false, false, 0},
        {"--output=a=b", "a=b", false, false, false, 0},
        {"--output=", "", false, false, false, 0},
        {"--output ''", "", false, false, false, 0},
        {"-o -", "-", false, false, false, 0},
        {"-o -f", "-f", false, false, false, 0}, /* the next word, whatever it looks like */
        {"-o --", "--", false, false, false, 0},
        {"-f", NULL, true, false, false, 0},
        {"-fqv", NULL, true, true, true, 0},
        {"-fqo out.pdf", "out.pdf", true, true, false, 0},
        {"-fqoout.pdf", "out.pdf", true, true, false, 0},
        {"-qofv", "fv", false, true, false, 0},
        {"-o one -o two", "two", false, false, false, 0}, /* the last one counts */
        {"--force --force", NULL, true, false, false, 0},
        {"in.pdf -f other.pdf", NULL, true, false, false, 2},
        {"-f -- -q --verbose", NULL, true, false, false, 2},
        {"-- --", NULL, false, false, false, 1},
        {"--", NULL, false, false, false, 0},
        {"-", NULL, false, false, false, 1},
        {"''", NULL, false, false, false, 1},
        {"- -f -", NULL, true, false, false, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed p;
        const struct arguments *a = good(&p, rows[i].line);
        if ((a->output == NULL) != (rows[i].output == NULL)) fail_msg("'%s'", rows[i].line);
        if (a->output != NULL) assert_string_equal(a->output, rows[i].output);
        if (a->force != rows[i].force || a->quiet != rows[i].quiet || a->verbose != rows[i].verbose)
            fail_msg("'%s'", rows[i].line);
        if (a->operand_count != rows[i].operands) fail_msg("'%s': %zu operands", rows[i].line, a->operand_count);
    }
}

static void operands_keep_their_order(void **state)
{
    (void)state;
    struct parsed p;
    const struct arguments *a = good(&p, "one -f two --output x three -qo y - --json -- -four -- five");
    static const char *const expected[] = {"one", "two", "three", "-", "-four", "--", "five"};
    assert_int_equal(a->operand_count, 7);
    for (size_t i = 0; i < 7; i++) assert_string_equal(a->operands[i], expected[i]);
    assert_string_equal(a->output, "y");
    assert_true(a->json);
}

static void mistakes(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-x",
        "-fx",
        "-f-",
        "--unknown",
        "--unknown=1",
        "--forc",
        "--forced",
        "--Force",
        "---force",
        "--=x",
        "-=",
        "-1",
        "--force=yes",
        "--force=",
        "-f=", /* a flag takes no value */
        "-o",
        "-fo",
        "--output",
        "in.pdf --output",
        "--trust",
        "--jobs",
        "--at",
        "--level",
        "--jobs 0",
        "--jobs 1025",
        "--jobs -1",
        "--jobs +1",
        "--jobs=",
        "--jobs 1.5",
        "--jobs 1k",
        "--jobs 0x10",
        "-j ''",
        "-j99999999999999999999999",
        "--jobs 18446744073709551617",
        "--level B",
        "--level B-LTAA",
        "--level=",
        "--level 1",
        "--certify 0",
        "--certify 4",
        "--certify 11",
        "--certify -1",
        "--digest sha1",
        "--digest sha-256",
        "--digest md5",
        "--color maybe",
        "--color=",
        "--color 1",
        "--at yesterday",
        "--at 2026-02-30",
        "--at 2026-11-21T12:00:00",
        "--at=",
        "--at 20261121",
        "--at 0",
        "--at 2026-11-21T12:00:00+25:00",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed p;
        if (parse_with(&p, all, lines[i])) fail_msg("'%s' was taken", lines[i]);
    }
}

static void numbers_choices_and_times(void **state)
{
    (void)state;
    struct parsed p;
    assert_int_equal(good(&p, "-j 1")->jobs, 1);
    assert_int_equal(good(&p, "-j1024")->jobs, 1024);
    assert_int_equal(good(&p, "--jobs=007")->jobs, 7);
    static const char *const levels[] = {"B-B", "B-T", "B-LT", "B-LTA"};
    for (int i = 0; i < 4; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, "-l %s", levels[i]);
        assert_int_equal(good(&p, line)->level, i);
    }
    assert_int_equal(good(&p, "--level=b-lta")->level, 3);
    assert_int_equal(good(&p, "--certify 1")->certify, 0);
    assert_int_equal(good(&p, "--certify=3")->certify, 2);
    assert_int_equal(good(&p, "--digest SHA512")->digest, 2);
    assert_int_equal(good(&p, "--color never")->colour, COLOUR_NEVER);
    assert_true(good(&p, "--at 1970-01-02")->at == 86400 * RFD_SECOND);
    assert_true(good(&p, "--at=2026-11-21T12:00:00+01:00")->at == INT64_C(1795258800) * RFD_SECOND);
}

static void trust_repeats_up_to_its_maximum(void **state)
{
    (void)state;
    struct parsed p;
    char line[2048] = "";
    size_t used = 0;
    const struct arguments *a = good(&p, "-t one --trust=two in.pdf --trust three");
    assert_int_equal(a->trust.count, 3);
    assert_string_equal(a->trust.items[0], "one");
    assert_string_equal(a->trust.items[1], "two");
    assert_string_equal(a->trust.items[2], "three");
    assert_int_equal(a->operand_count, 1);
    for (int i = 0; i < OPTION_VALUES_MAXIMUM; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s-tca%d", i == 0 ? "" : " ", i);
    a = good(&p, line);
    assert_int_equal(a->trust.count, OPTION_VALUES_MAXIMUM);
    assert_string_equal(a->trust.items[OPTION_VALUES_MAXIMUM - 1], "ca31");
    (void)snprintf(line + used, sizeof line - used, " -t more");
    assert_false(parse_with(&p, all, line));
}

static void commands_take_only_their_own(void **state)
{
    (void)state;
    static const enum option_id few[] = {OPTION_ID_OUTPUT, OPTION_ID_HELP, OPTION_COUNT};
    static const enum option_id none[] = {OPTION_COUNT};
    struct parsed p;
    assert_true(parse_with(&p, few, "-h -o x"));
    assert_true(p.arguments.help);
    assert_false(parse_with(&p, few, "-f"));
    assert_false(parse_with(&p, few, "--force"));
    assert_false(parse_with(&p, few, "-hf"));
    assert_true(parse_with(&p, none, "in.pdf"));
    assert_false(parse_with(&p, none, "-h"));
}

/** One word or one member, told apart by the command. */
static bool share(int id, int other)
{
    static const enum option_id pairs[][2] = {{OPTION_ID_VERIFY_REPORT, OPTION_ID_REPORT},
                                              {OPTION_ID_REASON_CODE, OPTION_ID_REASON},
                                              {OPTION_ID_STATE_PASS_FILE, OPTION_ID_PASS_FILE},
                                              {OPTION_ID_FIRST_PASS_FILE, OPTION_ID_PASS_FILE},
                                              {OPTION_ID_FIRST_PASS_FILE, OPTION_ID_STATE_PASS_FILE},
                                              {OPTION_ID_PERSON_MAIL, OPTION_ID_SUBJECT_MAIL},
                                              {OPTION_ID_SEAL_CERTIFICATE, OPTION_ID_CERT},
                                              {OPTION_ID_LOG_CERTIFICATE, OPTION_ID_CERT},
                                              {OPTION_ID_SEAL_CERTIFICATE, OPTION_ID_LOG_CERTIFICATE},
                                              {OPTION_ID_LOG_KEY, OPTION_ID_KEY},
                                              {OPTION_ID_LOG_STATE, OPTION_ID_STATE}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if ((int)pairs[i][0] == id && (int)pairs[i][1] == other) return true;
        if ((int)pairs[i][1] == id && (int)pairs[i][0] == other) return true;
    }
    return false;
}

/** Every row of the table by its long name (and its letter): what it sets is its own member and nothing else. */
static void every_row(void **state)
{
    (void)state;
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &option_rows[id];
        struct parsed p;
        struct arguments before = *good(&p, "");
        const char *value = row->kind == OPTION_CHOICE   ? row->choices[1]
                            : row->kind == OPTION_NUMBER ? "12"
                            : row->kind == OPTION_TIME   ? "2026-11-21"
                                                         : "value";
        char line[200];
        bool flag = row->kind == OPTION_FLAG;
        (void)snprintf(line, sizeof line, "--%s%s%s", row->name, flag ? "" : "=", flag ? "" : value);
        const enum option_id alone[] = {(enum option_id)id, OPTION_COUNT};
        assert_true(parse_with(&p, alone, line));
        const struct arguments *a = &p.arguments;
        assert_memory_not_equal((const char *)a + row->offset, (char *)&before + row->offset, flag ? 1 : sizeof(int));
        assert_int_equal(row->argument == NULL, flag);
        assert_true(strlen(row->help) > 0);
        if (row->letter != 0) {
            (void)snprintf(line, sizeof line, "-%c%s", row->letter, flag ? "" : value);
            (void)good(&p, line);
        }
        for (int other = 0; other < id; other++) {
            if (share(id, other)) continue;
            assert_string_not_equal(row->name, option_rows[other].name);
            assert_true(row->letter == 0 || row->letter != option_rows[other].letter);
            assert_int_not_equal(row->offset, option_rows[other].offset);
        }
    }
}

/** One line that says what is wrong, and a hint: both on standard error. */
static void a_mistake_is_told(void **state)
{
    (void)state;
    struct parsed p;
    char said[512] = "";
    (void)fflush(stderr);
    int before = dup(STDERR_FILENO);
    int fd = open("said", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)dup2(fd, STDERR_FILENO);
    bool taken = parse_with(&p, all, "--jobs 2000");
    (void)fflush(stderr);
    (void)dup2(before, STDERR_FILENO);
    assert_true(pread(fd, said, sizeof said - 1, 0) > 0);
    (void)close(fd);
    (void)close(before);
    assert_false(taken);
    assert_string_equal(said, "refrenda: error: Not a number from 1 to 1024: 2000\n  See refrenda sign --help\n");
}

static int setup(void **state)
{
    messages_colour(COLOUR_NEVER);
    return folder_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given),
        cmocka_unit_test(values_in_every_form),
        cmocka_unit_test(operands_keep_their_order),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(numbers_choices_and_times),
        cmocka_unit_test(trust_repeats_up_to_its_maximum),
        cmocka_unit_test(commands_take_only_their_own),
        cmocka_unit_test(every_row),
        cmocka_unit_test(a_mistake_is_told),
    };
    return cmocka_run_group_tests(tests, setup, folder_teardown);
}
