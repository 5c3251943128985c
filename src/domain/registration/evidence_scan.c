/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the virus scanner said (jobs/scan.h). It speaks of a content: whatever else has the same, in other requests,
 * too, is not shown any more either.
 */
#include "base/error.h"
#include "domain/registration/evidence_internal.h"

#include <stdio.h>

/** True where the row was not in this state before. */
static rfd_status write_scan(struct transaction *t, const struct evidence *e, bool infected, bool *changed,
                             struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(e->id), store_boolean(false)};
    const char *sql = infected ? "UPDATE evidence SET scan = 'infected', legible = $2, complete = $2, current = $2 "
                                 "WHERE id = $1 AND scan <> 'infected'"
                               : "UPDATE evidence SET scan = 'clean' WHERE id = $1 AND scan = 'waiting'";
    TRY(store_run(t, sql, values, infected ? 2 : 1, &rows, error));
    *changed = rows.changed == 1;
    return RFD_OK;
}

static const struct applicant *whose(const struct request *request, const struct evidence *e)
{
    const struct applicant *a = e->applicant == 0 ? NULL : request_applicant(request, e->applicant);
    return a == NULL && request->applicant_count > 0 ? &request->applicants[0] : a;
}

static rfd_status make_view(struct transaction *t, const struct request *request, const struct evidence *e,
                            struct view **out, struct rfd_error *error)
{
    TRY(request_view(t, request, NULL, out, error));
    view_text(*out, "file", e->name);
    return RFD_OK;
}

/** Who handed it in: the applicant, or who filed an agency's request. */
static rfd_status tell(struct transaction *t, const struct evidence *e, struct rfd_error *error)
{
    struct request request;
    struct view *view;
    char once[40];
    TRY(request_find(t, e->request, &request, error));
    if (request.concluded != RFD_TIME_NONE || e->replaced) return RFD_OK;
    (void)snprintf(once, sizeof once, "%lld", (long long)e->id);
    TRY(make_view(t, &request, e, &view, error));
    if (request.way == WAY_AGENCY)
        return request_mail_person(t, "request-infected", request.requester, view, once, error);
    const struct applicant *applicant = whose(&request, e);
    return applicant == NULL ? RFD_OK : request_mail(t, "request-infected", &request, applicant, view, once, error);
}

/** Letters, digits and the like of a signature's name; what a scanner says is no more ours than the file is. */
static const char *safe_name(struct transaction *t, slice found)
{
    char *text = arena_text(store_arena(t), slice_part(found, 0, 100));
    for (char *c = text; c != NULL && *c != 0; c++) {
        bool fine = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
                    strchr(".-_/()", *c) != NULL;
        if (!fine) *c = '_';
    }
    return text;
}

static rfd_status enter(struct transaction *t, const struct evidence *e, slice found, struct rfd_error *error)
{
    bool changed = false;
    bool infected = found.length > 0;
    TRY(write_scan(t, e, infected, &changed, error));
    if (!changed) return RFD_OK;
    const char *name = safe_name(t, found);
    if (name == NULL) return arena_failed(store_arena(t), error);
    TRY(evidence_audit(t, "registration.scan", SLICE("system:worker"), e->request,
                       arena_print(store_arena(t), "{\"evidence\":%lld,\"found\":\"%s\"}", (long long)e->id, name),
                       error));
    return infected ? tell(t, e, error) : RFD_OK;
}

rfd_status evidence_scanned(struct transaction *t, int64_t id, slice found, struct rfd_error *error)
{
    struct evidence e, *same;
    size_t count;
    TRY(evidence_find(t, id, &e, error));
    TRY(evidence_of_blob(t, e.blob, &same, &count, error));
    for (size_t i = 0; i < count; i++) TRY(enter(t, &same[i], found, error));
    return RFD_OK;
}
