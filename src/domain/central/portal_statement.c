/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/portal_statement.h"

#include "base/i18n.h"
#include "base/number.h"
#include "base/url.h"
#include "domain/oidc/jws.h"

#include <jansson.h>

enum { AHEAD_SECONDS = 300, AGE_MOST = 8 * 86400, HEADER_ARENA = 16 << 10, HASH_DIGITS = 64 };

/** jws_verify_key() looks at everything else in the header. */
static bool has_type(slice statement)
{
    struct arena arena;
    const uint8_t *dot = memchr(statement.data, '.', statement.length);
    if (dot == NULL) return false;
    arena_init(&arena, HEADER_ARENA);
    slice text = url_read_base64(slice_part(statement, 0, (size_t)(dot - statement.data)), &arena);
    json_t *header = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(header, "typ"));
    bool good = type != NULL && strcmp(type, "documents+jwt") == 0;
    json_decref(header);
    arena_dispose(&arena);
    return good;
}

static bool same_hash(slice blob, const json_t *stated)
{
    uint8_t own[HASH_DIGITS / 2], other[HASH_DIGITS / 2];
    const char *text = json_string_value(stated);
    return text != NULL && strlen(text) == HASH_DIGITS && blob.length == HASH_DIGITS &&
           number_hex(slice_text(text), other) && number_hex(blob, own) && memcmp(own, other, sizeof own) == 0;
}

static bool are_documents(const json_t *list, const struct signing *wanted)
{
    if (!json_is_array(list) || json_array_size(list) != wanted->count) return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!same_hash(wanted->documents[i].blob, json_array_get(list, i))) return false;
    return true;
}

/** So that the keeper takes it at any moment before `ends`. */
static bool holds_until(const json_t *claims, rfd_time now, rfd_time ends)
{
    const json_t *issued = json_object_get(claims, "iat"), *expires = json_object_get(claims, "exp");
    json_int_t from = json_integer_value(issued), to = json_integer_value(expires);
    json_int_t last = ends / RFD_SECOND + (ends % RFD_SECOND != 0);
    return json_is_integer(issued) && json_is_integer(expires) && from >= 0 &&
           from <= now / RFD_SECOND + AHEAD_SECONDS && to >= last && to - AGE_MOST <= from;
}

const char *portal_statement_fault(const struct signing *wanted, slice key, rfd_time now)
{
    json_t *claims = NULL;
    const char *fault = NULL;
    slice statement = wanted->statement;
    if (key.length == 0 && statement.length == 0) return NULL;
    if (key.length == 0) return N_("The keeper of keys does not know this portal's key, so that it takes no statement");
    if (statement.length == 0)
        return N_("The keeper of keys knows this portal's key: each operation needs a statement");
    if (!has_type(statement) || jws_verify_key(statement, key, &claims, NULL) != RFD_OK)
        return N_("This is no JWS of the type documents+jwt by the key that the keeper knows");
    if (!are_documents(json_object_get(claims, "documents"), wanted))
        fault = N_("It states other documents than these, or in another order");
    else if (!holds_until(claims, now, wanted->ends))
        fault = N_("It has to hold until the operation ends (exp), and for eight days from iat at most");
    json_decref(claims);
    return fault;
}
