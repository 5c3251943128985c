/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of people: the register's rows, with what registration knows of them (certificate_agent). Whose a
 * certificate is is said by its subject's identity number, or by the request that it came of.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/authority/register.h"
#include "domain/registration/holding_internal.h"
#include "packs/identity.h"

enum { HOLDINGS_MAXIMUM = 200, RENEWAL_DAYS = 21 };

/* ---- Whose it is ---- */

/** Ids of the certificates of a person, the newest first. */
static rfd_status find_own(struct transaction *t, const struct packs *packs, int64_t id, struct store_rows *rows,
                           struct rfd_error *error)
{
    struct person person;
    slice subject;
    TRY(person_find(t, id, &person, error));
    TRY(person_subject(packs, &person, store_arena(t), &subject, error));
    const struct store_value values[] = {store_text(subject), store_text(person.country), store_text(person.document),
                                         store_text(person.number), store_integer(HOLDINGS_MAXIMUM)};
    return store_run(t,
                     "SELECT id FROM certificate WHERE subject_id = $1 AND subject_id <> '' UNION "
                     "SELECT certificate FROM applicant WHERE country = $2 AND document = $3 AND number = $4 "
                     "AND certificate IS NOT NULL ORDER BY 1 DESC LIMIT $5",
                     values, sizeof values / sizeof *values, rows, error);
}

/** A seal of an entity that the person looks after (domain/central): theirs to see and to revoke. */
static rfd_status is_kept_seal(struct transaction *t, int64_t person, int64_t certificate, bool *out,
                               struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate), store_integer(person)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT 1 FROM central_enrolment e JOIN central_key k ON k.enrolment = e.id WHERE e.person = $2 AND "
                  "e.entity IS NOT NULL AND k.person = $2 AND k.certificate = $1",
                  values, 2, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

rfd_status holding_is_own(struct transaction *t, const struct actor *actor, const struct packs *packs,
                          int64_t certificate, bool *out, struct rfd_error *error)
{
    struct store_rows rows;
    *out = false;
    if (actor->person == 0) return RFD_OK;
    TRY(find_own(t, packs, actor->person, &rows, error));
    for (size_t i = 0; i < rows.count && !*out; i++) *out = store_cell(&rows, i, 0)->integer == certificate;
    return *out ? RFD_OK : is_kept_seal(t, actor->person, certificate, out, error);
}

/* ---- What is known of it ---- */

/** "Ana Quispe Mamani (IDCPE-70000016)": the name, and the number as people write it. */
static rfd_status name_by_subject(const struct packs *packs, struct holding *h)
{
    slice number;
    const struct pack_document *document = packs_identity_of_subject(packs, h->row.subject_id, &number);
    const uint8_t *end = h->row.subject.length == 0 ? NULL : memrchr(h->row.subject.data, '(', h->row.subject.length);
    size_t length = end == NULL ? h->row.subject.length : (size_t)(end - h->row.subject.data);
    while (length > 0 && h->row.subject.data[length - 1] == ' ') length--;
    h->name = slice_part(h->row.subject, 0, length);
    h->number = document == NULL ? h->row.subject_id : number;
    return RFD_OK;
}

static rfd_status home_of_seal(struct transaction *t, const struct pack_document *document, slice number,
                               struct holding *h, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(document->country)), store_text(number)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM entity WHERE country = $1 AND tax_number = $2", values, 2, &rows, error));
    h->entity = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** One that came otherwise than by a request here is of where its holder works, or of the entity whose seal it is. */
static rfd_status home_by_subject(struct transaction *t, const struct packs *packs, struct holding *h,
                                  struct rfd_error *error)
{
    slice number;
    struct person person;
    struct access_object home;
    const struct pack_document *document = packs_identity_of_subject(packs, h->row.subject_id, &number);
    if (document == NULL) return RFD_OK;
    if (document->entity) return home_of_seal(t, document, number, h, error);
    rfd_status status =
        person_by_document(t, slice_text(document->country), slice_text(document->name), number, &person, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    TRY(person_home(t, person.id, &home, error));
    h->entity = home.entity;
    h->unit = home.unit;
    return RFD_OK;
}

static rfd_status read_entry(struct transaction *t, const struct packs *packs, struct holding *h,
                             struct rfd_error *error)
{
    const struct store_value key = store_integer(h->row.id);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT g.request, g.applicant, r.code, g.entity, coalesce(g.unit, 0), g.agent, "
                  "coalesce(g.revoker, 0), x.given_names || ' ' || x.surname, p.given_names, p.surname, "
                  "p.second_surname, g.number FROM certificate_agent g JOIN request r ON r.id = g.request "
                  "JOIN applicant p ON p.id = g.applicant JOIN person x ON x.id = g.agent WHERE g.certificate = $1",
                  &key, 1, &rows, error));
    if (rows.count == 0) {
        TRY(name_by_subject(packs, h));
        return home_by_subject(t, packs, h, error);
    }
    const struct store_value *v = store_cell(&rows, 0, 0);
    const struct applicant names = {.given_names = v[8].bytes, .surname = v[9].bytes, .second_surname = v[10].bytes};
    h->request = v[0].integer;
    h->applicant = v[1].integer;
    h->code = v[2].bytes;
    h->entity = v[3].integer;
    h->unit = v[4].integer;
    h->agent = v[5].integer;
    h->revoker = v[6].integer;
    h->agent_name = v[7].bytes;
    h->name = applicant_name(&names, store_arena(t));
    h->number = v[11].bytes;
    return h->name.data == NULL ? arena_failed(store_arena(t), error) : RFD_OK;
}

static rfd_status read_revocation(struct transaction *t, struct holding *h, struct rfd_error *error)
{
    const struct store_value key = store_integer(h->row.id);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT r.id, r.code, r.state FROM revocation v JOIN request r ON r.id = v.request "
                  "WHERE v.certificate = $1 AND NOT v.rejected",
                  &key, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    h->revocation = store_cell(&rows, 0, 0)->integer;
    h->revocation_code = store_cell(&rows, 0, 1)->bytes;
    h->revocation_state = request_state_from(store_cell(&rows, 0, 2)->bytes);
    return RFD_OK;
}

const char *holding_country(const struct registration_settings *settings, const struct certificate_row *row)
{
    const struct pack_profile *profile = packs_profile(settings->packs, row->profile);
    bool of_country = profile != NULL && packs_registration(settings->packs, slice_text(profile->country)) != NULL;
    return of_country ? profile->country : settings->country;
}

/** What the country says of renewing, or else the certificate's profile. */
static unsigned renewal_days(const struct registration_settings *settings, const struct certificate_row *row)
{
    const struct pack_profile *profile = packs_profile(settings->packs, row->profile);
    const struct pack_registration *pack =
        packs_registration(settings->packs, slice_text(holding_country(settings, row)));
    if (pack != NULL && pack->renewal_days > 0) return pack->renewal_days;
    return profile != NULL && profile->renewal_days > 0 ? profile->renewal_days : RENEWAL_DAYS;
}

static void put_renewal(const struct registration_settings *settings, rfd_time now, struct holding *h)
{
    int64_t first = zone_day(settings->zone, h->row.not_after) - (int64_t)renewal_days(settings, &h->row);
    h->renewable_from = zone_day_start(settings->zone, first);
    h->renewable = h->row.state == CERTIFICATE_VALID && now >= h->renewable_from && now <= h->row.not_after;
}

/** Of people and entities: what nobody approves (OCSP, TLS) is none of anybody here. */
static bool is_for_people(const struct packs *packs, slice profile)
{
    const struct pack_profile *found = packs_profile(packs, profile);
    return found == NULL || found->approvals > 0;
}

rfd_status holding_load(struct transaction *t, const struct registration_settings *settings, int64_t certificate,
                        struct holding *out, struct rfd_error *error)
{
    struct holding h = {.revocation_state = REQUEST_NONE};
    TRY(register_get(t, certificate, store_arena(t), &h.row, error));
    if (!is_for_people(settings->packs, h.row.profile))
        return error_set(error, RFD_E_NOT_FOUND, "there is no such certificate");
    TRY(read_entry(t, settings->packs, &h, error));
    TRY(read_revocation(t, &h, error));
    put_renewal(settings, clock_now(), &h);
    *out = h;
    return RFD_OK;
}

/* ---- Who may see it ---- */

rfd_status holding_object(struct transaction *t, const struct holding *holding, struct access_object *out,
                          struct rfd_error *error)
{
    struct unit unit = {.path = SLICE_EMPTY};
    if (holding->unit != 0) TRY(unit_find(t, holding->unit, &unit, error));
    *out = (struct access_object){.entity = holding->entity, .unit = holding->unit, .path = unit.path};
    return RFD_OK;
}

rfd_status holding_check_actor(struct transaction *t, const struct actor *actor, enum action action,
                               const struct holding *holding, struct rfd_error *error)
{
    const struct request home = {.entity = holding->entity, .unit = holding->unit};
    return request_check_actor(t, actor, action, &home, error);
}

rfd_status holding_find(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                        int64_t certificate, struct holding *out, struct rfd_error *error)
{
    struct holding h;
    TRY(holding_load(t, settings, certificate, &h, error));
    TRY(holding_is_own(t, actor, settings->packs, certificate, &h.own, error));
    if (h.own) TRY(is_kept_seal(t, actor->person, certificate, &h.seal, error));
    h.renewable = h.renewable && !h.seal;
    if (!h.own) {
        rfd_status status = holding_check_actor(t, actor, ACTION_CERTIFICATE_SEE, &h, error);
        if (status == RFD_E_FORBIDDEN) return error_set(error, RFD_E_NOT_FOUND, "there is no such certificate");
        TRY(status);
    }
    *out = h;
    return RFD_OK;
}

rfd_status holding_own(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       struct holding **out, size_t *count, struct rfd_error *error)
{
    const struct access_object own = {.person = actor->person};
    struct store_rows rows;
    size_t found = 0;
    TRY(actor_check(actor, ACTION_CERTIFICATE_OWN, &own, error));
    TRY(find_own(t, settings->packs, actor->person, &rows, error));
    struct holding *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        rfd_status status = holding_load(t, settings, store_cell(&rows, i, 0)->integer, &list[found], error);
        if (status != RFD_E_NOT_FOUND) TRY(status);
        if (status == RFD_OK) list[found++].own = true;
        error_clear(error);
    }
    *out = list;
    *count = found;
    return RFD_OK;
}

rfd_status holding_check_renewal(const struct registration_settings *settings, const struct holding *holding,
                                 struct rfd_error *error)
{
    if (holding->renewable) return RFD_OK;
    if (holding->seal) return error_set(error, RFD_E_STATE, "a seal is not renewed: agents approve another one");
    if (holding->row.state != CERTIFICATE_VALID || clock_now() > holding->row.not_after)
        return error_set(error, RFD_E_STATE, "a certificate that is not in force is not renewed: ask for a new one");
    struct civil day = zone_civil(settings->zone, holding->renewable_from);
    return error_set(error, RFD_E_STATE, "it can be renewed from %04d-%02d-%02d on", day.year, day.month, day.day);
}
