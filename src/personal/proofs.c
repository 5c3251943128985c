/* SPDX-License-Identifier: EUPL-1.2
 *
 * A JSON object (RFC 8259) whose members are texts, taken apart where it lies: passwords are in one place in memory,
 * which is wiped. A library would leave copies.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

enum { UNICODE_DIGITS = 4, UTF8_MOST = 4, SURROGATES = 0xD800, LOW_SURROGATES = 0xDC00, SURROGATES_END = 0xE000 };

/** Reads at `at`, writes at `to`, which is never before it: what is decoded is no longer than what it is decoded from.
 */
struct reader {
    uint8_t *at, *end, *to;
};

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static bool take(struct reader *r, uint8_t c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool take_unit(struct reader *r, uint32_t *unit)
{
    uint8_t octets[UNICODE_DIGITS / 2];
    if (r->end - r->at < UNICODE_DIGITS || !number_hex(slice_of(r->at, UNICODE_DIGITS), octets)) return false;
    *unit = (uint32_t)octets[0] << 8 | octets[1];
    r->at += UNICODE_DIGITS;
    return true;
}

/** After "\u" (RFC 8259 §7): pairs of surrogates are one character, one alone is none. */
static bool take_escaped_unicode(struct reader *r)
{
    uint32_t high, low;
    uint8_t octets[UTF8_MOST];
    struct buf b = {.data = octets, .capacity = sizeof octets, .maximum = sizeof octets};
    if (!take_unit(r, &high)) return false;
    if (high >= SURROGATES && high < SURROGATES_END) {
        if (high >= LOW_SURROGATES || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u') return false;
        r->at += 2;
        if (!take_unit(r, &low) || low < LOW_SURROGATES || low >= SURROGATES_END) return false;
        high = 0x10000 + ((high - SURROGATES) << 10) + (low - LOW_SURROGATES);
    }
    text_put_utf8(&b, high);
    memcpy(r->to, octets, b.length);
    r->to += b.length;
    secret_wipe(octets, sizeof octets);
    return b.length > 0;
}

static bool take_escaped(struct reader *r)
{
    static const char from[] = "\"\\/bfnrt";
    static const char into[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end) return false;
    uint8_t c = *r->at++;
    if (c == 'u') return take_escaped_unicode(r);
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL) return false;
    *r->to++ = (uint8_t)into[found - from];
    return true;
}

static bool take_text(struct reader *r, slice *out)
{
    if (!take(r, '"')) return false;
    const uint8_t *begin = r->to = r->at;
    while (r->at < r->end && *r->at != '"') {
        if (*r->at < ' ') return false;
        if (*r->at != '\\') {
            *r->to++ = *r->at++;
            continue;
        }
        r->at++;
        if (!take_escaped(r)) return false;
    }
    if (r->at == r->end) return false;
    r->at++;
    *out = slice_of(begin, (size_t)(r->to - begin));
    return text_is_utf8(*out);
}

/** Puts the value where its name says; each comes once. */
static bool put(struct proofs *p, slice name, slice value)
{
    const struct {
        const char *name;
        slice *to;
    } members[] = {{"password", &p->password},
                   {"code", &p->code},
                   {"newPassword", &p->new_password},
                   {"secondCode", &p->second_code}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!slice_is(name, members[i].name)) continue;
        if (members[i].to->data != NULL || value.length > PROOF_MAXIMUM) return false;
        *members[i].to = value;
        return true;
    }
    return false;
}

static bool take_object(struct reader *r, struct proofs *p)
{
    slice name, value;
    if (!take(r, '{')) return false;
    do {
        if (!take_text(r, &name) || !take(r, ':') || !take_text(r, &value) || !put(p, name, value)) return false;
    } while (take(r, ','));
    if (!take(r, '}')) return false;
    skip_blanks(r);
    return r->at == r->end;
}

rfd_status proofs_read(struct proofs *p, struct rfd_error *error)
{
    struct reader r = {.at = p->bytes.data, .to = p->bytes.data};
    if (p->bytes.length > 0) {
        r.end = r.at + p->bytes.length;
        if (take_object(&r, p)) return RFD_OK;
    }
    p->password = p->code = p->new_password = p->second_code = SLICE_EMPTY;
    return error_set(error, RFD_E_ARGUMENT, "no object of the proofs that an operation wants");
}

void proofs_dispose(struct proofs *p)
{
    buf_dispose(&p->bytes);
    *p = (struct proofs){.password = SLICE_EMPTY};
}
