/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/lock.h"

#include "base/error.h"

enum { NAMES_MAXIMUM = 10000, TEXT_MAXIMUM = 64 * 1024 };

static bool has_name(const struct pdf_field_lock *lock, slice name)
{
    for (size_t i = 0; i < lock->count; i++) {
        if (slice_equal(lock->fields[i], name)) return true;
    }
    return false;
}

static rfd_status lock_of_options(struct arena *arena, const struct rfd_sign_options *options,
                                  struct pdf_field_lock *out, struct rfd_error *error)
{
    *out = (struct pdf_field_lock){.action = PDF_LOCK_NONE};
    if (options->lock == RFD_LOCK_NONE) return RFD_OK;
    if (options->lock == RFD_LOCK_ALL) {
        out->action = PDF_LOCK_ALL;
        return RFD_OK;
    }
    size_t count = 0;
    while (options->lock_fields != NULL && options->lock_fields[count] != NULL && count < NAMES_MAXIMUM) count++;
    if (count == 0 || count == NAMES_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "a lock of named fields needs 1 to %d names", NAMES_MAXIMUM - 1);
    slice *names = arena_zeroed(arena, count, sizeof *names);
    if (names == NULL) return arena_failed(arena, error);
    for (size_t i = 0; i < count; i++) names[i] = slice_text(options->lock_fields[i]);
    out->action = options->lock == RFD_LOCK_INCLUDE ? PDF_LOCK_INCLUDE : PDF_LOCK_EXCLUDE;
    out->fields = names;
    out->count = count;
    return RFD_OK;
}

/** `base`'s names that are (or are not) in `other`, then, when `append`, those of `other` that `base` lacks. */
static rfd_status combine(struct arena *arena, const struct pdf_field_lock *base, const struct pdf_field_lock *other,
                          bool keep_shared, bool keep_single, bool append, struct pdf_field_lock *out,
                          struct rfd_error *error)
{
    slice *names = arena_zeroed(arena, base->count + other->count + 1, sizeof *names);
    if (names == NULL) return arena_failed(arena, error);
    size_t count = 0;
    for (size_t i = 0; i < base->count; i++) {
        bool shared = has_name(other, base->fields[i]);
        if (shared ? keep_shared : keep_single) names[count++] = base->fields[i];
    }
    for (size_t i = 0; append && i < other->count; i++) {
        if (!has_name(base, other->fields[i])) names[count++] = other->fields[i];
    }
    *out = (struct pdf_field_lock){.action = base->action, .fields = names, .count = count};
    if (out->action == PDF_LOCK_EXCLUDE && count == 0) out->action = PDF_LOCK_ALL;
    return RFD_OK;
}

/** Everything that either lock covers. */
static rfd_status union_of(struct arena *arena, const struct pdf_field_lock *a, const struct pdf_field_lock *b,
                           struct pdf_field_lock *out, struct rfd_error *error)
{
    if (a->action == PDF_LOCK_NONE || b->action == PDF_LOCK_ALL) {
        *out = *b;
        return RFD_OK;
    }
    if (b->action == PDF_LOCK_NONE || a->action == PDF_LOCK_ALL) {
        *out = *a;
        return RFD_OK;
    }
    if (a->action == PDF_LOCK_INCLUDE && b->action == PDF_LOCK_INCLUDE)
        return combine(arena, a, b, true, true, true, out, error);
    if (a->action == PDF_LOCK_EXCLUDE && b->action == PDF_LOCK_EXCLUDE)
        return combine(arena, a, b, true, false, false, out, error);
    const struct pdf_field_lock *exclude = a->action == PDF_LOCK_EXCLUDE ? a : b;
    return combine(arena, exclude, exclude == a ? b : a, false, true, false, out, error);
}

rfd_status lock_merge(struct arena *arena, const struct pdf_field_lock *field, const struct rfd_sign_options *options,
                      struct pdf_field_lock *out, struct rfd_error *error)
{
    struct pdf_field_lock wanted, merged;
    TRY(lock_of_options(arena, options, &wanted, error));
    TRY(union_of(arena, field, &wanted, &merged, error));
    merged.permission = field->permission;
    *out = merged;
    return RFD_OK;
}

static const char *const action_names[] = {
    [PDF_LOCK_NONE] = "", [PDF_LOCK_ALL] = "All", [PDF_LOCK_INCLUDE] = "Include", [PDF_LOCK_EXCLUDE] = "Exclude"};

void lock_put(struct pdf_update *update, const struct pdf_field_lock *lock)
{
    struct buf *b = pdf_update_buffer(update);
    buf_put_text(b, "/Action/");
    buf_put_text(b, action_names[lock->action]);
    if (lock->action == PDF_LOCK_INCLUDE || lock->action == PDF_LOCK_EXCLUDE) {
        buf_put_text(b, "/Fields[");
        for (size_t i = 0; i < lock->count; i++) pdf_update_text(update, lock->fields[i]);
        buf_put_text(b, "]");
    }
    if (lock->permission > 0) {
        buf_put_text(b, "/P ");
        buf_put_unsigned(b, (uint64_t)lock->permission);
    }
}

const char *lock_text(struct arena *arena, const struct pdf_field_lock *lock)
{
    if (lock->action == PDF_LOCK_NONE) return "";
    if (lock->action == PDF_LOCK_ALL) return action_names[PDF_LOCK_ALL];
    struct buf b;
    buf_init(&b, TEXT_MAXIMUM);
    buf_put_text(&b, action_names[lock->action]);
    for (size_t i = 0; i < lock->count; i++) {
        buf_put_text(&b, i == 0 ? ": " : ", ");
        buf_put_slice(&b, lock->fields[i]);
    }
    const char *text = buf_status(&b) == RFD_OK ? arena_text(arena, buf_slice(&b)) : "...";
    buf_dispose(&b);
    return text;
}
