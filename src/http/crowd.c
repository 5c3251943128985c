/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/crowd.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>

rfd_status crowd_init(struct crowd *crowd, unsigned connections, struct rfd_error *error)
{
    uint32_t size = 16;
    *crowd = (struct crowd){0};
    while (size < connections) size *= 2;
    crowd->mask = size - 1;
    if (getrandom(&crowd->seed, sizeof crowd->seed, 0) != sizeof crowd->seed)
        return error_errno(error, RFD_E_INTERNAL, errno, "no random numbers");
    crowd->rows = memory_zeroed(connections, sizeof *crowd->rows);
    crowd->heads = memory_zeroed(size, sizeof *crowd->heads);
    if (crowd->rows == NULL || crowd->heads == NULL) {
        crowd_dispose(crowd);
        return error_memory(error);
    }
    for (uint32_t i = 0; i < connections; i++) crowd->rows[i].next = i + 1 < connections ? i + 2 : 0;
    crowd->free_row = connections > 0 ? 1 : 0;
    return RFD_OK;
}

void crowd_dispose(struct crowd *crowd)
{
    memory_free(crowd->rows);
    memory_free(crowd->heads);
    *crowd = (struct crowd){0};
}

uint64_t crowd_network(const struct http_address *address)
{
    uint64_t family = (uint64_t)address->family << 56;
    if (address->family == HTTP_IPV4) return family | number_big_endian(address->bytes, 3);
    if (address->family == HTTP_IPV6) return family | number_big_endian(address->bytes, 7);
    return 0;
}

/** Keyed mixing (the finisher of MurmurHash3 over a secret start): good enough to spread what an attacker cannot see.
 */
static uint32_t *head_of(const struct crowd *crowd, uint64_t network)
{
    uint64_t h = network ^ crowd->seed;
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * (crowd->seed | 1);
    return &crowd->heads[(h ^ h >> 29) & crowd->mask];
}

/** The place that holds the network's row, or the end of its chain. */
static uint32_t *find(struct crowd *crowd, uint64_t network)
{
    uint32_t *place = head_of(crowd, network);
    while (*place != 0 && crowd->rows[*place - 1].network != network) place = &crowd->rows[*place - 1].next;
    return place;
}

bool crowd_enter(struct crowd *crowd, uint64_t network, unsigned maximum)
{
    uint32_t *place = find(crowd, network);
    if (*place == 0) {
        if (crowd->free_row == 0 || maximum == 0) return false;
        uint32_t number = crowd->free_row;
        struct crowd_row *row = &crowd->rows[number - 1];
        crowd->free_row = row->next;
        *row = (struct crowd_row){.network = network};
        *place = number;
    }
    struct crowd_row *row = &crowd->rows[*place - 1];
    if (row->count >= maximum) return false;
    row->count++;
    return true;
}

void crowd_leave(struct crowd *crowd, uint64_t network)
{
    uint32_t *place = find(crowd, network);
    assert(*place != 0);
    uint32_t number = *place;
    struct crowd_row *row = &crowd->rows[number - 1];
    if (--row->count > 0) return;
    *place = row->next;
    row->next = crowd->free_row;
    crowd->free_row = number;
}
