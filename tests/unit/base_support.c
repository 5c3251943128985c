/* SPDX-License-Identifier: EUPL-1.2 */
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int folder_setup(void **state)
{
    static char folder[] = "/tmp/refrenda-base-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return -1;
    *state = folder;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int folder_teardown(void **state)
{
    return chdir("/") == 0 ? nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS) : -1;
}

void file_write(const char *path, slice bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.length), bytes.length);
    assert_int_equal(close(fd), 0);
}

bool file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

int64_t file_length(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : -1;
}

bool file_is(const char *path, slice bytes)
{
    uint8_t piece[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = 0;
    size_t at = 0;
    while ((got = read(fd, piece, sizeof piece)) > 0 &&
           slice_equal(slice_part(bytes, at, (size_t)got), slice_of(piece, (size_t)got)))
        at += (size_t)got;
    (void)close(fd);
    return got == 0 && at == bytes.length;
}

size_t folder_count(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) count++;
    }
    (void)closedir(folder);
    return count;
}

int in_child(child_work *work, void *context)
{
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(work(context));
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

void limit_file_size(uint64_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(99);
}

uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}
