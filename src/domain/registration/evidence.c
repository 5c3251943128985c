/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of what was handed in. A row is never changed into another file: who sends a better one adds a row, and the
 * old one stays for those who judged it.
 */
#include "domain/registration/evidence_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "domain/audit/audit.h"

#include <stdio.h>

enum { NAME_MAXIMUM = 150 };

#define COLUMNS                                                                                                        \
    "id, request, applicant, payment, kind, blob, name, type, adder, size, added, replaced, scan, legible, complete, " \
    "current, checker "

static struct evidence from_row(const struct store_value *v)
{
    return (struct evidence){.id = v[0].integer,
                             .request = v[1].integer,
                             .applicant = store_reference_of(&v[2]),
                             .payment = store_reference_of(&v[3]),
                             .kind = v[4].bytes,
                             .blob = v[5].bytes,
                             .name = v[6].bytes,
                             .type = v[7].bytes,
                             .adder = v[8].bytes,
                             .size = (uint64_t)v[9].integer,
                             .added = v[10].integer,
                             .replaced = v[11].integer != 0,
                             .scan = v[12].bytes,
                             .legible = v[13].integer != 0,
                             .complete = v[14].integer != 0,
                             .current = v[15].integer != 0,
                             .checker = store_reference_of(&v[16])};
}

rfd_status evidence_read(struct transaction *t, const char *sql, const struct store_value *values, size_t value_count,
                         struct evidence **out, size_t *count, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, values, value_count, &rows, error));
    struct evidence *all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) all[i] = from_row(store_cell(&rows, i, 0));
    *out = all;
    *count = rows.count;
    return RFD_OK;
}

rfd_status evidence_find(struct transaction *t, int64_t id, struct evidence *out, struct rfd_error *error)
{
    struct evidence *found;
    size_t count;
    const struct store_value value = store_integer(id);
    TRY(evidence_read(t, "SELECT " COLUMNS "FROM evidence WHERE id = $1", &value, 1, &found, &count, error));
    if (count == 0) return error_set(error, RFD_E_NOT_FOUND, "evidence %lld", (long long)id);
    *out = *found;
    return RFD_OK;
}

rfd_status evidence_list(struct transaction *t, int64_t request, bool all, struct evidence **out, size_t *count,
                         struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(request), store_boolean(all)};
    return evidence_read(t,
                         "SELECT " COLUMNS "FROM evidence WHERE request = $1 AND ($2 OR NOT replaced) ORDER BY "
                         "coalesce(applicant, 0), coalesce(payment, 0), kind, id",
                         values, 2, out, count, error);
}

rfd_status evidence_of_blob(struct transaction *t, slice blob, struct evidence **out, size_t *count,
                            struct rfd_error *error)
{
    const struct store_value value = store_text(blob);
    return evidence_read(t, "SELECT " COLUMNS "FROM evidence WHERE blob = $1 ORDER BY id", &value, 1, out, count,
                         error);
}

rfd_status evidence_waiting(struct transaction *t, size_t limit, struct evidence **out, size_t *count,
                            struct rfd_error *error)
{
    const struct store_value value = store_integer((int64_t)limit);
    return evidence_read(t, "SELECT " COLUMNS "FROM evidence WHERE scan = 'waiting' ORDER BY id LIMIT $1", &value, 1,
                         out, count, error);
}

/* ---- Adding ---- */

/** What people read as the file's name: the part behind the last slash, without what cannot be printed. */
static slice plain_name(slice name, struct arena *a)
{
    for (size_t i = name.length; i > 0; i--) {
        if (name.data[i - 1] != '/' && name.data[i - 1] != '\\') continue;
        name = slice_from(name, i);
        break;
    }
    if (name.length == 0 || !text_is_utf8(name)) return SLICE("archivo");
    slice out = arena_copy(a, name);
    if (out.data == NULL) return out;
    uint8_t *bytes = (uint8_t *)(uintptr_t)out.data;
    for (size_t i = 0; i < out.length; i++)
        if (bytes[i] < ' ' || bytes[i] == 0x7f) bytes[i] = '_';
    if (out.length <= NAME_MAXIMUM) return out;
    out.length = NAME_MAXIMUM;
    while (out.length > 0 && (out.data[out.length] & 0xc0) == 0x80) out.length--; /* not within a character */
    return out;
}

/** Those of the same kind of the same applicant or payment are not in force any more. */
static rfd_status replace(struct transaction *t, int64_t request, int64_t applicant, int64_t payment, slice kind,
                          struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(request), store_integer(applicant), store_integer(payment),
                                         store_text(kind), store_boolean(true)};
    return store_run(t,
                     "UPDATE evidence SET replaced = $5 WHERE request = $1 AND coalesce(applicant, 0) = $2 AND "
                     "coalesce(payment, 0) = $3 AND kind = $4 AND NOT replaced",
                     values, 5, NULL, error);
}

static rfd_status check_room(struct transaction *t, int64_t request, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(request);
    TRY(store_run(t, "SELECT count(*) FROM evidence WHERE request = $1", &value, 1, &rows, error));
    if (store_cell(&rows, 0, 0)->integer < EVIDENCE_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "request %lld has %d files already", (long long)request, EVIDENCE_MAXIMUM);
}

static rfd_status insert(struct transaction *t, slice adder, int64_t request, int64_t applicant, int64_t payment,
                         const struct evidence_file *file, const char *scan, int64_t *id, struct rfd_error *error)
{
    struct store_rows rows;
    slice name = plain_name(file->name, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    const struct store_value values[] = {store_integer(request),
                                         store_reference(applicant),
                                         store_reference(payment),
                                         store_text(file->kind),
                                         store_text(slice_text(file->blob.id)),
                                         store_text(name),
                                         store_text(file->blob.type),
                                         store_integer((int64_t)file->blob.size),
                                         store_integer(clock_now()),
                                         store_text(adder),
                                         store_text(slice_text(scan)),
                                         store_boolean(false)};
    TRY(store_run(
        t,
        "INSERT INTO evidence(request, applicant, payment, kind, blob, name, type, size, added, adder, scan, "
        "replaced, legible, complete, current) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, "
        "$12, $12) RETURNING id",
        values, 12, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** What was found in this very content before, nobody gets to see again. */
static rfd_status known_infected(struct transaction *t, slice blob, bool *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_text(blob);
    TRY(store_run(t, "SELECT 1 FROM evidence WHERE blob = $1 AND scan = 'infected' LIMIT 1", &value, 1, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

rfd_status evidence_audit(struct transaction *t, const char *action, slice actor, int64_t request, const char *detail,
                          struct rfd_error *error)
{
    char object[40];
    if (detail == NULL) return arena_failed(store_arena(t), error);
    (void)snprintf(object, sizeof object, "request:%lld", (long long)request);
    const struct audit_event event = {
        .action = action, .actor = actor, .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status evidence_add(struct transaction *t, slice adder, int64_t request, int64_t applicant, int64_t payment,
                        const struct evidence_file *file, bool scanner, int64_t *id, struct rfd_error *error)
{
    bool infected = false;
    int64_t added = 0;
    TRY(check_room(t, request, error));
    TRY(blob_record(t, &file->blob, error));
    TRY(known_infected(t, slice_text(file->blob.id), &infected, error));
    TRY(replace(t, request, applicant, payment, file->kind, error));
    TRY(insert(t, adder, request, applicant, payment, file, scanner || infected ? "waiting" : "none", &added, error));
    TRY(evidence_audit(t, "registration.evidence", adder, request,
                       arena_print(store_arena(t), "{\"evidence\":%lld,\"kind\":\"%.*s\",\"sha256\":\"%s\"}",
                                   (long long)added, (int)file->kind.length, (const char *)file->kind.data,
                                   file->blob.id),
                       error));
    if (infected) TRY(evidence_scanned(t, added, SLICE("known"), error));
    *id = added;
    return RFD_OK;
}
