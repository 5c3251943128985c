/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log of all certificates that were issued, as a Merkle tree (RFC 6962 §2.1). A leaf's data is the SHA-256 of the
 * certificate: the log shows that nothing was issued in secret, and shows nobody's name. Issuing only notes that a
 * certificate waits (transparency_put); one sequencer at a time appends.
 *
 * A tree head is signed by a log key of the keeper, which never signs two roots for one size, nor a smaller tree.
 */
#ifndef DOMAIN_TRANSPARENCY_H
#define DOMAIN_TRANSPARENCY_H

#include "keeper/client.h"
#include "store/store.h"

enum { TRANSPARENCY_HASH_SIZE = 32, TRANSPARENCY_PROOF_MAXIMUM = 64 };

/** Within the transaction that stores the certificate; `hash` is its SHA-256. */
rfd_status transparency_put(struct transaction *t, int64_t certificate, const uint8_t hash[TRANSPARENCY_HASH_SIZE],
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Appends what waits, at most `limit`. Safe for two at once: one waits. */
rfd_status transparency_sequence(struct store *store, size_t limit, size_t *done,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Has the head signed when the tree grew, or the last one is older than `age`. */
rfd_status transparency_sign_head(struct store *store, struct keeper_client *keeper, const char *log_key, rfd_time age,
                                  struct rfd_error *error) RFD_MUST_CHECK;

struct tree_head {
    uint64_t size;
    rfd_time time; /* whole milliseconds (RFC 6962 §3.5), in microseconds like all times */
    uint8_t root[TRANSPARENCY_HASH_SIZE];
    slice algorithm; /* AlgorithmIdentifier */
    slice signature; /* over TreeHeadSignature's content */
};
enum { TREE_HEAD_CONTENT_SIZE = 50 };
/** What is signed (RFC 6962 §3.5). */
void tree_head_content(const struct tree_head *head, uint8_t out[TREE_HEAD_CONTENT_SIZE]);
/** Whether the key (SubjectPublicKeyInfo) signed it. RFD_E_SIGNING when it did not, RFD_E_KEY_WEAK, _KEY_ALGORITHM. */
rfd_status tree_head_verify(const struct tree_head *head, slice spki, struct rfd_error *error) RFD_MUST_CHECK;
/** The newest head that was signed; slices in `a`. RFD_E_NOT_FOUND before the first. */
rfd_status transparency_head(struct store *store, struct arena *a, struct tree_head *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** The public key of the newest head (SubjectPublicKeyInfo), in `a`. RFD_E_NOT_FOUND before the first. */
rfd_status transparency_key(struct store *store, struct arena *a, slice *spki, struct rfd_error *error) RFD_MUST_CHECK;
struct transparency_counts {
    uint64_t size, waiting;
};
rfd_status transparency_count(struct store *store, struct transparency_counts *out,
                              struct rfd_error *error) RFD_MUST_CHECK;

struct tree_proof {
    uint64_t index; /* of inclusion */
    size_t count;
    uint8_t hashes[TRANSPARENCY_PROOF_MAXIMUM][TRANSPARENCY_HASH_SIZE];
};
/** Of the certificate with this SHA-256 in the tree of `size` leaves (RFC 6962 §2.1.1). RFD_E_NOT_FOUND when that tree
 * does not have it, or never was. */
rfd_status transparency_inclusion(struct store *store, const uint8_t hash[TRANSPARENCY_HASH_SIZE], uint64_t size,
                                  struct tree_proof *out, struct rfd_error *error) RFD_MUST_CHECK;
/** RFC 6962 §2.1.2. RFD_E_NOT_FOUND when a tree of that size never was. */
rfd_status transparency_consistency(struct store *store, uint64_t from, uint64_t to, struct tree_proof *out,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the leaves' data, 32 octets each, from index `from`, at most `limit`; nothing behind the end. */
rfd_status transparency_leaves(struct store *store, uint64_t from, size_t limit, struct buf *out,
                               struct rfd_error *error) RFD_MUST_CHECK;

#endif
