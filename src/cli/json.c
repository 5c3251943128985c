/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/json.h"

#include "cli/messages.h"

void json_print(FILE *to, const char *name, json_t *list)
{
    json_t *whole = json_pack("{s:i, s:o}", "version", 1, name, list);
    if (whole == NULL || json_dumpf(whole, to, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0)
        message_error("%s", tr(N_("The result cannot be written as JSON")));
    (void)fputc('\n', to);
    json_decref(whole);
}
