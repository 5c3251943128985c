/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/placement.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

enum { NAME_MAXIMUM = 1024 };

rfd_status placement_read(struct pdf_view *view, struct placement *out, struct rfd_error *error)
{
    struct placement p = {0};
    TRY(pdf_fields(view, &p.fields, &p.field_count, error));
    for (size_t i = 0; i < p.field_count; i++) {
        if (slice_is(p.fields[i].type, "Sig") && p.fields[i].value->kind != PDF_NULL) p.signed_count++;
    }
    rfd_status status = pdf_page(view, 0, &p.page, error);
    if (status == RFD_E_ARGUMENT) return error_set(error, RFD_E_PDF_DAMAGED, "the document has no pages");
    if (status == RFD_OK) *out = p;
    return status;
}

/** True when `name` is `whole` or its beginning up to a dot. */
static bool is_or_leads_to(slice name, slice whole)
{
    if (!slice_starts(whole, name)) return false;
    return whole.length == name.length || whole.data[name.length] == '.';
}

static rfd_status check_new_name(slice name, struct rfd_error *error)
{
    if (name.length == 0 || name.length > NAME_MAXIMUM || !text_is_utf8(name))
        return error_set(error, RFD_E_ARGUMENT, "field names have 1 to %d bytes of UTF-8", NAME_MAXIMUM);
    if (memchr(name.data, '.', name.length) != NULL)
        return error_set(error, RFD_E_FIELD_MISSING, "%.*s (the name of a new field cannot have dots)",
                         (int)name.length, (const char *)name.data);
    return RFD_OK;
}

static rfd_status choose_wanted(struct placement *p, slice wanted, struct rfd_error *error)
{
    for (size_t i = 0; i < p->field_count; i++) {
        const struct pdf_field *field = &p->fields[i];
        if (!is_or_leads_to(wanted, field->name)) continue;
        if (field->name.length != wanted.length || !slice_is(field->type, "Sig"))
            return error_set(error, RFD_E_FIELD_TYPE, "%.*s", (int)wanted.length, (const char *)wanted.data);
        if (field->value->kind != PDF_NULL)
            return error_set(error, RFD_E_FIELD_SIGNED, "%.*s", (int)wanted.length, (const char *)wanted.data);
        if (field->reference.number == 0)
            return error_set(error, RFD_E_PDF_DAMAGED, "field %.*s is not an indirect object (ISO 32000-2 §12.7.3)",
                             (int)wanted.length, (const char *)wanted.data);
        p->field = field;
        return RFD_OK;
    }
    p->field = NULL;
    return check_new_name(wanted, error);
}

/** The n of "<prefix><n>" when a field's first part is that, else 0. */
static uint64_t number_in_name(slice name, slice prefix)
{
    const uint8_t *dot = memchr(name.data, '.', name.length);
    if (dot != NULL) name.length = (size_t)(dot - name.data);
    uint64_t number = 0;
    if (!slice_starts(name, prefix) || !number_unsigned(slice_from(name, prefix.length), UINT32_MAX, &number)) return 0;
    return number;
}

/** The first n that no field uses: at most one more than there are fields, found with one mark for each. */
static rfd_status first_free(const struct placement *p, struct arena *arena, slice prefix, uint64_t *out,
                             struct rfd_error *error)
{
    uint64_t n = 1;
    if (p->field_count > 0) {
        bool *taken = arena_zeroed(arena, p->field_count + 2, sizeof *taken);
        if (taken == NULL) return arena_failed(arena, error);
        for (size_t i = 0; i < p->field_count; i++) {
            uint64_t number = p->fields[i].name.length == 0 ? 0 : number_in_name(p->fields[i].name, prefix);
            if (number <= p->field_count) taken[number] = true;
        }
        while (taken[n]) n++;
    }
    *out = n;
    return RFD_OK;
}

static const char *new_name(struct arena *arena, const char *prefix, uint64_t n)
{
    uint8_t text[NAME_MAXIMUM]; /* prefixes are ours and short */
    struct buf b = {.data = text, .capacity = sizeof text, .maximum = sizeof text};
    buf_put_text(&b, prefix);
    buf_put_unsigned(&b, n);
    return buf_status(&b) == RFD_OK ? arena_text(arena, buf_slice(&b)) : NULL;
}

rfd_status placement_choose(struct placement *p, struct arena *arena, const char *wanted, const char *prefix,
                            struct rfd_error *error)
{
    if (wanted != NULL) {
        TRY(choose_wanted(p, slice_text(wanted), error));
        p->name = arena_text(arena, slice_text(wanted));
    } else {
        uint64_t n = 0;
        TRY(first_free(p, arena, slice_text(prefix), &n, error));
        p->field = NULL;
        p->name = new_name(arena, prefix, n);
    }
    return p->name == NULL ? arena_failed(arena, error) : RFD_OK;
}
