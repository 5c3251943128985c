/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an approver signs, and whether they did: a CMS SignedData (RFC 5652), with the text inside or apart, by a
 * certificate that this installation issued, that is in force, and whose identity number is the approver's. That the
 * register has exactly these octets is what makes a certificate ours: nothing is taken from the signature itself.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/authority/authority.h"
#include "domain/authority/register.h"
#include "packs/identity.h"
#include "pki/certificate/certificate.h"
#include "pki/cms/cms.h"
#include "pki/digest.h"

/* ---- The text ---- */

/** A line's value: nothing in it can begin another line. */
static void put_value(struct buf *b, slice value)
{
    size_t from = b->length;
    text_put_printable(b, value);
    for (size_t i = from; i < b->length; i++) {
        if (b->data[i] == '\n' || b->data[i] == '\r' || b->data[i] == '\t') b->data[i] = ' ';
    }
    buf_put_byte(b, '\n');
}

static rfd_status put_person(struct transaction *t, const char *label, int64_t id, struct buf *b,
                             struct rfd_error *error)
{
    struct person p;
    TRY(person_find(t, id, &p, error));
    buf_print(b, "%s: %.*s %.*s %.*s, ", label, (int)p.country.length, (const char *)p.country.data,
              (int)p.document.length, (const char *)p.document.data, (int)p.number.length, (const char *)p.number.data);
    slice name = person_full_name(&p, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    put_value(b, name);
    return RFD_OK;
}

static void put_moment(struct buf *b, const char *word, rfd_time moment)
{
    char text[CLOCK_TEXT_SIZE];
    if (moment != RFD_TIME_NONE) buf_print(b, "; %s %s", word, clock_iso(moment, text));
}

static void put_line(const struct access_line *line, struct buf *b)
{
    buf_print(b, "%s: %s", line->withdraw ? "withdraw" : "add", role_info(line->role)->name);
    if (line->withdraw) buf_print(b, "; assignment %lld", (long long)line->assignment);
    buf_put_text(b, line->unit == 0 ? "; everywhere" : "; in the unit");
    put_moment(b, "from", line->from);
    put_moment(b, "until", line->to);
    buf_put_byte(b, '\n');
}

rfd_status access_approval_text(struct transaction *t, const struct access_request *request, struct buf *out,
                                struct rfd_error *error)
{
    struct entity entity;
    struct unit unit;
    char moment[CLOCK_TEXT_SIZE];
    TRY(entity_find(t, request->entity, &entity, error));
    TRY(unit_find(t, request->unit, &unit, error));
    buf_print(out, "Refrenda access approval 1\nrequest: %.*s\nsent: %s\nentity: ", (int)request->code.length,
              (const char *)request->code.data, clock_iso(request->sent, moment));
    put_value(out, entity.name);
    buf_print(out, "unit: %.*s, ", (int)unit.code.length, (const char *)unit.code.data);
    put_value(out, unit.name);
    TRY(put_person(t, "requester", request->requester, out, error));
    TRY(put_person(t, "subject", request->subject, out, error));
    buf_put_text(out, "reason: ");
    put_value(out, request->reason);
    for (unsigned i = 0; i < request->line_count; i++) put_line(&request->lines[i], out);
    if (request->letter.length > 0) {
        buf_put_text(out, "letter: ");
        put_value(out, request->letter);
    }
    return buf_check(out, "approval text", error);
}

/* ---- The signature ---- */

/** The row of the register, by the issuer's name and the serial number that the SignerInfo has. */
static rfd_status find_row(struct transaction *t, slice issuer, slice serial, struct certificate_row *out, bool *found,
                           struct rfd_error *error)
{
    struct store_rows rows;
    *found = false;
    TRY(store_run(t, "SELECT id, certificate FROM authority ORDER BY id", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count && !*found; i++) {
        const struct certificate *authority = NULL;
        TRY(certificate_parse(store_cell(&rows, i, 1)->bytes, &authority, error));
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

static rfd_status check_person(struct transaction *t, const struct access_settings *settings, int64_t id, slice subject,
                               const char **why, struct rfd_error *error)
{
    struct person person;
    slice number = SLICE_EMPTY;
    TRY(person_find(t, id, &person, error));
    const struct pack_document *document = settings == NULL || settings->packs == NULL
                                               ? NULL
                                               : packs_identity_of_subject(settings->packs, subject, &number);
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

static rfd_status check_signer(struct transaction *t, const struct access_settings *settings, int64_t person,
                               slice text, const struct cms *cms, rfd_time now, const char **why,
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
    TRY(certificate_parse(row.der, &c, error));
    *why = check_use(&row, c, now);
    rfd_status status = RFD_OK;
    if (*why == NULL) status = check_person(t, settings, person, row.subject_id, why, error);
    if (status == RFD_OK && *why == NULL) status = check_octets(cms, c, text, why, error);
    certificate_unref(c);
    return status;
}

rfd_status approval_signature_check(struct transaction *t, const struct access_settings *settings, int64_t person,
                                    slice text, slice signature, rfd_time now, const char **why,
                                    struct rfd_error *error)
{
    struct cms cms;
    *why = NULL;
    rfd_status status = cms_parse(signature, &cms, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) {
        error_clear(error);
        *why = N_("This is no signature (CMS, .p7s or .p7m)");
        return RFD_OK;
    }
    status = check_signer(t, settings, person, text, &cms, now, why, error);
    cms_dispose(&cms);
    return status;
}
