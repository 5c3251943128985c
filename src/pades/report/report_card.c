/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_model.h"

enum { FACTS_MAXIMUM = 16, NOTES_MAXIMUM = 60, LINKS_MAXIMUM = 16 };

/* --- Facts ------------------------------------------------------------------------------------------------------- */

struct facts {
    struct report_voice *voice;
    struct report_pair *pairs;
    size_t count;
};

/** A value of ours, made printable already. */
static void add_fact(struct facts *f, const char *label, const char *value, const char *note)
{
    if (*value == '\0' || f->count == FACTS_MAXIMUM || f->pairs == NULL) return;
    f->pairs[f->count++] = (struct report_pair){report_word(f->voice, label), value, note};
}

/** A value that the signature's maker wrote. */
static void add_stated(struct facts *f, const char *label, const char *value)
{
    add_fact(f, label, report_clean(f->voice, value), "");
}

static void add_who(struct facts *f, const struct rfd_signature_report *s)
{
    struct report_voice *v = f->voice;
    bool stamp = s->kind == RFD_KIND_DOCUMENT_TIMESTAMP;
    const char *label = stamp ? N_("Authority") : N_("Signer");
    const char *organisation = s->path_count == 0 ? "" : report_attribute(v, s->path[0].subject, "O");
    const char *post = s->path_count == 0 ? "" : report_attribute(v, s->path[0].subject, "title");
    if (s->path_count == 0 && *s->signer == '\0')
        add_fact(f, label, report_word(v, N_("Unknown: the certificate is missing")), "");
    else
        add_fact(f, label, report_clean(v, s->signer), "");
    add_fact(f, N_("Post"), post, "");
    add_fact(f, N_("Organisation"), organisation, "");
    if (s->signer != NULL && s->name != NULL && strcmp(s->name, s->signer) != 0)
        add_stated(f, N_("Name as stated"), s->name);
}

static void add_when(struct facts *f, const struct rfd_signature_report *s)
{
    struct report_voice *v = f->voice;
    bool stamp = s->kind == RFD_KIND_DOCUMENT_TIMESTAMP;
    bool proven = s->proven_time != RFD_TIME_NONE;
    if (proven)
        add_fact(f, N_("Proven time"), report_moment(v, s->proven_time),
                 report_word(v, stamp ? N_("Stated by a time-stamp authority.")
                                      : N_("A time stamp proves that the signature existed at this time.")));
    if (!stamp)
        add_fact(f, N_("Claimed time"), report_moment(v, s->claimed_time),
                 report_word(v, proven ? N_("Stated by the signer's own computer.")
                                       : N_("Stated by the signer's own computer; nothing proves it.")));
    if (!proven)
        add_fact(f, N_("Proven time"), report_word(v, N_("Not proven")),
                 stamp ? "" : report_word(v, N_("No trusted time stamp shows when the signature was made.")));
}

static void add_coverage(struct facts *f, const struct rfd_signature_report *s, size_t revisions)
{
    struct report_voice *v = f->voice;
    if (s->revision == 0) {
        add_fact(f, N_("Covers"), report_word(v, N_("No version of the document")),
                 report_word(v, N_("The signed bytes are not a version of this document.")));
        return;
    }
    const char *which =
        report_say(v, N_("Revision %1 of %2"), report_number(v, s->revision), report_number(v, revisions), NULL);
    if (!s->intact) {
        add_fact(f, N_("Covers"), which, report_word(v, N_("But the document does not hold what was signed.")));
        return;
    }
    add_fact(f, N_("Covers"), which,
             report_word(v, s->covers_whole_file ? N_("The whole document as it is now.")
                                                 : N_("The document as it was then, not what was added later.")));
    add_fact(f, N_("Changed since"), report_word(v, report_change_words(s->changes, s->changes_allowed)), "");
}

static void add_level(struct facts *f, const struct rfd_signature_report *s)
{
    struct report_voice *v = f->voice;
    if (s->kind == RFD_KIND_DOCUMENT_TIMESTAMP || !s->intact) return;
    if (s->baseline)
        add_fact(f, N_("Level"), report_level_name(s->level), report_word(v, report_level_words(s->level)));
    else
        add_fact(f, N_("Level"), report_clean(v, s->sub_filter),
                 report_word(v, N_("Not one of the European baseline levels.")));
}

static void add_permission(struct facts *f, const struct rfd_signature_report *s)
{
    static const char *const words[] = {
        "",
        N_("No change at all"),
        N_("Filling in forms and signing"),
        N_("Filling in forms, signing and annotating"),
    };
    if (s->certification < 1 || s->certification > 3) return;
    add_fact(f, N_("Its author permits"), report_word(f->voice, words[s->certification]), "");
}

static void add_timestamps(struct facts *f, const struct rfd_signature_report *s)
{
    struct report_voice *v = f->voice;
    for (size_t i = 0; i < s->timestamp_count; i++) {
        const struct rfd_timestamp_report *t = &s->timestamps[i];
        const char *authority = t->path_count == 0 ? "" : report_person(v, t->path[0].subject);
        const char *note = report_word(v, t->valid ? N_("It is valid.") : N_("It is not relied on."));
        if (*authority != '\0') note = report_fill(v, "%1. %2", authority, note, NULL);
        add_fact(f, N_("Time stamp"),
                 t->time == RFD_TIME_NONE ? report_word(v, N_("Time unknown")) : report_moment(v, t->time), note);
    }
}

/* --- Findings ---------------------------------------------------------------------------------------------------- */

static enum report_tone severity_tone(enum rfd_severity severity)
{
    return severity == RFD_SEVERITY_ERROR ? REPORT_BAD : severity == RFD_SEVERITY_WARNING ? REPORT_DOUBT : REPORT_PLAIN;
}

/** True when the same sentence is there already: details of repetitions are in the annex. */
static bool is_noted(const struct report_note *notes, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(notes[i].text, text) == 0) return true;
    }
    return false;
}

static const char *finding_text(struct report_voice *v, const struct rfd_finding *f)
{
    const char *message = report_word(v, rfd_finding_message(f->code));
    const char *detail = f->code == RFD_FINDING_ACTIVE_CONTENT || f->code == RFD_FINDING_DOCUMENT_ANOMALY
                             ? report_word(v, f->detail)
                             : "";
    return *detail == '\0' ? message : report_fill(v, "%1: %2", message, detail, NULL);
}

void report_notes_fill(struct report_voice *v, const struct rfd_finding *findings, size_t count, const char *told,
                       const struct report_note **out, size_t *out_count)
{
    static const enum rfd_severity order[] = {RFD_SEVERITY_ERROR, RFD_SEVERITY_WARNING, RFD_SEVERITY_INFO};
    struct report_note *notes = arena_zeroed(v->arena, NOTES_MAXIMUM, sizeof *notes);
    size_t used = 0;
    if (notes == NULL) v->failed = true;
    for (size_t o = 0; o < sizeof order / sizeof *order; o++) {
        for (size_t i = 0; notes != NULL && i < count && used < NOTES_MAXIMUM; i++) {
            const char *advice = report_word(v, report_finding_advice(findings[i].code));
            if (findings[i].severity != order[o]) continue;
            const char *text = finding_text(v, &findings[i]);
            if (is_noted(notes, used, text)) continue;
            if (strcmp(advice, told) == 0) advice = "";
            notes[used++] = (struct report_note){severity_tone(order[o]), text, advice};
        }
    }
    *out = notes;
    *out_count = used;
}

/* --- Path -------------------------------------------------------------------------------------------------------- */

static const char *link_state(struct report_voice *v, const struct rfd_certificate_report *c)
{
    const char *state = report_word(v, report_revocation_words(c->revocation));
    const char *source = report_word(v, report_source_words(c->revocation_source));
    if (c->anchor) return report_word(v, N_("Trusted here"));
    if (c->revocation == RFD_REVOCATION_REVOKED && c->revoked_at != RFD_TIME_NONE)
        state = report_say(v, N_("Revoked on %1"), report_moment(v, c->revoked_at), NULL);
    if (*source == '\0') return state;
    if (c->this_update == RFD_TIME_NONE) return report_fill(v, "%1 (%2)", state, source, NULL);
    return report_fill(v, "%1 (%2, %3)", state, source, report_day(v, c->this_update), NULL);
}

static enum report_tone link_tone(const struct rfd_certificate_report *c)
{
    if (c->anchor) return REPORT_GOOD;
    switch (c->revocation) {
    case RFD_REVOCATION_GOOD:
    case RFD_REVOCATION_NOT_NEEDED: return REPORT_GOOD;
    case RFD_REVOCATION_REVOKED:
    case RFD_REVOCATION_HELD: return REPORT_BAD;
    case RFD_REVOCATION_UNKNOWN: break;
    }
    return REPORT_DOUBT;
}

static void fill_path(struct report_voice *v, const struct rfd_signature_report *s, struct report_card *out)
{
    size_t count = s->path_count < LINKS_MAXIMUM ? s->path_count : LINKS_MAXIMUM;
    struct report_link *links = arena_zeroed(v->arena, count + 1, sizeof *links);
    if (links == NULL) {
        v->failed = true;
        return;
    }
    const char *first = s->kind == RFD_KIND_DOCUMENT_TIMESTAMP ? N_("Authority") : N_("Signer");
    for (size_t i = 0; i < count; i++) {
        const struct rfd_certificate_report *c = &s->path[i];
        links[i] = (struct report_link){
            .role = report_word(v, i == 0 ? first : N_("Issued by")),
            .name = report_person(v, c->subject),
            .organisation = report_attribute(v, c->subject, "O"),
            .validity = report_say(v, N_("Valid from %1 to %2"), report_day(v, c->not_before),
                                   report_day(v, c->not_after), NULL),
            .state = link_state(v, c),
            .tone = link_tone(c),
        };
    }
    out->path = links;
    out->link_count = count;
}

/* --- The card ---------------------------------------------------------------------------------------------------- */

static void fill_verdict(struct report_voice *v, const struct rfd_signature_report *s, struct report_card *out)
{
    const struct report_advice *why = report_sub_indication(s->sub_indication);
    bool passed = s->indication == RFD_TOTAL_PASSED;
    out->tone = report_tone_of(s->indication);
    out->word = report_word(v, report_verdict_word(s->indication, s->kind));
    out->stamp = s->kind == RFD_KIND_DOCUMENT_TIMESTAMP;
    out->kind = report_word(v, report_kind_name(s->kind));
    out->meaning = report_word(v, passed ? report_passed_meaning(s->kind) : why->meaning);
    out->advice = passed ? "" : report_word(v, why->advice);
}

void report_card_fill(struct report_voice *v, const struct report_source *source, size_t index, struct report_card *out)
{
    const struct rfd_signature_report *s = &source->signatures[index];
    struct facts f = {.voice = v, .pairs = arena_zeroed(v->arena, FACTS_MAXIMUM, sizeof *f.pairs)};
    const char *name = report_clean(v, s->signer);
    *out = (struct report_card){0};
    if (f.pairs == NULL) {
        v->failed = true;
        return;
    }
    out->title = report_fill(v, "%1. %2", report_number(v, index + 1),
                             *name == '\0' ? report_word(v, N_("Unknown signer")) : name, NULL);
    fill_verdict(v, s, out);
    add_who(&f, s);
    add_when(&f, s);
    add_coverage(&f, s, source->revisions);
    add_permission(&f, s);
    add_level(&f, s);
    add_timestamps(&f, s);
    add_stated(&f, N_("Reason"), s->reason);
    add_stated(&f, N_("Location"), s->location);
    add_stated(&f, N_("Contact"), s->contact);
    out->facts = f.pairs;
    out->fact_count = f.count;
    report_notes_fill(v, s->findings, s->finding_count, out->advice, &out->notes, &out->note_count);
    fill_path(v, s, out);
}
