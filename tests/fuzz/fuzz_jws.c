/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tokens of another sign-in (JSON Web Signature): the first line is the provider's set of keys, the rest a token. The
 * same octets are also read as base64url, which has one text for each value.
 */
#include "base/url.h"
#include "domain/oidc/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_token(slice keys, slice token)
{
    json_t *set = json_loadb((const char *)keys.data, keys.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *claims = NULL;
    if (set != NULL && jws_verify(token, set, &claims, NULL) == RFD_OK && !json_is_object(claims)) __builtin_trap();
    json_decref(claims);
    json_decref(set);
}

static void check_text(slice text)
{
    struct arena a;
    struct buf again;
    arena_init(&a, 1 << 20);
    buf_init(&again, 1 << 20);
    slice bytes = url_read_base64(text, &a);
    if (bytes.data != NULL) {
        url_put_base64(&again, bytes);
        if (!slice_equal(text, buf_slice(&again))) __builtin_trap();
    }
    buf_dispose(&again);
    arena_dispose(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    check_text(in);
    if (end == NULL) return 0;
    size_t length = (size_t)(end - data);
    check_token(slice_part(in, 0, length), slice_from(in, length + 1));
    return 0;
}
