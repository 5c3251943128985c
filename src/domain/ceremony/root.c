/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/root.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "domain/ceremony/ceremony.h"
#include "domain/ceremony/root_list.h"
#include "keeper/ask.h"
#include "pki/authority/request.h"
#include "pki/revocation/crl.h"

#include <unistd.h>

enum { PATIENCE = 30 * 1000, WORD = 32, LIST_MAXIMUM = 1 << 20, PATH_SIZE = ROOT_PATH_SIZE + 64 };

/* ---- Opening ---- */

/** The one authority's key of the store. */
static rfd_status find_key(struct root *root, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    buf_init(&reply.memory, KEEPER_MESSAGE_MAXIMUM);
    rfd_status status =
        keeper_client_ask(root->keeper.client, KEEPER_LIST_KEYS, SLICE_EMPTY, -1, PATIENCE, &reply, error);
    uint32_t count = status == RFD_OK ? message_get_u32(&reply.fields) : 0;
    for (uint32_t i = 0; i < count && !reply.fields.failed; i++) {
        slice name = message_get_text(&reply.fields, KEY_NAME_SIZE - 1);
        slice purpose = message_get_text(&reply.fields, WORD);
        (void)message_get_text(&reply.fields, WORD);
        if (!slice_is(purpose, "ca") || name.length == 0) continue;
        memcpy(root->key, name.data, name.length);
        root->key[name.length] = '\0';
    }
    keeper_reply_dispose(&reply);
    if (status == RFD_OK && root->key[0] == '\0')
        status = error_set(error, RFD_E_KEY_UNKNOWN, "%s has no authority's key", root->folder);
    return status;
}

static rfd_status read_certificate(struct root *root, struct rfd_error *error)
{
    struct arena a;
    struct ask_public_key key = {.certificate = SLICE_EMPTY};
    arena_init(&a, KEEPER_MESSAGE_MAXIMUM);
    rfd_status status = ask_public_key(root->keeper.client, slice_text(root->key), &a, &key, error);
    if (status == RFD_OK) status = certificate_parse(key.certificate, &root->certificate, error);
    arena_dispose(&a);
    return status;
}

static rfd_status check_finished(const char *folder, struct rfd_error *error)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/" CEREMONY_UNFINISHED, folder);
    if (access(path, F_OK) != 0) return RFD_OK;
    return error_set(error, RFD_E_STATE, "%s: its key ceremony was not finished", folder);
}

rfd_status root_open(const char *folder, const char *const *shares, size_t count, const struct packs *packs,
                     struct root *out, struct rfd_error *error)
{
    struct master master = {.kind = MASTER_CREDENTIAL};
    char keys[PATH_SIZE];
    rfd_status status = RFD_OK;
    *out = (struct root){.certificate = NULL};
    if ((size_t)snprintf(out->folder, sizeof out->folder, "%s", folder) >= sizeof out->folder)
        return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", folder);
    (void)snprintf(keys, sizeof keys, "%s/keys", folder);
    TRY(check_finished(folder, error));
    TRY(ceremony_join_shares(shares, count, &master, error));
    TRY_OUT(local_keeper_open(keys, &master, packs, &out->keeper, error));
    TRY_OUT(find_key(out, error));
    status = read_certificate(out, error);
out:
    master_dispose(&master);
    if (status != RFD_OK) root_close(out);
    return status;
}

void root_close(struct root *root)
{
    certificate_unref(root->certificate);
    local_keeper_close(&root->keeper);
    *root = (struct root){.certificate = NULL};
}

/* ---- Signing ---- */

rfd_status root_sign_request(struct root *root, const char *profile, const struct profile_value *values, size_t count,
                             slice request, struct buf *certificate, struct rfd_error *error)
{
    struct request parsed;
    const struct key_rules rules = KEY_RULES_USUAL;
    TRY(request_parse(request, &parsed, error));
    TRY(request_verify(&parsed, &rules, error));
    const struct ask_certificate ask = {
        .key = root->key, .profile = profile, .values = values, .value_count = count, .spki = parsed.spki};
    return ask_issue_authority(root->keeper.client, &ask, certificate, error);
}

/** The next list holds as long as the last one did. */
static rfd_status set_seconds(struct root_list *order, struct rfd_error *error)
{
    const struct crl *last = NULL;
    TRY(crl_parse(order->last, &last, error));
    if (last->next_update > last->this_update)
        order->seconds = (uint32_t)((last->next_update - last->this_update) / RFD_SECOND);
    crl_free(last);
    return RFD_OK;
}

rfd_status root_sign_list(struct root *root, const struct certificate *revoked, int reason, struct buf *list,
                          struct rfd_error *error)
{
    char path[PATH_SIZE];
    struct buf last;
    struct root_list order = {.keeper = root->keeper.client,
                              .key = root->key,
                              .root = root->certificate,
                              .revoked = revoked == NULL ? NULL : &revoked->serial,
                              .revoked_count = revoked != NULL,
                              .reason = reason,
                              .now = clock_now()};
    rfd_status status = RFD_OK;
    (void)snprintf(path, sizeof path, "%s/%s.crl", root->folder, root->key);
    buf_init(&last, LIST_MAXIMUM);
    if (revoked != NULL) TRY(certificate_verify_signature(revoked, root->certificate, error));
    TRY_OUT(source_read_file(path, LIST_MAXIMUM, &last, error));
    order.last = buf_slice(&last);
    TRY_OUT(set_seconds(&order, error));
    TRY_OUT(root_list_sign(&order, list, error));
    status = output_whole(path, true, buf_slice(list), error);
out:
    buf_dispose(&last);
    return status;
}
