/* SPDX-License-Identifier: EUPL-1.2
 *
 * The person's own central certificates, and one of them: how it is, what can be done with it, what it signed.
 */
#include "web/central/central_pages.h"
#include "web/csc/csc_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

enum { EVENTS_SHOWN = 20, LOG_SHOWN_MAXIMUM = 1 << 20, LOG_END_MAXIMUM = 4096 };

rfd_status credentials_show(struct page *page, struct rfd_error *error)
{
    struct central_credential *all;
    struct enrolment enrolment;
    size_t count;
    bool weak;
    struct view *list = view_list(page->view, "credentials");
    TRY(page_credentials(page, &all, &count, error));
    TRY(page_enrolment(page, &enrolment, &weak, error));
    for (size_t i = 0; i < count; i++) credential_put(page, &all[i], view_item(list));
    TRY(accesses_put(page, error));
    view_flag(page->view, "none", count == 0);
    view_flag(page->view, "can_make", enrolment.id != 0);
    view_flag(page->view, "weak_account", weak);
    TRY(seals_put(page, error));
    return page_show(page, N_("Central certificates"), "central/credentials", error); /* es: "Certificados centrales" */
}

static bool find(struct page *page, const struct central_credential *all, size_t count, struct central_credential *out)
{
    slice id = http_request_part(page->request, "credential");
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(id, all[i].id)) continue;
        *out = all[i];
        return true;
    }
    return false;
}

rfd_status credential_page_open(struct page *page, struct central_credential *out, struct rfd_error *error)
{
    struct central_credential *all;
    size_t count;
    TRY(page_credentials(page, &all, &count, error));
    if (find(page, all, count, out)) return RFD_OK;
    TRY(page_kept_seals(page, &all, &count, error));
    if (find(page, all, count, out)) return RFD_OK;
    return error_set(error, RFD_E_NOT_FOUND, "there is no such certificate");
}

static void put_facts(struct page *page, const struct central_credential *c)
{
    struct view *facts = view_list(page->view, "facts");
    const char *register_link = arena_print(page->arena, "/certificados/%lld", (long long)c->registered);
    const char *left = arena_print(page->arena, "%u", c->passwords_left);
    if (c->entity) {
        page_fact(page, facts, N_("Number in the seal"), page_keep(page, slice_text(c->holder)), NULL);
        page_fact(page, facts, N_("Number for portals (credentialID)"), page_keep(page, slice_text(c->id)), NULL);
    }
    page_fact(page, facts, N_("Made on"), page_time(page, c->created), NULL);
    if (c->certificate.length > 0) {
        page_fact(page, facts, N_("In force from"), page_day(page, c->not_before), NULL);
        page_fact(page, facts, N_("In force until"), page_day(page, c->not_after), NULL);
    }
    if (c->registered != 0)
        page_fact(page, facts, N_("Certificate"), slice_text(page_text(page, N_("Chain, revocation and state"))),
                  register_link);
    page_fact(page, facts, N_("Key"), c->algorithm, NULL);
    if (c->state == PERSONAL_DESTROYED) return;
    page_fact(page, facts, N_("Codes come by"), view_find(page->view, "channel"), NULL);
    if (c->codes_refused_until > page->now)
        page_fact(page, facts, N_("Codes are refused until"), page_time(page, c->codes_refused_until), NULL);
    if (c->passwords_left < page_settings(page)->central.wrong_passwords && left != NULL)
        page_fact(page, facts, N_("Wrong passwords until it is locked"), slice_text(left), NULL);
}

/** What was just changed, as the address says. */
static const char *done_text(slice what)
{
    static const struct {
        const char *path, *text; /* N_() */
    } all[] = {
        {"clave", N_("The signing password was changed")},
        {"movil", N_("The mobile number was changed")},
        {"aplicacion", N_("From now on codes come from the app")},
        {"destruir", N_("The key was destroyed")},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (slice_is(what, all[i].path)) return all[i].text;
    return NULL;
}

/* ---- What it signed ---- */

static const struct {
    const char *event, *title; /* N_() */
} events[] = {
    {"sign", N_("Signed")},
    {"generate", N_("Key made")},
    {"certificate", N_("Certificate issued")},
    {"password", N_("Signing password changed")},
    {"mobile", N_("Mobile number changed")},
    {"totp", N_("Authenticator app set up")},
    {"destroy", N_("Key destroyed")},
    {"adopt", N_("Registered again by an agent")},
    {"lock", N_("Locked after wrong passwords")},
    {"clock", N_("Times set back, after the keeper's clock was ahead")},
};

static const char *event_title(const char *event)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(event, events[i].event) == 0) return events[i].title;
    return event;
}

static const char *member(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text == NULL ? "" : text;
}

/** "2026-11-22T01:02:03Z" as people read it; what is none, as it stands. */
static slice event_time(const struct page *page, const char *text)
{
    rfd_time moment;
    slice kept = page_keep(page, slice_text(text));
    return clock_parse_iso(kept, &moment) ? page_time(page, moment) : kept;
}

/** Portal, title of the document, the beginning of its hash. */
static const char *event_text(const struct page *page, const json_t *json)
{
    const char *portal = member(json, "portal");
    const char *title = member(json, "title");
    const char *shown = member(json, "shown");
    if (title[0] == '\0') return "";
    const char *text =
        arena_print(page->arena, "%s%s%s (SHA-256 %.8s…)", portal, portal[0] == '\0' ? "" : ": ", title, shown);
    return text == NULL ? "" : text;
}

static void put_event(const struct page *page, struct view *item, slice line)
{
    json_t *json = json_loadb((const char *)line.data, line.length, 0, NULL);
    view_text(item, "time", event_time(page, member(json, "time")));
    view_string(item, "title", page_text(page, event_title(member(json, "event"))));
    view_string(item, "text", event_text(page, json));
    view_string(item, "actor", "");
    bool lower = strcmp(member(json, "level"), "lower") == 0;
    view_string(item, "state", lower ? page_text(page, N_("Code by e-mail: lower level")) : "");
    view_string(item, "tone", "neutral");
    json_decref(json);
}

static rfd_status keep_lines(void *context, slice lines, struct rfd_error *error)
{
    buf_put_slice(context, lines);
    return buf_check(context, "a holder's log", error);
}

/** The newest of them. */
static rfd_status put_uses(struct page *page, const struct central *c, slice credential, struct rfd_error *error)
{
    struct central_log log;
    struct buf lines;
    buf_init(&lines, LOG_SHOWN_MAXIMUM);
    struct view *list = view_list(page->view, "events");
    rfd_status status =
        central_log_read(c, &page->actor, page->arena, credential, UINT32_MAX, &log, keep_lines, &lines, error);
    uint64_t after = status == RFD_OK && log.total > EVENTS_SHOWN ? log.total - EVENTS_SHOWN : 0;
    if (status == RFD_OK)
        status = central_log_read(c, &page->actor, page->arena, credential, after, &log, keep_lines, &lines, error);
    slice rest = status == RFD_OK ? buf_slice(&lines) : SLICE_EMPTY;
    view_flag(page->view, "used", rest.length > 0);
    view_flag(page->view, "more", after > 0);
    while (rest.length > 0) put_event(page, view_item(list), http_cut(&rest, '\n'));
    buf_dispose(&lines);
    return status;
}

/** The last line: what the personal keeper signed of the whole, and the key to check it with. */
static void put_end(struct buf *b, const char *credential, const struct central_log *log, slice key)
{
    buf_print(b, "{\"credential\":\"%s\",\"events\":%llu,\"head\":\"", credential, (unsigned long long)log->total);
    buf_put_hex(b, slice_of(log->head, sizeof log->head), false);
    buf_put_text(b, "\",\"signature\":\"");
    url_put_base64(b, slice_of(log->signature, log->signature_size));
    buf_put_text(b, "\",\"key\":\"");
    url_put_base64(b, key);
    buf_put_text(b, "\"}\n");
}

/** A file that has no name: a log may be longer than what a page may take of memory. */
struct sending {
    int file;
    uint64_t length;
};

static rfd_status write_piece(void *context, slice text, struct rfd_error *error)
{
    struct sending *s = context;
    while (text.length > 0) {
        ssize_t done = write(s->file, text.data, text.length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a file to be sent");
        text = slice_from(text, (size_t)done);
        s->length += (uint64_t)done;
    }
    return RFD_OK;
}

static rfd_status write_end(struct sending *s, const char *credential, const struct central_log *log, slice key,
                            struct rfd_error *error)
{
    struct buf end;
    buf_init(&end, LOG_END_MAXIMUM);
    put_end(&end, credential, log, key);
    rfd_status status = buf_check(&end, "the end of a holder's log", error);
    if (status == RFD_OK) status = write_piece(s, buf_slice(&end), error);
    buf_dispose(&end);
    return status;
}

static rfd_status write_log(struct page *page, struct sending *s, struct rfd_error *error)
{
    struct central c;
    struct central_log log;
    slice key, id = http_request_part(page->request, "credential");
    TRY(page_central(page, &c, error));
    TRY(central_log_key(&c, page->arena, &key, error));
    TRY(central_log_read(&c, &page->actor, page->arena, id, 0, &log, write_piece, s, error));
    const char *credential = arena_text(page->arena, id);
    if (credential == NULL) return arena_failed(page->arena, error);
    return write_end(s, credential, &log, key, error);
}

rfd_status credential_log_send(struct page *page, struct rfd_error *error)
{
    struct sending s = {.length = 0};
    s.file = open(page_settings(page)->web.blobs, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (s.file < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a file to be sent");
    rfd_status status = write_log(page, &s, error);
    if (status != RFD_OK) {
        (void)close(s.file);
        return status;
    }
    show_headers(page);
    http_response_header(page->response, "Content-Disposition",
                         SLICE("attachment; filename=\"registro-de-firmas.jsonl\""));
    http_response_file(page->response, "application/jsonl", s.file, 0, s.length);
    return RFD_OK;
}

/* ---- One ---- */

rfd_status credential_show(struct page *page, struct rfd_error *error)
{
    struct central central;
    struct central_credential c;
    TRY(page_central(page, &central, error));
    TRY(credential_page_open(page, &c, error));
    credential_put(page, &c, page->view);
    put_facts(page, &c);
    TRY(put_uses(page, &central, slice_text(c.id), error));
    view_flag(page->view, "changeable", c.state == PERSONAL_ACTIVE);
    const char *done = done_text(http_field_get(&page->request->query, "hecho", 0));
    view_string(page->view, "done", done == NULL ? "" : page_text(page, done));
    view_flag(page->view, "by_app", c.channel == PERSONAL_TOTP);
    if (c.entity) TRY(seal_grants_put(page, &c, error));
    return page_show(page, c.entity ? N_("Seal of an entity") : N_("Your central certificate"), "central/credential",
                     error);
}
