/* SPDX-License-Identifier: EUPL-1.2
 *
 * Prints what rfd_document_archive() says of a file: "PDF/A-2B", then one violation a line; ends with 1 when there are
 * any. For 95-archive.sh.
 */
#include <refrenda/document.h>

#include <stdio.h>

int main(int count, char **arguments)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_document *document;
    const struct rfd_archive_info *info;
    const rfd_slice no_password = {0};
    if (count != 2) return 2;
    if (rfd_document_open(arguments[1], no_password, &document, &error) != RFD_OK ||
        rfd_document_archive(document, 0, &info, &error) != RFD_OK) {
        (void)fprintf(stderr, "%s: %s\n", rfd_status_message(error.code), error.detail);
        return 2;
    }
    (void)printf("PDF/A-%d%c%s\n", info->part, info->level, info->complete ? "" : " (incomplete)");
    for (size_t i = 0; i < info->count; i++)
        (void)printf("%s %s, object %u %s\n", info->violations[i].clause, info->violations[i].rule,
                     info->violations[i].object, info->violations[i].detail);
    int status = info->count > 0 || !info->complete;
    rfd_document_close(document);
    return status;
}
