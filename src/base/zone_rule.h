/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rule at the end of a TZif file (RFC 8536 §3.3): a TZ string of POSIX, such as "CET-1CEST,M3.5.0,M10.5.0/3".
 * Seconds everywhere; offsets are east of Greenwich.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include "base/slice.h"

struct zone_date {
    enum { ZONE_DATE_MONTH, ZONE_DATE_NO_LEAP /* Jn */, ZONE_DATE_FROM_ZERO /* n */ } kind;
    int month, week, day;
    int seconds; /* after midnight; may be of another day */
};
struct zone_rule {
    int standard;
    bool has_summer;
    int summer;
    struct zone_date begin, end; /* of summer */
};

/** False when it is no rule. */
bool zone_rule_read(slice text, struct zone_rule *out);
int zone_rule_offset(const struct zone_rule *rule, int64_t moment);
/** The first change after an instant; INT64_MAX: none. */
int64_t zone_rule_next(const struct zone_rule *rule, int64_t moment);

#endif
