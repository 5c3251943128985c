/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/access/person_signature.h"

#include "base/error.h"
#include "base/i18n.h"
#include "domain/authority/authority.h"
#include "domain/authority/register.h"
#include "domain/organisation/organisation.h"
#include "packs/identity.h"
#include "pki/certificate/certificate.h"
#include "pki/cms/cms.h"
#include "pki/digest.h"

/** The row of the register, by the issuer's name and the serial number that the SignerInfo has. */
static rfd_status find_row(struct transaction *t, slice issuer, slice serial, struct certificate_row *out, bool *found,
                           struct rfd_error *error)
{
    struct store_rows rows;
    *found = false;
    TRY(store_run(t, "SELECT id, certificate FROM authority ORDER BY id", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count && !*found; i++) {
        const struct certificate *authority = NULL;
        slice der = store_cell(&rows, i, 1)->bytes;
        /* One that does not even have the name needs not be read. */
        if (issuer.length == 0 || memmem(der.data, der.length, issuer.data, issuer.length) == NULL) continue;
        TRY(certificate_parse(der, &authority, error));
        bool issues = slice_equal(authority->subject, issuer);
        certificate_unref(authority);
        if (!issues) continue;
        rfd_status status = register_find(t, store_cell(&rows, i, 0)->integer, serial, store_arena(t), out, error);
        if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
        *found = status == RFD_OK && out->der.length > 0;
    }
    error_clear(error);
    return RFD_OK;
}

static const char *check_use(const struct certificate_row *row, const struct certificate *c, rfd_time now)
{
    const unsigned signs = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION;
    if (row->state == CERTIFICATE_REVOKED) return N_("The certificate of the signature was revoked");
    if (row->state == CERTIFICATE_HELD) return N_("The certificate of the signature is suspended");
    if (row->state != CERTIFICATE_VALID || now < row->not_before || now > row->not_after)
        return N_("The certificate of the signature is not in force now");
    if (c->is_ca || (c->has_key_usage && (c->key_usage & signs) == 0))
        return N_("The certificate of the signature is not for signing");
    return NULL;
}

static rfd_status check_person(struct transaction *t, const struct packs *packs, int64_t id, slice subject,
                               const char **why, struct rfd_error *error)
{
    struct person person;
    slice number = SLICE_EMPTY;
    TRY(person_find(t, id, &person, error));
    const struct pack_document *document = packs == NULL ? NULL : packs_identity_of_subject(packs, subject, &number);
    bool same = document != NULL && !document->entity && slice_is(person.country, document->country) &&
                slice_is(person.document, document->name) && slice_equal(person.number, number);
    if (!same) *why = N_("The certificate of the signature is not yours");
    return RFD_OK;
}

static rfd_status check_octets(const struct cms *cms, const struct certificate *c, slice text, const char **why,
                               struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct cms_check check;
    if (!digest_is_strong(cms->digest) || !digest_is_strong(cms->algorithm.digest)) {
        *why = N_("The signature uses a digest that is not relied on any more");
        return RFD_OK;
    }
    TRY(digest_of(cms->digest, text, digest, error));
    cms_verify(cms, c, slice_of(digest, digest_size(cms->digest)), &check);
    if (check.no_memory) return error_memory(error);
    bool fine = check.digest_matches && check.signature_matches && check.content_type_matches &&
                check.algorithms_consistent &&
                (check.signing_certificate_matches || !check.signing_certificate_present) &&
                (!cms->has_content || slice_equal(cms->content, text));
    if (!fine) *why = N_("The signature is not of this text: download the text again and sign it");
    return RFD_OK;
}

static rfd_status check_signer(struct transaction *t, const struct packs *packs, int64_t person, slice text,
                               const struct cms *cms, rfd_time now, int64_t *certificate, const char **why,
                               struct rfd_error *error)
{
    const struct certificate *c = NULL;
    struct certificate_row row;
    bool found = false;
    bool by_name = cms->signer_issuer.length > 0;
    if (by_name || cms->signer != NULL)
        TRY(find_row(t, by_name ? cms->signer_issuer : cms->signer->issuer,
                     by_name ? cms->signer_serial : cms->signer->serial, &row, &found, error));
    if (!found) {
        *why = N_("The certificate of the signature was not issued here");
        return RFD_OK;
    }
    if (cms->signer != NULL && slice_equal(cms->signer->der, row.der))
        c = certificate_ref(cms->signer); /* read already */
    else
        TRY(certificate_parse(row.der, &c, error));
    *why = check_use(&row, c, now);
    rfd_status status = RFD_OK;
    if (*why == NULL) status = check_person(t, packs, person, row.subject_id, why, error);
    if (status == RFD_OK && *why == NULL) status = check_octets(cms, c, text, why, error);
    certificate_unref(c);
    if (certificate != NULL) *certificate = row.id;
    return status;
}

rfd_status person_signature_check(struct transaction *t, const struct packs *packs, int64_t person, slice text,
                                  slice signature, rfd_time now, int64_t *certificate, const char **why,
                                  struct rfd_error *error)
{
    struct cms cms;
    *why = NULL;
    rfd_status status = signature.length > PERSON_SIGNATURE_MAXIMUM ? RFD_E_CMS : cms_parse(signature, &cms, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) {
        error_clear(error);
        *why = N_("This is no signature (CMS, .p7s or .p7m)");
        return RFD_OK;
    }
    status = check_signer(t, packs, person, text, &cms, now, certificate, why, error);
    cms_dispose(&cms);
    return status;
}
