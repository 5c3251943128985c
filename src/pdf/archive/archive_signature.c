/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signature dictionaries: ISO 19005-2 §6.4.3 and §6.1.12. Whether a signature is right is not asked here, only whether
 * it has the form that the standard demands; so the CMS is read no further than to its signers (RFC 5652 §5.1).
 */
#include "pdf/archive/archive_internal.h"

#include "base/number.h"
#include "pdf/field.h"

enum { TAG_SEQUENCE = 0x30, TAG_SET = 0x31, TAG_ZERO = 0xA0, TAG_ONE = 0xA1, TAG_INTEGER = 0x02, TAG_OID = 0x06 };

/* --- DER --------------------------------------------------------------------------------------------------------- */

/** Takes one element of definite length (X.690 §8.1.3). */
static bool take(slice *s, uint8_t *tag, slice *content)
{
    if (s->length < 2) return false;
    size_t head = 2;
    uint64_t length = s->data[1];
    if (length >= 0x80) {
        size_t bytes = length & 0x7F;
        if (bytes == 0 || bytes > 4 || s->length < 2 + bytes) return false;
        length = number_big_endian(s->data + 2, bytes);
        head += bytes;
    }
    if (length > s->length - head) return false;
    *tag = s->data[0];
    *content = slice_part(*s, head, (size_t)length);
    *s = slice_from(*s, head + (size_t)length);
    return true;
}

static bool take_tag(slice *s, uint8_t wanted, slice *content)
{
    uint8_t tag;
    slice rest = *s;
    if (!take(&rest, &tag, content) || tag != wanted) return false;
    *s = rest;
    return true;
}

/** Into ContentInfo and SignedData: whether there are certificates, and the SET of signers. */
static bool open_signed_data(slice cms, bool *certificates, slice *signers)
{
    slice part;
    slice content;
    slice inner;
    slice data;
    if (!take_tag(&cms, TAG_SEQUENCE, &content) || !take_tag(&content, TAG_OID, &part) ||
        !take_tag(&content, TAG_ZERO, &inner) || !take_tag(&inner, TAG_SEQUENCE, &data) ||
        !take_tag(&data, TAG_INTEGER, &part) || !take_tag(&data, TAG_SET, &part) ||
        !take_tag(&data, TAG_SEQUENCE, &part))
        return false;
    *certificates = take_tag(&data, TAG_ZERO, &part) && part.length > 0;
    (void)take_tag(&data, TAG_ONE, &part);
    return take_tag(&data, TAG_SET, signers);
}

static void check_value(struct archive *a, slice contents, uint32_t object)
{
    bool certificates = false;
    slice signers;
    size_t count = 0;
    if (!open_signed_data(contents, &certificates, &signers) || !certificates) {
        archive_add(a, PDF_ARCHIVE_SIGNATURE_VALUE, object, certificates ? NULL : "no certificate");
        return;
    }
    for (slice one; take_tag(&signers, TAG_SEQUENCE, &one);) count++;
    if (count != 1 || signers.length > 0) archive_add(a, PDF_ARCHIVE_SIGNATURE_SIGNERS, object, "%zu", count);
}

/* --- Range ------------------------------------------------------------------------------------------------------- */

/** A revision ends with its %%EOF, with or without that line's end. */
static bool ends_a_revision(struct archive *a, uint64_t end)
{
    for (size_t i = 0; i < pdf_revision_count(a->view->doc); i++) {
        const struct pdf_revision *r = pdf_revision(a->view->doc, i);
        if (end <= r->end && end >= r->eof_marker + 5) return true;
    }
    return false;
}

static bool range_is_whole(struct archive *a, const struct pdf_signature *s)
{
    uint64_t shift = pdf_offset_shift(a->view->doc);
    const int64_t *range = s->byte_range;
    if (s->byte_range_count != 4 || range[0] != 0 || range[1] < 0 || range[2] < 0 || range[3] < 0) return false;
    uint64_t gap = (uint64_t)range[1] + shift;
    return s->contents_offset == gap && (uint64_t)range[2] + shift == gap + s->contents_raw.length &&
           ends_a_revision(a, (uint64_t)range[2] + (uint64_t)range[3] + shift);
}

/* --- References -------------------------------------------------------------------------------------------------- */

/** §6.1.12: with DocMDP, digests of parts of the document must not be given. */
static void check_references(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    static const char *const keys[] = {"DigestLocation", "DigestMethod", "DigestValue"};
    const struct pdf_value *references = pdf_get(a->view, v, "Reference");
    for (uint32_t i = 0; references->kind == PDF_ARRAY && i < references->count; i++) {
        const struct pdf_value *reference = pdf_item(a->view, references, i);
        if (!pdf_is_name(pdf_get(a->view, reference, "TransformMethod"), "DocMDP")) continue;
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            if (pdf_get(a->view, reference, keys[k])->kind != PDF_NULL)
                archive_add(a, PDF_ARCHIVE_PERMISSIONS, object, "/%s", keys[k]);
        }
    }
}

void archive_check_signature(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    struct pdf_signature s;
    const struct pdf_reference reference = {object, 0};
    if (!archive_read(a, pdf_signature_read(a->view, v, reference, &s, NULL))) {
        archive_add(a, PDF_ARCHIVE_SIGNATURE_RANGE, object, NULL);
        return;
    }
    if (!range_is_whole(a, &s)) archive_add(a, PDF_ARCHIVE_SIGNATURE_RANGE, object, NULL);
    check_value(a, s.contents, object);
    check_references(a, v, object);
}
