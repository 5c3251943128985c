/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "paper.h"

#include "base/memory.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static struct fonts *shared;

enum { TEXT_MAXIMUM = 64 << 20 };

int paper_setup(void **state)
{
    (void)state;
    return fonts_new(NULL, &shared, NULL) == RFD_OK ? 0 : -1;
}

int paper_teardown(void **state)
{
    (void)state;
    fonts_free(shared);
    support_clean();
    return 0;
}

struct fonts *paper_fonts(void)
{
    return shared;
}

struct printed_settings paper_settings(void)
{
    return (struct printed_settings){
        .title = "Prueba", .language = "es", .time = RFD_TIME_NONE, .width = 300, .height = 300, .margin = 30};
}

void paper_begin(struct paper *p, const struct printed_settings *settings)
{
    struct printed_settings usual = paper_settings();
    struct rfd_error error = RFD_ERROR_INIT;
    *p = (struct paper){0};
    support_init(&p->file);
    buf_init(&p->text, TEXT_MAXIMUM);
    buf_init(&p->answer, TEXT_MAXIMUM);
    if (printed_new(shared, settings == NULL ? &usual : settings, &p->printed, &error) != RFD_OK)
        fail_msg("%s", error.detail);
}

void paper_finish(struct paper *p)
{
    rfd_bytes bytes = {0};
    if (printed_finish(p->printed, &bytes, &p->file.error) != RFD_OK) fail_msg("%s", p->file.error.detail);
    buf_init(&p->file.bytes, bytes.length);
    buf_put(&p->file.bytes, bytes.data, bytes.length);
    memory_free(bytes.data);
    if (support_open(&p->file, "", true) != RFD_OK) fail_msg("%s", p->file.error.detail);
    p->view = pdf_latest(p->file.doc);
    assert_int_equal(pdf_page_count(&p->view, &p->pages, NULL), RFD_OK);
    support_write(paper_path(p), buf_slice(&p->file.bytes), SLICE_EMPTY);
}

void paper_close(struct paper *p)
{
    printed_free(p->printed);
    support_close(&p->file);
    buf_dispose(&p->text);
    buf_dispose(&p->answer);
}

void paper_fails(struct paper *p, rfd_status status)
{
    rfd_bytes bytes = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(printed_finish(p->printed, &bytes, &error), status);
    assert_int_equal(error.code, status);
    assert_null(bytes.data);
    paper_close(p);
}

const char *paper_path(struct paper *p)
{
    (void)p;
    return support_path("printed.pdf");
}

/** Poppler's programs know no --version. */
static bool has(const char *program)
{
    return support_run((const char *const[]){program, "-v", NULL}) >= 0;
}

static void run(const char *const *arguments, const char *output)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int result = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (posix_spawnp(&child, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments, environ) != 0)
        fail_msg("%s does not start", arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (waitpid(child, &result, 0) != child || result != 0) fail_msg("%s failed", arguments[0]);
}

const char *paper_ask(struct paper *p, const char *program, const char *option)
{
    const char *answer = support_path("answer.txt");
    const char *with[] = {program, option, paper_path(p), NULL};
    const char *without[] = {program, paper_path(p), NULL};
    if (!has(program)) skip();
    run(option == NULL ? without : with, answer);
    buf_dispose(&p->answer);
    support_read(answer, &p->answer);
    buf_put_byte(&p->answer, 0);
    return (const char *)p->answer.data;
}

/** Asks pdftotext once, in the order of the content; pages end with form feeds. */
static void extract(struct paper *p)
{
    const char *answer = support_path("text.txt");
    const char *arguments[] = {"pdftotext", "-raw", "-enc", "UTF-8", paper_path(p), "-", NULL};
    if (!has("pdftotext")) skip();
    run(arguments, answer);
    support_read(answer, &p->text);
    for (size_t i = 0; i < p->text.length; i++) {
        if (p->text.data[i] == '\f') p->text.data[i] = 0;
    }
    buf_put_byte(&p->text, 0);
    p->extracted = true;
}

const char *paper_text(struct paper *p, size_t page)
{
    if (!p->extracted) extract(p);
    const char *text = (const char *)p->text.data;
    const char *end = text + p->text.length;
    for (size_t i = 1; i < page && text < end; i++) text += strlen(text) + 1;
    if (text >= end) fail_msg("pdftotext finds fewer than %zu pages", page);
    return text;
}

bool paper_has(struct paper *p, size_t page, const char *text)
{
    return strstr(paper_text(p, page), text) != NULL;
}

size_t paper_find(struct paper *p, const char *text)
{
    for (size_t page = 1; page <= p->pages; page++) {
        if (paper_has(p, page, text)) return page;
    }
    return 0;
}
