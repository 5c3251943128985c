/* SPDX-License-Identifier: EUPL-1.2
 *
 * The functions by which FreeType and Poppler open files are defined here, in the program, and so go before those of
 * the C library.
 */
#include "render/fonts.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEPT_MAXIMUM = 40, PATH_SIZE = 256, LOWEST = 16 /* above descriptors that the caller may have named */ };

static enum { PLAIN, KEEPING, GIVING } stage;

static struct {
    char path[PATH_SIZE];
    int descriptor;
} kept[KEPT_MAXIMUM];
static size_t kept_count;

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int fonts_open(const char *path, int flags, ...) __asm__("open");
EXPORTED int fonts_open_checked(const char *path, int flags) __asm__("__open_2");
EXPORTED FILE *fonts_fopen(const char *path, const char *mode) __asm__("fopen");

void fonts_keep(void)
{
    stage = KEEPING;
}

void fonts_give(bool needed)
{
    stage = needed ? GIVING : PLAIN;
    for (; !needed && kept_count > 0; kept_count--) (void)close(kept[kept_count - 1].descriptor);
}

static bool is_font(const char *path, size_t length)
{
    static const char *const endings[] = {".otf", ".ttf", ".ttc", ".pfb", ".pfa", ".t1"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

static void keep(const char *path, int descriptor)
{
    size_t length = strlen(path);
    if (!is_font(path, length) || length >= PATH_SIZE || kept_count == KEPT_MAXIMUM) return;
    for (size_t i = 0; i < kept_count; i++) {
        if (strcmp(kept[i].path, path) == 0) return;
    }
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, LOWEST);
    if (copy < 0) return;
    memcpy(kept[kept_count].path, path, length + 1);
    kept[kept_count++].descriptor = copy;
}

/** A kept file at its beginning, or -1. */
static int give(const char *path)
{
    for (size_t i = 0; i < kept_count; i++) {
        if (strcmp(kept[i].path, path) != 0) continue;
        (void)lseek(kept[i].descriptor, 0, SEEK_SET);
        return fcntl(kept[i].descriptor, F_DUPFD_CLOEXEC, 0);
    }
    return -1;
}

static int open_file(const char *path, int flags, unsigned mode)
{
    int given = stage == GIVING ? give(path) : -1;
    if (given >= 0) return given;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (descriptor >= 0 && stage == KEEPING) keep(path, descriptor);
    return descriptor;
}

int fonts_open(const char *path, int flags, ...)
{
    unsigned mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, unsigned);
        va_end(arguments);
    }
    return open_file(path, flags, mode);
}

int fonts_open_checked(const char *path, int flags)
{
    return open_file(path, flags, 0);
}

FILE *fonts_fopen(const char *path, const char *mode)
{
    typedef FILE *opener(const char *path, const char *mode);
    static opener *next;
    if (stage != PLAIN && mode[0] == 'r' && strchr(mode, '+') == NULL) {
        int descriptor = open_file(path, O_RDONLY | O_CLOEXEC, 0);
        return descriptor < 0 ? NULL : fdopen(descriptor, "r");
    }
    if (next == NULL) {
        void *found = dlsym(RTLD_NEXT, "fopen");
        memcpy(&next, &found, sizeof next);
    }
    return next == NULL ? NULL : next(path, mode);
}
