/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions to keepers and signers (protocol.h) as functions: what commands, ceremonies and the worker ask. Each waits
 * for its answer, and fails as keeper_client_ask() does, with the keeper's own status when it refused.
 *
 * What stands in a hot path, or hands files over, is asked where it is used: domain/authority (issuing, lists, the
 * journal), domain/audit, domain/transparency, api/status.
 */
#ifndef KEEPER_ASK_H
#define KEEPER_ASK_H

#include "base/arena.h"
#include "keeper/client.h"
#include "pki/authority/profile.h"

enum { ASK_CERTIFICATE_MAXIMUM = PROFILE_CERTIFICATE_MAXIMUM };

/* ---- Keys ---- */

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
/** Gives a key its certificate. */
rfd_status ask_certify_key(struct keeper_client *keeper, const char *name, slice certificate,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** The same of a signer's keys, which the worker may ask. */
rfd_status ask_certify_service(struct keeper_client *signer, slice name, slice certificate,
                               struct rfd_error *error) RFD_MUST_CHECK;

/** What a keeper tells of a key, in the arena of who asked. */
struct ask_public_key {
    slice spki;
    slice certificate; /* empty: it has none */
};
rfd_status ask_public_key(struct keeper_client *keeper, slice name, struct arena *a, struct ask_public_key *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

/** Seals the memory file `file` that holds a TBSCertList of `length` octets, has it signed, and appends what goes
 * before and after it (crl_put_envelope). */
rfd_status ask_sign_list(struct keeper_client *keeper, slice key, int file, size_t length, struct buf *head,
                         struct buf *tail, struct rfd_error *error) RFD_MUST_CHECK;
/** Has a TBSCertList signed and appends the whole list. */
rfd_status ask_sign_crl(struct keeper_client *keeper, const char *key, slice tbs, struct buf *crl,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Appends a token (compact JWS) of a type of jws.def, signed by a seal key. */
rfd_status ask_sign_token(struct keeper_client *keeper, const char *key, const char *type, slice claims,
                          struct buf *token, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Certificates that need no approval ---- */

struct ask_certificate {
    const char *key, *profile;
    const struct profile_value *values;
    size_t value_count;
    char *const *mails; /* of services, as are hosts */
    size_t mail_count;
    char *const *hosts;
    size_t host_count;
    slice spki;
    unsigned days;       /* of authorities; 0: the profile's */
    const char *own_key; /* of authorities: the key of the same keeper that is certified; NULL: `spki` is */
};
/** Appends the certificate; `*partition` is that of the revocation list it will be in. */
rfd_status ask_issue_service(struct keeper_client *keeper, const struct ask_certificate *ask, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error) RFD_MUST_CHECK;
/** The next certificate of a registered service, of the authority whose key is `key`. */
rfd_status ask_renew_service(struct keeper_client *keeper, slice key, slice service, struct buf *certificate,
                             uint32_t *partition, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status ask_issue_authority(struct keeper_client *keeper, const struct ask_certificate *ask, struct buf *certificate,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Who is registered ---- */

struct ask_registration {
    enum keeper_registered kind;
    const char *name;
    slice proof;          /* certificate, or SubjectPublicKeyInfo of a service, a personal keeper, a portal */
    const char *profiles; /* separated by commas; NULL: none */
    const char *key;      /* of services: who issues; else NULL */
    const struct profile_value *values; /* of services: their subject; of portals: the name as people read it (cn) */
    size_t value_count;
};
rfd_status ask_register(struct keeper_client *keeper, const struct ask_registration *ask,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND */
rfd_status ask_unregister(struct keeper_client *keeper, enum keeper_registered kind, slice name,
                          struct rfd_error *error) RFD_MUST_CHECK;

struct ask_registered {
    enum keeper_registered kind;
    slice name, profiles; /* profiles: separated by commas */
    slice proof;          /* certificate, or a service's SubjectPublicKeyInfo */
};
/** Called with each, by kind and name, until it fails; the slices live until it returns. */
typedef rfd_status ask_registered_each(void *context, const struct ask_registered *item, struct rfd_error *error);
/** All of them, page by page. */
rfd_status ask_registered(struct keeper_client *keeper, ask_registered_each *each, void *context,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
