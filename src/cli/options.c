/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/options.h"

#include "base/clock.h"
#include "base/number.h"
#include "cli/messages.h"

#include <stddef.h>

enum { JOBS_MAXIMUM = 1024 };

static const char *const level_names[] = {"B-B", "B-T", "B-LT", "B-LTA", NULL};
static const char *const node_names[] = {"whole", "pages", NULL};
static const char *const certify_names[] = {"1", "2", "3", NULL};
static const char *const digest_names[] = {"sha256", "sha384", "sha512", NULL};
static const char *const stamp_names[] = {"text", "image", "image-left", "image-above", "strip", NULL};
static const char *const look_names[] = {"approval", "endorsement", "holder", "notification", NULL};
static const char *const new_key_names[] = {"P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", NULL};
static const char *const reason_names[] = {"unspecified", "keyCompromise",        "affiliationChanged",
                                           "superseded",  "cessationOfOperation", "privilegeWithdrawn",
                                           NULL};
static const char *const state_names[] = {"valid", "held", "revoked", "expired", NULL};
static const char *const colour_names[] = {"auto", "always", "never", NULL};

const struct option_row option_rows[OPTION_COUNT] = {
#define OPTION(id, letter, name, kind, argument, member, choices, help)                                                \
    [OPTION_ID_##id] = {letter, name, OPTION_##kind, argument, offsetof(struct arguments, member), choices, help},
#include "cli/options.def"
#undef OPTION
};

/** Where the parser is in argv. */
struct parser {
    const char *command;
    const enum option_id *allowed;
    int argc, next;
    char **argv;
    struct arguments *out;
};

static bool complain(const struct parser *p, const char *message, const char *what)
{
    message_error("%s: %s", tr(message), what);
    message_hint(tr(N_("See refrenda %s --help")), p->command);
    return false;
}

static const struct option_row *find_long(const struct parser *p, slice name)
{
    for (const enum option_id *id = p->allowed; *id != OPTION_COUNT; id++) {
        if (slice_is(name, option_rows[*id].name)) return &option_rows[*id];
    }
    return NULL;
}

static const struct option_row *find_letter(const struct parser *p, char letter)
{
    for (const enum option_id *id = p->allowed; *id != OPTION_COUNT; id++) {
        if (option_rows[*id].letter == letter) return &option_rows[*id];
    }
    return NULL;
}

static bool set_number(const struct parser *p, const struct option_row *row, const char *value)
{
    uint64_t number;
    if (!number_unsigned(slice_text(value), JOBS_MAXIMUM, &number) || number == 0)
        return complain(p, N_("Not a number from 1 to 1024"), value);
    *(int *)((char *)p->out + row->offset) = (int)number;
    return true;
}

static bool set_choice(const struct parser *p, const struct option_row *row, const char *value)
{
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (strcasecmp(row->choices[i], value) == 0) {
            *(int *)((char *)p->out + row->offset) = i;
            return true;
        }
    }
    return complain(p, N_("Not one of the values that this option takes"), value);
}

static bool set_time(const struct parser *p, const struct option_row *row, const char *value)
{
    if (!clock_parse_iso(slice_text(value), (rfd_time *)((char *)p->out + row->offset)))
        return complain(p, N_("Not a time such as 2026-11-21T12:00:00Z"), value);
    return true;
}

static bool add_value(const struct parser *p, const struct option_row *row, const char *value)
{
    struct option_values *values = (struct option_values *)((char *)p->out + row->offset);
    if (values->count == OPTION_VALUES_MAXIMUM) return complain(p, N_("Given too often"), row->name);
    values->items[values->count++] = value;
    return true;
}

static bool set_text(const struct parser *p, const struct option_row *row, const char *value)
{
    *(const char **)((char *)p->out + row->offset) = value;
    return true;
}

static bool set_value(const struct parser *p, const struct option_row *row, const char *value)
{
    switch (row->kind) {
    case OPTION_NUMBER: return set_number(p, row, value);
    case OPTION_CHOICE: return set_choice(p, row, value);
    case OPTION_TIME: return set_time(p, row, value);
    case OPTION_MANY:
    case OPTION_FILES: return add_value(p, row, value);
    default: return set_text(p, row, value);
    }
}

/** Sets a flag, or finds the value: after '=', the rest of a letter bundle, or the next word. */
static bool apply(struct parser *p, const struct option_row *row, const char *attached, const char *shown)
{
    if (row->kind == OPTION_FLAG) {
        if (attached != NULL) return complain(p, N_("This option takes no value"), shown);
        *(bool *)((char *)p->out + row->offset) = true;
        return true;
    }
    if (attached == NULL) {
        if (p->next >= p->argc) return complain(p, N_("A value is missing after"), shown);
        attached = p->argv[p->next++];
    }
    return set_value(p, row, attached);
}

static bool take_long(struct parser *p, const char *word)
{
    const char *equals = strchr(word + 2, '=');
    slice name = equals == NULL ? slice_text(word + 2) : slice_of(word + 2, (size_t)(equals - word - 2));
    const struct option_row *row = find_long(p, name);
    if (row == NULL) return complain(p, N_("Unknown option"), word);
    return apply(p, row, equals == NULL ? NULL : equals + 1, word);
}

static bool take_letters(struct parser *p, const char *word)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const struct option_row *row = find_letter(p, *at);
        if (row == NULL) return complain(p, N_("Unknown option"), word);
        bool valued = row->kind != OPTION_FLAG;
        if (!apply(p, row, valued && at[1] != '\0' ? at + 1 : NULL, word)) return false;
        if (valued) break;
    }
    return true;
}

bool options_parse(const char *command, const enum option_id *allowed, int argc, char **argv, struct arguments *out)
{
    struct parser p = {command, allowed, argc, 1, argv, out};
    int operands = 1; /* argv[1..operands) collects them, always behind p.next */
    bool only_operands = false;
    *out = (struct arguments){.level = -1,
                              .certify = -1,
                              .node = -1,
                              .digest = -1,
                              .colour = -1,
                              .stamp = -1,
                              .look = -1,
                              .at = RFD_TIME_NONE,
                              .new_key = -1,
                              .revocation_reason = -1,
                              .state = -1,
                              .since = RFD_TIME_NONE,
                              .ends_before = RFD_TIME_NONE};
    while (p.next < argc) {
        char *word = argv[p.next++];
        bool is_option = !only_operands && word[0] == '-' && word[1] != '\0';
        if (is_option && strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (is_option) {
            if (!(word[1] == '-' ? take_long(&p, word) : take_letters(&p, word))) return false;
        } else {
            argv[operands++] = word;
        }
    }
    out->operands = (const char *const *)argv + 1;
    out->operand_count = (size_t)operands - 1;
    return true;
}
