/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of authorities. One that was made without a policy can be certified, and signs nothing.
 */
#include "keeper/operations.h"

#include "base/error.h"

rfd_status keeper_check_authority_policy(const struct key_policy *p, struct rfd_error *error)
{
    struct authority_policy policy;
    return p->authority.length == 0 ? RFD_OK : authority_policy_read(p->authority, &policy, error);
}

rfd_status keeper_check_authority_certificate(const struct keeper_key *key, const struct certificate *c,
                                              struct rfd_error *error)
{
    const unsigned both = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    (void)key;
    if (c->is_ca && c->has_key_usage && (c->key_usage & both) == both && c->subject_key_id.length > 0) return RFD_OK;
    return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not of an authority that signs certificates and lists");
}

static rfd_status sign_with_key(void *context, const struct signature_algorithm *a, slice message, slice digest,
                                struct buf *signature, struct rfd_error *error)
{
    struct keeper_key *key = context;
    return stored_key_sign(key->stored, a, message, digest, signature, error);
}

static void copy_address(char to[AUTHORITY_ADDRESS_MAXIMUM + 1], slice address)
{
    if (address.length > 0) memcpy(to, address.data, address.length);
    to[address.length] = '\0';
}

rfd_status keeper_prepare_authority(struct keeper *k, struct keeper_key *key, struct rfd_error *error)
{
    struct keeper_authority *a = &key->authority;
    const struct key_description *d = key->description;
    (void)k;
    TRY(digest_of(DIGEST_SHA256, d->public_key, a->key_hash, error));
    key->signer = (struct authority_signer){
        .certificate = key->certificate, .algorithm = key->algorithm, .sign = sign_with_key, .context = key};
    if (d->policy.authority.length == 0) return RFD_OK;
    TRY(authority_policy_read(d->policy.authority, &a->policy, error));
    a->has_policy = true;
    copy_address(a->ocsp, a->policy.ocsp);
    copy_address(a->ca_issuers, a->policy.ca_issuers);
    return RFD_OK;
}

rfd_status keeper_authority_ready(const struct keeper_key *key, bool certified, struct rfd_error *error)
{
    if (!key->authority.has_policy)
        return error_set(error, RFD_E_KEY_REFUSED, "key %s was made without the policy of an authority",
                         key->description->name);
    if (!certified || key->certificate != NULL) return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "key %s has no certificate yet", key->description->name);
}

bool keeper_authority_allows(const struct keeper_key *key, slice profile)
{
    const struct authority_policy *p = &key->authority.policy;
    for (size_t i = 0; key->authority.has_policy && i < p->profile_count; i++) {
        if (slice_equal(p->profiles[i], profile)) return true;
    }
    return false;
}
