/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing while allocations fail: a clean error or a good signature, in memory and to a file; never a partial file.
 */
#include "../soak/workshop.h"
#include "../unit/pdf_support.h"
#include "fault.h"

#include "base/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL = 3000, LARGE = 400000 /* a sparse source */, PATH_SIZE = 128 };

struct scene {
    struct workshop w;
    struct buf document;
    char input[PATH_SIZE], output[PATH_SIZE], folder[PATH_SIZE];
    const char *field;
    bool report;
};

static rfd_status sign_in_memory(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    struct rfd_sign_report *report = NULL;
    rfd_bytes update = {0};
    options.reason = "Conforme ✓";
    options.field = s->field;
    rfd_status status = rfd_sign_memory(buf_slice(&s->document), &options, &update, s->report ? &report : NULL, error);
    if (status != RFD_OK && update.data != NULL) status = fault_wrong(error, "an update in spite of an error");
    if (status == RFD_OK && update.length == 0) status = fault_wrong(error, "no update");
    rfd_sign_report_free(report);
    rfd_bytes_free(&update);
    return status;
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) count++;
    }
    if (d != NULL) (void)closedir(d);
    return count;
}

static rfd_status sign_to_file(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    struct rfd_sign_report *report = NULL;
    rfd_status status = rfd_sign_file(s->input, s->output, &options, s->report ? &report : NULL, error);
    if (files_in(s->folder) != (status == RFD_OK ? 1 : 0)) status = fault_wrong(error, "a file too many or too few");
    (void)unlink(s->output);
    rfd_sign_report_free(report);
    return status;
}

static void run_document(struct scene *s)
{
    (void)snprintf(s->input, sizeof s->input, "%s", folder_write("in.pdf", buf_slice(&s->document)));
    (void)snprintf(s->output, sizeof s->output, "%s", folder_file("out/out.pdf"));
    fault_run("signing in memory", sign_in_memory, s);
    fault_run("signing to a file", sign_to_file, s);
    s->report = true;
    fault_run("signing in memory, with a report", sign_in_memory, s);
    s->field = "Dirección";
    workshop_sign(&s->w, &s->document);
    fault_run("signing a signed document into a named field", sign_in_memory, s);
    s->field = NULL;
    s->report = false;
    buf_dispose(&s->document);
}

/** Objects in an object stream and a cross-reference stream. */
static void make_compressed(struct buf *document)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Annots[4 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Nombre)/V(Alba)/Rect[10 10 90 30]/P 3 0 R/DA(/Helv 0 Tf 0 g)>>",
    };
    buf_init(document, 1 << 20);
    support_make_compressed_pdf(document, objects, sizeof objects / sizeof objects[0], "/Root 1 0 R");
}

int main(void)
{
    struct scene s = {0};
    (void)folder_new();
    workshop_open(&s.w, "P-256");
    (void)snprintf(s.folder, sizeof s.folder, "%s", folder_file("out"));
    if (mkdir(s.folder, 0700) != 0) return 1;
    workshop_document(&s.document, SMALL, 0);
    run_document(&s);
    workshop_document(&s.document, LARGE, 0);
    run_document(&s);
    make_compressed(&s.document);
    run_document(&s);
    (void)rmdir(s.folder);
    workshop_close(&s.w);
    folder_remove();
    return fault_end();
}
