/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda-render as the command runs it: pictures come out right, and whatever goes wrong over there is an error with
 * a reason here. Some tests put a shell script of their own in its place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base_support.h"
#include "cli/render.h"
#include "pdf_support.h"
#include "print/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, MEBIBYTE = 1 << 20, PAGE_WIDTH = 144, PAGE_HEIGHT = 72 };

/** Two pages: the first red, with a word in a font that is not embedded, a green annotation and a blue field. */
static const char *const two_pages[] = {
    "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [8 0 R]>>>>",
    "<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 144 72]>>",
    "<</Type /Page /Parent 2 0 R /Contents 5 0 R /Annots [6 0 R 8 0 R] /Resources <</Font <</F 10 0 R>>>>>>",
    "<</Type /Page /Parent 2 0 R /Rotate 90>>",
    "<</Length 77>>\nstream\n1 0 0 rg 0 0 72 72 re f 0 g BT /F 40 Tf 80 30 Td (MM) Tj ET                   \nendstream",
    "<</Type /Annot /Subtype /Stamp /Rect [10 10 30 30] /F 4 /AP <</N 7 0 R>>>>",
    "<</Type /XObject /Subtype /Form /BBox [0 0 20 20] /Length 23>>\nstream\n0 1 0 rg 0 0 20 20 re f\nendstream",
    "<</Type /Annot /Subtype /Widget /FT /Sig /T (s) /Rect [40 40 60 60] /F 4 /AP <</N 9 0 R>>>>",
    "<</Type /XObject /Subtype /Form /BBox [0 0 20 20] /Length 23>>\nstream\n0 0 1 rg 0 0 20 20 re f\nendstream",
    "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold>>",
};

static void make_document(struct buf *b)
{
    buf_init(b, MEBIBYTE);
    support_make_pdf(b, two_pages, sizeof two_pages / sizeof *two_pages, "/Root 1 0 R");
}

static struct render_request request_for(slice bytes)
{
    struct render_request request = RENDER_REQUEST_INIT;
    request.bytes = bytes;
    request.dpi = 72;
    return request;
}

/** The red, green and blue of a place, counted in points from the page's lower left corner. */
static uint32_t color_at(const struct pixels *p, unsigned x, unsigned y)
{
    return pixel_color(p->data + ((size_t)(p->height - 1 - y) * p->width + x) * PIXEL_BYTES);
}

static bool any_black(const struct pixels *p, unsigned from)
{
    for (unsigned y = 0; y < p->height; y++) {
        for (unsigned x = from; x < p->width; x++) {
            if (color_at(p, x, y) == 0) return true;
        }
    }
    return false;
}

/** What is wrong with a picture of the first page; 0: nothing. */
static int check_first_page(slice png)
{
    struct pixels p = {0};
    int wrong = 0;
    if (image_png_decode(png, &p, NULL) != RFD_OK) return 1;
    if (p.width != PAGE_WIDTH || p.height != PAGE_HEIGHT)
        wrong = 2;
    else if (color_at(&p, 5, 5) != 0xff0000 || color_at(&p, 140, 70) != 0xffffff)
        wrong = 3;
    else if (color_at(&p, 20, 20) != 0x00ff00)
        wrong = 4;
    else if (color_at(&p, 50, 50) != 0x0000ff)
        wrong = 5;
    else if (!any_black(&p, 73))
        wrong = 6;
    memory_free(p.data);
    return wrong;
}

/** Draws the first page; 0, or what is wrong with it. */
static int draw_first_page(const struct render_request *request)
{
    rfd_bytes png = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (render_page(request, 1, &png, &error) != RFD_OK) {
        print_error("%s: %s\n", rfd_status_name(error.code), error.detail);
        return 100;
    }
    int wrong = check_first_page(slice_bytes(png));
    rfd_bytes_free(&png);
    return wrong;
}

static void test_pages_are_drawn(void **state)
{
    (void)state;
    struct buf document;
    struct pixels pixels = {0};
    rfd_bytes png = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    make_document(&document);
    struct render_request request = request_for(buf_slice(&document));
    assert_int_equal(draw_first_page(&request), 0);
    request.dpi = 144;
    if (render_page(&request, 2, &png, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(image_png_decode(slice_bytes(png), &pixels, NULL), RFD_OK);
    assert_int_equal(pixels.width, 2 * PAGE_HEIGHT);
    assert_int_equal(pixels.height, 2 * PAGE_WIDTH);
    memory_free(pixels.data);
    rfd_bytes_free(&png);
    buf_dispose(&document);
}

static void test_pages_are_counted(void **state)
{
    (void)state;
    struct buf document;
    unsigned pages = 0;
    struct rfd_error error = RFD_ERROR_INIT;
    make_document(&document);
    struct render_request request = request_for(buf_slice(&document));
    if (render_page_count(&request, &pages, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(pages, 2);
    buf_dispose(&document);
}

/** A file; and a file with the rest in memory. */
static void test_files(void **state)
{
    (void)state;
    struct buf document;
    make_document(&document);
    struct render_request request = RENDER_REQUEST_INIT;
    request.dpi = 72;
    file_write("whole.pdf", buf_slice(&document));
    file_write("half.pdf", slice_part(buf_slice(&document), 0, 300));
    request.file = open("whole.pdf", O_RDONLY | O_CLOEXEC);
    assert_int_equal(draw_first_page(&request), 0);
    assert_int_equal(close(request.file), 0);
    request.file = open("half.pdf", O_RDONLY | O_CLOEXEC);
    request.bytes = slice_from(buf_slice(&document), 300);
    assert_int_equal(draw_first_page(&request), 0);
    assert_int_equal(close(request.file), 0);
    buf_dispose(&document);
}

/** A file of 3 GiB, nearly all of it a hole before its last lines, is not read whole. */
static void test_large_file(void **state)
{
    (void)state;
    const off_t far = (off_t)3 << 30;
    struct buf document;
    struct render_request request = RENDER_REQUEST_INIT;
    request.dpi = 72;
    make_document(&document);
    const uint8_t *end = memmem(document.data, document.length, "startxref", 9);
    assert_non_null(end);
    size_t last = document.length - (size_t)(end - document.data);
    file_write("large.pdf", buf_slice(&document));
    request.file = open("large.pdf", O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(request.file, end, last, far), last);
    assert_int_equal(draw_first_page(&request), 0);
    assert_int_equal(close(request.file) | unlink("large.pdf"), 0);
    buf_dispose(&document);
}

static void assert_fails(const struct render_request *request, unsigned page, rfd_status status, const char *why)
{
    rfd_bytes png = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (render_page(request, page, &png, &error) != status || strstr(error.detail, why) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", rfd_status_name(error.code), error.detail, why);
    assert_null(png.data);
}

static void test_mistakes(void **state)
{
    (void)state;
    struct buf document;
    make_document(&document);
    struct render_request request = request_for(buf_slice(&document));
    assert_fails(&request, 0, RFD_E_ARGUMENT, "count from 1");
    assert_fails(&request, 3, RFD_E_ARGUMENT, "2 pages");
    request.dpi = 601;
    assert_fails(&request, 1, RFD_E_ARGUMENT, "601");
    request = request_for(SLICE("not a PDF"));
    assert_fails(&request, 1, RFD_E_RENDER, "cannot be read");
    request = request_for(SLICE_EMPTY);
    assert_fails(&request, 1, RFD_E_RENDER, "cannot be read");
    buf_dispose(&document);
}

static void test_too_many_pixels(void **state)
{
    (void)state;
    static const char *const large[] = {"<</Type /Catalog /Pages 2 0 R>>",
                                        "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 14400 14400]>>",
                                        "<</Type /Page /Parent 2 0 R>>"};
    struct buf document;
    buf_init(&document, MEBIBYTE);
    support_make_pdf(&document, large, 3, "/Root 1 0 R");
    struct render_request request = request_for(buf_slice(&document));
    assert_fails(&request, 1, RFD_E_LIMIT, "14400 x 14400 points");
    buf_dispose(&document);
}

static void test_passwords(void **state)
{
    (void)state;
    struct buf plain;
    if (!support_has("qpdf")) skip();
    make_document(&plain);
    for (size_t variant = 0; variant < 2 * (size_t)SUPPORT_ENCRYPTIONS; variant += 3) {
        struct support_document d;
        support_init(&d);
        support_encrypt(&d, &plain, variant, "user", "owner");
        struct render_request request = request_for(buf_slice(&d.bytes));
        assert_fails(&request, 1, RFD_E_PDF_PASSWORD, "password");
        request.password = SLICE("wrong");
        assert_fails(&request, 1, RFD_E_PDF_PASSWORD, "password");
        request.password = SLICE("user");
        assert_int_equal(draw_first_page(&request), 0);
        request.password = SLICE("owner");
        assert_int_equal(draw_first_page(&request), 0);
        support_close(&d);
    }
    buf_dispose(&plain);
    support_clean();
}

/* ---- Who runs it, and where ---- */

static int draw_in_child(void *context)
{
    return draw_first_page(context);
}

static int draw_as_nobody(void *context)
{
    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) return 99;
    return draw_first_page(context);
}

static int draw_without_landlock(void *context)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_landlock_create_ruleset, 0) != 0)
        return 98;
    if (seccomp_load(filter) != 0) return 97;
    seccomp_release(filter);
    return draw_first_page(context);
}

/** Signals blocked and ignored here must not make it immortal there. */
static int draw_with_odd_signals(void *context)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return draw_first_page(context);
}

static int draw_without_streams(void *context)
{
    for (int i = 0; i < 3; i++) (void)close(i);
    return draw_first_page(context);
}

static void test_surroundings(void **state)
{
    (void)state;
    struct buf document;
    make_document(&document);
    struct render_request request = request_for(buf_slice(&document));
    assert_int_equal(in_child(draw_in_child, &request), 0);
    assert_int_equal(WEXITSTATUS(in_child(draw_as_nobody, &request)), 0);
    assert_int_equal(WEXITSTATUS(in_child(draw_without_landlock, &request)), 0);
    assert_int_equal(WEXITSTATUS(in_child(draw_with_odd_signals, &request)), 0);
    assert_int_equal(WEXITSTATUS(in_child(draw_without_streams, &request)), 0);
    buf_dispose(&document);
}

/* ---- A program that misbehaves ---- */

static void put_script(const char *commands)
{
    struct buf script;
    char folder[400], path[500];
    buf_init(&script, MEBIBYTE);
    buf_print(&script, "#!/bin/sh\n%s\n", commands);
    file_write("script", buf_slice(&script));
    buf_dispose(&script);
    assert_int_equal(chmod("script", 0700), 0);
    assert_non_null(getcwd(folder, sizeof folder));
    (void)snprintf(path, sizeof path, "%s/script", folder);
    assert_int_equal(setenv("REFRENDA_RENDER", path, 1), 0);
}

static void use_real_program(void)
{
    assert_int_equal(setenv("REFRENDA_RENDER", REFRENDA_RENDER_BUILT, 1), 0);
}

static void test_misbehaviour(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        rfd_status status;
        const char *why;
    } cases[] = {
        {"exit 0", RFD_OK, ""},
        {"exit 1", RFD_E_RENDER, "no reason given"},
        {"kill -SEGV $$", RFD_E_RENDER, "signal 11 (SEGV)"},
        {"kill -SYS $$", RFD_E_RENDER, "signal 31 (SYS)"},
        {"kill -XCPU $$", RFD_E_RENDER, "not ready after 1 seconds"},
        {"echo refrenda-render: a reason >&2; exit 65", RFD_E_RENDER, "a reason"},
        {"printf 'one\\001\\033[31m\\377\\ntwo\\n' >&2; exit 65", RFD_E_RENDER, "one??[31m?"},
        {"yes chatter | head -c 1000000 >&2; exit 65", RFD_E_RENDER, "chatter"},
        {"head -c 5000000 /dev/zero >&2; exit 69", RFD_E_LIMIT, "?"},
        {"sleep 100", RFD_E_RENDER, "not ready after 1 seconds"},
        {"trap '' TERM INT HUP; exec >&- 2>&-; sleep 100", RFD_E_RENDER, "not ready after 1 seconds"},
        {"sleep 100 & exit 65", RFD_E_RENDER, "not ready after 1 seconds"},
        {"exec cat /dev/zero", RFD_E_LIMIT, "too large"},
    };
    struct render_request request = request_for(SLICE("%PDF-"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rfd_bytes png = {0};
        struct rfd_error error = RFD_ERROR_INIT;
        put_script(cases[i].script);
        request.seconds = strstr(cases[i].why, "not ready") != NULL ? 1 : 60;
        if (render_page(&request, 1, &png, &error) != cases[i].status || strstr(error.detail, cases[i].why) == NULL)
            fail_msg("%s: %s: %s", cases[i].script, rfd_status_name(error.code), error.detail);
        rfd_bytes_free(&png);
    }
    use_real_program();
}

/** Arguments, environment and descriptors hold nothing that is secret or that belongs to the caller. */
static void test_what_it_is_given(void **state)
{
    (void)state;
    rfd_bytes seen = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    struct render_request request = request_for(SLICE("document"));
    request.password = SLICE("geheim");
    put_script("echo \"$@\"; env | sort; ls -x /proc/self/fd | tr -s ' '; cat; cat <&3");
    assert_int_equal(setenv("SECRET_OF_MINE", "geheim", 1), 0);
    int mine = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    if (render_page(&request, 7, &seen, &error) != RFD_OK) fail_msg("%s", error.detail);
    static const char arguments[] = "--dpi 72 --max-seconds 20 --max-pixels 40000000 --page 7 --password-fd 3\n";
    slice all = slice_bytes(seen);
    /* A sanitizer's options may stand before LC_ALL. */
    bool as_wanted = slice_starts(all, slice_text(arguments)) && memmem(all.data, all.length, "\nLC_ALL=C.UTF-8\n", 16);
    if (!as_wanted) fail_msg("%.*s", (int)all.length, (const char *)all.data);
    slice rest = slice_from(all, all.length - 14);
    assert_true(slice_equal(rest, SLICE("documentgeheim")));
    assert_null(memmem(all.data, all.length - 6, "geheim", 6));
    assert_non_null(memmem(all.data, all.length, "\n0 1 2 3 4\n", 11)); /* 4 is ls's own */
    assert_int_equal(close(mine) | unsetenv("SECRET_OF_MINE"), 0);
    rfd_bytes_free(&seen);
    use_real_program();
}

static void test_missing_program(void **state)
{
    (void)state;
    struct render_request request = request_for(SLICE("%PDF-"));
    assert_int_equal(setenv("REFRENDA_RENDER", "/absent/refrenda-render", 1), 0);
    assert_fails(&request, 1, RFD_E_RENDER, "/absent/refrenda-render");
    assert_int_equal(unsetenv("REFRENDA_RENDER"), 0);
    assert_fails(&request, 1, RFD_E_RENDER, "not installed");
    use_real_program();
}

/* ---- Other people's files ---- */

/* Each takes a process that warms its libraries up: one file in three has to do where a sanitizer looks on, one in
 * twelve elsewhere. With REFRENDA_SOAK (scripts/soak): all. */
#ifdef __SANITIZE_ADDRESS__
enum { ONE_IN = 3 };
#else
enum { ONE_IN = 12 };
#endif

struct tally {
    unsigned seen, drawn, refused;
    unsigned one_in;
};

static void draw_one(const char *path, void *context)
{
    struct tally *tally = context;
    if (tally->seen++ % tally->one_in != 0) return;
    rfd_bytes png = {0};
    struct pixels pixels = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    struct render_request request = RENDER_REQUEST_INIT;
    request.dpi = 30;
    request.file = open(path, O_RDONLY | O_CLOEXEC);
    rfd_status status = render_page(&request, 1, &png, &error);
    if (strstr(error.detail, "signal") != NULL) fail_msg("%s: %s", path, error.detail);
    if (status == RFD_OK) {
        assert_int_equal(image_png_decode(slice_bytes(png), &pixels, &error), RFD_OK);
        memory_free(pixels.data);
        tally->drawn++;
    } else {
        assert_true(status == RFD_E_RENDER || status == RFD_E_PDF_PASSWORD || status == RFD_E_ARGUMENT);
        assert_true(error.detail[0] != '\0');
        tally->refused++;
    }
    rfd_bytes_free(&png);
    assert_int_equal(close(request.file), 0);
}

static void test_corpora(void **state)
{
    (void)state;
    struct tally tally = {.one_in = getenv("REFRENDA_SOAK") == NULL ? ONE_IN : 1};
    if (support_each_pdf("pdf", draw_one, &tally) == 0) skip();
    (void)support_each_pdf("attacks", draw_one, &tally);
    print_message("%u drawn, %u refused\n", tally.drawn, tally.refused);
    assert_true(tally.drawn > tally.refused);
}

/** Loops, bombs and nonsense of our own: refused or drawn, in bounded time, without a crash that we would hear of. */
static void test_hostile_documents(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *page;    /* entries */
        const char *content; /* a stream's */
    } cases[] = {
        {"a form that draws itself", "/Resources <</XObject <</X 4 0 R>>>>", "/X Do"},
        {"huge numbers", "", "1e38 0 0 1e38 1e38 1e38 cm 0 0 1e38 1e38 re f 99999999999999999999 w S"},
        {"a box of nothing", "/MediaBox [0 0 0 0]", ""},
        {"a box inside out", "/MediaBox [500 500 0 0]", "0 0 5 5 re f"},
        {"a box without end", "/MediaBox [0 0 1e300 1e300]", ""},
        {"deep nesting", "", "q q q q q q q q q q q q q q q q q q q q q q q q q q Q"},
        {"an endless dash", "", "[0.0000001] 0 d 0 0 m 99999 99999 l S"},
        {"a shading of millions",
         "/Resources <</Shading <</S <</ShadingType 1 /ColorSpace /DeviceRGB /Function <</FunctionType 4 "
         "/Domain [0 1 0 1] /Range [0 1 0 1 0 1]>>>>>>>>",
         "/S sh"},
        {"a font that is the page", "/Resources <</Font <</F 3 0 R>>>>", "BT /F 12 Tf (a) Tj ET"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char page[600], content[600];
        struct buf document;
        rfd_bytes png = {0};
        struct rfd_error error = RFD_ERROR_INIT;
        (void)snprintf(page, sizeof page, "<</Type /Page /Parent 2 0 R /Contents 4 0 R %s>>", cases[i].page);
        (void)snprintf(content, sizeof content,
                       "<</Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length %zu>>\nstream\n%s\nendstream",
                       cases[i].page, strlen(cases[i].content), cases[i].content);
        const char *const objects[] = {"<</Type /Catalog /Pages 2 0 R>>",
                                       "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 99 99]>>", page, content};
        buf_init(&document, MEBIBYTE);
        support_make_pdf(&document, objects, 4, "/Root 1 0 R");
        struct render_request request = request_for(buf_slice(&document));
        request.seconds = 3;
        rfd_status status = render_page(&request, 1, &png, &error);
        if (status != RFD_OK && status != RFD_E_RENDER && status != RFD_E_LIMIT)
            fail_msg("%s: %s", cases[i].name, error.detail);
        if (status != RFD_OK) print_message("%s: %s\n", cases[i].name, error.detail);
        rfd_bytes_free(&png);
        buf_dispose(&document);
    }
}

static int group_setup(void **state)
{
    use_real_program();
    return folder_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_drawn),
        cmocka_unit_test(test_pages_are_counted),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_too_many_pixels),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_misbehaviour),
        cmocka_unit_test(test_what_it_is_given),
        cmocka_unit_test(test_missing_program),
        cmocka_unit_test(test_corpora),
        cmocka_unit_test(test_hostile_documents),
    };
    return cmocka_run_group_tests(tests, group_setup, folder_teardown);
}
