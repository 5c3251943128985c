/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda sign, endorse, timestamp, extend: one way of working through documents, four things to do with each.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/output.h"
#include "cli/batch.h"
#include "cli/command.h"
#include "cli/csc.h"
#include "cli/json.h"
#include "cli/safe_text.h"
#include "cli/signing.h"
#include "cli/two_step.h"

#include <jansson.h>
#include <unistd.h>

typedef rfd_status file_operation(const char *input, const char *output, const struct rfd_sign_options *options,
                                  struct rfd_sign_report **report, struct rfd_error *error);

/** What is the same for every document of a run. */
struct job {
    const struct arguments *arguments;
    struct signing signing;
    file_operation *operation;
    const char *done; /* "signed" for people */
};

/** "-": standard input or output go through memory. */
static rfd_status work_on_stream(const struct job *job, struct document *d)
{
    struct source *input = NULL;
    slice bytes = SLICE_EMPTY;
    rfd_bytes update = {0};
    rfd_status status;
    if (d->output == NULL) return error_set(&d->error, RFD_E_ARGUMENT, "standard input cannot be changed in place");
    if (job->operation != rfd_sign_file)
        return error_set(&d->error, RFD_E_UNSUPPORTED, "standard input and output: only sign and endorse can");
    status = strcmp(d->input, "-") == 0 ? source_read_fd(STDIN_FILENO, UINT64_C(2) << 30, &input, &d->error)
                                        : source_open_file(d->input, &input, &d->error);
    if (status != RFD_OK) return status;
    TRY_OUT(source_view(input, 0, source_size(input), &bytes, &d->error));
    TRY_OUT(rfd_sign_memory(bytes, &job->signing.options, &update, &d->report, &d->error));
    TRY_OUT(source_append(input, slice_bytes(update), &d->error));
    TRY_OUT(source_view(input, 0, source_size(input), &bytes, &d->error));
    status = output_whole(d->output, job->signing.options.replace, bytes, &d->error);
out:
    rfd_bytes_free(&update);
    source_close(input);
    return status;
}

static void work_on(void *context, struct document *d)
{
    const struct job *job = context;
    bool stream = strcmp(d->input, "-") == 0 || (d->output != NULL && strcmp(d->output, "-") == 0);
    d->status = stream ? work_on_stream(job, d)
                       : job->operation(d->input, d->output, &job->signing.options, &d->report, &d->error);
}

static void print_warnings(const struct document *d)
{
    for (size_t i = 0; d->report != NULL && i < rfd_sign_report_check_count(d->report); i++) {
        const struct rfd_sign_check *check = rfd_sign_report_check(d->report, i);
        if (check->result != RFD_CHECK_WARNING) continue;
        message_warning("%s: %s%s%s%s", d->input, tr(rfd_status_message(check->code)),
                        *check->detail == '\0' ? "" : " (", check->detail, *check->detail == '\0' ? "" : ")");
    }
}

static void print_for_people(const struct job *job, const struct batch *b)
{
    size_t failed = 0;
    bool silent = job->arguments->quiet || job->arguments->json; /* but for errors */
    for (size_t i = 0; i < b->count; i++) {
        const struct document *d = &b->documents[i];
        if (d->status != RFD_OK) {
            failed++;
            message_status(d->input, &d->error);
            continue;
        }
        if (silent) continue;
        print_warnings(d);
        const char *output = batch_target(d);
        if (strcmp(output, "-") != 0 && (b->count == 1 || job->arguments->verbose || !isatty(STDERR_FILENO)))
            message_done(tr(job->done), d->input, output);
    }
    if (b->count > 1 && !silent)
        (void)printf(tr(N_("%zu of %zu documents done, %zu failed\n")), b->count - failed, b->count, failed);
}

static json_t *document_json(const struct document *d)
{
    rfd_bytes text = {0};
    json_t *checks = NULL;
    if (d->report != NULL && rfd_sign_report_json(d->report, &text, NULL) == RFD_OK)
        checks = json_loadb((const char *)text.data, text.length, 0, NULL);
    rfd_bytes_free(&text);
    json_t *o = json_pack("{s:o, s:o, s:b, s:s*, s:s*, s:o*}", "input", safe_json(d->input), "output",
                          safe_json(batch_target(d)), "ok", d->status == RFD_OK, "error",
                          d->status == RFD_OK ? NULL : rfd_status_name(d->status), "detail",
                          d->status == RFD_OK ? NULL : d->error.detail, "report", checks);
    return o;
}

static void write_json(const struct batch *b, FILE *to)
{
    json_t *list = json_array();
    for (size_t i = 0; i < b->count; i++) (void)json_array_append_new(list, document_json(&b->documents[i]));
    json_print(to, "documents", list);
}

/** --report FILE: the same JSON, whatever --json says. */
static rfd_status write_report(const struct batch *b, const char *path, struct rfd_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (memory == NULL) return error_memory(error);
    write_json(b, memory);
    (void)fclose(memory);
    rfd_status status = output_whole(path, true, slice_of(text, length), error);
    free(text);
    return status;
}

static int exit_of_batch(const struct batch *b)
{
    if (b->count == 1) return exit_of_status(b->documents[0].status);
    for (size_t i = 0; i < b->count; i++) {
        if (b->documents[i].status != RFD_OK) return 1;
    }
    return 0;
}

static int report_and_exit(const struct job *job, const struct batch *b)
{
    struct rfd_error error = RFD_ERROR_INIT;
    int status = exit_of_batch(b);
    if (job->arguments->json) write_json(b, stdout);
    print_for_people(job, b);
    if (job->arguments->report != NULL && write_report(b, job->arguments->report, &error) != RFD_OK) {
        message_status(job->arguments->report, &error);
        if (status == 0) status = exit_of_status(error.code);
    }
    return status;
}

static int run_job(struct job *job, enum signing_needs needs, enum rfd_level default_level,
                   enum rfd_commitment commitment)
{
    const struct arguments *a = job->arguments;
    struct rfd_error error = RFD_ERROR_INIT;
    struct batch batch = {0};
    int status = EXIT_USAGE;
    if (batch_read(a, &batch, &error) == RFD_OK && signing_read(a, needs, &job->signing, &error) == RFD_OK) {
        job->signing.options.commitment = commitment;
        if (a->level < 0) job->signing.options.level = default_level;
        if (a->csc == NULL) batch_run(&batch, a->jobs, !a->quiet && !a->json, work_on, job);
        if (a->csc == NULL || csc_sign(a, &batch, &job->signing, &error) == RFD_OK)
            status = report_and_exit(job, &batch);
    }
    if (error.code != RFD_OK) {
        message_status(NULL, &error);
        status = exit_of_status(error.code);
    }
    batch_dispose(&batch);
    signing_dispose(&job->signing);
    return status;
}

int run_sign(const struct arguments *a)
{
    if (a->prepare) return two_step_prepare(a);
    if (a->embed) return two_step_embed(a);
    struct job job = {.arguments = a, .operation = rfd_sign_file, .done = N_("Signed")};
    return run_job(&job, SIGNING_WITH_KEY, RFD_LEVEL_B_B, RFD_COMMITMENT_NONE);
}

int run_endorse(const struct arguments *a)
{
    struct job job = {.arguments = a, .operation = rfd_sign_file, .done = N_("Endorsed")};
    return run_job(&job, SIGNING_WITH_KEY, RFD_LEVEL_B_B, RFD_COMMITMENT_APPROVAL);
}

int run_timestamp(const struct arguments *a)
{
    struct job job = {.arguments = a, .operation = rfd_timestamp_file, .done = N_("Time-stamped")};
    return run_job(&job, SIGNING_WITHOUT_KEY, RFD_LEVEL_B_B, RFD_COMMITMENT_NONE);
}

int run_extend(const struct arguments *a)
{
    struct job job = {.arguments = a, .operation = rfd_extend_file, .done = N_("Extended")};
    return run_job(&job, SIGNING_WITHOUT_KEY, RFD_LEVEL_B_LTA, RFD_COMMITMENT_NONE);
}
