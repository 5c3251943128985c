/* SPDX-License-Identifier: EUPL-1.2
 *
 * A revocation list from a stranger: read, searched, and matched against a certificate whose distribution point is
 * made from the list's own.
 */
#include "pki/oid.h"
#include "pki/revocation/revocation_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static slice first_serial(const struct crl *crl)
{
    slice entries = crl->entries;
    slice entry;
    slice serial = SLICE("\x01");
    if (der_take_optional(&entries, DER_SEQUENCE, &entry)) (void)der_take_optional(&entry, DER_INTEGER, &serial);
    return serial;
}

/* One Extension, cRLDistributionPoints: the content of an IssuingDistributionPoint begins like a DistributionPoint's.
 */
static void put_extension(struct buf *b, const struct crl *crl)
{
    size_t extension = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_CRL_DISTRIBUTION_POINTS));
    size_t value = der_open(b, DER_OCTET_STRING);
    der_put(b, DER_SEQUENCE, crl->idp);
    der_close(b, value);
    der_close(b, extension);
}

static void match(const struct crl *crl)
{
    struct crl_point point;
    struct crl_entry entry;
    struct buf extension;
    unsigned reasons;
    buf_init(&extension, crl->der.length + 64);
    put_extension(&extension, crl);
    struct certificate c = {.issuer = crl->issuer, .serial = first_serial(crl), .extensions = buf_slice(&extension)};
    for (size_t i = 0; crl_scope_point(&c, i, &point); i++) (void)crl_scope_covers(crl, &c, &point, &reasons);
    bool usable = crl_find(crl, c.serial, c.issuer, &entry);
    /* The second search goes another way and must say the same. */
    struct crl_entry again;
    if (crl_find(crl, c.serial, c.issuer, &again) != usable) __builtin_trap();
    if (usable && (again.listed != entry.listed || again.revoked_at != entry.revoked_at)) __builtin_trap();
    buf_dispose(&extension);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct crl *crl = NULL;
    if (crl_parse(slice_of(data, size), &crl, NULL) != RFD_OK) return 0;
    match(crl);
    (void)crl_number_compare(crl->number, crl->delta_base);
    crl_free(crl);
    return 0;
}
