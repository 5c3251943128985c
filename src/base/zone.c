/* SPDX-License-Identifier: EUPL-1.2
 *
 * A TZif file (RFC 8536 §3.1) has its changes twice: in 32 bits for old programs, then in 64 bits; the second is read
 * where there is one. A change is an instant and one of some types of local time; before the first change the first
 * type holds, after the last one the rule at the end of the file.
 */
#include "base/zone.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"
#include "base/zone_rule.h"

#include <stdio.h>

enum { FILE_LONGEST = 256 << 10, HEADER = 44, TYPE_SIZE = 6, DAY = 86400, OFFSET_MOST = 26 * 3600, NAME_LONGEST = 64 };
#define FOLDER "/usr/share/zoneinfo/"

struct zone {
    bool has_rule;
    struct zone_rule rule;
    int first_offset;
    size_t count;
    struct {
        int64_t at;
        int offset; /* from then on */
    } changes[];
};

/* ---- Reading ---- */

/** What one of the two parts of a file holds. */
struct part {
    uint8_t version;
    uint32_t universal, standard, leap, time, type, character;
    size_t size; /* of its data */
    slice data;
};

static rfd_status not_a_zone(struct rfd_error *error)
{
    return error_set(error, RFD_E_ARGUMENT, "not a file of a time zone (TZif)");
}

/** `width`: 4 or 8 bytes for an instant. Takes the part from `rest`. */
static bool take_part(slice *rest, size_t width, struct part *out)
{
    if (rest->length < HEADER || !slice_starts(*rest, SLICE("TZif"))) return false;
    const uint8_t *h = rest->data;
    uint32_t *counts[] = {&out->universal, &out->standard, &out->leap, &out->time, &out->type, &out->character};
    out->version = h[4];
    for (size_t i = 0; i < 6; i++) {
        uint64_t count = number_big_endian(h + 20 + 4 * i, 4);
        if (count > FILE_LONGEST) return false;
        *counts[i] = (uint32_t)count;
    }
    out->size = out->time * (width + 1) + (size_t)out->type * TYPE_SIZE + out->character + out->leap * (width + 4) +
                out->standard + out->universal;
    *rest = slice_from(*rest, HEADER);
    if (out->size > rest->length) return false;
    out->data = slice_part(*rest, 0, out->size);
    *rest = slice_from(*rest, out->size);
    return true;
}

static int64_t instant(const struct part *p, size_t width, size_t i)
{
    uint64_t value = number_big_endian(p->data.data + i * width, width);
    return width == 8 ? (int64_t)value : (int32_t)(uint32_t)value;
}

static bool offset_of_type(const struct part *p, size_t width, size_t type, int *out)
{
    if (type >= p->type) return false;
    const uint8_t *record = p->data.data + p->time * (width + 1) + type * TYPE_SIZE;
    int32_t offset = (int32_t)(uint32_t)number_big_endian(record, 4);
    if (offset < -OFFSET_MOST || offset > OFFSET_MOST) return false;
    *out = offset;
    return true;
}

static bool fill(struct zone *z, const struct part *p, size_t width)
{
    if (p->leap != 0 || !offset_of_type(p, width, 0, &z->first_offset)) return false;
    for (size_t i = 0; i < p->time; i++) {
        z->changes[i].at = instant(p, width, i);
        if (i > 0 && z->changes[i].at <= z->changes[i - 1].at) return false;
        if (!offset_of_type(p, width, p->data.data[p->time * width + i], &z->changes[i].offset)) return false;
    }
    z->count = p->time;
    return true;
}

/** "\nRULE\n"; an empty one says that nothing is known. */
static bool read_footer(struct zone *z, slice rest)
{
    if (rest.length < 2 || rest.data[0] != '\n') return false;
    const uint8_t *end = memchr(rest.data + 1, '\n', rest.length - 1);
    if (end == NULL) return false;
    slice rule = slice_part(rest, 1, (size_t)(end - rest.data) - 1);
    z->has_rule = rule.length > 0;
    return !z->has_rule || zone_rule_read(rule, &z->rule);
}

rfd_status zone_read(slice file, struct zone **out, struct rfd_error *error)
{
    struct part part;
    size_t width = 4;
    if (file.length > FILE_LONGEST || !take_part(&file, width, &part)) return not_a_zone(error);
    if (part.version >= '2') {
        width = 8;
        if (!take_part(&file, width, &part)) return not_a_zone(error);
    }
    struct zone *z = memory_zeroed(1, sizeof *z + part.time * sizeof *z->changes);
    if (z == NULL) return error_memory(error);
    if (!fill(z, &part, width) || (width == 8 && !read_footer(z, file))) {
        zone_close(z);
        return not_a_zone(error);
    }
    *out = z;
    return RFD_OK;
}

void zone_close(struct zone *zone)
{
    memory_free(zone);
}

/** Words of letters, digits, "_", "+" and "-" with slashes between them: no way out of the folder. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_LONGEST || name[length - 1] == '/') return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '+' || c == '-' || (c == '/' && i > 0 && name[i - 1] != '/');
        if (!good) return false;
    }
    return true;
}

rfd_status zone_open(const char *name, struct zone **out, struct rfd_error *error)
{
    char path[sizeof FOLDER + NAME_LONGEST];
    struct buf file;
    if (!is_name(name)) return error_set(error, RFD_E_ARGUMENT, "not the name of a time zone");
    if (strcmp(name, "UTC") == 0) {
        *out = NULL;
        return RFD_OK;
    }
    (void)snprintf(path, sizeof path, FOLDER "%s", name);
    buf_init(&file, FILE_LONGEST);
    rfd_status status = source_read_file(path, FILE_LONGEST, &file, error);
    if (status == RFD_OK) status = zone_read(buf_slice(&file), out, error);
    buf_dispose(&file);
    return status;
}

/* ---- Looking up ---- */

static int64_t seconds_of(rfd_time moment)
{
    return moment / RFD_SECOND - (moment % RFD_SECOND < 0);
}

/** How many changes have happened by then. */
static size_t changes_before(const struct zone *z, int64_t at)
{
    size_t low = 0;
    size_t high = z->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->changes[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int offset_at(const struct zone *z, int64_t at)
{
    size_t before = changes_before(z, at);
    if (before == z->count && z->has_rule) return zone_rule_offset(&z->rule, at);
    return before == 0 ? z->first_offset : z->changes[before - 1].offset;
}

/** The next instant after which another offset may hold. */
static int64_t next_change(const struct zone *z, int64_t at)
{
    size_t before = changes_before(z, at);
    if (before < z->count) return z->changes[before].at;
    return z->has_rule ? zone_rule_next(&z->rule, at) : INT64_MAX;
}

int zone_offset(const struct zone *zone, rfd_time moment)
{
    return zone == NULL ? 0 : offset_at(zone, seconds_of(moment));
}

struct civil zone_civil(const struct zone *zone, rfd_time moment)
{
    return clock_civil((seconds_of(moment) + zone_offset(zone, moment)) * RFD_SECOND);
}

/** The first instant at which the clock on the wall shows `local` (as seconds) or later. */
static int64_t first_at(const struct zone *zone, int64_t local)
{
    if (zone == NULL) return local;
    for (int64_t from = local - OFFSET_MOST;;) {
        int64_t until = next_change(zone, from);
        int64_t there = local - offset_at(zone, from);
        if (there < from) there = from;
        if (there < until) return there;
        from = until;
    }
}

bool zone_from_civil(const struct zone *zone, const struct civil *civil, rfd_time *out)
{
    rfd_time local;
    if (!clock_from_civil(civil, &local)) return false;
    *out = first_at(zone, local / RFD_SECOND) * RFD_SECOND;
    return true;
}

int64_t zone_day(const struct zone *zone, rfd_time moment)
{
    int64_t local = seconds_of(moment) + zone_offset(zone, moment);
    return local / DAY - (local % DAY < 0);
}

rfd_time zone_day_start(const struct zone *zone, int64_t day)
{
    static const int64_t first = -719162; /* 0001-01-01 */
    static const int64_t last = 2932896;  /* 9999-12-31 */
    return day < first || day > last ? RFD_TIME_NONE : first_at(zone, day * DAY) * RFD_SECOND;
}
