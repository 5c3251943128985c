/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/pkcs10.h"

#include "base/error.h"
#include "base/i18n.h"
#include "pki/authority/request.h"

static const struct {
    rfd_status status;
    const char *why;
} faults[] = {
    {RFD_E_POSSESSION, N_("The key's request is not signed with the key itself: make it again")},
    {RFD_E_KEY_WEAK, N_("The key is too weak, or signed in a way that is not relied on: make another one")},
    {RFD_E_KEY_ALGORITHM, N_("Keys of this kind are not accepted here: RSA of 2048 bits or more, or a NIST curve")},
};

static const char *why_not(rfd_status status)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (faults[i].status == status) return faults[i].why;
    }
    return N_("This is no request of a key (PKCS#10)");
}

rfd_status pkcs10_check(slice der, const struct key_rules *rules, struct arena *a, slice *spki, const char **why,
                        struct rfd_error *error)
{
    struct request request;
    *why = NULL;
    rfd_status status = request_parse(der, &request, error);
    if (status == RFD_OK) status = request_verify(&request, rules, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) {
        error_clear(error);
        *why = why_not(status);
        return RFD_OK;
    }
    slice copy = arena_copy(a, request.spki);
    if (copy.data == NULL) return arena_failed(a, error);
    *spki = copy;
    return RFD_OK;
}
