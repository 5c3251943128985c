/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca init: the key ceremony. refrenda ca sign-request: what a root that is off line signs later.
 */
#include "cli/ca.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "base/program.h"
#include "domain/ceremony/ceremony.h"
#include "domain/ceremony/root.h"
#include "pki/attribute.h"
#include "pki/certificate/pem.h"

#include <unistd.h>

enum { PATH_SIZE = 4096, ARENA_MAXIMUM = 1 << 20, FILE_MAXIMUM = 1 << 20 };

/** Where the packs are: $REFRENDA_PACKS, else what was installed with this program, else, in a build folder, the
 * sources'. */
static void packs_folder(char path[PATH_SIZE])
{
    static const char *const places[] = {"../share/refrenda/packs", "../packs"};
    char folder[PATH_SIZE / 2];
    const char *given = getenv("REFRENDA_PACKS");
    if (given != NULL && given[0] != '\0') {
        (void)snprintf(path, PATH_SIZE, "%s", given);
        return;
    }
    program_folder(folder, sizeof folder);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(path, PATH_SIZE, "%s/%s", folder, places[i]);
        if (access(path, R_OK) == 0) return;
    }
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, places[0]); /* to be complained of */
}

/* ---- init ---- */

static void show_step(void *context, const char *step, bool done)
{
    const struct arguments *a = context;
    if (a->quiet || a->json || !done) return;
    (void)printf("%s✓%s %s\n", style_on(stdout, STYLE_GOOD), style_on(stdout, STYLE_PLAIN), tr(step));
    (void)fflush(stdout);
}

static void show_result(const struct arguments *a, const struct plan *plan, const char *root)
{
    if (a->quiet) return;
    (void)printf("\n%s %s\n", tr(N_("The authority is ready in")), a->home);
    (void)printf("  %-26s %s\n", CEREMONY_RECORD, tr(N_("the record, sealed: print it and have it signed")));
    (void)printf("  %-26s %s\n", plan->agent.file == NULL ? "agente.p12" : plan->agent.file,
                 tr(N_("the first agent's key, with its password beside it: hand both over and remove them")));
    (void)printf("\n%s %s\n", tr(N_("The root's folder is")), root);
    (void)printf("  %s\n",
                 tr(N_("Hand each share to its custodian and remove it from there; then take the folder off line.")));
}

static rfd_status run_ceremony(const struct arguments *a, const struct packs *packs, const char *packs_path,
                               struct rfd_error *error)
{
    struct yaml_file file = {.data = NULL};
    const struct plan *plan = NULL;
    struct rfd_language *language = NULL;
    struct arena arena;
    slice actor;
    char root[PATH_SIZE];
    rfd_status status = RFD_OK;
    arena_init(&arena, ARENA_MAXIMUM);
    TRY_OUT(plan_read(a->plan, packs, &file, &plan, error));
    TRY_OUT(messages_open_language(&language, error));
    TRY_OUT(ca_home_actor(&arena, &actor, error));
    const struct ceremony_options options = {.home = a->home,
                                             .root = a->root,
                                             .packs = packs,
                                             .packs_path = packs_path,
                                             .plan_text = slice_bytes(file.text),
                                             .actor = actor,
                                             .language = language,
                                             .progress = show_step,
                                             .context = (void *)(uintptr_t)a};
    TRY_OUT(ceremony_run(plan, &options, error));
    (void)snprintf(root, sizeof root, "%s%s", a->root == NULL ? a->home : a->root, a->root == NULL ? "/root" : "");
    show_result(a, plan, root);
out:
    rfd_language_close(language);
    yaml_dispose(&file);
    arena_dispose(&arena);
    return status;
}

static rfd_status open_packs(struct packs **packs, char **path, struct rfd_error *error)
{
    char folder[PATH_SIZE];
    packs_folder(folder);
    *path = realpath(folder, NULL);
    if (*path == NULL) return error_set(error, RFD_E_PACK, "%s: no such folder", folder);
    return packs_open(*path, packs, error);
}

int ca_init(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct packs *packs = NULL;
    char *path = NULL;
    if (a->plan == NULL || a->home == NULL || a->operand_count > 0) {
        message_error("%s", tr(N_("A ceremony needs --plan and --home")));
        message_hint(tr(N_("See refrenda %s --help")), "ca init");
        return EXIT_USAGE;
    }
    rfd_status status = open_packs(&packs, &path, &error);
    if (status == RFD_OK) status = run_ceremony(a, packs, path, &error);
    packs_close(packs);
    free(path);
    return status == RFD_OK ? 0 : ca_exit(a->plan, &error);
}

/* ---- sign-request ---- */

static rfd_status take_values(const struct arguments *a, struct arena *arena, struct profile_value *values,
                              size_t *count, struct rfd_error *error)
{
    *count = 0;
    for (size_t i = 0; i < a->attribute.count; i++) {
        slice given = slice_text(a->attribute.items[i]);
        const uint8_t *equals = memchr(given.data, '=', given.length);
        size_t length = equals == NULL ? 0 : (size_t)(equals - given.data);
        enum oid_name type = attribute_from_word(slice_part(given, 0, length));
        if (equals == NULL || type == OID_COUNT || *count == PROFILE_ATTRIBUTES_MAXIMUM)
            return error_set(error, RFD_E_ARGUMENT, "--attribute %s", a->attribute.items[i]);
        values[*count] = (struct profile_value){type, arena_text(arena, slice_from(given, length + 1))};
        if (values[(*count)++].text == NULL) return arena_failed(arena, error);
    }
    return RFD_OK;
}

static rfd_status sign_certificate(const struct arguments *a, struct root *root, struct rfd_error *error)
{
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    size_t count = 0;
    struct arena arena;
    struct buf request, certificate, pem;
    rfd_status status = RFD_OK;
    arena_init(&arena, ARENA_MAXIMUM);
    buf_init(&request, FILE_MAXIMUM);
    buf_init(&certificate, FILE_MAXIMUM);
    buf_init(&pem, FILE_MAXIMUM);
    TRY_OUT(take_values(a, &arena, values, &count, error));
    TRY_OUT(ca_read_object(a->operands[0], CA_FILE_MAXIMUM, &request, error));
    TRY_OUT(root_sign_request(root, a->profile == NULL ? "issuing" : a->profile, values, count, buf_slice(&request),
                              &certificate, error));
    pem_put(&pem, "CERTIFICATE", buf_slice(&certificate));
    TRY_OUT(buf_check(&pem, "certificate", error));
    status = output_whole(a->output, a->force, buf_slice(&pem), error);
out:
    arena_dispose(&arena);
    buf_dispose(&request);
    buf_dispose(&certificate);
    buf_dispose(&pem);
    return status;
}

/** RFC 5280 §5.3.1; a key that is lost is an authority's here. */
static int reason_of(const struct arguments *a)
{
    enum { SUPERSEDED = 4 };
    static const int reasons[] = {0, 2, 3, 4, 5, 9};
    return a->revocation_reason < 0 ? SUPERSEDED : reasons[a->revocation_reason];
}

static rfd_status sign_list(const struct arguments *a, struct root *root, struct rfd_error *error)
{
    const struct certificate *revoked = NULL;
    struct buf der, list;
    rfd_status status = RFD_OK;
    buf_init(&der, FILE_MAXIMUM);
    buf_init(&list, FILE_MAXIMUM);
    if (a->revoke_file != NULL) {
        TRY_OUT(ca_read_object(a->revoke_file, CA_FILE_MAXIMUM, &der, error));
        TRY_OUT(certificate_parse(buf_slice(&der), &revoked, error));
    }
    TRY_OUT(root_sign_list(root, revoked, reason_of(a), &list, error));
    status = output_whole(a->output, a->force, buf_slice(&list), error);
out:
    certificate_unref(revoked);
    buf_dispose(&der);
    buf_dispose(&list);
    return status;
}

int ca_sign_request(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct packs *packs = NULL;
    char *path = NULL;
    struct root root = {.certificate = NULL};
    if (a->root == NULL || a->share.count == 0 || a->output == NULL || a->operand_count != (a->sign_crl ? 0 : 1)) {
        message_error(
            "%s", tr(N_("The root signs a request, or its list with --crl; it needs --root, each --share, and -o")));
        message_hint(tr(N_("See refrenda %s --help")), "ca sign-request");
        return EXIT_USAGE;
    }
    rfd_status status = open_packs(&packs, &path, &error);
    if (status == RFD_OK) status = root_open(a->root, a->share.items, a->share.count, packs, &root, &error);
    if (status == RFD_OK) status = a->sign_crl ? sign_list(a, &root, &error) : sign_certificate(a, &root, &error);
    root_close(&root);
    packs_close(packs);
    free(path);
    if (status != RFD_OK) return ca_exit(a->sign_crl ? a->root : a->operands[0], &error);
    if (!a->quiet) message_done(tr(N_("Signed")), a->sign_crl ? a->root : a->operands[0], a->output);
    return 0;
}
