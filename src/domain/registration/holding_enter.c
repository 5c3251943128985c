/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates that were issued by requests: entered for the lists of agents, mailed again, and what they were used
 * for.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "domain/audit/audit.h"
#include "domain/authority/authority.h"
#include "domain/list/list.h"
#include "domain/organisation/record.h"
#include "domain/registration/holding_internal.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/pem.h"

enum { CHAIN_LONGEST = 8, PEM_MAXIMUM = 256 << 10, USES_SHOWN = 100, AGAIN_SECONDS = 60 };

slice holding_serial(slice serial, struct arena *a)
{
    uint8_t *text = arena_allocate(a, 2 * serial.length + 1);
    if (text == NULL) return SLICE_EMPTY;
    number_to_hex(serial, false, text);
    return slice_of(text, 2 * serial.length);
}

/* ---- Entering ---- */

static rfd_status enter_words(struct transaction *t, const struct request *request, const struct applicant *p,
                              int64_t certificate, slice serial, struct rfd_error *error)
{
    const slice words[] = {p->given_names, p->surname, p->second_surname, p->number, p->second_number,
                           p->mail,        serial,     request->code};
    return list_index(t, "certificate_agent_word", certificate, words, sizeof words / sizeof *words, error);
}

/** Whose agents it is shown to: a request of no unit has become one of where its agent works. */
static rfd_status unit_of(struct transaction *t, const struct request *request, const struct applicant *applicant,
                          int64_t agent, int64_t *out, struct rfd_error *error)
{
    struct access_object home = {.unit = request->unit != 0 ? request->unit : applicant->unit};
    if (home.unit == 0) {
        TRY(person_home(t, agent, &home, error));
        if (home.entity != request->entity) home.unit = 0;
    }
    *out = home.unit;
    return RFD_OK;
}

rfd_status holding_enter(struct transaction *t, const struct request *request, const struct applicant *applicant,
                         const struct certificate_row *certificate, int64_t agent, struct rfd_error *error)
{
    const slice names[] = {applicant->surname, applicant->second_surname, applicant->given_names};
    slice serial = holding_serial(certificate->serial, store_arena(t));
    slice sort_name;
    int64_t unit;
    struct store_rows rows;
    if (serial.data == NULL) return arena_failed(store_arena(t), error);
    TRY(unit_of(t, request, applicant, agent, &unit, error));
    TRY(record_sort_name(t, names, sizeof names / sizeof *names, &sort_name, error));
    const struct store_value values[] = {
        store_integer(certificate->id),
        store_integer(request->id),
        store_integer(applicant->id),
        store_integer(request->entity),
        store_reference(unit),
        store_integer(agent),
        store_integer(certificate->issued_at),
        store_text(serial),
        store_text(applicant->number),
        store_text(sort_name),
        store_text(slice_text(request_way_name(request->way))),
        store_integer(certificate->issued_at > request->created ? certificate->issued_at - request->created : 0),
    };
    /* As the register has it by now: it may have been revoked meanwhile. */
    TRY(store_run(t,
                  "INSERT INTO certificate_agent(certificate, request, applicant, entity, unit, agent, issued, state, "
                  "revoked, serial, number, sort_name, way, took) SELECT c.id, $2, $3, $4, $5, $6, $7, s.state, "
                  "CASE WHEN s.state = 3 THEN s.revoked_at END, $8, $9, $10, $11, $12 FROM certificate c "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority WHERE c.id = $1 "
                  "ON CONFLICT (certificate) DO NOTHING",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return RFD_OK;
    return enter_words(t, request, applicant, certificate->id, serial, error);
}

/* ---- The chain ---- */

/** The authority's certificate, and which one is above it. */
static rfd_status put_authority(struct transaction *t, int64_t *id, struct buf *pem, struct rfd_error *error)
{
    const struct store_value key = store_integer(*id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT certificate, coalesce(parent, 0) FROM authority WHERE id = $1", &key, 1, &rows, error));
    *id = 0;
    if (rows.count == 0) return RFD_OK;
    pem_put(pem, "CERTIFICATE", store_cell(&rows, 0, 0)->bytes);
    *id = store_cell(&rows, 0, 1)->integer;
    return RFD_OK;
}

rfd_status holding_chain(struct transaction *t, const struct holding *holding, struct buf *pem, struct rfd_error *error)
{
    int64_t authority = holding->row.authority;
    if (holding->row.der.length == 0)
        return error_set(error, RFD_E_NOT_FOUND, "only the number of this certificate is known");
    pem_put(pem, "CERTIFICATE", holding->row.der);
    for (unsigned i = 0; i < CHAIN_LONGEST && authority != 0; i++) TRY(put_authority(t, &authority, pem, error));
    return buf_check(pem, "chain", error);
}

/* ---- Mailing it again ---- */

const char *holding_resend_refused(const struct registration_settings *settings, const struct holding *holding,
                                   rfd_time now)
{
    if (holding->applicant == 0) return N_("It did not come of a request here");
    if (holding->row.state != CERTIFICATE_VALID) return N_("It is not in force any more");
    if (now > holding->row.issued_at + settings->resend_days * REGISTRATION_DAY)
        return N_("It was issued too long ago: it can be downloaded by its holder");
    return NULL;
}

static rfd_status view_of(struct transaction *t, const struct registration_settings *settings,
                          const struct request *request, const struct certificate_row *row, struct view **out,
                          struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct view *view = NULL;
    struct buf pem;
    const char *link = arena_print(a, REGISTRATION_PAGE_CERTIFICATE "%.*s", (int)request->code.length,
                                   (const char *)request->code.data);
    if (link == NULL) return arena_failed(a, error);
    TRY(request_view(t, request, link, &view, error));
    buf_init(&pem, PEM_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", row->der);
    rfd_status status = buf_check(&pem, "certificate", error);
    if (status == RFD_OK) view_text(view, "pem", arena_copy(a, buf_slice(&pem)));
    buf_dispose(&pem);
    view_text(view, "serial", holding_serial(row->serial, a));
    view_text(view, "until", registration_day(settings->zone, row->not_after, a));
    *out = view;
    return status;
}

rfd_status holding_mail(struct transaction *t, const struct registration_settings *settings,
                        const struct request *request, const struct applicant *applicant,
                        const struct certificate_row *row, const char *once, struct rfd_error *error)
{
    struct view *view = NULL;
    TRY(view_of(t, settings, request, row, &view, error));
    return request_mail(t, "certificate-issued", request, applicant, view, once, error);
}

static rfd_status audit(struct transaction *t, const struct actor *actor, const struct holding *h,
                        struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    slice serial = holding_serial(h->row.serial, a);
    const char *object = arena_print(a, "certificate:%.*s", (int)serial.length, (const char *)serial.data);
    if (object == NULL) return arena_failed(a, error);
    const struct audit_event event = {.action = "holding.resend",
                                      .actor = actor_audit(actor, a),
                                      .object = slice_text(object),
                                      .object_id = h->row.id};
    return audit_put(t, &event, error);
}

/** A second click within the minute sends nothing more. */
static rfd_status mail_again(struct transaction *t, const struct registration_settings *settings,
                             const struct holding *h, rfd_time now, struct rfd_error *error)
{
    struct request request;
    TRY(request_find(t, h->request, &request, error));
    const struct applicant *applicant = request_applicant(&request, h->applicant);
    const char *once = arena_print(store_arena(t), "again:%lld", (long long)(now / (AGAIN_SECONDS * RFD_SECOND)));
    if (once == NULL) return arena_failed(store_arena(t), error);
    if (applicant == NULL || applicant->mail.length == 0)
        return error_set(error, RFD_E_STATE, "no address of its holder is known");
    return holding_mail(t, settings, &request, applicant, &h->row, once, error);
}

rfd_status holding_resend(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t certificate, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct holding h;
    TRY(holding_find(t, actor, settings, certificate, &h, error));
    if (!h.own) TRY(holding_check_actor(t, actor, ACTION_REGISTRATION_ATTEND, &h, error));
    const char *why = holding_resend_refused(settings, &h, now);
    if (why != NULL) return error_set(error, RFD_E_STATE, "%s", why);
    TRY(mail_again(t, settings, &h, now, error));
    return audit(t, actor, &h, error);
}

/* ---- Uses ---- */

const char *holding_use_title(slice use)
{
    static const struct {
        const char *use, *title;
    } uses[] = {
        {"sign-in", N_("Signed in")},
        {"approval", N_("Approved a certificate")},
        {"revocation", N_("Revoked a certificate")},
        {"signature", N_("Signed a document")},
    };
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (slice_is(use, uses[i].use)) return uses[i].title;
    return "";
}

rfd_status holding_uses(struct transaction *t, int64_t certificate, struct holding_use **out, size_t *count,
                        struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate), store_integer(USES_SHOWN)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT time, use, detail FROM certificate_use WHERE certificate = $1 ORDER BY time DESC, id DESC "
                  "LIMIT $2",
                  values, 2, &rows, error));
    struct holding_use *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++)
        list[i] = (struct holding_use){store_cell(&rows, i, 0)->integer, store_cell(&rows, i, 1)->bytes,
                                       store_cell(&rows, i, 2)->bytes};
    *out = list;
    *count = rows.count;
    return RFD_OK;
}

rfd_status holding_used(struct transaction *t, int64_t certificate, const char *use, slice detail,
                        struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate), store_integer(clock_now()),
                                         store_text(slice_text(use)), store_text(detail)};
    return store_run(t, "INSERT INTO certificate_use(certificate, time, use, detail) VALUES ($1, $2, $3, $4)", values,
                     4, NULL, error);
}
