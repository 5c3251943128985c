/* SPDX-License-Identifier: EUPL-1.2
 *
 * Authenticator apps. The secret is sealed with the installation's key (seal_secret.h), for this account; each step's
 * code is used once: the row's `step` only grows.
 */
#include "domain/account/factor_internal.h"
#include "domain/account/one_time.h"
#include "domain/account/seal_secret.h"

#include "base/clock.h"
#include "base/error.h"

enum { SECRET_SIZE = 20, URI_MAXIMUM = 512 }; /* RFC 4226 §4 R6: 160 bits */

static void put_base32(struct buf *out, slice bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i + 5 <= bytes.length; i += 5) {
        uint64_t bits = 0;
        for (size_t k = 0; k < 5; k++) bits = bits << 8 | bytes.data[i + k];
        for (int shift = 35; shift >= 0; shift -= 5) buf_put_byte(out, (uint8_t)letters[(bits >> shift) & 31]);
    }
}

/** RFC 3986 §2.1 */
static void put_escaped(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (plain)
            buf_put_byte(out, c);
        else
            buf_print(out, "%%%02X", c);
    }
}

static void put_uri(struct buf *out, slice house, slice code, slice secret)
{
    buf_put_text(out, "otpauth://totp/");
    put_escaped(out, house);
    buf_put_text(out, ":");
    put_escaped(out, code);
    buf_put_text(out, "?secret=");
    put_base32(out, secret);
    buf_put_text(out, "&issuer=");
    put_escaped(out, house);
}

static rfd_status house_name(struct transaction *t, slice *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT name FROM house WHERE id = 1", NULL, 0, &rows, error));
    *out = rows.count == 0 ? SLICE("Refrenda") : store_cell(&rows, 0, 0)->bytes;
    return RFD_OK;
}

static rfd_status keep_secret(struct transaction *t, const struct account_settings *settings,
                              const struct account *account, slice secret, struct rfd_error *error)
{
    struct buf sealed;
    buf_init(&sealed, 256);
    rfd_status status = seal_secret(settings->key, account->code, secret, &sealed, error);
    if (status == RFD_OK) {
        const struct store_value values[] = {store_integer(account->id), store_bytes(buf_slice(&sealed)),
                                             store_boolean(false)};
        status = store_run(t,
                           "INSERT INTO account_totp(account, secret, step, active) VALUES ($1, $2, 0, $3) ON "
                           "CONFLICT(account) DO UPDATE SET secret = $2, step = 0, active = $3",
                           values, 3, NULL, error);
    }
    buf_dispose(&sealed);
    return status;
}

rfd_status totp_begin(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                      int64_t account, struct arena *a, slice *uri, struct rfd_error *error)
{
    struct account found;
    uint8_t secret[SECRET_SIZE];
    struct buf text;
    slice house;
    TRY(factor_own(t, actor, account, &found, error));
    if (found.has_totp) return error_set(error, RFD_E_STATE, "there is one in force: remove it first");
    TRY(house_name(t, &house, error));
    TRY(token_random(secret, sizeof secret, error));
    TRY(keep_secret(t, settings, &found, slice_of(secret, sizeof secret), error));
    buf_init_secret(&text, URI_MAXIMUM);
    put_uri(&text, house, found.code, slice_of(secret, sizeof secret));
    secret_wipe(secret, sizeof secret);
    rfd_status status = buf_check(&text, "address of a TOTP secret", error);
    slice copy = status == RFD_OK ? arena_copy(a, buf_slice(&text)) : SLICE_EMPTY;
    buf_dispose(&text);
    TRY(status);
    if (copy.data == NULL) return arena_failed(a, error);
    *uri = copy;
    return RFD_OK;
}

rfd_status totp_pending(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                        int64_t account, struct arena *a, slice *uri, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account), store_boolean(false)};
    struct store_rows rows;
    struct account found;
    uint8_t secret[SEAL_SECRET_MAXIMUM];
    size_t length;
    struct buf text;
    slice house;
    *uri = SLICE_EMPTY;
    TRY(factor_own(t, actor, account, &found, error));
    TRY(store_run(t, "SELECT secret FROM account_totp WHERE account = $1 AND active = $2", values, 2, &rows, error));
    if (rows.count == 0) return RFD_OK;
    TRY(house_name(t, &house, error));
    TRY(open_secret(settings->key, found.code, store_cell(&rows, 0, 0)->bytes, secret, &length, error));
    buf_init_secret(&text, URI_MAXIMUM);
    put_uri(&text, house, found.code, slice_of(secret, length));
    secret_wipe(secret, sizeof secret);
    *uri = buf_status(&text) == RFD_OK ? arena_copy(a, buf_slice(&text)) : SLICE_EMPTY;
    buf_dispose(&text);
    return uri->data == NULL ? error_memory(error) : RFD_OK;
}

rfd_status totp_use(struct transaction *t, const struct account_settings *settings, const struct account *account,
                    bool active, slice code, bool *right, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account->id), store_boolean(active)};
    struct store_rows rows;
    uint8_t secret[SEAL_SECRET_MAXIMUM];
    size_t length;
    uint64_t step;
    *right = false;
    TRY(store_run(t, "SELECT secret, step FROM account_totp WHERE account = $1 AND active = $2", values, 2, &rows,
                  error));
    if (rows.count == 0) return RFD_OK;
    TRY(open_secret(settings->key, account->code, store_cell(&rows, 0, 0)->bytes, secret, &length, error));
    rfd_status status = one_time_find(slice_of(secret, length), code, clock_now(),
                                      (uint64_t)store_cell(&rows, 0, 1)->integer, &step, error);
    secret_wipe(secret, sizeof secret);
    TRY(status);
    if (step == 0) return RFD_OK;
    const struct store_value use[] = {store_integer(account->id), store_integer((int64_t)step), store_boolean(true)};
    TRY(store_run(t, "UPDATE account_totp SET step = $2, active = $3 WHERE account = $1 AND step < $2", use, 3, &rows,
                  error));
    *right = rows.changed == 1;
    return RFD_OK;
}

rfd_status totp_confirm(struct transaction *t, const struct account_settings *settings, const struct actor *actor,
                        int64_t account, slice code, bool *right, struct rfd_error *error)
{
    struct account found;
    bool locked;
    *right = false;
    TRY(factor_own(t, actor, account, &found, error));
    TRY(factor_claim(t, &found, &locked, error));
    if (locked) return error_set(error, RFD_E_SLOW_DOWN, "too many wrong codes");
    TRY(totp_use(t, settings, &found, false, factor_digits(code, store_arena(t)), right, error));
    if (!*right) return factor_wrong(t, &found, error);
    TRY(factor_forget(t, account, error));
    return factor_set(t, actor, &found, METHOD_TOTP, true, error);
}

rfd_status totp_remove(struct transaction *t, const struct actor *actor, int64_t account, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account)};
    struct account found;
    TRY(factor_own(t, actor, account, &found, error));
    TRY(store_run(t, "DELETE FROM account_totp WHERE account = $1", values, 1, NULL, error));
    return found.has_totp ? factor_set(t, actor, &found, METHOD_TOTP, false, error) : RFD_OK;
}
