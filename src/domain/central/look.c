/* SPDX-License-Identifier: EUPL-1.2
 *
 * A first look at a document that somebody hands in, so that they hear at once what would keep it from being signed.
 */
#include "base/error.h"
#include "base/source.h"
#include "domain/central/central.h"
#include "pdf/document.h"

enum { PAGES_MOST = 100000 };

rfd_status signing_look(slice document, unsigned *pages, struct rfd_error *error)
{
    struct source *source = NULL;
    struct pdf_document *pdf = NULL;
    size_t count = 0;
    rfd_status status;
    TRY(source_open_memory(document, &source, error));
    TRY_OUT(pdf_open(source, NULL, &pdf, error));
    struct pdf_view view = pdf_latest(pdf);
    TRY_OUT(pdf_page_count(&view, &count, error));
    if (count == 0 || count > PAGES_MOST) status = error_set(error, RFD_E_UNSUPPORTED, "%zu pages", count);
out:
    pdf_close(pdf);
    source_close(source);
    if (status == RFD_OK) *pages = (unsigned)count;
    return status;
}
