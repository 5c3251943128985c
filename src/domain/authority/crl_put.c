/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists that were signed elsewhere: those of an authority that is off line.
 */
#include "domain/authority/authority.h"

#include "base/error.h"
#include "domain/audit/audit.h"
#include "pki/revocation/crl.h"

enum { NUMBER_SIZE = 20, OBJECT_SIZE = 64 };

struct putting {
    slice actor;
    int64_t authority;
    const struct crl *crl;
    uint8_t number[NUMBER_SIZE]; /* big-endian, with zeros before it */
};

static rfd_status check(struct transaction *t, const struct putting *p, struct rfd_error *error)
{
    struct store_rows rows;
    const struct certificate *certificate = NULL;
    const struct store_value id = store_integer(p->authority);
    TRY(store_run(t, "SELECT certificate FROM authority WHERE id = $1", &id, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    TRY(certificate_parse(store_cell(&rows, 0, 0)->bytes, &certificate, error));
    bool good = slice_equal(p->crl->issuer, certificate->subject) && crl_signed_by(p->crl, certificate);
    certificate_unref(certificate);
    if (!good) return error_set(error, RFD_E_CRL, "the list is not signed by this authority");
    const struct store_value values[] = {id, store_integer(0), store_boolean(false)};
    TRY(store_run(
        t, "SELECT number FROM crl WHERE authority = $1 AND part = $2 AND delta = $3 ORDER BY number DESC LIMIT 1",
        values, 3, &rows, error));
    slice last = rows.count == 0 ? SLICE_EMPTY : store_cell(&rows, 0, 0)->bytes;
    if (slice_compare(last, slice_of(p->number, sizeof p->number)) < 0) return RFD_OK;
    return error_set(error, RFD_E_STORE_CONFLICT, "a list of this number or a later one is there");
}

static rfd_status insert(struct transaction *t, const struct putting *p, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value list[] = {store_integer(p->authority),
                                       store_bytes(slice_of(p->number, sizeof p->number)),
                                       store_integer(p->crl->this_update),
                                       store_integer(p->crl->next_update),
                                       store_integer((int64_t)p->crl->der.length),
                                       store_boolean(false),
                                       store_boolean(true)};
    TRY(store_run(t,
                  "INSERT INTO crl(authority, part, delta, number, this_update, next_update, change, size, whole) "
                  "VALUES ($1, 0, $6, $2, $3, $4, (SELECT number FROM status_counter WHERE id = 1), $5, $7) "
                  "RETURNING id",
                  list, sizeof list / sizeof *list, &rows, error));
    const struct store_value piece[] = {*store_cell(&rows, 0, 0), store_bytes(p->crl->der)};
    return store_run(t, "INSERT INTO crl_piece(crl, position, bytes) VALUES ($1, 0, $2)", piece, 2, NULL, error);
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct putting *p = context;
    char object[OBJECT_SIZE];
    TRY(check(t, p, error));
    TRY(insert(t, p, error));
    (void)snprintf(object, sizeof object, "authority:%lld", (long long)p->authority);
    const struct audit_event event = {.action = "crl.make", .actor = p->actor, .object = slice_text(object)};
    return audit_put(t, &event, error);
}

rfd_status authority_put_crl(struct authority_domain *d, slice actor, int64_t authority, slice der,
                             struct rfd_error *error)
{
    const struct crl *crl = NULL;
    struct putting p = {.actor = actor, .authority = authority};
    TRY(crl_parse(der, &crl, error));
    p.crl = crl;
    rfd_status status = RFD_OK;
    if (crl->number.length == 0 || crl->number.length > NUMBER_SIZE || crl->next_update == RFD_TIME_NONE ||
        crl->delta_base.length > 0)
        status = error_set(error, RFD_E_CRL, "a list without number or end, or a delta");
    if (status == RFD_OK) {
        memcpy(p.number + NUMBER_SIZE - crl->number.length, crl->number.data, crl->number.length);
        status = store_write(d->store, put, &p, error);
    }
    crl_free(crl);
    return status;
}
