/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_measure.h"

#include "base/text.h"

double report_measure_width(const char *text, double size)
{
    double units = 0;
    slice rest = slice_text(text);
    while (rest.length > 0) {
        uint32_t c = text_next(&rest);
        bool thin = c < 0x80 && strchr("iljtfrI.,:;'!|()[] -", (int)c) != NULL;
        bool wide = (c >= 'A' && c <= 'Z') || c == 'm' || c == 'w' || c == '@' || c == '%';
        units += c >= 0x1100 ? 1.05 : thin ? 0.3 : wide ? 0.72 : 0.56;
    }
    return units * size;
}

const char *report_measure_fit(struct report_voice *v, const char *text, double size, double width)
{
    slice rest = slice_text(text);
    if (report_measure_width(text, size) <= width) return text;
    size_t keep = 0;
    while (rest.length > 0) {
        size_t next = (size_t)(rest.data - (const uint8_t *)text);
        char *part = arena_print(v->arena, "%.*s…", (int)next, text);
        if (part == NULL || report_measure_width(part, size) > width) break;
        keep = next;
        (void)text_next(&rest);
    }
    const char *kept = arena_print(v->arena, "%.*s…", (int)keep, text);
    if (kept == NULL) v->failed = true;
    return kept == NULL ? "" : kept;
}
