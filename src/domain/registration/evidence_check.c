/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a file is, by reading it whole: never by its name, nor by what who sent it says. It has to be one thing only,
 * from its first byte to its last, so that no other program sees something else in it than the agent did. What cameras
 * put behind a JPEG's end (a second picture, a short film) is the exception: too many people have such a camera.
 */
#include "domain/registration/evidence.h"

#include "base/error.h"
#include "base/i18n.h"
#include "pdf/document.h"
#include "print/sharpness.h"

enum {
    PDF_MEMORY = 96 << 20,
    PAGES_MAXIMUM = 300,
    PDF_BEGINS_WITHIN = 1024, /* where readers look for a PDF's beginning */
    ARCHIVE_END_SIZE = 22,    /* APPNOTE.TXT 4.3.16: end of central directory record, without its comment */
    ARCHIVE_COMMENT_AT = 20,
    ARCHIVE_COMMENT_MAXIMUM = 0xffff
};

#define WHY_EMPTY     N_("The file is empty")
#define WHY_LARGE     N_("The file is larger than 10 MB")
#define WHY_KIND      N_("This is neither a PDF nor a JPEG or PNG picture")
#define WHY_NO_PDF    N_("A picture is needed here, JPEG or PNG")
#define WHY_NO_IMAGE  N_("A PDF is needed here")
#define WHY_BOTH      N_("The file holds something else besides; save it anew and send that")
#define WHY_ENCRYPTED N_("The PDF is encrypted; save it without password and send that")
#define WHY_PDF       N_("The PDF is damaged or not whole; make it again and send that")
#define WHY_PAGES     N_("The PDF has too many pages")
#define WHY_IMAGE     N_("The picture is damaged or not whole, or too large; take it again")
#define WHY_NARROW    N_("The picture is too small to be read; send a larger one")
#define WHY_BLURRED   N_("The picture is blurred; take it again with more light and a steady hand")

/* ---- What else could be in it ---- */

/** Whether who opens archives finds one: they are found from their end. */
static bool has_archive(slice s)
{
    size_t reach = ARCHIVE_END_SIZE + ARCHIVE_COMMENT_MAXIMUM;
    slice tail = slice_from(s, s.length > reach ? s.length - reach : 0);
    for (size_t i = 0; i + ARCHIVE_END_SIZE <= tail.length; i++) {
        const uint8_t *p = tail.data + i;
        if (memcmp(p, "PK\5\6", 4) != 0) continue;
        size_t comment = (size_t)p[ARCHIVE_COMMENT_AT] | (size_t)p[ARCHIVE_COMMENT_AT + 1] << 8;
        if (i + ARCHIVE_END_SIZE + comment >= tail.length) return true;
    }
    return false;
}

static bool has_pdf(slice s)
{
    slice head = slice_part(s, 0, PDF_BEGINS_WITHIN);
    return memmem(head.data, head.length, "%PDF-", 5) != NULL;
}

static bool is_padding(slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] != 0 && s.data[i] != 0xff && s.data[i] != '\r' && s.data[i] != '\n') return false;
    return true;
}

/** What cameras add: multi-picture format (CIPA DC-007), a film (ISO/IEC 14496-12 begins with its "ftyp" box),
 * Samsung's trailer. */
static bool is_of_camera(slice rest)
{
    while (rest.length > 0 && rest.data[0] == 0) rest = slice_from(rest, 1);
    return slice_starts(rest, SLICE("\xff\xd8\xff")) || slice_starts(slice_from(rest, 4), SLICE("ftyp")) ||
           slice_starts(slice_from(rest, 1), SLICE("ftyp")) || slice_ends(rest, SLICE("SEFT"));
}

/* ---- Pictures ---- */

static const char *judge_picture(slice content, const struct pack_evidence *pack, const struct sharpness *s)
{
    bool jpeg = slice_starts(content, SLICE("\xff\xd8\xff"));
    bool more = s->rest.length > 0 && !(jpeg && (is_padding(s->rest) || is_of_camera(s->rest)));
    if (more || has_pdf(content) || has_archive(content)) return WHY_BOTH;
    if (pack == NULL) return NULL;
    if (s->width < pack->pixels) return WHY_NARROW;
    return s->variance < pack->sharpness ? WHY_BLURRED : NULL;
}

static rfd_status check_picture(slice content, const struct pack_evidence *pack, const char **why,
                                struct rfd_error *error)
{
    struct sharpness s;
    struct rfd_error failure = RFD_ERROR_INIT;
    rfd_status status = sharpness_read(content, &s, &failure);
    if (status == RFD_E_MEMORY) return error_memory(error);
    *why = status == RFD_OK ? judge_picture(content, pack, &s) : WHY_IMAGE;
    return RFD_OK;
}

/* ---- PDF ---- */

static rfd_status read_pages(struct pdf_document *doc, const char **why, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(doc);
    size_t count = 0;
    *why = WHY_PDF;
    TRY(pdf_page_count(&view, &count, error));
    if (count > PAGES_MAXIMUM) *why = WHY_PAGES;
    if (count == 0 || count > PAGES_MAXIMUM) return RFD_OK;
    for (size_t i = 0; i < count; i++) {
        struct pdf_page page;
        TRY(pdf_page(&view, i, &page, error));
        (void)pdf_get(&view, page.dictionary, "Contents");
    }
    TRY(pdf_view_status(&view, error));
    *why = NULL;
    return RFD_OK;
}

static rfd_status read_pdf(slice content, struct pdf_document *doc, const char **why, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(doc);
    *why = WHY_ENCRYPTED;
    if (pdf_get(&view, pdf_trailer(&view), "Encrypt")->kind != PDF_NULL) return RFD_OK;
    *why = WHY_BOTH;
    if (pdf_has_anomaly(doc, PDF_ANOMALY_TRAILING_BYTES) || has_archive(content)) return RFD_OK;
    return read_pages(doc, why, error);
}

static rfd_status check_pdf(slice content, const char **why, struct rfd_error *error)
{
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    struct rfd_error failure = RFD_ERROR_INIT;
    const struct pdf_options options = {.memory_maximum = PDF_MEMORY};
    const char *found = NULL;
    TRY(source_open_memory(content, &source, error));
    rfd_status status = pdf_open(source, &options, &doc, &failure);
    if (status == RFD_OK) status = read_pdf(content, doc, &found, &failure);
    if (status == RFD_E_PDF_PASSWORD || status == RFD_E_PDF_ENCRYPTION)
        found = WHY_ENCRYPTED;
    else if (status != RFD_OK)
        found = WHY_PDF;
    pdf_close(doc);
    source_close(source);
    if (status == RFD_E_MEMORY) return error_memory(error);
    *why = found;
    return RFD_OK;
}

/* ---- All together ---- */

rfd_status evidence_check(slice content, const struct pack_evidence *pack, const char **why, struct rfd_error *error)
{
    bool pdf = slice_starts(content, SLICE("%PDF-"));
    bool picture = slice_starts(content, SLICE("\xff\xd8\xff")) || slice_starts(content, SLICE("\x89PNG\r\n\x1a\n"));
    bool any = pack == NULL || (!pack->pdf && !pack->image);
    *why = NULL;
    if (content.length == 0)
        *why = WHY_EMPTY;
    else if (content.length > EVIDENCE_FILE_MAXIMUM)
        *why = WHY_LARGE;
    else if (!pdf && !picture)
        *why = WHY_KIND;
    else if (pdf && !any && !pack->pdf)
        *why = WHY_NO_PDF;
    else if (picture && !any && !pack->image)
        *why = WHY_NO_IMAGE;
    if (*why != NULL) return RFD_OK;
    return pdf ? check_pdf(content, why, error) : check_picture(content, pack, why, error);
}

rfd_status evidence_sharpness(slice picture, double *variance, struct rfd_error *error)
{
    struct sharpness s;
    TRY(sharpness_read(picture, &s, error));
    *variance = s.variance;
    return RFD_OK;
}
