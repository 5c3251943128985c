/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/keys/token.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"

enum { TOKENS_MAXIMUM = 16, SLOTS_MAXIMUM = 64, LIST_SIZE = 200 };

static const struct {
    CK_RV result;
    rfd_status status;
} meanings[] = {
    {CKR_PIN_INCORRECT, RFD_E_TOKEN_PIN},     {CKR_PIN_INVALID, RFD_E_TOKEN_PIN},
    {CKR_PIN_LEN_RANGE, RFD_E_TOKEN_PIN},     {CKR_PIN_EXPIRED, RFD_E_TOKEN_PIN},
    {CKR_PIN_LOCKED, RFD_E_TOKEN_PIN_LOCKED}, {CKR_HOST_MEMORY, RFD_E_MEMORY},
    {CKR_FUNCTION_CANCELED, RFD_E_CANCELLED},
};

rfd_status token_error(CK_RV result, rfd_status otherwise, const char *what, struct rfd_error *error)
{
    rfd_status status = otherwise;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (meanings[i].result == result) status = meanings[i].status;
    }
    const char *text = p11_kit_strerror(result);
    return error_set(error, status, "%s: %s (0x%lx)", what, text == NULL ? "?" : text, result);
}

/* --- Modules ----------------------------------------------------------------------------------------------------- */

static rfd_status load_alone(const char *path, struct token *t, struct rfd_error *error)
{
    CK_FUNCTION_LIST *module = p11_kit_module_load(path, 0);
    if (module == NULL) return error_set(error, RFD_E_TOKEN, "module %s cannot be loaded", path);
    CK_RV result = p11_kit_module_initialize(module);
    if (result != CKR_OK) {
        p11_kit_module_release(module);
        return token_error(result, RFD_E_TOKEN, path, error);
    }
    t->alone = module;
    return RFD_OK;
}

static rfd_status load_modules(P11KitUri *uri, struct token *t, struct rfd_error *error)
{
    const char *path = p11_kit_uri_get_module_path(uri);
    if (path != NULL) return load_alone(path, t, error);
    t->modules = p11_kit_modules_load_and_initialize(0);
    if (t->modules == NULL) return error_set(error, RFD_E_TOKEN, "p11-kit's modules cannot be loaded");
    return RFD_OK;
}

static bool module_wanted(CK_FUNCTION_LIST *module, P11KitUri *uri)
{
    CK_INFO info;
    const char *wanted = p11_kit_uri_get_module_name(uri);
    if (wanted != NULL) {
        char *name = p11_kit_module_get_name(module);
        bool same = name != NULL && strcmp(name, wanted) == 0;
        free(name);
        if (!same) return false;
    }
    return module->C_GetInfo(&info) == CKR_OK && p11_kit_uri_match_module_info(uri, &info) == 1;
}

/* --- Choosing a token -------------------------------------------------------------------------------------------- */

struct candidates {
    struct token tokens[TOKENS_MAXIMUM]; /* without sessions; modules borrowed */
    size_t count;
    size_t seen; /* tokens present at all */
};

static bool slot_wanted(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, P11KitUri *uri)
{
    CK_SLOT_INFO info;
    CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
    if (wanted != (CK_SLOT_ID)-1 && wanted != slot) return false;
    return module->C_GetSlotInfo(slot, &info) == CKR_OK && p11_kit_uri_match_slot_info(uri, &info) == 1;
}

static void collect_slots(CK_FUNCTION_LIST *module, P11KitUri *uri, struct candidates *c)
{
    CK_SLOT_ID slots[SLOTS_MAXIMUM];
    CK_ULONG count = SLOTS_MAXIMUM;
    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK || !module_wanted(module, uri)) return;
    for (CK_ULONG i = 0; i < count && c->count < TOKENS_MAXIMUM; i++) {
        struct token t = {.module = module, .slot = slots[i]};
        if (!slot_wanted(module, slots[i], uri) || module->C_GetTokenInfo(slots[i], &t.info) != CKR_OK) continue;
        if ((t.info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
        c->seen++;
        if (p11_kit_uri_match_token_info(uri, &t.info) == 1) c->tokens[c->count++] = t;
    }
}

/* Keeps the tokens that `wanted` says yes to, unless there are none. */
static void narrow(struct candidates *c, bool (*wanted)(struct token *t, P11KitUri *uri), P11KitUri *uri)
{
    struct candidates kept = {.count = 0};
    for (size_t i = 0; i < c->count; i++) {
        if (wanted(&c->tokens[i], uri)) kept.tokens[kept.count++] = c->tokens[i];
    }
    if (kept.count == 0) return;
    memcpy(c->tokens, kept.tokens, sizeof kept.tokens);
    c->count = kept.count;
}

static bool wants_login(struct token *t, P11KitUri *uri)
{
    (void)uri;
    return (t->info.flags & CKF_LOGIN_REQUIRED) != 0;
}

static CK_RV open_session(const struct token *t, CK_SESSION_HANDLE *out)
{
    return t->module->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL, out);
}

static bool shows_object(struct token *t, P11KitUri *uri)
{
    if (open_session(t, &t->session) != CKR_OK) return false;
    bool shows = token_has_object(t, uri);
    (void)t->module->C_CloseSession(t->session);
    t->session = CK_INVALID_HANDLE;
    return shows;
}

static void put_label(struct buf *b, const struct token *t)
{
    size_t length = sizeof t->info.label;
    while (length > 0 && t->info.label[length - 1] == ' ') length--;
    buf_put_byte(b, '"');
    text_put_printable(b, slice_of(t->info.label, length));
    buf_put_byte(b, '"');
}

static rfd_status several(const struct candidates *c, struct rfd_error *error)
{
    struct buf list;
    buf_init(&list, LIST_SIZE);
    for (size_t i = 0; i < c->count; i++) {
        if (i > 0) buf_put_text(&list, ", ");
        put_label(&list, &c->tokens[i]);
    }
    rfd_status status =
        error_set(error, RFD_E_TOKEN_AMBIGUOUS, "%zu tokens fit the address: %.*s; add token=", c->count,
                  (int)list.length, list.data == NULL ? "" : (const char *)list.data);
    buf_dispose(&list);
    return status;
}

static rfd_status choose(struct token *t, P11KitUri *uri, struct rfd_error *error)
{
    struct candidates c = {.count = 0};
    if (t->alone != NULL) collect_slots(t->alone, uri, &c);
    for (CK_FUNCTION_LIST **m = t->modules; m != NULL && *m != NULL; m++) collect_slots(*m, uri, &c);
    if (c.count > 1) narrow(&c, wants_login, uri);
    if (c.count > 1) narrow(&c, shows_object, uri);
    if (c.count > 1) return several(&c, error);
    if (c.count == 0)
        return error_set(error, RFD_E_TOKEN_NOT_FOUND, "none of the %zu tokens present fits the address", c.seen);
    t->module = c.tokens[0].module;
    t->slot = c.tokens[0].slot;
    t->info = c.tokens[0].info;
    return RFD_OK;
}

rfd_status token_open(P11KitUri *uri, struct token *out, struct rfd_error *error)
{
    struct token t = {.slot = 0};
    rfd_status status;
    TRY_OUT(load_modules(uri, &t, error));
    TRY_OUT(choose(&t, uri, error));
    CK_RV result = open_session(&t, &t.session);
    if (result != CKR_OK) {
        t.session = CK_INVALID_HANDLE;
        status = token_error(result, RFD_E_TOKEN, "a session cannot be opened", error);
        goto out;
    }
    *out = t;
    return RFD_OK;
out:
    token_close(&t);
    return status;
}

void token_close(struct token *t)
{
    if (t->session != CK_INVALID_HANDLE) (void)t->module->C_CloseSession(t->session);
    if (t->modules != NULL) p11_kit_modules_finalize_and_release(t->modules);
    if (t->alone != NULL) {
        (void)p11_kit_module_finalize(t->alone);
        p11_kit_module_release(t->alone);
    }
    *t = (struct token){.slot = 0};
}

void token_renew_session(struct token *t)
{
    CK_SESSION_HANDLE fresh;
    /* The new one first: closing a token's last session logs out (PKCS#11 §5.6.2). */
    if (open_session(t, &fresh) != CKR_OK) return;
    (void)t->module->C_CloseSession(t->session);
    t->session = fresh;
}

/* --- Login ------------------------------------------------------------------------------------------------------- */

static rfd_status login(struct token *t, CK_USER_TYPE user, slice pin, struct rfd_error *error)
{
    bool pad = (t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    if (pin.length == 0 && !pad) return error_set(error, RFD_E_TOKEN_PIN, "the token wants a PIN and none was given");
    unsigned char *bytes = pin.length == 0 ? NULL : memory_copy(pin.data, pin.length);
    if (pin.length > 0 && bytes == NULL) return error_memory(error);
    CK_RV result = t->module->C_Login(t->session, user, bytes, pin.length);
    if (bytes != NULL) secret_wipe(bytes, pin.length);
    memory_free(bytes);
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return RFD_OK;
    return token_error(result, RFD_E_TOKEN, "login", error);
}

rfd_status token_login(struct token *t, slice pin, struct rfd_error *error)
{
    if ((t->info.flags & CKF_LOGIN_REQUIRED) == 0) return RFD_OK;
    if ((t->info.flags & CKF_USER_PIN_LOCKED) != 0) {
        return error_set(error, RFD_E_TOKEN_PIN_LOCKED, "the token says so; the PIN was not tried");
    }
    return login(t, CKU_USER, pin, error);
}

rfd_status token_login_again(struct token *t, slice pin, struct rfd_error *error)
{
    return login(t, CKU_CONTEXT_SPECIFIC, pin, error);
}
