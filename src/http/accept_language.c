/* SPDX-License-Identifier: EUPL-1.2
 *
 * Accept-Language (RFC 9110 §12.5.4), matched by the language alone: "es-PE" is Spanish.
 */
#include "http/request.h"

enum { RANGES_LOOKED_AT = 20, QUALITY_ONE = 1000 };

/** "0.8" as 800; what is no quality is 0. */
static int quality_of(slice range)
{
    static const int weight[3] = {100, 10, 1};
    struct arena nothing;
    arena_init(&nothing, 0);
    slice q = http_parameter(range, "q", &nothing);
    if (q.data == NULL || q.length == 0) return QUALITY_ONE;
    if (q.data[0] != '0' && q.data[0] != '1') return 0;
    int quality = (q.data[0] - '0') * QUALITY_ONE;
    for (size_t i = 2; i < q.length && i < 5 && q.data[1] == '.'; i++) {
        if (q.data[i] < '0' || q.data[i] > '9') return 0;
        quality += (q.data[i] - '0') * weight[i - 2];
    }
    return quality > QUALITY_ONE ? QUALITY_ONE : quality;
}

static const struct rfd_language *with_code(slice code, const struct rfd_language *const *languages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (http_equal_any_case(code, slice_text(language_code(languages[i])))) return languages[i];
    return NULL;
}

const struct rfd_language *http_language_preferred(slice accept, const struct rfd_language *const *languages,
                                                   size_t count)
{
    const struct rfd_language *best = count > 0 ? languages[0] : NULL;
    int best_quality = 0;
    for (int i = 0; i < RANGES_LOOKED_AT && accept.length > 0; i++) {
        slice range = http_trim(http_cut(&accept, ','));
        int quality = quality_of(range);
        slice tag = http_trim(http_cut(&range, ';'));
        const struct rfd_language *language = with_code(http_cut(&tag, '-'), languages, count);
        if (language == NULL || quality <= best_quality) continue;
        best = language;
        best_quality = quality;
    }
    return best;
}
