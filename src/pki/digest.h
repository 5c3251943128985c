/* SPDX-License-Identifier: EUPL-1.2
 *
 * Digest algorithms by name, and running digests that can be copied half way (each byte of a document is hashed once
 * however many signatures cover it).
 */
#ifndef PKI_DIGEST_H
#define PKI_DIGEST_H

#include "pki/der.h"
#include <refrenda/key.h>

enum digest_id {
    DIGEST_NONE,
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA224,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_SHA3_256,
    DIGEST_SHA3_384,
    DIGEST_SHA3_512,
    DIGEST_SHAKE256_512, /* RFC 8419: Ed448's */
    DIGEST_COUNT
};
enum { DIGEST_SIZE_MAXIMUM = 64 };

const char *digest_name(enum digest_id id); /* "SHA-256" */
size_t digest_size(enum digest_id id);
enum digest_id digest_from_oid(slice oid);
slice digest_oid(enum digest_id id);
/** From "sha256", "SHA-256", ...; DIGEST_NONE when unknown. */
enum digest_id digest_from_name(slice name);
enum digest_id digest_from_public(enum rfd_digest digest);
/** May sign or be relied on at all today: SHA-2 of 256 bits or more, SHA-3, SHAKE. */
bool digest_is_strong(enum digest_id id);
/** An AlgorithmIdentifier: parameters absent (RFC 5754 §2). */
void digest_put_algorithm(struct buf *b, enum digest_id id);

struct digest; /* running */
rfd_status digest_start(enum digest_id id, struct digest **out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status digest_add(struct digest *d, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;
/** An independent copy at this point. */
rfd_status digest_fork(const struct digest *d, struct digest **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes digest_size() bytes; the digest can only be freed afterwards. */
rfd_status digest_finish(struct digest *d, uint8_t *out, struct rfd_error *error) RFD_MUST_CHECK;
void digest_free(struct digest *d);
rfd_status digest_of(enum digest_id id, slice bytes, uint8_t *out, struct rfd_error *error) RFD_MUST_CHECK;

struct evp_md_st; /* OpenSSL's EVP_MD, fetched once; never freed by callers */
const struct evp_md_st *digest_md(enum digest_id id);

#endif
