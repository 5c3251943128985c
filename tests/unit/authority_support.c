/* SPDX-License-Identifier: EUPL-1.2 */
#include "authority_support.h"

#include "base/error.h"
#include "base/number.h"
#include "pki_fixture.h"

static rfd_status sign_by_hand(void *context, const struct signature_algorithm *a, slice message, slice digest,
                               struct buf *signature, struct rfd_error *error)
{
    struct hand *h = context;
    if (h->refuses != RFD_OK) return error_set(error, h->refuses, "the hand refuses");
    (void)__atomic_fetch_add(&h->signatures, 1, __ATOMIC_RELAXED);
    return signature_pool_sign(&h->pool, h->made.key, a, message, digest, signature, error);
}

void hand_new(struct hand *h, const struct make *m)
{
    *h = (struct hand){.made = made_new(m)};
    signature_pool_init(&h->pool);
    h->signer = (struct authority_signer){.certificate = h->made.certificate, .sign = sign_by_hand, .context = h};
    if (signature_algorithm_choose(h->made.certificate, DIGEST_NONE, false, &h->signer.algorithm, NULL) != RFD_OK) {
        abort();
    }
}

void hand_free(struct hand *h)
{
    signature_pool_dispose(&h->pool);
    made_free(&h->made);
}

slice hex(const char *text, uint8_t *to, size_t size)
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ') continue;
        if (used == size || !number_hex(slice_of(text, 2), &to[used++])) abort();
        text++;
    }
    return slice_of(to, used);
}

size_t find_bytes(slice whole, slice part)
{
    for (size_t i = 0; i + part.length <= whole.length; i++) {
        if (slice_equal(slice_part(whole, i, part.length), part)) return i;
    }
    return SIZE_MAX;
}

bool shell_says(const char *wanted, const char *command)
{
    char line[2048];
    struct buf output;
    buf_init(&output, 1 << 20);
    (void)snprintf(line, sizeof line, "cd '%s' && { %s\n} >said 2>&1", folder_file("."), command);
    int status = RUN("sh", "-c", line);
    bool read = file_read(folder_file("said"), &output);
    bool good = status == 0 && read && find_bytes(buf_slice(&output), slice_text(wanted)) != SIZE_MAX;
    if (!good) fprintf(stderr, "# status %d of %s\n%.*s\n", status, command, (int)output.length, (char *)output.data);
    buf_dispose(&output);
    return good;
}
