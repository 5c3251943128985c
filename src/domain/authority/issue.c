/* SPDX-License-Identifier: EUPL-1.2
 *
 * Issuing. What must not happen, even when a process dies at any point or two do the same at once: a second certificate
 * for one request, a certificate that is out and not in the register, an answer before the register is on disk. So:
 *
 *   look     the same request before? then its certificate. The key somebody else's? then no.
 *   ask      the keeper writes its journal, signs, and for the same approval and key answers the same again.
 *   store    certificate, idempotency key, public key, audit row and the log's waiting row in one transaction.
 *
 * Whoever loses a race while storing looks again and hands out what the other one stored.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/number.h"
#include "keeper/approval.h"
#include "pki/digest.h"

enum { KEEPER_MILLISECONDS = 20000, CLIENT_MAXIMUM = 200, IDEMPOTENCY_MAXIMUM = 256, ROUNDS = 3 };

struct issuing {
    struct authority_domain *d;
    const struct authority_issue *order;
    struct arena *a;
    struct approval approval; /* as written; the keeper is who believes it */
    slice subject_id;         /* as the approval has it; empty: none */
    int64_t identity;         /* of the idempotency key */
    uint8_t request[REGISTER_HASH_SIZE];
    char key[AUTHORITY_NAME_SIZE];
    const struct certificate *certificate;
    struct certificate_row row;
    bool stored; /* the row was there */
    bool alone;  /* what was to be stored with it failed: the certificate without it */
    /* Of those that nobody waits for: */
    authority_issued *issued;
    void *context;
    unsigned rounds;
};

/* --- The request -------------------------------------------------------------------------------------------------- */

static void put_part(struct buf *b, slice s)
{
    message_put_bytes(b, s);
}

/** SHA-256 of all that a client says: the same request has the same. */
static rfd_status hash_request(struct issuing *i, struct rfd_error *error)
{
    const struct authority_issue *order = i->order;
    uint8_t hash[REGISTER_HASH_SIZE];
    struct buf b;
    rfd_status status;
    buf_init(&b, (size_t)KEEPER_MESSAGE_MAXIMUM);
    put_part(&b, order->client);
    put_part(&b, order->idempotency);
    TRY_OUT(buf_check(&b, "request", error));
    TRY_OUT(digest_of(DIGEST_SHA256, buf_slice(&b), hash, error));
    i->identity = (int64_t)number_big_endian(hash, 8);
    message_put_i64(&b, order->authority);
    put_part(&b, order->spki);
    for (size_t k = 0; k < order->approval_count; k++) put_part(&b, order->approvals[k]);
    TRY_OUT(buf_check(&b, "request", error));
    status = digest_of(DIGEST_SHA256, buf_slice(&b), i->request, error);
out:
    buf_dispose(&b);
    return status;
}

/** Attributes by which a person or an organisation is known, the first that is there (as register_describe()). */
static slice approved_id(const struct approval *approval)
{
    static const enum oid_name types[] = {OID_SERIAL_NUMBER, OID_ORGANIZATION_IDENTIFIER};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        for (size_t n = 0; n < approval->subject_count; n++) {
            if (approval->subject[n].type == types[k]) return approval->subject[n].value;
        }
    }
    return SLICE_EMPTY;
}

static rfd_status read_order(struct issuing *i, struct rfd_error *error)
{
    const struct authority_issue *order = i->order;
    slice text;
    if (order->approval_count == 0 || order->approval_count > APPROVALS_MAXIMUM)
        return error_set(error, RFD_E_APPROVAL, "%zu approvals", order->approval_count);
    if (order->client.length > CLIENT_MAXIMUM || order->idempotency.length > IDEMPOTENCY_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "client or idempotency key too long");
    TRY(approval_content(order->approvals[0], &text, error));
    TRY(approval_read(text, &i->approval, error));
    i->subject_id = approved_id(&i->approval);
    return hash_request(i, error);
}

/* --- Looking ------------------------------------------------------------------------------------------------------ */

/** The request is known: its certificate, if it is the same request. `values` are what is known of it: its hash, or
 * nothing where it is the one that the certificate was issued for; the certificate; and that one's. */
static rfd_status take_known(struct transaction *t, struct issuing *i, const struct store_value values[3],
                             struct rfd_error *error)
{
    slice request = values[0].bytes.length > 0 ? values[0].bytes : values[2].bytes;
    if (!slice_equal(request, slice_of(i->request, sizeof i->request)))
        return error_set(error, RFD_E_IDEMPOTENCY, "another request came with this key before");
    TRY(register_get(t, values[1].integer, i->a, &i->row, error));
    i->stored = true;
    return RFD_OK;
}

static rfd_status find_request(struct transaction *t, struct issuing *i, struct rfd_error *error)
{
    struct store_rows rows;
    struct store_value value = store_integer(i->identity);
    if (i->order->idempotency.length == 0) return RFD_OK;
    TRY(store_run(t,
                  "SELECT r.request, r.certificate, d.request FROM issue_request r "
                  "LEFT JOIN certificate_der d ON d.certificate = r.certificate WHERE r.identity = $1",
                  &value, 1, &rows, error));
    return rows.count == 0 ? RFD_OK : take_known(t, i, rows.values, error);
}

static rfd_status take_key_name(struct issuing *i, slice key, struct rfd_error *error)
{
    if (key.length == 0 || key.length >= sizeof i->key)
        return error_set(error, RFD_E_KEY_REFUSED, "the authority's key is not on line");
    memcpy(i->key, key.data, key.length);
    i->key[key.length] = '\0';
    return RFD_OK;
}

/** All that has to be known first, in one statement: this is done for each certificate. What a known request leads to
 * does not change any more, so that it may be read after it. */
static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    bool keyed = i->order->idempotency.length > 0;
    struct store_rows rows;
    bool known = i->order->client_hash.length > 0;
    struct store_value values[] = {store_integer(i->order->authority),
                                   keyed ? store_integer(i->identity) : store_null(),
                                   store_null(),
                                   known ? store_bytes(i->order->client_hash) : store_null(),
                                   store_text(i->order->client),
                                   store_boolean(true)};
    TRY(register_hash_key(i->order->spki, &values[2], error));
    TRY(store_run(t,
                  "SELECT a.key_name, r.request, r.certificate, d.request, k.compromised, c.subject_id, "
                  "(SELECT count(*) FROM registration_client w WHERE w.certificate_hash = $4 AND w.name = $5 AND "
                  "w.enabled = $6) FROM authority a "
                  "LEFT JOIN issue_request r ON r.identity = $2 LEFT JOIN certificate_der d ON d.certificate = "
                  "r.certificate LEFT JOIN public_key k ON k.hash = $3 "
                  "LEFT JOIN certificate c ON c.id = k.certificate WHERE a.id = $1",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    const struct store_value *v = rows.values;
    if (known && v[6].integer == 0) return error_set(error, RFD_E_FORBIDDEN, "not a registered client's certificate");
    if (v[1].type != STORE_NULL) return take_known(t, i, v + 1, error);
    if (v[4].type != STORE_NULL) TRY(register_key_free(v[4].integer != 0, v[5].bytes, i->subject_id, error));
    return take_key_name(i, v[0].bytes, error);
}

/* --- Asking ------------------------------------------------------------------------------------------------------- */

static rfd_status read_answer(struct issuing *i, struct message_reader *fields, struct rfd_error *error)
{
    slice der = message_get_bytes(fields, PROFILE_CERTIFICATE_MAXIMUM);
    slice serial = message_get_bytes(fields, REGISTER_SERIAL_MAXIMUM);
    uint32_t partition = message_get_u32(fields);
    rfd_time time = message_get_i64(fields);
    (void)message_get_u8(fields);
    TRY(message_end(fields, "the keeper's certificate", error));
    TRY(certificate_parse(der, &i->certificate, error));
    if (!slice_equal(serial, i->certificate->serial))
        return error_set(error, RFD_E_PROTOCOL, "the keeper's serial number is not that of its certificate");
    i->row = (struct certificate_row){
        .authority = i->order->authority,
        .profile = arena_copy(i->a, i->approval.profile),
        .asked = arena_copy(i->a, slice_of(i->request, sizeof i->request)),
        .request = arena_copy(i->a, i->approval.request),
        .client = arena_copy(i->a, i->order->client),
        .issued_at = time,
        .revoked_at = RFD_TIME_NONE,
        .invalid_since = RFD_TIME_NONE,
        .partition = partition,
    };
    if (i->row.profile.data == NULL || i->row.request.data == NULL || i->row.client.data == NULL ||
        i->row.asked.data == NULL)
        return arena_failed(i->a, error);
    TRY(register_describe(i->certificate, i->a, &i->row, error));
    if (i->row.mail.length > 0 || i->approval.mail_count == 0) return RFD_OK;
    i->row.mail = arena_copy(i->a, i->approval.mails[0]);
    return i->row.mail.data == NULL ? arena_failed(i->a, error) : RFD_OK;
}

static rfd_status put_question(const struct issuing *i, struct buf *body, struct rfd_error *error)
{
    message_put_text(body, i->key);
    message_put_bytes(body, i->order->spki);
    message_put_u32(body, (uint32_t)i->order->approval_count);
    for (size_t k = 0; k < i->order->approval_count; k++) message_put_bytes(body, i->order->approvals[k]);
    if (i->order->attestation.length > 0) {
        message_put_bytes(body, i->order->attestation);
        message_put_bytes(body, i->order->attestation_signature);
    }
    return buf_check(body, "request", error);
}

static rfd_status ask(struct issuing *i, struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    struct buf body;
    rfd_status status;
    buf_init(&body, (size_t)KEEPER_MESSAGE_MAXIMUM);
    TRY_OUT(put_question(i, &body, error));
    TRY_OUT(keeper_client_ask(i->d->keeper, KEEPER_ISSUE, buf_slice(&body), -1, KEEPER_MILLISECONDS, &reply, error));
    status = read_answer(i, &reply.fields, error);
out:
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

/* --- Storing ------------------------------------------------------------------------------------------------------ */

/** `request`: its hash; empty when it is the one that the certificate was issued for, where it is already. */
static rfd_status remember_request(struct transaction *t, const struct issuing *i, slice request,
                                   struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(i->identity), store_bytes(request), store_integer(i->row.id)};
    if (i->order->idempotency.length == 0) return RFD_OK;
    return store_run(t, "INSERT INTO issue_request(identity, request, certificate) VALUES ($1, $2, $3)", values, 3,
                     NULL, error);
}

static rfd_status store_all(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    TRY(register_enter(t, CERTIFICATE_EVENT_ISSUE, i->order->actor, &i->row, i->certificate->fingerprint, error));
    TRY(remember_request(t, i, SLICE_EMPTY, error));
    return register_claim_key(t, i->certificate->spki, &i->row, error);
}

/** The keeper gave a certificate that is in the register: the request came with another idempotency key, or without
 * one, before. Never one that was entered as lost, and may since be in lists. */
static rfd_status find_stored(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    struct certificate_row row;
    TRY(find_request(t, i, error));
    if (i->stored) return RFD_OK;
    rfd_status status = register_find(t, i->row.authority, i->row.serial, i->a, &row, error);
    if (status == RFD_E_NOT_FOUND) return RFD_OK;
    TRY(status);
    if (row.der.length == 0)
        return error_set(error, RFD_E_STATE, "the certificate was entered as lost, as it was signed and not stored");
    i->row = row;
    TRY(remember_request(t, i, slice_of(i->request, sizeof i->request), error));
    i->stored = true;
    return RFD_OK;
}

/** And what whoever ordered it wants to have stored with it. Whether that was done is known with the commit: the last
 * call counts. */
static rfd_status store_with(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    *i->order->also_done = false;
    i->alone = false;
    TRY(store_all(t, i, error));
    i->alone = true; /* unless the rest succeeds, too */
    TRY(i->order->also(t, &i->row, i->order->also_context, error));
    i->alone = false;
    *i->order->also_done = true;
    return RFD_OK;
}

static rfd_status store_certificate(struct issuing *i, struct rfd_error *error)
{
    if (i->order->also != NULL && !i->alone) {
        rfd_status status = store_write(i->d->store, store_with, i, error);
        if (status == RFD_OK) return RFD_OK;
        *i->order->also_done = false;
        if (!i->alone) return status;
        error_clear(error);
    }
    return store_write(i->d->store, store_all, i, error);
}

static rfd_status put_away(struct issuing *i, struct rfd_error *error)
{
    rfd_status status = RFD_E_STORE_CONFLICT;
    for (unsigned n = 0; n < ROUNDS && status == RFD_E_STORE_CONFLICT; n++) {
        status = store_certificate(i, error);
        if (status != RFD_E_STORE_CONFLICT) break;
        status = store_write(i->d->store, find_stored, i, error);
        if (status == RFD_OK && !i->stored) status = RFD_E_STORE_CONFLICT; /* the other one gave up: again */
    }
    return status;
}

rfd_status authority_issue(struct authority_domain *d, const struct authority_issue *order, struct arena *a,
                           struct certificate_row *out, bool *again, struct rfd_error *error)
{
    struct issuing i = {.d = d, .order = order, .a = a};
    rfd_status status;
    if (order->also != NULL) *order->also_done = false;
    TRY(read_order(&i, error));
    if (order->key.length > 0)
        TRY(take_key_name(&i, order->key, error));
    else
        TRY(store_look(d->store, look, &i, error));
    if (!i.stored) {
        if (d->keeper == NULL) return error_set(error, RFD_E_PEER_GONE, "no keeper");
        TRY_OUT(ask(&i, error));
        TRY_OUT(put_away(&i, error));
        if (!i.stored) metrics_add(METRIC_ISSUED, 1);
    }
    *out = i.row;
    *again = i.stored;
    status = RFD_OK;
out:
    certificate_unref(i.certificate);
    return status;
}

/* --- Without waiting ---------------------------------------------------------------------------------------------- */

static void finish(struct issuing *i, rfd_status status, const struct rfd_error *error)
{
    certificate_unref(i->certificate);
    i->certificate = NULL;
    if (status == RFD_OK && !i->stored) metrics_add(METRIC_ISSUED, 1);
    i->issued(i->context, status, &i->row, i->stored, error);
}

static void after_finding(void *context, rfd_status status, const struct rfd_error *error);

/** As put_away(), a step at a time. */
static void after_storing(void *context, rfd_status status, const struct rfd_error *error)
{
    struct issuing *i = context;
    struct rfd_error why = RFD_ERROR_INIT;
    if (status == RFD_E_STORE_CONFLICT) {
        status = store_write_later(i->d->store, find_stored, i, after_finding, &why);
        if (status == RFD_OK) return;
        error = &why;
    }
    finish(i, status, error);
}

static void after_finding(void *context, rfd_status status, const struct rfd_error *error)
{
    struct issuing *i = context;
    struct rfd_error why = *error;
    if (status == RFD_OK && !i->stored) status = error_set(&why, RFD_E_STORE_CONFLICT, "and then was not there");
    if (status == RFD_E_STORE_CONFLICT && ++i->rounds < ROUNDS) {
        status = store_write_later(i->d->store, store_all, i, after_storing, &why);
        if (status == RFD_OK) return;
    }
    finish(i, status, &why);
}

static void after_asking(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *error)
{
    struct issuing *i = context;
    struct rfd_error why = *error;
    if (status == RFD_OK) status = read_answer(i, fields, &why);
    if (status == RFD_OK) {
        status = store_write_later(i->d->store, store_all, i, after_storing, &why);
        if (status == RFD_OK) return;
    }
    finish(i, status, &why);
}

static rfd_status ask_later(struct issuing *i, struct rfd_error *error)
{
    struct buf body;
    buf_init(&body, (size_t)KEEPER_MESSAGE_MAXIMUM);
    rfd_status status = put_question(i, &body, error);
    if (status == RFD_OK)
        status = keeper_client_send(i->d->keeper, KEEPER_ISSUE, buf_slice(&body), KEEPER_MILLISECONDS, after_asking, i,
                                    error);
    buf_dispose(&body);
    return status;
}

rfd_status authority_issue_later(struct authority_domain *d, const struct authority_issue *order, struct arena *a,
                                 authority_issued *issued, void *context, struct rfd_error *error)
{
    if (store_kind(d->store) != STORE_SQLITE) return error_set(error, RFD_E_UNSUPPORTED, "issuing without waiting");
    struct issuing *i = arena_zeroed(a, 1, sizeof *i);
    if (i == NULL) return arena_failed(a, error);
    *i = (struct issuing){.d = d, .order = order, .a = a, .issued = issued, .context = context};
    TRY(read_order(i, error));
    TRY(store_look(d->store, look, i, error));
    if (!i->stored) {
        if (d->keeper == NULL) return error_set(error, RFD_E_PEER_GONE, "no keeper");
        return ask_later(i, error);
    }
    finish(i, RFD_OK, NULL);
    return RFD_OK;
}

/* --- Without approval ----------------------------------------------------------------------------------------------
 */

static rfd_status store_service(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    TRY(register_enter(t, CERTIFICATE_EVENT_STORE, i->order->actor, &i->row, i->certificate->fingerprint, error));
    return register_claim_key(t, i->certificate->spki, &i->row, error);
}

rfd_status authority_store_service(struct authority_domain *d, slice actor, int64_t authority, slice profile,
                                   slice certificate, uint32_t partition, struct arena *a, struct certificate_row *out,
                                   struct rfd_error *error)
{
    const struct authority_issue order = {.actor = actor, .authority = authority};
    struct issuing i = {.d = d, .order = &order, .a = a};
    rfd_status status;
    TRY(certificate_parse(certificate, &i.certificate, error));
    i.row = (struct certificate_row){.authority = authority,
                                     .profile = arena_copy(a, profile),
                                     .request = SLICE_EMPTY,
                                     .issued_at = clock_now(),
                                     .revoked_at = RFD_TIME_NONE,
                                     .invalid_since = RFD_TIME_NONE,
                                     .partition = partition};
    TRY_OUT(i.row.profile.data == NULL ? arena_failed(a, error) : RFD_OK);
    TRY_OUT(register_describe(i.certificate, a, &i.row, error));
    TRY_OUT(store_write(d->store, store_service, &i, error));
    metrics_add(METRIC_ISSUED, 1);
    *out = i.row;
out:
    certificate_unref(i.certificate);
    return status;
}
