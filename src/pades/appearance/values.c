/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/values.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/oid.h"

enum { NAME_MAXIMUM = 1 << 16, MINUTES_OF_HOUR = 60 };

/** The languages that put the day first, with slashes. All others get ISO 8601, which no one reads wrongly. */
static bool has_day_first(const char *language)
{
    static const char *const codes[] = {"es", "ca", "gl", "qu", "ay", "pt", "fr", "it"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strncmp(language, codes[i], 2) == 0) return true;
    }
    return false;
}

static struct civil local(rfd_time time, int zone)
{
    rfd_time there;
    if (__builtin_add_overflow(time, zone * MINUTES_OF_HOUR * RFD_SECOND, &there)) there = time;
    return clock_civil(there);
}

void values_date(rfd_time time, int zone, const char *language, char out[VALUES_TEXT_SIZE])
{
    struct civil c = local(time, zone);
    if (has_day_first(language))
        (void)snprintf(out, VALUES_TEXT_SIZE, "%02d/%02d/%04d", c.day, c.month, c.year);
    else
        (void)snprintf(out, VALUES_TEXT_SIZE, "%04d-%02d-%02d", c.year, c.month, c.day);
}

void values_time(rfd_time time, int zone, char out[VALUES_TEXT_SIZE])
{
    struct civil c = local(time, zone);
    int minutes = zone < 0 ? -zone : zone;
    (void)snprintf(out, VALUES_TEXT_SIZE, "%02d:%02d:%02d %c%02d:%02d", c.hour, c.minute, c.second,
                   zone < 0 ? '-' : '+', minutes / MINUTES_OF_HOUR, minutes % MINUTES_OF_HOUR);
}

static rfd_status of_name(slice name, enum oid_name attribute, struct arena *arena, slice *out, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, NAME_MAXIMUM);
    rfd_status status = RFD_OK;
    if (certificate_name_attribute(name, oid(attribute), &b)) status = buf_check(&b, "a name", error);
    if (status == RFD_OK) status = template_value(buf_slice(&b), arena, out, error);
    buf_dispose(&b);
    return status;
}

static rfd_status of_text(const char *text, struct arena *arena, slice *out, struct rfd_error *error)
{
    return template_value(text == NULL ? SLICE_EMPTY : slice_text(text), arena, out, error);
}

rfd_status values_read(const struct rfd_stamp *stamp, const struct stamp_signer *signer, struct arena *arena,
                       slice values[TEMPLATE_WORD_COUNT], struct rfd_error *error)
{
    char text[VALUES_TEXT_SIZE];
    slice subject = signer->certificate->subject;
    slice issuer = signer->certificate->issuer;
    if (signer->name != NULL && *signer->name != '\0')
        TRY(of_text(signer->name, arena, &values[TEMPLATE_NAME], error));
    else
        TRY(of_name(subject, OID_COMMON_NAME, arena, &values[TEMPLATE_NAME], error));
    TRY(of_name(subject, OID_ORGANIZATION, arena, &values[TEMPLATE_ORGANISATION], error));
    TRY(of_name(subject, OID_SERIAL_NUMBER, arena, &values[TEMPLATE_ID], error));
    TRY(of_name(issuer, OID_COMMON_NAME, arena, &values[TEMPLATE_ISSUER], error));
    if (values[TEMPLATE_ISSUER].length == 0)
        TRY(of_name(issuer, OID_ORGANIZATION, arena, &values[TEMPLATE_ISSUER], error));
    TRY(of_text(signer->reason, arena, &values[TEMPLATE_REASON], error));
    TRY(of_text(signer->location, arena, &values[TEMPLATE_PLACE], error));
    values[TEMPLATE_POST] = stamp->post;
    values[TEMPLATE_NUMBER] = stamp->number;
    values_date(signer->time, stamp->time_zone, stamp->language, text);
    TRY(of_text(text, arena, &values[TEMPLATE_DATE], error));
    values_time(signer->time, stamp->time_zone, text);
    return of_text(text, arena, &values[TEMPLATE_TIME], error);
}
