/* SPDX-License-Identifier: EUPL-1.2
 *
 * An authority with its services for the tests of pki/authority: keys of OpenSSL behind the signing callback.
 */
#ifndef TESTS_AUTHORITY_SUPPORT_H
#define TESTS_AUTHORITY_SUPPORT_H

#include "pki/authority/authority.h"
#include "pki/signature_pool.h"
#include "pki_maker.h"

struct hand {
    struct made made;
    struct signature_pool pool;
    struct authority_signer signer;
    unsigned signatures; /* made so far */
    rfd_status refuses;  /* what signing fails with, RFD_OK: it does not */
};
/** Stops the program when OpenSSL fails. The hand may not be moved afterwards. */
void hand_new(struct hand *h, const struct make *m);
void hand_free(struct hand *h);

#define OCSP_EXTENSIONS                                                                                                \
    {                                                                                                                  \
        "keyUsage=critical,digitalSignature", "extendedKeyUsage=OCSPSigning", "noCheck=ignored",                       \
            "authorityKeyIdentifier=keyid"                                                                             \
    }
#define TSA_EXTENSIONS                                                                                                 \
    {                                                                                                                  \
        "keyUsage=critical,digitalSignature", "extendedKeyUsage=critical,timeStamping", "authorityKeyIdentifier=keyid" \
    }

/** Bytes from hexadecimal text; blanks are passed over. */
slice hex(const char *text, uint8_t *to, size_t size);
/** Where `part` begins in `whole`, SIZE_MAX when it does not. */
size_t find_bytes(slice whole, slice part);
/** Runs a command of the shell in the folder of pki_fixture.h; true when it succeeded and printed `wanted`. */
bool shell_says(const char *wanted, const char *command);

#endif
