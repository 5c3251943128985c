/* SPDX-License-Identifier: EUPL-1.2
 *
 * From options to what is to be issued: key, subject, approvals. Used by ca issue and ca renew.
 */
#ifndef CLI_CA_ORDER_H
#define CLI_CA_ORDER_H

#include "cli/ca.h"
#include "keeper/approval.h"

struct evp_pkey_st;

struct ca_order {
    struct authority authority;
    const struct pack_profile *profile;
    struct approval text;        /* slices in options and arena */
    struct evp_pkey_st *new_key; /* made here (--new-key), or NULL */
    slice spki;
    slice approvals[APPROVALS_MAXIMUM]; /* SignedData */
    size_t approval_count;
};

/** Takes the key of --request, proof of possession checked, or makes one. RFD_E_ARGUMENT when neither or both. */
rfd_status ca_order_key(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                        struct rfd_error *error);
/** The approval's text from profile, subject and key; --mobile and --request-number go in. */
rfd_status ca_order_text(const struct arguments *a, struct ca_home *home, struct ca_order *order, slice *out,
                         struct rfd_error *error);
/** The approvals: files of --approval, or one that is signed here with --p12, --key or --pkcs11. */
rfd_status ca_order_approve(const struct arguments *a, struct ca_home *home, struct ca_order *order, slice text,
                            struct rfd_error *error);
/** Writes the certificate with its chain as PEM, or the new key with both as PKCS#12. */
rfd_status ca_order_write(const struct arguments *a, struct ca_home *home, const struct ca_order *order,
                          const struct certificate_row *row, struct rfd_error *error);
void ca_order_dispose(struct ca_order *order);

#endif
