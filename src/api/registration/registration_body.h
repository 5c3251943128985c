/* SPDX-License-Identifier: EUPL-1.2
 *
 * The JSON that registration clients send, decoded once into typed fields; nothing unknown, nothing twice.
 */
#ifndef API_REGISTRATION_BODY_H
#define API_REGISTRATION_BODY_H

#include "base/arena.h"
#include "keeper/approval.h"

enum { REGISTRATION_BODY_MAXIMUM = 128 << 10 };

struct registration_order {
    slice authority;
    slice request; /* PKCS#10, DER */
    slice approvals[APPROVALS_MAXIMUM];
    size_t approval_count;
};
/** RFD_E_REQUEST names the member. In `a`. */
rfd_status registration_read_order(slice json, struct arena *a, struct registration_order *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

struct registration_revocation {
    slice authority;
    int reason;             /* RFC 5280 §5.3.1 */
    rfd_time invalid_since; /* RFD_TIME_NONE */
};
rfd_status registration_read_revocation(slice json, struct arena *a, struct registration_revocation *out,
                                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
