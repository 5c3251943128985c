/* SPDX-License-Identifier: EUPL-1.2
 *
 * The draft of a request, that its requester works on until it is sent.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/blob/blob.h"

enum { REASON_MAXIMUM = 4000 };

/** A role that is added: one that may be asked for, in the request's unit or everywhere, with dates in order. */
static void check_added(struct access_request *r, struct access_line *line, struct faults *faults)
{
    if (line->role >= ROLES || !role_can_be_asked(line->role)) {
        fault_add(faults, "lines", N_("This role is not asked for by requests"));
        return;
    }
    line->unit = role_info(line->role)->everywhere ? 0 : r->unit;
    line->assignment = 0;
    if (line->to != RFD_TIME_NONE && line->to <= (line->from == RFD_TIME_NONE ? clock_now() : line->from))
        fault_add(faults, "lines", N_("The last day is before the first, or has passed"));
}

/** A role that is withdrawn: of this person, that this unit answers for. */
static rfd_status check_withdrawn(struct transaction *t, const struct access_request *r, struct access_line *line,
                                  struct faults *faults, struct rfd_error *error)
{
    struct role_assignment has;
    rfd_status status = assignment_find(t, line->assignment, &has, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    bool over = status == RFD_OK && has.to != RFD_TIME_NONE && has.to <= clock_now();
    if (status != RFD_OK || has.person != r->subject || has.home != r->unit || over) {
        error_clear(error);
        fault_add(faults, "lines", N_("They do not have this role in the unit any more"));
        return RFD_OK;
    }
    line->role = has.role;
    line->unit = has.unit;
    line->to = RFD_TIME_NONE;
    return RFD_OK;
}

static bool repeats(const struct access_request *r, unsigned line)
{
    for (unsigned i = 0; i < line; i++) {
        if (r->lines[i].withdraw != r->lines[line].withdraw) continue;
        if (r->lines[line].withdraw ? r->lines[i].assignment == r->lines[line].assignment
                                    : r->lines[i].role == r->lines[line].role)
            return true;
    }
    return false;
}

static rfd_status check_lines(struct transaction *t, struct access_request *r, struct faults *faults,
                              struct rfd_error *error)
{
    if (r->line_count > ACCESS_LINES) return error_set(error, RFD_E_ARGUMENT, "%u lines", r->line_count);
    for (unsigned i = 0; i < r->line_count; i++) {
        if (r->lines[i].withdraw)
            TRY(check_withdrawn(t, r, &r->lines[i], faults, error));
        else
            check_added(r, &r->lines[i], faults);
        if (repeats(r, i)) fault_add(faults, "lines", N_("The same role is there twice"));
    }
    if (request_asks(r, ROLE_CERTIFYING_AGENT) && r->line_count > 1)
        fault_add(faults, "lines", N_("Certifying agent is asked for in a request of its own"));
    return RFD_OK;
}

static rfd_status check_subject(struct transaction *t, const struct access_request *r, struct faults *faults,
                                struct rfd_error *error)
{
    struct person person;
    bool works = false;
    rfd_status status = person_find(t, r->subject, &person, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        fault_add(faults, "subject", N_("Choose a person"));
        return RFD_OK;
    }
    TRY(status);
    if (r->subject == r->requester)
        fault_add(faults, "subject", N_("Nobody asks for roles of their own: ask a colleague to do it"));
    if (!request_adds(r)) return RFD_OK; /* who has gone may still have something to be withdrawn */
    TRY(access_works_at(t, r->subject, r->unit, clock_now(), &works, error));
    if (!works) fault_add(faults, "subject", N_("This person has no post in the unit now"));
    return RFD_OK;
}

static rfd_status check_letter(struct transaction *t, const struct access_request *r, struct faults *faults,
                               struct rfd_error *error)
{
    struct blob blob;
    if (r->letter.length == 0) return RFD_OK;
    rfd_status status = blob_find(t, r->letter, &blob, error);
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    fault_add(faults, "letter", N_("Attach the letter again"));
    return RFD_OK;
}

static rfd_status write_lines(struct transaction *t, const struct access_request *r, struct rfd_error *error)
{
    const struct store_value id = store_integer(r->id);
    TRY(store_run(t, "DELETE FROM access_line WHERE request = $1", &id, 1, NULL, error));
    for (unsigned i = 0; i < r->line_count; i++) {
        const struct access_line *l = &r->lines[i];
        const struct store_value values[] = {id,
                                             store_integer(i),
                                             store_boolean(l->withdraw),
                                             store_text(slice_text(role_info(l->role)->name)),
                                             store_reference(l->unit),
                                             store_moment(l->from),
                                             store_moment(l->to),
                                             store_reference(l->assignment)};
        TRY(store_run(t,
                      "INSERT INTO access_line(request, place, withdraw, role, unit, starts, ends, assignment) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                      values, 8, NULL, error));
    }
    return RFD_OK;
}

static rfd_status insert_draft(struct transaction *t, struct access_request *r, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(r->requester),
        store_integer(r->subject),
        store_integer(r->entity),
        store_integer(r->unit),
        store_text(r->reason),
        store_integer(clock_now()),
        store_text(r->letter),
        store_boolean(r->agent),
        store_bytes(SLICE("")),
        store_text(slice_text(access_state_text(ACCESS_DRAFT))),
        r->token.length == 0 ? store_null() : store_text(r->token),
    };
    struct store_rows rows;
    TRY(store_run(
        t,
        "INSERT INTO access_request(state, requester, subject, entity, unit, reason, decision, created, agent, "
        "escalated, letter, signed_text, signature, token) "
        "VALUES ($10, $1, $2, $3, $4, $5, '', $6, $8, 0, $7, '', $9, $11) RETURNING id",
        values, sizeof values / sizeof *values, &rows, error));
    r->id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status update_draft(struct transaction *t, const struct access_request *r, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(r->id),  store_integer(r->subject), store_integer(r->entity), store_integer(r->unit),
        store_text(r->reason), store_text(r->letter),     store_boolean(r->agent),
    };
    struct store_rows rows;
    TRY(store_run(
        t,
        "UPDATE access_request SET subject = $2, entity = $3, unit = $4, reason = $5, letter = $6, agent = $7 "
        "WHERE id = $1 AND state = 'draft'",
        values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it is no draft any more");
    return RFD_OK;
}

static rfd_status index_request(struct transaction *t, const struct access_request *r, struct rfd_error *error)
{
    struct person subject, requester;
    TRY(person_find(t, r->subject, &subject, error));
    TRY(person_find(t, r->requester, &requester, error));
    const slice words[] = {subject.given_names, subject.surname,   subject.second_surname,
                           subject.number,      requester.surname, r->code};
    return list_index(t, "access_request_word", r->id, words, sizeof words / sizeof *words, error);
}

/** The draft that the same form made before. */
static rfd_status find_made(struct transaction *t, const struct actor *actor, struct access_request *r,
                            struct rfd_error *error)
{
    const struct store_value values[] = {store_text(r->token), store_integer(actor->person)};
    struct store_rows rows;
    if (r->id != 0 || r->token.length == 0) return RFD_OK;
    TRY(store_run(t, "SELECT id FROM access_request WHERE token = $1 AND requester = $2", values, 2, &rows, error));
    if (rows.count > 0) r->id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** Whose draft it is, and where: by its unit, which the actor has to ask for. */
static rfd_status begin_draft(struct transaction *t, const struct actor *actor, struct access_request *r,
                              const struct access_way **way, struct rfd_error *error)
{
    struct access_request old = {.state = SLICE("")};
    struct unit unit;
    TRY(find_made(t, actor, r, error));
    if (r->id != 0) TRY(request_load(t, r->id, &old, error));
    if (r->id != 0 && (actor->person == 0 || old.requester != actor->person))
        return error_set(error, RFD_E_FORBIDDEN, "it is somebody else's request");
    TRY(unit_find(t, r->unit, &unit, error));
    const struct access_object object = {.entity = unit.entity, .unit = unit.id, .path = unit.path};
    TRY(actor_check(actor, ACTION_ACCESS_REQUEST, &object, error));
    if (unit.closed) return error_set(error, RFD_E_STATE, "the unit is closed");
    r->requester = actor->person;
    r->entity = unit.entity;
    return access_way_needed(ACCESS_EVENT_SAVE, old.state, way, error);
}

rfd_status access_request_put(struct transaction *t, const struct actor *actor, const struct access_request *request,
                              struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct access_request r = *request;
    const struct access_way *way;
    if (faults == NULL) faults = &own;
    r.code = SLICE_EMPTY;
    rfd_status status = begin_draft(t, actor, &r, &way, error);
    if (status == RFD_E_STATE) *id = r.id;
    TRY(status);
    if (r.reason.length > REASON_MAXIMUM || !text_is_utf8(r.reason))
        fault_add(faults, "reason", N_("This is too long"));
    TRY(check_lines(t, &r, faults, error));
    TRY(check_subject(t, &r, faults, error));
    TRY(check_letter(t, &r, faults, error));
    TRY(faults_end(faults, error));
    r.agent = request_asks(&r, ROLE_CERTIFYING_AGENT);
    if (r.id == 0)
        TRY(insert_draft(t, &r, error));
    else
        TRY(update_draft(t, &r, error));
    TRY(write_lines(t, &r, error));
    TRY(index_request(t, &r, error));
    TRY(request_note(t, actor, way, &r, SLICE(""), error));
    *id = r.id;
    return RFD_OK;
}
