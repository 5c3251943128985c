/* SPDX-License-Identifier: EUPL-1.2
 *
 * The commands that look at what was written down.
 */
#include "cli/audit.h"

#define COMMON_OPTIONS                                                                                                 \
    OPTION_ID_JSON, OPTION_ID_QUIET, OPTION_ID_VERBOSE, OPTION_ID_COLOUR, OPTION_ID_LANGUAGE, OPTION_ID_HELP,          \
        OPTION_COUNT

static const enum option_id log_options[] = {OPTION_ID_LOG_KEY, OPTION_ID_LOG_STATE, OPTION_ID_LOG_CERTIFICATE,
                                             COMMON_OPTIONS};
static const enum option_id verify_options[] = {OPTION_ID_HOME, OPTION_ID_SEAL_CERTIFICATE, COMMON_OPTIONS};
static const enum option_id list_options[] = {OPTION_ID_HOME, OPTION_ID_AUDIT_OBJECT, OPTION_ID_AUDIT_ACTOR,
                                              OPTION_ID_LIMIT, COMMON_OPTIONS};

static const struct exit_row log_exits[] = {
    {0, N_("The log is whole; with --certificate: the certificate is in it.")},
    {1, N_("The log forked, shrank, or is signed wrongly; with --certificate: the certificate is not in it.")},
    {3, N_("The log does not answer.")},
    {4, N_("A file cannot be read.")},
    {5, N_("The --state file cannot be written.")},
    {EXIT_USAGE, N_("The command line is wrong.")},
    {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
    {0, NULL}};
static const struct exit_row audit_exits[] = {
    {0, N_("Success: the audit trail is whole.")},
    {1, N_("A row was altered, deleted or moved, the end was cut off, or a checkpoint was forged.")},
    {3, N_("The server, its keeper or the database does not answer.")},
    {4, N_("The settings or a file cannot be read.")},
    {EXIT_USAGE, N_("The command line is wrong.")},
    {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
    {0, NULL}};

const struct command log_commands[] = {
    {"log verify", N_("Audit an authority's transparency log from outside"), "[OPTION]... URL",
     N_("Fetches the newest signed head and all leaves, checks the signature, computes the root anew, and, with --state, "
        "that the log continues the one of the last time: nothing was taken out or altered since. What is remembered is "
        "signed by the log; when it contradicts itself later, both heads are kept as evidence.\n"
        "A leaf is the SHA-256 of a certificate: the log names nobody. With --certificate only the proof is fetched that "
        "this certificate is in the log."),
     "refrenda log verify http://ca.example --key log.pem --state ca.example.log\n"
     "refrenda log verify http://ca.example --certificate ana.pem",
     log_options, log_exits, log_verify},
    {0}};

const struct command audit_commands[] = {
    {"audit verify", N_("Check that nothing in the audit trail was altered"), "[OPTION]...",
     N_("Walks the whole chain of rows and compares it with the checkpoints that the keeper signed and with the one that "
        "the keeper remembers itself."),
     "refrenda audit verify --home /etc/refrenda", verify_options, audit_exits, audit_verify_run},
    {"audit list", N_("Show who did what"), "[OPTION]...",
     N_("The newest rows first. With --verbose also where it was done, and the details."),
     "refrenda audit list --object certificate:01ab23cd\nrefrenda audit list --actor agent:ana --limit 20",
     list_options, audit_exits, audit_list_run},
    {0}};
