/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the register says about a certificate, read from the certificate itself: whatever profile and registration
 * wanted, this is what relying parties see.
 */
#include "domain/authority/register.h"

#include "base/error.h"
#include "base/text.h"

enum { SUBJECT_MAXIMUM = 2048, NAME_MAIL = DER_CONTEXT(1) };

static bool put_attribute(struct buf *b, slice name, enum oid_name type)
{
    struct buf raw;
    buf_init(&raw, SUBJECT_MAXIMUM);
    bool there = certificate_name_attribute(name, oid(type), &raw) && raw.length > 0;
    if (there) text_put_printable(b, buf_slice(&raw));
    buf_dispose(&raw);
    return there;
}

/** The first rfc822Name of the subjectAltName (RFC 5280 §4.2.1.6); empty when there is none. */
static slice mail_of(const struct certificate *c)
{
    slice value, names;
    struct der_item item;
    bool critical;
    if (!certificate_extension(c, oid(OID_SUBJECT_ALT_NAME), &value, &critical)) return SLICE_EMPTY;
    if (!der_take_optional(&value, DER_SEQUENCE, &names)) return SLICE_EMPTY;
    while (names.length > 0 && der_next(&names, &item)) {
        if (item.tag == NAME_MAIL && text_is_ascii(item.content)) return item.content;
    }
    return SLICE_EMPTY;
}

/** "Ana Quispe Mamani (IDCPE-70000016)"; a name without a common name as RFC 4514 writes it. */
static void put_subject(struct buf *b, const struct certificate *c, slice id)
{
    if (!put_attribute(b, c->subject, OID_COMMON_NAME)) certificate_put_name(b, c->subject);
    if (id.length == 0) return;
    buf_put_text(b, " (");
    buf_put_slice(b, id);
    buf_put_byte(b, ')');
}

rfd_status register_describe(const struct certificate *certificate, struct arena *a, struct certificate_row *row,
                             struct rfd_error *error)
{
    struct buf id, subject;
    rfd_status status;
    buf_init(&id, SUBJECT_MAXIMUM);
    buf_init(&subject, 2 * SUBJECT_MAXIMUM + 8);
    if (!put_attribute(&id, certificate->subject, OID_SERIAL_NUMBER))
        (void)put_attribute(&id, certificate->subject, OID_ORGANIZATION_IDENTIFIER);
    put_subject(&subject, certificate, buf_slice(&id));
    TRY_OUT(buf_check(&id, "subject", error));
    TRY_OUT(buf_check(&subject, "subject", error));
    row->serial = arena_copy(a, certificate->serial);
    row->subject = arena_copy(a, buf_slice(&subject));
    row->subject_id = arena_copy(a, buf_slice(&id));
    row->mail = arena_copy(a, mail_of(certificate));
    row->der = arena_copy(a, certificate->der);
    row->not_before = certificate->not_before;
    row->not_after = certificate->not_after;
    if (row->serial.data == NULL || row->subject.data == NULL || row->subject_id.data == NULL ||
        row->mail.data == NULL || row->der.data == NULL)
        status = arena_failed(a, error);
out:
    buf_dispose(&id);
    buf_dispose(&subject);
    return status;
}
