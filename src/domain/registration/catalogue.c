/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pack's entries with the rows of catalogue_entry laid over them: a row of a code that the pack has replaces its
 * texts, its place and whether it is offered; one of another code is an entry more.
 */
#include "domain/registration/catalogue.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/audit/audit.h"
#include "domain/organisation/record.h"
#include "packs/registration_value.h"

enum { PLACE_STEP = 10, ENTRIES_MAXIMUM = 400, PLACE_MAXIMUM = 1000000, DETAIL_MAXIMUM = 4096 };

/* ---- Reading ---- */

struct listing {
    struct catalogue_entry *entries;
    size_t count;
};

static struct catalogue_entry of_pack(slice country, const char *catalogue, const struct pack_entry *e, size_t n)
{
    return (struct catalogue_entry){.country = country,
                                    .catalogue = slice_text(catalogue),
                                    .code = slice_text(e->code),
                                    .place = (int64_t)(n + 1) * PLACE_STEP,
                                    .es = slice_text(e->es),
                                    .ca = slice_text(e->ca),
                                    .en = slice_text(e->en),
                                    .value = slice_text(e->value)};
}

static struct catalogue_entry *find_code(const struct listing *l, slice code)
{
    for (size_t i = 0; i < l->count; i++) {
        if (slice_equal(l->entries[i].code, code)) return &l->entries[i];
    }
    return NULL;
}

static void lay_over(struct listing *l, slice country, const char *catalogue, const struct store_rows *rows, size_t n)
{
    slice code = store_cell(rows, n, 0)->bytes;
    struct catalogue_entry *e = find_code(l, code);
    bool own = e == NULL;
    if (own) e = &l->entries[l->count++];
    *e = (struct catalogue_entry){.country = country,
                                  .catalogue = slice_text(catalogue),
                                  .code = code,
                                  .place = store_cell(rows, n, 1)->integer,
                                  .closed = store_cell(rows, n, 2)->integer != 0,
                                  .changed = true,
                                  .own = own,
                                  .es = store_cell(rows, n, 3)->bytes,
                                  .ca = store_cell(rows, n, 4)->bytes,
                                  .en = store_cell(rows, n, 5)->bytes,
                                  .value = store_cell(rows, n, 6)->bytes};
}

static int by_place(const void *a, const void *b)
{
    const struct catalogue_entry *one = a;
    const struct catalogue_entry *other = b;
    if (one->place != other->place) return one->place < other->place ? -1 : 1;
    return slice_compare(one->code, other->code);
}

/* Countries without a registration have no catalogues; names are those of registration_catalogues.def. */
static rfd_status check_names(const struct packs *packs, slice country, slice catalogue, struct rfd_error *error)
{
    if (packs_registration(packs, country) == NULL || !pack_catalogue_is_known(catalogue))
        return error_set(error, RFD_E_NOT_FOUND, "no such catalogue");
    return RFD_OK;
}

static rfd_status read_all(struct transaction *t, const struct packs *packs, slice country, const char *catalogue,
                           struct listing *out, struct rfd_error *error)
{
    const struct pack_registration *here = packs_registration(packs, country);
    const struct pack_catalogue *pack = packs_catalogue(packs, country, catalogue);
    const struct store_value values[] = {store_text(country), store_text(slice_text(catalogue))};
    struct store_rows rows;
    TRY(check_names(packs, country, slice_text(catalogue), error));
    TRY(store_run(t,
                  "SELECT code, place, closed, es, ca, en, value FROM catalogue_entry WHERE country = $1 AND catalogue "
                  "= $2",
                  values, 2, &rows, error));
    size_t packed = pack == NULL ? 0 : pack->count;
    *out = (struct listing){arena_zeroed(store_arena(t), packed + rows.count + 1, sizeof *out->entries), 0};
    if (out->entries == NULL) return arena_failed(store_arena(t), error);
    for (; out->count < packed; out->count++)
        out->entries[out->count] =
            of_pack(slice_text(here->country), catalogue, &pack->entries[out->count], out->count);
    for (size_t i = 0; i < rows.count; i++) lay_over(out, slice_text(here->country), catalogue, &rows, i);
    qsort(out->entries, out->count, sizeof *out->entries, by_place);
    return RFD_OK;
}

rfd_status catalogue_read(struct transaction *t, const struct packs *packs, slice country, const char *catalogue,
                          bool all, struct catalogue_entry **out, size_t *count, struct rfd_error *error)
{
    struct listing l;
    size_t kept = 0;
    TRY(read_all(t, packs, country, catalogue, &l, error));
    for (size_t i = 0; i < l.count; i++) {
        if (all || !l.entries[i].closed) l.entries[kept++] = l.entries[i];
    }
    *out = l.entries;
    *count = kept;
    return RFD_OK;
}

rfd_status catalogue_find(struct transaction *t, const struct packs *packs, slice country, const char *catalogue,
                          slice code, struct catalogue_entry *out, struct rfd_error *error)
{
    struct listing l;
    TRY(read_all(t, packs, country, catalogue, &l, error));
    const struct catalogue_entry *e = find_code(&l, code);
    if (e == NULL)
        return error_set(error, RFD_E_NOT_FOUND, "%s has no %.*s", catalogue, (int)code.length,
                         (const char *)code.data);
    *out = *e;
    return RFD_OK;
}

/* ---- What an entry says ---- */

slice catalogue_title(const struct catalogue_entry *entry, slice language)
{
    slice title = slice_is(language, "ca") ? entry->ca : slice_is(language, "en") ? entry->en : entry->es;
    return title.length > 0 ? title : entry->es;
}

slice catalogue_value(const struct catalogue_entry *entry, const char *name)
{
    bool said;
    return pack_value(entry->value, name, &said);
}

bool catalogue_has(const struct catalogue_entry *entry, const char *name, slice item)
{
    bool said;
    (void)pack_value(entry->value, name, &said);
    return !said || pack_value_has(entry->value, name, item);
}

void catalogue_evidence(const struct catalogue_entry *entry, struct pack_evidence *out)
{
    *out = pack_evidence_of(entry->value);
}

/* ---- Checking ---- */

static void check_title(slice title, const char *field, bool required, struct faults *faults)
{
    if (required && title.length == 0) fault_add(faults, field, N_("Write what people read"));
    if (title.length > PACK_TITLE_MAXIMUM || !text_is_printable(title) ||
        (title.length > 0 && memchr(title.data, '\n', title.length) != NULL))
        fault_add(faults, field, N_("This is one line of at most 200 characters"));
}

/* What kinds a motive is for has to be among the kinds: a wrong letter would offer it nowhere. */
static rfd_status check_kinds(struct transaction *t, const struct packs *packs, const struct catalogue_entry *entry,
                              struct faults *faults, struct rfd_error *error)
{
    struct listing kinds;
    bool said;
    size_t known = 0;
    slice list = pack_value(entry->value, "kinds", &said);
    if (!said) return RFD_OK;
    TRY(read_all(t, packs, entry->country, "kind", &kinds, error));
    for (size_t i = 0; i < kinds.count; i++) known += pack_value_has(entry->value, "kinds", kinds.entries[i].code);
    size_t wanted = 1;
    for (size_t i = 0; i < list.length; i++) wanted += list.data[i] == ',';
    if (known != wanted) fault_add(faults, "value", N_("One of the kinds of request is none"));
    return RFD_OK;
}

static rfd_status check_entry(struct transaction *t, const struct packs *packs, const struct catalogue_entry *entry,
                              struct faults *faults, struct rfd_error *error)
{
    slice part;
    if (!pack_code_is_good(entry->code))
        fault_add(faults, "code", N_("A code has small letters, digits and dashes, at most 40"));
    check_title(entry->es, "es", true, faults);
    check_title(entry->ca, "ca", false, faults);
    check_title(entry->en, "en", false, faults);
    const char *wrong = pack_value_wrong(entry->catalogue, entry->value, &part);
    if (wrong != NULL) fault_add(faults, "value", wrong);
    if (wrong == NULL && slice_is(entry->catalogue, "motive")) TRY(check_kinds(t, packs, entry, faults, error));
    return faults->count == 0 ? RFD_OK : error_set(error, RFD_E_INVALID, "the entry of a catalogue");
}

/* ---- Changing ---- */

static rfd_status write_audit(struct transaction *t, const struct actor *actor, const char *action, slice country,
                              slice catalogue, slice code, slice detail, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object =
        arena_print(a, "catalogue:%.*s:%.*s:%.*s", (int)country.length, (const char *)country.data,
                    (int)catalogue.length, (const char *)catalogue.data, (int)code.length, (const char *)code.data);
    if (object == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, a), .object = slice_text(object), .detail = detail};
    return audit_put(t, &event, error);
}

static rfd_status audit_entry(struct transaction *t, const struct actor *actor, const struct catalogue_entry *e,
                              struct rfd_error *error)
{
    struct buf detail;
    buf_init(&detail, DETAIL_MAXIMUM);
    buf_print(&detail, "{\"place\":%lld,\"closed\":%s,\"es\":", (long long)e->place, e->closed ? "true" : "false");
    record_put_json(&detail, e->es);
    buf_put_text(&detail, ",\"value\":");
    record_put_json(&detail, e->value);
    buf_put_byte(&detail, '}');
    rfd_status status = buf_check(&detail, "detail of an audit event", error);
    if (status == RFD_OK)
        status = write_audit(t, actor, "catalogue.put", e->country, e->catalogue, e->code, buf_slice(&detail), error);
    buf_dispose(&detail);
    return status;
}

/* Where it is, or behind the last. */
static rfd_status find_place(const struct listing *l, const struct catalogue_entry *entry, int64_t *place,
                             struct rfd_error *error)
{
    const struct catalogue_entry *present = find_code(l, entry->code);
    if (present == NULL && l->count >= ENTRIES_MAXIMUM) return error_set(error, RFD_E_LIMIT, "entries of a catalogue");
    if (entry->place > 0 && entry->place <= PLACE_MAXIMUM)
        *place = entry->place;
    else if (present != NULL)
        *place = present->place;
    else
        *place = l->count == 0 ? PLACE_STEP : l->entries[l->count - 1].place + PLACE_STEP;
    return RFD_OK;
}

rfd_status catalogue_put(struct transaction *t, const struct actor *actor, const struct packs *packs,
                         const struct catalogue_entry *entry, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct listing l;
    struct catalogue_entry e = *entry;
    const char *name = arena_text(store_arena(t), entry->catalogue);
    if (name == NULL) return arena_failed(store_arena(t), error);
    TRY(actor_check(actor, ACTION_CATALOGUE_EDIT, NULL, error));
    TRY(read_all(t, packs, entry->country, name, &l, error));
    TRY(check_entry(t, packs, entry, faults == NULL ? &own : faults, error));
    TRY(find_place(&l, entry, &e.place, error));
    const struct store_value values[] = {store_text(e.country),     store_text(e.catalogue), store_text(e.code),
                                         store_integer(e.place),    store_boolean(e.closed), store_text(e.es),
                                         store_text(e.ca),          store_text(e.en),        store_text(e.value),
                                         store_integer(clock_now())};
    TRY(store_run(
        t,
        "INSERT INTO catalogue_entry(country, catalogue, code, place, closed, es, ca, en, value, changed) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT(country, catalogue, code) DO UPDATE SET "
        "place = $4, closed = $5, es = $6, ca = $7, en = $8, value = $9, changed = $10",
        values, sizeof values / sizeof *values, NULL, error));
    return audit_entry(t, actor, &e, error);
}

/* ---- Back ---- */

/* Where the codes of a catalogue stand in what people have filed. */
static const struct {
    const char *catalogue, *sql;
} uses[] = {
    {"kind", "SELECT id FROM request WHERE country = $1 AND kind = $2 LIMIT 1"},
    {"motive", "SELECT id FROM request WHERE country = $1 AND motive = $2 LIMIT 1"},
    {"evidence", "SELECT e.id FROM evidence e JOIN request r ON r.id = e.request WHERE r.country = $1 AND e.kind = $2 "
                 "LIMIT 1"},
    {"revocation", "SELECT v.request FROM revocation v JOIN request r ON r.id = v.request WHERE r.country = $1 AND "
                   "v.reason = $2 LIMIT 1"},
    {"payment", "SELECT p.id FROM payment p JOIN request r ON r.id = p.request WHERE r.country = $1 AND p.kind = $2 "
                "LIMIT 1"},
    {"device", "SELECT id FROM applicant WHERE country = $1 AND device = $2 LIMIT 1"},
    {"way-of-working", "SELECT id FROM applicant WHERE country = $1 AND way_of_working = $2 LIMIT 1"},
    {"installed-at", "SELECT id FROM applicant WHERE country = $1 AND installed_at = $2 LIMIT 1"},
};

static rfd_status is_used(struct transaction *t, slice country, const char *catalogue, slice code, bool *used,
                          struct rfd_error *error)
{
    const struct store_value values[] = {store_text(country), store_text(code)};
    struct store_rows rows = {.count = 0};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        if (strcmp(uses[i].catalogue, catalogue) == 0) TRY(store_run(t, uses[i].sql, values, 2, &rows, error));
    }
    *used = rows.count > 0;
    return RFD_OK;
}

rfd_status catalogue_reset(struct transaction *t, const struct actor *actor, const struct packs *packs, slice country,
                           const char *catalogue, slice code, struct rfd_error *error)
{
    struct listing l;
    bool used = false;
    TRY(actor_check(actor, ACTION_CATALOGUE_EDIT, NULL, error));
    TRY(read_all(t, packs, country, catalogue, &l, error));
    const struct catalogue_entry *e = find_code(&l, code);
    if (e == NULL || !e->changed) return RFD_OK;
    if (e->own) TRY(is_used(t, country, catalogue, code, &used, error));
    if (used) return error_set(error, RFD_E_STATE, "%s", N_("It is used already: it can be closed, not taken away"));
    const struct store_value values[] = {store_text(country), store_text(slice_text(catalogue)), store_text(code)};
    TRY(store_run(t, "DELETE FROM catalogue_entry WHERE country = $1 AND catalogue = $2 AND code = $3", values, 3, NULL,
                  error));
    return write_audit(t, actor, "catalogue.reset", country, slice_text(catalogue), code, SLICE(""), error);
}
