/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is done when code and password were right: one function for each kind of operation. The holder's log knows
 * before it is done.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "base/number.h"
#include "keeper/attestation.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

typedef rfd_status activation_work(struct personal *p, struct activation *a, struct rfd_error *error);

/** Tells the log who asked for it. */
static rfd_status log_portal(struct personal *p, struct entry *e, const char *event, const struct pending *o,
                             const char *mobile, struct rfd_error *error)
{
    struct buf members;
    buf_init(&members, HOLDER_LOG_LINE_MAXIMUM);
    personal_put_member(&members, "portal", o->operation.portal);
    code_put_way(&members, o);
    if (mobile != NULL) personal_put_member(&members, "mobile", slice_text(mobile));
    if (o->entity) personal_put_member(&members, "of", SLICE("entity"));
    rfd_status status = buf_check(&members, "log", error);
    if (status == RFD_OK) status = personal_log(p, e, event, buf_slice(&members), error);
    buf_dispose(&members);
    return status;
}

/** On disk, and then in memory; what else was begun with what it was before has ended. */
static rfd_status change(struct personal *p, struct entry *e, struct record *r, const struct pending *but,
                         struct rfd_error *error)
{
    TRY(record_write(p, r, true, error));
    (void)pthread_mutex_lock(&p->lock);
    holders_update(e, r);
    pending_end_of(p, e, but);
    (void)pthread_mutex_unlock(&p->lock);
    return RFD_OK;
}

/* ---- sign ---- */

static rfd_status allow_signing(struct personal *p, struct activation *a, struct rfd_error *error)
{
    struct pending *o = a->o;
    uint8_t sad[PERSONAL_SAD_SIZE];
    rfd_time length = (rfd_time)p->options.sad_seconds * RFD_SECOND;
    if (RAND_priv_bytes(sad, sizeof sad) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    memcpy(sad, o->id, sizeof o->id);
    (void)pthread_mutex_lock(&p->lock);
    memcpy(o->sad, sad + sizeof o->id, sizeof o->sad);
    o->key = a->key;
    a->key = NULL;
    o->state = PERSONAL_ACTIVATED;
    o->ends = a->now + length;
    o->ends_here = p->monotonic() + length;
    (void)pthread_mutex_unlock(&p->lock);
    a->after = PERSONAL_ACTIVATED;
    message_put_bytes(a->answer, slice_of(sad, sizeof sad));
    message_put_i64(a->answer, a->now + length);
    secret_wipe(sad, sizeof sad);
    return RFD_OK;
}

/* ---- generate ---- */

static rfd_status make_id(char id[PERSONAL_ID_SIZE], struct rfd_error *error)
{
    uint8_t octets[PERSONAL_ID_SIZE / 2];
    if (RAND_bytes(octets, sizeof octets) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    number_to_hex(slice_of(octets, sizeof octets), false, (uint8_t *)id);
    id[PERSONAL_ID_SIZE - 1] = '\0';
    return RFD_OK;
}

static struct record new_record(const struct personal *p, const struct activation *a)
{
    const struct pending *o = a->o;
    struct record r = {.state = PERSONAL_WAITING,
                       .algorithm = p->options.algorithm,
                       .created = a->now,
                       .entity = o->entity,
                       .code = o->code,
                       .has_authority = true,
                       .approved = o->approved,
                       .mobile_changed = o->mobile_changed,
                       .channel = o->mobile[0] != '\0' ? PERSONAL_SMS : PERSONAL_MAIL,
                       .profile = buf_slice(&o->profile)};
    memcpy(r.holder, o->holder->name, sizeof r.holder);
    memcpy(r.approval, o->operation.approval, sizeof r.approval);
    memcpy(r.authority, o->authority, sizeof r.authority);
    memcpy(r.mobile, o->mobile, sizeof r.mobile);
    memcpy(r.mail, o->mail, sizeof r.mail);
    return r;
}

static rfd_status destroy_one(struct personal *p, struct entry *e, struct rfd_error *error)
{
    struct record r = {.state = 0};
    rfd_status status = record_read(p, e->id, &r, error);
    if (status == RFD_OK) status = activate_destroy(p, e, &r, NULL, "abandon", error);
    record_dispose(&r);
    return status;
}

/** Keys that never got their certificate make room for this one. */
static rfd_status destroy_waiting(struct personal *p, const struct holder *h, struct rfd_error *error)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->entries[i]->state == PERSONAL_WAITING) TRY(destroy_one(p, h->entries[i], error));
    }
    return RFD_OK;
}

static rfd_status put_attestation(struct personal *p, const struct record *r, rfd_time now, struct buf *answer,
                                  struct rfd_error *error)
{
    struct attestation v = {.time = now / RFD_SECOND * RFD_SECOND};
    struct buf text, signature;
    rfd_status status = RFD_OK;
    buf_init(&text, ATTESTATION_MAXIMUM);
    buf_init(&signature, ATTESTATION_SIGNATURE_MAXIMUM);
    memcpy(v.approval, r->approval, sizeof v.approval);
    TRY_OUT(digest_of(DIGEST_SHA256, r->spki, v.key, error));
    TRY_OUT(attestation_write(&v, &text, error));
    TRY_OUT(personal_attest(p, buf_slice(&text), &signature, error));
    message_put_text(answer, r->id);
    message_put_bytes(answer, r->spki);
    message_put_bytes(answer, buf_slice(&text));
    message_put_bytes(answer, buf_slice(&signature));
out:
    buf_dispose(&text);
    buf_dispose(&signature);
    return status;
}

/** The log begins, then the file is there, then the memory knows. */
static rfd_status keep_new(struct personal *p, const struct activation *a, struct record *r, struct rfd_error *error)
{
    struct entry first = {.state = r->state};
    struct entry *e = NULL;
    memcpy(first.id, r->id, sizeof first.id);
    TRY(holder_log_begin(&first.log, r->id, error));
    TRY(log_portal(p, &first, "generate", a->o, NULL, error));
    TRY(record_write(p, r, false, error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_add(p, r, error);
    if (status == RFD_OK) status = holders_entry(p, slice_text(r->id), &e, error);
    if (status == RFD_OK) e->log = first.log;
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

/** What may have changed since it was begun. */
static rfd_status check_holder(struct personal *p, const struct activation *a, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = begin_check_holder(a->o, a->now, error);
    if (status == RFD_OK) status = begin_check_mobile(a->o, error);
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

static rfd_status generate(struct personal *p, struct activation *a, struct rfd_error *error)
{
    struct record r = new_record(p, a);
    struct buf wrapped, spki;
    EVP_PKEY *key = NULL;
    rfd_status status = RFD_OK;
    buf_init_secret(&wrapped, KEY_MATERIAL_MAXIMUM + 256);
    buf_init(&spki, KEY_CERTIFICATE_MAXIMUM);
    TRY_OUT(check_holder(p, a, error));
    TRY_OUT(make_id(r.id, error));
    TRY_OUT(key_material_generate(r.algorithm, &key, error));
    TRY_OUT(key_material_put_public(key, &spki, error));
    TRY_OUT(password_wrap(p, &r, a->proofs->new_password, key, &wrapped, error));
    r.spki = buf_slice(&spki);
    r.wrapped = buf_slice(&wrapped);
    TRY_OUT(destroy_waiting(p, a->o->holder, error));
    TRY_OUT(keep_new(p, a, &r, error));
    status = put_attestation(p, &r, a->now, a->answer, error);
out:
    EVP_PKEY_free(key);
    buf_dispose(&wrapped);
    buf_dispose(&spki);
    record_dispose(&r);
    return status;
}

/* ---- password, mobile, totp, destroy ---- */

static rfd_status change_password(struct personal *p, struct activation *a, struct rfd_error *error)
{
    struct buf wrapped;
    buf_init_secret(&wrapped, KEY_MATERIAL_MAXIMUM + 256);
    rfd_status status = password_wrap(p, a->r, a->proofs->new_password, a->key, &wrapped, error);
    a->r->wrapped = buf_slice(&wrapped);
    if (status == RFD_OK) status = log_portal(p, a->o->entry, "password", a->o, NULL, error);
    if (status == RFD_OK) status = change(p, a->o->entry, a->r, a->o, error);
    buf_dispose(&wrapped);
    a->r->wrapped = SLICE_EMPTY;
    return status;
}

static rfd_status put_mobile(struct personal *p, const struct activation *a, struct entry *e, struct record *r,
                             struct rfd_error *error)
{
    char masked[PERSONAL_ADDRESS_SIZE];
    slice mobile = a->o->operation.mobile;
    (void)snprintf(r->mobile, sizeof r->mobile, "%.*s", (int)mobile.length, (const char *)mobile.data);
    r->mobile_changed = a->now;
    code_mask_mobile(r->mobile, masked);
    TRY(log_portal(p, e, "mobile", a->o, masked, error));
    return change(p, e, r, a->o, error);
}

/** The same number in another credential is given up, too. */
static rfd_status change_other_mobile(struct personal *p, const struct activation *a, struct entry *e,
                                      struct rfd_error *error)
{
    struct record r = {.state = 0};
    rfd_status status = record_read(p, e->id, &r, error);
    if (status == RFD_OK && r.state != PERSONAL_DESTROYED && strcmp(r.mobile, a->o->mobile) == 0)
        status = put_mobile(p, a, e, &r, error);
    record_dispose(&r);
    return status;
}

/** People have one mobile. This credential's is the last: who was interrupted does it once more. */
static rfd_status change_mobile(struct personal *p, struct activation *a, struct rfd_error *error)
{
    const struct holder *h = a->o->holder;
    for (size_t i = 0; i < h->count; i++) {
        if (h->entries[i] != a->o->entry) TRY(change_other_mobile(p, a, h->entries[i], error));
    }
    return put_mobile(p, a, a->o->entry, a->r, error);
}

static rfd_status change_totp(struct personal *p, struct activation *a, struct rfd_error *error)
{
    struct record *r = a->r;
    r->has_totp = true;
    memcpy(r->totp, a->o->totp, sizeof r->totp);
    r->totp_step = code_totp_step(r->totp, a->proofs->second_code, a->now, 0);
    r->channel = PERSONAL_TOTP;
    TRY(log_portal(p, a->o->entry, "totp", a->o, NULL, error));
    return change(p, a->o->entry, r, a->o, error);
}

rfd_status activate_destroy(struct personal *p, struct entry *e, struct record *r, const struct pending *but,
                            const char *event, struct rfd_error *error)
{
    struct buf members;
    buf_init(&members, HOLDER_LOG_LINE_MAXIMUM);
    if (but != NULL) personal_put_member(&members, "portal", but->operation.portal);
    if (but != NULL) code_put_way(&members, but);
    rfd_status status = personal_log(p, e, event, buf_slice(&members), error);
    buf_dispose(&members);
    if (status != RFD_OK) return status;
    r->state = PERSONAL_DESTROYED;
    r->wrapped = SLICE_EMPTY;
    r->has_totp = false;
    secret_wipe(r->totp, sizeof r->totp);
    return change(p, e, r, but, error);
}

static rfd_status destroy(struct personal *p, struct activation *a, struct rfd_error *error)
{
    return activate_destroy(p, a->o->entry, a->r, a->o, "destroy", error);
}

rfd_status activate_work(struct personal *p, struct activation *a, struct rfd_error *error)
{
    static activation_work *const by_kind[OPERATION_KINDS] = {
        [OPERATION_SIGN] = allow_signing,   [OPERATION_GENERATE] = generate, [OPERATION_PASSWORD] = change_password,
        [OPERATION_MOBILE] = change_mobile, [OPERATION_TOTP] = change_totp,  [OPERATION_DESTROY] = destroy,
    };
    return by_kind[a->o->operation.kind](p, a, error);
}
