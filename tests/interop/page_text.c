/* SPDX-License-Identifier: EUPL-1.2
 *
 *   page_text text FILE [PASSWORD]           the text of each page, ended by a form feed
 *   page_text find FILE MARKER [PASSWORD]    "page left top right bottom" of each appearance, as pdftotext -bbox
 * counts: points of default user space from the upper left corner as seen page_text boxes FILE [PASSWORD] "page left
 * bottom right top" of what else is painted, in default user space
 *
 * Ends with 1 when the file cannot be read, 3 when something on a page was passed over.
 */
#include "pdf/page_text.h"

#include <stdio.h>

static void print_text(size_t index, const struct pdf_geometry *g, const struct pdf_page_text *t, const char *marker)
{
    (void)index, (void)g, (void)marker;
    (void)fwrite(t->text.data, 1, t->text.length, stdout);
    (void)putchar('\f');
}

static void print_found(size_t index, const struct pdf_geometry *g, const struct pdf_page_text *t, const char *marker)
{
    struct pdf_geometry plain = *g; /* poppler knows no UserUnit */
    struct pdf_box box;
    plain.unit = 1;
    for (size_t nth = 0; pdf_page_text_find(t, slice_text(marker), nth, &box); nth++) {
        struct pdf_box seen = pdf_geometry_box_to_seen(&plain, box);
        double height = g->height / g->unit;
        printf("%zu %.3f %.3f %.3f %.3f\n", index + 1, seen.left, height - seen.top, seen.right, height - seen.bottom);
    }
}

static void print_boxes(size_t index, const struct pdf_geometry *g, const struct pdf_page_text *t, const char *marker)
{
    (void)g, (void)marker;
    for (size_t i = 0; i < t->box_count; i++)
        printf("%zu %.3f %.3f %.3f %.3f\n", index + 1, t->boxes[i].left, t->boxes[i].bottom, t->boxes[i].right,
               t->boxes[i].top);
}

typedef void printer(size_t index, const struct pdf_geometry *g, const struct pdf_page_text *t, const char *marker);

static rfd_status print_pages(struct pdf_document *doc, printer *print, const char *marker, bool *complete,
                              struct rfd_error *error)
{
    size_t pages;
    struct pdf_view view = pdf_latest(doc);
    rfd_status status = pdf_page_count(&view, &pages, error);
    for (size_t i = 0; i < pages && status == RFD_OK; i++) {
        struct pdf_page page;
        struct pdf_page_text text;
        status = pdf_page(&view, i, &page, error);
        if (status == RFD_OK) status = pdf_page_text(&view, &page, &text, error);
        if (status != RFD_OK) break;
        struct pdf_geometry g = pdf_geometry(&view, &page);
        print(i, &g, &text, marker);
        *complete = *complete && text.complete;
    }
    return status;
}

static int run(printer *print, const char *path, const char *marker, const char *password)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct pdf_options options = {.password = slice_text(password)};
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    bool complete = true;
    rfd_status status = source_open_file(path, &source, &error);
    if (status == RFD_OK) status = pdf_open(source, &options, &doc, &error);
    if (status == RFD_OK) status = print_pages(doc, print, marker, &complete, &error);
    if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
    pdf_close(doc);
    source_close(source);
    return status != RFD_OK ? 1 : complete ? 0 : 3;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int arguments;
        printer *print;
    } commands[] = {{"text", 3, print_text}, {"find", 4, print_found}, {"boxes", 3, print_boxes}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        int wanted = commands[i].arguments;
        if (argc < wanted || argc > wanted + 1 || strcmp(argv[1], commands[i].name) != 0) continue;
        return run(commands[i].print, argv[2], wanted > 3 ? argv[3] : "", argc > wanted ? argv[wanted] : "");
    }
    (void)fprintf(stderr, "usage: page_text text|boxes FILE [PASSWORD] | page_text find FILE MARKER [PASSWORD]\n");
    return 2;
}
