/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/two_step.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/output.h"
#include "cli/command.h"
#include "cli/signing.h"

#include <unistd.h>

enum { SMALL_FILE = 16 << 20 };

/** A whole small file. */
static rfd_status read_small(const char *path, struct source **source, slice *bytes, struct rfd_error *error)
{
    struct source *s = NULL;
    TRY(source_open_file(path, &s, error));
    rfd_status status = source_size(s) > SMALL_FILE ? error_set(error, RFD_E_LIMIT, "%s", path)
                                                    : source_view(s, 0, source_size(s), bytes, error);
    if (status != RFD_OK) {
        source_close(s);
        return status;
    }
    *source = s;
    return RFD_OK;
}

static void print_digest(const struct arguments *a, slice session, rfd_bytes digest)
{
    struct buf hex;
    buf_init(&hex, 4096);
    if (a->json) {
        (void)fwrite(session.data, 1, session.length, stdout);
        (void)fputc('\n', stdout);
    } else if (!a->quiet) {
        buf_put_hex(&hex, slice_bytes(digest), false);
        (void)printf("%s: %.*s\n", tr(N_("Digest to sign")), (int)hex.length, (const char *)hex.data);
    }
    buf_dispose(&hex);
}

/** A prepared document without its session is of no use: told before anything is written. */
static rfd_status check_session_path(const struct arguments *a, struct rfd_error *error)
{
    if (strcmp(a->session, a->output) == 0 || strcmp(a->session, a->operands[0]) == 0)
        return error_set(error, RFD_E_ARGUMENT, "--session %s is the document itself", a->session);
    if (!a->force && access(a->session, F_OK) == 0) return error_set(error, RFD_E_EXISTS, "%s", a->session);
    return RFD_OK;
}

int two_step_prepare(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct source *certificates = NULL;
    slice pem = SLICE_EMPTY;
    struct signing signing = {0};
    rfd_bytes session = {0};
    rfd_bytes message = {0};
    rfd_bytes digest = {0};
    rfd_status status;
    if (a->operand_count != 1 || a->output == NULL || a->cert == NULL || a->session == NULL) {
        status = error_set(&error, RFD_E_ARGUMENT, "--prepare takes IN.pdf -o PREPARED.pdf --cert FILE --session FILE");
        goto out;
    }
    TRY_OUT(check_session_path(a, &error));
    TRY_OUT(read_small(a->cert, &certificates, &pem, &error));
    TRY_OUT(signing_read(a, SIGNING_WITHOUT_KEY, &signing, &error));
    TRY_OUT(rfd_prepare_file(a->operands[0], a->output, pem, &signing.options, &session, &error));
    TRY_OUT(rfd_session_to_sign(slice_bytes(session), &message, &digest, &error));
    TRY_OUT(output_whole(a->session, a->force, slice_bytes(session), &error));
    print_digest(a, slice_bytes(session), digest);
out:
    if (status != RFD_OK) message_status(NULL, &error);
    rfd_bytes_free(&session);
    rfd_bytes_free(&message);
    rfd_bytes_free(&digest);
    signing_dispose(&signing);
    source_close(certificates);
    return exit_of_status(status);
}

static rfd_status print_report(const struct rfd_sign_report *report, struct rfd_error *error)
{
    rfd_bytes json = {0};
    TRY(rfd_sign_report_json(report, &json, error));
    (void)fwrite(json.data, 1, json.length, stdout);
    (void)fputc('\n', stdout);
    rfd_bytes_free(&json);
    return RFD_OK;
}

int two_step_embed(const struct arguments *a)
{
    struct rfd_sign_report *report = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    struct signing signing = {0};
    struct source *session = NULL;
    struct source *signature = NULL;
    slice session_bytes = SLICE_EMPTY;
    slice signature_bytes = SLICE_EMPTY;
    rfd_status status;
    if (a->operand_count != 1 || a->output == NULL || a->session == NULL || a->signature == NULL) {
        status =
            error_set(&error, RFD_E_ARGUMENT, "--embed takes PREPARED.pdf -o OUT.pdf --session FILE --signature FILE");
        goto out;
    }
    TRY_OUT(read_small(a->session, &session, &session_bytes, &error));
    TRY_OUT(read_small(a->signature, &signature, &signature_bytes, &error));
    TRY_OUT(signing_read(a, SIGNING_WITHOUT_KEY, &signing, &error));
    TRY_OUT(
        rfd_embed_file(a->operands[0], a->output, session_bytes, signature_bytes, &signing.options, &report, &error));
    if (a->json)
        TRY_OUT(print_report(report, &error));
    else if (!a->quiet)
        message_done(tr(N_("Signed")), a->operands[0], a->output);
out:
    if (status != RFD_OK) message_status(NULL, &error);
    signing_dispose(&signing);
    rfd_sign_report_free(report);
    source_close(session);
    source_close(signature);
    return exit_of_status(status);
}
