/* SPDX-License-Identifier: EUPL-1.2
 *
 * What two-step signing keeps between its steps, as JSON without secrets. Reading checks shape and bounds only; that
 * the session fits the prepared file is for the embedding to find out.
 */
#ifndef PADES_SESSION_H
#define PADES_SESSION_H

#include "pki/algorithm.h"
#include "pki/certificate/certificate.h"
#include <refrenda/sign.h>

enum { SESSION_FIELD_SIZE = 1025 };

struct session {
    struct signature_algorithm algorithm;
    struct certificate_list certificates; /* the signer's first */
    struct buf signed_attributes;         /* DER, exactly what is signed */
    uint8_t digest[DIGEST_SIZE_MAXIMUM];  /* of the prepared file without the hole */
    size_t digest_length;
    uint64_t hole_offset, hole_length, size;
    enum rfd_level level; /* that the hole has room for */
    char field[SESSION_FIELD_SIZE];
};

void session_init(struct session *s);
void session_dispose(struct session *s);
rfd_status session_set_field(struct session *s, const char *field, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status session_write(const struct session *s, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_ARGUMENT when it is not a session. On failure nothing needs disposing. */
rfd_status session_read(slice text, struct session *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
