/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda demo seal: while no server runs, so that the personal keeper is inside this process and speaks to it as it
 * would to pages and worker.
 */
#include "domain/demo/demo_seal.h"

#include "base/error.h"
#include "base/zone.h"
#include "cli/credentials.h"
#include "cli/platform.h"
#include "keeper/client_internal.h"

/** The personal keeper as somebody asks it. */
struct voice {
    struct keeper_client *to;
    enum keeper_sender sender;
    struct keeper_client *client;
};

static rfd_status speak(void *context, struct keeper_session *session, const struct message *message,
                        struct buf *answer, struct rfd_error *error)
{
    const struct voice *v = context;
    session->sender = v->sender;
    return v->to->direct(v->to->direct_context, session, message, answer, error);
}

static rfd_status open_agents(const struct arguments *a, struct rfd_key *agents[2], struct rfd_error *error)
{
    struct arguments second = *a;
    second.p12 = a->second_p12;
    second.pass_file = a->second_pass_file;
    TRY(credentials_key(a, &agents[0], error));
    return credentials_key(&second, &agents[1], error);
}

static rfd_status make(struct ca_home *home, const struct zone *zone, struct rfd_key *const agents[2], bool code,
                       struct demo_seal *out, struct rfd_error *error)
{
    struct voice pages = {.to = home->personal, .sender = KEEPER_FROM_WEB};
    struct voice worker = {.to = home->personal, .sender = KEEPER_FROM_WORKER};
    const struct registration_settings registration = registration_settings_of(home->settings, home->packs, zone);
    struct central central = {
        .store = home->store, .keeper = home->keeper, .packs = home->packs, .settings = home->settings, .zone = zone};
    rfd_status status = keeper_client_direct_to(speak, &pages, &pages.client, error);
    if (status == RFD_OK) status = keeper_client_direct_to(speak, &worker, &worker.client, error);
    central.personal = pages.client;
    const struct demo_seal_options options = {.central = &central,
                                              .worker = worker.client,
                                              .registration = &registration,
                                              .agents = {agents[0], agents[1]},
                                              .code = code};
    if (status == RFD_OK) status = demo_seal(&options, out, error);
    keeper_client_free(pages.client);
    keeper_client_free(worker.client);
    return status;
}

int demo_seal_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct zone *zone = NULL;
    struct rfd_key *agents[2] = {NULL, NULL};
    struct demo_seal made;
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER | CA_HOME_PERSONAL, &home, &error);
    if (status == RFD_OK && (home.live || home.personal == NULL))
        status = error_set(&error, RFD_E_STATE, home.live ? "a server runs" : "there is no personal keeper");
    if (status == RFD_OK) status = zone_open(home.settings->web.zone, &zone, &error);
    if (status == RFD_OK) status = open_agents(a, agents, &error);
    if (status == RFD_OK) status = make(&home, zone, agents, a->seal_code, &made, &error);
    if (status == RFD_OK && !a->seal_code)
        (void)printf("portal: " DEMO_PORTAL "\nsecret: %s\nreturn: " DEMO_RETURN "\nwebhook: " DEMO_WEBHOOK "\n",
                     made.secret);
    if (status == RFD_OK) (void)printf("credential: %s\npin: " DEMO_SEAL_PIN "\n", made.credential);
    for (size_t i = 0; i < 2; i++) rfd_key_free(agents[i]);
    zone_close(zone);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}
