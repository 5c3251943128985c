/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csc/csc_seal.h"

#include "base/error.h"
#include "keeper/seal.h"

enum { BOUND_MAXIMUM = 1024 };

static const slice labels[] = {
    [CSC_SEAL_CODE] = {(const uint8_t *)"refrenda csc code 1", 19},
    [CSC_SEAL_TOKEN] = {(const uint8_t *)"refrenda csc token 1", 20},
};

/** Values that hold no line break, one a line. */
static void put_bound(struct buf *b, const struct csc_token *token)
{
    buf_init(b, BOUND_MAXIMUM);
    buf_print(b, "%u\n%lld\n%lld\n%lld\n", token->version, (long long)token->portal.id, (long long)token->account,
              (long long)token->person);
    buf_print(b, "%.*s\n%d\n%d\n%u\n%lld\n", (int)token->credential.length,
              token->credential.data == NULL ? "" : (const char *)token->credential.data, (int)token->digest,
              token->documents, token->count, (long long)token->ends);
}

rfd_status csc_seal(enum csc_seal_kind kind, slice text, const struct csc_token *token, struct buf *out,
                    struct rfd_error *error)
{
    struct buf bound;
    put_bound(&bound, token);
    rfd_status status = buf_check(&bound, "what a SAD is for", error);
    if (status == RFD_OK)
        status = seal_close(text, labels[kind], buf_slice(&bound), slice_of(token->sad, sizeof token->sad), out, error);
    buf_dispose(&bound);
    return status;
}

bool csc_unseal(enum csc_seal_kind kind, slice text, slice sealed, struct csc_token *token)
{
    struct buf bound;
    if (sealed.length != SEAL_OVERHEAD + sizeof token->sad) return false;
    put_bound(&bound, token);
    bool good = buf_status(&bound) == RFD_OK && seal_open(text, labels[kind], buf_slice(&bound), sealed, token->sad);
    buf_dispose(&bound);
    return good;
}
