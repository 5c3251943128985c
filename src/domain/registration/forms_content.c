/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a form says.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/language.h"
#include "base/text.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/forms_internal.h"
#include "packs/identity.h"

/* ---- Words ---- */

slice form_initials(slice name, struct arena *a)
{
    struct buf out;
    buf_init(&out, 4 * name.length + 1);
    bool begins = true;
    while (name.length > 0) {
        uint32_t c = text_next(&name);
        if (c != ' ' && begins) {
            if (out.length > 0) buf_put_byte(&out, ' ');
            text_put_utf8(&out, c);
            buf_put_byte(&out, '.');
        }
        begins = c == ' ';
    }
    slice kept = arena_copy(a, buf_slice(&out));
    buf_dispose(&out);
    return kept;
}

/* The code itself where the catalogue has it no more. */
static rfd_status title_of(struct transaction *t, const struct forms *forms, const char *catalogue, slice code,
                           const struct rfd_language *language, slice country, slice *out, struct rfd_error *error)
{
    struct catalogue_entry entry;
    rfd_status status = catalogue_find(t, forms->registration->packs, country, catalogue, code, &entry, error);
    *out = status == RFD_OK ? catalogue_title(&entry, slice_text(language_code(language))) : code;
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    return RFD_OK;
}

/* ---- Who, and where ---- */

static rfd_status read_house(struct transaction *t, int64_t entity, int64_t unit, struct form_content *c,
                             struct rfd_error *error)
{
    struct entity e;
    struct unit u;
    if (entity != 0) {
        TRY(entity_find(t, entity, &e, error));
        c->entity = e.name;
    }
    if (unit != 0) {
        TRY(unit_find(t, unit, &u, error));
        c->unit = u.name;
    }
    return RFD_OK;
}

static rfd_status read_applicant(struct transaction *t, const struct forms *forms, const struct applicant *applicant,
                                 struct form_content *c, struct rfd_error *error)
{
    const struct pack_document *d = packs_document(forms->registration->packs, applicant->country, applicant->document);
    c->applicant = *applicant;
    c->name = applicant_name(applicant, store_arena(t));
    c->document = d == NULL ? "" : d->label;
    c->number = applicant->number;
    int64_t unit = applicant->unit != 0 ? applicant->unit : c->request.unit;
    TRY(read_house(t, c->request.entity, unit, c, error));
    if (c->unit.length == 0) c->unit = applicant->organisation;
    return c->name.data == NULL ? arena_failed(store_arena(t), error) : RFD_OK;
}

static rfd_status find_pack(const struct forms *forms, slice country, struct form_content *c, struct rfd_error *error)
{
    c->pack = packs_registration(forms->registration->packs, country);
    if (c->pack == NULL)
        c->pack = packs_registration(forms->registration->packs, slice_text(forms->registration->country));
    return c->pack != NULL ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "this country has no registration");
}

/* ---- Of a certificate ---- */

static rfd_status read_certificate(struct transaction *t, const struct forms *forms, int64_t id, struct form_content *c,
                                   struct rfd_error *error)
{
    struct request request;
    TRY(holding_load(t, forms->registration, id, &c->holding, error));
    TRY(find_pack(forms, slice_text(holding_country(forms->registration, &c->holding.row)), c, error));
    if (c->holding.applicant == 0) {
        const struct pack_document *d =
            packs_identity_of_subject(forms->registration->packs, c->holding.row.subject_id, &c->number);
        c->name = c->holding.name;
        c->number = c->holding.number;
        c->document = d == NULL ? "" : d->label;
        TRY(read_house(t, c->holding.entity, c->holding.unit, c, error));
    } else {
        TRY(request_of_applicant(t, c->holding.applicant, &request, error));
        if (c->request.id == 0) c->request = request;
        const struct applicant *applicant = request_applicant(&request, c->holding.applicant);
        if (applicant != NULL) TRY(read_applicant(t, forms, applicant, c, error));
    }
    /* Of a register that another program filled, only the number may be known. */
    return c->holding.row.der.length == 0 ? RFD_OK : certificate_parse(c->holding.row.der, &c->certificate, error);
}

/* ---- Of a request ---- */

static rfd_status read_files(struct transaction *t, const struct forms *forms, const struct rfd_language *language,
                             struct form_content *c, struct rfd_error *error)
{
    struct evidence *files = NULL;
    size_t count = 0;
    TRY(evidence_list(t, c->request.id, false, &files, &count, error));
    c->files = arena_zeroed(store_arena(t), count + 1, sizeof *c->files);
    if (c->files == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < count; i++)
        TRY(title_of(t, forms, "evidence", files[i].kind, language, c->request.country, &c->files[i], error));
    c->file_count = count;
    return RFD_OK;
}

static rfd_status read_titles(struct transaction *t, const struct forms *forms, const struct rfd_language *language,
                              const char *motives, struct form_content *c, struct rfd_error *error)
{
    slice country = c->request.country;
    TRY(title_of(t, forms, "kind", c->request.kind, language, country, &c->kind_title, error));
    return title_of(t, forms, motives, c->request.motive, language, country, &c->motive_title, error);
}

static rfd_status read_receipt(struct transaction *t, const struct forms *forms, int64_t id,
                               const struct rfd_language *language, struct form_content *c, struct rfd_error *error)
{
    TRY(request_find(t, id, &c->request, error));
    TRY(find_pack(forms, c->request.country, c, error));
    TRY(read_titles(t, forms, language, "motive", c, error));
    if (c->request.applicant_count > 0)
        TRY(read_applicant(t, forms, &c->request.applicants[0], c, error));
    else
        TRY(read_house(t, c->request.entity, c->request.unit, c, error));
    return read_files(t, forms, language, c, error);
}

static rfd_status read_statement(struct transaction *t, const struct forms *forms, int64_t id,
                                 const struct rfd_language *language, struct form_content *c, struct rfd_error *error)
{
    TRY(request_of_applicant(t, id, &c->request, error));
    TRY(find_pack(forms, c->request.country, c, error));
    TRY(read_titles(t, forms, language, "motive", c, error));
    const struct applicant *applicant = request_applicant(&c->request, id);
    if (applicant == NULL) return error_set(error, RFD_E_NOT_FOUND, "there is no such applicant");
    return read_applicant(t, forms, applicant, c, error);
}

static rfd_status read_revocation(struct transaction *t, const struct forms *forms, int64_t id,
                                  const struct rfd_language *language, struct form_content *c, struct rfd_error *error)
{
    TRY(revocation_find(t, id, &c->revocation, error));
    if (c->revocation.revoked == RFD_TIME_NONE)
        return error_set(error, RFD_E_STATE, "%s", N_("The certificate is not revoked yet"));
    TRY(request_find(t, id, &c->request, error));
    TRY(read_certificate(t, forms, c->revocation.certificate, c, error));
    return title_of(t, forms, "revocation", c->revocation.reason, language, slice_text(c->pack->country),
                    &c->motive_title, error);
}

rfd_status form_content_read(struct transaction *t, const struct forms *forms, enum printed_form_kind kind,
                             int64_t subject, const struct rfd_language *language, struct form_content *out,
                             struct rfd_error *error)
{
    struct form_content c = {.kind = kind, .document = ""};
    rfd_status status = RFD_E_NOT_FOUND;
    switch (kind) {
    case PRINTED_ACCEPTANCE: status = read_certificate(t, forms, subject, &c, error); break;
    case PRINTED_REVOCATION: status = read_revocation(t, forms, subject, language, &c, error); break;
    case PRINTED_STATEMENT: status = read_statement(t, forms, subject, language, &c, error); break;
    case PRINTED_RECEIPT: status = read_receipt(t, forms, subject, language, &c, error); break;
    }
    if (status == RFD_OK)
        *out = c;
    else
        certificate_unref(c.certificate);
    return status;
}
