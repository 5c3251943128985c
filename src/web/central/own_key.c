/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a certificate whose key its owner opens in the page (domain/central/own_key.h). The script
 * (assets/script/own-key.js) opens it, has the documents prepared for it, looks at what was prepared, signs, and sends
 * the signatures: all that comes here of it is the certificate and these.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "domain/central/own_key.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#define ONE SIGNING "/%.*s"
enum { JSON_OCTETS = 64 << 10 };

/* ---- The page ---- */

void own_key_stepper(struct page *page, const struct signing *signing, enum signing_step current)
{
    static const char *const titles[STEP_OVER] = {[STEP_DOCUMENTS] = N_("Documents"),
                                                  [STEP_PLACE] = N_("Place of the stamp"),
                                                  [STEP_CERTIFICATE] = N_("Certificate and signature"),
                                                  [STEP_RESULT] = N_("Result")};
    struct view *steps = view_list(page->view, "steps");
    unsigned number = 0;
    view_flag(page->view, "stepped", true);
    for (unsigned i = STEP_DOCUMENTS; i < STEP_OVER; i++) {
        if (titles[i] == NULL || (i == STEP_PLACE && !signing_has_place(signing))) continue;
        struct view *step = view_item(steps);
        view_string(step, "title", page_text(page, titles[i]));
        view_number(step, "number", ++number);
        view_flag(step, "done", i < (unsigned)current);
        view_flag(step, "current", i == (unsigned)current);
    }
}

struct listing {
    struct page *page;
    struct registration_settings settings;
    struct buf list;
};

/** Those in force: by them the script knows whose a key is that comes without its certificate. */
static rfd_status list_certificates(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct holding *all = NULL;
    size_t count = 0;
    buf_reset(&l->list);
    rfd_status status = holding_own(t, &l->page->actor, &l->settings, &all, &count, error);
    if (status == RFD_E_FORBIDDEN) {
        error_clear(error);
        return RFD_OK;
    }
    for (size_t i = 0; status == RFD_OK && i < count; i++) {
        const struct certificate_row *row = &all[i].row;
        bool usable = row->state == CERTIFICATE_VALID && row->der.length > 0 && row->not_after >= l->page->now;
        if (!usable || all[i].seal) continue;
        if (l->list.length > 0) buf_put_byte(&l->list, ' ');
        buf_put_base64(&l->list, row->der);
    }
    return status == RFD_OK ? buf_check(&l->list, "certificates", error) : status;
}

static rfd_status put_certificates(struct page *page, struct rfd_error *error)
{
    struct listing l = {.page = page, .settings = page_registration(page)};
    buf_init(&l.list, 1 << 20);
    rfd_status status = page_read(page, list_certificates, &l, error);
    if (status == RFD_OK)
        view_text(page->view, "certificates", l.list.length == 0 ? SLICE("") : page_keep(page, buf_slice(&l.list)));
    buf_dispose(&l.list);
    return status;
}

/** Of each document: so much of the prepared file has to be what is shown. */
static void put_sizes(struct page *page, const struct signing *s)
{
    struct view *list = view_list(page->view, "sizes");
    for (size_t i = 0; i < s->count; i++) {
        struct view *item = view_item(list);
        view_number(item, "octets", (int64_t)s->documents[i].size);
        view_text(item, "blob", s->documents[i].blob);
        view_flag(item, "is_signed", s->documents[i].result.length > 0);
    }
}

rfd_status own_key_show(struct page *page, struct rfd_error *error)
{
    struct signing s;
    TRY(signing_page_open(page, &s, error));
    if (!signing_is_open(&s))
        return page_redirect(page, NULL, error, ONE, (int)s.token.length, (const char *)s.token.data);
    TRY(signing_put(page, &s, error));
    TRY(put_certificates(page, error));
    put_sizes(page, &s);
    own_key_stepper(page, &s, STEP_CERTIFICATE);
    view_text(page->view, "csrf", csrf_token(page));
    return page_show(page, N_("Sign with a certificate of yours"), "central/own-key", error);
}

/* ---- What the script is told ---- */

static json_t *octets_json(slice octets)
{
    struct buf b;
    buf_init(&b, JSON_OCTETS);
    url_put_base64(&b, octets);
    json_t *text = buf_status(&b) == RFD_OK ? json_stringn((const char *)b.data, b.length) : NULL;
    buf_dispose(&b);
    return text;
}

static rfd_status answer_next(struct page *page, const struct signing *s, const char *step, struct rfd_error *error)
{
    const char *next = arena_print(page->arena, ONE "%s", (int)s->token.length, (const char *)s->token.data, step);
    if (next == NULL) return arena_failed(page->arena, error);
    return page_answer(page, json_pack("{s:s}", "next", next), error);
}

/** What may be wrong: where it is told, and how. */
static const struct wrong {
    rfd_status status;
    const char *field, *message; /* N_() */
} wrongs[] = {
    {RFD_E_CERTIFICATE_REVOKED, "certificate", N_("This certificate is revoked or suspended: nothing was signed.")},
    {RFD_E_CERTIFICATE_EXPIRED, "certificate", N_("This certificate has expired, or is not valid yet")},
    {RFD_E_CERTIFICATE_KEY_USAGE, "certificate", N_("This certificate is not for signing")},
    {RFD_E_KEY_WEAK, "certificate", N_("The key of this certificate is too weak to sign with")},
    {RFD_E_KEY_ALGORITHM, "certificate", N_("This kind of key cannot sign here")},
    {RFD_E_ACTIVATION_ENDED, "",
     N_("The signature was begun again elsewhere, or its time is over: nothing was signed. Begin again.")},
    {RFD_E_STATE, "", N_("It cannot be signed at this moment. Wait a little, and try again.")},
    {RFD_E_BUSY, "", N_("It is being signed at this moment. Wait a little, and load this page again.")},
    {RFD_E_HASH_NOT_AUTHORISED, "",
     N_("What was prepared is not what you were shown any more: nothing was signed. Tell those who run the platform.")},
};

/** `why` is more exact than the table; NULL: there is no other reason. */
static rfd_status answer_wrong(struct page *page, rfd_status status, const char *why, struct rfd_error *error)
{
    const char *field = status == RFD_E_FORBIDDEN ? "certificate" : "";
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs && why == NULL; i++) {
        if (wrongs[i].status != status) continue;
        why = wrongs[i].message;
        field = wrongs[i].field;
    }
    if (why == NULL) return status;
    error_clear(error);
    page->response->status = 422;
    return page_answer(page, json_pack("{s:s,s:s}", "field", field, "message", page_text(page, why)), error);
}

/* ---- Preparing ---- */

static json_t *document_json(const struct page *page, const struct own_key_document *d)
{
    if (d->failure.length > 0)
        return json_pack("{s:i,s:s}", "place", (int)d->place, "failure", signing_failure_text(page, d->failure));
    return json_pack("{s:i,s:o,s:o,s:I,s:I,s:I}", "place", (int)d->place, "attributes", octets_json(d->attributes),
                     "digest", octets_json(d->digest), "size", (json_int_t)d->size, "holeOffset",
                     (json_int_t)d->hole_offset, "holeLength", (json_int_t)d->hole_length);
}

static rfd_status answer_prepared(struct page *page, const struct own_key_prepared *p, struct rfd_error *error)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < p->count; i++)
        if (json_array_append_new(documents, document_json(page, &p->documents[i])) != 0) break;
    bool whole = json_array_size(documents) == p->count;
    json_t *json = json_pack("{s:o,s:s,s:s,s:o}", "operation", octets_json(slice_of(p->operation, sizeof p->operation)),
                             "algorithm", p->algorithm, "hash", "SHA-256", "documents", documents);
    if (!whole || json == NULL) {
        json_decref(json);
        return arena_failed(page->arena, error);
    }
    return page_answer(page, json, error);
}

static slice sent_octets(const struct page *page, const char *name, size_t n, size_t maximum)
{
    slice text = http_field_get(&page->fields, name, n);
    if (text.data == NULL || text.length == 0 || text.length > maximum / 3 * 4 + 4) return SLICE_EMPTY;
    return url_read_base64(text, page->arena);
}

/** The operation has come to its end, by this try (no document of it can be signed) or meanwhile. */
static bool is_over(struct page *page, struct signing *s)
{
    return signing_page_open(page, s, NULL) == RFD_OK && !signing_is_open(s);
}

rfd_status own_key_begin(struct page *page, struct rfd_error *error)
{
    struct signing s;
    struct central c;
    struct own_key_prepared prepared;
    const char *why;
    TRY(signing_page_open(page, &s, error));
    page_signing(page, &c);
    rfd_status status =
        own_key_prepare(&c, &page->actor, page->arena, s.token,
                        sent_octets(page, "certificate", 0, OWN_KEY_CERTIFICATE_MAXIMUM), &prepared, &why, error);
    if (status == RFD_OK) return answer_prepared(page, &prepared, error);
    if (is_over(page, &s)) {
        error_clear(error);
        return answer_next(page, &s, "", error);
    }
    return answer_wrong(page, status, why, error);
}

/** A prepared file: what is signed of it the script computes itself. */
rfd_status own_key_prepared_send(struct page *page, struct rfd_error *error)
{
    struct signing s;
    struct central c;
    struct stat found;
    uint64_t place = 0;
    const char *path;
    TRY(signing_page_open(page, &s, error));
    page_signing(page, &c);
    if (!number_unsigned(http_request_part(page->request, "place"), s.count, &place))
        return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    TRY(own_key_file(&c, &page->actor, page->arena, s.token, (unsigned)place, &path, error));
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return error_set(error, RFD_E_NOT_FOUND, "a prepared file is not here");
    if (fstat(file, &found) != 0) {
        rfd_status status = error_errno(error, RFD_E_IO_READ, errno, "a prepared file");
        (void)close(file);
        return status;
    }
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", SLICE("attachment"));
    http_response_file(page->response, "application/octet-stream", file, 0, (uint64_t)found.st_size);
    return RFD_OK;
}

/* ---- Signing ---- */

/** As many as there may be documents, each with its place. */
static rfd_status read_signatures(const struct page *page, struct own_key_signature *out, size_t *count,
                                  struct rfd_error *error)
{
    size_t given = http_field_count(&page->fields, "place");
    if (given != http_field_count(&page->fields, "signature") || given > SIGNING_DOCUMENTS)
        return error_set(error, RFD_E_REQUEST, "no signatures with their places");
    for (size_t i = 0; i < given; i++) {
        uint64_t place = 0;
        if (!number_unsigned(http_field_get(&page->fields, "place", i), SIGNING_DOCUMENTS, &place))
            return error_set(error, RFD_E_REQUEST, "no place of a document");
        out[i].place = (unsigned)place;
        out[i].signature = sent_octets(page, "signature", i, OWN_KEY_SIGNATURE_MAXIMUM);
    }
    *count = given;
    return RFD_OK;
}

rfd_status own_key_finish(struct page *page, struct rfd_error *error)
{
    struct signing s, done;
    struct central c;
    struct own_key_signature signatures[SIGNING_DOCUMENTS] = {0};
    const char *why;
    size_t count = 0;
    TRY(signing_page_open(page, &s, error));
    TRY(read_signatures(page, signatures, &count, error));
    page_signing(page, &c);
    rfd_status status =
        own_key_sign(&c, &page->actor, page->arena, s.token, sent_octets(page, "operation", 0, OWN_KEY_OPERATION_SIZE),
                     signatures, count, &done, &why, error);
    return status == RFD_OK ? answer_next(page, &s, "/resultado", error) : answer_wrong(page, status, why, error);
}
