/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/token.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/url.h"
#include "pki/digest.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

enum { TOKEN_SIZE = 32 };

rfd_status token_random(void *to, size_t length, struct rfd_error *error)
{
    if (RAND_bytes(to, (int)length) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    return RFD_OK;
}

rfd_status token_hash(slice text, uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    return digest_of(DIGEST_SHA256, text, hash, error);
}

rfd_status token_make(char text[TOKEN_TEXT_SIZE], uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    uint8_t random[TOKEN_SIZE];
    struct buf letters;
    TRY(token_random(random, sizeof random, error));
    buf_init_secret(&letters, TOKEN_TEXT_SIZE);
    url_put_base64(&letters, slice_of(random, sizeof random));
    secret_wipe(random, sizeof random);
    rfd_status status = buf_check(&letters, "a token", error);
    if (status == RFD_OK) {
        memcpy(text, letters.data, letters.length);
        text[letters.length] = '\0';
        status = token_hash(buf_slice(&letters), hash, error);
    }
    buf_dispose(&letters);
    return status;
}

rfd_status token_hash_pair(const char *kind, slice a, slice b, uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_print(&text, "%s %zu ", kind, a.length);
    buf_put_slice(&text, a);
    buf_put_slice(&text, b);
    rfd_status status = buf_check(&text, "what is counted", error);
    if (status == RFD_OK) status = token_hash(buf_slice(&text), hash, error);
    buf_dispose(&text);
    return status;
}

rfd_status token_mac(slice key, slice message, uint8_t mac[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    unsigned length = TOKEN_HASH_SIZE;
    if (HMAC(EVP_sha256(), key.data, (int)key.length, message.data, message.length, mac, &length) == NULL)
        return error_set(error, RFD_E_INTERNAL, "HMAC");
    return RFD_OK;
}
