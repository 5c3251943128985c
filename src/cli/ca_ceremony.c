/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca init: the key ceremony. refrenda ca sign-request: what a root that is off line signs later.
 */
#include "cli/ca.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "domain/ceremony/ceremony.h"

#define PACKS_INSTALLED "/usr/share/refrenda/packs"

enum { PATH_SIZE = 4096, ARENA_MAXIMUM = 1 << 20 };

/** Where the packs are: $REFRENDA_PACKS, else where they are installed. */
static const char *packs_folder(void)
{
    const char *given = getenv("REFRENDA_PACKS");
    return given != NULL && given[0] != '\0' ? given : PACKS_INSTALLED;
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

int ca_init(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct packs *packs = NULL;
    if (a->plan == NULL || a->home == NULL || a->operand_count > 0) {
        message_error("%s", tr(N_("A ceremony needs --plan and --home")));
        message_hint(tr(N_("See refrenda %s --help")), "ca init");
        return EXIT_USAGE;
    }
    char *path = realpath(packs_folder(), NULL);
    rfd_status status = path == NULL ? error_set(&error, RFD_E_PACK, "%s: no such folder", packs_folder())
                                     : packs_open(path, &packs, &error);
    if (status == RFD_OK) status = run_ceremony(a, packs, path, &error);
    packs_close(packs);
    free(path);
    return status == RFD_OK ? 0 : ca_exit(a->plan, &error);
}
