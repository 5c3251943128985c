/* SPDX-License-Identifier: EUPL-1.2
 *
 * Taking over what another program issued with the authority's key. What is there already stays as it is, so that an
 * import that broke off can be done again.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "domain/audit/audit.h"

enum { TOGETHER = 200, NUMBER_SIZE = 20, SUBJECT_OCTETS = 500 };
enum { REASON_COMPROMISE = 1, REASON_HOLD = 6, REASON_UNUSED = 7, REASON_REMOVED = 8, REASON_MAXIMUM = 10 };

struct importing {
    struct authority_domain *d;
    slice actor;
    int64_t authority;
    const struct certificate *issuer;
    const struct authority_import_row *rows;
    size_t count; /* of this transaction */
    size_t added;
    slice crl_number;
    size_t total; /* for the audit */
};

static enum certificate_event event_of(const struct certificate_row *row)
{
    if (row->revoked_at != RFD_TIME_NONE)
        return row->reason == REASON_HOLD ? CERTIFICATE_EVENT_IMPORT_HELD : CERTIFICATE_EVENT_IMPORT_REVOKED;
    return row->not_after < clock_now() ? CERTIFICATE_EVENT_IMPORT_EXPIRED : CERTIFICATE_EVENT_IMPORT;
}

static rfd_status is_there(struct transaction *t, const struct certificate_row *row, bool *there,
                           struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_bytes(row->serial), store_integer(row->authority)};
    TRY(store_run(t, "SELECT state FROM certificate_status WHERE serial = $1 AND authority = $2", values, 2, &rows,
                  error));
    *there = rows.count > 0;
    return RFD_OK;
}

/** A key that is known already stays whose it is: those people have their certificates, right or wrong. */
static rfd_status note_key(struct transaction *t, const struct certificate *c, const struct certificate_row *row,
                           struct rfd_error *error)
{
    if (row->reason == REASON_COMPROMISE && row->revoked_at != RFD_TIME_NONE) return register_block_key(t, row, error);
    rfd_status status = register_claim_key(t, c->spki, row, error);
    return status == RFD_E_KEY_REUSED ? RFD_OK : status;
}

static rfd_status enter(struct transaction *t, struct importing *i, const struct certificate *c,
                        struct certificate_row *row, struct rfd_error *error)
{
    bool there;
    TRY(is_there(t, row, &there, error));
    if (there) return RFD_OK;
    TRY(register_enter(t, event_of(row), i->actor, row, NULL, error));
    if (c != NULL) TRY(note_key(t, c, row, error));
    i->added++;
    return row->revoked_at == RFD_TIME_NONE ? RFD_OK : register_number_change(t, row, NULL, error);
}

/** One row that cannot be on a list would keep the authority from ever signing one again: RFC 5280 §4.1.2.2, §5.1.2.6,
 * and what the keeper lets pass (keeper/crl_check.h). */
static rfd_status check_listable(const struct certificate_row *row, struct rfd_error *error)
{
    uint8_t digits[2 * REGISTER_SERIAL_MAXIMUM];
    slice s = row->serial;
    int digit_count = (int)(2 * slice_part(s, 0, REGISTER_SERIAL_MAXIMUM).length);
    number_to_hex(slice_part(s, 0, REGISTER_SERIAL_MAXIMUM), false, digits);
    bool positive = s.length > 0 && s.length <= REGISTER_SERIAL_MAXIMUM && s.data[0] < 0x80;
    if (!positive || (s.data[0] == 0 && (s.length == 1 || s.data[1] < 0x80)))
        return error_set(error, RFD_E_ARGUMENT, "serial number %.*s: not positive, or not in its shortest form",
                         digit_count, (const char *)digits);
    if (row->reason == REASON_UNUSED || row->reason == REASON_REMOVED)
        return error_set(error, RFD_E_ARGUMENT, "serial number %.*s: reason %d", digit_count, (const char *)digits,
                         row->reason);
    if (row->revoked_at != RFD_TIME_NONE && row->revoked_at > clock_now())
        return error_set(error, RFD_E_ARGUMENT, "serial number %.*s: revoked in the future", digit_count,
                         (const char *)digits);
    return RFD_OK;
}

/** What another program wrote for a name, as text that mails and screens can take. */
static rfd_status read_subject(struct arena *a, slice from, slice *out, struct rfd_error *error)
{
    uint8_t bytes[3 * SUBJECT_OCTETS]; /* an octet may become U+FFFD */
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    text_put_printable(&b, slice_part(from, 0, SUBJECT_OCTETS));
    TRY(buf_check(&b, "subject", error));
    *out = arena_copy(a, buf_slice(&b));
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status describe(struct transaction *t, const struct importing *i, const struct authority_import_row *from,
                           const struct certificate **certificate, struct certificate_row *row, struct rfd_error *error)
{
    *row = (struct certificate_row){.authority = i->authority,
                                    .serial = from->serial,
                                    .profile = SLICE_EMPTY,
                                    .subject = from->subject,
                                    .not_before = from->not_after,
                                    .not_after = from->not_after,
                                    .issued_at = clock_now(),
                                    .revoked_at = from->revoked_at,
                                    .reason = from->revoked_at == RFD_TIME_NONE ? 0 : from->reason,
                                    .invalid_since = RFD_TIME_NONE};
    if (from->reason < 0 || from->reason > REASON_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "reason %d of a revocation", from->reason);
    TRY(read_subject(store_arena(t), from->subject, &row->subject, error));
    if (from->certificate.length == 0) return check_listable(row, error);
    TRY(certificate_parse(from->certificate, certificate, error));
    TRY(certificate_verify_signature(*certificate, i->issuer, error));
    TRY(register_describe(*certificate, store_arena(t), row, error));
    row->issued_at = row->not_before;
    return check_listable(row, error);
}

static rfd_status import_some(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    i->added = 0;
    TRY(register_begin_change(t, i->d->store, error));
    for (size_t k = 0; k < i->count; k++) {
        const struct certificate *certificate = NULL;
        struct certificate_row row;
        rfd_status status = describe(t, i, &i->rows[k], &certificate, &row, error);
        if (status == RFD_OK) status = enter(t, i, certificate, &row, error);
        certificate_unref(certificate);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status find_issuer(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    struct store_rows rows;
    struct store_value value = store_integer(i->authority);
    TRY(store_run(t, "SELECT certificate FROM authority WHERE id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    return certificate_parse(store_cell(&rows, 0, 0)->bytes, &i->issuer, error);
}

/** Lists go on above the number that relying parties have seen. */
static rfd_status close_import(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct importing *i = context;
    uint8_t floor[NUMBER_SIZE] = {0};
    char object[64], detail[64];
    memcpy(floor + NUMBER_SIZE - i->crl_number.length, i->crl_number.data == NULL ? floor : i->crl_number.data,
           i->crl_number.length);
    const struct store_value values[] = {store_integer(i->authority), store_bytes(slice_of(floor, sizeof floor))};
    TRY(store_run(t, "UPDATE authority SET crl_floor = $2 WHERE id = $1 AND crl_floor < $2", values, 2, NULL, error));
    (void)snprintf(object, sizeof object, "authority:%lld", (long long)i->authority);
    (void)snprintf(detail, sizeof detail, "{\"certificates\":%zu}", i->total);
    struct audit_event event = {
        .action = "authority.import", .actor = i->actor, .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status authority_import(struct authority_domain *d, slice actor, int64_t authority,
                            const struct authority_import_row *rows, size_t count, slice crl_number, size_t *added,
                            struct rfd_error *error)
{
    struct importing i = {.d = d, .actor = actor, .authority = authority, .crl_number = crl_number};
    rfd_status status;
    if (crl_number.length > NUMBER_SIZE) return error_set(error, RFD_E_ARGUMENT, "the number of a list");
    TRY(store_read(d->store, find_issuer, &i, error));
    for (size_t k = 0; k < count; k += i.count) {
        i.rows = rows + k;
        i.count = count - k < TOGETHER ? count - k : TOGETHER;
        TRY_OUT(store_write(d->store, import_some, &i, error));
        i.total += i.added;
    }
    TRY_OUT(store_write(d->store, close_import, &i, error));
    *added = i.total;
out:
    certificate_unref(i.issuer);
    return status;
}
