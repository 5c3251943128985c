/* SPDX-License-Identifier: EUPL-1.2
 *
 * Objects are written one after the other into the tail; where each began is kept for the cross-reference section.
 */
#include "pdf/update_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pdf/crypt.h"
#include "pdf/filter.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_TAIL = 4096, FIRST_ENTRIES = 16, GENERATION_MAXIMUM = 65535 };
/** Readers keep object numbers in a signed int. */
#define NUMBER_MAXIMUM ((uint32_t)INT32_MAX - 1)
/** The highest of Annex C.2: what a file says beyond is not believed. */
#define NUMBER_USUAL ((uint32_t)8388607)
#define TAIL_MAXIMUM ((size_t)1 << 30)

void update_failed(struct pdf_update *u, const struct rfd_error *error)
{
    if (u->failure.code == RFD_OK) u->failure = *error;
}

static void fail(struct pdf_update *u, rfd_status code, const char *what, uint32_t number)
{
    struct rfd_error error;
    (void)error_set(&error, code, "object %u %s", (unsigned)number, what);
    update_failed(u, &error);
}

/** An update starts on a line of its own. */
static rfd_status start_line(struct pdf_update *u, struct rfd_error *error)
{
    slice last;
    if (u->base == 0) return error_set(error, RFD_E_NOT_PDF, "empty input");
    TRY(source_view(pdf_source(u->doc), u->base - 1, 1, &last, error));
    if (last.data[0] != '\n' && last.data[0] != '\r') buf_put_byte(&u->tail, '\n');
    return RFD_OK;
}

/**
 * The first number for new objects: above all that the file lists, and above what its trailer speaks of without
 * listing it, so that a reference that led nowhere does not come to lead to us.
 */
static uint32_t first_number(const struct pdf_revision *latest)
{
    int64_t size;
    const struct pdf_entry *entries = pdf_entries(latest->trailer);
    uint32_t first = latest->size > 0 ? latest->size : 1;
    if (pdf_integer(pdf_entry_of(latest->trailer, "Size"), &size) && size > first && size <= NUMBER_USUAL)
        first = (uint32_t)size;
    for (uint32_t i = 0; i < latest->trailer->count; i++) {
        const struct pdf_value *v = &entries[i].value;
        if (v->kind == PDF_REFERENCE && v->reference.number >= first && v->reference.number < NUMBER_USUAL)
            first = v->reference.number + 1;
    }
    return first;
}

/** What every later reader needs to find its way (§7.5.5 table 15). */
static rfd_status check_appendable(struct pdf_document *doc, const struct pdf_revision *latest, struct rfd_error *error)
{
    if (pdf_entry_of(latest->trailer, "Encrypt")->kind != PDF_NULL && !pdf_is_encrypted(doc))
        return error_set(error, RFD_E_PDF_DAMAGED, "the trailer's /Encrypt leads nowhere (ISO 32000-2 §7.6.2)");
    if (pdf_reference_of(latest->trailer, "Root").number == 0)
        return error_set(error, RFD_E_PDF_DAMAGED, "the trailer's /Root is not a reference (ISO 32000-2 §7.5.5)");
    if (latest->size > NUMBER_MAXIMUM)
        return error_set(error, RFD_E_PDF_DAMAGED, "object number %u leaves none for new objects",
                         (unsigned)(latest->size - 1));
    return RFD_OK;
}

struct pdf_update *update_new(uint64_t base)
{
    struct pdf_update *u = memory_zeroed(1, sizeof *u);
    if (u == NULL) return NULL;
    u->base = base;
    u->first_new = u->next = 1;
    buf_init(&u->tail, TAIL_MAXIMUM);
    buf_init(&u->scratch, TAIL_MAXIMUM);
    (void)buf_reserve(&u->tail, FIRST_TAIL);
    return u;
}

rfd_status pdf_update_begin(struct pdf_document *doc, struct pdf_update **out, struct rfd_error *error)
{
    size_t revisions = pdf_revision_count(doc);
    if (revisions == 0) return error_set(error, RFD_E_PDF_DAMAGED, "no revision to update");
    const struct pdf_revision *latest = pdf_revision(doc, revisions - 1);
    TRY(check_appendable(doc, latest, error));
    struct pdf_update *u = update_new(source_size(pdf_source(doc)));
    if (u == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    u->doc = doc;
    u->revision = revisions - 1;
    u->crypt = pdf_crypt(doc);
    u->shift = pdf_offset_shift(doc);
    u->first_new = u->next = first_number(latest);
    TRY_OUT(start_line(u, error));
    TRY_OUT(buf_check(&u->tail, "update", error));
    *out = u;
    u = NULL;
out:
    pdf_update_free(u);
    return status;
}

void pdf_update_free(struct pdf_update *u)
{
    if (u == NULL) return;
    buf_dispose(&u->tail);
    buf_dispose(&u->scratch);
    memory_free(u->entries);
    memory_free(u);
}

struct pdf_reference pdf_update_new(struct pdf_update *u)
{
    struct pdf_reference r = {u->next, 0};
    if (u->next >= NUMBER_MAXIMUM)
        fail(u, RFD_E_LIMIT, "is the last one possible", u->next);
    else
        u->next++;
    return r;
}

static bool grow_entries(struct pdf_update *u)
{
    size_t capacity = u->capacity == 0 ? FIRST_ENTRIES : u->capacity * 2;
    struct update_entry *grown = memory_resize(u->entries, capacity * sizeof *grown);
    if (grown == NULL) {
        struct rfd_error error;
        (void)error_memory(&error);
        update_failed(u, &error);
        return false;
    }
    u->entries = grown;
    u->capacity = capacity;
    return true;
}

void update_add_entry(struct pdf_update *u, struct pdf_reference reference)
{
    if (u->count == u->capacity && !grow_entries(u)) return;
    uint64_t offset = u->base + u->tail.length - u->shift;
    u->entries[u->count++] = (struct update_entry){reference.number, reference.generation, offset};
}

static int by_number(const void *a, const void *b)
{
    const struct update_entry *left = a;
    const struct update_entry *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

rfd_status update_sort_entries(struct pdf_update *u, struct rfd_error *error)
{
    bool sorted = true;
    for (size_t i = 1; i < u->count && sorted; i++) sorted = u->entries[i - 1].number < u->entries[i].number;
    if (sorted) return RFD_OK;
    qsort(u->entries, u->count, sizeof *u->entries, by_number);
    for (size_t i = 1; i < u->count; i++) {
        if (u->entries[i - 1].number == u->entries[i].number)
            return error_set(error, RFD_E_INTERNAL, "object %u written twice in one update",
                             (unsigned)u->entries[i].number);
    }
    return RFD_OK;
}

/** The generation under which an object is rewritten: the one that references to it carry. */
static struct pdf_reference current(struct pdf_update *u, struct pdf_reference r)
{
    if (r.number >= u->first_new) {
        if (r.number >= u->next) fail(u, RFD_E_INTERNAL, "was not taken with pdf_update_new()", r.number);
        return (struct pdf_reference){r.number, 0};
    }
    struct pdf_location at = pdf_locate(u->doc, u->revision, r.number);
    switch (at.kind) {
    case PDF_ENTRY_OFFSET:
        if (at.generation > GENERATION_MAXIMUM) fail(u, RFD_E_PDF_DAMAGED, "has an impossible generation", r.number);
        return (struct pdf_reference){r.number, at.generation};
    case PDF_ENTRY_COMPRESSED: return (struct pdf_reference){r.number, 0};
    case PDF_ENTRY_FREE: fail(u, RFD_E_PDF_DAMAGED, "is free and cannot be rewritten", r.number); break;
    case PDF_ENTRY_ABSENT: break;
    }
    return r;
}

struct buf *pdf_update_object(struct pdf_update *u, struct pdf_reference reference)
{
    assert(u->open.number == 0 && reference.number != 0 && !u->finished);
    u->open = current(u, reference);
    update_add_entry(u, u->open);
    buf_put_unsigned(&u->tail, u->open.number);
    buf_put_byte(&u->tail, ' ');
    buf_put_unsigned(&u->tail, u->open.generation);
    buf_put_text(&u->tail, " obj\n");
    return &u->tail;
}

void pdf_update_end(struct pdf_update *u)
{
    assert(u->open.number != 0);
    buf_put_text(&u->tail, "\nendobj\n");
    u->open = (struct pdf_reference){0};
}

struct buf *pdf_update_buffer(struct pdf_update *u)
{
    return &u->tail;
}

uint64_t pdf_update_base(const struct pdf_update *u)
{
    return u->base;
}

/** The name after "/Type" in the entries that a caller gives for a stream; empty when there is none. */
static slice type_of(const char *entries)
{
    const char *at = strstr(entries, "/Type");
    if (at == NULL) return SLICE_EMPTY;
    at += strlen("/Type");
    at += strspn(at, " \n");
    if (*at != '/') return SLICE_EMPTY;
    return slice_of(at + 1, strcspn(at + 1, " \n/<>[]()"));
}

/** The bytes as they go into the file: `data` itself, or encrypted in the scratch buffer. */
static slice encrypt_stream(struct pdf_update *u, const char *entries, slice data)
{
    slice type = type_of(entries);
    if (u->crypt == NULL || (slice_is(type, "Metadata") && !pdf_crypt_covers_metadata(u->crypt))) return data;
    struct rfd_error error;
    enum pdf_crypt_use use = slice_is(type, "EmbeddedFile") ? PDF_CRYPT_EMBEDDED_FILE : PDF_CRYPT_STREAM;
    buf_reset(&u->scratch);
    if (pdf_crypt_encrypt(u->crypt, use, u->open, data, &u->scratch, &error) != RFD_OK) update_failed(u, &error);
    return buf_slice(&u->scratch);
}

void pdf_update_stream(struct pdf_update *u, struct pdf_reference reference, const char *entries, slice data,
                       bool compress)
{
    static const char filter[] = "/Filter /FlateDecode ";
    struct buf deflated;
    struct rfd_error error;
    buf_init(&deflated, TAIL_MAXIMUM);
    if (compress && filter_flate_encode(data, &deflated, &error) != RFD_OK) update_failed(u, &error);
    bool helps = compress && deflated.length + sizeof filter < data.length;
    struct buf *b = pdf_update_object(u, reference);
    slice bytes = encrypt_stream(u, entries, helps ? buf_slice(&deflated) : data);
    buf_put_text(b, "<< ");
    buf_put_text(b, entries);
    buf_put_byte(b, ' ');
    if (helps) buf_put_text(b, filter);
    buf_put_text(b, "/Length ");
    buf_put_unsigned(b, bytes.length);
    buf_put_text(b, " >>\nstream\n");
    buf_put_slice(b, bytes);
    buf_put_text(b, "\nendstream");
    pdf_update_end(u);
    buf_dispose(&deflated);
}

rfd_status pdf_update_finish(struct pdf_update *u, slice *tail, struct rfd_error *error)
{
    assert(u->open.number == 0 && !u->finished);
    if (u->failure.code == RFD_OK && u->count == 0)
        return error_set(error, RFD_E_INTERNAL, "an update without objects");
    if (u->failure.code == RFD_OK) {
        struct rfd_error failure;
        if (update_write_xref(u, &failure) != RFD_OK) update_failed(u, &failure);
    }
    if (u->failure.code != RFD_OK) {
        if (error != NULL) *error = u->failure;
        return u->failure.code;
    }
    TRY(buf_check(&u->tail, "update", error));
    u->finished = true;
    *tail = buf_slice(&u->tail);
    return RFD_OK;
}
