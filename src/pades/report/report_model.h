/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a report says, before it has a form: every text is in the report's language, printable and unescaped, so that
 * HTML and PDF say the same. The order is the reader's: the verdict, the picture, a card for each signature, and the
 * codes in an annex.
 */
#ifndef PADES_REPORT_MODEL_H
#define PADES_REPORT_MODEL_H

#include "pades/report/report_timeline.h"

struct report_pair {
    const char *label, *value;
    const char *note; /* what it means, smaller; "" for nothing */
};

/** A finding in plain words. */
struct report_note {
    enum report_tone tone;
    const char *text;
    const char *advice; /* "" for none */
};

/** A certificate of the path, the signer's first. */
struct report_link {
    const char *role; /* "Signer", "Issued by" */
    const char *name, *organisation;
    const char *validity, *state; /* sentences */
    enum report_tone tone;
};

struct report_card {
    const char *title; /* "1. Alba Ejemplo" */
    const char *kind, *word;
    bool stamp; /* a time stamp of the document, whose word says what it is */
    enum report_tone tone;
    const char *meaning, *advice;
    const struct report_pair *facts;
    size_t fact_count;
    const struct report_note *notes;
    size_t note_count;
    const struct report_link *path;
    size_t link_count;
};

/** A titled list of codes; `rows` (five columns, see report_annex_columns) may be empty. */
enum { REPORT_ANNEX_COLUMNS = 5 };
struct report_annex {
    const char *title;
    const struct report_pair *pairs;
    size_t pair_count;
    const char *const (*rows)[REPORT_ANNEX_COLUMNS];
    size_t row_count;
    bool part; /* belongs to the one before: a certificate of its signature */
};

/** An entry of the picture in words. */
struct report_event {
    rfd_time time;
    size_t order; /* among equals */
    const char *when, *what;
};

struct report {
    struct report_voice voice;
    const char *name; /* of the document */
    enum report_tone tone;
    const char *verdict;     /* one sentence */
    const char *explanation; /* another one; "" for none */
    const char *checked;     /* when */
    const struct report_pair *facts;
    size_t fact_count;
    const struct report_note *notes; /* about the document */
    size_t note_count;
    const struct report_card *cards;
    size_t card_count;
    const struct report_row *rows; /* of the picture */
    size_t row_count;
    const char *left_out; /* that the picture does not show all; "" when it does */
    rfd_time time;        /* of the check */
    const struct report_event *events;
    size_t event_count;
    const struct report_annex *annexes;
    size_t annex_count;
    const char *const *annex_columns;
};

/** What is reported; borrowed. */
struct report_source {
    const char *name;
    const struct rfd_signature_report *signatures;
    size_t count;
    size_t revisions;
    rfd_time time;
    const struct rfd_finding *findings;
    size_t finding_count;
};
struct report_source report_source_of(const struct rfd_verification *v, const char *name);

/** Everything is allocated in `arena`, whose maximum bounds a report; `catalogue` NULL is English. */
rfd_status report_build(const struct report_source *source, const struct i18n_catalogue *catalogue, const char *code,
                        struct arena *arena, struct report *out, struct rfd_error *error) RFD_MUST_CHECK;

/** The writers; what they say is report_build()'s. */
struct rfd_language;
rfd_status report_html(const struct report_source *source, const struct rfd_language *language, rfd_bytes *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

rfd_status report_pdf(const struct report_source *source, const struct rfd_language *language, rfd_bytes *out,
                      struct rfd_error *error) RFD_MUST_CHECK;

/* --- The parts, each in its file ---------------------------------------------------------------------------------- */

/** report_card.c: everything that is said about a signature in plain words. */
void report_card_fill(struct report_voice *v, const struct report_source *source, size_t index,
                      struct report_card *out);
/** Findings that readers should know, worst first; `told` is advice that was given already. */
void report_notes_fill(struct report_voice *v, const struct rfd_finding *findings, size_t count, const char *told,
                       const struct report_note **out, size_t *out_count);
/** report_verdict.c: the sentence about all signatures. */
void report_verdict_fill(const struct report_source *source, struct report *out);
/** report_chronicle.c: the rows of the picture, and the same as a list by time. */
void report_chronicle_fill(const struct report_source *source, struct report *out);
/** report_annex.c: the codes. */
void report_annex_fill(const struct report_source *source, struct report *out);

#endif
