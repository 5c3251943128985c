/* SPDX-License-Identifier: EUPL-1.2
 *
 * Everything that describes the commands is printed from their tables: --help, manual pages, shell completions.
 */
#include "cli/command.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum {
    NAME_COLUMN = 10,
    GROUP_COLUMN = 16,
    OPTION_COLUMN = 30,
    WIDTH_DEFAULT = 100,
    WIDTH_MINIMUM = 50,
    WIDTH_MAXIMUM = 120,
    PAGE_SIZE = 64
};

static int width_of(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return WIDTH_DEFAULT;
    return size.ws_col < WIDTH_MINIMUM ? WIDTH_MINIMUM : size.ws_col > WIDTH_MAXIMUM ? WIDTH_MAXIMUM : size.ws_col;
}

/** Columns of UTF-8 text: its code points (our messages have no wide or combining characters). */
static int columns(const char *text, size_t length)
{
    int count = 0;
    for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/** Words wrapped at the width; the cursor stands at column `at`, further lines start at `indent`. */
static void print_wrapped(FILE *to, const char *text, int at, int indent)
{
    int width = width_of(to);
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        int wide = columns(text, length);
        if (!first && at + 1 + wide > width) {
            (void)fprintf(to, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        (void)fprintf(to, "%s%.*s", first ? "" : " ", (int)length, text);
        at += wide + !first;
        first = false;
        text += length;
        if (*text == '\n') {
            (void)fprintf(to, "\n\n%*s", indent, "");
            at = indent;
            first = true;
        }
        if (*text != '\0') text++;
    }
    (void)fputc('\n', to);
}

static void print_heading(FILE *to, const char *heading)
{
    (void)fprintf(to, "\n%s%s%s\n", style_on(to, STYLE_BOLD), heading, style_on(to, STYLE_PLAIN));
}

static void print_row(FILE *to, const char *name, int width, const char *summary)
{
    (void)fprintf(to, "  %s%-*s%s  %s\n", style_on(to, STYLE_BOLD), width, name, style_on(to, STYLE_PLAIN),
                  tr(summary));
}

void help_print_group(const struct command_group *group, FILE *to)
{
    (void)fprintf(to, "%srefrenda %s%s: %s\n", style_on(to, STYLE_BOLD), group->name, style_on(to, STYLE_PLAIN),
                  tr(group->summary));
    print_heading(to, tr(N_("Commands:")));
    for (const struct command *c = group->commands; c->name != NULL; c++)
        print_row(to, c->name, GROUP_COLUMN, c->summary);
    (void)fprintf(to, "\n%s\n", tr(N_("See refrenda COMMAND --help for options and examples.")));
}

void help_print_overview(FILE *to)
{
    (void)fprintf(to, "%s\n", tr(N_("Refrenda signs, endorses, time-stamps, extends and verifies PDF documents.")));
    print_heading(to, tr(N_("Usage:")));
    (void)fprintf(to, "  refrenda %s\n", tr(N_("COMMAND [OPTION]... [FILE]...")));
    print_heading(to, tr(N_("Commands:")));
    for (const struct command *c = document_commands; c->name != NULL; c++)
        print_row(to, c->name, NAME_COLUMN, c->summary);
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++)
        print_row(to, group->name, NAME_COLUMN, group->summary);
    (void)fprintf(to, "\n%s\n", tr(N_("See refrenda COMMAND --help for options and examples.")));
}

/** "-o, --output=FILE" */
static int option_heading(const struct option_row *row, char *text, size_t size)
{
    char letter[8] = "    ";
    if (row->letter != 0) (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
    return snprintf(text, size, "%s--%s%s%s", letter, row->name, row->argument == NULL ? "" : "=",
                    row->argument == NULL ? "" : row->argument);
}

static void print_option(FILE *to, const struct option_row *row)
{
    char heading[96];
    int used = option_heading(row, heading, sizeof heading) + 2;
    (void)fprintf(to, "  %s", heading);
    if (used >= OPTION_COLUMN) {
        (void)fputc('\n', to);
        used = 0;
    }
    (void)fprintf(to, "%*s", OPTION_COLUMN - used, "");
    print_wrapped(to, tr(row->help), OPTION_COLUMN, OPTION_COLUMN);
}

/** Calls `print` for each line of a \n-separated text. */
static void each_line(FILE *to, const char *text, void (*print)(FILE *to, const char *line, int length))
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        print(to, text, (int)length);
        text += length + (text[length] == '\n');
    }
}

static void print_example(FILE *to, const char *line, int length)
{
    (void)fprintf(to, "  %.*s\n", length, line);
}

void help_print_command(const struct command *command, FILE *to)
{
    (void)fprintf(to, "%srefrenda %s%s: %s\n", style_on(to, STYLE_BOLD), command->name, style_on(to, STYLE_PLAIN),
                  tr(command->summary));
    print_heading(to, tr(N_("Usage:")));
    const char *line = command->synopsis;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        (void)fprintf(to, "  refrenda %s %.*s\n", command->name, (int)length, line);
        line += length + (line[length] == '\n');
    }
    (void)fputc('\n', to);
    print_wrapped(to, tr(command->description), 0, 0);
    print_heading(to, tr(N_("Options:")));
    for (const enum option_id *id = command->options; *id != OPTION_COUNT; id++) print_option(to, &option_rows[*id]);
    print_heading(to, tr(N_("Exit status:")));
    for (const struct exit_row *row = command->exits; row->meaning != NULL; row++) {
        (void)fprintf(to, "  %-3d ", row->status);
        print_wrapped(to, tr(row->meaning), 6, 6);
    }
    print_heading(to, tr(N_("Examples:")));
    each_line(to, command->examples, print_example);
}

/** roff text: backslashes doubled, hyphens made plain, leading dots guarded. */
static void put_roff(FILE *to, const char *text, int length)
{
    for (int i = 0; i < length && text[i] != '\0'; i++) {
        bool at_start = i == 0 || text[i - 1] == '\n';
        if (at_start && (text[i] == '.' || text[i] == '\'')) (void)fputs("\\&", to);
        if (text[i] == '\\')
            (void)fputs("\\e", to);
        else if (text[i] == '-')
            (void)fputs("\\-", to);
        else if (text[i] == '\n')
            (void)fputs("\n.PP\n", to);
        else
            (void)fputc(text[i], to);
    }
}

static void put_roff_text(FILE *to, const char *text)
{
    put_roff(to, text, (int)strlen(text));
    (void)fputc('\n', to);
}

static void put_roff_example(FILE *to, const char *line, int length)
{
    (void)fputs(".EX\n", to);
    put_roff(to, line, length);
    (void)fputs("\n.EE\n", to);
}

/** "refrenda-ca-issue" */
static const char *page_of(const struct command *c, char page[PAGE_SIZE])
{
    (void)snprintf(page, PAGE_SIZE, "refrenda-%s", c->name);
    for (char *at = page; *at != '\0'; at++) {
        if (*at == ' ') *at = '-';
    }
    return page;
}

static void manual_head(FILE *to, const char *page, const char *summary)
{
    (void)fprintf(to, ".TH \"%s\" 1 \"\" \"Refrenda %s\" \"Refrenda\"\n.SH %s\n%s \\- ", page, rfd_version(),
                  tr(N_("NAME")), page);
    put_roff_text(to, summary);
}

static void manual_of_overview(FILE *to)
{
    manual_head(to, "refrenda", tr(N_("sign, endorse, time-stamp, extend and verify PDF documents")));
    (void)fprintf(to, ".SH %s\n.B refrenda\n", tr(N_("SYNOPSIS")));
    put_roff_text(to, tr(N_("COMMAND [OPTION]... [FILE]...")));
    (void)fprintf(to, ".SH %s\n", tr(N_("COMMANDS")));
    for (const struct command_group *group = command_groups; group->commands != NULL; group++) {
        for (const struct command *c = group->commands; c->name != NULL; c++) {
            char page[PAGE_SIZE];
            (void)fputs(".TP\n.BR ", to);
            put_roff(to, page_of(c, page), PAGE_SIZE);
            (void)fputs(" (1)\n", to);
            put_roff_text(to, tr(c->summary));
        }
    }
    (void)fprintf(to, ".SH %s\n", tr(N_("ENVIRONMENT")));
    (void)fputs(".TP\n.BR LANGUAGE \", \" LC_ALL \", \" LC_MESSAGES \", \" LANG\n", to);
    put_roff_text(
        to, tr(N_("The language of the messages, the first that is set. C means English; none set means Spanish.")));
    (void)fputs(".TP\n.B NO_COLOR\n", to);
    put_roff_text(to, tr(N_("No colours, when set.")));
}

static void manual_of_command(const struct command *c, FILE *to)
{
    char page[PAGE_SIZE];
    manual_head(to, page_of(c, page), tr(c->summary));
    (void)fprintf(to, ".SH %s\n", tr(N_("SYNOPSIS")));
    for (const char *line = c->synopsis; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        (void)fprintf(to, ".B refrenda %s\n", c->name);
        put_roff(to, line, (int)length);
        line += length + (line[length] == '\n');
        (void)fputs(*line == '\0' ? "\n" : "\n.br\n", to);
    }
    (void)fprintf(to, ".SH %s\n", tr(N_("DESCRIPTION")));
    put_roff_text(to, tr(c->description));
    (void)fprintf(to, ".SH %s\n", tr(N_("OPTIONS")));
    for (const enum option_id *id = c->options; *id != OPTION_COUNT; id++) {
        char heading[96];
        (void)option_heading(&option_rows[*id], heading, sizeof heading);
        (void)fputs(".TP\n.B ", to);
        put_roff_text(to, heading + strspn(heading, " "));
        put_roff_text(to, tr(option_rows[*id].help));
    }
    (void)fprintf(to, ".SH %s\n", tr(N_("EXIT STATUS")));
    for (const struct exit_row *row = c->exits; row->meaning != NULL; row++) {
        (void)fprintf(to, ".TP\n.B %d\n", row->status);
        put_roff_text(to, tr(row->meaning));
    }
    (void)fprintf(to, ".SH %s\n", tr(N_("EXAMPLES")));
    each_line(to, c->examples, put_roff_example);
    (void)fprintf(to, ".SH %s\n.BR refrenda (1)\n", tr(N_("SEE ALSO")));
}

void help_print_manual(const struct command *command, FILE *to)
{
    if (command == NULL)
        manual_of_overview(to);
    else
        manual_of_command(command, to);
}

/** Commands and groups, separated by blanks. */
static void put_first_words(FILE *to)
{
    for (const struct command *c = document_commands; c->name != NULL; c++) (void)fprintf(to, "%s ", c->name);
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++)
        (void)fprintf(to, "%s ", group->name);
}

static bool takes_files(const struct option_row *row)
{
    return row->kind == OPTION_FILE || row->kind == OPTION_FILES;
}

static void completion_bash(FILE *to)
{
    (void)fputs("# bash completion for refrenda, printed by: refrenda help completion bash\n"
                "_refrenda()\n{\n    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                "    local command=${COMP_WORDS[1]} words=\n    case $previous in\n",
                to);
    for (const struct option_row *row = option_rows; row < option_rows + OPTION_COUNT; row++) {
        if (row->kind == OPTION_FOLDER)
            (void)fprintf(to, "    --%s) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n", row->name);
        if (takes_files(row))
            (void)fprintf(to, "    --%s) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", row->name);
        if (row->kind != OPTION_CHOICE) continue;
        (void)fprintf(to, "    --%s) COMPREPLY=($(compgen -W '", row->name);
        for (const char *const *choice = row->choices; *choice != NULL; choice++) (void)fprintf(to, "%s ", *choice);
        (void)fputs("' -- \"$current\")); return ;;\n", to);
    }
    (void)fputs("    esac\n    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='", to);
    put_first_words(to);
    (void)fputs("'\n    else\n", to);
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++) {
        (void)fprintf(to, "        [ \"$command\" = %s ] && command=\"%s ${COMP_WORDS[2]}\"\n", group->name,
                      group->name);
        (void)fprintf(to, "        [ \"${COMP_WORDS[1]} $COMP_CWORD\" = '%s 2' ] && words='", group->name);
        for (const struct command *c = group->commands; c->name != NULL; c++)
            (void)fprintf(to, "%s ", c->name + strlen(group->name) + 1);
        (void)fputs("'\n", to);
    }
    (void)fputs("        case $command in\n", to);
    for (const struct command_group *group = command_groups; group->commands != NULL; group++) {
        for (const struct command *c = group->commands; c->name != NULL; c++) {
            (void)fprintf(to, "        '%s') words='", c->name);
            for (const enum option_id *id = c->options; *id != OPTION_COUNT; id++)
                (void)fprintf(to, "--%s ", option_rows[*id].name);
            (void)fputs("' ;;\n", to);
        }
    }
    (void)fputs(
        "        esac\n    fi\n    if [[ $COMP_CWORD -gt 1 && $current != -* && ${words:0:2} != [a-z]* ]]; then\n"
        "        COMPREPLY=($(compgen -f -- \"$current\"))\n    else\n"
        "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n    fi\n}\n"
        "complete -o filenames -F _refrenda refrenda\n",
        to);
}

/** zsh's _arguments reads '[', ']' and ':' of a description itself. */
static void put_zsh(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("[]:'\\", *text) != NULL) (void)fputc(*text == '\'' ? '`' : '\\', to);
        if (*text != '\'') (void)fputc(*text, to);
    }
}

static void put_zsh_option(FILE *to, const struct option_row *row)
{
    (void)fprintf(to, "\\\n    '--%s%s[", row->name, row->argument == NULL ? "" : "=");
    put_zsh(to, tr(row->help));
    (void)fputs("]", to);
    if (row->kind == OPTION_CHOICE) {
        (void)fputs(":value:(", to);
        for (const char *const *choice = row->choices; *choice != NULL; choice++) (void)fprintf(to, "%s ", *choice);
        (void)fputc(')', to);
    } else if (row->argument != NULL) {
        (void)fputs(row->kind == OPTION_FOLDER ? ":folder:_files -/"
                    : takes_files(row)         ? ":file:_files"
                                               : ":value:",
                    to);
    }
    (void)fputs("' ", to);
}

/** One 'word:description' of a list. */
static void put_zsh_word(FILE *to, const char *word, const char *summary)
{
    (void)fprintf(to, "  '%s:", word);
    put_zsh(to, tr(summary));
    (void)fputs("'\n", to);
}

static void put_zsh_groups(FILE *to)
{
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++) {
        (void)fprintf(to, "if [[ $words[2] = %s ]]; then\n  name=\"%s $words[3]\"\n  commands=(\n", group->name,
                      group->name);
        for (const struct command *c = group->commands; c->name != NULL; c++)
            put_zsh_word(to, c->name + strlen(group->name) + 1, c->summary);
        (void)fputs("  )\n  if (( CURRENT == 3 )); then _describe command commands; return; fi\nfi\n", to);
    }
}

static void completion_zsh(FILE *to)
{
    (void)fputs(
        "#compdef refrenda\n# printed by: refrenda help completion zsh\nlocal -a commands\nlocal name=$words[2]\ncommands=(\n",
        to);
    for (const struct command *c = document_commands; c->name != NULL; c++) put_zsh_word(to, c->name, c->summary);
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++)
        put_zsh_word(to, group->name, group->summary);
    (void)fputs(")\nif (( CURRENT == 2 )); then _describe command commands; return; fi\n", to);
    put_zsh_groups(to);
    (void)fputs("case $name in\n", to);
    for (const struct command_group *group = command_groups; group->commands != NULL; group++) {
        for (const struct command *c = group->commands; c->name != NULL; c++) {
            (void)fprintf(to, "  '%s') _arguments ", c->name);
            for (const enum option_id *id = c->options; *id != OPTION_COUNT; id++)
                put_zsh_option(to, &option_rows[*id]);
            (void)fputs("\\\n    '*:file:_files' ;;\n", to);
        }
    }
    (void)fputs("esac\n", to);
}

bool help_print_completion(const char *shell, FILE *to)
{
    if (strcmp(shell, "bash") == 0)
        completion_bash(to);
    else if (strcmp(shell, "zsh") == 0)
        completion_zsh(to);
    else
        return false;
    return true;
}

/** help [COMMAND], help manual [COMMAND], help completion SHELL; commands may have several words. */
int run_help(const struct arguments *a)
{
    const char *topic = a->operand_count > 0 ? a->operands[0] : "";
    bool manual = strcmp(topic, "manual") == 0;
    size_t from = manual ? 1 : 0;
    int count = (int)(a->operand_count - from);
    int words = 0;
    const struct command *command = count > 0 ? command_find(count, a->operands + from, &words) : NULL;
    if (command != NULL && words != count) command = NULL;
    if (a->operand_count == 0)
        help_print_overview(stdout);
    else if (manual && (count == 0 || command != NULL))
        help_print_manual(command, stdout);
    else if (strcmp(topic, "completion") == 0 && count == 2 && help_print_completion(a->operands[1], stdout))
        return 0;
    else if (command != NULL)
        help_print_command(command, stdout);
    else if (count == 1 && command_group_find(topic) != NULL)
        help_print_group(command_group_find(topic), stdout);
    else {
        message_error("%s: %s", tr(N_("Nothing is known about")), a->operands[a->operand_count - 1]);
        return EXIT_USAGE;
    }
    return 0;
}
