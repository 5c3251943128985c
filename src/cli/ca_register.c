/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca register, unregister: agents and clients, in the keepers (whose approvals count) and, clients, in the
 * database (who may use the API); portals, in the personal keeper (whose statements count).
 */
#include "base/error.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "domain/registration/client_actor.h"
#include "keeper/ask.h"
#include "personal/protocol.h"

static const struct {
    const char *word;
    enum keeper_registered kind;
} kinds[] = {{"agent", KEEPER_AGENT},
             {"client", KEEPER_REGISTRATION_CLIENT},
             {"portal", KEEPER_PORTAL},
             {"service", KEEPER_SERVICE}, /* from here on: by ceremonies, "ca register personal" */
             {"personal", KEEPER_PERSONAL}};
enum { BY_COMMAND = 3 };

static bool kind_from_word(const char *word, enum keeper_registered *out)
{
    for (size_t i = 0; i < BY_COMMAND; i++) {
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
        if (status == RFD_OK && home->personal != NULL) status = ask_register(home->personal, &ask, error);
    }
    if (status == RFD_OK && kind == KEEPER_REGISTRATION_CLIENT)
        status = client_register(&home->domain, home->actor, slice_text(name), certificate->der, error);
    if (status == RFD_OK && kind == KEEPER_REGISTRATION_CLIENT && a->act_for != NULL) status = act_for(a, home, error);
    certificate_unref(certificate);
    return status;
}

/** The name as people read it: --attribute cn=... */
static rfd_status portal_title(const struct arguments *a, struct profile_value *out, struct rfd_error *error)
{
    static const char cn[] = "cn=";
    if (a->attribute.count != 1 || strncmp(a->attribute.items[0], cn, sizeof cn - 1) != 0)
        return error_set(error, RFD_E_ARGUMENT, "a portal's name as people read it: --attribute cn=NAME");
    *out = (struct profile_value){OID_COMMON_NAME, a->attribute.items[0] + sizeof cn - 1};
    return RFD_OK;
}

static rfd_status check_personal(const struct ca_home *home, struct rfd_error *error)
{
    if (home->personal != NULL) return RFD_OK;
    return error_set(error, RFD_E_STATE, "this instance has no personal keeper: refrenda ca register personal");
}

static rfd_status add_portal(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct profile_value title;
    struct buf key;
    buf_init(&key, CA_FILE_MAXIMUM);
    rfd_status status = check_personal(home, error);
    if (status == RFD_OK) status = portal_title(a, &title, error);
    if (status == RFD_OK) status = ca_read_object(a->operands[2], CA_FILE_MAXIMUM, &key, error);
    if (status == RFD_OK) {
        const struct ask_registration ask = {.kind = KEEPER_PORTAL,
                                             .name = a->operands[1],
                                             .proof = buf_slice(&key),
                                             .values = &title,
                                             .value_count = 1};
        status = ask_register(home->personal, &ask, error);
    }
    buf_dispose(&key);
    return status;
}

/* --- The personal keeper ----------------------------------------------------------------------------------------- */

static rfd_status believe_attestations(struct ca_home *home, struct rfd_error *error)
{
    enum { PATIENCE = 20000 };
    struct keeper_reply reply = {0};
    rfd_status status = keeper_client_ask(home->personal, PERSONAL_KEYS, SLICE_EMPTY, -1, PATIENCE, &reply, error);
    if (status == RFD_OK) {
        (void)message_get_bytes(&reply.fields, KEY_CERTIFICATE_MAXIMUM);
        const struct ask_registration ask = {.kind = KEEPER_PERSONAL,
                                             .name = "personal",
                                             .proof = message_get_bytes(&reply.fields, KEY_CERTIFICATE_MAXIMUM)};
        status = message_end(&reply.fields, "keys", error);
        if (status == RFD_OK) status = ask_register(home->keeper, &ask, error);
    }
    keeper_reply_dispose(&reply);
    return status;
}

static rfd_status tell_personal(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    struct ca_home *home = context;
    if (item->kind != KEEPER_AGENT && item->kind != KEEPER_REGISTRATION_CLIENT) return RFD_OK;
    const struct ask_registration ask = {.kind = item->kind,
                                         .name = arena_text(&home->arena, item->name),
                                         .proof = item->proof,
                                         .profiles = arena_text(&home->arena, item->profiles)};
    if (ask.name == NULL || ask.profiles == NULL) return arena_failed(&home->arena, error);
    return ask_register(home->personal, &ask, error);
}

/** Makes its store where there is none; from then on both keepers know the same people, and one the other. */
static rfd_status add_personal(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    if (home->personal == NULL) TRY(ca_home_make_personal(a, home, error));
    TRY(believe_attestations(home, error));
    return ask_registered(home->keeper, tell_personal, home, error);
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

/** Agents and clients were in the keeper's list. */
static rfd_status list_portal(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    return item->kind == KEEPER_PORTAL ? list_one(context, item, error) : RFD_OK;
}

static rfd_status list_all(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct listing listing = {a, home, json_array(), 0};
    rfd_status status = ask_registered(home->keeper, list_one, &listing, error);
    if (status == RFD_OK && home->personal != NULL)
        status = ask_registered(home->personal, list_portal, &listing, error);
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
    bool portal = kind == KEEPER_PORTAL;
    if (kind == KEEPER_REGISTRATION_CLIENT)
        TRY(client_enable(&home->domain, home->actor, slice_text(name), false, error));
    if (portal) TRY(check_personal(home, error));
    rfd_status status = ask_unregister(portal ? home->personal : home->keeper, kind, slice_text(name), error);
    /* A client need not be known to the keeper: only those are whose approvals count. */
    if (status == RFD_E_NOT_FOUND && kind == KEEPER_REGISTRATION_CLIENT) status = RFD_OK;
    if (!portal && home->personal != NULL && (status == RFD_OK || status == RFD_E_NOT_FOUND)) {
        rfd_status also = ask_unregister(home->personal, kind, slice_text(name), error);
        if (also != RFD_E_NOT_FOUND) status = also; /* known to one of them is enough */
    }
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
    bool personal = a->operand_count == 1 && strcmp(a->operands[0], "personal") == 0;
    bool adding = !listing && !personal;
    if (adding && (a->operand_count != 3 || !kind_from_word(a->operands[0], &kind))) return usage();
    if (adding && kind == KEEPER_AGENT && a->profile == NULL) {
        message_error("%s", tr(N_("Say with --profile what the agent may approve")));
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER | CA_HOME_PERSONAL, &home, &error);
    if (status == RFD_OK && listing)
        status = list_all(a, &home, &error);
    else if (status == RFD_OK && personal)
        status = add_personal(a, &home, &error);
    else if (status == RFD_OK)
        status = kind == KEEPER_PORTAL ? add_portal(a, &home, &error) : add(a, &home, kind, &error);
    if (status == RFD_OK && !listing && !a->quiet)
        (void)printf("%s: %s %s\n", tr(N_("Registered")), a->operands[0], adding ? a->operands[1] : "");
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
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER | CA_HOME_PERSONAL, &home, &error);
    if (status == RFD_OK) status = take_away(a, &home, kind, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(a->operands[1], &error);
}
