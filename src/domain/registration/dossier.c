/* SPDX-License-Identifier: EUPL-1.2
 *
 * The dossier of a request for an external authority: a ZIP that is written as a stream (libarchive), so that it takes
 * the same memory whatever the files' size:
 *
 *   solicitud.json            the request with its applicants and payments
 *   solicitantes.csv          the same applicants, a line each
 *   solicitantes/01-NUMBER/   their files, by kind
 *   pagos/01/                 proofs of payment
 *   SHA256SUMS                of all of them, as sha256sum -c wants it
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pki/digest.h"

#include <archive.h>
#include <archive_entry.h>
#include <jansson.h>

enum { TEXT_MAXIMUM = 4 << 20, SUMS_MAXIMUM = 1 << 20, NAME_SIZE = 200, MEMORY = 16 << 20, MODE = 0644 };

/** A file of the dossier, and where its content is. */
struct item {
    char name[NAME_SIZE];
    struct blob blob;
};
struct dossier {
    const struct actor *actor;
    int64_t id;
    struct arena arena; /* what outlives the transaction */
    struct request request;
    struct item *items;
    size_t count;
    struct buf json, csv, sums;
    /* of the ZIP */
    struct archive *zip;
    blob_each *each;
    void *context;
    rfd_status failed; /* of what takes the pieces */
    struct rfd_error *error;
};

/* ---- What is in it ---- */

static json_t *text_of(slice s)
{
    return json_stringn(s.length == 0 ? "" : (const char *)s.data, s.length);
}

static json_t *moment_of(rfd_time moment)
{
    char text[CLOCK_TEXT_SIZE];
    return moment == RFD_TIME_NONE ? json_null() : json_string(clock_iso(moment, text));
}

struct applicant_field {
    const char *name; /* of the column, and in the JSON */
    size_t offset;
};
static const struct applicant_field applicant_fields[] = {
    {"country", offsetof(struct applicant, country)},   {"document", offsetof(struct applicant, document)},
    {"number", offsetof(struct applicant, number)},     {"given_names", offsetof(struct applicant, given_names)},
    {"surname", offsetof(struct applicant, surname)},   {"second_surname", offsetof(struct applicant, second_surname)},
    {"mail", offsetof(struct applicant, mail)},         {"mobile", offsetof(struct applicant, mobile)},
    {"post", offsetof(struct applicant, post)},         {"way_of_working", offsetof(struct applicant, way_of_working)},
    {"locality", offsetof(struct applicant, locality)}, {"installed_at", offsetof(struct applicant, installed_at)},
    {"device", offsetof(struct applicant, device)},
};
enum { APPLICANT_FIELDS = sizeof applicant_fields / sizeof *applicant_fields };

static slice field_of(const struct applicant *a, size_t n)
{
    return *(const slice *)(const void *)((const char *)a + applicant_fields[n].offset);
}

static json_t *applicant_json(const struct applicant *a)
{
    json_t *item = json_object();
    for (size_t n = 0; n < APPLICANT_FIELDS; n++)
        (void)json_object_set_new(item, applicant_fields[n].name, text_of(field_of(a, n)));
    (void)json_object_set_new(item, "document_issued", moment_of(a->document_issued));
    (void)json_object_set_new(item, "payment", json_integer(a->payment));
    return item;
}

static json_t *payment_json(const struct payment *p)
{
    json_t *item = json_object();
    (void)json_object_set_new(item, "id", json_integer(p->id));
    (void)json_object_set_new(item, "kind", text_of(p->kind));
    (void)json_object_set_new(item, "day", moment_of(p->day));
    (void)json_object_set_new(item, "operation", text_of(p->operation));
    (void)json_object_set_new(item, "agency", text_of(p->agency));
    (void)json_object_set_new(item, "cashier", text_of(p->cashier));
    (void)json_object_set_new(item, "amount_hundredths", json_integer(p->amount));
    return item;
}

static int dump_piece(const char *piece, size_t length, void *context)
{
    buf_put(context, piece, length);
    return 0;
}

static rfd_status put_json(struct dossier *d, const struct unit *unit, const struct entity *entity,
                           const struct payment *payments, size_t payment_count, struct rfd_error *error)
{
    const struct request *r = &d->request;
    json_t *root = json_object();
    json_t *applicants = json_array();
    json_t *paid = json_array();
    (void)json_object_set_new(root, "code", text_of(r->code));
    (void)json_object_set_new(root, "kind", text_of(r->kind));
    (void)json_object_set_new(root, "motive", text_of(r->motive));
    (void)json_object_set_new(root, "description", text_of(r->description));
    (void)json_object_set_new(root, "entity", text_of(entity->name));
    (void)json_object_set_new(root, "entity_number", text_of(entity->tax_number));
    (void)json_object_set_new(root, "unit", text_of(unit->name));
    (void)json_object_set_new(root, "sent", moment_of(r->sent));
    for (size_t i = 0; i < r->applicant_count; i++)
        (void)json_array_append_new(applicants, applicant_json(&r->applicants[i]));
    for (size_t i = 0; i < payment_count; i++) (void)json_array_append_new(paid, payment_json(&payments[i]));
    (void)json_object_set_new(root, "applicants", applicants);
    (void)json_object_set_new(root, "payments", paid);
    int failed = json_dump_callback(root, dump_piece, &d->json, JSON_INDENT(2));
    json_decref(root);
    if (failed != 0) return error_memory(error);
    buf_put_byte(&d->json, '\n');
    return buf_check(&d->json, "the dossier's data", error);
}

/** Quoted always; what a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection). */
static void put_cell(struct buf *b, slice text, bool last)
{
    buf_put_byte(b, '"');
    if (text.length > 0 && memchr("=+-@\t\r", text.data[0], 6) != NULL) buf_put_byte(b, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"') buf_put_byte(b, '"');
        buf_put_byte(b, text.data[i]);
    }
    buf_put_text(b, last ? "\"\r\n" : "\";");
}

static rfd_status put_csv(struct dossier *d, struct rfd_error *error)
{
    const struct request *r = &d->request;
    buf_put_text(&d->csv, "\xEF\xBB\xBF"); /* or spreadsheets take it for another alphabet */
    for (size_t n = 0; n < APPLICANT_FIELDS; n++)
        put_cell(&d->csv, slice_text(applicant_fields[n].name), n + 1 == APPLICANT_FIELDS);
    for (size_t i = 0; i < r->applicant_count; i++)
        for (size_t n = 0; n < APPLICANT_FIELDS; n++)
            put_cell(&d->csv, field_of(&r->applicants[i], n), n + 1 == APPLICANT_FIELDS);
    return buf_check(&d->csv, "the dossier's table", error);
}

/* ---- Files ---- */

static const char *ending(slice type)
{
    if (slice_is(type, "application/pdf")) return "pdf";
    if (slice_is(type, "image/png")) return "png";
    return slice_is(type, "image/jpeg") ? "jpg" : "bin";
}

/** Names are made here of numbers and codes: nothing that somebody typed can lead out of the folder. */
static void name_item(const struct dossier *d, const struct evidence *e, const struct payment *payments,
                      size_t payment_count, struct item *item)
{
    int length = (int)(e->kind.length < 60 ? e->kind.length : 60);
    (void)snprintf(item->name, NAME_SIZE, "otros/%lld-%.*s.%s", (long long)e->id, length, (const char *)e->kind.data,
                   ending(e->type));
    for (size_t i = 0; i < d->request.applicant_count; i++) {
        const struct applicant *a = &d->request.applicants[i];
        if (e->applicant == a->id)
            (void)snprintf(item->name, NAME_SIZE, "solicitantes/%02zu-%.*s/%.*s.%s", i + 1, (int)a->number.length,
                           (const char *)a->number.data, length, (const char *)e->kind.data, ending(e->type));
    }
    for (size_t i = 0; i < payment_count; i++)
        if (e->payment == payments[i].id)
            (void)snprintf(item->name, NAME_SIZE, "pagos/%02zu/%.*s.%s", i + 1, length, (const char *)e->kind.data,
                           ending(e->type));
}

static rfd_status keep_blob(struct dossier *d, struct transaction *t, slice id, struct blob *out,
                            struct rfd_error *error)
{
    TRY(blob_find(t, id, out, error));
    TRY(store_keep(&d->arena, &out->type, error));
    return store_keep(&d->arena, &out->wrapped, error);
}

static rfd_status list_files(struct dossier *d, struct transaction *t, const struct payment *payments,
                             size_t payment_count, struct rfd_error *error)
{
    struct evidence *files;
    size_t count;
    TRY(evidence_list(t, d->id, false, &files, &count, error));
    d->items = arena_zeroed(&d->arena, count + 1, sizeof *d->items);
    if (d->items == NULL) return arena_failed(&d->arena, error);
    for (size_t i = 0; i < count; i++) {
        if (slice_is(files[i].scan, "waiting"))
            return error_set(error, RFD_E_STATE, "a file still waits for the virus scan");
        if (slice_is(files[i].scan, "infected")) continue;
        struct item *item = &d->items[d->count++];
        name_item(d, &files[i], payments, payment_count, item);
        TRY(keep_blob(d, t, files[i].blob, &item->blob, error));
    }
    return RFD_OK;
}

/** By who has it, the first time: then it is on its way. */
static rfd_status forward(struct transaction *t, struct dossier *d, struct rfd_error *error)
{
    struct request_happening *events;
    size_t count;
    const struct request_step step = {.event = REQUEST_EVENT_FORWARD, .actor = d->actor};
    if (d->request.taker != d->actor->person) return RFD_OK;
    TRY(request_events(t, d->id, false, &events, &count, error));
    for (size_t i = 0; i < count; i++)
        if (events[i].event == REQUEST_EVENT_FORWARD) return RFD_OK;
    return request_step(t, &d->request, &step, error);
}

static rfd_status read_all(struct transaction *t, void *context, struct rfd_error *error)
{
    struct dossier *d = context;
    struct unit unit;
    struct entity entity;
    struct payment *payments;
    size_t payment_count;
    arena_dispose(&d->arena);
    buf_reset(&d->json);
    buf_reset(&d->csv);
    d->count = 0;
    TRY(request_to_attend(t, d->actor, d->id, &d->request, error));
    bool ready = d->request.way == WAY_AGENCY && d->request.external && agency_issues(d->request.kind) &&
                 (d->request.state == REQUEST_APPROVED || d->request.state == REQUEST_ATTENDED);
    if (!ready) return error_set(error, RFD_E_STATE, "there is no dossier of request %lld yet", (long long)d->id);
    TRY(unit_find(t, d->request.unit, &unit, error));
    TRY(entity_find(t, d->request.entity, &entity, error));
    TRY(payment_list(t, d->id, &payments, &payment_count, error));
    TRY(put_json(d, &unit, &entity, payments, payment_count, error));
    TRY(put_csv(d, error));
    TRY(list_files(d, t, payments, payment_count, error));
    return d->request.state == REQUEST_APPROVED ? forward(t, d, error) : RFD_OK;
}

/* ---- The ZIP ---- */

static la_ssize_t take(struct archive *zip, void *context, const void *piece, size_t length)
{
    struct dossier *d = context;
    (void)zip;
    if (d->failed == RFD_OK) d->failed = d->each(d->context, slice_of(piece, length), d->error);
    return d->failed == RFD_OK ? (la_ssize_t)length : -1;
}

static rfd_status zip_failed(struct dossier *d)
{
    if (d->failed != RFD_OK) return d->failed;
    const char *why = archive_error_string(d->zip);
    return error_set(d->error, RFD_E_IO_WRITE, "ZIP: %s", why == NULL ? "?" : why);
}

static rfd_status write_piece(void *context, slice piece, struct rfd_error *error)
{
    struct dossier *d = context;
    (void)error;
    la_ssize_t done = archive_write_data(d->zip, piece.data, piece.length);
    return done == (la_ssize_t)piece.length ? RFD_OK : zip_failed(d);
}

/** Sizes are said beforehand, so that readers which take a ZIP as a stream find each entry's end. */
static rfd_status begin_entry(struct dossier *d, const char *name, uint64_t size)
{
    struct archive_entry *entry = archive_entry_new2(d->zip);
    if (entry == NULL) return error_memory(d->error);
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, MODE);
    archive_entry_set_mtime(entry, (time_t)(d->request.sent / RFD_SECOND), 0);
    int done = archive_write_header(d->zip, entry);
    archive_entry_free(entry);
    return done == ARCHIVE_OK ? RFD_OK : zip_failed(d);
}

static rfd_status put_text(struct dossier *d, const char *name, slice text, bool summed)
{
    uint8_t hash[32];
    if (summed) {
        TRY(digest_of(DIGEST_SHA256, text, hash, d->error));
        buf_put_hex(&d->sums, slice_of(hash, sizeof hash), false);
        buf_print(&d->sums, "  %s\n", name);
    }
    TRY(begin_entry(d, name, text.length));
    return write_piece(d, text, d->error);
}

static rfd_status put_file(struct dossier *d, struct blob_store *blobs, const struct item *item)
{
    buf_print(&d->sums, "%s  %s\n", item->blob.id, item->name); /* a blob's id is its SHA-256 */
    TRY(begin_entry(d, item->name, item->blob.size));
    return blob_read(blobs, &item->blob, write_piece, d, d->error);
}

static rfd_status write_zip(struct dossier *d, struct blob_store *blobs)
{
    bool good = archive_write_set_format_zip(d->zip) == ARCHIVE_OK &&
                archive_write_set_bytes_per_block(d->zip, BLOB_PIECE) == ARCHIVE_OK &&
                archive_write_set_bytes_in_last_block(d->zip, 1) == ARCHIVE_OK &&
                archive_write_open(d->zip, d, NULL, take, NULL) == ARCHIVE_OK;
    if (!good) return zip_failed(d);
    TRY(put_text(d, "solicitud.json", buf_slice(&d->json), true));
    TRY(put_text(d, "solicitantes.csv", buf_slice(&d->csv), true));
    for (size_t i = 0; i < d->count; i++) TRY(put_file(d, blobs, &d->items[i]));
    TRY(buf_check(&d->sums, "the dossier's sums", d->error));
    TRY(put_text(d, "SHA256SUMS", buf_slice(&d->sums), false));
    return archive_write_close(d->zip) == ARCHIVE_OK ? RFD_OK : zip_failed(d);
}

rfd_status agency_dossier(struct store *store, struct blob_store *blobs, const struct actor *actor, int64_t id,
                          blob_each *each, void *context, struct rfd_error *error)
{
    struct dossier d = {.actor = actor, .id = id, .each = each, .context = context, .failed = RFD_OK, .error = error};
    rfd_status status;
    arena_init(&d.arena, MEMORY);
    buf_init(&d.json, TEXT_MAXIMUM);
    buf_init(&d.csv, TEXT_MAXIMUM);
    buf_init(&d.sums, SUMS_MAXIMUM);
    TRY_OUT(store_write(store, read_all, &d, error));
    d.zip = archive_write_new();
    if (d.zip == NULL) TRY_OUT(error_memory(error));
    TRY_OUT(write_zip(&d, blobs));
out:
    if (d.zip != NULL) (void)archive_write_free(d.zip);
    buf_dispose(&d.json);
    buf_dispose(&d.csv);
    buf_dispose(&d.sums);
    arena_dispose(&d.arena);
    return status;
}
