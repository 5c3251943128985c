/* SPDX-License-Identifier: EUPL-1.2
 *
 * Objects on a token (PKCS#11 §5.7). What a token says of its objects is bounded before it is copied.
 */
#include "pki/keys/token_object.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { CERTIFICATE_MAXIMUM = 1 << 16, TEMPLATE_MAXIMUM = 4, LIST_SIZE = 256 };

CK_RV token_find_objects(struct token *t, CK_ATTRIBUTE *template, CK_ULONG attributes, struct token_objects *out)
{
    out->count = 0;
    CK_RV result = t->module->C_FindObjectsInit(t->session, template, attributes);
    if (result != CKR_OK) return result;
    CK_ULONG got = 0;
    do {
        result =
            t->module->C_FindObjects(t->session, out->handles + out->count, TOKEN_OBJECTS_MAXIMUM - out->count, &got);
        out->count += result == CKR_OK ? got : 0;
    } while (result == CKR_OK && got > 0 && out->count < TOKEN_OBJECTS_MAXIMUM);
    (void)t->module->C_FindObjectsFinal(t->session);
    return result;
}

bool token_read_attribute(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *to, size_t *length)
{
    CK_ATTRIBUTE a = {type, to, *length};
    if (t->module->C_GetAttributeValue(t->session, object, &a, 1) != CKR_OK) return false;
    if (a.ulValueLen == (CK_ULONG)-1 || a.ulValueLen > *length) return false;
    *length = a.ulValueLen;
    return true;
}

bool token_read_flag(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise)
{
    CK_BBOOL flag = CK_FALSE;
    size_t length = sizeof flag;
    return token_read_attribute(t, object, type, &flag, &length) ? flag != CK_FALSE : otherwise;
}

/* What the address says of the object, and its class. */
static CK_ULONG template_of(P11KitUri *uri, const CK_OBJECT_CLASS *class, CK_ATTRIBUTE template[TEMPLATE_MAXIMUM])
{
    const CK_ATTRIBUTE_TYPE types[] = {CKA_LABEL, CKA_ID};
    CK_ULONG count = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const CK_ATTRIBUTE *a = p11_kit_uri_get_attribute(uri, types[i]);
        if (a != NULL) template[count++] = *a;
    }
    if (class != NULL) template[count++] = (CK_ATTRIBUTE){CKA_CLASS, (void *)(uintptr_t) class, sizeof *class};
    return count;
}

bool token_has_object(struct token *t, P11KitUri *uri)
{
    CK_ATTRIBUTE template[TEMPLATE_MAXIMUM];
    struct token_objects found;
    CK_ULONG count = template_of(uri, NULL, template);
    return count > 0 && token_find_objects(t, template, count, &found) == CKR_OK && found.count > 0;
}

/* --- Keys -------------------------------------------------------------------------------------------------------- */

void token_read_key(struct token *t, CK_OBJECT_HANDLE object, struct token_key *key)
{
    size_t length = sizeof key->type;
    *key = (struct token_key){.object = object, .type = CKK_VENDOR_DEFINED};
    if (!token_read_attribute(t, object, CKA_KEY_TYPE, &key->type, &length)) key->type = CKK_VENDOR_DEFINED;
    key->id_length = sizeof key->id;
    if (!token_read_attribute(t, object, CKA_ID, key->id, &key->id_length)) key->id_length = 0;
    length = sizeof key->label - 1;
    if (!token_read_attribute(t, object, CKA_LABEL, key->label, &length)) length = 0;
    key->label[length] = '\0';
    key->always_authenticate = token_read_flag(t, object, CKA_ALWAYS_AUTHENTICATE, false);
}

static void put_key(struct buf *list, const struct token_key *key)
{
    buf_put_text(list, list->length > 0 ? ", object=" : "object=");
    text_put_printable(list, slice_text(key->label));
    buf_put_text(list, ";id=");
    for (size_t i = 0; i < key->id_length; i++) {
        buf_put_byte(list, '%');
        buf_put_hex(list, slice_of(key->id + i, 1), true);
    }
}

static rfd_status not_one(struct token *t, const struct token_objects *found, size_t usable, struct rfd_error *error)
{
    struct buf list;
    struct token_key key;
    buf_init(&list, LIST_SIZE);
    if (usable == 0) return error_set(error, RFD_E_TOKEN_NOT_FOUND, "the token has no such private key that signs");
    for (CK_ULONG i = 0; i < found->count; i++) {
        if (!token_read_flag(t, found->handles[i], CKA_SIGN, true)) continue;
        token_read_key(t, found->handles[i], &key);
        put_key(&list, &key);
    }
    rfd_status status = error_set(error, RFD_E_TOKEN_AMBIGUOUS, "%zu keys fit the address: %.*s", usable,
                                  (int)list.length, list.data == NULL ? "" : (const char *)list.data);
    buf_dispose(&list);
    return status;
}

rfd_status token_find_key(struct token *t, P11KitUri *uri, struct token_key *out, struct rfd_error *error)
{
    const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[TEMPLATE_MAXIMUM];
    struct token_objects found;
    size_t usable = 0;
    CK_OBJECT_HANDLE chosen = CK_INVALID_HANDLE;
    CK_RV result = token_find_objects(t, template, template_of(uri, &class, template), &found);
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "searching for keys", error);
    for (CK_ULONG i = 0; i < found.count; i++) {
        if (!token_read_flag(t, found.handles[i], CKA_SIGN, true)) continue;
        chosen = found.handles[i];
        usable++;
    }
    if (usable != 1) return not_one(t, &found, usable, error);
    token_read_key(t, chosen, out);
    return RFD_OK;
}

/* --- Certificates ------------------------------------------------------------------------------------------------ */

/* RFD_E_DER when the object holds no certificate that we can read. */
static rfd_status read_certificate(struct token *t, CK_OBJECT_HANDLE object, const struct certificate **out,
                                   struct rfd_error *error)
{
    size_t length = CERTIFICATE_MAXIMUM;
    uint8_t *bytes = memory_allocate(length);
    if (bytes == NULL) return error_memory(error);
    bool read = token_read_attribute(t, object, CKA_VALUE, bytes, &length);
    /* Some cards pad to their file's size. */
    slice der = slice_of(bytes, read ? length : 0);
    der = slice_part(der, 0, der_total_length(der));
    rfd_status status = certificate_parse(der, out, error);
    memory_free(bytes);
    return status;
}

static CK_RV find_certificates(struct token *t, CK_ATTRIBUTE_TYPE type, const void *value, size_t length,
                               struct token_objects *out)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {type, (void *)(uintptr_t)value, length}};
    return token_find_objects(t, template, length == 0 ? 1 : 2, out);
}

rfd_status token_find_certificate(struct token *t, const struct token_key *key, const struct certificate **out,
                                  struct rfd_error *error)
{
    struct token_objects found = {.count = 0};
    CK_RV result = CKR_OK;
    if (key->id_length > 0) result = find_certificates(t, CKA_ID, key->id, key->id_length, &found);
    if (result == CKR_OK && found.count == 0 && key->label[0] != '\0') {
        result = find_certificates(t, CKA_LABEL, key->label, strlen(key->label), &found);
    }
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "searching for the certificate", error);
    for (CK_ULONG i = 0; i < found.count; i++) {
        const struct certificate *c = NULL;
        rfd_status status = read_certificate(t, found.handles[i], &c, error);
        if (status == RFD_E_DER) continue;
        if (status == RFD_OK) *out = c;
        return status;
    }
    *out = NULL;
    return RFD_OK;
}

static void read_names(struct token *t, CK_OBJECT_HANDLE handle, struct token_object *object)
{
    size_t length = sizeof object->label - 1;
    object->id_length = sizeof object->id;
    if (!token_read_attribute(t, handle, CKA_ID, object->id, &object->id_length)) object->id_length = 0;
    if (!token_read_attribute(t, handle, CKA_LABEL, object->label, &length)) length = 0;
    object->label[length] = '\0';
}

rfd_status token_each_certificate(struct token *t, token_take_certificate *take, void *context, struct rfd_error *error)
{
    struct token_objects found;
    CK_RV result = find_certificates(t, CKA_LABEL, NULL, 0, &found);
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "searching for certificates", error);
    bool more = true;
    for (CK_ULONG i = 0; i < found.count && more; i++) {
        struct token_object object;
        const struct certificate *c = NULL;
        rfd_status status = read_certificate(t, found.handles[i], &c, error);
        if (status == RFD_E_DER) continue;
        if (status != RFD_OK) return status;
        read_names(t, found.handles[i], &object);
        more = take(context, &object, c);
        certificate_unref(c);
    }
    return RFD_OK;
}

struct reading {
    struct certificate_list *list;
    rfd_status status;
    struct rfd_error *error;
};

static bool add_certificate(void *context, const struct token_object *object, const struct certificate *c)
{
    struct reading *r = context;
    (void)object;
    r->status = certificate_list_add(r->list, c, r->error);
    return r->status == RFD_OK;
}

rfd_status token_read_certificates(struct token *t, struct certificate_list *out, struct rfd_error *error)
{
    struct reading reading = {out, RFD_OK, error};
    TRY(token_each_certificate(t, add_certificate, &reading, error));
    return reading.status;
}
