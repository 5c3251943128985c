/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents that are signed on the spot, and what is expected of their verification.
 */
#ifndef TESTS_VERIFY_FIXTURE_H
#define TESTS_VERIFY_FIXTURE_H

#include "pki_fixture.h"

#include <refrenda/sign.h>
#include <refrenda/verify.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** A list of a minute ago, good for 30 days; `revoked` (or NULL) was revoked `when` seconds from now. */
struct buf crl_new(const struct identity *issuer, const struct identity *revoked, long when);
struct buf crl_of_age(const struct identity *issuer, const struct identity *revoked, long when, long age);
/** One anchor and its list (or NULL). */
struct rfd_trust *trust_new(const struct identity *root, const struct buf *crl);
/** One page with a stream of `size` bytes and a classical cross-reference table. */
struct buf pdf_new(size_t size);
/** The document with its update. Fails the test when it cannot be signed. */
struct buf pdf_sign_with(const struct buf *document, const struct rfd_sign_options *options);
struct buf pdf_sign(const struct buf *document, struct rfd_key *key, int certify);

/** The folder with a fuzz target's seeds. */
const char *seed_folder(const char *target);

/** Off line. */
rfd_status verify_at(slice bytes, const struct rfd_trust *trust, rfd_time at, struct rfd_verification **out,
                     struct rfd_error *error);
/** Now; fails the test on an error. */
struct rfd_verification *verify(slice bytes, const struct rfd_trust *trust);
void print_findings(const struct rfd_signature_report *s);
void expect(const struct rfd_signature_report *s, enum rfd_indication indication, enum rfd_sub_indication sub);
/** The document has one signature, which comes to this. */
void expect_one(slice bytes, const struct rfd_trust *trust, rfd_time at, enum rfd_indication indication,
                enum rfd_sub_indication sub);
bool has_finding(const struct rfd_signature_report *s, enum rfd_finding_code code);

#endif
