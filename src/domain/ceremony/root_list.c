/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/root_list.h"

#include "base/error.h"
#include "base/number.h"
#include "keeper/ask.h"
#include "pki/authority/crl_writer.h"
#include "pki/revocation/crl.h"

enum { LIST_MAXIMUM = 1 << 20, NUMBER_SIZE = 8, MILLISECOND = 1000 };

/* ---- Entries: those of the last list, then the new ones ---- */

struct walk {
    const struct root_list *order;
    slice left; /* of the last list's entries */
    size_t next;
};

/** What an entry's extensions say (RFC 5280 §5.3); others are none of ours. */
static rfd_status read_extensions(slice list, struct crl_writer_entry *entry, struct rfd_error *error)
{
    while (list.length > 0) {
        slice extension, id, value, content;
        TRY(der_take(&list, DER_SEQUENCE, &extension, "extension", error));
        TRY(der_take(&extension, DER_OID, &id, "extension", error));
        TRY(der_take(&extension, DER_OCTET_STRING, &value, "extension", error));
        if (oid_find(id) == OID_CRL_REASON) {
            TRY(der_only(value, DER_ENUMERATED, &content, "reasonCode", error));
            entry->reason = content.length == 1 ? content.data[0] : 0;
        } else if (oid_find(id) == OID_INVALIDITY_DATE) {
            TRY(der_only(value, DER_GENERALIZED_TIME, &content, "invalidityDate", error));
            if (!der_time(DER_GENERALIZED_TIME, content, &entry->invalid_since))
                return error_set(error, RFD_E_CRL, "invalidityDate");
        }
    }
    return RFD_OK;
}

static rfd_status read_entry(slice *left, struct crl_writer_entry *entry, struct rfd_error *error)
{
    slice in, extensions;
    struct der_item time;
    *entry = (struct crl_writer_entry){.invalid_since = RFD_TIME_NONE};
    TRY(der_take(left, DER_SEQUENCE, &in, "entry", error));
    TRY(der_take(&in, DER_INTEGER, &entry->serial, "serial number", error));
    if (!der_next(&in, &time) || !der_time(time.tag, time.content, &entry->revoked_at))
        return error_set(error, RFD_E_CRL, "revocationDate");
    return der_take_optional(&in, DER_SEQUENCE, &extensions) ? read_extensions(extensions, entry, error) : RFD_OK;
}

static rfd_status next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct walk *w = context;
    *more = true;
    if (w->left.length > 0) return read_entry(&w->left, entry, error);
    *more = w->next < w->order->revoked_count;
    if (!*more) return RFD_OK;
    *entry = (struct crl_writer_entry){.serial = w->order->revoked[w->next++],
                                       .revoked_at = w->order->now,
                                       .reason = w->order->reason,
                                       .invalid_since = RFD_TIME_NONE};
    return RFD_OK;
}

/* ---- The list ---- */

/* The writer wants a signature at once, the keeper the octets first: these are made with an empty one, which is left
 * behind. */
static rfd_status no_signature(void *context, const struct signature_algorithm *a, slice message, slice digest,
                               struct buf *signature, struct rfd_error *error)
{
    (void)context;
    (void)a;
    (void)message;
    (void)digest;
    buf_put_byte(signature, 0);
    return buf_check(signature, "signature", error);
}

/* As the issuing authorities' numbers: milliseconds, and above the last one in any case. */
static void choose_number(const struct root_list *order, const struct crl *last, uint8_t number[NUMBER_SIZE])
{
    uint64_t value = (uint64_t)(order->now / MILLISECOND);
    if (last != NULL && last->number.length <= NUMBER_SIZE) {
        uint64_t before = number_big_endian(last->number.data, last->number.length);
        if (value <= before) value = before + 1;
    }
    for (size_t i = 0; i < NUMBER_SIZE; i++) number[i] = (uint8_t)(value >> 8 * (NUMBER_SIZE - 1 - i));
}

static rfd_status write_unsigned(const struct root_list *order, const struct crl *last, struct buf *out,
                                 struct rfd_error *error)
{
    uint8_t number[NUMBER_SIZE];
    struct walk walk = {.order = order, .left = last == NULL ? SLICE_EMPTY : last->entries};
    struct crl_summary summary;
    struct authority_signer signer = {.certificate = order->root, .sign = no_signature};
    TRY(signature_algorithm_choose(order->root, DIGEST_NONE, false, &signer.algorithm, error));
    choose_number(order, last, number);
    rfd_time from = order->now / RFD_SECOND * RFD_SECOND;
    const struct crl_plan plan = {.number = slice_of(number, sizeof number),
                                  .this_update = from,
                                  .next_update = from + (rfd_time)order->seconds * RFD_SECOND,
                                  .expired_since = RFD_TIME_NONE};
    const struct crl_source source = {next_entry, &walk};
    const struct crl_target target = {crl_write_to_buf, out};
    return crl_write(&signer, &plan, &source, &target, &summary, error);
}

static rfd_status read_last(const struct root_list *order, const struct crl **out, struct rfd_error *error)
{
    if (order->last.length == 0) return RFD_OK;
    TRY(crl_parse(order->last, out, error));
    if (crl_signed_by(*out, order->root)) return RFD_OK;
    return error_set(error, RFD_E_CRL, "the last list is not signed by this root");
}

rfd_status root_list_sign(const struct root_list *order, struct buf *out, struct rfd_error *error)
{
    const struct crl *last = NULL;
    const struct crl *made = NULL;
    struct buf list;
    rfd_status status = RFD_OK;
    buf_init(&list, LIST_MAXIMUM);
    TRY_OUT(read_last(order, &last, error));
    TRY_OUT(write_unsigned(order, last, &list, error));
    TRY_OUT(crl_parse(buf_slice(&list), &made, error));
    status = ask_sign_crl(order->keeper, order->key, made->tbs, out, error);
out:
    crl_free(last);
    crl_free(made);
    buf_dispose(&list);
    return status;
}
