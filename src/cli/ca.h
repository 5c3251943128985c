/* SPDX-License-Identifier: EUPL-1.2
 *
 * "refrenda ca ...": what the people who run an authority do. Each subcommand is a row of a table (ca.c) and a function
 * in the file of its family.
 */
#ifndef CLI_CA_H
#define CLI_CA_H

#include "cli/command.h"
#include "domain/authority/authority.h"
#include "keeper/keystore.h"
#include "settings/settings.h"

/** An instance (--home DIR, else $REFRENDA_HOME, else /etc/refrenda): its settings, database, packs, and a way to its
 * keeper: over the admin socket when the server runs, else a keeper inside this process. */
struct ca_home {
    struct settings *settings;
    struct packs *packs;
    struct store *store;
    struct keeper_client *keeper;   /* of keys/authority */
    struct keeper_client *signer;   /* of keys/signer-0 */
    struct keeper_client *personal; /* of keys/personal; NULL: the instance has none */
    bool live;                      /* the server runs */
    struct authority_domain domain; /* of these */
    struct arena arena;
    slice actor;                 /* "admin:root" */
    struct ca_home_keepers *own; /* when it does not run */
};
enum ca_home_wants { CA_HOME_STORE = 1, CA_HOME_KEEPER = 2, CA_HOME_SIGNER = 4, CA_HOME_PERSONAL = 8 };
rfd_status ca_home_open(const struct arguments *a, unsigned wants, struct ca_home *out, struct rfd_error *error);
/** Makes a store for people's keys and opens it: home->personal. Only while no server runs. RFD_E_STATE. */
rfd_status ca_home_make_personal(const struct arguments *a, struct ca_home *home, struct rfd_error *error);
/** Safe on a zeroed struct. */
void ca_home_close(struct ca_home *home);
/** "admin:" and the user's name, in the arena. */
rfd_status ca_home_actor(struct arena *arena, slice *out, struct rfd_error *error);

int ca_status(const struct arguments *a); /* ca_status.c */
int ca_issue(const struct arguments *a);  /* ca_issue.c */
int ca_renew(const struct arguments *a);
int ca_revoke(const struct arguments *a); /* ca_change.c */
int ca_hold(const struct arguments *a);
int ca_release(const struct arguments *a);
int ca_list(const struct arguments *a); /* ca_list.c */
int ca_show(const struct arguments *a);
int ca_crl(const struct arguments *a);      /* ca_crl.c */
int ca_clock(const struct arguments *a);    /* ca_clock.c */
int ca_register(const struct arguments *a); /* ca_register.c */
int ca_unregister(const struct arguments *a);

/* ca_common.c */
/** The issuing authority named by --authority, or the only one. RFD_E_NOT_FOUND, RFD_E_ARGUMENT when there are several.
 */
rfd_status ca_find_authority(struct ca_home *home, const char *name, struct authority *out, struct rfd_error *error);
/** The certificate whose serial number begins with these hexadecimal digits. RFD_E_NOT_FOUND; RFD_E_ARGUMENT when there
 * are several. */
rfd_status ca_find_certificate(struct ca_home *home, const char *digits, struct certificate_row *out,
                               struct rfd_error *error);
/** Tells the error and returns the exit status. */
int ca_exit(const char *about, const struct rfd_error *error);
/** For listings: hexadecimal digits of at most 20 octets. Returns `text`. */
enum { CA_SERIAL_SIZE = 41 };
const char *ca_serial_text(slice serial, char text[CA_SERIAL_SIZE]);
/** A slice as printable text for printf's %s; "" when memory lacks. In the arena. */
const char *ca_text(struct arena *a, slice s);
enum { CA_FILE_MAXIMUM = 1 << 16 };
/** Appends the first object of a file of at most `maximum` octets, PEM or DER, as DER. */
rfd_status ca_read_object(const char *path, size_t maximum, struct buf *out, struct rfd_error *error);
/** The first certificate of a file, PEM or DER. Not borrowed. */
rfd_status ca_read_certificate(const char *path, const struct certificate **out, struct rfd_error *error);
/** Asks on the terminal; false unless the answer is yes. Without a terminal, --yes is needed. */
bool ca_confirm(const struct arguments *a, const char *question);

/* ca_ceremony.c: written plan, keys, certificates, record; ca_state.c: backup, restore; ca_import.c */
int ca_init(const struct arguments *a);
int ca_sign_request(const struct arguments *a);
int ca_backup(const struct arguments *a);
int ca_restore(const struct arguments *a);
int ca_import(const struct arguments *a);

int ca_log(const struct arguments *a); /* ca_log.c; see audit.h for "log ..." and "audit ..." */

#endif
