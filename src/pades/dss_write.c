/* SPDX-License-Identifier: EUPL-1.2
 *
 * Three lists (certificates, OCSP responses, CRLs) of streams, each stream known by the SHA-256 of its content, so that
 * nothing is written twice; and for each signature a VRI entry that points into them. What exists keeps its nature:
 * indirect parts are rewritten as the objects that they are, direct ones inside their owner.
 */
#include "pades/dss.h"

#include "base/error.h"
#include "pades/extensions.h"
#include "pades/update_text.h"
#include "pki/digest.h"

enum { CERTIFICATES, OCSPS, CRLS, LIST_COUNT };
enum { FINGERPRINT_SIZE = 32, VRI_KEY_SIZE = 41, SHA1_SIZE = 20, STORED_MAXIMUM = 20000, FIRST_STORED = 32 };
#define ITEM_MAXIMUM ((size_t)64 * 1024 * 1024)

static const char *const store_keys[LIST_COUNT] = {"Certs", "OCSPs", "CRLs"};
static const char *const entry_keys[LIST_COUNT] = {"Cert", "OCSP", "CRL"}; /* §12.8.4.4 table 262 */

struct stored {
    uint8_t fingerprint[FINGERPRINT_SIZE];
    struct pdf_reference reference;
};
struct references {
    struct pdf_reference *items;
    size_t count, capacity;
};
struct list {
    const struct pdf_value *array; /* existing array, or null */
    struct pdf_reference object;   /* of an indirect array */
    struct stored *stored;
    size_t count, capacity;
    struct references added;
};
struct vri {
    char key[VRI_KEY_SIZE];
    const struct pdf_value *dictionary;   /* existing entry, or null */
    struct pdf_reference object;          /* of an indirect entry */
    struct references wanted[LIST_COUNT]; /* those that the entry lacks */
    bool changed;
};
struct writer {
    struct pdf_update *update;
    struct pdf_view *view;
    struct arena *arena;
    struct rfd_error *error;
    const struct pdf_value *dss;
    struct pdf_reference dss_object;
    const struct pdf_value *vri_dictionary;
    struct pdf_reference vri_object;
    struct list lists[LIST_COUNT];
    struct vri *vris;
    size_t vri_count;
};

static rfd_status add_reference(struct writer *w, struct references *list, struct pdf_reference r)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].number == r.number) return RFD_OK;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? FIRST_STORED : list->capacity * 2;
        struct pdf_reference *grown = arena_zeroed(w->arena, capacity, sizeof *grown);
        if (grown == NULL) return arena_failed(w->arena, w->error);
        if (list->count > 0) memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = r;
    return RFD_OK;
}

static rfd_status remember(struct writer *w, struct list *list, const uint8_t *fingerprint, struct pdf_reference r)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? FIRST_STORED : list->capacity * 2;
        struct stored *grown = arena_zeroed(w->arena, capacity, sizeof *grown);
        if (grown == NULL) return arena_failed(w->arena, w->error);
        if (list->count > 0) memcpy(grown, list->stored, list->count * sizeof *grown);
        list->stored = grown;
        list->capacity = capacity;
    }
    memcpy(list->stored[list->count].fingerprint, fingerprint, FINGERPRINT_SIZE);
    list->stored[list->count++].reference = r;
    return RFD_OK;
}

static const struct pdf_value *indirect(struct writer *w, const struct pdf_value *dictionary, const char *key,
                                        struct pdf_reference *object)
{
    const struct pdf_value *entry = pdf_entry_of(dictionary, key);
    if (entry->kind == PDF_REFERENCE) *object = entry->reference;
    return pdf_resolve(w->view, entry);
}

/** Reads one existing list. A stream that cannot be read stays listed but is never matched. */
static rfd_status load_list(struct writer *w, int which)
{
    struct list *list = &w->lists[which];
    list->array = indirect(w, w->dss, store_keys[which], &list->object);
    if (list->array->kind != PDF_ARRAY) {
        list->object = (struct pdf_reference){0};
        return RFD_OK;
    }
    for (size_t i = 0; i < list->array->count && i < STORED_MAXIMUM; i++) {
        const struct pdf_value *item = &list->array->items[i];
        const struct pdf_value *stream = pdf_resolve(w->view, item);
        uint8_t fingerprint[FINGERPRINT_SIZE];
        slice data;
        if (item->kind != PDF_REFERENCE || stream->kind != PDF_STREAM) continue;
        if (pdf_stream_data(w->view, stream, ITEM_MAXIMUM, &data, NULL) != RFD_OK) continue;
        TRY(digest_of(DIGEST_SHA256, data, fingerprint, w->error));
        TRY(remember(w, list, fingerprint, item->reference));
    }
    return RFD_OK;
}

static rfd_status load(struct writer *w)
{
    w->dss = indirect(w, pdf_catalog(w->view), "DSS", &w->dss_object);
    if (w->dss->kind != PDF_DICTIONARY) w->dss_object = (struct pdf_reference){0};
    for (int which = 0; which < LIST_COUNT; which++) TRY(load_list(w, which));
    w->vri_dictionary = indirect(w, w->dss, "VRI", &w->vri_object);
    if (w->vri_dictionary->kind != PDF_DICTIONARY) w->vri_object = (struct pdf_reference){0};
    return RFD_OK;
}

/** The stream that holds `der`, written now when there is none. */
static rfd_status store(struct writer *w, int which, slice der, const uint8_t *fingerprint, struct pdf_reference *out)
{
    struct list *list = &w->lists[which];
    for (size_t i = 0; i < list->count; i++) {
        if (memcmp(list->stored[i].fingerprint, fingerprint, FINGERPRINT_SIZE) == 0) {
            *out = list->stored[i].reference;
            return RFD_OK;
        }
    }
    *out = pdf_update_new(w->update);
    pdf_update_stream(w->update, *out, "", der, true);
    TRY(remember(w, list, fingerprint, *out));
    return add_reference(w, &list->added, *out);
}

static bool entry_lists(struct writer *w, const struct vri *vri, int which, struct pdf_reference r)
{
    const struct pdf_value *array = pdf_get(w->view, vri->dictionary, entry_keys[which]);
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count; i++) {
        if (array->items[i].kind == PDF_REFERENCE && array->items[i].reference.number == r.number) return true;
    }
    return false;
}

static rfd_status want(struct writer *w, struct vri *vri, int which, slice der, const uint8_t *fingerprint)
{
    struct pdf_reference r;
    TRY(store(w, which, der, fingerprint, &r));
    if (entry_lists(w, vri, which, r)) return RFD_OK;
    vri->changed = true;
    return add_reference(w, &vri->wanted[which], r);
}

/** The entry's key and what it has already (§12.8.4.4: SHA-1 of /Contents, padding included, in upper case). */
static rfd_status open_vri(struct writer *w, slice contents, struct vri *vri)
{
    uint8_t sha1[SHA1_SIZE];
    struct buf key;
    TRY(digest_of(DIGEST_SHA1, contents, sha1, w->error));
    buf_init(&key, VRI_KEY_SIZE);
    buf_put_hex(&key, slice_of(sha1, sizeof sha1), true);
    buf_put_byte(&key, '\0');
    rfd_status status = buf_check(&key, "VRI key", w->error);
    if (status == RFD_OK) memcpy(vri->key, key.data, VRI_KEY_SIZE);
    buf_dispose(&key);
    TRY(status);
    vri->dictionary = indirect(w, w->vri_dictionary, vri->key, &vri->object);
    if (vri->dictionary->kind != PDF_DICTIONARY) {
        vri->object = (struct pdf_reference){0};
        vri->changed = true;
    }
    return RFD_OK;
}

static rfd_status take_entry(struct writer *w, const struct dss_entry *entry, struct vri *vri)
{
    TRY(open_vri(w, entry->contents, vri));
    for (size_t i = 0; entry->certificates != NULL && i < entry->certificates->count; i++) {
        const struct certificate *c = entry->certificates->items[i];
        TRY(want(w, vri, CERTIFICATES, c->der, c->fingerprint));
    }
    for (size_t i = 0; i < entry->item_count; i++) {
        const struct revocation_item *item = &entry->store->items[entry->items[i]];
        slice der = revocation_item_der(item);
        uint8_t fingerprint[FINGERPRINT_SIZE];
        TRY(digest_of(DIGEST_SHA256, der, fingerprint, w->error));
        TRY(want(w, vri, item->is_crl ? CRLS : OCSPS, der, fingerprint));
    }
    return RFD_OK;
}

static rfd_status capture(struct writer *w, size_t from, slice *out)
{
    return update_text_capture(w->update, w->arena, from, out, w->error);
}

static size_t here(const struct writer *w)
{
    return pdf_update_buffer(w->update)->length;
}

/** Writes a VRI entry into the open object. */
static rfd_status put_vri_entry(struct writer *w, const struct vri *vri, struct pdf_reference owner)
{
    struct pdf_change changes[LIST_COUNT];
    size_t count = 0;
    for (int which = 0; which < LIST_COUNT; which++) {
        const struct references *wanted = &vri->wanted[which];
        if (wanted->count == 0) continue;
        size_t from = here(w);
        update_text_array(w->update, pdf_get(w->view, vri->dictionary, entry_keys[which]), owner, wanted->items,
                          wanted->count);
        changes[count].key = entry_keys[which];
        TRY(capture(w, from, &changes[count++].value));
    }
    if (vri->dictionary->kind == PDF_DICTIONARY) {
        pdf_update_dictionary(w->update, vri->dictionary, owner, changes, count);
        return RFD_OK;
    }
    struct buf *b = pdf_update_buffer(w->update);
    buf_put_text(b, "<<");
    for (size_t i = 0; i < count; i++) {
        buf_put_byte(b, '/');
        buf_put_text(b, changes[i].key);
        buf_put_slice(b, changes[i].value);
    }
    buf_put_text(b, ">>");
    return RFD_OK;
}

static rfd_status write_indirect_vri_entries(struct writer *w)
{
    for (size_t i = 0; i < w->vri_count; i++) {
        struct vri *vri = &w->vris[i];
        if (!vri->changed || vri->object.number == 0) continue;
        (void)pdf_update_object(w->update, vri->object);
        TRY(put_vri_entry(w, vri, vri->object));
        pdf_update_end(w->update);
        vri->changed = false;
    }
    return RFD_OK;
}

/** A dictionary with changes, or a new one of them alone, in the open object. */
static void put_dictionary(struct writer *w, const struct pdf_value *dictionary, struct pdf_reference owner,
                           const struct pdf_change *changes, size_t count)
{
    static const struct pdf_value empty = {.kind = PDF_DICTIONARY};
    pdf_update_dictionary(w->update, dictionary->kind == PDF_DICTIONARY ? dictionary : &empty, owner, changes, count);
}

static rfd_status put_vri_dictionary(struct writer *w, struct pdf_reference owner)
{
    struct pdf_change *changes = arena_zeroed(w->arena, w->vri_count + 1, sizeof *changes);
    if (changes == NULL) return arena_failed(w->arena, w->error);
    size_t count = 0;
    for (size_t i = 0; i < w->vri_count; i++) {
        const struct vri *vri = &w->vris[i];
        if (!vri->changed) continue;
        size_t from = here(w);
        TRY(put_vri_entry(w, vri, owner));
        changes[count].key = vri->key;
        TRY(capture(w, from, &changes[count++].value));
    }
    put_dictionary(w, w->vri_dictionary, owner, changes, count);
    return RFD_OK;
}

/** True when the /VRI dictionary itself must be written; an indirect one is written here. */
static rfd_status write_vri_object(struct writer *w, bool *inside)
{
    bool changed = false;
    for (size_t i = 0; i < w->vri_count; i++) changed |= w->vris[i].changed;
    *inside = changed && w->vri_object.number == 0;
    if (!changed || *inside) return RFD_OK;
    (void)pdf_update_object(w->update, w->vri_object);
    TRY(put_vri_dictionary(w, w->vri_object));
    pdf_update_end(w->update);
    return RFD_OK;
}

static void write_indirect_lists(struct writer *w)
{
    for (int which = 0; which < LIST_COUNT; which++) {
        struct list *list = &w->lists[which];
        if (list->object.number == 0 || list->added.count == 0) continue;
        (void)pdf_update_object(w->update, list->object);
        update_text_array(w->update, list->array, list->object, list->added.items, list->added.count);
        pdf_update_end(w->update);
        list->added.count = 0;
    }
}

static rfd_status put_dss(struct writer *w, struct pdf_reference owner, bool vri_inside)
{
    struct pdf_change changes[LIST_COUNT + 1];
    size_t count = 0;
    for (int which = 0; which < LIST_COUNT; which++) {
        const struct list *list = &w->lists[which];
        if (list->added.count == 0) continue;
        size_t from = here(w);
        update_text_array(w->update, list->array, owner, list->added.items, list->added.count);
        changes[count].key = store_keys[which];
        TRY(capture(w, from, &changes[count++].value));
    }
    if (vri_inside) {
        size_t from = here(w);
        TRY(put_vri_dictionary(w, owner));
        changes[count].key = "VRI";
        TRY(capture(w, from, &changes[count++].value));
    }
    put_dictionary(w, w->dss, owner, changes, count);
    return RFD_OK;
}

/** The catalog: for a new or direct DSS, and for /Extensions inside it. */
static rfd_status write_catalog(struct writer *w, bool dss_inside, bool dss_new, bool vri_inside, bool extensions)
{
    if (!dss_inside && !dss_new && !extensions) return RFD_OK;
    struct pdf_reference root = pdf_reference_of(pdf_trailer(w->view), "Root");
    struct pdf_change changes[2];
    size_t count = 0;
    struct buf *b = pdf_update_object(w->update, root);
    if (dss_inside || dss_new) {
        size_t from = here(w);
        if (dss_new)
            pdf_put_reference(b, w->dss_object);
        else
            TRY(put_dss(w, root, vri_inside));
        changes[count].key = "DSS";
        TRY(capture(w, from, &changes[count++].value));
    }
    if (extensions) {
        size_t from = here(w);
        extensions_put_direct(w->update, w->view, root);
        changes[count].key = "Extensions";
        TRY(capture(w, from, &changes[count++].value));
    }
    pdf_update_dictionary(w->update, pdf_catalog(w->view), root, changes, count);
    pdf_update_end(w->update);
    return RFD_OK;
}

static rfd_status write_all(struct writer *w)
{
    bool vri_inside = false;
    write_indirect_lists(w);
    TRY(write_indirect_vri_entries(w));
    TRY(write_vri_object(w, &vri_inside));
    bool changed = vri_inside;
    for (int which = 0; which < LIST_COUNT; which++) changed |= w->lists[which].added.count > 0;
    bool exists = w->dss->kind == PDF_DICTIONARY;
    bool dss_inside = exists && w->dss_object.number == 0 && changed;
    if (!exists) w->dss_object = pdf_update_new(w->update);
    if (!exists || (changed && !dss_inside)) {
        (void)pdf_update_object(w->update, w->dss_object);
        TRY(put_dss(w, w->dss_object, vri_inside));
        pdf_update_end(w->update);
    }
    bool extensions = extensions_wanted(w->view);
    if (extensions && extensions_write_indirect(w->update, w->view)) extensions = false;
    return write_catalog(w, dss_inside, !exists, vri_inside, extensions);
}

rfd_status dss_write(struct pdf_update *update, struct pdf_view *view, const struct dss_entry *entries, size_t count,
                     bool *changed, struct rfd_error *error)
{
    struct writer w = {.update = update, .view = view, .arena = pdf_arena(view->doc), .error = error};
    TRY(load(&w));
    w.vris = arena_zeroed(w.arena, count + 1, sizeof *w.vris);
    if (w.vris == NULL) return arena_failed(w.arena, error);
    w.vri_count = count;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        TRY(take_entry(&w, &entries[i], &w.vris[i]));
        any |= w.vris[i].changed;
    }
    for (int which = 0; which < LIST_COUNT; which++) any |= w.lists[which].added.count > 0;
    if (any) TRY(write_all(&w));
    *changed = any;
    return pdf_view_status(view, error);
}
