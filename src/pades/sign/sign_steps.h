/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing as named steps over a run, and the pieces of it that two-step signing shares.
 */
#ifndef PADES_SIGN_STEPS_H
#define PADES_SIGN_STEPS_H

#include "pades/sign/sign_run.h"
#include "pki/cms/cms.h"
#include "pki/keys/key.h"

/** Everything from the open source to the last update of the level asked for. */
rfd_status sign_steps_all(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;
/** Up to and with the checks before signing: document, field, seed values, refusals, certificate. */
rfd_status sign_steps_prepare(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;
/** After the signature is in the tail: validation data and archive time stamp, as the level asks. */
rfd_status sign_steps_level(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;

/** What the signature says: for signing and for measuring. Borrows from the run. */
struct cms_attributes sign_steps_attributes(const struct sign_run *run, slice digest);
/** The certificates to embed: the path found, or the key's own chain. `own` is filled when needed; dispose it. */
rfd_status sign_steps_certificates(const struct sign_run *run, struct certificate_list *own,
                                   const struct certificate_list **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Bytes to reserve for the CMS with a token of `token` bytes. */
rfd_status sign_steps_reserve(const struct sign_run *run, const struct certificate_list *certificates, size_t token,
                              size_t *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The signature dictionary for the options. `lock` must outlive it. */
rfd_status sign_steps_dictionary(struct sign_run *run, size_t reserve, struct pdf_field_lock *lock,
                                 struct signature_dictionary *out, struct rfd_error *error) RFD_MUST_CHECK;
/** A time stamp over `message` (a signature value), appended to `token`; its time is kept in the run. */
rfd_status sign_steps_timestamp(struct sign_run *run, slice message, struct buf *token,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** The same when the digest is at hand. */
rfd_status sign_steps_timestamp_digest(struct sign_run *run, slice digest, struct buf *token,
                                       struct rfd_error *error) RFD_MUST_CHECK;

/** First guess of a token's size, and the room left for the next one from the same service to be longer. */
enum { SIGN_TOKEN_GUESS = 8 * 1024, SIGN_TOKEN_SLACK = 256, SIGN_CMS_MAXIMUM = 4 * 1024 * 1024, SIGN_ATTEMPTS = 4 };

#endif
