/* SPDX-License-Identifier: EUPL-1.2
 *
 * What others bring to a credential: its certificate, and a new approval by agents.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "pki/certificate/certificate.h"

#include <stdio.h>

/** The credential, its holder taken. */
static rfd_status take(struct personal *p, slice id, struct personal_request *q, struct entry **out, struct record *r,
                       struct rfd_error *error)
{
    struct entry *e = NULL;
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_entry(p, id, &e, error);
    if (status == RFD_OK) holders_take(p, e->holder);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    memcpy(q->event.key, e->id, sizeof e->id);
    status = record_read(p, e->id, r, error);
    if (status == RFD_OK && r->state == PERSONAL_DESTROYED)
        status = error_set(error, RFD_E_NOT_FOUND, "the key was destroyed");
    if (status != RFD_OK) holders_release(p, e->holder);
    if (status == RFD_OK) *out = e;
    return status;
}

/* ---- The certificate ---- */

static bool has_attribute(const struct certificate *c, enum oid_name type)
{
    struct buf value;
    buf_init(&value, KEY_CERTIFICATE_MAXIMUM);
    bool found = certificate_name_attribute(c->subject, oid(type), &value);
    buf_dispose(&value);
    return found;
}

/** What signs without a code never has the name of a person. */
static bool names_person(const struct certificate *c)
{
    static const enum oid_name types[] = {OID_SERIAL_NUMBER, OID_SURNAME, OID_GIVEN_NAME, OID_PSEUDONYM, OID_TITLE};
    bool found = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) found = found || has_attribute(c, types[i]);
    return found;
}

/** A certificate comes from whoever asks; that it is one is what its signature says, by the key that the agents'
 * approval names. Who could give a key another one would have spoiled it, as a key has one certificate. */
static rfd_status check_signature(const struct record *r, const struct certificate *c, slice issuer,
                                  struct rfd_error *error)
{
    const struct certificate *authority = NULL;
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    if (!r->has_authority) return RFD_OK; /* made by an older version, and not certified yet */
    TRY(certificate_parse(issuer, &authority, error));
    rfd_status status = digest_of(DIGEST_SHA256, authority->spki, hash, error);
    if (status == RFD_OK && memcmp(hash, r->authority, sizeof r->authority) != 0)
        status = error_set(error, RFD_E_KEY_MISMATCH, "another authority than its approval says");
    if (status == RFD_OK && certificate_verify_signature(c, authority, NULL) != RFD_OK)
        status = error_set(error, RFD_E_KEY_MISMATCH, "the authority did not sign it");
    certificate_unref(authority);
    return status;
}

static rfd_status check_certificate(const struct record *r, const struct certificate *c, slice issuer,
                                    struct rfd_error *error)
{
    struct buf number;
    if (!slice_equal(c->spki, r->spki)) return error_set(error, RFD_E_KEY_MISMATCH, "it is for another key");
    buf_init(&number, PERSONAL_ADDRESS_SIZE);
    enum oid_name type = r->entity ? OID_ORGANIZATION_IDENTIFIER : OID_SERIAL_NUMBER;
    bool same = certificate_name_attribute(c->subject, oid(type), &number) && slice_is(buf_slice(&number), r->holder);
    if (r->entity && names_person(c)) same = false;
    buf_dispose(&number);
    if (!same) return error_set(error, RFD_E_KEY_MISMATCH, "it is for another holder");
    return check_signature(r, c, issuer, error);
}

static rfd_status certify(struct personal *p, struct entry *e, struct record *r, const struct certificate *c,
                          slice issuer, struct rfd_error *error)
{
    TRY(check_certificate(r, c, issuer, error));
    if (r->certificate.length > 0) {
        if (slice_equal(r->certificate, c->der)) return RFD_OK;
        return error_set(error, RFD_E_EXISTS, "it has another certificate");
    }
    TRY(personal_log(p, e, "certificate", SLICE_EMPTY, error));
    r->certificate = c->der;
    r->expires = c->not_after;
    if (r->state == PERSONAL_WAITING) r->state = PERSONAL_ACTIVE;
    TRY(record_write(p, r, true, error));
    (void)pthread_mutex_lock(&p->lock);
    holders_update(e, r);
    (void)pthread_mutex_unlock(&p->lock);
    return RFD_OK;
}

rfd_status change_certify(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                          struct rfd_error *error)
{
    struct entry *e = NULL;
    struct record record = {.state = 0};
    const struct certificate *c = NULL;
    (void)answer;
    slice id = message_get_text(r, PERSONAL_ID_SIZE - 1);
    slice der = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    slice issuer = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    TRY(message_end(r, "certify", error));
    TRY(certificate_parse(der, &c, error));
    rfd_status status = take(p, id, q, &e, &record, error);
    if (status == RFD_OK) {
        status = certify(p, e, &record, c, issuer, error);
        holders_release(p, e->holder);
    }
    record_dispose(&record);
    certificate_unref(c);
    return status;
}

/* ---- A new approval ---- */

static rfd_status check_same(const struct record *r, const struct approval *a, struct rfd_error *error)
{
    if (!slice_is(begin_holder_of(a), r->holder) || !slice_equal(a->profile, r->profile) ||
        approval_is_of_entity(a) != r->entity)
        return error_set(error, RFD_E_APPROVAL, "it is of another holder or profile");
    if (a->time > r->approved) return RFD_OK;
    return error_set(error, RFD_E_APPROVAL, "it is not later than the one that holds");
}

static void put_address(char to[PERSONAL_ADDRESS_SIZE], slice address)
{
    (void)snprintf(to, PERSONAL_ADDRESS_SIZE, "%.*s", (int)address.length,
                   address.data == NULL ? "" : (const char *)address.data);
}

/** Mobile and mail are the approval's; the app, which the person may have lost, has to be set up again. */
static void use_approval(struct record *r, const struct approval *a)
{
    r->approved = a->time;
    r->mobile_changed = 0;
    put_address(r->mobile, a->mobile);
    put_address(r->mail, a->mail_count > 0 ? a->mails[0] : SLICE_EMPTY);
    r->channel = a->mobile.length > 0 ? PERSONAL_SMS : PERSONAL_MAIL;
    r->has_totp = false;
    secret_wipe(r->totp, sizeof r->totp);
    r->wrong_passwords = 0;
    if (r->state == PERSONAL_LOCKED) r->state = r->certificate.length > 0 ? PERSONAL_ACTIVE : PERSONAL_WAITING;
}

static void update(struct personal *p, struct entry *e, const struct record *r)
{
    (void)pthread_mutex_lock(&p->lock);
    holders_update(e, r);
    e->wrong_passwords = e->on_disk = 0;
    pending_end_of(p, e, NULL);
    (void)pthread_mutex_unlock(&p->lock);
}

static rfd_status adopt(struct personal *p, struct entry *e, struct record *r, const struct approved *a,
                        struct rfd_error *error)
{
    char masked[PERSONAL_ADDRESS_SIZE];
    struct buf members;
    TRY(check_same(r, &a->approval, error));
    TRY(holders_ready(p, e->holder, error));
    use_approval(r, &a->approval);
    code_mask_mobile(r->mobile, masked);
    buf_init(&members, HOLDER_LOG_LINE_MAXIMUM);
    personal_put_member(&members, "mobile", slice_text(masked));
    rfd_status status = personal_log(p, e, "adopt", buf_slice(&members), error);
    buf_dispose(&members);
    /* First, as an approval is adopted once: what was interrupted between both is done again. */
    if (status == RFD_OK) status = count_right_code(p, e->holder, error);
    if (status == RFD_OK) status = record_write(p, r, true, error);
    if (status == RFD_OK) update(p, e, r);
    return status;
}

rfd_status change_adopt(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                        struct rfd_error *error)
{
    struct approved a = {.count = 0};
    struct entry *e = NULL;
    struct record record = {.state = 0};
    rfd_status status = RFD_OK;
    rfd_time now;
    (void)answer;
    slice id = message_get_text(r, PERSONAL_ID_SIZE - 1);
    TRY_OUT(approved_take(&a, r, error));
    TRY_OUT(message_end(r, "adopt", error));
    TRY_OUT(personal_now(p, &now, error));
    TRY_OUT(begin_check_approval(p, &a, true, now, error));
    TRY_OUT(take(p, id, q, &e, &record, error));
    status = adopt(p, e, &record, &a, error);
    holders_release(p, e->holder);
out:
    approved_dispose(&a);
    record_dispose(&record);
    return status;
}
