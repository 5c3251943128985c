/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/sign_run.h"

#include "base/append.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "pades/sign/repair.h"
#include "pades/sign/visible.h"
#include "pdf/archive/archive.h"

enum { TEXTS_MAXIMUM = 16 * 1024 * 1024, CERTIFICATION_MAXIMUM = 3 };

static rfd_status check_text(const char *what, const char *text, struct rfd_error *error)
{
    if (text == NULL || text_is_utf8(slice_text(text))) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "%s is not UTF-8", what);
}

static rfd_status check_options(const struct rfd_sign_options *o, struct rfd_error *error)
{
    if (o->certify < 0 || o->certify > CERTIFICATION_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "certification permission %d (1 to 3)", o->certify);
    if ((unsigned)o->level > RFD_LEVEL_B_LTA) return error_set(error, RFD_E_ARGUMENT, "level %d", (int)o->level);
    if ((unsigned)o->lock > RFD_LOCK_EXCLUDE) return error_set(error, RFD_E_ARGUMENT, "lock %d", (int)o->lock);
    bool named = o->lock == RFD_LOCK_INCLUDE || o->lock == RFD_LOCK_EXCLUDE;
    for (size_t i = 0; named && o->lock_fields != NULL && o->lock_fields[i] != NULL; i++)
        TRY(check_text("a field to lock", o->lock_fields[i], error));
    TRY(check_text("the reason", o->reason, error));
    TRY(check_text("the location", o->location, error));
    TRY(check_text("the contact", o->contact, error));
    return check_text("the name", o->name, error);
}

rfd_status sign_run_begin(struct sign_run *run, const struct rfd_sign_options *options, struct rfd_error *error)
{
    *run = (struct sign_run){.options = RFD_SIGN_OPTIONS_INIT, .proven = RFD_TIME_NONE};
    arena_init(&run->arena, TEXTS_MAXIMUM);
    if (options == NULL || options->size < sizeof options->size || options->size > sizeof run->options)
        return error_set(error, RFD_E_ARGUMENT, "options not initialised with RFD_SIGN_OPTIONS_INIT");
    memcpy(&run->options, options, options->size);
    run->now = clock_now();
    if (run->options.time == RFD_TIME_NONE) run->options.time = run->now;
    run->digest = digest_from_public(run->options.digest);
    if (run->digest == DIGEST_NONE) run->digest = DIGEST_SHA256;
    return check_options(&run->options, error);
}

void sign_run_dispose(struct sign_run *run)
{
    pdf_close(run->doc);
    source_close(run->source);
    digest_free(run->original);
    path_dispose(&run->path);
    rfd_bytes_free(&run->repaired);
    rfd_bytes_free(&run->tail);
    arena_dispose(&run->arena);
}

static rfd_status no_signing(void *context, slice message, slice digest, bool pss, uint8_t *signature, size_t *length,
                             struct rfd_error *error)
{
    (void)context, (void)message, (void)digest, (void)pss, (void)signature, (void)length;
    return error_set(error, RFD_E_SIGNING, "the key is elsewhere");
}

rfd_status sign_run_key(struct sign_run *run, slice certificates, struct rfd_key **own, struct rfd_error *error)
{
    if (run->options.key != NULL) return RFD_OK;
    TRY(rfd_key_open_external(certificates, no_signing, NULL, own, error));
    run->options.key = *own;
    return RFD_OK;
}

static rfd_status open_document(struct sign_run *run, struct rfd_error *error)
{
    struct pdf_options options = {.password = run->options.document_password};
    pdf_close(run->doc);
    run->doc = NULL;
    run->visible = NULL;
    TRY(pdf_open(run->source, &options, &run->doc, error));
    run->view = pdf_latest(run->doc);
    TRY(placement_read(&run->view, &run->place, error));
    return pdf_view_status(&run->view, error);
}

static bool has_anomaly(const struct pdf_document *doc)
{
    for (int i = 0; i < PDF_ANOMALY_COUNT; i++) {
        if (pdf_has_anomaly(doc, (enum pdf_anomaly)i)) return true;
    }
    return false;
}

static rfd_status repair(struct sign_run *run, struct rfd_error *error)
{
    rfd_bytes repaired = {0};
    struct source *source = NULL;
    pdf_close(run->doc);
    run->doc = NULL;
    TRY(repair_source(run->source, run->options.document_password, &repaired, error));
    rfd_status status = source_open_memory(slice_bytes(repaired), &source, error);
    if (status != RFD_OK) {
        rfd_bytes_free(&repaired);
        return status;
    }
    source_close(run->source);
    run->source = source;
    run->repaired = repaired;
    report_sign_check(run->report, "repair", RFD_CHECK_WARNING, RFD_E_PDF_DAMAGED,
                      "the document was damaged and has been rewritten");
    TRY(open_document(run, error));
    return has_anomaly(run->doc) ? error_set(error, RFD_E_PDF_DAMAGED, "also after a repair") : RFD_OK;
}

/** What is signed already must be read by everybody alike: no tolerance there. */
static rfd_status check_strictly(struct sign_run *run, struct rfd_error *error)
{
    if (run->place.signed_count == 0 || !has_anomaly(run->doc)) return RFD_OK;
    struct pdf_options options = {.strict = true, .password = run->options.document_password};
    struct pdf_document *doc = NULL;
    if (pdf_open(run->source, &options, &doc, error) != RFD_OK)
        return error_wrap(error, RFD_E_PDF_SIGNED_DAMAGED, "%zu signatures", run->place.signed_count);
    pdf_close(doc);
    return RFD_OK;
}

rfd_status sign_run_document(struct sign_run *run, struct rfd_error *error)
{
    rfd_status status = open_document(run, error);
    if (status == RFD_E_PDF_DAMAGED || status == RFD_E_NOT_PDF) {
        bool is_signed = false;
        struct rfd_error ignored;
        if (repair_looks_signed(run->source, &is_signed, &ignored) != RFD_OK) return status;
        if (is_signed) return error_wrap(error, RFD_E_PDF_SIGNED_DAMAGED, "a /ByteRange is in the file");
        if (!run->options.repair || !run->may_repair) return status;
        return repair(run, error);
    }
    return status != RFD_OK ? status : check_strictly(run, error);
}

rfd_status sign_run_absorb(struct sign_run *run, struct rfd_error *error)
{
    if (run->tail.data == NULL) return RFD_OK;
    pdf_close(run->doc);
    run->doc = NULL;
    TRY(source_append(run->source, slice_bytes(run->tail), error));
    rfd_bytes_free(&run->tail);
    return open_document(run, error);
}

/** The /Lock of a new field; {0} when it has none. */
static struct pdf_reference write_lock(struct sign_run *run, struct pdf_update *update,
                                       const struct pdf_field_lock *lock)
{
    if (run->place.field != NULL || lock == NULL || lock->action == PDF_LOCK_NONE) return (struct pdf_reference){0};
    struct pdf_reference object = pdf_update_new(update);
    buf_put_text(pdf_update_object(update, object), "<</Type/SigFieldLock");
    lock_put(update, lock);
    buf_put_text(pdf_update_buffer(update), ">>");
    pdf_update_end(update);
    return object;
}

/** What an invisible new field needs: nothing, but in PDF/A-1 each field has an appearance (ISO 19005-1 §6.9), here an
 * empty one. */
static rfd_status draw_nothing(struct sign_run *run, struct pdf_update *update, struct placement_visible *out,
                               bool *needed, struct rfd_error *error)
{
    static const char entries[] = "/Type /XObject /Subtype /Form /BBox [0 0 0 0] /Resources << >>";
    int part = 0;
    TRY(pdf_archive_claim(&run->view, &part, error));
    *needed = part == 1;
    if (!*needed) return RFD_OK;
    *out = (struct placement_visible){.appearance = pdf_update_new(update), .rectangle = SLICE("[0 0 0 0]")};
    pdf_update_stream(update, out->appearance, entries, SLICE_EMPTY, false);
    return RFD_OK;
}

static rfd_status write_placement(struct sign_run *run, struct pdf_update *update, struct pdf_reference signature,
                                  struct pdf_reference lock, int certification, struct rfd_error *error)
{
    bool raise_version =
        run->options.level >= RFD_LEVEL_B_LT && run->place.signed_count == 0 && pdf_version(run->doc) < 17;
    struct placement_catalog catalog = {.certification = certification, .version = raise_version ? 17 : 0};
    struct placement place = run->place;
    struct placement_visible visible;
    bool shown = run->visible != NULL;
    if (shown)
        TRY(visible_draw(run, update, &visible, error));
    else if (place.field == NULL)
        TRY(draw_nothing(run, update, &visible, &shown, error));
    if (shown) place.visible = &visible;
    return placement_write(&place, update, &run->view, signature, lock, &catalog, error);
}

/** Ends the update and keeps it. */
static rfd_status take_update(struct sign_run *run, struct pdf_update *update, struct rfd_error *error)
{
    slice tail;
    TRY(pdf_update_finish(update, &tail, error));
    rfd_bytes_free(&run->tail);
    return buf_take(pdf_update_buffer(update), &run->tail, error);
}

rfd_status sign_run_update(struct sign_run *run, const struct signature_dictionary *dictionary,
                           struct signature_hole *hole, struct rfd_error *error)
{
    struct pdf_update *update = NULL;
    struct signature_dictionary d = *dictionary;
    rfd_status status = RFD_OK;
    TRY_OUT(pdf_update_begin(run->doc, &update, error));
    d.catalog = pdf_reference_of(pdf_trailer(&run->view), "Root");
    struct pdf_reference object = pdf_update_new(update);
    signature_write(update, object, &d, hole);
    struct pdf_reference lock = write_lock(run, update, d.lock);
    TRY_OUT(write_placement(run, update, object, lock, d.certification, error));
    uint64_t base = pdf_update_base(update);
    TRY_OUT(take_update(run, update, error));
    signature_fill_byte_range(run->tail.data, run->tail.length, base, hole);
out:
    pdf_update_free(update);
    return status;
}

rfd_status sign_run_preview(struct sign_run *run, struct rfd_error *error)
{
    struct pdf_update *update = NULL;
    const struct pdf_reference none = {0};
    rfd_status status = RFD_OK;
    TRY_OUT(pdf_update_begin(run->doc, &update, error));
    TRY_OUT(write_placement(run, update, none, none, 0, error));
    status = take_update(run, update, error);
out:
    pdf_update_free(update);
    return status;
}

static rfd_status add_piece(void *context, slice piece, struct rfd_error *error)
{
    return digest_add(context, piece, error);
}

/** A running digest that stands at the end of the original bytes; the caller frees it. */
static rfd_status digest_of_original(struct sign_run *run, struct digest **out, struct rfd_error *error)
{
    if (run->original != NULL) return digest_fork(run->original, out, error);
    struct digest *d = NULL;
    rfd_status status = RFD_OK;
    TRY_OUT(digest_start(run->digest, &d, error));
    TRY_OUT(source_stream(run->source, 0, source_original_size(run->source), add_piece, d, error));
    if (run->keep_original) TRY_OUT(digest_fork(d, &run->original, error));
    *out = d;
    d = NULL;
out:
    digest_free(d);
    return status;
}

rfd_status sign_run_digest(struct sign_run *run, const struct signature_hole *hole, uint8_t *out,
                           struct rfd_error *error)
{
    struct digest *d = NULL;
    uint64_t original = source_original_size(run->source);
    slice tail = slice_bytes(run->tail);
    rfd_status status = RFD_OK;
    TRY_OUT(digest_of_original(run, &d, error));
    TRY_OUT(source_stream(run->source, original, source_size(run->source) - original, add_piece, d, error));
    TRY_OUT(digest_add(d, slice_part(tail, 0, hole->contents), error));
    TRY_OUT(digest_add(d, slice_from(tail, hole->contents + hole->length), error));
    TRY_OUT(digest_finish(d, out, error));
out:
    digest_free(d);
    return status;
}

bool sign_run_fill(struct sign_run *run, const struct signature_hole *hole, slice cms)
{
    if (2 * cms.length + 2 > hole->length) return false;
    signature_fill_contents(run->tail.data + hole->contents, cms);
    return true;
}

rfd_status sign_run_output(struct sign_run *run, struct output *output, struct rfd_error *error)
{
    rfd_status status = output_copy(output, run->source, 0, source_size(run->source), error);
    if (status == RFD_OK) status = output_write(output, slice_bytes(run->tail), error);
    if (status == RFD_OK) status = source_unchanged(run->source, error);
    if (status == RFD_OK) return output_commit(output, error);
    output_abandon(output);
    return status;
}

/** Appends what was added to the input itself. */
static rfd_status append_to_input(struct sign_run *run, const char *input, struct rfd_error *error)
{
    uint64_t length = source_original_size(run->source);
    slice updates;
    if (run->repaired.data != NULL)
        return error_set(error, RFD_E_ARGUMENT, "a repaired document cannot be signed in place");
    TRY(source_view(run->source, length, source_size(run->source) - length, &updates, error));
    TRY(source_unchanged(run->source, error));
    return append_whole(input, length, updates, slice_bytes(run->tail), error);
}

rfd_status sign_run_file(const char *operation, const char *input, const char *output,
                         const struct rfd_sign_options *options, sign_run_work *work, struct rfd_sign_report **report,
                         struct rfd_error *error)
{
    struct sign_run run;
    struct output *file = NULL;
    struct rfd_error failure = RFD_ERROR_INIT;
    rfd_status status = sign_run_begin(&run, options, &failure);
    if (status != RFD_OK) goto out;
    if (report != NULL) TRY_OUT(report_sign_new(operation, &run.report, &failure));
    run.may_repair = true;
    TRY_OUT(append_recover(input, &failure));
    TRY_OUT(source_open_file(input, &run.source, &failure));
    if (output != NULL) TRY_OUT(output_open(output, run.options.replace, &file, &failure));
    TRY_OUT(work(&run, &failure));
    if (output == NULL) {
        status = append_to_input(&run, input, &failure);
    } else {
        struct output *finished = file;
        file = NULL;
        status = sign_run_output(&run, finished, &failure);
    }
out:
    output_abandon(file);
    report_sign_result(run.report, status == RFD_OK ? NULL : &failure);
    if (report != NULL) *report = run.report;
    sign_run_dispose(&run);
    if (status != RFD_OK && error != NULL) *error = failure;
    return status;
}
