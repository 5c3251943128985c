/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

void draft_begin(struct draft *d)
{
    *d = (struct draft){0};
    buf_init(&d->b, 64 * MEGABYTE);
    buf_put_text(&d->b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
}

void draft_object(struct draft *d, uint32_t number, const char *text)
{
    d->at[number] = d->b.length;
    d->listed[number] = false;
    buf_print(&d->b, "%u 0 obj\n%s\nendobj\n", number, text);
}

void draft_stream(struct draft *d, uint32_t number, const char *entries, slice data)
{
    d->at[number] = d->b.length;
    d->listed[number] = false;
    buf_print(&d->b, "%u 0 obj\n<</Length %zu %s>>\nstream\n", number, data.length, entries);
    buf_put_slice(&d->b, data);
    buf_put_text(&d->b, "\nendstream\nendobj\n");
}

void draft_close(struct draft *d)
{
    buf_print(&d->b, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)(d->section - d->shift));
}

static uint32_t draft_size(const struct draft *d)
{
    uint32_t size = NUMBERS;
    while (d->at[size - 1] == 0) size--;
    return size;
}

void draft_table(struct draft *d, const char *trailer)
{
    uint64_t previous = d->section;
    d->section = d->b.length;
    buf_put_text(&d->b, "xref\n");
    if (previous == 0) buf_put_text(&d->b, "0 1\n0000000000 65535 f \n");
    for (uint32_t n = 1; n < NUMBERS; n++) {
        if (d->at[n] == 0 || d->listed[n]) continue;
        buf_print(&d->b, "%u 1\n%010llu 00000 n \n", n, (unsigned long long)(d->at[n] - d->shift));
        d->listed[n] = true;
    }
    buf_print(&d->b, "trailer\n<</Size %u %s", draft_size(d), trailer);
    if (previous != 0) buf_print(&d->b, "/Prev %llu", (unsigned long long)(previous - d->shift));
    buf_put_text(&d->b, ">>\n");
    draft_close(d);
}

void draft_minimal(struct draft *d)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    draft_object(d, 2, "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 10 10]>>");
    draft_object(d, 3, "<</Type/Page/Parent 2 0 R>>");
    draft_object(d, 4, "(text)");
    draft_table(d, "/Root 1 0 R");
}

void draft_edit(struct draft *d, size_t offset, const char *from, const char *to)
{
    struct buf edited;
    uint8_t *hit = memmem(d->b.data + offset, d->b.length - offset, from, strlen(from));
    assert_non_null(hit);
    size_t at = (size_t)(hit - d->b.data);
    buf_init(&edited, d->b.maximum);
    buf_put(&edited, d->b.data, at);
    buf_put_text(&edited, to);
    buf_put(&edited, d->b.data + at + strlen(from), d->b.length - at - strlen(from));
    buf_dispose(&d->b);
    d->b = edited;
}

struct opened draft_open_slice(slice bytes, bool strict)
{
    struct opened o = {0};
    struct pdf_options options = {.strict = strict};
    assert_int_equal(source_open_memory(bytes, &o.source, NULL), RFD_OK);
    o.status = pdf_open(o.source, &options, &o.doc, &o.error);
    assert_int_equal(o.status, o.error.code);
    return o;
}

struct opened draft_open(struct draft *d, bool strict)
{
    assert_int_equal(buf_status(&d->b), RFD_OK);
    return draft_open_slice(buf_slice(&d->b), strict);
}

void draft_close_opened(struct opened *o)
{
    pdf_close(o->doc);
    source_close(o->source);
}

struct pdf_document *draft_must_open(struct opened *o)
{
    if (o->status != RFD_OK) fail_msg("%s", o->error.detail);
    return o->doc;
}

bool draft_only_anomaly(const struct pdf_document *doc, int anomaly)
{
    for (int a = 0; a < PDF_ANOMALY_COUNT; a++) {
        if (pdf_has_anomaly(doc, (enum pdf_anomaly)a) != (a == anomaly)) return false;
    }
    return true;
}

void draft_assert_opens(struct draft *d, int anomaly, rfd_status strict)
{
    struct opened o = draft_open(d, false);
    assert_true(draft_only_anomaly(draft_must_open(&o), anomaly));
    struct pdf_view view = pdf_latest(o.doc);
    assert_true(pdf_is_name(pdf_get(&view, pdf_catalog(&view), "Type"), "Catalog"));
    draft_close_opened(&o);
    o = draft_open(d, true);
    assert_int_equal(o.status, strict);
    draft_close_opened(&o);
    buf_dispose(&d->b);
}

void draft_assert_fails(struct draft *d, rfd_status status)
{
    for (int strict = 0; strict < 2; strict++) {
        struct opened o = draft_open(d, strict);
        assert_int_equal(o.status, status);
        assert_null(o.doc);
        draft_close_opened(&o);
    }
    buf_dispose(&d->b);
}

const struct pdf_value *draft_read(struct pdf_document *doc, size_t revision, uint32_t number)
{
    const struct pdf_value *v = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (pdf_object(doc, revision, number, &v, &error) != RFD_OK) fail_msg("object %u: %s", number, error.detail);
    return v;
}

bool draft_is_text(const struct pdf_value *v, const char *text)
{
    return v->kind == PDF_STRING && slice_is(v->bytes, text);
}
