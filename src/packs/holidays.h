/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: what a holidays.yaml says.
 */
#ifndef PACKS_HOLIDAYS_H
#define PACKS_HOLIDAYS_H

#include "packs/yaml.h"

enum { HOLIDAYS_MAXIMUM = 64, HOLIDAY_NO_EASTER = -1000 };

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

/** A day of the year: a day of a month; so many days after Easter Sunday (before: less than 0); or the n-th of some
 * weekday in a month (-1: the last). In the years `from` to `until` (0: no limit), every so many years from `from`. */
struct holiday {
    char *name;
    unsigned month, day;
    int *easter;
    enum weekday *weekday;
    int nth;
    unsigned from, until, every;
};
struct holidays_file {
    unsigned weekend; /* bits: 1 << weekday */
    struct holiday *holidays;
    unsigned holiday_count;
};
extern const struct cyaml_schema_value holidays_schema; /* of a struct holidays_file */

#endif
