/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of a certificate. What is appended (the certificate, its octets, its end, and, as serial numbers begin with
 * the time, its state) costs little however many there are; what is random (key, idempotency key) is in tables of few
 * octets a row.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/audit/audit.h"
#include "domain/transparency/transparency.h"

static rfd_status check_row(const struct certificate_row *row, struct rfd_error *error)
{
    if (row->serial.length == 0 || row->serial.length > REGISTER_SERIAL_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "a serial number of %zu octets", row->serial.length);
    return RFD_OK;
}

static rfd_status insert_certificate(struct transaction *t, struct certificate_row *row, struct rfd_error *error)
{
    static const char sql[] =
        "INSERT INTO certificate(authority, serial, profile, subject, subject_id, mail, not_before, not_after, "
        "issued_at, request, client) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    const struct store_value values[] = {
        store_integer(row->authority),  store_bytes(row->serial),      store_text(row->profile),
        store_text(row->subject),       store_text(row->subject_id),   store_text(row->mail),
        store_integer(row->not_before), store_integer(row->not_after), store_integer(row->issued_at),
        store_text(row->request),       store_text(row->client),
    };
    struct store_rows rows;
    TRY(store_run(t, sql, values, sizeof values / sizeof *values, &rows, error));
    row->id = store_cell(&rows, 0, 0)->integer;
    const struct store_value der[] = {store_integer(row->id), store_bytes(row->der),
                                      row->asked.length == 0 ? store_null() : store_bytes(row->asked)};
    return store_run(t, "INSERT INTO certificate_der(certificate, der, request) VALUES ($1, $2, $3)", der, 3, NULL,
                     error);
}

static rfd_status insert_status(struct transaction *t, const struct certificate_row *row, struct rfd_error *error)
{
    static const char sql[] =
        "INSERT INTO certificate_status(serial, authority, certificate, state, part, revoked_at, reason, "
        "invalid_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    bool revoked = row->revoked_at != RFD_TIME_NONE;
    const struct store_value values[] = {
        store_bytes(row->serial),
        store_integer(row->authority),
        store_integer(row->id),
        store_integer(row->state),
        store_integer(row->partition),
        store_moment(row->revoked_at),
        revoked ? store_integer(row->reason) : store_null(),
        store_moment(row->invalid_since),
    };
    return store_run(t, sql, values, sizeof values / sizeof *values, NULL, error);
}

static rfd_status insert_ending(struct transaction *t, const struct certificate_row *row, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(row->not_after), store_integer(row->id)};
    if (row->state != CERTIFICATE_VALID && row->state != CERTIFICATE_HELD) return RFD_OK;
    return store_run(t, "INSERT INTO certificate_ending(not_after, certificate) VALUES ($1, $2)", values, 2, NULL,
                     error);
}

/** {"authority":1,"profile":"...","request":"..."}: names of profiles and requests need no escaping, but are not ours
 * to trust. */
static void put_detail(struct buf *b, const struct certificate_row *row)
{
    const struct {
        const char *name;
        slice value;
    } texts[] = {{"profile", row->profile}, {"request", row->request}};
    buf_put_text(b, "{\"authority\":");
    buf_put_signed(b, row->authority);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].value.length == 0) continue;
        buf_put_text(b, ",\"");
        buf_put_text(b, texts[i].name);
        buf_put_text(b, "\":\"");
        for (size_t k = 0; k < texts[i].value.length; k++) {
            uint8_t c = texts[i].value.data[k];
            buf_put_byte(b, c < 0x20 || c > 0x7E || c == '"' || c == '\\' ? '?' : c);
        }
        buf_put_byte(b, '"');
    }
    buf_put_byte(b, '}');
}

rfd_status register_audit(struct transaction *t, const char *action, slice actor, int64_t id, slice serial,
                          slice detail, struct rfd_error *error)
{
    uint8_t object[12 + 2 * REGISTER_SERIAL_MAXIMUM] = "certificate:";
    number_to_hex(serial, false, object + 12);
    struct audit_event event = {.action = action,
                                .actor = actor,
                                .object = slice_of(object, 12 + 2 * serial.length),
                                .detail = detail,
                                .object_id = id};
    return audit_put(t, &event, error);
}

rfd_status register_enter(struct transaction *t, enum certificate_event event, slice actor, struct certificate_row *row,
                          const uint8_t *log, struct rfd_error *error)
{
    const struct certificate_way *way = NULL;
    uint8_t bytes[512];
    struct buf detail = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    TRY(check_row(row, error));
    TRY(certificate_way_needed(event, CERTIFICATE_NONE, &way, error));
    row->state = way->to;
    TRY(insert_certificate(t, row, error));
    TRY(insert_status(t, row, error));
    TRY(insert_ending(t, row, error));
    put_detail(&detail, row);
    TRY(buf_check(&detail, "audit row", error));
    TRY(register_audit(t, way->action, actor, row->id, row->serial, buf_slice(&detail), error));
    return log == NULL ? RFD_OK : transparency_put(t, row->id, log, error);
}

/* --- Public keys -------------------------------------------------------------------------------------------------- */

rfd_status register_hash_key(slice spki, struct store_value *out, struct rfd_error *error)
{
    uint8_t hash[REGISTER_HASH_SIZE];
    TRY(digest_of(DIGEST_SHA256, spki, hash, error));
    *out = store_integer((int64_t)number_big_endian(hash, 8));
    return RFD_OK;
}

/* Two keys with the same eight octets: nobody meets them by chance, and who looks for them harms himself only. */
rfd_status register_key_free(bool compromised, slice owner, slice subject_id, struct rfd_error *error)
{
    if (compromised)
        return error_set(error, RFD_E_KEY_REUSED,
                         "a certificate with this key was revoked, as the key was compromised");
    bool same = subject_id.length > 0 && slice_equal(owner, subject_id);
    return same ? RFD_OK : error_set(error, RFD_E_KEY_REUSED, "the key is in a certificate of somebody else");
}

/** Whose the key is that was there. A service has no number: it is the same one when name and profile are the same, and
 * keeps its key when its certificate is renewed. */
static rfd_status check_owner(struct transaction *t, const struct store_value *hash, const struct certificate_row *row,
                              struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT k.compromised, c.subject_id, c.subject, c.profile FROM public_key k "
                  "LEFT JOIN certificate c ON c.id = k.certificate WHERE k.hash = $1",
                  hash, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    bool compromised = store_cell(&rows, 0, 0)->integer != 0;
    slice owner = store_cell(&rows, 0, 1)->bytes;
    bool service = owner.length == 0 && row->subject_id.length == 0 && row->subject.length > 0;
    bool same = service && slice_equal(store_cell(&rows, 0, 2)->bytes, row->subject) &&
                slice_equal(store_cell(&rows, 0, 3)->bytes, row->profile);
    return same && !compromised ? RFD_OK : register_key_free(compromised, owner, row->subject_id, error);
}

rfd_status register_claim_key(struct transaction *t, slice spki, const struct certificate_row *row,
                              struct rfd_error *error)
{
    struct store_value values[] = {store_null(), store_integer(row->id), store_boolean(false)};
    struct store_rows rows;
    TRY(register_hash_key(spki, &values[0], error));
    TRY(store_run(t,
                  "INSERT INTO public_key(hash, certificate, compromised) VALUES ($1, $2, $3) "
                  "ON CONFLICT (hash) DO NOTHING",
                  values, 3, &rows, error));
    return rows.changed == 1 ? RFD_OK : check_owner(t, &values[0], row, error);
}

rfd_status register_block_key(struct transaction *t, const struct certificate_row *row, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    struct store_value values[] = {store_null(), store_integer(row->id), store_boolean(true)};
    if (row->der.length == 0) return RFD_OK; /* one of which only the number is known */
    TRY(certificate_parse(row->der, &certificate, error));
    rfd_status status = register_hash_key(certificate->spki, &values[0], error);
    certificate_unref(certificate);
    TRY(status);
    return store_run(t,
                     "INSERT INTO public_key(hash, certificate, compromised) VALUES ($1, $2, $3) "
                     "ON CONFLICT (hash) DO UPDATE SET compromised = excluded.compromised",
                     values, 3, NULL, error);
}

rfd_status register_follow(struct transaction *t, const struct certificate_row *row, struct rfd_error *error)
{
    bool revoked = row->state == CERTIFICATE_REVOKED;
    const struct store_value values[] = {store_integer(row->id), store_integer(row->state),
                                         revoked ? store_moment(row->revoked_at) : store_null()};
    return store_run(t, "UPDATE certificate_agent SET state = $2, revoked = $3 WHERE certificate = $1", values, 3, NULL,
                     error);
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

rfd_status register_read(const struct store_value *values, struct arena *a, struct certificate_row *out,
                         struct rfd_error *error)
{
    struct certificate_row row = {
        .id = values[0].integer,
        .authority = values[1].integer,
        .serial = arena_copy(a, values[2].bytes),
        .profile = arena_copy(a, values[3].bytes),
        .subject = arena_copy(a, values[4].bytes),
        .subject_id = arena_copy(a, values[5].bytes),
        .mail = arena_copy(a, values[6].bytes),
        .not_before = values[7].integer,
        .not_after = values[8].integer,
        .issued_at = values[9].integer,
        .request = arena_copy(a, values[10].bytes),
        .client = arena_copy(a, values[11].bytes),
        .state = (enum certificate_state)values[12].integer,
        .partition = (uint32_t)values[13].integer,
        .revoked_at = store_moment_of(&values[14]),
        .reason = values[15].type == STORE_NULL ? 0 : (int)values[15].integer,
        .invalid_since = store_moment_of(&values[16]),
        .der = arena_copy(a, values[17].bytes),
    };
    const slice texts[] = {row.serial, row.profile, row.subject, row.subject_id,
                           row.mail,   row.request, row.client,  row.der};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].data == NULL) return arena_failed(a, error);
    }
    *out = row;
    return RFD_OK;
}

static rfd_status read_one(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                           struct arena *a, struct certificate_row *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, values, count, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such certificate");
    return register_read(rows.values, a, out, error);
}

rfd_status register_find(struct transaction *t, int64_t authority, slice serial, struct arena *a,
                         struct certificate_row *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(serial), store_integer(authority)};
    return read_one(t,
                    REGISTER_COLUMNS "FROM certificate_status s JOIN certificate c ON c.id = s.certificate "
                                     "LEFT JOIN certificate_der d ON d.certificate = c.id "
                                     "WHERE s.serial = $1 AND s.authority = $2",
                    values, 2, a, out, error);
}

rfd_status register_get(struct transaction *t, int64_t id, struct arena *a, struct certificate_row *out,
                        struct rfd_error *error)
{
    struct store_value value = store_integer(id);
    return read_one(t, REGISTER_COLUMNS "FROM certificate c " REGISTER_JOINS "WHERE c.id = $1", &value, 1, a, out,
                    error);
}

/* --- Numbers of changes ------------------------------------------------------------------------------------------- */

rfd_status register_begin_change(struct transaction *t, struct store *store, struct rfd_error *error)
{
    if (store_kind(store) != STORE_POSTGRESQL) return RFD_OK;
    return store_run(t, "LOCK TABLE status_counter IN EXCLUSIVE MODE", NULL, 0, NULL, error);
}

rfd_status register_number_change(struct transaction *t, const struct certificate_row *row, uint64_t *number,
                                  struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "UPDATE status_counter SET number = number + 1 WHERE id = 1 RETURNING number", NULL, 0, &rows,
                  error));
    const struct store_value values[] = {
        *store_cell(&rows, 0, 0), store_integer(row->authority), store_integer(row->partition),
        store_bytes(row->serial), store_integer(row->state),     store_integer(clock_now()),
    };
    TRY(store_run(t,
                  "INSERT INTO status_change(number, authority, part, serial, state, time) "
                  "VALUES ($1, $2, $3, $4, $5, $6)",
                  values, sizeof values / sizeof *values, NULL, error));
    if (number != NULL) *number = (uint64_t)values[0].integer;
    return RFD_OK;
}
