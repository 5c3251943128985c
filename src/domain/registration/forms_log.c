/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a proof of revocation says of the transparency log: which of its entries the certificate is. Anybody can ask the
 * log for the proof of it.
 */
#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/registration/forms_internal.h"
#include "domain/transparency/transparency.h"
#include "pki/digest.h"

enum { MEMORY = 1 << 20 };

struct hashing {
    int64_t certificate;
    bool found;
    uint8_t hash[TRANSPARENCY_HASH_SIZE];
};

static rfd_status hash(struct transaction *t, void *context, struct rfd_error *error)
{
    struct hashing *h = context;
    struct certificate_row row;
    h->found = false;
    TRY(register_get(t, h->certificate, store_arena(t), &row, error));
    if (row.der.length == 0) return RFD_OK;
    h->found = true;
    return digest_of(DIGEST_SHA256, row.der, h->hash, error);
}

static rfd_status find(const struct forms *forms, const struct hashing *h, struct arena *a, struct form_log *out,
                       struct rfd_error *error)
{
    struct tree_head head;
    struct tree_proof proof;
    TRY(transparency_head(forms->store, a, &head, error));
    TRY(transparency_inclusion(forms->store, h->hash, head.size, &proof, error));
    *out = (struct form_log){proof.index, head.size, head.time};
    return RFD_OK;
}

rfd_status form_log_find(const struct forms *forms, int64_t certificate, struct form_log *out, struct rfd_error *error)
{
    struct hashing h = {.certificate = certificate};
    struct arena a;
    *out = (struct form_log){.size = 0};
    TRY(store_read(forms->store, hash, &h, error));
    if (!h.found) return RFD_OK;
    arena_init(&a, MEMORY);
    rfd_status status = find(forms, &h, &a, out, error);
    arena_dispose(&a);
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    return RFD_OK;
}
