/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/holidays.h"

#include <cyaml/cyaml.h>

enum { NAME_MAXIMUM = 100 };

static const cyaml_strval_t weekdays[] = {{"monday", MONDAY},     {"tuesday", TUESDAY}, {"wednesday", WEDNESDAY},
                                          {"thursday", THURSDAY}, {"friday", FRIDAY},   {"saturday", SATURDAY},
                                          {"sunday", SUNDAY}};
static const cyaml_strval_t weekend_days[] = {
    {"monday", 1 << MONDAY}, {"tuesday", 1 << TUESDAY},   {"wednesday", 1 << WEDNESDAY}, {"thursday", 1 << THURSDAY},
    {"friday", 1 << FRIDAY}, {"saturday", 1 << SATURDAY}, {"sunday", 1 << SUNDAY}};

static const cyaml_schema_field_t holiday_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct holiday, name, 1, NAME_MAXIMUM),
    CYAML_FIELD_UINT("month", CYAML_FLAG_OPTIONAL, struct holiday, month),
    CYAML_FIELD_UINT("day", CYAML_FLAG_OPTIONAL, struct holiday, day),
    CYAML_FIELD_INT_PTR("easter", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct holiday, easter),
    CYAML_FIELD_ENUM_PTR("weekday", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct holiday,
                         weekday, weekdays, CYAML_ARRAY_LEN(weekdays)),
    CYAML_FIELD_INT("nth", CYAML_FLAG_OPTIONAL, struct holiday, nth),
    CYAML_FIELD_UINT("from", CYAML_FLAG_OPTIONAL, struct holiday, from),
    CYAML_FIELD_UINT("until", CYAML_FLAG_OPTIONAL, struct holiday, until),
    CYAML_FIELD_UINT("every", CYAML_FLAG_OPTIONAL, struct holiday, every),
    CYAML_FIELD_END};
static const cyaml_schema_value_t holiday_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct holiday, holiday_fields)};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_FLAGS("weekend", CYAML_FLAG_STRICT, struct holidays_file, weekend, weekend_days,
                      CYAML_ARRAY_LEN(weekend_days)),
    CYAML_FIELD_SEQUENCE_COUNT("holidays", CYAML_FLAG_POINTER, struct holidays_file, holidays, holiday_count,
                               &holiday_schema, 0, HOLIDAYS_MAXIMUM),
    CYAML_FIELD_END};
const cyaml_schema_value_t holidays_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct holidays_file, file_fields)};
