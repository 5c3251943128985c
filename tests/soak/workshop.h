/* SPDX-License-Identifier: EUPL-1.2
 *
 * A signer, an issuer whose revocation list is at hand, and documents in memory: what the tests of endurance and of
 * failing allocations sign and verify with. Needs the folder of pki_fixture.h while it opens.
 */
#ifndef TESTS_WORKSHOP_H
#define TESTS_WORKSHOP_H

#include "../unit/pki_fixture.h"

#include <refrenda/sign.h>
#include <refrenda/verify.h>

struct workshop {
    struct identity root, signer;
    struct rfd_key *key;
    struct rfd_trust *trust;
};

/** `kind` as identity_new takes it. Stops the program when something fails. */
void workshop_open(struct workshop *w, const char *kind);
void workshop_close(struct workshop *w);

/** A page with a stream of `size` bytes and a classical cross-reference table; `salt` makes each different. */
void workshop_document(struct buf *document, size_t size, unsigned salt);

struct rfd_sign_options workshop_sign_options(const struct workshop *w);
struct rfd_verify_options workshop_verify_options(const struct workshop *w);

/** Signs and appends the update. Stops the program when it fails. */
void workshop_sign(const struct workshop *w, struct buf *document);
/** Whether verification calls every signature TOTAL-PASSED, and there is one. */
bool workshop_passes(const struct workshop *w, slice document);

#endif
