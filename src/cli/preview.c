/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda preview: the page as it will look, without signing.
 */
#include "base/error.h"
#include "base/output.h"
#include "base/source.h"
#include "cli/command.h"
#include "cli/render.h"
#include "cli/signing.h"

enum { CERTIFICATES_MAXIMUM = 1 << 20, PREVIEW_DPI = 110 };

/** Both are read only here: the picture is drawn from memory. */
static rfd_status draw(const struct arguments *a, slice certificates, const struct rfd_sign_options *options,
                       struct rfd_error *error)
{
    struct render_request request = RENDER_REQUEST_INIT;
    rfd_bytes document = {0};
    rfd_bytes png = {0};
    int page = 0;
    rfd_status status;
    TRY_OUT(rfd_preview_file(a->operands[0], certificates, options, &document, &page, error));
    request.bytes = slice_bytes(document);
    request.password = options->document_password;
    request.dpi = a->dpi == 0 ? PREVIEW_DPI : (unsigned)a->dpi;
    TRY_OUT(render_page(&request, (unsigned)page, &png, error));
    TRY_OUT(output_whole(a->output, a->force, slice_bytes(png), error));
out:
    rfd_bytes_free(&document);
    rfd_bytes_free(&png);
    return status;
}

int run_preview(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct signing signing = {0};
    struct source *certificate = NULL;
    slice bytes = SLICE_EMPTY;
    rfd_status status;
    if (a->operand_count != 1 || a->output == NULL || a->cert == NULL || a->stamp < 0) {
        message_error("%s", tr(N_("preview takes IN.pdf -o PAGE.png --cert FILE --stamp STYLE")));
        message_hint(tr(N_("See refrenda %s --help")), "preview");
        return EXIT_USAGE;
    }
    TRY_OUT(source_open_file(a->cert, &certificate, &error));
    if (source_size(certificate) > CERTIFICATES_MAXIMUM) {
        status = error_set(&error, RFD_E_LIMIT, "%s", a->cert);
        goto out;
    }
    TRY_OUT(source_view(certificate, 0, source_size(certificate), &bytes, &error));
    TRY_OUT(signing_read(a, SIGNING_WITHOUT_KEY, &signing, &error));
    TRY_OUT(draw(a, bytes, &signing.options, &error));
    if (!a->quiet) message_done(tr(N_("Drawn")), a->operands[0], a->output);
out:
    if (status != RFD_OK) message_status(NULL, &error);
    signing_dispose(&signing);
    source_close(certificate);
    return exit_of_status(status);
}
