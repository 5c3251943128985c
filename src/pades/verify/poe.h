/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proofs of existence (EN 319 102-1 §5.6.2.3): since when each signature, certificate, response and list certainly
 * exists. What proves is a document time stamp that was found good (a mark): its time, and the revision of which it
 * covers every byte. What is proven needs a mark of at least a certain revision: the first one in which a document
 * security store holds the object, or the one after the signature that carries it, since a time stamp's own /Contents
 * is all that it does not cover. An object without a mark is proven for now only.
 *
 * Signature time stamps prove nothing but their signature and have no place here.
 */
#ifndef PADES_POE_H
#define PADES_POE_H

#include "base/map.h"

struct poe {
    rfd_time time;    /* it existed then: with the time stamp's accuracy added */
    rfd_time stated;  /* what the time stamp says */
    size_t signature; /* whose time stamp it is: an index into the signatures */
};
struct poe_mark {
    size_t revision;
    struct poe proof;
    struct poe earliest; /* of this mark and those of later revisions */
};
struct poe_object {
    uint8_t fingerprint[32];
    size_t from;
};
/** A zeroed struct is empty. */
struct poe_set {
    struct poe_mark *marks; /* from the last revision to the first */
    size_t mark_count, mark_capacity;
    struct poe_object *objects;
    size_t object_count, object_capacity;
    struct map index; /* first eight bytes of a fingerprint → index of the object */
};
void poe_dispose(struct poe_set *set);
/** A good time stamp over everything up to `revision`. */
rfd_status poe_add_mark(struct poe_set *set, size_t revision, const struct poe *proof,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** An object that marks of `from` or later prove; of several calls the lowest counts. */
rfd_status poe_add_object(struct poe_set *set, const uint8_t fingerprint[32], size_t from,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The earliest proof by marks of `from` or later; false when there is none. */
bool poe_from(const struct poe_set *set, size_t from, struct poe *out);
bool poe_of(const struct poe_set *set, const uint8_t fingerprint[32], struct poe *out);

#endif
