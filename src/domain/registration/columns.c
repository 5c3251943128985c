/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/columns.h"

#include "base/error.h"
#include "ipc/message.h"

enum { SQL_MAXIMUM = 8 << 10 };

#define REQUEST(name, kind)                                                                                            \
    {                                                                                                                  \
#name, COLUMN_##kind, offsetof(struct request, name)                                                           \
    }
#define APPLICANT(name, kind)                                                                                          \
    {                                                                                                                  \
#name, COLUMN_##kind, offsetof(struct applicant, name)                                                         \
    }

static const struct column of_request[] = {
    REQUEST(id, NUMBER),     REQUEST(code, TEXT),       REQUEST(token, TOKEN),      REQUEST(way, WAY),
    REQUEST(kind, TEXT),     REQUEST(motive, TEXT),     REQUEST(description, TEXT), REQUEST(country, TEXT),
    REQUEST(state, STATE),   REQUEST(entity, NUMBER),   REQUEST(unit, REFERENCE),   REQUEST(requester, REFERENCE),
    REQUEST(language, TEXT), REQUEST(in_person, FLAG),  REQUEST(created, NUMBER),   REQUEST(sent, MOMENT),
    REQUEST(taken, MOMENT),  REQUEST(taker, REFERENCE), REQUEST(concluded, MOMENT), REQUEST(note, TEXT),
    REQUEST(external, FLAG), REQUEST(due, MOMENT),
};
const struct columns request_columns = {"request", of_request, sizeof of_request / sizeof *of_request};

static const struct column of_applicant[] = {
    APPLICANT(id, NUMBER),
    APPLICANT(request, NUMBER),
    APPLICANT(place, UNSIGNED),
    APPLICANT(person, REFERENCE),
    APPLICANT(country, TEXT),
    APPLICANT(document, TEXT),
    APPLICANT(number, TEXT),
    APPLICANT(second_document, TEXT),
    APPLICANT(second_number, TEXT),
    APPLICANT(document_issued, MOMENT),
    APPLICANT(given_names, TEXT),
    APPLICANT(surname, TEXT),
    APPLICANT(second_surname, TEXT),
    APPLICANT(mail, TEXT),
    APPLICANT(mobile, TEXT),
    APPLICANT(organisation, TEXT),
    APPLICANT(unit, REFERENCE),
    APPLICANT(post, TEXT),
    APPLICANT(way_of_working, TEXT),
    APPLICANT(locality, TEXT),
    APPLICANT(address, TEXT),
    APPLICANT(installed_at, TEXT),
    APPLICANT(device, TEXT),
    APPLICANT(payment, REFERENCE),
    APPLICANT(profile, TEXT),
    APPLICANT(central, FLAG),
    APPLICANT(spki, BYTES),
    APPLICANT(pkcs10, BYTES),
    APPLICANT(approved, BYTES),
    APPLICANT(approved_again, BYTES),
    APPLICANT(attempt, UNSIGNED),
    APPLICANT(certificate, REFERENCE),
    APPLICANT(external_certificate, BYTES),
    APPLICANT(external_approval, TEXT),
    APPLICANT(renews, REFERENCE),
    APPLICANT(installation, TEXT),
    APPLICANT(installation_at, MOMENT),
    APPLICANT(installation_phone, TEXT),
};
const struct columns applicant_columns = {"applicant", of_applicant, sizeof of_applicant / sizeof *of_applicant};

/* ---- Values ---- */

static struct store_value value_of(const struct column *c, const void *item)
{
    const void *member = (const char *)item + c->offset;
    switch (c->kind) {
    case COLUMN_NUMBER: return store_integer(*(const int64_t *)member);
    case COLUMN_REFERENCE: return store_reference(*(const int64_t *)member);
    case COLUMN_UNSIGNED: return store_integer(*(const unsigned *)member);
    case COLUMN_TEXT: return store_text(*(const slice *)member);
    case COLUMN_TOKEN: return ((const slice *)member)->length == 0 ? store_null() : store_text(*(const slice *)member);
    case COLUMN_BYTES: return store_bytes(*(const slice *)member);
    case COLUMN_FLAG: return store_boolean(*(const bool *)member);
    case COLUMN_MOMENT: return store_moment(*(const rfd_time *)member);
    case COLUMN_WAY: return store_text(slice_text(request_way_name(*(const enum request_way *)member)));
    case COLUMN_STATE: return store_text(slice_text(request_state_name(*(const enum request_state *)member)));
    }
    return store_null();
}

static void fill(const struct column *c, const struct store_value *v, void *item)
{
    void *member = (char *)item + c->offset;
    switch (c->kind) {
    case COLUMN_NUMBER:
    case COLUMN_REFERENCE: *(int64_t *)member = store_reference_of(v); break;
    case COLUMN_UNSIGNED: *(unsigned *)member = (unsigned)v->integer; break;
    case COLUMN_TEXT:
    case COLUMN_TOKEN:
    case COLUMN_BYTES: *(slice *)member = v->type == STORE_NULL ? SLICE_EMPTY : v->bytes; break;
    case COLUMN_FLAG: *(bool *)member = v->integer != 0; break;
    case COLUMN_MOMENT: *(rfd_time *)member = store_moment_of(v); break;
    case COLUMN_WAY: *(enum request_way *)member = request_way_from(v->bytes); break;
    case COLUMN_STATE: *(enum request_state *)member = request_state_from(v->bytes); break;
    }
}

void columns_put(const struct columns *c, const void *item, struct buf *out)
{
    for (size_t i = 0; i < c->count; i++) {
        struct store_value v = value_of(&c->items[i], item);
        message_put_u8(out, (uint8_t)v.type);
        message_put_i64(out, v.integer);
        message_put_bytes(out, v.bytes);
    }
}

rfd_status columns_keep(const struct columns *c, void *item, struct arena *a, struct rfd_error *error)
{
    for (size_t i = 0; i < c->count; i++) {
        enum column_kind kind = c->items[i].kind;
        if (kind != COLUMN_TEXT && kind != COLUMN_TOKEN && kind != COLUMN_BYTES) continue;
        slice *text = (slice *)(void *)((char *)item + c->items[i].offset);
        if (text->length > 0) TRY(store_keep(a, text, error));
    }
    return RFD_OK;
}

void columns_fill(const struct columns *c, const struct store_value *values, void *out)
{
    for (size_t i = 0; i < c->count; i++) fill(&c->items[i], &values[i], out);
}

/* ---- Statements ---- */

static rfd_status run(struct transaction *t, struct buf *sql, const struct store_value *values, size_t count,
                      struct store_rows *rows, struct rfd_error *error)
{
    buf_put_byte(sql, '\0');
    rfd_status status = buf_check(sql, "statement", error);
    if (status == RFD_OK) status = store_run(t, (const char *)sql->data, values, count, rows, error);
    buf_dispose(sql);
    return status;
}

rfd_status columns_read(struct transaction *t, const struct columns *c, const char *where, struct store_value key,
                        struct store_rows *rows, struct rfd_error *error)
{
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    for (size_t i = 0; i < c->count; i++) {
        buf_put_text(&sql, i == 0 ? "SELECT " : ", ");
        buf_put_text(&sql, c->items[i].name);
    }
    const char *const rest[] = {" FROM ", c->table, " WHERE ", where};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) buf_put_text(&sql, rest[i]);
    return run(t, &sql, &key, 1, rows, error);
}

rfd_status columns_insert(struct transaction *t, const struct columns *c, const void *item, int64_t *id,
                          struct rfd_error *error)
{
    struct store_value values[COLUMNS_MAXIMUM];
    struct store_rows rows;
    struct buf sql;
    size_t n = 0;
    buf_init(&sql, SQL_MAXIMUM);
    buf_print(&sql, "INSERT INTO %s(", c->table);
    for (size_t i = 1; i < c->count; i++) {
        buf_print(&sql, "%s%s", n == 0 ? "" : ", ", c->items[i].name);
        values[n++] = value_of(&c->items[i], item);
    }
    for (size_t i = 1; i <= n; i++) buf_print(&sql, "%s$%zu", i == 1 ? ") VALUES (" : ", ", i);
    buf_put_text(&sql, ") RETURNING id");
    TRY(run(t, &sql, values, n, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status columns_update(struct transaction *t, const struct columns *c, const void *item, struct rfd_error *error)
{
    struct store_value values[COLUMNS_MAXIMUM];
    struct store_rows rows;
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    buf_print(&sql, "UPDATE %s SET ", c->table);
    for (size_t i = 0; i < c->count; i++) {
        values[i] = value_of(&c->items[i], item);
        if (i > 0) buf_print(&sql, "%s%s = $%zu", i == 1 ? "" : ", ", c->items[i].name, i + 1);
    }
    buf_print(&sql, " WHERE %s = $1", c->items[0].name);
    TRY(run(t, &sql, values, c->count, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "%s", c->table);
}
