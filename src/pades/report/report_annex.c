/* SPDX-License-Identifier: EUPL-1.2
 *
 * The codes, as programs and experts want them: nothing here is translated but the labels.
 */
#include "pades/report/report_model.h"

#include "base/clock.h"

enum { PAIRS_MAXIMUM = 16, ROWS_MAXIMUM = 400, CERTIFICATES_MAXIMUM = 24, TOLD_MAXIMUM = 500 };

/* --- Pairs ------------------------------------------------------------------------------------------------------- */

struct section {
    struct report_voice *voice;
    struct report_pair *pairs;
    size_t count;
};

static struct section section_new(struct report_voice *v)
{
    struct section s = {.voice = v, .pairs = arena_zeroed(v->arena, PAIRS_MAXIMUM, sizeof *s.pairs)};
    if (s.pairs == NULL) v->failed = true;
    return s;
}

static void add(struct section *s, const char *label, const char *value)
{
    if (s->pairs == NULL || value == NULL || *value == '\0' || s->count == PAIRS_MAXIMUM) return;
    s->pairs[s->count++] = (struct report_pair){report_word(s->voice, label), report_clean(s->voice, value), ""};
}

static void add_time(struct section *s, const char *label, rfd_time time)
{
    char text[CLOCK_TEXT_SIZE];
    add(s, label, clock_iso(time, text));
}

static void add_number(struct section *s, const char *label, uint64_t number)
{
    add(s, label, report_number(s->voice, number));
}

/* --- Findings ---------------------------------------------------------------------------------------------------- */

static const char *number_or_nothing(struct report_voice *v, uint32_t number)
{
    return number == 0 ? "" : report_number(v, number);
}

static void add_rows(struct report_voice *v, const struct rfd_finding *findings, size_t count, struct report_annex *out)
{
    if (count > ROWS_MAXIMUM) count = ROWS_MAXIMUM;
    const char *(*rows)[REPORT_ANNEX_COLUMNS] = arena_zeroed(v->arena, count + 1, sizeof *rows);
    if (rows == NULL) {
        v->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i][0] = report_clean(v, rfd_finding_name(findings[i].code));
        rows[i][1] = rfd_finding_family(findings[i].code);
        rows[i][2] = number_or_nothing(v, findings[i].revision);
        rows[i][3] = number_or_nothing(v, findings[i].object);
        rows[i][4] = report_clean(v, findings[i].detail);
    }
    out->rows = (const char *const(*)[REPORT_ANNEX_COLUMNS])rows;
    out->row_count = count;
}

/* --- Parts ------------------------------------------------------------------------------------------------------- */

/** The serial numbers of a path, the signer's first: what the certificates' own parts are found by. */
static void add_path(struct section *s, const struct rfd_certificate_report *path, size_t count)
{
    const char *serials = "";
    for (size_t i = 0; i < count && i < CERTIFICATES_MAXIMUM; i++)
        serials = i == 0 ? path[0].serial : report_fill(s->voice, "%1 < %2", serials, path[i].serial, NULL);
    add(s, N_("Certificates (serial numbers)"), serials);
}

static struct report_annex certificate_annex(struct report_voice *v, const struct rfd_certificate_report *c,
                                             const char *title)
{
    struct section s = section_new(v);
    add(&s, N_("Subject"), c->subject);
    add(&s, N_("Issuer"), c->issuer);
    add(&s, N_("Serial number"), c->serial);
    add(&s, N_("SHA-256 fingerprint"), c->fingerprint);
    add(&s, N_("Key"), c->key);
    add_time(&s, N_("Valid from"), c->not_before);
    add_time(&s, N_("Valid until"), c->not_after);
    add(&s, N_("Revocation source"), c->revocation_source);
    add_time(&s, N_("Revoked at"), c->revoked_at);
    add_time(&s, N_("This update"), c->this_update);
    add_time(&s, N_("Next update"), c->next_update);
    add(&s, N_("Detail"), c->revocation_detail);
    return (struct report_annex){.title = title, .pairs = s.pairs, .pair_count = s.count, .part = true};
}

static struct report_annex signature_annex(struct report_voice *v, const struct rfd_signature_report *r, size_t index)
{
    struct section s = section_new(v);
    struct report_annex out = {.title = report_say(v, N_("Signature %1"), report_number(v, index + 1), NULL)};
    add(&s, N_("Indication"), rfd_indication_name(r->indication));
    add(&s, N_("Sub-indication"), rfd_sub_indication_name(r->sub_indication));
    add(&s, N_("Field"), r->field);
    add(&s, N_("Format"), r->sub_filter);
    add(&s, N_("Digest algorithm"), r->digest_algorithm);
    add(&s, N_("Signature algorithm"), r->signature_algorithm);
    add_number(&s, N_("Revision"), r->revision);
    if (r->certification != 0) add_number(&s, N_("DocMDP permission"), (uint64_t)r->certification);
    add_time(&s, N_("Claimed time"), r->claimed_time);
    add_time(&s, N_("Proven time"), r->proven_time);
    add_path(&s, r->path, r->path_count);
    out.pairs = s.pairs;
    out.pair_count = s.count;
    add_rows(v, r->findings, r->finding_count, &out);
    return out;
}

struct annexes {
    struct report_voice *voice;
    struct report_annex *items;
    size_t count;
    const struct rfd_certificate_report *told[TOLD_MAXIMUM];
    size_t told_count;
};

/** True the first time that a certificate is met with this state; later ones are not told again. */
static bool is_new(struct annexes *a, const struct rfd_certificate_report *c)
{
    for (size_t i = 0; i < a->told_count; i++) {
        const struct rfd_certificate_report *t = a->told[i];
        if (strcmp(t->fingerprint, c->fingerprint) == 0 && t->this_update == c->this_update) return false;
    }
    if (a->told_count == TOLD_MAXIMUM) return false;
    a->told[a->told_count++] = c;
    return true;
}

static void add_certificates(struct annexes *a, const struct rfd_certificate_report *path, size_t count,
                             const char *message)
{
    for (size_t i = 0; i < count && i < CERTIFICATES_MAXIMUM; i++) {
        if (!is_new(a, &path[i])) continue;
        const char *title = report_say(a->voice, message, report_person(a->voice, path[i].subject), NULL);
        a->items[a->count++] = certificate_annex(a->voice, &path[i], title);
    }
}

static void add_timestamps(struct annexes *a, const struct rfd_signature_report *r)
{
    for (size_t i = 0; i < r->timestamp_count; i++) {
        const struct rfd_timestamp_report *t = &r->timestamps[i];
        struct section s = section_new(a->voice);
        add_time(&s, N_("Time"), t->time);
        add(&s, N_("Digest algorithm"), t->digest);
        add_path(&s, t->path, t->path_count);
        add(&s, N_("Detail"), t->detail);
        a->items[a->count++] = (struct report_annex){
            .title = report_word(a->voice, N_("Time stamp")), .pairs = s.pairs, .pair_count = s.count, .part = true};
        add_certificates(a, t->path, t->path_count, N_("Time stamp's certificate: %1"));
    }
}

static size_t annexes_needed(const struct rfd_signature_report *r)
{
    size_t needed = 1 + r->path_count;
    for (size_t i = 0; i < r->timestamp_count; i++) needed += 1 + r->timestamps[i].path_count;
    return needed;
}

void report_annex_fill(const struct report_source *source, struct report *out)
{
    static const char *const columns[REPORT_ANNEX_COLUMNS] = {N_("Code"), N_("Attack"), N_("Revision"), N_("Object"),
                                                              N_("Detail")};
    struct report_voice *v = &out->voice;
    const char **titles = arena_zeroed(v->arena, REPORT_ANNEX_COLUMNS, sizeof *titles);
    size_t needed = 1;
    for (size_t i = 0; i < source->count; i++) needed += annexes_needed(&source->signatures[i]);
    struct annexes a = {.voice = v, .items = arena_zeroed(v->arena, needed, sizeof *a.items)};
    if (a.items == NULL || titles == NULL) {
        v->failed = true;
        return;
    }
    for (size_t i = 0; i < REPORT_ANNEX_COLUMNS; i++) titles[i] = report_word(v, columns[i]);
    if (source->finding_count > 0) {
        a.items[0] = (struct report_annex){.title = report_word(v, N_("The document"))};
        add_rows(v, source->findings, source->finding_count, &a.items[a.count++]);
    }
    for (size_t i = 0; i < source->count; i++) {
        const struct rfd_signature_report *r = &source->signatures[i];
        a.items[a.count++] = signature_annex(v, r, i);
        add_certificates(&a, r->path, r->path_count, N_("Certificate: %1"));
        add_timestamps(&a, r);
    }
    out->annex_columns = titles;
    out->annexes = a.items;
    out->annex_count = a.count;
}
