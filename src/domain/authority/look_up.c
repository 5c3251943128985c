/* SPDX-License-Identifier: EUPL-1.2
 *
 * One certificate by its serial number.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"

/* --- For OCSP ----------------------------------------------------------------------------------------------------- */

struct looking {
    int64_t authority;
    slice serial;
    enum certificate_state state;
    struct responder_record record;
};

static rfd_status take_status(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct looking *l = context;
    (void)columns, (void)error;
    l->state = (enum certificate_state)values[0].integer;
    l->record.state = RESPONDER_GOOD;
    if (l->state != CERTIFICATE_REVOKED && l->state != CERTIFICATE_HELD) return RFD_OK;
    l->record.state = RESPONDER_REVOKED;
    l->record.revoked_at = store_moment_of(&values[1]);
    /* By a clock that was ahead: no signer signs a time that is still to come. */
    if (l->record.revoked_at > clock_now()) l->record.revoked_at = clock_now();
    l->record.reason = values[2].type == STORE_NULL ? 0 : (int)values[2].integer;
    return RFD_OK;
}

static rfd_status take_cutoff(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct looking *l = context;
    (void)columns, (void)error;
    l->record.archive_cutoff = values[0].integer;
    return RFD_OK;
}

/** Of a certificate whose end has passed, too, everything is known since the authority began (RFC 6960 §4.4.4). */
static rfd_status find_status(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    const struct store_value values[] = {store_bytes(l->serial), store_integer(l->authority)};
    l->state = CERTIFICATE_NONE;
    l->record = (struct responder_record){.state = RESPONDER_NEVER_ISSUED, .archive_cutoff = RFD_TIME_NONE};
    TRY(store_each(t, "SELECT state, revoked_at, reason FROM certificate_status WHERE serial = $1 AND authority = $2",
                   values, 2, take_status, l, error));
    if (l->state != CERTIFICATE_EXPIRED) return RFD_OK;
    return store_each(t, "SELECT not_before FROM authority WHERE id = $1", &values[1], 1, take_cutoff, l, error);
}

rfd_status authority_look_up(struct store *store, int64_t authority, slice serial, struct responder_record *out,
                             struct rfd_error *error)
{
    struct looking l = {.authority = authority, .serial = serial};
    TRY(store_look(store, find_status, &l, error));
    *out = l.record;
    return RFD_OK;
}

/* --- Everything --------------------------------------------------------------------------------------------------- */

struct reading {
    int64_t authority;
    slice serial;
    struct arena *a;
    struct certificate_row row;
};

static rfd_status find_row(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    return register_find(t, r->authority, r->serial, r->a, &r->row, error);
}

rfd_status authority_certificate(struct authority_domain *d, int64_t authority, slice serial, struct arena *a,
                                 struct certificate_row *out, struct rfd_error *error)
{
    struct reading r = {.authority = authority, .serial = serial, .a = a};
    TRY(store_read(d->store, find_row, &r, error));
    *out = r.row;
    return RFD_OK;
}
