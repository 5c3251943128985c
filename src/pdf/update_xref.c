/* SPDX-License-Identifier: EUPL-1.2
 *
 * The cross-reference section at an update's end, of the kind that the file uses (ISO 32000-2 §7.5.4, §7.5.8), and
 * the trailer, which is the previous one but for the entries that describe the section itself.
 */
#include "pdf/update_internal.h"

#include "base/error.h"
#include "pdf/filter.h"

#include <sys/random.h>

enum { TABLE_ENTRY_SIZE = 20, ID_SIZE = 16, ROW_MAXIMUM = 1 + 8 + 2, COMPRESS_FROM = 512 };
#define TABLE_OFFSET_MAXIMUM UINT64_C(9999999999)

/** What is written anew here or belonged to the previous section only (tables 5, 15 and 17). */
static const slice own_keys[] = {SLICE("Size"),        SLICE("Prev"), SLICE("ID"),      SLICE("XRefStm"),
                                 SLICE("Type"),        SLICE("W"),    SLICE("Index"),   SLICE("Length"),
                                 SLICE("DecodeParms"), SLICE("F"),    SLICE("FFilter"), SLICE("FDecodeParms"),
                                 SLICE("Filter"),      SLICE("DL")};
/** Where a damaged trailer has one of these twice, only the first, which is the one that was read, goes on. */
static const slice single_keys[] = {SLICE("Root"), SLICE("Info"), SLICE("Encrypt")};

static const struct pdf_revision *latest(const struct pdf_update *u)
{
    return pdf_revision(u->doc, u->revision);
}

static bool is_own(slice key)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++) {
        if (slice_equal(key, own_keys[i])) return true;
    }
    return false;
}

static bool is_repeated(const struct pdf_value *trailer, uint32_t at)
{
    const struct pdf_entry *entries = pdf_entries(trailer);
    for (size_t i = 0; i < sizeof single_keys / sizeof *single_keys; i++) {
        if (!slice_equal(entries[at].key, single_keys[i])) continue;
        for (uint32_t before = 0; before < at; before++) {
            if (slice_equal(entries[before].key, entries[at].key)) return true;
        }
    }
    return false;
}

static void put_integer_entry(struct buf *b, const char *key, uint64_t value)
{
    buf_put_text(b, key);
    buf_put_unsigned(b, value);
    buf_put_byte(b, '\n');
}

/** §14.4: the first half stays, the second is new. Without an /ID, both are new. They must be unique, not secret: the
 * kernel gives a few bytes for less than OpenSSL's generator, and without its allocations. */
static rfd_status put_new_id(struct pdf_update *u, const struct pdf_value *first, struct rfd_error *error)
{
    uint8_t random[ID_SIZE];
    struct buf *b = &u->tail;
    if (getrandom(random, sizeof random, 0) != ID_SIZE) return error_set(error, RFD_E_INTERNAL, "no random bytes");
    buf_put_text(b, "/ID [");
    if (first->kind == PDF_STRING) {
        buf_put_slice(b, first->raw);
    } else {
        buf_put_byte(b, '<');
        buf_put_hex(b, slice_of(random, sizeof random), true);
        buf_put_byte(b, '>');
    }
    buf_put_byte(b, '<');
    buf_put_hex(b, slice_of(random, sizeof random), true);
    buf_put_text(b, ">]\n");
    return RFD_OK;
}

/** An encrypted document's /ID went into its key: where it is not as it should be, it is better left alone. */
static rfd_status put_id(struct pdf_update *u, struct rfd_error *error)
{
    const struct pdf_value *id = pdf_entry_of(latest(u)->trailer, "ID");
    bool plain = id->kind == PDF_ARRAY && id->count > 0 && id->items[0].kind == PDF_STRING;
    if (plain) return put_new_id(u, &id->items[0], error);
    if (pdf_is_encrypted(u->doc)) {
        if (id->kind == PDF_NULL) return RFD_OK;
        buf_put_text(&u->tail, "/ID ");
        buf_put_slice(&u->tail, id->raw);
        buf_put_byte(&u->tail, '\n');
        return RFD_OK;
    }
    struct pdf_view view = pdf_view(u->doc, u->revision);
    const struct pdf_value *first = pdf_item(&view, pdf_resolve(&view, id), 0);
    TRY(pdf_view_status(&view, error));
    return put_new_id(u, first, error);
}

/** The trailer's entries, without the brackets. */
static rfd_status put_trailer(struct pdf_update *u, struct rfd_error *error)
{
    const struct pdf_value *trailer = latest(u)->trailer;
    const struct pdf_entry *entries = pdf_entries(trailer);
    struct buf *b = &u->tail;
    put_integer_entry(b, "/Size ", u->next);
    put_integer_entry(b, "/Prev ", latest(u)->startxref - u->shift);
    for (uint32_t i = 0; i < trailer->count; i++) {
        if (is_own(entries[i].key) || is_repeated(trailer, i)) continue;
        update_put_key(b, &entries[i]);
        buf_put_slice(b, entries[i].value.raw);
        buf_put_byte(b, '\n');
    }
    return put_id(u, error);
}

void update_put_end(struct pdf_update *u, uint64_t startxref)
{
    buf_put_text(&u->tail, "startxref\n");
    buf_put_unsigned(&u->tail, startxref);
    buf_put_text(&u->tail, "\n%%EOF\n");
}

/** How many entries from `from` on have consecutive numbers. */
static size_t run_length(const struct pdf_update *u, size_t from)
{
    size_t end = from + 1;
    while (end < u->count && u->entries[end].number == u->entries[end - 1].number + 1) end++;
    return end - from;
}

static void put_digits(uint8_t *to, size_t width, uint64_t value)
{
    while (width > 0) {
        to[--width] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
}

void update_put_table_entry(struct buf *b, const struct update_entry *entry)
{
    uint8_t line[TABLE_ENTRY_SIZE] = "0000000000 00000 n\r\n";
    put_digits(line, 10, entry->offset);
    put_digits(line + 11, 5, entry->generation);
    buf_put(b, line, sizeof line);
}

static rfd_status write_table(struct pdf_update *u, struct rfd_error *error)
{
    struct buf *b = &u->tail;
    uint64_t startxref = u->base + b->length - u->shift;
    TRY(update_sort_entries(u, error));
    if (startxref > TABLE_OFFSET_MAXIMUM)
        return error_set(error, RFD_E_PDF_TOO_LARGE, "offset %llu in a cross-reference table (ISO 32000-2 §7.5.4)",
                         (unsigned long long)startxref);
    buf_put_text(b, "xref\n");
    for (size_t at = 0; at < u->count;) {
        size_t run = run_length(u, at);
        buf_put_unsigned(b, u->entries[at].number);
        buf_put_byte(b, ' ');
        buf_put_unsigned(b, run);
        buf_put_byte(b, '\n');
        for (size_t end = at + run; at < end; at++) update_put_table_entry(b, &u->entries[at]);
    }
    buf_put_text(b, "trailer\n<<");
    TRY(put_trailer(u, error));
    buf_put_text(b, ">>\n");
    update_put_end(u, startxref);
    return RFD_OK;
}

/** The widths of fields 2 and 3 (§7.5.8.2 /W), no wider than needed. */
struct widths {
    size_t offset, generation;
};

static struct widths widths_of(const struct pdf_update *u)
{
    struct widths w = {2, 1};
    for (size_t i = 0; i < u->count; i++) {
        while (w.offset < 8 && u->entries[i].offset >> (8 * w.offset) != 0) w.offset++;
        if (u->entries[i].generation > 0xFF) w.generation = 2;
    }
    return w;
}

static size_t make_row(const struct update_entry *entry, struct widths w, uint8_t row[ROW_MAXIMUM])
{
    size_t at = 0;
    row[at++] = 1; /* in use, not compressed */
    for (size_t i = w.offset; i-- > 0;) row[at++] = (uint8_t)(entry->offset >> (8 * i));
    for (size_t i = w.generation; i-- > 0;) row[at++] = (uint8_t)(entry->generation >> (8 * i));
    return at;
}

/** All rows; with `predict`, each as its difference to the one above (PNG predictor 2, "up"). */
static void put_rows(const struct pdf_update *u, struct widths w, bool predict, struct buf *out)
{
    uint8_t above[ROW_MAXIMUM] = {0};
    uint8_t row[ROW_MAXIMUM];
    for (size_t i = 0; i < u->count; i++) {
        size_t length = make_row(&u->entries[i], w, row);
        if (!predict) {
            buf_put(out, row, length);
            continue;
        }
        buf_put_byte(out, 2);
        for (size_t at = 0; at < length; at++) buf_put_byte(out, (uint8_t)(row[at] - above[at]));
        memcpy(above, row, length);
    }
}

static void put_index(struct pdf_update *u)
{
    buf_put_text(&u->tail, "/Index [");
    for (size_t at = 0; at < u->count;) {
        size_t run = run_length(u, at);
        if (at > 0) buf_put_byte(&u->tail, ' ');
        buf_put_unsigned(&u->tail, u->entries[at].number);
        buf_put_byte(&u->tail, ' ');
        buf_put_unsigned(&u->tail, run);
        at += run;
    }
    buf_put_text(&u->tail, "]\n");
}

static rfd_status make_rows(const struct pdf_update *u, struct widths w, bool compress, struct buf *out,
                            struct rfd_error *error)
{
    struct buf plain;
    buf_init(&plain, out->maximum);
    put_rows(u, w, compress, compress ? &plain : out);
    rfd_status status = buf_check(compress ? &plain : out, "cross-reference stream", error);
    if (status == RFD_OK && compress) status = filter_flate_encode(buf_slice(&plain), out, error);
    buf_dispose(&plain);
    return status;
}

static void put_stream_keys(struct pdf_update *u, struct widths w, bool compressed, size_t length)
{
    struct buf *b = &u->tail;
    buf_put_text(b, "<</Type /XRef\n/W [1 ");
    buf_put_unsigned(b, w.offset);
    buf_put_byte(b, ' ');
    buf_put_unsigned(b, w.generation);
    buf_put_text(b, "]\n");
    put_index(u);
    put_integer_entry(b, "/Length ", length);
    if (!compressed) return;
    buf_put_text(b, "/Filter /FlateDecode\n/DecodeParms <</Predictor 12 /Columns ");
    buf_put_unsigned(b, 1 + w.offset + w.generation);
    buf_put_text(b, ">>\n");
}

/** An object that lists itself and is never encrypted (§7.5.8.2, §7.6.2). */
static rfd_status write_stream(struct pdf_update *u, struct rfd_error *error)
{
    struct pdf_reference self = pdf_update_new(u);
    uint64_t startxref = u->base + u->tail.length - u->shift;
    (void)pdf_update_object(u, self);
    TRY(update_sort_entries(u, error));
    struct widths w = widths_of(u);
    bool compress = u->count * (1 + w.offset + w.generation) >= COMPRESS_FROM;
    buf_reset(&u->scratch);
    TRY(make_rows(u, w, compress, &u->scratch, error));
    put_stream_keys(u, w, compress, u->scratch.length);
    TRY(put_trailer(u, error));
    buf_put_text(&u->tail, ">>\nstream\n");
    buf_put_slice(&u->tail, buf_slice(&u->scratch));
    buf_put_text(&u->tail, "\nendstream");
    pdf_update_end(u);
    update_put_end(u, startxref);
    return RFD_OK;
}

rfd_status update_write_xref(struct pdf_update *u, struct rfd_error *error)
{
    if (u->doc == NULL) return create_write_xref(u, error);
    return latest(u)->xref == PDF_XREF_STREAM ? write_stream(u, error) : write_table(u, error);
}
