/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/archive/archive_internal.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

enum { VIOLATIONS_MAXIMUM = 1000, DETAIL_SIZE = 200, STEPS_MAXIMUM = 1 << 29, ENTRIES_A_STEP = 4 };

static const struct {
    const char *name;
    const char *clauses[2]; /* of part 1; of parts 2 and 3 */
    const char *message;
} rules[] = {
#define ARCHIVE_RULE(name, one, two, message) {#name, {one, two}, message},
#include "pdf/archive/archive_rules.def"
#undef ARCHIVE_RULE
};

const char *pdf_archive_rule_name(enum pdf_archive_rule rule)
{
    static _Thread_local char name[48];
    const char *from = (unsigned)rule < PDF_ARCHIVE_RULE_COUNT ? rules[rule].name : "";
    size_t i = 0;
    for (; i < sizeof name - 1 && from[i] != '\0'; i++)
        name[i] = (char)(from[i] == '_' ? '-' : from[i] >= 'A' && from[i] <= 'Z' ? from[i] - 'A' + 'a' : from[i]);
    name[i] = '\0';
    return name;
}

const char *pdf_archive_rule_message(enum pdf_archive_rule rule)
{
    return (unsigned)rule < PDF_ARCHIVE_RULE_COUNT ? rules[rule].message : "";
}

/* --- Violations -------------------------------------------------------------------------------------------------- */

static bool make_room(struct archive *a)
{
    if (a->count < a->capacity) return true;
    size_t capacity = a->capacity == 0 ? 16 : a->capacity * 2;
    struct pdf_archive_violation *bigger = arena_zeroed(a->arena, capacity, sizeof *bigger);
    if (bigger == NULL) {
        a->status = a->arena->status;
        return false;
    }
    if (a->count > 0) memcpy(bigger, a->violations, a->count * sizeof *bigger);
    a->violations = bigger;
    a->capacity = capacity;
    return true;
}

void archive_add(struct archive *a, enum pdf_archive_rule rule, uint32_t object, const char *format, ...)
{
    char detail[DETAIL_SIZE] = "";
    uint64_t key = (uint64_t)object << 16 | rule;
    const char *clause = rules[rule].clauses[a->part == 1 ? 0 : 1];
    bool blind = a->view->failure.code != RFD_OK; /* everything reads as null */
    if (*clause == '\0' || blind || a->status != RFD_OK || map_has(&a->told, key)) return;
    if (a->count >= VIOLATIONS_MAXIMUM) {
        a->complete = false;
        return;
    }
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(detail, sizeof detail, format, args);
        va_end(args);
    }
    char *kept = arena_text(a->arena, slice_text(detail));
    if (kept == NULL) a->status = a->arena->status;
    if (a->status == RFD_OK) a->status = map_set(&a->told, key, 1);
    if (a->status != RFD_OK || !make_room(a)) return;
    a->violations[a->count++] = (struct pdf_archive_violation){rule, object, clause, kept};
}

bool archive_read(struct archive *a, rfd_status status)
{
    if (status == RFD_E_MEMORY) a->status = status;
    if (status != RFD_OK) a->complete = false;
    return status == RFD_OK;
}

void archive_settle(struct archive *a)
{
    if (a->view->failure.code == RFD_OK) return;
    (void)archive_read(a, a->view->failure.code);
    error_clear(&a->view->failure);
}

bool archive_spend(struct archive *a, uint64_t steps)
{
    if (steps <= a->steps) {
        a->steps -= steps;
        return true;
    }
    if (a->status == RFD_OK) a->status = RFD_E_LIMIT;
    return false;
}

const struct pdf_value *archive_get(struct archive *a, const struct pdf_value *dictionary, const char *key)
{
    dictionary = pdf_resolve(a->view, dictionary);
    return archive_spend(a, 1 + dictionary->count / ENTRIES_A_STEP) ? pdf_get(a->view, dictionary, key) : &pdf_null;
}

bool archive_stream(struct archive *a, const struct pdf_value *stream, slice *out)
{
    return stream->kind == PDF_STREAM &&
           archive_read(a, pdf_stream_data(a->view, stream, ARCHIVE_STREAM_MAXIMUM, out, NULL));
}

/* --- The check --------------------------------------------------------------------------------------------------- */

/** A view of the check's own: what is damaged must not end the caller's. */
static struct archive begin(const struct pdf_view *view, struct pdf_view *own)
{
    *own = pdf_view(view->doc, view->revision);
    return (struct archive){.view = own, .arena = pdf_arena(view->doc), .complete = true, .steps = STEPS_MAXIMUM};
}

static rfd_status end(struct archive *a, struct rfd_error *error)
{
    archive_settle(a);
    map_dispose(&a->told);
    map_dispose(&a->fonts);
    map_dispose(&a->profiles);
    return a->status == RFD_E_MEMORY ? error_memory(error) : RFD_OK;
}

static void check_all(struct archive *a)
{
    archive_check_file(a);
    archive_settle(a);
    archive_check_metadata(a);
    archive_settle(a);
    archive_read_intent(a);
    archive_walk(a);
    archive_check_devices(a);
}

rfd_status pdf_archive_check(struct pdf_view *view, int as, struct pdf_archive_report *out, struct rfd_error *error)
{
    struct pdf_view own;
    struct archive a = begin(view, &own);
    archive_read_claim(&a);
    archive_settle(&a);
    if (as != 0) a.part = as;
    if (a.part != 0) check_all(&a);
    TRY(end(&a, error));
    if (a.level == 0) a.level = 'B';
    bool complete = a.complete && a.status == RFD_OK;
    *out = (struct pdf_archive_report){a.part, a.level, a.violations, a.count, complete};
    return RFD_OK;
}

rfd_status pdf_archive_claim(struct pdf_view *view, int *part, struct rfd_error *error)
{
    struct pdf_view own;
    struct archive a = begin(view, &own);
    archive_read_claim(&a);
    TRY(end(&a, error));
    *part = a.part;
    return RFD_OK;
}
