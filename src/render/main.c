/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda-render: one page, or the number of pages, of the PDF on standard input. The order of the steps is the point:
 * options, libraries warmed up on a document of our own, sandbox, and only then the first byte from outside.
 */
#include "render/draw.h"
#include "render/exits.h"
#include "render/fonts.h"
#include "render/options.h"
#include "render/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSWORD_SIZE = 1024, MEBIBYTE_BITS = 20, LINE_SIZE = 512 };

/** A copy of the real standard error; libraries write what they have to say to /dev/null. */
static int voice = STDERR_FILENO;

void complain(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)dprintf(voice, "refrenda-render: %s\n", line);
}

static void silence_libraries(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (nowhere < 0 || copy < 0) return;
    voice = copy;
    (void)dup2(nowhere, STDERR_FILENO);
    (void)close(nowhere);
}

/** Standard output and error may be files, then a picture has to fit; else no file may grow at all. */
static uint64_t file_size(const struct render_options *options)
{
    uint64_t size = 0;
    for (int stream = STDOUT_FILENO; stream <= STDERR_FILENO; stream++) {
        struct stat st;
        if (fstat(stream == STDERR_FILENO ? voice : stream, &st) != 0 || !S_ISREG(st.st_mode)) continue;
        uint64_t wanted = (uint64_t)st.st_size + options->pixels * 4 + (1 << MEBIBYTE_BITS);
        if (wanted > size) size = wanted;
    }
    return size;
}

static bool enter_sandbox(const struct render_options *options)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct sandbox sandbox = render_profile(options->memory << MEBIBYTE_BITS, (unsigned)options->seconds);
    struct sandbox_report report;
    sandbox.limits.file_size = file_size(options);
    if (sandbox_enter(&sandbox, &report, &error) != RFD_OK) {
        complain("the sandbox could not be entered: %s", error.detail);
        return false;
    }
    fonts_give(report.landlock == 0);
    return true;
}

static bool read_password(const struct render_options *options, char password[PASSWORD_SIZE])
{
    size_t length = 0;
    if (!options->has_password) return true;
    while (length < PASSWORD_SIZE - 1) {
        ssize_t got = read((int)options->password_fd, password + length, PASSWORD_SIZE - 1 - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) break;
        length += (size_t)got;
    }
    password[length] = '\0';
    return true;
}

static enum render_exit work(const struct render_options *options)
{
    char password[PASSWORD_SIZE] = "";
    PopplerDocument *document = NULL;
    if (!read_password(options, password)) {
        complain("the password cannot be read from its descriptor");
        return RENDER_EXIT_USAGE;
    }
    enum render_exit result = draw_open(options->has_password ? password : NULL, &document);
    if (result == RENDER_EXIT_OK && !options->count_pages) result = draw_page(document, options);
    if (result == RENDER_EXIT_OK && options->count_pages)
        (void)dprintf(STDOUT_FILENO, "%d\n", draw_page_count(document));
    return result;
}

int main(int count, char **arguments)
{
    struct render_options options;
    if (!render_options_parse(count, arguments, &options)) return RENDER_EXIT_USAGE;
    if (options.help) render_options_help();
    if (options.version) (void)printf("refrenda-render %s\n", rfd_version());
    if (options.help || options.version) return RENDER_EXIT_OK;
    silence_libraries();
    fonts_keep();
    draw_warm_up();
    if (!enter_sandbox(&options)) return RENDER_EXIT_SANDBOX;
    /* No destructors of libraries that a stranger's file may have bent. */
    _exit((int)work(&options));
}
