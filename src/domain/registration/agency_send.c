/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sending a unit's request: what has to be there first, and who is told.
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"

enum { TOLD_MAXIMUM = 50 };

/* ---- What is missing ---- */

/** What there is of a request, read once. */
struct inventory {
    const struct request *request;
    struct catalogue_entry *kinds; /* of evidence */
    size_t kind_count;
    struct evidence *files;
    size_t file_count;
    struct payment *payments;
    size_t payment_count;
    bool pays;
    unsigned fee;
};

static rfd_status take_stock(struct transaction *t, const struct registration_settings *settings,
                             const struct request *r, struct inventory *out, struct rfd_error *error)
{
    const struct pack_registration *pack = packs_registration(settings->packs, r->country);
    *out = (struct inventory){.request = r, .fee = pack == NULL ? 0 : pack->fee_amount};
    TRY(catalogue_read(t, settings->packs, r->country, "evidence", false, &out->kinds, &out->kind_count, error));
    TRY(evidence_list(t, r->id, false, &out->files, &out->file_count, error));
    TRY(payment_list(t, r->id, &out->payments, &out->payment_count, error));
    return agency_pays(t, settings, r, &out->pays, error);
}

enum presence { PRESENT, ABSENT, INFECTED };
static enum presence file_there(const struct inventory *i, int64_t applicant, int64_t payment, slice kind)
{
    for (size_t n = 0; n < i->file_count; n++) {
        const struct evidence *e = &i->files[n];
        if (e->applicant != applicant || e->payment != payment || !slice_equal(e->kind, kind)) continue;
        return slice_is(e->scan, "infected") ? INFECTED : PRESENT;
    }
    return ABSENT;
}

/** `field` NULL: the kind's own name. */
static void check_files(const struct inventory *i, int64_t applicant, int64_t payment, const char *field,
                        struct faults *faults)
{
    for (size_t n = 0; n < i->kind_count; n++) {
        struct pack_evidence kind;
        catalogue_evidence(&i->kinds[n], &kind);
        bool asked = applicant != 0 ? kind.agency : kind.payment;
        if (!asked || !kind.required || !catalogue_has(&i->kinds[n], "kinds", i->request->kind)) continue;
        enum presence there = file_there(i, applicant, payment, i->kinds[n].code);
        slice name = field == NULL ? i->kinds[n].code : slice_text(field);
        if (there == ABSENT) fault_add_to(faults, name, N_("This file is missing"));
        if (there == INFECTED) fault_add_to(faults, name, N_("This file has a virus: hand in another one"));
    }
}

static bool has_payment(const struct inventory *i, int64_t id)
{
    for (size_t n = 0; n < i->payment_count; n++)
        if (i->payments[n].id == id) return true;
    return false;
}

static void check_applicant(const struct inventory *i, const struct applicant *a, struct faults *faults)
{
    if (agency_issues(i->request->kind)) check_files(i, a->id, 0, NULL, faults);
    if (i->pays && !has_payment(i, a->payment))
        fault_add(faults, "payment", N_("This motive has to be paid for: choose the payment"));
}

static rfd_status check_profile(struct transaction *t, const struct registration_settings *settings,
                                const struct request *r, const struct applicant *a, struct faults *faults,
                                struct rfd_error *error)
{
    const char *why = NULL;
    if (!agency_issues(r->kind)) return RFD_OK;
    TRY(applicant_lacks(t, settings->packs, r, a, &why, error));
    if (why != NULL) fault_add(faults, "profile", why);
    return RFD_OK;
}

rfd_status agency_applicant_missing(struct transaction *t, const struct registration_settings *settings,
                                    const struct request *request, const struct applicant *applicant,
                                    struct faults *faults, struct rfd_error *error)
{
    struct inventory i;
    TRY(take_stock(t, settings, request, &i, error));
    check_applicant(&i, applicant, faults);
    return check_profile(t, settings, request, applicant, faults, error);
}

/** Each payment has its proof, and is enough for all whom it is for. */
static void check_payment(const struct inventory *i, const struct payment *p, struct faults *faults)
{
    int64_t people = 0;
    for (size_t n = 0; n < i->request->applicant_count; n++) people += i->request->applicants[n].payment == p->id;
    check_files(i, 0, p->id, "pago", faults);
    if (p->amount < people * i->fee)
        fault_add(faults, "pago", N_("A payment is less than the fee of those whom it is for"));
    if (people == 0) fault_add(faults, "pago", N_("A payment is for nobody: choose it in an applicant, or remove it"));
}

static rfd_status check_all(struct transaction *t, const struct registration_settings *settings,
                            const struct inventory *i, struct faults *faults, struct rfd_error *error)
{
    const struct request *r = i->request;
    bool lacking = false;
    bool unpaid = false;
    if (r->applicant_count == 0) fault_add(faults, "solicitantes", N_("There is no applicant yet"));
    for (size_t n = 0; n < r->applicant_count; n++) {
        struct faults own = {.count = 0};
        check_applicant(i, &r->applicants[n], &own);
        TRY(check_profile(t, settings, r, &r->applicants[n], faults, error));
        for (unsigned k = 0; k < own.count; k++) {
            bool payment = strcmp(own.items[k].field, "payment") == 0;
            unpaid = unpaid || payment;
            lacking = lacking || !payment;
        }
    }
    if (lacking) fault_add(faults, "solicitantes", N_("Files of an applicant are missing"));
    if (unpaid)
        fault_add(faults, "pago",
                  N_("This motive has to be paid for: enter the payment, and choose it in each applicant"));
    for (size_t n = 0; n < i->payment_count; n++) check_payment(i, &i->payments[n], faults);
    return RFD_OK;
}

rfd_status agency_missing(struct transaction *t, const struct registration_settings *settings,
                          const struct request *request, struct faults *faults, struct rfd_error *error)
{
    struct inventory i;
    TRY(take_stock(t, settings, request, &i, error));
    return check_all(t, settings, &i, faults, error);
}

/* ---- Who is told ---- */

/** Agents whose role reaches the unit: those of it, and of the units above. */
static rfd_status find_office(struct transaction *t, const struct request *r, struct store_rows *rows,
                              struct rfd_error *error)
{
    struct unit unit;
    TRY(unit_find(t, r->unit, &unit, error));
    const struct store_value values[] = {store_text(unit.path), store_integer(clock_now()), store_integer(r->entity),
                                         store_integer(TOLD_MAXIMUM), store_reference(r->requester)};
    return store_run(t,
                     "SELECT DISTINCT a.person FROM role_assignment a JOIN unit u ON u.id = a.unit WHERE "
                     "a.role = 'certifying_agent' AND u.entity = $3 AND a.starts <= $2 AND (a.ends IS NULL OR "
                     "a.ends > $2) AND substr($1, 1, length(u.path)) = u.path AND a.person <> $5 ORDER BY "
                     "a.person LIMIT $4",
                     values, 5, rows, error);
}

static rfd_status tell_one(struct transaction *t, const struct request *r, const struct unit *unit, int64_t person,
                           struct rfd_error *error)
{
    struct view *view = NULL;
    const char *link = arena_print(store_arena(t), "/tramites/bandeja/%lld", (long long)r->id);
    const char *once = arena_print(store_arena(t), "%lld:%lld", (long long)r->id, (long long)r->sent);
    if (link == NULL || once == NULL) return arena_failed(store_arena(t), error);
    TRY(request_view(t, r, link, &view, error));
    view_text(view, "unit", unit->name);
    return request_mail_person(t, "agency-sent", person, view, once, error);
}

/** A new one: the office; one that was mended: who has it. */
static rfd_status tell_office(struct transaction *t, const struct request *r, struct rfd_error *error)
{
    struct store_rows rows;
    struct unit unit;
    TRY(unit_find(t, r->unit, &unit, error));
    if (r->state == REQUEST_TAKEN) return tell_one(t, r, &unit, r->taker, error);
    TRY(find_office(t, r, &rows, error));
    for (size_t i = 0; i < rows.count; i++) TRY(tell_one(t, r, &unit, store_cell(&rows, i, 0)->integer, error));
    return RFD_OK;
}

rfd_status agency_send(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       int64_t id, struct faults *faults, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    const struct request_step step = {.event = REQUEST_EVENT_SEND, .actor = actor};
    struct request r;
    TRY(agency_to_edit(t, actor, id, &r, error));
    TRY(agency_missing(t, settings, &r, faults, error));
    TRY(faults_end(faults, error));
    TRY(request_step(t, &r, &step, error));
    TRY(request_tell(t, "request-step", &r, REQUEST_EVENT_SEND, SLICE_EMPTY, error));
    return tell_office(t, &r, error);
}
