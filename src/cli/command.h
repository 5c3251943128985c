/* SPDX-License-Identifier: EUPL-1.2
 *
 * The commands as rows of a table: what runs, what it takes, and the words that --help and the manual print. To add a
 * command, write one file with its function and one row in commands.c.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/messages.h"
#include "cli/options.h"

/* Exit statuses that every command shares (sysexits.h); the commands' own are in their rows. */
enum { EXIT_USAGE = 64, EXIT_INTERNAL = 70 };

struct exit_row {
    int status;
    const char *meaning;
};

struct command {
    const char *name;              /* "sign"; of a group: "ca issue" */
    const char *summary;           /* one line */
    const char *synopsis;          /* what follows "refrenda NAME", lines separated by \n */
    const char *description;       /* paragraphs, separated by \n */
    const char *examples;          /* lines */
    const enum option_id *options; /* ends with OPTION_COUNT */
    const struct exit_row *exits;  /* ends with a NULL meaning */
    int (*run)(const struct arguments *arguments);
};

/** Commands that belong together. The first group has no name: its commands are words of their own. */
struct command_group {
    const char *name;
    const char *summary;            /* one line */
    const struct command *commands; /* ends with a NULL name */
};
extern const struct command_group command_groups[]; /* ends with NULL commands */
extern const struct command document_commands[];    /* commands.c */
extern const struct command ca_commands[];          /* commands_authority.c */
extern const struct command account_commands[];     /* commands_platform.c */
extern const struct command organisation_commands[];
extern const struct command demo_commands[];
extern const struct command log_commands[]; /* commands_audit.c */
extern const struct command audit_commands[];

/** The command that argv begins with; `*words` how many of argv name it. NULL when it is none. */
const struct command *command_find(int argc, const char *const *argv, int *words);
/** The group of this name, or NULL. */
const struct command_group *command_group_find(const char *name);

int run_sign(const struct arguments *a);
int run_endorse(const struct arguments *a);
int run_preview(const struct arguments *a);
int run_timestamp(const struct arguments *a);
int run_extend(const struct arguments *a);
int run_verify(const struct arguments *a);
int run_fields(const struct arguments *a);
int run_inspect(const struct arguments *a);
int run_certs(const struct arguments *a);
int run_help(const struct arguments *a);

/** The exit status of sign, endorse, timestamp and extend for one document's outcome. */
int exit_of_status(rfd_status status);

/* help.c */
void help_print_overview(FILE *to);
void help_print_group(const struct command_group *group, FILE *to);
void help_print_command(const struct command *command, FILE *to);
/** roff for man(7); section 1. `command` NULL: the overview page. */
void help_print_manual(const struct command *command, FILE *to);
/** shell: "bash" or "zsh". False for another. */
bool help_print_completion(const char *shell, FILE *to);

#endif
