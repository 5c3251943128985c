/* SPDX-License-Identifier: EUPL-1.2
 *
 * A form is printed in a transaction that reads, sealed outside of any, and entered in one that writes. Of two that
 * make the same form at once, the second finds the row of the first and hands out its file; what it has written itself
 * is nobody's and swept away.
 */
#include "domain/registration/forms.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/language.h"
#include "domain/audit/audit.h"
#include "domain/registration/forms_internal.h"

enum { FORM_MAXIMUM = 8 << 20 };

static const struct {
    const char *name, *title;
} kinds[] = {
    [PRINTED_ACCEPTANCE] = {"acceptance",
                            /* es: "Formato de Aceptación de Responsabilidad del Uso de la Firma Electrónica" */
                            N_("Acceptance of responsibility for the use of the electronic signature")},
    [PRINTED_REVOCATION] = {"revocation", N_("Proof of revocation")}, /* es: "Comprobante de Revocación" */
    [PRINTED_STATEMENT] = {"statement", N_("Sworn statement")},       /* es: "Declaración jurada" */
    [PRINTED_RECEIPT] = {"receipt", N_("Proof of the request")},      /* es: "Constancia de solicitud" */
};

const char *printed_form_name(enum printed_form_kind kind)
{
    return kinds[kind].name;
}

const char *printed_form_title(slice kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (slice_is(kind, kinds[i].name)) return kinds[i].title;
    }
    return NULL;
}

/* ---- Finding ---- */

static rfd_status find_row(struct transaction *t, const char *where, slice key, struct printed_form *out,
                           struct rfd_error *error)
{
    const struct store_value value = store_text(key);
    struct store_rows rows;
    const char *sql = arena_print(store_arena(t),
                                  "SELECT code, kind, blob, coalesce(request, 0), coalesce(certificate, 0), made FROM "
                                  "printed_form WHERE %s = $1 ORDER BY made LIMIT 1",
                                  where);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    TRY(store_run(t, sql, &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such form");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct printed_form){.code = v[0].bytes,
                                 .kind = v[1].bytes,
                                 .blob = v[2].bytes,
                                 .request = v[3].integer,
                                 .certificate = v[4].integer,
                                 .made = v[5].integer};
    return RFD_OK;
}

rfd_status printed_form_find(struct transaction *t, slice code, struct printed_form *out, struct rfd_error *error)
{
    char normal[PRINTED_CODE_SIZE];
    if (!form_code_read(code, normal)) return error_set(error, RFD_E_NOT_FOUND, "this is no code of a form");
    slice key = arena_copy(store_arena(t), slice_text(normal));
    if (key.data == NULL) return arena_failed(store_arena(t), error);
    return find_row(t, "code", key, out, error);
}

rfd_status printed_form_find_content(struct transaction *t, slice id, struct printed_form *out, struct rfd_error *error)
{
    return find_row(t, "blob", id, out, error);
}

rfd_status printed_form_look(struct transaction *t, const struct registration_settings *settings,
                             const struct printed_form *form, rfd_time now, struct printed_form_facts *out,
                             struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct printed_form_facts facts = {
        .not_before = RFD_TIME_NONE, .not_after = RFD_TIME_NONE, .revoked = RFD_TIME_NONE};
    struct request r = {.applicant_count = 0};
    struct holding h;
    if (form->request != 0) {
        TRY(request_find(t, form->request, &r, error));
        facts.folio = r.code;
        if (r.applicant_count > 0) facts.initials = form_initials(applicant_name(&r.applicants[0], a), a);
    }
    if (form->certificate != 0) {
        TRY(holding_load(t, settings, form->certificate, &h, error));
        facts.initials = form_initials(h.name, a);
        facts.serial = holding_serial(h.row.serial, a);
        facts.not_before = h.row.not_before;
        facts.not_after = h.row.not_after;
        facts.state = h.row.state;
        facts.revoked = h.row.revoked_at;
        facts.in_force = h.row.state == CERTIFICATE_VALID && now >= h.row.not_before && now <= h.row.not_after;
    }
    *out = facts;
    return RFD_OK;
}

/* ---- Making ---- */

struct making {
    const struct forms *forms;
    const struct actor *actor;
    enum printed_form_kind kind;
    int64_t subject;
    const struct rfd_language *language;
    struct arena *a;
    char code[PRINTED_CODE_SIZE];
    rfd_time made;
    int64_t request, certificate; /* 0: none */
    struct form_log log;
    rfd_bytes document;
    struct buf sealed;
    struct blob blob;
    bool found;
};

/* What a row of it has: of a certificate its form, of a request its receipts. */
static rfd_status find_made(struct transaction *t, struct making *m, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(kinds[m->kind].name)), store_integer(m->subject),
                                         store_text(slice_text(language_code(m->language)))};
    struct store_rows rows;
    struct blob blob;
    m->found = false;
    TRY(store_run(t,
                  m->kind == PRINTED_ACCEPTANCE
                      ? "SELECT blob FROM printed_form WHERE kind = $1 AND certificate = $2 AND language = $3"
                      : "SELECT blob FROM printed_form WHERE kind = $1 AND request = $2 AND language = $3",
                  values, 3, &rows, error));
    if (rows.count == 0) return RFD_OK;
    TRY(blob_find(t, store_cell(&rows, 0, 0)->bytes, &blob, error));
    TRY(store_keep(m->a, &blob.type, error));
    TRY(store_keep(m->a, &blob.wrapped, error));
    m->blob = blob;
    m->found = true;
    return RFD_OK;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct revocation revocation = {.certificate = 0};
    TRY(find_made(t, m, error));
    if (m->kind == PRINTED_REVOCATION) TRY(revocation_find(t, m->subject, &revocation, error));
    m->certificate = revocation.certificate;
    return RFD_OK;
}

/* May be run again: what an earlier run printed goes. */
static rfd_status print(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct form_content content;
    rfd_bytes_free(&m->document);
    TRY(form_content_read(t, m->forms, m->kind, m->subject, m->language, &content, error));
    content.log = m->log;
    m->request = content.request.id;
    m->certificate = content.holding.row.id;
    rfd_status status =
        form_print(m->forms, &content, m->language, m->code, m->made, store_arena(t), &m->document, error);
    certificate_unref(content.certificate);
    return status;
}

static rfd_status write_blob(struct making *m, slice content, struct rfd_error *error)
{
    struct blob_writer *writer = NULL;
    TRY(blob_begin(m->forms->blobs, &writer, error));
    rfd_status status = blob_write(writer, content, error);
    if (status == RFD_OK) return blob_finish(writer, m->a, &m->blob, error);
    blob_abandon(writer);
    return status;
}

static rfd_status write_audit(struct transaction *t, const struct making *m, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "form:%s", m->code);
    const char *detail = arena_print(a, "{\"kind\":\"%s\",\"request\":%lld,\"certificate\":%lld}", kinds[m->kind].name,
                                     (long long)m->request, (long long)m->certificate);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {.action = "registration.form",
                                      .actor = actor_audit(m->actor, a),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

static rfd_status record(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct store_rows rows;
    TRY(find_made(t, m, error));
    if (m->found) return RFD_OK;
    TRY(blob_record(t, &m->blob, error));
    const struct store_value values[] = {store_text(slice_text(m->code)),
                                         store_text(slice_text(kinds[m->kind].name)),
                                         store_reference(m->request),
                                         store_reference(m->certificate),
                                         store_text(slice_text(m->blob.id)),
                                         store_text(slice_text(language_code(m->language))),
                                         store_integer(m->made),
                                         store_text(actor_audit(m->actor, store_arena(t)))};
    TRY(store_run(t,
                  "INSERT INTO printed_form(code, kind, request, certificate, blob, language, made, maker) VALUES ($1, "
                  "$2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return find_made(t, m, error); /* PostgreSQL: another node was faster */
    return write_audit(t, m, error);
}

static rfd_status make(struct making *m, struct rfd_error *error)
{
    TRY(form_code_new(m->code, error));
    if (m->kind == PRINTED_REVOCATION) TRY(form_log_find(m->forms, m->certificate, &m->log, error));
    TRY(store_read(m->forms->store, print, m, error));
    if (m->kind == PRINTED_STATEMENT) return write_blob(m, slice_bytes(m->document), error);
    TRY(form_seal(m->forms, slice_bytes(m->document), language_get(m->language, kinds[m->kind].title), &m->sealed,
                  error));
    TRY(write_blob(m, buf_slice(&m->sealed), error));
    return store_write(m->forms->store, record, m, error);
}

rfd_status printed_form_make(const struct forms *forms, const struct actor *actor, enum printed_form_kind kind,
                             int64_t subject, const struct rfd_language *language, struct arena *a, struct blob *out,
                             struct rfd_error *error)
{
    struct making m = {.forms = forms,
                       .actor = actor,
                       .kind = kind,
                       .subject = subject,
                       .language = language,
                       .a = a,
                       .made = clock_now()};
    rfd_status status = RFD_OK;
    buf_init(&m.sealed, FORM_MAXIMUM);
    if (kind != PRINTED_STATEMENT) TRY_OUT(store_read(forms->store, look, &m, error));
    if (!m.found) TRY_OUT(make(&m, error));
    *out = m.blob;
out:
    rfd_bytes_free(&m.document);
    buf_dispose(&m.sealed);
    return status;
}
