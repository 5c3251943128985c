/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/registration_answer.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/reason.h"
#include "pki/certificate/pem.h"

#include <jansson.h>

enum { ANSWER_MAXIMUM = 1 << 20, SERIAL_TEXT = 48 };

/** Takes `object` over. */
static rfd_status put_json(struct http_response *response, json_t *object, struct rfd_error *error)
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

static json_t *text_of(slice text)
{
    return json_stringn(text.data == NULL ? "" : (const char *)text.data, text.length);
}

static json_t *time_of(rfd_time time)
{
    char text[CLOCK_TEXT_SIZE];
    return json_string(clock_iso(time, text));
}

static json_t *pem_of(slice der)
{
    struct buf pem;
    buf_init(&pem, ANSWER_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", der);
    json_t *text = pem.status == RFD_OK ? text_of(buf_slice(&pem)) : NULL;
    buf_dispose(&pem);
    return text;
}

static json_t *hex_of(slice bytes)
{
    uint8_t room[SERIAL_TEXT];
    struct buf hex = {.data = room, .capacity = sizeof room, .maximum = sizeof room};
    buf_put_hex(&hex, bytes, false);
    return hex.status == RFD_OK ? text_of(buf_slice(&hex)) : NULL;
}

rfd_status registration_answer_certificate(struct http_response *response, slice authority,
                                           const struct certificate_row *row, struct rfd_error *error)
{
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "authority", text_of(authority), "serial",
                  hex_of(row->serial), "profile", text_of(row->profile), "state", certificate_state_name(row->state),
                  "request", text_of(row->request), "issued_at", time_of(row->issued_at), "not_before",
                  time_of(row->not_before), "not_after", time_of(row->not_after), "certificate", pem_of(row->der));
    if (object != NULL && row->revoked_at != RFD_TIME_NONE) {
        (void)json_object_set_new(object, "revoked_at", time_of(row->revoked_at));
        (void)json_object_set_new(object, "reason", json_string(reason_name(row->reason)));
    }
    return put_json(response, object, error);
}

rfd_status registration_answer_authorities(struct http_response *response, const struct authority_list *list,
                                           struct rfd_error *error)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct authority *authority = &list->items[i];
        if (authority->key.length == 0) continue;
        (void)json_array_append_new(items, json_pack("{s:o, s:o}", "name", text_of(authority->name), "certificate",
                                                     pem_of(authority->certificate)));
    }
    return put_json(response, json_pack("{s:o}", "authorities", items), error);
}
