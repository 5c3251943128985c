/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf_support.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *support_corpora(void)
{
    static char found[PATH_MAX];
    const char *given = getenv("REFRENDA_CORPORA");
    return realpath(given != NULL ? given : REFRENDA_SOURCE_ROOT "/../shared/corpora", found);
}

static void each_in(const char *folder, void (*each)(const char *path, void *context), void *context, size_t *count)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];
        struct stat st;
        size_t length = strlen(names[i]->d_name);
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode)) each_in(path, each, context, count);
            if (S_ISREG(st.st_mode) && length > 4 && strcmp(names[i]->d_name + length - 4, ".pdf") == 0) {
                each(path, context);
                ++*count;
            }
        }
        free(names[i]);
    }
    if (n >= 0) free(names);
}

size_t support_each_pdf(const char *folder, void (*each)(const char *path, void *context), void *context)
{
    size_t count = 0;
    char path[PATH_MAX];
    if (support_corpora() == NULL) return 0;
    (void)snprintf(path, sizeof path, "%s/%s", support_corpora(), folder);
    each_in(path, each, context, &count);
    return count;
}

int support_run(const char *const *arguments)
{
    posix_spawn_file_actions_t quiet;
    pid_t child;
    int result = -1;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child, arguments[0], &quiet, NULL, (char *const *)(uintptr_t)arguments, environ) == 0) {
        int state;
        if (waitpid(child, &state, 0) == child && WIFEXITED(state)) result = WEXITSTATUS(state);
    }
    posix_spawn_file_actions_destroy(&quiet);
    return result == 127 ? -1 : result;
}

bool support_has(const char *program)
{
    return support_run((const char *const[]){program, "--version", NULL}) == 0;
}

static char folder[64];

const char *support_path(const char *name)
{
    static char paths[16][PATH_MAX];
    char path[PATH_MAX];
    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "/tmp/refrenda-test-XXXXXX");
        if (mkdtemp(folder) == NULL) abort();
        memset(paths, 0, sizeof paths);
    }
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i][0] == '\0') memcpy(paths[i], path, sizeof path);
        if (strcmp(paths[i], path) == 0) return paths[i];
    }
    abort();
}

void support_write(const char *path, slice head, slice tail)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL) abort();
    if (fwrite(head.data, 1, head.length, f) != head.length) abort();
    if (tail.length > 0 && fwrite(tail.data, 1, tail.length, f) != tail.length) abort();
    if (fclose(f) != 0) abort();
}

void support_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) abort();
    for (;;) {
        uint8_t piece[65536];
        size_t got = fread(piece, 1, sizeof piece, f);
        if (got == 0) break;
        buf_put(out, piece, got);
    }
    (void)fclose(f);
}

void support_clean(void)
{
    if (folder[0] == '\0') return;
    DIR *d = opendir(folder);
    for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d != NULL) (void)closedir(d);
    (void)rmdir(folder);
    folder[0] = '\0';
}

void support_init(struct support_document *d)
{
    *d = (struct support_document){0};
    buf_init(&d->bytes, 1 << 28);
}

rfd_status support_open(struct support_document *d, const char *password, bool strict)
{
    struct pdf_options options = {.strict = strict, .password = slice_text(password)};
    d->error = RFD_ERROR_INIT;
    rfd_status status = source_open_memory(buf_slice(&d->bytes), &d->source, &d->error);
    if (status == RFD_OK) status = pdf_open(d->source, &options, &d->doc, &d->error);
    return status;
}

void support_close(struct support_document *d)
{
    pdf_close(d->doc);
    source_close(d->source);
    buf_dispose(&d->bytes);
    *d = (struct support_document){0};
}

static void stop(const char *what, const struct rfd_error *error)
{
    (void)fprintf(stderr, "%s: %s: %s\n", what, rfd_status_name(error->code), error->detail);
    abort();
}

void support_apply(struct support_document *from, struct pdf_update *u, const char *password,
                   struct support_document *to)
{
    slice tail;
    support_init(to);
    if (pdf_update_finish(u, &tail, &from->error) != RFD_OK) stop("pdf_update_finish", &from->error);
    buf_put_slice(&to->bytes, buf_slice(&from->bytes));
    buf_put_slice(&to->bytes, tail);
    if (support_open(to, password, false) != RFD_OK) stop("opening the update", &to->error);
    assert(pdf_revision_count(to->doc) == pdf_revision_count(from->doc) + 1);
    pdf_update_free(u);
}

const char *const support_encryptions[SUPPORT_ENCRYPTIONS][4] = {
    {"40", NULL},
    {"128", "--use-aes=n", NULL},
    {"128", "--use-aes=n", "--force-V4", NULL},
    {"128", "--use-aes=y", NULL},
    {"128", "--use-aes=y", "--cleartext-metadata", NULL},
    {"256", "--force-R5", NULL},
    {"256", "--cleartext-metadata", NULL},
};

void support_encrypt(struct support_document *d, const struct buf *plain, size_t variant, const char *user,
                     const char *owner)
{
    const char *input = support_path("plain.pdf");
    const char *output = support_path("encrypted.pdf");
    const char *arguments[20] = {"qpdf", "--allow-weak-crypto", "--encrypt", user, owner, NULL};
    size_t count = 5;
    for (size_t i = 0; support_encryptions[variant / 2][i] != NULL; i++)
        arguments[count++] = support_encryptions[variant / 2][i];
    arguments[count++] = "--";
    arguments[count++] = variant % 2 == 0 ? "--object-streams=disable" : "--object-streams=generate";
    arguments[count++] = input;
    arguments[count++] = output;
    support_write(input, buf_slice(plain), SLICE_EMPTY);
    if (support_run(arguments) != 0) abort();
    support_init(d);
    support_read(output, &d->bytes);
}

void support_make_pdf(struct buf *out, const char *const *objects, size_t count, const char *trailer)
{
    size_t offsets[64];
    assert(count <= 64);
    buf_put_text(out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    for (size_t i = 0; i < count; i++) {
        offsets[i] = out->length;
        buf_print(out, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    size_t table = out->length;
    buf_print(out, "xref\n0 %zu\n0000000000 65535 f\r\n", count + 1);
    for (size_t i = 0; i < count; i++) buf_print(out, "%010zu 00000 n\r\n", offsets[i]);
    buf_print(out, "trailer\n<</Size %zu %s>>\nstartxref\n%zu\n%%%%EOF\n", count + 1, trailer, table);
}

static void put_row(struct buf *out, unsigned kind, size_t second, size_t third)
{
    buf_put(out, (uint8_t[]){(uint8_t)kind, (uint8_t)(second >> 8), (uint8_t)second, (uint8_t)third}, 4);
}

void support_make_compressed_pdf(struct buf *out, const char *const *objects, size_t count, const char *trailer)
{
    struct buf index;
    struct buf bodies;
    buf_init(&index, 1 << 20);
    buf_init(&bodies, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        buf_print(&index, "%zu %zu ", i + 1, bodies.length);
        buf_print(&bodies, "%s\n", objects[i]);
    }
    buf_put_text(out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    size_t container = out->length;
    buf_print(out, "%zu 0 obj\n<</Type /ObjStm /N %zu /First %zu /Length %zu>>\nstream\n", count + 1, count,
              index.length, index.length + bodies.length);
    buf_put_slice(out, buf_slice(&index));
    buf_put_slice(out, buf_slice(&bodies));
    buf_put_text(out, "\nendstream\nendobj\n");
    size_t xref = out->length;
    buf_print(out, "%zu 0 obj\n<</Type /XRef /Size %zu /W [1 2 1] /Length %zu %s>>\nstream\n", count + 2, count + 3,
              4 * (count + 3), trailer);
    put_row(out, 0, 0, 255);
    for (size_t i = 0; i < count; i++) put_row(out, 2, count + 1, i);
    put_row(out, 1, container, 0);
    put_row(out, 1, xref, 0);
    buf_print(out, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", xref);
    buf_dispose(&index);
    buf_dispose(&bodies);
}
