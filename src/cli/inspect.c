/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda inspect.
 */
#include "cli/command.h"
#include "cli/document.h"
#include "cli/safe_text.h"

static json_t *json_list(const char *const *texts)
{
    json_t *list = json_array();
    for (; *texts != NULL; texts++) (void)json_array_append_new(list, safe_json(*texts));
    return list;
}

static void print_list(const char *name, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        (void)printf("  %s%s%s: %s\n", style_on(stdout, STYLE_WARN), name, style_on(stdout, STYLE_PLAIN), tr(*texts));
}

static void print_info(const char *path, const struct rfd_document_info *info)
{
    (void)fputs(style_on(stdout, STYLE_BOLD), stdout);
    safe_print(stdout, path);
    (void)printf("%s\n", style_on(stdout, STYLE_PLAIN));
    (void)printf("  PDF %d.%d, %llu bytes%s\n", info->version / 10, info->version % 10, (unsigned long long)info->size,
                 info->linearised ? tr(N_(", linearised")) : "");
    (void)printf(tr(N_("  pages: %zu, revisions: %zu, objects: %zu, signatures: %zu\n")), info->pages, info->revisions,
                 info->objects, info->signatures);
    (void)printf(tr(N_("  cross-reference: %s\n")), info->xref);
    (void)printf(tr(N_("  encryption: %s\n")), *info->encryption == '\0' ? tr(N_("none")) : info->encryption);
    if (info->certification > 0) (void)printf(tr(N_("  certified, permission %d\n")), info->certification);
    print_list(tr(N_("active content")), info->active_content);
    print_list(tr(N_("anomaly")), info->anomalies);
}

static rfd_status show_info(struct rfd_document *document, const char *path, json_t *json, struct rfd_error *error)
{
    const struct rfd_document_info *info;
    rfd_status status = rfd_document_inspect(document, &info, error);
    if (status != RFD_OK) return status;
    if (json == NULL) {
        print_info(path, info);
        return RFD_OK;
    }
    char version[16];
    (void)snprintf(version, sizeof version, "%d.%d", info->version / 10, info->version % 10);
    (void)json_object_update_new(
        json,
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:b, s:i, s:o, s:o}", "pdf_version", version, "size",
                  (json_int_t)info->size, "pages", (json_int_t)info->pages, "revisions", (json_int_t)info->revisions,
                  "objects", (json_int_t)info->objects, "signatures", (json_int_t)info->signatures, "xref", info->xref,
                  "encryption", info->encryption, "linearised", info->linearised, "certification", info->certification,
                  "active_content", json_list(info->active_content), "anomalies", json_list(info->anomalies)));
    return RFD_OK;
}

int run_inspect(const struct arguments *a)
{
    return document_each(a, show_info);
}
