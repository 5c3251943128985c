/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/seed_values.h"

#include "base/buf.h"
#include "base/error.h"
#include "pades/sign/seed_certificate.h"
#include "pki/digest.h"

/* Required flags, /Ff (table 237). */
enum {
    NEEDS_FILTER = 1 << 0,
    NEEDS_SUB_FILTER = 1 << 1,
    NEEDS_VERSION = 1 << 2,
    NEEDS_REASONS = 1 << 3,
    NEEDS_LEGAL_ATTESTATION = 1 << 4,
    NEEDS_REVOCATION = 1 << 5,
    NEEDS_DIGEST = 1 << 6,
    NEEDS_LOCK_DOCUMENT = 1 << 7,
    NEEDS_APPEARANCE = 1 << 8
};
enum { UNDERSTOOD_VERSION = 3, ITEMS_MAXIMUM = 1000, TEXT_MAXIMUM = 4096 };

struct seed {
    struct pdf_view *view;
    const struct pdf_value *values;
    int64_t required;
    const struct certificate_list *chain;
    struct rfd_sign_options *options;
};

typedef rfd_status seed_rule(struct seed *s, const struct pdf_value *value, struct rfd_error *error);

static rfd_status refuse(struct rfd_error *error, const char *what)
{
    return error_set(error, RFD_E_SEED_VALUE, "%s (ISO 32000-2 §12.7.5.5)", what);
}

static bool lists_name(struct seed *s, const struct pdf_value *array, const char *name)
{
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
        if (pdf_is_name(pdf_item(s->view, array, i), name)) return true;
    }
    return false;
}

static rfd_status rule_filter(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    if ((s->required & NEEDS_FILTER) == 0 || pdf_is_name(value, "Adobe.PPKLite")) return RFD_OK;
    return refuse(error, "another signature handler (Filter) is demanded");
}

static rfd_status rule_sub_filter(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    if ((s->required & NEEDS_SUB_FILTER) == 0 || lists_name(s, value, "ETSI.CAdES.detached")) return RFD_OK;
    return refuse(error, "a signature format (SubFilter) other than ETSI.CAdES.detached is demanded");
}

static rfd_status rule_version(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    double version = 0;
    if ((s->required & NEEDS_VERSION) == 0 || (pdf_number(value, &version) && version <= UNDERSTOOD_VERSION))
        return RFD_OK;
    return refuse(error, "the seed values are of a newer kind (V)");
}

static enum rfd_digest public_digest(enum digest_id id)
{
    switch (id) {
    case DIGEST_SHA256: return RFD_DIGEST_SHA256;
    case DIGEST_SHA384: return RFD_DIGEST_SHA384;
    case DIGEST_SHA512: return RFD_DIGEST_SHA512;
    default: return RFD_DIGEST_DEFAULT;
    }
}

/** Takes the caller's digest when it is listed, else the first listed one that can be made. */
static rfd_status rule_digest(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    enum rfd_digest first = RFD_DIGEST_DEFAULT;
    bool listed = false;
    for (size_t i = 0; value->kind == PDF_ARRAY && i < value->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *item = pdf_item(s->view, value, i);
        if (item->kind != PDF_NAME && item->kind != PDF_STRING) continue;
        enum rfd_digest digest = public_digest(digest_from_name(item->bytes));
        if (digest == RFD_DIGEST_DEFAULT) continue;
        if (first == RFD_DIGEST_DEFAULT) first = digest;
        if (digest == s->options->digest) listed = true;
    }
    if (listed) return RFD_OK;
    if (s->options->digest == RFD_DIGEST_DEFAULT && first != RFD_DIGEST_DEFAULT) {
        s->options->digest = first;
        return RFD_OK;
    }
    return (s->required & NEEDS_DIGEST) == 0 ? RFD_OK : refuse(error, "another digest (DigestMethod) is demanded");
}

/** The reason must be one of the list; a single "." (or an empty list) forbids any. */
static rfd_status rule_reasons(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    if ((s->required & NEEDS_REASONS) == 0) return RFD_OK;
    const char *reason = s->options->reason == NULL ? "" : s->options->reason;
    bool none = value->kind != PDF_ARRAY || value->count == 0;
    if (!none && value->count == 1) {
        const struct pdf_value *only = pdf_item(s->view, value, 0);
        none = only->kind == PDF_STRING && slice_is(only->bytes, ".");
    }
    if (none) return reason[0] == '\0' ? RFD_OK : refuse(error, "no reason may be given (Reasons)");
    if (s->options->commitment != RFD_COMMITMENT_NONE)
        return refuse(error, "a reason is demanded, which cannot stand beside a commitment");
    for (size_t i = 0; i < value->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *item = pdf_item(s->view, value, i);
        if (item->kind != PDF_STRING) continue;
        struct buf text;
        buf_init(&text, TEXT_MAXIMUM);
        pdf_text_to_utf8(item->bytes, &text);
        bool same = slice_equal(buf_slice(&text), slice_text(reason));
        buf_dispose(&text);
        if (same) return RFD_OK;
    }
    return refuse(error, "the reason must be one of the field's list (Reasons)");
}

static rfd_status rule_attestation(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    (void)value;
    return (s->required & NEEDS_LEGAL_ATTESTATION) == 0 ? RFD_OK : refuse(error, "a legal attestation is demanded");
}

/** /MDP has no flag: it always binds (table 237). P 0: an approval; 1-3: a certification with that permission. */
static rfd_status rule_certification(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    int64_t permission = 0;
    if (!pdf_integer(pdf_get(s->view, value, "P"), &permission) || permission < 0 || permission > 3) return RFD_OK;
    if (permission == 0 && s->options->certify != 0) return refuse(error, "only an approval signature may go here");
    if (permission != 0 && s->options->certify != 0 && s->options->certify != permission)
        return refuse(error, "another certification permission (MDP) is demanded");
    s->options->certify = (int)permission;
    return RFD_OK;
}

static rfd_status rule_revocation(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    bool wanted = value->kind == PDF_BOOLEAN && value->boolean;
    if (!wanted || (s->required & NEEDS_REVOCATION) == 0 || s->options->level >= RFD_LEVEL_B_LT) return RFD_OK;
    return refuse(error, "revocation information (AddRevInfo) is demanded: level B-LT or higher");
}

static rfd_status rule_timestamp(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    int64_t required = 0;
    (void)pdf_integer(pdf_get(s->view, value, "Ff"), &required);
    const struct pdf_value *url = pdf_get(s->view, value, "URL");
    if (s->options->tsa_url == NULL && url->kind == PDF_STRING) {
        s->options->tsa_url = arena_text(pdf_arena(s->view->doc), url->bytes);
        if (s->options->tsa_url == NULL) return arena_failed(pdf_arena(s->view->doc), error);
    }
    if (required != 1 || s->options->level >= RFD_LEVEL_B_T) return RFD_OK;
    return refuse(error, "a time stamp (TimeStamp) is demanded: level B-T or higher");
}

static rfd_status rule_lock_document(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    if ((s->required & NEEDS_LOCK_DOCUMENT) == 0 || !pdf_is_name(value, "true")) return RFD_OK;
    return refuse(error, "the document must be locked with the signature (LockDocument)");
}

static rfd_status rule_appearance(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    (void)value;
    return (s->required & NEEDS_APPEARANCE) == 0 ? RFD_OK
                                                 : refuse(error, "a named appearance (AppearanceFilter) is demanded");
}

static rfd_status rule_certificate(struct seed *s, const struct pdf_value *value, struct rfd_error *error)
{
    return seed_certificate_check(s->view, value, s->chain, error);
}

static const struct {
    const char *key;
    seed_rule *apply;
    int64_t flag; /* 0: always binds, or has flags of its own */
    const char *text;
} rules[] = {
    {"Filter", rule_filter, NEEDS_FILTER, "filter"},
    {"SubFilter", rule_sub_filter, NEEDS_SUB_FILTER, "signature format"},
    {"V", rule_version, NEEDS_VERSION, ""},
    {"DigestMethod", rule_digest, NEEDS_DIGEST, "digest"},
    {"Reasons", rule_reasons, NEEDS_REASONS, "reason"},
    {"LegalAttestation", rule_attestation, NEEDS_LEGAL_ATTESTATION, "legal attestation"},
    {"MDP", rule_certification, 0, "certification"},
    {"AddRevInfo", rule_revocation, NEEDS_REVOCATION, "revocation information"},
    {"TimeStamp", rule_timestamp, 0, "time stamp"},
    {"LockDocument", rule_lock_document, NEEDS_LOCK_DOCUMENT, "document lock"},
    {"AppearanceFilter", rule_appearance, NEEDS_APPEARANCE, "appearance"},
    {"Cert", rule_certificate, 0, "certificate"},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

rfd_status seed_values_apply(struct pdf_view *view, const struct pdf_value *field, const struct certificate_list *chain,
                             struct rfd_sign_options *options, struct rfd_error *error)
{
    struct seed s = {.view = view, .values = pdf_get(view, field, "SV"), .chain = chain, .options = options};
    if (pdf_entries(s.values) == NULL) return pdf_view_status(view, error);
    (void)pdf_integer(pdf_get(view, s.values, "Ff"), &s.required);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct pdf_value *value = pdf_get(view, s.values, rules[i].key);
        if (value->kind != PDF_NULL) TRY(rules[i].apply(&s, value, error));
    }
    return pdf_view_status(view, error);
}

const char *seed_values_text(struct pdf_view *view, const struct pdf_value *field)
{
    const struct pdf_value *values = pdf_get(view, field, "SV");
    if (pdf_entries(values) == NULL) return "";
    int64_t required = 0;
    (void)pdf_integer(pdf_get(view, values, "Ff"), &required);
    struct buf b;
    buf_init(&b, TEXT_MAXIMUM);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (rules[i].text[0] == '\0' || pdf_get(view, values, rules[i].key)->kind == PDF_NULL) continue;
        if (b.length > 0) buf_put_text(&b, ", ");
        buf_put_text(&b, rules[i].text);
        if ((required & rules[i].flag) != 0) buf_put_text(&b, " (required)");
    }
    const char *text = arena_text(pdf_arena(view->doc), buf_slice(&b));
    buf_dispose(&b);
    return text == NULL ? "" : text;
}
