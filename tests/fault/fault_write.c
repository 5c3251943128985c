/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing to a file while the disk fails: at every length at which writing may stop, an error and no file. By a limit
 * of the process (EFBIG), and, for root, on a file system that is too small (ENOSPC).
 */
#include "../soak/workshop.h"
#include "fault.h"

#include "base/buf.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 300000, STEP = 4099, PAGE = 4096, TMPFS_PAGES = 90, PATH_SIZE = 128 };

struct scene {
    struct workshop w;
    char input[PATH_SIZE], output[PATH_SIZE], folder[PATH_SIZE];
    size_t whole; /* length of a good output */
};

/** Whether the output's folder holds exactly `wanted` names. */
static bool holds(const char *folder, size_t wanted)
{
    size_t count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) count++;
    }
    if (d != NULL) (void)closedir(d);
    return count == wanted;
}

static rfd_status sign(const struct scene *s, bool replace)
{
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    struct rfd_error error = RFD_ERROR_INIT;
    options.replace = replace;
    return rfd_sign_file(s->input, s->output, &options, NULL, &error);
}

static bool limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    limit.rlim_cur = bytes;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static bool stops_at_every_length(const struct scene *s)
{
    bool good = true;
    for (size_t length = 0; good && length < s->whole; length += STEP) {
        if (!limit_file_size(length)) return false;
        rfd_status status = sign(s, false);
        good = (status == RFD_E_IO_WRITE || status == RFD_E_NO_SPACE) && holds(s->folder, 0);
        if (!good) printf("# at %zu bytes: %s\n", length, rfd_status_name(status));
    }
    return limit_file_size(RLIM_INFINITY) && good;
}

/** An output that exists is replaced by a whole file or stays as it was. */
static bool keeps_the_old_file(const struct scene *s)
{
    static const char old[] = "the old file";
    struct buf kept;
    (void)folder_write("out/out.pdf", slice_text(old));
    bool good =
        limit_file_size(SIZE / 2) && sign(s, true) != RFD_OK && limit_file_size(RLIM_INFINITY) && holds(s->folder, 1);
    good = file_read(s->output, &kept) && good && slice_equal(buf_slice(&kept), slice_text(old));
    buf_dispose(&kept);
    (void)unlink(s->output);
    return good;
}

/** Fills a small file system page by page, so that signing stops at ever other places. */
static bool stops_on_full_disks(const struct scene *s)
{
    bool good = true;
    struct buf ballast;
    buf_init(&ballast, (size_t)TMPFS_PAGES * PAGE);
    while (good && ballast.length < (size_t)TMPFS_PAGES * PAGE - PAGE) {
        buf_fill(&ballast, 0, PAGE);
        (void)folder_write("out/.ballast", buf_slice(&ballast));
        rfd_status status = sign(s, false);
        if (status == RFD_OK && holds(s->folder, 2)) {
            (void)unlink(s->output);
            continue;
        }
        good = status == RFD_E_NO_SPACE && holds(s->folder, 1);
        if (!good) printf("# with %zu bytes taken: %s\n", ballast.length, rfd_status_name(status));
    }
    (void)unlink(folder_file("out/.ballast"));
    buf_dispose(&ballast);
    return good;
}

static void run_on_small_disk(const struct scene *s)
{
    char options[64];
    (void)snprintf(options, sizeof options, "size=%d", TMPFS_PAGES * PAGE);
    /* A mount table of our own: the kernel forgets it with the process, however that ends. */
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", s->folder, "tmpfs", 0, options) != 0) {
        fault_report("a disk that is full # SKIP may not mount one", true);
        return;
    }
    fault_report("a disk that is full: the error says so, nothing is left", stops_on_full_disks(s));
    (void)umount(s->folder);
}

int main(void)
{
    struct scene s = {0};
    struct buf document;
    struct stat made;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)folder_new();
    workshop_open(&s.w, "P-256");
    workshop_document(&document, SIZE, 0);
    (void)snprintf(s.input, sizeof s.input, "%s", folder_write("in.pdf", buf_slice(&document)));
    (void)snprintf(s.output, sizeof s.output, "%s", folder_file("out/out.pdf"));
    (void)snprintf(s.folder, sizeof s.folder, "%s", folder_file("out"));
    if (mkdir(s.folder, 0700) != 0 || sign(&s, false) != RFD_OK || stat(s.output, &made) != 0) return 1;
    s.whole = (size_t)made.st_size;
    fault_report("without a limit, one file", holds(s.folder, 1));
    (void)unlink(s.output);
    fault_report("writing stopped at every length: an error, and nothing is left", stops_at_every_length(&s));
    fault_report("an old output survives a failed write", keeps_the_old_file(&s));
    run_on_small_disk(&s);
    (void)rmdir(s.folder);
    buf_dispose(&document);
    workshop_close(&s.w);
    folder_remove();
    return fault_end();
}
