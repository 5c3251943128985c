/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a client wants an authority's key to sign as a revocation list. What is allowed must then be accepted as a whole
 * by the reader of lists, too, with the same number and the same kind.
 */
#include "keeper/crl_check.h"
#include "pki/authority/crl_writer.h"
#include "pki/revocation/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* CN=A; as tests/fuzz/make-seeds-keeper has it. */
static const uint8_t issuer[] = {0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0C, 1, 'A'};
static const uint8_t algorithm[] = {0x30, 10, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2};
static const uint8_t key_id[20];

/** Wraps it with its algorithm and a signature of zeros. */
static void read_as_list(slice tbs, const struct crl_facts *facts)
{
    enum { MAXIMUM = 1 << 20 };
    static const uint8_t zeros[64];
    struct buf list;
    struct buf tail;
    const struct crl *crl = NULL;
    buf_init(&list, MAXIMUM);
    buf_init(&tail, MAXIMUM);
    crl_put_envelope(&list, &tail, tbs.length, slice_of(algorithm, sizeof algorithm), slice_of(zeros, sizeof zeros));
    buf_put_slice(&list, tbs);
    buf_put_slice(&list, buf_slice(&tail));
    if (crl_parse(buf_slice(&list), &crl, NULL) != RFD_OK) __builtin_trap();
    if (crl->unknown_critical || !slice_equal(crl->tbs, tbs) || !slice_equal(crl->number, facts->number) ||
        (crl->delta_base.length > 0) != facts->delta)
        __builtin_trap();
    crl_free(crl);
    buf_dispose(&list);
    buf_dispose(&tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rfd_time now = INT64_C(1795000000) * RFD_SECOND;
    const struct authority_policy policy = {.crl_point = SLICE("http://c/{partition}"),
                                            .freshest = SLICE("http://d/{partition}"),
                                            .partitions = 3,
                                            .crl_seconds = 86400,
                                            .approval_seconds = 3600,
                                            .instance = 1};
    const struct crl_rule rule = {.issuer = slice_of(issuer, sizeof issuer),
                                  .key_id = slice_of(key_id, sizeof key_id),
                                  .algorithm = slice_of(algorithm, sizeof algorithm),
                                  .policy = &policy};
    struct crl_facts facts;
    slice in = slice_of(data, size);
    if (crl_check(&rule, in, now, &facts, NULL) == RFD_OK) read_as_list(in, &facts);
    return 0;
}
