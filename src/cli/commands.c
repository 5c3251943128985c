/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/command.h"

#define COMMON_OPTIONS                                                                                                 \
    OPTION_ID_JSON, OPTION_ID_QUIET, OPTION_ID_VERBOSE, OPTION_ID_COLOUR, OPTION_ID_LANGUAGE, OPTION_ID_HELP,          \
        OPTION_COUNT
#define OUTPUT_OPTIONS                                                                                                 \
    OPTION_ID_OUTPUT, OPTION_ID_OUT_DIR, OPTION_ID_IN_PLACE, OPTION_ID_FORCE, OPTION_ID_BATCH, OPTION_ID_JOBS
#define KEY_OPTIONS                                                                                                    \
    OPTION_ID_P12, OPTION_ID_KEY, OPTION_ID_CERT, OPTION_ID_CHAIN, OPTION_ID_PKCS11, OPTION_ID_PASS_FILE,              \
        OPTION_ID_PASS_ENV, OPTION_ID_PIN_FILE
#define CSC_OPTIONS                                                                                                    \
    OPTION_ID_CSC, OPTION_ID_CSC_CLIENT, OPTION_ID_CSC_SECRET_FILE, OPTION_ID_CSC_TOKEN_FILE,                          \
        OPTION_ID_CSC_CREDENTIAL, OPTION_ID_CSC_PIN_FILE, OPTION_ID_CSC_OTP_FILE, OPTION_ID_CSC_BROWSER,               \
        OPTION_ID_CSC_NO_BROWSER, OPTION_ID_CSC_REDIRECT, OPTION_ID_CSC_AUTHORITIES
#define STAMP_OPTIONS                                                                                                  \
    OPTION_ID_STAMP, OPTION_ID_LOOK, OPTION_ID_PAGE, OPTION_ID_PLACE, OPTION_ID_MARKER, OPTION_ID_STAMP_SIZE,          \
        OPTION_ID_MARGIN, OPTION_ID_STAMP_TEXT, OPTION_ID_IMAGE, OPTION_ID_CREST, OPTION_ID_QR, OPTION_ID_POST,        \
        OPTION_ID_NUMBER, OPTION_ID_FONT
#define TRUST_OPTIONS OPTION_ID_TRUST, OPTION_ID_REQUIRE_TRUST, OPTION_ID_OFFLINE

static const enum option_id sign_options[] = {OUTPUT_OPTIONS,
                                              KEY_OPTIONS,
                                              CSC_OPTIONS,
                                              OPTION_ID_LEVEL,
                                              OPTION_ID_TSA,
                                              OPTION_ID_REASON,
                                              OPTION_ID_LOCATION,
                                              OPTION_ID_CONTACT,
                                              OPTION_ID_NAME,
                                              OPTION_ID_FIELD,
                                              OPTION_ID_CERTIFY,
                                              OPTION_ID_LOCK,
                                              OPTION_ID_DIGEST,
                                              OPTION_ID_PSS,
                                              STAMP_OPTIONS,
                                              TRUST_OPTIONS,
                                              OPTION_ID_DOCUMENT_PASS_FILE,
                                              OPTION_ID_REPAIR,
                                              OPTION_ID_REPORT,
                                              OPTION_ID_PREPARE,
                                              OPTION_ID_EMBED,
                                              OPTION_ID_SESSION,
                                              OPTION_ID_SIGNATURE,
                                              COMMON_OPTIONS};
static const enum option_id endorse_options[] = {
    OUTPUT_OPTIONS,     KEY_OPTIONS,       CSC_OPTIONS,    OPTION_ID_LEVEL, OPTION_ID_TSA,
    OPTION_ID_LOCATION, OPTION_ID_CONTACT, OPTION_ID_NAME, OPTION_ID_FIELD, OPTION_ID_LOCK,
    OPTION_ID_DIGEST,   OPTION_ID_PSS,     STAMP_OPTIONS,  TRUST_OPTIONS,   OPTION_ID_DOCUMENT_PASS_FILE,
    OPTION_ID_REPAIR,   OPTION_ID_REPORT,  COMMON_OPTIONS};
static const enum option_id timestamp_options[] = {OUTPUT_OPTIONS,   OPTION_ID_TSA,    OPTION_ID_FIELD,
                                                   OPTION_ID_DIGEST, TRUST_OPTIONS,    OPTION_ID_DOCUMENT_PASS_FILE,
                                                   OPTION_ID_REPAIR, OPTION_ID_REPORT, COMMON_OPTIONS};
static const enum option_id extend_options[] = {OUTPUT_OPTIONS,   OPTION_ID_LEVEL, OPTION_ID_TSA,
                                                OPTION_ID_DIGEST, TRUST_OPTIONS,   OPTION_ID_DOCUMENT_PASS_FILE,
                                                OPTION_ID_REPORT, COMMON_OPTIONS};
static const enum option_id preview_options[] = {
    OPTION_ID_OUTPUT,   OPTION_ID_FORCE, OPTION_ID_DPI,   OPTION_ID_CERT, OPTION_ID_REASON,
    OPTION_ID_LOCATION, OPTION_ID_NAME,  OPTION_ID_FIELD, STAMP_OPTIONS,  OPTION_ID_DOCUMENT_PASS_FILE,
    COMMON_OPTIONS};
static const enum option_id verify_options[] = {OPTION_ID_TRUST, OPTION_ID_OFFLINE,
                                                OPTION_ID_AT,    OPTION_ID_VERIFY_REPORT,
                                                OPTION_ID_FORCE, OPTION_ID_DOCUMENT_PASS_FILE,
                                                COMMON_OPTIONS};
static const enum option_id inspect_options[] = {OPTION_ID_PDFA, OPTION_ID_DOCUMENT_PASS_FILE, COMMON_OPTIONS};
static const enum option_id document_options[] = {OPTION_ID_DOCUMENT_PASS_FILE, COMMON_OPTIONS};
static const enum option_id certs_options[] = {OPTION_ID_PKCS11,   OPTION_ID_PIN_FILE, OPTION_ID_PASS_FILE,
                                               OPTION_ID_PASS_ENV, OPTION_ID_URL,      OPTION_ID_FORCE,
                                               COMMON_OPTIONS};
static const enum option_id help_options[] = {COMMON_OPTIONS};

static const struct exit_row sign_exits[] = {
    {0, N_("Every document was signed.")},
    {1,
     N_("The document refuses this (locked, certified, field missing or signed, seed values); of several documents, some failed.")},
    {2, N_("The key, its password or PIN, or the certificate does not allow it.")},
    {3, N_("A network service (time stamp, OCSP, CRL) failed.")},
    {4, N_("The input cannot be read: not a PDF, damaged, wrong password.")},
    {5, N_("The output cannot be written.")},
    {EXIT_USAGE, N_("The command line is wrong.")},
    {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
    {0, NULL}};
static const struct exit_row verify_exits[] = {{0, N_("All signatures passed.")},
                                               {1, N_("A signature failed.")},
                                               {2, N_("A signature is indeterminate.")},
                                               {3, N_("There is no signature.")},
                                               {4, N_("The file cannot be read.")},
                                               {EXIT_USAGE, N_("The command line is wrong.")},
                                               {0, NULL}};
static const struct exit_row inspect_exits[] = {{0, N_("Success.")},
                                                {1, N_("With --pdfa: the document breaks a rule.")},
                                                {4, N_("The file cannot be read.")},
                                                {EXIT_USAGE, N_("The command line is wrong.")},
                                                {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
                                                {0, NULL}};
static const struct exit_row plain_exits[] = {{0, N_("Success.")},
                                              {4, N_("The file cannot be read.")},
                                              {5, N_("The output cannot be written.")},
                                              {EXIT_USAGE, N_("The command line is wrong.")},
                                              {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
                                              {0, NULL}};

const struct command document_commands[] = {
    {"sign", N_("Sign PDF documents"),
     "[OPTION]... IN.pdf -o OUT.pdf --p12 FILE --pass-file FILE\n"
     "[OPTION]... --out-dir DIR --p12 FILE IN.pdf...\n"
     "--prepare IN.pdf -o PREPARED.pdf --cert FILE --session FILE\n"
     "--embed PREPARED.pdf -o OUT.pdf --session FILE --signature FILE",
     N_("Adds a PAdES signature to each document as an incremental update; the bytes that were there are never touched. "
        "Before signing, the certificate's use, validity, path and revocation are checked.\n"
        "The key comes from a PKCS#12 file (--p12), from PEM or DER files (--key and --cert), or from a token (--pkcs11). "
        "A password or PIN is asked for on the terminal unless a file or an environment variable is named; it is never "
        "taken from the command line.\n"
        "With --stamp the signature shows on a page: as text, as a picture, or both, with a coat of arms and a QR code; a "
        "stamp is never put over another one. refrenda preview shows it beforehand.\n"
        "With --prepare and --embed the private key may be anywhere: the first step writes the document with room for the "
        "signature and prints the digest to sign, the second puts the signature in.\n"
        "With --csc the key is that of a remote service: documents stay here, their digests travel. All documents of a run "
        "are authorised together, by PIN and code, or in your browser."),
     "refrenda sign letter.pdf -o letter-signed.pdf --p12 me.p12 --trust root.pem\n"
     "refrenda sign letter.pdf -o out.pdf --p12 me.p12 --level B-LTA --tsa http://tsa.example/tsa --trust root.pem\n"
     "refrenda sign *.pdf --out-dir signed --csc https://sign.example/csc/v2 --csc-client office --csc-secret-file secret --csc-pin-file pin\n"
     "refrenda sign *.pdf --out-dir signed --pkcs11 'pkcs11:token=Card;id=%01' --pin-file pin\n"
     "refrenda sign contract.pdf -o certified.pdf --p12 me.p12 --certify 2 --field Director\n"
     "refrenda sign order.pdf -o out.pdf --p12 me.p12 --stamp image-left --image me.png --place bottom-right\n"
     "refrenda sign form.pdf -o out.pdf --p12 me.p12 --stamp text --marker '{{firma:1}}' --post Directora",
     sign_options, sign_exits, run_sign},
    {"endorse", N_("Endorse PDF documents (visto bueno)"), "[OPTION]... IN.pdf -o OUT.pdf --p12 FILE --pass-file FILE",
     N_("Signs with the commitment type \"proof of approval\": the signer has seen and approves the document, without being "
        "its author. Everything else is as in refrenda sign."),
     "refrenda endorse report.pdf -o report-vb.pdf --p12 me.p12", endorse_options, sign_exits, run_endorse},
    {"preview", N_("Draw a page with the stamp that a signature would have"),
     "[OPTION]... IN.pdf -o PAGE.png --cert FILE --stamp STYLE",
     N_("Nothing is signed and no key is needed: the certificate tells the name. The page is drawn in a process of its own "
        "that can reach neither files nor the network."),
     "refrenda preview order.pdf -o page.png --cert me.pem --stamp text --place bottom-right", preview_options,
     sign_exits, run_preview},
    {"timestamp", N_("Add a document time stamp"), "[OPTION]... IN.pdf -o OUT.pdf --tsa URL",
     N_("Proves that the document existed at this time, in its present form. Needs no key of one's own."),
     "refrenda timestamp minutes.pdf -o minutes-ts.pdf --tsa http://tsa.example/tsa", timestamp_options, sign_exits,
     run_timestamp},
    {"extend", N_("Raise the level of signed documents"),
     "[OPTION]... IN.pdf -o OUT.pdf --level B-LTA --tsa URL --trust PATH",
     N_("Adds what lets signatures be verified later: proof of time (B-T), certificates and revocation data (B-LT), an "
        "archive time stamp (B-LTA). On a document that has one already, the archive time stamp is renewed."),
     "refrenda extend signed.pdf -o archive.pdf --level B-LTA --tsa http://tsa.example/tsa --trust root.pem",
     extend_options, sign_exits, run_extend},
    {"verify", N_("Verify signed PDF documents"), "[OPTION]... --trust PATH FILE...",
     N_("Tells for each signature who signed, when, what it covers, what was changed since, and whether it can be relied "
        "on (ETSI EN 319 102-1). Of several files, the exit status is the worst: 4, 1, 2, 3, 0."),
     "refrenda verify contract.pdf --trust authorities/\n"
     "refrenda verify contract.pdf --trust root.pem --report contract-report.pdf\n"
     "refrenda verify *.pdf --trust root.pem --offline --json",
     verify_options, verify_exits, run_verify},
    {"fields", N_("List the form fields of a document"), "[OPTION]... FILE...",
     N_("Shows signature fields first: empty or signed, what they lock, what they demand of a signature."),
     "refrenda fields form.pdf", document_options, plain_exits, run_fields},
    {"inspect", N_("Show what a document is made of"), "[OPTION]... FILE...",
     N_("Version, pages, revisions, cross-reference kind, encryption, certification, active content, anomalies. With "
        "--pdfa, each rule of ISO 19005 that a document in PDF/A does not keep, with its clause; this is no full "
        "validation."),
     "refrenda inspect strange.pdf\nrefrenda inspect archive.pdf --pdfa", inspect_options, inspect_exits, run_inspect},
    {"certs", N_("Show certificates; make a demo hierarchy"), "show FILE...\nlist --pkcs11 URI\ndemo DIR [--url URL]",
     N_("show prints the certificates of PEM, DER or PKCS#12 files. list prints what the tokens hold. demo writes a small "
        "hierarchy for trying things out, clearly marked as having no legal value."),
     "refrenda certs demo demo-pki\nrefrenda certs show root.pem", certs_options, plain_exits, run_certs},
    {"help", N_("Print help, manual pages or shell completions"), "[COMMAND]\nmanual [COMMAND]\ncompletion bash|zsh",
     N_("Without a command: the list of commands."), "refrenda help sign", help_options, plain_exits, run_help},
    {0}};

const struct command_group command_groups[] = {
    {"", "", document_commands},
    {"ca", N_("Run a certification authority"), ca_commands},
    {"account", N_("Accounts of people who sign in"), account_commands},
    {"organisation", N_("The organisation: units and people"), organisation_commands},
    {"demo", N_("An invented administration to look around in"), demo_commands},
    {"log", N_("Audit a transparency log from outside"), log_commands},
    {"audit", N_("Look at the audit trail and check it"), audit_commands},
    {NULL, NULL, NULL}};

const struct command_group *command_group_find(const char *name)
{
    for (const struct command_group *group = command_groups + 1; group->commands != NULL; group++) {
        if (strcmp(group->name, name) == 0) return group;
    }
    return NULL;
}

/** How many words of argv are `name`, whose words are separated by blanks; 0 when they are not. */
static int words_of(const char *name, int argc, const char *const *argv)
{
    for (int i = 0; i < argc; i++) {
        size_t length = strcspn(name, " ");
        if (strlen(argv[i]) != length || strncmp(argv[i], name, length) != 0) return 0;
        if (name[length] == '\0') return i + 1;
        name += length + 1;
    }
    return 0;
}

const struct command *command_find(int argc, const char *const *argv, int *words)
{
    for (const struct command_group *group = command_groups; group->commands != NULL; group++) {
        for (const struct command *c = group->commands; c->name != NULL; c++) {
            *words = words_of(c->name, argc, argv);
            if (*words > 0) return c;
        }
    }
    return NULL;
}
