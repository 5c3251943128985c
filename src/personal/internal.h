/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the personal keeper: what it keeps in memory, and who may touch it when.
 *
 * `lock` guards holders, entries and operations; it is held shortly, never while a disk, Argon2id or a key is waited
 * for. Whoever changes what is on disk of a holder (activations, certificates, adoptions) has taken the holder first
 * (holders_take), so that there is one of them at a time; tries of a seal hold it only while they are counted and
 * settled. `store_lock` guards the key store, its keys and its folder, which are for one thread. Signing needs neither:
 * a message marks its hashes under `lock` and then goes its own way.
 */
#ifndef PERSONAL_INTERNAL_H
#define PERSONAL_INTERNAL_H

#include "base/map.h"
#include "keeper/approved.h"
#include "keeper/argon.h"
#include "personal/holder_log.h"
#include "personal/personal.h"

#include <pthread.h>

enum {
    PERSONAL_ACTIVE_MAXIMUM = 8,         /* credentials of one holder that can sign */
    PERSONAL_OPEN_MAXIMUM = 2,           /* operations of one credential, or of one approval's holder; */
    PERSONAL_SEAL_OPEN_MAXIMUM = 64,     /* of a seal, which portals share */
    PERSONAL_OPERATIONS_MAXIMUM = 10000, /* in memory, */
    PERSONAL_BYTES_MAXIMUM = 64 << 20,   /* and octets that they take */
    PERSONAL_SKEW_SECONDS = 300,         /* between an operation's time and ours */
    PERSONAL_REFUSE_SECONDS = 15 * 60,   /* codes, after too many wrong ones; doubles each time, */
    PERSONAL_REFUSE_DOUBLINGS = 7,       /* up to 32 hours */
    PERSONAL_SENT_MAXIMUM = 3,           /* times that a code is sent again */
    PERSONAL_JUDGED_MAXIMUM = 16,        /* ciphertexts of one operation */
    PERSONAL_TAKE_SECONDS = 10,          /* until a code that was taken is given again */
    PERSONAL_ADDRESS_SIZE = 255,         /* a mobile or mail with its terminating zero */
    PERSONAL_LANGUAGE_SIZE = 9,
    PERSONAL_SALT_SIZE = 16,
    PERSONAL_TOTP_SIZE = 20, /* RFC 4226 §4 R6 */
    PERSONAL_CODE_SIZE = 7,
    PERSONAL_LOG_LOCKS = 64
};

/* ---- A credential's file (record.c) ---- */

struct record {
    char id[PERSONAL_ID_SIZE], holder[PERSONAL_HOLDER_SIZE];
    bool entity; /* the approval that the key was made under is of a legal person: it signs with the password alone, */
    bool code;   /* unless that approval wants a code, too */
    enum personal_state state;
    enum key_algorithm algorithm;
    rfd_time created, changed;
    rfd_time expires;                      /* of the certificate; 0: none yet */
    rfd_time approved;                     /* time of the approval that holds */
    rfd_time mobile_changed;               /* by the holder himself, since then; 0: the approval's number */
    uint8_t approval[APPROVAL_HASH_SIZE];  /* that the key was made under, */
    bool has_authority;                    /* and, but for files from before that was kept, */
    uint8_t authority[APPROVAL_HASH_SIZE]; /* whose key signs the certificate: SHA-256 of its SubjectPublicKeyInfo */
    uint8_t wrong_passwords;
    uint8_t channel; /* enum personal_channel */
    bool has_totp;
    uint8_t totp[PERSONAL_TOTP_SIZE];
    int64_t totp_step; /* the last one that was used (RFC 6238 §5.2) */
    uint32_t memory_kib, passes;
    uint8_t salt[PERSONAL_SALT_SIZE];
    char mobile[PERSONAL_ADDRESS_SIZE], mail[PERSONAL_ADDRESS_SIZE];
    /* Slices of `bytes`, or of whoever makes a record: */
    slice profile, spki, certificate;
    slice wrapped; /* private key, sealed with the password's; empty when it is destroyed */
    struct buf bytes;
};
/** From the fields of a file, opened. RFD_E_KEYSTORE_DAMAGED. */
rfd_status record_take(struct record *r, slice fields, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND, RFD_E_KEYSTORE_DAMAGED. */
rfd_status record_read(struct personal *p, const char *id, struct record *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Durable when it returns; `changed` is set. Without `replace` an existing file is RFD_E_EXISTS. */
rfd_status record_write(struct personal *p, struct record *r, bool replace, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct; wipes. */
void record_dispose(struct record *r);
/** Counters of a holder's codes. A file that is not there is zeros. */
struct code_counters {
    uint8_t wrong;          /* since the last right one, with the one that is being judged */
    uint8_t locks;          /* since the last right one */
    rfd_time refused_until; /* 0: never were */
};
rfd_status record_read_counters(struct personal *p, const char *holder, struct code_counters *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
rfd_status record_write_counters(struct personal *p, const char *holder, const struct code_counters *c,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Holders and their credentials in memory (holders.c) ---- */

struct entry {
    char id[PERSONAL_ID_SIZE];
    struct holder *holder; /* NULL: its file is damaged */
    bool entity;
    enum personal_state state;
    rfd_time created, expires, approved, mobile_changed;
    uint8_t wrong_passwords; /* so many were, */
    uint8_t judging;         /* and so many may still be: tries that are being judged */
    uint8_t on_disk;         /* both together or more, as the disk has it */
    unsigned changes;        /* that operations have to begin after */
    struct holder_log log;
};
struct holder {
    char name[PERSONAL_HOLDER_SIZE];
    struct entry **entries;
    size_t count;
    bool busy;       /* somebody is changing what is on disk */
    unsigned claims; /* who waits for that, and for those that are away: no try begins before */
    unsigned away;   /* tries whose threads judge a password meanwhile, and come back to count it */
    bool loaded;
    struct code_counters counters;
    uint8_t on_disk;        /* wrong codes as the disk has them: as many or more */
    rfd_time refused_until; /* by the monotonic clock */
    rfd_time messages_paid; /* by the monotonic clock: when the messages that were sent would have been one a minute */
};
/** Walks the store; damaged files stay without holder, and the audit is told. */
rfd_status holders_load(struct personal *p, struct rfd_error *error) RFD_MUST_CHECK;
void holders_free(struct personal *p);
/** Under `lock`. RFD_E_NOT_FOUND, RFD_E_KEYSTORE_DAMAGED. */
rfd_status holders_entry(struct personal *p, slice id, struct entry **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`; NULL when there is none. */
struct holder *holders_find(struct personal *p, slice name);
/** Under `lock`: the holder, new when he is not there. RFD_E_MEMORY. */
rfd_status holders_get(struct personal *p, slice name, struct holder **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: takes in what is on disk now. */
rfd_status holders_add(struct personal *p, const struct record *r, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: what changed. */
void holders_update(struct entry *e, const struct record *r);
/** Under `lock`, which is given up meanwhile: waits until nobody else changes what is on disk of him, nor judges. */
void holders_take(struct personal *p, struct holder *h);
/** The same for a try of a seal, which does not mind those that are away, and waits until there is room for it. */
void holders_take_for_try(struct personal *p, const struct entry *e);
/** Between these others' tries may be counted, and nothing else of him changes. They take `lock` themselves. */
void holders_leave(struct personal *p, struct holder *h);
void holders_return(struct personal *p, struct holder *h);
/** Takes `lock` itself. */
void holders_release(struct personal *p, struct holder *h);
/** Of a holder who was taken: reads his counters once. */
rfd_status holders_ready(struct personal *p, struct holder *h, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Counting (count.c); the holder was taken ---- */

/** RFD_E_CREDENTIAL_LOCKED while codes are refused. */
rfd_status count_check_codes(struct personal *p, const struct holder *h, struct rfd_error *error) RFD_MUST_CHECK;
/** On disk before the code is looked at. */
rfd_status count_code(struct personal *p, struct holder *h, struct rfd_error *error) RFD_MUST_CHECK;
/** It was wrong. RFD_E_CREDENTIAL_LOCKED when it was one too many, else `otherwise`. */
rfd_status count_wrong_code(struct personal *p, struct holder *h, rfd_status otherwise, struct rfd_error *error);
/** It was right: all is forgotten. */
rfd_status count_right_code(struct personal *p, struct holder *h, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: one more message goes out. RFD_E_SLOW_DOWN: nobody's telephone rings all day, whoever asks. */
rfd_status count_message(struct personal *p, struct holder *h, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: how many passwords of the credential may be judged at once: so many that half of the tries that are
 * left stay, should the process end meanwhile. One alone may always. */
unsigned count_room(const struct personal *p, const struct entry *e);
/** Under `lock`: whether it may be one more. */
bool count_has_room(const struct personal *p, const struct entry *e);
/** A password of the credential, whose record is in hand, is on disk as a wrong one before it is looked at. After
 * RFD_OK comes count_judged(). */
rfd_status count_password(struct personal *p, struct entry *e, struct record *r,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** How it was: RFD_OK, all is forgotten; RFD_E_ACTIVATION_PASSWORD, it was wrong, and RFD_E_CREDENTIAL_LOCKED is
 * returned when it was one too many; anything else, nobody knows. Returns what it was unless that cannot be kept. */
rfd_status count_judged(struct personal *p, struct entry *e, struct record *r, rfd_status judged,
                        struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Passwords (password.c) ---- */

/** At least eight characters, not only digits, at most 1,024 octets of UTF-8. RFD_E_PASSWORD_WEAK. */
rfd_status password_check_rule(slice password, struct rfd_error *error) RFD_MUST_CHECK;
/** Seals the key anew in `out` (appended) with the costs of today, which the record gets. Slow. */
rfd_status password_wrap(struct personal *p, struct record *r, slice password, struct evp_pkey_st *key, struct buf *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Slow. RFD_E_ACTIVATION_PASSWORD when it is wrong. */
rfd_status password_unwrap(struct personal *p, const struct record *r, slice password, struct evp_pkey_st **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
enum { ARGON_KEPT = 16 };
/** Memory that one computation leaves to the next, as long as there is one: to map and clear it costs a tenth. */
struct argon_blocks {
    pthread_mutex_t lock;
    unsigned busy, kept;
    struct argon_block blocks[ARGON_KEPT];
};
void password_blocks_dispose(struct argon_blocks *b);

/* ---- Codes (code.c) ---- */

/** Six digits. */
rfd_status code_make(char code[PERSONAL_CODE_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** Compares in constant time; an empty code is no code. */
bool code_is(const char code[PERSONAL_CODE_SIZE], slice given);
/** The step of RFC 6238 whose code it is, one before or behind now at most, later than `after`; -1 when it is none. */
int64_t code_totp_step(const uint8_t secret[PERSONAL_TOTP_SIZE], slice given, rfd_time now, int64_t after);
/** RFC 4226 §5.3. */
bool code_totp(const uint8_t secret[PERSONAL_TOTP_SIZE], int64_t step, char code[PERSONAL_CODE_SIZE]);
/** Appends for the holder's log by which way the code came: ,"code":"sms" ("app", "mail"), and that a mailed one is of
 * the lower level; nothing where none was wanted. */
struct pending;
void code_put_way(struct buf *b, const struct pending *o);
/** "+51******112", "p***@example.org". */
void code_mask_mobile(const char *mobile, char out[PERSONAL_ADDRESS_SIZE]);
void code_mask_mail(const char *mail, char out[PERSONAL_ADDRESS_SIZE]);

/* ---- What the browser encrypted (proofs.c) ---- */

enum { PROOF_MAXIMUM = 1024, PROOFS_MAXIMUM = 16 << 10 };
struct proofs {
    slice password, code, new_password, second_code; /* of `bytes`; empty when they are not there */
    struct buf bytes;
};
/** Takes a flat JSON object of texts apart, in place: nothing of it is copied anywhere. RFD_E_ARGUMENT. */
rfd_status proofs_read(struct proofs *p, struct rfd_error *error) RFD_MUST_CHECK;
void proofs_dispose(struct proofs *p);

/* ---- Operations in memory (pending.c), all under `lock` ---- */

struct code_way {
    bool wanted;
    uint8_t delivery; /* enum personal_delivery */
    uint8_t channel;
    char address[PERSONAL_ADDRESS_SIZE];
    char code[PERSONAL_CODE_SIZE];
    rfd_time taken; /* monotonic; 0: not yet */
};
struct pending {
    struct pending *next; /* in its bucket */
    uint8_t id[PERSONAL_OPERATION_SIZE], nonce[PERSONAL_NONCE_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE - PERSONAL_OPERATION_SIZE]; /* a SAD is id and this */
    enum personal_progress state;
    unsigned users;  /* threads that work with it: it is not freed */
    struct buf text; /* what was agreed to */
    struct operation_text operation;
    struct buf info; /* of the activation */
    struct holder *holder;
    struct entry *entry; /* NULL: generate */
    uint8_t proofs;      /* mask of enum personal_proof */
    uint8_t channel;
    struct code_way ways[2]; /* first and second code */
    char language[PERSONAL_LANGUAGE_SIZE];
    unsigned sent_again;
    rfd_time ends, ends_here; /* by the clock, and by the monotonic one */
    rfd_time again, again_here;
    uint8_t judged[PERSONAL_JUDGED_MAXIMUM][OPERATION_HASH_SIZE]; /* SHA-256 of ciphertexts */
    size_t judged_count;
    int64_t totp_step; /* that was accepted for this operation; 0: none */

    uint8_t *hashes; /* sign: one after the other */
    size_t hash_size;
    bool *used;
    size_t marked, signed_count;
    struct evp_pkey_st *key;
    const struct certificate *certificate; /* where the hashes are of documents */
    struct reading {                       /* the document that is being read, */
        struct digest *digest;             /* and what follows it; NULL: none is */
        uint64_t length;                   /* octets of both */
        uint64_t document;                 /* of which so many are the document; 0: it goes on */
        uint8_t hash[DIGEST_SIZE_MAXIMUM]; /* the document's, when it has ended */
        bool busy;                         /* a piece is being read without the lock */
    } reading;

    char title[OPERATION_TITLE_MAXIMUM + 1]; /* code: the seal's name */

    uint8_t totp[PERSONAL_TOTP_SIZE];      /* totp: the new secret */
    struct buf profile;                    /* generate: of the approval */
    bool entity, code;                     /* generate: the approval is of a legal person; whose seal wants codes */
    uint8_t authority[APPROVAL_HASH_SIZE]; /* generate: of the approval */
    char mobile[PERSONAL_ADDRESS_SIZE], mail[PERSONAL_ADDRESS_SIZE];
    rfd_time approved, mobile_changed;
    unsigned changes; /* of the entry, before it was read */
};
enum { PENDING_BUCKETS = 1 << 14 };
struct pending_table {
    struct pending *buckets[PENDING_BUCKETS];
    size_t count, bytes;
    rfd_time swept;
};
/** Not in the table yet: one's own. */
struct pending *pending_new(void);
/** Safe on NULL; wipes. Of one that is not in the table. */
void pending_free(struct pending *o);
/** Takes it over, and ends older ones of the same credential or holder. RFD_E_LIMIT. */
rfd_status pending_add(struct personal *p, struct pending *o, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND. One whose time is over has ended when it is given. */
rfd_status pending_find(struct personal *p, slice id, struct pending **out, struct rfd_error *error) RFD_MUST_CHECK;
/** It can do nothing any more, and its secrets are gone. */
void pending_end(struct pending *o, enum personal_progress state);
/** All of a credential but `but`. */
void pending_end_of(struct personal *p, const struct entry *e, const struct pending *but);
/** The newest of kind "code" that this portal has begun of a seal, and that has not ended; NULL: there is none. */
struct pending *pending_code_of(struct personal *p, const struct entry *e, slice portal);
/** What is over leaves the table. */
void pending_sweep(struct personal *p, rfd_time here);
void pending_free_all(struct personal *p);

/* ---- The keeper ---- */

struct personal {
    struct keystore *store;
    struct personal_options options;
    keeper_audit *audit;
    void *context;
    rfd_time (*monotonic)(void); /* tests have their own */
    pthread_mutex_t lock, store_lock, audit_lock;
    pthread_mutex_t log_locks[PERSONAL_LOG_LOCKS]; /* by entry */
    pthread_rwlock_t registered_lock;
    pthread_cond_t released;
    struct secret record_secret, log_secret, registered_secret;
    struct stored_key *activation, *attestation;
    struct registered_list registered;
    struct map *entries, *holders; /* by the first eight octets of the number, of SHA-256 of the name */
    struct pending_table *pending;
    struct argon_blocks argon;
    rfd_time floor; /* the clock was here already; under `lock` */
};

/** The clock, which must not have gone back by more than PERSONAL_SKEW_SECONDS (then the later time holds).
 * RFD_E_CLOCK. Takes `lock`. */
rfd_status personal_now(struct personal *p, rfd_time *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the signature of the attestation key (ECDSA-Sig-Value, SHA-256). */
rfd_status personal_attest(struct personal *p, slice message, struct buf *signature,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** HPKE with the activation key. */
rfd_status personal_open(struct personal *p, const struct hpke_message *m, struct buf *plain,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** One event for the holder's log: a JSON object's members after time and event, or "". */
rfd_status personal_log(struct personal *p, struct entry *e, const char *event, slice members,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Appends ,"name":"value" for it; the value is text_is_printable(). */
void personal_put_member(struct buf *b, const char *name, slice value);
/** The mutex of an entry's log. */
pthread_mutex_t *personal_log_lock(struct personal *p, const struct entry *e);

/** RFD_E_KEY_REFUSED unless the registered portal of that name, when it has a key, stated exactly these documents. */
rfd_status statement_check(struct personal *p, const struct operation_text *o, slice statement, rfd_time now,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Documents (sign.c, document.c) ---- */

/** Under `lock`: what a SAD is of, while it holds, where its hashes are (OPERATION_OF_HASHES, OPERATION_OF_DOCUMENTS)
 * of what is wanted. RFD_E_ACTIVATION_ENDED, RFD_E_HASH_NOT_AUTHORISED. */
rfd_status sign_find_activated(struct personal *p, slice sad, enum operation_of wanted, struct pending **out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** What is signed for the digest of a document: its signed attributes' hash. */
rfd_status document_hash(const struct pending *o, slice digest, rfd_time time, uint8_t hash[DIGEST_SIZE_MAXIMUM],
                         struct rfd_error *error) RFD_MUST_CHECK;
/** What follows all that was read. */
struct document_end {
    uint64_t length; /* octets that were read */
    slice before, after;
};
/** Digests of the document that was read, and of it with all that follows it. */
rfd_status document_finish(struct personal *p, slice sad, const struct document_end *end,
                           uint8_t document[DIGEST_SIZE_MAXIMUM], uint8_t whole[DIGEST_SIZE_MAXIMUM],
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Questions ---- */

/** What one question touches, for the audit. */
struct personal_request {
    struct keeper_event event;
};
typedef rfd_status personal_work(struct personal *p, struct personal_request *q, struct message_reader *r,
                                 struct buf *answer, struct rfd_error *error);
personal_work personal_show_keys, personal_show_list, personal_show_one, personal_show_log; /* show.c */
personal_work begin_operation;                                                              /* begin.c */
personal_work progress_show, progress_send_again, progress_cancel;                          /* progress.c */
personal_work activate_operation;                                                           /* activate.c */
personal_work sign_hashes, sign_documents, sign_revision, sign_check;                       /* sign.c */
personal_work document_read, document_read_revision;                                        /* document.c */
personal_work change_certify, change_adopt;                                                 /* change.c */
personal_work clock_back_accept;                                                            /* clock_back.c */
personal_work delivery_take, delivery_sent;                                                 /* delivery.c */
personal_work register_put, register_remove, register_list;                                 /* register.c */

/** What is done when everything was proved; the holder was taken (activate_work.c). `r` is NULL for "generate". */
struct activation {
    struct pending *o;
    struct record *r;
    const struct proofs *proofs;
    struct evp_pkey_st *key; /* opened by the password; NULL when the kind wants none */
    struct buf *answer;
    rfd_time now;
    enum personal_progress after; /* PERSONAL_DONE unless the work says something else */
};
rfd_status activate_work(struct personal *p, struct activation *a, struct rfd_error *error) RFD_MUST_CHECK;
/** The private key is gone for ever, and nothing of the credential is open any more. */
rfd_status activate_destroy(struct personal *p, struct entry *e, struct record *r, const struct pending *but,
                            const char *event, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: the approval of what is made is not older than what the holder's credentials have, it is of a person
 * or an entity as they are, and there is room for one more. RFD_E_APPROVAL, RFD_E_LIMIT. */
rfd_status begin_check_holder(const struct pending *o, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;
/** Under `lock`: the mobile of what is made is still the one that its holder has chosen. RFD_E_ACTIVATION_ENDED. */
rfd_status begin_check_mobile(const struct pending *o, struct rfd_error *error) RFD_MUST_CHECK;
/** Whom an approval is of: approval_holder(); empty when it is nobody, or too long. */
slice begin_holder_of(const struct approval *a);
/** The approvals of `a` are of registered people, for a central key, and hold now. */
rfd_status begin_check_approval(struct personal *p, const struct approved *a, bool agents_only, rfd_time now,
                                struct rfd_error *error) RFD_MUST_CHECK;

#endif
