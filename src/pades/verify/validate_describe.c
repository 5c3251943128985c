/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate and what is known of its revocation, in words for the report.
 */
#include "pades/verify/validate.h"

#include "base/error.h"

static rfd_status name_text(const struct validation *v, slice name, const char **out, struct rfd_error *error)
{
    struct buf text;
    rfd_status status;
    buf_init(&text, 1 << 16);
    certificate_put_name(&text, name);
    TRY_OUT(buf_check(&text, "name", error));
    TRY_OUT(validate_text(v, buf_slice(&text), out, error));
out:
    buf_dispose(&text);
    return status;
}

static rfd_status hex_text(const struct validation *v, slice bytes, const char **out, struct rfd_error *error)
{
    struct buf text;
    rfd_status status;
    buf_init(&text, 1 << 16);
    buf_put_hex(&text, bytes, false);
    TRY_OUT(buf_check(&text, "number", error));
    TRY_OUT(validate_text(v, buf_slice(&text), out, error));
out:
    buf_dispose(&text);
    return status;
}

/* "RSA-2048", "P-256", "Ed25519". */
static const char *key_text(const struct validation *v, const struct certificate *c)
{
    switch (c->key_type) {
    case KEY_RSA:
    case KEY_RSA_PSS: return arena_print(v->arena, "RSA-%d", c->key_bits_size);
    case KEY_EC: return c->curve != NULL ? c->curve : arena_print(v->arena, "EC-%d", c->key_bits_size);
    case KEY_ED25519: return "Ed25519";
    case KEY_ED448: return "Ed448";
    case KEY_OTHER: break;
    }
    return "";
}

rfd_status validate_describe(const struct validation *v, const struct certificate *c, struct rfd_certificate_report *r,
                             struct rfd_error *error)
{
    *r = (struct rfd_certificate_report){.not_before = c->not_before,
                                         .not_after = c->not_after,
                                         .anchor = trust_is_anchor(v->trust, c),
                                         .revocation = RFD_REVOCATION_UNKNOWN,
                                         .revocation_source = "",
                                         .revoked_at = RFD_TIME_NONE,
                                         .this_update = RFD_TIME_NONE,
                                         .next_update = RFD_TIME_NONE,
                                         .revocation_detail = "",
                                         .key = key_text(v, c)};
    if (r->key == NULL) return arena_failed(v->arena, error);
    TRY(name_text(v, c->subject, &r->subject, error));
    TRY(name_text(v, c->issuer, &r->issuer, error));
    TRY(hex_text(v, c->serial, &r->serial, error));
    return hex_text(v, slice_of(c->fingerprint, sizeof c->fingerprint), &r->fingerprint, error);
}

rfd_status validate_describe_revocation(const struct validation *v, const struct revocation_result *result,
                                        struct rfd_certificate_report *r, struct rfd_error *error)
{
    static const enum rfd_revocation_state states[] = {
        [REVOCATION_UNKNOWN] = RFD_REVOCATION_UNKNOWN,       [REVOCATION_GOOD] = RFD_REVOCATION_GOOD,
        [REVOCATION_REVOKED] = RFD_REVOCATION_REVOKED,       [REVOCATION_HELD] = RFD_REVOCATION_HELD,
        [REVOCATION_NOT_NEEDED] = RFD_REVOCATION_NOT_NEEDED,
    };
    static const char *const sources[2][4] = {
        {"ocsp, signature", "ocsp, document", "ocsp, trust", "ocsp, network"},
        {"crl, signature", "crl, document", "crl, trust", "crl, network"},
    };
    r->revocation = states[result->state];
    if (result->state == REVOCATION_NOT_NEEDED) return RFD_OK;
    if (result->state != REVOCATION_UNKNOWN) r->revocation_source = sources[result->from_crl][result->source];
    r->revoked_at = result->revoked_at;
    r->this_update = result->this_update;
    r->next_update = result->next_update;
    return validate_text(v, slice_text(result->detail), &r->revocation_detail, error);
}
