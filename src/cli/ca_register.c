/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca register, unregister: agents and clients, in the keeper (whose approvals count) and, clients, in the
 * database (who may use the API).
 */
#include "base/error.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "domain/registration/client_actor.h"
#include "keeper/ask.h"

static const struct {
    const char *word;
    enum keeper_registered kind;
} kinds[] = {{"agent", KEEPER_AGENT}, {"client", KEEPER_REGISTRATION_CLIENT}, {"service", KEEPER_SERVICE}};

static bool kind_from_word(const char *word, enum keeper_registered *out)
{
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(word, kinds[i].word) != 0) continue;
        *out = kinds[i].kind;
        return true;
    }
    return false;
}

static const char *kind_word(unsigned kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind == kind) return kinds[i].word;
    }
    return "?";
}

/* --- Registering ------------------------------------------------------------------------------------------------- */

struct acting {
    const struct arguments *arguments;
    slice actor;
};

static rfd_status write_act_for(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct acting *c = context;
    return client_act_for(t, c->actor, slice_text(c->arguments->operands[1]), slice_text(c->arguments->act_for), error);
}

static rfd_status act_for(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct acting acting = {a, home->actor};
    return store_write(home->domain.store, write_act_for, &acting, error);
}

static rfd_status add(const struct arguments *a, struct ca_home *home, enum keeper_registered kind,
                      struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    const char *name = a->operands[1];
    rfd_status status = ca_read_certificate(a->operands[2], &certificate, error);
    if (status == RFD_OK && a->profile != NULL) {
        const struct ask_registration ask = {
            .kind = kind, .name = name, .proof = certificate->der, .profiles = a->profile};
        status = ask_register(home->keeper, &ask, error);
    }
    if (status == RFD_OK && kind == KEEPER_REGISTRATION_CLIENT)
        status = client_register(&home->domain, home->actor, slice_text(name), certificate->der, error);
    if (status == RFD_OK && kind == KEEPER_REGISTRATION_CLIENT && a->act_for != NULL) status = act_for(a, home, error);
    certificate_unref(certificate);
    if (status == RFD_OK && !a->quiet) (void)printf("%s: %s %s\n", tr(N_("Registered")), a->operands[0], name);
    return status;
}

/* --- Listing ----------------------------------------------------------------------------------------------------- */

struct listing {
    const struct arguments *a;
    struct ca_home *home;
    json_t *list;
    size_t count;
};

static rfd_status list_one(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    struct listing *l = context;
    const char *name = ca_text(&l->home->arena, item->name);
    const char *profiles = ca_text(&l->home->arena, item->profiles);
    (void)error;
    l->count++;
    if (l->a->json)
        (void)json_array_append_new(
            l->list, json_pack("{s:s, s:s, s:s}", "kind", kind_word(item->kind), "name", name, "profiles", profiles));
    else
        (void)printf("%-8s  %-24s  %s\n", kind_word(item->kind), name, profiles);
    return RFD_OK;
}

static rfd_status list_all(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct listing listing = {a, home, json_array(), 0};
    rfd_status status = ask_registered(home->keeper, list_one, &listing, error);
    if (status == RFD_OK && a->json)
        json_print(stdout, "registered", listing.list);
    else
        json_decref(listing.list);
    if (status == RFD_OK && !a->json && listing.count == 0) (void)printf("%s\n", tr(N_("Nobody is registered.")));
    return status;
}

/* --- Taking away ------------------------------------------------------------------------------------------------- */

static rfd_status take_away(const struct arguments *a, struct ca_home *home, enum keeper_registered kind,
                            struct rfd_error *error)
{
    const char *name = a->operands[1];
    if (kind == KEEPER_REGISTRATION_CLIENT)
        TRY(client_enable(&home->domain, home->actor, slice_text(name), false, error));
    rfd_status status = ask_unregister(home->keeper, kind, slice_text(name), error);
    /* A client need not be known to the keeper: only those are whose approvals count. */
    if (status == RFD_E_NOT_FOUND && kind == KEEPER_REGISTRATION_CLIENT) status = RFD_OK;
    if (status == RFD_OK && !a->quiet)
        (void)printf("%s: %s %s\n", tr(N_("Not registered any more")), a->operands[0], name);
    return status;
}

/* --- Commands ---------------------------------------------------------------------------------------------------- */

static int usage(void)
{
    message_error("%s", tr(N_("The command line is wrong.")));
    message_hint(tr(N_("See refrenda %s --help")), "ca register");
    return EXIT_USAGE;
}

int ca_register(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    enum keeper_registered kind = KEEPER_AGENT;
    bool listing = a->operand_count == 1 && strcmp(a->operands[0], "list") == 0;
    if (!listing && (a->operand_count != 3 || !kind_from_word(a->operands[0], &kind))) return usage();
    if (!listing && kind == KEEPER_AGENT && a->profile == NULL) {
        message_error("%s", tr(N_("Say with --profile what the agent may approve")));
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER, &home, &error);
    if (status == RFD_OK) status = listing ? list_all(a, &home, &error) : add(a, &home, kind, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}

int ca_unregister(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    enum keeper_registered kind;
    if (a->operand_count != 2 || !kind_from_word(a->operands[0], &kind)) return usage();
    if (!ca_confirm(a, tr(N_("Take the registration away?")))) return 1;
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER, &home, &error);
    if (status == RFD_OK) status = take_away(a, &home, kind, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(a->operands[1], &error);
}
