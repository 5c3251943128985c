/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proofs of payment. The number of a bank's operation pays once, in the whole installation: the table has it unique, so
 * also under two who type it at once.
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { NUMBER_MAXIMUM = 30, AMOUNT_MAXIMUM = 100000000 };

#define COLUMNS "SELECT id, request, kind, day, operation, agency, cashier, amount FROM payment "

static void take(const struct store_value *v, struct payment *p)
{
    *p = (struct payment){.id = v[0].integer,
                          .request = v[1].integer,
                          .kind = v[2].bytes,
                          .day = v[3].integer,
                          .operation = v[4].bytes,
                          .agency = v[5].bytes,
                          .cashier = v[6].bytes,
                          .amount = v[7].integer};
}

rfd_status payment_find(struct transaction *t, int64_t id, struct payment *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(id);
    TRY(store_run(t, COLUMNS "WHERE id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "payment %lld", (long long)id);
    take(store_cell(&rows, 0, 0), out);
    return RFD_OK;
}

rfd_status payment_list(struct transaction *t, int64_t request, struct payment **out, size_t *count,
                        struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(request);
    TRY(store_run(t, COLUMNS "WHERE request = $1 ORDER BY id", &value, 1, &rows, error));
    struct payment *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) take(store_cell(&rows, i, 0), &list[i]);
    *out = list;
    *count = rows.count;
    return RFD_OK;
}

/* ---- What is typed ---- */

/** Capitals and digits alone, without the zeros before them: a number is the same however a slip prints it. */
static slice plain(slice typed, const char *field, bool required, struct arena *a, struct faults *faults)
{
    uint8_t *text = arena_allocate(a, typed.length + 1);
    size_t length = 0;
    for (size_t i = 0; text != NULL && i < typed.length; i++) {
        uint8_t c = typed.data[i];
        if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 'a' + 'A');
        bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!kept && c != ' ' && c != '-' && c != '.' && c != '/') {
            fault_add(faults, field, N_("Write letters and digits only"));
            return SLICE_EMPTY;
        }
        if (kept && (c != '0' || length > 0)) text[length++] = c;
    }
    if (text == NULL) fault_add(faults, field, N_("This is too long"));
    if (length > NUMBER_MAXIMUM) fault_add(faults, field, N_("This is too long"));
    if (length == 0 && required) fault_add(faults, field, N_("This is needed"));
    return slice_of(text, length);
}

static rfd_status check(struct transaction *t, const struct registration_settings *settings, const struct request *r,
                        struct payment *p, struct faults *faults, struct rfd_error *error)
{
    struct catalogue_entry kind;
    TRY(agency_check_entry(t, settings, r->country, "payment", p->kind, faults, "kind", error));
    TRY(agency_entry(t, settings, r->country, "payment", p->kind, &kind, error));
    bool slip = slice_is(catalogue_value(&kind, "slip"), "yes");
    if (p->day == RFD_TIME_NONE)
        fault_add(faults, "day", N_("This is needed"));
    else if (p->day > clock_now())
        fault_add(faults, "day", N_("This day is still to come"));
    p->operation = plain(p->operation, "operation", true, store_arena(t), faults);
    p->agency = plain(p->agency, "agency", slip, store_arena(t), faults);
    p->cashier = plain(p->cashier, "cashier", slip, store_arena(t), faults);
    if (p->amount <= 0 || p->amount > AMOUNT_MAXIMUM) fault_add(faults, "amount", N_("Write the amount that was paid"));
    return faults_end(faults, error);
}

/* ---- Writing ---- */

static rfd_status write_down(struct transaction *t, struct payment *p, bool *taken, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value v[] = {store_integer(p->request), store_text(p->kind),   store_integer(p->day),
                                    store_text(p->operation),  store_text(p->agency), store_text(p->cashier),
                                    store_integer(p->amount),  store_integer(p->id)};
    if (p->id == 0) {
        TRY(store_run(t,
                      "INSERT INTO payment(request, kind, day, operation, agency, cashier, amount) VALUES ($1, $2, $3, "
                      "$4, $5, $6, $7) ON CONFLICT(kind, operation) DO NOTHING RETURNING id",
                      v, 7, &rows, error));
        *taken = rows.count == 0;
        if (rows.count > 0) p->id = store_cell(&rows, 0, 0)->integer;
        return RFD_OK;
    }
    TRY(store_run(t, "SELECT id FROM payment WHERE kind = $1 AND operation = $2 AND id <> $3",
                  (const struct store_value[]){v[1], v[3], v[7]}, 3, &rows, error));
    *taken = rows.count > 0;
    if (*taken) return RFD_OK;
    return store_run(t,
                     "UPDATE payment SET kind = $2, day = $3, operation = $4, agency = $5, cashier = $6, amount = $7 "
                     "WHERE id = $8 AND request = $1",
                     v, 8, NULL, error);
}

rfd_status payment_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct payment *payment, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    struct payment p = *payment;
    struct payment there;
    bool taken = false;
    TRY(agency_to_edit(t, actor, payment->request, &r, error));
    if (payment->id != 0) {
        TRY(payment_find(t, payment->id, &there, error));
        if (there.request != r.id) return error_set(error, RFD_E_NOT_FOUND, "payment %lld", (long long)payment->id);
    }
    TRY(check(t, settings, &r, &p, faults, error));
    TRY(write_down(t, &p, &taken, error));
    if (taken) fault_add(faults, "operation", N_("This operation has paid for a request already"));
    TRY(faults_end(faults, error));
    TRY(agency_saved(t, actor, &r, error));
    *id = p.id;
    return RFD_OK;
}

rfd_status payment_remove(struct transaction *t, const struct actor *actor, int64_t payment, struct rfd_error *error)
{
    struct request r;
    struct payment p;
    const struct store_value value = store_integer(payment);
    TRY(payment_find(t, payment, &p, error));
    TRY(agency_to_edit(t, actor, p.request, &r, error));
    TRY(store_run(t, "UPDATE applicant SET payment = NULL WHERE payment = $1", &value, 1, NULL, error));
    TRY(store_run(t, "UPDATE evidence SET payment = NULL, replaced = TRUE WHERE payment = $1", &value, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM payment WHERE id = $1", &value, 1, NULL, error));
    return agency_saved(t, actor, &r, error);
}
