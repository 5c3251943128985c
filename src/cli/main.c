/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda: finds the command's row, parses its options, runs it.
 */
#include "cli/command.h"

#include <signal.h>
#include <sys/resource.h>

/** Options that may stand before the command. */
static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/** The language is needed before the options are parsed, since mistakes in them are told in it. */
static const char *language_from(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0) return argv[i] + 7;
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) return argv[i + 1];
    }
    return NULL;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct arguments arguments;
    if (!options_parse(command->name, command->options, argc, argv, &arguments)) return EXIT_USAGE;
    if (arguments.colour >= 0) messages_colour((enum colour_choice)arguments.colour);
    if (arguments.help) {
        help_print_command(command, stdout);
        return 0;
    }
    int status = command->run(&arguments);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        message_error("%s", tr(N_("Standard output cannot be written")));
        return status == 0 ? 5 : status;
    }
    return status;
}

/** "refrenda ca", "refrenda ca --help". */
static int run_group(const struct command_group *group, int argc, char **argv)
{
    bool asked = argc > 2 && is_help(argv[2]);
    help_print_group(group, asked ? stdout : stderr);
    if (asked) return 0;
    if (argc > 2) {
        message_error("%s: %s %s", tr(N_("Unknown command")), argv[1], argv[2]);
    }
    return EXIT_USAGE;
}

static int find_and_run(int argc, char **argv)
{
    int words = 0;
    const struct command *command = command_find(argc - 1, (const char *const *)argv + 1, &words);
    if (command != NULL) return run_command(command, argc - words, argv + words);
    const struct command_group *group = command_group_find(argv[1]);
    if (group != NULL) return run_group(group, argc, argv);
    message_error("%s: %s", tr(N_("Unknown command")), argv[1]);
    message_hint("%s", tr(N_("See refrenda --help")));
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    /* Keys and passwords must not end up in a core file. One byte forbids also what 0 lets through: a core that the
     * kernel pipes into a program (core(5)). */
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){1, 1}) != 0) (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)signal(SIGPIPE, SIG_IGN);
    messages_start(language_from(argc, argv));
    int status = EXIT_USAGE;
    if (argc < 2) {
        help_print_overview(stderr);
    } else if (is_help(argv[1])) {
        help_print_overview(stdout);
        status = 0;
    } else if (strcmp(argv[1], "--version") == 0) {
        (void)printf("refrenda %s\n", rfd_version());
        status = 0;
    } else {
        status = find_and_run(argc, argv);
    }
    messages_stop();
    return status;
}
