/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of every odd kind, made by OpenSSL from a few words, for the tests of paths and revocation.
 */
#ifndef TESTS_PKI_MAKER_H
#define TESTS_PKI_MAKER_H

#include "pki/path/path.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

enum { MADE_EXTENSIONS = 8 };
struct made {
    EVP_PKEY *key;
    X509 *x509;
    const struct certificate *certificate;
};
/* What to make; everything may be left out. */
struct make {
    const char *name;                        /* common name, UTF8String */
    bool printable;                          /* PrintableString instead */
    const struct made *issuer;               /* NULL: self-signed */
    const struct made *signer;               /* whose key signs, when it is not the issuer's */
    const struct made *key_of;               /* the same key as that one */
    int rsa_bits;                            /* 0: P-256 */
    const char *digest;                      /* NULL: SHA256 */
    const char *from, *to;                   /* ISO dates; NULL: yesterday, in ten years */
    const char *extensions[MADE_EXTENSIONS]; /* "keyUsage=critical,cRLSign" as in openssl.cnf */
};
/** Stops the program when OpenSSL fails. */
struct made made_new(const struct make *m);
#define MAKE(...) made_new(&(struct make){__VA_ARGS__})
void made_free(struct made *m);
/** What most authorities have. */
#define AUTHORITY_EXTENSIONS                                                                                           \
    {                                                                                                                  \
        "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash"      \
    }
/** Writes PEM files into the folder of pki_fixture.h; `key` may be NULL. */
void made_write(const struct made *m, const char *certificate, const char *key);
/** An ISO date as a moment. */
rfd_time moment(const char *iso);

#endif
