/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda sign --csc: all documents of a run are prepared, then their hashes are authorised together, as many as the
 * credential signs at once, and then each gets its signature. One that cannot be signed does not stop the others.
 */
#include "base/error.h"
#include "base/memory.h"
#include "cli/csc.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <unistd.h>

enum { BROWSER_HASHES = 50 /* that an address can hold */, PATH_SIZE = 4096 };

struct one {
    char *prepared; /* path; NULL: there is none */
    rfd_bytes session, digest;
    slice signature;
};
struct run {
    struct csc_service service;
    struct signing *signing;
    struct batch *batch;
    struct one *all; /* of each document of the batch */
};

/* ---- Before ---- */

static rfd_status name_prepared(const struct document *d, char **out, struct rfd_error *error)
{
    uint8_t number[8];
    char path[PATH_SIZE];
    if (d->output == NULL || strcmp(d->output, "-") == 0 || strcmp(d->input, "-") == 0)
        return error_set(error, RFD_E_UNSUPPORTED, "--csc works from files to other files");
    if (RAND_bytes(number, sizeof number) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    int length =
        snprintf(path, sizeof path, "%s.%02x%02x%02x%02x.part", d->output, number[0], number[1], number[2], number[3]);
    if (length < 0 || (size_t)length >= sizeof path) return error_set(error, RFD_E_LIMIT, "%s", d->output);
    *out = memory_text(path);
    return *out == NULL ? error_memory(error) : RFD_OK;
}

static rfd_status prepare_one(const struct run *r, const struct document *d, struct one *one, struct rfd_error *error)
{
    rfd_bytes message = {0};
    if (d->output != NULL && !r->signing->options.replace && access(d->output, F_OK) == 0)
        return error_set(error, RFD_E_EXISTS, "%s", d->output);
    TRY(name_prepared(d, &one->prepared, error));
    TRY(rfd_prepare_file(d->input, one->prepared, buf_slice(&r->service.credential.chain), &r->signing->options,
                         &one->session, error));
    rfd_status status = rfd_session_to_sign(slice_bytes(one->session), &message, &one->digest, error);
    rfd_bytes_free(&message);
    return status;
}

static void prepare(void *context, struct document *d)
{
    const struct run *r = context;
    d->status = prepare_one(r, d, &r->all[d - r->batch->documents], &d->error);
}

/* ---- Signing ---- */

static enum digest_id digest_of_length(size_t length)
{
    static const enum digest_id all[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (digest_size(all[i]) == length) return all[i];
    }
    return DIGEST_NONE;
}

/** The documents from `from` on that wait and have hashes of one kind, as many as go together; how many these are. */
static size_t gather(const struct run *r, size_t from, size_t *which, slice *hashes)
{
    const struct csc_credential *c = &r->service.credential;
    size_t most = c->mode == CSC_BROWSER && c->multisign > BROWSER_HASHES ? (size_t)BROWSER_HASHES : c->multisign;
    size_t count = 0;
    for (size_t i = from; i < r->batch->count && count < most; i++) {
        slice digest = slice_bytes(r->all[i].digest);
        if (r->batch->documents[i].status != RFD_OK || r->all[i].signature.data != NULL) continue;
        if (count > 0 && digest.length != hashes[0].length) continue;
        hashes[count] = digest;
        which[count++] = i;
    }
    return count;
}

/** The person mistyped, or does not want to, or is not there: the same PIN or the same question once more would lock
 * the credential, or pester them. */
static bool ends_all(rfd_status status)
{
    static const rfd_status all[] = {RFD_E_ACTIVATION_PASSWORD, RFD_E_ACTIVATION_CODE, RFD_E_CREDENTIAL_LOCKED,
                                     RFD_E_CANCELLED,           RFD_E_DEADLINE,        RFD_E_SLOW_DOWN};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] == status) return true;
    }
    return false;
}

/** Documents that still wait are told so, too. */
static void give_up(struct run *r, rfd_status status, const struct rfd_error *error)
{
    for (size_t i = 0; i < r->batch->count; i++) {
        struct document *d = &r->batch->documents[i];
        if (d->status != RFD_OK || r->all[i].signature.data != NULL) continue;
        d->status = status;
        d->error = *error;
    }
}

/** What could not be authorised is told of each of its documents. */
static void sign_all(struct run *r)
{
    size_t which[CSC_MULTISIGN_MAXIMUM];
    slice hashes[CSC_MULTISIGN_MAXIMUM], signatures[CSC_MULTISIGN_MAXIMUM];
    for (size_t count = gather(r, 0, which, hashes); count > 0; count = gather(r, 0, which, hashes)) {
        struct rfd_error error = RFD_ERROR_INIT;
        const struct csc_order order = {.hashes = hashes,
                                        .count = count,
                                        .digest = digest_of_length(hashes[0].length),
                                        .pss = r->signing->options.pss};
        rfd_status status = csc_sign_hashes(&r->service, &order, signatures, &error);
        for (size_t i = 0; i < count; i++) {
            struct document *d = &r->batch->documents[which[i]];
            d->status = status;
            if (status != RFD_OK) d->error = error;
            if (status == RFD_OK) r->all[which[i]].signature = signatures[i];
        }
        if (ends_all(status)) give_up(r, status, &error);
    }
}

/* ---- After ---- */

static void embed(void *context, struct document *d)
{
    const struct run *r = context;
    const struct one *one = &r->all[d - r->batch->documents];
    if (d->status != RFD_OK) return;
    d->status = rfd_embed_file(one->prepared, d->output, slice_bytes(one->session), one->signature,
                               &r->signing->options, &d->report, &d->error);
}

static void clean_up(struct run *r)
{
    for (size_t i = 0; r->all != NULL && i < r->batch->count; i++) {
        if (r->all[i].prepared != NULL) (void)unlink(r->all[i].prepared);
        memory_free(r->all[i].prepared);
        rfd_bytes_free(&r->all[i].session);
        rfd_bytes_free(&r->all[i].digest);
    }
    memory_free(r->all);
    csc_close(&r->service);
}

rfd_status csc_sign(const struct arguments *a, struct batch *b, struct signing *signing, struct rfd_error *error)
{
    struct run r = {.signing = signing, .batch = b};
    rfd_status status = RFD_OK;
    if (a->p12 != NULL || a->key != NULL || a->pkcs11 != NULL)
        return error_set(error, RFD_E_ARGUMENT, "--csc and another key");
    r.all = memory_zeroed(b->count, sizeof *r.all);
    if (r.all == NULL) return error_memory(error);
    TRY_OUT(csc_open(a, &r.service, error));
    TRY_OUT(csc_log_in(&r.service, error));
    TRY_OUT(csc_choose(&r.service, error));
    batch_run(b, a->jobs, false, prepare, &r);
    sign_all(&r);
    batch_run(b, a->jobs, !a->quiet && !a->json, embed, &r);
out:
    clean_up(&r);
    return status;
}
