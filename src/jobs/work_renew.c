/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of the services: each authority's OCSP responder, and the time-stamp service. Their keys are on the
 * signers, all of which hold copies; the keeper issues the next certificate for a service that the ceremony registered,
 * under the name of its key. A service's certificate is renewed when two thirds of its life are over:
 *
 *   keeper: KEEPER_RENEW_SERVICE → register → database → each signer: KEEPER_CERTIFY_SERVICE
 *
 * A signer that was away gets the certificate at a later run: each run compares what signers have with what is in the
 * database, or, for time stamps, with the newest that a signer has.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "jobs/work.h"
#include "pki/certificate/certificate.h"

enum {
    ASK_MILLISECONDS = 15000,
    CERTIFICATE_MAXIMUM = KEY_CERTIFICATE_MAXIMUM,
    NAME_MAXIMUM = 64,
    LIST_MAXIMUM = 1 << 20,
    REGISTERED_MAXIMUM = 64 << 10
};

/* ---- Questions ---- */

static rfd_status ask(struct keeper_client *client, enum keeper_operation operation, const struct buf *body,
                      struct keeper_reply *reply, struct rfd_error *error)
{
    TRY(buf_check(body, "question", error));
    return keeper_client_ask(client, operation, buf_slice(body), -1, ASK_MILLISECONDS, reply, error);
}

/** The certificate that a signer's key has; empty when it has none yet. In `a`. */
static rfd_status certificate_of_key(struct keeper_client *signer, slice key, struct arena *a, slice *out,
                                     struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    struct buf body;
    buf_init(&body, NAME_MAXIMUM);
    message_put_bytes(&body, key);
    rfd_status status = ask(signer, KEEPER_PUBLIC_KEY, &body, &reply, error);
    if (status == RFD_OK) {
        struct message_reader *r = &reply.fields;
        (void)message_get_text(r, NAME_MAXIMUM);
        (void)message_get_text(r, NAME_MAXIMUM);
        (void)message_get_i64(r);
        (void)message_get_bytes(r, KEEPER_MESSAGE_MAXIMUM);
        slice certificate = message_get_bytes(r, CERTIFICATE_MAXIMUM);
        (void)message_get_u64(r);
        status = message_end(r, "answer", error);
        *out = arena_copy(a, certificate);
        if (status == RFD_OK && out->data == NULL) status = arena_failed(a, error);
    }
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

static rfd_status certify(struct keeper_client *signer, slice key, slice certificate, struct rfd_error *error)
{
    struct buf body;
    buf_init(&body, CERTIFICATE_MAXIMUM + NAME_MAXIMUM + 16);
    message_put_bytes(&body, key);
    message_put_bytes(&body, certificate);
    rfd_status status = ask(signer, KEEPER_CERTIFY_SERVICE, &body, NULL, error);
    buf_dispose(&body);
    return status;
}

/** Profile that a service was registered with; empty when it is not. In `a`. */
static rfd_status registered_profile(struct jobs *jobs, slice service, struct arena *a, slice *out,
                                     struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    struct buf nothing;
    buf_init(&nothing, 1);
    *out = SLICE_EMPTY;
    rfd_status status = ask(jobs->authority.keeper, KEEPER_LIST_REGISTERED, &nothing, &reply, error);
    if (status == RFD_OK) {
        struct message_reader *r = &reply.fields;
        uint32_t count = message_get_u32(r);
        for (uint32_t i = 0; i < count && !r->failed; i++) {
            uint8_t kind = message_get_u8(r);
            slice name = message_get_text(r, KEEPER_MESSAGE_MAXIMUM);
            slice profiles = message_get_text(r, KEEPER_MESSAGE_MAXIMUM);
            (void)message_get_bytes(r, KEEPER_MESSAGE_MAXIMUM);
            if (kind == KEEPER_SERVICE && slice_equal(name, service)) *out = arena_copy(a, profiles);
        }
        status = message_end(r, "answer", error);
    }
    keeper_reply_dispose(&reply);
    return status;
}

/* ---- Renewing ---- */

struct renewal {
    const struct authority *authority;
    slice key;         /* of the signers, and the service's name */
    slice certificate; /* that it has now; empty: none yet */
    bool responder;
};

static bool is_due(slice der)
{
    const struct certificate *c = NULL;
    if (der.length == 0) return true;
    if (certificate_parse(der, &c, NULL) != RFD_OK) return true;
    rfd_time life = c->not_after - c->not_before;
    bool due = clock_now() >= c->not_before + life / 3 * 2;
    certificate_unref(c);
    return due;
}

/** Has the keeper issue the next certificate and enters it; `renewal->certificate` is the new one afterwards. */
static rfd_status issue(struct jobs *jobs, struct renewal *renewal, struct arena *a, struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    struct certificate_row row;
    struct buf body;
    slice profile;
    TRY(registered_profile(jobs, renewal->key, a, &profile, error));
    if (profile.length == 0)
        return error_set(error, RFD_E_NOT_FOUND,
                         "the keeper knows no service \"%.*s\"; register it by \"refrenda ca "
                         "register\"",
                         (int)renewal->key.length, (const char *)renewal->key.data);
    buf_init(&body, 4 * NAME_MAXIMUM);
    message_put_bytes(&body, renewal->authority->key);
    message_put_bytes(&body, renewal->key);
    rfd_status status = ask(jobs->authority.keeper, KEEPER_RENEW_SERVICE, &body, &reply, error);
    if (status == RFD_OK) {
        struct message_reader *r = &reply.fields;
        slice certificate = arena_copy(a, message_get_bytes(r, CERTIFICATE_MAXIMUM));
        (void)message_get_bytes(r, NAME_MAXIMUM);
        uint32_t partition = message_get_u32(r);
        (void)message_get_i64(r);
        status = message_end(r, "answer", error);
        if (status == RFD_OK)
            status = authority_store_service(&jobs->authority, SLICE("system:worker"), renewal->authority->id, profile,
                                             certificate, partition, a, &row, error);
        if (status == RFD_OK) renewal->certificate = certificate;
    }
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

/** Gives every signer the certificate that it lacks; the first failure is returned after all had their turn. */
static rfd_status hand_out(struct jobs *jobs, const struct renewal *renewal, struct rfd_error *error)
{
    rfd_status first = RFD_OK;
    for (unsigned i = 0; i < jobs->signer_count; i++) {
        struct arena a;
        slice has = SLICE_EMPTY;
        struct rfd_error one = RFD_ERROR_INIT;
        arena_init(&a, LIST_MAXIMUM);
        rfd_status status = certificate_of_key(jobs->signers[i], renewal->key, &a, &has, &one);
        if (status == RFD_OK && !slice_equal(has, renewal->certificate))
            status = certify(jobs->signers[i], renewal->key, renewal->certificate, &one);
        arena_dispose(&a);
        if (status == RFD_OK || first != RFD_OK) continue;
        first = status;
        if (error != NULL) *error = one;
    }
    return first;
}

static rfd_status renew(struct jobs *jobs, struct renewal *renewal, struct rfd_error *error)
{
    struct arena a;
    arena_init(&a, LIST_MAXIMUM);
    rfd_status status = RFD_OK;
    bool due = is_due(renewal->certificate);
    if (due) TRY_OUT(issue(jobs, renewal, &a, error));
    if (due && renewal->responder)
        TRY_OUT(authority_set_responder(&jobs->authority, SLICE("system:worker"), renewal->authority->id, renewal->key,
                                        renewal->certificate, error));
    if (due)
        log_event(LOG_NOTICE, "renewed", "a service got its next certificate", LOG_SLICE("service", renewal->key),
                  LOG_SLICE("authority", renewal->authority->name));
    status = hand_out(jobs, renewal, error);
out:
    arena_dispose(&a);
    return status;
}

/* ---- Which services there are ---- */

static rfd_status renew_responder(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    struct renewal renewal = {authority, authority->ocsp_key, authority->ocsp_certificate, true};
    if (authority->ocsp_key.length == 0) return RFD_OK;
    return renew(jobs, &renewal, error);
}

/** The newest certificate of the time-stamp key that some signer has. */
static rfd_status find_tsa_certificate(struct jobs *jobs, slice key, struct arena *a, slice *out,
                                       struct rfd_error *error)
{
    rfd_time newest = RFD_TIME_NONE;
    rfd_status status = RFD_OK;
    *out = SLICE_EMPTY;
    for (unsigned i = 0; i < jobs->signer_count; i++) {
        const struct certificate *c = NULL;
        slice der = SLICE_EMPTY;
        rfd_status one = certificate_of_key(jobs->signers[i], key, a, &der, error);
        if (one != RFD_OK) status = one;
        if (one != RFD_OK || certificate_parse(der, &c, NULL) != RFD_OK) continue;
        if (newest == RFD_TIME_NONE || c->not_before > newest) {
            newest = c->not_before;
            *out = der;
        }
        certificate_unref(c);
    }
    return newest != RFD_TIME_NONE ? RFD_OK : status;
}

/** The authority that issued `der`: by name. NULL when it is none of ours. */
static const struct authority *find_issuer(const struct authority_list *list, slice der)
{
    const struct authority *found = NULL;
    const struct certificate *c = NULL;
    if (certificate_parse(der, &c, NULL) != RFD_OK) return NULL;
    for (size_t i = 0; i < list->count && found == NULL; i++) {
        const struct certificate *ca = NULL;
        if (list->items[i].key.length == 0 || certificate_parse(list->items[i].certificate, &ca, NULL) != RFD_OK)
            continue;
        if (slice_equal(ca->subject, c->issuer)) found = &list->items[i];
        certificate_unref(ca);
    }
    certificate_unref(c);
    return found;
}

static rfd_status renew_tsa(struct jobs *jobs, struct rfd_error *error)
{
    struct arena a;
    struct authority_list list = {0};
    struct renewal renewal = {.key = slice_text(jobs->settings->status.tsa_key)};
    rfd_status status = RFD_OK;
    if (renewal.key.length == 0) return RFD_OK;
    arena_init(&a, LIST_MAXIMUM);
    TRY_OUT(authority_list(&jobs->authority, &a, &list, error));
    TRY_OUT(find_tsa_certificate(jobs, renewal.key, &a, &renewal.certificate, error));
    renewal.authority = find_issuer(&list, renewal.certificate);
    if (renewal.authority != NULL) status = renew(jobs, &renewal, error);
out:
    arena_dispose(&a);
    return status;
}

rfd_status job_renew(struct jobs *jobs, struct rfd_error *error)
{
    struct rfd_error second = RFD_ERROR_INIT;
    rfd_status status = jobs_each_authority(jobs, renew_responder, error);
    rfd_status tsa = renew_tsa(jobs, &second);
    if (status != RFD_OK || tsa == RFD_OK) return status;
    if (error != NULL) *error = second;
    return tsa;
}
