/* SPDX-License-Identifier: EUPL-1.2
 *
 * The XMP packet: the claim, its form, and whether the information dictionary says the same. ISO 19005-1 §6.7,
 * 19005-2 §6.6.
 */
#include "pdf/archive/archive_internal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/number.h"
#include "pdf/archive/archive_xml.h"

enum { TEXT_MAXIMUM = 64 << 10 };

#define PDFAID "http://www.aiim.org/pdfa/ns/id/"
#define DC     "http://purl.org/dc/elements/1.1/"
#define PDF    "http://ns.adobe.com/pdf/1.3/"
#define XMP    "http://ns.adobe.com/xap/1.0/"

enum property { PART, CONFORMANCE, TITLE, AUTHOR, SUBJECT, KEYWORDS, CREATOR, PRODUCER, CREATED, MODIFIED, PROPERTIES };

static const struct archive_property properties[PROPERTIES] = {
    [PART] = {PDFAID, "part", {0}},        [CONFORMANCE] = {PDFAID, "conformance", {0}},
    [TITLE] = {DC, "title", {0}},          [AUTHOR] = {DC, "creator", {0}},
    [SUBJECT] = {DC, "description", {0}},  [KEYWORDS] = {PDF, "Keywords", {0}},
    [CREATOR] = {XMP, "CreatorTool", {0}}, [PRODUCER] = {PDF, "Producer", {0}},
    [CREATED] = {XMP, "CreateDate", {0}},  [MODIFIED] = {XMP, "ModifyDate", {0}},
};

/** The packet and what it says; false when there is none that can be read. */
static bool read_metadata(struct archive *a, slice *packet, struct archive_property out[PROPERTIES], bool *well_formed)
{
    bool no_memory = false;
    const struct pdf_value *stream = pdf_get(a->view, pdf_catalog(a->view), "Metadata");
    memcpy(out, properties, sizeof properties);
    if (!archive_stream(a, stream, packet)) return false;
    *well_formed = archive_xml_read(*packet, out, PROPERTIES, a->arena, &no_memory);
    if (no_memory) a->status = RFD_E_MEMORY;
    return true;
}

void archive_read_claim(struct archive *a)
{
    struct archive_property found[PROPERTIES];
    bool well_formed;
    slice packet;
    uint64_t part;
    if (!read_metadata(a, &packet, found, &well_formed)) return;
    if (!number_unsigned(found[PART].value, 3, &part) || part == 0) return;
    a->part = (int)part;
    if (found[CONFORMANCE].value.length == 1) a->level = (char)found[CONFORMANCE].value.data[0];
}

/* --- Form -------------------------------------------------------------------------------------------------------- */

/** The attributes bytes and encoding of the packet's header (XMP specification, part 1 §7.3.2) must not be there. */
static bool has_old_header(slice packet)
{
    static const char *const attributes[] = {" bytes=", " encoding="};
    const uint8_t *at = packet.length == 0 ? NULL : memmem(packet.data, packet.length, "<?xpacket begin", 15);
    if (at == NULL) return false;
    slice rest = slice_from(packet, (size_t)(at - packet.data));
    const uint8_t *end = memmem(rest.data, rest.length, "?>", 2);
    size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (memmem(rest.data, length, attributes[i], strlen(attributes[i])) != NULL) return true;
    }
    return false;
}

static bool level_exists(const struct archive *a)
{
    return a->level == 'A' || a->level == 'B' || (a->level == 'U' && a->part != 1);
}

/* --- Information dictionary -------------------------------------------------------------------------------------- */

static bool same_time(slice pdf, slice xmp)
{
    rfd_time one;
    rfd_time two;
    if (!clock_parse_pdf(pdf, &one) || !clock_parse_iso(xmp, &two)) return xmp.data != NULL;
    return one / RFD_SECOND == two / RFD_SECOND;
}

static bool same_text(struct archive *a, slice pdf, slice xmp)
{
    struct buf text;
    buf_init(&text, TEXT_MAXIMUM);
    pdf_text_to_utf8(pdf, &text);
    if (text.status == RFD_E_MEMORY) a->status = RFD_E_MEMORY;
    while (text.length > 0 && text.data[text.length - 1] == ' ') text.length--;
    bool same = slice_equal(buf_slice(&text), xmp) || text.status != RFD_OK;
    buf_dispose(&text);
    return same;
}

/** ISO 19005-1 §6.7.3: what both say must be the same. */
static void check_information(struct archive *a, const struct archive_property found[PROPERTIES])
{
    static const struct {
        const char *key;
        enum property property;
        bool time;
    } pairs[] = {{"Title", TITLE, false},         {"Author", AUTHOR, false},   {"Subject", SUBJECT, false},
                 {"Keywords", KEYWORDS, false},   {"Creator", CREATOR, false}, {"Producer", PRODUCER, false},
                 {"CreationDate", CREATED, true}, {"ModDate", MODIFIED, true}};
    struct pdf_reference info = pdf_reference_of(pdf_trailer(a->view), "Info");
    const struct pdf_value *dictionary = pdf_get(a->view, pdf_trailer(a->view), "Info");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct pdf_value *value = pdf_get(a->view, dictionary, pairs[i].key);
        slice xmp = found[pairs[i].property].value;
        if (value->kind != PDF_STRING || value->bytes.length == 0) continue;
        bool same = pairs[i].time ? same_time(value->bytes, xmp) : same_text(a, value->bytes, xmp);
        if (!same) archive_add(a, PDF_ARCHIVE_METADATA_INFO, info.number, "/%s", pairs[i].key);
    }
}

void archive_check_metadata(struct archive *a)
{
    struct archive_property found[PROPERTIES];
    bool well_formed = false;
    slice packet;
    const struct pdf_value *catalog = pdf_catalog(a->view);
    uint32_t object = pdf_reference_of(catalog, "Metadata").number;
    if (!read_metadata(a, &packet, found, &well_formed)) {
        archive_add(a, PDF_ARCHIVE_METADATA_MISSING, object, NULL);
        return;
    }
    const struct pdf_value *stream = pdf_get(a->view, catalog, "Metadata");
    if (pdf_get(a->view, stream, "Filter")->kind != PDF_NULL) archive_add(a, PDF_ARCHIVE_METADATA_FILTER, object, NULL);
    if (!well_formed) archive_add(a, PDF_ARCHIVE_METADATA_MALFORMED, object, NULL);
    if (has_old_header(packet)) archive_add(a, PDF_ARCHIVE_METADATA_PACKET, object, NULL);
    if (found[PART].value.data == NULL || !level_exists(a)) archive_add(a, PDF_ARCHIVE_CLAIM_MISSING, object, NULL);
    check_information(a, found);
}
