/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time-stamp tokens (RFC 3161, RFC 5816, EN 319 422): asking a service, reading, and checking what a token says.
 */
#ifndef PKI_TIMESTAMP_H
#define PKI_TIMESTAMP_H

#include "pki/cms/cms.h"
#include "pki/fetch.h"

struct timestamp {
    struct cms cms;
    slice token;   /* the ContentInfo */
    rfd_time time; /* genTime */
    enum digest_id imprint_digest;
    slice imprint;
    slice serial;      /* INTEGER content */
    slice policy;      /* OID content */
    slice nonce;       /* INTEGER content, empty when absent */
    rfd_time accuracy; /* microseconds; 0 when absent */
};

/** Parses a token (zero padding allowed). Keeps slices into `bytes`. RFD_E_TSP, RFD_E_CMS, RFD_E_DER. */
rfd_status timestamp_parse(slice bytes, struct timestamp *out, struct rfd_error *error) RFD_MUST_CHECK;
void timestamp_dispose(struct timestamp *t);

/** Checks the token's own signature with the certificate inside it (t->cms.signer), its ESS attribute, and that its
 * imprint is `digest`. The TSA's path is not checked here. RFD_E_TSP naming what is wrong. */
rfd_status timestamp_verify(const struct timestamp *t, slice digest, struct rfd_error *error) RFD_MUST_CHECK;

/** A TimeStampReq with certReq TRUE. `nonce` may be empty; `policy` empty for the service's own. */
void timestamp_put_request(struct buf *b, enum digest_id id, slice digest, slice nonce, slice policy);
/** The token out of a TimeStampResp, checked against what was asked. RFD_E_TSP_REFUSED with status and failure in
 * words. */
rfd_status timestamp_read_response(slice response, enum digest_id id, slice digest, slice nonce, slice *token,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** Asks `url` and verifies the answer; the token is appended to `token`. */
rfd_status timestamp_fetch(const struct rfd_fetcher *fetcher, const char *url, enum digest_id id, slice digest,
                           struct buf *token, struct rfd_error *error) RFD_MUST_CHECK;

#endif
