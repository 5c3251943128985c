/* SPDX-License-Identifier: EUPL-1.2
 *
 * A root that is off line, opened with its custodians' shares for one signature: of a subordinate authority's
 * certificate, or of its revocation list. Its folder is the one that the ceremony made (ceremony.h).
 */
#ifndef DOMAIN_CEREMONY_ROOT_H
#define DOMAIN_CEREMONY_ROOT_H

#include "keeper/local.h"
#include "pki/authority/profile.h"

enum { ROOT_PATH_SIZE = 1024 };

struct root {
    char folder[ROOT_PATH_SIZE];
    char key[KEY_NAME_SIZE];
    struct local_keeper keeper;
    const struct certificate *certificate;
};

/** RFD_E_SHARES, RFD_E_KEYSTORE_MASTER when they are another root's, RFD_E_STATE when the ceremony was not finished. */
rfd_status root_open(const char *folder, const char *const *shares, size_t count, const struct packs *packs,
                     struct root *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void root_close(struct root *root);

/** Issues a subordinate authority's certificate for the key of a request (PKCS #10, DER), whose proof of possession is
 * checked; of the request nothing else is used. Appends the certificate. */
rfd_status root_sign_request(struct root *root, const char *profile, const struct profile_value *values, size_t count,
                             slice request, struct buf *certificate, struct rfd_error *error) RFD_MUST_CHECK;

/** Signs the next list, with what the last one had and, unless it is NULL, a certificate that this root issued and that
 * is revoked from now on. The list replaces the last one in the folder; appends it. */
rfd_status root_sign_list(struct root *root, const struct certificate *revoked, int reason, struct buf *list,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
