/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/document.h"

#include "cli/command.h"
#include "cli/credentials.h"
#include "cli/json.h"
#include "cli/safe_text.h"

static rfd_status show_one(const char *path, slice password, document_show *show, json_t *json, struct rfd_error *error)
{
    struct rfd_document *document = NULL;
    rfd_status status = rfd_document_open(path, password, &document, error);
    if (status == RFD_OK) status = show(document, path, json, error);
    rfd_document_close(document);
    return status;
}

static int show_all(const struct arguments *a, slice password, document_show *show)
{
    int status = 0;
    json_t *list = a->json ? json_array() : NULL;
    for (size_t i = 0; i < a->operand_count; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        json_t *o = a->json ? json_pack("{s:o}", "file", safe_json(a->operands[i])) : NULL;
        if (!a->json && i > 0) (void)fputc('\n', stdout);
        if (show_one(a->operands[i], password, show, o, &error) != RFD_OK) {
            status = exit_of_status(error.code);
            if (a->json)
                (void)json_object_update_new(
                    o, json_pack("{s:s, s:s}", "error", rfd_status_name(error.code), "detail", error.detail));
            else
                message_status(a->operands[i], &error);
        }
        if (a->json) (void)json_array_append_new(list, o);
    }
    if (a->json) json_print(stdout, "files", list);
    return status;
}

int document_each(const struct arguments *a, document_show *show)
{
    struct secret password = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (a->operand_count == 0) {
        message_error("%s", tr(N_("No file given")));
        return EXIT_USAGE;
    }
    if (credentials_document(a, &password, &error) != RFD_OK) {
        message_status(NULL, &error);
        return exit_of_status(error.code);
    }
    int status = show_all(a, secret_slice(&password), show);
    secret_dispose(&password);
    return status;
}
