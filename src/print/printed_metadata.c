/* SPDX-License-Identifier: EUPL-1.2
 *
 * The document's description, twice and the same both times: the information dictionary (ISO 32000-2 §14.3.3) and XMP
 * (ISO 16684-1), which also says to which standards the file keeps. Properties outside PDF/A's own schemas must be
 * described (ISO 19005-2 §6.6.2.3.3): that is the long part about PDF/UA.
 */
#include "print/printed_internal.h"

#include "base/clock.h"
#include "base/text.h"

enum { XMP_MAXIMUM = 1 << 20 };

/** XML 1.0 §2.2 has no way to write these. */
static bool is_forbidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFFFE || c == 0xFFFF;
}

rfd_status metadata_check(const char *what, slice text, struct rfd_error *error)
{
    if (text.length > PRINTED_ENTRY_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "the %s has more than %d bytes", what, PRINTED_ENTRY_MAXIMUM);
    if (!text_is_utf8(text)) return error_set(error, RFD_E_ARGUMENT, "the %s is not UTF-8", what);
    while (text.length > 0) {
        if (is_forbidden(text_next(&text)))
            return error_set(error, RFD_E_ARGUMENT, "the %s has a control character", what);
    }
    return RFD_OK;
}

static void put_entry(struct pdf_update *update, struct buf *b, const char *key, slice text)
{
    if (text.length == 0) return;
    buf_put_text(b, key);
    pdf_update_text(update, text);
}

struct pdf_reference metadata_write_info(const struct printed *p, struct pdf_update *update)
{
    char date[CLOCK_TEXT_SIZE];
    struct pdf_reference info = pdf_update_new(update);
    struct buf *b = pdf_update_object(update, info);
    buf_put_text(b, "<<");
    put_entry(update, b, "/Title ", p->title);
    put_entry(update, b, "/Author ", p->author);
    put_entry(update, b, "/Subject ", p->subject);
    put_entry(update, b, "/Producer ", p->producer);
    if (p->time != RFD_TIME_NONE) {
        put_entry(update, b, "/CreationDate ", slice_text(clock_pdf(p->time, date)));
        put_entry(update, b, "/ModDate ", slice_text(date));
    }
    buf_put_text(b, ">>");
    pdf_update_end(update);
    return info;
}

/** A property between two pieces of markup; nothing for an empty one. */
static void put_property(struct buf *b, const char *before, slice text, const char *after)
{
    if (text.length == 0) return;
    buf_put_text(b, before);
    text_put_markup(b, text);
    buf_put_text(b, after);
}

/** ISO 14289-1 wants a title and a language; all else that it asks for is so in each file that is made here. */
static bool is_accessible(const struct printed *p)
{
    return p->title.length > 0 && p->language.length > 0;
}

static const char packet_begin[] =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\""
    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
    " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n"
    "<dc:format>application/pdf</dc:format>\n";
static const char accessible[] =
    "<rdf:Description rdf:about=\"\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">"
    "<pdfuaid:part>1</pdfuaid:part></rdf:Description>\n"
    "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\""
    " xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\""
    " xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n"
    "<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">\n"
    "<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\n"
    "<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\">"
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property>\n"
    "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>\n";
static const char packet_end[] = "</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>";

static void put_xmp(const struct printed *p, struct buf *b)
{
    char date[CLOCK_TEXT_SIZE];
    slice time = slice_text(clock_iso(p->time, date));
    buf_put_text(b, packet_begin);
    buf_print(b, "<pdfaid:part>%d</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n",
              p->attached == NULL ? 2 : 3);
    put_property(b, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">", p->title, "</rdf:li></rdf:Alt></dc:title>\n");
    put_property(b, "<dc:creator><rdf:Seq><rdf:li>", p->author, "</rdf:li></rdf:Seq></dc:creator>\n");
    put_property(b, "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">", p->subject,
                 "</rdf:li></rdf:Alt></dc:description>\n");
    put_property(b, "<dc:language><rdf:Bag><rdf:li>", p->language, "</rdf:li></rdf:Bag></dc:language>\n");
    put_property(b, "<xmp:CreateDate>", time, "</xmp:CreateDate>\n");
    put_property(b, "<xmp:ModifyDate>", time, "</xmp:ModifyDate>\n");
    put_property(b, "<pdf:Producer>", p->producer, "</pdf:Producer>\n");
    buf_put_text(b, "</rdf:Description>\n");
    if (is_accessible(p)) buf_put_text(b, accessible);
    buf_put_text(b, packet_end);
}

/** Never compressed, so that programs that know nothing of PDF find it (ISO 32000-2 §14.3.2). */
struct pdf_reference metadata_write_xmp(const struct printed *p, struct pdf_update *update)
{
    struct buf xmp;
    struct pdf_reference self = pdf_update_new(update);
    buf_init(&xmp, XMP_MAXIMUM);
    put_xmp(p, &xmp);
    /* A packet that lacks its end for want of memory must not go out: the update's own buffer takes the failure over.
     */
    if (xmp.status != RFD_OK) pdf_update_buffer(update)->status = xmp.status;
    pdf_update_stream(update, self, "/Type /Metadata /Subtype /XML", buf_slice(&xmp), false);
    buf_dispose(&xmp);
    return self;
}
