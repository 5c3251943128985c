/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/own_key_session.h"

#include "pades/sign/session.h"

static const char *const names[] = {[SCHEME_RSA_PKCS1] = "RSASSA-PKCS1-v1_5",
                                    [SCHEME_RSA_PSS] = "RSA-PSS",
                                    [SCHEME_ECDSA] = "ECDSA",
                                    [SCHEME_ED25519] = "Ed25519"};

static const char *name_of(enum signature_scheme scheme)
{
    bool known = (unsigned)scheme < sizeof names / sizeof *names && names[scheme] != NULL;
    return known ? names[scheme] : "";
}

rfd_status own_key_session_read(slice session, struct arena *a, struct own_key_session *out, struct rfd_error *error)
{
    struct session s;
    TRY(session_read(session, &s, error));
    *out = (struct own_key_session){.algorithm = name_of(s.algorithm.scheme),
                                    .certificate = arena_copy(a, s.certificates.items[0]->der),
                                    .attributes = arena_copy(a, buf_slice(&s.signed_attributes)),
                                    .digest = arena_copy(a, slice_of(s.digest, s.digest_length)),
                                    .size = s.size,
                                    .hole_offset = s.hole_offset,
                                    .hole_length = s.hole_length};
    session_dispose(&s);
    bool copied = out->certificate.data != NULL && out->attributes.data != NULL && out->digest.data != NULL;
    return copied ? RFD_OK : arena_failed(a, error);
}

rfd_status own_key_session_verify(slice session, slice signature, struct rfd_error *error)
{
    struct session s;
    TRY(session_read(session, &s, error));
    rfd_status status =
        signature_verify(&s.algorithm, s.certificates.items[0], buf_slice(&s.signed_attributes), signature, error);
    session_dispose(&s);
    return status;
}
