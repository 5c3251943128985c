/* SPDX-License-Identifier: EUPL-1.2
 *
 * The order of a ceremony is a table of steps. A step that fails ends it; the marks stay where they are.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/audit/audit.h"
#include "pki/digest.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_MAXIMUM = 16 << 20 };

static const struct {
    const char *title;
    ceremony_step *run;
    bool personal; /* only when the plan wants central signing */
} steps[] = {
    {N_("The root's key is made, its passphrase shared among the custodians"), ceremony_make_root, false},
    {N_("The key stores of the instance are made"), ceremony_make_stores, false},
    {N_("The issuing authorities are made and certified by the root"), ceremony_make_issuing, false},
    {N_("The root signs its first revocation list, and its store is closed"), ceremony_close_root, false},
    {N_("The database is made"), ceremony_make_register, false},
    {N_("Status, time-stamp, seal and log keys are made and certified"), ceremony_make_services, false},
    {N_("The registration server's key is made and certified"), ceremony_make_registration, false},
    {N_("The personal keeper's store is made, and its attestations are believed"), ceremony_make_personal, true},
    {N_("The first certifying agent is registered"), ceremony_make_agent, false},
    {N_("The first revocation lists are signed"), ceremony_make_lists, false},
    {N_("The signers' stores are copied"), ceremony_copy_signers, false},
};

/* ---- What steps share ---- */

rfd_status ceremony_keep(struct ceremony *c, struct buf *b, slice *out, struct rfd_error *error)
{
    rfd_status status = buf_check(b, "ceremony", error);
    slice copy = status == RFD_OK ? arena_copy(&c->arena, buf_slice(b)) : SLICE_EMPTY;
    buf_dispose(b);
    if (status != RFD_OK) return status;
    if (copy.data == NULL) return arena_failed(&c->arena, error);
    *out = copy;
    return RFD_OK;
}

rfd_status ceremony_note_key(struct ceremony *c, const char *store, const struct ask_key *key, slice spki,
                             slice certificate, struct rfd_error *error)
{
    if (c->key_count == CEREMONY_KEYS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "keys of a ceremony");
    struct ceremony_key *noted = &c->keys[c->key_count];
    *noted = (struct ceremony_key){.name = arena_text(&c->arena, slice_text(key->name)),
                                   .store = store,
                                   .purpose = key_purpose_name(key->purpose),
                                   .algorithm = key->algorithm,
                                   .token = key->token,
                                   .certificate = certificate};
    if (noted->name == NULL) return arena_failed(&c->arena, error);
    noted->is_public = spki.length > 0;
    TRY(digest_of(DIGEST_SHA256, spki, noted->hash, error));
    c->key_count++;
    return RFD_OK;
}

static rfd_status enter(struct ceremony *c, const struct ceremony_order *order, slice certificate, uint32_t partition,
                        struct rfd_error *error)
{
    struct certificate_row row;
    return authority_store_service(&c->domain, c->options->actor, c->issuing[order->issuer].id,
                                   slice_text(order->profile), certificate, partition, &c->arena, &row, error);
}

rfd_status ceremony_issue(struct ceremony *c, const struct ceremony_order *order, slice spki, slice *certificate,
                          struct rfd_error *error)
{
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    const struct ask_certificate ask = {.key = c->issuing[order->issuer].plan->name,
                                        .profile = order->profile,
                                        .values = values,
                                        .value_count = plan_subject_values(order->subject, values),
                                        .mails = &order->mail,
                                        .mail_count = order->mail != NULL,
                                        .hosts = order->hosts,
                                        .host_count = order->host_count,
                                        .spki = spki};
    struct buf made;
    uint32_t partition = 0;
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    rfd_status status = ask_issue_service(c->authority.client, &ask, &made, &partition, error);
    if (status != RFD_OK) {
        buf_dispose(&made);
        return status;
    }
    TRY(ceremony_keep(c, &made, certificate, error));
    return enter(c, order, *certificate, partition, error);
}

rfd_status ceremony_key(struct ceremony *c, struct keeper_client *keeper, const struct ask_key *key,
                        const struct ceremony_order *order, slice *certificate, struct rfd_error *error)
{
    const char *store = keeper == c->signer.client ? "signer" : "authority";
    struct buf made;
    slice spki = SLICE_EMPTY;
    slice issued = SLICE_EMPTY;
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    rfd_status status = ask_create_key(keeper, key, &made, error);
    if (status != RFD_OK) {
        buf_dispose(&made);
        return status;
    }
    TRY(ceremony_keep(c, &made, &spki, error));
    if (order != NULL) {
        TRY(ceremony_issue(c, order, spki, &issued, error));
        TRY(ask_certify_key(keeper, key->name, issued, error));
    }
    TRY(ceremony_note_key(c, store, key, spki, issued, error));
    if (certificate != NULL) *certificate = order != NULL ? issued : spki;
    return RFD_OK;
}

/* ---- Beginning and end ---- */

static rfd_status mark(const char *folder, struct rfd_error *error)
{
    return ceremony_write(folder, CEREMONY_UNFINISHED,
                          SLICE("A key ceremony began in this folder and has not ended. What is here is worth nothing: "
                                "when no ceremony is going on, remove the folder and begin again.\n"),
                          error);
}

/* Both are looked at before the marks: a folder that is refused stays as it was. */
static rfd_status begin(struct ceremony *c, struct rfd_error *error)
{
    char inside[CEREMONY_PATH_SIZE];
    TRY(ceremony_take_folder(c->options->home, c->home, error));
    TRY(ceremony_path(c->home, "root", inside, error));
    TRY(ceremony_take_folder(c->options->root == NULL ? inside : c->options->root, c->root, error));
    TRY(mark(c->home, error));
    return mark(c->root, error);
}

static rfd_status run_step(struct ceremony *c, const char *title, ceremony_step *run, struct rfd_error *error)
{
    struct ceremony_step_done *done = &c->steps[c->step_count++];
    const struct ceremony_options *o = c->options;
    if (o->progress != NULL) o->progress(o->context, title, false);
    done->title = title;
    done->begun = clock_now();
    TRY(run(c, error));
    done->ended = clock_now();
    if (o->progress != NULL) o->progress(o->context, title, true);
    return RFD_OK;
}

static rfd_status put_audit(struct transaction *t, void *context, struct rfd_error *error)
{
    return audit_put(t, context, error);
}

static rfd_status tell_audit(struct ceremony *c, struct rfd_error *error)
{
    struct audit_event event = {
        .action = "authority.ceremony", .actor = c->options->actor, .object = SLICE("instance")};
    return store_write(c->store, put_audit, &event, error);
}

/* The settings come last but the marks: no server starts without them. */
static rfd_status finish(struct ceremony *c, struct rfd_error *error)
{
    TRY(run_step(c, N_("The record is written and sealed"), ceremony_write_record, error));
    TRY(tell_audit(c, error));
    TRY(run_step(c, N_("The settings are written"), ceremony_write_settings, error));
    TRY(ceremony_give(c->home, c->root, c->plan->user, error));
    TRY(ceremony_remove(c->root, CEREMONY_UNFINISHED, error));
    return ceremony_remove(c->home, CEREMONY_UNFINISHED, error);
}

static void dispose(struct ceremony *c)
{
    local_keeper_close(&c->root_keeper);
    local_keeper_close(&c->authority);
    local_keeper_close(&c->signer);
    local_personal_close(&c->personal);
    if (c->store != NULL) store_close(c->store);
    master_dispose(&c->root_master);
    master_dispose(&c->master);
    arena_dispose(&c->arena);
}

rfd_status ceremony_run(const struct plan *plan, const struct ceremony_options *options, struct rfd_error *error)
{
    struct ceremony c = {.plan = plan, .options = options, .begun = clock_now()};
    rfd_status status = RFD_OK;
    mode_t before = umask(077);
    arena_init(&c.arena, ARENA_MAXIMUM);
    for (unsigned i = 0; i < plan->issuing_count; i++) c.issuing[i].plan = &plan->issuing[i];
    TRY_OUT(begin(&c, error));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (plan->personal || !steps[i].personal) TRY_OUT(run_step(&c, steps[i].title, steps[i].run, error));
    }
    status = finish(&c, error);
out:
    dispose(&c);
    (void)umask(before);
    return status;
}
