/* SPDX-License-Identifier: EUPL-1.2
 *
 * The text of the approval is made once, when it is asked for, so that all agents sign the same; the keepers look at
 * signatures and registrations again when a key is made by it.
 */
#include "domain/central/seal_order.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "base/text.h"
#include "domain/access/person_signature.h"
#include "domain/central/internal.h"
#include "domain/registration/subject.h"

#include <openssl/rand.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
enum { NUMBER_OCTETS = 6, ORDERS_MOST = 200 };

const struct pack_profile *seal_order_profile(const struct packs *packs, slice country)
{
    size_t count = 0;
    const struct pack_profile *const *all = packs_profiles(packs, &count);
    for (size_t i = 0; i < count; i++) {
        if (all[i]->profile.kind == LINT_LEGAL && all[i]->central && slice_is(country, all[i]->country)) return all[i];
    }
    return NULL;
}

/* ---- The text ---- */

static rfd_status make_number(struct arena *a, slice *out, struct rfd_error *error)
{
    uint8_t octets[NUMBER_OCTETS];
    uint8_t digits[2 * NUMBER_OCTETS];
    if (RAND_bytes(octets, sizeof octets) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    number_to_hex(slice_of(octets, sizeof octets), false, digits);
    const char *text = arena_print(a, "SELLO-%.*s", (int)sizeof digits, (const char *)digits);
    if (text == NULL) return arena_failed(a, error);
    *out = slice_text(text);
    return RFD_OK;
}

/** As of other requests, with a place and an attempt behind it: so the agents' script knows what it is about. */
static slice approval_number(struct arena *a, slice number)
{
    const char *text = arena_print(a, "%.*s-1-1", (int)number.length, (const char *)number.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

/** Names the entity, and, for the codes, the mobile of who answers for it. */
static rfd_status write_text(struct transaction *t, const struct registration_settings *settings,
                             const struct seal_order *order, const struct person *person, struct buf *text,
                             const char **why, struct rfd_error *error)
{
    struct approval approval = {.profile = order->profile, .central = true};
    struct registration_issuer issuer;
    const struct applicant applicant = {.profile = order->profile, .country = person->country};
    const struct request request = {.entity = order->entity, .unit = order->unit};
    TRY(applicant_subject(t, settings->packs, &request, &applicant, &approval, why, error));
    if (*why != NULL) return RFD_OK;
    TRY(registration_find_issuer(t, settings, &issuer, error));
    memcpy(approval.authority, issuer.hash, sizeof approval.authority);
    if (packs_profile(settings->packs, order->profile)->profile.mail_allowed && person->mail.length > 0)
        approval.mails[approval.mail_count++] = person->mail;
    approval.mobile = person->mobile;
    approval.code = order->code;
    approval.request = approval_number(store_arena(t), order->number);
    if (approval.request.data == NULL) return arena_failed(store_arena(t), error);
    approval.time = order->created / RFD_SECOND * RFD_SECOND;
    if (!approval_is_of_entity(&approval)) {
        *why = N_("The entity has no tax number of the kind that seals have");
        return RFD_OK;
    }
    return approval_write(&approval, text, error);
}

/* ---- Asking for it ---- */

static rfd_status check_person(struct transaction *t, int64_t id, struct person *out, struct faults *faults,
                               struct rfd_error *error)
{
    *out = (struct person){.id = 0};
    rfd_status status = id == 0 ? RFD_E_NOT_FOUND : person_find(t, id, out, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    if (status != RFD_OK || out->closed)
        fault_add(faults, "person", N_("Nobody here has this number"));
    else if (out->mobile.length == 0)
        fault_add(faults, "person", N_("This person has no mobile, to which the codes could be sent"));
    return RFD_OK;
}

static rfd_status check_entity(struct transaction *t, const struct actor *actor, const struct packs *packs,
                               struct seal_order *order, struct faults *faults, struct rfd_error *error)
{
    struct entity entity = {.id = 0};
    rfd_status status = entity_find(t, order->entity, &entity, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    bool may = status == RFD_OK && !entity.closed && actor_may_in_entity(actor, ACTION_REGISTRATION_ATTEND, entity.id);
    const struct pack_profile *profile = may ? seal_order_profile(packs, entity.country) : NULL;
    if (!may)
        fault_add(faults, "entity", N_("Choose an entity of the list"));
    else if (profile == NULL)
        fault_add(faults, "entity", N_("There are no seals for entities of this country"));
    else
        order->profile = slice_text(profile->profile.name);
    return RFD_OK;
}

static void check_basis(const struct seal_order *order, struct faults *faults)
{
    if (order->basis.length == 0)
        fault_add(faults, "basis", N_("Name the document that says who answers for the seal"));
    else if (text_characters(order->basis) > SEAL_BASIS_MAXIMUM || !text_is_printable(order->basis))
        fault_add(faults, "basis", N_("Write one line of at most 200 letters"));
}

static rfd_status insert(struct transaction *t, const struct seal_order *o, slice text, int64_t *id,
                         struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(o->entity), store_integer(o->person), store_text(o->number),
                                         store_text(o->profile),   store_text(o->basis),     store_text(text),
                                         store_bytes(SLICE("")),   store_integer(o->created)};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO seal_order(entity, person, number, profile, basis, text, signed, created) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                  values, COUNT_OF(values), &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status write_and_insert(struct transaction *t, const struct registration_settings *settings,
                                   const struct seal_order *o, const struct person *person, struct faults *faults,
                                   int64_t *id, struct rfd_error *error)
{
    struct buf text;
    const char *why = NULL;
    buf_init(&text, APPROVAL_MAXIMUM);
    rfd_status status = write_text(t, settings, o, person, &text, &why, error);
    if (status == RFD_OK && why != NULL) {
        fault_add(faults, "entity", why);
        status = faults_end(faults, error);
    }
    if (status == RFD_OK) status = insert(t, o, buf_slice(&text), id, error);
    buf_dispose(&text);
    return status;
}

rfd_status seal_order_put(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, const struct seal_order *order,
                          struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct faults *told = faults == NULL ? &own : faults;
    struct seal_order o = *order;
    struct person person;
    int64_t made = 0;
    TRY(actor_check(actor, ACTION_REGISTRATION_ATTEND, NULL, error));
    TRY(check_entity(t, actor, settings->packs, &o, told, error));
    TRY(check_person(t, o.person, &person, told, error));
    check_basis(&o, told);
    TRY(faults_end(told, error));
    o.created = clock_now();
    TRY(make_number(store_arena(t), &o.number, error));
    TRY(write_and_insert(t, settings, &o, &person, told, &made, error));
    TRY(central_audit(t, actor, "seal.ask", "seal-order", made, central_detail(t, "number", o.number, "basis", o.basis),
                      error));
    *id = made;
    return RFD_OK;
}

/* ---- Seeing ---- */

#define SELECT                                                                                                          \
    "SELECT o.id, o.entity, o.person, coalesce(o.agent, 0), coalesce(o.enrolment, 0), o.number, o.profile, o.basis, "   \
    "o.text, o.signed, e.name, p.given_names || ' ' || p.surname, coalesce(a.given_names || ' ' || a.surname, ''), "    \
    "o.created, o.concluded, coalesce((SELECT max(k.certificate) FROM central_key k WHERE k.enrolment = o.enrolment), " \
    "0) FROM seal_order o JOIN entity e ON e.id = o.entity JOIN person p ON p.id = o.person "                           \
    "LEFT JOIN person a ON a.id = o.agent "

static struct seal_order read_row(const struct store_value *v, const struct packs *packs, rfd_time now)
{
    const struct pack_profile *profile = packs_profile(packs, v[6].bytes);
    bool concluded = v[14].type != STORE_NULL;
    struct seal_order o = {.id = v[0].integer,
                           .entity = v[1].integer,
                           .person = v[2].integer,
                           .agent = v[3].integer,
                           .enrolment = v[4].integer,
                           .number = v[5].bytes,
                           .profile = v[6].bytes,
                           .basis = v[7].bytes,
                           .text = v[8].bytes,
                           .signed_data = v[9].bytes,
                           .entity_name = v[10].bytes,
                           .person_name = v[11].bytes,
                           .agent_name = v[12].bytes,
                           .wanted = profile == NULL ? APPROVALS_MAXIMUM : profile->approvals,
                           .certificate = v[15].integer,
                           .created = v[13].integer};
    o.withdrawn = concluded && o.enrolment == 0;
    o.open = !concluded && now < o.created + (rfd_time)SEAL_ORDER_DAYS * 86400 * RFD_SECOND;
    return o;
}

rfd_status seal_order_see(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t id, rfd_time now,
                          struct seal_order *out, struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_REGISTRATION_ATTEND, NULL, error));
    TRY(store_run(t, SELECT "WHERE o.id = $1", &value, 1, &rows, error));
    if (rows.count == 0 || !actor_may_in_entity(actor, ACTION_REGISTRATION_ATTEND, store_cell(&rows, 0, 1)->integer))
        return error_set(error, RFD_E_NOT_FOUND, "there is no such order of a seal");
    *out = read_row(store_cell(&rows, 0, 0), settings->packs, now);
    return RFD_OK;
}

/** "1,7": entities of the actor's roles, whichever of them lets do this; NULL without memory. */
static const char *entities_of(struct transaction *t, const struct actor *actor)
{
    const char *list = "";
    for (size_t i = 0; i < actor->role_count && list != NULL; i++) {
        int64_t entity = actor->roles[i].entity;
        bool seen = !actor_may_in_entity(actor, ACTION_REGISTRATION_ATTEND, entity);
        for (size_t k = 0; k < i && !seen; k++) seen = actor->roles[k].entity == entity;
        if (!seen) list = arena_print(store_arena(t), "%s%s%lld", list, list[0] == '\0' ? "" : ",", (long long)entity);
    }
    return list;
}

rfd_status seal_orders(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       rfd_time now, struct seal_order **out, size_t *count, struct rfd_error *error)
{
    const struct store_value value = store_integer(ORDERS_MOST);
    struct store_rows rows = {.count = 0};
    TRY(actor_check(actor, ACTION_REGISTRATION_ATTEND, NULL, error));
    const char *entities = entities_of(t, actor);
    const char *sql = entities == NULL
                          ? NULL
                          : arena_print(store_arena(t),
                                        SELECT "WHERE o.entity IN (%s) ORDER BY CASE WHEN o.concluded IS "
                                               "NULL THEN 0 ELSE 1 END, o.created DESC, o.id DESC LIMIT $1",
                                        entities);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    if (entities[0] != '\0') TRY(store_run(t, sql, &value, 1, &rows, error));
    struct seal_order *all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) all[i] = read_row(store_cell(&rows, i, 0), settings->packs, now);
    *out = all;
    *count = rows.count;
    return RFD_OK;
}

/* ---- Signing ---- */

static rfd_status check_signer(const struct actor *actor, const struct seal_order *o, struct rfd_error *error)
{
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "only a person signs");
    if (actor->person == o->person)
        return error_set(error, RFD_E_FORBIDDEN, "nobody approves a seal that they answer for");
    if (!o->open) return error_set(error, RFD_E_STATE, "it is not open any more");
    if (actor->person == o->agent) return error_set(error, RFD_E_STATE, "another agent has to sign as well");
    return RFD_OK;
}

static rfd_status check_signature(struct transaction *t, const struct actor *actor, const struct packs *packs,
                                  const struct seal_order *o, slice signed_data, rfd_time now, int64_t *certificate,
                                  struct faults *faults, struct rfd_error *error)
{
    slice text = SLICE_EMPTY;
    const char *why = NULL;
    if (signed_data.length == 0 || signed_data.length > APPROVAL_SIGNED_MAXIMUM)
        why = N_("The signature of the approval is missing");
    else if (approval_content(signed_data, &text, error) != RFD_OK)
        why = N_("The signature is not of an approval");
    else if (!slice_equal(text, o->text))
        why = N_("The signature is of another text than this one");
    error_clear(error);
    if (why == NULL)
        TRY(person_signature_check(t, packs, actor->person, o->text, signed_data, now, certificate, &why, error));
    if (why != NULL) fault_add(faults, "signature", why);
    return faults_end(faults, error);
}

/** The first of two; who comes at the same time is told to look again. */
static rfd_status keep_first(struct transaction *t, const struct actor *actor, const struct seal_order *o,
                             slice signed_data, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(o->id), store_integer(actor->person), store_bytes(signed_data)};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE seal_order SET agent = $2, signed = $3 WHERE id = $1 AND agent IS NULL AND concluded IS NULL",
                  values, 3, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "another agent has just signed: look again");
    return central_audit(t, actor, "seal.sign", "seal-order", o->id,
                         central_detail(t, "number", o->number, NULL, SLICE_EMPTY), error);
}

static rfd_status enrol(struct transaction *t, const struct actor *actor, const struct seal_order *o, slice signed_data,
                        rfd_time now, struct rfd_error *error)
{
    const slice approvals[] = {o->wanted > 1 ? o->signed_data : signed_data, signed_data};
    int64_t enrolment = 0;
    struct store_rows rows;
    TRY(central_enrol(t, actor, o->person, approvals, o->wanted > 1 ? 2 : 1, &enrolment, error));
    const struct store_value values[] = {store_integer(o->id), store_integer(enrolment), store_integer(now)};
    TRY(store_run(t, "UPDATE seal_order SET enrolment = $2, concluded = $3 WHERE id = $1 AND concluded IS NULL", values,
                  3, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it is not open any more");
    return central_audit(t, actor, "seal.approve", "seal-order", o->id,
                         central_detail(t, "number", o->number, NULL, SLICE_EMPTY), error);
}

rfd_status seal_order_sign(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id, slice signed_data, rfd_time now,
                           struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct seal_order o;
    int64_t certificate = 0;
    TRY(seal_order_see(t, actor, settings, id, now, &o, error));
    TRY(check_signer(actor, &o, error));
    TRY(check_signature(t, actor, settings->packs, &o, signed_data, now, &certificate, faults == NULL ? &own : faults,
                        error));
    TRY(holding_used(t, certificate, "approval", o.number, error));
    if (o.wanted > 1 && o.agent == 0) return keep_first(t, actor, &o, signed_data, error);
    return enrol(t, actor, &o, signed_data, now, error);
}

rfd_status seal_order_withdraw(struct transaction *t, const struct actor *actor,
                               const struct registration_settings *settings, int64_t id, rfd_time now,
                               struct rfd_error *error)
{
    struct seal_order o;
    struct store_rows rows;
    TRY(seal_order_see(t, actor, settings, id, now, &o, error));
    if (o.enrolment != 0) return error_set(error, RFD_E_STATE, "it was approved");
    const struct store_value values[] = {store_integer(id), store_integer(now)};
    TRY(store_run(t, "UPDATE seal_order SET concluded = $2 WHERE id = $1 AND concluded IS NULL", values, 2, &rows,
                  error));
    if (rows.changed == 0) return RFD_OK;
    return central_audit(t, actor, "seal.drop", "seal-order", id,
                         central_detail(t, "number", o.number, NULL, SLICE_EMPTY), error);
}
