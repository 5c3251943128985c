/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/requests_json.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/reason.h"
#include "pki/certificate/pem.h"

enum { PEM_MAXIMUM = 1 << 20, SERIAL_DIGITS = 64 };

rfd_status requests_json_answer(struct http_response *response, json_t *object, struct rfd_error *error)
{
    size_t size = object == NULL ? 0 : json_dumpb(object, NULL, 0, JSON_COMPACT);
    char *text = size == 0 ? NULL : arena_allocate(response->arena, size);
    if (text != NULL) (void)json_dumpb(object, text, size, JSON_COMPACT);
    json_decref(object);
    if (text == NULL) return error_memory(error);
    http_response_body(response, "application/json", slice_of(text, size));
    http_response_cache(response, HTTP_NO_STORE, 0);
    return RFD_OK;
}

json_t *requests_json_text(slice text)
{
    return json_stringn(text.length == 0 ? "" : (const char *)text.data, text.length);
}

void requests_json_put_text(json_t *object, const char *name, slice text)
{
    if (text.length > 0) (void)json_object_set_new(object, name, requests_json_text(text));
}

void requests_json_put_time(json_t *object, const char *name, rfd_time moment)
{
    char text[CLOCK_TEXT_SIZE];
    if (moment != RFD_TIME_NONE) (void)json_object_set_new(object, name, json_string(clock_iso(moment, text)));
}

static void put_number(json_t *object, const char *name, int64_t number)
{
    (void)json_object_set_new(object, name, json_integer(number));
}

static void put_flag(json_t *object, const char *name, bool flag)
{
    (void)json_object_set_new(object, name, json_boolean(flag));
}

/* ---- Rows of lists ---- */

static void put_cell(json_t *object, const struct list_column *column, const struct store_value *v)
{
    if (v->type == STORE_NULL) return;
    switch (column->kind) {
    case LIST_TEXT: requests_json_put_text(object, column->name, v->bytes); break;
    case LIST_NUMBER: put_number(object, column->name, v->integer); break;
    case LIST_TIME:
    case LIST_DAY: requests_json_put_time(object, column->name, v->integer); break;
    case LIST_FLAG: put_flag(object, column->name, v->integer != 0); break;
    case LIST_AGE: /* of a moment that is there, too */
    case LIST_ID: break;
    }
}

json_t *requests_json_row(const struct list_definition *list, const struct store_value *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < list->column_count; i++) put_cell(object, &list->columns[i], &values[i]);
    return object;
}

/* ---- One request ---- */

static json_t *applicant_json(const struct applicant *a)
{
    const struct {
        const char *name;
        slice text;
    } texts[] = {{"country", a->country},
                 {"document", a->document},
                 {"number", a->number},
                 {"second_document", a->second_number.length == 0 ? SLICE_EMPTY : a->second_document},
                 {"second_number", a->second_number},
                 {"given_names", a->given_names},
                 {"surname", a->surname},
                 {"second_surname", a->second_surname},
                 {"mail", a->mail},
                 {"mobile", a->mobile},
                 {"organisation", a->organisation},
                 {"post", a->post},
                 {"locality", a->locality},
                 {"profile", a->profile},
                 {"external_approval", a->external_approval}};
    json_t *object = json_object();
    put_number(object, "place", a->place);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        requests_json_put_text(object, texts[i].name, texts[i].text);
    put_flag(object, "central", a->central);
    put_flag(object, "has_key", a->spki.length > 0);
    return object;
}

static json_t *file_json(const struct evidence *e)
{
    json_t *object = json_object();
    requests_json_put_text(object, "kind", e->kind);
    requests_json_put_text(object, "name", e->name);
    requests_json_put_text(object, "type", e->type);
    requests_json_put_text(object, "sha256", e->blob);
    put_number(object, "size", (int64_t)e->size);
    requests_json_put_time(object, "added", e->added);
    requests_json_put_text(object, "scan", e->scan);
    put_flag(object, "checked", e->legible && e->complete && e->current);
    return object;
}

static json_t *event_json(const struct request_happening *h)
{
    json_t *object = json_object();
    requests_json_put_time(object, "time", h->time);
    requests_json_put_text(object, "state", slice_text(request_state_name(h->state)));
    requests_json_put_text(object, "by", h->name);
    requests_json_put_text(object, "note", h->note);
    return object;
}

json_t *requests_json_of(const struct requests_json_whole *whole)
{
    const struct request *r = whole->request;
    json_t *object = json_object(), *applicants = json_array(), *files = json_array(), *events = json_array();
    requests_json_put_text(object, "code", r->code);
    requests_json_put_text(object, "way", slice_text(request_way_name(r->way)));
    requests_json_put_text(object, "kind", r->kind);
    requests_json_put_text(object, "motive", r->motive);
    requests_json_put_text(object, "description", r->description);
    requests_json_put_text(object, "country", r->country);
    requests_json_put_text(object, "state", slice_text(request_state_name(r->state)));
    requests_json_put_text(object, "unit", whole->unit);
    requests_json_put_time(object, "created", r->created);
    requests_json_put_time(object, "sent", r->sent);
    requests_json_put_time(object, "taken", r->taken);
    requests_json_put_time(object, "concluded", r->concluded);
    requests_json_put_text(object, "note", r->note);
    put_flag(object, "in_person", r->in_person);
    put_flag(object, "external", r->external);
    for (size_t i = 0; i < r->applicant_count; i++)
        (void)json_array_append_new(applicants, applicant_json(&r->applicants[i]));
    for (size_t i = 0; i < whole->file_count; i++) (void)json_array_append_new(files, file_json(&whole->files[i]));
    for (size_t i = 0; i < whole->event_count; i++) (void)json_array_append_new(events, event_json(&whole->events[i]));
    (void)json_object_set_new(object, "applicants", applicants);
    (void)json_object_set_new(object, "evidence", files);
    (void)json_object_set_new(object, "events", events);
    return object;
}

/* ---- Certificates ---- */

json_t *requests_json_pem(slice der)
{
    struct buf pem;
    buf_init(&pem, PEM_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", der);
    json_t *text = buf_status(&pem) == RFD_OK ? requests_json_text(buf_slice(&pem)) : NULL;
    buf_dispose(&pem);
    return text;
}

json_t *requests_json_certificate(slice authority, const struct holding *holding)
{
    const struct certificate_row *row = &holding->row;
    char serial[SERIAL_DIGITS];
    struct buf digits = {.data = (uint8_t *)serial, .capacity = sizeof serial, .maximum = sizeof serial};
    json_t *object = json_object();
    buf_put_hex(&digits, row->serial, false);
    requests_json_put_text(object, "authority", authority);
    requests_json_put_text(object, "serial", buf_slice(&digits));
    requests_json_put_text(object, "profile", row->profile);
    requests_json_put_text(object, "subject", row->subject);
    requests_json_put_text(object, "number", holding->number);
    requests_json_put_text(object, "state", slice_text(certificate_state_name(row->state)));
    requests_json_put_time(object, "issued_at", row->issued_at);
    requests_json_put_time(object, "not_before", row->not_before);
    requests_json_put_time(object, "not_after", row->not_after);
    requests_json_put_time(object, "revoked_at", row->revoked_at);
    if (row->revoked_at != RFD_TIME_NONE)
        requests_json_put_text(object, "reason", slice_text(reason_name(row->reason)));
    (void)json_object_set_new(object, "certificate", requests_json_pem(row->der));
    return object;
}
