/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was sent: strict JSON of bounded depth, parameters by their method's table, and how it is refused.
 */
#include "base/error.h"
#include "web/csc/api.h"

/* ---- Refusing ---- */

rfd_status csc_no(struct csc_call *call, enum csc_refusal refusal, struct rfd_error *error)
{
    call->refused = csc_refusal_row(refusal, call->version);
    return error_set(error, RFD_E_REQUEST, "%s", call->refused.description);
}

rfd_status csc_no_more(struct csc_call *call, enum csc_refusal refusal, const char *more, struct rfd_error *error)
{
    rfd_status status = csc_no(call, refusal, error);
    const char *text = more == NULL ? NULL : arena_print(call->page->arena, "%s%s", call->refused.description, more);
    if (text != NULL) call->refused.description = text;
    return status;
}

static const struct csc_parameter *parameter_of(const struct csc_call *call, const char *name)
{
    const struct csc_parameter *p = call->method->parameters;
    while (p->name != NULL && strcmp(p->name, name) != 0) p++;
    return p;
}

static rfd_status no_row(struct csc_call *call, const char *name, const char *description, struct rfd_error *error)
{
    call->refused = (struct csc_refusal_row){name, 400, "invalid_request", description};
    return error_set(error, RFD_E_REQUEST, "%s", description);
}

rfd_status csc_no_parameter(struct csc_call *call, const char *name, struct rfd_error *error)
{
    return no_row(call, name, parameter_of(call, name)->wrong, error);
}

/* ---- The body ---- */

/** Looked at before it is read: reading goes down as deep as what was sent. */
static bool is_shallow(slice json)
{
    unsigned depth = 0;
    bool text = false;
    for (size_t i = 0; i < json.length; i++) {
        uint8_t c = json.data[i];
        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == '{' || c == '[') && ++depth > CSC_JSON_DEPTH)
            return false;
        else if (!text && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return true;
}

json_t *csc_read_body(slice body)
{
    if (body.length == 0) return json_object();
    json_t *read =
        !is_shallow(body) ? NULL : json_loadb((const char *)body.data, body.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(read)) return read;
    json_decref(read);
    return NULL;
}

const json_t *csc_value(const struct csc_call *call, const char *name)
{
    const json_t *value = json_object_get(call->body, name);
    return json_is_null(value) ? NULL : value;
}

slice csc_json_text(const json_t *value)
{
    return json_is_string(value) ? slice_of(json_string_value(value), json_string_length(value)) : SLICE_EMPTY;
}

slice csc_text(const struct csc_call *call, const char *name)
{
    return csc_json_text(csc_value(call, name));
}

bool csc_switch(const struct csc_call *call, const char *name)
{
    return json_is_true(csc_value(call, name));
}

static bool is_of_type(const struct csc_parameter *p, const json_t *value)
{
    switch (p->type) {
    case CSC_TEXT: return json_is_string(value);
    case CSC_INTEGER: return json_is_integer(value);
    case CSC_SWITCH: return json_is_boolean(value);
    case CSC_ARRAY: return json_is_array(value);
    case CSC_ARRAY_OR_TEXT: return json_is_array(value) || json_is_string(value);
    }
    return false;
}

rfd_status csc_check_parameters(struct csc_call *call, struct rfd_error *error)
{
    for (const struct csc_parameter *p = call->method->parameters; p->name != NULL; p++) {
        const json_t *value = csc_value(call, p->name);
        size_t maximum = p->maximum == 0 ? CSC_TEXT_MAXIMUM : p->maximum;
        if (value == NULL && !p->required) continue;
        if (!is_of_type(p, value)) return no_row(call, p->name, p->wrong, error);
        if (p->type == CSC_TEXT && json_string_length(value) > maximum)
            return no_row(call, p->name, p->invalid == NULL ? p->wrong : p->invalid, error);
    }
    return RFD_OK;
}
