/* SPDX-License-Identifier: EUPL-1.2
 *
 * An OCSP response from a stranger: read, asked about every certificate inside it, and weighed as evidence.
 */
#include "pki/revocation/ocsp.h"
#include "pki/revocation/revocation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void weigh(slice der, const struct certificate_list *certificates, const struct rfd_trust *trust)
{
    struct revocation_store store = {0};
    if (revocation_store_add(&store, der, false, REVOCATION_FROM_DOCUMENT, NULL) != RFD_OK) __builtin_trap();
    struct revocation_options options = {.trust = trust,
                                         .extra = certificates,
                                         .store = &store,
                                         .at = INT64_C(1900000000) * RFD_SECOND,
                                         .not_older_than = RFD_TIME_NONE};
    for (size_t i = 0; i < certificates->count * certificates->count; i++) {
        struct revocation_result result;
        const struct certificate *c = certificates->items[i / certificates->count];
        const struct certificate *issuer = certificates->items[i % certificates->count];
        if (revocation_check(&options, c, issuer, &result, NULL) == RFD_OK) revocation_result_dispose(&result);
    }
    revocation_store_dispose(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ocsp *o = NULL;
    struct rfd_trust *trust = NULL;
    slice der = slice_of(data, size);
    if (ocsp_parse(der, &o, NULL) != RFD_OK) return 0;
    if (o->status == OCSP_SUCCESSFUL && rfd_trust_new(&trust, NULL) == RFD_OK) weigh(der, &o->certificates, trust);
    rfd_trust_free(trust);
    ocsp_free(o);
    return 0;
}
