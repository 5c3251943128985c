/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/render.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/number.h"
#include "base/program.h"
#include "cli/render_run.h"
#include "render/exits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    COMPLAINT_MAXIMUM = 4096,
    NUMBER_SIZE = 24,
    PASSWORD_MAXIMUM = 1023,
    ARGUMENTS_MAXIMUM = 12,
};
/** Shorter documents are joined in memory, longer ones on disk. */
#define MEMORY_MAXIMUM ((off_t)64 << 20)
/** A PNG of the most pixels that does not compress. */
#define OUTPUT_MAXIMUM ((size_t)RENDER_PIXELS_MAXIMUM * 4 + (1 << 20))

static const char prefix[] = "refrenda-render: ";

/** Where the program is, seen from the folder of the one that runs: installed, and in a build folder. */
static const char *const places[] = {"../libexec/refrenda/refrenda-render", "src/render/refrenda-render"};

static rfd_status find_program(char path[PATH_MAX], struct rfd_error *error)
{
    char self[PATH_MAX / 2];
    const char *given = secure_getenv("REFRENDA_RENDER");
    if (given != NULL && given[0] == '/') {
        (void)snprintf(path, PATH_MAX, "%s", given);
        return RFD_OK;
    }
    program_folder(self, sizeof self);
    for (size_t i = 0; self[0] != '\0' && i < sizeof places / sizeof *places; i++) {
        (void)snprintf(path, PATH_MAX, "%s/%s", self, places[i]);
        if (access(path, X_OK) == 0) return RFD_OK;
    }
    return error_set(error, RFD_E_RENDER, "refrenda-render is not installed beside this program");
}

/* ---- What the program reads ---- */

static int temporary_file(off_t size)
{
    if (size <= MEMORY_MAXIMUM) return memfd_create("document", MFD_CLOEXEC);
    const char *folder = secure_getenv("TMPDIR");
    return open(folder != NULL ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

static bool copy_file(int from, off_t length, int to)
{
    off_t offset = 0;
    while (offset < length) {
        ssize_t done = sendfile(to, from, &offset, (size_t)(length - offset));
        if (done == 0 || (done < 0 && errno != EINTR)) return false;
    }
    return true;
}

static bool write_all(int fd, slice bytes)
{
    while (bytes.length > 0) {
        ssize_t done = write(fd, bytes.data, bytes.length);
        if (done < 0 && errno != EINTR) return false;
        if (done > 0) bytes = slice_from(bytes, (size_t)done);
    }
    return true;
}

/** The document as one descriptor: the request's own, or a new one, which is then also put into `*made`. */
static rfd_status open_input(const struct render_request *request, int *made, int *out, struct rfd_error *error)
{
    struct stat st = {.st_size = 0};
    if (request->file >= 0 && request->bytes.length == 0) {
        *out = request->file;
        return RFD_OK;
    }
    if (request->file >= 0 && fstat(request->file, &st) != 0)
        return error_errno(error, RFD_E_IO_READ, errno, "the document to draw");
    *made = temporary_file(st.st_size + (off_t)request->bytes.length);
    bool good = *made >= 0 && copy_file(request->file, st.st_size, *made) && write_all(*made, request->bytes) &&
                lseek(*made, 0, SEEK_SET) == 0;
    if (!good) return error_errno(error, RFD_E_IO_WRITE, errno, "a temporary copy of the document to draw");
    *out = *made;
    return RFD_OK;
}

/** A pipe that holds the password already, so that nobody has to write while the program runs. */
static rfd_status open_password(slice password, int *out, struct rfd_error *error)
{
    int ends[2];
    if (password.length == 0) return RFD_OK;
    if (password.length > PASSWORD_MAXIMUM)
        return error_set(error, RFD_E_PDF_PASSWORD, "longer than %d bytes", PASSWORD_MAXIMUM);
    if (pipe2(ends, O_CLOEXEC) != 0) return error_errno(error, RFD_E_RENDER, errno, "a pipe");
    bool written = write_all(ends[1], password);
    (void)close(ends[1]);
    *out = ends[0];
    return written ? RFD_OK : error_set(error, RFD_E_RENDER, "a pipe");
}

/* ---- How it ended ---- */

/** Its first complaint, without its name; in ASCII, whatever the document made it say. */
static void first_complaint(const struct buf *complaint, char text[RFD_ERROR_CAUSE_SIZE])
{
    slice said = buf_slice(complaint);
    size_t length = 0;
    if (said.data == NULL) said.length = 0;
    if (slice_starts(said, slice_text(prefix))) said = slice_from(said, sizeof prefix - 1);
    for (; length < said.length && length < RFD_ERROR_CAUSE_SIZE - 1 && said.data[length] != '\n'; length++) {
        uint8_t c = said.data[length];
        text[length] = (char)(c >= ' ' && c < 0x7f ? c : '?');
    }
    text[length] = '\0';
}

static const struct {
    enum render_exit exit;
    rfd_status status;
} statuses[] = {
    {RENDER_EXIT_PAGE, RFD_E_ARGUMENT},
    {RENDER_EXIT_SIZE, RFD_E_LIMIT},
    {RENDER_EXIT_PASSWORD, RFD_E_PDF_PASSWORD},
};

static rfd_status explain(const struct render_end *end, const struct render_request *request,
                          const struct buf *complaint, struct rfd_error *error)
{
    char text[RFD_ERROR_CAUSE_SIZE];
    first_complaint(complaint, text);
    if (end->timed_out || end->signal == SIGXCPU)
        return error_set(error, RFD_E_RENDER, "not ready after %u seconds", request->seconds);
    if (end->too_much) return error_set(error, RFD_E_LIMIT, "the picture is too large");
    if (end->signal != 0)
        return error_set(error, RFD_E_RENDER, "the drawing program was stopped by signal %d (%s) %s", end->signal,
                         sigabbrev_np(end->signal) != NULL ? sigabbrev_np(end->signal) : "?", text);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (end->status == (int)statuses[i].exit) return error_set(error, statuses[i].status, "%s", text);
    }
    return error_set(error, RFD_E_RENDER, "%s", text[0] != '\0' ? text : "no reason given");
}

/* ---- */

/** Runs the program with `task` ("--pages", or "--page" and a number) on the document. */
static rfd_status run(const struct render_request *request, const char *const task[2], struct buf *output,
                      struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    char program[PATH_MAX], dpi[NUMBER_SIZE], seconds[NUMBER_SIZE], pixels[NUMBER_SIZE];
    int made = -1, input = -1, password = -1;
    struct buf complaint;
    struct render_end end = {.status = -1};
    buf_init(&complaint, COMPLAINT_MAXIMUM);
    (void)snprintf(dpi, sizeof dpi, "%u", request->dpi);
    (void)snprintf(seconds, sizeof seconds, "%u", request->seconds);
    (void)snprintf(pixels, sizeof pixels, "%d", RENDER_PIXELS_MAXIMUM);
    TRY_OUT(find_program(program, error));
    TRY_OUT(open_input(request, &made, &input, error));
    TRY_OUT(open_password(request->password, &password, error));
    const char *arguments[ARGUMENTS_MAXIMUM] = {
        "refrenda-render", "--dpi", dpi, "--max-seconds", seconds, "--max-pixels", pixels, task[0], NULL};
    size_t count = 8;
    if (task[1] != NULL) arguments[count++] = task[1];
    if (password >= 0) arguments[count++] = "--password-fd";
    if (password >= 0) arguments[count++] = "3";
    const struct render_run work = {program, arguments, input, password, request->seconds, output, &complaint};
    TRY_OUT(render_run(&work, &end, error));
    if (end.status != RENDER_EXIT_OK) status = explain(&end, request, &complaint, error);
out:
    if (made >= 0) (void)close(made);
    if (password >= 0) (void)close(password);
    buf_dispose(&complaint);
    return status;
}

rfd_status render_page(const struct render_request *request, unsigned page, rfd_bytes *png, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    char number[NUMBER_SIZE];
    struct buf output;
    if (page == 0) return error_set(error, RFD_E_ARGUMENT, "pages count from 1");
    if (request->dpi == 0 || request->dpi > RENDER_DPI_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "%u dots per inch; 1 to %d", request->dpi, RENDER_DPI_MAXIMUM);
    buf_init(&output, OUTPUT_MAXIMUM);
    (void)snprintf(number, sizeof number, "%u", page);
    TRY_OUT(run(request, (const char *const[2]){"--page", number}, &output, error));
    TRY_OUT(buf_take(&output, png, error));
out:
    buf_dispose(&output);
    return status;
}

rfd_status render_page_count(const struct render_request *request, unsigned *pages, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    uint64_t count = 0;
    struct buf output;
    buf_init(&output, NUMBER_SIZE);
    TRY_OUT(run(request, (const char *const[2]){"--pages", NULL}, &output, error));
    slice line = buf_slice(&output);
    if (line.length > 0) line.length--;
    if (!number_unsigned(line, INT_MAX, &count))
        status = error_set(error, RFD_E_RENDER, "the drawing program did not tell the number of pages");
    else
        *pages = (unsigned)count;
out:
    buf_dispose(&output);
    return status;
}
