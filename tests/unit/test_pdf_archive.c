/* SPDX-License-Identifier: EUPL-1.2
 *
 * The PDF/A checker: a small file that conforms to each part, and for each rule at least one edit of it that breaks it.
 */
#include "base/memory.h"
#include "pdf/archive/archive.h"
#include "pdf/archive/archive_xml.h"
#include "pdf_support.h"
#include "print/colour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { OBJECTS = 24, TEXT_MAXIMUM = 4096, FILE_MAXIMUM = 1 << 20 };

/* --- The file ---------------------------------------------------------------------------------------------------- */

/* Each object's text; "stream:" is followed by a stream's data. @P and @L are part and level. */
static const char *const objects[OBJECTS + 1] = {
    [1] =
        "<</Type/Catalog/Pages 2 0 R/Kept 24 0 R/Metadata 5 0 R/OutputIntents[6 0 R]/AcroForm<</Fields[10 0 R 20 0 R]/SigFlags 3>>"
        "/Perms<</DocMDP 21 0 R>>>>",
    [2] = "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    [3] = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[10 0 R 17 0 R 20 0 R]/Resources<</Font"
          "<</F0 8 0 R/F1 19 0 R>>/ExtGState<</G0 13 0 R>>/XObject<</X0 12 0 R>>>>>>",
    [4] =
        "<<@LEN>>stream:q 1 0 0 rg 10 10 50 50 re f Q 0 G /G0 gs BT /F0 12 Tf <00010002> Tj 3 Tr /F1 9 Tf (hidden) Tj ET "
        "/X0 Do BI /W 1 /H 1 /BPC 8 /CS /RGB ID abc EI ",
    [5] = "<</Type/Metadata/Subtype/XML@LEN>>stream:<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
          "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
          "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" pdfaid:part=\"@P\">"
          "<pdfaid:conformance>@L</pdfaid:conformance></rdf:Description><rdf:Description rdf:about=\"\" "
          "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">"
          "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">A &amp; B</rdf:li></rdf:Alt></dc:title>"
          "<xmp:ModifyDate>2026-11-21T18:50:24Z</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>"
          "<?xpacket end=\"w\"?>",
    [6] = "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/DestOutputProfile 7 0 R>>",
    [7] = "<</N 3@LEN>>stream:@PROFILE",
    [8] =
        "<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Test/Encoding/Identity-H/DescendantFonts[9 0 R]/ToUnicode 18 0 R>>",
    [9] = "<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Test/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
          "/Supplement 0>>/CIDToGIDMap/Identity/DW 500/W[0[500 600]2 3 700]/FontDescriptor 14 0 R>>",
    [10] = "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[10 10 90 30]/F 4/P 3 0 R/AP<</N 11 0 R>>>>",
    [11] =
        "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F0 8 0 R>>>>@LEN>>stream:BT /F0 9 Tf <0001> "
        "Tj ET",
    [12] = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace[/ICCBased 7 0 R]/Interpolate "
           "false@LEN>>stream:abc",
    [13] = "<</Type/ExtGState/CA 1/ca 1.0/BM/Normal/SMask/None/TR2/Default/RI/Perceptual>>",
    [14] = "<</Type/FontDescriptor/FontName/ABCDEF+Test/FontFile2 15 0 R/CIDSet 16 0 R>>",
    [15] = "<<@LEN>>stream:@FONT",
    [16] = "<<@LEN>>stream:\xF0",
    [17] = "<</Type/Annot/Subtype/Link/Rect[10 50 90 70]/F 4/A<</S/URI/URI(urn:x)>>>>",
    [18] = "<<@LEN>>stream:/CMapName /X def",
    [19] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    [20] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 21 0 R/AP<</N 22 0 R>>>>",
    [21] = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Reference[<</TransformMethod/DocMDP>>]"
           "/ByteRange[0 ********** ********** **********]/Contents"
           "<@CMS>>>",
    [22] = "<</Type/XObject/Subtype/Form/BBox[0 0 0 0]@LEN>>stream: ",
    [23] = "<</Title(A & B)/ModDate(D:20261121185024Z)>>",
    [24] = "<</Type/Unused>>",
};

/* ContentInfo { OID, [0] SignedData { version, digest algorithms, content, [0] certificates, signers { one } } }. */
static const char signed_data[] = "3018060100A013301102010131003000A00230003104300205000000";

struct edit {
    const char *from, *to;
};
struct layout {
    struct buf file;
    size_t offsets[OBJECTS + 1];
};

/** `text` with the first `from` replaced; false when it is not there. */
static bool replace(struct buf *text, const char *from, const char *to)
{
    const uint8_t *at = text->length == 0 ? NULL : memmem(text->data, text->length, from, strlen(from));
    struct buf out;
    if (at == NULL) return false;
    size_t before = (size_t)(at - text->data);
    buf_init(&out, FILE_MAXIMUM);
    buf_put(&out, text->data, before);
    buf_put_text(&out, to);
    buf_put_slice(&out, slice_from(buf_slice(text), before + strlen(from)));
    buf_dispose(text);
    *text = out;
    return true;
}

/** A TrueType program of four glyphs with the tables that tell widths. */
static void put_font(struct buf *b)
{
    static const struct {
        const char *tag;
        uint8_t offset, length;
    } tables[] = {{"head", 76, 20}, {"hhea", 96, 36}, {"hmtx", 132, 16}, {"maxp", 148, 6}};
    uint8_t program[154] = {0, 1, 0, 0, 0, 4};
    static const uint16_t widths[] = {500, 600, 700, 700};
    for (size_t i = 0; i < 4; i++) {
        memcpy(program + 12 + i * 16, tables[i].tag, 4);
        program[12 + i * 16 + 11] = tables[i].offset;
        program[12 + i * 16 + 15] = tables[i].length;
        program[132 + i * 4] = (uint8_t)(widths[i] >> 8);
        program[132 + i * 4 + 1] = (uint8_t)widths[i];
    }
    program[76 + 18] = 1000 >> 8;
    program[76 + 19] = 1000 & 0xFF;
    program[96 + 35] = 4;
    program[148 + 5] = 4;
    buf_put(b, program, sizeof program);
}

/** An object's text with placeholders filled and the length of its stream. */
static void put_object(struct layout *l, uint32_t number, struct buf *text)
{
    static const char marker[] = "stream:";
    struct buf data;
    char length[32];
    buf_init(&data, FILE_MAXIMUM);
    const uint8_t *at = memmem(text->data, text->length, marker, strlen(marker));
    size_t head = at == NULL ? text->length : (size_t)(at - text->data);
    slice content = slice_from(buf_slice(text), head + (at == NULL ? 0 : strlen(marker)));
    if (slice_is(content, "@PROFILE"))
        buf_put_slice(&data, colour_profile());
    else if (slice_is(content, "@FONT"))
        put_font(&data);
    else
        buf_put_slice(&data, content);
    text->length = head;
    (void)snprintf(length, sizeof length, "/Length %zu", data.length);
    (void)replace(text, "@LEN", length);
    l->offsets[number] = l->file.length;
    buf_print(&l->file, "%u 0 obj\n", number);
    buf_put_slice(&l->file, buf_slice(text));
    if (at != NULL) {
        buf_put_text(&l->file, "\nstream\n");
        buf_put_slice(&l->file, buf_slice(&data));
        buf_put_text(&l->file, "\nendstream");
    }
    buf_put_text(&l->file, "\nendobj\n");
    buf_dispose(&data);
}

/** The range around the one /Contents, in its place of fixed width. */
static void set_range(struct buf *file)
{
    static const char range[] = "********** ********** **********";
    uint8_t *at = memmem(file->data, file->length, range, strlen(range));
    const uint8_t *contents = memmem(file->data, file->length, "/Contents<", 10);
    if (at == NULL || contents == NULL) return;
    size_t gap = (size_t)(contents - file->data) + 9;
    const uint8_t *close = memchr(contents, '>', file->length - gap);
    size_t after = (size_t)(close - file->data) + 1;
    char text[64];
    (void)snprintf(text, sizeof text, "%010zu %010zu %010zu", gap, after, file->length - after);
    memcpy(at, text, strlen(range));
}

/** The file with an edit of an object's text, or of the finished bytes. */
static struct buf make(int part, char level, const struct edit *edit, bool finished)
{
    struct layout l;
    bool edited = edit == NULL || finished;
    buf_init(&l.file, FILE_MAXIMUM);
    buf_put_text(&l.file, "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n");
    for (uint32_t number = 1; number <= OBJECTS; number++) {
        struct buf text;
        buf_init(&text, FILE_MAXIMUM);
        buf_put_text(&text, objects[number]);
        if (!edited) edited = replace(&text, edit->from, edit->to);
        (void)replace(&text, "@P\"", part == 1 ? "1\"" : part == 2 ? "2\"" : "3\"");
        (void)replace(&text, "@L<", (const char[]){level, '<', 0});
        (void)replace(&text, "@CMS", signed_data);
        put_object(&l, number, &text);
        buf_dispose(&text);
    }
    size_t xref = l.file.length;
    buf_print(&l.file, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS + 1);
    for (size_t i = 1; i <= OBJECTS; i++) buf_print(&l.file, "%010zu 00000 n \n", l.offsets[i]);
    buf_print(&l.file, "trailer\n<</Size %d/Root 1 0 R/Info 23 0 R/ID[<00><00>]>>\nstartxref\n%zu\n%%%%EOF\n",
              OBJECTS + 1, xref);
    if (finished) edited = replace(&l.file, edit->from, edit->to);
    if (!edited) fail_msg("nothing to edit: %s", edit->from);
    set_range(&l.file);
    assert_int_equal(l.file.status, RFD_OK);
    return l.file;
}

/* --- Checking ---------------------------------------------------------------------------------------------------- */

struct checked {
    struct support_document document;
    struct pdf_archive_report report;
};

static void check(struct buf *file, struct checked *out)
{
    struct pdf_view view;
    support_init(&out->document);
    buf_dispose(&out->document.bytes);
    out->document.bytes = *file;
    if (support_open(&out->document, "", false) != RFD_OK) fail_msg("%s", out->document.error.detail);
    view = pdf_latest(out->document.doc);
    assert_int_equal(pdf_archive_check(&view, 0, &out->report, NULL), RFD_OK);
}

static bool has(const struct pdf_archive_report *report, enum pdf_archive_rule rule)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->violations[i].rule == rule) return true;
    }
    return false;
}

static void print_violations(const struct pdf_archive_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        print_message("  %s %s, object %u: %s\n", r->violations[i].clause, pdf_archive_rule_name(r->violations[i].rule),
                      r->violations[i].object, r->violations[i].detail);
}

static const struct {
    int part;
    char level;
} claims[] = {{1, 'B'}, {1, 'A'}, {2, 'B'}, {2, 'U'}, {3, 'B'}, {3, 'U'}};

static void what_conforms_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct buf file = make(claims[i].part, claims[i].level, NULL, false);
        struct checked c;
        check(&file, &c);
        if (c.report.count > 0) print_violations(&c.report);
        assert_int_equal(c.report.count, 0);
        assert_int_equal(c.report.part, claims[i].part);
        assert_int_equal(c.report.level, claims[i].level);
        assert_true(c.report.complete);
        support_close(&c.document);
    }
}

/* --- Broken in one place ----------------------------------------------------------------------------------------- */

#define LONG_NAME                                                                                                          \
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define EMBEDDED(entries) "/X<</Type/Filespec/F(a)/UF(a)/EF<</F 16 0 R>>" entries ">>>>"

enum { ONE = 1, TWO = 2, THREE = 4, ALL = ONE | TWO | THREE, LATER = TWO | THREE, FINISHED = 8, LEVEL_U = 16 };

static const struct {
    enum pdf_archive_rule rule;
    unsigned parts; /* in which it must be found; in the others it must not */
    struct edit edit;
} broken[] = {
    {PDF_ARCHIVE_HEADER, ALL | FINISHED, {"%PDF-1.4\n", "%PDF-2.0\n"}},
    {PDF_ARCHIVE_HEADER, LATER | FINISHED, {"%PDF-1.4\n", "%PDF-1.8\n"}},
    {PDF_ARCHIVE_HEADER_COMMENT, ALL | FINISHED, {"%\xE2\xE3\xCF\xD3", "%abcd"}},
    {PDF_ARCHIVE_FILE_IDENTIFIER, ALL | FINISHED, {"/ID[<00><00>]", ""}},
    {PDF_ARCHIVE_AFTER_END, ALL | FINISHED, {"%%EOF\n", "%%EOF\n\nmore"}},
    {PDF_ARCHIVE_XREF_SPACING, ALL | FINISHED, {"xref\n0 25\n0000", "xref 0 25\n0000"}},
    {PDF_ARCHIVE_OBJECT_SPACING, ALL | FINISHED, {"2 0 obj\n", "2 0 obj "}},
    {PDF_ARCHIVE_OBJECT_SPACING, ALL | FINISHED, {">>\nendobj\n3 0", ">> endobj\n3 0"}},
    {PDF_ARCHIVE_STREAM_LENGTH, ALL | FINISHED, {"abc\nendstream", "abcdendstream"}},
    {PDF_ARCHIVE_STREAM_EXTERNAL, ALL, {"/Interpolate false", "/F(elsewhere)"}},
    {PDF_ARCHIVE_CRYPT_FILTER, LATER, {"/Interpolate false", "/Filter/Crypt/DecodeParms<</Name/StdCF>>"}},
    {PDF_ARCHIVE_LZW, ALL, {"/CS /RGB ID", "/CS /RGB /F /LZW ID"}},
    {PDF_ARCHIVE_INTEGER_RANGE, ALL, {"/Type/ExtGState", "/Type/ExtGState/X 2147483648"}},
    {PDF_ARCHIVE_NAME_LENGTH, ALL, {"/Type/ExtGState", "/Type/ExtGState/X" LONG_NAME}},
    {PDF_ARCHIVE_NESTING, ALL, {"q 1 0 0 rg", "q q q q q q q q q q q q q q q q q q q q q q q q q q q q q 1 0 0 rg"}},
    {PDF_ARCHIVE_METADATA_FILTER, ONE, {"/Subtype/XML", "/Subtype/XML/Filter[]"}},
    {PDF_ARCHIVE_METADATA_MALFORMED, ALL, {"</rdf:RDF></x:xmpmeta>", "</x:xmpmeta>"}},
    {PDF_ARCHIVE_METADATA_PACKET, ALL, {"id=\"W5M0", "encoding=\"UTF-8\" id=\"W5M0"}},
    {PDF_ARCHIVE_CLAIM_MISSING, ALL, {"@L<", "Z<"}},
    {PDF_ARCHIVE_METADATA_INFO, ONE, {"A &amp; B", "A &amp; C"}},
    {PDF_ARCHIVE_METADATA_INFO, ONE, {"18:50:24Z</xmp", "18:50:25Z</xmp"}},
    {PDF_ARCHIVE_METADATA_INFO, ONE, {"/Title(A & B)", "/Title(A & B)/Author(Alba)"}},
    {PDF_ARCHIVE_INTENT_PROFILE, ALL, {"/DestOutputProfile 7 0 R", ""}},
    {PDF_ARCHIVE_INTENT_TWO, ALL, {"[6 0 R]", "[6 0 R<</S/GTS_PDFX/DestOutputProfile 16 0 R>>]"}},
    {PDF_ARCHIVE_DEVICE_RGB, ALL, {"/OutputIntents[6 0 R]", ""}},
    {PDF_ARCHIVE_DEVICE_CMYK, ALL, {"1 0 0 rg", "1 0 0 0 k"}},
    {PDF_ARCHIVE_DEVICE_CMYK, ALL, {"/ColorSpace[/ICCBased 7 0 R]", "/ColorSpace[/Separation/X/DeviceCMYK 24 0 R]"}},
    {PDF_ARCHIVE_DEVICE_GRAY, ALL, {"/OutputIntents[6 0 R]", ""}},
    {PDF_ARCHIVE_PROFILE_COMPONENTS, ALL, {"/N 3", "/N 4"}},
    {PDF_ARCHIVE_IMAGE_ALTERNATES, ALL, {"/Interpolate false", "/Alternates[]"}},
    {PDF_ARCHIVE_IMAGE_INTERPOLATE, ALL, {"/Interpolate false", "/Interpolate true"}},
    {PDF_ARCHIVE_IMAGE_INTERPOLATE, ALL, {"/CS /RGB ID", "/CS /RGB /I true ID"}},
    {PDF_ARCHIVE_XOBJECT_OPI, ALL, {"/Interpolate false", "/OPI<<>>"}},
    {PDF_ARCHIVE_XOBJECT_POSTSCRIPT, ALL, {"/BBox[0 0 80 20]", "/BBox[0 0 80 20]/Subtype2/PS"}},
    {PDF_ARCHIVE_XOBJECT_REFERENCE, ALL, {"/BBox[0 0 80 20]", "/BBox[0 0 80 20]/Ref<<>>"}},
    {PDF_ARCHIVE_STATE_TRANSFER, ALL, {"/TR2/Default", "/TR2/Identity"}},
    {PDF_ARCHIVE_STATE_TRANSFER, ALL, {"/TR2/Default", "/TR/Identity"}},
    {PDF_ARCHIVE_RENDERING_INTENT, ALL, {"/RI/Perceptual", "/RI/Mine"}},
    {PDF_ARCHIVE_RENDERING_INTENT, ALL, {"q 1 0 0 rg", "q /Mine ri 1 0 0 rg"}},
    {PDF_ARCHIVE_OPERATOR, ALL, {"q 1 0 0 rg", "q BX 1 foo EX 1 0 0 rg"}},
    {PDF_ARCHIVE_TRANSPARENCY_GROUP, ONE, {"/BBox[0 0 80 20]", "/BBox[0 0 80 20]/Group<</S/Transparency>>"}},
    {PDF_ARCHIVE_TRANSPARENCY_GROUP, ONE, {"/MediaBox", "/Group<</S/Transparency/CS/DeviceRGB>>/MediaBox"}},
    {PDF_ARCHIVE_TRANSPARENCY_MASK, ONE, {"/SMask/None", "/SMask<<>>"}},
    {PDF_ARCHIVE_TRANSPARENCY_MASK, ONE, {"/Interpolate false", "/SMask 12 0 R"}},
    {PDF_ARCHIVE_TRANSPARENCY_ALPHA, ONE, {"/CA 1", "/CA 0.5"}},
    {PDF_ARCHIVE_TRANSPARENCY_ALPHA, ONE, {"/ca 1.0", "/ca 0"}},
    {PDF_ARCHIVE_BLEND_MODE, ONE, {"/BM/Normal", "/BM/Multiply"}},
    {PDF_ARCHIVE_BLEND_MODE, ALL, {"/BM/Normal", "/BM/Mine"}},
    {PDF_ARCHIVE_TRANSPARENCY_SPACE, LATER, {"/OutputIntents[6 0 R]", "/X<</Group<</S/Transparency>>>>"}},
    {PDF_ARCHIVE_FONT_EMBEDDED, ALL, {"/FontFile2 15 0 R", ""}},
    {PDF_ARCHIVE_FONT_EMBEDDED, ALL, {"3 Tr /F1", "0 Tr /F1"}},
    {PDF_ARCHIVE_FONT_MISSING, ALL, {"/F0 9 Tf", "/F9 9 Tf"}},
    {PDF_ARCHIVE_FONT_CID_MAP, ALL, {"/CIDToGIDMap/Identity", ""}},
    {PDF_ARCHIVE_FONT_CID_SET, ONE, {"/CIDSet 16 0 R", ""}},
    {PDF_ARCHIVE_FONT_WIDTHS, ALL, {"/W[0[500 600]", "/W[0[500 620]"}},
    {PDF_ARCHIVE_FONT_WIDTHS, ALL, {"2 3 700]", "2 3 640]"}},
    {PDF_ARCHIVE_FONT_UNICODE, LATER | LEVEL_U, {"/ToUnicode 18 0 R", ""}},
    {PDF_ARCHIVE_ANNOTATION_TYPE, ALL, {"/Subtype/Link", "/Subtype/Movie"}},
    {PDF_ARCHIVE_ANNOTATION_TYPE, ONE, {"/Subtype/Link", "/Subtype/Caret"}},
    {PDF_ARCHIVE_ANNOTATION_FLAGS, ALL, {"/F 4/A", "/A"}},
    {PDF_ARCHIVE_ANNOTATION_FLAGS, ALL, {"/F 4/P", "/F 0/P"}},
    {PDF_ARCHIVE_ANNOTATION_FLAGS, ALL, {"/F 132", "/F 134"}},
    {PDF_ARCHIVE_ANNOTATION_FLAGS, LATER, {"/F 132", "/F 388"}},
    {PDF_ARCHIVE_ANNOTATION_OPACITY, ONE, {"/F 4/P", "/CA 0.5/F 4/P"}},
    {PDF_ARCHIVE_ANNOTATION_COLOUR, ONE, {"/OutputIntents[6 0 R]", "/X<</Annots[<</Subtype/Link/F 4/C[1]>>]>>"}},
    {PDF_ARCHIVE_APPEARANCE_MISSING, ALL, {"/AP<</N 11 0 R>>", ""}},
    {PDF_ARCHIVE_APPEARANCE_MISSING, ONE, {"/AP<</N 22 0 R>>", ""}},
    {PDF_ARCHIVE_APPEARANCE_STATES, ALL, {"/AP<</N 11 0 R>>", "/AP<</N 11 0 R/D 11 0 R>>"}},
    {PDF_ARCHIVE_APPEARANCE_STATES, ALL, {"/AP<</N 11 0 R>>", "/AP<</N<</On 11 0 R>>>>"}},
    {PDF_ARCHIVE_APPEARANCE_STATES, ALL, {"/FT/Tx", "/FT/Btn"}},
    {PDF_ARCHIVE_FORM_ACTIONS, ALL, {"/FT/Tx", "/FT/Tx/AA<<>>"}},
    {PDF_ARCHIVE_FORM_ACTIONS, ALL, {"/FT/Sig", "/FT/Sig/A<</S/URI>>"}},
    {PDF_ARCHIVE_FORM_NEEDS_APPEARANCES, ALL, {"/SigFlags 3", "/SigFlags 3/NeedAppearances true"}},
    {PDF_ARCHIVE_FORM_XFA, LATER, {"/SigFlags 3", "/SigFlags 3/XFA[]"}},
    {PDF_ARCHIVE_ACTION, ALL, {"/S/URI", "/S/Launch"}},
    {PDF_ARCHIVE_ACTION, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/OpenAction<</S/JavaScript/JS(x)>>"}},
    {PDF_ARCHIVE_ACTION, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/OpenAction<</S/Named/N/Print>>"}},
    {PDF_ARCHIVE_ACTION, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/Names<</JavaScript<<>>>>"}},
    {PDF_ARCHIVE_ADDITIONAL_ACTIONS, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/AA<<>>"}},
    {PDF_ARCHIVE_ADDITIONAL_ACTIONS, ALL, {"/MediaBox", "/AA<<>>/MediaBox"}},
    {PDF_ARCHIVE_EMBEDDED_FILE, ONE, {"/Pages 2 0 R", "/Pages 2 0 R/Names<</EmbeddedFiles<<>>>>"}},
    {PDF_ARCHIVE_EMBEDDED_FILE, ALL, {"/Type/Unused>>", EMBEDDED("")}},
    {PDF_ARCHIVE_EMBEDDED_FILE,
     ALL,
     {"/Type/Unused>>", "/X<</Type/Filespec/F(a)/AFRelationship/Data/EF<</F 18 0 R>>>>>>"}},
    {PDF_ARCHIVE_LAYERS, ONE, {"/Pages 2 0 R", "/Pages 2 0 R/OCProperties<</D<</Name(x)>>>>"}},
    {PDF_ARCHIVE_LAYERS, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/OCProperties<</D<<>>>>"}},
    {PDF_ARCHIVE_LAYERS, ALL, {"/Pages 2 0 R", "/Pages 2 0 R/OCProperties<</D<</Name(x)/AS[]>>>>"}},
    {PDF_ARCHIVE_ALTERNATE_PRESENTATION, LATER, {"/MediaBox", "/PresSteps<<>>/MediaBox"}},
    {PDF_ARCHIVE_ALTERNATE_PRESENTATION, LATER, {"/Pages 2 0 R", "/Pages 2 0 R/Names<</AlternatePresentations<<>>>>"}},
    {PDF_ARCHIVE_REQUIREMENTS, LATER, {"/Pages 2 0 R", "/Pages 2 0 R/Requirements[]"}},
    {PDF_ARCHIVE_PERMISSIONS, LATER, {"/Perms<<", "/Perms<</Mine 21 0 R"}},
    {PDF_ARCHIVE_PERMISSIONS, LATER, {"/TransformMethod/DocMDP", "/TransformMethod/DocMDP/DigestMethod/MD5"}},
    {PDF_ARCHIVE_SIGNATURE_RANGE, LATER, {"/ByteRange[0 ", "/ByteRange[1 "}},
    {PDF_ARCHIVE_SIGNATURE_RANGE, LATER, {"********** ********** **********", "0000000100 0000000200 0000000300"}},
    {PDF_ARCHIVE_SIGNATURE_VALUE, LATER, {"@CMS", "3080060100"}},
};

static void expect_broken(size_t i, int part)
{
    unsigned bit = 1U << (part - 1);
    char level = (broken[i].parts & LEVEL_U) == 0 || part == 1 ? 'B' : 'U';
    struct buf file = make(part, level, &broken[i].edit, (broken[i].parts & FINISHED) != 0);
    struct checked c;
    check(&file, &c);
    if (has(&c.report, broken[i].rule) != ((broken[i].parts & bit) != 0)) {
        print_violations(&c.report);
        fail_msg("part %d, %s: \"%s\" to \"%s\"", part, pdf_archive_rule_name(broken[i].rule), broken[i].edit.from,
                 broken[i].edit.to);
    }
    for (size_t k = 0; k < c.report.count; k++) assert_true(*c.report.violations[k].clause == '6');
    support_close(&c.document);
}

static void each_rule_is_found_when_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        for (int part = 1; part <= 3; part++) expect_broken(i, part);
    }
}

/* --- What no edit of one place can show -------------------------------------------------------------------------- */

/** The one place at which the latter differs from `from`, made long. */
static void strings_have_a_longest_length(void **state)
{
    (void)state;
    static char text[70000];
    for (int part = 1; part <= 2; part++) {
        for (size_t length = 32767; length <= 65536; length += length == 32767 ? 1 : 32767) {
            (void)snprintf(text, sizeof text, "/Type/ExtGState/X(%0*d)", (int)length, 0);
            const struct edit edit = {"/Type/ExtGState", text};
            struct buf file = make(part, 'B', &edit, false);
            struct checked c;
            check(&file, &c);
            assert_int_equal(has(&c.report, PDF_ARCHIVE_STRING_LENGTH), length > (part == 1 ? 65535 : 32767));
            support_close(&c.document);
        }
    }
}

static void arrays_have_a_longest_length_in_part_one(void **state)
{
    (void)state;
    static char text[40000] = "/Type/ExtGState/X[";
    size_t used = strlen(text);
    for (int i = 0; i < 8192; i++) {
        text[used++] = '0';
        text[used++] = ' ';
    }
    text[used] = ']';
    for (int part = 1; part <= 2; part++) {
        const struct edit edit = {"/Type/ExtGState", text};
        struct buf file = make(part, 'B', &edit, false);
        struct checked c;
        check(&file, &c);
        assert_int_equal(has(&c.report, PDF_ARCHIVE_COLLECTION_SIZE), part == 1);
        support_close(&c.document);
    }
}

static void hexadecimal_strings_come_in_pairs(void **state)
{
    (void)state;
    const struct edit edit = {"/Type/ExtGState", "/Type/ExtGState/X<123>"};
    struct buf file = make(1, 'B', &edit, false);
    struct checked c;
    check(&file, &c);
    assert_true(has(&c.report, PDF_ARCHIVE_HEXADECIMAL));
    support_close(&c.document);
}

static void streams_of_cross_references_are_no_part_one(void **state)
{
    (void)state;
    const char *const texts[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"};
    for (int part = 1; part <= 2; part++) {
        struct support_document d;
        struct pdf_archive_report report;
        support_init(&d);
        support_make_compressed_pdf(&d.bytes, texts, 2, "/Root 1 0 R");
        assert_int_equal(support_open(&d, "", false), RFD_OK);
        struct pdf_view view = pdf_latest(d.doc);
        assert_int_equal(pdf_archive_check(&view, part, &report, NULL), RFD_OK);
        assert_int_equal(has(&report, PDF_ARCHIVE_XREF_STREAM), part == 1);
        assert_true(has(&report, PDF_ARCHIVE_METADATA_MISSING) && has(&report, PDF_ARCHIVE_FILE_IDENTIFIER));
        support_close(&d);
    }
}

static void an_encrypted_file_is_none(void **state)
{
    (void)state;
    struct buf plain = make(2, 'B', NULL, false);
    struct support_document d;
    struct pdf_archive_report report;
    if (!support_has("qpdf")) skip();
    support_init(&d);
    support_encrypt(&d, &plain, 0, "", "owner");
    assert_int_equal(support_open(&d, "", false), RFD_OK);
    struct pdf_view view = pdf_latest(d.doc);
    assert_int_equal(pdf_archive_check(&view, 2, &report, NULL), RFD_OK);
    assert_true(has(&report, PDF_ARCHIVE_ENCRYPTION));
    support_close(&d);
    buf_dispose(&plain);
    support_clean();
}

static void two_signers_are_one_too_many(void **state)
{
    (void)state;
    const struct edit edit = {"@CMS", "301C060100A017301502010131003000A0023000310830020500300205000000"};
    struct buf file = make(2, 'B', &edit, false);
    struct checked c;
    check(&file, &c);
    assert_true(has(&c.report, PDF_ARCHIVE_SIGNATURE_SIGNERS));
    support_close(&c.document);
}

static void a_file_without_a_claim_is_not_checked(void **state)
{
    (void)state;
    const struct edit edit = {"pdfaid:part=\"@P\"", "pdfaid:other=\"1\""};
    struct buf file = make(1, 'B', &edit, false);
    struct checked c;
    struct pdf_archive_report report;
    check(&file, &c);
    assert_int_equal(c.report.part, 0);
    assert_int_equal(c.report.count, 0);
    struct pdf_view view = pdf_latest(c.document.doc);
    assert_int_equal(pdf_archive_check(&view, 2, &report, NULL), RFD_OK);
    assert_true(has(&report, PDF_ARCHIVE_CLAIM_MISSING));
    support_close(&c.document);
}

static void claims_are_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        struct edit edit;
        int part;
    } cases[] = {
        {{"@P\"", "1\""}, 1},
        {{"pdfaid:part=\"@P\"", "pdfaid:part = ' 3 '"}, 3},
        {{" pdfaid:part=\"@P\">", "><pdfaid:part>\n2 </pdfaid:part>"}, 2},
        {{"<dc:title>", "<pdfaid:part>1</pdfaid:part><dc:title>"}, 2},
        {{"<?xpacket end=\"w\"?>", "<no end"}, 2},
        {{"@P\"", "9\""}, 0},
        {{"http://www.aiim.org/pdfa/ns/id/", "http://example.org/"}, 0},
        {{"/Metadata 5 0 R", ""}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf file = make(2, 'B', &cases[i].edit, false);
        struct checked c;
        int part = -1;
        check(&file, &c);
        struct pdf_view view = pdf_latest(c.document.doc);
        assert_int_equal(pdf_archive_claim(&view, &part, NULL), RFD_OK);
        assert_int_equal(part, cases[i].part);
        support_close(&c.document);
    }
}

static void what_cannot_be_read_is_not_called_wrong(void **state)
{
    (void)state;
    const struct edit edit = {"8 0 obj\n<<", "8 0 obj\n)("};
    struct buf file = make(2, 'B', &edit, true);
    struct checked c;
    check(&file, &c);
    if (c.report.count > 0) print_violations(&c.report);
    assert_int_equal(c.report.count, 0);
    assert_false(c.report.complete);
    struct pdf_view view = pdf_latest(c.document.doc);
    assert_int_equal(pdf_view_status(&view, NULL), RFD_OK);
    support_close(&c.document);
}

/** Few bytes that demand much: ranges of widths, each over all glyphs. */
static void endless_work_is_given_up(void **state)
{
    (void)state;
    enum { RANGES = 9000 };
    struct buf widths;
    buf_init(&widths, FILE_MAXIMUM);
    buf_put_text(&widths, "/W[");
    for (int i = 0; i < RANGES; i++) buf_put_text(&widths, "4 99999 9 ");
    buf_put_byte(&widths, ']');
    buf_put_byte(&widths, '\0');
    const struct edit edit = {"/W[0[500 600]2 3 700]", (const char *)widths.data};
    struct buf file = make(2, 'B', &edit, false);
    struct checked c;
    check(&file, &c);
    assert_int_equal(c.report.count, 0);
    assert_false(c.report.complete);
    support_close(&c.document);
    buf_dispose(&widths);
}

static void failing_memory_is_an_error(void **state)
{
    (void)state;
    for (unsigned long n = 1;; n++) {
        struct buf file = make(1, 'A', NULL, false);
        struct source *source = NULL;
        struct pdf_document *doc = NULL;
        struct pdf_archive_report report;
        const struct pdf_options options = {0};
        rfd_status status = RFD_E_MEMORY;
        (void)memory_fail_after(n);
        if (source_open_memory(buf_slice(&file), &source, NULL) == RFD_OK &&
            pdf_open(source, &options, &doc, NULL) == RFD_OK) {
            struct pdf_view view = pdf_latest(doc);
            status = pdf_archive_check(&view, 0, &report, NULL);
        }
        bool failed = memory_fail_after(0) >= n;
        pdf_close(doc);
        source_close(source);
        buf_dispose(&file);
        if (!failed) break;
        assert_int_equal(status, RFD_E_MEMORY);
    }
}

/** Those that are tested elsewhere in this file. */
static const enum pdf_archive_rule others[] = {
    PDF_ARCHIVE_ENCRYPTION,      PDF_ARCHIVE_XREF_STREAM,      PDF_ARCHIVE_HEXADECIMAL,       PDF_ARCHIVE_STRING_LENGTH,
    PDF_ARCHIVE_COLLECTION_SIZE, PDF_ARCHIVE_METADATA_MISSING, PDF_ARCHIVE_SIGNATURE_SIGNERS,
};

static void every_rule_has_a_test_and_words(void **state)
{
    (void)state;
    for (int rule = 0; rule < PDF_ARCHIVE_RULE_COUNT; rule++) {
        bool tested = false;
        for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) tested |= (int)broken[i].rule == rule;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) tested |= (int)others[i] == rule;
        if (!tested) fail_msg("%s is not tested", pdf_archive_rule_name((enum pdf_archive_rule)rule));
        assert_true(*pdf_archive_rule_message((enum pdf_archive_rule)rule) != '\0');
    }
    assert_string_equal(pdf_archive_rule_name(PDF_ARCHIVE_FONT_CID_SET), "font-cid-set");
    assert_string_equal(pdf_archive_rule_message(PDF_ARCHIVE_RULE_COUNT), "");
}

/* --- XML --------------------------------------------------------------------------------------------------------- */

static void xml_is_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *value; /* NULL: malformed */
    } cases[] = {
        {"<a xmlns:n='u' n:p=' 1 '/>", "1"},
        {"<a xmlns:n='u'><n:p> 2 </n:p></a>", "2"},
        {"<a xmlns:n='u'><n:p><b><c>3&#x41;&#66;&lt;</c></b></n:p></a>", "3AB<"},
        {"<a xmlns:m='u'><m:p>4</m:p></a>", "4"},
        {"<p xmlns='u'>5</p>", "5"},
        {"<!-- <x> --><a xmlns:n='v'><n:p>6</n:p></a>", ""},
        {"<a><![CDATA[<]]></a>", ""},
        {"<a b='>'/>", ""},
        {"<a>", NULL},
        {"<a></b>", NULL},
        {"<a/><a/>", NULL},
        {"<a b=1/>", NULL},
        {"<a b='1/>", NULL},
        {"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", NULL},
        {"text", NULL},
        {"", NULL},
        {"<", NULL},
        {"<a>\xFF</a>", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct archive_property p = {"u", "p", {0}};
        struct arena arena;
        bool memory;
        arena_init(&arena, FILE_MAXIMUM);
        bool good = archive_xml_read(slice_text(cases[i].xml), &p, 1, &arena, &memory);
        if (good != (cases[i].value != NULL)) fail_msg("%s", cases[i].xml);
        if (good && !slice_is(p.value, cases[i].value))
            fail_msg("%s: %.*s", cases[i].xml, (int)p.value.length, p.value.data);
        assert_false(memory);
        arena_dispose(&arena);
    }
}

static void a_million_ampersands_take_no_time(void **state)
{
    (void)state;
    struct archive_property p = {"u", "p", {0}};
    struct arena arena;
    struct buf xml;
    bool memory;
    arena_init(&arena, 16 << 20);
    buf_init(&xml, FILE_MAXIMUM + 64);
    buf_put_text(&xml, "<a xmlns:n='u'><n:p>");
    for (size_t i = 0; i < FILE_MAXIMUM; i++) buf_put_byte(&xml, '&');
    buf_put_text(&xml, "</n:p></a>");
    assert_true(archive_xml_read(buf_slice(&xml), &p, 1, &arena, &memory));
    assert_int_equal(p.value.length, FILE_MAXIMUM);
    buf_dispose(&xml);
    arena_dispose(&arena);
}

/** What conforms to each claim: the seeds of fuzz_archive. */
static int write_seeds(const char *folder)
{
    char path[400];
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct buf file = make(claims[i].part, claims[i].level, NULL, false);
        (void)snprintf(path, sizeof path, "%s/part-%d%c", folder, claims[i].part, claims[i].level | 0x20);
        support_write(path, buf_slice(&file), SLICE_EMPTY);
        buf_dispose(&file);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2) return write_seeds(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_conforms_passes),
        cmocka_unit_test(each_rule_is_found_when_broken),
        cmocka_unit_test(strings_have_a_longest_length),
        cmocka_unit_test(arrays_have_a_longest_length_in_part_one),
        cmocka_unit_test(hexadecimal_strings_come_in_pairs),
        cmocka_unit_test(streams_of_cross_references_are_no_part_one),
        cmocka_unit_test(an_encrypted_file_is_none),
        cmocka_unit_test(two_signers_are_one_too_many),
        cmocka_unit_test(a_file_without_a_claim_is_not_checked),
        cmocka_unit_test(claims_are_read_in_every_form),
        cmocka_unit_test(what_cannot_be_read_is_not_called_wrong),
        cmocka_unit_test(endless_work_is_given_up),
        cmocka_unit_test(failing_memory_is_an_error),
        cmocka_unit_test(every_rule_has_a_test_and_words),
        cmocka_unit_test(xml_is_read_or_refused),
        cmocka_unit_test(a_million_ampersands_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
