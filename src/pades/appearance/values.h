/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the words of a stamp's text stand for in one signature.
 */
#ifndef PADES_VALUES_H
#define PADES_VALUES_H

#include "pades/appearance/stamp.h"
#include "pki/certificate/certificate.h"

struct stamp_signer {
    const struct certificate *certificate;
    const char *name, *reason, *location; /* NULL for none; the name is then the certificate's */
    rfd_time time;
    bool endorses; /* a commitment of approval */
};

/** `values` in the order of the words, in the arena. */
rfd_status values_read(const struct rfd_stamp *stamp, const struct stamp_signer *signer, struct arena *arena,
                       slice values[TEMPLATE_WORD_COUNT], struct rfd_error *error) RFD_MUST_CHECK;

/** The forms of date and time in a language: "21/11/2026" or "2026-11-21"; "15:04:05 -05:00". */
enum { VALUES_TEXT_SIZE = 32 };
void values_date(rfd_time time, int zone, const char *language, char out[VALUES_TEXT_SIZE]);
void values_time(rfd_time time, int zone, char out[VALUES_TEXT_SIZE]);

#endif
