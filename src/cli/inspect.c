/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda inspect.
 */
#include "base/error.h"
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

static json_t *json_of_violation(const struct rfd_archive_violation *v)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:I}", "rule", v->rule, "clause", v->clause, "message", v->message, "detail",
                     safe_json(v->detail), "object", (json_int_t)v->object);
}

static void print_violation(const struct rfd_archive_info *info, const struct rfd_archive_violation *v)
{
    (void)printf("  %s%s%s (ISO 19005-%d, %s)", style_on(stdout, STYLE_WARN), tr(v->message),
                 style_on(stdout, STYLE_PLAIN), info->part, v->clause);
    if (v->object != 0) (void)printf(tr(N_(", object %u")), (unsigned)v->object);
    if (v->detail[0] != '\0') {
        (void)fputs(": ", stdout);
        safe_print(stdout, v->detail);
    }
    (void)fputc('\n', stdout);
}

static void print_archive(const struct rfd_archive_info *info)
{
    if (info->part == 0) {
        (void)printf("%s", tr(N_("  PDF/A: not claimed\n")));
        return;
    }
    const char *format = tr_count("  PDF/A-%d%c: %zu rule broken\n", "  PDF/A-%d%c: %zu rules broken\n", info->count);
    (void)printf(format, info->part, info->level == '\0' ? ' ' : info->level | 0x20, info->count);
    for (size_t i = 0; i < info->count; i++) print_violation(info, &info->violations[i]);
    if (!info->complete) (void)printf("%s", tr(N_("  some parts could not be looked at\n")));
}

static rfd_status show_archive(struct rfd_document *document, const char *path, json_t *json, struct rfd_error *error)
{
    const struct rfd_archive_info *info = NULL;
    TRY(show_info(document, path, json, error));
    TRY(rfd_document_archive(document, 0, &info, error));
    if (json == NULL) {
        print_archive(info);
    } else {
        json_t *list = json_array();
        for (size_t i = 0; i < info->count; i++)
            (void)json_array_append_new(list, json_of_violation(&info->violations[i]));
        char level[] = {info->level, '\0'};
        (void)json_object_set_new(json, "pdfa",
                                  json_pack("{s:i, s:s, s:b, s:o}", "part", info->part, "level", level, "complete",
                                            info->complete, "violations", list));
    }
    return info->count == 0 ? RFD_OK : error_set(error, RFD_E_PDF_ARCHIVE, NULL);
}

int run_inspect(const struct arguments *a)
{
    return document_each(a, a->pdfa ? show_archive : show_info);
}
