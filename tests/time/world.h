/* SPDX-License-Identifier: EUPL-1.2
 *
 * A small world with a clock of its own: authorities, persons, time-stamp services and OCSP responders made by OpenSSL
 * with any validity, who answer through struct rfd_fetcher at the world's time, and one document that is signed,
 * time-stamped, extended and verified in it. clock_fix() makes the library live at the same time.
 */
#ifndef TESTS_TIME_WORLD_H
#define TESTS_TIME_WORLD_H

#include "../unit/pki_maker.h"

#include <refrenda/verify.h>

enum member_kind { MEMBER_AUTHORITY, MEMBER_PERSON, MEMBER_CLOCK, MEMBER_RESPONDER };
enum { MEMBERS_MAXIMUM = 48, MEMBER_NAME_SIZE = 24, REASON_HOLD = 6 };

struct member {
    char name[MEMBER_NAME_SIZE];
    enum member_kind kind;
    struct member *issuer; /* itself: an anchor */
    struct made made;
    /* An authority's habits: */
    bool no_ocsp, no_crl;
    bool remembers;   /* archiveCutoff in its responses, expiredCertsOnCRL in its lists */
    rfd_time closed;  /* from then on its services do not answer */
    rfd_time frozen;  /* its answers stay those of this moment, RFD_TIME_NONE: they are fresh */
    rfd_time period;  /* from thisUpdate to nextUpdate */
    const char *weak; /* digest of its time stamps, NULL: SHA-256 */
    int accuracy;     /* that its time stamps state, in seconds; 0: none */
    /* Its own fate: */
    rfd_time revoked_known; /* when the authority learns of it; RFD_TIME_NONE */
    rfd_time revoked_at, invalid_from, released;
    int reason;
};

struct world {
    struct member members[MEMBERS_MAXIMUM];
    size_t count;
    rfd_time now;
    bool cut_off; /* nothing on line */
    struct buf document;
    struct rfd_fetcher fetcher;
};

/** An empty world and a one-page document. */
void world_begin(struct world *w);
void world_end(struct world *w);
/** Sets the clock of the world and of the library. */
void world_set_time(struct world *w, rfd_time moment);

/** The newest member of this name; stops the program when there is none. */
struct member *world_find(struct world *w, const char *name);
struct member_wish {
    enum member_kind kind;
    const char *name, *from, *to; /* ISO dates */
    const char *issuer;           /* NULL: an anchor */
    const char *digest;           /* of the issuer's signature, NULL: SHA-256 */
    int rsa_bits;                 /* 0: P-256 */
    bool nocheck, asks_itself;    /* of a responder: without pointers to its state; with one to its own answers */
    bool no_ocsp, no_crl, remembers;
};
struct member *world_add(struct world *w, const struct member_wish *wish);
/** All anchors. */
struct rfd_trust *world_trust(const struct world *w);
/** The member's key and chain, for signing. */
struct rfd_key *world_key(const struct member *m);

/** The list of `authority` as of now. */
X509_CRL *world_list(struct world *w, const struct member *authority);
/** An OCSPResponse of `authority` about `about` as of now. */
struct buf world_answer(struct world *w, const struct member *authority, const struct member *about);
/** A fetch function; `context` is the world. */
rfd_status world_fetch(void *context, const char *url, rfd_slice body, const char *content_type, const char *accept,
                       size_t maximum, rfd_bytes *answer, struct rfd_error *error);
/** A TimeStampResp of `service` to the request `body`. */
struct buf world_stamp(struct world *w, const struct member *service, slice body);

/** Whether `about` counts as revoked (or on hold) for someone who asks at `at`. */
bool member_is_revoked(const struct member *about, rfd_time at);

/* How a signature that our signer does not make comes to be. */
struct forgery {
    const char *digest;    /* NULL: SHA-256 */
    const char *stamps[3]; /* names of services; one with '!' at its end stamps something else */
    bool archival_list;    /* the list of the signer's authority in the CMS */
    const char *format;    /* "detached", "sha1" (adbe.pkcs7) or "rsa" (adbe.x509.rsa_sha1), NULL: CAdES */
    rfd_time claimed;      /* /M */
};
/** Signs the document as `m`, without any of the checks that our signer makes. */
void world_forge(struct world *w, const struct member *m, const struct forgery *f);

#define WORLD_NEED(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) world_stop(__FILE__, __LINE__, #condition);                                                  \
    } while (0)
_Noreturn void world_stop(const char *file, int line, const char *what);

#endif
