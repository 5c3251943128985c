/* SPDX-License-Identifier: EUPL-1.2
 *
 * OpenSSL would build a chain of its own, without going back on a wrong turn. Here it is given exactly one: the
 * certificates between as "untrusted", the anchor as the only trusted one, and a check_issued that accepts nothing
 * but neighbours of that chain. The verify callback lets it go on after each fault and notes them.
 */
#include "pki/path/path_verify.h"

#include "base/error.h"
#include "pki/oid.h"
#include "pki/path/path_shown.h"
#include "pki/path/strength.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>

struct verification {
    const struct certificate *const *chain;
    X509 *x509[PATH_LENGTH_MAXIMUM];
    X509 *otherwise[PATH_LENGTH_MAXIMUM]; /* owned; NULL for most: they are shown as they are */
    size_t count;
    struct path_verdict *verdict;
    bool no_memory;
};

static const struct {
    int code;
    enum path_fault fault;
} faults[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_CERT_UNTRUSTED, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_CERT_REJECTED, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, PATH_FAULT_NO_ANCHOR},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, PATH_FAULT_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, PATH_FAULT_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, PATH_FAULT_SIGNATURE},
    {X509_V_ERR_CERT_HAS_EXPIRED, PATH_FAULT_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, PATH_FAULT_NOT_YET_VALID},
    {X509_V_ERR_INVALID_CA, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_INVALID_NON_CA, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_INVALID_POLICY_EXTENSION, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_NO_EXPLICIT_POLICY, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_PERMITTED_VIOLATION, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_EXCLUDED_VIOLATION, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_SUBTREE_MINMAX, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, PATH_FAULT_CONSTRAINTS},
    {X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED, PATH_FAULT_CONSTRAINTS},
};

static enum path_fault fault_of(int code)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (faults[i].code == code) return faults[i].fault;
    }
    return PATH_FAULT_MALFORMED;
}

void path_verdict_add(struct path_verdict *v, enum path_fault fault, size_t at, const char *format, ...)
{
    if (v->met[fault]) return;
    va_list args;
    va_start(args, format);
    v->met[fault] = true;
    v->at[fault] = at;
    (void)vsnprintf(v->detail[fault], sizeof v->detail[fault], format, args);
    va_end(args);
}

/* --- What is shown otherwise (path_shown.c) ------------------------------------------------------------------------
 */

/* chain[i] was shown otherwise: true when its signature is right as it is. */
static bool original_verifies(const struct verification *v, size_t i)
{
    if (v->otherwise[i] == NULL || i + 1 >= v->count) return false;
    X509 *original = certificate_x509(v->chain[i], NULL);
    EVP_PKEY *key = X509_get0_pubkey(v->x509[i + 1]);
    return original != NULL && key != NULL && X509_verify(original, key) == 1;
}

/* --- OpenSSL's callbacks ----------------------------------------------------------------------------------------- */

static bool is_anchor_period(const struct verification *v, int code, size_t depth)
{
    return depth > 0 && depth + 1 == v->count &&
           (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID);
}

static int on_verify(int ok, X509_STORE_CTX *context)
{
    struct verification *v = X509_STORE_CTX_get_app_data(context);
    if (ok) return 1;
    int code = X509_STORE_CTX_get_error(context);
    int depth = X509_STORE_CTX_get_error_depth(context);
    size_t at = depth < 0 ? 0 : (size_t)depth;
    if (at >= v->count) at = v->count - 1;
    if (code == X509_V_ERR_OUT_OF_MEM) {
        v->no_memory = true;
        return 0;
    }
    bool excused =
        is_anchor_period(v, code, at) || (code == X509_V_ERR_CERT_SIGNATURE_FAILURE && original_verifies(v, at));
    if (!excused) path_verdict_add(v->verdict, fault_of(code), at, "%s", X509_verify_cert_error_string(code));
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

/* Only neighbours of the chain given issue each other. */
static int on_check_issued(X509_STORE_CTX *context, X509 *subject, X509 *issuer)
{
    const struct verification *v = X509_STORE_CTX_get_app_data(context);
    for (size_t i = 0; i + 1 < v->count; i++) {
        if (v->x509[i] == subject && v->x509[i + 1] == issuer) return 1;
    }
    return 0;
}

struct x509_store_st *path_verify_settings_new(void)
{
    X509_STORE *settings = X509_STORE_new();
    if (settings != NULL) X509_STORE_set_check_issued(settings, on_check_issued);
    return settings;
}

void path_verify_settings_free(struct x509_store_st *settings)
{
    X509_STORE_free(settings);
}

/* --- Setting up -------------------------------------------------------------------------------------------------- */

static bool add_policy(X509_VERIFY_PARAM *settings, slice policy)
{
    char text[OID_TEXT_SIZE];
    ASN1_OBJECT *object = OBJ_txt2obj(oid_text(policy, text), 1);
    if (object == NULL) return false;
    if (X509_VERIFY_PARAM_add0_policy(settings, object) == 1) return true;
    ASN1_OBJECT_free(object);
    return false;
}

static bool set_parameters(X509_STORE_CTX *context, rfd_time at, const struct path_parameters *p)
{
    X509_VERIFY_PARAM *settings = X509_STORE_CTX_get0_param(context);
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK;
    if (p->require_explicit_policy) flags |= X509_V_FLAG_EXPLICIT_POLICY;
    if (p->inhibit_policy_mapping) flags |= X509_V_FLAG_INHIBIT_MAP;
    if (p->inhibit_any_policy) flags |= X509_V_FLAG_INHIBIT_ANY;
    if (X509_VERIFY_PARAM_set_flags(settings, flags) != 1) return false;
    bool ok = p->policy_count > 0 || add_policy(settings, oid(OID_ANY_POLICY));
    for (size_t i = 0; ok && i < p->policy_count; i++) ok = add_policy(settings, p->policies[i]);
    rfd_time seconds = at / RFD_SECOND - (at % RFD_SECOND < 0);
    X509_VERIFY_PARAM_set_time(settings, (time_t)seconds);
    X509_VERIFY_PARAM_set_depth(settings, PATH_LENGTH_MAXIMUM);
    X509_VERIFY_PARAM_set_auth_level(settings, 0); /* strength.h judges instead */
    /* A person's common name is no host name, whatever it looks like (RFC 5280 §4.2.1.10 does not constrain it). */
    X509_VERIFY_PARAM_set_hostflags(settings, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return ok;
}

static bool push_all(STACK_OF(X509) * stack, X509 *const *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sk_X509_push(stack, from[i]) <= 0) return false;
    }
    return true;
}

/* False without memory. */
static bool run(struct verification *v, X509_STORE *settings, rfd_time at, const struct path_parameters *parameters)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *between = sk_X509_new_null();
    STACK_OF(X509) *anchors = sk_X509_new_null();
    bool ok = context != NULL && between != NULL && anchors != NULL;
    ok = ok && push_all(anchors, v->x509 + v->count - 1, 1);
    if (ok && v->count > 2) ok = push_all(between, v->x509 + 1, v->count - 2);
    ok = ok && X509_STORE_CTX_init(context, settings, v->x509[0], between) == 1;
    if (ok) {
        X509_STORE_CTX_set0_trusted_stack(context, anchors);
        X509_STORE_CTX_set_verify_cb(context, on_verify);
        ok = X509_STORE_CTX_set_app_data(context, v) == 1 && set_parameters(context, at, parameters);
    }
    if (ok && X509_verify_cert(context) <= 0 && !v->no_memory) {
        int code = X509_STORE_CTX_get_error(context);
        path_verdict_add(v->verdict, fault_of(code), 0, "%s", X509_verify_cert_error_string(code));
    }
    X509_STORE_CTX_free(context);
    sk_X509_free(between);
    sk_X509_free(anchors);
    return ok && !v->no_memory;
}

/* --- Strength and period ----------------------------------------------------------------------------------------- */

static void check_strength(const struct verification *v, rfd_time at)
{
    char detail[80];
    struct path_verdict *out = v->verdict;
    for (size_t i = 0; i < v->count; i++) {
        const struct certificate *c = v->chain[i];
        bool anchor = i + 1 == v->count && i > 0;
        rfd_time until = INT64_MAX;
        if (!strength_of_key(c, at, &until, detail, sizeof detail) ||
            (!anchor && !strength_of_signature(c->signature_algorithm, at, &until, detail, sizeof detail))) {
            path_verdict_add(out, PATH_FAULT_WEAK, i, "%s", detail);
        }
        if (i == 0) continue;
        if (until < out->valid_until) out->valid_until = until;
        if (anchor) continue;
        if (c->not_before > out->valid_from) out->valid_from = c->not_before;
        if (c->not_after < out->valid_until) out->valid_until = c->not_after;
    }
}

rfd_status path_verify(struct x509_store_st *settings, const struct certificate *const *chain, size_t count,
                       rfd_time at, const struct path_parameters *parameters, struct path_verdict *out,
                       struct rfd_error *error)
{
    struct verification v = {.chain = chain, .count = count, .verdict = out};
    size_t at_fault = 0;
    *out = (struct path_verdict){.valid_from = INT64_MIN, .valid_until = INT64_MAX};
    ERR_set_mark();
    for (size_t i = 0; i < count; i++) {
        v.otherwise[i] = path_shown(chain, count, i);
        v.x509[i] = v.otherwise[i] != NULL ? v.otherwise[i] : certificate_x509(chain[i], NULL);
        if (v.x509[i] == NULL) path_verdict_add(out, PATH_FAULT_MALFORMED, i, "OpenSSL cannot read the certificate");
    }
    if (!path_policy_may_be_missing(chain, count, &at_fault))
        path_verdict_add(out, PATH_FAULT_CONSTRAINTS, at_fault, "%s",
                         X509_verify_cert_error_string(X509_V_ERR_NO_EXPLICIT_POLICY));
    bool ok = out->met[PATH_FAULT_MALFORMED] || run(&v, settings, at, parameters);
    for (size_t i = 0; i < count; i++) X509_free(v.otherwise[i]);
    ERR_pop_to_mark();
    if (!ok) return error_memory(error);
    check_strength(&v, at);
    return RFD_OK;
}
