/* SPDX-License-Identifier: EUPL-1.2
 *
 * The catalogues of registration (packs/registration.h) as they are in force here: the pack's entries, and what
 * administrators changed.
 */
#ifndef DOMAIN_CATALOGUE_H
#define DOMAIN_CATALOGUE_H

#include "domain/access/actor.h"
#include "domain/fault.h"
#include "domain/list/list.h"
#include "packs/registration.h"

struct catalogue_entry {
    slice country, catalogue, code;
    int64_t place;        /* order */
    bool closed, changed; /* changed: by an administrator */
    bool own;             /* an administrator added it: the pack has none of this code */
    slice es, ca, en;
    slice value;
};
/** The open ones (`all`: closed ones, too) in their order, in the transaction's arena. */
rfd_status catalogue_read(struct transaction *t, const struct packs *packs, slice country, const char *catalogue,
                          bool all, struct catalogue_entry **out, size_t *count,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND; closed ones are found. */
rfd_status catalogue_find(struct transaction *t, const struct packs *packs, slice country, const char *catalogue,
                          slice code, struct catalogue_entry *out, struct rfd_error *error) RFD_MUST_CHECK;
/** In a person's language. */
slice catalogue_title(const struct catalogue_entry *entry, slice language);
/** The `name` of its value ("payment=yes"): "yes"; empty: it has none. */
slice catalogue_value(const struct catalogue_entry *entry, const char *name);
/** Whether a list in its value ("kinds=issue,reissue") has `item`; true where the value says nothing. */
bool catalogue_has(const struct catalogue_entry *entry, const char *name, slice item);
/** The code of `out` is a literal "": it is the entry's. */
void catalogue_evidence(const struct catalogue_entry *entry, struct pack_evidence *out);
/** CATALOGUE_EDIT. Of place 0: where it is, or behind the last. Faults: "code", "es", "ca", "en", "value". */
rfd_status catalogue_put(struct transaction *t, const struct actor *actor, const struct packs *packs,
                         const struct catalogue_entry *entry, struct faults *faults,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The pack's own again; one that an administrator added is gone. RFD_E_STATE when the latter is used already: it can
 * be closed. Twice is once. */
rfd_status catalogue_reset(struct transaction *t, const struct actor *actor, const struct packs *packs, slice country,
                           const char *catalogue, slice code, struct rfd_error *error) RFD_MUST_CHECK;

#endif
