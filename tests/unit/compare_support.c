/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "compare_support.h"

const char *const compare_base[COMPARE_BASE] = {
    CATALOG("/OCProperties <</OCGs [23 0 R] /D <</ON [23 0 R]>>>>"),
    "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0 0 200 300]>>",
    PAGE(BOX, ""),
    FORM(FIELDS, ""),
    "<</Type /Page /Parent 2 0 R /Contents [6 0 R 60 0 R] /Resources 7 0 R>>",
    STREAM("", "0 0 m S "),
    "<</Font <</F1 15 0 R>> /XObject <</X1 16 0 R>>>>",
    TEXT_FIELD("/V (old) /AP <</N 17 0 R>>"),
    "<</FT /Btn /T (box) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V /Off /AS /Off /AP <</N <</On 17 0 R>>>>>>",
    "<</Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (note)>>",
    "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [3 0 R /Fit]>>",
    "<</Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /Parent 13 0 R>>",
    "<</FT /Sig /T (Sig1) /V 18 0 R /Kids [12 0 R]>>",
    EMPTY_SIGNATURE(""),
    "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    STREAM("/Type /XObject /Subtype /Image /Width 1 /Height 1 ", "pictures"),
    STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 7 0 R ", "q 1 w Q "),
    "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <30> "
    "/Reference [<</TransformMethod /DocMDP /Data 1 0 R>>]>>",
    STREAM("", "9 9 m S "),
    "<</Type /StructTreeRoot /K [21 0 R] /ParentTree 22 0 R /ParentTreeNextKey 1>>",
    "<</Type /StructElem /S /Document /P 20 0 R /Pg 3 0 R /K [0]>>",
    "<</Nums [0 [21 0 R]]>>",
    "<</Type /OCG /Name (layer)>>",
    "<</First 25 0 R /Last 25 0 R>>",
    "<</Title (one) /Parent 24 0 R /Dest [3 0 R /Fit]>>",
    "<</T (group) /Kids [27 0 R 28 0 R]>>",
    "<</FT /Tx /T (a) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>",
    "<</FT /Tx /T (b) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>",
    "<</Appearance 30 0 R>>",
    "<</Whatever (x)>>",
};
static void put_text(struct buf *b, const char *text, uint32_t first)
{
    for (; *text != '\0'; text++) {
        if (*text == '@')
            buf_print(b, "%u", (unsigned)(first + (uint32_t)(*++text - '1')));
        else
            buf_put_byte(b, (uint8_t)*text);
    }
}

void compare_apply(struct support_document *before, const struct compare_example *e, struct support_document *after)
{
    struct pdf_update *u;
    struct pdf_reference fresh[COMPARE_EDITS];
    size_t count = 0;
    size_t used = 0;
    if (pdf_update_begin(before->doc, &u, &before->error) != RFD_OK) fail_msg("%s", before->error.detail);
    for (size_t i = 0; i < COMPARE_EDITS && e->edits[i].text != NULL; i++) {
        if (e->edits[i].object == NEW) fresh[count++] = pdf_update_new(u);
    }
    for (size_t i = 0; i < COMPARE_EDITS && e->edits[i].text != NULL; i++) {
        struct pdf_reference r = {e->edits[i].object, 0};
        if (r.number == NEW) r = fresh[used++];
        while (r.number == FUTURE && pdf_update_new(u).number < FUTURE) {
        }
        put_text(pdf_update_object(u, r), e->edits[i].text, count > 0 ? fresh[0].number : 0);
        pdf_update_end(u);
    }
    support_apply(before, u, "", after);
}

bool compare_has_code(const struct difference *d, enum rfd_finding_code code)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->changes[i].code == code) return true;
    }
    return code == ANY;
}

void compare_explain(const char *name, const struct difference *d)
{
    print_message("%s: level %d\n", name, (int)d->level);
    for (size_t i = 0; i < d->count; i++)
        print_message("    %d %s object %u %s\n", (int)d->changes[i].level, rfd_finding_name(d->changes[i].code),
                      (unsigned)d->changes[i].object, d->changes[i].path);
}

const struct difference *compare_last(struct support_document *d, struct difference_context **c)
{
    const struct difference *out = NULL;
    if (difference_open(d->doc, c, &d->error) != RFD_OK) fail_msg("%s", d->error.detail);
    if (difference_between(*c, pdf_revision_count(d->doc) - 1, &out, &d->error) != RFD_OK)
        fail_msg("%s", d->error.detail);
    return out;
}
