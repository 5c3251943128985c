/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "domain/audit/audit.h"
#include "domain/central/internal.h"
#include "domain/organisation/record.h"

enum { DETAIL_MAXIMUM = 4096 };

static void put_pair(struct buf *b, const char *name, slice value)
{
    buf_print(b, "%s\"%s\":", b->length == 1 ? "" : ",", name);
    record_put_json(b, value);
}

slice central_detail(struct transaction *t, const char *name, slice value, const char *second, slice second_value)
{
    struct buf b;
    buf_init(&b, DETAIL_MAXIMUM);
    buf_put_byte(&b, '{');
    put_pair(&b, name, value);
    if (second != NULL) put_pair(&b, second, second_value);
    buf_put_byte(&b, '}');
    slice out = buf_status(&b) == RFD_OK ? arena_copy(store_arena(t), buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return out;
}

slice central_signer(struct transaction *t, slice credential, int64_t certificate, const char **name)
{
    bool kept_here = credential.length > 0;
    const char *number = arena_print(store_arena(t), "%lld", (long long)certificate);
    *name = kept_here ? "credential" : "certificate";
    return kept_here ? credential : number == NULL ? SLICE_EMPTY : slice_text(number);
}

rfd_status central_audit(struct transaction *t, const struct actor *actor, const char *action, const char *kind,
                         int64_t id, slice detail, struct rfd_error *error)
{
    const char *object = arena_print(store_arena(t), "%s:%lld", kind, (long long)id);
    if (object == NULL || detail.data == NULL) return arena_failed(store_arena(t), error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, store_arena(t)), .object = slice_text(object), .detail = detail};
    return audit_put(t, &event, error);
}
