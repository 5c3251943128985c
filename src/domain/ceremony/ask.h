/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a ceremony asks of keepers: the messages of keeper/protocol.h as functions.
 */
#ifndef DOMAIN_CEREMONY_ASK_H
#define DOMAIN_CEREMONY_ASK_H

#include "keeper/client.h"
#include "pki/authority/profile.h"

enum { ASK_CERTIFICATE_MAXIMUM = PROFILE_CERTIFICATE_MAXIMUM, ASK_SIGNATURE_MAXIMUM = 1024 };

struct ask_key {
    const char *name;
    enum key_purpose purpose;
    const char *algorithm;
    const char *token; /* that it is made on; NULL: none */
    struct key_policy policy;
};
/** Appends the SubjectPublicKeyInfo. */
rfd_status ask_create_key(struct keeper_client *keeper, const struct ask_key *key, struct buf *spki,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status ask_certify_key(struct keeper_client *keeper, const char *name, slice certificate,
                           struct rfd_error *error) RFD_MUST_CHECK;

struct ask_certificate {
    const char *key, *profile;
    const struct profile_value *values;
    size_t value_count;
    const char *mail; /* NULL: none */
    char *const *hosts;
    size_t host_count;
    slice spki;
    unsigned days;       /* of authorities; 0: the profile's */
    const char *own_key; /* of authorities: the key of the same keeper that is certified; NULL: `spki` is */
};
/** Appends the certificate. */
rfd_status ask_issue_service(struct keeper_client *keeper, const struct ask_certificate *ask, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status ask_issue_authority(struct keeper_client *keeper, const struct ask_certificate *ask, struct buf *certificate,
                               struct rfd_error *error) RFD_MUST_CHECK;

struct ask_registration {
    enum keeper_registered kind;
    const char *name;
    slice proof;          /* certificate, or a service's SubjectPublicKeyInfo */
    const char *profiles; /* separated by commas */
    const char *key;      /* of services: who issues */
    const struct profile_value *values;
    size_t value_count;
};
rfd_status ask_register(struct keeper_client *keeper, const struct ask_registration *ask,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Has a TBSCertList signed and appends the whole list. */
rfd_status ask_sign_crl(struct keeper_client *keeper, const char *key, slice tbs, struct buf *crl,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
