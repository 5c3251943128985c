/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/registration_answer.h"

#include "api/registration/requests_json.h"
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/reason.h"

enum { ANSWER_MAXIMUM = 1 << 20, PEM_LINE = 48 /* octets */ };

/* --- One certificate: written as it is, since this is done for each that is issued ------------------------------- */

static void put_name(struct buf *b, const char *name)
{
    buf_put_byte(b, b->length == 0 ? '{' : ',');
    buf_put_byte(b, '"');
    buf_put_text(b, name);
    buf_put_text(b, "\":\"");
}

/** RFC 8259 §7; text in the register is UTF-8. */
static void put_text(struct buf *b, const char *name, slice text)
{
    put_name(b, name);
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '"' || c == '\\') buf_put_byte(b, '\\');
        if (c >= 0x20) {
            buf_put_byte(b, c);
        } else {
            buf_put_text(b, "\\u00");
            buf_put_hex(b, slice_of(&c, 1), false);
        }
    }
    buf_put_byte(b, '"');
}

static void put_time(struct buf *b, const char *name, rfd_time time)
{
    char text[CLOCK_TEXT_SIZE];
    put_text(b, name, slice_text(clock_iso(time, text)));
}

static void put_serial(struct buf *b, slice serial)
{
    put_name(b, "serial");
    buf_put_hex(b, serial, false);
    buf_put_byte(b, '"');
}

/** PEM, the ends of its lines as JSON has them. */
static void put_pem(struct buf *b, slice der)
{
    put_name(b, "certificate");
    buf_put_text(b, "-----BEGIN CERTIFICATE-----\\n");
    for (size_t at = 0; at < der.length; at += PEM_LINE) {
        buf_put_base64(b, slice_part(der, at, PEM_LINE));
        buf_put_text(b, "\\n");
    }
    buf_put_text(b, "-----END CERTIFICATE-----\\n\"");
}

static void put_certificate(struct buf *b, slice authority, const struct certificate_row *row)
{
    put_text(b, "authority", authority);
    put_serial(b, row->serial);
    put_text(b, "profile", row->profile);
    put_text(b, "state", slice_text(certificate_state_name(row->state)));
    put_text(b, "request", row->request);
    put_time(b, "issued_at", row->issued_at);
    put_time(b, "not_before", row->not_before);
    put_time(b, "not_after", row->not_after);
    put_pem(b, row->der);
    if (row->revoked_at != RFD_TIME_NONE) {
        put_time(b, "revoked_at", row->revoked_at);
        put_text(b, "reason", slice_text(reason_name(row->reason)));
    }
    buf_put_byte(b, '}');
}

rfd_status registration_answer_certificate(struct http_response *response, slice authority,
                                           const struct certificate_row *row, struct rfd_error *error)
{
    enum { FIXED = 1024, ESCAPED = 6 /* octets that one may become */ };
    size_t size =
        FIXED + ESCAPED * (authority.length + row->profile.length + row->request.length) + row->der.length * 3 / 2;
    uint8_t *memory = size > ANSWER_MAXIMUM ? NULL : arena_allocate(response->arena, size);
    if (memory == NULL) return error_memory(error);
    struct buf b = {.data = memory, .capacity = size, .maximum = size};
    put_certificate(&b, authority, row);
    TRY(buf_check(&b, "answer", error));
    http_response_body(response, "application/json", buf_slice(&b));
    http_response_cache(response, HTTP_NO_STORE, 0);
    return RFD_OK;
}

/* --- Authorities -------------------------------------------------------------------------------------------------- */

rfd_status registration_answer_authorities(struct http_response *response, const struct authority_list *list,
                                           struct rfd_error *error)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct authority *authority = &list->items[i];
        if (authority->key.length == 0) continue;
        (void)json_array_append_new(items, json_pack("{s:o, s:o}", "name", requests_json_text(authority->name),
                                                     "certificate", requests_json_pem(authority->certificate)));
    }
    return requests_json_answer(response, json_pack("{s:o}", "authorities", items), error);
}
