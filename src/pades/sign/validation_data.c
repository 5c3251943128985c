/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/validation_data.h"

#include "base/error.h"
#include "pades/dss.h"
#include "pades/sign/evidence.h"
#include "pki/keys/key.h"

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
    for (size_t i = 0; i < item->cms.signature_timestamp_count && i < SIGNED_TIMESTAMPS_MAXIMUM; i++) {
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
