/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/counter.h"

#include "base/error.h"
#include "ipc/message.h"

#include <openssl/rand.h>

#define COUNTER_MAGIC SLICE("RFDCNT01")

enum { RECORD_MAXIMUM = 64 };

static rfd_status write_counter(const struct counter *c, const struct key_folder *f, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, RECORD_MAXIMUM);
    buf_put_slice(&b, COUNTER_MAGIC);
    buf_put(&b, c->instance, sizeof c->instance);
    message_put_u64(&b, c->reserved);
    message_put_i64(&b, c->floor);
    rfd_status status = buf_check(&b, "counter", error);
    if (status == RFD_OK) status = key_folder_write(f, c->file, buf_slice(&b), true, error);
    buf_dispose(&b);
    return status;
}

static rfd_status read_counter(struct counter *c, slice record, struct rfd_error *error)
{
    size_t head = COUNTER_MAGIC.length + sizeof c->instance;
    struct message_reader r = message_read(slice_from(record, head));
    c->reserved = message_get_u64(&r);
    c->floor = message_get_i64(&r);
    if (!key_folder_begins(record, COUNTER_MAGIC) || message_end(&r, "counter", NULL) != RFD_OK)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no counter", c->file);
    memcpy(c->instance, record.data + COUNTER_MAGIC.length, sizeof c->instance);
    c->value = c->reserved;
    return RFD_OK;
}

rfd_status counter_open(const struct key_folder *f, const char *name, struct counter *out, struct rfd_error *error)
{
    struct counter c = {.floor = RFD_TIME_NONE};
    struct buf record;
    (void)snprintf(c.file, sizeof c.file, "%s.count", name);
    if (!key_folder_has(f, c.file)) {
        if (RAND_bytes(c.instance, sizeof c.instance) != 1)
            return error_set(error, RFD_E_INTERNAL, "no random numbers");
        *out = c;
        return RFD_OK;
    }
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(f, c.file, &record, error);
    if (status == RFD_OK) status = read_counter(&c, buf_slice(&record), error);
    buf_dispose(&record);
    if (status == RFD_OK) *out = c;
    return status;
}

/** Twice the last one when that did not last long. */
static uint64_t next_block(const struct counter *c, rfd_time now)
{
    const rfd_time long_enough = 10 * RFD_SECOND;
    if (c->block == 0 || now - c->floor >= long_enough) return COUNTER_BLOCK;
    return c->block < COUNTER_BLOCK_MOST ? 2 * c->block : COUNTER_BLOCK_MOST;
}

rfd_status counter_next(struct counter *c, const struct key_folder *f, rfd_time now, struct rfd_error *error)
{
    if (c->value == c->reserved) {
        struct counter further = *c;
        further.block = next_block(c, now);
        further.reserved += further.block;
        further.floor = now > c->floor ? now : c->floor;
        TRY(write_counter(&further, f, error));
        *c = further;
    }
    c->value++;
    return RFD_OK;
}

void counter_serial(const struct counter *c, uint8_t serial[COUNTER_SERIAL_SIZE])
{
    uint64_t value = c->value;
    serial[0] = 1;
    memcpy(serial + 1, c->instance, sizeof c->instance);
    for (size_t i = COUNTER_SERIAL_SIZE; i > 1 + sizeof c->instance; i--, value >>= 8) serial[i - 1] = (uint8_t)value;
}
