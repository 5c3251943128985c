/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists as they are sent: read from the database once, prepared, and held until there is a newer one. Safe
 * between threads; reading blocks.
 */
#ifndef API_STATUS_LISTS_H
#define API_STATUS_LISTS_H

#include "api/status/authorities.h"

struct status_lists;

/** What a list's name in an address means. */
struct list_name {
    const struct status_authority *authority;
    uint32_t partition;
    bool delta;
};
/** "emisora-1.crl", "emisora-1-7.crl", "emisora-1-7-delta.crl", or the last part of the address that the authority's
 * certificates have. False when it is none. */
bool list_name_parse(const struct status_authorities *authorities, slice file, struct list_name *out);

rfd_status status_lists_new(struct store *store, struct status_lists **out, struct rfd_error *error) RFD_MUST_CHECK;
void status_lists_free(struct status_lists *lists);
/** The newest list, held. `now` decides whether the database is asked again. RFD_E_NOT_FOUND, RFD_E_STORE. */
rfd_status status_lists_get(struct status_lists *lists, const struct list_name *name, rfd_time now,
                            struct http_prepared **out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
