/* SPDX-License-Identifier: EUPL-1.2
 *
 * The client's side of KEEPER_LIST_REGISTERED: all of them, page by page.
 */
#ifndef KEEPER_REGISTERED_LIST_H
#define KEEPER_REGISTERED_LIST_H

#include "keeper/client.h"

struct registered_item {
    enum keeper_registered kind;
    slice name, profiles; /* profiles: separated by commas */
    slice proof;          /* certificate, or a service's SubjectPublicKeyInfo */
};
/** Called with each, by kind and name, until it fails; the slices live until it returns. */
typedef rfd_status registered_each(void *context, const struct registered_item *item, struct rfd_error *error);
/** As keeper_client_ask(). */
rfd_status registered_list_all(struct keeper_client *keeper, registered_each *each, void *context,
                               struct rfd_error *error) RFD_MUST_CHECK;

#endif
