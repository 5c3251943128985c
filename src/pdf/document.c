/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening, and reading through a view. What stands behind: revision.c (the chain of revisions), xref.c (where an
 * object is), load.c (the object there), stream.c, page.c.
 */
#include "pdf/document.h"

#include "base/error.h"
#include "base/memory.h"
#include "pdf/crypt.h"
#include "pdf/document_internal.h"

#include <stdarg.h>

enum {
    HEADER_SEARCH = 1024, /* annex I: where readers accept the header */
    HOPS_MAXIMUM = 32,
    FLATTEN_MAXIMUM = 8,
    ODD_VERSION = 14 /* what a header is taken for whose version cannot be read */
};
#define MEMORY_DEFAULT ((size_t)1 << 30)
/** Every byte of a sane file is parsed once or twice. */
#define WORK_FACTOR  ((uint64_t)16)
#define WORK_MINIMUM ((uint64_t)64 << 20)

/* ---- anomalies ---- */

static const char *const anomaly_texts[] = {
#define X(name, text) [PDF_ANOMALY_##name] = text,
    PDF_ANOMALIES(X)
#undef X
};

bool pdf_has_anomaly(const struct pdf_document *doc, enum pdf_anomaly anomaly)
{
    return (doc->anomalies >> anomaly & 1) != 0;
}

const char *pdf_anomaly_text(enum pdf_anomaly anomaly)
{
    return anomaly_texts[anomaly];
}

void document_note(struct pdf_document *doc, enum pdf_anomaly anomaly)
{
    doc->anomalies |= UINT32_C(1) << anomaly;
}

rfd_status document_tolerate(struct pdf_document *doc, enum pdf_anomaly anomaly, struct rfd_error *error,
                             const char *format, ...)
{
    char detail[RFD_ERROR_DETAIL_SIZE];
    va_list args;
    document_note(doc, anomaly);
    if (!doc->strict) return RFD_OK;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return error_set(error, RFD_E_PDF_DAMAGED, "%s: %s", pdf_anomaly_text(anomaly), detail);
}

/* ---- opening ---- */

/** §7.5.2; the header may stand within the first 1,024 bytes (annex I). */
static rfd_status read_header(struct pdf_document *doc, struct rfd_error *error)
{
    slice head;
    uint64_t size = source_size(doc->source);
    TRY(source_view(doc->source, 0, size < HEADER_SEARCH ? size : HEADER_SEARCH, &head, error));
    const uint8_t *found = head.length == 0 ? NULL : memmem(head.data, head.length, "%PDF-", 5);
    if (found == NULL) return error_set(error, RFD_E_NOT_PDF, "no %%PDF- in the first %d bytes", HEADER_SEARCH);
    doc->header = (uint64_t)(found - head.data);
    if (doc->header > 0) document_note(doc, PDF_ANOMALY_HEADER_MOVED);
    slice version = slice_part(head, (size_t)doc->header + 5, 3);
    bool good = version.length == 3 && version.data[0] >= '1' && version.data[0] <= '2' && version.data[1] == '.' &&
                version.data[2] >= '0' && version.data[2] <= '9';
    if (!good) document_note(doc, PDF_ANOMALY_HEADER_ODD);
    doc->header_version = good ? (version.data[0] - '0') * 10 + (version.data[2] - '0') : ODD_VERSION;
    return RFD_OK;
}

static rfd_status flatten(struct pdf_view *view, struct pdf_value *v, unsigned depth, struct rfd_error *error);

static rfd_status flatten_parts(struct pdf_view *view, struct pdf_value *v, unsigned depth, struct rfd_error *error)
{
    struct arena *arena = &view->doc->arena;
    if (v->kind == PDF_ARRAY) {
        struct pdf_value *items = arena_zeroed(arena, v->count, sizeof *items);
        if (items == NULL) return arena_failed(arena, error);
        for (uint32_t i = 0; i < v->count; i++) {
            items[i] = v->items[i];
            TRY(flatten(view, &items[i], depth + 1, error));
        }
        v->items = items;
    } else if (v->kind == PDF_DICTIONARY) {
        struct pdf_entry *entries = arena_zeroed(arena, v->count, sizeof *entries);
        if (entries == NULL) return arena_failed(arena, error);
        for (uint32_t i = 0; i < v->count; i++) {
            entries[i] = v->entries[i];
            TRY(flatten(view, &entries[i].value, depth + 1, error));
        }
        v->entries = entries;
    }
    return RFD_OK;
}

/** Replaces references by what they lead to, at every level. */
static rfd_status flatten(struct pdf_view *view, struct pdf_value *v, unsigned depth, struct rfd_error *error)
{
    *v = *pdf_resolve(view, v);
    TRY(pdf_view_status(view, error));
    if (depth == FLATTEN_MAXIMUM) return error_set(error, RFD_E_PDF_DAMAGED, "/Encrypt is nested too deeply");
    return flatten_parts(view, v, depth, error);
}

/** With one key for all revisions, they must agree on what it is. */
static rfd_status check_same_encryption(const struct pdf_document *doc, struct rfd_error *error)
{
    const struct pdf_value *latest = pdf_entry_of(doc->revisions[doc->revision_count - 1].trailer, "Encrypt");
    for (size_t i = 0; i + 1 < doc->revision_count; i++) {
        const struct pdf_value *e = pdf_entry_of(doc->revisions[i].trailer, "Encrypt");
        if (e->kind != latest->kind || !slice_equal(e->raw, latest->raw))
            return error_set(error, RFD_E_PDF_DAMAGED, "revisions %zu and %zu are not encrypted alike", i,
                             doc->revision_count - 1);
    }
    return RFD_OK;
}

/** Objects read so far were read without the key: they are forgotten. */
static rfd_status unlock(struct pdf_document *doc, slice password, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(doc);
    const struct pdf_value *trailer = pdf_trailer(&view);
    struct pdf_value encrypt = *pdf_entry_of(trailer, "Encrypt");
    if (doc->strict) TRY(check_same_encryption(doc, error));
    if (encrypt.kind == PDF_NULL) return RFD_OK;
    uint32_t number = pdf_reference_of(trailer, "Encrypt").number;
    TRY(flatten(&view, &encrypt, 0, error));
    if (encrypt.kind == PDF_NULL) return RFD_OK;
    if (encrypt.kind != PDF_DICTIONARY)
        return error_set(error, RFD_E_PDF_DAMAGED, "/Encrypt is no dictionary (ISO 32000-2 §7.6.2)");
    const struct pdf_value *id = pdf_item(&view, pdf_get(&view, trailer, "ID"), 0);
    TRY(pdf_view_status(&view, error));
    load_clear(doc);
    doc->encrypt = number;
    return pdf_crypt_open(&encrypt, number, id->kind == PDF_STRING ? id->bytes : SLICE_EMPTY, password, &doc->arena,
                          &doc->crypt, error);
}

static rfd_status open_all(struct pdf_document *doc, slice password, struct rfd_error *error)
{
    TRY(read_header(doc, error));
    TRY(revision_read_all(doc, error));
    doc->ready = true;
    if (pdf_reference_of(doc->revisions[doc->revision_count - 1].trailer, "Root").number == 0)
        return error_set(error, RFD_E_PDF_DAMAGED, "the trailer has no /Root (ISO 32000-2 §7.5.5)");
    return unlock(doc, password, error);
}

rfd_status pdf_open(struct source *source, const struct pdf_options *options, struct pdf_document **out,
                    struct rfd_error *error)
{
    static const struct pdf_options defaults = {0};
    if (options == NULL) options = &defaults;
    struct pdf_document *doc = memory_zeroed(1, sizeof *doc);
    if (doc == NULL) return error_memory(error);
    arena_init(&doc->arena, options->memory_maximum == 0 ? MEMORY_DEFAULT : options->memory_maximum);
    doc->source = source;
    doc->strict = options->strict;
    doc->work = WORK_MINIMUM + WORK_FACTOR * source_size(source);
    rfd_status status = open_all(doc, options->password, error);
    if (status == RFD_OK)
        *out = doc;
    else
        pdf_close(doc);
    return status;
}

void pdf_close(struct pdf_document *doc)
{
    if (doc == NULL) return;
    pdf_crypt_dispose(doc->crypt);
    load_dispose(doc);
    xref_dispose(&doc->xref);
    arena_dispose(&doc->arena);
    memory_free(doc);
}

/* ---- facts ---- */

struct source *pdf_source(const struct pdf_document *doc)
{
    return doc->source;
}

struct arena *pdf_arena(struct pdf_document *doc)
{
    return &doc->arena;
}

uint64_t pdf_offset_shift(const struct pdf_document *doc)
{
    return doc->shift;
}

/** §7.7.2: the catalog's /Version counts when it is later than the header's. */
int pdf_version(struct pdf_document *doc)
{
    if (doc->version != 0) return doc->version;
    struct pdf_view view = pdf_latest(doc);
    const struct pdf_value *v = pdf_get(&view, pdf_catalog(&view), "Version");
    doc->version = doc->header_version;
    if (v->kind == PDF_NAME && v->bytes.length == 3 && v->bytes.data[0] >= '1' && v->bytes.data[0] <= '2' &&
        v->bytes.data[1] == '.' && v->bytes.data[2] >= '0' && v->bytes.data[2] <= '9') {
        int version = (v->bytes.data[0] - '0') * 10 + (v->bytes.data[2] - '0');
        if (version > doc->version) doc->version = version;
    }
    return doc->version;
}

size_t pdf_revision_count(const struct pdf_document *doc)
{
    return doc->revision_count;
}

const struct pdf_revision *pdf_revision(const struct pdf_document *doc, size_t index)
{
    return &doc->revisions[index];
}

bool pdf_is_encrypted(const struct pdf_document *doc)
{
    return doc->crypt != NULL;
}

const struct pdf_crypt *pdf_crypt(const struct pdf_document *doc)
{
    return doc->crypt;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

rfd_status pdf_revision_objects(struct pdf_document *doc, size_t revision, const uint32_t **numbers, size_t *count,
                                struct rfd_error *error)
{
    uint32_t from = revision == 0 ? 0 : doc->newest_section[revision - 1] + 1;
    uint64_t total = 0;
    size_t used = 0;
    size_t kept = 0;
    bool sorted = true;
    for (uint32_t s = from; s <= doc->newest_section[revision]; s++) total += doc->xref.sections[s]->entry_count;
    uint32_t *list = arena_zeroed(&doc->arena, (size_t)total, sizeof *list);
    if (list == NULL) return arena_failed(&doc->arena, error);
    for (uint32_t s = from; s <= doc->newest_section[revision]; s++)
        used += xref_numbers(doc->xref.sections[s], list + used);
    for (size_t i = 1; i < used; i++) sorted &= list[i - 1] < list[i];
    if (!sorted) qsort(list, used, sizeof *list, by_number);
    for (size_t i = 0; i < used; i++) {
        if (kept == 0 || list[kept - 1] != list[i]) list[kept++] = list[i];
    }
    *numbers = list;
    *count = kept;
    return RFD_OK;
}

/* ---- views ---- */

struct pdf_view pdf_view(struct pdf_document *doc, size_t revision)
{
    return (struct pdf_view){.doc = doc, .revision = revision};
}

struct pdf_view pdf_latest(struct pdf_document *doc)
{
    return pdf_view(doc, doc->revision_count - 1);
}

rfd_status pdf_view_status(const struct pdf_view *view, struct rfd_error *error)
{
    if (error != NULL && view->failure.code != RFD_OK) *error = view->failure;
    return view->failure.code;
}

const struct pdf_value *pdf_resolve(struct pdf_view *view, const struct pdf_value *v)
{
    for (int hops = 0; v->kind == PDF_REFERENCE; hops++) {
        if (view->failure.code != RFD_OK) return &pdf_null;
        if (hops == HOPS_MAXIMUM)
            (void)error_set(&view->failure, RFD_E_PDF_DAMAGED, "object %u: more than %d references in a row",
                            v->reference.number, HOPS_MAXIMUM);
        else if (load_reference(view->doc, view->revision, v->reference, &v, &view->failure) == RFD_OK)
            continue;
        return &pdf_null;
    }
    return v;
}

const struct pdf_value *pdf_item(struct pdf_view *view, const struct pdf_value *array, size_t index)
{
    array = pdf_resolve(view, array);
    return array->kind == PDF_ARRAY && index < array->count ? pdf_resolve(view, &array->items[index]) : &pdf_null;
}

const struct pdf_value *pdf_trailer(struct pdf_view *view)
{
    return view->revision < view->doc->revision_count ? view->doc->revisions[view->revision].trailer : &pdf_null;
}

const struct pdf_value *pdf_catalog(struct pdf_view *view)
{
    return pdf_get(view, pdf_trailer(view), "Root");
}

struct pdf_reference pdf_reference_of(const struct pdf_value *dictionary, const char *key)
{
    const struct pdf_value *v = pdf_entry_of(dictionary, key);
    return v->kind == PDF_REFERENCE ? v->reference : (struct pdf_reference){0};
}
