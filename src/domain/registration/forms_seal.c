/* SPDX-License-Identifier: EUPL-1.2
 *
 * The seal of printed forms: an invisible signature by the keeper's seal key, with the certificates above it that the
 * register has; with a time stamp where a service is set and answers.
 */
#include "base/error.h"
#include "domain/registration/forms_internal.h"
#include "domain/seal_key.h"
#include "keeper/ask.h"
#include "pki/certificate/pem.h"

#include <refrenda/sign.h>

enum { CHAIN_MAXIMUM = 1 << 16, CHAIN_LONGEST = 6, MEMORY = 1 << 20 };

static const struct authority *issuer_of(const struct authority_list *all, const struct certificate *certificate)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct certificate *candidate = NULL;
        if (certificate_parse(all->items[i].certificate, &candidate, NULL) != RFD_OK) continue;
        bool found =
            slice_equal(candidate->subject, certificate->issuer) && !slice_equal(candidate->der, certificate->der);
        certificate_unref(candidate);
        if (found) return &all->items[i];
    }
    return NULL;
}

/* The seal's certificate and those above it, as far as they are known here. */
static rfd_status put_chain(const struct authority_list *all, slice first, struct buf *pem, struct rfd_error *error)
{
    slice next = first;
    for (size_t i = 0; i < CHAIN_LONGEST && next.length > 0; i++) {
        const struct certificate *certificate = NULL;
        TRY(certificate_parse(next, &certificate, error));
        pem_put(pem, "CERTIFICATE", next);
        const struct authority *issuer = issuer_of(all, certificate);
        next = issuer == NULL ? SLICE_EMPTY : issuer->certificate;
        certificate_unref(certificate);
    }
    return buf_check(pem, "chain", error);
}

static rfd_status find_chain(const struct forms *forms, struct buf *pem, struct rfd_error *error)
{
    struct authority_domain authority = {forms->store, forms->keeper, forms->registration->packs};
    struct authority_list all = {NULL, 0};
    struct ask_public_key key = {.certificate = SLICE_EMPTY};
    struct arena a;
    rfd_status status = RFD_OK;
    arena_init(&a, MEMORY);
    TRY_OUT(ask_public_key(forms->keeper, slice_text(forms->seal_key), &a, &key, error));
    if (key.certificate.length == 0) {
        status = error_set(error, RFD_E_SIGNING, "the key \"%s\" has no certificate", forms->seal_key);
        goto out;
    }
    TRY_OUT(authority_list(&authority, &a, &all, error));
    status = put_chain(&all, key.certificate, pem, error);
out:
    arena_dispose(&a);
    return status;
}

static rfd_status sign(const struct forms *forms, struct rfd_key *key, slice document, const char *reason,
                       rfd_bytes *update, struct rfd_error *error)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    options.key = key;
    options.reason = reason;
    options.offline = true;
    options.level = RFD_LEVEL_B_B;
    if (forms->tsa_url != NULL && forms->tsa_url[0] != '\0') {
        options.level = RFD_LEVEL_B_T;
        options.tsa_url = forms->tsa_url;
        if (rfd_sign_memory(document, &options, update, NULL, error) == RFD_OK) return RFD_OK;
        error_clear(error); /* who waits for the form need not wait for the service to come back */
        options.level = RFD_LEVEL_B_B;
        options.tsa_url = NULL;
    }
    return rfd_sign_memory(document, &options, update, NULL, error);
}

rfd_status form_seal(const struct forms *forms, slice document, const char *reason, struct buf *out,
                     struct rfd_error *error)
{
    struct seal_key *seal = NULL;
    rfd_bytes update = {NULL, 0};
    struct buf chain;
    rfd_status status = RFD_OK;
    buf_init(&chain, CHAIN_MAXIMUM);
    TRY_OUT(find_chain(forms, &chain, error));
    TRY_OUT(seal_key_open(forms->keeper, forms->seal_key, buf_slice(&chain), &seal, error));
    TRY_OUT(sign(forms, seal_key_key(seal), document, reason, &update, error));
    buf_put_slice(out, document);
    buf_put_slice(out, slice_bytes(update));
    status = buf_check(out, "form", error);
out:
    rfd_bytes_free(&update);
    seal_key_free(seal);
    buf_dispose(&chain);
    return status;
}
