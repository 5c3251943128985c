/* SPDX-License-Identifier: EUPL-1.2 */
#include "render/options.h"

#include "base/number.h"
#include "render/exits.h"

#include <stdio.h>

/** An option that takes a number from `least` to `most`, or (without `most`) one that is there or not. */
static const struct option_row {
    const char *name;
    const char *value;
    const char *meaning;
    size_t offset;
    uint64_t least, most, preset;
    size_t present; /* offset of a bool that tells that it was given */
} rows[] = {
#define FIELD(name) offsetof(struct render_options, name)
    {"--page", "N", "page to draw, 1 = the first (preset 1)", FIELD(page), 1, INT32_MAX, 1, 0},
    {"--dpi", "D", "dots per inch, 1 to 600 (preset 96)", FIELD(dpi), 1, 600, 96, 0},
    {"--max-pixels", "P", "most pixels of a picture (preset 40000000)", FIELD(pixels), 1, 400000000, 40000000, 0},
    {"--max-memory", "M", "most memory, in MiB (preset 1536)", FIELD(memory), 64, 65536, 1536, 0},
    {"--max-seconds", "S", "most processor time (preset 20)", FIELD(seconds), 1, 3600, 20, 0},
    {"--password-fd", "FD", "descriptor from which the document's password is read, to its end", FIELD(password_fd), 3,
     1023, 0, FIELD(has_password)},
    {"--pages", NULL, "print how many pages there are, draw nothing", 0, 0, 0, 0, FIELD(count_pages)},
    {"--help", NULL, "show this text", 0, 0, 0, 0, FIELD(help)},
    {"--version", NULL, "show the version", 0, 0, 0, 0, FIELD(version)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static uint64_t *number_of(struct render_options *options, const struct option_row *row)
{
    return (uint64_t *)(void *)((char *)options + row->offset);
}

static void mark_present(struct render_options *options, const struct option_row *row)
{
    if (row->present != 0) *(bool *)((char *)options + row->present) = true;
}

static const struct option_row *find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    }
    return NULL;
}

bool render_options_parse(int count, char **arguments, struct render_options *out)
{
    struct render_options options = {0};
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].value != NULL) *number_of(&options, &rows[i]) = rows[i].preset;
    }
    for (int i = 1; i < count; i++) {
        const struct option_row *row = find(arguments[i]);
        if (row == NULL) {
            complain("unknown option %s; see --help", arguments[i]);
            return false;
        }
        mark_present(&options, row);
        if (row->value == NULL) continue;
        const char *text = i + 1 < count ? arguments[++i] : "";
        uint64_t *number = number_of(&options, row);
        if (!number_unsigned(slice_text(text), row->most, number) || *number < row->least) {
            complain("%s takes a number from %llu to %llu", row->name, (unsigned long long)row->least,
                     (unsigned long long)row->most);
            return false;
        }
    }
    *out = options;
    return true;
}

void render_options_help(void)
{
    (void)printf("Usage: refrenda-render [OPTION]... <document.pdf >page.png\n\n"
                 "Draws a page of a PDF file as PNG, annotations and form fields included, on white.\n"
                 "Before the document is read, the program gives up the right to open files other than\n"
                 "fonts, to write files, to use the network and to start programs. refrenda starts it\n"
                 "when a page has to be shown.\n\nOptions:\n");
    for (size_t i = 0; i < ROWS; i++)
        (void)printf("  %-14s %-3s %s\n", rows[i].name, rows[i].value == NULL ? "" : rows[i].value, rows[i].meaning);
    (void)printf("\nExit status:\n");
#define RENDER_EXIT(name, status, meaning) (void)printf("  %2d  %s\n", status, meaning);
    RENDER_EXITS
#undef RENDER_EXIT
}
