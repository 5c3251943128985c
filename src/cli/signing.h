/* SPDX-License-Identifier: EUPL-1.2
 *
 * What sign, endorse, timestamp, extend, preview and the two steps have in common: the library's options with all that
 * they borrow.
 */
#ifndef CLI_SIGNING_H
#define CLI_SIGNING_H

#include "base/secret.h"
#include "cli/lock.h"
#include "cli/options.h"
#include "cli/stamp.h"

struct signing {
    struct rfd_sign_options options; /* borrows from below */
    struct rfd_key *key;
    struct rfd_trust *trust;
    struct lock_fields lock;
    struct secret document_password;
    struct stamp_request stamp;
};

enum signing_needs { SIGNING_WITHOUT_KEY, SIGNING_WITH_KEY };
rfd_status signing_read(const struct arguments *a, enum signing_needs needs, struct signing *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
void signing_dispose(struct signing *s);

#endif
