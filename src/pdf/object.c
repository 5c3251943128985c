/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/object.h"

#include <math.h>

const struct pdf_value pdf_null = {.kind = PDF_NULL};

const struct pdf_entry *pdf_entries(const struct pdf_value *v)
{
    if (v->kind == PDF_DICTIONARY) return v->entries;
    return v->kind == PDF_STREAM ? v->stream->entries : NULL;
}

const struct pdf_value *pdf_find_entry(const struct pdf_value *dictionary, slice key)
{
    const struct pdf_entry *entries = pdf_entries(dictionary);
    if (entries == NULL) return &pdf_null;
    for (uint32_t i = 0; i < dictionary->count; i++) {
        if (slice_equal(entries[i].key, key)) return &entries[i].value;
    }
    return &pdf_null;
}

bool pdf_is_name(const struct pdf_value *v, const char *name)
{
    return v->kind == PDF_NAME && slice_is(v->bytes, name);
}

bool pdf_integer(const struct pdf_value *v, int64_t *out)
{
    if (v->kind == PDF_INTEGER) {
        *out = v->integer;
        return true;
    }
    /* 2^53: beyond it a double no longer tells neighbours apart. */
    if (v->kind != PDF_REAL || fabs(v->real) > 9007199254740992.0 || trunc(v->real) != v->real) return false;
    *out = (int64_t)v->real;
    return true;
}

bool pdf_number(const struct pdf_value *v, double *out)
{
    if (v->kind == PDF_INTEGER) *out = (double)v->integer;
    if (v->kind == PDF_REAL) *out = v->real;
    return v->kind == PDF_INTEGER || v->kind == PDF_REAL;
}
