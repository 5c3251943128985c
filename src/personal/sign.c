/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing: each authorised hash once. They are marked first, then signed by whichever threads there are, then the
 * holder's log has them on disk, with one sync for all of a message, and then they leave. What was marked and did not
 * leave is not signed again.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

enum { SIGNATURE_MAXIMUM = 512, LOG_MAXIMUM = 1 << 20 };

/** One message. */
struct job {
    struct pending *o;
    EVP_PKEY *key;
    enum operation_of of;                   /* OPERATION_OF_HASHES, OPERATION_OF_DOCUMENTS */
    rfd_time time;                          /* of signed attributes; RFD_TIME_NONE: without */
    slice whole;                            /* digest of the only document with its revision; empty: there is none */
    uint8_t which[PERSONAL_HASHES_MAXIMUM]; /* of the operation's documents, in the message's order */
    uint8_t hashes[PERSONAL_HASHES_MAXIMUM][DIGEST_SIZE_MAXIMUM]; /* that are signed */
    size_t count;
};
_Static_assert(PERSONAL_HASHES_MAXIMUM <= UINT8_MAX, "numbers of documents are octets");

/* ---- Marking, under the lock ---- */

static bool find_hash(const struct pending *o, slice hash, size_t *out)
{
    if (hash.length != o->hash_size) return false;
    for (size_t i = 0; i < o->operation.count; i++) {
        if (memcmp(o->hashes + i * o->hash_size, hash.data, hash.length) != 0) continue;
        *out = i;
        return !o->used[i];
    }
    return false;
}

/** All of them, or none. */
static rfd_status mark(struct job *j, struct message_reader hashes, uint32_t count, struct rfd_error *error)
{
    struct pending *o = j->o;
    size_t which = 0;
    for (j->count = 0; j->count < count; j->count++) {
        if (!find_hash(o, message_get_bytes(&hashes, DIGEST_SIZE_MAXIMUM), &which)) break;
        j->which[j->count] = (uint8_t)which;
        o->used[which] = true;
    }
    if (j->count == count) {
        o->marked += count;
        return RFD_OK;
    }
    for (size_t i = 0; i < j->count; i++) o->used[j->which[i]] = false;
    return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "hash %zu", j->count + 1);
}

static rfd_status find_activated(struct personal *p, slice sad, struct pending **out, struct rfd_error *error)
{
    struct pending *o = NULL;
    if (sad.length != PERSONAL_SAD_SIZE ||
        pending_find(p, slice_part(sad, 0, PERSONAL_OPERATION_SIZE), &o, NULL) != RFD_OK ||
        o->state != PERSONAL_ACTIVATED ||
        !secret_equal(slice_from(sad, PERSONAL_OPERATION_SIZE), slice_of(o->sad, sizeof o->sad)))
        return error_set(error, RFD_E_ACTIVATION_ENDED, "nothing is authorised by this");
    /* Its time may be over while it is used by others: then it has not ended yet. */
    if (p->monotonic() >= o->ends_here) return error_set(error, RFD_E_ACTIVATION_ENDED, "its time is over");
    *out = o;
    return RFD_OK;
}

rfd_status sign_find_activated(struct personal *p, slice sad, enum operation_of wanted, struct pending **out,
                               struct rfd_error *error)
{
    struct pending *o = NULL;
    TRY(find_activated(p, sad, &o, error));
    if (o->operation.of != wanted && o->operation.of != OPERATION_OF_BOTH)
        return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "hashes of something else");
    *out = o;
    return RFD_OK;
}

static rfd_status begin_job(struct personal *p, slice sad, struct message_reader hashes, uint32_t count, struct job *j,
                            struct rfd_error *error)
{
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, j->of, &j->o, error);
    if (status == RFD_OK) status = mark(j, hashes, count, error);
    if (status == RFD_OK && EVP_PKEY_up_ref(j->o->key) == 1) {
        j->key = j->o->key;
        j->o->users++;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK || j->key != NULL) return status;
    return error_set(error, RFD_E_INTERNAL, "key");
}

static void end_job(struct personal *p, struct job *j, bool signed_all)
{
    struct pending *o = j->o;
    if (j->key == NULL) return;
    EVP_PKEY_free(j->key);
    (void)pthread_mutex_lock(&p->lock);
    o->users--;
    if (signed_all) o->signed_count += j->count;
    if (o->state == PERSONAL_ACTIVATED && o->marked == o->operation.count && o->users == 0)
        pending_end(o, PERSONAL_DONE);
    (void)pthread_mutex_unlock(&p->lock);
}

/* ---- Signing ---- */

static EVP_PKEY_CTX *begin_signing(const struct job *j)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, j->key, NULL);
    if (c != NULL && EVP_PKEY_sign_init(c) == 1 &&
        (!EVP_PKEY_is_a(j->key, "RSA") || EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1) &&
        EVP_PKEY_CTX_set_signature_md(c, digest_md(j->o->operation.digest)) == 1)
        return c;
    EVP_PKEY_CTX_free(c);
    return NULL;
}

/** What is signed: the authorised hashes themselves, or those of the signed attributes that they get. */
static rfd_status make_hashes(struct job *j, struct rfd_error *error)
{
    const struct pending *o = j->o;
    for (size_t i = 0; i < j->count; i++) {
        const slice hash = slice_of(o->hashes + j->which[i] * o->hash_size, o->hash_size);
        if (j->of == OPERATION_OF_DOCUMENTS)
            TRY(document_hash(o, j->whole.length > 0 ? j->whole : hash, j->time, j->hashes[i], error));
        else
            memcpy(j->hashes[i], hash.data, hash.length);
    }
    return RFD_OK;
}

static rfd_status sign_all(const struct job *j, struct buf *answer, struct rfd_error *error)
{
    uint8_t signature[SIGNATURE_MAXIMUM];
    EVP_PKEY_CTX *c = begin_signing(j);
    bool good = c != NULL;
    message_put_u32(answer, (uint32_t)j->count);
    for (size_t i = 0; i < j->count && good; i++) {
        size_t length = sizeof signature;
        good = EVP_PKEY_sign(c, signature, &length, j->hashes[i], j->o->hash_size) == 1;
        if (good) message_put_bytes(answer, slice_of(signature, length));
    }
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return good ? buf_check(answer, "signatures", error) : error_set(error, RFD_E_SIGNING, "the key does not sign");
}

/* ---- The holder's log ---- */

static void put_hex_member(struct buf *b, const char *name, slice octets)
{
    buf_put_text(b, name);
    buf_put_hex(b, octets, false);
    buf_put_byte(b, '"');
}

static void put_line(struct buf *b, const struct job *j, size_t i, const char *time)
{
    const struct pending *o = j->o;
    size_t which = j->which[i];
    const struct operation_document *d = &o->operation.documents[which];
    buf_print(b, "\"time\":\"%s\",\"event\":\"sign\"", time);
    put_hex_member(b, ",\"operation\":\"", slice_of(o->id, sizeof o->id));
    personal_put_member(b, "portal", o->operation.portal);
    if ((o->proofs & PERSONAL_PROOF_CODE) == 0) personal_put_member(b, "proof", SLICE("password"));
    code_put_way(b, o);
    personal_put_member(b, "title", d->title);
    put_hex_member(b, ",\"shown\":\"", slice_of(d->shown, sizeof d->shown));
    personal_put_member(b, "digest", slice_text(digest_name(o->operation.digest)));
    if (j->of == OPERATION_OF_DOCUMENTS)
        put_hex_member(b, ",\"document\":\"", slice_of(o->hashes + which * o->hash_size, o->hash_size));
    put_hex_member(b, ",\"hash\":\"", slice_of(j->hashes[i], o->hash_size));
    buf_put_byte(b, '\0');
}

static rfd_status log_all(struct personal *p, const struct job *j, struct rfd_error *error)
{
    struct entry *e = j->o->entry;
    const struct holder_log_place where = {p->store->folder, &p->log_secret, e->id};
    char time[CLOCK_TEXT_SIZE];
    struct buf lines;
    buf_init(&lines, LOG_MAXIMUM);
    (void)clock_iso(clock_now() / RFD_SECOND * RFD_SECOND, time);
    for (size_t i = 0; i < j->count; i++) put_line(&lines, j, i, time);
    rfd_status status = buf_check(&lines, "log", error);
    (void)pthread_mutex_lock(personal_log_lock(p, e));
    if (status == RFD_OK) status = holder_log_append(&e->log, &where, buf_slice(&lines), j->count, error);
    (void)pthread_mutex_unlock(personal_log_lock(p, e));
    buf_dispose(&lines);
    return status;
}

/** The fields of the hashes are all there. */
static rfd_status check_hashes(struct message_reader r, uint32_t count, struct rfd_error *error)
{
    if (!r.failed && (count == 0 || count > PERSONAL_HASHES_MAXIMUM))
        return error_set(error, RFD_E_ARGUMENT, "%u hashes", count);
    for (uint32_t i = 0; i < count && !r.failed; i++) (void)message_get_bytes(&r, DIGEST_SIZE_MAXIMUM);
    return message_end(&r, "sign", error);
}

/** Marks, signs, logs: `hashes` are the fields of the authorised ones. */
static rfd_status work(struct personal *p, struct personal_request *q, slice sad, struct message_reader hashes,
                       uint32_t count, struct job *j, struct buf *answer, struct rfd_error *error)
{
    TRY(begin_job(p, sad, hashes, count, j, error));
    memcpy(q->event.key, j->o->entry->id, sizeof j->o->entry->id);
    q->event.uses = j->count;
    rfd_status status = make_hashes(j, error);
    if (status == RFD_OK) status = sign_all(j, answer, error);
    if (status == RFD_OK) status = log_all(p, j, error);
    end_job(p, j, status == RFD_OK);
    return status;
}

rfd_status sign_hashes(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                       struct rfd_error *error)
{
    struct job j = {.of = OPERATION_OF_HASHES};
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    uint32_t count = message_get_u32(r);
    TRY(check_hashes(*r, count, error));
    return work(p, q, sad, *r, count, &j, answer, error);
}

/* ---- Documents ---- */

rfd_status sign_documents(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                          struct rfd_error *error)
{
    struct job j = {.of = OPERATION_OF_DOCUMENTS, .time = RFD_TIME_NONE};
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    uint8_t timed = message_get_u8(r);
    uint32_t count = message_get_u32(r);
    TRY(check_hashes(*r, count, error));
    if (timed == 1) TRY(personal_now(p, &j.time, error));
    if (timed == 1) j.time = j.time / RFD_SECOND * RFD_SECOND;
    message_put_i64(answer, j.time);
    return work(p, q, sad, *r, count, &j, answer, error);
}

rfd_status sign_revision(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    uint8_t document[DIGEST_SIZE_MAXIMUM], whole[DIGEST_SIZE_MAXIMUM];
    struct job j = {.of = OPERATION_OF_DOCUMENTS, .time = RFD_TIME_NONE};
    struct document_end end;
    struct buf hashes;
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    end.length = message_get_u64(r);
    end.before = message_get_bytes(r, PERSONAL_PIECE_MAXIMUM);
    end.after = message_get_bytes(r, PERSONAL_PIECE_MAXIMUM);
    TRY(message_end(r, "sign-revision", error));
    if (end.before.length + end.after.length > PERSONAL_PIECE_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "a revision of %zu octets", end.before.length + end.after.length);
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, j.of, &j.o, error);
    size_t size = status == RFD_OK ? j.o->hash_size : 0;
    (void)pthread_mutex_unlock(&p->lock);
    if (status == RFD_OK) status = document_finish(p, sad, &end, document, whole, error);
    if (status != RFD_OK) return status;
    j.whole = slice_of(whole, size);
    buf_init(&hashes, 2 * DIGEST_SIZE_MAXIMUM);
    message_put_bytes(&hashes, slice_of(document, size));
    status = buf_check(&hashes, "hash", error);
    if (status == RFD_OK) status = work(p, q, sad, message_read(buf_slice(&hashes)), 1, &j, answer, error);
    buf_dispose(&hashes);
    return status;
}

/** The same hash twice is once too often, as for PERSONAL_SIGN. */
static rfd_status look_for(const struct pending *o, struct message_reader hashes, uint32_t count,
                           struct rfd_error *error)
{
    bool seen[PERSONAL_HASHES_MAXIMUM] = {false};
    for (uint32_t i = 0; i < count; i++) {
        size_t which = 0;
        bool found = find_hash(o, message_get_bytes(&hashes, DIGEST_SIZE_MAXIMUM), &which) && !seen[which];
        if (!found) return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "hash %u", i + 1);
        seen[which] = true;
    }
    return RFD_OK;
}

rfd_status sign_check(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                      struct rfd_error *error)
{
    struct pending *o = NULL;
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    uint32_t count = message_get_u32(r);
    (void)q, (void)answer;
    TRY(check_hashes(*r, count, error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = find_activated(p, sad, &o, error);
    if (status == RFD_OK) status = look_for(o, *r, count, error);
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}
