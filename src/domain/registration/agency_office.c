/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the certification office does with a unit's request that it has: it asks for the keys, approves, enters what an
 * external authority decided, arranges the installation, and marks it as attended. Who filed a request never decides
 * about it.
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/audit/audit.h"
#include "packs/identity.h"
#include "pki/certificate/certificate.h"
#include "pki/oid.h"

enum { APPROVAL_MAXIMUM = 60, CERTIFICATE_MAXIMUM = 64 << 10, EXTENSION_MAXIMUM = 10, SERIAL_MAXIMUM = 64 };

/* ---- Approving ---- */

rfd_status agency_approve(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t id, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_APPROVE, .actor = actor};
    struct request r;
    (void)settings;
    TRY(request_of_taker(t, actor, id, &r, error));
    if (r.way != WAY_AGENCY) return error_set(error, RFD_E_NOT_FOUND, "request %lld of an agency", (long long)id);
    if (r.requester == actor->person) return error_set(error, RFD_E_FORBIDDEN, "it is one's own request");
    r.external = true; /* nothing of it is for the authority here */
    TRY(request_step(t, &r, &step, error));
    TRY(request_put_row(t, &r, error));
    return request_tell(t, "request-step", &r, REQUEST_EVENT_APPROVE, SLICE_EMPTY, error);
}

static rfd_status mail_key(struct transaction *t, const struct registration_settings *settings, const struct request *r,
                           const struct applicant *a, struct rfd_error *error)
{
    char token[REQUEST_TOKEN_SIZE];
    struct view *view = NULL;
    rfd_time ends = clock_now() + (rfd_time)settings->link_hours * 3600 * RFD_SECOND;
    TRY(request_link_of(t, LINK_KEY, r->id, a->id, ends, token, error));
    const char *link = arena_print(store_arena(t), REGISTRATION_PAGE_KEY "%s", token);
    if (link == NULL) return arena_failed(store_arena(t), error);
    TRY(request_view(t, r, link, &view, error));
    view_number(view, "hours", settings->link_hours);
    return request_mail(t, "request-key", r, a, view, NULL, error);
}

rfd_status agency_ask_keys(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id, unsigned *mailed,
                           struct rfd_error *error)
{
    struct request r;
    unsigned count = 0;
    TRY(request_of_taker(t, actor, id, &r, error));
    if (r.way != WAY_AGENCY || r.state != REQUEST_TAKEN || !agency_issues(r.kind))
        return error_set(error, RFD_E_STATE, "no keys are needed of %.*s", (int)r.code.length,
                         (const char *)r.code.data);
    TRY(agency_hold(t, &r, error));
    for (size_t i = 0; i < r.applicant_count; i++) {
        if (r.applicants[i].spki.length > 0 || r.applicants[i].central) continue;
        TRY(mail_key(t, settings, &r, &r.applicants[i], error));
        count++;
    }
    *mailed = count;
    return RFD_OK;
}

/* ---- What an external authority issued ---- */

/** The number alone, as people write it after any of the prefixes that authorities put before it. */
static bool is_number(slice text, slice number)
{
    return slice_ends(text, number) &&
           (text.length == number.length || text.data[text.length - number.length - 1] == '-' ||
            text.data[text.length - number.length - 1] == ':');
}

/** Whether the subject names the applicant: its serialNumber (EN 319 412-1 §5.1.3, or the country's own prefix) is the
 * number of their identity document. */
static bool names(const struct registration_settings *settings, const struct certificate *c, const struct applicant *a)
{
    slice number = SLICE_EMPTY;
    struct buf value;
    buf_init(&value, SERIAL_MAXIMUM * 4);
    bool there = certificate_name_attribute(c->subject, oid(OID_SERIAL_NUMBER), &value) && value.length > 0;
    const struct pack_document *document =
        there ? packs_identity_of_subject(settings->packs, buf_slice(&value), &number) : NULL;
    bool same = document != NULL ? slice_equal(number, a->number) && slice_is(a->document, document->name)
                                 : there && is_number(buf_slice(&value), a->number);
    buf_dispose(&value);
    return same;
}

/** Bytes in the transaction's arena; empty, with a fault, when it is not the applicant's. */
static rfd_status read_certificate(struct transaction *t, const struct registration_settings *settings,
                                   const struct applicant *a, slice bytes, slice *der, rfd_time *until, slice *serial,
                                   struct faults *faults, struct rfd_error *error)
{
    struct certificate_list list = {.count = 0};
    const char *why = NULL;
    rfd_status status = bytes.length == 0 || bytes.length > CERTIFICATE_MAXIMUM
                            ? RFD_E_DER
                            : certificate_list_read(&list, bytes, error);
    if (status == RFD_E_MEMORY) {
        certificate_list_dispose(&list);
        return status;
    }
    const struct certificate *c = status == RFD_OK && list.count > 0 ? list.items[0] : NULL;
    error_clear(error);
    if (c == NULL)
        why = N_("This is no certificate (PEM or DER)");
    else if (c->is_ca || !names(settings, c, a))
        why = N_("This certificate is not the applicant's: it does not have the number of their identity document");
    else if (c->not_after <= clock_now())
        why = N_("This certificate has expired");
    if (why == NULL) {
        uint8_t *hex = arena_allocate(store_arena(t), c->serial.length * 2 + 1);
        if (hex != NULL) number_to_hex(c->serial, false, hex);
        *der = arena_copy(store_arena(t), c->der);
        *serial = slice_of(hex, hex == NULL ? 0 : c->serial.length * 2);
        *until = c->not_after;
    } else {
        fault_add(faults, "certificate", why);
    }
    certificate_list_dispose(&list);
    return why == NULL && (der->data == NULL || serial->data == NULL) ? arena_failed(store_arena(t), error) : RFD_OK;
}

static rfd_status pem_of(struct transaction *t, slice der, slice *out, struct rfd_error *error)
{
    struct buf b;
    struct buf text;
    buf_init(&b, CERTIFICATE_MAXIMUM * 2);
    buf_init(&text, CERTIFICATE_MAXIMUM * 2);
    buf_put_base64(&b, der);
    buf_put_text(&text, "-----BEGIN CERTIFICATE-----\n");
    for (size_t at = 0; at < b.length; at += 64) {
        buf_put_slice(&text, slice_part(buf_slice(&b), at, 64));
        buf_put_byte(&text, '\n');
    }
    buf_put_text(&text, "-----END CERTIFICATE-----\n");
    rfd_status status = buf_check(&b, "a certificate", error);
    if (status == RFD_OK) status = buf_check(&text, "a certificate", error);
    if (status == RFD_OK) *out = arena_copy(store_arena(t), buf_slice(&text));
    buf_dispose(&b);
    buf_dispose(&text);
    return status;
}

static rfd_status tell_issued(struct transaction *t, const struct registration_settings *settings,
                              const struct request *r, const struct applicant *a, rfd_time until, slice serial,
                              struct rfd_error *error)
{
    struct view *view = NULL;
    slice pem = SLICE_EMPTY;
    TRY(pem_of(t, a->external_certificate, &pem, error));
    TRY(request_view(t, r, "/", &view, error));
    view_text(view, "serial", serial);
    view_text(view, "until", registration_day(settings->zone, until, store_arena(t)));
    view_text(view, "pem", pem);
    return request_mail(t, "certificate-issued", r, a, view, NULL, error);
}

static rfd_status audit_import(struct transaction *t, const struct actor *actor, const struct request *r,
                               const struct applicant *a, slice serial, struct rfd_error *error)
{
    struct arena *arena = store_arena(t);
    const char *object = arena_print(arena, "request:%lld", (long long)r->id);
    const char *detail = arena_print(arena, "{\"applicant\":%lld,\"serial\":\"%.*s\"}", (long long)a->id,
                                     (int)serial.length, (const char *)serial.data);
    if (object == NULL || detail == NULL) return arena_failed(arena, error);
    const struct audit_event event = {.action = "registration.import",
                                      .actor = actor_audit(actor, arena),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

/** The request of one of its applicants, when it is approved and the actor has it. */
static rfd_status applicant_to_conclude(struct transaction *t, const struct actor *actor, int64_t applicant,
                                        struct request *r, struct applicant **out, struct rfd_error *error)
{
    struct request of;
    TRY(request_of_applicant(t, applicant, &of, error));
    TRY(agency_to_conclude(t, actor, of.id, r, error));
    *out = request_applicant(r, applicant);
    return *out != NULL ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "applicant %lld", (long long)applicant);
}

rfd_status agency_import(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                         int64_t applicant, slice approval, slice certificate, struct faults *faults,
                         struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    struct applicant *a;
    slice der = SLICE_EMPTY;
    slice serial = SLICE_EMPTY;
    rfd_time until = RFD_TIME_NONE;
    TRY(applicant_to_conclude(t, actor, applicant, &r, &a, error));
    if (!r.external || !agency_issues(r.kind))
        return error_set(error, RFD_E_STATE, "%.*s is not an external authority's", (int)r.code.length,
                         (const char *)r.code.data);
    a->external_approval = registration_line(approval, "approval", true, APPROVAL_MAXIMUM, store_arena(t), faults);
    TRY(read_certificate(t, settings, a, certificate, &der, &until, &serial, faults, error));
    TRY(faults_end(faults, error));
    a->external_certificate = der;
    const struct request_step step = {
        .event = REQUEST_EVENT_ISSUE, .actor = actor, .note = applicant_name(a, store_arena(t)), .is_public = true};
    TRY(applicant_put_row(t, a, error));
    TRY(request_step(t, &r, &step, error));
    TRY(audit_import(t, actor, &r, a, serial, error));
    return tell_issued(t, settings, &r, a, until, serial, error);
}

/* ---- Installing ---- */

static bool is_extension(slice phone)
{
    if (phone.length == 0 || phone.length > EXTENSION_MAXIMUM) return false;
    for (size_t i = 0; i < phone.length; i++)
        if (phone.data[i] < '0' || phone.data[i] > '9') return false;
    return true;
}

static slice check_phone(slice installation, slice phone, slice country, struct arena *a, struct faults *faults)
{
    if (slice_is(installation, "mobile")) {
        if (phone.length == 0) fault_add(faults, "phone", N_("This is needed"));
        return registration_mobile(phone, country, "phone", a, faults);
    }
    if (!slice_is(installation, "extension"))
        fault_add(faults, "installation", N_("Choose one of those that are offered"));
    else if (!is_extension(phone))
        fault_add(faults, "phone", N_("Write the number of the extension: digits only"));
    return phone;
}

rfd_status agency_install(struct transaction *t, const struct actor *actor, int64_t applicant, slice installation,
                          rfd_time at, slice phone, struct faults *faults, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    struct applicant *a;
    TRY(applicant_to_conclude(t, actor, applicant, &r, &a, error));
    a->installation_phone = check_phone(installation, phone, a->country, store_arena(t), faults);
    if (at == RFD_TIME_NONE) fault_add(faults, "day", N_("This is needed"));
    TRY(faults_end(faults, error));
    a->installation = installation;
    a->installation_at = at;
    const struct request_step step = {
        .event = REQUEST_EVENT_INSTALL, .actor = actor, .note = applicant_name(a, store_arena(t)), .is_public = true};
    TRY(applicant_put_row(t, a, error));
    TRY(request_step(t, &r, &step, error));
    struct request told = r; /* only whom it is about, and who filed it */
    told.applicants = a;
    told.applicant_count = 1;
    return request_tell(t, "request-step", &told, REQUEST_EVENT_INSTALL, step.note, error);
}

/* ---- Attended ---- */

static bool is_concluded(const struct request *r, const struct applicant *a)
{
    if (slice_is(r->kind, "install")) return a->installation.length > 0;
    return !agency_issues(r->kind) || a->certificate != 0 || a->external_certificate.length > 0;
}

rfd_status agency_attend(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_ATTEND, .actor = actor};
    struct request r;
    TRY(agency_to_conclude(t, actor, id, &r, error));
    for (size_t i = 0; i < r.applicant_count; i++)
        if (!is_concluded(&r, &r.applicants[i]))
            return error_set(error, RFD_E_STATE,
                             "an applicant of %.*s still waits for a certificate or its installation",
                             (int)r.code.length, (const char *)r.code.data);
    TRY(request_step(t, &r, &step, error));
    return request_tell(t, "request-step", &r, REQUEST_EVENT_ATTEND, SLICE_EMPTY, error);
}
