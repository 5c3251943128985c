/* SPDX-License-Identifier: EUPL-1.2
 *
 * PEM (RFC 7468): finding the blocks of a text and decoding them. Text between blocks is passed over.
 */
#ifndef PKI_PEM_H
#define PKI_PEM_H

#include "base/buf.h"

struct pem_block {
    slice label;      /* "CERTIFICATE" */
    slice body;       /* base64, after the headers */
    bool has_headers; /* RFC 1421 headers: the old encrypted private keys */
    slice whole;      /* from -----BEGIN to the end of the last line */
};

/** Takes the next whole block; false when there is none. */
bool pem_next(slice *text, struct pem_block *block);
/** Appends the block's bytes. RFD_E_DER when it is not base64. */
rfd_status pem_decode(const struct pem_block *block, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes a block with lines of 64 characters. */
void pem_put(struct buf *b, const char *label, slice bytes);

#endif
