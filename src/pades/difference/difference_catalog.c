/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of the trailer and of what hangs on the catalog: document information and metadata, version, extensions,
 * permissions, and the document security store (ISO 32000-2 §12.8.4.3, EN 319 142-1 §5.4.2), which only grows.
 */
#include "pades/difference/difference_internal.h"

/* ---- trailer ---- */

/** §14.3.3: dates and producer change with every update; the rest of /Info is metadata as well. */
void trailer_info(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                  const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value v = walk_new(w, new);
    if (walk_equal(w, old, new)) return;
    if ((v.value->kind != PDF_DICTIONARY && v.value->kind != PDF_NULL) || v.unreadable) {
        walk_refuse(w, RFD_FINDING_CHANGE_TRAILER, path, field);
        return;
    }
    walk_accept(w, new);
    walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_METADATA, path, field);
}

/** §14.4: the first half stays, the second changes with the content. Where a key hangs on it, it must stay at all. */
void trailer_id(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    if (!pdf_is_encrypted(w->doc) && (a.value->kind == PDF_NULL || b.value->kind == PDF_NULL)) return;
    const struct pdf_value *first = a.value->kind == PDF_ARRAY && a.value->count > 0 ? &a.value->items[0] : &pdf_null;
    const struct pdf_value *second = b.value->kind == PDF_ARRAY && b.value->count > 0 ? &b.value->items[0] : &pdf_null;
    (void)walk_require_equal(w, first, second, RFD_FINDING_CHANGE_TRAILER, path, field);
}

/* ---- catalog ---- */

/** "1.7" as 17; 0 for what is no version. */
static int version_of(const struct pdf_value *v)
{
    if (v->kind != PDF_NAME || v->bytes.length != 3 || v->bytes.data[1] != '.') return 0;
    int major = v->bytes.data[0] - '0';
    int minor = v->bytes.data[2] - '0';
    return major >= 1 && major <= 9 && minor >= 0 && minor <= 9 ? major * 10 + minor : 0;
}

void catalog_version(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                     const struct walk_path *path, const struct walk_field *field)
{
    int before = version_of(walk_old(w, old).value);
    int after = version_of(walk_new(w, new).value);
    if (walk_equal(w, old, new)) return;
    if (after > 0 && after >= before)
        walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_EXTENSIONS, path, field);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, field);
}

/** One developer's entry: a dictionary, or (ISO 32000-2 §7.12.2) an array of them that may grow. */
static void judge_developer(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                            const struct walk_path *path)
{
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    if (a.value->kind == PDF_DICTIONARY && b.value->kind == PDF_DICTIONARY) {
        walk_push(w, (struct walk_item){old, new, WALK_EXTENSION, path, NULL});
        return;
    }
    if (a.value->kind == PDF_NULL && (b.value->kind == PDF_DICTIONARY || b.value->kind == PDF_ARRAY)) {
        walk_accept(w, new);
        return;
    }
    struct walk_list c = walk_list_of(a.value->kind == PDF_ARRAY ? a.value : old);
    struct walk_list d = walk_list_of(b.value);
    bool grown = b.value->kind == PDF_ARRAY && c.count <= d.count;
    for (uint32_t i = 0; grown && i < c.count; i++) grown = walk_equal(w, &c.items[i], &d.items[i]);
    walk_mark(w, b.number, MARK_VISITED);
    if (!grown) walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, NULL);
}

void catalog_extensions(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                        const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    if (walk_equal(w, old, new)) return;
    w->hint = RFD_FINDING_COUNT;
    bool good = b.value->kind == PDF_DICTIONARY && (a.value->kind == PDF_DICTIONARY || a.value->kind == PDF_NULL);
    walk_mark(w, b.number, MARK_VISITED);
    if (!good) {
        walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, field);
        return;
    }
    for (uint32_t i = 0; a.value->kind == PDF_DICTIONARY && i < a.value->count; i++) {
        const struct walk_path *below = walk_key(w, path, a.value->entries[i].key);
        if (slice_is(a.value->entries[i].key, "Type")) continue;
        const struct pdf_value *kept = &pdf_null;
        for (uint32_t k = 0; k < b.value->count && walk_spend(w, 1); k++) {
            if (slice_equal(b.value->entries[k].key, a.value->entries[i].key)) kept = &b.value->entries[k].value;
        }
        judge_developer(w, &a.value->entries[i].value, kept, below);
    }
    for (uint32_t i = 0; i < b.value->count; i++) walk_accept(w, &b.value->entries[i].value);
    walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_EXTENSIONS, path, field);
}

void extension_level(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                     const struct walk_path *path, const struct walk_field *field)
{
    int64_t before = 0;
    int64_t after;
    bool good = pdf_integer(walk_new(w, new).value, &after);
    if (!pdf_integer(walk_old(w, old).value, &before)) before = 0;
    if (!good || after < before) walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, field);
}

void extension_base(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                    const struct walk_path *path, const struct walk_field *field)
{
    int after = version_of(walk_new(w, new).value);
    if (after == 0 || after < version_of(walk_old(w, old).value))
        walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, field);
}

/** §14.3.2 */
void catalog_metadata(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                      const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value v = walk_new(w, new);
    if (walk_equal(w, old, new)) return;
    if (v.value->kind == PDF_STREAM && pdf_is_name(walk_new_entry(w, new, "Type"), "Metadata")) {
        walk_accept(w, new);
        walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_METADATA, path, field);
    } else {
        walk_refuse(w, RFD_FINDING_CHANGE_CATALOG, path, field);
    }
}

/** §12.8.2.2.1: a certification is the first signature, so nothing is to be added after one. */
void catalog_permissions(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                         const struct walk_path *path, const struct walk_field *field)
{
    (void)walk_require_equal(w, old, new, RFD_FINDING_CHANGE_PERMISSIONS, path, field);
}

/* ---- DSS ---- */

static bool is_stream(struct walk *w, const struct pdf_value *v)
{
    return walk_new(w, v).value->kind == PDF_STREAM;
}

void dss_list(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
              const struct walk_field *field)
{
    struct walk_match match;
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    struct walk_list before = walk_list_of(a.value);
    struct walk_list after = walk_list_of(b.value);
    bool good = b.value->kind == PDF_ARRAY || (b.value->kind == PDF_NULL && before.count == 0);
    bool grown = false;
    walk_mark(w, b.number, MARK_VISITED);
    if (!walk_match_lists(w, before, after, &match)) return;
    w->hint = RFD_FINDING_COUNT;
    for (uint32_t i = 0; i < before.count; i++) good = good && match.kept[i];
    for (uint32_t i = 0; good && i < after.count; i++) {
        uint32_t at = match.old_of_new[i];
        if (at == 0) {
            grown = true;
            good = is_stream(w, &after.items[i]);
            walk_accept(w, &after.items[i]);
        } else if (!walk_equal(w, &before.items[at - 1], &after.items[i])) {
            good = false;
        }
    }
    if (good && grown) walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_DSS, path, field);
    if (!good) walk_refuse(w, RFD_FINDING_CHANGE_OTHER, path, field);
}

/** An entry of /VRI, by the digest of a signature: new ones may come, old ones stay and may grow. */
void vri_entries(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    if (slice_is(path->key, "Type")) return;
    if (walk_new(w, new).value->kind == PDF_DICTIONARY)
        walk_push(w, (struct walk_item){old, new, WALK_VRI_ENTRY, path, field});
    else
        (void)walk_require_equal(w, old, new, RFD_FINDING_CHANGE_OTHER, path, field);
}
