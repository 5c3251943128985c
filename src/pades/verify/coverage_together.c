/* SPDX-License-Identifier: EUPL-1.2
 *
 * Several signatures of one document. Each update lies behind what was signed before, so a later signature's gap can
 * never lie within the bytes of an earlier one, and no two fields share a signature.
 */
#include "pades/verify/coverage.h"

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdlib.h>

struct span {
    uint64_t gap, end;
    size_t index;
};

static int by_end(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return (x->gap > y->gap) - (x->gap < y->gap);
}

static bool has_range(const struct pdf_signature *s)
{
    const int64_t *r = s->byte_range;
    return s->byte_range_count == 4 && r[0] >= 0 && r[1] >= 0 && r[2] >= r[1] && r[3] >= 0 && r[3] <= INT64_MAX - r[2];
}

static rfd_status check_shared(const struct pdf_signature *const *signatures, struct findings *const *findings,
                               size_t count, struct map *seen, struct rfd_error *error)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t other;
        uint64_t key = (uint64_t)(uintptr_t)signatures[i]->contents_raw.data;
        if (key == 0) key = (uint64_t)(uintptr_t)signatures[i]->dictionary;
        if (map_get(seen, key, &other)) {
            findings_add(findings[i], RFD_FINDING_SIGNATURE_SHARED, "object %u",
                         (unsigned)signatures[i]->reference.number);
            if (!findings_has(findings[other], RFD_FINDING_SIGNATURE_SHARED))
                findings_add(findings[other], RFD_FINDING_SIGNATURE_SHARED, "object %u",
                             (unsigned)signatures[other]->reference.number);
        } else if (map_set(seen, key, i) != RFD_OK) {
            return error_memory(error);
        }
    }
    return RFD_OK;
}

static void note_overlap(struct findings *f, const struct span *with)
{
    if (!findings_has(f, RFD_FINDING_BYTE_RANGE_SHARED))
        findings_add(f, RFD_FINDING_BYTE_RANGE_SHARED, "with the one whose gap is at byte %llu",
                     (unsigned long long)with->gap);
}

static void check_overlaps(struct span *spans, size_t count, struct findings *const *findings)
{
    qsort(spans, count, sizeof *spans, by_end);
    for (size_t i = 1; i < count; i++) {
        if (spans[i].gap >= spans[i - 1].end || spans[i].gap == spans[i - 1].gap) continue;
        note_overlap(findings[spans[i].index], &spans[i - 1]);
        note_overlap(findings[spans[i - 1].index], &spans[i]);
    }
}

rfd_status coverage_check_together(const struct pdf_signature *const *signatures, struct findings *const *findings,
                                   size_t count, struct rfd_error *error)
{
    struct map seen = {0};
    size_t used = 0;
    rfd_status status;
    struct span *spans = memory_zeroed(count + 1, sizeof *spans);
    if (spans == NULL) return error_memory(error);
    TRY_OUT(check_shared(signatures, findings, count, &seen, error));
    for (size_t i = 0; i < count; i++) {
        const int64_t *r = signatures[i]->byte_range;
        if (has_range(signatures[i])) spans[used++] = (struct span){(uint64_t)r[1], (uint64_t)r[2] + (uint64_t)r[3], i};
    }
    check_overlaps(spans, used, findings);
out:
    map_dispose(&seen);
    memory_free(spans);
    return status;
}
