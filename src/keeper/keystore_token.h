/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of the built-in store whose private half is on a PKCS#11 token: the key's file holds the name of the token and
 * the id of the key on it, authenticated like the others; a token helper (token_helper.h) does what needs the key.
 * While its helper is not there, a key gives RFD_E_TOKEN; everything else goes on. Each signature of a token is
 * verified before it is handed out.
 */
#ifndef KEEPER_KEYSTORE_TOKEN_H
#define KEEPER_KEYSTORE_TOKEN_H

#include "keeper/keystore_internal.h"

enum { KEYSTORE_TOKENS = 16 };

/** Takes over `descriptor`, the (new) way to the helper of the token of this name. RFD_E_ARGUMENT, RFD_E_LIMIT. */
rfd_status keystore_token_attach(struct keystore *store, slice token, int descriptor,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/* ---- For keystore_files.c ---- */

struct token_link {
    char name[KEY_NAME_SIZE];
    struct channel *channel; /* NULL: the helper is gone */
    int64_t quiet_until;     /* it did not answer in time: it is not asked before this moment of channel_clock() */
};

/** Makes the key on the token that `d` names, and appends its public half. */
rfd_status token_key_generate(struct key_files *f, const struct key_description *d, struct buf *spki,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** How a key on a token signs; `*state` for stored_key. */
extern const struct stored_key_operations token_key_operations;
rfd_status token_key_open(struct key_files *f, const struct key_description *d, void **state,
                          struct rfd_error *error) RFD_MUST_CHECK;
void token_links_close(struct key_files *f);

#endif
