/* SPDX-License-Identifier: EUPL-1.2
 *
 * A stranger's PKCS #10, its key and its proof; and the same bytes as a certificate that is about to be signed, for
 * the rules of lint.
 */
#include "pki/authority/lint.h"
#include "pki/authority/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lint(slice tbs)
{
    static const struct certificate issuer = {.subject = {(const uint8_t *)"\x30\x00", 2}};
    for (unsigned kind = 1; kind <= LINT_OCSP; kind <<= 1) {
        bool root = kind == LINT_ROOT;
        (void)!lint_certificate(tbs, root ? NULL : &issuer, (enum lint_kind)kind, NULL, NULL, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Small moduli too: they are the quick ones. */
    const struct key_rules rules = {KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521 | KEY_KIND_ED25519, 64,
                                    2048};
    struct request request;
    if (request_parse(slice_of(data, size), &request, NULL) == RFD_OK) {
        (void)!request_verify(&request, &rules, NULL);
        (void)!key_check(request.spki, &rules, NULL, NULL);
    }
    lint(slice_of(data, size));
    return 0;
}
