/* SPDX-License-Identifier: EUPL-1.2
 *
 * The commands of those who run an authority.
 */
#include "cli/ca.h"

#define COMMON_OPTIONS                                                                                                 \
    OPTION_ID_HOME, OPTION_ID_JSON, OPTION_ID_QUIET, OPTION_ID_VERBOSE, OPTION_ID_COLOUR, OPTION_ID_LANGUAGE,          \
        OPTION_ID_HELP, OPTION_COUNT
#define AGENT_OPTIONS                                                                                                  \
    OPTION_ID_APPROVAL, OPTION_ID_P12, OPTION_ID_KEY, OPTION_ID_CERT, OPTION_ID_PKCS11, OPTION_ID_PASS_FILE,           \
        OPTION_ID_PASS_ENV, OPTION_ID_PIN_FILE

static const enum option_id init_options[] = {OPTION_ID_PLAN, OPTION_ID_ROOT, COMMON_OPTIONS};
static const enum option_id sign_request_options[] = {
    OPTION_ID_ROOT,        OPTION_ID_SHARE,       OPTION_ID_PROFILE, OPTION_ID_ATTRIBUTE, OPTION_ID_SIGN_CRL,
    OPTION_ID_REVOKE_FILE, OPTION_ID_REASON_CODE, OPTION_ID_OUTPUT,  OPTION_ID_FORCE,     COMMON_OPTIONS};
static const enum option_id backup_options[] = {OPTION_ID_STATE_PASS_FILE, OPTION_ID_NODE, OPTION_ID_OUTPUT,
                                                OPTION_ID_FORCE, COMMON_OPTIONS};
static const enum option_id restore_options[] = {OPTION_ID_STATE_PASS_FILE, OPTION_ID_MASTER, OPTION_ID_DATABASE,
                                                 COMMON_OPTIONS};
static const enum option_id import_options[] = {OPTION_ID_PLAN,      OPTION_ID_P12,       OPTION_ID_KEY,
                                                OPTION_ID_CERT,      OPTION_ID_PASS_FILE, OPTION_ID_PASS_ENV,
                                                OPTION_ID_INDEX,     OPTION_ID_CERT_DIR,  OPTION_ID_CRL_NUMBER,
                                                OPTION_ID_AUTHORITY, COMMON_OPTIONS};
static const enum option_id status_options[] = {COMMON_OPTIONS};
static const enum option_id issue_options[] = {
    OPTION_ID_AUTHORITY,     OPTION_ID_PROFILE, OPTION_ID_ATTRIBUTE,      OPTION_ID_SUBJECT_MAIL,
    OPTION_ID_SUBJECT_HOST,  OPTION_ID_MOBILE,  OPTION_ID_REQUEST,        OPTION_ID_NEW_KEY,
    OPTION_ID_NEW_PASS_FILE, OPTION_ID_LEGACY,  OPTION_ID_REQUEST_NUMBER, OPTION_ID_WRITE_APPROVAL,
    AGENT_OPTIONS,           OPTION_ID_OUTPUT,  OPTION_ID_FORCE,          COMMON_OPTIONS};
static const enum option_id renew_options[] = {OPTION_ID_AUTHORITY,      OPTION_ID_REQUEST,        OPTION_ID_NEW_KEY,
                                               OPTION_ID_NEW_PASS_FILE,  OPTION_ID_LEGACY,         OPTION_ID_MOBILE,
                                               OPTION_ID_REQUEST_NUMBER, OPTION_ID_WRITE_APPROVAL, AGENT_OPTIONS,
                                               OPTION_ID_OUTPUT,         OPTION_ID_FORCE,          COMMON_OPTIONS};
static const enum option_id revoke_options[] = {OPTION_ID_AUTHORITY, OPTION_ID_REASON_CODE, OPTION_ID_SINCE,
                                                OPTION_ID_YES, COMMON_OPTIONS};
static const enum option_id hold_options[] = {OPTION_ID_AUTHORITY, OPTION_ID_YES, COMMON_OPTIONS};
static const enum option_id list_options[] = {OPTION_ID_PROFILE, OPTION_ID_STATE, OPTION_ID_ENDS_BEFORE,
                                              OPTION_ID_LIMIT, COMMON_OPTIONS};
static const enum option_id show_options[] = {OPTION_ID_AUTHORITY, OPTION_ID_OUTPUT, OPTION_ID_FORCE, COMMON_OPTIONS};
static const enum option_id crl_options[] = {OPTION_ID_AUTHORITY, OPTION_ID_PARTITION, OPTION_ID_DELTA, OPTION_ID_NOW,
                                             OPTION_ID_OUTPUT,    OPTION_ID_FORCE,     COMMON_OPTIONS};
static const enum option_id log_options[] = {COMMON_OPTIONS};
static const enum option_id register_options[] = {OPTION_ID_PROFILE, OPTION_ID_ACT_FOR, OPTION_ID_ATTRIBUTE,
                                                  COMMON_OPTIONS};
static const enum option_id unregister_options[] = {OPTION_ID_YES, COMMON_OPTIONS};

static const struct exit_row exits[] = {{0, N_("Success.")},
                                        {1, N_("The authority refuses: approval, profile, state.")},
                                        {2, N_("The key, its password or PIN does not allow it.")},
                                        {3, N_("The server, its keeper or the database does not answer.")},
                                        {4, N_("The input cannot be read, or there is no such certificate.")},
                                        {5, N_("The output cannot be written.")},
                                        {EXIT_USAGE, N_("The command line is wrong.")},
                                        {EXIT_INTERNAL, N_("Out of memory, or a fault of the program.")},
                                        {0, NULL}};

const struct command ca_commands[] = {
    {"ca init", N_("Hold a key ceremony: make a new authority from a written plan"),
     "--plan PLAN --home DIR [--root DIR]",
     N_("The plan (YAML) names the root and its custodians, the issuing authorities with their profiles and addresses, the "
        "status, time-stamp and registration services, and the first certifying agent; packs/plans/demo.yaml is one to "
        "copy. Both folders have to be empty or not there.\n"
        "The root gets a key store of its own, which opens with the shares of as many custodians as the plan says: one file "
        "for each, to be handed over and removed. The record of the ceremony is a PDF/A, sealed by the new authority, with "
        "lines for signatures by hand.\n"
        "A ceremony that was cut off leaves the file CEREMONY-UNFINISHED in both folders: remove them and begin again."),
     "refrenda ca init --plan plan.yaml --home /etc/refrenda --root /media/root", init_options, exits, ca_init},
    {"ca sign-request", N_("Sign with a root that is off line"),
     "--root DIR --share FILE... --attribute NAME=VALUE... REQUEST -o CERT\n"
     "--root DIR --share FILE... --crl [--revoke CERT --reason REASON] -o LIST.crl",
     N_("Opens the root's key store with the shares of enough custodians. Signs the certificate of an authority below it, "
        "for the key of a PKCS#10 request (name and extensions come from --attribute and the profile, never from the "
        "request), or its next revocation list, which has what the last one had.\n"
        "refrenda ca import LIST.crl enters the list into the authority that publishes it."),
     "refrenda ca sign-request --root /media/root --share a.share --share c.share --attribute c=PE --attribute "
     "o='Entidad Inventada' --attribute cn='AC Emisora 2' emisora-2.csr -o emisora-2.pem\n"
     "refrenda ca sign-request --root /media/root --share a.share --share c.share --crl -o raiz.crl",
     sign_request_options, exits, ca_sign_request},
    {"ca status", N_("Show authorities, lists, services and what ends soon"), "[OPTION]...",
     N_("What there is, what is valid until when, and what has to be done. Exit status 1 when something has to be done now."),
     "refrenda ca status --home /etc/refrenda", status_options, exits, ca_status},
    {"ca issue", N_("Issue a certificate"),
     "[OPTION]... --profile NAME --attribute NAME=VALUE... --request FILE --p12 AGENT.p12 -o CERT\n"
     "[OPTION]... --profile NAME --attribute NAME=VALUE... --new-key KIND --p12 AGENT.p12 -o KEY.p12\n"
     "[OPTION]... --request FILE --approval FILE -o CERT",
     N_("Certificates for persons need the approval of a registered certifying agent, who signs it here with --p12, --key or "
        "--pkcs11, or elsewhere (--write-approval, then openssl cms -sign -binary -nodetach, then --approval). The keeper "
        "checks it and uses it once. Certificates of services (tls-server, tls-client) need none.\n"
        "The subject comes from --attribute, never from the request; of the request only the public key is used, once its "
        "owner has proved to hold the private key. With --new-key the key is made here and written as PKCS#12 with its "
        "chain; the new file's password is asked for, and the key is kept nowhere else."),
     "refrenda ca issue --profile pe-natural-person --attribute givenName=Ana --attribute sn='Quispe Mamani' "
     "--attribute cn='Ana Quispe Mamani' --attribute serialNumber=IDCPE-70000016 --request ana.csr --p12 agente.p12 -o "
     "ana.pem\n"
     "refrenda ca issue --profile tls-client --attribute cn='Registro Norte' --attribute o='Registro Norte' --new-key P-256 "
     "-o client.p12",
     issue_options, exits, ca_issue},
    {"ca renew", N_("Issue a certificate with a new key for the subject of an old one"),
     "[OPTION]... SERIAL --request FILE --p12 AGENT.p12 -o CERT",
     N_("Subject and profile are those of the certificate with this serial number (its first digits are enough); the key "
        "has to be a new one. Only within the profile's time before its end, and not when it was revoked."),
     "refrenda ca renew 01ab23cd --new-key P-256 --p12 agente.p12 -o ana-2027.p12", renew_options, exits, ca_renew},
    {"ca revoke", N_("Revoke a certificate for good"), "[OPTION]... SERIAL --reason REASON",
     N_("When the command ends, no OCSP answer says \"good\" any more; the next list follows within a second while the "
        "server runs. There is no way back: for doubts there is refrenda ca hold."),
     "refrenda ca revoke 01ab23cd --reason keyCompromise --since 2026-11-20T00:00:00Z", revoke_options, exits,
     ca_revoke},
    {"ca hold", N_("Put a certificate on hold"), "[OPTION]... SERIAL",
     N_("Like a revocation, but refrenda ca release undoes it."), "refrenda ca hold 01ab23cd", hold_options, exits,
     ca_hold},
    {"ca release", N_("Take a certificate off hold"), "[OPTION]... SERIAL", N_("It is valid again from now on."),
     "refrenda ca release 01ab23cd", hold_options, exits, ca_release},
    {"ca list", N_("Search the certificates that were issued"), "[OPTION]... [TEXT]",
     N_("TEXT is looked for in subjects, identity numbers, mail addresses, request numbers, and at the beginning of serial "
        "numbers."),
     "refrenda ca list quispe\nrefrenda ca list --state valid --ends-before 2026-12-31T00:00:00Z", list_options, exits,
     ca_list},
    {"ca show", N_("Show one certificate, or write it to a file"), "[OPTION]... SERIAL",
     N_("The first digits of the serial number are enough when they are those of one certificate only."),
     "refrenda ca show 01ab23cd -o ana.pem", show_options, exits, ca_show},
    {"ca crl", N_("Make revocation lists, or write the newest to a file"), "[OPTION]...",
     N_("The server makes them by itself, on schedule and after each revocation; this is for when it does not run, and for "
        "publishing elsewhere."),
     "refrenda ca crl --now\nrefrenda ca crl --authority emisora-1 -o emisora-1.crl", crl_options, exits, ca_crl},
    {"ca log", N_("Show the state of the transparency log"), "[OPTION]...",
     N_("How many certificates are in the log and how many wait for their place, and the newest signed head. refrenda log "
        "verify checks the log from outside."),
     "refrenda ca log --home /etc/refrenda", log_options, exits, ca_log},
    {"ca register", N_("Register a certifying agent, a registration client or a portal"),
     "agent NAME CERT --profile NAMES\nclient NAME CERT [--profile NAMES] [--act-for CODE]\n"
     "portal NAME KEY --attribute cn=TITLE\npersonal\nlist",
     N_("An agent's approvals are accepted for the profiles named (separated by commas) as long as his certificate is valid "
        "and he is registered. A client may use the registration API with this TLS certificate; with --profile his own "
        "approvals count, too. A portal's statements of what it wants signed are believed when they are signed with this "
        "public key; TITLE is its name as people read it. With personal, the store for people's keys is made where there is "
        "none, and both keepers get to know the same agents. Only over the admin socket, or while the server does not run."),
     "refrenda ca register agent ana agente.pem --profile pe-natural-person\n"
     "refrenda ca register portal sede sede.pem --attribute \"cn=Sede electr\303\263nica de Villa Ejemplo\"\n"
     "refrenda ca register list",
     register_options, exits, ca_register},
    {"ca unregister", N_("Take an agent's, a client's or a portal's registration away"), "agent|client|portal NAME",
     N_("What was issued stays as it is."), "refrenda ca unregister client registro-norte", unregister_options, exits,
     ca_unregister},
    {"ca clock", N_("Let people's keys be used again after a clock was set right"), "[OPTION]... TIME",
     N_("For the keeper of people's keys, which refuses to begin anything while the clock is behind what it has written: "
        "after the machine's clock had gone ahead and was set right, that would be until then. TIME is what another clock "
        "says (RFC 3339); the machine's has to agree within five minutes. What was written with later times gets this one, "
        "and the log of each holder has it. Only over the admin socket, or while the server does not run."),
     "refrenda ca clock 2026-11-22T09:30:00Z", unregister_options, exits, ca_clock},
    {"ca backup", N_("Write the whole instance into one encrypted file"), "[OPTION]... -o FILE",
     N_("Settings, key stores, certificates and the database as of one moment; also while the server runs. Encrypted under "
        "the passphrase of --pass-file, and then with the credential of the key stores in it; without, under what opens the "
        "key stores, which has to be kept elsewhere. The root's folder is not part of it. With --node, what a further node of "
        "this installation needs, which works with the same database: see \"Several nodes\" in docs/operations.md."),
     "refrenda ca backup --pass-file backup.pass -o authority-2026-11-22.backup", backup_options, exits, ca_backup},
    {"ca restore", N_("Make an instance of a backup"), "[OPTION]... FILE --home DIR",
     N_("Into an empty folder and an empty database. Every key store is opened and every key in it tried. Serial numbers go "
        "on in a range of their own, numbers of lists upwards. What was issued after the backup is not in the register: keep "
        "the old folder, whose journal says what it was, when it is still there."),
     "refrenda ca restore authority-2026-11-22.backup --pass-file backup.pass --home /etc/refrenda", restore_options,
     exits, ca_restore},
    {"ca import", N_("Take over an authority from another program, or enter a list that a root signed"),
     "--plan PLAN --p12 FILE [--index FILE] [--cert-dir DIR] [--crl-number FILE]\n"
     "--plan PLAN --key FILE --cert FILE [--index FILE] [--cert-dir DIR] [--crl-number FILE]\n"
     "LIST.crl",
     N_("The key goes into the authority's key store, with the profiles and addresses of the plan (packs/plans/import.yaml "
        "is one to copy); what was issued with it into the register, with its revocations: from the index.txt of openssl "
        "ca, from a list in CSV (serial,end,revoked,reason,subject), from a folder of certificates as EJBCA exports them, or "
        "from several of these. Lists go on above the number given. While no server runs.\n"
        "A list is entered when it is of an authority off line (refrenda ca sign-request --crl)."),
     "refrenda ca import --plan antigua.yaml --key cakey.pem --cert cacert.pem --index index.txt --cert-dir newcerts "
     "--crl-number crlnumber\nrefrenda ca import raiz.crl",
     import_options, exits, ca_import},
    {0}};
