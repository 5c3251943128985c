/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading takes the lines apart without caring much, then writes what it found and compares: so there is one text for
 * an approval whatever the reader lets pass, and one place that knows what it looks like.
 */
#include "keeper/approval.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "pki/attribute.h"
#include "pki/cms/cms.h"

#define FIRST_LINE SLICE("Refrenda approval 1\n")
#define CENTRAL    SLICE("central")
#define CODE       SLICE("sign")

enum {
    PROFILE_NAME_MAXIMUM = 64,
    MOBILE_LEAST = 7, /* + and digits: E.164 has 15 at most */
    MOBILE_MOST = 16,
    HEX_SIZE = 2 * APPROVAL_HASH_SIZE
};

/* ---- What a value may be ---- */

/** UTF-8 without control characters (C0, DEL, C1) and without what turns writing around, so that the agent reads what
 * he signs; neither beginning nor ending with a blank. */
static bool is_value(slice s)
{
    if (s.length == 0 || s.data[0] == ' ' || s.data[s.length - 1] == ' ') return false;
    return text_is_printable(s);
}

/** Printable ASCII without blanks, as an IA5String in a certificate has to be. */
static bool is_address(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] <= ' ' || s.data[i] >= 0x7F) return false;
    }
    return s.length > 0;
}

static bool is_lower_digit_hyphen(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool is_profile(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (!is_lower_digit_hyphen(s.data[i])) return false;
    }
    return s.length > 0 && s.length <= PROFILE_NAME_MAXIMUM;
}

static bool is_request(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if (!is_lower_digit_hyphen(c) && c != '_' && (c < 'A' || c > 'Z')) return false;
    }
    return s.length > 0 && s.length <= APPROVAL_REQUEST_MAXIMUM;
}

static bool is_mobile(slice s)
{
    if (s.length < MOBILE_LEAST || s.length > MOBILE_MOST || s.data[0] != '+') return false;
    for (size_t i = 1; i < s.length; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') return false;
    }
    return true;
}

static bool are_addresses(const slice *addresses, size_t count)
{
    if (count > APPROVAL_NAMES_MAXIMUM) return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_address(addresses[i])) return false;
    }
    return true;
}

static bool is_subject(const struct approval *a)
{
    if (a->subject_count == 0 || a->subject_count > APPROVAL_SUBJECT_MAXIMUM) return false;
    for (size_t i = 0; i < a->subject_count; i++) {
        if (attribute_word(a->subject[i].type) == NULL || !is_value(a->subject[i].value)) return false;
    }
    return true;
}

/** The name of the first field that cannot be written, NULL when all can. */
static const char *find_fault(const struct approval *a)
{
    char text[CLOCK_TEXT_SIZE];
    rfd_time back;
    if (!is_profile(a->profile)) return "profile";
    if (!is_request(a->request)) return "request";
    if (!is_subject(a)) return "subject";
    if (!are_addresses(a->mails, a->mail_count)) return "mail";
    if (!are_addresses(a->hosts, a->host_count)) return "host";
    if (a->mobile.length > 0 && !is_mobile(a->mobile)) return "mobile";
    if (a->code && (!a->central || a->mobile.length == 0 || !approval_is_of_entity(a))) return "code";
    if (!clock_parse_iso(slice_text(clock_iso(a->time, text)), &back) || back != a->time) return "time";
    return NULL;
}

/* ---- Writing ---- */

static void put_line(struct buf *b, const char *name, slice value)
{
    buf_put_text(b, name);
    buf_put_text(b, ": ");
    buf_put_slice(b, value);
    buf_put_byte(b, '\n');
}

static void put_hash(struct buf *b, const char *name, const uint8_t hash[APPROVAL_HASH_SIZE])
{
    uint8_t text[HEX_SIZE];
    number_to_hex(slice_of(hash, APPROVAL_HASH_SIZE), false, text);
    put_line(b, name, slice_of(text, sizeof text));
}

static void put_text(struct buf *b, const struct approval *a)
{
    char time[CLOCK_TEXT_SIZE];
    buf_put_slice(b, FIRST_LINE);
    put_hash(b, "authority", a->authority);
    put_line(b, "profile", a->profile);
    put_line(b, "request", a->request);
    if (a->central)
        put_line(b, "key", CENTRAL);
    else
        put_hash(b, "key", a->key);
    for (size_t i = 0; i < a->subject_count; i++) {
        buf_put_text(b, "subject: ");
        buf_put_text(b, attribute_word(a->subject[i].type));
        buf_put_byte(b, '=');
        buf_put_slice(b, a->subject[i].value);
        buf_put_byte(b, '\n');
    }
    for (size_t i = 0; i < a->mail_count; i++) put_line(b, "mail", a->mails[i]);
    for (size_t i = 0; i < a->host_count; i++) put_line(b, "host", a->hosts[i]);
    if (a->mobile.length > 0) put_line(b, "mobile", a->mobile);
    if (a->code) put_line(b, "code", CODE);
    put_line(b, "time", slice_text(clock_iso(a->time, time)));
}

rfd_status approval_write(const struct approval *approval, struct buf *out, struct rfd_error *error)
{
    size_t before = out->length;
    const char *fault = find_fault(approval);
    if (fault != NULL) return error_set(error, RFD_E_ARGUMENT, "approval: %s", fault);
    put_text(out, approval);
    if (out->length - before <= APPROVAL_MAXIMUM) return buf_check(out, "approval", error);
    out->length = before;
    return error_set(error, RFD_E_ARGUMENT, "approval of more than %d octets", APPROVAL_MAXIMUM);
}

/* ---- Reading ---- */

/** Takes the value of the next line when it has this name. */
static bool take(slice *text, const char *name, slice *value)
{
    size_t length = strlen(name);
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->data, '\n', text->length);
    if (end == NULL) return false;
    slice line = slice_part(*text, 0, (size_t)(end - text->data));
    if (!slice_starts(line, slice_of(name, length)) || !slice_starts(slice_from(line, length), SLICE(": ")))
        return false;
    *value = slice_from(line, length + 2);
    *text = slice_from(*text, line.length + 1);
    return true;
}

static bool take_hash(slice *text, const char *name, uint8_t hash[APPROVAL_HASH_SIZE])
{
    slice value;
    return take(text, name, &value) && value.length == HEX_SIZE && number_hex(value, hash);
}

static bool take_key(slice *text, struct approval *a)
{
    slice after = *text;
    slice value;
    if (!take(&after, "key", &value) || !slice_equal(value, CENTRAL)) return take_hash(text, "key", a->key);
    a->central = true;
    *text = after;
    return true;
}

static bool take_subject(slice *text, struct approval *a)
{
    slice line;
    while (take(text, "subject", &line)) {
        const uint8_t *equals = line.length == 0 ? NULL : memchr(line.data, '=', line.length);
        if (equals == NULL || a->subject_count == APPROVAL_SUBJECT_MAXIMUM) return false;
        slice word = slice_part(line, 0, (size_t)(equals - line.data));
        enum oid_name type = attribute_from_word(word);
        if (type == OID_COUNT) return false;
        a->subject[a->subject_count++] = (struct approval_attribute){type, slice_from(line, word.length + 1)};
    }
    return true;
}

static bool take_addresses(slice *text, const char *name, slice *addresses, size_t *count)
{
    slice value;
    while (take(text, name, &value)) {
        if (*count == APPROVAL_NAMES_MAXIMUM) return false;
        addresses[(*count)++] = value;
    }
    return true;
}

static bool take_all(slice text, struct approval *a)
{
    slice time, code;
    if (!slice_starts(text, FIRST_LINE)) return false;
    text = slice_from(text, FIRST_LINE.length);
    if (!take_hash(&text, "authority", a->authority) || !take(&text, "profile", &a->profile) ||
        !take(&text, "request", &a->request) || !take_key(&text, a) || !take_subject(&text, a) ||
        !take_addresses(&text, "mail", a->mails, &a->mail_count) ||
        !take_addresses(&text, "host", a->hosts, &a->host_count))
        return false;
    (void)take(&text, "mobile", &a->mobile);
    a->code = take(&text, "code", &code);
    return take(&text, "time", &time) && clock_parse_iso(time, &a->time) && text.length == 0;
}

rfd_status approval_read(slice text, struct approval *out, struct rfd_error *error)
{
    uint8_t bytes[APPROVAL_MAXIMUM];
    struct buf again = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct approval a = {.subject_count = 0};
    if (text.length > APPROVAL_MAXIMUM) return error_set(error, RFD_E_APPROVAL, "text of %zu octets", text.length);
    if (!take_all(text, &a)) return error_set(error, RFD_E_APPROVAL, "not the text of an approval");
    const char *fault = find_fault(&a);
    if (fault != NULL) return error_set(error, RFD_E_APPROVAL, "%s", fault);
    put_text(&again, &a);
    if (buf_status(&again) != RFD_OK || !slice_equal(text, buf_slice(&again)))
        return error_set(error, RFD_E_APPROVAL, "not in the one form that approvals have");
    *out = a;
    return RFD_OK;
}

rfd_status approval_content(slice signed_data, slice *text, struct rfd_error *error)
{
    struct cms_peeked inside;
    if (signed_data.length > APPROVAL_SIGNED_MAXIMUM)
        return error_set(error, RFD_E_APPROVAL, "SignedData of %zu octets", signed_data.length);
    TRY(cms_peek(signed_data, &inside, error));
    if (inside.has_content && slice_equal(inside.content_type, oid(OID_DATA))) {
        *text = inside.content;
        return RFD_OK;
    }
    return error_set(error, RFD_E_APPROVAL, "no SignedData in DER with the text inside (RFC 5652 §5.2)");
}

/* ---- Whom it is of ---- */

/** The only value of an attribute; empty when there is none, or more than one. */
static slice only_value(const struct approval *a, enum oid_name type)
{
    slice found = SLICE_EMPTY;
    for (size_t i = 0; i < a->subject_count; i++) {
        if (a->subject[i].type != type) continue;
        if (found.length > 0) return SLICE_EMPTY;
        found = a->subject[i].value;
    }
    return found;
}

/** Besides its name and number. */
static bool is_of_legal_persons(enum oid_name type)
{
    static const enum oid_name types[] = {OID_COUNTRY,
                                          OID_STATE,
                                          OID_LOCALITY,
                                          OID_STREET,
                                          OID_POSTAL_CODE,
                                          OID_ORGANIZATION,
                                          OID_ORGANIZATIONAL_UNIT,
                                          OID_ORGANIZATION_IDENTIFIER,
                                          OID_BUSINESS_CATEGORY,
                                          OID_COMMON_NAME};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i] == type) return true;
    }
    return false;
}

/** Three letters of a register of legal persons, two of a country, and a hyphen (EN 319 412-1 §5.1.4). */
static bool is_organization_number(slice s)
{
    static const char registers[][4] = {"VAT", "NTR", "LEI"};
    enum { HEAD = 6 };
    if (s.length <= HEAD || s.data[HEAD - 1] != '-') return false;
    for (size_t i = 3; i < HEAD - 1; i++) {
        if (s.data[i] < 'A' || s.data[i] > 'Z') return false;
    }
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        if (memcmp(s.data, registers[i], 3) == 0) return true;
    }
    return false;
}

bool approval_is_of_entity(const struct approval *a)
{
    for (size_t i = 0; i < a->subject_count; i++) {
        if (!is_of_legal_persons(a->subject[i].type)) return false;
    }
    return only_value(a, OID_ORGANIZATION).length > 0 &&
           is_organization_number(only_value(a, OID_ORGANIZATION_IDENTIFIER));
}

slice approval_holder(const struct approval *a)
{
    return only_value(a, approval_is_of_entity(a) ? OID_ORGANIZATION_IDENTIFIER : OID_SERIAL_NUMBER);
}
