/* SPDX-License-Identifier: EUPL-1.2
 *
 * The settings in effect as YAML, and the table as the manual page docs/settings.md.
 */
#include "base/number.h"
#include "settings/settings.h"
#include "settings/settings_rows.h"

/** As a double-quoted scalar: whatever the value is, it stays text. */
static void put_quoted(struct buf *out, const char *text)
{
    buf_put_byte(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') buf_put_byte(out, '\\');
        buf_put_byte(out, (uint8_t)*text);
    }
    buf_put_byte(out, '"');
}

static void put_list(struct buf *out, const struct settings_list *list)
{
    buf_put_byte(out, '[');
    for (unsigned i = 0; i < list->count; i++) {
        if (i > 0) buf_put_text(out, ", ");
        put_quoted(out, list->items[i]);
    }
    buf_put_byte(out, ']');
}

static void put_tokens(struct buf *out, const struct settings *s)
{
    buf_put_byte(out, '[');
    for (unsigned i = 0; i < s->keys.token_count; i++) {
        const struct settings_token *t = &s->keys.tokens[i];
        buf_put_text(out, i > 0 ? ", {name: " : "{name: ");
        put_quoted(out, t->name);
        buf_put_text(out, ", module: ");
        put_quoted(out, t->module);
        buf_put_text(out, ", token: ");
        put_quoted(out, t->token);
        buf_put_text(out, ", pin_file: ");
        put_quoted(out, t->pin_file);
        buf_print(out, ", network: %s}", t->network ? "true" : "false");
    }
    buf_put_byte(out, ']');
}

static void put_value(struct buf *out, const struct settings *s, const struct setting_row *row)
{
    const void *from = (const uint8_t *)s + row->offset;
    switch (row->kind) {
    case SETTING_NUMBER: buf_put_unsigned(out, *(const unsigned *)from); break;
    case SETTING_SWITCH: buf_put_text(out, *(const bool *)from ? "true" : "false"); break;
    case SETTING_LIST:
    case SETTING_ADDRESSES: put_list(out, from); break;
    case SETTING_TOKENS: put_tokens(out, s); break;
    default: put_quoted(out, *(const char *const *)from);
    }
}

void settings_print(const struct settings *settings, struct buf *out)
{
    for (size_t i = 0; i < setting_section_count; i++) {
        const char *section = setting_sections[i].name;
        const char *indent = section[0] == '\0' ? "" : "  ";
        if (section[0] != '\0') buf_print(out, "%s:\n", section);
        for (size_t j = 0; j < setting_row_count; j++) {
            const struct setting_row *row = &setting_rows[j];
            if (strcmp(row->section, section) != 0) continue;
            buf_print(out, "%s%s: ", indent, row->name);
            put_value(out, settings, row);
            buf_put_byte(out, '\n');
        }
    }
}

/* ---- The manual ---- */

static void put_standard(struct buf *out, const struct setting_row *row)
{
    bool is_list = row->kind == SETTING_LIST || row->kind == SETTING_ADDRESSES || row->kind == SETTING_TOKENS;
    if (is_list)
        buf_put_text(out, "`[]`");
    else if (row->standard[0] == '\0')
        buf_put_text(out, "empty");
    else
        buf_print(out, "`%s`", row->standard);
}

static void put_domain(struct buf *out, const struct setting_row *row)
{
    static const char *const words[] = {[SETTING_TEXT] = "text",
                                        [SETTING_PATH] = "path",
                                        [SETTING_CREDENTIAL] = "path or credential",
                                        [SETTING_ADDRESS] = "address",
                                        [SETTING_DATABASE] = "database",
                                        [SETTING_SWITCH] = "true or false",
                                        [SETTING_LIST] = "list",
                                        [SETTING_ADDRESSES] = "list of addresses",
                                        [SETTING_TOKENS] = "list of tokens"};
    if (row->kind == SETTING_NUMBER)
        buf_print(out, "%llu to %llu", (unsigned long long)row->least, (unsigned long long)row->most);
    else if (row->kind == SETTING_CHOICE)
        for (const char *at = row->choices; *at != '\0'; at += strcspn(at, "|") + (at[strcspn(at, "|")] == '|'))
            buf_print(out, "%s`%.*s`", at == row->choices ? "" : ", ", (int)strcspn(at, "|"), at);
    else
        buf_put_text(out, words[row->kind]);
}

void settings_describe(struct buf *out)
{
    buf_put_text(out, "# refrenda.yaml\n\n"
                      "The settings of `refrendad` and `refrenda ca`: one YAML file in the instance's folder. Relative "
                      "paths are relative to\nthat folder. What is not known is refused, with its line. "
                      "`refrendad --check` says whether a file is good,\n`refrendad --print-settings` what is in "
                      "effect. This page is printed by `refrendad --describe-settings`.\n");
    for (size_t i = 0; i < setting_section_count; i++) {
        const struct setting_section *s = &setting_sections[i];
        buf_print(out, "\n## %s%s%s\n\n", s->help, s->name[0] == '\0' ? "" : ": ", s->name);
        buf_put_text(out, "| setting | takes | without it | what it does |\n| --- | --- | --- | --- |\n");
        for (size_t j = 0; j < setting_row_count; j++) {
            const struct setting_row *row = &setting_rows[j];
            if (strcmp(row->section, s->name) != 0) continue;
            buf_print(out, "| `%s` | ", row->name);
            put_domain(out, row);
            buf_put_text(out, " | ");
            put_standard(out, row);
            buf_print(out, " | %s |\n", row->help);
        }
    }
}
