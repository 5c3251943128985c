/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an approver signs, and whether they did.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "domain/access/person_signature.h"

/* ---- The text ---- */

/** A line's value: nothing in it can begin another line. */
static void put_value(struct buf *b, slice value)
{
    size_t from = b->length;
    text_put_printable(b, value);
    for (size_t i = from; i < b->length; i++) {
        if (b->data[i] == '\n' || b->data[i] == '\r' || b->data[i] == '\t') b->data[i] = ' ';
    }
    buf_put_byte(b, '\n');
}

static rfd_status put_person(struct transaction *t, const char *label, int64_t id, struct buf *b,
                             struct rfd_error *error)
{
    struct person p;
    TRY(person_find(t, id, &p, error));
    buf_print(b, "%s: %.*s %.*s %.*s, ", label, (int)p.country.length, (const char *)p.country.data,
              (int)p.document.length, (const char *)p.document.data, (int)p.number.length, (const char *)p.number.data);
    slice name = person_full_name(&p, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    put_value(b, name);
    return RFD_OK;
}

static void put_moment(struct buf *b, const char *word, rfd_time moment)
{
    char text[CLOCK_TEXT_SIZE];
    if (moment != RFD_TIME_NONE) buf_print(b, "; %s %s", word, clock_iso(moment, text));
}

static void put_line(const struct access_line *line, struct buf *b)
{
    buf_print(b, "%s: %s", line->withdraw ? "withdraw" : "add", role_info(line->role)->name);
    if (line->withdraw) buf_print(b, "; assignment %lld", (long long)line->assignment);
    buf_put_text(b, line->unit == 0 ? "; everywhere" : "; in the unit");
    put_moment(b, "from", line->from);
    put_moment(b, "until", line->to);
    buf_put_byte(b, '\n');
}

rfd_status access_approval_text(struct transaction *t, const struct access_request *request, struct buf *out,
                                struct rfd_error *error)
{
    struct entity entity;
    struct unit unit;
    char moment[CLOCK_TEXT_SIZE];
    TRY(entity_find(t, request->entity, &entity, error));
    TRY(unit_find(t, request->unit, &unit, error));
    buf_print(out, "Refrenda access approval 1\nrequest: %.*s\nsent: %s\nentity: ", (int)request->code.length,
              (const char *)request->code.data, clock_iso(request->sent, moment));
    put_value(out, entity.name);
    buf_print(out, "unit: %.*s, ", (int)unit.code.length, (const char *)unit.code.data);
    put_value(out, unit.name);
    TRY(put_person(t, "requester", request->requester, out, error));
    TRY(put_person(t, "subject", request->subject, out, error));
    buf_put_text(out, "reason: ");
    put_value(out, request->reason);
    for (unsigned i = 0; i < request->line_count; i++) put_line(&request->lines[i], out);
    if (request->letter.length > 0) {
        buf_put_text(out, "letter: ");
        put_value(out, request->letter);
    }
    return buf_check(out, "approval text", error);
}

/* ---- The signature ---- */

rfd_status approval_signature_check(struct transaction *t, const struct access_settings *settings, int64_t person,
                                    slice text, slice signature, rfd_time now, const char **why,
                                    struct rfd_error *error)
{
    const struct packs *packs = settings == NULL ? NULL : settings->packs;
    return person_signature_check(t, packs, person, text, signature, now, NULL, why, error);
}
