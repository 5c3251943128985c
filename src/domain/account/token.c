/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/token.h"

#include "base/error.h"
#include "base/secret.h"
#include "pki/digest.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

enum { TOKEN_SIZE = 32 };
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

rfd_status token_random(void *to, size_t length, struct rfd_error *error)
{
    if (RAND_bytes(to, (int)length) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    return RFD_OK;
}

/** The digits of up to three octets; returns how many. */
static size_t put_group(const uint8_t *from, size_t length, char to[4])
{
    uint32_t bits = (uint32_t)from[0] << 16;
    if (length > 1) bits |= (uint32_t)from[1] << 8;
    if (length > 2) bits |= from[2];
    for (size_t i = 0; i <= length; i++) to[i] = alphabet[(bits >> (18 - 6 * i)) & 0x3F];
    return length + 1;
}

void token_put_base64url(struct buf *out, slice bytes)
{
    char group[4];
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t length = bytes.length - i < 3 ? bytes.length - i : 3;
        buf_put(out, group, put_group(bytes.data + i, length, group));
    }
}

static int digit_value(uint8_t c)
{
    const char *at = c == 0 ? NULL : memchr(alphabet, c, 64);
    return at == NULL ? -1 : (int)(at - alphabet);
}

slice token_base64url(slice text, struct arena *a)
{
    size_t rest = text.length % 4;
    uint8_t *to = rest == 1 ? NULL : arena_allocate(a, text.length / 4 * 3 + 3);
    size_t length = 0;
    uint32_t bits = 0;
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        int value = digit_value(text.data[i]);
        if (value < 0) return SLICE_EMPTY;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) to[length++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    /* Bits that no octet takes have to be zero: one text for each value. */
    uint32_t unused = rest == 2 ? bits & 0x0F : rest == 3 ? bits & 0x03 : 0;
    return unused == 0 ? slice_of(to, length) : SLICE_EMPTY;
}

rfd_status token_hash(slice text, uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    return digest_of(DIGEST_SHA256, text, hash, error);
}

rfd_status token_make(char text[TOKEN_TEXT_SIZE], uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error)
{
    uint8_t random[TOKEN_SIZE];
    size_t length = 0;
    TRY(token_random(random, sizeof random, error));
    for (size_t i = 0; i < sizeof random; i += 3)
        length += put_group(random + i, sizeof random - i < 3 ? sizeof random - i : 3, text + length);
    text[length] = '\0';
    secret_wipe(random, sizeof random);
    return token_hash(slice_of(text, length), hash, error);
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
