/* SPDX-License-Identifier: EUPL-1.2
 *
 * POST /api/firmas/v1/operaciones: what has to be signed, handed in by a portal's program, as multipart/form-data (part
 * "operation", then parts "document", PDF, and "data", JSON) or, where it is small, as one JSON with the documents in
 * base64.
 */
#include "web/portals/portal_pages.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/memory.h"
#include "base/number.h"
#include "domain/central/data_form.h"
#include "domain/central/portal_statement.h"
#include "pki/digest.h"
#include "web/central/central_pages.h"

#include <stdio.h>
#include <stdlib.h>

enum { JSON_MAXIMUM = 8 << 20, OPERATION_MAXIMUM = 256 << 10 };

struct making {
    struct page *page;
    struct api_caller caller;
    slice key; /* Idempotency-Key; empty: none */
    json_t *operation;
    struct digest *sum; /* of all that was asked for */
    uint8_t hash[REDIRECT_HASH_SIZE];
    struct signing wanted, made;
    struct signing_document documents[SIGNING_DOCUMENTS];
    struct blob blobs[SIGNING_DOCUMENTS];
    size_t given;
    struct faults faults;
    bool again;
    bool looks;       /* at the statement: the keeper said by which key */
    slice keeper_key; /* empty: by none */
    unsigned wait;
};

/* ---- One document ---- */

static void fail_document(struct making *m, const char *message)
{
    char field[FAULT_FIELD_SIZE];
    (void)snprintf(field, sizeof field, "document-%zu", m->given + 1);
    fault_add(&m->faults, field, message);
}

static void end_document(struct making *m, slice title)
{
    struct signing_document *d = &m->documents[m->given];
    d->place = (unsigned)m->given + 1;
    d->blob = slice_text(m->blobs[m->given].id);
    if (d->title.length == 0) d->title = title;
    m->given++;
}

/** Whether there is room for one more, and it is not too large. */
static bool begin_document(struct making *m, slice source)
{
    bool room = m->given < SIGNING_DOCUMENTS;
    if (!room) fault_add(&m->faults, "document", N_("These are too many documents"));
    if (!room || source.length <= SIGNING_DOCUMENT_MAXIMUM) return room;
    fail_document(m, N_("This document is larger than 50 MB"));
    end_document(m, SLICE("-"));
    return false;
}

/** What was handed in is part of what was asked for. */
static rfd_status add_to_sum(struct making *m, slice source, struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, source, hash, error));
    return digest_add(m->sum, slice_of(hash, digest_size(DIGEST_SHA256)), error);
}

static bool look(struct making *m, slice pdf, struct rfd_error *error)
{
    rfd_status status = signing_look(pdf, &m->documents[m->given].pages, error);
    if (status != RFD_OK) fail_document(m, rfd_status_message(status));
    error_clear(error);
    return status == RFD_OK;
}

/** What is in memory, not in the body's file. */
static rfd_status keep_octets(struct making *m, slice octets, struct rfd_error *error)
{
    struct blob_writer *writer = NULL;
    TRY(blob_begin(page_blobs(m->page), &writer, error));
    rfd_status status = blob_write(writer, octets, error);
    if (status == RFD_OK) return blob_finish(writer, m->page->arena, &m->blobs[m->given], error);
    blob_abandon(writer);
    return status;
}

static rfd_status take_pdf_of_memory(struct making *m, slice source, slice pdf, slice title, struct rfd_error *error)
{
    TRY(add_to_sum(m, source, error));
    if (look(m, pdf, error)) TRY(keep_octets(m, pdf, error));
    end_document(m, title);
    return RFD_OK;
}

static rfd_status take_data(struct making *m, slice data, struct rfd_error *error)
{
    struct page *page = m->page;
    const char *pointer = arena_print(page->arena, "documents/%zu", m->given);
    const struct data_form_options options = {.fonts = page->web->fonts,
                                              .language = page->language,
                                              .house = arena_text(page->arena, m->caller.portal.name),
                                              .pointer = pointer};
    rfd_bytes pdf = {0};
    slice title = SLICE_EMPTY;
    if (pointer == NULL || options.house == NULL) return arena_failed(page->arena, error);
    if (!begin_document(m, data)) return RFD_OK;
    rfd_status status = data_form_print(&options, data, page->arena, &pdf, &title, &m->faults, error);
    if (status == RFD_OK)
        status = take_pdf_of_memory(m, data, slice_bytes(pdf), title, error);
    else if (status == RFD_E_INVALID) {
        end_document(m, SLICE("-"));
        error_clear(error);
        status = RFD_OK;
    }
    rfd_bytes_free(&pdf);
    return status;
}

/* ---- multipart/form-data ---- */

/** Its hash is made while it is kept: it is not gone through twice, and what was read is let go. */
static rfd_status take_file(struct making *m, const struct http_part *part, struct rfd_error *error)
{
    struct blob *blob = &m->blobs[m->given < SIGNING_DOCUMENTS ? m->given : 0];
    if (!begin_document(m, part->body)) return RFD_OK;
    if (look(m, part->body, error)) {
        TRY(page_keep_file(m->page, part, blob, error));
        TRY(digest_add(m->sum, slice_text(blob->id), error));
    }
    end_document(m, signing_file_title(m->page, part->file_name));
    return RFD_OK;
}

static rfd_status read_parts(struct making *m, struct rfd_error *error)
{
    const struct http_parts *parts = &m->page->parts;
    for (size_t i = 0; i < parts->count; i++) {
        const struct http_part *part = &parts->items[i];
        if (!slice_is(part->name, "operation")) continue;
        if (m->operation != NULL) return error_set(error, RFD_E_REQUEST, "two parts are named operation");
        if (part->body.length > OPERATION_MAXIMUM) return error_set(error, RFD_E_LIMIT, "the operation's JSON");
        TRY(api_read_json(part->body, &m->operation, error));
    }
    return m->operation != NULL ? RFD_OK : error_set(error, RFD_E_REQUEST, "no part is named operation");
}

static rfd_status take_parts(struct making *m, struct rfd_error *error)
{
    const struct http_parts *parts = &m->page->parts;
    for (size_t i = 0; i < parts->count; i++) {
        const struct http_part *part = &parts->items[i];
        if (slice_is(part->name, "document"))
            TRY(take_file(m, part, error));
        else if (slice_is(part->name, "data"))
            TRY(take_data(m, part->body, error));
        else if (!slice_is(part->name, "operation"))
            return error_set(error, RFD_E_REQUEST, "parts are named operation, document or data");
    }
    return RFD_OK;
}

/* ---- JSON ---- */

/** The content goes out of the operation, which is what is left to be part of the sum. */
static rfd_status take_content(struct making *m, json_t *one, struct rfd_error *error)
{
    const char *text = json_string_value(json_object_get(one, "content"));
    size_t length = text == NULL ? 0 : strlen(text);
    uint8_t *octets = memory_allocate(length / 4 * 3 + 3);
    bool good =
        octets != NULL && text != NULL && number_base64(slice_of((const uint8_t *)text, length), octets, &length);
    rfd_status status = octets == NULL ? error_memory(error) : RFD_OK;
    if (status == RFD_OK && !good) {
        fail_document(m, N_("A document is handed in as \"content\", in base64, or as \"data\""));
        end_document(m, SLICE("-"));
    } else if (status == RFD_OK && begin_document(m, slice_of(octets, length))) {
        slice pdf = slice_of(octets, length);
        status = take_pdf_of_memory(m, pdf, pdf, slice_text(page_text(m->page, N_("Document"))), error);
    }
    memory_free(octets);
    (void)json_object_del(one, "content");
    return status;
}

static rfd_status take_one(struct making *m, json_t *one, struct rfd_error *error)
{
    json_t *data = json_object_get(one, "data");
    if (data == NULL) return take_content(m, one, error);
    char *text = json_dumps(data, JSON_COMPACT);
    rfd_status status = text == NULL ? error_memory(error) : take_data(m, slice_text(text), error);
    free(text);
    (void)json_object_del(one, "data");
    return status;
}

static rfd_status take_documents(struct making *m, struct rfd_error *error)
{
    json_t *list = json_object_get(m->operation, "documents");
    for (size_t i = 0; i < json_array_size(list) && i < SIGNING_DOCUMENTS; i++)
        TRY(take_one(m, json_array_get(list, i), error));
    return RFD_OK;
}

/* ---- All of it ---- */

/** What is left of a document after its content was taken is its title, or nothing that anybody knows. */
static void check_members(struct making *m)
{
    const json_t *list = json_object_get(m->operation, "documents");
    for (size_t i = 0; i < json_array_size(list) && i < SIGNING_DOCUMENTS; i++) {
        const json_t *one = json_array_get(list, i);
        char field[FAULT_FIELD_SIZE];
        (void)snprintf(field, sizeof field, "documents/%zu", i);
        if (json_object_size(one) > (json_object_get(one, "title") != NULL ? 1 : 0))
            fault_add(&m->faults, field, N_("Something in it has a name that nothing here has"));
    }
    if (m->wanted.count > m->given) fault_add(&m->faults, "documents", N_("There are more titles than documents"));
}

static rfd_status sum_up(struct making *m, struct rfd_error *error)
{
    char *text = json_dumps(m->operation, JSON_COMPACT | JSON_SORT_KEYS);
    rfd_status status = text == NULL ? error_memory(error) : digest_add(m->sum, slice_text(text), error);
    free(text);
    for (size_t i = 0; i < m->given && status == RFD_OK; i++) status = add_to_sum(m, m->documents[i].title, error);
    return status == RFD_OK ? digest_finish(m->sum, m->hash, error) : status;
}

static rfd_status read_body(struct making *m, struct rfd_error *error)
{
    struct page *page = m->page;
    bool parts = http_request_is(page->request, "multipart/form-data");
    if (parts)
        TRY(read_parts(m, error));
    else if (!http_request_is(page->request, "application/json"))
        return error_set(error, RFD_E_MEDIA, "neither multipart/form-data nor application/json");
    else if (page->request->body.length > JSON_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "JSON of more than 8 MB: use multipart/form-data");
    else
        TRY(api_read_json(page->request->body, &m->operation, error));
    m->wanted.documents = m->documents;
    m->wanted.options.level = SIGNING_B_T;
    m->wanted.ends = page->now + (rfd_time)page_settings(page)->central.operation_hours * 3600 * RFD_SECOND;
    api_read_operation(page, m->operation, &m->wanted, &m->faults);
    TRY(parts ? take_parts(m, error) : take_documents(m, error));
    check_members(m);
    m->wanted.count = m->given;
    return sum_up(m, error);
}

static rfd_status read_key(struct making *m, struct rfd_error *error)
{
    const struct http_request *r = m->page->request;
    m->key = http_request_header(r, "Idempotency-Key", 0);
    if (m->key.data == NULL) return RFD_OK;
    bool good = m->key.length >= REDIRECT_NAME_MINIMUM && m->key.length <= REDIRECT_NAME_MAXIMUM &&
                http_request_header(r, "Idempotency-Key", 1).data == NULL;
    for (size_t i = 0; good && i < m->key.length; i++) good = m->key.data[i] > ' ' && m->key.data[i] <= '~';
    return good ? RFD_OK : error_set(error, RFD_E_REQUEST, "Idempotency-Key: once, 8 to 64 visible characters");
}

/** Asked before anything is written, as nobody's writing waits for keepers. One that does not answer hinders nobody
 * here: it looks itself, when the person comes. */
static void find_keeper_key(struct making *m)
{
    bool may_state = m->caller.portal.key.length > 0 || m->wanted.statement.length > 0;
    m->looks = may_state && portal_keeper_key(m->page, &m->caller.portal, &m->keeper_key);
}

static rfd_status put_new(struct transaction *t, struct making *m, struct rfd_error *error)
{
    const struct portal *portal = &m->caller.portal;
    const char *wrong = m->looks ? portal_statement_fault(&m->wanted, m->keeper_key, m->page->now) : NULL;
    if (wrong != NULL) fault_add(&m->faults, "statement", wrong);
    for (size_t i = 0; i < m->given; i++) TRY(blob_record(t, &m->blobs[i], error));
    rfd_status status = signing_new(t, &m->caller.actor, portal, &m->wanted, &m->faults, &m->made, error);
    if (status == RFD_E_SLOW_DOWN && redirect_wait(t, portal, m->page->now, &m->wait, NULL) != RFD_OK) m->wait = 0;
    TRY(status);
    if (m->key.length == 0) return RFD_OK;
    return redirect_remember(t, portal->id, m->key, m->hash, m->made.id, error);
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    m->faults.count = 0;
    m->made.id = 0;
    if (m->key.length > 0) TRY(redirect_seen(t, m->caller.portal.id, m->key, m->hash, &m->made, error));
    m->again = m->made.id != 0;
    if (!m->again) TRY(put_new(t, m, error));
    return api_keep_signing(m->page, &m->made, error);
}

static rfd_status make(struct making *m, struct rfd_error *error)
{
    struct page *page = m->page;
    TRY(api_caller_of(page, &m->caller, error));
    TRY(read_key(m, error));
    TRY(digest_start(DIGEST_SHA256, &m->sum, error));
    TRY(read_body(m, error));
    if (m->faults.count > 0) return api_answer_faults(page, &m->faults, error);
    find_keeper_key(m);
    rfd_status status = page_write(page, put, m, error);
    page->retry_after = m->wait;
    if (status == RFD_E_INVALID) return api_answer_faults(page, &m->faults, error);
    TRY(status);
    const char *location = arena_print(page->arena, "%s" OPERATIONS "/%.*s", page_settings(page)->web.url,
                                       (int)m->made.token.length, (const char *)m->made.token.data);
    if (location == NULL) return arena_failed(page->arena, error);
    http_response_header(page->response, "Location", slice_text(location));
    return api_answer(page, m->again ? 200 : 201, api_operation_json(page, &m->made), error);
}

rfd_status api_operation_new(struct page *page, struct rfd_error *error)
{
    struct making *m = arena_zeroed(page->arena, 1, sizeof *m);
    if (m == NULL) return arena_failed(page->arena, error);
    m->page = page;
    rfd_status status = make(m, error);
    json_decref(m->operation);
    digest_free(m->sum);
    return api_fail(page, status, error);
}
