/* SPDX-License-Identifier: EUPL-1.2
 *
 * A caller's function signs. What it gives back comes from outside (another machine, a person's agent) and is verified
 * before it is used.
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/memory.h"

struct external {
    rfd_sign_function *sign;
    void *context;
    const struct certificate *signer;
};

static rfd_status verify_result(const struct external *e, const struct signature_algorithm *a, slice message,
                                slice digest, slice signature, struct rfd_error *error)
{
    rfd_status status = a->scheme == SCHEME_ED25519 ? signature_verify(a, e->signer, message, signature, error)
                                                    : signature_verify_digest(a, e->signer, digest, signature, error);
    if (status != RFD_E_SIGNING) return status;
    return error_wrap(error, RFD_E_SIGNING, "what the external signer gave does not verify with its certificate");
}

static rfd_status external_sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                                struct buf *signature, struct rfd_error *error)
{
    struct external *e = state;
    size_t size = signature_size_maximum(e->signer);
    size_t length = size;
    uint8_t *to = buf_reserve(signature, size);
    if (to == NULL) return buf_check(signature, "signature", error);
    TRY(e->sign(e->context, message, digest, a->scheme == SCHEME_RSA_PSS, to, &length, error));
    if (length == 0 || length > size) {
        return error_set(error, RFD_E_SIGNING, "the external signer gave %zu bytes where up to %zu belong", length,
                         size);
    }
    TRY(verify_result(e, a, message, digest, slice_of(to, length), error));
    signature->length += length;
    return RFD_OK;
}

static void external_dispose(void *state)
{
    struct external *e = state;
    certificate_unref(e->signer);
    memory_free(e);
}

static const struct key_backend backend = {"external", external_sign, external_dispose};

static rfd_status open_with(struct certificate_list *list, rfd_sign_function *sign, void *context, struct rfd_key **out,
                            struct rfd_error *error)
{
    struct external *e = memory_zeroed(1, sizeof *e);
    if (e == NULL) return error_memory(error);
    *e = (struct external){sign, context, certificate_ref(list->items[0])};
    /* No trial signature: each one may cost a person a PIN. */
    rfd_status status = key_new(&backend, e, list, false, out, error);
    if (status != RFD_OK) external_dispose(e);
    return status;
}

rfd_status rfd_key_open_external(rfd_slice certificates, rfd_sign_function *sign, void *context, struct rfd_key **out,
                                 struct rfd_error *error)
{
    struct certificate_list list = {0};
    rfd_status status = certificate_list_read(&list, certificates, error);
    if (status == RFD_E_DER) status = error_wrap(error, RFD_E_KEY_READ, "the external signer's certificates");
    if (status == RFD_OK && list.count == 0) status = error_set(error, RFD_E_KEY_READ, "no certificate given");
    if (status == RFD_OK) status = open_with(&list, sign, context, out, error);
    certificate_list_dispose(&list);
    return status;
}
