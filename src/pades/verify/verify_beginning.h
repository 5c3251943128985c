/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signed document at the beginning of a file that cannot be read as a whole, or no longer leads to it. Readers that
 * rebuild a cross-reference still show its signatures, so they must be named and rejected.
 */
#ifndef PADES_VERIFY_BEGINNING_H
#define PADES_VERIFY_BEGINNING_H

#include "base/source.h"

struct verify_beginning {
    uint64_t length; /* of the longest beginning that ends with an %%EOF before the file does and is, read strictly,
                        a document with a signature field that has a value; 0 for none */
    bool signature_behind; /* a ByteRange stands behind the file's last %%EOF */
};
rfd_status verify_beginning_find(struct source *source, slice password, struct verify_beginning *out,
                                 struct rfd_error *error) RFD_MUST_CHECK;

#endif
