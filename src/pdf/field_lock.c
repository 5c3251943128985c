/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which fields a /Lock (ISO 32000-2 §12.7.5.5 table 236) or a FieldMDP transform (§12.8.2.4 table 259) freezes.
 */
#include "pdf/field.h"

#include "base/buf.h"
#include "base/error.h"

enum { NAMES_MAXIMUM = 100000, NAME_MAXIMUM = 32768 };

static bool name_falls_under(slice name, slice listed)
{
    return slice_starts(name, listed) && (name.length == listed.length || name.data[listed.length] == '.');
}

bool pdf_lock_covers(const struct pdf_field_lock *lock, slice name)
{
    bool listed = false;
    for (size_t i = 0; i < lock->count && !listed; i++) listed = name_falls_under(name, lock->fields[i]);
    switch (lock->action) {
    case PDF_LOCK_ALL: return true;
    case PDF_LOCK_INCLUDE: return listed;
    case PDF_LOCK_EXCLUDE: return !listed;
    case PDF_LOCK_NONE: break;
    }
    return false;
}

static enum pdf_lock_action read_action(const struct pdf_value *action)
{
    if (pdf_is_name(action, "Include")) return PDF_LOCK_INCLUDE;
    if (pdf_is_name(action, "Exclude")) return PDF_LOCK_EXCLUDE;
    return PDF_LOCK_ALL;
}

static rfd_status read_name(struct arena *arena, const struct pdf_value *v, slice *out, struct rfd_error *error)
{
    struct buf text;
    buf_init(&text, NAME_MAXIMUM);
    if (v->kind == PDF_STRING) pdf_text_to_utf8(v->bytes, &text);
    rfd_status status = buf_check(&text, "field name", error);
    if (status == RFD_OK) {
        *out = arena_copy(arena, buf_slice(&text));
        if (out->data == NULL) status = arena_failed(arena, error);
    }
    buf_dispose(&text);
    return status;
}

static rfd_status read_names(struct pdf_view *view, const struct pdf_value *list, struct pdf_field_lock *lock,
                             struct rfd_error *error)
{
    struct arena *arena = pdf_arena(view->doc);
    if (list->kind != PDF_ARRAY) return RFD_OK;
    if (list->count > NAMES_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%u locked fields", (unsigned)list->count);
    slice *names = arena_zeroed(arena, list->count, sizeof *names);
    if (names == NULL) return arena_failed(arena, error);
    for (uint32_t i = 0; i < list->count; i++) TRY(read_name(arena, pdf_item(view, list, i), &names[i], error));
    lock->fields = names;
    lock->count = list->count;
    return RFD_OK;
}

rfd_status pdf_field_lock(struct pdf_view *view, const struct pdf_value *lock, struct pdf_field_lock *out,
                          struct rfd_error *error)
{
    struct pdf_field_lock read = {0};
    int64_t permission;
    lock = pdf_resolve(view, lock);
    if (lock->kind == PDF_DICTIONARY) {
        read.action = read_action(pdf_get(view, lock, "Action"));
        if (pdf_integer(pdf_get(view, lock, "P"), &permission) && permission >= 1 && permission <= 3)
            read.permission = (int)permission;
        TRY(read_names(view, pdf_get(view, lock, "Fields"), &read, error));
    }
    TRY(pdf_view_status(view, error));
    *out = read;
    return RFD_OK;
}
