/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a browser sends for a passkey: as JSON, and as an attestation object for our own site.
 */
#include "domain/account/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct webauthn_answer *answer, struct arena *a)
{
    struct webauthn_credential credential;
    if (webauthn_register(answer, "localhost", a, &credential, NULL) != RFD_OK) return;
    if (credential.id.length > WEBAUTHN_CREDENTIAL_MAXIMUM || credential.public_key.length > WEBAUTHN_KEY_MAXIMUM)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct webauthn_answer answer;
    struct arena a;
    slice in = slice_of(data, size);
    arena_init(&a, 1 << 20);
    if (webauthn_read(in, true, &a, &answer, NULL) == RFD_OK) check(&answer, &a);
    (void)!webauthn_read(in, false, &a, &answer, NULL);
    answer = (struct webauthn_answer){.attestation = in, .credential = SLICE("0123456789abcdef")};
    check(&answer, &a);
    arena_dispose(&a);
    return 0;
}
