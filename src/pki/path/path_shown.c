/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/path/path_shown.h"

#include "pki/der.h"
#include "pki/oid.h"
#include "pki/path/strength.h"

#include <openssl/x509v3.h>

/* --- DSA parameters left out of a certificate are those of its issuer (RFC 3279 §2.3.2, RFC 5280 §6.1.4 (e)) -------
 *
 * OpenSSL gives up on a chain with a key that it cannot read. Such a certificate is therefore shown to it completed,
 * and the signature, which the completed one no longer fits, is verified over the certificate as it is. */

/* The AlgorithmIdentifier that the key of chain[i] inherits; empty when it has parameters or is no DSA key. */
static slice inherited_algorithm(const struct certificate *const *chain, size_t count, size_t i)
{
    bool parameters = false;
    if (!strength_key_is_dsa(chain[i], &parameters) || parameters) return SLICE_EMPTY;
    while (++i < count && strength_key_is_dsa(chain[i], &parameters)) {
        slice spki = chain[i]->spki;
        slice content;
        struct der_item algorithm;
        if (!parameters) continue;
        if (!der_take_optional(&spki, DER_SEQUENCE, &content) || !der_next(&content, &algorithm)) break;
        return algorithm.whole;
    }
    return SLICE_EMPTY;
}

/* `c` with `algorithm` in its SubjectPublicKeyInfo. */
static void put_completed(struct buf *b, const struct certificate *c, slice algorithm)
{
    slice tbs = c->tbs;
    slice fields;
    if (!der_take_optional(&tbs, DER_SEQUENCE, &fields)) return;
    size_t before = (size_t)(c->spki.data - fields.data);
    size_t after = (size_t)(c->tbs.data + c->tbs.length - c->der.data);
    size_t whole = der_open(b, DER_SEQUENCE);
    size_t inner = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, slice_part(fields, 0, before));
    size_t spki = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, algorithm);
    der_put_bits(b, c->key_bits);
    der_close(b, spki);
    buf_put_slice(b, slice_from(fields, before + c->spki.length));
    der_close(b, inner);
    buf_put_slice(b, slice_from(c->der, after));
    der_close(b, whole);
}

/* NULL where it has its parameters, or nothing gives them. */
static X509 *completed(const struct certificate *const *chain, size_t count, size_t i)
{
    slice algorithm = inherited_algorithm(chain, count, i);
    if (algorithm.length == 0) return NULL;
    struct buf b;
    buf_init(&b, chain[i]->der.length + algorithm.length + 64);
    put_completed(&b, chain[i], algorithm);
    const unsigned char *at = b.data;
    X509 *x509 = buf_status(&b) == RFD_OK ? d2i_X509(NULL, &at, (long)b.length) : NULL;
    buf_dispose(&b);
    return x509;
}

/* --- policyConstraints beside no policies ----------------------------------------------------------------------------
 *
 * X509_policy_check() of OpenSSL before 3.0.21 leaks them, once for each certificate, which strangers choose. What they
 * mean is simple: without certificatePolicies there is no policy from here on, so that the chain fails as soon as one
 * is required. Malformed ones are left to OpenSSL, which refuses them. */

enum { REQUIRE_EXPLICIT_POLICY = 0x80, INHIBIT_POLICY_MAPPING = 0x81 };

/* `required`: whether it has requireExplicitPolicy, `skip` certificates later. */
static bool has_lone_constraints(const struct certificate *c, bool *required, uint64_t *skip)
{
    slice value, fields, number;
    uint64_t other = 0;
    bool critical;
    if (certificate_extension(c, oid(OID_CERTIFICATE_POLICIES), &value, &critical) ||
        !certificate_extension(c, oid(OID_POLICY_CONSTRAINTS), &value, &critical) ||
        !der_take_optional(&value, DER_SEQUENCE, &fields) || value.length > 0)
        return false;
    *required = der_take_optional(&fields, REQUIRE_EXPLICIT_POLICY, &number);
    if (*required && !der_unsigned(number, skip)) return false;
    bool mapping = der_take_optional(&fields, INHIBIT_POLICY_MAPPING, &number);
    if (mapping && !der_unsigned(number, &other)) return false;
    return fields.length == 0 && (*required || mapping);
}

/* Those that count down to where a policy is required: §6.1.4 (h), §6.1.5 (a). */
static size_t counted_below(const struct certificate *const *chain, size_t i)
{
    size_t counted = 0;
    for (size_t k = 0; k < i; k++) counted += k == 0 || !chain[k]->self_issued;
    return counted;
}

bool path_policy_may_be_missing(const struct certificate *const *chain, size_t count, size_t *at)
{
    for (size_t i = 0; i + 1 < count; i++) {
        bool required = false;
        uint64_t skip = 0;
        if (!has_lone_constraints(chain[i], &required, &skip)) continue;
        *at = i;
        if (required && skip <= counted_below(chain, i)) return false;
    }
    return true;
}

static void leave_out(X509 *x509, int nid)
{
    int at = X509_get_ext_by_NID(x509, nid, -1);
    if (at >= 0) X509_EXTENSION_free(X509_delete_ext(x509, at));
}

X509 *path_shown(const struct certificate *const *chain, size_t count, size_t i)
{
    bool required;
    uint64_t skip;
    X509 *shown = completed(chain, count, i);
    if (i + 1 == count || !has_lone_constraints(chain[i], &required, &skip)) return shown;
    if (shown == NULL) {
        X509 *itself = certificate_x509(chain[i], NULL);
        shown = itself == NULL ? NULL : X509_dup(itself);
    }
    if (shown != NULL) leave_out(shown, NID_policy_constraints);
    return shown;
}
