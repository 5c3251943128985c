/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/signed_items.h"

#include "base/error.h"
#include "pades/bare_rsa.h"
#include "pades/verify/ranges.h"

/** The earliest of a signature's own time stamps that hold. */
static rfd_status time_of_signature(struct signed_item *item, struct rfd_error *error)
{
    for (size_t i = 0; i < item->cms.signature_timestamp_count && i < SIGNED_TIMESTAMPS_MAXIMUM; i++) {
        struct timestamp t;
        uint8_t digest[DIGEST_SIZE_MAXIMUM];
        rfd_status status = timestamp_parse(cms_signature_timestamp(&item->cms, i), &t, error);
        if (status == RFD_E_MEMORY) return status;
        if (status != RFD_OK) continue;
        status = digest_of(t.imprint_digest, item->cms.signature, digest, error);
        if (status == RFD_OK) status = timestamp_verify(&t, slice_of(digest, digest_size(t.imprint_digest)), error);
        if (status == RFD_OK && (item->own_time == RFD_TIME_NONE || t.time < item->own_time)) item->own_time = t.time;
        timestamp_dispose(&t);
        if (status == RFD_E_MEMORY) return status;
    }
    return RFD_OK;
}

/** A document time stamp waits for the digest of what it covers. */
struct waiting {
    struct signed_item *item;
    struct timestamp timestamp;
    size_t handle;
};

static rfd_status expect(struct signed_item *item, struct ranges *ranges, struct waiting *waiting, size_t *count,
                         struct rfd_error *error)
{
    struct waiting *w = &waiting[*count];
    if (!item->parsed || item->signature.byte_range_count != 4) return RFD_OK;
    rfd_status status = timestamp_parse(item->signature.contents, &w->timestamp, error);
    if (status != RFD_OK) return status == RFD_E_MEMORY ? status : RFD_OK;
    status = ranges_add(ranges, w->timestamp.imprint_digest, item->signature.byte_range, &w->handle, error);
    if (status != RFD_OK) {
        timestamp_dispose(&w->timestamp);
        return status == RFD_E_MEMORY ? status : RFD_OK;
    }
    w->item = item;
    (*count)++;
    return RFD_OK;
}

static rfd_status times_of_document_timestamps(struct sign_run *run, struct signed_items *all, struct rfd_error *error)
{
    struct ranges *ranges = NULL;
    size_t count = 0;
    rfd_status status = RFD_OK;
    struct waiting *waiting = arena_zeroed(pdf_arena(run->doc), all->count + 1, sizeof *waiting);
    if (waiting == NULL) return arena_failed(pdf_arena(run->doc), error);
    TRY_OUT(ranges_new(pdf_source(run->doc), &ranges, error));
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].signature.document_timestamp) TRY_OUT(expect(&all->items[i], ranges, waiting, &count, error));
    }
    if (count > 0) TRY_OUT(ranges_run(ranges, error));
    for (size_t i = 0; i < count; i++) {
        struct waiting *w = &waiting[i];
        status = timestamp_verify(&w->timestamp, ranges_digest(ranges, w->handle), error);
        if (status == RFD_OK) w->item->own_time = w->timestamp.time;
        if (status == RFD_E_MEMORY) goto out;
    }
    status = RFD_OK;
out:
    for (size_t i = 0; i < count; i++) timestamp_dispose(&waiting[i].timestamp);
    ranges_free(ranges);
    return status;
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
        if (!other->signature.document_timestamp || other->own_time == RFD_TIME_NONE) continue;
        if (covered_end(other) <= covered_end(item)) continue;
        if (time == RFD_TIME_NONE || other->own_time < time) time = other->own_time;
    }
    return time;
}

static rfd_status read_one(struct sign_run *run, const struct pdf_field *field, struct signed_item *item,
                           struct rfd_error *error)
{
    item->field = field->name;
    item->own_time = item->proven = RFD_TIME_NONE;
    TRY(pdf_signature_read(&run->view, field->value, field->value_reference, &item->signature, error));
    rfd_status status = bare_rsa_is(&item->signature) ? bare_rsa_read(&item->signature, &item->cms, error)
                                                      : cms_parse(item->signature.contents, &item->cms, error);
    item->parsed = status == RFD_OK;
    if (status == RFD_E_MEMORY) return status;
    return item->parsed && !item->signature.document_timestamp ? time_of_signature(item, error) : RFD_OK;
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
        TRY_OUT(read_one(run, field, &all.items[all.count++], error));
    }
    TRY_OUT(times_of_document_timestamps(run, &all, error));
    for (size_t i = 0; i < all.count; i++) {
        struct signed_item *item = &all.items[i];
        item->proven = item->own_time != RFD_TIME_NONE ? item->own_time : covering_time(&all, item);
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
