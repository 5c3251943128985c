/* SPDX-License-Identifier: EUPL-1.2
 *
 * The input is a PDF that is checked against the part of ISO 19005 that it claims, or, when it claims none, against
 * the part that its last byte chooses. Violations must be of rules that the part has, with a clause, each once for an
 * object.
 */
#include "pdf/archive/archive.h"

#include "base/error.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 3 };

static void check_report(const struct pdf_archive_report *r)
{
    if (r->part < 0 || r->part > PARTS || (r->part == 0 && r->count > 0)) abort();
    for (size_t i = 0; i < r->count; i++) {
        const struct pdf_archive_violation *v = &r->violations[i];
        if ((unsigned)v->rule >= PDF_ARCHIVE_RULE_COUNT || v->clause == NULL || *v->clause == '\0') abort();
        if (v->detail == NULL || *pdf_archive_rule_message(v->rule) == '\0') abort();
        for (size_t k = 0; k < i; k++) {
            if (r->violations[k].rule == v->rule && r->violations[k].object == v->object) abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_options options = {.memory_maximum = (size_t)1 << 30};
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    struct pdf_archive_report claimed, chosen;
    if (source_open_memory(slice_of(data, size), &source, NULL) == RFD_OK &&
        pdf_open(source, &options, &doc, NULL) == RFD_OK) {
        struct pdf_view view = pdf_latest(doc);
        int part = size == 0 ? 1 : 1 + data[size - 1] % PARTS;
        if (pdf_archive_check(&view, 0, &claimed, NULL) == RFD_OK) check_report(&claimed);
        if (pdf_archive_check(&view, part, &chosen, NULL) == RFD_OK) {
            check_report(&chosen);
            if (chosen.part != part) abort();
        }
    }
    pdf_close(doc);
    source_close(source);
    return 0;
}
