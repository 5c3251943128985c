/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/csc/item.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "http/field.h"

enum { PROPERTY_MAXIMUM = 200, NAMES_MAXIMUM = 1024 };

bool csc_item_decode(slice text, struct buf *out)
{
    size_t length = 0;
    buf_reset(out);
    uint8_t *to = buf_reserve(out, text.length / 4 * 3 + 3);
    if (to == NULL || text.length == 0 || !number_base64(text, to, &length)) return false;
    out->length = length;
    return length > 0;
}

/* ---- Members ---- */

/** A member of an entry, which is a text: CSC_REFUSED_NOT when it is not there. */
static enum csc_refusal read_text(const json_t *entry, const char *name, enum csc_refusal wrong, slice *out)
{
    const json_t *value = json_object_get(entry, name);
    *out = csc_json_text(value);
    return value == NULL || json_is_null(value) || json_is_string(value) ? CSC_REFUSED_NOT : wrong;
}

/** Of a digest both are said by the PDF, which is the portal's to write. */
static enum csc_refusal read_pdf_envelope(slice envelope, bool whole, struct csc_item *item)
{
    bool certification = slice_is(envelope, "Certification");
    if (envelope.length > 0 && !certification && !slice_is(envelope, "Revision")) return CSC_NO_ENVELOPE;
    item->certify = whole && (certification || envelope.length == 0);
    return CSC_REFUSED_NOT;
}

static enum csc_refusal read_cms_envelope(slice envelope, bool whole, struct csc_item *item)
{
    bool attached = slice_is(envelope, "Attached");
    if (envelope.length > 0 && !attached && !slice_is(envelope, "Detached")) return CSC_NO_ENVELOPE;
    if (attached && !whole) return CSC_NO_ENVELOPE;
    item->attached = whole && (attached || envelope.length == 0);
    return CSC_REFUSED_NOT;
}

static enum csc_refusal read_format(const json_t *entry, bool whole, struct csc_item *item)
{
    slice format, envelope;
    enum csc_refusal no = read_text(entry, "signature_format", CSC_NO_FORMAT_MISSING, &format);
    if (no == CSC_REFUSED_NOT) no = read_text(entry, "signed_envelope_property", CSC_NO_ENVELOPE, &envelope);
    if (no != CSC_REFUSED_NOT) return no;
    if (format.length == 0) return CSC_NO_FORMAT_MISSING;
    item->pdf = slice_is(format, "P");
    if (item->pdf) return read_pdf_envelope(envelope, whole, item);
    return slice_is(format, "C") ? read_cms_envelope(envelope, whole, item) : CSC_NO_FORMAT;
}

/** What stays valid for long needs the document itself, and a place in it. */
static enum csc_refusal read_level(const json_t *entry, bool whole, const char *service, struct csc_item *item)
{
    static const slice levels[] = {[RFD_LEVEL_B_B] = {(const uint8_t *)"ades-b-b", 8},
                                   [RFD_LEVEL_B_T] = {(const uint8_t *)"ades-b-t", 8},
                                   [RFD_LEVEL_B_LT] = {(const uint8_t *)"ades-b-lt", 9},
                                   [RFD_LEVEL_B_LTA] = {(const uint8_t *)"ades-b-lta", 10}};
    enum rfd_level most = service[0] == '\0' ? RFD_LEVEL_B_B : item->pdf && whole ? RFD_LEVEL_B_LTA : RFD_LEVEL_B_T;
    slice level;
    enum csc_refusal no = read_text(entry, "conformance_level", CSC_NO_LEVEL, &level);
    if (no != CSC_REFUSED_NOT || level.length == 0) return no;
    for (enum rfd_level l = RFD_LEVEL_B_B; l <= most; l++) {
        if (!http_equal_any_case(level, levels[l])) continue;
        item->level = l;
        return CSC_REFUSED_NOT;
    }
    return CSC_NO_LEVEL;
}

static enum csc_refusal read_algorithm(const struct csc_call *call, const json_t *entry, enum digest_id *out)
{
    slice algorithm, parameters, hash;
    enum digest_id named;
    enum csc_refusal no = read_text(entry, "signAlgo", CSC_NO_ALGORITHM_MISSING, &algorithm);
    if (no == CSC_REFUSED_NOT) no = read_text(entry, "signAlgoParams", CSC_NO_ALGORITHM_PARAMETERS, &parameters);
    if (no == CSC_REFUSED_NOT) no = read_text(entry, "hashAlgorithmOID", CSC_NO_DIGEST_MISSING, &hash);
    if (no != CSC_REFUSED_NOT) return no;
    if (algorithm.length == 0) return CSC_NO_ALGORITHM_MISSING;
    no = csc_algorithm(algorithm, parameters, hash, call->key.rsa, out);
    if (no != CSC_REFUSED_NOT || hash.length == 0) return no;
    named = csc_digest(hash);
    if (named == DIGEST_NONE) return CSC_NO_DIGEST_INVALID;
    return named == *out ? CSC_REFUSED_NOT : CSC_NO_CONTRADICTION;
}

/* ---- Properties ---- */

static bool is_plain(slice name)
{
    bool plain = name.length > 0 && name.length <= 64;
    for (size_t i = 0; i < name.length && plain; i++) {
        uint8_t c = name.data[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    }
    return plain;
}

/** Of the signature dictionary (EN 319 142-1 §5.3), which is part of what the keeper lets be appended to a whole PDF.
 * NULL: none that we have. */
static const char **place_of(struct csc_item *item, bool whole, slice name)
{
    if (!item->pdf || !whole) return NULL;
    if (slice_is(name, "Reason")) return &item->reason;
    if (slice_is(name, "Location")) return &item->location;
    if (slice_is(name, "Name")) return &item->name;
    return slice_is(name, "ContactInfo") ? &item->contact : NULL;
}

/** False when it cannot be in there: unknown, twice, without value, or a value that is no line of text in base64. */
static bool put_property(struct csc_call *call, const json_t *property, bool whole, struct csc_item *item)
{
    slice name = csc_json_text(json_object_get(property, "attribute_name"));
    slice value = csc_json_text(json_object_get(property, "attribute_value"));
    const char **to = place_of(item, whole, name);
    struct buf text;
    if (to == NULL || *to != NULL || value.length > 2 * PROPERTY_MAXIMUM) return false;
    buf_init(&text, 2 * PROPERTY_MAXIMUM);
    bool good = csc_item_decode(value, &text) && text.length <= PROPERTY_MAXIMUM && text_is_printable(buf_slice(&text));
    if (good) *to = arena_text(call->page->arena, buf_slice(&text));
    buf_dispose(&text);
    return good && *to != NULL;
}

/** Signed attributes are the keeper's to make: nothing can be added to them. */
static rfd_status read_properties(struct csc_call *call, const json_t *entry, bool whole, struct csc_item *item,
                                  struct rfd_error *error)
{
    const json_t *list = json_object_get(entry, "signed_props");
    struct buf names;
    bool good = list == NULL || json_is_null(list) || json_is_array(list);
    buf_init(&names, NAMES_MAXIMUM);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *property = json_array_get(list, i);
        slice name = csc_json_text(json_object_get(property, "attribute_name"));
        if (put_property(call, property, whole, item)) continue;
        good = false;
        if (is_plain(name))
            buf_print(&names, "%s%.*s", names.length == 0 ? " (" : ", ", (int)name.length, (const char *)name.data);
    }
    if (names.length > 0) buf_put_byte(&names, ')');
    const char *more = buf_status(&names) == RFD_OK ? arena_text(call->page->arena, buf_slice(&names)) : NULL;
    buf_dispose(&names);
    return good ? RFD_OK : csc_no_more(call, CSC_NO_PROPERTIES, more, error);
}

rfd_status csc_item_read(struct csc_call *call, const json_t *entry, bool whole, const char *service,
                         struct csc_item *out, struct rfd_error *error)
{
    struct csc_item item = {.level = RFD_LEVEL_B_B, .time = RFD_TIME_NONE};
    if (!json_is_object(entry)) return csc_no_parameter(call, whole ? "documents" : "documentDigests", error);
    enum csc_refusal no = read_algorithm(call, entry, &item.digest);
    if (no == CSC_REFUSED_NOT) no = read_format(entry, whole, &item);
    if (no == CSC_REFUSED_NOT) no = read_level(entry, whole, service, &item);
    if (no != CSC_REFUSED_NOT) return csc_no(call, no, error);
    TRY(read_properties(call, entry, whole, &item, error));
    *out = item;
    return RFD_OK;
}
