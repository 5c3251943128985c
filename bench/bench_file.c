/* SPDX-License-Identifier: EUPL-1.2
 *
 * Yardsticks for large files, and the one piece of work on them that is measured inside the process:
 *
 *   bench_file hash FILE      SHA-256 over it
 *   bench_file copy FILE TO   copying it into a new file, synced, as a result file has to be
 *   bench_file xref FILE      reading its newest cross-reference table and nothing else
 *   bench_file fields FILE    opening it and listing its fields with the library
 *
 * Prints the seconds that it took, by the clock.
 */
#include "base/number.h"

#include <refrenda/document.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 20, TAIL = 1024 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static void hash(const char *path, const char *unused)
{
    static uint8_t piece[PIECE];
    (void)unused;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    NEED(fd >= 0 && c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
    while ((got = read(fd, piece, sizeof piece)) > 0) NEED(EVP_DigestUpdate(c, piece, (size_t)got) == 1);
    NEED(got == 0 && EVP_DigestFinal_ex(c, piece, NULL) == 1 && close(fd) == 0);
    EVP_MD_CTX_free(c);
}

static void copy(const char *path, const char *target)
{
    int from = open(path, O_RDONLY | O_CLOEXEC), to;
    struct stat s;
    NEED(from >= 0 && fstat(from, &s) == 0 && target != NULL);
    to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    NEED(to >= 0);
    for (off_t left = s.st_size; left > 0;) {
        ssize_t copied = copy_file_range(from, NULL, to, NULL, (size_t)left, 0);
        NEED(copied > 0);
        left -= copied;
    }
    NEED(fsync(to) == 0 && close(to) == 0 && close(from) == 0);
}

static void xref(const char *path, const char *unused)
{
    char tail[TAIL];
    struct stat s;
    uint64_t offset;
    (void)unused;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    NEED(fd >= 0 && fstat(fd, &s) == 0 && s.st_size > TAIL);
    NEED(pread(fd, tail, TAIL, s.st_size - TAIL) == TAIL);
    const char *word = memmem(tail, TAIL, "startxref\n", 10);
    NEED(word != NULL);
    const char *end = memchr(word + 10, '\n', (size_t)(tail + TAIL - word - 10));
    NEED(end != NULL && number_unsigned(slice_of(word + 10, (size_t)(end - word) - 10), (uint64_t)s.st_size, &offset));
    size_t length = (size_t)s.st_size - (size_t)offset;
    char *table = malloc(length);
    NEED(table != NULL && pread(fd, table, length, (off_t)offset) == (ssize_t)length && close(fd) == 0);
    free(table);
}

static void fields(const char *path, const char *unused)
{
    struct rfd_document *document = NULL;
    const struct rfd_field_info *found;
    size_t count;
    (void)unused;
    NEED(rfd_document_open(path, (rfd_slice){NULL, 0}, &document, NULL) == RFD_OK);
    NEED(rfd_document_fields(document, &found, &count, NULL) == RFD_OK);
    rfd_document_close(document);
}

static const struct {
    const char *name;
    void (*run)(const char *path, const char *target);
} works[] = {{"hash", hash}, {"copy", copy}, {"xref", xref}, {"fields", fields}};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc >= 3 && i < sizeof works / sizeof works[0]; i++) {
        struct timespec before, after;
        if (strcmp(argv[1], works[i].name) != 0) continue;
        (void)clock_gettime(CLOCK_MONOTONIC, &before);
        works[i].run(argv[2], argc > 3 ? argv[3] : NULL);
        (void)clock_gettime(CLOCK_MONOTONIC, &after);
        printf("%.6f\n", (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9);
        return 0;
    }
    (void)fprintf(stderr, "usage: bench_file hash FILE | copy FILE TO | xref FILE | fields FILE\n");
    return 2;
}
