/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrendad: the server of an instance. Started by people or by systemd it is the supervisor, started by the supervisor
 * one of the children that hold keys; the others are refrendad-services (services_main.c).
 */
#include "base/error.h"
#include "base/log.h"
#include "ipc/supervisor.h"
#include "server/instance.h"
#include "server/role_table.h"
#include "server/supervise.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define DEFAULT_HOME "/etc/refrenda"

enum { EXIT_USAGE = 2, DOCUMENT_MAXIMUM = 1 << 20 };
enum action { ACTION_RUN, ACTION_CHECK, ACTION_PRINT, ACTION_DESCRIBE, ACTION_VERSION, ACTION_HELP };

struct command {
    enum action action;
    const char *home;
    const char *log; /* NULL: as the settings say */
    bool foreground;
};

static const char help[] =
    "usage: refrendad [--home DIR] [OPTION]...\n"
    "\n"
    "Runs the certification authority of the instance in DIR: its keeper, signers, worker, public services and\n"
    "registration API, until SIGTERM or SIGINT.\n"
    "\n"
    "  --home DIR           folder of refrenda.yaml (otherwise $REFRENDA_HOME, or " DEFAULT_HOME ")\n"
    "  --foreground         ends, too, when the program that started it does; messages for people\n"
    "  --log FORMAT         text (for people) or json (for machines), whatever the settings say\n"
    "  --check              only says whether the settings are good\n"
    "  --print-settings     only prints the settings in effect\n"
    "  --describe-settings  only prints the manual of refrenda.yaml (Markdown)\n"
    "  --version, --help\n"
    "\n"
    "Ends with 0 when it was told to stop, 1 when it could not run, 2 for wrong usage.\n";

/* ---- Arguments ---- */

static bool take_option(struct command *c, int option)
{
    switch (option) {
    case 'h': c->home = optarg; return true;
    case 'l': c->log = optarg; return strcmp(optarg, "text") == 0 || strcmp(optarg, "json") == 0;
    case 'f': c->foreground = true; return true;
    case ACTION_CHECK:
    case ACTION_PRINT:
    case ACTION_DESCRIBE:
    case ACTION_VERSION:
    case ACTION_HELP: c->action = (enum action)option; return true;
    default: return false;
    }
}

static bool read_arguments(int argc, char *const *argv, struct command *out)
{
    static const struct option options[] = {{"home", required_argument, NULL, 'h'},
                                            {"foreground", no_argument, NULL, 'f'},
                                            {"log", required_argument, NULL, 'l'},
                                            {"check", no_argument, NULL, ACTION_CHECK},
                                            {"print-settings", no_argument, NULL, ACTION_PRINT},
                                            {"describe-settings", no_argument, NULL, ACTION_DESCRIBE},
                                            {"version", no_argument, NULL, ACTION_VERSION},
                                            {"help", no_argument, NULL, ACTION_HELP},
                                            {NULL, 0, NULL, 0}};
    const char *home = getenv("REFRENDA_HOME");
    *out = (struct command){.home = home != NULL && home[0] != '\0' ? home : DEFAULT_HOME};
    for (int o = getopt_long(argc, argv, "", options, NULL); o != -1; o = getopt_long(argc, argv, "", options, NULL)) {
        if (!take_option(out, o)) return false;
    }
    return optind == argc;
}

/* ---- Actions ---- */

static int print(void (*write_it)(const struct settings *settings, struct buf *out), const struct settings *settings)
{
    struct buf b;
    buf_init(&b, DOCUMENT_MAXIMUM);
    write_it(settings, &b);
    bool good = buf_status(&b) == RFD_OK && fwrite(b.data, 1, b.length, stdout) == b.length && fflush(stdout) == 0;
    buf_dispose(&b);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void describe(const struct settings *settings, struct buf *out)
{
    (void)settings;
    settings_describe(out);
}

static int complain(const struct rfd_error *error)
{
    (void)fprintf(stderr, "refrendad: %s: %s\n", rfd_status_message(error->code), error->detail);
    for (int i = 0; i < error->cause_count; i++)
        (void)fprintf(stderr, "  %s: %s\n", rfd_status_message(error->causes[i].code), error->causes[i].detail);
    return EXIT_FAILURE;
}

/** The instance is left as it is found: what the next start needs, and nothing else, is looked at. */
static int check(const struct settings *settings)
{
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned signers = 0;
    unsigned user;
    unsigned group;
    if (instance_user(settings, &user, &group, &error) != RFD_OK) return complain(&error);
    if (signer_count(settings, &signers, &error) != RFD_OK) return complain(&error);
    (void)printf("%s/" INSTANCE_SETTINGS ": good; %u signers\n", settings->home, signers);
    return EXIT_SUCCESS;
}

static int run(const struct command *c, const struct settings *settings)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const char *format = c->log != NULL ? c->log : (c->foreground ? "text" : NULL);
    if (format != NULL && setenv(INSTANCE_LOG, format, 1) != 0) return EXIT_FAILURE;
    if (c->foreground) (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    instance_log(settings, "supervisor");
    if (supervise(settings, &error) == RFD_OK) return EXIT_SUCCESS;
    log_failure(LOG_ERROR, "start", "the server cannot run", &error);
    return EXIT_FAILURE;
}

static int act(const struct command *c)
{
    struct settings *settings = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    int result;
    if (c->action == ACTION_HELP) return fputs(help, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    if (c->action == ACTION_VERSION) return printf("refrendad %s\n", rfd_version()) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    if (c->action == ACTION_DESCRIBE) return print(describe, NULL);
    if (instance_settings(c->home, &settings, &error) != RFD_OK) return complain(&error);
    switch (c->action) {
    case ACTION_CHECK: result = check(settings); break;
    case ACTION_PRINT: result = print(settings_print, settings); break;
    default: result = run(c, settings); break;
    }
    settings_free(settings);
    return result;
}

int main(int argc, char **argv)
{
    struct command command;
    /* What took over a child of the same user shall neither read nor trace the supervisor. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    if (supervised_is_child(argc, argv)) {
        struct role_table table;
        role_table_fill_child(&table, argv[2]);
        return supervised_main(argc, argv, table.roles, NULL);
    }
    /* Children look functions of libraries up when they start: at a first call the linker would save vector registers,
     * and with them what was copied last, on the stack. */
    (void)setenv("LD_BIND_NOW", "1", 0);
    if (!read_arguments(argc, argv, &command)) {
        (void)fputs(help, stderr);
        return EXIT_USAGE;
    }
    return act(&command);
}
