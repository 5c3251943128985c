/* SPDX-License-Identifier: EUPL-1.2
 *
 * Taking over an authority that another program ran: its key into the authority's key store, with a policy of its own;
 * its certificate and what it issued into the register; a responder of its own into the signers' stores. While no
 * server runs.
 */
#ifndef DOMAIN_IMPORT_H
#define DOMAIN_IMPORT_H

#include "domain/import/import_plan.h"
#include "domain/import/import_rows.h"
#include "keeper/local.h"
#include <refrenda/key.h>

struct import_order {
    struct authority_domain *domain;
    const char *keys;            /* folder of the key stores */
    const struct master *master; /* opens them */
    const struct import_plan *plan;
    const struct rfd_key *key; /* with its certificate; from a file */
    const struct authority_import_row *rows;
    size_t row_count;
    slice crl_number; /* big-endian; empty: not known */
    slice actor;
};
struct import_result {
    int64_t authority;
    size_t certificates; /* entered */
};
/** RFD_E_KEY_READ for a key that is not in a file, RFD_E_STORE_CONFLICT when the name or the key is there already, or a
 * server runs. What was done when a later step fails stays: the same import can be done again only after its key was
 * removed from the store's folder. */
rfd_status import_authority(const struct import_order *order, struct import_result *out,
                            struct rfd_error *error) RFD_MUST_CHECK;

#endif
