/* SPDX-License-Identifier: EUPL-1.2
 *
 * A challenge is the SHA-256 of salt and number, in hexadecimal; the salt says until when it holds, and ends with a
 * sign that is no digit, so that nothing of it can be taken for the number's. The signature is the HMAC of the
 * challenge. What was solved is entered by its hash until it would be too old anyway.
 */
#include "domain/account/security_code.h"

#include "base/error.h"
#include "base/number.h"
#include "base/secret.h"
#include "domain/account/token.h"

#include <jansson.h>

enum { LARGEST = 150000, MINUTES = 10, ANSWER_MAXIMUM = 2048, SALT_OCTETS = 12, TEXT_MAXIMUM = 128 };
#define MINUTE (60 * RFD_SECOND)

static void to_hex(const uint8_t bytes[TOKEN_HASH_SIZE], char text[2 * TOKEN_HASH_SIZE + 1])
{
    number_to_hex(slice_of(bytes, TOKEN_HASH_SIZE), false, (uint8_t *)text);
    text[2 * TOKEN_HASH_SIZE] = '\0';
}

static rfd_status challenge_of(slice salt, uint64_t number, char text[2 * TOKEN_HASH_SIZE + 1], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    char whole[TEXT_MAXIMUM + 24];
    int length = snprintf(whole, sizeof whole, "%.*s%llu", (int)salt.length, (const char *)salt.data,
                          (unsigned long long)number);
    TRY(token_hash(slice_of(whole, (size_t)length), hash, error));
    to_hex(hash, text);
    return RFD_OK;
}

static rfd_status signature_of(slice key, const char *challenge, char text[2 * TOKEN_HASH_SIZE + 1],
                               struct rfd_error *error)
{
    uint8_t mac[TOKEN_HASH_SIZE];
    if (key.length != TOKEN_HASH_SIZE) return error_set(error, RFD_E_ARGUMENT, "a key of %zu octets", key.length);
    TRY(token_mac(key, slice_text(challenge), mac, error));
    to_hex(mac, text);
    return RFD_OK;
}

rfd_status security_code_make(slice key, rfd_time now, struct buf *json, struct rfd_error *error)
{
    uint8_t random[SALT_OCTETS];
    uint32_t number;
    char salt[TEXT_MAXIMUM];
    char hex[2 * SALT_OCTETS + 1] = "";
    char challenge[2 * TOKEN_HASH_SIZE + 1];
    char signature[2 * TOKEN_HASH_SIZE + 1];
    TRY(token_random(random, sizeof random, error));
    TRY(token_random(&number, sizeof number, error));
    number_to_hex(slice_of(random, sizeof random), false, (uint8_t *)hex);
    (void)snprintf(salt, sizeof salt, "%s?expires=%lld&", hex, (long long)((now + MINUTES * MINUTE) / RFD_SECOND));
    TRY(challenge_of(slice_text(salt), number % (LARGEST + 1), challenge, error));
    TRY(signature_of(key, challenge, signature, error));
    buf_print(json,
              "{\"algorithm\":\"SHA-256\",\"challenge\":\"%s\",\"maxnumber\":%d,\"salt\":\"%s\",\"signature\":\"%s\"}",
              challenge, LARGEST, salt, signature);
    return buf_check(json, "a security code", error);
}

/** "…?expires=1790000000&" */
static bool is_in_time(slice salt, rfd_time now)
{
    static const char mark[] = "?expires=";
    const uint8_t *at = salt.length < 2 ? NULL : memmem(salt.data, salt.length, mark, sizeof mark - 1);
    uint64_t ends;
    if (at == NULL || salt.data[salt.length - 1] != '&') return false;
    size_t from = (size_t)(at - salt.data) + sizeof mark - 1;
    return number_unsigned(slice_part(salt, from, salt.length - from - 1), INT64_MAX / RFD_SECOND, &ends) &&
           now < (rfd_time)ends * RFD_SECOND;
}

static rfd_status is_right(const json_t *root, slice key, rfd_time now, bool *right, struct rfd_error *error)
{
    const char *salt = json_string_value(json_object_get(root, "salt"));
    const char *given = json_string_value(json_object_get(root, "challenge"));
    const char *signature = json_string_value(json_object_get(root, "signature"));
    json_int_t number = json_integer_value(json_object_get(root, "number"));
    char challenge[2 * TOKEN_HASH_SIZE + 1];
    char mac[2 * TOKEN_HASH_SIZE + 1];
    *right = false;
    if (salt == NULL || given == NULL || signature == NULL || number < 0 || number > LARGEST) return RFD_OK;
    if (strlen(salt) >= TEXT_MAXIMUM || !is_in_time(slice_text(salt), now)) return RFD_OK;
    TRY(challenge_of(slice_text(salt), (uint64_t)number, challenge, error));
    TRY(signature_of(key, challenge, mac, error));
    *right =
        secret_equal(slice_text(challenge), slice_text(given)) && secret_equal(slice_text(mac), slice_text(signature));
    return RFD_OK;
}

static rfd_status use(struct transaction *t, slice answer, rfd_time now, bool *fresh, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(answer, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)),
                                         store_integer(now + 2 * MINUTES * MINUTE)};
    TRY(store_run(t, "INSERT INTO security_code(hash, ends) VALUES ($1, $2) ON CONFLICT(hash) DO NOTHING", values, 2,
                  &rows, error));
    *fresh = rows.changed == 1;
    return RFD_OK;
}

rfd_status security_code_check(struct transaction *t, slice key, slice answer, rfd_time now, bool *right,
                               struct rfd_error *error)
{
    uint8_t text[ANSWER_MAXIMUM];
    size_t length;
    json_error_t ignored;
    *right = false;
    if (answer.length == 0 || answer.length > ANSWER_MAXIMUM - 8 || !number_base64(answer, text, &length))
        return RFD_OK;
    json_t *root = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &ignored);
    if (root == NULL) return RFD_OK;
    rfd_status status = is_right(root, key, now, right, error);
    const char *challenge = json_string_value(json_object_get(root, "challenge"));
    if (status == RFD_OK && *right) status = use(t, slice_text(challenge), now, right, error);
    json_decref(root);
    return status;
}
