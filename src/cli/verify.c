/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda verify.
 */
#include "base/error.h"
#include "base/output.h"
#include "base/source.h"
#include "cli/command.h"
#include "cli/credentials.h"
#include "cli/json.h"
#include "cli/report_text.h"
#include "cli/safe_text.h"

#include <jansson.h>
#include <unistd.h>

enum verify_exit {
    VERIFY_PASSED = 0,
    VERIFY_FAILED = 1,
    VERIFY_INDETERMINATE = 2,
    VERIFY_UNSIGNED = 3,
    VERIFY_UNREADABLE = 4
};

/** Of several files the worst counts: 4 > 1 > 2 > 3 > 0. */
static int worse(int a, int b)
{
    static const int rank[] = {[VERIFY_PASSED] = 0,
                               [VERIFY_FAILED] = 3,
                               [VERIFY_INDETERMINATE] = 2,
                               [VERIFY_UNSIGNED] = 1,
                               [VERIFY_UNREADABLE] = 4};
    return rank[a] > rank[b] ? a : b;
}

static int exit_of_verification(const struct rfd_verification *v)
{
    static const int exits[] = {[RFD_TOTAL_PASSED] = VERIFY_PASSED,
                                [RFD_INDETERMINATE] = VERIFY_INDETERMINATE,
                                [RFD_TOTAL_FAILED] = VERIFY_FAILED};
    return rfd_verification_count(v) == 0 ? VERIFY_UNSIGNED : exits[rfd_verification_indication(v)];
}

static rfd_status verify_one(const char *path, const struct rfd_verify_options *options, struct rfd_verification **out,
                             struct rfd_error *error)
{
    struct source *input = NULL;
    slice bytes = SLICE_EMPTY;
    if (strcmp(path, "-") != 0) return rfd_verify_file(path, options, out, error);
    TRY(source_read_fd(STDIN_FILENO, UINT64_C(2) << 30, &input, error));
    rfd_status status = source_view(input, 0, source_size(input), &bytes, error);
    if (status == RFD_OK) status = rfd_verify_memory(bytes, options, out, error);
    source_close(input);
    return status;
}

static json_t *json_of(const char *path, const struct rfd_verification *v, const struct rfd_error *error)
{
    rfd_bytes text = {0};
    json_t *o = NULL;
    if (v == NULL)
        return json_pack("{s:o, s:s, s:s}", "file", safe_json(path), "error", rfd_status_name(error->code), "detail",
                         error->detail);
    if (rfd_verification_json(v, path, &text, NULL) == RFD_OK)
        o = json_loadb((const char *)text.data, text.length, 0, NULL);
    rfd_bytes_free(&text);
    return o;
}

static rfd_status write_json(const struct rfd_verification *v, const char *name, const struct rfd_language *language,
                             rfd_bytes *out, struct rfd_error *error)
{
    (void)language;
    return rfd_verification_json(v, name, out, error);
}

/** --report: for people or programs, by how the file's name ends. */
static const struct report_kind {
    const char *suffix;
    rfd_status (*write)(const struct rfd_verification *v, const char *name, const struct rfd_language *language,
                        rfd_bytes *out, struct rfd_error *error);
} report_kinds[] = {
    {".pdf", rfd_verification_pdf},
    {".html", rfd_verification_html},
    {".htm", rfd_verification_html},
    {".json", write_json},
};

static const struct report_kind *report_kind_of(const char *path)
{
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof report_kinds / sizeof *report_kinds; i++) {
        if (strcasecmp(suffix, report_kinds[i].suffix) == 0) return &report_kinds[i];
    }
    return NULL;
}

static rfd_status write_report(const char *path, const char *document, bool replace, const struct rfd_verification *v,
                               struct rfd_error *error)
{
    const char *slash = strrchr(document, '/');
    const char *name = slash == NULL ? document : slash + 1;
    struct rfd_language *language = NULL;
    rfd_bytes bytes = {0};
    rfd_status status;
    TRY_OUT(messages_open_language(&language, error));
    TRY_OUT(report_kind_of(path)->write(v, name, language, &bytes, error)); /* report_option_is_right() */
    TRY_OUT(output_whole(path, replace, slice_bytes(bytes), error));
out:
    rfd_language_close(language);
    rfd_bytes_free(&bytes);
    return status;
}

/** A report that could not be written must not look like a verdict. */
static bool report_written(const struct arguments *a, const char *document, const struct rfd_verification *v)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (a->report == NULL || v == NULL) return true;
    if (write_report(a->report, document, a->force, v, &error) == RFD_OK) return true;
    message_status(a->report, &error);
    return false;
}

static bool report_option_is_right(const struct arguments *a)
{
    if (a->report == NULL) return true;
    if (a->operand_count > 1) {
        message_error("%s", tr(N_("--report is about one document")));
        return false;
    }
    if (report_kind_of(a->report) != NULL) return true;
    message_error("%s", tr(N_("The name after --report must end with .pdf, .html or .json")));
    return false;
}

static int verify_files(const struct arguments *a, const struct rfd_verify_options *options)
{
    int status = VERIFY_PASSED;
    json_t *list = a->json ? json_array() : NULL;
    for (size_t i = 0; i < a->operand_count; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        struct rfd_verification *v = NULL;
        bool read = verify_one(a->operands[i], options, &v, &error) == RFD_OK;
        status = worse(status, read ? exit_of_verification(v) : VERIFY_UNREADABLE);
        if (a->json) {
            (void)json_array_append_new(list, json_of(a->operands[i], v, &error));
        } else if (!read) {
            message_status(a->operands[i], &error);
        } else if (!a->quiet) {
            if (i > 0) (void)fputc('\n', stdout);
            report_text(stdout, a->operands[i], v, a->verbose);
        }
        if (!report_written(a, a->operands[i], v)) status = VERIFY_UNREADABLE;
        rfd_verification_free(v);
    }
    if (a->json) json_print(stdout, "files", list);
    return status;
}

int run_verify(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_trust *trust = NULL;
    struct secret password = {0};
    int status = EXIT_USAGE;
    if (a->operand_count == 0) {
        message_error("%s", tr(N_("No file given")));
        message_hint("%s", tr(N_("See refrenda verify --help")));
    } else if (!report_option_is_right(a)) {
        message_hint("%s", tr(N_("See refrenda verify --help")));
    } else if (credentials_trust(a, &trust, &error) != RFD_OK || credentials_document(a, &password, &error) != RFD_OK) {
        message_status(NULL, &error);
    } else {
        options.trust = trust;
        options.offline = a->offline;
        options.at = a->at;
        options.document_password = secret_slice(&password);
        status = verify_files(a, &options);
    }
    secret_dispose(&password);
    rfd_trust_free(trust);
    return status;
}
