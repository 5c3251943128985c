/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the keeper: a key in use, the table of operations, and the operations. To add one, write its function and a
 * row in operations.c, and its fields in protocol.h.
 */
#ifndef KEEPER_OPERATIONS_H
#define KEEPER_OPERATIONS_H

#include "keeper/authority_policy.h"
#include "keeper/counter.h"
#include "keeper/journal.h"
#include "keeper/keeper.h"
#include "keeper/ocsp_check.h"
#include "keeper/registered.h"
#include "pki/authority/stamper.h"

struct log_head {
    uint64_t size;
    uint8_t root[KEEPER_ROOT_SIZE];
    int64_t time; /* milliseconds since 1970 */
};

/** What an authority's key may do. */
struct keeper_authority {
    bool has_policy;
    struct authority_policy policy;
    uint8_t key_hash[JOURNAL_HASH_SIZE]; /* SHA-256 of its SubjectPublicKeyInfo, as approvals name it */
    char ocsp[AUTHORITY_ADDRESS_MAXIMUM + 1], ca_issuers[AUTHORITY_ADDRESS_MAXIMUM + 1]; /* "": none */
};

/** A key in use, with what its purpose needs prepared. */
struct keeper_key {
    struct stored_key *stored;
    const struct key_description *description;
    struct signature_algorithm algorithm;
    struct counter counter;
    rfd_time floor;                        /* the clock was here already */
    const struct certificate *certificate; /* NULL while there is none */
    struct ocsp_rule ocsp;
    struct authority_signer signer;
    const struct certificate *issuer; /* TSA: goes into tokens; NULL: none */
    struct stamper stamper;
    bool has_stamper;
    struct log_head head;
    bool has_head;
    struct keeper_authority authority;
};

struct keeper {
    struct keystore *store;
    const struct packs *packs; /* NULL: none, and nothing is issued */
    keeper_audit *audit;
    void *context;
    struct keeper_key *keys[KEEPER_KEYS_MAXIMUM];
    size_t count;
    int descriptor; /* that came with the message in work; -1: none */

    /* With packs only: */
    struct secret serial_secret, journal_secret, registered_secret;
    struct journal *journal;
    int notify; /* when the disk is waited for aside; -1: it is not */
    struct registered_list registered;
};

/** Takes the fields that follow the key's name from `r`, and appends those of the answer. `key` is NULL for operations
 * without key. */
typedef rfd_status keeper_work(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                               struct rfd_error *error);

struct keeper_row {
    enum keeper_operation operation;
    const char *name;
    unsigned senders;  /* mask of enum keeper_sender */
    unsigned purposes; /* mask of 1 << enum key_purpose; 0: the operation has no key */
    bool once;         /* on a channel */
    keeper_work *work;
};
/** NULL when there is no such operation. */
const struct keeper_row *keeper_row_of(uint16_t type);

/* ---- Keys in use (keeper_key.c) ---- */

/** The key of this name, opened and prepared. RFD_E_KEY_UNKNOWN, RFD_E_KEYSTORE_DAMAGED, RFD_E_LIMIT. */
rfd_status keeper_key_find(struct keeper *k, slice name, struct keeper_key **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Closes it; the next use opens it again. */
void keeper_key_forget(struct keeper *k, struct keeper_key *key);
/** Checks that the policy has what the purpose needs, and nothing else. RFD_E_ARGUMENT. */
rfd_status keeper_policy_check(enum key_purpose purpose, const struct key_policy *policy,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Checks that the certificate fits the key's purpose. */
rfd_status keeper_certificate_check(const struct keeper_key *key, const struct certificate *certificate,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** The clock, which must not have gone back for this key by more than a second (then the later time holds).
 * RFD_E_KEY_REFUSED. */
rfd_status keeper_key_time(struct keeper_key *key, rfd_time *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Counts one use; nothing may be signed without. */
rfd_status keeper_key_use(struct keeper *k, struct keeper_key *key, rfd_time now,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the signature over `message`. */
rfd_status keeper_key_sign(struct keeper_key *key, slice message, struct buf *signature,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Appends as fields: the AlgorithmIdentifier, and the signature over `message`. */
rfd_status keeper_key_answer(struct keeper_key *key, slice message, struct buf *answer,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Keys of authorities (keeper_authority.c) ---- */

rfd_status keeper_check_authority_policy(const struct key_policy *p, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status keeper_check_authority_certificate(const struct keeper_key *key, const struct certificate *c,
                                              struct rfd_error *error) RFD_MUST_CHECK;
rfd_status keeper_prepare_authority(struct keeper *k, struct keeper_key *key, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether it has a policy and, where it is needed, a certificate. RFD_E_KEY_REFUSED. */
rfd_status keeper_authority_ready(const struct keeper_key *key, bool certified, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the policy names the profile. */
bool keeper_authority_allows(const struct keeper_key *key, slice profile);

/* ---- What was issued, and who may approve (keeper_records.c) ---- */

/** Opens journal and register, and removes what is old. */
rfd_status keeper_records_open(struct keeper *k, struct rfd_error *error) RFD_MUST_CHECK;
void keeper_records_close(struct keeper *k);
/** There is a journal that can be written. RFD_E_UNSUPPORTED without packs. */
rfd_status keeper_journal_ready(struct keeper *k, struct rfd_error *error) RFD_MUST_CHECK;
/** Has the journal on disk. After a failure, also one in the middle of the work, it is opened again when it is needed.
 */
rfd_status keeper_journal_settle(struct keeper *k, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The operations ---- */

keeper_work keeper_hello, keeper_create_key, keeper_public_key, keeper_list_keys,
    keeper_certify_key;                                                /* operation_keys.c */
keeper_work keeper_sign_ocsp, keeper_sign_timestamp, keeper_sign_seal; /* operation_sign.c */
keeper_work keeper_sign_log_head;                                      /* operation_log.c */
keeper_work keeper_sign_checkpoint, keeper_last_checkpoint;            /* operation_checkpoint.c */
keeper_work keeper_sign_jws;                                           /* operation_jws.c */
keeper_work keeper_open;                                               /* operation_open.c */
keeper_work keeper_new_blob_key, keeper_unwrap_blob_key;               /* operation_wrap.c */

keeper_work keeper_issue;                                                       /* operation_issue.c */
keeper_work keeper_issue_service, keeper_issue_authority, keeper_renew_service; /* operation_issue_service.c */
keeper_work keeper_sign_crl;                                                    /* operation_crl.c */
keeper_work keeper_read_journal;                                                /* operation_journal.c */
keeper_work keeper_register, keeper_unregister, keeper_list_registered;         /* operation_register.c */

/** The last head that a log key signed, from its record; `*found` false when there is none. */
rfd_status keeper_read_head(const struct key_folder *f, const char *key, struct log_head *out, bool *found,
                            struct rfd_error *error) RFD_MUST_CHECK;

#endif
