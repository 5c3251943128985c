/* SPDX-License-Identifier: EUPL-1.2
 *
 * OpenSSL's own allocations failing, each alone, while we sign and verify: an error or the true result. The error need
 * not say "memory", and a good document may be doubted now and then: OpenSSL does not always tell a lack of memory from
 * a wrong signature. An altered document never passes.
 */
#include "../soak/workshop.h"
#include "fault.h"

#include "base/buf.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdio.h>

enum { SIZE = 3000, ALTERED_BYTE = 600, ALLOCATIONS_MAXIMUM = 100000, TOLD_MAXIMUM = 10, DOUBTS_MAXIMUM = 10 };

static struct {
    unsigned long fail_at, seen;
} hook;

static bool denied(void)
{
    return hook.fail_at != 0 && ++hook.seen == hook.fail_at;
}

static void *hook_allocate(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return denied() ? NULL : malloc(size);
}

static void *hook_resize(void *old, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return denied() ? NULL : realloc(old, size);
}

static void hook_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    free(memory);
}

struct scene {
    struct workshop w;
    struct buf document;
    enum rfd_indication expected;
    unsigned doubts; /* verdicts on a good document that were not TOTAL-PASSED */
};

static rfd_status sign_once(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    rfd_bytes update = {0};
    struct buf whole;
    rfd_status status = rfd_sign_memory(buf_slice(&s->document), &options, &update, NULL, error);
    if (status != RFD_OK) return status;
    hook.fail_at = 0;
    buf_init(&whole, SIZE << 4);
    buf_put_slice(&whole, buf_slice(&s->document));
    buf_put(&whole, update.data, update.length);
    if (!workshop_passes(&s->w, buf_slice(&whole))) status = fault_wrong(error, "a signature that does not verify");
    buf_dispose(&whole);
    rfd_bytes_free(&update);
    return status;
}

static rfd_status verify_once(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_verify_options options = workshop_verify_options(&s->w);
    struct rfd_verification *v = NULL;
    rfd_status status = rfd_verify_memory(buf_slice(&s->document), &options, &v, error);
    if (status != RFD_OK) return status;
    if (rfd_verification_count(v) != 1) status = fault_wrong(error, "number of signatures");
    if (status == RFD_OK && rfd_verification_indication(v) != s->expected) {
        if (s->expected != RFD_TOTAL_PASSED) status = fault_wrong(error, "an altered document passed");
        s->doubts++;
    }
    rfd_verification_free(v);
    return status;
}

static rfd_status open_key(void *context, struct rfd_error *error)
{
    (void)context;
    struct rfd_key *key = NULL;
    rfd_status status =
        rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &key, error);
    rfd_key_free(key);
    return status;
}

static void run_scenario(const char *name, fault_scenario *scenario, struct scene *s)
{
    unsigned long n = 0, wrong = 0, seen;
    char text[160];
    do {
        struct rfd_error error = RFD_ERROR_INIT;
        hook.seen = 0;
        hook.fail_at = ++n;
        rfd_status status = scenario(s, &error);
        seen = hook.seen;
        hook.fail_at = 0;
        ERR_clear_error();
        bool good = status == RFD_OK || (seen >= n && strncmp(error.detail, "wrong", 5) != 0 && error.code == status);
        if (!good && wrong++ < TOLD_MAXIMUM)
            printf("# OpenSSL's allocation %lu: %s: %s\n", n, rfd_status_name(status), error.detail);
    } while (seen >= n && n < ALLOCATIONS_MAXIMUM);
    (void)snprintf(text, sizeof text, "%s: %lu allocations of OpenSSL, each failed", name, n - 1);
    fault_report(text, wrong == 0 && n > 1 && n < ALLOCATIONS_MAXIMUM);
}

int main(void)
{
    struct scene s = {0};
    if (CRYPTO_set_mem_functions(hook_allocate, hook_resize, hook_free) != 1) return 1;
    (void)folder_new();
    workshop_open(&s.w, "P-256");
    workshop_document(&s.document, SIZE, 0);
    run_scenario("opening a key", open_key, &s);
    run_scenario("signing", sign_once, &s);
    workshop_sign(&s.w, &s.document);
    s.expected = RFD_TOTAL_PASSED;
    run_scenario("verifying", verify_once, &s);
    printf("# a good document was doubted %u times\n", s.doubts);
    fault_report("a good document is rarely doubted", s.doubts <= DOUBTS_MAXIMUM);
    s.document.data[ALTERED_BYTE] ^= 1;
    s.expected = RFD_TOTAL_FAILED;
    run_scenario("verifying an altered document", verify_once, &s);
    buf_dispose(&s.document);
    workshop_close(&s.w);
    folder_remove();
    return fault_end();
}
