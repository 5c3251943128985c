/* SPDX-License-Identifier: EUPL-1.2
 *
 * For the tests of signing: an authority with its CRL, a signer, a time-stamp service behind a fetcher, small
 * documents, and a check of signatures that looks at the bytes.
 */
#ifndef TESTS_SIGN_SUPPORT_H
#define TESTS_SIGN_SUPPORT_H

#include "pdf_support.h"
#include "pki_fixture.h"

#include "pades/sign/validation_data.h"
#include <refrenda/sign.h>

struct sign_world {
    struct identity authority, signer, tsa;
    struct rfd_key *key;
    struct rfd_trust *trust;       /* the authority, and its CRL */
    struct rfd_trust *without_crl; /* the authority alone */
    struct rfd_fetcher fetcher;    /* answers http://tsa.example/ with openssl, nothing else */
    unsigned timestamps;           /* how many it gave */
    bool tsa_down;
    bool long_tokens; /* longer than what is reserved at first */
};
extern struct sign_world world;

/** Group set-up and tear-down. The signer has a P-256 key. */
int world_set_up(void **state);
int world_tear_down(void **state);
/** Options with the world's key. */
struct rfd_sign_options world_options(void);
/** The same for a level, with time stamps, trust and no other network. */
struct rfd_sign_options world_options_at(enum rfd_level level);
/** A key of another kind, whose certificate the authority issued. `identity` is freed by the caller. */
struct rfd_key *world_key(const char *kind, struct identity *identity);

/** A page and what `catalog` and `page` add to their dictionaries; `more` are further objects from number 4 on. */
void document_make(struct buf *out, const char *catalog, const char *page, const char *const *more, size_t count);

/** Signs `input` in memory; `out` (initialised here) gets input and update. */
rfd_status sign_bytes(const struct buf *input, const struct rfd_sign_options *options, struct buf *out,
                      struct rfd_error *error);
/** The same, which must succeed, and whose result must begin with the input. */
void sign_good(const struct buf *input, const struct rfd_sign_options *options, struct buf *out);

/** A result opened strictly, with its signatures read. */
struct signed_document {
    struct source *source;
    struct sign_run run; /* only source, doc, view and place are used */
    struct signed_items all;
};
void signed_open(slice bytes, const char *password, struct signed_document *d);
void signed_close(struct signed_document *d);
/** The signature of a field, whose ByteRange, digest and CMS must be right; `whole`: it covers the file to its end. */
const struct signed_item *signed_check(struct signed_document *d, const char *field, bool whole);

#endif
