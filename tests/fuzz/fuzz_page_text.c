/* SPDX-License-Identifier: EUPL-1.2
 *
 * The input is the content of a page whose resources hold fonts of every kind, forms and images. A line "%%" in it
 * divides off a CMap, which two of the fonts use. Text and boxes must stay within what page_text.h promises, and every
 * character's text must be found again as a marker.
 */
#include "pdf/page_text.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OBJECTS = 12, CONTENT = 4, CMAP = 9, FILE_MAXIMUM = 1 << 20, INPUT_MAXIMUM = 1 << 16 };

static const char *const objects[OBJECTS] = {
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 800]/Resources 5 0 R>>",
    "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Rotate 90>>",
    NULL,
    "<</Font<</F 6 0 R/U 7 0 R/V 8 0 R/T 10 0 R/D 11 0 R>>/XObject<</I 12 0 R/X 4 0 R/M 9 0 R>>/Properties<</P<<"
    "/ActualText(p)>>>>/ColorSpace<</C[/ICCBased 9 0 R]>>>>",
    "<</Type/Font/Subtype/TrueType/BaseFont/Times-Bold>>",
    "<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 9 0 R/DescendantFonts[<</DW 500/W[1[9 9]5 9 700]>>]>>",
    "<</Type/Font/Subtype/Type0/Encoding 9 0 R/ToUnicode 9 0 R/DescendantFonts[<</DW2[800 -900]>>]>>",
    NULL,
    "<</Type/Font/Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FontBBox[0 0 9 9]/FirstChar 65/Widths[9 9]/ToUnicode 9 0 R>>",
    "<</Type/Font/Subtype/Type1/FontDescriptor<</FontFile 9 0 R>>/Encoding<</Differences[65/acute/fi/uni00F1]>>>>",
    "<</Type/XObject/Subtype/Image>>",
};

static void write_file(struct buf *out, slice content, slice cmap)
{
    size_t at[OBJECTS];
    buf_put_text(out, "%PDF-1.7\n");
    for (size_t i = 0; i < OBJECTS; i++) {
        at[i] = out->length;
        buf_print(out, "%zu 0 obj\n", i + 1);
        if (objects[i] != NULL) {
            buf_put_text(out, objects[i]);
        } else {
            slice part = i + 1 == CONTENT ? content : cmap;
            buf_print(out, "<</Subtype/Form/BBox[0 0 500 500]/N 3/Length %zu>>stream\n", part.length);
            buf_put_slice(out, part);
            buf_put_text(out, "\nendstream");
        }
        buf_put_text(out, "\nendobj\n");
    }
    size_t table = out->length;
    buf_print(out, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS + 1);
    for (size_t i = 0; i < OBJECTS; i++) buf_print(out, "%010zu 00000 n \n", at[i]);
    buf_print(out, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS + 1, table);
}

static bool is_sane(struct pdf_box b)
{
    return isfinite(b.left) && isfinite(b.right) && isfinite(b.bottom) && isfinite(b.top) && b.left <= b.right &&
           b.bottom <= b.top;
}

static void check(const struct pdf_page_text *t)
{
    size_t last = 0;
    struct pdf_box box;
    if (!text_is_utf8(t->text)) abort();
    for (size_t i = 0; i < t->box_count; i++) {
        if (!is_sane(t->boxes[i])) abort();
    }
    for (size_t i = 0; i < t->character_count; i++) {
        const struct pdf_character *c = &t->characters[i];
        if (!is_sane(c->box) || c->offset < last || c->length > t->text.length - c->offset) abort();
        last = (size_t)c->offset + c->length;
    }
    slice whole = slice_part(t->text, 0, 8); /* may end within a character */
    if (text_is_utf8(whole) && pdf_page_text_find(t, whole, 0, &box) && !is_sane(box)) abort();
    (void)pdf_page_text_find(t, SLICE("aab"), 1, &box);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char divider[] = "\n%%\n";
    slice content = slice_of(data, size < INPUT_MAXIMUM ? size : INPUT_MAXIMUM), cmap = SLICE_EMPTY;
    const uint8_t *divided = memmem(content.data, content.length, divider, sizeof divider - 1);
    struct pdf_options options = {.memory_maximum = (size_t)1 << 30};
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    struct pdf_page page;
    struct pdf_page_text text;
    struct buf file;
    if (divided != NULL) {
        size_t at = (size_t)(divided - content.data);
        cmap = slice_from(content, at + sizeof divider - 1);
        content.length = at;
    }
    buf_init(&file, FILE_MAXIMUM);
    write_file(&file, content, cmap);
    if (source_open_memory(buf_slice(&file), &source, NULL) == RFD_OK &&
        pdf_open(source, &options, &doc, NULL) == RFD_OK) {
        struct pdf_view view = pdf_latest(doc);
        if (pdf_page(&view, 0, &page, NULL) == RFD_OK && pdf_page_text(&view, &page, &text, NULL) == RFD_OK)
            check(&text);
    }
    pdf_close(doc);
    source_close(source);
    buf_dispose(&file);
    return 0;
}
