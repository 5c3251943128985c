/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates as JSON. What is not there is left out; moments are RFC 3339 in UTC.
 */
#ifndef API_REQUESTS_JSON_H
#define API_REQUESTS_JSON_H

#include "domain/list/list.h"
#include "domain/registration/evidence.h"
#include "http/response.h"

#include <jansson.h>

/** Takes `object` over (NULL: there was no memory for it). */
rfd_status requests_json_answer(struct http_response *response, json_t *object, struct rfd_error *error) RFD_MUST_CHECK;
json_t *requests_json_text(slice text);
/** A certificate in PEM; NULL without memory. */
json_t *requests_json_pem(slice der);
void requests_json_put_time(json_t *object, const char *name, rfd_time moment);
void requests_json_put_text(json_t *object, const char *name, slice text);

/** One row of a list, by the columns' names. */
json_t *requests_json_row(const struct list_definition *list, const struct store_value *values);
struct requests_json_whole {
    const struct request *request;
    slice unit; /* its code */
    const struct evidence *files;
    size_t file_count;
    const struct request_happening *events;
    size_t event_count;
};
json_t *requests_json_of(const struct requests_json_whole *whole);
json_t *requests_json_certificate(slice authority, const struct holding *holding);

#endif
