/* SPDX-License-Identifier: EUPL-1.2
 *
 * Accounts and how one signs in (spec 5.1). An account is a person's, or an entity's with the person who holds it. Its
 * password is kept as Argon2id; nothing in the database signs anybody in: sessions, links and codes are there as
 * hashes.
 *
 * Signing in is a small machine that the caller keeps in a session that is nobody's yet: account_sign_in() says what is
 * still wanted (a password to change, a second factor). Whether an account exists is told to nobody: same answer, same
 * time.
 */
#ifndef DOMAIN_ACCOUNT_H
#define DOMAIN_ACCOUNT_H

#include "base/secret.h"
#include "domain/access/actor.h"
#include "domain/fault.h"
#include "base/buf.h"
#include "domain/list/list.h"
#include "keeper/client.h"
#include "packs/packs.h"

enum { ACCOUNT_TOKEN_SIZE = 44 }; /* 256 bits as base64url, and a zero */

struct account_settings {
    unsigned argon_kib, argon_passes, argon_lanes; /* 19456, 2, 1 unless set */
    unsigned idle_minutes, absolute_hours;         /* of sessions: 30, 12 */
    const char *url;                               /* of links in mails: "https://firma.example" */
    const char *relying_party;                     /* WebAuthn: the host of url */
    slice key;                  /* of this installation, 32 octets (account_key_open): seals TOTP secrets */
    const struct packs *packs;  /* whose documents certificates name, and which profiles are of persons */
    struct password_gate *gate; /* bounds how many hashes are computed at once; NULL: no bound */
};

struct account {
    int64_t id, person, entity; /* entity 0: a person's own */
    slice code; /* "U1234", "E0007", or the identity number of a citizen: unique, compared in capitals */
    enum account_level level;
    bool locked, closed, must_change, has_password, has_totp, has_passkey;
    unsigned factors; /* second factors that it uses: enum sign_in_method */
    rfd_time created, last_sign_in;
    rfd_time sign_in_before; /* the one before the last */
    slice language;
};
/** A new account with a link for its first password, mailed. `code` empty: made with the prefix ('U', 'E'; 0: a
 * citizen's, their document number). */
rfd_status account_create(struct transaction *t, const struct actor *actor, const struct account_settings *settings,
                          const struct account *account, char prefix, struct faults *faults, int64_t *id,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Whom an office means: the person with this identity number, and (unless empty) the entity with this tax number.
 * Faults name "numero" and "entidad". */
rfd_status account_holder(struct transaction *t, slice number, slice tax_number, struct faults *faults, int64_t *person,
                          int64_t *entity, struct rfd_error *error) RFD_MUST_CHECK;
/** A temporary password, which has to be changed at the first sign-in: for offices, and demonstrations. */
rfd_status account_set_password(struct transaction *t, const struct actor *actor,
                                const struct account_settings *settings, int64_t account, slice password,
                                bool must_change, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** A temporary password, its hash computed outside of transactions: for pages. */
rfd_status account_give_password(struct store *store, const struct actor *actor,
                                 const struct account_settings *settings, int64_t account, slice password,
                                 struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status account_find(struct transaction *t, int64_t id, struct account *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status account_close(struct transaction *t, const struct actor *actor, int64_t id,
                         struct rfd_error *error) RFD_MUST_CHECK;
rfd_status account_unlock(struct transaction *t, const struct actor *actor, int64_t id,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** To the advanced level, by an office or a recognised certificate (`evidence` says which; it is in the audit). */
rfd_status account_enrol(struct transaction *t, const struct actor *actor, int64_t id, enum account_level level,
                         slice evidence, struct rfd_error *error) RFD_MUST_CHECK;
/** In which mails are written and pages shown: by its holder, or an office. */
rfd_status account_set_language(struct transaction *t, const struct actor *actor, int64_t id, slice language,
                                struct rfd_error *error) RFD_MUST_CHECK;

/** The installation's key for `name` ("accounts", "security-code"), 32 octets: made by the keeper at first use, kept
 * wrapped in the database, unwrapped by the keeper's key `wrapping`. */
rfd_status account_key_open(struct store *store, struct keeper_client *keeper, const char *wrapping, const char *name,
                            struct secret *out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Passwords: password.c; common.c has the 100,000 common ones ---- */

/** 0 to 4, as the page's meter shows it; `faults` as for the field "password": too short, only digits, common, similar
 * to the person's own data (texts). */
unsigned password_judge(slice password, const slice *own, size_t own_count, struct faults *faults);
/** Argon2id in PHC text; blocks for as long as it costs. */
rfd_status password_hash(const struct account_settings *settings, slice password, struct arena *a, slice *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
bool password_verify(slice hash, slice password);
/** As many hashes at once as the machine has memory and processors for; others wait their turn. */
struct password_gate;
rfd_status password_gate_new(unsigned at_once, struct password_gate **out, struct rfd_error *error) RFD_MUST_CHECK;
void password_gate_free(struct password_gate *gate);

/* ---- Sessions: session.c. One database row, found by the SHA-256 of the cookie's token ---- */

struct session {
    int64_t id;      /* 0: there is none */
    int64_t account; /* 0: nobody yet: signing in, or a visitor with a form */
    int64_t person;
    unsigned methods;             /* enum sign_in_method, done so far */
    unsigned wanted;              /* what is wanted still: enum session_want */
    int64_t pending;              /* account that is signing in */
    rfd_time created, seen, ends; /* ends: the absolute limit */
    rfd_time signed_in;           /* when its account proved who it is */
    int64_t certificate;          /* of the register, by which it was; 0: by none */
    uint8_t secret[32];           /* CSRF tokens are made of it */
    slice notice;                 /* shown on the next page, then forgotten: "text-id" or text */
    slice client, agent;          /* address and browser, for the list of sessions */
};
enum session_want { WANT_CHANGE = 1, WANT_FACTOR = 2 };
rfd_status session_new(struct transaction *t, const struct account_settings *settings, slice client, slice agent,
                       char token[ACCOUNT_TOKEN_SIZE], struct session *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Session 0 when there is none in force. Moves `seen` at most once a minute (a write of its own, by the caller:
 * session_touch when `*stale`). */
rfd_status session_find(struct transaction *t, const struct account_settings *settings, slice token, rfd_time now,
                        struct session *out, bool *stale, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status session_touch(struct transaction *t, int64_t id, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;
/** The session gets a new token (fixation). */
rfd_status session_renew(struct transaction *t, int64_t id, char token[ACCOUNT_TOKEN_SIZE],
                         struct rfd_error *error) RFD_MUST_CHECK;
rfd_status session_notice(struct transaction *t, int64_t id, slice notice, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status session_end(struct transaction *t, int64_t id, struct rfd_error *error) RFD_MUST_CHECK;
/** One's other sessions; `id` 0: all of them but `except`. */
rfd_status session_end_of(struct transaction *t, int64_t account, int64_t id, int64_t except,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status session_list(struct transaction *t, int64_t account, struct session **out, size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: sessions, links, challenges and counters that are over. */
rfd_status account_sweep(struct store *store, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Signing in: sign_in.c. Each ends with a renewed token ---- */

enum sign_in_result {
    SIGN_IN_DONE,   /* session.account is set */
    SIGN_IN_FACTOR, /* a second factor is wanted: session.wanted */
    SIGN_IN_CHANGE, /* the password has to be changed first */
    SIGN_IN_WRONG,  /* name or password; nobody learns which */
    SIGN_IN_PROOF,  /* a proof of work is wanted (security_code.h) */
    SIGN_IN_LOCKED, /* told only after the right password; a mail to unlock is on its way */
    SIGN_IN_SLOW,   /* too many tries from this network: later */
};
struct sign_in {
    slice name;   /* user code or identity number */
    slice entity; /* RUC, RFC of the entity, or empty */
    slice password;
    bool proof;    /* a security code was solved */
    slice client;  /* address */
    slice network; /* its network, for limits */
};
/** Computes Argon2id outside of a transaction: about 30 ms. A session whose id is 0 is begun with its `client` and
 * `agent`, when there is something to keep in it: whoever guesses wrong leaves none behind. */
rfd_status account_sign_in(struct store *store, const struct account_settings *settings, struct session *session,
                           const struct sign_in *try, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** A session for who proved who they are by something else: a certificate, a passkey, an OpenID provider. */
rfd_status account_sign_in_as(struct transaction *t, const struct account_settings *settings, struct session *session,
                              int64_t account, enum sign_in_method method, char token[ACCOUNT_TOKEN_SIZE],
                              enum sign_in_result *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The forced or wished change; ends all other sessions. `old` is not asked for where WANT_CHANGE is set. */
rfd_status account_change_password(struct store *store, const struct account_settings *settings,
                                   struct session *session, slice old, slice password, struct faults *faults,
                                   char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

/** Asks for the password of who is signed in once more; `signed_in` is now then, and the token new. RFD_E_STATE when
 * the account has none, RFD_E_SLOW_DOWN after ten tries in an hour. */
rfd_status account_confirm(struct store *store, const struct account_settings *settings, struct session *session,
                           slice password, char token[ACCOUNT_TOKEN_SIZE], bool *right,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Second factors: totp.c, code.c, passkey.c ---- */

/** A new secret, shown once as otpauth:// text (and QR by the page), in force after the first right code. */
rfd_status totp_begin(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                      int64_t account, struct arena *a, slice *uri, struct rfd_error *error) RFD_MUST_CHECK;
/** The one that was begun and not confirmed yet, to be shown again with a wrong code's form; empty: none. */
rfd_status totp_pending(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                        int64_t account, struct arena *a, slice *uri, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status totp_confirm(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                        int64_t account, slice code, bool *right, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status totp_remove(struct transaction *t, const struct actor *actor, int64_t account,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Codes by SMS or mail (METHOD_SMS, METHOD_MAIL) as a second factor of the account. RFD_E_STATE when there is no such
 * address. */
rfd_status factor_enable(struct transaction *t, const struct actor *actor, int64_t account, enum sign_in_method method,
                         bool on, struct rfd_error *error) RFD_MUST_CHECK;
/** A code by SMS or mail through the outbox; at most one in 30 s (RFD_E_SLOW_DOWN). RFD_E_STATE when there is no
 * address. */
rfd_status code_send(struct transaction *t, const struct account_settings *settings, struct session *session,
                     enum sign_in_method channel, slice language, struct rfd_error *error) RFD_MUST_CHECK;
/** Checks a TOTP, SMS or mail code of the pending account: each counts once; five wrong ones lock for 15 minutes,
 * doubling. */
rfd_status factor_check(struct transaction *t, const struct account_settings *settings, struct session *session,
                        enum sign_in_method method, slice code, char token[ACCOUNT_TOKEN_SIZE],
                        enum sign_in_result *out, struct rfd_error *error) RFD_MUST_CHECK;
/* WebAuthn level 2: JSON for the page's script, and what the browser sent back. */
rfd_status passkey_create_options(struct transaction *t, const struct account_settings *settings,
                                  const struct session *session, struct buf *json,
                                  struct rfd_error *error) RFD_MUST_CHECK;
rfd_status passkey_create(struct transaction *t, const struct account_settings *settings, const struct session *session,
                          slice name, slice json, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status passkey_get_options(struct transaction *t, const struct account_settings *settings,
                               const struct session *session, struct buf *json, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status passkey_get(struct transaction *t, const struct account_settings *settings, struct session *session,
                       slice json, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
struct passkey {
    int64_t id;
    slice name;
    rfd_time created, used;
};
rfd_status passkey_list(struct transaction *t, int64_t account, struct passkey **out, size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status passkey_remove(struct transaction *t, const struct actor *actor, int64_t account, int64_t id,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Links in mails: recovery.c ---- */

/** Always the same answer; mails a link (single use, 30 minutes) when there is such an account with an address. */
rfd_status recovery_ask(struct transaction *t, const struct account_settings *settings, slice name_or_mail,
                        slice client, struct rfd_error *error) RFD_MUST_CHECK;
enum link_kind { LINK_NONE, LINK_PASSWORD, LINK_UNLOCK };
/** What a link is for; LINK_NONE when it is not in force. */
rfd_status link_look(struct transaction *t, slice token, enum link_kind *kind, int64_t *account,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** Uses one that ends a lock. RFD_E_NOT_FOUND when it is not in force, any more. */
rfd_status link_unlock(struct transaction *t, slice token, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether a link is in force: for the page that asks for the password. */
rfd_status recovery_look(struct transaction *t, slice token, int64_t *account, struct rfd_error *error) RFD_MUST_CHECK;
/** Uses it. RFD_E_NOT_FOUND when it is not in force, any more. */
rfd_status recovery_use(struct store *store, const struct account_settings *settings, slice token, slice password,
                        struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Certificate sign-in: certificate_sign_in.c ---- */

/** What the browser signs: "refrenda-login-v1", a line each: origin, nonce (base64url), time (RFC 3339). */
rfd_status certificate_challenge(struct transaction *t, const struct account_settings *settings,
                                 const struct session *session, struct buf *text,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Checks challenge (once, 2 minutes), signature, certificate (path to an authority here, in force, not revoked, for
 * persons), and finds the account by the identity number in its subject. `*why` is N_() when it is refused. */
rfd_status certificate_sign_in(struct transaction *t, const struct account_settings *settings, struct session *session,
                               slice text, slice certificate, slice signature, char token[ACCOUNT_TOKEN_SIZE],
                               enum sign_in_result *out, const char **why, struct rfd_error *error) RFD_MUST_CHECK;
/** The same by a TLS client certificate, whose key TLS has checked. */
rfd_status certificate_sign_in_tls(struct transaction *t, const struct account_settings *settings,
                                   struct session *session, slice certificate, char token[ACCOUNT_TOKEN_SIZE],
                                   enum sign_in_result *out, const char **why, struct rfd_error *error) RFD_MUST_CHECK;

struct certificate;
struct certificate_row;
/** Whether a certificate may be used here, by the same rules: issued here, in the register as valid now, octet for
 * octet, under authorities that are valid, of a person, for signing. `*why` is N_() when it may not be; NULL: `row` is
 * the register's, in the transaction's arena, and `*person` its holder; 0: nobody who is known here. */
rfd_status certificate_holder(struct transaction *t, const struct packs *packs, const struct certificate *certificate,
                              struct certificate_row *row, int64_t *person, const char **why,
                              struct rfd_error *error) RFD_MUST_CHECK;

extern const struct list_definition account_list;

#endif
