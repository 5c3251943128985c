/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first sentence of a report. It counts signatures of people apart from time stamps of the document, which readers
 * do not think of as signatures.
 */
#include "pades/report/report_model.h"

struct tally {
    uint64_t total, passed, doubtful, failed;
};

static void count_one(struct tally *t, enum rfd_indication indication)
{
    t->total++;
    t->passed += indication == RFD_TOTAL_PASSED;
    t->doubtful += indication == RFD_INDETERMINATE;
    t->failed += indication == RFD_TOTAL_FAILED;
}

static void count_all(const struct report_source *source, struct tally *signatures, struct tally *stamps)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct rfd_signature_report *s = &source->signatures[i];
        count_one(s->kind == RFD_KIND_DOCUMENT_TIMESTAMP ? stamps : signatures, s->indication);
    }
}

/* --- Sentences --------------------------------------------------------------------------------------------------- */

/** "1 of 3 signatures is not valid": `n` is what the verb agrees with. */
static const char *part_of(struct report_voice *v, const char *text, uint64_t n, uint64_t total)
{
    return report_fill(v, text, report_number(v, n), report_number(v, total), NULL);
}

static const char *signatures_sentence(struct report_voice *v, const struct tally *t)
{
    const struct i18n_catalogue *c = v->catalogue;
    if (t->failed > 0 && t->total == 1) return report_word(v, N_("The signature is not valid"));
    if (t->failed == t->total) return report_word(v, N_("None of the signatures is valid"));
    if (t->failed > 0)
        return part_of(
            v, i18n_count(c, "%1 of %2 signatures is not valid", "%1 of %2 signatures are not valid", t->failed),
            t->failed, t->total);
    if (t->doubtful > 0 && t->total == 1) return report_word(v, N_("The signature could not be confirmed"));
    if (t->doubtful == t->total) return report_word(v, N_("None of the signatures could be confirmed"));
    if (t->doubtful > 0)
        return part_of(v,
                       i18n_count(c, "%1 of %2 signatures could not be confirmed",
                                  "%1 of %2 signatures could not be confirmed", t->doubtful),
                       t->doubtful, t->total);
    if (t->total == 1) return report_word(v, N_("The signature is valid"));
    return report_say(v, N_("All %1 signatures are valid"), report_number(v, t->total), NULL);
}

static const char *stamps_sentence(struct report_voice *v, const struct tally *t)
{
    const struct i18n_catalogue *c = v->catalogue;
    const char *number = report_number(v, t->failed > 0 ? t->failed : t->doubtful);
    if (t->failed > 0)
        return report_fill(v,
                           i18n_count(c, "A time stamp of the document is not valid",
                                      "%1 time stamps of the document are not valid", t->failed),
                           number, NULL);
    if (t->doubtful > 0)
        return report_fill(v,
                           i18n_count(c, "A time stamp of the document could not be confirmed",
                                      "%1 time stamps of the document could not be confirmed", t->doubtful),
                           number, NULL);
    return report_fill(v,
                       i18n_count(c, "The time stamp of the document is valid",
                                  "All %1 time stamps of the document are valid", t->total),
                       report_number(v, t->total), NULL);
}

/** What stands below the verdict. */
static const char *explanation(struct report_voice *v, const struct tally *signatures, const struct tally *stamps)
{
    bool stamps_bad = stamps->passed < stamps->total;
    if (signatures->failed > 0 && signatures->doubtful > 0)
        return report_fill(
            v,
            i18n_count(v->catalogue,
                       "A further one could not be confirmed. See below what this means and what you can do.",
                       "A further %1 could not be confirmed. See below what this means and what you can do.",
                       signatures->doubtful),
            report_number(v, signatures->doubtful), NULL);
    if (signatures->total > 0 && stamps_bad)
        return report_say(v, N_("%1. See below what this means."), stamps_sentence(v, stamps), NULL);
    if (signatures->failed > 0 || signatures->doubtful > 0 || stamps_bad)
        return report_word(v, N_("See below what this means and what you can do."));
    return report_word(v, N_("What was signed is unaltered, and the certificates are trusted here."));
}

static enum report_tone worst(const struct tally *a, const struct tally *b)
{
    if (a->failed + b->failed > 0) return REPORT_BAD;
    return a->doubtful + b->doubtful > 0 ? REPORT_DOUBT : REPORT_GOOD;
}

/** A time stamp that fails does not make the signatures' verdict read as if all were well. */
static const char *whole_sentence(struct report_voice *v, const struct tally *signatures, const struct tally *stamps)
{
    if (signatures->total == 0) return stamps_sentence(v, stamps);
    if (signatures->passed < signatures->total || stamps->passed == stamps->total)
        return signatures_sentence(v, signatures);
    return signatures->total == 1
               ? report_word(v, N_("The signature is valid, but not everything could be confirmed"))
               : report_word(v, N_("The signatures are valid, but not everything could be confirmed"));
}

void report_verdict_fill(const struct report_source *source, struct report *out)
{
    struct report_voice *v = &out->voice;
    struct tally signatures = {0};
    struct tally stamps = {0};
    count_all(source, &signatures, &stamps);
    if (source->count == 0) {
        out->tone = REPORT_PLAIN;
        out->verdict = report_word(v, N_("This document is not signed"));
        out->explanation = report_word(v, N_("It holds no electronic signature, so that nothing tells who made it or "
                                             "whether it was altered."));
        return;
    }
    out->tone = worst(&signatures, &stamps);
    out->verdict = whole_sentence(v, &signatures, &stamps);
    out->explanation = explanation(v, &signatures, &stamps);
}
