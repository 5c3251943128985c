/* SPDX-License-Identifier: EUPL-1.2
 *
 * An invented administration for demonstrations and tests: an entity with its units, somebody for every role, accounts
 * that all have the same password, requests of roles and of
 * certificates on their way. Everybody in it is plainly invented; identity
 * numbers have the form of real ones and belong to nobody.
 */
#ifndef DOMAIN_DEMO_H
#define DOMAIN_DEMO_H

#include "domain/access/access.h"
#include "domain/account/account.h"
#include "domain/registration/registration.h"
#include "packs/packs.h"

#define DEMO_PASSWORD "caracola azul 26"

struct demo_options {
    struct store *store;
    const struct packs *packs;
    const struct account_settings *account;
    const struct access_settings *access;
    const struct registration_settings *registration;
    struct blob_store *blobs; /* of what people hand in; NULL: nobody asks for a certificate */
    struct rfd_key *agent;    /* who approves that people make certificates of their own; NULL: nobody */
    const char *accounts;     /* file to write: code,password,title of every account */
};
/** Fills an installation that has no entity yet, in one transaction. RFD_E_EXISTS when there is one. */
rfd_status demo_fill(const struct demo_options *options, struct rfd_error *error) RFD_MUST_CHECK;

#endif
