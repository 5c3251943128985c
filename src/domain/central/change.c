/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people do with their own credentials: another signing password, another mobile, an app that makes codes, or no
 * key any more. The personal keeper does it when it is activated.
 */
#include "base/error.h"
#include "domain/central/internal.h"

/** Sign and generate have calls of their own. */
static enum operation_kind kind_of(slice name)
{
    static const enum operation_kind kinds[] = {OPERATION_PASSWORD, OPERATION_MOBILE, OPERATION_TOTP,
                                                OPERATION_DESTROY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (slice_is(name, operation_kind_name(kinds[i]))) return kinds[i];
    }
    return OPERATION_NONE;
}

rfd_status central_change_begin(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                                slice kind, slice mobile, slice point, slice language,
                                struct central_authorisation *out, struct rfd_error *error)
{
    struct central_credential own;
    struct central_begin b = {.text = {.kind = kind_of(kind), .portal = slice_text(c->settings->web.name)},
                              .language = language};
    if (b.text.kind == OPERATION_NONE) return error_set(error, RFD_E_ARGUMENT, "there is no such change");
    TRY(central_kept_credential(c, actor, a, credential, &own, error));
    if (own.state == PERSONAL_DESTROYED) return error_set(error, RFD_E_STATE, "its key was destroyed");
    b.text.credential = slice_text(own.id);
    if (b.text.kind == OPERATION_MOBILE) b.text.mobile = mobile;
    if (b.text.kind == OPERATION_TOTP) b.point = point;
    return central_begin(c, &b, a, out, error);
}

struct telling {
    const struct actor *actor;
    const struct central_credential *credential;
};

static rfd_status tell(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct telling *c = context;
    slice detail = central_detail(t, "credential", slice_text(c->credential->id), NULL, SLICE_EMPTY);
    return central_audit(t, c->actor, "credential.change", "certificate", c->credential->registered, detail, error);
}

rfd_status central_change(const struct central *c, const struct actor *actor, struct arena *a, slice credential,
                          const uint8_t *operation, const struct central_proofs *proofs, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct central_credential own;
    TRY(central_kept_credential(c, actor, a, credential, &own, error));
    rfd_status status = central_activate(c, operation, proofs, &reply, error);
    keeper_reply_dispose(&reply);
    struct telling telling = {actor, &own};
    return status == RFD_OK ? store_write(c->store, tell, &telling, error) : status;
}
