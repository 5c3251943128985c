/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certification authority: authorities, the certificates they issued, and what became of these. Every function is
 * one transaction (or says otherwise), writes its audit row, and checks the state machine (certificate_states.def).
 *
 * Who may do what is decided above; what a certificate looks like, and whether it may be issued at all, is the keeper's
 * decision. The order of issuing: the keeper writes its journal, then signs; the certificate is stored; only then is
 * it handed out. What was signed and not stored (a crash between both) is found by authority_reconcile().
 */
#ifndef DOMAIN_AUTHORITY_H
#define DOMAIN_AUTHORITY_H

#include "base/arena.h"
#include "keeper/client.h"
#include "packs/packs.h"
#include "pki/authority/responder.h"
#include "store/store.h"

struct authority_domain {
    struct store *store;
    struct keeper_client *keeper; /* NULL where nothing is signed */
    const struct packs *packs;
};

/* ---- Authorities ---- */

enum { AUTHORITY_NAME_SIZE = 41 };
struct authority {
    int64_t id;
    slice name;        /* as in the plan: "emisora-1" */
    slice certificate; /* DER */
    slice key;         /* the keeper's name of its key; empty: off line (a root) */
    slice policy;      /* as bound to the key (authority_policy.h) */
    int64_t parent;    /* 0: a root */
    slice ocsp_key;    /* the signers' name of its responder's key; empty: none */
    slice ocsp_certificate;
};
struct authority_list {
    const struct authority *items;
    size_t count;
};
/** All of them, by id; in `a`. */
rfd_status authority_list(struct authority_domain *d, struct arena *a, struct authority_list *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Adds one (`id` is filled in). RFD_E_STORE_CONFLICT for a name or key that is there. */
rfd_status authority_add(struct authority_domain *d, slice actor, struct authority *authority,
                         struct rfd_error *error) RFD_MUST_CHECK;
rfd_status authority_set_responder(struct authority_domain *d, slice actor, int64_t authority, slice key,
                                   slice certificate, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Certificates ---- */

enum certificate_state {
    CERTIFICATE_NONE,
#define CERTIFICATE_STATE(name, text, number) CERTIFICATE_##name = number,
#include "domain/authority/certificate_states.def"
#undef CERTIFICATE_STATE
};
const char *certificate_state_name(enum certificate_state state); /* "valid", "held", "revoked", "expired" */

/** A certificate of the register; slices in the arena it was read into. */
struct certificate_row {
    int64_t id;
    int64_t authority;
    slice serial; /* INTEGER content octets */
    slice profile;
    slice subject;    /* for people: "Ana Quispe Mamani (IDCPE-70000016)" */
    slice subject_id; /* the serialNumber or organizationIdentifier attribute; empty: none */
    slice mail;       /* first rfc822Name or the registration's; empty: none */
    rfd_time not_before, not_after, issued_at;
    enum certificate_state state;
    rfd_time revoked_at, invalid_since; /* RFD_TIME_NONE */
    int reason;                         /* RFC 5280 §5.3.1 */
    uint32_t partition;
    slice der;
    slice asked;   /* SHA-256 of the request it came of, when it is entered; not read again */
    slice request; /* the approval's number; empty for services */
    slice client;  /* authority_issue.client: who asked for it; empty: none */
};

/** Work of who ordered, in the transaction that enters the certificate. */
typedef rfd_status authority_also(struct transaction *t, const struct certificate_row *row, void *context,
                                  struct rfd_error *error);
struct authority_issue {
    slice actor;
    slice client;      /* who sends it; idempotency keys are his own */
    slice client_hash; /* SHA-256 of the certificate that is looked for again: RFD_E_FORBIDDEN when he has it no more,
                          or is disabled; empty: who asks has seen to that */
    slice idempotency; /* empty: none */
    int64_t authority;
    slice key;  /* empty; or the authority's key, of who has just seen that the authority has it, that the public key is
                   free, and that the idempotency key is new: then that is seen to when it is stored, only */
    slice spki; /* proof of possession was checked by who took the request (request_verify) */
    const slice *approvals;
    size_t approval_count;
    slice attestation, attestation_signature; /* of the personal keeper, when the approval's key is "central" */
    /* NULL, or what is stored together with the certificate, which saves a commit. It stands back: where it fails, or
     * the certificate was there, `*also_done` is false, and the certificate is stored all the same. Not of those that
     * nobody waits for. */
    authority_also *also;
    void *also_context;
    bool *also_done;
};
/** Issues, stores, hands out; `again` says that the same idempotency key had its certificate before (the request must
 * be the same, else RFD_E_IDEMPOTENCY). A public key that another person's certificate has, or that was revoked for
 * compromise, is RFD_E_KEY_REUSED. As the keeper refuses; RFD_E_PEER_GONE, RFD_E_STORE. In `a`. */
rfd_status authority_issue(struct authority_domain *d, const struct authority_issue *order, struct arena *a,
                           struct certificate_row *out, bool *again, struct rfd_error *error) RFD_MUST_CHECK;
/** As authority_issue() without waiting for the keeper and the disk: `issued` is called once, from any thread, with the
 * certificate or with why there is none; unless this fails, then nothing is called. Order, arena and domain stay until
 * then. RFD_E_UNSUPPORTED with PostgreSQL (see store_write_later). */
typedef void authority_issued(void *context, rfd_status status, const struct certificate_row *row, bool again,
                              const struct rfd_error *error);
rfd_status authority_issue_later(struct authority_domain *d, const struct authority_issue *order, struct arena *a,
                                 authority_issued *issued, void *context, struct rfd_error *error) RFD_MUST_CHECK;
/** Stores a certificate that the keeper issued without approval (services, subordinate authorities). */
rfd_status authority_store_service(struct authority_domain *d, slice actor, int64_t authority, slice profile,
                                   slice certificate, uint32_t partition, struct arena *a, struct certificate_row *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

struct authority_change {
    slice actor;
    int64_t authority;
    slice serial;
    int reason;             /* of a revocation: 0, 1, 3, 4, 5, 9 */
    rfd_time invalid_since; /* RFD_TIME_NONE */
};
/** valid or held → revoked. Twice with the same reason is once. When it returns, no status process that is alive says
 * "good" any more (see authority_wait_told). RFD_E_STATE, RFD_E_NOT_FOUND. */
rfd_status authority_revoke(struct authority_domain *d, const struct authority_change *change,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** valid → held (reason certificateHold); held → valid. */
rfd_status authority_hold(struct authority_domain *d, const struct authority_change *change,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status authority_release(struct authority_domain *d, const struct authority_change *change,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** RFD_E_NOT_FOUND. */
rfd_status authority_certificate(struct authority_domain *d, int64_t authority, slice serial, struct arena *a,
                                 struct certificate_row *out, struct rfd_error *error) RFD_MUST_CHECK;
struct authority_search {
    slice text;    /* in subject, subject id, mail, request, or a serial number's hexadecimal beginning; empty: all */
    slice profile; /* empty: all */
    enum certificate_state state; /* CERTIFICATE_NONE: all */
    rfd_time ends_before;         /* RFD_TIME_NONE: all */
    int64_t before;               /* only ids below it, for the next page; 0: from the newest */
    size_t limit;                 /* at most 1,000 */
};
rfd_status authority_search(struct authority_domain *d, const struct authority_search *search, struct arena *a,
                            struct certificate_row **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- For the status service ---- */

/** What is known of a serial number, as responder_look_up wants it. The hot path: one indexed read. */
rfd_status authority_look_up(struct store *store, int64_t authority, slice serial, struct responder_record *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** Changes of certificates' states have gapless numbers, in the order of their commits, over all authorities. */
struct status_change {
    uint64_t number;
    int64_t authority;
    slice serial;
};
rfd_status authority_changes(struct store *store, uint64_t after, size_t limit, struct arena *a,
                             struct status_change **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** A status process says every so often that it lives, and up to which change it has dropped its answers. One that
 * could not say so for AUTHORITY_NODE_SECONDS must not answer from its memory any more. */
enum { AUTHORITY_NODE_SECONDS = 10 };
rfd_status authority_node_alive(struct store *store, slice node, uint64_t seen, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status authority_node_gone(struct store *store, slice node, struct rfd_error *error) RFD_MUST_CHECK;
/** The nodes whose names begin so are known to be dead: nobody waits for them any more. */
rfd_status authority_nodes_gone(struct store *store, slice beginning, struct rfd_error *error) RFD_MUST_CHECK;
/** Waits until every node that is alive has seen change `number`. RFD_E_DEADLINE after AUTHORITY_NODE_SECONDS + 1. */
rfd_status authority_wait_told(struct store *store, uint64_t number, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Revocation lists ---- */

struct authority_crl {
    int64_t authority;
    uint32_t partition;
    bool delta;
    slice number; /* big-endian magnitude */
    rfd_time this_update, next_update;
    slice der;
};
/** Produces the lists (full, and delta where the policy has a place for deltas) of an authority's partitions that are
 * due: nearer to their nextUpdate than `overlap`, or with changes since (`now_changed`). Numbers only grow, also across
 * restores: they are taken from the clock, in milliseconds, and never below the last + 1. `*made` how many. */
rfd_status authority_make_crls(struct authority_domain *d, int64_t authority, rfd_time overlap, bool now_changed,
                               size_t *made, struct rfd_error *error) RFD_MUST_CHECK;
/** The newest. RFD_E_NOT_FOUND. */
rfd_status authority_crl(struct store *store, int64_t authority, uint32_t partition, bool delta, struct arena *a,
                         struct authority_crl *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The newest one's number alone, without leading zeros, in `a`. RFD_E_NOT_FOUND. */
rfd_status authority_crl_number(struct store *store, int64_t authority, uint32_t partition, bool delta, struct arena *a,
                                slice *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Enters a complete list that was signed elsewhere, of an authority that is off line. RFD_E_CRL when it is not this
 * authority's, RFD_E_STORE_CONFLICT when there is one of its number or a later one. */
rfd_status authority_put_crl(struct authority_domain *d, slice actor, int64_t authority, slice der,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Schedules, run by the worker ---- */

/** valid → expired where notAfter has passed. */
rfd_status authority_expire(struct authority_domain *d, size_t limit, size_t *done,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Puts mails into the outbox: to holders 30, 20, 10 days before and daily in the last five, until a successor exists;
 * to `operator_mail` about authorities, responders, lists. Never twice. */
rfd_status authority_put_notices(struct authority_domain *d, slice operator_mail, size_t *done,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Compares the keeper's journal with the register: what was signed more than five minutes ago and is not stored is
 * entered as revoked (nobody got it). `*found` how many. */
rfd_status authority_reconcile(struct authority_domain *d, int64_t authority, size_t *found,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- From elsewhere ---- */

/** Enters certificates that another program issued with this authority's key (imported into the keeper before). */
struct authority_import_row {
    slice certificate; /* DER; empty when only the serial number is known */
    slice serial;
    rfd_time revoked_at; /* RFD_TIME_NONE: not revoked */
    int reason;
    rfd_time not_after;
    slice subject;
};
rfd_status authority_import(struct authority_domain *d, slice actor, int64_t authority,
                            const struct authority_import_row *rows, size_t count, slice crl_number, size_t *added,
                            struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Figures ---- */

struct authority_counts {
    uint64_t valid, held, revoked, expired;
    uint64_t ending_30_days;
    rfd_time next_crl; /* the earliest nextUpdate of the newest lists */
};
rfd_status authority_count(struct authority_domain *d, int64_t authority, struct authority_counts *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Registration clients ---- */

struct registration_client {
    int64_t id;
    slice name;
    uint8_t certificate_hash[32]; /* of his TLS certificate */
    bool enabled;
};
rfd_status client_register(struct authority_domain *d, slice actor, slice name, slice certificate,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND also for one that is not enabled. */
rfd_status client_find(struct store *store, slice certificate, struct arena *a, struct registration_client *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
rfd_status client_enable(struct authority_domain *d, slice actor, slice name, bool enabled,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
