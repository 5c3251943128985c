/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/verify/findings.h"

#include <stdarg.h>
#include <stdio.h>

enum { DETAIL_MAXIMUM = 400, FINDINGS_MAXIMUM = 10000 };

static const struct {
    const char *name;
    enum rfd_severity severity;
    const char *family;
    const char *message;
} table[] = {
#define FINDING(code, severity, family, message) {#code, RFD_SEVERITY_##severity, FAMILY_##family, message},
#define FAMILY_NONE                              ""
#define FAMILY_USF                               "USF"
#define FAMILY_SWA                               "SWA"
#define FAMILY_ISA                               "ISA"
#define FAMILY_SHADOW                            "SHADOW"
#include <refrenda/findings.def>
#undef FINDING
};

static bool is_code(enum rfd_finding_code code)
{
    return (unsigned)code < RFD_FINDING_COUNT;
}

const char *rfd_finding_message(enum rfd_finding_code code)
{
    return is_code(code) ? table[code].message : "";
}

const char *rfd_finding_family(enum rfd_finding_code code)
{
    return is_code(code) ? table[code].family : "";
}

/** CHANGE_PAGE_CONTENT becomes change-page-content. */
const char *rfd_finding_name(enum rfd_finding_code code)
{
    static _Thread_local char name[64];
    const char *from = is_code(code) ? table[code].name : "";
    size_t i = 0;
    for (; i < sizeof name - 1 && from[i] != '\0'; i++) {
        char c = from[i];
        name[i] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    name[i] = '\0';
    return name;
}

enum rfd_severity finding_severity(enum rfd_finding_code code)
{
    return is_code(code) ? table[code].severity : RFD_SEVERITY_ERROR;
}

void findings_init(struct findings *f, struct arena *arena)
{
    *f = (struct findings){.arena = arena};
}

/** The old array stays in the arena; doubling keeps that waste below what is used. */
static bool make_room(struct findings *f)
{
    if (f->count < f->capacity) return true;
    if (f->count >= FINDINGS_MAXIMUM) {
        f->status = RFD_E_LIMIT;
        return false;
    }
    size_t capacity = f->capacity == 0 ? 8 : f->capacity * 2;
    struct rfd_finding *bigger = arena_zeroed(f->arena, capacity, sizeof *bigger);
    if (bigger == NULL) {
        f->status = f->arena->status;
        return false;
    }
    if (f->count > 0) memcpy(bigger, f->items, f->count * sizeof *bigger);
    f->items = bigger;
    f->capacity = capacity;
    return true;
}

static void add(struct findings *f, struct rfd_finding finding, const char *format, va_list args)
{
    char detail[DETAIL_MAXIMUM];
    if (f->status != RFD_OK || !make_room(f)) return;
    finding.severity = finding_severity(finding.code);
    finding.detail = "";
    if (format != NULL) {
        (void)vsnprintf(detail, sizeof detail, format, args);
        finding.detail = arena_text(f->arena, slice_text(detail));
        if (finding.detail == NULL) {
            f->status = f->arena->status;
            return;
        }
    }
    f->items[f->count++] = finding;
}

void findings_add(struct findings *f, enum rfd_finding_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(f, (struct rfd_finding){.code = code}, format, args);
    va_end(args);
}

void findings_add_at(struct findings *f, enum rfd_finding_code code, size_t revision, uint32_t object,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(f, (struct rfd_finding){.code = code, .object = object, .revision = (uint32_t)revision + 1}, format, args);
    va_end(args);
}

bool findings_has(const struct findings *f, enum rfd_finding_code code)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].code == code) return true;
    }
    return false;
}

bool findings_failed(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].severity == RFD_SEVERITY_ERROR) return true;
    }
    return f->status != RFD_OK; /* one that could not be kept may have been an error */
}
