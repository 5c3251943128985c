/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/organisation/internal.h"

#include "base/error.h"

enum { LABEL_LONGEST = 63, DOMAIN_LONGEST = 253, LOCAL_LONGEST = 64, MOBILE_SHORTEST = 8, MOBILE_LONGEST = 15 };

/* ---- Texts ---- */

bool organisation_next_word(slice *text, slice *word)
{
    slice s = *text;
    while (s.length > 0 && s.data[0] == ' ') s = slice_from(s, 1);
    size_t length = 0;
    while (length < s.length && s.data[length] != ' ') length++;
    *word = slice_part(s, 0, length);
    *text = slice_from(s, length);
    return length > 0;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_label(slice s)
{
    if (s.length == 0 || s.length > LABEL_LONGEST) return false;
    if (!is_alphanumeric(s.data[0]) || !is_alphanumeric(s.data[s.length - 1])) return false;
    for (size_t i = 0; i < s.length; i++) {
        if (!is_alphanumeric(s.data[i]) && s.data[i] != '-') return false;
    }
    return true;
}

bool organisation_is_domain(slice text)
{
    unsigned labels = 0;
    if (text.data == NULL || text.length == 0 || text.length > DOMAIN_LONGEST || text.data[text.length - 1] == '.')
        return false;
    while (text.length > 0) {
        const uint8_t *dot = memchr(text.data, '.', text.length);
        size_t length = dot == NULL ? text.length : (size_t)(dot - text.data);
        if (!is_label(slice_part(text, 0, length))) return false;
        text = slice_from(text, length + 1);
        labels++;
    }
    return labels >= 2;
}

bool organisation_is_mail(slice text)
{
    const uint8_t *at = text.length == 0 ? NULL : memchr(text.data, '@', text.length);
    if (at == NULL) return false;
    size_t length = (size_t)(at - text.data);
    slice local = slice_part(text, 0, length);
    if (local.length == 0 || local.length > LOCAL_LONGEST || local.data[0] == '.' || local.data[length - 1] == '.')
        return false;
    for (size_t i = 0; i < local.length; i++) {
        uint8_t c = local.data[i];
        if (c <= ' ' || c == 0x7F || strchr("()<>[]:;\\,\"", c) != NULL) return false;
        if (c == '.' && local.data[i + 1] == '.') return false;
    }
    return organisation_is_domain(slice_from(text, length + 1));
}

bool organisation_mobile(slice typed, struct arena *a, slice *out)
{
    char digits[MOBILE_LONGEST + 2] = "+";
    size_t count = 0;
    if (typed.length == 0 || typed.data[0] != '+') return false;
    for (size_t i = 1; i < typed.length; i++) {
        uint8_t c = typed.data[i];
        if (c == ' ' || c == '.' || c == '-' || c == '(' || c == ')') continue;
        if (c < '0' || c > '9' || count == MOBILE_LONGEST) return false;
        digits[++count] = (char)c;
    }
    if (count < MOBILE_SHORTEST || digits[1] == '0') return false;
    *out = arena_copy(a, slice_of(digits, count + 1));
    return out->data != NULL;
}

/* ---- Closing ---- */

rfd_status organisation_hold(struct transaction *t, const struct record *r, int64_t id, struct rfd_error *error)
{
    bool open;
    TRY(record_hold(t, r, id, &open, error));
    if (!open) return error_set(error, RFD_E_STATE, "%s %lld is closed", r->kind, (long long)id);
    return RFD_OK;
}

rfd_status organisation_blocked(struct transaction *t, const char *sql, const char *kind, int64_t id,
                                struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(id);
    TRY(store_run(t, sql, &value, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    slice name = store_cell(&rows, 0, 0)->bytes;
    return error_set(error, RFD_E_STATE, "%s %.*s", kind, (int)slice_part(name, 0, 100).length,
                     (const char *)name.data);
}

rfd_status organisation_close(struct transaction *t, const struct actor *actor, const struct record *r, int64_t id,
                              struct rfd_error *error)
{
    char sql[128];
    struct store_rows rows;
    const struct store_value values[] = {store_integer(id), store_boolean(true)};
    (void)snprintf(sql, sizeof sql, "UPDATE %s SET closed = $2 WHERE id = $1 AND NOT closed", r->table);
    TRY(store_run(t, sql, values, 2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "%s %lld is closed", r->kind, (long long)id);
    return record_audit(t, actor, r, id, "close", SLICE_EMPTY, error);
}

rfd_status organisation_check_unit(const struct actor *actor, enum action action, const struct unit *unit,
                                   struct rfd_error *error)
{
    const struct access_object object = {.entity = unit->entity, .unit = unit->id, .path = unit->path};
    return actor_check(actor, action, &object, error);
}
