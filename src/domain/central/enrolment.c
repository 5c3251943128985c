/* SPDX-License-Identifier: EUPL-1.2
 *
 * Enrolments: an agent has seen who somebody is, and signed that they may make certificates whose key is kept here.
 * What is stored of the approval is only to find it; the keepers read it themselves.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/central/internal.h"
#include "keeper/approval.h"

/* ---- Whose ---- */

rfd_status central_holder_of(struct transaction *t, const struct packs *packs, int64_t person, slice *out,
                             struct rfd_error *error)
{
    struct person p;
    TRY(person_find(t, person, &p, error));
    TRY(person_subject(packs, &p, store_arena(t), out, error));
    if (out->length == 0) return error_set(error, RFD_E_NOT_FOUND, "certificates name no such identity document");
    if (out->length >= PERSONAL_HOLDER_SIZE) return error_set(error, RFD_E_NOT_FOUND, "the number is too long");
    return RFD_OK;
}

/* ---- Reading an approval ---- */

rfd_status central_approval_hash(slice signed_data, uint8_t hash[APPROVAL_HASH_SIZE], struct rfd_error *error)
{
    slice text;
    TRY(approval_content(signed_data, &text, error));
    return digest_of(DIGEST_SHA256, text, hash, error);
}

static rfd_status read_approvals(const slice *approvals, size_t count, struct approval *out, struct rfd_error *error)
{
    slice text, second;
    if (count == 0 || count > APPROVALS_MAXIMUM) return error_set(error, RFD_E_APPROVAL, "%zu approvals", count);
    TRY(approval_content(approvals[0], &text, error));
    TRY(approval_read(text, out, error));
    if (count == 2) TRY(approval_content(approvals[1], &second, error));
    if (count == 2 && !slice_equal(text, second))
        return error_set(error, RFD_E_APPROVAL, "both agents signed another text");
    slice holder = approval_holder(out);
    if (!out->central) return error_set(error, RFD_E_APPROVAL, "it is of a key that its holder made");
    if (holder.length == 0 || holder.length >= PERSONAL_HOLDER_SIZE)
        return error_set(error, RFD_E_APPROVAL, "it names nobody");
    if (out->mobile.length == 0 && out->mail_count == 0)
        return error_set(error, RFD_E_APPROVAL, "it has neither mobile nor mail for the codes");
    return RFD_OK;
}

/* ---- Entering ---- */

/** The entity of a seal: "VATPE-20000000001" has its country and its number. 0: it is a person's. */
static rfd_status find_entity(struct transaction *t, const struct approval *a, int64_t person, int64_t *out,
                              struct rfd_error *error)
{
    enum { COUNTRY_AT = 3, COUNTRY_SIZE = 2, NUMBER_AT = 6 };
    slice holder = approval_holder(a);
    char country[COUNTRY_SIZE + 1] = "";
    struct store_rows rows;
    *out = 0;
    if (!approval_is_of_entity(a)) return RFD_OK;
    if (person == 0) return error_set(error, RFD_E_APPROVAL, "nobody answers for the seal");
    for (size_t i = 0; i < COUNTRY_SIZE; i++) country[i] = (char)(holder.data[COUNTRY_AT + i] - 'A' + 'a');
    const struct store_value values[] = {store_text(slice_text(country)), store_text(slice_from(holder, NUMBER_AT)),
                                         store_boolean(false)};
    TRY(store_run(t, "SELECT id FROM entity WHERE country = $1 AND tax_number = $2 AND closed = $3", values, 3, &rows,
                  error));
    if (rows.count == 0) return error_set(error, RFD_E_APPROVAL, "no entity here has the number of the seal");
    *out = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status insert(struct transaction *t, const struct approval *a, int64_t person, const slice *approvals,
                         size_t count, int64_t *id, struct rfd_error *error)
{
    int64_t entity;
    TRY(find_entity(t, a, person, &entity, error));
    const struct store_value values[] = {
        store_text(a->request),     store_text(approval_holder(a)),
        store_reference(person),    store_text(a->profile),
        store_bytes(approvals[0]),  store_bytes(count == 2 ? approvals[1] : SLICE("")),
        store_integer(a->time),     store_integer(a->time + APPROVAL_CENTRAL_SECONDS * RFD_SECOND),
        store_integer(clock_now()), store_reference(entity),
    };
    struct store_rows rows;
    TRY(store_run(
        t,
        "INSERT INTO central_enrolment(number, holder, person, profile, approval, approval_again, time, ends, "
        "entered, entity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        values, sizeof values / sizeof *values, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status tell(struct transaction *t, int64_t person, const char *once, struct rfd_error *error)
{
    struct view *view = view_new(store_arena(t));
    if (view == NULL) return arena_failed(store_arena(t), error);
    view_string(view, "link", CENTRAL_PAGE_CREDENTIALS);
    return request_mail_person(t, "central-ready", person, view, once, error);
}

rfd_status central_enrol(struct transaction *t, const struct actor *actor, int64_t person, const slice *approvals,
                         size_t count, int64_t *id, struct rfd_error *error)
{
    struct approval approval;
    int64_t made = 0;
    TRY(actor_check(actor, ACTION_ACCOUNT_ENROL, NULL, error));
    TRY(read_approvals(approvals, count, &approval, error));
    TRY(insert(t, &approval, person, approvals, count, &made, error));
    slice detail = central_detail(t, "holder", approval_holder(&approval), "approval", approval.request);
    TRY(central_audit(t, actor, "central.enrol", "enrolment", made, detail, error));
    const char *once = arena_print(store_arena(t), "%lld", (long long)made);
    if (once == NULL) return arena_failed(store_arena(t), error);
    TRY(tell(t, person, once, error));
    *id = made;
    return RFD_OK;
}

/* ---- Finding ---- */

#define COLUMNS                                                                                                        \
    "id, coalesce(person, 0), holder, profile, approval, approval_again, time, ends, number, coalesce(entity, 0)"

static void read_row(const struct store_value *v, struct enrolment *out, slice *number)
{
    *out = (struct enrolment){.id = v[0].integer,
                              .person = v[1].integer,
                              .holder = v[2].bytes,
                              .profile = v[3].bytes,
                              .approvals = {v[4].bytes, v[5].bytes},
                              .approval_count = v[5].bytes.length > 0 ? 2 : 1,
                              .time = v[6].integer,
                              .ends = v[7].integer,
                              .entity = v[9].integer};
    if (number != NULL) *number = v[8].bytes;
}

rfd_status central_enrolment_of(struct transaction *t, slice holder, rfd_time now, struct enrolment *out,
                                struct rfd_error *error)
{
    const struct store_value values[] = {store_text(holder), store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT " COLUMNS " FROM central_enrolment WHERE holder = $1 AND ends > $2 "
                  "ORDER BY time DESC, id DESC LIMIT 1",
                  values, 2, &rows, error));
    *out = (struct enrolment){.id = 0};
    if (rows.count > 0) read_row(store_cell(&rows, 0, 0), out, NULL);
    return RFD_OK;
}

rfd_status central_enrolment_find(struct transaction *t, int64_t id, struct enrolment *out, slice *number,
                                  struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT " COLUMNS " FROM central_enrolment WHERE id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such enrolment");
    read_row(store_cell(&rows, 0, 0), out, number);
    return RFD_OK;
}

/* ---- Of seals ---- */

rfd_status central_seal_enrolment_of(struct transaction *t, slice holder, slice profile, int64_t person, rfd_time now,
                                     struct enrolment *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_text(holder), store_text(profile),
                                         store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT " COLUMNS " FROM central_enrolment WHERE person = $1 AND holder = $2 AND profile = $3 AND "
                  "ends > $4 AND entity IS NOT NULL ORDER BY time DESC, id DESC LIMIT 1",
                  values, sizeof values / sizeof *values, &rows, error));
    *out = (struct enrolment){.id = 0};
    if (rows.count > 0) read_row(store_cell(&rows, 0, 0), out, NULL);
    return RFD_OK;
}

rfd_status central_seal_enrolments(struct transaction *t, int64_t person, rfd_time now, struct enrolment **out,
                                   size_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT " COLUMNS " FROM central_enrolment WHERE person = $1 AND ends > $2 AND entity IS NOT NULL "
                  "ORDER BY holder, time DESC, id DESC",
                  values, 2, &rows, error));
    struct enrolment *all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    size_t found = 0;
    for (size_t i = 0; i < rows.count; i++) {
        read_row(store_cell(&rows, i, 0), &all[found], NULL);
        if (found == 0 || !slice_equal(all[found - 1].holder, all[found].holder)) found++;
    }
    *out = all;
    *count = found;
    return RFD_OK;
}
