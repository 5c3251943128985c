/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca revoke, hold, release.
 */
#include "base/clock.h"
#include "base/error.h"
#include "cli/ca.h"
#include "domain/authority/reason.h"

typedef rfd_status change_work(struct authority_domain *d, const struct authority_change *change,
                               struct rfd_error *error);

struct change_kind {
    const char *question; /* what it means, before it is done; NULL: not asked */
    const char *done;
    change_work *work;
};
static const struct change_kind revoking = {N_("Revoke the certificate %s of %s for good? There is no way back."),
                                            N_("Revoked: %s"), authority_revoke};
static const struct change_kind holding = {N_("Put the certificate %s of %s on hold?"), N_("On hold: %s"),
                                           authority_hold};
static const struct change_kind releasing = {NULL, N_("Valid again: %s"), authority_release};

/* In the order of the option's choices. */
static int reason_of(const struct arguments *a)
{
    static const int reasons[] = {0, 1, 3, 4, 5, 9};
    return reasons[a->revocation_reason];
}

static bool ask(const struct change_kind *kind, const struct arguments *a, struct ca_home *home,
                const struct certificate_row *row)
{
    char serial[CA_SERIAL_SIZE];
    if (kind->question == NULL) return true;
    const char *question = arena_print(&home->arena, tr(kind->question), ca_serial_text(row->serial, serial),
                                       ca_text(&home->arena, row->subject));
    return question != NULL && ca_confirm(a, question);
}

/** *done false: it was not wanted after all. */
static rfd_status change(const struct change_kind *kind, const struct arguments *a, struct ca_home *home, bool *done,
                         struct rfd_error *error)
{
    struct certificate_row row;
    char serial[CA_SERIAL_SIZE];
    TRY(ca_find_certificate(home, a->operands[0], &row, error));
    if (!ask(kind, a, home, &row)) return RFD_OK;
    const struct authority_change what = {.actor = home->actor,
                                          .authority = row.authority,
                                          .serial = row.serial,
                                          .reason = a->revocation_reason < 0 ? 0 : reason_of(a),
                                          .invalid_since = a->since};
    TRY(kind->work(&home->domain, &what, error));
    *done = true;
    if (!a->quiet) {
        (void)printf(tr(kind->done), ca_serial_text(row.serial, serial));
        (void)putchar('\n');
    }
    return RFD_OK;
}

static int run(const struct change_kind *kind, const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    bool done = false;
    if (a->operand_count != 1) {
        message_error("%s", tr(N_("Give one serial number")));
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = change(kind, a, &home, &done, &error);
    ca_home_close(&home);
    if (status != RFD_OK) return ca_exit(a->operands[0], &error);
    return done ? 0 : 1;
}

int ca_revoke(const struct arguments *a)
{
    if (a->revocation_reason < 0) {
        message_error("%s", tr(N_("Say why with --reason")));
        return EXIT_USAGE;
    }
    return run(&revoking, a);
}

int ca_hold(const struct arguments *a)
{
    return run(&holding, a);
}

int ca_release(const struct arguments *a)
{
    return run(&releasing, a);
}
