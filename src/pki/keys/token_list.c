/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/keys/token_list.h"

#include "base/buf.h"
#include "base/error.h"
#include "pki/keys/token.h"

enum { URI_MAXIMUM = 1024 };

/** Everything but unreserved characters as %XX (RFC 7512 §2.3). */
static void put_escaped(struct buf *b, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t c = bytes[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        if (plain) {
            buf_put_byte(b, c);
        } else {
            buf_put_byte(b, '%');
            buf_put_hex(b, slice_of(&c, 1), true);
        }
    }
}

/** PKCS#11 pads fixed fields with blanks. */
static size_t without_blanks(const uint8_t *text, size_t length)
{
    while (length > 0 && text[length - 1] == ' ') length--;
    return length;
}

static void put_uri(struct buf *b, const struct token *t, const struct token_object *object)
{
    buf_put_text(b, "pkcs11:token=");
    put_escaped(b, t->info.label, without_blanks(t->info.label, sizeof t->info.label));
    if (object->id_length > 0) {
        buf_put_text(b, ";id=");
        put_escaped(b, object->id, object->id_length);
    } else {
        buf_put_text(b, ";object=");
        put_escaped(b, (const uint8_t *)object->label, strlen(object->label));
    }
    buf_put_byte(b, 0);
}

struct listing {
    const struct token *token;
    token_take *take;
    void *context;
};

static bool list_one(void *context, const struct token_object *object, const struct certificate *certificate)
{
    const struct listing *l = context;
    struct buf uri;
    buf_init(&uri, URI_MAXIMUM);
    put_uri(&uri, l->token, object);
    bool more = buf_status(&uri) != RFD_OK || l->take(l->context, (const char *)uri.data, certificate);
    buf_dispose(&uri);
    return more;
}

rfd_status token_list(const char *text, slice pin, token_take *take, void *context, struct rfd_error *error)
{
    struct token token = {0};
    bool open = false;
    rfd_status status;
    P11KitUri *uri = p11_kit_uri_new();
    if (uri == NULL) return error_memory(error);
    if (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK) {
        status = error_set(error, RFD_E_ARGUMENT, "%s: not a pkcs11: address", text);
        goto out;
    }
    TRY_OUT(token_open(uri, &token, error));
    open = true;
    if (pin.length > 0) TRY_OUT(token_login(&token, pin, error));
    status = token_each_certificate(&token, list_one, &(struct listing){&token, take, context}, error);
out:
    if (open) token_close(&token);
    p11_kit_uri_free(uri);
    return status;
}
