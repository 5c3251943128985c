/* SPDX-License-Identifier: EUPL-1.2
 *
 * "refrenda ca ...": what the people who run an authority do. Each subcommand is a row of a table (ca.c) and a function
 * in the file of its family.
 */
#ifndef CLI_CA_H
#define CLI_CA_H

#include "cli/command.h"
#include "domain/authority/authority.h"
#include "settings/settings.h"

/** An instance (--home DIR, else $REFRENDA_HOME, else /etc/refrenda): its settings, database, packs, and a way to its
 * keeper: over the admin socket when the server runs, else a keeper inside this process. */
struct ca_home {
    struct settings *settings;
    struct packs *packs;
    struct store *store;
    struct keeper_client *keeper;  /* of keys/authority */
    struct keeper_client *signer;  /* of keys/signer-0 */
    bool live;                     /* the server runs */
    struct authority_domain domain; /* of these */
    struct arena arena;
    slice actor;                   /* "admin:root" */
    struct ca_home_keepers *own;   /* when it does not run */
};
enum ca_home_wants { CA_HOME_STORE = 1, CA_HOME_KEEPER = 2, CA_HOME_SIGNER = 4 };
rfd_status ca_home_open(const struct arguments *a, unsigned wants, struct ca_home *out, struct rfd_error *error);
/** Safe on a zeroed struct. */
void ca_home_close(struct ca_home *home);

/* ca_status.c, ca_certificates.c, ca_lists.c */
int ca_status(const struct arguments *a);
int ca_issue(const struct arguments *a);
int ca_renew(const struct arguments *a);
int ca_revoke(const struct arguments *a);
int ca_hold(const struct arguments *a);
int ca_release(const struct arguments *a);
int ca_search(const struct arguments *a);
int ca_crl(const struct arguments *a);
int ca_register(const struct arguments *a);

/* ca_ceremony.c: written plan, keys, certificates, record; ca_state.c: backup, restore, import */
int ca_init(const struct arguments *a);
int ca_sign_request(const struct arguments *a);
int ca_backup(const struct arguments *a);
int ca_restore(const struct arguments *a);
int ca_import(const struct arguments *a);

/* ca_log.c, audit.c: "ca log", "log verify", "audit verify", "audit list" */
int ca_log(const struct arguments *a);
int run_log(const struct arguments *a);
int run_audit(const struct arguments *a);

#endif
