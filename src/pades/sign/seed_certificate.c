/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/seed_certificate.h"

#include "base/error.h"
#include "pki/oid.h"

enum { ITEMS_MAXIMUM = 100, VALUE_MAXIMUM = 4096 };
/* Required flags, /Ff (table 238). */
enum {
    NEEDS_SUBJECT = 1 << 0,
    NEEDS_ISSUER = 1 << 1,
    NEEDS_OID = 1 << 2,
    NEEDS_SUBJECT_DN = 1 << 3,
    NEEDS_KEY_USAGE = 1 << 5
};

static bool lists_certificate(struct pdf_view *view, const struct pdf_value *array, const struct certificate *c)
{
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *item = pdf_item(view, array, i);
        if (item->kind == PDF_STRING && slice_equal(item->bytes, c->der)) return true;
    }
    return false;
}

static bool lists_issuer(struct pdf_view *view, const struct pdf_value *array, const struct certificate_list *chain)
{
    for (size_t i = 1; i < chain->count; i++) {
        if (lists_certificate(view, array, chain->items[i])) return true;
    }
    /* A chain without its root: the demanded issuer's name is all there is to compare. */
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *item = pdf_item(view, array, i);
        const struct certificate *issuer = NULL;
        if (item->kind != PDF_STRING || certificate_parse(item->bytes, &issuer, NULL) != RFD_OK) continue;
        bool found = false;
        for (size_t k = 0; k < chain->count && !found; k++) {
            found = slice_equal(chain->items[k]->issuer, issuer->subject) &&
                    certificate_verify_signature(chain->items[k], issuer, NULL) == RFD_OK;
        }
        certificate_unref(issuer);
        if (found) return true;
    }
    return false;
}

/** One string of nine characters for the nine bits: 0 must not be set, 1 must be set, X does not matter. */
static bool key_usage_fits(const struct certificate *signer, slice pattern)
{
    for (size_t bit = 0; bit < pattern.length && bit < 7; bit++) {
        bool set = !signer->has_key_usage || (signer->key_usage >> bit & 1) != 0;
        if (pattern.data[bit] == '1' && !set) return false;
        if (pattern.data[bit] == '0' && signer->has_key_usage && set) return false;
    }
    return true;
}

static bool lists_key_usage(struct pdf_view *view, const struct pdf_value *array, const struct certificate *signer)
{
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *item = pdf_item(view, array, i);
        if (item->kind == PDF_STRING && key_usage_fits(signer, item->bytes)) return true;
    }
    return false;
}

/** Attribute names as RFC 4514 §3 and PDF producers write them. */
static const struct {
    const char *name;
    const char *dotted;
} attributes[] = {
    {"CN", "2.5.4.3"},
    {"SN", "2.5.4.4"},
    {"SERIALNUMBER", "2.5.4.5"},
    {"C", "2.5.4.6"},
    {"L", "2.5.4.7"},
    {"ST", "2.5.4.8"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"T", "2.5.4.12"},
    {"E", "1.2.840.113549.1.9.1"},
    {"DC", "0.9.2342.19200300.100.1.25"},
};

static bool attribute_fits(const struct certificate *signer, slice key, slice wanted)
{
    char dotted[OID_TEXT_SIZE];
    uint8_t content[OID_TEXT_SIZE];
    (void)snprintf(dotted, sizeof dotted, "%.*s", (int)(key.length < sizeof dotted ? key.length : 0),
                   (const char *)key.data);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (slice_is(key, attributes[i].name)) (void)snprintf(dotted, sizeof dotted, "%s", attributes[i].dotted);
    }
    size_t length = oid_parse(dotted, content, sizeof content);
    struct buf has, wants;
    buf_init(&has, VALUE_MAXIMUM);
    buf_init(&wants, VALUE_MAXIMUM);
    pdf_text_to_utf8(wanted, &wants);
    bool fits = length > 0 && certificate_name_attribute(signer->subject, slice_of(content, length), &has) &&
                slice_equal(buf_slice(&has), buf_slice(&wants));
    buf_dispose(&has);
    buf_dispose(&wants);
    return fits;
}

/** Every attribute of one of the dictionaries must be in the subject. */
static bool lists_subject_name(struct pdf_view *view, const struct pdf_value *array, const struct certificate *signer)
{
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *name = pdf_item(view, array, i);
        const struct pdf_entry *entries = pdf_entries(name);
        bool fits = entries != NULL;
        for (uint32_t k = 0; fits && k < name->count; k++) {
            const struct pdf_value *value = pdf_resolve(view, &entries[k].value);
            fits = value->kind == PDF_STRING && attribute_fits(signer, entries[k].key, value->bytes);
        }
        if (fits) return true;
    }
    return false;
}

/** Certificate policies (RFC 5280 §4.2.1.4). */
static bool lists_policy(struct pdf_view *view, const struct pdf_value *array, const struct certificate *signer)
{
    slice value, policies, information, policy;
    if (!certificate_extension(signer, oid(OID_CERTIFICATE_POLICIES), &value, NULL) ||
        der_only(value, DER_SEQUENCE, &policies, "certificatePolicies", NULL) != RFD_OK)
        return false;
    while (der_take_optional(&policies, DER_SEQUENCE, &information)) {
        if (!der_take_optional(&information, DER_OID, &policy)) return false;
        char text[OID_TEXT_SIZE];
        slice dotted = slice_text(oid_text(policy, text));
        for (size_t i = 0; array->kind == PDF_ARRAY && i < array->count && i < ITEMS_MAXIMUM; i++) {
            const struct pdf_value *item = pdf_item(view, array, i);
            if (item->kind == PDF_STRING && slice_equal(item->bytes, dotted)) return true;
        }
    }
    return false;
}

rfd_status seed_certificate_check(struct pdf_view *view, const struct pdf_value *seed,
                                  const struct certificate_list *chain, struct rfd_error *error)
{
    int64_t required = 0;
    (void)pdf_integer(pdf_get(view, seed, "Ff"), &required);
    if (required == 0 || chain->count == 0) return RFD_OK;
    const struct certificate *signer = chain->items[0];
    const char *missed = NULL;
    if ((required & NEEDS_SUBJECT) != 0 && !lists_certificate(view, pdf_get(view, seed, "Subject"), signer))
        missed = "Subject";
    else if ((required & NEEDS_ISSUER) != 0 && !lists_issuer(view, pdf_get(view, seed, "Issuer"), chain))
        missed = "Issuer";
    else if ((required & NEEDS_OID) != 0 && !lists_policy(view, pdf_get(view, seed, "OID"), signer))
        missed = "OID";
    else if ((required & NEEDS_SUBJECT_DN) != 0 && !lists_subject_name(view, pdf_get(view, seed, "SubjectDN"), signer))
        missed = "SubjectDN";
    else if ((required & NEEDS_KEY_USAGE) != 0 && !lists_key_usage(view, pdf_get(view, seed, "KeyUsage"), signer))
        missed = "KeyUsage";
    if (missed == NULL) return RFD_OK;
    return error_set(error, RFD_E_SEED_VALUE, "the certificate is not one of those demanded (%s)", missed);
}
