/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/signature_write.h"

#include "base/clock.h"
#include "base/number.h"

/* Three numbers, each a blank and up to 20 digits. */
enum { NUMBER_WIDTH = 20, BYTE_RANGE_WIDTH = 3 * (1 + NUMBER_WIDTH) };

static void put_text(struct pdf_update *update, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0') return;
    buf_put_text(pdf_update_buffer(update), key);
    pdf_update_text(update, slice_text(text));
}

static void put_holes(struct buf *b, size_t reserve, struct signature_hole *hole)
{
    buf_put_text(b, "/ByteRange[0");
    hole->byte_range = b->length;
    buf_fill(b, ' ', BYTE_RANGE_WIDTH);
    buf_put_text(b, "]/Contents");
    hole->contents = b->length;
    hole->length = 2 * reserve + 2;
    buf_put_byte(b, '<');
    buf_fill(b, '0', 2 * reserve);
    buf_put_byte(b, '>');
}

static void open_reference(struct buf *b, const char *method)
{
    buf_put_text(b, "<</Type/SigRef/TransformMethod/");
    buf_put_text(b, method);
    buf_put_text(b, "/TransformParams<</Type/TransformParams/V/1.2");
}

static void close_reference(struct buf *b, struct pdf_reference catalog)
{
    buf_put_text(b, ">>/Data ");
    pdf_put_reference(b, catalog);
    buf_put_text(b, ">>");
}

/** /Reference (§12.8.2): DocMDP for a certification, FieldMDP for a lock; without the deprecated digests. */
static void put_references(struct pdf_update *update, const struct signature_dictionary *d)
{
    bool locks = d->lock != NULL && d->lock->action != PDF_LOCK_NONE;
    if (d->certification == 0 && !locks) return;
    struct buf *b = pdf_update_buffer(update);
    buf_put_text(b, "/Reference[");
    if (d->certification != 0) {
        open_reference(b, "DocMDP");
        buf_put_text(b, "/P ");
        buf_put_unsigned(b, (uint64_t)d->certification);
        close_reference(b, d->catalog);
    }
    if (locks) {
        open_reference(b, "FieldMDP");
        lock_put(update, d->lock);
        close_reference(b, d->catalog);
    }
    buf_put_text(b, "]");
}

void signature_write(struct pdf_update *update, struct pdf_reference object, const struct signature_dictionary *d,
                     struct signature_hole *hole)
{
    struct buf *b = pdf_update_object(update, object);
    buf_put_text(b, d->timestamp ? "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
                                 : "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached");
    put_holes(b, d->reserve, hole);
    if (!d->timestamp) {
        char text[CLOCK_TEXT_SIZE];
        buf_put_text(b, "/M");
        pdf_update_string(update, slice_text(clock_pdf(d->time, text)));
        put_text(update, "/Reason", d->reason);
        put_text(update, "/Location", d->location);
        put_text(update, "/ContactInfo", d->contact);
        put_text(update, "/Name", d->name);
        put_references(update, d);
    }
    buf_put_text(b, ">>");
    pdf_update_end(update);
}

static uint8_t *put_number(uint8_t *to, uint64_t value)
{
    char digits[NUMBER_WIDTH + 1];
    int length = 0;
    do {
        digits[length++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    *to++ = ' ';
    while (length > 0) *to++ = (uint8_t)digits[--length];
    return to;
}

void signature_fill_byte_range(uint8_t *tail, size_t length, uint64_t base, const struct signature_hole *hole)
{
    uint64_t after = base + hole->contents + hole->length;
    uint8_t *to = tail + hole->byte_range;
    to = put_number(to, base + hole->contents);
    to = put_number(to, after);
    (void)put_number(to, base + length - after);
}

void signature_fill_contents(uint8_t *contents, slice cms)
{
    number_to_hex(cms, false, contents + 1);
}
