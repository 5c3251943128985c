/* SPDX-License-Identifier: EUPL-1.2 */
#include "settings/settings_rows.h"

#include <stddef.h>

/* A setting of the file itself is a plain member, one of a section a member of a member. */
#define MEMBER_(name)             name
#define MEMBER_keys(name)         keys.name
#define MEMBER_status(name)       status.name
#define MEMBER_registration(name) registration.name
#define MEMBER_metrics(name)      metrics.name
#define MEMBER_web(name)          web.name
#define MEMBER_sso(name)          sso.name
#define MEMBER_sms(name)          sms.name
#define MEMBER_access(name)       access.name
#define MEMBER_requests(name)     requests.name
#define MEMBER_central(name)      central.name
#define MEMBER_mail(name)         mail.name
#define MEMBER_authority(name)    authority.name
#define MEMBER_log(name)          log.name

const struct setting_row setting_rows[] = {
#define SETTINGS_SECTION(name, help)
#define SETTING(section, name, kind, standard, least, most, choices, help)                                             \
    {#section, #name, SETTING_##kind, offsetof(struct settings, MEMBER_##section(name)), standard, least, most,        \
     choices,  help},
#include "settings/settings.def"
#undef SETTING
#undef SETTINGS_SECTION
};
const size_t setting_row_count = sizeof setting_rows / sizeof *setting_rows;
_Static_assert(sizeof setting_rows / sizeof *setting_rows <= SETTINGS_ROWS_MAXIMUM,
               "SETTINGS_ROWS_MAXIMUM is too small");

const struct setting_section setting_sections[] = {
#define SETTINGS_SECTION(name, help) {name, help},
#define SETTING(section, name, kind, standard, least, most, choices, help)
#include "settings/settings.def"
#undef SETTING
#undef SETTINGS_SECTION
};
const size_t setting_section_count = sizeof setting_sections / sizeof *setting_sections;
_Static_assert(sizeof setting_sections / sizeof *setting_sections <= SETTINGS_SECTIONS_MAXIMUM,
               "SETTINGS_SECTIONS_MAXIMUM is too small");

bool setting_is_choice(const char *choices, slice value)
{
    for (const char *at = choices; *at != '\0';) {
        size_t length = strcspn(at, "|");
        if (slice_equal(slice_of(at, length), value)) return true;
        at += length + (at[length] == '|');
    }
    return false;
}
