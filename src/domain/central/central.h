/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with keys that the personal keeper holds (spec 4). One core for the citizen's pages, portals and the CSC API:
 *
 *   enrolment   an agent's approval for central keys, by which its holder may make one for themselves
 *   portal      who sends people here: keys, addresses, quotas
 *   operation   documents to be signed by one person with one credential, and how far that is
 *
 * An operation's way, each step a function below; whoever dies in between leaves the state before:
 *
 *   waiting ── prepare ──► prepared ── activate ──► signed      every document has its result
 *      │                       │  ▲                 partly      some have
 *      │                       └──┘ again
 *      └─► cancelled (person or portal), expired (the worker), failed
 *
 * The database never has what could sign: no password, no code, no SAD. Signing itself is the personal keeper's
 * (personal/protocol.h); this floor prepares documents, relays what the browser encrypted, and keeps the results.
 */
#ifndef DOMAIN_CENTRAL_H
#define DOMAIN_CENTRAL_H

#include "base/language.h"
#include "base/zone.h"
#include "domain/access/actor.h"
#include "domain/authority/authority.h"
#include "domain/blob/blob.h"
#include "domain/fault.h"
#include "domain/list/list.h"
#include "personal/protocol.h"
#include "settings/settings.h"

/** What the functions work with; borrowed. */
struct central {
    struct store *store;
    struct keeper_client *keeper;   /* of the authority */
    struct keeper_client *personal; /* RFD_E_PEER_GONE while it is away */
    struct blob_store *blobs;
    const struct packs *packs;
    const struct settings *settings;     /* section central, status.url for time stamps, web.url */
    const char *spool;                   /* folder for files on their way */
    const struct rfd_language *language; /* of stamps and receipts; NULL: English */
    struct fonts *fonts;                 /* of receipts; NULL: opened for each */
    const struct zone *zone;             /* of what people read; NULL: UTC */
};
/* Where the links of mails lead; behind the second, an operation's token. */
#define CENTRAL_PAGE_CREDENTIALS "/certificados/central"
#define CENTRAL_PAGE_SIGNING     "/firmar/"

/* ---- Enrolments: enrolment.c ---- */

struct enrolment {
    int64_t id, person; /* person 0: not known here; of a seal: who answers for it */
    int64_t entity;     /* whose seal it allows; 0: it is a person's */
    slice holder;       /* serialNumber of its certificates ("IDCPE-00000201"), or organizationIdentifier of a seal's */
    slice profile;
    slice approvals[2]; /* SignedData of one agent or two */
    size_t approval_count;
    rfd_time time, ends;
};
/** An agent's signed approval whose key is "central": what it says is read from it; the keepers check it again when it
 * is used. Called by registration's approval of an applicant with `central`. Tells the person. RFD_E_APPROVAL. */
rfd_status central_enrol(struct transaction *t, const struct actor *actor, int64_t person, const slice *approvals,
                         size_t count, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** The newest one in force; id 0: none. */
rfd_status central_enrolment_of(struct transaction *t, slice holder, rfd_time now, struct enrolment *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Those in force by which the person may make seals of entities: of each entity the newest, in the transaction's
 * arena.
 */
rfd_status central_seal_enrolments(struct transaction *t, int64_t person, rfd_time now, struct enrolment **out,
                                   size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Holder of whoever is signed in: the serialNumber of their certificates. */
rfd_status central_holder_of(struct transaction *t, const struct packs *packs, int64_t person, slice *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Credentials: credential.c. What the personal keeper says, beside the register of certificates ---- */

struct central_credential {
    char id[PERSONAL_ID_SIZE];
    char holder[PERSONAL_HOLDER_SIZE];
    slice profile, algorithm, spki, certificate; /* certificate empty: not issued yet */
    enum personal_state state;
    rfd_time created, not_before, not_after;
    int64_t registered; /* id in the register; 0: none */
    bool revoked, held; /* by the register */
    unsigned passwords_left;
    rfd_time codes_refused_until; /* 0: they are not */
    enum personal_channel channel;
    slice masked_mobile, masked_mail;
    bool entity; /* an entity's seal, which signs with the password alone (domain/central/entity_seal.h), */
    bool code;   /* or with a code, too, that goes to the mobile */
    /** Who looks after a seal: whom agents approved for it, and who made its key by that. 0: a person's own credential.
     */
    int64_t keeper_person;
};
/** Whether it can sign now. */
bool central_credential_is_usable(const struct central_credential *c, rfd_time now);
/** In `a`; the newest first. Of an entity: whoever looks after them. */
rfd_status central_credentials(const struct central *c, struct arena *a, slice holder, struct central_credential **out,
                               size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

/** The seals of entities that the person looks after, in `a`; the newest first of each entity. */
rfd_status central_kept_seals(const struct central *c, const struct actor *actor, struct arena *a,
                              struct central_credential **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

/** Whoever's it is, in `a`: who asks has found out already that it may be used. RFD_E_NOT_FOUND. */
rfd_status central_credential_show(const struct central *c, slice id, struct arena *a, struct central_credential *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

/** An authorisation that was begun with the personal keeper, for the page and its script. */
struct central_authorisation {
    uint8_t operation[PERSONAL_OPERATION_SIZE], nonce[PERSONAL_NONCE_SIZE];
    rfd_time ends, again;
    unsigned proofs; /* enum personal_proof */
    enum personal_channel channel;
    slice address;              /* masked */
    slice text;                 /* of the operation (personal/operation.h) */
    slice point;                /* activation key: SubjectPublicKeyInfo */
    slice encapsulated, sealed; /* kind totp: the secret for the browser */
};
struct central_proofs {
    slice encapsulated, sealed; /* what the browser encrypted */
};
/* What people do with their own credentials, and with the seals that they look after: each begins an authorisation, and
 * is done when it is activated. RFD_E_NOT_FOUND of others. */
rfd_status central_generate_begin(const struct central *c, const struct actor *actor, struct arena *a, slice language,
                                  struct central_authorisation *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The same for a seal, by an enrolment of central_seal_enrolments(): RFD_E_NOT_FOUND of another. */
rfd_status central_generate_seal_begin(const struct central *c, const struct actor *actor, struct arena *a,
                                       int64_t enrolment, slice language, struct central_authorisation *out,
                                       struct rfd_error *error) RFD_MUST_CHECK;
/** Makes the key, has the certificate issued under the enrolment's approval, and gives it to the credential. Killed
 * halfway, central_generate_finish() goes on from the credential that waits. */
rfd_status central_generate(const struct central *c, const struct actor *actor, struct arena *a,
                            const uint8_t *operation, const struct central_proofs *proofs,
                            char credential[PERSONAL_ID_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** The same for a credential whose key was made and whose certificate is not there; twice is once. */
rfd_status central_generate_finish(const struct central *c, slice credential, struct rfd_error *error) RFD_MUST_CHECK;
/** kind: "password", "mobile" (with the new one), "totp" (with the browser's point), "destroy". */
rfd_status central_change_begin(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                                slice kind, slice mobile, slice point, slice language,
                                struct central_authorisation *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status central_change(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                          const uint8_t *operation, const struct central_proofs *proofs,
                          struct rfd_error *error) RFD_MUST_CHECK;
struct central_progress {
    enum personal_progress state;
    enum personal_delivery delivery;
    rfd_time ends, again;
    unsigned codes_left, passwords_left, signed_hashes;
};
rfd_status central_progress(const struct central *c, const uint8_t *operation, bool send_again,
                            struct central_progress *out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The holder's log: log.c ---- */

/** The end of a log, as the attestation key signed it (personal/holder_log.h). */
struct central_log {
    uint64_t total; /* events in all */
    uint8_t head[32], signature[256];
    size_t signature_size;
};
/** Gives the events behind the first `after` to `put`, piece by piece: lines of JSON, each ended. Of one's own, or a
 * seal that one looks after: RFD_E_NOT_FOUND. What comes while it is read comes with it, and `log` is its end. */
typedef rfd_status central_log_put(void *context, slice lines, struct rfd_error *error);
rfd_status central_log_read(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                            uint64_t after, struct central_log *log, central_log_put *put, void *context,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The key that signs its end: SubjectPublicKeyInfo. */
rfd_status central_log_key(const struct central *c, struct arena *a, slice *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Portals: portal.c ---- */

enum { PORTAL_ADDRESSES = 16, PORTAL_ADDRESS_MAXIMUM = 1000, PORTAL_NAME_MAXIMUM = 120 /* octets */ };
struct portal {
    int64_t id, entity;
    slice name;             /* as people see it */
    slice client;           /* client_id */
    slice key;              /* SubjectPublicKeyInfo: private_key_jwt, statements; empty: none */
    slice certificate_hash; /* SHA-256 of the TLS client certificate, hexadecimal; empty: none */
    slice secret_hash;      /* of a client_secret, for CSC clients that have no key; empty: none */
    bool secret_stays;      /* portal_put(): the secret is the one that it has then; secret_hash is no matter */
    slice returns[PORTAL_ADDRESSES]; /* where people may be sent back to: exact addresses */
    size_t return_count;
    slice webhook; /* address; empty: none */
    int64_t quota; /* operations a day; 0: no limit */
    bool closed;
    rfd_time created;
};
rfd_status portal_put(struct transaction *t, const struct actor *actor, const struct portal *portal,
                      struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status portal_close(struct transaction *t, const struct actor *actor, int64_t id,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status portal_find(struct transaction *t, int64_t id, struct portal *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status portal_by_client(struct transaction *t, slice client, struct portal *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
extern const struct list_definition portal_list;

/* ---- Operations: operation.c, prepare.c, sign.c ---- */

enum { SIGNING_DOCUMENTS = 50, SIGNING_TOKEN_SIZE = 44 };
enum signing_state {
    SIGNING_NONE,
    SIGNING_WAITING,
    SIGNING_PREPARED,
    SIGNING_SIGNED,
    SIGNING_PARTLY,
    SIGNING_CANCELLED,
    SIGNING_EXPIRED,
    SIGNING_FAILED
};
const char *signing_state_name(enum signing_state state);
const char *signing_state_title(enum signing_state state); /* N_() */
const char *signing_state_tone(enum signing_state state);

/** Where the visible stamp of a document goes: whole millimetres on the page as it is seen, from its upper left corner.
 */
struct signing_place {
    enum { SIGNING_PLACE_FREE, SIGNING_PLACE_ANCHOR, SIGNING_PLACE_POSITION } kind;
    unsigned page;   /* 0: what the operation says; beyond the last one: the last one */
    unsigned anchor; /* enum rfd_anchor */
    unsigned x, y;   /* of the stamp's upper left corner; moved onto the page where it is smaller */
    bool own;        /* of this document alone: what is chosen for all of them leaves it as it is */
};
struct signing_document {
    int64_t id;
    unsigned place; /* from 1 */
    slice title;
    slice blob; /* what was handed in: hexadecimal SHA-256, which is what people see */
    uint64_t size;
    unsigned pages;
    slice result;  /* blob of the signed document; empty: none */
    slice failure; /* why there is none: rfd_status's name; empty */
    struct signing_place stamp;
};
struct signing_options {
    enum { SIGNING_B_B, SIGNING_B_T, SIGNING_B_LT, SIGNING_B_LTA } level;
    bool visible;
    slice page; /* "first", "last", or a number; empty: last */
    slice reason, location;
};
struct signing {
    int64_t id, portal, account, person; /* portal 0: our own pages; account 0: nobody has come yet */
    slice token;                         /* in the address people follow; single operation, guessed by nobody */
    slice holder;                        /* who has to sign; empty: whoever signs in */
    slice purpose;                       /* what it is for, as the portal says */
    slice reference;                     /* the portal's own number; empty: none */
    slice statement; /* the portal's signature of what it wants signed (JWS), for the personal keeper; empty: none */
    enum signing_state state;
    struct signing_options options;
    slice return_address, error_address; /* registered ones of the portal */
    slice credential;
    bool own_key; /* prepared for, or signed with, a key that its owner opened in the browser (own_key.h) */
    rfd_time created, ends, concluded;
    struct signing_document *documents;
    size_t count;
};
/** Number of pages of a document that is handed in; the failure is why it cannot be signed. look.c */
rfd_status signing_look(slice document, unsigned *pages, struct rfd_error *error) RFD_MUST_CHECK;
/** A new operation; documents are blobs that are recorded in the same transaction, PDF that can be signed (what cannot
 * is a fault of "document-N" with the reason). Addresses must be the portal's. `wanted->ends` 0: after 24 hours (who
 * calls has the settings: central.operation_hours). More than the portal's quota: RFD_E_SLOW_DOWN. */
rfd_status signing_new(struct transaction *t, const struct actor *actor, const struct portal *portal,
                       const struct signing *wanted, struct faults *faults, struct signing *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** By the token of the address, in a transaction that writes. Whoever is signed in takes it at first; another person:
 * RFD_E_NOT_FOUND, or RFD_E_FORBIDDEN when the portal named its holder. */
rfd_status signing_open(struct transaction *t, const struct actor *actor, slice token, struct signing *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Without taking it: for who is not signed in yet (title of portal and documents), and the portal itself. */
rfd_status signing_find(struct transaction *t, slice token, struct signing *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Prepares every document for this credential's certificate (files of the spool, sessions in the database) and begins
 * the authorisation. Costs time; outside of transactions. */
rfd_status signing_prepare(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                           slice credential, enum personal_channel channel, slice language,
                           struct central_authorisation *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Activates, signs, embeds each, and keeps the results; sent twice, it is signed once, and the second gets the result
 * of the first. What was embedded stays, whatever fails afterwards. */
rfd_status signing_sign(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        const uint8_t *operation, const struct central_proofs *proofs, struct signing *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status signing_cancel(struct transaction *t, const struct actor *actor, slice token,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: those whose time is over; files of the spool that nobody needs. */
rfd_status signing_tick(const struct central *c, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;
/** A sealed PDF: portal, documents and their hashes, certificate, times, end of the holder's log; made anew each time.
 * Asks both keepers: in a transaction that only reads. RFD_E_STATE before something is signed. */
rfd_status signing_receipt(const struct central *c, struct transaction *t, const struct signing *signing,
                           struct buf *pdf, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Where the stamp goes: stamp_place.c ---- */

enum { SIGNING_STAMP_WIDTH = 70, SIGNING_STAMP_HEIGHT = 25, SIGNING_PLACE_MOST = 10000 }; /* millimetres */

/** Whether the one who signs chooses it: there is a stamp, and no portal has said which page. */
bool signing_has_place(const struct signing *signing);
/** The page that it goes to without a choice, of a document of so many pages, from 1. */
unsigned signing_page(const struct signing *signing, unsigned pages);
struct signing_spot {
    unsigned page;        /* from 1 */
    double x, y;          /* millimetres, where the stamp will be */
    double width, height; /* millimetres, of the page */
};
/** Where it will be in this document: what signing does later, without it. RFD_E_STAMP_OUTSIDE, _STAMP_OVERLAP,
 * _STAMP_NO_ROOM. `exact`: what lies off the page is not moved onto it. Costs time; outside of transactions. */
rfd_status signing_place_find(const struct central *c, struct arena *a, const struct signing *signing,
                              const struct signing_document *document, bool exact, struct signing_spot *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** For one document (its number, from 1; `place` NULL: the same as the others), or for all that have none of their own
 * (0). What was prepared before is of no use any more, and
 * has to be prepared again. RFD_E_ARGUMENT for what is no place, RFD_E_NOT_FOUND for somebody else's and for a document
 * that is not there, RFD_E_STATE when it is concluded, being signed, or has no place to be chosen. */
rfd_status signing_place_put(const struct central *c, const struct actor *actor, slice token, unsigned document,
                             const struct signing_place *place, struct rfd_error *error) RFD_MUST_CHECK;

extern const struct list_definition signing_list;        /* of a person */
extern const struct list_definition portal_signing_list; /* of a portal, for who administers portals; filter "portal" */

#endif
