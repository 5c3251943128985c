/* SPDX-License-Identifier: EUPL-1.2
 *
 * Command-line options as a table (options.def) and the one parser over it: GNU long options, "--name=value" or
 * "--name value", bundled single letters, "--" ends. All commands share one struct of results.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <refrenda.h>

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_FILE,
    OPTION_FOLDER,
    OPTION_NUMBER, /* 1-1024 */
    OPTION_CHOICE, /* index into `choices` */
    OPTION_TIME,
    OPTION_MANY, /* text that may be given several times */
    OPTION_FILES /* files, likewise */
};

enum option_id {
#define OPTION(id, letter, name, kind, argument, member, choices, help) OPTION_ID_##id,
#include "cli/options.def"
#undef OPTION
    OPTION_COUNT
};

struct option_row {
    char letter;
    const char *name;
    enum option_kind kind;
    const char *argument;
    size_t offset; /* of the member in struct arguments */
    const char *const *choices;
    const char *help;
};
extern const struct option_row option_rows[OPTION_COUNT];

enum { OPTION_VALUES_MAXIMUM = 32 };
/** What an option that repeats was given, in order. */
struct option_values {
    const char *items[OPTION_VALUES_MAXIMUM];
    size_t count;
};

/** What was given. Text points into argv. A choice is -1 when not given. */
struct arguments {
    const char *output, *out_dir, *batch, *p12, *key, *cert, *chain, *pkcs11, *pass_file, *pass_env, *pin_file,
        *document_pass_file, *tsa, *reason, *location, *contact, *name, *field, *lock, *session, *signature, *report,
        *url, *language, *page, *place, *marker, *stamp_size, *margin, *stamp_text, *image, *crest, *qr, *post, *number,
        *font, *home, *plan, *root, *revoke_file, *master, *database, *index, *cert_dir, *crl_number;
    const char *document, *given_names, *surname, *second_surname, *role, *code, *act_for, *entity, *second_p12,
        *second_pass_file;
    int jobs, level, certify, node, digest, colour, stamp, look, dpi;
    bool force, in_place, pss, repair, prepare, embed, require_trust, offline, json, quiet, verbose, help, pdfa,
        sign_crl, dry_run;
    rfd_time at;
    const char *authority, *profile, *mobile, *request, *request_number, *write_approval, *partition, *new_pass_file;
    struct option_values trust, share, attribute, mail, host, approval;
    int new_key, revocation_reason, state, limit;
    rfd_time since, ends_before;
    bool legacy, yes, delta, now;
    const char *log_state, *audit_object, *audit_actor;
    const char *csc, *csc_client, *csc_secret_file, *csc_token_file, *csc_credential, *csc_pin_file, *csc_otp_file,
        *csc_redirect, *csc_authorities;
    bool csc_browser, csc_no_browser, seal_code;
    const char *const *operands; /* argv, operands only, in order */
    size_t operand_count;
};

/** Parses argv[1..] (it is reordered: operands last). On a mistake prints one line to standard error and returns false.
 */
bool options_parse(const char *command, const enum option_id *allowed, int argc, char **argv, struct arguments *out);

#endif
