/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/source.h"

enum { FILE_MAXIMUM = 1 << 20, ROUNDS_MAXIMUM = 10000000 };

rfd_status key_read_file(const char *path, struct buf *out, struct rfd_error *error)
{
    struct source *source = NULL;
    slice bytes;
    rfd_status status;
    TRY_OUT(source_open_file(path, &source, error));
    if (source_size(source) > FILE_MAXIMUM) {
        status = error_set(error, RFD_E_KEY_READ, "%s: more than %d bytes", path, FILE_MAXIMUM);
        goto out;
    }
    TRY_OUT(source_view(source, 0, source_size(source), &bytes, error));
    buf_put_slice(out, bytes);
    status = buf_check(out, path, error);
out:
    source_close_secret(source);
    return status;
}

rfd_status key_read_certificates(const char *path, struct certificate_list *list, struct rfd_error *error)
{
    struct buf bytes;
    struct certificate_list found = {.count = 0}; /* they may all be in `list` already */
    rfd_status status;
    buf_init_secret(&bytes, FILE_MAXIMUM);
    TRY_OUT(key_read_file(path, &bytes, error));
    status = certificate_list_read(&found, buf_slice(&bytes), error);
    if (status == RFD_E_DER) status = error_wrap(error, RFD_E_KEY_READ, "%s", path);
    if (status == RFD_OK && found.count == 0)
        status = error_set(error, RFD_E_KEY_READ, "%s: no certificate in it", path);
    for (size_t i = 0; i < found.count && status == RFD_OK; i++)
        status = certificate_list_add(list, found.items[i], error);
out:
    certificate_list_dispose(&found);
    buf_dispose(&bytes);
    return status;
}

static const struct certificate *issuer_among(const struct certificate_list *others, const struct certificate *c)
{
    if (c->self_issued) return NULL;
    const struct certificate *found = certificate_list_find(others, c->issuer, c->authority_key_id);
    return found != NULL ? found : certificate_list_find(others, c->issuer, SLICE_EMPTY);
}

rfd_status key_order_chain(const struct certificate *signer, const struct certificate_list *others, bool all,
                           struct certificate_list *out, struct rfd_error *error)
{
    for (const struct certificate *next = signer; next != NULL; next = issuer_among(others, next)) {
        size_t before = out->count;
        TRY(certificate_list_add(out, next, error));
        if (out->count == before) break; /* it is there already: a circle */
    }
    for (size_t i = 0; all && i < others->count; i++) TRY(certificate_list_add(out, others->items[i], error));
    return RFD_OK;
}

/* salt and iterationCount lead the parameters of PBKDF2 (RFC 8018 §A.2) and of the PBES1 and PKCS#12 schemes (§A.3,
 * RFC 7292 §C). */
static bool rounds_of(slice parameters, uint64_t *rounds)
{
    slice salt;
    slice number;
    return der_take_optional(&parameters, DER_OCTET_STRING, &salt) &&
           der_take_optional(&parameters, DER_INTEGER, &number) && der_unsigned(number, rounds);
}

bool key_rounds_bearable(slice algorithm)
{
    slice content;
    slice id;
    slice parameters;
    slice derivation;
    uint64_t rounds;
    if (!der_take_optional(&algorithm, DER_SEQUENCE, &content) || !der_take_optional(&content, DER_OID, &id) ||
        !der_take_optional(&content, DER_SEQUENCE, &parameters))
        return true; /* without parameters there is nothing to derive */
    slice inner = parameters;
    /* PBES2-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, encryptionScheme } (RFC 8018 §A.4). */
    if (der_take_optional(&inner, DER_SEQUENCE, &derivation) && der_take_optional(&derivation, DER_OID, &id) &&
        !der_take_optional(&derivation, DER_SEQUENCE, &parameters))
        return true;
    return !rounds_of(parameters, &rounds) || rounds <= ROUNDS_MAXIMUM;
}
