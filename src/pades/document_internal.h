/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of refrenda/document.h. Texts live in the PDF's arena.
 */
#ifndef PADES_DOCUMENT_INTERNAL_H
#define PADES_DOCUMENT_INTERNAL_H

#include "pdf/document.h"
#include <refrenda/document.h>

struct rfd_document {
    struct source *source;
    struct pdf_document *pdf;
    struct pdf_view view;
    const struct rfd_field_info *fields; /* made on first use */
    size_t field_count;
    struct rfd_document_info *info; /* made on first use */
};

#endif
