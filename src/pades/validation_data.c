/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/validation_data.h"

#include "base/error.h"
#include "pades/dss.h"
#include "pades/evidence.h"
#include "pki/key.h"

enum { TIMESTAMPS_MAXIMUM = 16 };

/** The time of a signature's own (first readable) time stamp; a document time stamp is one itself. */
static rfd_time own_time(const struct signed_item *item)
{
    struct timestamp t;
    rfd_time time = RFD_TIME_NONE;
    if (item->signature.document_timestamp) {
        if (timestamp_parse(item->signature.contents, &t, NULL) != RFD_OK) return time;
        time = t.time;
        timestamp_dispose(&t);
        return time;
    }
    for (size_t i = 0; i < item->cms.signature_timestamp_count && i < TIMESTAMPS_MAXIMUM; i++) {
        if (timestamp_parse(cms_signature_timestamp(&item->cms, i), &t, NULL) != RFD_OK) continue;
        if (time == RFD_TIME_NONE || t.time < time) time = t.time;
        timestamp_dispose(&t);
    }
    return time;
}

/** Where the covered bytes end; 0 when the /ByteRange makes no sense. */
static int64_t covered_end(const struct signed_item *item)
{
    const struct pdf_signature *s = &item->signature;
    int64_t end = 0;
    if (s->byte_range_count != 4 || s->byte_range[2] < 0 || s->byte_range[3] < 0) return 0;
    return __builtin_add_overflow(s->byte_range[2], s->byte_range[3], &end) ? 0 : end;
}

/** The earliest document time stamp that covers all that `item` covers, and item's own bytes. */
static rfd_time covering_time(const struct signed_items *all, const struct signed_item *item)
{
    rfd_time time = RFD_TIME_NONE;
    for (size_t i = 0; i < all->count; i++) {
        const struct signed_item *other = &all->items[i];
        if (other == item || !other->signature.document_timestamp || !other->parsed) continue;
        if (covered_end(other) <= covered_end(item)) continue;
        rfd_time t = own_time(other);
        if (t != RFD_TIME_NONE && (time == RFD_TIME_NONE || t < time)) time = t;
    }
    return time;
}

rfd_status signed_items_read(struct sign_run *run, struct signed_items *out, struct rfd_error *error)
{
    struct signed_items all = {0};
    rfd_status status = RFD_OK;
    all.items = arena_zeroed(pdf_arena(run->doc), run->place.signed_count + 1, sizeof *all.items);
    if (all.items == NULL) return arena_failed(pdf_arena(run->doc), error);
    for (size_t i = 0; i < run->place.field_count && all.count < run->place.signed_count; i++) {
        const struct pdf_field *field = &run->place.fields[i];
        if (!slice_is(field->type, "Sig") || pdf_entries(field->value) == NULL) continue;
        struct signed_item *item = &all.items[all.count];
        item->field = field->name;
        TRY_OUT(pdf_signature_read(&run->view, field->value, field->value_reference, &item->signature, error));
        rfd_status parsed = cms_parse(item->signature.contents, &item->cms, error);
        item->parsed = parsed == RFD_OK;
        all.count++;
        if (parsed == RFD_E_MEMORY) {
            status = parsed;
            goto out;
        }
    }
    for (size_t i = 0; i < all.count; i++) {
        struct signed_item *item = &all.items[i];
        item->proven = item->parsed ? own_time(item) : RFD_TIME_NONE;
        if (item->proven == RFD_TIME_NONE) item->proven = covering_time(&all, item);
    }
    TRY_OUT(pdf_view_status(&run->view, error));
    *out = all;
    all.count = 0;
out:
    signed_items_dispose(&all);
    return status;
}

void signed_items_dispose(struct signed_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->items[i].parsed) cms_dispose(&items->items[i].cms);
    }
    items->count = 0;
}

static rfd_status add_all(struct certificate_list *to, const struct certificate_list *from, struct rfd_error *error)
{
    for (size_t i = 0; i < from->count; i++) TRY(certificate_list_add(to, from->items[i], error));
    return RFD_OK;
}

/** A certificate that has expired since is judged at a time when it was valid, when one is proven. */
static struct evidence_wish wish_for(const struct evidence *e, const struct certificate *leaf,
                                     enum path_purpose purpose, rfd_time proven)
{
    bool past = e->now > leaf->not_after && proven != RFD_TIME_NONE && proven <= leaf->not_after;
    return (struct evidence_wish){.purpose = purpose,
                                  .at = past ? proven : e->now,
                                  .fresh_from = past ? RFD_TIME_NONE : proven,
                                  .proven = proven};
}

static rfd_status collect_timestamps(struct evidence *e, const struct signed_item *item, struct evidence_set *set,
                                     struct rfd_error *error)
{
    for (size_t i = 0; i < item->cms.signature_timestamp_count && i < TIMESTAMPS_MAXIMUM; i++) {
        struct timestamp t;
        TRY(timestamp_parse(cms_signature_timestamp(&item->cms, i), &t, error));
        rfd_status status = add_all(&e->known, &t.cms.certificates, error);
        if (status == RFD_OK && t.cms.signer != NULL) {
            struct evidence_wish wish = wish_for(e, t.cms.signer, PATH_TSA, t.time);
            status = evidence_collect(e, t.cms.signer, &wish, set, error);
        }
        timestamp_dispose(&t);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status collect_item(struct sign_run *run, struct evidence *e, const struct signed_item *item,
                               struct evidence_set *set, struct rfd_error *error)
{
    char name[EVIDENCE_NAME_SIZE] = "";
    if (!item->parsed || item->cms.signer == NULL) {
        report_sign_check(run->report, "validation-data", RFD_CHECK_SKIPPED, RFD_E_CMS,
                          "field %.*s: the signer's certificate is not in the signature", (int)item->field.length,
                          (const char *)item->field.data);
        return RFD_OK;
    }
    TRY(add_all(&e->known, &item->cms.certificates, error));
    enum path_purpose purpose = item->signature.document_timestamp ? PATH_TSA : PATH_SIGNER;
    struct evidence_wish wish = wish_for(e, item->cms.signer, purpose, item->proven);
    TRY(evidence_collect(e, item->cms.signer, &wish, set, error));
    TRY(collect_timestamps(e, item, set, error));
    report_sign_check(run->report, "validation-data", RFD_CHECK_PASSED, RFD_OK,
                      "field %.*s, %s: %zu certificates, %zu revocation answers", (int)item->field.length,
                      (const char *)item->field.data, evidence_name(item->cms.signer, name), set->certificates.count,
                      set->item_count);
    return RFD_OK;
}

static rfd_status write_store(struct sign_run *run, const struct dss_entry *entries, size_t count,
                              struct rfd_error *error)
{
    struct pdf_update *update = NULL;
    slice tail;
    bool changed = false;
    rfd_status status = RFD_OK;
    TRY_OUT(pdf_update_begin(run->doc, &update, error));
    TRY_OUT(dss_write(update, &run->view, entries, count, &changed, error));
    if (!changed) goto out;
    TRY_OUT(pdf_update_finish(update, &tail, error));
    TRY_OUT(buf_take(pdf_update_buffer(update), &run->tail, error));
out:
    pdf_update_free(update);
    return status;
}

static rfd_status add_for(struct sign_run *run, const struct signed_items *all, const char *only, struct evidence *e,
                          struct rfd_error *error)
{
    struct arena *arena = pdf_arena(run->doc);
    struct evidence_set *sets = arena_zeroed(arena, all->count + 1, sizeof *sets);
    struct dss_entry *entries = arena_zeroed(arena, all->count + 1, sizeof *entries);
    if (sets == NULL || entries == NULL) return arena_failed(arena, error);
    rfd_status status = RFD_OK;
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct signed_item *item = &all->items[i];
        if (only != NULL && !slice_is(item->field, only)) continue;
        struct evidence_set *set = &sets[count];
        entries[count++].contents = item->signature.contents;
        TRY_OUT(collect_item(run, e, item, set, error));
        entries[count - 1].certificates = &set->certificates;
        entries[count - 1].store = &e->store;
        entries[count - 1].items = set->items;
        entries[count - 1].item_count = set->item_count;
    }
    status = write_store(run, entries, count, error);
out:
    for (size_t i = 0; i < count; i++) evidence_set_dispose(&sets[i]);
    return status;
}

rfd_status validation_data_add(struct sign_run *run, const char *only, struct rfd_error *error)
{
    struct evidence e = {0};
    struct signed_items all = {0};
    size_t skipped = 0;
    rfd_status status = RFD_OK;
    TRY_OUT(evidence_open(&e, &run->options, run->now, error));
    if (run->options.key != NULL) TRY_OUT(add_all(&e.known, key_chain(run->options.key), error));
    TRY_OUT(dss_read(&run->view, &e.known, &e.store, &skipped, error));
    TRY_OUT(signed_items_read(run, &all, error));
    status = add_for(run, &all, only, &e, error);
out:
    signed_items_dispose(&all);
    evidence_dispose(&e);
    return status;
}
