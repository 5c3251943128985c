/* SPDX-License-Identifier: EUPL-1.2
 *
 * What happened to the document after a signature, held against what the signature permits: its own DocMDP, the
 * document's certification when it was made, its FieldMDP and its field's /Lock. A change must pass all of them
 * (ISO 32000-2 §12.8.2.2.2, §12.8.2.4).
 */
#include "pades/verify/validate.h"

#include "base/error.h"

enum { POLICIES_MAXIMUM = 2, FINDINGS_MAXIMUM = 64 };
/* Signatures times changes times names of locks, in one document. */
#define SEEN_MAXIMUM UINT64_C(500000000)

struct permissions {
    struct difference_policy policies[POLICIES_MAXIMUM];
    struct pdf_field_lock field_lock;
    size_t count;
};

/* 0 is "says nothing"; else the smaller number allows less. */
static int stricter(int a, int b)
{
    if (a == 0 || b == 0) return a + b;
    return a < b ? a : b;
}

static rfd_status read_permissions(struct validation *v, const struct signature_state *s, struct permissions *out,
                                   struct rfd_error *error)
{
    struct pdf_view view = pdf_view(v->doc, s->coverage.revision);
    struct permissions p = {.count = 1};
    const struct pdf_value *lock = pdf_get(&view, s->field->dictionary, "Lock");
    TRY(pdf_field_lock(&view, lock, &p.field_lock, error));
    int permission = stricter(s->dictionary.docmdp, pdf_certification(&view, NULL));
    permission = stricter(permission, p.field_lock.permission);
    TRY(pdf_view_status(&view, error));
    bool own = s->dictionary.fieldmdp.action != PDF_LOCK_NONE;
    p.policies[0] = (struct difference_policy){.permission = permission, .lock = own ? &s->dictionary.fieldmdp : NULL};
    if (p.field_lock.action != PDF_LOCK_NONE) {
        p.policies[p.count++] = (struct difference_policy){.permission = permission, .lock = &out->field_lock};
    }
    *out = p;
    return RFD_OK;
}

static bool is_permitted(const struct permissions *p, const struct change *change, enum rfd_finding_code *code)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!difference_permitted(&p->policies[i], change, code)) {
            if (finding_severity(*code) != RFD_SEVERITY_ERROR) *code = RFD_FINDING_CHANGE_NOT_PERMITTED;
            return false;
        }
    }
    *code = change->code;
    return finding_severity(change->code) != RFD_SEVERITY_ERROR;
}

struct tally {
    size_t listed, left_out;
    enum rfd_finding_code last;
    size_t revision;
};

static void report(struct signature_state *s, const struct change *change, enum rfd_finding_code code, struct tally *t)
{
    if (t->listed >= FINDINGS_MAXIMUM) {
        t->left_out++;
        t->last = code;
        t->revision = change->revision;
        return;
    }
    t->listed++;
    const char *path = change->path == NULL ? "" : change->path;
    findings_add_at(&s->findings, code, change->revision, change->object, path[0] == '\0' ? NULL : "%s", path);
}

/* Forbidden changes are listed before allowed ones, so that a flood of harmless ones cannot hide them. */
static void hold_against(struct signature_state *s, const struct permissions *p, const struct difference *d,
                         bool forbidden, struct tally *t)
{
    for (size_t i = 0; i < d->count; i++) {
        enum rfd_finding_code code = RFD_FINDING_CHANGE_OTHER;
        bool permitted = is_permitted(p, &d->changes[i], &code);
        if (permitted != forbidden) report(s, &d->changes[i], code, t);
        if (!permitted) s->report.changes_allowed = false;
    }
}

static rfd_status count_work(struct validation *v, const struct permissions *p, const struct difference *d,
                             struct rfd_error *error)
{
    uint64_t names = 1;
    for (size_t i = 0; i < p->count; i++) names += p->policies[i].lock == NULL ? 0 : p->policies[i].lock->count;
    v->changes_seen += names * (1 + d->count);
    return v->changes_seen <= SEEN_MAXIMUM
               ? RFD_OK
               : error_set(error, RFD_E_LIMIT, "too many changes for so many signatures and locks");
}

static rfd_status go_through(struct validation *v, struct signature_state *s, const struct permissions *p,
                             bool forbidden, struct rfd_error *error)
{
    struct tally tally = {0};
    for (size_t i = s->coverage.revision + 1; i < pdf_revision_count(v->doc); i++) {
        const struct difference *d;
        TRY(difference_between(v->difference, i, &d, error));
        TRY(count_work(v, p, d, error));
        if (s->report.changes < d->level) s->report.changes = d->level;
        hold_against(s, p, d, forbidden, &tally);
    }
    if (tally.left_out > 0) {
        findings_add_at(&s->findings, tally.last, tally.revision, 0, "and %zu more", tally.left_out);
    }
    return RFD_OK;
}

static rfd_status judge(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct permissions permissions;
    bool last = s->coverage.revision + 1 == pdf_revision_count(v->doc);
    s->report.changes_allowed = true;
    if (last && !s->coverage.whole_file) {
        findings_add(&s->findings, RFD_FINDING_TRAILING_BYTES, NULL);
        s->report.changes_allowed = false;
    }
    if (last) return RFD_OK;
    TRY(read_permissions(v, s, &permissions, error));
    TRY(go_through(v, s, &permissions, true, error));
    return go_through(v, s, &permissions, false, error);
}

rfd_status validate_changes(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    s->report.changes = RFD_CHANGE_OTHER;
    s->report.changes_allowed = false;
    if (!s->coverage.has_revision) return RFD_OK;
    s->report.changes = RFD_CHANGE_NONE;
    rfd_status status = judge(v, s, &why);
    if (validate_is_fatal(status)) return error_set(error, status, "%s", why.detail);
    if (status != RFD_OK) {
        findings_add(&s->findings, RFD_FINDING_CHANGE_UNREADABLE, "%s", why.detail);
        s->report.changes = RFD_CHANGE_OTHER;
        s->report.changes_allowed = false;
    }
    if (s->report.changes_allowed) s->facts[FACT_CHANGES] = (struct fact){.holds = true};
    return RFD_OK;
}
