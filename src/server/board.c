/* SPDX-License-Identifier: EUPL-1.2
 *
 * A slot is guarded by a counter that is odd while the slot is written. The texts are joined family by family; they are
 * small, and few.
 */
#include "server/board.h"

#include "base/error.h"
#include "base/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

struct board_slot {
    _Atomic uint32_t turn;
    _Atomic uint32_t length;
    char text[BOARD_TEXT_MAXIMUM];
};
enum { BOARD_SIZE = BOARD_SLOTS * sizeof(struct board_slot), READ_ATTEMPTS = 100 };

rfd_status board_make(int *out, struct rfd_error *error)
{
    int fd = memfd_create("refrenda-metrics", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return error_errno(error, RFD_E_INTERNAL, errno, "memory file");
    if (ftruncate(fd, BOARD_SIZE) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        rfd_status status = error_errno(error, RFD_E_INTERNAL, errno, "memory file");
        (void)close(fd);
        return status;
    }
    *out = fd;
    return RFD_OK;
}

rfd_status board_map(int descriptor, struct board_slot **out, struct rfd_error *error)
{
    void *memory = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) return error_errno(error, RFD_E_INTERNAL, errno, "memory file");
    *out = memory;
    return RFD_OK;
}

void board_unmap(struct board_slot *slots)
{
    if (slots != NULL) (void)munmap(slots, BOARD_SIZE);
}

void board_publish(struct board_slot *slots, unsigned index, const char *process)
{
    struct buf b;
    if (slots == NULL || index >= BOARD_SLOTS) return;
    struct board_slot *slot = &slots[index];
    buf_init(&b, BOARD_TEXT_MAXIMUM);
    metrics_write(process, &b);
    if (buf_status(&b) == RFD_OK) {
        uint32_t turn = atomic_load(&slot->turn) | 1; /* a writer that died left it odd */
        atomic_store(&slot->turn, turn);
        atomic_thread_fence(memory_order_seq_cst);
        if (b.length > 0) memcpy(slot->text, b.data, b.length);
        atomic_store(&slot->length, (uint32_t)b.length);
        atomic_thread_fence(memory_order_seq_cst);
        atomic_store(&slot->turn, turn + 1);
    }
    buf_dispose(&b);
}

/** Appends the text of a slot; nothing when it cannot be had whole. */
static void read_slot(const struct board_slot *slot, struct buf *out)
{
    for (int i = 0; i < READ_ATTEMPTS; i++) {
        uint32_t before = atomic_load(&slot->turn);
        uint32_t length = atomic_load(&slot->length);
        if (before % 2 != 0 || length > BOARD_TEXT_MAXIMUM) continue;
        atomic_thread_fence(memory_order_seq_cst);
        buf_reset(out);
        buf_put(out, slot->text, length);
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load(&slot->turn) == before) return;
    }
    buf_reset(out);
}

/* ---- Joining ---- */

static slice next_line(slice *text)
{
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->data, '\n', text->length);
    size_t length = end == NULL ? text->length : (size_t)(end - text->data) + 1;
    slice line = slice_part(*text, 0, length);
    *text = slice_from(*text, length);
    return line;
}

/** The family that a comment is about ("# TYPE name kind"); empty for anything else. */
static slice family_of(slice line)
{
    slice name = SLICE_EMPTY;
    if (slice_starts(line, SLICE("# TYPE "))) name = slice_from(line, 7);
    if (slice_starts(line, SLICE("# HELP "))) name = slice_from(line, 7);
    size_t length = 0;
    while (length < name.length && name.data[length] > ' ') length++;
    return slice_part(name, 0, length);
}

/** Cuts the comments and samples of the first family off; false when there is none any more. */
static bool next_family(slice *text, slice *family, slice *block)
{
    while (text->length > 0) {
        slice rest = *text;
        const uint8_t *begin = rest.data;
        *family = family_of(next_line(&rest));
        *text = rest;
        if (family->length == 0) continue; /* "# EOF", or nothing that we write */
        while (rest.length > 0) {
            slice line = next_line(&rest);
            if (line.data[0] == '#' && !slice_equal(family_of(line), *family)) break;
            *text = rest;
        }
        *block = slice_of(begin, (size_t)(text->data - begin));
        return true;
    }
    return false;
}

/** The block of a family; empty when the text has none. */
static slice find_family(slice text, slice wanted)
{
    slice family;
    slice block;
    while (next_family(&text, &family, &block)) {
        if (slice_equal(family, wanted)) return block;
    }
    return SLICE_EMPTY;
}

static void put_samples(slice block, struct buf *out)
{
    while (block.length > 0) {
        slice line = next_line(&block);
        if (line.data[0] != '#') buf_put_slice(out, line);
    }
}

/** The families of text `i` that none of the texts before it has, with the samples of all. */
static void put_families(const slice *texts, size_t i, struct buf *out)
{
    slice left = texts[i];
    slice family;
    slice block;
    while (next_family(&left, &family, &block)) {
        bool told = false;
        for (size_t j = 0; j < i && !told; j++) told = find_family(texts[j], family).length > 0;
        if (told) continue;
        buf_put_slice(out, block);
        for (size_t j = i + 1; j < BOARD_SLOTS; j++) put_samples(find_family(texts[j], family), out);
    }
}

void board_collect(const struct board_slot *slots, struct buf *out)
{
    struct buf kept[BOARD_SLOTS];
    slice texts[BOARD_SLOTS];
    for (size_t i = 0; i < BOARD_SLOTS; i++) {
        buf_init(&kept[i], BOARD_TEXT_MAXIMUM);
        read_slot(&slots[i], &kept[i]);
        texts[i] = buf_slice(&kept[i]);
    }
    for (size_t i = 0; i < BOARD_SLOTS; i++) put_families(texts, i, out);
    buf_put_text(out, "# EOF\n");
    for (size_t i = 0; i < BOARD_SLOTS; i++) buf_dispose(&kept[i]);
}
