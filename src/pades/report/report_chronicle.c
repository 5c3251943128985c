/* SPDX-License-Identifier: EUPL-1.2
 *
 * What happened when: the rows of the picture, and the same moments as a list in order of time for who cannot see it.
 */
#include "pades/report/report_model.h"

enum { EVENTS_PER_ROW = 3 + REPORT_STAMPS_MAXIMUM };

/* --- Rows -------------------------------------------------------------------------------------------------------- */

static void set_stamps(const struct rfd_signature_report *s, struct report_row *r)
{
    for (size_t i = 0; i < s->timestamp_count && r->stamp_count < REPORT_STAMPS_MAXIMUM; i++) {
        const struct rfd_timestamp_report *t = &s->timestamps[i];
        if (t->valid && t->time != RFD_TIME_NONE && t->time != s->proven_time) r->stamps[r->stamp_count++] = t->time;
    }
}

/** "Signature · Valid"; a time stamp's verdict says already what it is. */
static const char *note_of(struct report_voice *v, const struct rfd_signature_report *s)
{
    const char *word = report_word(v, report_verdict_word(s->indication, s->kind));
    if (s->kind == RFD_KIND_DOCUMENT_TIMESTAMP) return word;
    return report_fill(v, "%1 · %2", report_word(v, report_kind_name(s->kind)), word, NULL);
}

static struct report_row row_of(struct report_voice *v, const struct rfd_signature_report *s, size_t index)
{
    const char *name = *s->signer == '\0' ? report_word(v, N_("Unknown signer")) : s->signer;
    struct report_row r = {
        .label = report_fill(v, "%1. %2", report_number(v, index + 1), name, NULL),
        .note = note_of(v, s),
        .tone = report_tone_of(s->indication),
        .revision = s->revision,
        .document_timestamp = s->kind == RFD_KIND_DOCUMENT_TIMESTAMP,
        .claimed = s->claimed_time,
        .proven = s->proven_time,
        .revoked = RFD_TIME_NONE,
        .valid_from = RFD_TIME_NONE,
        .valid_until = RFD_TIME_NONE,
    };
    if (s->path_count > 0) {
        const struct rfd_certificate_report *c = &s->path[0];
        r.valid_from = c->not_before;
        r.valid_until = c->not_after;
        if (c->revocation == RFD_REVOCATION_REVOKED || c->revocation == RFD_REVOCATION_HELD) r.revoked = c->revoked_at;
    }
    set_stamps(s, &r);
    return r;
}

/* --- Events ------------------------------------------------------------------------------------------------------ */

struct events {
    struct report_voice *voice;
    struct report_event *items;
    size_t count;
};

static void add_event(struct events *e, rfd_time time, const char *what, const char *label)
{
    if (time == RFD_TIME_NONE) return;
    e->items[e->count] = (struct report_event){
        .time = time,
        .order = e->count,
        .when = report_moment(e->voice, time),
        .what = *label == '\0' ? report_word(e->voice, what) : report_say(e->voice, what, label, NULL),
    };
    e->count++;
}

static void add_row_events(struct events *e, const struct report_row *r)
{
    if (!r->document_timestamp) add_event(e, r->claimed, N_("Signature %1: time that the signer states"), r->label);
    add_event(e, r->proven,
              r->document_timestamp ? N_("Time stamp of the document %1") : N_("Signature %1: time that is proven"),
              r->label);
    for (size_t i = 0; i < r->stamp_count; i++)
        add_event(e, r->stamps[i], N_("Signature %1: a further time stamp"), r->label);
    add_event(e, r->revoked, N_("Signature %1: the certificate was revoked"), r->label);
}

static int by_time(const void *a, const void *b)
{
    const struct report_event *x = a;
    const struct report_event *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void fill_events(struct report *out)
{
    struct events e = {.voice = &out->voice};
    e.items = arena_zeroed(out->voice.arena, out->row_count * EVENTS_PER_ROW + 1, sizeof *e.items);
    if (e.items == NULL) {
        out->voice.failed = true;
        return;
    }
    for (size_t i = 0; i < out->row_count; i++) add_row_events(&e, &out->rows[i]);
    add_event(&e, out->time, N_("This check"), "");
    qsort(e.items, e.count, sizeof *e.items, by_time);
    out->events = e.items;
    out->event_count = e.count;
}

void report_chronicle_fill(const struct report_source *source, struct report *out)
{
    size_t count = source->count < REPORT_ROWS_MAXIMUM ? source->count : REPORT_ROWS_MAXIMUM;
    struct report_row *rows = arena_zeroed(out->voice.arena, count + 1, sizeof *rows);
    if (rows == NULL) {
        out->voice.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) rows[i] = row_of(&out->voice, &source->signatures[i], i);
    out->rows = rows;
    out->row_count = count;
    out->left_out =
        count == source->count
            ? ""
            : report_say(&out->voice, N_("The picture shows the first %1 of %2 signatures."),
                         report_number(&out->voice, count), report_number(&out->voice, source->count), NULL);
    fill_events(out);
}
