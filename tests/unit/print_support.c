/* SPDX-License-Identifier: EUPL-1.2 */
#include "print_support.h"

#include "base/error.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

rfd_status print_page_begin(struct print_page *p, struct fonts *fonts, double width, double height,
                            struct rfd_error *error)
{
    *p = (struct print_page){.width = width, .height = height};
    arena_init(&p->arena, (size_t)64 << 20);
    rfd_status status = pdf_create_begin(&p->update, error);
    if (status == RFD_OK) status = font_use_new(fonts, p->update, &p->use, error);
    if (status != RFD_OK) {
        print_page_free(p);
        return status;
    }
    canvas_init(&p->canvas, p->use, colour_write_profile(p->update));
    return RFD_OK;
}

void print_page_free(struct print_page *p)
{
    canvas_dispose(&p->canvas);
    font_use_free(p->use);
    pdf_update_free(p->update);
    arena_dispose(&p->arena);
    *p = (struct print_page){0};
}

/** The catalog, the tree of one page, and the page. */
static struct pdf_reference write_page(struct print_page *p, struct pdf_reference content)
{
    struct pdf_update *u = p->update;
    struct pdf_reference root = pdf_update_new(u), pages = pdf_update_new(u), page = pdf_update_new(u);
    buf_print(pdf_update_object(u, root), "<</Type/Catalog/Pages %u 0 R>>", pages.number);
    pdf_update_end(u);
    buf_print(pdf_update_object(u, pages), "<</Type/Pages/Count 1/Kids[%u 0 R]>>", page.number);
    pdf_update_end(u);
    struct buf *b = pdf_update_object(u, page);
    buf_print(b, "<</Type/Page/Parent %u 0 R/Contents %u 0 R/MediaBox[0 0 ", pages.number, content.number);
    canvas_put_number(b, p->width);
    buf_put_byte(b, ' ');
    canvas_put_number(b, p->height);
    buf_put_text(b, "]/Resources");
    canvas_put_resources(&p->canvas, b);
    buf_put_text(b, ">>");
    pdf_update_end(u);
    return root;
}

rfd_status print_page_end(struct print_page *p, struct buf *file, struct rfd_error *error)
{
    slice bytes;
    struct pdf_reference content = pdf_update_new(p->update);
    rfd_status status = canvas_check(&p->canvas, error);
    if (status != RFD_OK) goto out;
    pdf_update_stream(p->update, content, "", buf_slice(&p->canvas.content), false);
    struct pdf_reference root = write_page(p, content);
    TRY_OUT(font_use_write(p->use, error));
    TRY_OUT(pdf_create_finish(p->update, root, (struct pdf_reference){0}, &bytes, error));
    buf_put_slice(file, bytes);
    status = buf_check(file, "file", error);
out:
    print_page_free(p);
    return status;
}

rfd_status print_line(struct print_page *p, struct fonts *fonts, enum font_style style, const char *text, double y,
                      struct rfd_error *error)
{
    struct shaped shaped;
    TRY(fonts_shape(fonts, style, slice_text(text), &p->arena, &shaped, error));
    canvas_text(&p->canvas, 10, y, 12, COLOUR_BLACK, &shaped, 0, shaped.count);
    return RFD_OK;
}

int print_run(const char *const *arguments, struct buf *out)
{
    posix_spawn_file_actions_t actions;
    const char *path = support_path("output");
    pid_t child;
    int state, result = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments, environ) == 0 &&
        waitpid(child, &state, 0) == child && WIFEXITED(state))
        result = WEXITSTATUS(state);
    posix_spawn_file_actions_destroy(&actions);
    if (result >= 0 && result != 127) support_read(path, out);
    return result == 127 ? -1 : result;
}

bool print_read_text(const struct buf *file, struct buf *out)
{
    const char *path = support_path("read.pdf");
    support_write(path, buf_slice(file), SLICE_EMPTY);
    return print_run((const char *const[]){"pdftotext", "-layout", path, "-", NULL}, out) == 0;
}
