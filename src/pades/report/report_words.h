/* SPDX-License-Identifier: EUPL-1.2
 *
 * What codes mean, in plain words: tables of English messages (keys of the catalogues), to be translated where they are
 * shown. What is said of a code is two sentences: what it means, and what the reader can do about it.
 */
#ifndef PADES_REPORT_WORDS_H
#define PADES_REPORT_WORDS_H

#include <refrenda/verify.h>

/** How a statement is to be seen; also picks colour and symbol. */
enum report_tone { REPORT_GOOD, REPORT_DOUBT, REPORT_BAD, REPORT_PLAIN };

struct report_advice {
    const char *meaning;
    const char *advice; /* "" for none */
};

enum report_tone report_tone_of(enum rfd_indication indication);
/** "Valid" */
const char *report_verdict_word(enum rfd_indication indication, enum rfd_signature_kind kind);
/** Of a signature that did not pass (EN 319 102-1 tables 5 and 6). */
const struct report_advice *report_sub_indication(enum rfd_sub_indication sub);
/** What a valid one is worth. */
const char *report_passed_meaning(enum rfd_signature_kind kind);
const char *report_kind_name(enum rfd_signature_kind kind);
/** What was changed after the signed revision; of changes that are not allowed, `allowed` is false. */
const char *report_change_words(enum rfd_change_level changes, bool allowed);
/** The level's letters and what it adds. */
const char *report_level_name(enum rfd_level level);
const char *report_level_words(enum rfd_level level);
/** What to do about a finding, "" for nothing. */
const char *report_finding_advice(enum rfd_finding_code code);
const char *report_revocation_words(enum rfd_revocation_state state);
/** "OCSP response from the document", of a certificate report's `revocation_source` ("ocsp, document"); "" for none. */
const char *report_source_words(const char *source);

#endif
