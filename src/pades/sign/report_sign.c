/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/report_sign.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "pades/json_bytes.h"

#include <jansson.h>
#include <stdarg.h>

enum { REPORT_MAXIMUM = 4 * 1024 * 1024, FIRST_CHECKS = 16, DETAIL_SIZE = 512 };

struct rfd_sign_report {
    struct arena arena;
    struct rfd_sign_check *checks; /* in the arena, as all texts */
    size_t count, capacity;
    const char *operation, *field, *signer, *algorithm;
    enum rfd_level level;
    rfd_time claimed, proven;
    rfd_status result;
    const char *result_detail;
};

static const char *const level_names[] = {"B-B", "B-T", "B-LT", "B-LTA"};
static const char *const result_names[] = {"passed", "warning", "failed", "skipped"};

rfd_status report_sign_new(const char *operation, struct rfd_sign_report **out, struct rfd_error *error)
{
    struct rfd_sign_report *report = memory_zeroed(1, sizeof *report);
    if (report == NULL) return error_memory(error);
    arena_init(&report->arena, REPORT_MAXIMUM);
    report->operation = operation;
    report->field = report->signer = report->algorithm = report->result_detail = "";
    report->claimed = report->proven = RFD_TIME_NONE;
    *out = report;
    return RFD_OK;
}

/** As UTF-8, which file names need not be, nor texts that were cut. */
static const char *copy(struct rfd_sign_report *report, const char *text)
{
    struct buf whole;
    slice rest = slice_text(text);
    buf_init(&whole, REPORT_MAXIMUM);
    while (rest.length > 0) text_put_utf8(&whole, text_next(&rest));
    const char *copied = buf_status(&whole) == RFD_OK ? arena_text(&report->arena, buf_slice(&whole)) : NULL;
    buf_dispose(&whole);
    return copied == NULL ? "" : copied;
}

static bool make_room(struct rfd_sign_report *report)
{
    if (report->count < report->capacity) return true;
    size_t capacity = report->capacity == 0 ? FIRST_CHECKS : report->capacity * 2;
    struct rfd_sign_check *grown = arena_zeroed(&report->arena, capacity, sizeof *grown);
    if (grown == NULL) return false;
    if (report->count > 0) memcpy(grown, report->checks, report->count * sizeof *grown);
    report->checks = grown;
    report->capacity = capacity;
    return true;
}

void report_sign_check(struct rfd_sign_report *report, const char *name, enum rfd_check_result result, rfd_status code,
                       const char *format, ...)
{
    if (report == NULL || !make_room(report)) return;
    char detail[DETAIL_SIZE] = "";
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(detail, sizeof detail, format, args);
        va_end(args);
    }
    report->checks[report->count++] =
        (struct rfd_sign_check){.name = name, .result = result, .code = code, .detail = copy(report, detail)};
}

void report_sign_field(struct rfd_sign_report *report, const char *field)
{
    if (report != NULL) report->field = copy(report, field);
}

void report_sign_signer(struct rfd_sign_report *report, const char *signer, const char *algorithm)
{
    if (report == NULL) return;
    report->signer = copy(report, signer);
    report->algorithm = copy(report, algorithm);
}

void report_sign_level(struct rfd_sign_report *report, enum rfd_level level)
{
    if (report != NULL) report->level = level;
}

void report_sign_time(struct rfd_sign_report *report, rfd_time claimed)
{
    if (report != NULL) report->claimed = claimed;
}

void report_sign_timestamp(struct rfd_sign_report *report, rfd_time proven)
{
    if (report != NULL) report->proven = proven;
}

void report_sign_result(struct rfd_sign_report *report, const struct rfd_error *error)
{
    if (report == NULL) return;
    report->result = error == NULL ? RFD_OK : error->code;
    report->result_detail = error == NULL ? "" : copy(report, error->detail);
}

size_t rfd_sign_report_check_count(const struct rfd_sign_report *report)
{
    return report->count;
}

const struct rfd_sign_check *rfd_sign_report_check(const struct rfd_sign_report *report, size_t index)
{
    return index < report->count ? &report->checks[index] : NULL;
}

const char *rfd_sign_report_field(const struct rfd_sign_report *report)
{
    return report->field;
}

enum rfd_level rfd_sign_report_level(const struct rfd_sign_report *report)
{
    return report->level;
}

static json_t *time_json(rfd_time t)
{
    char text[CLOCK_TEXT_SIZE];
    return t == RFD_TIME_NONE ? json_null() : json_string(clock_iso(t, text));
}

static json_t *checks_json(const struct rfd_sign_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->count && list != NULL; i++) {
        const struct rfd_sign_check *check = &report->checks[i];
        json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "name", check->name, "result", result_names[check->result],
                                "code", rfd_status_name(check->code), "detail", check->detail);
        if (row == NULL || json_array_append_new(list, row) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

rfd_status rfd_sign_report_json(const struct rfd_sign_report *report, rfd_bytes *out, struct rfd_error *error)
{
    json_t *json = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "version", 1, "operation", report->operation,
        "result", rfd_status_name(report->result), "detail", report->result_detail, "field", report->field, "level",
        level_names[report->level], "signer", report->signer, "algorithm", report->algorithm, "claimed_time",
        time_json(report->claimed), "proven_time", time_json(report->proven), "checks", checks_json(report));
    return json_bytes(json, JSON_ENSURE_ASCII, out, error);
}

void rfd_sign_report_free(struct rfd_sign_report *report)
{
    if (report == NULL) return;
    arena_dispose(&report->arena);
    memory_free(report);
}
