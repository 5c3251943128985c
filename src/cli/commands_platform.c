/* SPDX-License-Identifier: EUPL-1.2
 *
 * The commands of those who run the platform.
 */
#include "cli/platform.h"

#define COMMON_OPTIONS                                                                                                 \
    OPTION_ID_HOME, OPTION_ID_QUIET, OPTION_ID_VERBOSE, OPTION_ID_COLOUR, OPTION_ID_LANGUAGE, OPTION_ID_HELP,          \
        OPTION_COUNT

static const enum option_id create_options[] = {
    OPTION_ID_DOCUMENT, OPTION_ID_GIVEN_NAMES, OPTION_ID_SURNAME, OPTION_ID_SECOND_SURNAME,  OPTION_ID_PERSON_MAIL,
    OPTION_ID_MOBILE,   OPTION_ID_ROLE,        OPTION_ID_CODE,    OPTION_ID_FIRST_PASS_FILE, COMMON_OPTIONS};
static const enum option_id unlock_options[] = {COMMON_OPTIONS};
static const enum option_id import_options[] = {OPTION_ID_ENTITY, OPTION_ID_DRY_RUN, COMMON_OPTIONS};
static const enum option_id fill_options[] = {OPTION_ID_P12, OPTION_ID_PASS_FILE, COMMON_OPTIONS};

static const enum option_id seal_options[] = {OPTION_ID_P12,        OPTION_ID_PASS_FILE,
                                              OPTION_ID_SECOND_P12, OPTION_ID_SECOND_PASS_FILE,
                                              OPTION_ID_SEAL_CODE,  COMMON_OPTIONS};

static const struct exit_row exits[] = {
    {0, N_("Success.")},
    {1, N_("It is refused: what is there already, or the data, does not allow it.")},
    {3, N_("The database does not answer.")},
    {4, N_("The input cannot be read.")},
    {EXIT_USAGE, N_("The command line is wrong.")},
    {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
    {0, NULL}};

const struct command account_commands[] = {
    {"account create", N_("Create an account, such as the first administrator's"),
     "--document KIND:NUMBER --given-names TEXT --surname TEXT --mail ADDRESS [OPTION]...",
     N_("Enters the person, when he or she is not known yet, and the account; prints its user code. A link to choose the "
        "password is mailed; with --pass-file the account gets a temporary password instead, which has to be changed at "
        "the first sign-in. Roles in units are asked for and approved on the pages."),
     "refrenda account create --document dni:12345678 --given-names Ana --surname Ficticia --mail ana@entidad.example "
     "--role administrator --pass-file primera.txt",
     create_options, exits, account_create_command},
    {"account unlock", N_("Open an account again that was locked"), "CODE",
     N_("After too many wrong passwords, or when an administrator locked it."), "refrenda account unlock U0001",
     unlock_options, exits, account_unlock_command},
    {0}};

const struct command organisation_commands[] = {
    {"organisation import", N_("Enter units, positions or people from a CSV file"), "[--dry-run] FILE",
     N_("The file's header tells what it holds (docs/organisation-import.md). Each line that changes something is shown; "
        "one wrong line, and nothing is changed at all."),
     "refrenda organisation import --dry-run unidades.csv", import_options, exits, organisation_import_command},
    {0}};

const struct command demo_commands[] = {
    {"demo fill", N_("Fill an empty installation with an invented administration"),
     "--home DIR [--p12 AGENT.p12 --pass-file FILE]",
     N_("An entity with its units, somebody for every role, accounts, requests of roles on their way. All accounts have "
        "the same password; they are listed in demo-accounts.csv in the authority's folder, which the sign-in page shows "
        "when web.demo is set. Never do this where real people are."),
     "refrenda demo fill --home demo/ca", fill_options, exits, demo_fill_command},
    {"demo seal", N_("Give the invented administration a seal, and a sample portal that may use it"),
     "--home DIR --p12 AGENT.p12 --pass-file FILE --second-p12 AGENT.p12 --second-pass-file FILE [--seal-code]",
     N_("After demo fill, while no server runs: both agents approve the seal of the entity, its key is made, and the "
        "portal sede-demo gets a secret and may have it sign. Prints what the portal needs; the secret is shown once."),
     "refrenda demo seal --home demo/ca --p12 demo/agente.p12 --pass-file demo/agente.password --second-p12 "
     "demo/agente-2.p12 --second-pass-file demo/password.txt",
     seal_options, exits, demo_seal_command},
    {0}};
