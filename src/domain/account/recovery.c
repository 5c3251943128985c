/* SPDX-License-Identifier: EUPL-1.2
 *
 * Links in mails: a new password, or an end of the lock. Asking always succeeds. A link is used by deleting its row in
 * the transaction that does what it is for: of two at once one finds it.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { MAILS_AN_HOUR = 3, ASKED_AN_HOUR = 60, NAME_MAXIMUM = 254 };

/* ---- Asking ---- */

static slice small_letters(slice text, struct arena *a)
{
    uint8_t *to = arena_allocate(a, text.length + 1);
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        to[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return slice_of(to, text.length);
}

static rfd_status find_accounts(struct transaction *t, slice asked, struct store_rows *rows, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const struct store_value name[] = {store_text(account_capitals(asked, a))};
    const struct store_value mail[] = {store_text(asked), store_text(small_letters(asked, a))};
    if (asked.length > 0 && memchr(asked.data, '@', asked.length) != NULL)
        return store_run(t,
                         "SELECT a.id FROM person p JOIN account a ON a.person = p.id WHERE p.mail IN ($1, $2) AND "
                         "a.state <> 'closed' ORDER BY a.id LIMIT 3",
                         mail, 2, rows, error);
    TRY(store_run(t, "SELECT id FROM account WHERE code = $1 AND state <> 'closed'", name, 1, rows, error));
    if (rows->count > 0) return RFD_OK;
    return store_run(t,
                     "SELECT a.id FROM person p JOIN account a ON a.person = p.id WHERE p.number = $1 AND a.state <> "
                     "'closed' ORDER BY a.id LIMIT 3",
                     name, 1, rows, error);
}

static rfd_status send_recovery(struct transaction *t, int64_t id, rfd_time now, struct rfd_error *error)
{
    struct account account;
    char key[24];
    unsigned sent;
    (void)snprintf(key, sizeof key, "%lld", (long long)id);
    const struct limit mails = {"recovery", slice_text(key), SLICE_EMPTY};
    TRY(limit_count(t, &mails, now, &sent, error));
    if (sent > MAILS_AN_HOUR) return RFD_OK;
    TRY(account_find(t, id, &account, error));
    TRY(account_audit(t, "account.recover", NULL, &account, "", SLICE_EMPTY, error));
    return account_send_link(t, &account, "recovery", error);
}

rfd_status recovery_ask(struct transaction *t, const struct account_settings *settings, slice name_or_mail,
                        slice client, struct rfd_error *error)
{
    const struct limit asked = {"recovery-from", client, SLICE_EMPTY};
    rfd_time now = clock_now();
    struct store_rows rows;
    unsigned count;
    (void)settings;
    if (name_or_mail.length == 0 || name_or_mail.length > NAME_MAXIMUM) return RFD_OK;
    TRY(limit_count(t, &asked, now, &count, error));
    if (count > ASKED_AN_HOUR) return RFD_OK;
    TRY(find_accounts(t, name_or_mail, &rows, error));
    for (size_t i = 0; i < rows.count; i++) TRY(send_recovery(t, store_cell(&rows, i, 0)->integer, now, error));
    return RFD_OK;
}

/* ---- Using ---- */

rfd_status link_look(struct transaction *t, slice token, enum link_kind *kind, int64_t *account,
                     struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    *kind = LINK_NONE;
    *account = 0;
    if (token.length != TOKEN_TEXT_SIZE - 1) return RFD_OK;
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {account_hash_value(hash), store_integer(clock_now())};
    TRY(store_run(t,
                  "SELECT l.kind, l.account FROM account_link l JOIN account a ON a.id = l.account WHERE l.hash = $1 "
                  "AND l.ends > $2 AND a.state <> 'closed'",
                  values, 2, &rows, error));
    if (rows.count == 0) return RFD_OK;
    *kind = slice_is(store_cell(&rows, 0, 0)->bytes, "unlock") ? LINK_UNLOCK : LINK_PASSWORD;
    *account = store_cell(&rows, 0, 1)->integer;
    return RFD_OK;
}

rfd_status recovery_look(struct transaction *t, slice token, int64_t *account, struct rfd_error *error)
{
    enum link_kind kind;
    TRY(link_look(t, token, &kind, account, error));
    if (kind != LINK_PASSWORD) *account = 0;
    return RFD_OK;
}

/** RFD_E_NOT_FOUND when it is not in force, any more. */
static rfd_status use_link(struct transaction *t, slice token, enum link_kind wanted, struct account *out,
                           struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    enum link_kind kind;
    int64_t account;
    TRY(link_look(t, token, &kind, &account, error));
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {account_hash_value(hash)};
    if (kind == wanted) {
        TRY(store_run(t, "DELETE FROM account_link WHERE hash = $1", values, 1, &rows, error));
        if (rows.changed == 1) return account_find(t, account, out, error);
    }
    return error_set(error, RFD_E_NOT_FOUND, "the link was used, or is too old");
}

rfd_status link_unlock(struct transaction *t, slice token, struct rfd_error *error)
{
    struct account account;
    TRY(use_link(t, token, LINK_UNLOCK, &account, error));
    return account_open_again(t, NULL, &account, error);
}

struct recovery {
    slice token, password, hash;
    struct faults *faults;
};

static rfd_status judge(struct transaction *t, void *context, struct rfd_error *error)
{
    struct recovery *r = context;
    struct account account;
    int64_t id;
    slice own[ACCOUNT_OWN_WORDS];
    size_t own_count;
    TRY(recovery_look(t, r->token, &id, error));
    if (id == 0) return error_set(error, RFD_E_NOT_FOUND, "the link was used, or is too old");
    TRY(account_find(t, id, &account, error));
    TRY(account_own_words(t, &account, own, &own_count, error));
    r->faults->count = 0;
    (void)password_judge(r->password, own, own_count, r->faults);
    return r->faults->count > 0 ? error_set(error, RFD_E_INVALID, "the password") : RFD_OK;
}

/** Who reads the holder's mail may end a lock, too. */
static rfd_status enter(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct recovery *r = context;
    struct account account;
    TRY(use_link(t, r->token, LINK_PASSWORD, &account, error));
    if (account.locked) TRY(account_open_again(t, NULL, &account, error));
    return account_enter_password(t, NULL, &account, r->hash, false, 0, error);
}

rfd_status recovery_use(struct store *store, const struct account_settings *settings, slice token, slice password,
                        struct faults *faults, struct rfd_error *error)
{
    struct faults mine = {.count = 0};
    struct recovery r = {.token = token, .password = password, .faults = faults == NULL ? &mine : faults};
    struct arena arena;
    arena_init(&arena, 4096);
    rfd_status status = store_read(store, judge, &r, error);
    if (status == RFD_OK) status = password_hash(settings, password, &arena, &r.hash, error);
    if (status == RFD_OK) status = store_write(store, enter, &r, error);
    arena_dispose(&arena);
    return status;
}
