/* SPDX-License-Identifier: EUPL-1.2
 *
 * The document that is drawn before the sandbox closes: a letter in each of the standard 14 fonts (ISO 32000-2
 * §9.6.2.2) and in others that documents often name without embedding, so that fontconfig has to find what stands for
 * them.
 */
#include "base/buf.h"
#include "render/draw.h"

#include <cairo.h>
#include <poppler.h>

enum { MAXIMUM = 1 << 16 };

static const char *const fonts[] = {
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-Oblique",
    "Helvetica-BoldOblique",
    "Times-Roman",
    "Times-Bold",
    "Times-Italic",
    "Times-BoldItalic",
    "Courier",
    "Courier-Bold",
    "Courier-Oblique",
    "Courier-BoldOblique",
    "Symbol",
    "ZapfDingbats",
    "Arial",
    "Arial,Bold",
    "Arial,Italic",
    "Arial,BoldItalic",
    "TimesNewRoman",
    "TimesNewRoman,Bold",
    "TimesNewRoman,Italic",
    "TimesNewRoman,BoldItalic",
    "CourierNew",
    "CourierNew,Bold",
    "Calibri",
    "Calibri,Bold",
    "Verdana",
    "Verdana,Bold",
};
enum { FONTS = sizeof fonts / sizeof *fonts };

/** No cross-reference table: Poppler finds objects by looking for them. */
static void write_document(struct buf *b)
{
    struct buf content;
    buf_init(&content, MAXIMUM);
    for (int i = 0; i < FONTS; i++) buf_print(&content, "BT /F%d 5 Tf 1 %d Td (a) Tj ET\n", i, i);
    buf_put_text(b, "%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
                    "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
                    "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 20 20]/Contents 4 0 R/Resources<</Font<<");
    for (int i = 0; i < FONTS; i++) buf_print(b, "/F%d<</Type/Font/Subtype/Type1/BaseFont/%s>>", i, fonts[i]);
    buf_print(b, ">>>>>> endobj\n4 0 obj <</Length %zu>>\nstream\n", content.length);
    buf_put_slice(b, buf_slice(&content));
    buf_put_text(b, "endstream endobj\ntrailer <</Root 1 0 R/Size 5>>\n%%EOF\n");
    buf_dispose(&content);
}

static void draw_first_page(PopplerDocument *document)
{
    PopplerPage *page = poppler_document_get_page(document, 0);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 20, 20);
    cairo_t *cairo = cairo_create(surface);
    if (page != NULL) poppler_page_render(page, cairo);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    if (page != NULL) g_object_unref(page);
}

/** Passwords are converted by modules of the C library that could not be loaded later; they stay while one converter
 * is open. */
static void load_converters(void)
{
    static const char *const sets[] = {"ISO-8859-1", "UTF-16BE", "UTF-16LE", "UTF-16"};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        (void)g_iconv_open(sets[i], "UTF-8");
        (void)g_iconv_open("UTF-8", sets[i]);
    }
}

void draw_warm_up(void)
{
    struct buf b;
    load_converters();
    buf_init(&b, MAXIMUM);
    write_document(&b);
    GBytes *bytes = g_bytes_new(b.data, b.length);
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    /* Never closed: Poppler forgets its tables with the last document. */
    if (document != NULL) draw_first_page(document);
    g_bytes_unref(bytes);
    buf_dispose(&b);
}
