/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/extensions.h"

enum { VERSION_2_0 = 20 };

static const struct pdf_change esic = {.key = "ESIC", .value = SLICE("<</BaseVersion/1.7/ExtensionLevel 1>>")};

bool extensions_wanted(struct pdf_view *view)
{
    const struct pdf_value *extensions = pdf_get(view, pdf_catalog(view), "Extensions");
    return pdf_version(view->doc) < VERSION_2_0 && pdf_get(view, extensions, "ESIC")->kind == PDF_NULL;
}

bool extensions_write_indirect(struct pdf_update *update, struct pdf_view *view)
{
    const struct pdf_value *entry = pdf_entry_of(pdf_catalog(view), "Extensions");
    const struct pdf_value *extensions = pdf_resolve(view, entry);
    if (entry->kind != PDF_REFERENCE || extensions->kind != PDF_DICTIONARY) return false;
    (void)pdf_update_object(update, entry->reference);
    pdf_update_dictionary(update, extensions, entry->reference, &esic, 1);
    pdf_update_end(update);
    return true;
}

void extensions_put_direct(struct pdf_update *update, struct pdf_view *view, struct pdf_reference owner)
{
    const struct pdf_value *extensions = pdf_entry_of(pdf_catalog(view), "Extensions");
    if (extensions->kind == PDF_DICTIONARY) {
        pdf_update_dictionary(update, extensions, owner, &esic, 1);
        return;
    }
    struct buf *b = pdf_update_buffer(update);
    buf_put_text(b, "<</ESIC");
    buf_put_slice(b, esic.value);
    buf_put_text(b, ">>");
}
