/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes by SMS and mail: six digits, the last one only, ten minutes, once. Kept as HMAC under the installation's key:
 * six digits behind a plain hash would be no secret.
 */
#include "domain/account/factor_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"

enum { CODE_MINUTES = 10, BETWEEN_SECONDS = 30, CODES = 1000000 };

static rfd_status hash_code(const struct account_settings *settings, const struct account *account, slice code,
                            uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    uint8_t message[64];
    if (account->code.length + code.length + 1 > sizeof message) {
        memset(hash, 0, TOKEN_HASH_SIZE); /* no code is that long */
        return RFD_OK;
    }
    memcpy(message, account->code.data, account->code.length);
    message[account->code.length] = ' ';
    if (code.length > 0) memcpy(message + account->code.length + 1, code.data, code.length);
    return token_mac(settings->key, slice_of(message, account->code.length + 1 + code.length), hash, error);
}

/** Six digits, each as likely as the others. */
static rfd_status random_code(char code[7], struct rfd_error *error)
{
    uint32_t number;
    do {
        TRY(token_random(&number, sizeof number, error));
    } while (number >= UINT32_MAX - UINT32_MAX % CODES);
    (void)snprintf(code, 7, "%06u", number % CODES);
    return RFD_OK;
}

static rfd_status send(struct transaction *t, const struct account *account, enum sign_in_method channel,
                       slice language, const char *code, struct rfd_error *error)
{
    struct view *view = view_new(store_arena(t));
    struct person person;
    if (view == NULL) return arena_failed(store_arena(t), error);
    TRY(person_find(t, account->person, &person, error));
    slice to = channel == METHOD_SMS ? person.mobile : person.mail;
    if (to.length == 0) return error_set(error, RFD_E_STATE, "there is no address to send a code to");
    view_text(view, "code", arena_copy(store_arena(t), slice_text(code)));
    view_number(view, "minutes", CODE_MINUTES);
    view_text(view, "name", person.given_names);
    const struct outbox_message message = {.name = "sign-in-code",
                                           .mail = channel == METHOD_MAIL ? to : SLICE_EMPTY,
                                           .mobile = channel == METHOD_SMS ? to : SLICE_EMPTY,
                                           .language = language.length > 0 ? language : account->language,
                                           .view = view};
    return outbox_put_message(t, &message, error);
}

/** The newest code is the only one; none within 30 seconds of another. */
static rfd_status keep(struct transaction *t, const struct account *account, enum sign_in_method channel,
                       const uint8_t *hash, bool *kept, struct rfd_error *error)
{
    rfd_time now = clock_now();
    const struct store_value values[] = {store_integer(account->id),
                                         store_integer(channel),
                                         account_hash_value(hash),
                                         store_integer(now),
                                         store_integer(now + CODE_MINUTES * ACCOUNT_MINUTE),
                                         store_integer(now - BETWEEN_SECONDS * RFD_SECOND)};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO account_code(account, channel, hash, sent, ends) VALUES ($1, $2, $3, $4, $5) ON "
                  "CONFLICT(account) DO UPDATE SET channel = $2, hash = $3, sent = $4, ends = $5 WHERE "
                  "account_code.sent <= $6",
                  values, 6, &rows, error));
    *kept = rows.changed == 1;
    return RFD_OK;
}

rfd_status code_send(struct transaction *t, const struct account_settings *settings, struct session *session,
                     enum sign_in_method channel, slice language, struct rfd_error *error)
{
    struct account account;
    uint8_t hash[TOKEN_HASH_SIZE];
    char code[7];
    bool kept;
    if (session->pending == 0 || (session->wanted & WANT_FACTOR) == 0)
        return error_set(error, RFD_E_STATE, "no second factor is wanted");
    if (channel != METHOD_SMS && channel != METHOD_MAIL) return error_set(error, RFD_E_ARGUMENT, "channel of a code");
    TRY(account_find(t, session->pending, &account, error));
    if ((account.factors & (unsigned)channel) == 0)
        return error_set(error, RFD_E_STATE, "the account gets no codes this way");
    TRY(random_code(code, error));
    TRY(hash_code(settings, &account, slice_text(code), hash, error));
    TRY(keep(t, &account, channel, hash, &kept, error));
    rfd_status status = kept ? send(t, &account, channel, language, code, error)
                             : error_set(error, RFD_E_SLOW_DOWN, "a code was sent less than 30 seconds ago");
    secret_wipe(code, sizeof code);
    return status;
}

rfd_status code_use(struct transaction *t, const struct account_settings *settings, const struct account *account,
                    enum sign_in_method channel, slice code, bool *right, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(hash_code(settings, account, code, hash, error));
    const struct store_value values[] = {store_integer(account->id), store_integer(channel), account_hash_value(hash),
                                         store_integer(clock_now())};
    /* What is compared is an HMAC: how far two of them agree tells nothing about the code. */
    TRY(store_run(t, "UPDATE account_code SET ends = 0 WHERE account = $1 AND channel = $2 AND hash = $3 AND ends > $4",
                  values, 4, &rows, error));
    *right = rows.changed == 1;
    return RFD_OK;
}
