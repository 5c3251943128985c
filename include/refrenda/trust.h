/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/trust.h: whom to believe. Trust anchors are given, never taken from the operating system's TLS roots. They
 * are believed as given, also after the end of their own validity period (RFC 5280 §6.1.1 (d)): take out what is not to
 * be believed any more.
 *
 * Fill a trust store first, then share it: many threads may use it at once, but not while something is added.
 */
#ifndef REFRENDA_TRUST_H
#define REFRENDA_TRUST_H

#include <refrenda/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rfd_trust;

/** No anchors yet: everything is untrusted. */
RFD_API rfd_status rfd_trust_new(struct rfd_trust **out, struct rfd_error *error) RFD_MUST_CHECK;
/**
 * Adds the certificates of a PEM or DER file, or of every such file of a folder (not recursive; other files are passed
 * over). Self-signed ones and CA certificates given here become anchors. RFD_E_TRUST_READ when nothing was found: an
 * unreadable trust list must never mean "trust nobody, quietly".
 */
RFD_API rfd_status rfd_trust_add_path(struct rfd_trust *trust, const char *path,
                                      struct rfd_error *error) RFD_MUST_CHECK;
/** Adds anchors from memory (PEM or DER). */
RFD_API rfd_status rfd_trust_add_anchors(struct rfd_trust *trust, rfd_slice certificates,
                                         struct rfd_error *error) RFD_MUST_CHECK;
/** Adds helpers for building paths; they are believed only when an anchor vouches for them. */
RFD_API rfd_status rfd_trust_add_intermediates(struct rfd_trust *trust, rfd_slice certificates,
                                               struct rfd_error *error) RFD_MUST_CHECK;
/** Adds a CRL (DER or PEM) to consult off line; it is checked like a fetched one. */
RFD_API rfd_status rfd_trust_add_crl(struct rfd_trust *trust, rfd_slice crl, struct rfd_error *error) RFD_MUST_CHECK;
RFD_API size_t rfd_trust_anchor_count(const struct rfd_trust *trust);
RFD_API void rfd_trust_free(struct rfd_trust *trust);

/**
 * How the library reaches the network. Replace it to go through a proxy process, a cache, or nothing. `body` is empty
 * for GET. The answer is made with rfd_bytes_new().
 */
struct rfd_fetcher {
    void *context;
    rfd_status (*fetch)(void *context, const char *url, rfd_slice body, const char *content_type, const char *accept,
                        size_t maximum, rfd_bytes *answer, struct rfd_error *error);
};
/** Memory for an answer, to be freed with rfd_bytes_free. */
RFD_API rfd_status rfd_bytes_new(size_t length, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
