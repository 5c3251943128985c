/* SPDX-License-Identifier: EUPL-1.2
 *
 * A list from the first day on: whoever asks before anything was revoked gets an empty one.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"

rfd_status ceremony_make_lists(struct ceremony *c, struct rfd_error *error)
{
    TRY(authority_put_crl(&c->domain, c->options->actor, c->root_id, c->root_crl, error));
    for (unsigned i = 0; i < c->plan->issuing_count; i++) {
        const struct ceremony_issuing *issuing = &c->issuing[i];
        size_t wanted = issuing->plan->partitions == 0 ? 1 : issuing->plan->partitions;
        size_t made = 0;
        TRY(authority_make_crls(&c->domain, issuing->id, 0, false, &made, error));
        if (made < wanted)
            return error_set(error, RFD_E_INTERNAL, "%s: %zu lists of %zu", issuing->plan->name, made, wanted);
    }
    return RFD_OK;
}
