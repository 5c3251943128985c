/* SPDX-License-Identifier: EUPL-1.2
 *
 * The countries' packs: one folder for each country (pe, mx, es) and "common", one YAML file a concern. Read once when
 * a process starts, by libcyaml, with file, line and what is wrong in the error; read only afterwards.
 *
 * Here: certificate profiles (packs/COUNTRY/profiles.yaml).
 */
#ifndef PACKS_PACKS_H
#define PACKS_PACKS_H

#include "pki/authority/profile.h"

struct packs;

/** A profile with what concerns its issuing rather than its bytes. */
struct pack_profile {
    struct profile profile; /* its addresses (ocsp, ca_issuers, crl_point, freshest) are empty: an authority's policy
                               has them */
    const char *country;    /* "pe"; "common" */
    const char *title_es, *title_ca, *title_en; /* for people */
    unsigned approvals;                         /* agents who have to sign: 0 (services), 1, or 2 (four eyes) */
    unsigned renewal_days;                      /* before its end, a certificate may be renewed from then on */
    bool agent;                                 /* its holder may be registered as a certifying agent */
    bool central;                               /* the key may be made and kept by the platform (central signing) */
};

/** All folders below `path`. RFD_E_PACK names file and line. */
rfd_status packs_open(const char *path, struct packs **out, struct rfd_error *error) RFD_MUST_CHECK;
void packs_close(struct packs *packs);
/** NULL when there is none of this name. */
const struct pack_profile *packs_profile(const struct packs *packs, slice name);
/** All of them, sorted by name. */
const struct pack_profile *const *packs_profiles(const struct packs *packs, size_t *count);

#endif
