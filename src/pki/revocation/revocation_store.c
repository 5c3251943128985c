/* SPDX-License-Identifier: EUPL-1.2
 *
 * Evidence at hand, each piece once. The bytes are owned by what was parsed from them.
 */
#include "pki/revocation/revocation_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/digest.h"

/* What a file brings along must leave room for what the network says against it. */
enum { FIRST_ITEMS = 8, ITEMS_MAXIMUM = 4096, ITEMS_OF_FILE_MAXIMUM = 2048 };

const struct ocsp *revocation_item_ocsp(const struct revocation_item *item)
{
    return item->is_crl ? NULL : item->parsed;
}

const struct crl *revocation_item_crl(const struct revocation_item *item)
{
    return item->is_crl ? item->parsed : NULL;
}

slice revocation_item_der(const struct revocation_item *item)
{
    return slice_bytes(item->der);
}

static void item_dispose(struct revocation_item *item)
{
    if (item->is_crl) {
        crl_free(item->parsed);
    } else {
        ocsp_free(item->parsed);
    }
}

void revocation_store_dispose(struct revocation_store *store)
{
    for (size_t i = 0; i < store->count; i++) item_dispose(&store->items[i]);
    memory_free(store->items);
    *store = (struct revocation_store){0};
}

static rfd_status make_room(struct revocation_store *store, enum revocation_source source, struct rfd_error *error)
{
    bool of_file = source == REVOCATION_FROM_SIGNATURE || source == REVOCATION_FROM_DOCUMENT;
    size_t maximum = of_file ? ITEMS_OF_FILE_MAXIMUM : ITEMS_MAXIMUM;
    if (store->count >= maximum) {
        return error_set(error, RFD_E_LIMIT, "more than %zu responses and revocation lists", maximum);
    }
    if (store->count < store->capacity) return RFD_OK;
    size_t wanted = store->capacity == 0 ? FIRST_ITEMS : store->capacity * 2;
    struct revocation_item *bigger = memory_resize(store->items, wanted * sizeof *bigger);
    if (bigger == NULL) return error_memory(error);
    store->items = bigger;
    store->capacity = wanted;
    return RFD_OK;
}

static rfd_status parse_list(slice der, struct revocation_item *item, struct rfd_error *error)
{
    const struct crl *crl = NULL;
    TRY(crl_parse(der, &crl, error));
    item->parsed = (void *)(uintptr_t)crl;
    item->der = (rfd_bytes){(uint8_t *)(uintptr_t)crl->der.data, crl->der.length};
    return RFD_OK;
}

static rfd_status parse_response(slice der, struct revocation_item *item, struct rfd_error *error)
{
    struct ocsp *o = NULL;
    TRY(ocsp_parse(der, &o, error));
    if (o->status != OCSP_SUCCESSFUL) {
        rfd_status status = error_set(error, RFD_E_OCSP, "the responder said: %s", ocsp_status_text(o->status));
        ocsp_free(o);
        return status;
    }
    item->parsed = o;
    item->der = o->bytes;
    return RFD_OK;
}

/* An OCSPResponse begins with an ENUMERATED, a BasicOCSPResponse with a SEQUENCE. */
static bool is_basic(slice der)
{
    slice content;
    return der_take_optional(&der, DER_SEQUENCE, &content) && der_peek(content) == DER_SEQUENCE;
}

static rfd_status add_new(struct revocation_store *store, slice der, struct revocation_item *item,
                          struct rfd_error *error)
{
    TRY(make_room(store, item->source, error));
    TRY(item->is_crl ? parse_list(der, item, error) : parse_response(der, item, error));
    store->items[store->count++] = *item;
    return RFD_OK;
}

static rfd_status put(struct revocation_store *store, slice der, bool is_crl, enum revocation_source source,
                      size_t *index, struct rfd_error *error)
{
    struct revocation_item item = {.is_crl = is_crl, .source = source, .proven = RFD_TIME_NONE};
    TRY(digest_of(DIGEST_SHA256, der, item.fingerprint, error));
    for (size_t i = 0; i < store->count; i++) {
        if (memcmp(store->items[i].fingerprint, item.fingerprint, sizeof item.fingerprint) != 0) continue;
        *index = i;
        return RFD_OK;
    }
    TRY(add_new(store, der, &item, error));
    *index = store->count - 1;
    return RFD_OK;
}

rfd_status revocation_store_put(struct revocation_store *store, slice der, bool is_crl, enum revocation_source source,
                                size_t *index, struct rfd_error *error)
{
    struct buf wrapped;
    if (is_crl || !is_basic(der)) return put(store, der, is_crl, source, index, error);
    buf_init(&wrapped, der.length + 64);
    ocsp_put_response(&wrapped, der);
    rfd_status status = buf_check(&wrapped, "OCSP response", error);
    if (status == RFD_OK) status = put(store, buf_slice(&wrapped), false, source, index, error);
    buf_dispose(&wrapped);
    return status;
}

rfd_status revocation_store_add(struct revocation_store *store, slice der, bool is_crl, enum revocation_source source,
                                struct rfd_error *error)
{
    size_t index;
    return revocation_store_put(store, der, is_crl, source, &index, error);
}
