/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authorities as the public services know them: read from the database, parsed and hashed once, never changed
 * afterwards. When something about them changes (a responder's new certificate), another one takes its place; who works
 * with the old one holds it until he is done.
 */
#ifndef API_STATUS_AUTHORITIES_H
#define API_STATUS_AUTHORITIES_H

#include "domain/authority/authority.h"
#include "http/response.h"
#include "keeper/authority_policy.h"

struct status_service;

struct status_authority {
    int64_t id;
    slice name;
    const struct certificate *certificate;
    slice crl_file, delta_file;      /* last part of the addresses in its certificates: "emisora-{partition}.crl" */
    uint32_t partitions;             /* at least 1 */
    struct http_prepared *cer, *p7c; /* its certificate; that with its superiors' */
    slice ocsp_key;                  /* empty: it has no responder */
    const struct certificate *ocsp_certificate;
};

struct status_authorities {
    struct status_authority *items;
    size_t count;
    struct responder responder; /* issuers[i] is items[issuer_index[i]]; context is this */
    const size_t *issuer_index;
    struct status_service *service; /* where serial numbers are looked up */
};

/** Reads them, unless they are as in `before` (may be NULL): then *out is NULL. */
rfd_status status_authorities_read(struct status_service *service, const struct status_authorities *before,
                                   struct status_authorities **out, struct rfd_error *error) RFD_MUST_CHECK;
struct status_authorities *status_authorities_hold(struct status_authorities *authorities);
/** Safe on NULL. */
void status_authorities_release(struct status_authorities *authorities);

/** The authority whose responder a draft's spokesman is. */
const struct status_authority *status_authorities_spokesman(const struct status_authorities *authorities,
                                                            const struct responder_issuer *spokesman);
/** NULL when there is none of that name. */
const struct status_authority *status_authorities_find(const struct status_authorities *authorities, slice name);

#endif
