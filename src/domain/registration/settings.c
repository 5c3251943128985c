/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/registration.h"

struct registration_settings registration_settings_of(const struct settings *settings, const struct packs *packs,
                                                      const struct zone *zone)
{
    return (struct registration_settings){.packs = packs,
                                          .zone = zone,
                                          .country = settings->web.country,
                                          .link_hours = settings->requests.link_hours,
                                          .return_days = settings->requests.return_days,
                                          .resend_days = settings->requests.resend_days,
                                          .authority = settings->requests.authority,
                                          .scanner = settings->requests.scanner[0] != '\0'};
}
