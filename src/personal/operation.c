/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading takes the lines apart without caring much, then writes what it found and compares: so there is one text for
 * an operation whatever the reader lets pass.
 */
#include "personal/operation.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/letter.h"
#include "base/number.h"
#include "base/text.h"
#include "keeper/hpke.h"

#define FIRST_LINE SLICE("Refrenda operation 1\n")
#define INFO_LABEL SLICE("refrenda-activation-1")

enum {
    CREDENTIAL_DIGITS = PERSONAL_ID_SIZE - 1,
    HASH_DIGITS = 2 * OPERATION_HASH_SIZE,
    MOBILE_LEAST = 7, /* + and digits: E.164 has 15 at most */
    MOBILE_MOST = 16
};

/* ---- Kinds: which lines each has ---- */

static const struct kind {
    const char *name;
    bool credential, approval, mobile, documents;
} kinds[OPERATION_KINDS] = {
    [OPERATION_NONE] = {.name = ""},
    [OPERATION_SIGN] = {.name = "sign", .credential = true, .documents = true},
    [OPERATION_GENERATE] = {.name = "generate", .approval = true},
    [OPERATION_PASSWORD] = {.name = "password", .credential = true},
    [OPERATION_MOBILE] = {.name = "mobile", .credential = true, .mobile = true},
    [OPERATION_TOTP] = {.name = "totp", .credential = true},
    [OPERATION_DESTROY] = {.name = "destroy", .credential = true},
    [OPERATION_CODE] = {.name = "code", .credential = true},
};
static const char *const ofs[] = {[OPERATION_OF_DOCUMENTS] = "documents", [OPERATION_OF_BOTH] = "both"};
static const enum digest_id digests[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};

const char *operation_kind_name(enum operation_kind kind)
{
    return kind > OPERATION_NONE && kind < OPERATION_KINDS ? kinds[kind].name : "";
}

static enum operation_kind kind_from_name(slice name)
{
    for (enum operation_kind k = OPERATION_SIGN; k < OPERATION_KINDS; k++) {
        if (slice_is(name, kinds[k].name)) return k;
    }
    return OPERATION_NONE;
}

static enum digest_id digest_from_exact_name(slice name)
{
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        if (slice_is(name, digest_name(digests[i]))) return digests[i];
    }
    return DIGEST_NONE;
}

/* ---- What a value may be ---- */

/** Whose name it is must be told by reading: no blanks but plain ones, no marks that show nothing. */
static bool is_name(slice s)
{
    while (s.length > 0) {
        if (letter_is_unseen(text_next(&s))) return false;
    }
    return true;
}

/** Text that is read as it is written, neither beginning nor ending with a blank. */
static bool is_shown(slice s, size_t maximum)
{
    if (s.length == 0 || s.length > maximum || s.data[0] == ' ' || s.data[s.length - 1] == ' ') return false;
    return text_is_printable(s);
}

bool operation_is_portal(slice name)
{
    return is_shown(name, OPERATION_PORTAL_MAXIMUM) && is_name(name);
}

static bool is_lower_hex(slice s, size_t digits)
{
    for (size_t i = 0; i < s.length; i++) {
        if (number_hex_digit(s.data[i]) < 0 || (s.data[i] >= 'A' && s.data[i] <= 'F')) return false;
    }
    return s.length == digits;
}

static bool is_mobile(slice s)
{
    if (s.length < MOBILE_LEAST || s.length > MOBILE_MOST || s.data[0] != '+') return false;
    for (size_t i = 1; i < s.length; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') return false;
    }
    return true;
}

static bool are_documents(const struct operation_text *o, size_t hash_size)
{
    if (o->count == 0 || o->count > PERSONAL_HASHES_MAXIMUM) return false;
    for (size_t i = 0; i < o->count; i++) {
        if (!is_shown(o->documents[i].title, OPERATION_TITLE_MAXIMUM) || o->documents[i].hash.length != hash_size)
            return false;
    }
    return true;
}

/** The name of the first field that cannot be written, NULL when all can. A document's hash has `hash_factor` octets
 * for each of the digest's: 2 when they are digits. */
static const char *find_fault(const struct operation_text *o, size_t hash_factor)
{
    char text[CLOCK_TEXT_SIZE];
    rfd_time back;
    if (o->kind <= OPERATION_NONE || o->kind >= OPERATION_KINDS) return "kind";
    const struct kind *k = &kinds[o->kind];
    if (k->credential ? !is_lower_hex(o->credential, CREDENTIAL_DIGITS) : o->credential.length > 0) return "credential";
    if (!operation_is_portal(o->portal)) return "portal";
    if (k->mobile ? !is_mobile(o->mobile) : o->mobile.length > 0) return "mobile";
    if (k->documents && digest_from_exact_name(slice_text(digest_name(o->digest))) == DIGEST_NONE) return "digest";
    if (k->documents ? o->of > OPERATION_OF_BOTH : o->of != OPERATION_OF_HASHES) return "of";
    if (k->documents ? !are_documents(o, hash_factor * digest_size(o->digest)) : o->count > 0) return "document";
    if (!clock_parse_iso(slice_text(clock_iso(o->time, text)), &back) || back != o->time) return "time";
    return NULL;
}

/* ---- Writing ---- */

static void put_line(struct buf *b, const char *name, slice value)
{
    buf_put_text(b, name);
    buf_put_slice(b, value);
    buf_put_byte(b, '\n');
}

static void put_hex_line(struct buf *b, const char *name, slice bytes)
{
    buf_put_text(b, name);
    buf_put_hex(b, bytes, false);
    buf_put_byte(b, '\n');
}

/** With `digits`, the documents' hashes are hexadecimal digits already. */
static void put_document(struct buf *b, const struct operation_document *d, bool digits)
{
    buf_put_text(b, "document: ");
    buf_put_hex(b, slice_of(d->shown, sizeof d->shown), false);
    buf_put_byte(b, ' ');
    buf_put_slice(b, d->title);
    buf_put_byte(b, '\n');
    if (digits)
        put_line(b, "hash: ", d->hash);
    else
        put_hex_line(b, "hash: ", d->hash);
}

static void put_text(struct buf *b, const struct operation_text *o, bool digits)
{
    char time[CLOCK_TEXT_SIZE];
    const struct kind *k = &kinds[o->kind];
    buf_put_slice(b, FIRST_LINE);
    put_line(b, "kind: ", slice_text(k->name));
    if (k->credential) put_line(b, "credential: ", o->credential);
    if (k->approval) put_hex_line(b, "approval: ", slice_of(o->approval, sizeof o->approval));
    put_line(b, "portal: ", o->portal);
    if (k->mobile) put_line(b, "mobile: ", o->mobile);
    if (k->documents) put_line(b, "digest: ", slice_text(digest_name(o->digest)));
    if (o->of != OPERATION_OF_HASHES) put_line(b, "of: ", slice_text(ofs[o->of]));
    for (size_t i = 0; i < o->count; i++) put_document(b, &o->documents[i], digits);
    put_line(b, "time: ", slice_text(clock_iso(o->time, time)));
}

rfd_status operation_write(const struct operation_text *operation, struct buf *out, struct rfd_error *error)
{
    size_t before = out->length;
    const char *fault = find_fault(operation, 1);
    if (fault != NULL) return error_set(error, RFD_E_ARGUMENT, "operation: %s", fault);
    put_text(out, operation, false);
    if (out->length - before <= PERSONAL_TEXT_MAXIMUM) return buf_check(out, "operation", error);
    out->length = before;
    return error_set(error, RFD_E_ARGUMENT, "operation of more than %d octets", PERSONAL_TEXT_MAXIMUM);
}

/* ---- Reading ---- */

/** Takes the value of the next line when it has this name. */
static bool take(slice *text, slice name, slice *value)
{
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->data, '\n', text->length);
    if (end == NULL || !slice_starts(*text, name)) return false;
    size_t length = (size_t)(end - text->data);
    if (length < name.length) return false;
    *value = slice_part(*text, name.length, length - name.length);
    *text = slice_from(*text, length + 1);
    return true;
}

/** Takes one document and its hash. */
static rfd_status take_document(slice *text, size_t maximum, struct operation_text *o, struct rfd_error *error)
{
    slice line;
    if (!take(text, SLICE("document: "), &line)) return error_set(error, RFD_E_ARGUMENT, "operation: document");
    if (o->count == maximum) return error_set(error, RFD_E_LIMIT, "operation of more than %zu documents", maximum);
    struct operation_document *d = &o->documents[o->count];
    if (line.length <= HASH_DIGITS || !number_hex(slice_part(line, 0, HASH_DIGITS), d->shown) ||
        !take(text, SLICE("hash: "), &d->hash) || !is_lower_hex(d->hash, 2 * digest_size(o->digest)))
        return error_set(error, RFD_E_ARGUMENT, "operation: document %zu", o->count + 1);
    d->title = slice_from(line, HASH_DIGITS + 1);
    o->count++;
    return RFD_OK;
}

/** Of one that has no such line: hashes. */
static bool take_of(slice *text, struct operation_text *o)
{
    slice value;
    if (!take(text, SLICE("of: "), &value)) return true;
    o->of = slice_is(value, ofs[OPERATION_OF_BOTH]) ? OPERATION_OF_BOTH : OPERATION_OF_DOCUMENTS;
    return slice_is(value, ofs[o->of]);
}

static bool take_head(slice *text, struct operation_text *o)
{
    slice value;
    if (!slice_starts(*text, FIRST_LINE)) return false;
    *text = slice_from(*text, FIRST_LINE.length);
    if (!take(text, SLICE("kind: "), &value)) return false;
    o->kind = kind_from_name(value);
    const struct kind *k = &kinds[o->kind];
    if (k->credential && !take(text, SLICE("credential: "), &o->credential)) return false;
    if (k->approval &&
        (!take(text, SLICE("approval: "), &value) || value.length != HASH_DIGITS || !number_hex(value, o->approval)))
        return false;
    if (!take(text, SLICE("portal: "), &o->portal)) return false;
    if (k->mobile && !take(text, SLICE("mobile: "), &o->mobile)) return false;
    if (!k->documents) return true;
    if (!take(text, SLICE("digest: "), &value)) return false;
    o->digest = digest_from_exact_name(value);
    return o->digest != DIGEST_NONE && take_of(text, o);
}

static rfd_status compare(slice text, const struct operation_text *o, struct rfd_error *error)
{
    struct buf again;
    const char *fault = find_fault(o, 2);
    if (fault != NULL) return error_set(error, RFD_E_ARGUMENT, "operation: %s", fault);
    buf_init(&again, text.length + 1);
    put_text(&again, o, true);
    bool same = buf_status(&again) == RFD_OK && slice_equal(text, buf_slice(&again));
    bool no_memory = buf_status(&again) == RFD_E_MEMORY;
    buf_dispose(&again);
    if (no_memory) return error_memory(error);
    return same ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "not in the one form that operations have");
}

rfd_status operation_read(slice text, struct operation_document *documents, size_t maximum, struct operation_text *out,
                          struct rfd_error *error)
{
    struct operation_text o = {.documents = documents};
    slice rest = text;
    slice time;
    if (text.length > PERSONAL_TEXT_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "operation of %zu octets", text.length);
    if (text.length == 0 || !take_head(&rest, &o))
        return error_set(error, RFD_E_ARGUMENT, "not the text of an operation");
    while (kinds[o.kind].documents && slice_starts(rest, SLICE("document: ")))
        TRY(take_document(&rest, maximum, &o, error));
    if (!take(&rest, SLICE("time: "), &time) || !clock_parse_iso(time, &o.time) || rest.length > 0)
        return error_set(error, RFD_E_ARGUMENT, "operation: time");
    TRY(compare(text, &o, error));
    *out = o;
    return RFD_OK;
}

size_t operation_hash(const struct operation_document *document, uint8_t hash[DIGEST_SIZE_MAXIMUM])
{
    if (document->hash.length > 2 * (size_t)DIGEST_SIZE_MAXIMUM || !number_hex(document->hash, hash)) return 0;
    return document->hash.length / 2;
}

/* ---- What an activation is bound to ---- */

/** Of an app's secret, the point that it is encrypted to: a browser whose key was exchanged on the way proves nothing.
 */
static rfd_status put_point(const struct operation_text *operation, struct buf *out, struct rfd_error *error)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    if (operation->kind != OPERATION_TOTP) return RFD_OK;
    if (operation->point.length != HPKE_POINT_SIZE) return error_set(error, RFD_E_ARGUMENT, "the point of an app");
    TRY(digest_of(DIGEST_SHA256, operation->point, hash, error));
    buf_put(out, hash, sizeof hash);
    return RFD_OK;
}

rfd_status personal_activation_info(slice text, const struct operation_text *operation,
                                    const uint8_t nonce[PERSONAL_NONCE_SIZE], struct buf *out, struct rfd_error *error)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    TRY(digest_of(DIGEST_SHA256, text, hash, error));
    buf_put_slice(out, INFO_LABEL);
    buf_put_byte(out, 0);
    if (operation->kind == OPERATION_GENERATE)
        buf_put_hex(out, slice_of(operation->approval, sizeof operation->approval), false);
    else
        buf_put_slice(out, operation->credential);
    buf_put_byte(out, 0);
    buf_put_text(out, operation_kind_name(operation->kind));
    buf_put_byte(out, 0);
    buf_put(out, hash, sizeof hash);
    buf_put(out, nonce, PERSONAL_NONCE_SIZE);
    TRY(put_point(operation, out, error));
    return buf_check(out, "activation", error);
}
