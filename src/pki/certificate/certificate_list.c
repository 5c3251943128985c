/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sets of certificates stay small (a chain, a folder of anchors), so that a repeat is found by comparing fingerprints
 * one after the other.
 */
#include "pki/certificate/certificate.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/pem.h"

rfd_status certificate_list_add(struct certificate_list *list, const struct certificate *c, struct rfd_error *error)
{
    for (size_t i = 0; i < list->count; i++) {
        if (certificate_equal(list->items[i], c)) return RFD_OK;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        const struct certificate **items = memory_resize((void *)list->items, capacity * sizeof(*items));
        if (items == NULL) return error_memory(error);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = certificate_ref(c);
    return RFD_OK;
}

void certificate_list_dispose(struct certificate_list *list)
{
    for (size_t i = 0; i < list->count; i++) certificate_unref(list->items[i]);
    memory_free((void *)list->items);
    *list = (struct certificate_list){0};
}

static rfd_status add_der(struct certificate_list *list, slice der, struct rfd_error *error)
{
    const struct certificate *c;
    TRY(certificate_parse(der, &c, error));
    rfd_status status = certificate_list_add(list, c, error);
    certificate_unref(c);
    return status;
}

static rfd_status read_pem(struct certificate_list *list, slice text, struct rfd_error *error)
{
    struct pem_block block;
    struct buf der;
    rfd_status status = RFD_OK;
    buf_init(&der, text.length);
    while (status == RFD_OK && pem_next(&text, &block)) {
        if (!slice_is(block.label, "CERTIFICATE") && !slice_is(block.label, "X509 CERTIFICATE") &&
            !slice_is(block.label, "TRUSTED CERTIFICATE"))
            continue;
        buf_reset(&der);
        status = pem_decode(&block, &der, error);
        /* OpenSSL's "trusted" form has its own data after the certificate. */
        slice bytes = buf_slice(&der);
        if (status == RFD_OK) status = add_der(list, slice_part(bytes, 0, der_total_length(bytes)), error);
    }
    buf_dispose(&der);
    if (status == RFD_OK && memmem(text.data, text.length, "-----BEGIN ", 11) != NULL) {
        /* What stands after it would be left out without a word. */
        return error_set(error, RFD_E_DER, "PEM block without a proper end (RFC 7468 §2)");
    }
    return status;
}

rfd_status certificate_list_read(struct certificate_list *list, slice bytes, struct rfd_error *error)
{
    if (der_peek(bytes) != DER_SEQUENCE) return read_pem(list, bytes, error);
    while (bytes.length > 0) {
        size_t length = der_total_length(bytes);
        if (length == 0) return error_set(error, RFD_E_DER, "certificate: not DER or cut short");
        TRY(add_der(list, slice_part(bytes, 0, length), error));
        bytes = slice_from(bytes, length);
    }
    return RFD_OK;
}

const struct certificate *certificate_list_find(const struct certificate_list *list, slice name, slice key_id)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct certificate *c = list->items[i];
        if (!slice_equal(c->subject, name)) continue;
        if (key_id.length == 0 || slice_equal(c->subject_key_id, key_id)) return c;
    }
    return NULL;
}
