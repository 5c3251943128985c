/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who one may be in a demonstration (WEB_DEMO_ACCOUNTS).
 */
#include "web/internal.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/source.h"
#include "base/text.h"

#include <unistd.h>

enum { FILE_MAXIMUM = 64 << 10 };

/** The next value of a line, with or without quotes (RFC 4180 §2; no quotes inside). */
static slice next(slice *rest)
{
    if (!slice_starts(*rest, SLICE("\""))) return http_trim(http_cut(rest, ','));
    *rest = slice_from(*rest, 1);
    slice value = http_cut(rest, '"');
    (void)http_cut(rest, ',');
    return value;
}

static void add(struct web *w, slice line)
{
    slice rest = slice_ends(line, SLICE("\r")) ? slice_part(line, 0, line.length - 1) : line;
    struct demo_account a = {.code = next(&rest)};
    a.password = next(&rest);
    a.title = next(&rest);
    if (a.code.length > 0 && w->demo_account_count < DEMO_ACCOUNTS) w->demo_accounts[w->demo_account_count++] = a;
}

rfd_status demo_accounts_read(struct web *web, struct rfd_error *error)
{
    struct buf all;
    const char *path = arena_print(&web->arena, "%s/" WEB_DEMO_ACCOUNTS, web->options.settings->home);
    if (path == NULL) return arena_failed(&web->arena, error);
    if (access(path, R_OK) != 0) return RFD_OK;
    buf_init(&all, FILE_MAXIMUM);
    rfd_status status = source_read_file(path, FILE_MAXIMUM, &all, error);
    slice text = status == RFD_OK ? arena_copy(&web->arena, buf_slice(&all)) : SLICE_EMPTY;
    buf_dispose(&all);
    if (status == RFD_OK && !text_is_utf8(text)) status = error_set(error, RFD_E_ARGUMENT, "%s: not UTF-8", path);
    if (status != RFD_OK) return status;
    (void)http_cut(&text, '\n'); /* the header */
    while (text.length > 0) add(web, http_cut(&text, '\n'));
    return RFD_OK;
}
