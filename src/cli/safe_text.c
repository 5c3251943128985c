/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/safe_text.h"

#include "base/text.h"

enum { TEXT_MAXIMUM = 1 << 20 };

void safe_print(FILE *to, const char *text)
{
    struct buf safe;
    buf_init(&safe, TEXT_MAXIMUM);
    text_put_printable(&safe, slice_text(text));
    if (safe.length > 0) (void)fwrite(safe.data, 1, safe.length, to);
    buf_dispose(&safe);
}

json_t *safe_json(const char *text)
{
    struct buf safe;
    slice rest = slice_text(text);
    buf_init(&safe, TEXT_MAXIMUM);
    while (rest.length > 0) text_put_utf8(&safe, text_next(&rest));
    buf_put_byte(&safe, '\0');
    json_t *string = buf_status(&safe) == RFD_OK ? json_string((const char *)safe.data) : NULL;
    buf_dispose(&safe);
    return string;
}
