/* SPDX-License-Identifier: EUPL-1.2
 *
 * The subject of an applicant's certificate: the attributes of its profile, with the applicant's data, as they were
 * typed. What is the same in every certificate of the profile is the keeper's to add.
 */
#include "domain/registration/subject.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "packs/identity.h"

/* X.520's upper bounds (RFC 5280 Appendix A.1), in characters; what is longer is refused, not cut. */
static const struct {
    enum oid_name type;
    size_t maximum;
    const char *lacks;
} attributes[] = {
    {OID_COMMON_NAME, 64, N_("The name is missing, or too long for a certificate")},
    {OID_SURNAME, 40, N_("The surnames are missing, or too long for a certificate")},
    {OID_GIVEN_NAME, 32768, N_("The given names are missing")},
    {OID_SERIAL_NUMBER, 64, N_("The kind of certificate needs another identity document than the one that was given")},
    {OID_ORGANIZATION, 64, N_("The name of the entity is missing, or too long for a certificate")},
    {OID_ORGANIZATION_IDENTIFIER, 64, N_("The entity has no tax number of the kind that the certificate names")},
    {OID_ORGANIZATIONAL_UNIT, 64, N_("The name of the unit is missing, or too long for a certificate")},
    {OID_TITLE, 64, N_("The post is missing, or too long for a certificate")},
    {OID_LOCALITY, 128, N_("The place is missing")},
    {OID_STATE, 128, N_("The place is missing")},
};

static size_t index_of(enum oid_name type)
{
    size_t i = 0;
    while (i < sizeof attributes / sizeof *attributes && attributes[i].type != type) i++;
    return i;
}

static slice joined(struct arena *a, slice first, slice second, const char *between)
{
    const char *text = arena_print(a, "%.*s%s%.*s", (int)first.length, (const char *)first.data,
                                   first.length > 0 && second.length > 0 ? between : "", (int)second.length,
                                   (const char *)second.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

/* ---- Numbers with their prefixes (EN 319 412-1 §5.1.3) ---- */

static slice prefixed(const struct packs *packs, slice country, slice document, slice number, const char *prefix,
                      struct arena *a)
{
    const struct pack_document *d = document.length == 0 ? NULL : packs_document(packs, country, document);
    if (d == NULL || number.length == 0 || d->subject[0] == '\0') return SLICE_EMPTY;
    if (prefix != NULL && strcmp(prefix, d->subject) != 0) return SLICE_EMPTY;
    return joined(a, slice_text(d->subject), number, "");
}

static slice person_number(const struct packs *packs, const struct applicant *p, const char *prefix, struct arena *a)
{
    slice first = prefixed(packs, p->country, p->document, p->number, prefix, a);
    return first.length > 0 ? first : prefixed(packs, p->country, p->second_document, p->second_number, prefix, a);
}

slice applicant_subject_id(const struct packs *packs, const struct applicant *applicant, struct arena *a)
{
    const struct pack_profile *profile = packs_profile(packs, applicant->profile);
    for (size_t i = 0; profile != NULL && i < profile->profile.attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->profile.attributes[i];
        if (attribute->type == OID_SERIAL_NUMBER) return person_number(packs, applicant, attribute->prefix, a);
    }
    return SLICE_EMPTY;
}

static slice entity_number(const struct packs *packs, const struct entity *entity, const char *prefix, struct arena *a)
{
    size_t count = 0;
    const struct pack_document *const *documents = packs_documents(packs, entity->country, &count);
    for (size_t i = 0; i < count; i++) {
        if (!documents[i]->entity) continue;
        slice value = prefixed(packs, entity->country, slice_text(documents[i]->name), entity->tax_number, prefix, a);
        if (value.length > 0) return value;
    }
    return SLICE_EMPTY;
}

/* ---- The attributes ---- */

struct source {
    const struct packs *packs;
    const struct applicant *person;
    struct entity entity;
    struct unit unit;
    const struct pack_place *place;
    bool legal; /* the certificate is the entity's, not the person's */
    struct arena *a;
};

static slice place_part(const char *part)
{
    return part == NULL ? SLICE_EMPTY : slice_text(part);
}

static slice value_of(const struct source *s, const struct profile_attribute *attribute)
{
    const struct applicant *p = s->person;
    switch (attribute->type) {
    case OID_COMMON_NAME: return s->legal ? s->entity.name : applicant_name(p, s->a);
    case OID_SURNAME: return joined(s->a, p->surname, p->second_surname, " ");
    case OID_GIVEN_NAME: return p->given_names;
    case OID_SERIAL_NUMBER: return person_number(s->packs, p, attribute->prefix, s->a);
    case OID_ORGANIZATION: return s->entity.name;
    case OID_ORGANIZATION_IDENTIFIER: return entity_number(s->packs, &s->entity, attribute->prefix, s->a);
    case OID_ORGANIZATIONAL_UNIT: return s->unit.name;
    case OID_TITLE: return p->post;
    case OID_STATE: return s->place == NULL ? SLICE_EMPTY : place_part(s->place->region);
    case OID_LOCALITY: return s->place == NULL ? SLICE_EMPTY : place_part(s->place->district);
    default: return SLICE_EMPTY;
    }
}

static rfd_status find_sources(struct transaction *t, const struct request *request, struct source *s,
                               struct rfd_error *error)
{
    int64_t unit = s->person->unit != 0 ? s->person->unit : request->unit;
    s->a = store_arena(t);
    s->place = s->person->locality.length == 0 ? NULL : packs_place(s->packs, s->person->country, s->person->locality);
    TRY(entity_find(t, request->entity, &s->entity, error));
    return unit == 0 ? RFD_OK : unit_find(t, unit, &s->unit, error);
}

rfd_status applicant_subject(struct transaction *t, const struct packs *packs, const struct request *request,
                             const struct applicant *applicant, struct approval *out, const char **why,
                             struct rfd_error *error)
{
    const struct pack_profile *profile = packs_profile(packs, applicant->profile);
    struct source s = {.packs = packs, .person = applicant};
    *why = NULL;
    out->subject_count = 0;
    if (profile == NULL) {
        *why = N_("There is no such kind of certificate any more");
        return RFD_OK;
    }
    s.legal = profile->profile.kind == LINT_LEGAL;
    TRY(find_sources(t, request, &s, error));
    for (size_t i = 0; i < profile->profile.attribute_count && *why == NULL; i++) {
        const struct profile_attribute *attribute = &profile->profile.attributes[i];
        size_t known = index_of(attribute->type);
        if (attribute->fixed != NULL) continue;
        slice value = value_of(&s, attribute);
        bool there = value.length > 0 && known < sizeof attributes / sizeof *attributes;
        bool fits = there && text_characters(value) <= attributes[known].maximum;
        if (fits)
            out->subject[out->subject_count++] = (struct approval_attribute){attribute->type, value};
        else if (attribute->required)
            *why = there || known < sizeof attributes / sizeof *attributes
                       ? attributes[known].lacks
                       : N_("This kind of certificate needs something that is not asked for here");
    }
    return RFD_OK;
}

rfd_status applicant_lacks(struct transaction *t, const struct packs *packs, const struct request *request,
                           const struct applicant *applicant, const char **why, struct rfd_error *error)
{
    struct approval approval = {.subject_count = 0};
    return applicant_subject(t, packs, request, applicant, &approval, why, error);
}
