/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_model.h"

#include "base/error.h"

enum { FACTS_MAXIMUM = 6 };

struct report_source report_source_of(const struct rfd_verification *v, const char *name)
{
    return (struct report_source){
        .name = name,
        .signatures = rfd_verification_signature(v, 0),
        .count = rfd_verification_count(v),
        .revisions = rfd_verification_revision_count(v),
        .time = rfd_verification_time(v),
        .findings = rfd_verification_finding(v, 0),
        .finding_count = rfd_verification_finding_count(v),
    };
}

static void fill_facts(const struct report_source *source, struct report *out)
{
    struct report_voice *v = &out->voice;
    struct report_pair *facts = arena_zeroed(v->arena, FACTS_MAXIMUM, sizeof *facts);
    size_t stamps = 0;
    size_t count = 0;
    if (facts == NULL) {
        v->failed = true;
        return;
    }
    for (size_t i = 0; i < source->count; i++) stamps += source->signatures[i].kind == RFD_KIND_DOCUMENT_TIMESTAMP;
    facts[count++] = (struct report_pair){report_word(v, N_("Document")), out->name, ""};
    facts[count++] = (struct report_pair){report_word(v, N_("Checked")), out->checked, ""};
    facts[count++] =
        (struct report_pair){report_word(v, N_("Signatures")), report_number(v, source->count - stamps), ""};
    if (stamps > 0)
        facts[count++] =
            (struct report_pair){report_word(v, N_("Time stamps of the document")), report_number(v, stamps), ""};
    facts[count++] = (struct report_pair){report_word(v, N_("Revisions")), report_number(v, source->revisions), ""};
    out->facts = facts;
    out->fact_count = count;
}

static void fill_cards(const struct report_source *source, struct report *out)
{
    struct report_voice *v = &out->voice;
    struct report_card *cards = arena_zeroed(v->arena, source->count + 1, sizeof *cards);
    if (cards == NULL) {
        v->failed = true;
        return;
    }
    for (size_t i = 0; i < source->count; i++) report_card_fill(v, source, i, &cards[i]);
    out->cards = cards;
    out->card_count = source->count;
}

rfd_status report_build(const struct report_source *source, const struct i18n_catalogue *catalogue, const char *code,
                        struct arena *arena, struct report *out, struct rfd_error *error)
{
    struct report report = {.voice = {.arena = arena, .catalogue = catalogue, .code = code}, .time = source->time};
    struct report_voice *v = &report.voice;
    report.name = report_clean(v, source->name);
    report.checked = report_moment(v, source->time);
    report_verdict_fill(source, &report);
    fill_facts(source, &report);
    fill_cards(source, &report);
    report_notes_fill(v, source->findings, source->finding_count, "", &report.notes, &report.note_count);
    report_chronicle_fill(source, &report);
    report_annex_fill(source, &report);
    if (v->failed) return arena_failed(arena, error);
    *out = report;
    return RFD_OK;
}
