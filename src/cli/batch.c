/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/batch.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"
#include "cli/messages.h"
#include "cli/safe_text.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAXIMUM = 64 << 20, JOBS_MAXIMUM = 64, BAR_WIDTH = 30, NAME_SHOWN = 40 };

/** A path that the batch owns. */
static char *keep(struct batch *b, char *made)
{
    char **grown = made == NULL ? NULL : memory_resize(b->made, (b->made_count + 1) * sizeof *grown);
    if (grown == NULL) {
        memory_free(made);
        return NULL;
    }
    b->made = grown;
    b->made[b->made_count++] = made;
    return made;
}

static rfd_status add(struct batch *b, const char *input, const char *output, struct rfd_error *error)
{
    if ((b->count & (b->count - 1)) == 0) {
        size_t capacity = b->count == 0 ? 1 : b->count * 2;
        struct document *grown = memory_resize(b->documents, capacity * sizeof *grown);
        if (grown == NULL) return error_memory(error);
        b->documents = grown;
    }
    b->documents[b->count++] = (struct document){.input = input, .output = output};
    return RFD_OK;
}

/** DIR/name-of-input. */
static rfd_status add_into_folder(struct batch *b, const char *folder, const char *input, struct rfd_error *error)
{
    const char *slash = strrchr(input, '/');
    const char *name = slash == NULL ? input : slash + 1;
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = memory_allocate(size);
    if (path != NULL) (void)snprintf(path, size, "%s/%s", folder, name);
    path = keep(b, path);
    return path == NULL ? error_memory(error) : add(b, input, path, error);
}

/** One line of a list, zero-terminated in place: INPUT or INPUT<tab>OUTPUT; blank lines and # comments are skipped. */
static rfd_status add_line(struct batch *b, const struct arguments *a, char *line, size_t number,
                           struct rfd_error *error)
{
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\r') line[length - 1] = '\0';
    if (line[0] == '\0' || line[0] == '#') return RFD_OK;
    char *tab = strchr(line, '\t');
    if (tab != NULL) {
        *tab = '\0';
        return add(b, line, tab + 1, error);
    }
    if (a->in_place) return add(b, line, NULL, error);
    if (a->out_dir == NULL)
        return error_set(error, RFD_E_ARGUMENT, "%s:%zu: no output given, and no --out-dir", a->batch, number);
    return add_into_folder(b, a->out_dir, line, error);
}

/** Some editors begin a text in UTF-8 with it. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static rfd_status read_list(struct batch *b, const struct arguments *a, struct rfd_error *error)
{
    struct source *source = NULL;
    slice text;
    rfd_status status = strcmp(a->batch, "-") == 0 ? source_read_fd(STDIN_FILENO, LIST_MAXIMUM, &source, error)
                                                   : source_open_file(a->batch, &source, error);
    if (status != RFD_OK) return status;
    TRY_OUT(source_view(source, 0, source_size(source), &text, error));
    char *copy = memory_allocate(text.length + 1);
    if (copy == NULL || keep(b, copy) == NULL) {
        status = error_memory(error);
        goto out;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    if (strlen(copy) != text.length) { /* what follows a zero byte would be passed over in silence */
        status = error_set(error, RFD_E_ARGUMENT, "%s: not a text file in UTF-8", a->batch);
        goto out;
    }
    size_t number = 1;
    char *first = copy + (slice_starts(text, SLICE(BYTE_ORDER_MARK)) ? sizeof BYTE_ORDER_MARK - 1 : 0);
    for (char *line = first; line != NULL && status == RFD_OK; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) *end = '\0';
        status = add_line(b, a, line, number, error);
        line = end == NULL ? NULL : end + 1;
    }
out:
    source_close(source);
    return status;
}

static rfd_status add_operands(struct batch *b, const struct arguments *a, struct rfd_error *error)
{
    if (a->operand_count == 0) return error_set(error, RFD_E_ARGUMENT, "no document given");
    if (a->output != NULL) {
        if (a->operand_count > 1) return error_set(error, RFD_E_ARGUMENT, "-o takes one document; use --out-dir");
        return add(b, a->operands[0], a->output, error);
    }
    if (a->out_dir == NULL && !a->in_place)
        return error_set(error, RFD_E_ARGUMENT, "where to write: -o FILE, --out-dir DIR or --in-place");
    for (size_t i = 0; i < a->operand_count; i++) {
        TRY(a->in_place ? add(b, a->operands[i], NULL, error) : add_into_folder(b, a->out_dir, a->operands[i], error));
    }
    return RFD_OK;
}

const char *batch_target(const struct document *d)
{
    return d->output == NULL ? d->input : d->output;
}

static int by_target(const void *a, const void *b)
{
    return strcmp(batch_target(a), batch_target(b));
}

/** Two documents with one output would silently lose one. */
static rfd_status refuse_same_outputs(const struct batch *b, struct rfd_error *error)
{
    struct document *sorted = memory_copy(b->documents, b->count * sizeof *sorted);
    if (sorted == NULL) return error_memory(error);
    qsort(sorted, b->count, sizeof *sorted, by_target);
    rfd_status status = RFD_OK;
    for (size_t i = 1; i < b->count && status == RFD_OK; i++) {
        if (strcmp(batch_target(&sorted[i]), batch_target(&sorted[i - 1])) == 0)
            status = error_set(error, RFD_E_ARGUMENT, "%s and %s would both be written to %s", sorted[i - 1].input,
                               sorted[i].input, batch_target(&sorted[i]));
    }
    memory_free(sorted);
    return status;
}

/** What would be passed over in silence, or mixed up, is a mistake. */
static rfd_status refuse_contradictions(const struct arguments *a, struct rfd_error *error)
{
    const char *why = NULL;
    if (a->in_place && (a->output != NULL || a->out_dir != NULL)) why = "--in-place goes without -o and --out-dir";
    if (a->output != NULL && a->out_dir != NULL) why = "-o goes without --out-dir";
    if (a->output != NULL && strcmp(a->output, "-") == 0 && a->json)
        why = "--json and -o - both write to standard output";
    if (a->batch != NULL && (a->operand_count > 0 || a->output != NULL))
        why = "--batch goes without -o and without documents of its own";
    return why == NULL ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "%s", why);
}

static rfd_status make_folder(const char *path, struct rfd_error *error)
{
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && access(path, W_OK | X_OK) == 0)) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
}

/** The report replaces what is there: that must not be a document of the run. */
static rfd_status refuse_report_over_document(const struct batch *b, const char *report, struct rfd_error *error)
{
    for (size_t i = 0; report != NULL && i < b->count; i++) {
        const struct document *d = &b->documents[i];
        if (strcmp(report, d->input) != 0 && strcmp(report, batch_target(d)) != 0) continue;
        return error_set(error, RFD_E_ARGUMENT, "--report %s would replace a document", report);
    }
    return RFD_OK;
}

rfd_status batch_read(const struct arguments *a, struct batch *out, struct rfd_error *error)
{
    struct batch b = {0};
    rfd_status status = refuse_contradictions(a, error);
    if (status == RFD_OK && a->out_dir != NULL) status = make_folder(a->out_dir, error);
    if (status == RFD_OK) status = a->batch != NULL ? read_list(&b, a, error) : add_operands(&b, a, error);
    if (status == RFD_OK && b.count == 0) status = error_set(error, RFD_E_ARGUMENT, "no document given");
    if (status == RFD_OK) status = refuse_same_outputs(&b, error);
    if (status == RFD_OK) status = refuse_report_over_document(&b, a->report, error);
    if (status != RFD_OK) {
        batch_dispose(&b);
        return status;
    }
    *out = b;
    return RFD_OK;
}

void batch_dispose(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) rfd_sign_report_free(b->documents[i].report);
    for (size_t i = 0; i < b->made_count; i++) memory_free(b->made[i]);
    memory_free(b->made);
    memory_free(b->documents);
    *b = (struct batch){0};
}

/** What the threads share. */
struct shared {
    struct batch *batch;
    batch_work *work;
    void *context;
    bool progress;
    atomic_size_t next, done, failed;
    pthread_mutex_t terminal;
};

static void draw_progress(struct shared *s, const char *name)
{
    size_t done = atomic_load(&s->done);
    size_t filled = done * BAR_WIDTH / s->batch->count;
    (void)pthread_mutex_lock(&s->terminal);
    (void)fprintf(stderr, "\r\033[K[");
    for (size_t i = 0; i < BAR_WIDTH; i++) (void)fputs(i < filled ? "█" : "░", stderr);
    (void)fprintf(stderr, "] %zu/%zu", done, s->batch->count);
    size_t failed = atomic_load(&s->failed);
    if (failed > 0)
        (void)fprintf(stderr, ", %s%zu %s%s", style_on(stderr, STYLE_BAD), failed, tr(N_("failed")),
                      style_on(stderr, STYLE_PLAIN));
    char shown[NAME_SHOWN + 1];
    (void)snprintf(shown, sizeof shown, "%s", name);
    (void)fputs("  ", stderr);
    if (done < s->batch->count) safe_print(stderr, shown);
    if (done == s->batch->count) (void)fputc('\n', stderr);
    (void)pthread_mutex_unlock(&s->terminal);
}

static void *work_through(void *argument)
{
    struct shared *s = argument;
    for (;;) {
        size_t i = atomic_fetch_add(&s->next, 1);
        if (i >= s->batch->count) return NULL;
        struct document *document = &s->batch->documents[i];
        s->work(s->context, document);
        if (document->status != RFD_OK) (void)atomic_fetch_add(&s->failed, 1);
        (void)atomic_fetch_add(&s->done, 1);
        if (s->progress) draw_progress(s, document->input);
    }
}

static size_t thread_count(const struct batch *b, int jobs)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = jobs > 0 ? (size_t)jobs : processors > 0 ? (size_t)processors : 1;
    if (count > JOBS_MAXIMUM) count = JOBS_MAXIMUM;
    return count < b->count ? count : b->count;
}

void batch_run(struct batch *b, int jobs, bool progress, batch_work *work, void *context)
{
    struct shared s = {.batch = b, .work = work, .context = context, .terminal = PTHREAD_MUTEX_INITIALIZER};
    s.progress = progress && b->count > 1 && isatty(STDERR_FILENO);
    pthread_t threads[JOBS_MAXIMUM];
    size_t wanted = thread_count(b, jobs);
    size_t started = 0;
    /* This thread works too; others that cannot be started are not missed. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work_through, &s) == 0) started++;
    (void)work_through(&s);
    for (size_t i = 0; i < started; i++) (void)pthread_join(threads[i], NULL);
    (void)pthread_mutex_destroy(&s.terminal);
}
